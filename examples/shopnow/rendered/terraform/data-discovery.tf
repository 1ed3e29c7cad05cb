# shopnow: data-discovery. Rendered by fathom from the platform's declaration; change it there.

# control: data.discovery
# from: data
resource "aws_macie2_account" "main" {
  status                       = "ENABLED"
  finding_publishing_frequency = "FIFTEEN_MINUTES"
}

# A run reads only what is new since the last one
# control: data.discovery
# from: data
resource "aws_macie2_classification_job" "buckets" {
  name                = "shopnow-every-bucket"
  job_type            = "SCHEDULED"
  initial_run         = true
  sampling_percentage = 100

  schedule_frequency {
    weekly_schedule = "SUNDAY"
  }

  s3_job_definition {
    bucket_criteria {
      includes {
        and {
          simple_criterion {
            key        = "ACCOUNT_ID"
            comparator = "EQ"
            values     = ["111111111111"]
          }
        }
      }
    }
  }

  depends_on = [aws_macie2_account.main]
}

# Macie itself forgets after 90 days
# control: data.discovery
# from: logs
resource "aws_macie2_classification_export_configuration" "main" {
  s3_destination {
    bucket_name = aws_s3_bucket.findings.id
    key_prefix  = "macie/"
    kms_key_arn = aws_kms_key.logs.arn
  }

  depends_on = [aws_macie2_account.main, aws_s3_bucket_policy.findings]
}

# control: data.discovery, data.retention
# from: logs
resource "aws_s3_bucket" "findings" {
  bucket = "shopnow-findings-111111111111"
  tags = {
    Name         = "shopnow-findings-111111111111"
    "data-class" = "internal"
  }
}

# control: data.discovery, data.retention
# from: logs
resource "aws_s3_bucket_public_access_block" "findings" {
  bucket                  = aws_s3_bucket.findings.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# control: data.discovery, data.retention
# from: logs
resource "aws_s3_bucket_ownership_controls" "findings" {
  bucket = aws_s3_bucket.findings.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

# control: data.discovery, data.retention
# from: logs
resource "aws_s3_bucket_server_side_encryption_configuration" "findings" {
  bucket = aws_s3_bucket.findings.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.logs.arn
    }
  }
}

# control: data.discovery, data.retention
# from: logs
resource "aws_s3_bucket_versioning" "findings" {
  bucket = aws_s3_bucket.findings.id

  versioning_configuration {
    status = "Enabled"
  }
}

# control: data.discovery, data.retention
# from: logs
resource "aws_s3_bucket_lifecycle_configuration" "findings" {
  bucket = aws_s3_bucket.findings.id

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

# control: data.discovery, data.retention
# from: logs
resource "aws_s3_bucket_policy" "findings" {
  bucket = aws_s3_bucket.findings.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OnlyTLS"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [aws_s3_bucket.findings.arn, "${aws_s3_bucket.findings.arn}/*"]
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
      },
      {
        Sid    = "MacieLooks"
        Effect = "Allow"
        Principal = {
          Service = "macie.amazonaws.com"
        }
        Action   = "s3:GetBucketLocation"
        Resource = "arn:aws:s3:::shopnow-findings-111111111111"
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = "111111111111"
          }
          ArnLike = {
            "aws:SourceArn" = [
              "arn:aws:macie2:eu-west-1:111111111111:export-configuration:*",
              "arn:aws:macie2:eu-west-1:111111111111:classification-job/*",
            ]
          }
        }
      },
      {
        Sid    = "MacieWrites"
        Effect = "Allow"
        Principal = {
          Service = "macie.amazonaws.com"
        }
        Action   = "s3:PutObject"
        Resource = "arn:aws:s3:::shopnow-findings-111111111111/macie/*"
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = "111111111111"
          }
          ArnLike = {
            "aws:SourceArn" = [
              "arn:aws:macie2:eu-west-1:111111111111:export-configuration:*",
              "arn:aws:macie2:eu-west-1:111111111111:classification-job/*",
            ]
          }
        }
      },
    ]
  })
}

# control: data.discovery
# from: notify
resource "aws_cloudwatch_event_rule" "data_found" {
  name = "shopnow-data-found"
  event_pattern = jsonencode({
    source        = ["aws.macie"]
    "detail-type" = ["Macie Finding"]
  })
}

# control: data.discovery
# from: notify
resource "aws_cloudwatch_event_target" "data_found" {
  rule = aws_cloudwatch_event_rule.data_found.name
  arn  = aws_sns_topic.oncall.arn
}
