# bazaar: data-backups. Rendered by fathom from the platform's declaration; change it there.

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
  name = "bazaar-backup"
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
            "aws:SourceAccount" = "222222222222"
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
          "arn:aws:rds:us-east-2:222222222222:cluster:bazaar-accounts-db",
          "arn:aws:rds:us-east-2:222222222222:cluster:bazaar-basket-db",
          "arn:aws:rds:us-east-2:222222222222:cluster:bazaar-ledger",
          "arn:aws:rds:us-east-2:222222222222:cluster:bazaar-listings-db",
          "arn:aws:rds:us-east-2:222222222222:cluster:bazaar-sellers-db",
          "arn:aws:rds:us-east-2:222222222222:cluster-snapshot:awsbackup:*",
          "arn:aws:rds:us-west-2:222222222222:cluster-snapshot:awsbackup:*",
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
          "arn:aws:rds:us-east-2:222222222222:cluster-snapshot:awsbackup:*",
          "arn:aws:rds:us-west-2:222222222222:cluster-snapshot:awsbackup:*",
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
        Resource = "arn:aws:s3:::bazaar-tax-forms-222222222222"
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
        Resource = "arn:aws:s3:::bazaar-tax-forms-222222222222/*"
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
        Resource = "arn:aws:events:us-east-2:222222222222:rule/AwsBackupManagedRule*"
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
          "arn:aws:dynamodb:us-east-2:222222222222:table/bazaar-erasures",
          "arn:aws:dynamodb:us-east-2:222222222222:table/bazaar-erasures/backup/*",
        ]
      },
      {
        Sid    = "Vaults"
        Effect = "Allow"
        Action = ["backup:CopyFromBackupVault", "backup:CopyIntoBackupVault", "backup:DescribeBackupVault"]
        Resource = [
          aws_backup_vault.accounts_db.arn,
          aws_backup_vault.accounts_db_copy.arn,
          aws_backup_vault.basket_db.arn,
          aws_backup_vault.basket_db_copy.arn,
          aws_backup_vault.ledger.arn,
          aws_backup_vault.ledger_copy.arn,
          aws_backup_vault.listings_db.arn,
          aws_backup_vault.listings_db_copy.arn,
          aws_backup_vault.sellers_db.arn,
          aws_backup_vault.sellers_db_copy.arn,
          aws_backup_vault.tax_forms.arn,
          aws_backup_vault.tax_forms_copy.arn,
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
          aws_kms_key.stores.arn,
          aws_kms_key.ledger.arn,
          aws_kms_key.tax_forms.arn,
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
          aws_kms_key.stores.arn,
          aws_kms_key.ledger.arn,
          aws_kms_key.tax_forms.arn,
        ]
        Condition = {
          StringEquals = {
            "kms:ViaService" = [
              "backup.us-east-2.amazonaws.com",
              "rds.us-east-2.amazonaws.com",
              "s3.us-east-2.amazonaws.com",
              "dynamodb.us-east-2.amazonaws.com",
              "backup.us-west-2.amazonaws.com",
              "rds.us-west-2.amazonaws.com",
              "s3.us-west-2.amazonaws.com",
              "dynamodb.us-west-2.amazonaws.com",
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
          aws_kms_key.stores.arn,
          aws_kms_key.ledger.arn,
          aws_kms_key.tax_forms.arn,
        ]
        Condition = {
          Bool = {
            "kms:GrantIsForAWSResource" = "true"
          }
          StringEquals = {
            "kms:ViaService" = [
              "backup.us-east-2.amazonaws.com",
              "rds.us-east-2.amazonaws.com",
              "s3.us-east-2.amazonaws.com",
              "dynamodb.us-east-2.amazonaws.com",
              "backup.us-west-2.amazonaws.com",
              "rds.us-west-2.amazonaws.com",
              "s3.us-west-2.amazonaws.com",
              "dynamodb.us-west-2.amazonaws.com",
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
  name = "bazaar-restore"
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
            "aws:SourceAccount" = "222222222222"
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
          "arn:aws:rds:us-east-2:222222222222:cluster:awsbackup-restore-test-*",
          "arn:aws:rds:us-east-2:222222222222:cluster-snapshot:awsbackup:*",
          "arn:aws:rds:us-east-2:222222222222:cluster-pg:*",
          "arn:aws:rds:us-east-2:222222222222:subgrp:bazaar-database",
          "arn:aws:rds:us-east-2:222222222222:subgrp:bazaar-vault",
        ]
      },
      {
        Sid      = "LookAtSnapshots"
        Effect   = "Allow"
        Action   = "rds:DescribeDBClusterSnapshots"
        Resource = "arn:aws:rds:us-east-2:222222222222:cluster-snapshot:*"
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
          "arn:aws:dynamodb:us-east-2:222222222222:table/awsbackup-restore-test-*",
          "arn:aws:dynamodb:us-east-2:222222222222:table/bazaar-erasures/backup/*",
        ]
      },
      {
        Sid    = "DescribeKeys"
        Effect = "Allow"
        Action = "kms:DescribeKey"
        Resource = [
          aws_kms_key.backup.arn,
          aws_kms_key.backup_copy.arn,
          aws_kms_key.stores.arn,
          aws_kms_key.ledger.arn,
          aws_kms_key.tax_forms.arn,
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
          aws_kms_key.stores.arn,
          aws_kms_key.ledger.arn,
          aws_kms_key.tax_forms.arn,
        ]
        Condition = {
          StringEquals = {
            "kms:ViaService" = [
              "backup.us-east-2.amazonaws.com",
              "rds.us-east-2.amazonaws.com",
              "s3.us-east-2.amazonaws.com",
              "dynamodb.us-east-2.amazonaws.com",
              "backup.us-west-2.amazonaws.com",
              "rds.us-west-2.amazonaws.com",
              "s3.us-west-2.amazonaws.com",
              "dynamodb.us-west-2.amazonaws.com",
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
          aws_kms_key.stores.arn,
          aws_kms_key.ledger.arn,
          aws_kms_key.tax_forms.arn,
        ]
        Condition = {
          Bool = {
            "kms:GrantIsForAWSResource" = "true"
          }
          StringEquals = {
            "kms:ViaService" = [
              "backup.us-east-2.amazonaws.com",
              "rds.us-east-2.amazonaws.com",
              "s3.us-east-2.amazonaws.com",
              "dynamodb.us-east-2.amazonaws.com",
              "backup.us-west-2.amazonaws.com",
              "rds.us-west-2.amazonaws.com",
              "s3.us-west-2.amazonaws.com",
              "dynamodb.us-west-2.amazonaws.com",
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
  name = "bazaar-backup-failed"
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
# from: stores.accounts-db.backup
resource "aws_backup_vault" "accounts_db" {
  name        = "bazaar-accounts-db"
  kms_key_arn = aws_kms_key.backup.arn
}

# Three days after it is made nobody can take this lock off again
# control: data.backups
# from: stores.accounts-db.backup
resource "aws_backup_vault_lock_configuration" "accounts_db" {
  backup_vault_name   = aws_backup_vault.accounts_db.name
  min_retention_days  = 14
  max_retention_days  = 35
  changeable_for_days = 3
}

# control: data.backups
# from: stores.accounts-db.backup
resource "aws_backup_vault_policy" "accounts_db" {
  backup_vault_name = aws_backup_vault.accounts_db.name
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
# from: stores.accounts-db.backup
resource "aws_backup_vault" "accounts_db_copy" {
  provider    = aws.backup
  name        = "bazaar-accounts-db-copy"
  kms_key_arn = aws_kms_key.backup_copy.arn
}

# Three days after it is made nobody can take this lock off again
# control: data.backups
# from: stores.accounts-db.backup
resource "aws_backup_vault_lock_configuration" "accounts_db_copy" {
  provider            = aws.backup
  backup_vault_name   = aws_backup_vault.accounts_db_copy.name
  min_retention_days  = 14
  max_retention_days  = 35
  changeable_for_days = 3
}

# control: data.backups
# from: stores.accounts-db.backup
resource "aws_backup_vault_policy" "accounts_db_copy" {
  provider          = aws.backup
  backup_vault_name = aws_backup_vault.accounts_db_copy.name
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
# from: stores.accounts-db.backup
resource "aws_backup_plan" "accounts_db" {
  name = "bazaar-accounts-db"

  rule {
    rule_name         = "often"
    target_vault_name = aws_backup_vault.accounts_db.name
    schedule          = "cron(0 * * * ? *)"
    start_window      = 60
    completion_window = 240

    lifecycle {
      delete_after = 35
    }
  }

  rule {
    rule_name         = "daily-away"
    target_vault_name = aws_backup_vault.accounts_db.name
    schedule          = "cron(0 3 * * ? *)"
    start_window      = 60
    completion_window = 240

    lifecycle {
      delete_after = 35
    }

    copy_action {
      destination_vault_arn = aws_backup_vault.accounts_db_copy.arn

      lifecycle {
        delete_after = 35
      }
    }
  }
}

# control: data.backups
# from: stores.accounts-db.backup
resource "aws_backup_selection" "accounts_db" {
  name         = "bazaar-accounts-db"
  plan_id      = aws_backup_plan.accounts_db.id
  iam_role_arn = aws_iam_role.backup.arn
  resources    = [aws_rds_cluster.accounts_db.arn]
}

# control: data.backups
# from: stores.accounts-db.backup, objectives.kpi.rto
resource "aws_backup_restore_testing_plan" "accounts_db" {
  name                = "bazaar_accounts_db"
  schedule_expression = "cron(0 5 ? * 2 *)"
  start_window_hours  = 1

  recovery_point_selection {
    algorithm             = "LATEST_WITHIN_WINDOW"
    include_vaults        = [aws_backup_vault.accounts_db.arn]
    recovery_point_types  = ["SNAPSHOT"]
    selection_window_days = 7
  }
}

# control: data.backups
# from: stores.accounts-db.backup, objectives.kpi.rto
resource "aws_backup_restore_testing_selection" "accounts_db" {
  name                      = "bazaar_accounts_db"
  restore_testing_plan_name = aws_backup_restore_testing_plan.accounts_db.name
  iam_role_arn              = aws_iam_role.restore.arn
  protected_resource_type   = "Aurora"
  protected_resource_arns   = [aws_rds_cluster.accounts_db.arn]
  restore_metadata_overrides = {
    dbSubnetGroupName   = aws_db_subnet_group.database.name
    vpcSecurityGroupIds = jsonencode([aws_security_group.store_accounts_db.id])
    kmsKeyId            = aws_kms_key.stores.arn
  }
  validation_window_hours = 1
}

# control: data.backups
# from: stores.basket-db.backup
resource "aws_backup_vault" "basket_db" {
  name        = "bazaar-basket-db"
  kms_key_arn = aws_kms_key.backup.arn
}

# Three days after it is made nobody can take this lock off again
# control: data.backups
# from: stores.basket-db.backup
resource "aws_backup_vault_lock_configuration" "basket_db" {
  backup_vault_name   = aws_backup_vault.basket_db.name
  min_retention_days  = 7
  max_retention_days  = 14
  changeable_for_days = 3
}

# control: data.backups
# from: stores.basket-db.backup
resource "aws_backup_vault_policy" "basket_db" {
  backup_vault_name = aws_backup_vault.basket_db.name
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
# from: stores.basket-db.backup
resource "aws_backup_vault" "basket_db_copy" {
  provider    = aws.backup
  name        = "bazaar-basket-db-copy"
  kms_key_arn = aws_kms_key.backup_copy.arn
}

# Three days after it is made nobody can take this lock off again
# control: data.backups
# from: stores.basket-db.backup
resource "aws_backup_vault_lock_configuration" "basket_db_copy" {
  provider            = aws.backup
  backup_vault_name   = aws_backup_vault.basket_db_copy.name
  min_retention_days  = 7
  max_retention_days  = 14
  changeable_for_days = 3
}

# control: data.backups
# from: stores.basket-db.backup
resource "aws_backup_vault_policy" "basket_db_copy" {
  provider          = aws.backup
  backup_vault_name = aws_backup_vault.basket_db_copy.name
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
# from: stores.basket-db.backup
resource "aws_backup_plan" "basket_db" {
  name = "bazaar-basket-db"

  rule {
    rule_name         = "often"
    target_vault_name = aws_backup_vault.basket_db.name
    schedule          = "cron(0 0/6 * * ? *)"
    start_window      = 60
    completion_window = 240

    lifecycle {
      delete_after = 14
    }
  }

  rule {
    rule_name         = "daily-away"
    target_vault_name = aws_backup_vault.basket_db.name
    schedule          = "cron(0 3 * * ? *)"
    start_window      = 60
    completion_window = 240

    lifecycle {
      delete_after = 14
    }

    copy_action {
      destination_vault_arn = aws_backup_vault.basket_db_copy.arn

      lifecycle {
        delete_after = 14
      }
    }
  }
}

# control: data.backups
# from: stores.basket-db.backup
resource "aws_backup_selection" "basket_db" {
  name         = "bazaar-basket-db"
  plan_id      = aws_backup_plan.basket_db.id
  iam_role_arn = aws_iam_role.backup.arn
  resources    = [aws_rds_cluster.basket_db.arn]
}

# control: data.backups
# from: stores.basket-db.backup, objectives.kpi.rto
resource "aws_backup_restore_testing_plan" "basket_db" {
  name                = "bazaar_basket_db"
  schedule_expression = "cron(0 5 ? * 2 *)"
  start_window_hours  = 1

  recovery_point_selection {
    algorithm             = "LATEST_WITHIN_WINDOW"
    include_vaults        = [aws_backup_vault.basket_db.arn]
    recovery_point_types  = ["SNAPSHOT"]
    selection_window_days = 7
  }
}

# control: data.backups
# from: stores.basket-db.backup, objectives.kpi.rto
resource "aws_backup_restore_testing_selection" "basket_db" {
  name                      = "bazaar_basket_db"
  restore_testing_plan_name = aws_backup_restore_testing_plan.basket_db.name
  iam_role_arn              = aws_iam_role.restore.arn
  protected_resource_type   = "Aurora"
  protected_resource_arns   = [aws_rds_cluster.basket_db.arn]
  restore_metadata_overrides = {
    dbSubnetGroupName   = aws_db_subnet_group.database.name
    vpcSecurityGroupIds = jsonencode([aws_security_group.store_basket_db.id])
    kmsKeyId            = aws_kms_key.stores.arn
  }
  validation_window_hours = 1
}

# control: data.backups
# from: stores.ledger.backup
resource "aws_backup_vault" "ledger" {
  name        = "bazaar-ledger"
  kms_key_arn = aws_kms_key.backup.arn
}

# Three days after it is made nobody can take this lock off again
# control: data.backups
# from: stores.ledger.backup
resource "aws_backup_vault_lock_configuration" "ledger" {
  backup_vault_name   = aws_backup_vault.ledger.name
  min_retention_days  = 90
  max_retention_days  = 400
  changeable_for_days = 3
}

# control: data.backups
# from: stores.ledger.backup
resource "aws_backup_vault_policy" "ledger" {
  backup_vault_name = aws_backup_vault.ledger.name
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
# from: stores.ledger.backup
resource "aws_backup_vault" "ledger_copy" {
  provider    = aws.backup
  name        = "bazaar-ledger-copy"
  kms_key_arn = aws_kms_key.backup_copy.arn
}

# Three days after it is made nobody can take this lock off again
# control: data.backups
# from: stores.ledger.backup
resource "aws_backup_vault_lock_configuration" "ledger_copy" {
  provider            = aws.backup
  backup_vault_name   = aws_backup_vault.ledger_copy.name
  min_retention_days  = 90
  max_retention_days  = 400
  changeable_for_days = 3
}

# control: data.backups
# from: stores.ledger.backup
resource "aws_backup_vault_policy" "ledger_copy" {
  provider          = aws.backup
  backup_vault_name = aws_backup_vault.ledger_copy.name
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
# from: stores.ledger.backup
resource "aws_backup_plan" "ledger" {
  name = "bazaar-ledger"

  rule {
    rule_name         = "often"
    target_vault_name = aws_backup_vault.ledger.name
    schedule          = "cron(0 * * * ? *)"
    start_window      = 60
    completion_window = 240

    lifecycle {
      delete_after = 400
    }
  }

  rule {
    rule_name         = "daily-away"
    target_vault_name = aws_backup_vault.ledger.name
    schedule          = "cron(0 3 * * ? *)"
    start_window      = 60
    completion_window = 240

    lifecycle {
      delete_after = 400
    }

    copy_action {
      destination_vault_arn = aws_backup_vault.ledger_copy.arn

      lifecycle {
        delete_after = 400
      }
    }
  }
}

# control: data.backups
# from: stores.ledger.backup
resource "aws_backup_selection" "ledger" {
  name         = "bazaar-ledger"
  plan_id      = aws_backup_plan.ledger.id
  iam_role_arn = aws_iam_role.backup.arn
  resources    = [aws_rds_cluster.ledger.arn]
}

# control: data.backups
# from: stores.ledger.backup, objectives.kpi.rto
resource "aws_backup_restore_testing_plan" "ledger" {
  name                = "bazaar_ledger"
  schedule_expression = "cron(0 5 ? * 2 *)"
  start_window_hours  = 1

  recovery_point_selection {
    algorithm             = "LATEST_WITHIN_WINDOW"
    include_vaults        = [aws_backup_vault.ledger.arn]
    recovery_point_types  = ["SNAPSHOT"]
    selection_window_days = 7
  }
}

# control: data.backups
# from: stores.ledger.backup, objectives.kpi.rto
resource "aws_backup_restore_testing_selection" "ledger" {
  name                      = "bazaar_ledger"
  restore_testing_plan_name = aws_backup_restore_testing_plan.ledger.name
  iam_role_arn              = aws_iam_role.restore.arn
  protected_resource_type   = "Aurora"
  protected_resource_arns   = [aws_rds_cluster.ledger.arn]
  restore_metadata_overrides = {
    dbSubnetGroupName   = aws_db_subnet_group.vault.name
    vpcSecurityGroupIds = jsonencode([aws_security_group.store_ledger.id])
    kmsKeyId            = aws_kms_key.ledger.arn
  }
  validation_window_hours = 1
}

# control: data.backups
# from: stores.listings-db.backup
resource "aws_backup_vault" "listings_db" {
  name        = "bazaar-listings-db"
  kms_key_arn = aws_kms_key.backup.arn
}

# Three days after it is made nobody can take this lock off again
# control: data.backups
# from: stores.listings-db.backup
resource "aws_backup_vault_lock_configuration" "listings_db" {
  backup_vault_name   = aws_backup_vault.listings_db.name
  min_retention_days  = 7
  max_retention_days  = 14
  changeable_for_days = 3
}

# control: data.backups
# from: stores.listings-db.backup
resource "aws_backup_vault_policy" "listings_db" {
  backup_vault_name = aws_backup_vault.listings_db.name
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
# from: stores.listings-db.backup
resource "aws_backup_vault" "listings_db_copy" {
  provider    = aws.backup
  name        = "bazaar-listings-db-copy"
  kms_key_arn = aws_kms_key.backup_copy.arn
}

# Three days after it is made nobody can take this lock off again
# control: data.backups
# from: stores.listings-db.backup
resource "aws_backup_vault_lock_configuration" "listings_db_copy" {
  provider            = aws.backup
  backup_vault_name   = aws_backup_vault.listings_db_copy.name
  min_retention_days  = 7
  max_retention_days  = 14
  changeable_for_days = 3
}

# control: data.backups
# from: stores.listings-db.backup
resource "aws_backup_vault_policy" "listings_db_copy" {
  provider          = aws.backup
  backup_vault_name = aws_backup_vault.listings_db_copy.name
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
# from: stores.listings-db.backup
resource "aws_backup_plan" "listings_db" {
  name = "bazaar-listings-db"

  rule {
    rule_name         = "often"
    target_vault_name = aws_backup_vault.listings_db.name
    schedule          = "cron(0 0/12 * * ? *)"
    start_window      = 60
    completion_window = 240

    lifecycle {
      delete_after = 14
    }
  }

  rule {
    rule_name         = "daily-away"
    target_vault_name = aws_backup_vault.listings_db.name
    schedule          = "cron(0 3 * * ? *)"
    start_window      = 60
    completion_window = 240

    lifecycle {
      delete_after = 14
    }

    copy_action {
      destination_vault_arn = aws_backup_vault.listings_db_copy.arn

      lifecycle {
        delete_after = 14
      }
    }
  }
}

# control: data.backups
# from: stores.listings-db.backup
resource "aws_backup_selection" "listings_db" {
  name         = "bazaar-listings-db"
  plan_id      = aws_backup_plan.listings_db.id
  iam_role_arn = aws_iam_role.backup.arn
  resources    = [aws_rds_cluster.listings_db.arn]
}

# control: data.backups
# from: stores.listings-db.backup, objectives.kpi.rto
resource "aws_backup_restore_testing_plan" "listings_db" {
  name                = "bazaar_listings_db"
  schedule_expression = "cron(0 5 ? * 2 *)"
  start_window_hours  = 1

  recovery_point_selection {
    algorithm             = "LATEST_WITHIN_WINDOW"
    include_vaults        = [aws_backup_vault.listings_db.arn]
    recovery_point_types  = ["SNAPSHOT"]
    selection_window_days = 7
  }
}

# control: data.backups
# from: stores.listings-db.backup, objectives.kpi.rto
resource "aws_backup_restore_testing_selection" "listings_db" {
  name                      = "bazaar_listings_db"
  restore_testing_plan_name = aws_backup_restore_testing_plan.listings_db.name
  iam_role_arn              = aws_iam_role.restore.arn
  protected_resource_type   = "Aurora"
  protected_resource_arns   = [aws_rds_cluster.listings_db.arn]
  restore_metadata_overrides = {
    dbSubnetGroupName   = aws_db_subnet_group.database.name
    vpcSecurityGroupIds = jsonencode([aws_security_group.store_listings_db.id])
    kmsKeyId            = aws_kms_key.stores.arn
  }
  validation_window_hours = 1
}

# control: data.backups
# from: stores.sellers-db.backup
resource "aws_backup_vault" "sellers_db" {
  name        = "bazaar-sellers-db"
  kms_key_arn = aws_kms_key.backup.arn
}

# Three days after it is made nobody can take this lock off again
# control: data.backups
# from: stores.sellers-db.backup
resource "aws_backup_vault_lock_configuration" "sellers_db" {
  backup_vault_name   = aws_backup_vault.sellers_db.name
  min_retention_days  = 30
  max_retention_days  = 90
  changeable_for_days = 3
}

# control: data.backups
# from: stores.sellers-db.backup
resource "aws_backup_vault_policy" "sellers_db" {
  backup_vault_name = aws_backup_vault.sellers_db.name
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
# from: stores.sellers-db.backup
resource "aws_backup_vault" "sellers_db_copy" {
  provider    = aws.backup
  name        = "bazaar-sellers-db-copy"
  kms_key_arn = aws_kms_key.backup_copy.arn
}

# Three days after it is made nobody can take this lock off again
# control: data.backups
# from: stores.sellers-db.backup
resource "aws_backup_vault_lock_configuration" "sellers_db_copy" {
  provider            = aws.backup
  backup_vault_name   = aws_backup_vault.sellers_db_copy.name
  min_retention_days  = 30
  max_retention_days  = 90
  changeable_for_days = 3
}

# control: data.backups
# from: stores.sellers-db.backup
resource "aws_backup_vault_policy" "sellers_db_copy" {
  provider          = aws.backup
  backup_vault_name = aws_backup_vault.sellers_db_copy.name
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
# from: stores.sellers-db.backup
resource "aws_backup_plan" "sellers_db" {
  name = "bazaar-sellers-db"

  rule {
    rule_name         = "away"
    target_vault_name = aws_backup_vault.sellers_db.name
    schedule          = "cron(0 3 * * ? *)"
    start_window      = 60
    completion_window = 240

    lifecycle {
      delete_after = 90
    }

    copy_action {
      destination_vault_arn = aws_backup_vault.sellers_db_copy.arn

      lifecycle {
        delete_after = 90
      }
    }
  }
}

# control: data.backups
# from: stores.sellers-db.backup
resource "aws_backup_selection" "sellers_db" {
  name         = "bazaar-sellers-db"
  plan_id      = aws_backup_plan.sellers_db.id
  iam_role_arn = aws_iam_role.backup.arn
  resources    = [aws_rds_cluster.sellers_db.arn]
}

# control: data.backups
# from: stores.sellers-db.backup, objectives.kpi.rto
resource "aws_backup_restore_testing_plan" "sellers_db" {
  name                = "bazaar_sellers_db"
  schedule_expression = "cron(0 5 ? * 2 *)"
  start_window_hours  = 1

  recovery_point_selection {
    algorithm             = "LATEST_WITHIN_WINDOW"
    include_vaults        = [aws_backup_vault.sellers_db.arn]
    recovery_point_types  = ["SNAPSHOT"]
    selection_window_days = 7
  }
}

# control: data.backups
# from: stores.sellers-db.backup, objectives.kpi.rto
resource "aws_backup_restore_testing_selection" "sellers_db" {
  name                      = "bazaar_sellers_db"
  restore_testing_plan_name = aws_backup_restore_testing_plan.sellers_db.name
  iam_role_arn              = aws_iam_role.restore.arn
  protected_resource_type   = "Aurora"
  protected_resource_arns   = [aws_rds_cluster.sellers_db.arn]
  restore_metadata_overrides = {
    dbSubnetGroupName   = aws_db_subnet_group.database.name
    vpcSecurityGroupIds = jsonencode([aws_security_group.store_sellers_db.id])
    kmsKeyId            = aws_kms_key.stores.arn
  }
  validation_window_hours = 1
}

# control: data.backups
# from: stores.tax-forms.backup
resource "aws_backup_vault" "tax_forms" {
  name        = "bazaar-tax-forms"
  kms_key_arn = aws_kms_key.backup.arn
}

# Three days after it is made nobody can take this lock off again
# control: data.backups
# from: stores.tax-forms.backup
resource "aws_backup_vault_lock_configuration" "tax_forms" {
  backup_vault_name   = aws_backup_vault.tax_forms.name
  min_retention_days  = 30
  max_retention_days  = 90
  changeable_for_days = 3
}

# control: data.backups
# from: stores.tax-forms.backup
resource "aws_backup_vault_policy" "tax_forms" {
  backup_vault_name = aws_backup_vault.tax_forms.name
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
# from: stores.tax-forms.backup
resource "aws_backup_vault" "tax_forms_copy" {
  provider    = aws.backup
  name        = "bazaar-tax-forms-copy"
  kms_key_arn = aws_kms_key.backup_copy.arn
}

# Three days after it is made nobody can take this lock off again
# control: data.backups
# from: stores.tax-forms.backup
resource "aws_backup_vault_lock_configuration" "tax_forms_copy" {
  provider            = aws.backup
  backup_vault_name   = aws_backup_vault.tax_forms_copy.name
  min_retention_days  = 30
  max_retention_days  = 90
  changeable_for_days = 3
}

# control: data.backups
# from: stores.tax-forms.backup
resource "aws_backup_vault_policy" "tax_forms_copy" {
  provider          = aws.backup
  backup_vault_name = aws_backup_vault.tax_forms_copy.name
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
# from: stores.tax-forms.backup
resource "aws_backup_plan" "tax_forms" {
  name = "bazaar-tax-forms"

  rule {
    rule_name         = "away"
    target_vault_name = aws_backup_vault.tax_forms.name
    schedule          = "cron(0 3 * * ? *)"
    start_window      = 60
    completion_window = 240

    lifecycle {
      delete_after = 90
    }

    copy_action {
      destination_vault_arn = aws_backup_vault.tax_forms_copy.arn

      lifecycle {
        delete_after = 90
      }
    }
  }
}

# control: data.backups
# from: stores.tax-forms.backup
resource "aws_backup_selection" "tax_forms" {
  name         = "bazaar-tax-forms"
  plan_id      = aws_backup_plan.tax_forms.id
  iam_role_arn = aws_iam_role.backup.arn
  resources    = [aws_s3_bucket.tax_forms.arn]
}

# control: data.backups
# from: stores.tax-forms.backup, objectives.kpi.rto
resource "aws_backup_restore_testing_plan" "tax_forms" {
  name                = "bazaar_tax_forms"
  schedule_expression = "cron(0 5 ? * 2 *)"
  start_window_hours  = 1

  recovery_point_selection {
    algorithm             = "LATEST_WITHIN_WINDOW"
    include_vaults        = [aws_backup_vault.tax_forms.arn]
    recovery_point_types  = ["SNAPSHOT"]
    selection_window_days = 7
  }
}

# control: data.backups
# from: stores.tax-forms.backup, objectives.kpi.rto
resource "aws_backup_restore_testing_selection" "tax_forms" {
  name                      = "bazaar_tax_forms"
  restore_testing_plan_name = aws_backup_restore_testing_plan.tax_forms.name
  iam_role_arn              = aws_iam_role.restore.arn
  protected_resource_type   = "S3"
  protected_resource_arns   = [aws_s3_bucket.tax_forms.arn]
  restore_metadata_overrides = {
    encryptionType = "SSE-KMS"
    kmsKey         = aws_kms_key.tax_forms.arn
  }
  validation_window_hours = 1
}

# control: data.backups
# from: data
resource "aws_backup_vault" "erasures" {
  name        = "bazaar-erasures"
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
  name        = "bazaar-erasures-copy"
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
  name = "bazaar-erasures"

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
  name         = "bazaar-erasures"
  plan_id      = aws_backup_plan.erasures.id
  iam_role_arn = aws_iam_role.backup.arn
  resources    = [aws_dynamodb_table.erasures.arn]
}

# control: data.backups
# from: data, objectives.kpi.rto
resource "aws_backup_restore_testing_plan" "erasures" {
  name                = "bazaar_erasures"
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
  name                      = "bazaar_erasures"
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
