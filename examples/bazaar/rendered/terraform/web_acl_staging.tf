# bazaar: web_acl_staging. Rendered by fathom from the platform's declaration; change it there.

# The same rules for the staging distribution. The pipeline applies a change here first (terraform
# apply -target=aws_wafv2_web_acl.staging), and to aws_wafv2_web_acl.edge once the alarm canary
# has stayed quiet
# control: edge.waf-canary
# from: edge.canary
resource "aws_wafv2_web_acl" "staging" {
  provider = aws.global
  name     = "bazaar-staging"
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
        country_codes = ["IR", "KP"]
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "geo-deny"
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
        limit                 = 5000
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
                search_string         = "v"
                positional_constraint = "STARTS_WITH"

                field_to_match {
                  single_header {
                    name = "x-bazaar-app"
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
                search_string         = "/v1/app/"
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

  # 20 in 10 min by ip at /account/register
  rule {
    name     = "limit-account_register"
    priority = 11686

    action {
      block {}
    }

    statement {
      rate_based_statement {
        limit                 = 20
        evaluation_window_sec = 600
        aggregate_key_type    = "IP"

        scope_down_statement {
          byte_match_statement {
            search_string         = "/account/register"
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
      metric_name                = "limit-account_register"
      sampled_requests_enabled   = true
    }
  }

  # 1200 in 5 min by header:x-bazaar-device at /v1/app/*
  rule {
    name     = "limit-v1_app_any"
    priority = 12375

    action {
      block {}
    }

    statement {
      rate_based_statement {
        limit                 = 1200
        evaluation_window_sec = 300
        aggregate_key_type    = "CUSTOM_KEYS"

        custom_key {
          header {
            name = "x-bazaar-device"

            text_transformation {
              priority = 0
              type     = "NONE"
            }
          }
        }

        scope_down_statement {
          byte_match_statement {
            search_string         = "/v1/app/"
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
      metric_name                = "limit-v1_app_any"
      sampled_requests_enabled   = true
    }
  }

  # 60 in 5 min by session at /basket/pay
  rule {
    name     = "limit-basket_pay"
    priority = 17224

    action {
      block {}
    }

    statement {
      rate_based_statement {
        limit                 = 60
        evaluation_window_sec = 300
        aggregate_key_type    = "CUSTOM_KEYS"

        custom_key {
          cookie {
            name = "bz"

            text_transformation {
              priority = 0
              type     = "NONE"
            }
          }
        }

        scope_down_statement {
          byte_match_statement {
            search_string         = "/basket/pay"
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
      metric_name                = "limit-basket_pay"
      sampled_requests_enabled   = true
    }
  }

  # 600 in 5 min by ip at /reviews/*
  rule {
    name     = "limit-reviews_any"
    priority = 18357

    action {
      block {}
    }

    statement {
      rate_based_statement {
        limit                 = 600
        evaluation_window_sec = 300
        aggregate_key_type    = "IP"

        scope_down_statement {
          byte_match_statement {
            search_string         = "/reviews/"
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
      metric_name                = "limit-reviews_any"
      sampled_requests_enabled   = true
    }
  }

  # 40 in 5 min by ip at /account/sign-in
  rule {
    name     = "limit-account_sign-in"
    priority = 19146

    action {
      block {}
    }

    statement {
      rate_based_statement {
        limit                 = 40
        evaluation_window_sec = 300
        aggregate_key_type    = "IP"

        scope_down_statement {
          byte_match_statement {
            search_string         = "/account/sign-in"
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
      metric_name                = "limit-account_sign-in"
      sampled_requests_enabled   = true
    }
  }

  # /listings/* takes GET only; CloudFront's lists of methods are coarser
  rule {
    name     = "methods-listings_any"
    priority = 21632

    action {
      block {}
    }

    statement {
      and_statement {
        statement {
          byte_match_statement {
            search_string         = "/listings/"
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
      metric_name                = "methods-listings_any"
      sampled_requests_enabled   = true
    }
  }

  # /basket/pay is limited by the cookie bz: a request without it would not be counted
  rule {
    name     = "needs-basket_pay"
    priority = 32154

    action {
      block {}
    }

    statement {
      and_statement {
        statement {
          byte_match_statement {
            search_string         = "/basket/pay"
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
                      included_cookies = ["bz"]
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
      metric_name                = "needs-basket_pay"
      sampled_requests_enabled   = true
    }
  }

  # /v1/app/* is limited by the header x-bazaar-device: a request without it would not be counted
  rule {
    name     = "needs-v1_app_any"
    priority = 34513

    action {
      block {}
    }

    statement {
      and_statement {
        statement {
          byte_match_statement {
            search_string         = "/v1/app/"
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
              size_constraint_statement {
                comparison_operator = "GT"
                size                = 0

                field_to_match {
                  single_header {
                    name = "x-bazaar-device"
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
      metric_name                = "needs-v1_app_any"
      sampled_requests_enabled   = true
    }
  }

  # CloudFront runs the code before /v1/app/* for the path as it was sent; this is the same path in
  # another spelling
  rule {
    name     = "spelling-v1_app_any"
    priority = 41578

    action {
      block {}
    }

    statement {
      and_statement {
        statement {
          byte_match_statement {
            search_string         = "/v1/app/"
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
                search_string         = "/v1/app/"
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
      metric_name                = "spelling-v1_app_any"
      sampled_requests_enabled   = true
    }
  }

  # CloudFront runs the code before /basket/pay for the path as it was sent; this is the same path
  # in another spelling
  rule {
    name     = "spelling-basket_pay"
    priority = 49981

    action {
      block {}
    }

    statement {
      and_statement {
        statement {
          byte_match_statement {
            search_string         = "/basket/pay"
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
                search_string         = "/basket/pay"
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
      metric_name                = "spelling-basket_pay"
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
            captcha {}
          }
        }

        rule_action_override {
          name = "SignalNonBrowserUserAgent"

          action_to_use {
            captcha {}
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
                search_string         = "/v1/app/"
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
    name     = "challenge-account_sign-in"
    priority = 72680

    action {
      challenge {}
    }

    statement {
      byte_match_statement {
        search_string         = "/account/sign-in"
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
      metric_name                = "challenge-account_sign-in"
      sampled_requests_enabled   = true
    }
  }

  rule {
    name     = "challenge-account_register"
    priority = 75360

    action {
      challenge {}
    }

    statement {
      byte_match_statement {
        search_string         = "/account/register"
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
      metric_name                = "challenge-account_register"
      sampled_requests_enabled   = true
    }
  }

  # No route is declared to be the form "recover", so it is known by its path. The apps' paths are
  # left out: apps cannot answer a challenge, and their requests are signed
  rule {
    name     = "words-recover"
    priority = 77835

    action {
      challenge {}
    }

    statement {
      and_statement {
        statement {
          regex_match_statement {
            regex_string = "^.*/(forgot|recover|reset)[a-z_-]*(/.*)?$"

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

            text_transformation {
              priority = 2
              type     = "LOWERCASE"
            }
          }
        }

        statement {
          not_statement {
            statement {
              byte_match_statement {
                search_string         = "/v1/app/"
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
      metric_name                = "words-recover"
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
        field_keys = ["bz"]
      }
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = "bazaar-staging"
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
