# shopnow: response-posture. Rendered by fathom from the platform's declaration; change it there.

# control: response.guardduty
# from: region
resource "aws_guardduty_detector" "main" {
  enable                       = true
  finding_publishing_frequency = "FIFTEEN_MINUTES"
}

# control: response.guardduty
# from: region
resource "aws_guardduty_detector_feature" "s3_data_events" {
  detector_id = aws_guardduty_detector.main.id
  name        = "S3_DATA_EVENTS"
  status      = "ENABLED"
}

# control: response.guardduty
# from: region
resource "aws_guardduty_detector_feature" "eks_audit_logs" {
  detector_id = aws_guardduty_detector.main.id
  name        = "EKS_AUDIT_LOGS"
  status      = "ENABLED"
}

# control: response.guardduty
# from: region
resource "aws_guardduty_detector_feature" "ebs_malware_protection" {
  detector_id = aws_guardduty_detector.main.id
  name        = "EBS_MALWARE_PROTECTION"
  status      = "ENABLED"
}

# control: response.guardduty
# from: region
resource "aws_guardduty_detector_feature" "rds_login_events" {
  detector_id = aws_guardduty_detector.main.id
  name        = "RDS_LOGIN_EVENTS"
  status      = "ENABLED"
}

# control: response.guardduty
# from: region
resource "aws_guardduty_detector_feature" "lambda_network_logs" {
  detector_id = aws_guardduty_detector.main.id
  name        = "LAMBDA_NETWORK_LOGS"
  status      = "ENABLED"
}

# Looks inside pods and nodes; GuardDuty puts its agent there by itself
# control: response.guardduty
# from: region
resource "aws_guardduty_detector_feature" "runtime_monitoring" {
  detector_id = aws_guardduty_detector.main.id
  name        = "RUNTIME_MONITORING"
  status      = "ENABLED"

  additional_configuration {
    name   = "EKS_ADDON_MANAGEMENT"
    status = "ENABLED"
  }

  additional_configuration {
    name   = "EC2_AGENT_MANAGEMENT"
    status = "ENABLED"
  }
}

# One for the account; where it is there already: terraform import
# aws_iam_service_linked_role.config
# arn:aws:iam::111111111111:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig
# control: response.posture
# from: account
resource "aws_iam_service_linked_role" "config" {
  aws_service_name = "config.amazonaws.com"
}

# control: response.posture
# from: region
resource "aws_config_configuration_recorder" "main" {
  name     = "shopnow-recorder"
  role_arn = aws_iam_service_linked_role.config.arn

  recording_group {
    all_supported                 = true
    include_global_resource_types = true
  }
}

# control: response.posture
# from: region
resource "aws_config_delivery_channel" "main" {
  name           = "shopnow-recorder"
  s3_bucket_name = aws_s3_bucket.access_logs.id
  s3_key_prefix  = "config"
  depends_on     = [aws_config_configuration_recorder.main, aws_s3_bucket_policy.access_logs]
}

# control: response.posture
# from: region
resource "aws_config_configuration_recorder_status" "main" {
  name       = aws_config_configuration_recorder.main.name
  is_enabled = true
  depends_on = [aws_config_delivery_channel.main]
}

# control: response.posture
# from: region
resource "aws_securityhub_account" "main" {
  enable_default_standards  = false
  control_finding_generator = "SECURITY_CONTROL"
}

# control: response.posture
# from: region
resource "aws_securityhub_standards_subscription" "best_practices" {
  standards_arn = "arn:aws:securityhub:eu-west-1::standards/aws-foundational-security-best-practices/v/1.0.0"
  depends_on    = [aws_securityhub_account.main]
}

# control: response.posture
# from: region
resource "aws_securityhub_standards_subscription" "cis" {
  standards_arn = "arn:aws:securityhub:eu-west-1::standards/cis-aws-foundations-benchmark/v/5.0.0"
  depends_on    = [aws_securityhub_account.main]
}

# control: response.posture
# from: region
resource "aws_securityhub_standards_subscription" "pci" {
  standards_arn = "arn:aws:securityhub:eu-west-1::standards/pci-dss/v/4.0.1"
  depends_on    = [aws_securityhub_account.main]
}

# control: response.guardduty
# from: backupRegion
resource "aws_guardduty_detector" "main_backup" {
  provider                     = aws.backup
  enable                       = true
  finding_publishing_frequency = "FIFTEEN_MINUTES"
}

# control: response.guardduty
# from: backupRegion
resource "aws_guardduty_detector_feature" "s3_data_events_backup" {
  provider    = aws.backup
  detector_id = aws_guardduty_detector.main_backup.id
  name        = "S3_DATA_EVENTS"
  status      = "ENABLED"
}

# control: response.guardduty
# from: backupRegion
resource "aws_guardduty_detector_feature" "eks_audit_logs_backup" {
  provider    = aws.backup
  detector_id = aws_guardduty_detector.main_backup.id
  name        = "EKS_AUDIT_LOGS"
  status      = "ENABLED"
}

# control: response.guardduty
# from: backupRegion
resource "aws_guardduty_detector_feature" "ebs_malware_protection_backup" {
  provider    = aws.backup
  detector_id = aws_guardduty_detector.main_backup.id
  name        = "EBS_MALWARE_PROTECTION"
  status      = "ENABLED"
}

# control: response.guardduty
# from: backupRegion
resource "aws_guardduty_detector_feature" "rds_login_events_backup" {
  provider    = aws.backup
  detector_id = aws_guardduty_detector.main_backup.id
  name        = "RDS_LOGIN_EVENTS"
  status      = "ENABLED"
}

# control: response.guardduty
# from: backupRegion
resource "aws_guardduty_detector_feature" "lambda_network_logs_backup" {
  provider    = aws.backup
  detector_id = aws_guardduty_detector.main_backup.id
  name        = "LAMBDA_NETWORK_LOGS"
  status      = "ENABLED"
}

# Looks inside pods and nodes; GuardDuty puts its agent there by itself
# control: response.guardduty
# from: backupRegion
resource "aws_guardduty_detector_feature" "runtime_monitoring_backup" {
  provider    = aws.backup
  detector_id = aws_guardduty_detector.main_backup.id
  name        = "RUNTIME_MONITORING"
  status      = "ENABLED"

  additional_configuration {
    name   = "EKS_ADDON_MANAGEMENT"
    status = "ENABLED"
  }

  additional_configuration {
    name   = "EC2_AGENT_MANAGEMENT"
    status = "ENABLED"
  }
}

# control: response.posture
# from: backupRegion
resource "aws_config_configuration_recorder" "main_backup" {
  provider = aws.backup
  name     = "shopnow-recorder-backup"
  role_arn = aws_iam_service_linked_role.config.arn

  recording_group {
    all_supported                 = true
    include_global_resource_types = false
  }
}

# control: response.posture
# from: backupRegion
resource "aws_config_delivery_channel" "main_backup" {
  provider       = aws.backup
  name           = "shopnow-recorder-backup"
  s3_bucket_name = aws_s3_bucket.access_logs.id
  s3_key_prefix  = "config"
  depends_on     = [aws_config_configuration_recorder.main_backup, aws_s3_bucket_policy.access_logs]
}

# control: response.posture
# from: backupRegion
resource "aws_config_configuration_recorder_status" "main_backup" {
  provider   = aws.backup
  name       = aws_config_configuration_recorder.main_backup.name
  is_enabled = true
  depends_on = [aws_config_delivery_channel.main_backup]
}

# control: response.posture
# from: backupRegion
resource "aws_securityhub_account" "main_backup" {
  provider                  = aws.backup
  enable_default_standards  = false
  control_finding_generator = "SECURITY_CONTROL"
}

# control: response.posture
# from: backupRegion
resource "aws_securityhub_standards_subscription" "best_practices_backup" {
  provider      = aws.backup
  standards_arn = "arn:aws:securityhub:eu-central-1::standards/aws-foundational-security-best-practices/v/1.0.0"
  depends_on    = [aws_securityhub_account.main_backup]
}

# control: response.posture
# from: backupRegion
resource "aws_securityhub_standards_subscription" "cis_backup" {
  provider      = aws.backup
  standards_arn = "arn:aws:securityhub:eu-central-1::standards/cis-aws-foundations-benchmark/v/5.0.0"
  depends_on    = [aws_securityhub_account.main_backup]
}

# control: response.posture
# from: backupRegion
resource "aws_securityhub_standards_subscription" "pci_backup" {
  provider      = aws.backup
  standards_arn = "arn:aws:securityhub:eu-central-1::standards/pci-dss/v/4.0.1"
  depends_on    = [aws_securityhub_account.main_backup]
}

# control: response.guardduty
# from: edge
resource "aws_guardduty_detector" "main_global" {
  provider                     = aws.global
  enable                       = true
  finding_publishing_frequency = "FIFTEEN_MINUTES"
}

# control: response.guardduty
# from: edge
resource "aws_guardduty_detector_feature" "s3_data_events_global" {
  provider    = aws.global
  detector_id = aws_guardduty_detector.main_global.id
  name        = "S3_DATA_EVENTS"
  status      = "ENABLED"
}

# control: response.guardduty
# from: edge
resource "aws_guardduty_detector_feature" "eks_audit_logs_global" {
  provider    = aws.global
  detector_id = aws_guardduty_detector.main_global.id
  name        = "EKS_AUDIT_LOGS"
  status      = "ENABLED"
}

# control: response.guardduty
# from: edge
resource "aws_guardduty_detector_feature" "ebs_malware_protection_global" {
  provider    = aws.global
  detector_id = aws_guardduty_detector.main_global.id
  name        = "EBS_MALWARE_PROTECTION"
  status      = "ENABLED"
}

# control: response.guardduty
# from: edge
resource "aws_guardduty_detector_feature" "rds_login_events_global" {
  provider    = aws.global
  detector_id = aws_guardduty_detector.main_global.id
  name        = "RDS_LOGIN_EVENTS"
  status      = "ENABLED"
}

# control: response.guardduty
# from: edge
resource "aws_guardduty_detector_feature" "lambda_network_logs_global" {
  provider    = aws.global
  detector_id = aws_guardduty_detector.main_global.id
  name        = "LAMBDA_NETWORK_LOGS"
  status      = "ENABLED"
}

# Looks inside pods and nodes; GuardDuty puts its agent there by itself
# control: response.guardduty
# from: edge
resource "aws_guardduty_detector_feature" "runtime_monitoring_global" {
  provider    = aws.global
  detector_id = aws_guardduty_detector.main_global.id
  name        = "RUNTIME_MONITORING"
  status      = "ENABLED"

  additional_configuration {
    name   = "EKS_ADDON_MANAGEMENT"
    status = "ENABLED"
  }

  additional_configuration {
    name   = "EC2_AGENT_MANAGEMENT"
    status = "ENABLED"
  }
}

# control: response.posture
# from: edge
resource "aws_config_configuration_recorder" "main_global" {
  provider = aws.global
  name     = "shopnow-recorder-global"
  role_arn = aws_iam_service_linked_role.config.arn

  recording_group {
    all_supported                 = true
    include_global_resource_types = false
  }
}

# control: response.posture
# from: edge
resource "aws_config_delivery_channel" "main_global" {
  provider       = aws.global
  name           = "shopnow-recorder-global"
  s3_bucket_name = aws_s3_bucket.access_logs.id
  s3_key_prefix  = "config"
  depends_on     = [aws_config_configuration_recorder.main_global, aws_s3_bucket_policy.access_logs]
}

# control: response.posture
# from: edge
resource "aws_config_configuration_recorder_status" "main_global" {
  provider   = aws.global
  name       = aws_config_configuration_recorder.main_global.name
  is_enabled = true
  depends_on = [aws_config_delivery_channel.main_global]
}

# control: response.posture
# from: edge
resource "aws_securityhub_account" "main_global" {
  provider                  = aws.global
  enable_default_standards  = false
  control_finding_generator = "SECURITY_CONTROL"
}

# control: response.posture
# from: edge
resource "aws_securityhub_standards_subscription" "best_practices_global" {
  provider      = aws.global
  standards_arn = "arn:aws:securityhub:us-east-1::standards/aws-foundational-security-best-practices/v/1.0.0"
  depends_on    = [aws_securityhub_account.main_global]
}

# control: response.posture
# from: edge
resource "aws_securityhub_standards_subscription" "cis_global" {
  provider      = aws.global
  standards_arn = "arn:aws:securityhub:us-east-1::standards/cis-aws-foundations-benchmark/v/5.0.0"
  depends_on    = [aws_securityhub_account.main_global]
}

# control: response.posture
# from: edge
resource "aws_securityhub_standards_subscription" "pci_global" {
  provider      = aws.global
  standards_arn = "arn:aws:securityhub:us-east-1::standards/pci-dss/v/4.0.1"
  depends_on    = [aws_securityhub_account.main_global]
}

# Findings of all regions, in one place
# control: response.posture
# from: region, backupRegion
resource "aws_securityhub_finding_aggregator" "main" {
  linking_mode      = "SPECIFIED_REGIONS"
  specified_regions = ["eu-central-1", "us-east-1"]
  depends_on        = [aws_securityhub_account.main]
}

# control: response.posture
# from: account
resource "aws_config_config_rule" "root_mfa" {
  name = "shopnow-root-mfa"

  source {
    owner             = "AWS"
    source_identifier = "ROOT_ACCOUNT_MFA_ENABLED"
  }

  depends_on = [aws_config_configuration_recorder.main]
}

# control: response.posture
# from: account
resource "aws_config_config_rule" "root_no_keys" {
  name = "shopnow-root-no-keys"

  source {
    owner             = "AWS"
    source_identifier = "IAM_ROOT_ACCESS_KEY_CHECK"
  }

  depends_on = [aws_config_configuration_recorder.main]
}

# control: response.posture
# from: account
resource "aws_config_config_rule" "users_mfa" {
  name = "shopnow-users-mfa"

  source {
    owner             = "AWS"
    source_identifier = "IAM_USER_MFA_ENABLED"
  }

  depends_on = [aws_config_configuration_recorder.main]
}

# control: response.posture
# from: account
resource "aws_config_config_rule" "keys_rotated" {
  name = "shopnow-keys-rotated"

  source {
    owner             = "AWS"
    source_identifier = "ACCESS_KEYS_ROTATED"
  }

  input_parameters = jsonencode({
    maxAccessKeyAge = "90"
  })
  depends_on = [aws_config_configuration_recorder.main]
}

# control: response.posture
# from: account
resource "aws_config_config_rule" "no_administrators" {
  name = "shopnow-no-administrators"

  source {
    owner             = "AWS"
    source_identifier = "IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS"
  }

  input_parameters = jsonencode({
    excludePermissionBoundaryPolicy = "true"
  })
  depends_on = [aws_config_configuration_recorder.main]
}

# control: response.posture
# from: logs
resource "aws_config_config_rule" "trail_on" {
  name = "shopnow-trail-on"

  source {
    owner             = "AWS"
    source_identifier = "MULTI_REGION_CLOUD_TRAIL_ENABLED"
  }

  depends_on = [aws_config_configuration_recorder.main]
}

# control: response.posture
# from: logs
resource "aws_config_config_rule" "trail_validated" {
  name = "shopnow-trail-validated"

  source {
    owner             = "AWS"
    source_identifier = "CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED"
  }

  depends_on = [aws_config_configuration_recorder.main]
}

# control: response.posture
# from: logs
resource "aws_config_config_rule" "trail_sealed" {
  name = "shopnow-trail-sealed"

  source {
    owner             = "AWS"
    source_identifier = "CLOUD_TRAIL_ENCRYPTION_ENABLED"
  }

  depends_on = [aws_config_configuration_recorder.main]
}

# control: response.posture
# from: account
resource "aws_config_config_rule" "detector_on" {
  name = "shopnow-detector-on"

  source {
    owner             = "AWS"
    source_identifier = "GUARDDUTY_ENABLED_CENTRALIZED"
  }

  depends_on = [aws_config_configuration_recorder.main]
}

# control: response.posture
# from: account
resource "aws_config_config_rule" "buckets_not_read" {
  name = "shopnow-buckets-not-read"

  source {
    owner             = "AWS"
    source_identifier = "S3_BUCKET_PUBLIC_READ_PROHIBITED"
  }

  depends_on = [aws_config_configuration_recorder.main]
}

# control: response.posture
# from: account
resource "aws_config_config_rule" "buckets_not_written" {
  name = "shopnow-buckets-not-written"

  source {
    owner             = "AWS"
    source_identifier = "S3_BUCKET_PUBLIC_WRITE_PROHIBITED"
  }

  depends_on = [aws_config_configuration_recorder.main]
}

# control: response.posture
# from: account
resource "aws_config_config_rule" "buckets_tls" {
  name = "shopnow-buckets-tls"

  source {
    owner             = "AWS"
    source_identifier = "S3_BUCKET_SSL_REQUESTS_ONLY"
  }

  depends_on = [aws_config_configuration_recorder.main]
}

# control: response.posture
# from: account
resource "aws_config_config_rule" "buckets_private" {
  name = "shopnow-buckets-private"

  source {
    owner             = "AWS"
    source_identifier = "S3_ACCOUNT_LEVEL_PUBLIC_ACCESS_BLOCKS_PERIODIC"
  }

  depends_on = [aws_config_configuration_recorder.main]
}

# control: response.posture
# from: cluster
resource "aws_config_config_rule" "volumes_sealed" {
  name = "shopnow-volumes-sealed"

  source {
    owner             = "AWS"
    source_identifier = "ENCRYPTED_VOLUMES"
  }

  depends_on = [aws_config_configuration_recorder.main]
}

# control: response.posture, network.no-ssh
# from: network
resource "aws_config_config_rule" "no_ssh" {
  name = "shopnow-no-ssh"

  source {
    owner             = "AWS"
    source_identifier = "INCOMING_SSH_DISABLED"
  }

  depends_on = [aws_config_configuration_recorder.main]
}

# control: response.posture
# from: network
resource "aws_config_config_rule" "default_group_closed" {
  name = "shopnow-default-group-closed"

  source {
    owner             = "AWS"
    source_identifier = "VPC_DEFAULT_SECURITY_GROUP_CLOSED"
  }

  depends_on = [aws_config_configuration_recorder.main]
}

# control: response.posture
# from: network
resource "aws_config_config_rule" "flow_logs_on" {
  name = "shopnow-flow-logs-on"

  source {
    owner             = "AWS"
    source_identifier = "VPC_FLOW_LOGS_ENABLED"
  }

  depends_on = [aws_config_configuration_recorder.main]
}

# control: response.posture
# from: cluster
resource "aws_config_config_rule" "imdsv2" {
  name = "shopnow-imdsv2"

  source {
    owner             = "AWS"
    source_identifier = "EC2_IMDSV2_CHECK"
  }

  depends_on = [aws_config_configuration_recorder.main]
}

# control: response.posture
# from: cluster
resource "aws_config_config_rule" "secrets_sealed" {
  name = "shopnow-secrets-sealed"

  source {
    owner             = "AWS"
    source_identifier = "EKS_SECRETS_ENCRYPTED"
  }

  depends_on = [aws_config_configuration_recorder.main]
}

# control: response.posture
# from: edge
resource "aws_config_config_rule" "balancer_logs" {
  name = "shopnow-balancer-logs"

  source {
    owner             = "AWS"
    source_identifier = "ELB_LOGGING_ENABLED"
  }

  depends_on = [aws_config_configuration_recorder.main]
}

# control: response.posture
# from: stores
resource "aws_config_config_rule" "keys_not_deleted" {
  name = "shopnow-keys-not-deleted"

  source {
    owner             = "AWS"
    source_identifier = "KMS_CMK_NOT_SCHEDULED_FOR_DELETION"
  }

  depends_on = [aws_config_configuration_recorder.main]
}

# control: response.posture
# from: stores
resource "aws_config_config_rule" "keys_turned" {
  name = "shopnow-keys-turned"

  source {
    owner             = "AWS"
    source_identifier = "CMK_BACKING_KEY_ROTATION_ENABLED"
  }

  depends_on = [aws_config_configuration_recorder.main]
}

# control: response.posture
# from: cluster
resource "aws_config_config_rule" "cluster_not_public" {
  name = "shopnow-cluster-not-public"

  source {
    owner             = "AWS"
    source_identifier = "EKS_ENDPOINT_NO_PUBLIC_ACCESS"
  }

  depends_on = [aws_config_configuration_recorder.main]
}

# control: response.posture
# from: stores
resource "aws_config_config_rule" "databases_sealed" {
  name = "shopnow-databases-sealed"

  source {
    owner             = "AWS"
    source_identifier = "RDS_STORAGE_ENCRYPTED"
  }

  depends_on = [aws_config_configuration_recorder.main]
}

# control: response.posture
# from: stores
resource "aws_config_config_rule" "databases_private" {
  name = "shopnow-databases-private"

  source {
    owner             = "AWS"
    source_identifier = "RDS_INSTANCE_PUBLIC_ACCESS_CHECK"
  }

  depends_on = [aws_config_configuration_recorder.main]
}

# control: response.posture
# from: stores
resource "aws_config_config_rule" "snapshots_private" {
  name = "shopnow-snapshots-private"

  source {
    owner             = "AWS"
    source_identifier = "RDS_SNAPSHOTS_PUBLIC_PROHIBITED"
  }

  depends_on = [aws_config_configuration_recorder.main]
}

# control: response.posture
# from: stores
resource "aws_config_config_rule" "databases_kept" {
  name = "shopnow-databases-kept"

  source {
    owner             = "AWS"
    source_identifier = "RDS_CLUSTER_DELETION_PROTECTION_ENABLED"
  }

  depends_on = [aws_config_configuration_recorder.main]
}

# control: response.posture
# from: stores
resource "aws_config_config_rule" "caches_sealed" {
  name = "shopnow-caches-sealed"

  source {
    owner             = "AWS"
    source_identifier = "ELASTICACHE_REPL_GRP_ENCRYPTED_AT_REST"
  }

  depends_on = [aws_config_configuration_recorder.main]
}

# control: response.posture
# from: stores
resource "aws_config_config_rule" "caches_tls" {
  name = "shopnow-caches-tls"

  source {
    owner             = "AWS"
    source_identifier = "ELASTICACHE_REPL_GRP_ENCRYPTED_IN_TRANSIT"
  }

  depends_on = [aws_config_configuration_recorder.main]
}

# control: response.posture
# from: stores
resource "aws_config_config_rule" "streams_tls" {
  name = "shopnow-streams-tls"

  source {
    owner             = "AWS"
    source_identifier = "MSK_IN_CLUSTER_NODE_REQUIRE_TLS"
  }

  depends_on = [aws_config_configuration_recorder.main]
}

# control: response.posture
# from: stores
resource "aws_config_config_rule" "buckets_versioned" {
  name = "shopnow-buckets-versioned"

  source {
    owner             = "AWS"
    source_identifier = "S3_BUCKET_VERSIONING_ENABLED"
  }

  depends_on = [aws_config_configuration_recorder.main]
}
