# shopnow: response. Rendered by fathom from the platform's declaration; change it there.

# control: response.kpis
# from: objectives
resource "aws_ssm_parameter" "objectives" {
  name        = "/shopnow/objectives"
  description = "What the team wants to be true: times in seconds, depths in controls"
  type        = "String"
  value = jsonencode({
    detect    = 900
    remediate = 14400
    rto       = 1800
    depth = [
      {
        from = "internet"
        to   = "card-vault"
        min  = 4
      },
      {
        from = "pod/search"
        to   = "email"
        min  = 3
      },
    ]
  })
  tags = {
    "fathom:kpi" = "detect=15m remediate=4h rto=30m"
  }
}

# control: response.trail, response.retention
# from: logs.keep
resource "aws_s3_bucket" "logs" {
  bucket              = "shopnow-logs-111111111111"
  object_lock_enabled = true
  tags = {
    Name         = "shopnow-logs-111111111111"
    "data-class" = "internal"
  }
}

# control: response.trail, response.retention
# from: logs.keep
resource "aws_s3_bucket_public_access_block" "logs" {
  bucket                  = aws_s3_bucket.logs.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# control: response.trail, response.retention
# from: logs.keep
resource "aws_s3_bucket_ownership_controls" "logs" {
  bucket = aws_s3_bucket.logs.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

# control: response.trail, response.retention
# from: logs.keep
resource "aws_s3_bucket_server_side_encryption_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.logs.arn
    }
  }
}

# control: response.trail, response.retention
# from: logs.keep
resource "aws_s3_bucket_versioning" "logs" {
  bucket = aws_s3_bucket.logs.id

  versioning_configuration {
    status = "Enabled"
  }
}

# control: response.trail, response.retention
# from: logs.keep
resource "aws_s3_bucket_object_lock_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id

  rule {
    default_retention {
      mode = "COMPLIANCE"
      days = 400
    }
  }
}

# control: response.trail, response.retention
# from: logs.keep
resource "aws_s3_bucket_lifecycle_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id

  rule {
    id     = "expire"
    status = "Enabled"

    filter {}

    expiration {
      days = 400
    }

    noncurrent_version_expiration {
      noncurrent_days = 30
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}

# control: response.trail, response.retention
# from: logs.keep
resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OnlyTLS"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [aws_s3_bucket.logs.arn, "${aws_s3_bucket.logs.arn}/*"]
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
      },
      {
        Sid    = "TrailAsks"
        Effect = "Allow"
        Principal = {
          Service = "cloudtrail.amazonaws.com"
        }
        Action   = "s3:GetBucketAcl"
        Resource = aws_s3_bucket.logs.arn
        Condition = {
          StringEquals = {
            "aws:SourceArn" = "arn:aws:cloudtrail:eu-west-1:111111111111:trail/shopnow-trail"
          }
        }
      },
      {
        Sid    = "TrailWrites"
        Effect = "Allow"
        Principal = {
          Service = "cloudtrail.amazonaws.com"
        }
        Action   = "s3:PutObject"
        Resource = "${aws_s3_bucket.logs.arn}/trail/AWSLogs/111111111111/*"
        Condition = {
          StringEquals = {
            "aws:SourceArn" = "arn:aws:cloudtrail:eu-west-1:111111111111:trail/shopnow-trail"
          }
        }
      },
      {
        Sid    = "DeliveryAsks"
        Effect = "Allow"
        Principal = {
          Service = "delivery.logs.amazonaws.com"
        }
        Action   = ["s3:GetBucketAcl", "s3:ListBucket"]
        Resource = aws_s3_bucket.logs.arn
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = "111111111111"
          }
          ArnLike = {
            "aws:SourceArn" = "arn:aws:logs:*:111111111111:*"
          }
        }
      },
      {
        Sid    = "DeliveryWrites"
        Effect = "Allow"
        Principal = {
          Service = "delivery.logs.amazonaws.com"
        }
        Action   = "s3:PutObject"
        Resource = "${aws_s3_bucket.logs.arn}/flow/*"
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = "111111111111"
          }
          ArnLike = {
            "aws:SourceArn" = "arn:aws:logs:*:111111111111:*"
          }
        }
      },
      {
        Sid    = "CloudFrontWrites"
        Effect = "Allow"
        Principal = {
          Service = "delivery.logs.amazonaws.com"
        }
        Action   = "s3:PutObject"
        Resource = "${aws_s3_bucket.logs.arn}/cloudfront/*"
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = "111111111111"
          }
          ArnLike = {
            "aws:SourceArn" = "arn:aws:logs:us-east-1:111111111111:delivery-source:*"
          }
        }
      },
      {
        Sid       = "OnlyWhoApplies"
        Effect    = "Deny"
        Principal = "*"
        Action = [
          "s3:DeleteBucket",
          "s3:DeleteBucketPolicy",
          "s3:PutBucketAcl",
          "s3:PutBucketObjectLockConfiguration",
          "s3:PutBucketPolicy",
          "s3:PutBucketPublicAccessBlock",
          "s3:PutBucketVersioning",
          "s3:PutEncryptionConfiguration",
          "s3:PutLifecycleConfiguration",
        ]
        Resource = aws_s3_bucket.logs.arn
        Condition = {
          ArnNotLike = {
            "aws:PrincipalArn" = var.administrators
          }
        }
      },
    ]
  })
}

# control: response.retention
# from: logs.keep
resource "aws_s3_bucket" "waf_logs" {
  bucket              = "aws-waf-logs-shopnow-edge-111111111111"
  object_lock_enabled = true
  tags = {
    "data-class" = "internal"
  }
}

# control: response.retention
# from: logs.keep
resource "aws_s3_bucket_public_access_block" "waf_logs" {
  bucket                  = aws_s3_bucket.waf_logs.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# control: response.retention
# from: logs.keep
resource "aws_s3_bucket_ownership_controls" "waf_logs" {
  bucket = aws_s3_bucket.waf_logs.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

# control: response.retention
# from: logs.keep
resource "aws_s3_bucket_server_side_encryption_configuration" "waf_logs" {
  bucket = aws_s3_bucket.waf_logs.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.logs.arn
    }
  }
}

# control: response.retention
# from: logs.keep
resource "aws_s3_bucket_versioning" "waf_logs" {
  bucket = aws_s3_bucket.waf_logs.id

  versioning_configuration {
    status = "Enabled"
  }
}

# control: response.retention
# from: logs.keep
resource "aws_s3_bucket_object_lock_configuration" "waf_logs" {
  bucket = aws_s3_bucket.waf_logs.id

  rule {
    default_retention {
      mode = "COMPLIANCE"
      days = 400
    }
  }
}

# control: response.retention
# from: logs.keep
resource "aws_s3_bucket_lifecycle_configuration" "waf_logs" {
  bucket = aws_s3_bucket.waf_logs.id

  rule {
    id     = "expire"
    status = "Enabled"

    filter {}

    expiration {
      days = 400
    }

    noncurrent_version_expiration {
      noncurrent_days = 30
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}

# control: response.retention
# from: logs.keep
resource "aws_s3_bucket_policy" "waf_logs" {
  bucket = aws_s3_bucket.waf_logs.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OnlyTLS"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [aws_s3_bucket.waf_logs.arn, "${aws_s3_bucket.waf_logs.arn}/*"]
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
      },
      {
        Sid    = "DeliveryAsks"
        Effect = "Allow"
        Principal = {
          Service = "delivery.logs.amazonaws.com"
        }
        Action   = ["s3:GetBucketAcl", "s3:ListBucket"]
        Resource = aws_s3_bucket.waf_logs.arn
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = "111111111111"
          }
          ArnLike = {
            "aws:SourceArn" = "arn:aws:logs:*:111111111111:*"
          }
        }
      },
      {
        Sid    = "DeliveryWrites"
        Effect = "Allow"
        Principal = {
          Service = "delivery.logs.amazonaws.com"
        }
        Action   = "s3:PutObject"
        Resource = "${aws_s3_bucket.waf_logs.arn}/AWSLogs/111111111111/*"
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = "111111111111"
          }
          ArnLike = {
            "aws:SourceArn" = "arn:aws:logs:*:111111111111:*"
          }
        }
      },
      {
        Sid       = "OnlyWhoApplies"
        Effect    = "Deny"
        Principal = "*"
        Action = [
          "s3:DeleteBucket",
          "s3:DeleteBucketPolicy",
          "s3:PutBucketAcl",
          "s3:PutBucketObjectLockConfiguration",
          "s3:PutBucketPolicy",
          "s3:PutBucketPublicAccessBlock",
          "s3:PutBucketVersioning",
          "s3:PutEncryptionConfiguration",
          "s3:PutLifecycleConfiguration",
        ]
        Resource = aws_s3_bucket.waf_logs.arn
        Condition = {
          ArnNotLike = {
            "aws:PrincipalArn" = var.administrators
          }
        }
      },
    ]
  })
}

# control: response.retention
# from: logs.keep
resource "aws_s3_bucket" "access_logs" {
  bucket = "shopnow-access-logs-111111111111"
  tags = {
    "data-class" = "internal"
  }
}

# control: response.retention
# from: logs.keep
resource "aws_s3_bucket_public_access_block" "access_logs" {
  bucket                  = aws_s3_bucket.access_logs.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# control: response.retention
# from: logs.keep
resource "aws_s3_bucket_ownership_controls" "access_logs" {
  bucket = aws_s3_bucket.access_logs.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

# control: response.retention
# from: logs.keep
resource "aws_s3_bucket_server_side_encryption_configuration" "access_logs" {
  bucket = aws_s3_bucket.access_logs.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

# control: response.retention
# from: logs.keep
resource "aws_s3_bucket_versioning" "access_logs" {
  bucket = aws_s3_bucket.access_logs.id

  versioning_configuration {
    status = "Enabled"
  }
}

# control: response.retention
# from: logs.keep
resource "aws_s3_bucket_lifecycle_configuration" "access_logs" {
  bucket = aws_s3_bucket.access_logs.id

  rule {
    id     = "expire"
    status = "Enabled"

    filter {}

    expiration {
      days = 400
    }

    noncurrent_version_expiration {
      noncurrent_days = 30
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}

# control: response.retention
# from: logs.keep
resource "aws_s3_bucket_policy" "access_logs" {
  bucket = aws_s3_bucket.access_logs.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OnlyTLS"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [aws_s3_bucket.access_logs.arn, "${aws_s3_bucket.access_logs.arn}/*"]
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
      },
      {
        Sid    = "LoadBalancers"
        Effect = "Allow"
        Principal = {
          Service = "logdelivery.elasticloadbalancing.amazonaws.com"
        }
        Action   = "s3:PutObject"
        Resource = "${aws_s3_bucket.access_logs.arn}/alb/AWSLogs/111111111111/*"
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = "111111111111"
          }
          ArnLike = {
            "aws:SourceArn" = "arn:aws:elasticloadbalancing:*:111111111111:loadbalancer/*"
          }
        }
      },
      {
        Sid    = "Buckets"
        Effect = "Allow"
        Principal = {
          Service = "logging.s3.amazonaws.com"
        }
        Action   = "s3:PutObject"
        Resource = "${aws_s3_bucket.access_logs.arn}/s3/*"
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = "111111111111"
          }
          ArnLike = {
            "aws:SourceArn" = ["arn:aws:s3:::shopnow-*", "arn:aws:s3:::aws-waf-logs-shopnow-*"]
          }
        }
      },
      {
        Sid    = "ConfigAsks"
        Effect = "Allow"
        Principal = {
          Service = "config.amazonaws.com"
        }
        Action   = ["s3:GetBucketAcl", "s3:ListBucket"]
        Resource = aws_s3_bucket.access_logs.arn
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = "111111111111"
          }
        }
      },
      {
        Sid    = "ConfigWrites"
        Effect = "Allow"
        Principal = {
          Service = "config.amazonaws.com"
        }
        Action   = "s3:PutObject"
        Resource = "${aws_s3_bucket.access_logs.arn}/config/AWSLogs/111111111111/Config/*"
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = "111111111111"
          }
        }
      },
      {
        Sid       = "OnlyWhoApplies"
        Effect    = "Deny"
        Principal = "*"
        Action = [
          "s3:DeleteBucket",
          "s3:DeleteBucketPolicy",
          "s3:PutBucketAcl",
          "s3:PutBucketObjectLockConfiguration",
          "s3:PutBucketPolicy",
          "s3:PutBucketPublicAccessBlock",
          "s3:PutBucketVersioning",
          "s3:PutEncryptionConfiguration",
          "s3:PutLifecycleConfiguration",
        ]
        Resource = aws_s3_bucket.access_logs.arn
        Condition = {
          ArnNotLike = {
            "aws:PrincipalArn" = var.administrators
          }
        }
      },
    ]
  })
}

# control: response.retention
# from: logs.keep
resource "aws_s3_bucket" "access_logs_standby" {
  provider = aws.backup
  bucket   = "shopnow-access-logs-standby-111111111111"
  tags = {
    "data-class" = "internal"
  }
}

# control: response.retention
# from: logs.keep
resource "aws_s3_bucket_public_access_block" "access_logs_standby" {
  provider                = aws.backup
  bucket                  = aws_s3_bucket.access_logs_standby.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# control: response.retention
# from: logs.keep
resource "aws_s3_bucket_ownership_controls" "access_logs_standby" {
  provider = aws.backup
  bucket   = aws_s3_bucket.access_logs_standby.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

# control: response.retention
# from: logs.keep
resource "aws_s3_bucket_server_side_encryption_configuration" "access_logs_standby" {
  provider = aws.backup
  bucket   = aws_s3_bucket.access_logs_standby.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

# control: response.retention
# from: logs.keep
resource "aws_s3_bucket_versioning" "access_logs_standby" {
  provider = aws.backup
  bucket   = aws_s3_bucket.access_logs_standby.id

  versioning_configuration {
    status = "Enabled"
  }
}

# control: response.retention
# from: logs.keep
resource "aws_s3_bucket_lifecycle_configuration" "access_logs_standby" {
  provider = aws.backup
  bucket   = aws_s3_bucket.access_logs_standby.id

  rule {
    id     = "expire"
    status = "Enabled"

    filter {}

    expiration {
      days = 400
    }

    noncurrent_version_expiration {
      noncurrent_days = 30
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}

# control: response.retention
# from: logs.keep
resource "aws_s3_bucket_policy" "access_logs_standby" {
  provider = aws.backup
  bucket   = aws_s3_bucket.access_logs_standby.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OnlyTLS"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [aws_s3_bucket.access_logs_standby.arn, "${aws_s3_bucket.access_logs_standby.arn}/*"]
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
      },
      {
        Sid    = "LoadBalancers"
        Effect = "Allow"
        Principal = {
          Service = "logdelivery.elasticloadbalancing.amazonaws.com"
        }
        Action   = "s3:PutObject"
        Resource = "${aws_s3_bucket.access_logs_standby.arn}/alb/AWSLogs/111111111111/*"
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = "111111111111"
          }
          ArnLike = {
            "aws:SourceArn" = "arn:aws:elasticloadbalancing:*:111111111111:loadbalancer/*"
          }
        }
      },
      {
        Sid    = "Buckets"
        Effect = "Allow"
        Principal = {
          Service = "logging.s3.amazonaws.com"
        }
        Action   = "s3:PutObject"
        Resource = "${aws_s3_bucket.access_logs_standby.arn}/s3/*"
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = "111111111111"
          }
          ArnLike = {
            "aws:SourceArn" = ["arn:aws:s3:::shopnow-*", "arn:aws:s3:::aws-waf-logs-shopnow-*"]
          }
        }
      },
      {
        Sid       = "OnlyWhoApplies"
        Effect    = "Deny"
        Principal = "*"
        Action = [
          "s3:DeleteBucket",
          "s3:DeleteBucketPolicy",
          "s3:PutBucketAcl",
          "s3:PutBucketObjectLockConfiguration",
          "s3:PutBucketPolicy",
          "s3:PutBucketPublicAccessBlock",
          "s3:PutBucketVersioning",
          "s3:PutEncryptionConfiguration",
          "s3:PutLifecycleConfiguration",
        ]
        Resource = aws_s3_bucket.access_logs_standby.arn
        Condition = {
          ArnNotLike = {
            "aws:PrincipalArn" = var.administrators
          }
        }
      },
    ]
  })
}

# Who reads the logs is logged too
# control: response.trail
# from: logs.keep
resource "aws_s3_bucket_logging" "logs" {
  bucket        = aws_s3_bucket.logs.id
  target_bucket = aws_s3_bucket.access_logs.id
  target_prefix = "s3/${aws_s3_bucket.logs.id}/"
}

# Who reads the logs is logged too
# control: response.trail
# from: logs.keep
resource "aws_s3_bucket_logging" "waf_logs" {
  bucket        = aws_s3_bucket.waf_logs.id
  target_bucket = aws_s3_bucket.access_logs.id
  target_prefix = "s3/${aws_s3_bucket.waf_logs.id}/"
}

# control: response.notify
# from: notify.oncall
resource "aws_sns_topic" "oncall" {
  name              = "shopnow-oncall"
  kms_master_key_id = aws_kms_key.logs.arn
}

# control: response.notify
# from: notify.oncall
resource "aws_sns_topic_policy" "oncall" {
  arn = aws_sns_topic.oncall.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Alarms"
        Effect = "Allow"
        Principal = {
          Service = "cloudwatch.amazonaws.com"
        }
        Action   = "sns:Publish"
        Resource = aws_sns_topic.oncall.arn
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = "111111111111"
          }
        }
      },
      {
        Sid    = "Events"
        Effect = "Allow"
        Principal = {
          Service = "events.amazonaws.com"
        }
        Action   = "sns:Publish"
        Resource = aws_sns_topic.oncall.arn
        Condition = {
          ArnLike = {
            "aws:SourceArn" = "arn:aws:events:eu-west-1:111111111111:rule/*"
          }
        }
      },
      {
        Sid       = "OnlyTLS"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.oncall.arn
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
      },
    ]
  })
}

# AWS sends a mail first, with a link that has to be followed once
# control: response.notify
# from: notify.oncall
resource "aws_sns_topic_subscription" "oncall" {
  topic_arn = aws_sns_topic.oncall.arn
  protocol  = "email"
  endpoint  = "oncall@shop.example.com"
}

# control: response.notify
# from: notify.oncall
resource "aws_sns_topic" "oncall_global" {
  provider          = aws.global
  name              = "shopnow-oncall-global"
  kms_master_key_id = aws_kms_key.logs_global.arn
}

# control: response.notify
# from: notify.oncall
resource "aws_sns_topic_policy" "oncall_global" {
  provider = aws.global
  arn      = aws_sns_topic.oncall_global.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Alarms"
        Effect = "Allow"
        Principal = {
          Service = "cloudwatch.amazonaws.com"
        }
        Action   = "sns:Publish"
        Resource = aws_sns_topic.oncall_global.arn
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = "111111111111"
          }
        }
      },
      {
        Sid    = "Events"
        Effect = "Allow"
        Principal = {
          Service = "events.amazonaws.com"
        }
        Action   = "sns:Publish"
        Resource = aws_sns_topic.oncall_global.arn
        Condition = {
          ArnLike = {
            "aws:SourceArn" = "arn:aws:events:us-east-1:111111111111:rule/*"
          }
        }
      },
      {
        Sid       = "OnlyTLS"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.oncall_global.arn
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
      },
    ]
  })
}

# AWS sends a mail first, with a link that has to be followed once
# control: response.notify
# from: notify.oncall
resource "aws_sns_topic_subscription" "oncall_global" {
  provider  = aws.global
  topic_arn = aws_sns_topic.oncall_global.arn
  protocol  = "email"
  endpoint  = "oncall@shop.example.com"
}

# control: response.notify
# from: notify.legal
resource "aws_sns_topic" "legal" {
  name              = "shopnow-legal"
  kms_master_key_id = aws_kms_key.logs.arn
}

# control: response.notify
# from: notify.legal
resource "aws_sns_topic_policy" "legal" {
  arn = aws_sns_topic.legal.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Alarms"
        Effect = "Allow"
        Principal = {
          Service = "cloudwatch.amazonaws.com"
        }
        Action   = "sns:Publish"
        Resource = aws_sns_topic.legal.arn
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = "111111111111"
          }
        }
      },
      {
        Sid    = "Events"
        Effect = "Allow"
        Principal = {
          Service = "events.amazonaws.com"
        }
        Action   = "sns:Publish"
        Resource = aws_sns_topic.legal.arn
        Condition = {
          ArnLike = {
            "aws:SourceArn" = "arn:aws:events:eu-west-1:111111111111:rule/*"
          }
        }
      },
      {
        Sid       = "OnlyTLS"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.legal.arn
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
      },
    ]
  })
}

# AWS sends a mail first, with a link that has to be followed once
# control: response.notify
# from: notify.legal
resource "aws_sns_topic_subscription" "legal" {
  topic_arn = aws_sns_topic.legal.arn
  protocol  = "email"
  endpoint  = "legal@shop.example.com"
}

# control: response.notify
# from: notify.privacy
resource "aws_sns_topic" "privacy" {
  name              = "shopnow-privacy"
  kms_master_key_id = aws_kms_key.logs.arn
}

# control: response.notify
# from: notify.privacy
resource "aws_sns_topic_policy" "privacy" {
  arn = aws_sns_topic.privacy.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Alarms"
        Effect = "Allow"
        Principal = {
          Service = "cloudwatch.amazonaws.com"
        }
        Action   = "sns:Publish"
        Resource = aws_sns_topic.privacy.arn
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = "111111111111"
          }
        }
      },
      {
        Sid    = "Events"
        Effect = "Allow"
        Principal = {
          Service = "events.amazonaws.com"
        }
        Action   = "sns:Publish"
        Resource = aws_sns_topic.privacy.arn
        Condition = {
          ArnLike = {
            "aws:SourceArn" = "arn:aws:events:eu-west-1:111111111111:rule/*"
          }
        }
      },
      {
        Sid       = "OnlyTLS"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.privacy.arn
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
      },
    ]
  })
}

# AWS sends a mail first, with a link that has to be followed once
# control: response.notify
# from: notify.privacy
resource "aws_sns_topic_subscription" "privacy" {
  topic_arn = aws_sns_topic.privacy.arn
  protocol  = "email"
  endpoint  = "privacy@shop.example.com"
}

# AWS writes and calls here when it sees the account abused, where it would otherwise write to the
# owner of the root user
# control: response.notify
# from: notify.phone, notify.email
resource "aws_account_alternate_contact" "security" {
  alternate_contact_type = "SECURITY"
  name                   = "shopnow on call"
  title                  = "On call"
  email_address          = "oncall@shop.example.com"
  phone_number           = "+4930901820"
}

# control: response.trail, response.detections
# from: logs.keep
resource "aws_cloudwatch_log_group" "trail" {
  name              = "/audit/shopnow/trail"
  retention_in_days = 400
  kms_key_id        = aws_kms_key.logs.arn
}

# control: response.trail
# from: logs
resource "aws_iam_role" "trail" {
  name = "shopnow-trail"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Service = "cloudtrail.amazonaws.com"
        }
        Action = "sts:AssumeRole"
        Condition = {
          StringEquals = {
            "aws:SourceArn" = "arn:aws:cloudtrail:eu-west-1:111111111111:trail/shopnow-trail"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
}

# control: response.trail
# from: logs
resource "aws_iam_role_policy" "trail" {
  name = "permissions"
  role = aws_iam_role.trail.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "WriteTheLog"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.trail.arn}:log-stream:111111111111_CloudTrail_*"
      },
    ]
  })
}

# The buckets of logs are left out of the events of objects: services write to them all the time,
# and who else comes is in their access logs
# control: response.trail
# from: logs
resource "aws_cloudtrail" "main" {
  name                          = "shopnow-trail"
  is_multi_region_trail         = true
  include_global_service_events = true
  enable_log_file_validation    = true
  kms_key_id                    = aws_kms_key.logs.arn
  s3_bucket_name                = aws_s3_bucket.logs.id
  s3_key_prefix                 = "trail"
  cloud_watch_logs_group_arn    = "${aws_cloudwatch_log_group.trail.arn}:*"
  cloud_watch_logs_role_arn     = aws_iam_role.trail.arn

  advanced_event_selector {
    name = "management"

    field_selector {
      field  = "eventCategory"
      equals = ["Management"]
    }
  }

  advanced_event_selector {
    name = "objects"

    field_selector {
      field  = "eventCategory"
      equals = ["Data"]
    }

    field_selector {
      field  = "resources.type"
      equals = ["AWS::S3::Object"]
    }

    field_selector {
      field = "resources.ARN"
      not_starts_with = [
        "${aws_s3_bucket.logs.arn}/",
        "${aws_s3_bucket.waf_logs.arn}/",
        "${aws_s3_bucket.access_logs.arn}/",
        "${aws_s3_bucket.access_logs_standby.arn}/",
      ]
    }
  }

  advanced_event_selector {
    name = "access points"

    field_selector {
      field  = "eventCategory"
      equals = ["Data"]
    }

    field_selector {
      field  = "resources.type"
      equals = ["AWS::S3::AccessPoint"]
    }
  }

  advanced_event_selector {
    name = "functions"

    field_selector {
      field  = "eventCategory"
      equals = ["Data"]
    }

    field_selector {
      field  = "resources.type"
      equals = ["AWS::Lambda::Function"]
    }
  }

  insight_selector {
    insight_type = "ApiCallRateInsight"
  }

  insight_selector {
    insight_type = "ApiErrorRateInsight"
  }

  depends_on = [aws_s3_bucket_policy.logs]
}
