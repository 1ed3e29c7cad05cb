resource "aws_wafv2_ip_set" "ips" {
  name               = "ips"
  scope              = "REGIONAL"
  ip_address_version = "IPV4"
  addresses          = ["192.0.2.0/24", "198.51.100.7/32"]
}

resource "aws_wafv2_regex_pattern_set" "patterns" {
  name  = "patterns"
  scope = "REGIONAL"
  regular_expression {
    regex_string = "^a+$"
  }
  regular_expression {
    regex_string = "\\d{3}"
  }
}

resource "aws_wafv2_rule_group" "group" {
  name     = "group"
  scope    = "REGIONAL"
  capacity = 50
  rule {
    name     = "inner"
    priority = 1
    action {
      block {
      }
    }
    statement {
      byte_match_statement {
        search_string = "/x"
        field_to_match {
          uri_path {
          }
        }
        positional_constraint = "CONTAINS"
        text_transformation {
          priority = 0
          type     = "NONE"
        }
      }
    }
    rule_label {
      name = "x"
    }
    visibility_config {
      sampled_requests_enabled   = true
      cloudwatch_metrics_enabled = true
      metric_name                = "inner"
    }
  }
  visibility_config {
    sampled_requests_enabled   = true
    cloudwatch_metrics_enabled = true
    metric_name                = "group"
  }
}

resource "aws_wafv2_web_acl" "rich" {
  name  = "rich"
  scope = "REGIONAL"
  default_action {
    allow {
      custom_request_handling {
        insert_header {
          name  = "passed"
          value = "waf"
        }
      }
    }
  }
  rule {
    name     = "geo"
    priority = 0
    statement {
      geo_match_statement {
        country_codes = ["KP", "RU"]
        forwarded_ip_config {
          header_name       = "X-Forwarded-For"
          fallback_behavior = "NO_MATCH"
        }
      }
    }
    action {
      count {
        custom_request_handling {
          insert_header {
            name  = "geo"
            value = "far"
          }
          insert_header {
            name  = "seen"
            value = "1"
          }
        }
      }
    }
    rule_label {
      name = "geo:far"
    }
    rule_label {
      name = "seen"
    }
    visibility_config {
      sampled_requests_enabled   = true
      cloudwatch_metrics_enabled = false
      metric_name                = "geo"
    }
  }
  rule {
    name     = "asn"
    priority = 10
    statement {
      asn_match_statement {
        asn_list = [64500, 4294967295]
      }
    }
    action {
      captcha {
      }
    }
    captcha_config {
      immunity_time_property {
        immunity_time = 120
      }
    }
    visibility_config {
      sampled_requests_enabled   = true
      cloudwatch_metrics_enabled = false
      metric_name                = "asn"
    }
  }
  rule {
    name     = "ips"
    priority = 20
    statement {
      or_statement {
        statement {
          ip_set_reference_statement {
            arn = aws_wafv2_ip_set.ips.arn
          }
        }
        statement {
          ip_set_reference_statement {
            arn = aws_wafv2_ip_set.ips.arn
            ip_set_forwarded_ip_config {
              header_name       = "X-Forwarded-For"
              fallback_behavior = "MATCH"
              position          = "ANY"
            }
          }
        }
      }
    }
    action {
      allow {
        custom_request_handling {
          insert_header {
            name  = "trusted"
            value = "yes"
          }
        }
      }
    }
    visibility_config {
      sampled_requests_enabled   = true
      cloudwatch_metrics_enabled = false
      metric_name                = "ips"
    }
  }
  rule {
    name     = "label"
    priority = 30
    statement {
      and_statement {
        statement {
          label_match_statement {
            scope = "LABEL"
            key   = "geo:far"
          }
        }
        statement {
          not_statement {
            statement {
              label_match_statement {
                scope = "NAMESPACE"
                key   = "awswaf:managed:aws:bot-control:bot:"
              }
            }
          }
        }
      }
    }
    action {
      challenge {
      }
    }
    challenge_config {
      immunity_time_property {
        immunity_time = 600
      }
    }
    visibility_config {
      sampled_requests_enabled   = true
      cloudwatch_metrics_enabled = false
      metric_name                = "label"
    }
  }
  rule {
    name     = "path"
    priority = 40
    statement {
      byte_match_statement {
        search_string = "/admin"
        field_to_match {
          uri_path {
          }
        }
        positional_constraint = "STARTS_WITH"
        text_transformation {
          priority = 0
          type     = "COMPRESS_WHITE_SPACE"
        }
        text_transformation {
          priority = 1
          type     = "HTML_ENTITY_DECODE"
        }
        text_transformation {
          priority = 2
          type     = "LOWERCASE"
        }
        text_transformation {
          priority = 3
          type     = "CMD_LINE"
        }
        text_transformation {
          priority = 4
          type     = "URL_DECODE"
        }
        text_transformation {
          priority = 5
          type     = "BASE64_DECODE"
        }
        text_transformation {
          priority = 6
          type     = "HEX_DECODE"
        }
        text_transformation {
          priority = 7
          type     = "MD5"
        }
        text_transformation {
          priority = 8
          type     = "REPLACE_COMMENTS"
        }
        text_transformation {
          priority = 9
          type     = "ESCAPE_SEQ_DECODE"
        }
      }
    }
    action {
      block {
        custom_response {
          response_code            = 429
          custom_response_body_key = "wait"
          response_header {
            name  = "retry-after"
            value = "60"
          }
        }
      }
    }
    visibility_config {
      sampled_requests_enabled   = true
      cloudwatch_metrics_enabled = false
      metric_name                = "path"
    }
  }
  rule {
    name     = "query"
    priority = 50
    statement {
      byte_match_statement {
        search_string = "cart"
        field_to_match {
          query_string {
          }
        }
        positional_constraint = "ENDS_WITH"
        text_transformation {
          priority = 0
          type     = "SQL_HEX_DECODE"
        }
        text_transformation {
          priority = 1
          type     = "CSS_DECODE"
        }
        text_transformation {
          priority = 2
          type     = "JS_DECODE"
        }
        text_transformation {
          priority = 3
          type     = "NORMALIZE_PATH"
        }
        text_transformation {
          priority = 4
          type     = "NORMALIZE_PATH_WIN"
        }
        text_transformation {
          priority = 5
          type     = "REMOVE_NULLS"
        }
        text_transformation {
          priority = 6
          type     = "REPLACE_NULLS"
        }
        text_transformation {
          priority = 7
          type     = "BASE64_DECODE_EXT"
        }
        text_transformation {
          priority = 8
          type     = "URL_DECODE_UNI"
        }
        text_transformation {
          priority = 9
          type     = "UTF8_TO_UNICODE"
        }
      }
    }
    action {
      block {
      }
    }
    visibility_config {
      sampled_requests_enabled   = true
      cloudwatch_metrics_enabled = false
      metric_name                = "query"
    }
  }
  rule {
    name     = "method"
    priority = 60
    statement {
      byte_match_statement {
        search_string = "TRACE"
        field_to_match {
          method {
          }
        }
        positional_constraint = "EXACTLY"
        text_transformation {
          priority = 0
          type     = "NONE"
        }
      }
    }
    action {
      block {
      }
    }
    visibility_config {
      sampled_requests_enabled   = true
      cloudwatch_metrics_enabled = false
      metric_name                = "method"
    }
  }
  rule {
    name     = "body"
    priority = 70
    statement {
      byte_match_statement {
        search_string = "drop_table"
        field_to_match {
          body {
            oversize_handling = "NO_MATCH"
          }
        }
        positional_constraint = "CONTAINS_WORD"
        text_transformation {
          priority = 0
          type     = "NONE"
        }
      }
    }
    action {
      block {
      }
    }
    visibility_config {
      sampled_requests_enabled   = true
      cloudwatch_metrics_enabled = false
      metric_name                = "body"
    }
  }
  rule {
    name     = "json"
    priority = 80
    statement {
      sqli_match_statement {
        field_to_match {
          json_body {
            match_pattern {
              included_paths = ["/a/b", "/c"]
            }
            match_scope               = "KEY"
            invalid_fallback_behavior = "EVALUATE_AS_STRING"
            oversize_handling         = "MATCH"
          }
        }
        sensitivity_level = "HIGH"
        text_transformation {
          priority = 0
          type     = "URL_DECODE"
        }
        text_transformation {
          priority = 1
          type     = "LOWERCASE"
        }
      }
    }
    action {
      block {
      }
    }
    visibility_config {
      sampled_requests_enabled   = true
      cloudwatch_metrics_enabled = false
      metric_name                = "json"
    }
  }
  rule {
    name     = "json-all"
    priority = 90
    statement {
      xss_match_statement {
        field_to_match {
          json_body {
            match_pattern {
              all {
              }
            }
            match_scope = "ALL"
          }
        }
        text_transformation {
          priority = 0
          type     = "NONE"
        }
      }
    }
    action {
      block {
      }
    }
    visibility_config {
      sampled_requests_enabled   = true
      cloudwatch_metrics_enabled = false
      metric_name                = "json-all"
    }
  }
  rule {
    name     = "header"
    priority = 100
    statement {
      regex_match_statement {
        regex_string = "^curl/[0-9]+$"
        field_to_match {
          single_header {
            name = "User-Agent"
          }
        }
        text_transformation {
          priority = 0
          type     = "NONE"
        }
      }
    }
    action {
      block {
      }
    }
    visibility_config {
      sampled_requests_enabled   = true
      cloudwatch_metrics_enabled = false
      metric_name                = "header"
    }
  }
  rule {
    name     = "headers"
    priority = 110
    statement {
      regex_pattern_set_reference_statement {
        arn = aws_wafv2_regex_pattern_set.patterns.arn
        field_to_match {
          headers {
            match_pattern {
              included_headers = ["X-A", "x-b"]
            }
            match_scope       = "VALUE"
            oversize_handling = "MATCH"
          }
        }
        text_transformation {
          priority = 0
          type     = "NONE"
        }
      }
    }
    action {
      block {
      }
    }
    visibility_config {
      sampled_requests_enabled   = true
      cloudwatch_metrics_enabled = false
      metric_name                = "headers"
    }
  }
  rule {
    name     = "headers-but"
    priority = 120
    statement {
      size_constraint_statement {
        field_to_match {
          headers {
            match_pattern {
              excluded_headers = ["cookie"]
            }
            match_scope       = "ALL"
            oversize_handling = "CONTINUE"
          }
        }
        comparison_operator = "GE"
        size                = 4096
        text_transformation {
          priority = 0
          type     = "NONE"
        }
      }
    }
    action {
      block {
      }
    }
    visibility_config {
      sampled_requests_enabled   = true
      cloudwatch_metrics_enabled = false
      metric_name                = "headers-but"
    }
  }
  rule {
    name     = "cookies"
    priority = 130
    statement {
      size_constraint_statement {
        field_to_match {
          cookies {
            match_pattern {
              included_cookies = ["Session"]
            }
            match_scope       = "VALUE"
            oversize_handling = "NO_MATCH"
          }
        }
        comparison_operator = "LT"
        size                = 16
        text_transformation {
          priority = 0
          type     = "NONE"
        }
      }
    }
    action {
      block {
      }
    }
    visibility_config {
      sampled_requests_enabled   = true
      cloudwatch_metrics_enabled = false
      metric_name                = "cookies"
    }
  }
  rule {
    name     = "cookies-but"
    priority = 140
    statement {
      sqli_match_statement {
        field_to_match {
          cookies {
            match_pattern {
              excluded_cookies = ["a"]
            }
            match_scope       = "KEY"
            oversize_handling = "CONTINUE"
          }
        }
        text_transformation {
          priority = 0
          type     = "NONE"
        }
      }
    }
    action {
      block {
      }
    }
    visibility_config {
      sampled_requests_enabled   = true
      cloudwatch_metrics_enabled = false
      metric_name                = "cookies-but"
    }
  }
  rule {
    name     = "argument"
    priority = 150
    statement {
      xss_match_statement {
        field_to_match {
          single_query_argument {
            name = "q"
          }
        }
        text_transformation {
          priority = 0
          type     = "NONE"
        }
      }
    }
    action {
      block {
      }
    }
    visibility_config {
      sampled_requests_enabled   = true
      cloudwatch_metrics_enabled = false
      metric_name                = "argument"
    }
  }
  rule {
    name     = "arguments"
    priority = 160
    statement {
      sqli_match_statement {
        field_to_match {
          all_query_arguments {
          }
        }
        sensitivity_level = "LOW"
        text_transformation {
          priority = 0
          type     = "NONE"
        }
      }
    }
    action {
      block {
      }
    }
    visibility_config {
      sampled_requests_enabled   = true
      cloudwatch_metrics_enabled = false
      metric_name                = "arguments"
    }
  }
  rule {
    name     = "order"
    priority = 170
    statement {
      byte_match_statement {
        search_string = "host:user-agent"
        field_to_match {
          header_order {
            oversize_handling = "CONTINUE"
          }
        }
        positional_constraint = "STARTS_WITH"
        text_transformation {
          priority = 0
          type     = "NONE"
        }
      }
    }
    action {
      block {
      }
    }
    visibility_config {
      sampled_requests_enabled   = true
      cloudwatch_metrics_enabled = false
      metric_name                = "order"
    }
  }
  rule {
    name     = "ja3"
    priority = 180
    statement {
      byte_match_statement {
        search_string = "e7d705a3286e19ea42f587b344ee6865"
        field_to_match {
          ja3_fingerprint {
            fallback_behavior = "NO_MATCH"
          }
        }
        positional_constraint = "EXACTLY"
        text_transformation {
          priority = 0
          type     = "NONE"
        }
      }
    }
    action {
      block {
      }
    }
    visibility_config {
      sampled_requests_enabled   = true
      cloudwatch_metrics_enabled = false
      metric_name                = "ja3"
    }
  }
  rule {
    name     = "ja4"
    priority = 190
    statement {
      byte_match_statement {
        search_string = "t13d1516h2_8daaf6152771_02713d6af862"
        field_to_match {
          ja4_fingerprint {
            fallback_behavior = "MATCH"
          }
        }
        positional_constraint = "EXACTLY"
        text_transformation {
          priority = 0
          type     = "NONE"
        }
      }
    }
    action {
      block {
      }
    }
    visibility_config {
      sampled_requests_enabled   = true
      cloudwatch_metrics_enabled = false
      metric_name                = "ja4"
    }
  }
  rule {
    name     = "fragment"
    priority = 200
    statement {
      byte_match_statement {
        search_string = "x"
        field_to_match {
          uri_fragment {
            fallback_behavior = "MATCH"
          }
        }
        positional_constraint = "EXACTLY"
        text_transformation {
          priority = 0
          type     = "NONE"
        }
      }
    }
    action {
      block {
      }
    }
    visibility_config {
      sampled_requests_enabled   = true
      cloudwatch_metrics_enabled = false
      metric_name                = "fragment"
    }
  }
  rule {
    name     = "rate"
    priority = 210
    statement {
      rate_based_statement {
        limit                 = 100
        evaluation_window_sec = 60
        aggregate_key_type    = "IP"
      }
    }
    action {
      block {
      }
    }
    visibility_config {
      sampled_requests_enabled   = true
      cloudwatch_metrics_enabled = false
      metric_name                = "rate"
    }
  }
  rule {
    name     = "rate-forwarded"
    priority = 220
    statement {
      rate_based_statement {
        limit                 = 2000
        evaluation_window_sec = 300
        aggregate_key_type    = "FORWARDED_IP"
        forwarded_ip_config {
          header_name       = "X-Forwarded-For"
          fallback_behavior = "NO_MATCH"
        }
      }
    }
    action {
      count {
      }
    }
    visibility_config {
      sampled_requests_enabled   = true
      cloudwatch_metrics_enabled = false
      metric_name                = "rate-forwarded"
    }
  }
  rule {
    name     = "rate-all"
    priority = 230
    statement {
      rate_based_statement {
        limit                 = 10
        evaluation_window_sec = 600
        aggregate_key_type    = "CONSTANT"
        scope_down_statement {
          not_statement {
            statement {
              byte_match_statement {
                search_string = "/static/"
                field_to_match {
                  uri_path {
                  }
                }
                positional_constraint = "STARTS_WITH"
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
    action {
      block {
      }
    }
    visibility_config {
      sampled_requests_enabled   = true
      cloudwatch_metrics_enabled = false
      metric_name                = "rate-all"
    }
  }
  rule {
    name     = "rate-keys"
    priority = 240
    statement {
      rate_based_statement {
        limit                 = 500
        evaluation_window_sec = 120
        aggregate_key_type    = "CUSTOM_KEYS"
        custom_key {
          ip {
          }
        }
        custom_key {
          http_method {
          }
        }
        custom_key {
          header {
            name = "Authorization"
            text_transformation {
              priority = 0
              type     = "NONE"
            }
          }
        }
        custom_key {
          cookie {
            name = "sid"
            text_transformation {
              priority = 0
              type     = "LOWERCASE"
            }
          }
        }
        custom_key {
          query_argument {
            name = "u"
            text_transformation {
              priority = 0
              type     = "NONE"
            }
          }
        }
      }
    }
    action {
      block {
      }
    }
    visibility_config {
      sampled_requests_enabled   = true
      cloudwatch_metrics_enabled = false
      metric_name                = "rate-keys"
    }
  }
  rule {
    name     = "rate-keys-2"
    priority = 250
    statement {
      rate_based_statement {
        limit                 = 500
        evaluation_window_sec = 300
        aggregate_key_type    = "CUSTOM_KEYS"
        forwarded_ip_config {
          header_name       = "X-Forwarded-For"
          fallback_behavior = "NO_MATCH"
        }
        custom_key {
          forwarded_ip {
          }
        }
        custom_key {
          query_string {
            text_transformation {
              priority = 0
              type     = "NONE"
            }
          }
        }
        custom_key {
          uri_path {
            text_transformation {
              priority = 0
              type     = "URL_DECODE"
            }
          }
        }
        custom_key {
          label_namespace {
            namespace = "awswaf:clientip:geo:country:"
          }
        }
        custom_key {
          ja3_fingerprint {
            fallback_behavior = "MATCH"
          }
        }
      }
    }
    action {
      block {
      }
    }
    visibility_config {
      sampled_requests_enabled   = true
      cloudwatch_metrics_enabled = false
      metric_name                = "rate-keys-2"
    }
  }
  rule {
    name     = "rate-keys-3"
    priority = 260
    statement {
      rate_based_statement {
        limit                 = 500
        evaluation_window_sec = 300
        aggregate_key_type    = "CUSTOM_KEYS"
        custom_key {
          ja4_fingerprint {
            fallback_behavior = "NO_MATCH"
          }
        }
        custom_key {
          asn {
          }
        }
      }
    }
    action {
      block {
      }
    }
    visibility_config {
      sampled_requests_enabled   = true
      cloudwatch_metrics_enabled = false
      metric_name                = "rate-keys-3"
    }
  }
  rule {
    name     = "group"
    priority = 270
    statement {
      rule_group_reference_statement {
        arn = aws_wafv2_rule_group.group.arn
        rule_action_override {
          name = "inner"
          action_to_use {
            count {
            }
          }
        }
      }
    }
    override_action {
      none {
      }
    }
    visibility_config {
      sampled_requests_enabled   = true
      cloudwatch_metrics_enabled = false
      metric_name                = "group"
    }
  }
  rule {
    name     = "common"
    priority = 280
    statement {
      managed_rule_group_statement {
        vendor_name = "AWS"
        name        = "AWSManagedRulesCommonRuleSet"
        version     = "Version_1.5"
        scope_down_statement {
          byte_match_statement {
            search_string = "/api"
            field_to_match {
              uri_path {
              }
            }
            positional_constraint = "STARTS_WITH"
            text_transformation {
              priority = 0
              type     = "NONE"
            }
          }
        }
        rule_action_override {
          name = "SizeRestrictions_BODY"
          action_to_use {
            count {
            }
          }
        }
        rule_action_override {
          name = "NoUserAgent_HEADER"
          action_to_use {
            block {
              custom_response {
                response_code = 403
              }
            }
          }
        }
        rule_action_override {
          name = "GenericLFI_BODY"
          action_to_use {
            allow {
            }
          }
        }
        rule_action_override {
          name = "GenericRFI_BODY"
          action_to_use {
            captcha {
            }
          }
        }
        rule_action_override {
          name = "GenericRFI_URIPATH"
          action_to_use {
            challenge {
            }
          }
        }
      }
    }
    override_action {
      count {
      }
    }
    visibility_config {
      sampled_requests_enabled   = true
      cloudwatch_metrics_enabled = false
      metric_name                = "common"
    }
  }
  rule {
    name     = "bots"
    priority = 290
    statement {
      managed_rule_group_statement {
        vendor_name = "AWS"
        name        = "AWSManagedRulesBotControlRuleSet"
        managed_rule_group_configs {
          aws_managed_rules_bot_control_rule_set {
            inspection_level        = "TARGETED"
            enable_machine_learning = false
          }
        }
      }
    }
    override_action {
      none {
      }
    }
    visibility_config {
      sampled_requests_enabled   = true
      cloudwatch_metrics_enabled = false
      metric_name                = "bots"
    }
  }
  rule {
    name     = "atp"
    priority = 300
    statement {
      managed_rule_group_statement {
        vendor_name = "AWS"
        name        = "AWSManagedRulesATPRuleSet"
        managed_rule_group_configs {
          aws_managed_rules_atp_rule_set {
            login_path           = "/login"
            enable_regex_in_path = true
            request_inspection {
              payload_type = "JSON"
              username_field {
                identifier = "/user"
              }
              password_field {
                identifier = "/pass"
              }
            }
            response_inspection {
              status_code {
                success_codes = [200, 302]
                failure_codes = [401]
              }
            }
          }
        }
      }
    }
    override_action {
      none {
      }
    }
    visibility_config {
      sampled_requests_enabled   = true
      cloudwatch_metrics_enabled = false
      metric_name                = "atp"
    }
  }
  rule {
    name     = "acfp"
    priority = 310
    statement {
      managed_rule_group_statement {
        vendor_name = "AWS"
        name        = "AWSManagedRulesACFPRuleSet"
        managed_rule_group_configs {
          aws_managed_rules_acfp_rule_set {
            creation_path          = "/signup"
            registration_page_path = "/register"
            request_inspection {
              payload_type = "FORM_ENCODED"
              username_field {
                identifier = "/user"
              }
              password_field {
                identifier = "/pass"
              }
              email_field {
                identifier = "email"
              }
              phone_number_fields {
                identifiers = ["phone1", "phone2"]
              }
              address_fields {
                identifiers = ["street"]
              }
            }
            response_inspection {
              json {
                identifier     = "/ok"
                success_values = ["true"]
                failure_values = ["false"]
              }
            }
          }
        }
      }
    }
    override_action {
      none {
      }
    }
    visibility_config {
      sampled_requests_enabled   = true
      cloudwatch_metrics_enabled = false
      metric_name                = "acfp"
    }
  }
  rule {
    name     = "ddos"
    priority = 320
    statement {
      managed_rule_group_statement {
        vendor_name = "AWS"
        name        = "AWSManagedRulesAntiDDoSRuleSet"
        managed_rule_group_configs {
          aws_managed_rules_anti_ddos_rule_set {
            client_side_action_config {
              challenge {
                usage_of_action = "ENABLED"
                sensitivity     = "MEDIUM"
                exempt_uri_regular_expression {
                  regex_string = "^/api/"
                }
                exempt_uri_regular_expression {
                  regex_string = "\\.css$"
                }
              }
            }
            sensitivity_to_block = "HIGH"
          }
        }
      }
    }
    override_action {
      none {
      }
    }
    visibility_config {
      sampled_requests_enabled   = true
      cloudwatch_metrics_enabled = false
      metric_name                = "ddos"
    }
  }
  visibility_config {
    sampled_requests_enabled   = true
    cloudwatch_metrics_enabled = true
    metric_name                = "rich"
  }
  custom_response_body {
    key          = "wait"
    content_type = "TEXT_HTML"
    content      = "<p>Wait & \"see\"</p>"
  }
  custom_response_body {
    key          = "no"
    content_type = "APPLICATION_JSON"
    content      = "{}"
  }
  captcha_config {
    immunity_time_property {
      immunity_time = 900
    }
  }
  challenge_config {
    immunity_time_property {
      immunity_time = 1800
    }
  }
  token_domains = ["shop.example", "example.org"]
  association_config {
    request_body {
      api_gateway {
        default_size_inspection_limit = "KB_32"
      }
      cognito_user_pool {
        default_size_inspection_limit = "KB_48"
      }
      app_runner_service {
        default_size_inspection_limit = "KB_64"
      }
      verified_access_instance {
        default_size_inspection_limit = "KB_16"
      }
      cloudfront {
        default_size_inspection_limit = "KB_64"
      }
    }
  }
}
