# bazaar: edge. Rendered by fathom from the platform's declaration; change it there.

# The zone is older than the platform: the registrar points at it
# from: edge.zone
data "aws_route53_zone" "main" {
  name         = "bazaar.example"
  private_zone = false
}

# control: edge.tls
# from: edge.domains, edge.zone
resource "aws_acm_certificate" "edge" {
  provider                  = aws.global
  domain_name               = "www.bazaar.example"
  subject_alternative_names = ["api.bazaar.example"]
  validation_method         = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

# control: edge.tls
resource "aws_acm_certificate_validation" "edge" {
  provider                = aws.global
  certificate_arn         = aws_acm_certificate.edge.arn
  validation_record_fqdns = [aws_route53_record.proof_www_bazaar_example.fqdn, aws_route53_record.proof_api_bazaar_example.fqdn]
}

# control: edge.tls
# from: edge.domains, edge.zone
resource "aws_acm_certificate" "origin" {
  domain_name               = "origin.bazaar.example"
  subject_alternative_names = ["www.bazaar.example", "api.bazaar.example"]
  validation_method         = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

# control: edge.tls
resource "aws_acm_certificate_validation" "origin" {
  certificate_arn = aws_acm_certificate.origin.arn
  validation_record_fqdns = [
    aws_route53_record.proof_origin_bazaar_example.fqdn,
    aws_route53_record.proof_www_bazaar_example.fqdn,
    aws_route53_record.proof_api_bazaar_example.fqdn,
  ]
}

# control: edge.tls
# from: edge.domains, edge.zone
resource "aws_acm_certificate" "standby" {
  provider                  = aws.backup
  domain_name               = "origin.bazaar.example"
  subject_alternative_names = ["www.bazaar.example", "api.bazaar.example"]
  validation_method         = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

# control: edge.tls
resource "aws_acm_certificate_validation" "standby" {
  provider        = aws.backup
  certificate_arn = aws_acm_certificate.standby.arn
  validation_record_fqdns = [
    aws_route53_record.proof_origin_bazaar_example.fqdn,
    aws_route53_record.proof_www_bazaar_example.fqdn,
    aws_route53_record.proof_api_bazaar_example.fqdn,
  ]
}

# Proves the name to the certificates of all regions
# control: edge.tls
# from: edge.domains
resource "aws_route53_record" "proof_origin_bazaar_example" {
  zone_id = data.aws_route53_zone.main.zone_id
  name    = one([for o in aws_acm_certificate.origin.domain_validation_options : o.resource_record_name if o.domain_name == "origin.bazaar.example"])
  type    = one([for o in aws_acm_certificate.origin.domain_validation_options : o.resource_record_type if o.domain_name == "origin.bazaar.example"])
  records = [
    one([for o in aws_acm_certificate.origin.domain_validation_options : o.resource_record_value if o.domain_name == "origin.bazaar.example"]),
  ]
  ttl = 300
}

# Proves the name to the certificates of all regions
# control: edge.tls
# from: edge.domains
resource "aws_route53_record" "proof_www_bazaar_example" {
  zone_id = data.aws_route53_zone.main.zone_id
  name    = one([for o in aws_acm_certificate.origin.domain_validation_options : o.resource_record_name if o.domain_name == "www.bazaar.example"])
  type    = one([for o in aws_acm_certificate.origin.domain_validation_options : o.resource_record_type if o.domain_name == "www.bazaar.example"])
  records = [
    one([for o in aws_acm_certificate.origin.domain_validation_options : o.resource_record_value if o.domain_name == "www.bazaar.example"]),
  ]
  ttl = 300
}

# Proves the name to the certificates of all regions
# control: edge.tls
# from: edge.domains
resource "aws_route53_record" "proof_api_bazaar_example" {
  zone_id = data.aws_route53_zone.main.zone_id
  name    = one([for o in aws_acm_certificate.origin.domain_validation_options : o.resource_record_name if o.domain_name == "api.bazaar.example"])
  type    = one([for o in aws_acm_certificate.origin.domain_validation_options : o.resource_record_type if o.domain_name == "api.bazaar.example"])
  records = [
    one([for o in aws_acm_certificate.origin.domain_validation_options : o.resource_record_value if o.domain_name == "api.bazaar.example"]),
  ]
  ttl = 300
}

# from: edge.domains
resource "aws_route53_record" "www_bazaar_example_a" {
  zone_id = data.aws_route53_zone.main.zone_id
  name    = "www.bazaar.example"
  type    = "A"

  alias {
    name                   = aws_cloudfront_distribution.main.domain_name
    zone_id                = aws_cloudfront_distribution.main.hosted_zone_id
    evaluate_target_health = false
  }
}

# from: edge.domains
resource "aws_route53_record" "www_bazaar_example_aaaa" {
  zone_id = data.aws_route53_zone.main.zone_id
  name    = "www.bazaar.example"
  type    = "AAAA"

  alias {
    name                   = aws_cloudfront_distribution.main.domain_name
    zone_id                = aws_cloudfront_distribution.main.hosted_zone_id
    evaluate_target_health = false
  }
}

# from: edge.domains
resource "aws_route53_record" "api_bazaar_example_a" {
  zone_id = data.aws_route53_zone.main.zone_id
  name    = "api.bazaar.example"
  type    = "A"

  alias {
    name                   = aws_cloudfront_distribution.main.domain_name
    zone_id                = aws_cloudfront_distribution.main.hosted_zone_id
    evaluate_target_health = false
  }
}

# from: edge.domains
resource "aws_route53_record" "api_bazaar_example_aaaa" {
  zone_id = data.aws_route53_zone.main.zone_id
  name    = "api.bazaar.example"
  type    = "AAAA"

  alias {
    name                   = aws_cloudfront_distribution.main.domain_name
    zone_id                = aws_cloudfront_distribution.main.hosted_zone_id
    evaluate_target_health = false
  }
}

# control: edge.failover
# from: notify.oncall
resource "aws_cloudwatch_metric_alarm" "origin_healthy" {
  alarm_name        = "bazaar-origin-healthy"
  alarm_description = "The load balancer has no healthy target: the shop is down, or its region is"
  namespace         = "AWS/ApplicationELB"
  metric_name       = "HealthyHostCount"
  dimensions = {
    LoadBalancer = aws_lb.main.arn_suffix
    TargetGroup  = aws_lb_target_group.gateway.arn_suffix
  }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 3
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "breaching"
  alarm_actions       = [aws_sns_topic.oncall.arn]
}

# Route 53 asks the alarm: its own checkers cannot reach a load balancer that only takes
# CloudFront, and through CloudFront they would see the standby after a failover and never turn
# back
# control: edge.failover
resource "aws_route53_health_check" "origin" {
  type                            = "CLOUDWATCH_METRIC"
  cloudwatch_alarm_name           = aws_cloudwatch_metric_alarm.origin_healthy.alarm_name
  cloudwatch_alarm_region         = "us-east-2"
  insufficient_data_health_status = "Unhealthy"
}

# control: edge.failover
# from: edge.zone, region, backupRegion
resource "aws_route53_record" "origin_primary" {
  zone_id         = data.aws_route53_zone.main.zone_id
  name            = "origin.bazaar.example"
  type            = "A"
  set_identifier  = "primary"
  health_check_id = aws_route53_health_check.origin.id

  failover_routing_policy {
    type = "PRIMARY"
  }

  alias {
    name                   = aws_lb.main.dns_name
    zone_id                = aws_lb.main.zone_id
    evaluate_target_health = true
  }
}

# The standby has no targets whose health could be asked for: it answers by itself
# control: edge.failover
# from: edge.zone, region, backupRegion
resource "aws_route53_record" "origin_secondary" {
  zone_id        = data.aws_route53_zone.main.zone_id
  name           = "origin.bazaar.example"
  type           = "A"
  set_identifier = "secondary"

  failover_routing_policy {
    type = "SECONDARY"
  }

  alias {
    name                   = aws_lb.standby.dns_name
    zone_id                = aws_lb.standby.zone_id
    evaluate_target_health = false
  }
}

# control: edge.front-door
# from: edge
resource "aws_lb" "main" {
  name                       = "bazaar-main"
  load_balancer_type         = "application"
  internal                   = false
  security_groups            = [aws_security_group.alb.id]
  subnets                    = [for s in aws_subnet.public : s.id]
  drop_invalid_header_fields = true
  desync_mitigation_mode     = "strictest"
  enable_deletion_protection = true

  access_logs {
    enabled = true
    bucket  = aws_s3_bucket.access_logs.id
    prefix  = "alb"
  }

  depends_on = [aws_s3_bucket_policy.access_logs]
}

# The ingress gateway's pods; TargetGroupBinding edge/gateway puts them in
# from: edge
resource "aws_lb_target_group" "gateway" {
  name                 = "bazaar-gateway"
  target_type          = "ip"
  protocol             = "HTTPS"
  port                 = 8443
  vpc_id               = aws_vpc.main.id
  deregistration_delay = 30

  # Any answer over TLS shows that the gateway lives; it knows no route for the load balancer's own
  # questions
  health_check {
    protocol            = "HTTPS"
    path                = "/"
    matcher             = "200-499"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}

# Whoever does not send the secret gets 403. There is no listener on port 80: only CloudFront
# comes here, over https
# control: edge.origin-secret, edge.tls
# from: edge.originSecret
resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.main.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = aws_acm_certificate_validation.origin.certificate_arn

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      status_code  = "403"
      message_body = "forbidden"
    }
  }
}

# The current secret, and the one before it while CloudFront's places learn the new one; the
# function origin_secret ends that
# control: edge.origin-secret
# from: edge.originSecret
resource "aws_lb_listener_rule" "origin_secret" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 10

  condition {
    http_header {
      http_header_name = "x-origin-secret"
      values = [
        data.aws_secretsmanager_secret_version.origin_current.secret_string,
        data.aws_secretsmanager_secret_version.origin_previous.secret_string,
      ]
    }
  }

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.gateway.arn
  }
}

# Answers with a holding page while the origin's name has failed over to the backup region
# control: edge.front-door, edge.failover
# from: edge, backupRegion
resource "aws_lb" "standby" {
  provider                   = aws.backup
  name                       = "bazaar-standby"
  load_balancer_type         = "application"
  internal                   = false
  security_groups            = [aws_security_group.standby.id]
  subnets                    = [for s in aws_subnet.standby : s.id]
  drop_invalid_header_fields = true
  desync_mitigation_mode     = "strictest"
  enable_deletion_protection = true

  access_logs {
    enabled = true
    bucket  = aws_s3_bucket.access_logs_standby.id
    prefix  = "alb"
  }

  depends_on = [aws_s3_bucket_policy.access_logs_standby]
}

# control: edge.failover, edge.tls
# from: backupRegion
resource "aws_lb_listener" "standby" {
  provider          = aws.backup
  load_balancer_arn = aws_lb.standby.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = aws_acm_certificate_validation.standby.certificate_arn

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/html"
      status_code  = "503"
      message_body = "<!doctype html><title>Back soon</title><h1>We will be back soon</h1><p>The shop is closed for the moment. Orders you have placed are safe.</p>"
    }
  }
}

# control: edge.origin-secret
# from: edge.originSecret
resource "aws_iam_role" "origin_secret" {
  name = "bazaar-origin-secret"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Service = "lambda.amazonaws.com"
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

# control: edge.origin-secret
# from: edge.originSecret
resource "aws_iam_role_policy" "origin_secret" {
  name = "permissions"
  role = aws_iam_role.origin_secret.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Logs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.origin_secret.arn}:*"
      },
      {
        Sid    = "Secret"
        Effect = "Allow"
        Action = [
          "secretsmanager:DescribeSecret",
          "secretsmanager:GetSecretValue",
          "secretsmanager:PutSecretValue",
          "secretsmanager:UpdateSecretVersionStage",
        ]
        Resource = aws_secretsmanager_secret.origin.arn
      },
      {
        Sid      = "Key"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = aws_kms_key.secrets.arn
        Condition = {
          StringEquals = {
            "kms:EncryptionContext:SecretARN" = aws_secretsmanager_secret.origin.arn
          }
        }
      },
      {
        Sid      = "WhatIsSent"
        Effect   = "Allow"
        Action   = "cloudfront:GetDistribution"
        Resource = [aws_cloudfront_distribution.main.arn, aws_cloudfront_distribution.staging.arn]
      },
      {
        Sid      = "WhatIsTaken"
        Effect   = "Allow"
        Action   = "elasticloadbalancing:ModifyRule"
        Resource = aws_lb_listener_rule.origin_secret.arn
      },
    ]
  })
}

# control: edge.origin-secret
# from: edge.originSecret
resource "aws_cloudwatch_log_group" "origin_secret" {
  name              = "/aws/lambda/bazaar-origin-secret"
  retention_in_days = 731
  kms_key_id        = aws_kms_key.logs.arn
}

# Makes a new origin secret, and retires the old one 12h later. What it does can be read in
# functions/origin_secret.py
# control: edge.origin-secret
# from: edge.originSecret
resource "aws_lambda_function" "origin_secret" {
  function_name                  = "bazaar-origin-secret"
  description                    = "Makes a new origin secret, and retires the old one 12h later"
  role                           = aws_iam_role.origin_secret.arn
  runtime                        = "python3.13"
  handler                        = "origin_secret.handler"
  filename                       = "${path.module}/functions/origin_secret.zip"
  source_code_hash               = filebase64sha256("${path.module}/functions/origin_secret.zip")
  timeout                        = 60
  reserved_concurrent_executions = 1
  kms_key_arn                    = aws_kms_key.secrets.arn

  environment {
    variables = {
      SECRET        = aws_secretsmanager_secret.origin.arn
      HEADER        = "x-origin-secret"
      RULE          = aws_lb_listener_rule.origin_secret.arn
      DISTRIBUTIONS = "${aws_cloudfront_distribution.main.id} ${aws_cloudfront_distribution.staging.id}"
      OVERLAP       = "43200"
    }
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.origin_secret.name
  }
}

# control: edge.origin-secret
# from: edge.originSecret
resource "aws_cloudwatch_metric_alarm" "origin_secret_errors" {
  alarm_name        = "bazaar-origin-secret-errors"
  alarm_description = "The function bazaar-origin-secret fails"
  namespace         = "AWS/Lambda"
  metric_name       = "Errors"
  dimensions = {
    FunctionName = "bazaar-origin-secret"
  }
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.oncall.arn]
}

# control: edge.origin-secret
# from: edge.originSecret
resource "aws_secretsmanager_secret" "origin" {
  name        = "bazaar-origin"
  description = "What CloudFront sends to the load balancer, so that no other distribution gets in"
  kms_key_id  = aws_kms_key.secrets.arn
}

# control: edge.origin-secret
# from: edge.originSecret
resource "aws_secretsmanager_secret_version" "origin_first" {
  secret_id     = aws_secretsmanager_secret.origin.id
  secret_string = "${data.aws_secretsmanager_random_password.origin.random_password}-first"

  lifecycle {
    ignore_changes = [secret_string, version_stages]
  }
}

# control: edge.origin-secret
# from: edge.originSecret
resource "aws_secretsmanager_secret_version" "origin_second" {
  secret_id     = aws_secretsmanager_secret.origin.id
  secret_string = "${data.aws_secretsmanager_random_password.origin.random_password}-second"
  depends_on    = [aws_secretsmanager_secret_version.origin_first]

  lifecycle {
    ignore_changes = [secret_string, version_stages]
  }
}

# control: edge.origin-secret
# from: edge.originSecret
data "aws_secretsmanager_random_password" "origin" {
  password_length     = 48
  exclude_punctuation = true
}

# control: edge.origin-secret
# from: edge.originSecret
data "aws_secretsmanager_secret_version" "origin_current" {
  secret_id     = aws_secretsmanager_secret.origin.id
  version_stage = "AWSCURRENT"
  depends_on    = [aws_secretsmanager_secret_version.origin_second]
}

# control: edge.origin-secret
# from: edge.originSecret
data "aws_secretsmanager_secret_version" "origin_previous" {
  secret_id     = aws_secretsmanager_secret.origin.id
  version_stage = "AWSPREVIOUS"
  depends_on    = [aws_secretsmanager_secret_version.origin_second]
}

# A new value every 14 days. The pipeline brings it to the load balancer and CloudFront when it
# next runs, so it has to run at least as often
# control: edge.origin-secret
# from: edge.originSecret
resource "aws_secretsmanager_secret_rotation" "origin" {
  secret_id           = aws_secretsmanager_secret.origin.arn
  rotation_lambda_arn = aws_lambda_function.origin_secret.arn
  rotate_immediately  = false

  rotation_rules {
    automatically_after_days = 14
  }

  depends_on = [aws_lambda_permission.origin_secret_rotate]
}

# control: edge.origin-secret
# from: edge.originSecret
resource "aws_lambda_permission" "origin_secret_rotate" {
  function_name  = aws_lambda_function.origin_secret.function_name
  action         = "lambda:InvokeFunction"
  principal      = "secretsmanager.amazonaws.com"
  source_account = "222222222222"
  source_arn     = aws_secretsmanager_secret.origin.arn
}

# control: edge.origin-secret
# from: edge.originSecret
resource "aws_cloudwatch_event_rule" "origin_secret" {
  name                = "bazaar-origin-secret"
  description         = "Asks every hour whether the old origin secret has outlived its overlap"
  schedule_expression = "rate(1 hour)"
}

# control: edge.origin-secret
# from: edge.originSecret
resource "aws_cloudwatch_event_target" "origin_secret" {
  rule = aws_cloudwatch_event_rule.origin_secret.name
  arn  = aws_lambda_function.origin_secret.arn
}

# control: edge.origin-secret
# from: edge.originSecret
resource "aws_lambda_permission" "origin_secret_retire" {
  function_name  = aws_lambda_function.origin_secret.function_name
  action         = "lambda:InvokeFunction"
  principal      = "events.amazonaws.com"
  source_account = "222222222222"
  source_arn     = aws_cloudwatch_event_rule.origin_secret.arn
}

# Every answer of the shop may be somebody's own
data "aws_cloudfront_cache_policy" "none" {
  name = "Managed-CachingDisabled"
}

# The services see the request as it was sent, Host included
data "aws_cloudfront_origin_request_policy" "all" {
  name = "Managed-AllViewer"
}

# control: edge.tls
# from: edge.domains
resource "aws_cloudfront_response_headers_policy" "shop" {
  name = "bazaar-shop"

  security_headers_config {
    strict_transport_security {
      access_control_max_age_sec = 63072000
      include_subdomains         = true
      override                   = true
    }

    content_type_options {
      override = true
    }

    frame_options {
      frame_option = "SAMEORIGIN"
      override     = false
    }

    referrer_policy {
      referrer_policy = "strict-origin-when-cross-origin"
      override        = false
    }
  }
}

# control: edge.waf-canary
# from: edge.canary
resource "aws_iam_role" "canary_stop" {
  name = "bazaar-canary-stop"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Service = "lambda.amazonaws.com"
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

# control: edge.waf-canary
# from: edge.canary
resource "aws_iam_role_policy" "canary_stop" {
  name = "permissions"
  role = aws_iam_role.canary_stop.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Logs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.canary_stop.arn}:*"
      },
      {
        Sid    = "Switch"
        Effect = "Allow"
        Action = [
          "cloudfront:GetContinuousDeploymentPolicyConfig",
          "cloudfront:UpdateContinuousDeploymentPolicy",
        ]
        Resource = "arn:aws:cloudfront::222222222222:continuous-deployment-policy/${aws_cloudfront_continuous_deployment_policy.canary.id}"
      },
    ]
  })
}

# control: edge.waf-canary
# from: edge.canary
resource "aws_cloudwatch_log_group" "canary_stop" {
  provider          = aws.global
  name              = "/aws/lambda/bazaar-canary-stop"
  retention_in_days = 731
  kms_key_id        = aws_kms_key.logs_global.arn
}

# Switches the canary off when its web ACL refuses too much. What it does can be read in
# functions/canary_stop.py
# control: edge.waf-canary
# from: edge.canary
resource "aws_lambda_function" "canary_stop" {
  provider                       = aws.global
  function_name                  = "bazaar-canary-stop"
  description                    = "Switches the canary off when its web ACL refuses too much"
  role                           = aws_iam_role.canary_stop.arn
  runtime                        = "python3.13"
  handler                        = "canary_stop.handler"
  filename                       = "${path.module}/functions/canary_stop.zip"
  source_code_hash               = filebase64sha256("${path.module}/functions/canary_stop.zip")
  timeout                        = 30
  reserved_concurrent_executions = 1

  environment {
    variables = {
      POLICY_ID = aws_cloudfront_continuous_deployment_policy.canary.id
    }
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.canary_stop.name
  }
}

# control: edge.waf-canary
# from: edge.canary
resource "aws_cloudwatch_metric_alarm" "canary_stop_errors" {
  provider          = aws.global
  alarm_name        = "bazaar-canary-stop-errors"
  alarm_description = "The function bazaar-canary-stop fails"
  namespace         = "AWS/Lambda"
  metric_name       = "Errors"
  dimensions = {
    FunctionName = "bazaar-canary-stop"
  }
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.oncall_global.arn]
}

# control: edge.waf-canary
# from: edge.canary
variable "canary" {
  type        = bool
  default     = true
  description = "Whether the distribution has its continuous deployment policy. False for the very first apply: CloudFront takes none while it makes a distribution"
}

# The share of requests that meets the staging distribution and its web ACL. The function
# canary_stop switches it off when the alarm fires; the next apply switches it on again, so the
# pipeline asks the alarm first
# control: edge.waf-canary
# from: edge.canary
resource "aws_cloudfront_continuous_deployment_policy" "canary" {
  enabled = true

  staging_distribution_dns_names {
    items    = [aws_cloudfront_distribution.staging.domain_name]
    quantity = 1
  }

  traffic_config {
    type = "SingleWeight"

    single_weight_config {
      weight = 0.05

      # A visitor stays on one side
      session_stickiness_config {
        idle_ttl    = 300
        maximum_ttl = 3600
      }
    }
  }
}

# control: edge.waf-canary
# from: edge.canary
resource "aws_cloudwatch_metric_alarm" "canary" {
  provider            = aws.global
  alarm_name          = "bazaar-canary"
  alarm_description   = "The staging web ACL refuses 5 percentage points more than the serving one"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 5
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_lambda_function.canary_stop.arn, aws_sns_topic.oncall_global.arn]

  metric_query {
    id = "staging_blocked"

    metric {
      namespace   = "AWS/WAFV2"
      metric_name = "BlockedRequests"
      period      = 60
      stat        = "Sum"
      dimensions = {
        WebACL = aws_wafv2_web_acl.staging.name
        Rule   = "ALL"
      }
    }
  }

  metric_query {
    id = "staging_allowed"

    metric {
      namespace   = "AWS/WAFV2"
      metric_name = "AllowedRequests"
      period      = 60
      stat        = "Sum"
      dimensions = {
        WebACL = aws_wafv2_web_acl.staging.name
        Rule   = "ALL"
      }
    }
  }

  metric_query {
    id = "serving_blocked"

    metric {
      namespace   = "AWS/WAFV2"
      metric_name = "BlockedRequests"
      period      = 60
      stat        = "Sum"
      dimensions = {
        WebACL = aws_wafv2_web_acl.edge.name
        Rule   = "ALL"
      }
    }
  }

  metric_query {
    id = "serving_allowed"

    metric {
      namespace   = "AWS/WAFV2"
      metric_name = "AllowedRequests"
      period      = 60
      stat        = "Sum"
      dimensions = {
        WebACL = aws_wafv2_web_acl.edge.name
        Rule   = "ALL"
      }
    }
  }

  metric_query {
    id          = "worse"
    return_data = true
    label       = "percentage points refused by the staging web ACL alone"
    expression  = "100*FILL(staging_blocked,0)/(FILL(staging_blocked,0)+FILL(staging_allowed,0)+1) - 100*FILL(serving_blocked,0)/(FILL(serving_blocked,0)+FILL(serving_allowed,0)+1)"
  }
}

# control: edge.waf-canary
# from: edge.canary
resource "aws_lambda_permission" "canary_stop" {
  provider       = aws.global
  function_name  = aws_lambda_function.canary_stop.function_name
  action         = "lambda:InvokeFunction"
  principal      = "lambda.alarms.cloudwatch.amazonaws.com"
  source_account = "222222222222"
  source_arn     = aws_cloudwatch_metric_alarm.canary.arn
}

# The keys of the apps' signatures. Terraform never sees them: whoever releases the apps puts them
# there, as functions/mobile-signature.js says. Until then every request to the apps' paths is
# refused
# control: edge.client-proof
# from: edge.clients.mobile, edge.clients.window
resource "aws_cloudfront_key_value_store" "mobile_signature" {
  name = "bazaar-mobile-signature"
}

# control: edge.client-proof
# from: edge.clients.mobile, edge.clients.window
resource "aws_cloudfront_function" "mobile_signature" {
  name                         = "bazaar-mobile-signature"
  runtime                      = "cloudfront-js-2.0"
  publish                      = true
  code                         = file("${path.module}/functions/mobile-signature.js")
  key_value_store_associations = [aws_cloudfront_key_value_store.mobile_signature.arn]
}

# The waiting room's numbers. Whoever is on call writes how many wait, as
# functions/waiting-room.js says
# control: edge.overload
# from: edge.waitingRoom
resource "aws_cloudfront_key_value_store" "waiting_room" {
  name = "bazaar-waiting-room"
}

# control: edge.overload
# from: edge.waitingRoom
resource "aws_cloudfront_function" "waiting_room" {
  name                         = "bazaar-waiting-room"
  runtime                      = "cloudfront-js-2.0"
  publish                      = true
  code                         = file("${path.module}/functions/waiting-room.js")
  key_value_store_associations = [aws_cloudfront_key_value_store.waiting_room.arn]
}

# What tickets are signed with: made from the origin secret, and changed with it. Whoever holds a
# ticket then draws a new one
# control: edge.overload
# from: edge.waitingRoom
resource "aws_cloudfrontkeyvaluestore_key" "waiting_room_key" {
  key_value_store_arn = aws_cloudfront_key_value_store.waiting_room.arn
  key                 = "key"
  value               = sha256("waiting room ${data.aws_secretsmanager_secret_version.origin_current.secret_string}")
}

# How many visitors wait; 0 lets everybody in. Whoever is on call changes it, and terraform leaves
# it alone
# control: edge.overload
# from: edge.waitingRoom
resource "aws_cloudfrontkeyvaluestore_key" "waiting_room_waiting" {
  key_value_store_arn = aws_cloudfront_key_value_store.waiting_room.arn
  key                 = "waiting"
  value               = "0"

  lifecycle {
    ignore_changes = [value]
  }
}

# control: edge.overload
# from: edge.waitingRoom
resource "aws_cloudwatch_metric_alarm" "waiting_room" {
  provider          = aws.global
  alarm_name        = "bazaar-waiting-room"
  alarm_description = "More than 900 requests a second come to /basket/pay: open the waiting room (functions/waiting-room.js says how)"
  namespace         = "AWS/CloudFront"
  metric_name       = "FunctionInvocations"
  dimensions = {
    FunctionName = "bazaar-waiting-room"
    Region       = "Global"
  }
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 2
  comparison_operator = "GreaterThanThreshold"
  threshold           = 54000
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.oncall_global.arn]
}
