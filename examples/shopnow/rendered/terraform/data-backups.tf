# shopnow: data-backups. Rendered by fathom from the platform's declaration; change it there.

# S3 is backed up only where an account has asked for it. Other kinds of resources are the
# account's own business
# control: data.backups
# from: stores
resource "aws_backup_region_settings" "main" {
  resource_type_opt_in_preference = {
    Aurora   = true
    DynamoDB = true
    S3       = true
  }

  lifecycle {
    ignore_changes = [resource_type_opt_in_preference]
  }
}

# control: data.backups
# from: stores
resource "aws_iam_role" "backup" {
  name = "shopnow-backup"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Service = "backup.amazonaws.com"
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

# control: data.backups
# from: stores
resource "aws_iam_role_policy" "backup" {
  name = "permissions"
  role = aws_iam_role.backup.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "SnapshotClusters"
        Effect = "Allow"
        Action = [
          "rds:CreateDBClusterSnapshot",
          "rds:DescribeDBClusters",
          "rds:ListTagsForResource",
          "rds:DescribeDBClusterAutomatedBackups",
        ]
        Resource = [
          "arn:aws:rds:eu-west-1:111111111111:cluster:shopnow-card-vault",
          "arn:aws:rds:eu-west-1:111111111111:cluster:shopnow-orders-db",
          "arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:awsbackup:*",
          "arn:aws:rds:eu-central-1:111111111111:cluster-snapshot:awsbackup:*",
        ]
      },
      {
        Sid    = "Snapshots"
        Effect = "Allow"
        Action = [
          "rds:AddTagsToResource",
          "rds:CopyDBClusterSnapshot",
          "rds:DeleteDBClusterSnapshot",
          "rds:DescribeDBClusterSnapshots",
          "rds:ModifyDBClusterSnapshotAttribute",
        ]
        Resource = [
          "arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:awsbackup:*",
          "arn:aws:rds:eu-central-1:111111111111:cluster-snapshot:awsbackup:*",
        ]
      },
      {
        Sid    = "Buckets"
        Effect = "Allow"
        Action = [
          "s3:GetBucketAcl",
          "s3:GetBucketLocation",
          "s3:GetBucketNotification",
          "s3:GetBucketTagging",
          "s3:GetBucketVersioning",
          "s3:GetInventoryConfiguration",
          "s3:ListBucket",
          "s3:ListBucketVersions",
          "s3:PutBucketNotification",
          "s3:PutInventoryConfiguration",
        ]
        Resource = "arn:aws:s3:::shopnow-invoices-111111111111"
      },
      {
        Sid    = "Objects"
        Effect = "Allow"
        Action = [
          "s3:GetObject",
          "s3:GetObjectAcl",
          "s3:GetObjectTagging",
          "s3:GetObjectVersion",
          "s3:GetObjectVersionAcl",
          "s3:GetObjectVersionTagging",
        ]
        Resource = "arn:aws:s3:::shopnow-invoices-111111111111/*"
      },
      {
        Sid    = "Changes"
        Effect = "Allow"
        Action = [
          "events:DeleteRule",
          "events:DescribeRule",
          "events:DisableRule",
          "events:EnableRule",
          "events:ListTargetsByRule",
          "events:PutRule",
          "events:PutTargets",
          "events:RemoveTargets",
        ]
        Resource = "arn:aws:events:eu-west-1:111111111111:rule/AwsBackupManagedRule*"
      },
      {
        Sid      = "Sizes"
        Effect   = "Allow"
        Action   = ["cloudwatch:GetMetricData", "events:ListRules", "s3:ListAllMyBuckets"]
        Resource = "*"
      },
      {
        Sid    = "Tables"
        Effect = "Allow"
        Action = [
          "dynamodb:CreateBackup",
          "dynamodb:DescribeBackup",
          "dynamodb:DescribeTable",
          "dynamodb:ListTagsOfResource",
          "dynamodb:StartAwsBackupJob",
        ]
        Resource = [
          "arn:aws:dynamodb:eu-west-1:111111111111:table/shopnow-erasures",
          "arn:aws:dynamodb:eu-west-1:111111111111:table/shopnow-erasures/backup/*",
        ]
      },
      {
        Sid    = "Vaults"
        Effect = "Allow"
        Action = ["backup:CopyFromBackupVault", "backup:CopyIntoBackupVault", "backup:DescribeBackupVault"]
        Resource = [
          aws_backup_vault.card_vault.arn,
          aws_backup_vault.card_vault_copy.arn,
          aws_backup_vault.invoices.arn,
          aws_backup_vault.invoices_copy.arn,
          aws_backup_vault.orders_db.arn,
          aws_backup_vault.orders_db_copy.arn,
          aws_backup_vault.erasures.arn,
          aws_backup_vault.erasures_copy.arn,
        ]
      },
      {
        Sid      = "Tags"
        Effect   = "Allow"
        Action   = ["backup:TagResource", "tag:GetResources"]
        Resource = "*"
      },
      {
        Sid    = "DescribeKeys"
        Effect = "Allow"
        Action = "kms:DescribeKey"
        Resource = [
          aws_kms_key.backup.arn,
          aws_kms_key.backup_copy.arn,
          aws_kms_key.card_vault.arn,
          aws_kms_key.stores.arn,
        ]
      },
      {
        Sid    = "UseKeys"
        Effect = "Allow"
        Action = [
          "kms:Decrypt",
          "kms:Encrypt",
          "kms:GenerateDataKey",
          "kms:GenerateDataKeyWithoutPlaintext",
          "kms:ReEncryptFrom",
          "kms:ReEncryptTo",
        ]
        Resource = [
          aws_kms_key.backup.arn,
          aws_kms_key.backup_copy.arn,
          aws_kms_key.card_vault.arn,
          aws_kms_key.stores.arn,
        ]
        Condition = {
          StringEquals = {
            "kms:ViaService" = [
              "backup.eu-west-1.amazonaws.com",
              "rds.eu-west-1.amazonaws.com",
              "s3.eu-west-1.amazonaws.com",
              "dynamodb.eu-west-1.amazonaws.com",
              "backup.eu-central-1.amazonaws.com",
              "rds.eu-central-1.amazonaws.com",
              "s3.eu-central-1.amazonaws.com",
              "dynamodb.eu-central-1.amazonaws.com",
            ]
          }
        }
      },
      {
        Sid    = "GrantKeys"
        Effect = "Allow"
        Action = "kms:CreateGrant"
        Resource = [
          aws_kms_key.backup.arn,
          aws_kms_key.backup_copy.arn,
          aws_kms_key.card_vault.arn,
          aws_kms_key.stores.arn,
        ]
        Condition = {
          Bool = {
            "kms:GrantIsForAWSResource" = "true"
          }
          StringEquals = {
            "kms:ViaService" = [
              "backup.eu-west-1.amazonaws.com",
              "rds.eu-west-1.amazonaws.com",
              "s3.eu-west-1.amazonaws.com",
              "dynamodb.eu-west-1.amazonaws.com",
              "backup.eu-central-1.amazonaws.com",
              "rds.eu-central-1.amazonaws.com",
              "s3.eu-central-1.amazonaws.com",
              "dynamodb.eu-central-1.amazonaws.com",
            ]
          }
        }
      },
    ]
  })
}

# control: data.backups
# from: stores
resource "aws_iam_role" "restore" {
  name = "shopnow-restore"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Service = "backup.amazonaws.com"
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

# control: data.backups
# from: stores
resource "aws_iam_role_policy" "restore" {
  name = "permissions"
  role = aws_iam_role.restore.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "RestoreClusters"
        Effect = "Allow"
        Action = [
          "rds:AddTagsToResource",
          "rds:DescribeDBClusters",
          "rds:ListTagsForResource",
          "rds:RestoreDBClusterFromSnapshot",
        ]
        Resource = [
          "arn:aws:rds:eu-west-1:111111111111:cluster:awsbackup-restore-test-*",
          "arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:awsbackup:*",
          "arn:aws:rds:eu-west-1:111111111111:cluster-pg:*",
          "arn:aws:rds:eu-west-1:111111111111:subgrp:shopnow-vault",
          "arn:aws:rds:eu-west-1:111111111111:subgrp:shopnow-database",
        ]
      },
      {
        Sid      = "LookAtSnapshots"
        Effect   = "Allow"
        Action   = "rds:DescribeDBClusterSnapshots"
        Resource = "arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:*"
      },
      {
        Sid    = "RestoreBuckets"
        Effect = "Allow"
        Action = [
          "s3:CreateBucket",
          "s3:GetBucketLocation",
          "s3:GetBucketOwnershipControls",
          "s3:GetBucketVersioning",
          "s3:ListBucket",
          "s3:ListBucketVersions",
          "s3:PutBucketOwnershipControls",
          "s3:PutBucketVersioning",
        ]
        Resource = "arn:aws:s3:::awsbackup-restore-test-*"
      },
      {
        Sid    = "RestoreObjects"
        Effect = "Allow"
        Action = [
          "s3:DeleteObject",
          "s3:DeleteObjectVersion",
          "s3:GetObject",
          "s3:GetObjectAcl",
          "s3:GetObjectTagging",
          "s3:GetObjectVersion",
          "s3:GetObjectVersionAcl",
          "s3:ListMultipartUploadParts",
          "s3:PutObject",
          "s3:PutObjectAcl",
          "s3:PutObjectTagging",
          "s3:PutObjectVersionAcl",
        ]
        Resource = "arn:aws:s3:::awsbackup-restore-test-*/*"
      },
      {
        Sid    = "RestoreTables"
        Effect = "Allow"
        Action = [
          "dynamodb:BatchWriteItem",
          "dynamodb:DeleteItem",
          "dynamodb:DescribeTable",
          "dynamodb:GetItem",
          "dynamodb:PutItem",
          "dynamodb:Query",
          "dynamodb:RestoreTableFromAwsBackup",
          "dynamodb:RestoreTableFromBackup",
          "dynamodb:Scan",
          "dynamodb:UpdateItem",
        ]
        Resource = [
          "arn:aws:dynamodb:eu-west-1:111111111111:table/awsbackup-restore-test-*",
          "arn:aws:dynamodb:eu-west-1:111111111111:table/shopnow-erasures/backup/*",
        ]
      },
      {
        Sid    = "DescribeKeys"
        Effect = "Allow"
        Action = "kms:DescribeKey"
        Resource = [
          aws_kms_key.backup.arn,
          aws_kms_key.backup_copy.arn,
          aws_kms_key.card_vault.arn,
          aws_kms_key.stores.arn,
        ]
      },
      {
        Sid    = "UseKeys"
        Effect = "Allow"
        Action = [
          "kms:Decrypt",
          "kms:Encrypt",
          "kms:GenerateDataKey",
          "kms:GenerateDataKeyWithoutPlaintext",
          "kms:ReEncryptFrom",
          "kms:ReEncryptTo",
        ]
        Resource = [
          aws_kms_key.backup.arn,
          aws_kms_key.backup_copy.arn,
          aws_kms_key.card_vault.arn,
          aws_kms_key.stores.arn,
        ]
        Condition = {
          StringEquals = {
            "kms:ViaService" = [
              "backup.eu-west-1.amazonaws.com",
              "rds.eu-west-1.amazonaws.com",
              "s3.eu-west-1.amazonaws.com",
              "dynamodb.eu-west-1.amazonaws.com",
              "backup.eu-central-1.amazonaws.com",
              "rds.eu-central-1.amazonaws.com",
              "s3.eu-central-1.amazonaws.com",
              "dynamodb.eu-central-1.amazonaws.com",
            ]
          }
        }
      },
      {
        Sid    = "GrantKeys"
        Effect = "Allow"
        Action = "kms:CreateGrant"
        Resource = [
          aws_kms_key.backup.arn,
          aws_kms_key.backup_copy.arn,
          aws_kms_key.card_vault.arn,
          aws_kms_key.stores.arn,
        ]
        Condition = {
          Bool = {
            "kms:GrantIsForAWSResource" = "true"
          }
          StringEquals = {
            "kms:ViaService" = [
              "backup.eu-west-1.amazonaws.com",
              "rds.eu-west-1.amazonaws.com",
              "s3.eu-west-1.amazonaws.com",
              "dynamodb.eu-west-1.amazonaws.com",
              "backup.eu-central-1.amazonaws.com",
              "rds.eu-central-1.amazonaws.com",
              "s3.eu-central-1.amazonaws.com",
              "dynamodb.eu-central-1.amazonaws.com",
            ]
          }
        }
      },
    ]
  })
}

# control: data.backups
# from: notify
resource "aws_cloudwatch_event_rule" "backup_failed" {
  name = "shopnow-backup-failed"
  event_pattern = jsonencode({
    source        = ["aws.backup"]
    "detail-type" = ["Backup Job State Change", "Copy Job State Change", "Restore Job State Change"]
    detail = {
      "$or" = [
        {
          state = ["ABORTED", "EXPIRED", "FAILED", "PARTIAL"]
        },
        {
          status = ["ABORTED", "FAILED"]
        },
      ]
    }
  })
}

# control: data.backups
# from: notify
resource "aws_cloudwatch_event_target" "backup_failed" {
  rule = aws_cloudwatch_event_rule.backup_failed.name
  arn  = aws_sns_topic.oncall.arn
}

# control: data.backups
# from: stores.card-vault.backup
resource "aws_backup_vault" "card_vault" {
  name        = "shopnow-card-vault"
  kms_key_arn = aws_kms_key.backup.arn
}

# Three days after it is made nobody can take this lock off again
# control: data.backups
# from: stores.card-vault.backup
resource "aws_backup_vault_lock_configuration" "card_vault" {
  backup_vault_name   = aws_backup_vault.card_vault.name
  min_retention_days  = 35
  max_retention_days  = 35
  changeable_for_days = 3
}

# control: data.backups
# from: stores.card-vault.backup
resource "aws_backup_vault_policy" "card_vault" {
  backup_vault_name = aws_backup_vault.card_vault.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "NobodyDeletes"
        Effect    = "Deny"
        Principal = "*"
        Action = [
          "backup:DeleteRecoveryPoint",
          "backup:UpdateRecoveryPointLifecycle",
          "backup:DisassociateRecoveryPoint",
          "backup:DeleteBackupVault",
          "backup:DeleteBackupVaultLockConfiguration",
        ]
        Resource = "*"
      },
      {
        Sid       = "PolicyByAdministrators"
        Effect    = "Deny"
        Principal = "*"
        Action = [
          "backup:PutBackupVaultAccessPolicy",
          "backup:DeleteBackupVaultAccessPolicy",
          "backup:PutBackupVaultLockConfiguration",
        ]
        Resource = "*"
        Condition = {
          ArnNotLike = {
            "aws:PrincipalArn" = var.administrators
          }
        }
      },
    ]
  })
}

# control: data.backups
# from: stores.card-vault.backup
resource "aws_backup_vault" "card_vault_copy" {
  provider    = aws.backup
  name        = "shopnow-card-vault-copy"
  kms_key_arn = aws_kms_key.backup_copy.arn
}

# Three days after it is made nobody can take this lock off again
# control: data.backups
# from: stores.card-vault.backup
resource "aws_backup_vault_lock_configuration" "card_vault_copy" {
  provider            = aws.backup
  backup_vault_name   = aws_backup_vault.card_vault_copy.name
  min_retention_days  = 35
  max_retention_days  = 35
  changeable_for_days = 3
}

# control: data.backups
# from: stores.card-vault.backup
resource "aws_backup_vault_policy" "card_vault_copy" {
  provider          = aws.backup
  backup_vault_name = aws_backup_vault.card_vault_copy.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "NobodyDeletes"
        Effect    = "Deny"
        Principal = "*"
        Action = [
          "backup:DeleteRecoveryPoint",
          "backup:UpdateRecoveryPointLifecycle",
          "backup:DisassociateRecoveryPoint",
          "backup:DeleteBackupVault",
          "backup:DeleteBackupVaultLockConfiguration",
        ]
        Resource = "*"
      },
      {
        Sid       = "PolicyByAdministrators"
        Effect    = "Deny"
        Principal = "*"
        Action = [
          "backup:PutBackupVaultAccessPolicy",
          "backup:DeleteBackupVaultAccessPolicy",
          "backup:PutBackupVaultLockConfiguration",
        ]
        Resource = "*"
        Condition = {
          ArnNotLike = {
            "aws:PrincipalArn" = var.administrators
          }
        }
      },
    ]
  })
}

# Between two backups any moment can be restored from the cluster's own (backup_retention_period).
# What is copied away is a day old at most
# control: data.backups, data.retention
# from: stores.card-vault.backup
resource "aws_backup_plan" "card_vault" {
  name = "shopnow-card-vault"

  rule {
    rule_name         = "often"
    target_vault_name = aws_backup_vault.card_vault.name
    schedule          = "cron(0 * * * ? *)"
    start_window      = 60
    completion_window = 240

    lifecycle {
      delete_after = 35
    }
  }

  rule {
    rule_name         = "daily-away"
    target_vault_name = aws_backup_vault.card_vault.name
    schedule          = "cron(0 3 * * ? *)"
    start_window      = 60
    completion_window = 240

    lifecycle {
      delete_after = 35
    }

    copy_action {
      destination_vault_arn = aws_backup_vault.card_vault_copy.arn

      lifecycle {
        delete_after = 35
      }
    }
  }
}

# control: data.backups
# from: stores.card-vault.backup
resource "aws_backup_selection" "card_vault" {
  name         = "shopnow-card-vault"
  plan_id      = aws_backup_plan.card_vault.id
  iam_role_arn = aws_iam_role.backup.arn
  resources    = [aws_rds_cluster.card_vault.arn]
}

# control: data.backups
# from: stores.card-vault.backup, objectives.kpi.rto
resource "aws_backup_restore_testing_plan" "card_vault" {
  name                = "shopnow_card_vault"
  schedule_expression = "cron(0 5 ? * 2 *)"
  start_window_hours  = 1

  recovery_point_selection {
    algorithm             = "LATEST_WITHIN_WINDOW"
    include_vaults        = [aws_backup_vault.card_vault.arn]
    recovery_point_types  = ["SNAPSHOT"]
    selection_window_days = 7
  }
}

# control: data.backups
# from: stores.card-vault.backup, objectives.kpi.rto
resource "aws_backup_restore_testing_selection" "card_vault" {
  name                      = "shopnow_card_vault"
  restore_testing_plan_name = aws_backup_restore_testing_plan.card_vault.name
  iam_role_arn              = aws_iam_role.restore.arn
  protected_resource_type   = "Aurora"
  protected_resource_arns   = [aws_rds_cluster.card_vault.arn]
  restore_metadata_overrides = {
    dbSubnetGroupName   = aws_db_subnet_group.vault.name
    vpcSecurityGroupIds = jsonencode([aws_security_group.store_card_vault.id])
    kmsKeyId            = aws_kms_key.card_vault.arn
  }
  validation_window_hours = 1
}

# control: data.backups
# from: stores.invoices.backup
resource "aws_backup_vault" "invoices" {
  name        = "shopnow-invoices"
  kms_key_arn = aws_kms_key.backup.arn
}

# Three days after it is made nobody can take this lock off again
# control: data.backups
# from: stores.invoices.backup
resource "aws_backup_vault_lock_configuration" "invoices" {
  backup_vault_name   = aws_backup_vault.invoices.name
  min_retention_days  = 14
  max_retention_days  = 35
  changeable_for_days = 3
}

# control: data.backups
# from: stores.invoices.backup
resource "aws_backup_vault_policy" "invoices" {
  backup_vault_name = aws_backup_vault.invoices.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "NobodyDeletes"
        Effect    = "Deny"
        Principal = "*"
        Action = [
          "backup:DeleteRecoveryPoint",
          "backup:UpdateRecoveryPointLifecycle",
          "backup:DisassociateRecoveryPoint",
          "backup:DeleteBackupVault",
          "backup:DeleteBackupVaultLockConfiguration",
        ]
        Resource = "*"
      },
      {
        Sid       = "PolicyByAdministrators"
        Effect    = "Deny"
        Principal = "*"
        Action = [
          "backup:PutBackupVaultAccessPolicy",
          "backup:DeleteBackupVaultAccessPolicy",
          "backup:PutBackupVaultLockConfiguration",
        ]
        Resource = "*"
        Condition = {
          ArnNotLike = {
            "aws:PrincipalArn" = var.administrators
          }
        }
      },
    ]
  })
}

# control: data.backups
# from: stores.invoices.backup
resource "aws_backup_vault" "invoices_copy" {
  provider    = aws.backup
  name        = "shopnow-invoices-copy"
  kms_key_arn = aws_kms_key.backup_copy.arn
}

# Three days after it is made nobody can take this lock off again
# control: data.backups
# from: stores.invoices.backup
resource "aws_backup_vault_lock_configuration" "invoices_copy" {
  provider            = aws.backup
  backup_vault_name   = aws_backup_vault.invoices_copy.name
  min_retention_days  = 14
  max_retention_days  = 35
  changeable_for_days = 3
}

# control: data.backups
# from: stores.invoices.backup
resource "aws_backup_vault_policy" "invoices_copy" {
  provider          = aws.backup
  backup_vault_name = aws_backup_vault.invoices_copy.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "NobodyDeletes"
        Effect    = "Deny"
        Principal = "*"
        Action = [
          "backup:DeleteRecoveryPoint",
          "backup:UpdateRecoveryPointLifecycle",
          "backup:DisassociateRecoveryPoint",
          "backup:DeleteBackupVault",
          "backup:DeleteBackupVaultLockConfiguration",
        ]
        Resource = "*"
      },
      {
        Sid       = "PolicyByAdministrators"
        Effect    = "Deny"
        Principal = "*"
        Action = [
          "backup:PutBackupVaultAccessPolicy",
          "backup:DeleteBackupVaultAccessPolicy",
          "backup:PutBackupVaultLockConfiguration",
        ]
        Resource = "*"
        Condition = {
          ArnNotLike = {
            "aws:PrincipalArn" = var.administrators
          }
        }
      },
    ]
  })
}

# control: data.backups, data.retention
# from: stores.invoices.backup
resource "aws_backup_plan" "invoices" {
  name = "shopnow-invoices"

  rule {
    rule_name         = "away"
    target_vault_name = aws_backup_vault.invoices.name
    schedule          = "cron(0 3 * * ? *)"
    start_window      = 60
    completion_window = 240

    lifecycle {
      delete_after = 35
    }

    copy_action {
      destination_vault_arn = aws_backup_vault.invoices_copy.arn

      lifecycle {
        delete_after = 35
      }
    }
  }
}

# control: data.backups
# from: stores.invoices.backup
resource "aws_backup_selection" "invoices" {
  name         = "shopnow-invoices"
  plan_id      = aws_backup_plan.invoices.id
  iam_role_arn = aws_iam_role.backup.arn
  resources    = [aws_s3_bucket.invoices.arn]
}

# control: data.backups
# from: stores.invoices.backup, objectives.kpi.rto
resource "aws_backup_restore_testing_plan" "invoices" {
  name                = "shopnow_invoices"
  schedule_expression = "cron(0 5 ? * 2 *)"
  start_window_hours  = 1

  recovery_point_selection {
    algorithm             = "LATEST_WITHIN_WINDOW"
    include_vaults        = [aws_backup_vault.invoices.arn]
    recovery_point_types  = ["SNAPSHOT"]
    selection_window_days = 7
  }
}

# control: data.backups
# from: stores.invoices.backup, objectives.kpi.rto
resource "aws_backup_restore_testing_selection" "invoices" {
  name                      = "shopnow_invoices"
  restore_testing_plan_name = aws_backup_restore_testing_plan.invoices.name
  iam_role_arn              = aws_iam_role.restore.arn
  protected_resource_type   = "S3"
  protected_resource_arns   = [aws_s3_bucket.invoices.arn]
  restore_metadata_overrides = {
    encryptionType = "SSE-KMS"
    kmsKey         = aws_kms_key.stores.arn
  }
  validation_window_hours = 1
}

# control: data.backups
# from: stores.orders-db.backup
resource "aws_backup_vault" "orders_db" {
  name        = "shopnow-orders-db"
  kms_key_arn = aws_kms_key.backup.arn
}

# Three days after it is made nobody can take this lock off again
# control: data.backups
# from: stores.orders-db.backup
resource "aws_backup_vault_lock_configuration" "orders_db" {
  backup_vault_name   = aws_backup_vault.orders_db.name
  min_retention_days  = 14
  max_retention_days  = 35
  changeable_for_days = 3
}

# control: data.backups
# from: stores.orders-db.backup
resource "aws_backup_vault_policy" "orders_db" {
  backup_vault_name = aws_backup_vault.orders_db.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "NobodyDeletes"
        Effect    = "Deny"
        Principal = "*"
        Action = [
          "backup:DeleteRecoveryPoint",
          "backup:UpdateRecoveryPointLifecycle",
          "backup:DisassociateRecoveryPoint",
          "backup:DeleteBackupVault",
          "backup:DeleteBackupVaultLockConfiguration",
        ]
        Resource = "*"
      },
      {
        Sid       = "PolicyByAdministrators"
        Effect    = "Deny"
        Principal = "*"
        Action = [
          "backup:PutBackupVaultAccessPolicy",
          "backup:DeleteBackupVaultAccessPolicy",
          "backup:PutBackupVaultLockConfiguration",
        ]
        Resource = "*"
        Condition = {
          ArnNotLike = {
            "aws:PrincipalArn" = var.administrators
          }
        }
      },
    ]
  })
}

# control: data.backups
# from: stores.orders-db.backup
resource "aws_backup_vault" "orders_db_copy" {
  provider    = aws.backup
  name        = "shopnow-orders-db-copy"
  kms_key_arn = aws_kms_key.backup_copy.arn
}

# Three days after it is made nobody can take this lock off again
# control: data.backups
# from: stores.orders-db.backup
resource "aws_backup_vault_lock_configuration" "orders_db_copy" {
  provider            = aws.backup
  backup_vault_name   = aws_backup_vault.orders_db_copy.name
  min_retention_days  = 14
  max_retention_days  = 35
  changeable_for_days = 3
}

# control: data.backups
# from: stores.orders-db.backup
resource "aws_backup_vault_policy" "orders_db_copy" {
  provider          = aws.backup
  backup_vault_name = aws_backup_vault.orders_db_copy.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "NobodyDeletes"
        Effect    = "Deny"
        Principal = "*"
        Action = [
          "backup:DeleteRecoveryPoint",
          "backup:UpdateRecoveryPointLifecycle",
          "backup:DisassociateRecoveryPoint",
          "backup:DeleteBackupVault",
          "backup:DeleteBackupVaultLockConfiguration",
        ]
        Resource = "*"
      },
      {
        Sid       = "PolicyByAdministrators"
        Effect    = "Deny"
        Principal = "*"
        Action = [
          "backup:PutBackupVaultAccessPolicy",
          "backup:DeleteBackupVaultAccessPolicy",
          "backup:PutBackupVaultLockConfiguration",
        ]
        Resource = "*"
        Condition = {
          ArnNotLike = {
            "aws:PrincipalArn" = var.administrators
          }
        }
      },
    ]
  })
}

# Between two backups any moment can be restored from the cluster's own (backup_retention_period).
# What is copied away is a day old at most
# control: data.backups, data.retention
# from: stores.orders-db.backup
resource "aws_backup_plan" "orders_db" {
  name = "shopnow-orders-db"

  rule {
    rule_name         = "often"
    target_vault_name = aws_backup_vault.orders_db.name
    schedule          = "cron(0 * * * ? *)"
    start_window      = 60
    completion_window = 240

    lifecycle {
      delete_after = 35
    }
  }

  rule {
    rule_name         = "daily-away"
    target_vault_name = aws_backup_vault.orders_db.name
    schedule          = "cron(0 3 * * ? *)"
    start_window      = 60
    completion_window = 240

    lifecycle {
      delete_after = 35
    }

    copy_action {
      destination_vault_arn = aws_backup_vault.orders_db_copy.arn

      lifecycle {
        delete_after = 35
      }
    }
  }
}

# control: data.backups
# from: stores.orders-db.backup
resource "aws_backup_selection" "orders_db" {
  name         = "shopnow-orders-db"
  plan_id      = aws_backup_plan.orders_db.id
  iam_role_arn = aws_iam_role.backup.arn
  resources    = [aws_rds_cluster.orders_db.arn]
}

# control: data.backups
# from: stores.orders-db.backup, objectives.kpi.rto
resource "aws_backup_restore_testing_plan" "orders_db" {
  name                = "shopnow_orders_db"
  schedule_expression = "cron(0 5 ? * 2 *)"
  start_window_hours  = 1

  recovery_point_selection {
    algorithm             = "LATEST_WITHIN_WINDOW"
    include_vaults        = [aws_backup_vault.orders_db.arn]
    recovery_point_types  = ["SNAPSHOT"]
    selection_window_days = 7
  }
}

# control: data.backups
# from: stores.orders-db.backup, objectives.kpi.rto
resource "aws_backup_restore_testing_selection" "orders_db" {
  name                      = "shopnow_orders_db"
  restore_testing_plan_name = aws_backup_restore_testing_plan.orders_db.name
  iam_role_arn              = aws_iam_role.restore.arn
  protected_resource_type   = "Aurora"
  protected_resource_arns   = [aws_rds_cluster.orders_db.arn]
  restore_metadata_overrides = {
    dbSubnetGroupName   = aws_db_subnet_group.database.name
    vpcSecurityGroupIds = jsonencode([aws_security_group.store_orders_db.id])
    kmsKeyId            = aws_kms_key.stores.arn
  }
  validation_window_hours = 1
}

# control: data.backups
# from: data
resource "aws_backup_vault" "erasures" {
  name        = "shopnow-erasures"
  kms_key_arn = aws_kms_key.backup.arn
}

# Three days after it is made nobody can take this lock off again
# control: data.backups
# from: data
resource "aws_backup_vault_lock_configuration" "erasures" {
  backup_vault_name   = aws_backup_vault.erasures.name
  min_retention_days  = 14
  max_retention_days  = 35
  changeable_for_days = 3
}

# control: data.backups
# from: data
resource "aws_backup_vault_policy" "erasures" {
  backup_vault_name = aws_backup_vault.erasures.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "NobodyDeletes"
        Effect    = "Deny"
        Principal = "*"
        Action = [
          "backup:DeleteRecoveryPoint",
          "backup:UpdateRecoveryPointLifecycle",
          "backup:DisassociateRecoveryPoint",
          "backup:DeleteBackupVault",
          "backup:DeleteBackupVaultLockConfiguration",
        ]
        Resource = "*"
      },
      {
        Sid       = "PolicyByAdministrators"
        Effect    = "Deny"
        Principal = "*"
        Action = [
          "backup:PutBackupVaultAccessPolicy",
          "backup:DeleteBackupVaultAccessPolicy",
          "backup:PutBackupVaultLockConfiguration",
        ]
        Resource = "*"
        Condition = {
          ArnNotLike = {
            "aws:PrincipalArn" = var.administrators
          }
        }
      },
    ]
  })
}

# control: data.backups
# from: data
resource "aws_backup_vault" "erasures_copy" {
  provider    = aws.backup
  name        = "shopnow-erasures-copy"
  kms_key_arn = aws_kms_key.backup_copy.arn
}

# Three days after it is made nobody can take this lock off again
# control: data.backups
# from: data
resource "aws_backup_vault_lock_configuration" "erasures_copy" {
  provider            = aws.backup
  backup_vault_name   = aws_backup_vault.erasures_copy.name
  min_retention_days  = 14
  max_retention_days  = 35
  changeable_for_days = 3
}

# control: data.backups
# from: data
resource "aws_backup_vault_policy" "erasures_copy" {
  provider          = aws.backup
  backup_vault_name = aws_backup_vault.erasures_copy.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "NobodyDeletes"
        Effect    = "Deny"
        Principal = "*"
        Action = [
          "backup:DeleteRecoveryPoint",
          "backup:UpdateRecoveryPointLifecycle",
          "backup:DisassociateRecoveryPoint",
          "backup:DeleteBackupVault",
          "backup:DeleteBackupVaultLockConfiguration",
        ]
        Resource = "*"
      },
      {
        Sid       = "PolicyByAdministrators"
        Effect    = "Deny"
        Principal = "*"
        Action = [
          "backup:PutBackupVaultAccessPolicy",
          "backup:DeleteBackupVaultAccessPolicy",
          "backup:PutBackupVaultLockConfiguration",
        ]
        Resource = "*"
        Condition = {
          ArnNotLike = {
            "aws:PrincipalArn" = var.administrators
          }
        }
      },
    ]
  })
}

# control: data.backups, data.retention
# from: data
resource "aws_backup_plan" "erasures" {
  name = "shopnow-erasures"

  rule {
    rule_name         = "away"
    target_vault_name = aws_backup_vault.erasures.name
    schedule          = "cron(0 3 * * ? *)"
    start_window      = 60
    completion_window = 240

    lifecycle {
      delete_after = 35
    }

    copy_action {
      destination_vault_arn = aws_backup_vault.erasures_copy.arn

      lifecycle {
        delete_after = 35
      }
    }
  }
}

# control: data.backups
# from: data
resource "aws_backup_selection" "erasures" {
  name         = "shopnow-erasures"
  plan_id      = aws_backup_plan.erasures.id
  iam_role_arn = aws_iam_role.backup.arn
  resources    = [aws_dynamodb_table.erasures.arn]
}

# control: data.backups
# from: data, objectives.kpi.rto
resource "aws_backup_restore_testing_plan" "erasures" {
  name                = "shopnow_erasures"
  schedule_expression = "cron(0 5 ? * 2 *)"
  start_window_hours  = 1

  recovery_point_selection {
    algorithm             = "LATEST_WITHIN_WINDOW"
    include_vaults        = [aws_backup_vault.erasures.arn]
    recovery_point_types  = ["SNAPSHOT"]
    selection_window_days = 7
  }
}

# control: data.backups
# from: data, objectives.kpi.rto
resource "aws_backup_restore_testing_selection" "erasures" {
  name                      = "shopnow_erasures"
  restore_testing_plan_name = aws_backup_restore_testing_plan.erasures.name
  iam_role_arn              = aws_iam_role.restore.arn
  protected_resource_type   = "DynamoDB"
  protected_resource_arns   = [aws_dynamodb_table.erasures.arn]
  restore_metadata_overrides = {
    encryptionType  = "KMS"
    kmsMasterKeyArn = aws_kms_key.stores.arn
  }
  validation_window_hours = 1
}
