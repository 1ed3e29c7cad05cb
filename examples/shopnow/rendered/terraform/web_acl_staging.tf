# shopnow: web_acl_staging. Rendered by fathom from the platform's declaration; change it there.

# The same rules for the staging distribution. The pipeline applies a change here first (terraform
# apply -target=aws_wafv2_web_acl.staging), and to aws_wafv2_web_acl.edge once the alarm canary
# has stayed quiet
# control: edge.waf-canary
# from: edge.canary
resource "aws_wafv2_web_acl" "staging" {
  provider = aws.global
  name     = "shopnow-staging"
  scope    = "CLOUDFRONT"

  default_action {
    allow {}
  }

  rule {
    name     = "geo-deny"
    priority = 100

    action {
      block {}
    }

    statement {
      geo_match_statement {
        country_codes = ["KP"]
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "geo-deny"
      sampled_requests_enabled   = true
    }
  }

  # The apps' paths are left out: apps cannot answer a challenge, and their requests are signed
  rule {
    name     = "geo-challenge"
    priority = 110

    action {
      challenge {}
    }

    statement {
      and_statement {
        statement {
          geo_match_statement {
            country_codes = ["RU"]
          }
        }

        statement {
          not_statement {
            statement {
              byte_match_statement {
                search_string         = "/api/mobile/"
                positional_constraint = "STARTS_WITH"

                field_to_match {
                  uri_path {}
                }

                text_transformation {
                  priority = 0
                  type     = "URL_DECODE"
                }

                text_transformation {
                  priority = 1
                  type     = "NORMALIZE_PATH"
                }
              }
            }
          }
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "geo-challenge"
      sampled_requests_enabled   = true
    }
  }

  rule {
    name     = "AmazonIpReputationList"
    priority = 200

    override_action {
      none {}
    }

    statement {
      managed_rule_group_statement {
        vendor_name = "AWS"
        name        = "AWSManagedRulesAmazonIpReputationList"
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "AmazonIpReputationList"
      sampled_requests_enabled   = true
    }
  }

  # What no route limits by itself, and what all routes together allow one client
  rule {
    name     = "general-limit"
    priority = 300

    action {
      block {}
    }

    statement {
      rate_based_statement {
        limit                 = 3000
        evaluation_window_sec = 300
        aggregate_key_type    = "IP"
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "general-limit"
      sampled_requests_enabled   = true
    }
  }

  # What the shop's own pages send carries this header. A browser adds none when it opens a page, so
  # only requests that change something need it; other sites cannot make a visitor's browser send
  # it. The apps sign their requests, which proves more
  rule {
    name     = "client-header"
    priority = 400

    action {
      block {}
    }

    statement {
      and_statement {
        statement {
          not_statement {
            statement {
              regex_match_statement {
                regex_string = "^(GET|HEAD|OPTIONS)$"

                field_to_match {
                  method {}
                }

                text_transformation {
                  priority = 0
                  type     = "NONE"
                }
              }
            }
          }
        }

        statement {
          not_statement {
            statement {
              byte_match_statement {
                search_string         = "web/"
                positional_constraint = "STARTS_WITH"

                field_to_match {
                  single_header {
                    name = "x-shop-client"
                  }
                }

                text_transformation {
                  priority = 0
                  type     = "NONE"
                }
              }
            }
          }
        }

        statement {
          not_statement {
            statement {
              byte_match_statement {
                search_string         = "/api/mobile/"
                positional_constraint = "STARTS_WITH"

                field_to_match {
                  uri_path {}
                }

                text_transformation {
                  priority = 0
                  type     = "URL_DECODE"
                }

                text_transformation {
                  priority = 1
                  type     = "NORMALIZE_PATH"
                }
              }
            }
          }
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "client-header"
      sampled_requests_enabled   = true
    }
  }

  # 2000 in 5 min by ip at /search/*
  rule {
    name     = "limit-search_any"
    priority = 10894

    action {
      block {}
    }

    statement {
      rate_based_statement {
        limit                 = 2000
        evaluation_window_sec = 300
        aggregate_key_type    = "IP"

        scope_down_statement {
          byte_match_statement {
            search_string         = "/search/"
            positional_constraint = "STARTS_WITH"

            field_to_match {
              uri_path {}
            }

            text_transformation {
              priority = 0
              type     = "URL_DECODE"
            }

            text_transformation {
              priority = 1
              type     = "NORMALIZE_PATH"
            }
          }
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "limit-search_any"
      sampled_requests_enabled   = true
    }
  }

  # 50 in 5 min by ip at /forgotten-password
  rule {
    name     = "limit-forgotten-password"
    priority = 11507

    action {
      block {}
    }

    statement {
      rate_based_statement {
        limit                 = 50
        evaluation_window_sec = 300
        aggregate_key_type    = "IP"

        scope_down_statement {
          byte_match_statement {
            search_string         = "/forgotten-password"
            positional_constraint = "EXACTLY"

            field_to_match {
              uri_path {}
            }

            text_transformation {
              priority = 0
              type     = "URL_DECODE"
            }

            text_transformation {
              priority = 1
              type     = "NORMALIZE_PATH"
            }
          }
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "limit-forgotten-password"
      sampled_requests_enabled   = true
    }
  }

  # 50 in 5 min by ip at /signup
  rule {
    name     = "limit-signup"
    priority = 12555

    action {
      block {}
    }

    statement {
      rate_based_statement {
        limit                 = 50
        evaluation_window_sec = 300
        aggregate_key_type    = "IP"

        scope_down_statement {
          byte_match_statement {
            search_string         = "/signup"
            positional_constraint = "EXACTLY"

            field_to_match {
              uri_path {}
            }

            text_transformation {
              priority = 0
              type     = "URL_DECODE"
            }

            text_transformation {
              priority = 1
              type     = "NORMALIZE_PATH"
            }
          }
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "limit-signup"
      sampled_requests_enabled   = true
    }
  }

  # 50 in 5 min by ip at /login. It only counts until 2027-02-15: tuning the credential rule
  # (security)
  rule {
    name     = "limit-login"
    priority = 15752

    action {
      count {}
    }

    statement {
      rate_based_statement {
        limit                 = 50
        evaluation_window_sec = 300
        aggregate_key_type    = "IP"

        scope_down_statement {
          byte_match_statement {
            search_string         = "/login"
            positional_constraint = "EXACTLY"

            field_to_match {
              uri_path {}
            }

            text_transformation {
              priority = 0
              type     = "URL_DECODE"
            }

            text_transformation {
              priority = 1
              type     = "NORMALIZE_PATH"
            }
          }
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "limit-login"
      sampled_requests_enabled   = true
    }
  }

  # 100 in 5 min by session at /checkout
  rule {
    name     = "limit-checkout"
    priority = 19191

    action {
      block {}
    }

    statement {
      rate_based_statement {
        limit                 = 100
        evaluation_window_sec = 300
        aggregate_key_type    = "CUSTOM_KEYS"

        custom_key {
          cookie {
            name = "shop-session"

            text_transformation {
              priority = 0
              type     = "NONE"
            }
          }
        }

        scope_down_statement {
          byte_match_statement {
            search_string         = "/checkout"
            positional_constraint = "EXACTLY"

            field_to_match {
              uri_path {}
            }

            text_transformation {
              priority = 0
              type     = "URL_DECODE"
            }

            text_transformation {
              priority = 1
              type     = "NORMALIZE_PATH"
            }
          }
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "limit-checkout"
      sampled_requests_enabled   = true
    }
  }

  # /search/* takes GET only; CloudFront's lists of methods are coarser
  rule {
    name     = "methods-search_any"
    priority = 29877

    action {
      block {}
    }

    statement {
      and_statement {
        statement {
          byte_match_statement {
            search_string         = "/search/"
            positional_constraint = "STARTS_WITH"

            field_to_match {
              uri_path {}
            }

            text_transformation {
              priority = 0
              type     = "URL_DECODE"
            }

            text_transformation {
              priority = 1
              type     = "NORMALIZE_PATH"
            }
          }
        }

        statement {
          not_statement {
            statement {
              regex_match_statement {
                regex_string = "^(GET)$"

                field_to_match {
                  method {}
                }

                text_transformation {
                  priority = 0
                  type     = "NONE"
                }
              }
            }
          }
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "methods-search_any"
      sampled_requests_enabled   = true
    }
  }

  # /checkout is limited by the cookie shop-session: a request without it would not be counted
  rule {
    name     = "needs-checkout"
    priority = 39929

    action {
      block {}
    }

    statement {
      and_statement {
        statement {
          byte_match_statement {
            search_string         = "/checkout"
            positional_constraint = "EXACTLY"

            field_to_match {
              uri_path {}
            }

            text_transformation {
              priority = 0
              type     = "URL_DECODE"
            }

            text_transformation {
              priority = 1
              type     = "NORMALIZE_PATH"
            }
          }
        }

        statement {
          not_statement {
            statement {
              size_constraint_statement {
                comparison_operator = "GT"
                size                = 0

                field_to_match {
                  cookies {
                    match_scope = "VALUE"
                    # Under a not: more cookies than are looked at count as none
                    oversize_handling = "NO_MATCH"

                    match_pattern {
                      included_cookies = ["shop-session"]
                    }
                  }
                }

                text_transformation {
                  priority = 0
                  type     = "NONE"
                }
              }
            }
          }
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "needs-checkout"
      sampled_requests_enabled   = true
    }
  }

  # CloudFront runs the code before /api/mobile/* for the path as it was sent; this is the same path
  # in another spelling
  rule {
    name     = "spelling-api_mobile_any"
    priority = 41532

    action {
      block {}
    }

    statement {
      and_statement {
        statement {
          byte_match_statement {
            search_string         = "/api/mobile/"
            positional_constraint = "STARTS_WITH"

            field_to_match {
              uri_path {}
            }

            text_transformation {
              priority = 0
              type     = "URL_DECODE"
            }

            text_transformation {
              priority = 1
              type     = "NORMALIZE_PATH"
            }
          }
        }

        statement {
          not_statement {
            statement {
              byte_match_statement {
                search_string         = "/api/mobile/"
                positional_constraint = "STARTS_WITH"

                field_to_match {
                  uri_path {}
                }

                text_transformation {
                  priority = 0
                  type     = "NONE"
                }
              }
            }
          }
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "spelling-api_mobile_any"
      sampled_requests_enabled   = true
    }
  }

  # CloudFront runs the code before /checkout for the path as it was sent; this is the same path in
  # another spelling
  rule {
    name     = "spelling-checkout"
    priority = 43010

    action {
      block {}
    }

    statement {
      and_statement {
        statement {
          byte_match_statement {
            search_string         = "/checkout"
            positional_constraint = "EXACTLY"

            field_to_match {
              uri_path {}
            }

            text_transformation {
              priority = 0
              type     = "URL_DECODE"
            }

            text_transformation {
              priority = 1
              type     = "NORMALIZE_PATH"
            }
          }
        }

        statement {
          not_statement {
            statement {
              byte_match_statement {
                search_string         = "/checkout"
                positional_constraint = "EXACTLY"

                field_to_match {
                  uri_path {}
                }

                text_transformation {
                  priority = 0
                  type     = "NONE"
                }
              }
            }
          }
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "spelling-checkout"
      sampled_requests_enabled   = true
    }
  }

  # The apps' paths are left out: apps cannot answer a challenge, and their requests are signed
  rule {
    name     = "BotControl"
    priority = 50000

    override_action {
      none {}
    }

    statement {
      managed_rule_group_statement {
        vendor_name = "AWS"
        name        = "AWSManagedRulesBotControlRuleSet"

        rule_action_override {
          name = "SignalKnownBotDataCenter"

          action_to_use {
            challenge {}
          }
        }

        rule_action_override {
          name = "SignalNonBrowserUserAgent"

          action_to_use {
            challenge {}
          }
        }

        managed_rule_group_configs {
          aws_managed_rules_bot_control_rule_set {
            inspection_level = "COMMON"
          }
        }

        scope_down_statement {
          not_statement {
            statement {
              byte_match_statement {
                search_string         = "/api/mobile/"
                positional_constraint = "STARTS_WITH"

                field_to_match {
                  uri_path {}
                }

                text_transformation {
                  priority = 0
                  type     = "URL_DECODE"
                }

                text_transformation {
                  priority = 1
                  type     = "NORMALIZE_PATH"
                }
              }
            }
          }
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "BotControl"
      sampled_requests_enabled   = true
    }
  }

  # Verified bots often run on rented servers; Bot Control has told them from the rest
  rule {
    name     = "AnonymousIpList"
    priority = 50100

    override_action {
      none {}
    }

    statement {
      managed_rule_group_statement {
        vendor_name = "AWS"
        name        = "AWSManagedRulesAnonymousIpList"

        scope_down_statement {
          not_statement {
            statement {
              label_match_statement {
                scope = "LABEL"
                key   = "awswaf:managed:aws:bot-control:bot:verified"
              }
            }
          }
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "AnonymousIpList"
      sampled_requests_enabled   = true
    }
  }

  rule {
    name     = "Common"
    priority = 50200

    override_action {
      none {}
    }

    statement {
      managed_rule_group_statement {
        vendor_name = "AWS"
        name        = "AWSManagedRulesCommonRuleSet"
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "Common"
      sampled_requests_enabled   = true
    }
  }

  rule {
    name     = "KnownBadInputs"
    priority = 50210

    override_action {
      none {}
    }

    statement {
      managed_rule_group_statement {
        vendor_name = "AWS"
        name        = "AWSManagedRulesKnownBadInputsRuleSet"
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "KnownBadInputs"
      sampled_requests_enabled   = true
    }
  }

  rule {
    name     = "SQLi"
    priority = 50220

    override_action {
      none {}
    }

    statement {
      managed_rule_group_statement {
        vendor_name = "AWS"
        name        = "AWSManagedRulesSQLiRuleSet"
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "SQLi"
      sampled_requests_enabled   = true
    }
  }

  rule {
    name     = "Linux"
    priority = 50230

    override_action {
      none {}
    }

    statement {
      managed_rule_group_statement {
        vendor_name = "AWS"
        name        = "AWSManagedRulesLinuxRuleSet"
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "Linux"
      sampled_requests_enabled   = true
    }
  }

  rule {
    name     = "Unix"
    priority = 50240

    override_action {
      none {}
    }

    statement {
      managed_rule_group_statement {
        vendor_name = "AWS"
        name        = "AWSManagedRulesUnixRuleSet"
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "Unix"
      sampled_requests_enabled   = true
    }
  }

  rule {
    name     = "challenge-signup"
    priority = 72805

    action {
      challenge {}
    }

    statement {
      byte_match_statement {
        search_string         = "/signup"
        positional_constraint = "EXACTLY"

        field_to_match {
          uri_path {}
        }

        text_transformation {
          priority = 0
          type     = "URL_DECODE"
        }

        text_transformation {
          priority = 1
          type     = "NORMALIZE_PATH"
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "challenge-signup"
      sampled_requests_enabled   = true
    }
  }

  # . It only counts until 2027-02-15: tuning the credential rule (security)
  rule {
    name     = "challenge-login"
    priority = 76238

    action {
      count {}
    }

    statement {
      byte_match_statement {
        search_string         = "/login"
        positional_constraint = "EXACTLY"

        field_to_match {
          uri_path {}
        }

        text_transformation {
          priority = 0
          type     = "URL_DECODE"
        }

        text_transformation {
          priority = 1
          type     = "NORMALIZE_PATH"
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "challenge-login"
      sampled_requests_enabled   = true
    }
  }

  rule {
    name     = "challenge-forgotten-password"
    priority = 77229

    action {
      challenge {}
    }

    statement {
      byte_match_statement {
        search_string         = "/forgotten-password"
        positional_constraint = "EXACTLY"

        field_to_match {
          uri_path {}
        }

        text_transformation {
          priority = 0
          type     = "URL_DECODE"
        }

        text_transformation {
          priority = 1
          type     = "NORMALIZE_PATH"
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "challenge-forgotten-password"
      sampled_requests_enabled   = true
    }
  }

  data_protection_config {
    data_protection {
      action = "SUBSTITUTION"

      field {
        field_type = "SINGLE_HEADER"
        field_keys = ["authorization"]
      }
    }

    data_protection {
      action = "SUBSTITUTION"

      field {
        field_type = "SINGLE_COOKIE"
        field_keys = ["shop-session"]
      }
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = "shopnow-staging"
    sampled_requests_enabled   = true
  }
}

# control: edge.waf-logging
# from: edge, logs
resource "aws_wafv2_web_acl_logging_configuration" "staging" {
  provider                = aws.global
  resource_arn            = aws_wafv2_web_acl.staging.arn
  log_destination_configs = [aws_s3_bucket.waf_logs.arn]

  redacted_fields {
    single_header {
      name = "authorization"
    }
  }

  redacted_fields {
    single_header {
      name = "cookie"
    }
  }

  redacted_fields {
    single_header {
      name = "x-signature"
    }
  }

  # Services behind the edge see personal data, which may stand in an address
  redacted_fields {
    query_string {}
  }
}
