# shopnow: response-runbooks. Rendered by fathom from the platform's declaration; change it there.

# control: response.runbooks
# from: notify
resource "aws_iam_policy" "quarantine" {
  name        = "shopnow-quarantine"
  description = "Attached to a role whose credentials were stolen: no access to data"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "NoData"
        Effect = "Deny"
        Action = [
          "elasticache:Connect",
          "kafka-cluster:*",
          "kms:Decrypt",
          "kms:GenerateDataKey*",
          "rds-db:connect",
          "s3:*",
          "secretsmanager:GetSecretValue",
          "sqs:*",
          "ssm:GetParameter*",
          "sts:AssumeRole",
        ]
        Resource = "*"
      },
    ]
  })
}

# EventBridge starts runbooks with this role
# control: response.runbooks
# from: notify
resource "aws_iam_role" "runbooks_start" {
  name = "shopnow-runbooks-start"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Service = "events.amazonaws.com"
        }
        Action = "sts:AssumeRole"
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = "111111111111"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
}

# control: response.runbooks
# from: notify
resource "aws_iam_role" "runbook_s3_exfiltration" {
  name = "shopnow-runbook-s3-exfiltration"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Service = "ssm.amazonaws.com"
        }
        Action = "sts:AssumeRole"
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = "111111111111"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
}

# control: response.runbooks
# from: notify
resource "aws_iam_role_policy" "runbook_s3_exfiltration" {
  name = "permissions"
  role = aws_iam_role.runbook_s3_exfiltration.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Contain"
        Effect   = "Allow"
        Action   = ["iam:AttachRolePolicy", "iam:DetachRolePolicy"]
        Resource = "arn:aws:iam::111111111111:role/shopnow-svc-*"
        Condition = {
          ArnEquals = {
            "iam:PolicyARN" = aws_iam_policy.quarantine.arn
          }
        }
      },
      {
        Sid      = "LookAtTheRole"
        Effect   = "Allow"
        Action   = "iam:GetRole"
        Resource = "arn:aws:iam::111111111111:role/shopnow-svc-*"
      },
      {
        Sid      = "LookAtTheFinding"
        Effect   = "Allow"
        Action   = "guardduty:GetFindings"
        Resource = aws_guardduty_detector.main.arn
      },
      {
        Sid      = "LookAtTheCalls"
        Effect   = "Allow"
        Action   = "cloudtrail:LookupEvents"
        Resource = "*"
      },
      {
        Sid      = "KeepTheEvidence"
        Effect   = "Allow"
        Action   = "s3:PutObject"
        Resource = "${aws_s3_bucket.logs.arn}/incidents/*"
      },
      {
        Sid      = "Tell"
        Effect   = "Allow"
        Action   = "sns:Publish"
        Resource = [aws_sns_topic.oncall.arn, aws_sns_topic.privacy.arn, aws_sns_topic.legal.arn]
      },
      {
        Sid      = "SealWhatIsTold"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = aws_kms_key.logs.arn
        Condition = {
          StringEquals = {
            "kms:ViaService" = ["s3.eu-west-1.amazonaws.com", "sns.eu-west-1.amazonaws.com"]
          }
        }
      },
    ]
  })
}

# Data leaves by S3, or a service's credentials are used elsewhere: takes the role its access to
# data, collects evidence, tells people, and waits for them
# control: response.runbooks
# from: notify
resource "aws_ssm_document" "runbook_s3_exfiltration" {
  name            = "shopnow-s3-exfiltration"
  document_type   = "Automation"
  document_format = "YAML"
  content = templatefile("${path.module}/runbooks/s3-exfiltration.yaml.tftpl", {
    name       = "shopnow"
    role       = aws_iam_role.runbook_s3_exfiltration.arn
    oncall     = aws_sns_topic.oncall.arn
    quarantine = aws_iam_policy.quarantine.arn
    bucket     = aws_s3_bucket.logs.id
    detector   = aws_guardduty_detector.main.id
    privacy    = aws_sns_topic.privacy.arn
    legal      = aws_sns_topic.legal.arn
    within     = "72"
  })
}

# control: response.runbooks, response.detections
# from: notify
resource "aws_cloudwatch_event_rule" "runbook_s3_exfiltration" {
  name        = "shopnow-s3-exfiltration"
  description = "Starts the runbook s3-exfiltration"
  event_pattern = jsonencode({
    source        = ["aws.guardduty"]
    "detail-type" = ["GuardDuty Finding"]
    detail = {
      severity = [
        {
          numeric = [">=", 7]
        },
      ]
      type = [
        {
          prefix = "Exfiltration:S3/"
        },
        {
          prefix = "Impact:S3/"
        },
        {
          prefix = "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration"
        },
      ]
    }
  })
}

# control: response.runbooks
# from: notify
resource "aws_cloudwatch_event_target" "runbook_s3_exfiltration" {
  rule     = aws_cloudwatch_event_rule.runbook_s3_exfiltration.name
  arn      = "arn:aws:ssm:eu-west-1:111111111111:automation-definition/${aws_ssm_document.runbook_s3_exfiltration.name}:$DEFAULT"
  role_arn = aws_iam_role.runbooks_start.arn

  input_transformer {
    input_paths = {
      finding = "$.detail.id"
      type    = "$.detail.type"
      role    = "$.detail.resource.accessKeyDetails.userName"
      key     = "$.detail.resource.accessKeyDetails.accessKeyId"
    }
    input_template = "{\"FindingId\": [\"<finding>\"], \"FindingType\": [\"<type>\"], \"RoleName\": [\"<role>\"], \"AccessKeyId\": [\"<key>\"]}"
  }
}

# control: response.runbooks
# from: notify
resource "aws_iam_role" "runbook_key_deletion" {
  name = "shopnow-runbook-key-deletion"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Service = "ssm.amazonaws.com"
        }
        Action = "sts:AssumeRole"
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = "111111111111"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
}

# control: response.runbooks
# from: notify
resource "aws_iam_role_policy" "runbook_key_deletion" {
  name = "permissions"
  role = aws_iam_role.runbook_key_deletion.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Keep"
        Effect   = "Allow"
        Action   = ["kms:CancelKeyDeletion", "kms:DescribeKey", "kms:EnableKey"]
        Resource = "arn:aws:kms:eu-west-1:111111111111:key/*"
      },
      {
        Sid      = "Tell"
        Effect   = "Allow"
        Action   = "sns:Publish"
        Resource = aws_sns_topic.oncall.arn
      },
      {
        Sid      = "SealWhatIsTold"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = aws_kms_key.logs.arn
        Condition = {
          StringEquals = {
            "kms:ViaService" = ["s3.eu-west-1.amazonaws.com", "sns.eu-west-1.amazonaws.com"]
          }
        }
      },
    ]
  })
}

# Somebody asked for the deletion of a key: takes it back
# control: response.runbooks
# from: notify
resource "aws_ssm_document" "runbook_key_deletion" {
  name            = "shopnow-key-deletion"
  document_type   = "Automation"
  document_format = "YAML"
  content = templatefile("${path.module}/runbooks/key-deletion.yaml.tftpl", {
    name   = "shopnow"
    role   = aws_iam_role.runbook_key_deletion.arn
    oncall = aws_sns_topic.oncall.arn
  })
}

# control: response.runbooks, response.detections
# from: notify
resource "aws_cloudwatch_event_rule" "runbook_key_deletion" {
  name        = "shopnow-key-deletion"
  description = "Starts the runbook key-deletion"
  event_pattern = jsonencode({
    source        = ["aws.kms"]
    "detail-type" = ["AWS API Call via CloudTrail"]
    detail = {
      eventSource = ["kms.amazonaws.com"]
      eventName   = ["DisableKey", "ScheduleKeyDeletion"]
    }
  })
}

# control: response.runbooks
# from: notify
resource "aws_cloudwatch_event_target" "runbook_key_deletion" {
  rule     = aws_cloudwatch_event_rule.runbook_key_deletion.name
  arn      = "arn:aws:ssm:eu-west-1:111111111111:automation-definition/${aws_ssm_document.runbook_key_deletion.name}:$DEFAULT"
  role_arn = aws_iam_role.runbooks_start.arn

  input_transformer {
    input_paths = {
      key = "$.detail.requestParameters.keyId"
      who = "$.detail.userIdentity.arn"
    }
    input_template = "{\"KeyId\": [\"<key>\"], \"Who\": [\"<who>\"]}"
  }
}

# control: response.runbooks
# from: notify
resource "aws_iam_role" "runbook_trail_stopped" {
  name = "shopnow-runbook-trail-stopped"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Service = "ssm.amazonaws.com"
        }
        Action = "sts:AssumeRole"
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = "111111111111"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
}

# control: response.runbooks
# from: notify
resource "aws_iam_role_policy" "runbook_trail_stopped" {
  name = "permissions"
  role = aws_iam_role.runbook_trail_stopped.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Start"
        Effect   = "Allow"
        Action   = ["cloudtrail:GetTrailStatus", "cloudtrail:StartLogging"]
        Resource = "arn:aws:cloudtrail:eu-west-1:111111111111:trail/shopnow-trail"
      },
      {
        Sid      = "Tell"
        Effect   = "Allow"
        Action   = "sns:Publish"
        Resource = aws_sns_topic.oncall.arn
      },
      {
        Sid      = "SealWhatIsTold"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = aws_kms_key.logs.arn
        Condition = {
          StringEquals = {
            "kms:ViaService" = ["s3.eu-west-1.amazonaws.com", "sns.eu-west-1.amazonaws.com"]
          }
        }
      },
    ]
  })
}

# Somebody stopped the trail: starts it again
# control: response.runbooks
# from: notify
resource "aws_ssm_document" "runbook_trail_stopped" {
  name            = "shopnow-trail-stopped"
  document_type   = "Automation"
  document_format = "YAML"
  content = templatefile("${path.module}/runbooks/trail-stopped.yaml.tftpl", {
    name   = "shopnow"
    role   = aws_iam_role.runbook_trail_stopped.arn
    oncall = aws_sns_topic.oncall.arn
    trail  = "arn:aws:cloudtrail:eu-west-1:111111111111:trail/shopnow-trail"
  })
}

# control: response.runbooks, response.detections
# from: notify
resource "aws_cloudwatch_event_rule" "runbook_trail_stopped" {
  name        = "shopnow-trail-stopped"
  description = "Starts the runbook trail-stopped"
  event_pattern = jsonencode({
    source        = ["aws.cloudtrail"]
    "detail-type" = ["AWS API Call via CloudTrail"]
    detail = {
      eventSource = ["cloudtrail.amazonaws.com"]
      eventName   = ["StopLogging"]
    }
  })
}

# control: response.runbooks
# from: notify
resource "aws_cloudwatch_event_target" "runbook_trail_stopped" {
  rule     = aws_cloudwatch_event_rule.runbook_trail_stopped.name
  arn      = "arn:aws:ssm:eu-west-1:111111111111:automation-definition/${aws_ssm_document.runbook_trail_stopped.name}:$DEFAULT"
  role_arn = aws_iam_role.runbooks_start.arn

  input_transformer {
    input_paths = {
      who = "$.detail.userIdentity.arn"
    }
    input_template = "{\"Who\": [\"<who>\"]}"
  }
}

# control: response.runbooks
# from: notify
resource "aws_iam_role_policy" "runbooks_start" {
  name = "permissions"
  role = aws_iam_role.runbooks_start.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Start"
        Effect = "Allow"
        Action = "ssm:StartAutomationExecution"
        Resource = [
          "arn:aws:ssm:eu-west-1:111111111111:automation-definition/${aws_ssm_document.runbook_s3_exfiltration.name}:$DEFAULT",
          "arn:aws:ssm:eu-west-1:111111111111:automation-definition/${aws_ssm_document.runbook_key_deletion.name}:$DEFAULT",
          "arn:aws:ssm:eu-west-1:111111111111:automation-definition/${aws_ssm_document.runbook_trail_stopped.name}:$DEFAULT",
        ]
      },
      {
        Sid    = "AsTheRunbook"
        Effect = "Allow"
        Action = "iam:PassRole"
        Resource = [
          aws_iam_role.runbook_s3_exfiltration.arn,
          aws_iam_role.runbook_key_deletion.arn,
          aws_iam_role.runbook_trail_stopped.arn,
        ]
        Condition = {
          StringEquals = {
            "iam:PassedToService" = "ssm.amazonaws.com"
          }
        }
      },
    ]
  })
}
