# shopnow: data-keys. Rendered by fathom from the platform's declaration; change it there.

# Who keeps the keys, which is not who uses them. Whom these policies let write or delete a key
# needs IAM's permission too, and the organisation's: the guardrails take deletion from everybody,
# whoever applies included, until they are lifted
# control: data.key-policy
# from: account
locals {
  key_administration = [
    {
      Sid    = "Administration"
      Effect = "Allow"
      Principal = {
        AWS = "arn:aws:iam::111111111111:root"
      }
      Action = [
        "kms:DescribeKey",
        "kms:GetKeyPolicy",
        "kms:GetKeyRotationStatus",
        "kms:ListGrants",
        "kms:ListKeyPolicies",
        "kms:ListKeyRotations",
        "kms:ListResourceTags",
        "kms:CreateAlias",
        "kms:UpdateAlias",
        "kms:DeleteAlias",
        "kms:TagResource",
        "kms:UntagResource",
        "kms:UpdateKeyDescription",
        "kms:EnableKeyRotation",
        "kms:RotateKeyOnDemand",
        "kms:PutKeyPolicy",
        "kms:RevokeGrant",
        "kms:EnableKey",
        "kms:DisableKey",
        "kms:ScheduleKeyDeletion",
        "kms:CancelKeyDeletion",
      ]
      Resource = "*"
    },
    {
      Sid       = "PolicyByAdministrators"
      Effect    = "Deny"
      Principal = "*"
      Action    = "kms:PutKeyPolicy"
      Resource  = "*"
      Condition = {
        ArnNotLike = {
          "aws:PrincipalArn" = concat(var.administrators, ["arn:aws:iam::111111111111:root"])
        }
      }
    },
    {
      Sid       = "DeletionByHand"
      Effect    = "Deny"
      Principal = "*"
      Action    = ["kms:ScheduleKeyDeletion", "kms:DisableKey", "kms:DisableKeyRotation"]
      Resource  = "*"
      Condition = {
        ArnNotLike = {
          "aws:PrincipalArn" = concat(var.administrators, ["arn:aws:iam::111111111111:root"])
        }
      }
    },
  ]
}

# control: data.at-rest, data.key-policy
# from: logs
resource "aws_kms_key" "logs" {
  description             = "shopnow: logs, trails and alerts"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(local.key_administration, [
      {
        Sid    = "LogGroups"
        Effect = "Allow"
        Principal = {
          Service = "logs.eu-west-1.amazonaws.com"
        }
        Action = [
          "kms:Decrypt",
          "kms:GenerateDataKey",
          "kms:GenerateDataKeyWithoutPlaintext",
          "kms:ReEncryptFrom",
          "kms:ReEncryptTo",
          "kms:Encrypt",
          "kms:DescribeKey",
        ]
        Resource = "*"
        Condition = {
          ArnLike = {
            "kms:EncryptionContext:aws:logs:arn" = "arn:aws:logs:eu-west-1:111111111111:*"
          }
        }
      },
      {
        Sid    = "Topics"
        Effect = "Allow"
        Principal = {
          Service = [
            "cloudwatch.amazonaws.com",
            "events.amazonaws.com",
            "backup.amazonaws.com",
            "budgets.amazonaws.com",
          ]
        }
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = "*"
        Condition = {
          ArnLike = {
            "kms:EncryptionContext:aws:sns:topicArn" = "arn:aws:sns:eu-west-1:111111111111:*"
          }
        }
      },
      {
        Sid    = "LogDelivery"
        Effect = "Allow"
        Principal = {
          Service = [
            "delivery.logs.amazonaws.com",
            "config.amazonaws.com",
            "guardduty.amazonaws.com",
            "macie.amazonaws.com",
          ]
        }
        Action = [
          "kms:Decrypt",
          "kms:Encrypt",
          "kms:GenerateDataKey",
          "kms:GenerateDataKeyWithoutPlaintext",
          "kms:DescribeKey",
        ]
        Resource = "*"
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = "111111111111"
          }
        }
      },
      {
        Sid    = "Trail"
        Effect = "Allow"
        Principal = {
          Service = "cloudtrail.amazonaws.com"
        }
        Action = [
          "kms:GenerateDataKey",
          "kms:GenerateDataKeyWithoutPlaintext",
          "kms:Decrypt",
          "kms:DescribeKey",
        ]
        Resource = "*"
        Condition = {
          StringLike = {
            "kms:EncryptionContext:aws:cloudtrail:arn" = "arn:aws:cloudtrail:*:111111111111:trail/*"
          }
        }
      },
      {
        Sid    = "Sessions"
        Effect = "Allow"
        Principal = {
          AWS = "arn:aws:iam::111111111111:root"
        }
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = "*"
        Condition = {
          StringLike = {
            "kms:EncryptionContext:aws:ssm:SessionId" = "*"
          }
        }
      },
      {
        Sid    = "ThroughServices"
        Effect = "Allow"
        Principal = {
          AWS = "arn:aws:iam::111111111111:root"
        }
        Action = [
          "kms:Decrypt",
          "kms:GenerateDataKey",
          "kms:GenerateDataKeyWithoutPlaintext",
          "kms:ReEncryptFrom",
          "kms:ReEncryptTo",
          "kms:Encrypt",
          "kms:DescribeKey",
        ]
        Resource = "*"
        Condition = {
          StringEquals = {
            "kms:ViaService" = [
              "s3.eu-west-1.amazonaws.com",
              "sns.eu-west-1.amazonaws.com",
              "sqs.eu-west-1.amazonaws.com",
              "lambda.eu-west-1.amazonaws.com",
              "firehose.eu-west-1.amazonaws.com",
              "logs.eu-west-1.amazonaws.com",
            ]
          }
        }
      },
    ])
  })
}

# from: logs
resource "aws_kms_alias" "logs" {
  name          = "alias/shopnow-logs"
  target_key_id = aws_kms_key.logs.key_id
}

# CloudFront's web ACLs, and the alarms of CloudFront and Route 53, live in us-east-1, and a key
# serves one region
# control: data.at-rest, data.key-policy
# from: logs
resource "aws_kms_key" "logs_global" {
  provider                = aws.global
  description             = "shopnow: logs and alerts of what lives in us-east-1"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(local.key_administration, [
      {
        Sid    = "LogGroups"
        Effect = "Allow"
        Principal = {
          Service = "logs.us-east-1.amazonaws.com"
        }
        Action = [
          "kms:Decrypt",
          "kms:GenerateDataKey",
          "kms:GenerateDataKeyWithoutPlaintext",
          "kms:ReEncryptFrom",
          "kms:ReEncryptTo",
          "kms:Encrypt",
          "kms:DescribeKey",
        ]
        Resource = "*"
        Condition = {
          ArnLike = {
            "kms:EncryptionContext:aws:logs:arn" = "arn:aws:logs:us-east-1:111111111111:*"
          }
        }
      },
      {
        Sid    = "Topics"
        Effect = "Allow"
        Principal = {
          Service = [
            "cloudwatch.amazonaws.com",
            "events.amazonaws.com",
            "backup.amazonaws.com",
            "budgets.amazonaws.com",
          ]
        }
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = "*"
        Condition = {
          ArnLike = {
            "kms:EncryptionContext:aws:sns:topicArn" = "arn:aws:sns:us-east-1:111111111111:*"
          }
        }
      },
      {
        Sid    = "ThroughServices"
        Effect = "Allow"
        Principal = {
          AWS = "arn:aws:iam::111111111111:root"
        }
        Action = [
          "kms:Decrypt",
          "kms:GenerateDataKey",
          "kms:GenerateDataKeyWithoutPlaintext",
          "kms:ReEncryptFrom",
          "kms:ReEncryptTo",
          "kms:Encrypt",
          "kms:DescribeKey",
        ]
        Resource = "*"
        Condition = {
          StringEquals = {
            "kms:ViaService" = [
              "s3.us-east-1.amazonaws.com",
              "sns.us-east-1.amazonaws.com",
              "sqs.us-east-1.amazonaws.com",
              "lambda.us-east-1.amazonaws.com",
              "firehose.us-east-1.amazonaws.com",
              "logs.us-east-1.amazonaws.com",
            ]
          }
        }
      },
    ])
  })
}

# from: logs
resource "aws_kms_alias" "logs_global" {
  provider      = aws.global
  name          = "alias/shopnow-logs-global"
  target_key_id = aws_kms_key.logs_global.key_id
}

# control: data.at-rest, data.key-policy
# from: stores
resource "aws_kms_key" "stores" {
  description             = "shopnow: stores without a key of their own"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(local.key_administration, [
      {
        Sid    = "ThroughServices"
        Effect = "Allow"
        Principal = {
          AWS = "arn:aws:iam::111111111111:root"
        }
        Action = [
          "kms:Decrypt",
          "kms:GenerateDataKey",
          "kms:GenerateDataKeyWithoutPlaintext",
          "kms:ReEncryptFrom",
          "kms:ReEncryptTo",
          "kms:Encrypt",
          "kms:DescribeKey",
        ]
        Resource = "*"
        Condition = {
          StringEquals = {
            "kms:ViaService" = [
              "s3.eu-west-1.amazonaws.com",
              "rds.eu-west-1.amazonaws.com",
              "elasticache.eu-west-1.amazonaws.com",
              "kafka.eu-west-1.amazonaws.com",
              "dynamodb.eu-west-1.amazonaws.com",
              "backup.eu-west-1.amazonaws.com",
              "ecr.eu-west-1.amazonaws.com",
              "sqs.eu-west-1.amazonaws.com",
            ]
          }
        }
      },
      {
        Sid    = "GrantsForServices"
        Effect = "Allow"
        Principal = {
          AWS = "arn:aws:iam::111111111111:root"
        }
        Action   = "kms:CreateGrant"
        Resource = "*"
        Condition = {
          Bool = {
            "kms:GrantIsForAWSResource" = "true"
          }
          StringEquals = {
            "kms:ViaService" = [
              "rds.eu-west-1.amazonaws.com",
              "elasticache.eu-west-1.amazonaws.com",
              "kafka.eu-west-1.amazonaws.com",
              "dynamodb.eu-west-1.amazonaws.com",
              "backup.eu-west-1.amazonaws.com",
              "ecr.eu-west-1.amazonaws.com",
              "sqs.eu-west-1.amazonaws.com",
            ]
          }
        }
      },
      {
        Sid    = "Discovery"
        Effect = "Allow"
        Principal = {
          AWS = "*"
        }
        Action   = "kms:Decrypt"
        Resource = "*"
        Condition = {
          StringEquals = {
            "kms:CallerAccount" = "111111111111"
            "kms:ViaService"    = "s3.eu-west-1.amazonaws.com"
          }
          ArnEquals = {
            "aws:PrincipalArn" = "arn:aws:iam::111111111111:role/aws-service-role/macie.amazonaws.com/AWSServiceRoleForAmazonMacie"
          }
        }
      },
      {
        Sid    = "InvoicesByOrders"
        Effect = "Allow"
        Principal = {
          AWS = aws_iam_role.svc_orders.arn
        }
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = "*"
        Condition = {
          StringEquals = {
            "kms:ViaService" = "s3.eu-west-1.amazonaws.com"
          }
          StringLike = {
            "kms:EncryptionContext:aws:s3:arn" = [
              "arn:aws:s3:::shopnow-invoices-111111111111",
              "arn:aws:s3:::shopnow-invoices-111111111111/*",
            ]
          }
        }
      },
    ])
  })
}

# from: stores
resource "aws_kms_alias" "stores" {
  name          = "alias/shopnow-stores"
  target_key_id = aws_kms_key.stores.key_id
}

# control: data.at-rest, data.key-policy
# from: platform
resource "aws_kms_key" "secrets" {
  description             = "shopnow: secrets in Secrets Manager"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(local.key_administration, [
      {
        Sid    = "ThroughServices"
        Effect = "Allow"
        Principal = {
          AWS = "arn:aws:iam::111111111111:root"
        }
        Action = [
          "kms:Decrypt",
          "kms:GenerateDataKey",
          "kms:GenerateDataKeyWithoutPlaintext",
          "kms:ReEncryptFrom",
          "kms:ReEncryptTo",
          "kms:Encrypt",
          "kms:DescribeKey",
        ]
        Resource = "*"
        Condition = {
          StringEquals = {
            "kms:ViaService" = [
              "secretsmanager.eu-west-1.amazonaws.com",
              "ssm.eu-west-1.amazonaws.com",
              "lambda.eu-west-1.amazonaws.com",
              "rds.eu-west-1.amazonaws.com",
            ]
          }
        }
      },
      {
        Sid    = "GrantsForServices"
        Effect = "Allow"
        Principal = {
          AWS = "arn:aws:iam::111111111111:root"
        }
        Action   = "kms:CreateGrant"
        Resource = "*"
        Condition = {
          Bool = {
            "kms:GrantIsForAWSResource" = "true"
          }
          StringEquals = {
            "kms:ViaService" = [
              "secretsmanager.eu-west-1.amazonaws.com",
              "lambda.eu-west-1.amazonaws.com",
              "rds.eu-west-1.amazonaws.com",
            ]
          }
        }
      },
    ])
  })
}

# from: platform
resource "aws_kms_alias" "secrets" {
  name          = "alias/shopnow-secrets"
  target_key_id = aws_kms_key.secrets.key_id
}

# control: data.at-rest, data.key-policy
# from: cluster
resource "aws_kms_key" "volumes" {
  description             = "shopnow: disks of nodes and pods"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(local.key_administration, [
      {
        Sid    = "ThroughServices"
        Effect = "Allow"
        Principal = {
          AWS = "arn:aws:iam::111111111111:root"
        }
        Action = [
          "kms:Decrypt",
          "kms:GenerateDataKey",
          "kms:GenerateDataKeyWithoutPlaintext",
          "kms:ReEncryptFrom",
          "kms:ReEncryptTo",
          "kms:Encrypt",
          "kms:DescribeKey",
        ]
        Resource = "*"
        Condition = {
          StringEquals = {
            "kms:ViaService" = ["ec2.eu-west-1.amazonaws.com"]
          }
        }
      },
      {
        Sid    = "GrantsForServices"
        Effect = "Allow"
        Principal = {
          AWS = "arn:aws:iam::111111111111:root"
        }
        Action   = "kms:CreateGrant"
        Resource = "*"
        Condition = {
          Bool = {
            "kms:GrantIsForAWSResource" = "true"
          }
          StringEquals = {
            "kms:ViaService" = ["ec2.eu-west-1.amazonaws.com"]
          }
        }
      },
      {
        Sid    = "NodeDisks"
        Effect = "Allow"
        Principal = {
          AWS = "*"
        }
        Action = [
          "kms:Decrypt",
          "kms:GenerateDataKey",
          "kms:GenerateDataKeyWithoutPlaintext",
          "kms:ReEncryptFrom",
          "kms:ReEncryptTo",
          "kms:Encrypt",
          "kms:DescribeKey",
        ]
        Resource = "*"
        Condition = {
          StringEquals = {
            "kms:CallerAccount" = "111111111111"
            "kms:ViaService"    = "ec2.eu-west-1.amazonaws.com"
          }
          ArnEquals = {
            "aws:PrincipalArn" = "arn:aws:iam::111111111111:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
          }
        }
      },
      {
        Sid    = "NodeDiskGrants"
        Effect = "Allow"
        Principal = {
          AWS = "*"
        }
        Action   = "kms:CreateGrant"
        Resource = "*"
        Condition = {
          StringEquals = {
            "kms:CallerAccount" = "111111111111"
            "kms:ViaService"    = "ec2.eu-west-1.amazonaws.com"
          }
          ArnEquals = {
            "aws:PrincipalArn" = "arn:aws:iam::111111111111:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
          }
          Bool = {
            "kms:GrantIsForAWSResource" = "true"
          }
        }
      },
    ])
  })
}

# from: cluster
resource "aws_kms_alias" "volumes" {
  name          = "alias/shopnow-volumes"
  target_key_id = aws_kms_key.volumes.key_id
}

# control: data.at-rest, data.key-policy
# from: cluster
resource "aws_kms_key" "cluster" {
  description             = "shopnow: secrets of the cluster"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(local.key_administration, [
      {
        Sid    = "ClusterGrant"
        Effect = "Allow"
        Principal = {
          AWS = "arn:aws:iam::111111111111:root"
        }
        Action   = "kms:CreateGrant"
        Resource = "*"
        Condition = {
          "ForAllValues:StringEquals" = {
            "kms:GrantOperations" = [
              "Encrypt",
              "Decrypt",
              "DescribeKey",
              "GenerateDataKey",
              "ReEncryptFrom",
              "ReEncryptTo",
              "RetireGrant",
            ]
          }
          ArnLike = {
            "aws:PrincipalArn" = var.administrators
          }
        }
      },
    ])
  })
}

# from: cluster
resource "aws_kms_alias" "cluster" {
  name          = "alias/shopnow-cluster"
  target_key_id = aws_kms_key.cluster.key_id
}

# control: data.at-rest, data.key-policy, data.backups
# from: stores
resource "aws_kms_key" "backup" {
  description             = "shopnow: backups"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(local.key_administration, [
      {
        Sid    = "ThroughServices"
        Effect = "Allow"
        Principal = {
          AWS = "arn:aws:iam::111111111111:root"
        }
        Action = [
          "kms:Decrypt",
          "kms:GenerateDataKey",
          "kms:GenerateDataKeyWithoutPlaintext",
          "kms:ReEncryptFrom",
          "kms:ReEncryptTo",
          "kms:Encrypt",
          "kms:DescribeKey",
        ]
        Resource = "*"
        Condition = {
          StringEquals = {
            "kms:ViaService" = [
              "backup.eu-west-1.amazonaws.com",
              "rds.eu-west-1.amazonaws.com",
              "s3.eu-west-1.amazonaws.com",
              "dynamodb.eu-west-1.amazonaws.com",
            ]
          }
        }
      },
      {
        Sid    = "GrantsForServices"
        Effect = "Allow"
        Principal = {
          AWS = "arn:aws:iam::111111111111:root"
        }
        Action   = "kms:CreateGrant"
        Resource = "*"
        Condition = {
          Bool = {
            "kms:GrantIsForAWSResource" = "true"
          }
          StringEquals = {
            "kms:ViaService" = [
              "backup.eu-west-1.amazonaws.com",
              "rds.eu-west-1.amazonaws.com",
              "dynamodb.eu-west-1.amazonaws.com",
            ]
          }
        }
      },
    ])
  })
}

# from: stores
resource "aws_kms_alias" "backup" {
  name          = "alias/shopnow-backup"
  target_key_id = aws_kms_key.backup.key_id
}

# A copy under the key that the original is under would be lost with it
# control: data.at-rest, data.key-policy, data.backups
# from: backupRegion
resource "aws_kms_key" "backup_copy" {
  provider                = aws.backup
  description             = "shopnow: copies of the backups"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(local.key_administration, [
      {
        Sid    = "LogGroups"
        Effect = "Allow"
        Principal = {
          Service = "logs.eu-central-1.amazonaws.com"
        }
        Action = [
          "kms:Decrypt",
          "kms:GenerateDataKey",
          "kms:GenerateDataKeyWithoutPlaintext",
          "kms:ReEncryptFrom",
          "kms:ReEncryptTo",
          "kms:Encrypt",
          "kms:DescribeKey",
        ]
        Resource = "*"
        Condition = {
          ArnLike = {
            "kms:EncryptionContext:aws:logs:arn" = "arn:aws:logs:eu-central-1:111111111111:*"
          }
        }
      },
      {
        Sid    = "ThroughServices"
        Effect = "Allow"
        Principal = {
          AWS = "arn:aws:iam::111111111111:root"
        }
        Action = [
          "kms:Decrypt",
          "kms:GenerateDataKey",
          "kms:GenerateDataKeyWithoutPlaintext",
          "kms:ReEncryptFrom",
          "kms:ReEncryptTo",
          "kms:Encrypt",
          "kms:DescribeKey",
        ]
        Resource = "*"
        Condition = {
          StringEquals = {
            "kms:ViaService" = [
              "backup.eu-central-1.amazonaws.com",
              "rds.eu-central-1.amazonaws.com",
              "s3.eu-central-1.amazonaws.com",
              "dynamodb.eu-central-1.amazonaws.com",
            ]
          }
        }
      },
      {
        Sid    = "GrantsForServices"
        Effect = "Allow"
        Principal = {
          AWS = "arn:aws:iam::111111111111:root"
        }
        Action   = "kms:CreateGrant"
        Resource = "*"
        Condition = {
          Bool = {
            "kms:GrantIsForAWSResource" = "true"
          }
          StringEquals = {
            "kms:ViaService" = [
              "backup.eu-central-1.amazonaws.com",
              "rds.eu-central-1.amazonaws.com",
              "dynamodb.eu-central-1.amazonaws.com",
            ]
          }
        }
      },
    ])
  })
}

# from: backupRegion
resource "aws_kms_alias" "backup_copy" {
  provider      = aws.backup
  name          = "alias/shopnow-backup-copy"
  target_key_id = aws_kms_key.backup_copy.key_id
}

# control: data.at-rest, data.key-policy, data.envelope, data.field-encryption
# from: stores.card-vault.key
resource "aws_kms_key" "card_vault" {
  description             = "shopnow: card-vault alone"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(local.key_administration, [
      {
        Sid    = "ThroughServices"
        Effect = "Allow"
        Principal = {
          AWS = "arn:aws:iam::111111111111:root"
        }
        Action = [
          "kms:Decrypt",
          "kms:GenerateDataKey",
          "kms:GenerateDataKeyWithoutPlaintext",
          "kms:ReEncryptFrom",
          "kms:ReEncryptTo",
          "kms:Encrypt",
          "kms:DescribeKey",
        ]
        Resource = "*"
        Condition = {
          StringEquals = {
            "kms:ViaService" = ["rds.eu-west-1.amazonaws.com", "backup.eu-west-1.amazonaws.com"]
          }
        }
      },
      {
        Sid    = "GrantsForServices"
        Effect = "Allow"
        Principal = {
          AWS = "arn:aws:iam::111111111111:root"
        }
        Action   = "kms:CreateGrant"
        Resource = "*"
        Condition = {
          Bool = {
            "kms:GrantIsForAWSResource" = "true"
          }
          StringEquals = {
            "kms:ViaService" = ["rds.eu-west-1.amazonaws.com", "backup.eu-west-1.amazonaws.com"]
          }
        }
      },
      {
        Sid    = "CardVaultFieldsByPayments"
        Effect = "Allow"
        Principal = {
          AWS = aws_iam_role.svc_payments.arn
        }
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = "*"
        Condition = {
          StringEquals = {
            "kms:EncryptionContext:service" = "payments"
          }
        }
      },
    ])
  })
  tags = {
    Name                 = "shopnow-card-vault"
    service              = "card-vault"
    "data-class"         = "cardholder"
    owner                = "payments"
    "fathom:data"        = "pan"
    "fathom:crown-jewel" = "true"
    "fathom:depth"       = "internet=4"
    "fathom:vault"       = "payments"
  }
}

# from: stores.card-vault.key
resource "aws_kms_alias" "card_vault" {
  name          = "alias/shopnow-card-vault"
  target_key_id = aws_kms_key.card_vault.key_id
}

# Every disk, also one that somebody makes by hand
# control: data.at-rest
resource "aws_ebs_encryption_by_default" "main" {
  enabled = true
}

# control: data.at-rest
resource "aws_ebs_default_kms_key" "main" {
  key_arn = aws_kms_key.volumes.arn
}
