# shopnow: response-detections. Rendered by fathom from the platform's declaration; change it there.

# What those who apply these files do is no sign of an attack; what others do by hand is
# control: response.detections
# from: account
locals {
  by_others = "(${join(" && ", [for a in distinct([for arn in var.administrators : basename(arn)]) : "($.userIdentity.sessionContext.sessionIssuer.userName != \"${a}\")"])})"
}

# control: response.detections
# from: account
resource "aws_cloudwatch_log_metric_filter" "root_used" {
  name           = "shopnow-root-used"
  log_group_name = aws_cloudwatch_log_group.trail.name
  pattern        = "{ ($.userIdentity.type = \"Root\") && ($.userIdentity.invokedBy NOT EXISTS) && ($.eventType != \"AwsServiceEvent\") }"

  metric_transformation {
    name      = "root-used"
    namespace = "shopnow/detections"
    value     = "1"
  }
}

# control: response.detections, response.notify
# from: notify.oncall
resource "aws_cloudwatch_metric_alarm" "root_used" {
  alarm_name          = "shopnow-root-used"
  alarm_description   = "The account's root user did something"
  namespace           = "shopnow/detections"
  metric_name         = "root-used"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.oncall.arn]
}

# control: response.detections
# from: account
resource "aws_cloudwatch_log_metric_filter" "sign_in_without_mfa" {
  name           = "shopnow-sign-in-without-mfa"
  log_group_name = aws_cloudwatch_log_group.trail.name
  pattern        = "{ ($.eventName = \"ConsoleLogin\") && ($.userIdentity.type = \"IAMUser\") && ($.responseElements.ConsoleLogin = \"Success\") && ($.additionalEventData.MFAUsed != \"Yes\") }"

  metric_transformation {
    name      = "sign-in-without-mfa"
    namespace = "shopnow/detections"
    value     = "1"
  }
}

# control: response.detections, response.notify
# from: notify.oncall
resource "aws_cloudwatch_metric_alarm" "sign_in_without_mfa" {
  alarm_name          = "shopnow-sign-in-without-mfa"
  alarm_description   = "A user signed in to the console without MFA"
  namespace           = "shopnow/detections"
  metric_name         = "sign-in-without-mfa"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.oncall.arn]
}

# control: response.detections
# from: account
resource "aws_cloudwatch_log_metric_filter" "sign_in_failed" {
  name           = "shopnow-sign-in-failed"
  log_group_name = aws_cloudwatch_log_group.trail.name
  pattern        = "{ ($.eventName = \"ConsoleLogin\") && ($.errorMessage = \"Failed authentication\") }"

  metric_transformation {
    name      = "sign-in-failed"
    namespace = "shopnow/detections"
    value     = "1"
  }
}

# control: response.detections, response.notify
# from: notify.oncall
resource "aws_cloudwatch_metric_alarm" "sign_in_failed" {
  alarm_name          = "shopnow-sign-in-failed"
  alarm_description   = "Sign-ins to the console failed several times"
  namespace           = "shopnow/detections"
  metric_name         = "sign-in-failed"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.oncall.arn]
}

# control: response.detections
# from: account
resource "aws_cloudwatch_log_metric_filter" "calls_refused" {
  name           = "shopnow-calls-refused"
  log_group_name = aws_cloudwatch_log_group.trail.name
  pattern        = "{ ($.errorCode = \"*UnauthorizedOperation\") || ($.errorCode = \"AccessDenied*\") }"

  metric_transformation {
    name      = "calls-refused"
    namespace = "shopnow/detections"
    value     = "1"
  }
}

# control: response.detections, response.notify
# from: notify.oncall
resource "aws_cloudwatch_metric_alarm" "calls_refused" {
  alarm_name          = "shopnow-calls-refused"
  alarm_description   = "Many calls were refused: somebody tries out what stolen credentials may do"
  namespace           = "shopnow/detections"
  metric_name         = "calls-refused"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 20
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.oncall.arn]
}

# control: response.detections
# from: account
resource "aws_cloudwatch_log_metric_filter" "service_asks_who_it_is" {
  name           = "shopnow-service-asks-who-it-is"
  log_group_name = aws_cloudwatch_log_group.trail.name
  pattern        = "{ ($.eventName = \"GetCallerIdentity\") && ($.userIdentity.sessionContext.sessionIssuer.userName = \"shopnow-svc-*\") }"

  metric_transformation {
    name      = "service-asks-who-it-is"
    namespace = "shopnow/detections"
    value     = "1"
  }
}

# control: response.detections, response.notify
# from: notify.oncall
resource "aws_cloudwatch_metric_alarm" "service_asks_who_it_is" {
  alarm_name          = "shopnow-service-asks-who-it-is"
  alarm_description   = "Somebody asked with a service's credentials whose they are: services know, thieves do not"
  namespace           = "shopnow/detections"
  metric_name         = "service-asks-who-it-is"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.oncall.arn]
}

# control: response.detections
# from: account
resource "aws_cloudwatch_log_metric_filter" "iam_changed" {
  name           = "shopnow-iam-changed"
  log_group_name = aws_cloudwatch_log_group.trail.name
  pattern        = "{ (($.eventName = \"AttachRolePolicy\") || ($.eventName = \"AttachUserPolicy\") || ($.eventName = \"CreateAccessKey\") || ($.eventName = \"CreateLoginProfile\") || ($.eventName = \"CreatePolicyVersion\") || ($.eventName = \"CreateRole\") || ($.eventName = \"CreateUser\") || ($.eventName = \"DeleteRolePermissionsBoundary\") || ($.eventName = \"PutRolePermissionsBoundary\") || ($.eventName = \"PutRolePolicy\") || ($.eventName = \"PutUserPolicy\") || ($.eventName = \"SetDefaultPolicyVersion\") || ($.eventName = \"UpdateAssumeRolePolicy\")) && (($.userIdentity.sessionContext.sessionIssuer.userName NOT EXISTS) || ${local.by_others}) }"

  metric_transformation {
    name      = "iam-changed"
    namespace = "shopnow/detections"
    value     = "1"
  }
}

# control: response.detections, response.notify
# from: notify.oncall
resource "aws_cloudwatch_metric_alarm" "iam_changed" {
  alarm_name          = "shopnow-iam-changed"
  alarm_description   = "Somebody besides who applies the files changed who may do what"
  namespace           = "shopnow/detections"
  metric_name         = "iam-changed"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.oncall.arn]
}

# control: response.detections
# from: account
resource "aws_cloudwatch_log_metric_filter" "trail_changed" {
  name           = "shopnow-trail-changed"
  log_group_name = aws_cloudwatch_log_group.trail.name
  pattern        = "{ (($.eventName = \"DeleteTrail\") || ($.eventName = \"PutEventSelectors\") || ($.eventName = \"StopLogging\") || ($.eventName = \"UpdateTrail\")) || ((($.eventName = \"PutInsightSelectors\")) && (($.userIdentity.sessionContext.sessionIssuer.userName NOT EXISTS) || ${local.by_others})) }"

  metric_transformation {
    name      = "trail-changed"
    namespace = "shopnow/detections"
    value     = "1"
  }
}

# control: response.detections, response.notify
# from: notify.oncall
resource "aws_cloudwatch_metric_alarm" "trail_changed" {
  alarm_name          = "shopnow-trail-changed"
  alarm_description   = "Somebody changed or stopped the record of who did what"
  namespace           = "shopnow/detections"
  metric_name         = "trail-changed"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.oncall.arn]
}

# control: response.detections
# from: account
resource "aws_cloudwatch_log_metric_filter" "watch_loosened" {
  name           = "shopnow-watch-loosened"
  log_group_name = aws_cloudwatch_log_group.trail.name
  pattern        = "{ (($.eventName = \"DeleteAlarms\") || ($.eventName = \"DeleteDetector\") || ($.eventName = \"DeleteDocument\") || ($.eventName = \"DeleteLogGroup\") || ($.eventName = \"DeleteMetricFilter\") || ($.eventName = \"DeleteRule\") || ($.eventName = \"DeleteSubscriptionFilter\") || ($.eventName = \"DeleteTopic\") || ($.eventName = \"DisableAlarmActions\") || ($.eventName = \"DisableRule\") || ($.eventName = \"DisableSecurityHub\") || ($.eventName = \"RemoveTargets\") || ($.eventName = \"Unsubscribe\") || ($.eventName = \"UpdateDetector\")) }"

  metric_transformation {
    name      = "watch-loosened"
    namespace = "shopnow/detections"
    value     = "1"
  }
}

# control: response.detections, response.notify
# from: notify.oncall
resource "aws_cloudwatch_metric_alarm" "watch_loosened" {
  alarm_name          = "shopnow-watch-loosened"
  alarm_description   = "Somebody, by an apply or by hand, switched off detectors, alarms, runbooks or those who hear them"
  namespace           = "shopnow/detections"
  metric_name         = "watch-loosened"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.oncall.arn]
}

# control: response.detections
# from: account
resource "aws_cloudwatch_log_metric_filter" "watch_changed" {
  name           = "shopnow-watch-changed"
  log_group_name = aws_cloudwatch_log_group.trail.name
  pattern        = "{ (($.eventName = \"CreateFilter\") || ($.eventName = \"CreateIPSet\") || ($.eventName = \"PutMetricFilter\") || ($.eventName = \"SetSubscriptionAttributes\") || ($.eventName = \"SetTopicAttributes\") || ($.eventName = \"UpdateDocument\") || ($.eventName = \"UpdateDocumentDefaultVersion\")) && (($.userIdentity.sessionContext.sessionIssuer.userName NOT EXISTS) || ${local.by_others}) }"

  metric_transformation {
    name      = "watch-changed"
    namespace = "shopnow/detections"
    value     = "1"
  }
}

# control: response.detections, response.notify
# from: notify.oncall
resource "aws_cloudwatch_metric_alarm" "watch_changed" {
  alarm_name          = "shopnow-watch-changed"
  alarm_description   = "Somebody besides who applies the files changed what detectors, alarms and runbooks look for or do"
  namespace           = "shopnow/detections"
  metric_name         = "watch-changed"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.oncall.arn]
}

# control: response.detections
# from: account
resource "aws_cloudwatch_log_metric_filter" "recorder_changed" {
  name           = "shopnow-recorder-changed"
  log_group_name = aws_cloudwatch_log_group.trail.name
  pattern        = "{ (($.eventName = \"DeleteConfigRule\") || ($.eventName = \"DeleteConfigurationRecorder\") || ($.eventName = \"DeleteDeliveryChannel\") || ($.eventName = \"PutConfigurationRecorder\") || ($.eventName = \"PutDeliveryChannel\") || ($.eventName = \"StopConfigurationRecorder\")) && (($.userIdentity.sessionContext.sessionIssuer.userName NOT EXISTS) || ${local.by_others}) }"

  metric_transformation {
    name      = "recorder-changed"
    namespace = "shopnow/detections"
    value     = "1"
  }
}

# control: response.detections, response.notify
# from: notify.oncall
resource "aws_cloudwatch_metric_alarm" "recorder_changed" {
  alarm_name          = "shopnow-recorder-changed"
  alarm_description   = "Somebody besides who applies the files changed or stopped AWS Config"
  namespace           = "shopnow/detections"
  metric_name         = "recorder-changed"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.oncall.arn]
}

# control: response.detections
# from: account
resource "aws_cloudwatch_log_metric_filter" "key_endangered" {
  name           = "shopnow-key-endangered"
  log_group_name = aws_cloudwatch_log_group.trail.name
  pattern        = "{ (($.eventName = \"DisableKey\") || ($.eventName = \"DisableKeyRotation\") || ($.eventName = \"ScheduleKeyDeletion\")) || ((($.eventName = \"PutKeyPolicy\")) && (($.userIdentity.sessionContext.sessionIssuer.userName NOT EXISTS) || ${local.by_others})) }"

  metric_transformation {
    name      = "key-endangered"
    namespace = "shopnow/detections"
    value     = "1"
  }
}

# control: response.detections, response.notify
# from: notify.oncall
resource "aws_cloudwatch_metric_alarm" "key_endangered" {
  alarm_name          = "shopnow-key-endangered"
  alarm_description   = "Somebody is about to delete or disable a key, or changed its policy: all under it would be lost"
  namespace           = "shopnow/detections"
  metric_name         = "key-endangered"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.oncall.arn]
}

# control: response.detections
# from: account
resource "aws_cloudwatch_log_metric_filter" "bucket_opened" {
  name           = "shopnow-bucket-opened"
  log_group_name = aws_cloudwatch_log_group.trail.name
  pattern        = "{ (($.eventName = \"DeleteBucketPolicy\") || ($.eventName = \"DeleteBucketPublicAccessBlock\") || ($.eventName = \"PutAccountPublicAccessBlock\") || ($.eventName = \"PutBucketAcl\") || ($.eventName = \"PutBucketPolicy\") || ($.eventName = \"PutBucketPublicAccessBlock\") || ($.eventName = \"PutBucketReplication\")) && (($.userIdentity.sessionContext.sessionIssuer.userName NOT EXISTS) || ${local.by_others}) }"

  metric_transformation {
    name      = "bucket-opened"
    namespace = "shopnow/detections"
    value     = "1"
  }
}

# control: response.detections, response.notify
# from: notify.oncall
resource "aws_cloudwatch_metric_alarm" "bucket_opened" {
  alarm_name          = "shopnow-bucket-opened"
  alarm_description   = "Somebody besides who applies the files changed who may come to a bucket"
  namespace           = "shopnow/detections"
  metric_name         = "bucket-opened"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.oncall.arn]
}

# control: response.detections
# from: account
resource "aws_cloudwatch_log_metric_filter" "copies_endangered" {
  name           = "shopnow-copies-endangered"
  log_group_name = aws_cloudwatch_log_group.trail.name
  pattern        = "{ (($.eventName = \"DeleteBackupVault\") || ($.eventName = \"DeleteBackupVaultLockConfiguration\") || ($.eventName = \"DeleteRecoveryPoint\") || ($.eventName = \"PutBackupVaultLockConfiguration\") || ($.eventName = \"PutBucketLifecycle\") || ($.eventName = \"PutBucketVersioning\") || ($.eventName = \"PutObjectLockConfiguration\") || ($.eventName = \"PutObjectLegalHold\") || ($.eventName = \"PutObjectRetention\") || ($.eventName = \"UpdateRecoveryPointLifecycle\")) && (($.userIdentity.sessionContext.sessionIssuer.userName NOT EXISTS) || ${local.by_others}) }"

  metric_transformation {
    name      = "copies-endangered"
    namespace = "shopnow/detections"
    value     = "1"
  }
}

# control: response.detections, response.notify
# from: notify.oncall
resource "aws_cloudwatch_metric_alarm" "copies_endangered" {
  alarm_name          = "shopnow-copies-endangered"
  alarm_description   = "Somebody besides who applies the files loosened what holds objects and backups"
  namespace           = "shopnow/detections"
  metric_name         = "copies-endangered"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.oncall.arn]
}

# control: response.detections
# from: account
resource "aws_cloudwatch_log_metric_filter" "objects_deleted" {
  name           = "shopnow-objects-deleted"
  log_group_name = aws_cloudwatch_log_group.trail.name
  pattern        = "{ ($.eventSource = \"s3.amazonaws.com\") && (($.eventName = \"DeleteObject\") || ($.eventName = \"DeleteObjects\")) }"

  metric_transformation {
    name      = "objects-deleted"
    namespace = "shopnow/detections"
    value     = "1"
  }
}

# control: response.detections, response.notify
# from: notify.oncall
resource "aws_cloudwatch_metric_alarm" "objects_deleted" {
  alarm_name          = "shopnow-objects-deleted"
  alarm_description   = "Very many objects are being deleted"
  namespace           = "shopnow/detections"
  metric_name         = "objects-deleted"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 500
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.oncall.arn]
}

# control: response.detections
# from: account
resource "aws_cloudwatch_log_metric_filter" "objects_drained" {
  name           = "shopnow-objects-drained"
  log_group_name = aws_cloudwatch_log_group.trail.name
  pattern        = "{ ($.eventSource = \"s3.amazonaws.com\") && ($.eventName = \"GetObject\") }"

  metric_transformation {
    name      = "objects-drained"
    namespace = "shopnow/detections"
    value     = "$.additionalEventData.bytesTransferredOut"
  }
}

# control: response.detections, response.notify
# from: notify.oncall
resource "aws_cloudwatch_metric_alarm" "objects_drained" {
  alarm_name          = "shopnow-objects-drained"
  alarm_description   = "More than 10 GB were read from buckets in five minutes: set the threshold to what is usual"
  namespace           = "shopnow/detections"
  metric_name         = "objects-drained"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 10000000000
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.oncall.arn]
}

# control: response.detections
# from: account
resource "aws_cloudwatch_log_metric_filter" "group_changed" {
  name           = "shopnow-group-changed"
  log_group_name = aws_cloudwatch_log_group.trail.name
  pattern        = "{ (($.eventName = \"AuthorizeSecurityGroupEgress\") || ($.eventName = \"AuthorizeSecurityGroupIngress\") || ($.eventName = \"CreateSecurityGroup\") || ($.eventName = \"DeleteSecurityGroup\") || ($.eventName = \"ModifySecurityGroupRules\") || ($.eventName = \"RevokeSecurityGroupEgress\") || ($.eventName = \"RevokeSecurityGroupIngress\")) && (($.userIdentity.sessionContext.sessionIssuer.userName NOT EXISTS) || ${local.by_others}) }"

  metric_transformation {
    name      = "group-changed"
    namespace = "shopnow/detections"
    value     = "1"
  }
}

# control: response.detections, response.notify
# from: notify.oncall
resource "aws_cloudwatch_metric_alarm" "group_changed" {
  alarm_name          = "shopnow-group-changed"
  alarm_description   = "Somebody besides who applies the files changed a security group"
  namespace           = "shopnow/detections"
  metric_name         = "group-changed"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.oncall.arn]
}

# control: response.detections
# from: account
resource "aws_cloudwatch_log_metric_filter" "path_changed" {
  name           = "shopnow-path-changed"
  log_group_name = aws_cloudwatch_log_group.trail.name
  pattern        = "{ (($.eventName = \"AttachInternetGateway\") || ($.eventName = \"CreateInternetGateway\") || ($.eventName = \"CreateNetworkAclEntry\") || ($.eventName = \"CreateRoute\") || ($.eventName = \"CreateVpcPeeringConnection\") || ($.eventName = \"DeleteNetworkAclEntry\") || ($.eventName = \"DeleteRoute\") || ($.eventName = \"ModifyVpcEndpoint\") || ($.eventName = \"ReplaceNetworkAclEntry\") || ($.eventName = \"ReplaceRoute\")) && (($.userIdentity.sessionContext.sessionIssuer.userName NOT EXISTS) || ${local.by_others}) }"

  metric_transformation {
    name      = "path-changed"
    namespace = "shopnow/detections"
    value     = "1"
  }
}

# control: response.detections, response.notify
# from: notify.oncall
resource "aws_cloudwatch_metric_alarm" "path_changed" {
  alarm_name          = "shopnow-path-changed"
  alarm_description   = "Somebody besides who applies the files changed the ways into and out of the network"
  namespace           = "shopnow/detections"
  metric_name         = "path-changed"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.oncall.arn]
}

# Metrics of CloudFront's web ACLs are in us-east-1
# control: response.detections, response.notify
# from: edge.waf, notify.oncall
resource "aws_cloudwatch_metric_alarm" "requests_blocked" {
  provider            = aws.global
  alarm_name          = "shopnow-requests-blocked"
  alarm_description   = "The web ACL blocks far more requests than on other days: somebody attacks, or a rule blocks customers"
  comparison_operator = "GreaterThanUpperThreshold"
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  threshold_metric_id = "usual"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.oncall_global.arn]

  metric_query {
    id          = "blocked"
    return_data = true

    metric {
      namespace   = "AWS/WAFV2"
      metric_name = "BlockedRequests"
      stat        = "Sum"
      period      = 300
      dimensions = {
        WebACL = aws_wafv2_web_acl.edge.visibility_config[0].metric_name
        Rule   = "ALL"
      }
    }
  }

  metric_query {
    id          = "usual"
    return_data = true
    expression  = "ANOMALY_DETECTION_BAND(blocked, 4)"
    label       = "what is usual"
  }
}

# What containers print, and with it what the sensor on each node sees
# control: response.detections, data.at-rest, data.retention
# from: logs.keep
resource "aws_cloudwatch_log_group" "containers" {
  name              = "/aws/containerinsights/shopnow/application"
  retention_in_days = 400
  kms_key_id        = aws_kms_key.logs.arn
}

# control: response.detections, supply.runtime-detection
# from: account
resource "aws_cloudwatch_log_metric_filter" "container_suspect" {
  name           = "shopnow-container-suspect"
  log_group_name = aws_cloudwatch_log_group.containers.name
  pattern        = "{ ($.kubernetes.namespace_name = \"falco\") && (($.log_processed.priority = \"Emergency\") || ($.log_processed.priority = \"Alert\") || ($.log_processed.priority = \"Critical\") || ($.log_processed.priority = \"Error\") || ($.log_processed.priority = \"Warning\")) }"

  metric_transformation {
    name      = "container-suspect"
    namespace = "shopnow/detections"
    value     = "1"
  }
}

# control: response.detections, response.notify, supply.runtime-detection
# from: notify.oncall
resource "aws_cloudwatch_metric_alarm" "container_suspect" {
  alarm_name          = "shopnow-container-suspect"
  alarm_description   = "Falco saw in a container what no service of the platform does: its log, in /aws/containerinsights/shopnow/application, says which pod"
  namespace           = "shopnow/detections"
  metric_name         = "container-suspect"
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.oncall.arn]
}

# control: response.detections, response.posture
# from: account
resource "aws_cloudwatch_event_rule" "findings" {
  name        = "shopnow-findings"
  description = "Serious findings of Security Hub, of all regions"
  event_pattern = jsonencode({
    source        = ["aws.securityhub"]
    "detail-type" = ["Security Hub Findings - Imported"]
    detail = {
      findings = {
        Severity = {
          Label = ["HIGH", "CRITICAL"]
        }
        Workflow = {
          Status = ["NEW"]
        }
        RecordState = ["ACTIVE"]
      }
    }
  })
}

# control: response.notify
# from: notify.oncall
resource "aws_cloudwatch_event_target" "findings" {
  rule = aws_cloudwatch_event_rule.findings.name
  arn  = aws_sns_topic.oncall.arn
}

# control: response.detections, response.posture
# from: account
resource "aws_cloudwatch_event_rule" "attacks" {
  name        = "shopnow-attacks"
  description = "GuardDuty has seen an attack"
  event_pattern = jsonencode({
    source        = ["aws.guardduty"]
    "detail-type" = ["GuardDuty Finding"]
    detail = {
      severity = [
        {
          numeric = [">=", 7]
        },
      ]
    }
  })
}

# control: response.notify
# from: notify.oncall
resource "aws_cloudwatch_event_target" "attacks" {
  rule = aws_cloudwatch_event_rule.attacks.name
  arn  = aws_sns_topic.oncall.arn

  input_transformer {
    input_paths = {
      type     = "$.detail.type"
      severity = "$.detail.severity"
      title    = "$.detail.title"
      region   = "$.region"
      id       = "$.detail.id"
    }
    input_template = "\"GuardDuty: <title> (<type>, severity <severity>, region <region>, finding <id>).\""
  }
}

# control: response.detections, response.posture
# from: account
resource "aws_cloudwatch_event_rule" "attacks_global" {
  provider    = aws.global
  name        = "shopnow-attacks-global"
  description = "GuardDuty has seen an attack in us-east-1"
  event_pattern = jsonencode({
    source        = ["aws.guardduty"]
    "detail-type" = ["GuardDuty Finding"]
    detail = {
      severity = [
        {
          numeric = [">=", 7]
        },
      ]
    }
  })
}

# control: response.notify
# from: notify.oncall
resource "aws_cloudwatch_event_target" "attacks_global" {
  provider = aws.global
  rule     = aws_cloudwatch_event_rule.attacks_global.name
  arn      = aws_sns_topic.oncall_global.arn

  input_transformer {
    input_paths = {
      type     = "$.detail.type"
      severity = "$.detail.severity"
      title    = "$.detail.title"
      region   = "$.region"
      id       = "$.detail.id"
    }
    input_template = "\"GuardDuty: <title> (<type>, severity <severity>, region <region>, finding <id>).\""
  }
}

# control: response.detections, response.posture
# from: account
resource "aws_cloudwatch_event_rule" "credentials_exposed" {
  name        = "shopnow-credentials-exposed"
  description = "AWS has found credentials of the account in public, or abuse of the account"
  event_pattern = jsonencode({
    source        = ["aws.health"]
    "detail-type" = ["AWS Health Event", "AWS Health Abuse Event"]
    detail = {
      service = ["RISK", "ABUSE"]
    }
  })
}

# control: response.notify
# from: notify.oncall
resource "aws_cloudwatch_event_target" "credentials_exposed" {
  rule = aws_cloudwatch_event_rule.credentials_exposed.name
  arn  = aws_sns_topic.oncall.arn
}

# control: response.detections, response.posture
# from: account
resource "aws_cloudwatch_event_rule" "data_exposed" {
  name        = "shopnow-data-exposed"
  description = "Signs that data has left, or lies where others can read it"
  event_pattern = jsonencode({
    source        = ["aws.guardduty", "aws.macie"]
    "detail-type" = ["GuardDuty Finding", "Macie Finding"]
    detail = {
      type = [
        {
          prefix = "Exfiltration:"
        },
        {
          prefix = "AttackSequence:S3/"
        },
        {
          prefix = "Policy:S3/Bucket"
        },
        {
          prefix = "SensitiveData:"
        },
        {
          prefix = "Policy:IAMUser/S3Bucket"
        },
      ]
      service = {
        additionalInfo = {
          sample = [
            {
              exists = false
            },
          ]
        }
      }
    }
  })
}

# control: response.notify
# from: notify.oncall
resource "aws_cloudwatch_event_target" "data_exposed_oncall" {
  rule = aws_cloudwatch_event_rule.data_exposed.name
  arn  = aws_sns_topic.oncall.arn

  input_transformer {
    input_paths = {
      type = "$.detail.type"
      id   = "$.detail.id"
      at   = "$.time"
    }
    input_template = "\"Data may have left the platform: <type> (<id>). If it is personal data and a breach, the authority has to be told within 72 hours of when this was known (GDPR article 33); known since <at>.\""
  }
}

# control: response.notify
# from: notify.privacy
resource "aws_cloudwatch_event_target" "data_exposed_privacy" {
  rule = aws_cloudwatch_event_rule.data_exposed.name
  arn  = aws_sns_topic.privacy.arn

  input_transformer {
    input_paths = {
      type = "$.detail.type"
      id   = "$.detail.id"
      at   = "$.time"
    }
    input_template = "\"Data may have left the platform: <type> (<id>). If it is personal data and a breach, the authority has to be told within 72 hours of when this was known (GDPR article 33); known since <at>.\""
  }
}

# control: response.notify
# from: notify.legal
resource "aws_cloudwatch_event_target" "data_exposed_legal" {
  rule = aws_cloudwatch_event_rule.data_exposed.name
  arn  = aws_sns_topic.legal.arn

  input_transformer {
    input_paths = {
      type = "$.detail.type"
      id   = "$.detail.id"
      at   = "$.time"
    }
    input_template = "\"Data may have left the platform: <type> (<id>). If it is personal data and a breach, the authority has to be told within 72 hours of when this was known (GDPR article 33); known since <at>.\""
  }
}

# control: response.detections, response.posture
# from: account
resource "aws_cloudwatch_event_rule" "watch_loosened" {
  name        = "shopnow-watch-loosened"
  description = "What watches was switched off, by whomever"
  event_pattern = jsonencode({
    source = [
      "aws.cloudtrail",
      "aws.events",
      "aws.guardduty",
      "aws.logs",
      "aws.monitoring",
      "aws.securityhub",
      "aws.sns",
      "aws.ssm",
    ]
    "detail-type" = ["AWS API Call via CloudTrail"]
    detail = {
      eventName = [
        "DeleteAlarms",
        "DeleteDetector",
        "DeleteDocument",
        "DeleteLogGroup",
        "DeleteMetricFilter",
        "DeleteRule",
        "DeleteSubscriptionFilter",
        "DeleteTopic",
        "DeleteTrail",
        "DisableAlarmActions",
        "DisableRule",
        "DisableSecurityHub",
        "PutEventSelectors",
        "RemoveTargets",
        "StopLogging",
        "Unsubscribe",
        "UpdateDetector",
        "UpdateTrail",
      ]
    }
  })
}

# control: response.notify
# from: notify.oncall
resource "aws_cloudwatch_event_target" "watch_loosened" {
  rule = aws_cloudwatch_event_rule.watch_loosened.name
  arn  = aws_sns_topic.oncall.arn

  input_transformer {
    input_paths = {
      call   = "$.detail.eventName"
      who    = "$.detail.userIdentity.arn"
      region = "$.region"
      at     = "$.time"
    }
    input_template = "\"What watches was switched off: <call> by <who> in <region> at <at>.\""
  }
}
