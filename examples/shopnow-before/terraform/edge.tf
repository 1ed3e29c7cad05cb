# Load balancer ----------------------------------------------------------------

resource "aws_security_group" "alb" {
  name        = "${local.name}-alb"
  description = "Public load balancer"
  vpc_id      = module.vpc.vpc_id

  tags = { Name = "${local.name}-alb" }
}

resource "aws_security_group_rule" "alb_in" {
  for_each = { http = 80, https = 443 }

  security_group_id = aws_security_group.alb.id
  description       = "${each.key} from the internet"
  type              = "ingress"
  protocol          = "tcp"
  from_port         = each.value
  to_port           = each.value
  cidr_blocks       = ["0.0.0.0/0"]
  ipv6_cidr_blocks  = ["::/0"]
}

resource "aws_security_group_rule" "alb_out" {
  security_group_id = aws_security_group.alb.id
  type              = "egress"
  protocol          = "-1"
  from_port         = 0
  to_port           = 0
  cidr_blocks       = ["0.0.0.0/0"]
}

resource "aws_lb" "main" {
  name               = local.name
  load_balancer_type = "application"
  internal           = false
  security_groups    = [aws_security_group.alb.id]
  subnets            = module.vpc.public_subnet_ids
  idle_timeout       = 120
}

resource "aws_lb_target_group" "service" {
  for_each = var.services

  name        = "shopnow-${each.key}"
  port        = each.value.node_port
  protocol    = "HTTP"
  target_type = "instance"
  vpc_id      = module.vpc.vpc_id

  health_check {
    path    = each.value.health
    matcher = "200-299"
  }
}

resource "aws_autoscaling_attachment" "service" {
  for_each = var.services

  autoscaling_group_name = module.eks.autoscaling_group_names["general"]
  lb_target_group_arn    = aws_lb_target_group.service[each.key].arn
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.main.arn
  port              = 80
  protocol          = "HTTP"

  # The old mobile app (< 3.2) still talks plain HTTP, so no redirect yet.
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.service["orders"].arn
  }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.main.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-2016-08"
  certificate_arn   = aws_acm_certificate.regional.arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.service["orders"].arn
  }
}

resource "aws_lb_listener_rule" "service" {
  for_each = { for name, s in var.services : name => s if length(s.paths) > 0 }

  listener_arn = aws_lb_listener.https.arn
  priority     = each.value.priority

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.service[each.key].arn
  }

  condition {
    path_pattern {
      values = each.value.paths
    }
  }
}

# Certificates -----------------------------------------------------------------

resource "aws_acm_certificate" "regional" {
  domain_name       = "origin.${var.domain}"
  validation_method = "DNS"
}

resource "aws_acm_certificate" "cdn" {
  provider = aws.us_east_1

  domain_name               = var.domain
  subject_alternative_names = ["www.${var.domain}"]
  validation_method         = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_route53_record" "cdn_validation" {
  for_each = {
    for option in aws_acm_certificate.cdn.domain_validation_options : option.domain_name => {
      name  = option.resource_record_name
      type  = option.resource_record_type
      value = option.resource_record_value
    }
  }

  zone_id         = aws_route53_zone.public.zone_id
  name            = each.value.name
  type            = each.value.type
  records         = [each.value.value]
  ttl             = 60
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "cdn" {
  provider = aws.us_east_1

  certificate_arn         = aws_acm_certificate.cdn.arn
  validation_record_fqdns = [for r in aws_route53_record.cdn_validation : r.fqdn]
}

# CDN --------------------------------------------------------------------------

resource "aws_cloudfront_distribution" "shop" {
  enabled         = true
  is_ipv6_enabled = true
  comment         = "shop and product images"
  aliases         = [var.domain, "www.${var.domain}"]
  price_class     = "PriceClass_100"
  web_acl_id      = aws_wafv2_web_acl.shop.arn

  origin {
    origin_id   = "alb"
    domain_name = aws_route53_record.origin.fqdn

    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "match-viewer"
      origin_ssl_protocols   = ["TLSv1", "TLSv1.1", "TLSv1.2"]
      origin_read_timeout    = 60
    }
  }

  origin {
    origin_id   = "assets"
    domain_name = aws_s3_bucket.shop["assets"].bucket_regional_domain_name
  }

  default_cache_behavior {
    target_origin_id       = "alb"
    viewer_protocol_policy = "allow-all"
    allowed_methods        = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
    cached_methods         = ["GET", "HEAD"]
    compress               = true
    min_ttl                = 0
    default_ttl            = 0
    max_ttl                = 0

    forwarded_values {
      query_string = true
      headers      = ["*"]

      cookies {
        forward = "all"
      }
    }
  }

  dynamic "ordered_cache_behavior" {
    for_each = ["/assets/*", "/img/*"]

    content {
      path_pattern           = ordered_cache_behavior.value
      target_origin_id       = "assets"
      viewer_protocol_policy = "allow-all"
      allowed_methods        = ["GET", "HEAD"]
      cached_methods         = ["GET", "HEAD"]
      compress               = true
      min_ttl                = 0
      default_ttl            = 86400
      max_ttl                = 604800

      forwarded_values {
        query_string = false

        cookies {
          forward = "none"
        }
      }
    }
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    acm_certificate_arn      = aws_acm_certificate_validation.cdn.certificate_arn
    ssl_support_method       = "sni-only"
    minimum_protocol_version = "TLSv1"
  }
}

# WAF --------------------------------------------------------------------------

locals {
  # Everything counts until somebody has looked at the false positives
  # (checkout broke on the first try, see the incident of 2023-11-02).
  managed_rules = {
    AWSManagedRulesCommonRuleSet          = 10
    AWSManagedRulesKnownBadInputsRuleSet  = 20
    AWSManagedRulesSQLiRuleSet            = 30
    AWSManagedRulesAmazonIpReputationList = 40
  }
}

resource "aws_wafv2_ip_set" "office" {
  provider = aws.us_east_1

  name               = "${local.name}-office"
  scope              = "CLOUDFRONT"
  ip_address_version = "IPV4"
  addresses          = var.office_cidrs
}

resource "aws_wafv2_web_acl" "shop" {
  provider = aws.us_east_1

  name  = local.name
  scope = "CLOUDFRONT"

  default_action {
    allow {}
  }

  rule {
    name     = "office"
    priority = 0

    action {
      allow {}
    }

    statement {
      ip_set_reference_statement {
        arn = aws_wafv2_ip_set.office.arn
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "office"
      sampled_requests_enabled   = true
    }
  }

  dynamic "rule" {
    for_each = local.managed_rules

    content {
      name     = rule.key
      priority = rule.value

      override_action {
        count {}
      }

      statement {
        managed_rule_group_statement {
          vendor_name = "AWS"
          name        = rule.key
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = rule.key
        sampled_requests_enabled   = true
      }
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = local.name
    sampled_requests_enabled   = true
  }
}

# DNS --------------------------------------------------------------------------

resource "aws_route53_zone" "public" {
  name = var.domain
}

resource "aws_route53_record" "shop" {
  for_each = toset(["", "www."])

  zone_id = aws_route53_zone.public.zone_id
  name    = "${each.key}${var.domain}"
  type    = "A"

  alias {
    name                   = aws_cloudfront_distribution.shop.domain_name
    zone_id                = aws_cloudfront_distribution.shop.hosted_zone_id
    evaluate_target_health = false
  }
}

resource "aws_route53_record" "origin" {
  zone_id = aws_route53_zone.public.zone_id
  name    = "origin.${var.domain}"
  type    = "A"

  alias {
    name                   = aws_lb.main.dns_name
    zone_id                = aws_lb.main.zone_id
    evaluate_target_health = true
  }
}

resource "aws_route53_zone" "internal" {
  name = "shopnow.internal"

  vpc {
    vpc_id = module.vpc.vpc_id
  }
}

resource "aws_route53_record" "internal" {
  for_each = merge(
    { for name, db in module.database : "${name}-db" => db.endpoint },
    {
      cache  = module.cache.endpoint
      events = split(":", module.stream.bootstrap_brokers)[0]
    },
  )

  zone_id = aws_route53_zone.internal.zone_id
  name    = "${each.key}.shopnow.internal"
  type    = "CNAME"
  ttl     = 60
  records = [each.value]
}
