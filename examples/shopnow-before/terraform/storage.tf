data "aws_caller_identity" "current" {}

locals {
  buckets = {
    assets   = { public = true }
    invoices = { public = false }
    logs     = { public = false, expire_days = 14 }
  }
}

resource "aws_s3_bucket" "shop" {
  for_each = local.buckets

  bucket        = "shopnow-${each.key}-${data.aws_caller_identity.current.account_id}"
  force_destroy = true

  tags = { Name = each.key }
}

# Product images are served straight from the bucket in e-mails.
resource "aws_s3_bucket_public_access_block" "assets" {
  bucket = aws_s3_bucket.shop["assets"].id

  block_public_acls       = false
  block_public_policy     = false
  ignore_public_acls      = false
  restrict_public_buckets = false
}

resource "aws_s3_bucket_ownership_controls" "assets" {
  bucket = aws_s3_bucket.shop["assets"].id

  rule {
    object_ownership = "ObjectWriter"
  }
}

resource "aws_s3_bucket_acl" "assets" {
  bucket = aws_s3_bucket.shop["assets"].id
  acl    = "public-read"

  depends_on = [
    aws_s3_bucket_ownership_controls.assets,
    aws_s3_bucket_public_access_block.assets,
  ]
}

resource "aws_s3_bucket_policy" "assets" {
  bucket = aws_s3_bucket.shop["assets"].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "PublicRead"
      Effect    = "Allow"
      Principal = "*"
      Action    = ["s3:GetObject"]
      Resource  = "${aws_s3_bucket.shop["assets"].arn}/*"
    }]
  })
}

resource "aws_s3_bucket_lifecycle_configuration" "expire" {
  for_each = { for name, b in local.buckets : name => b.expire_days if can(b.expire_days) }

  bucket = aws_s3_bucket.shop[each.key].id

  rule {
    id     = "expire"
    status = "Enabled"

    filter {}

    expiration {
      days = each.value
    }
  }
}

# Card numbers are encrypted by the payments service with this key.
resource "aws_kms_key" "cards" {
  description             = "card numbers"
  deletion_window_in_days = 7

  tags = { Data = "cardholder" }
}

resource "aws_kms_alias" "cards" {
  name          = "alias/${local.name}-cards"
  target_key_id = aws_kms_key.cards.key_id
}

# Settings that the pods read at start-up.
resource "aws_ssm_parameter" "setting" {
  for_each = {
    "db/username" = var.db_username
    "db/password" = var.db_password
    "psp/api-key" = var.psp_api_key
  }

  name  = "/${local.name}/${each.key}"
  type  = "String"
  value = each.value
}

resource "aws_secretsmanager_secret" "psp" {
  name                    = "${local.name}/psp"
  recovery_window_in_days = 0
}

resource "aws_secretsmanager_secret_version" "psp" {
  secret_id = aws_secretsmanager_secret.psp.id
  secret_string = jsonencode({
    api_key = var.psp_api_key
    webhook = "https://origin.${var.domain}/psp/callback"
  })
}

resource "aws_sns_topic" "alarms" {
  name = "${local.name}-alarms"
}

resource "aws_sns_topic_subscription" "email" {
  count = var.alarm_email != "" ? 1 : 0

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = var.alarm_email
}

resource "aws_cloudwatch_metric_alarm" "alb_5xx" {
  alarm_name          = "${local.name}-5xx"
  namespace           = "AWS/ApplicationELB"
  metric_name         = "HTTPCode_Target_5XX_Count"
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 200
  period              = 300
  evaluation_periods  = 2
  alarm_actions       = [aws_sns_topic.alarms.arn]

  dimensions = {
    LoadBalancer = aws_lb.main.arn_suffix
  }
}
