# bazaar: distribution. Rendered by fathom from the platform's declaration; change it there.

# The way in. It depends on the listener rule, which has to take a new origin secret before this
# sends it
# control: edge.waf-attached, edge.tls, edge.origin-secret, edge.client-proof
# from: edge.domains, edge.routes, edge.clients.mobile
resource "aws_cloudfront_distribution" "main" {
  enabled                         = true
  comment                         = "bazaar-main"
  aliases                         = ["www.bazaar.example", "api.bazaar.example"]
  web_acl_id                      = aws_wafv2_web_acl.edge.arn
  continuous_deployment_policy_id = var.canary ? aws_cloudfront_continuous_deployment_policy.canary.id : null
  is_ipv6_enabled                 = true
  # Continuous deployment has no HTTP/3
  http_version = "http2"

  origin {
    origin_id   = "shop"
    domain_name = "origin.bazaar.example"

    custom_header {
      name  = "x-origin-secret"
      value = data.aws_secretsmanager_secret_version.origin_current.secret_string
    }

    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
    }
  }

  default_cache_behavior {
    target_origin_id           = "shop"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
    cached_methods             = ["GET", "HEAD"]
    cache_policy_id            = data.aws_cloudfront_cache_policy.none.id
    origin_request_policy_id   = data.aws_cloudfront_origin_request_policy.all.id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.shop.id
  }

  ordered_cache_behavior {
    path_pattern               = "/basket/pay"
    target_origin_id           = "shop"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
    cached_methods             = ["GET", "HEAD"]
    cache_policy_id            = data.aws_cloudfront_cache_policy.none.id
    origin_request_policy_id   = data.aws_cloudfront_origin_request_policy.all.id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.shop.id

    function_association {
      event_type   = "viewer-request"
      function_arn = aws_cloudfront_function.waiting_room.arn
    }
  }

  ordered_cache_behavior {
    path_pattern               = "/listings/*"
    target_origin_id           = "shop"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    cache_policy_id            = data.aws_cloudfront_cache_policy.none.id
    origin_request_policy_id   = data.aws_cloudfront_origin_request_policy.all.id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.shop.id
  }

  ordered_cache_behavior {
    path_pattern               = "/v1/app/*"
    target_origin_id           = "shop"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
    cached_methods             = ["GET", "HEAD"]
    cache_policy_id            = data.aws_cloudfront_cache_policy.none.id
    origin_request_policy_id   = data.aws_cloudfront_origin_request_policy.all.id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.shop.id

    function_association {
      event_type   = "viewer-request"
      function_arn = aws_cloudfront_function.mobile_signature.arn
    }
  }

  viewer_certificate {
    acm_certificate_arn      = aws_acm_certificate_validation.edge.certificate_arn
    ssl_support_method       = "sni-only"
    minimum_protocol_version = "TLSv1.2_2021"
  }

  restrictions {
    # Countries are the web ACL's: it can challenge, and logs
    geo_restriction {
      restriction_type = "none"
    }
  }

  depends_on = [aws_lb_listener_rule.origin_secret]
}

# from: logs
resource "aws_cloudwatch_log_delivery_destination" "cloudfront" {
  provider      = aws.global
  name          = "bazaar-cloudfront"
  output_format = "json"

  delivery_destination_configuration {
    destination_resource_arn = "${aws_s3_bucket.logs.arn}/cloudfront"
  }
}

# from: logs
resource "aws_cloudwatch_log_delivery_source" "cloudfront_main" {
  provider     = aws.global
  name         = "bazaar-cloudfront-main"
  log_type     = "ACCESS_LOGS"
  resource_arn = aws_cloudfront_distribution.main.arn
}

# Without cookies, queries and referrers: people's data stands there
# from: logs
resource "aws_cloudwatch_log_delivery" "cloudfront_main" {
  provider                 = aws.global
  delivery_source_name     = aws_cloudwatch_log_delivery_source.cloudfront_main.name
  delivery_destination_arn = aws_cloudwatch_log_delivery_destination.cloudfront.arn
  record_fields = [
    "date",
    "time",
    "x-edge-location",
    "sc-bytes",
    "c-ip",
    "cs-method",
    "cs(Host)",
    "cs-uri-stem",
    "sc-status",
    "cs(User-Agent)",
    "x-edge-result-type",
    "x-edge-request-id",
    "x-host-header",
    "cs-protocol",
    "cs-bytes",
    "time-taken",
    "ssl-protocol",
    "ssl-cipher",
    "x-edge-response-result-type",
    "cs-protocol-version",
    "c-port",
    "time-to-first-byte",
    "x-edge-detailed-result-type",
    "sc-content-type",
    "sc-content-len",
  ]
  s3_delivery_configuration = [
    {
      suffix_path                 = "/{DistributionId}/{yyyy}/{MM}/{dd}/{HH}"
      enable_hive_compatible_path = false
    },
  ]
  depends_on = [aws_s3_bucket_policy.logs]
}
