# bazaar: shield. Rendered by fathom from the platform's declaration; change it there.

# Shield Advanced itself is subscribed to by a person, as it binds the organisation for a year.
# These name what it protects, and by whose health it tells a flood
# control: edge.shield
# from: edge.shield
resource "aws_shield_protection" "distribution" {
  name         = "bazaar-distribution"
  resource_arn = aws_cloudfront_distribution.main.arn
}

# control: edge.shield
# from: edge.shield
resource "aws_shield_protection_health_check_association" "distribution" {
  shield_protection_id = aws_shield_protection.distribution.id
  health_check_arn     = aws_route53_health_check.distribution.arn
}

# control: edge.shield
# from: edge.shield
resource "aws_shield_protection" "balancer" {
  name         = "bazaar-balancer"
  resource_arn = aws_lb.main.arn
}

# control: edge.shield
# from: edge.shield
resource "aws_shield_protection_health_check_association" "balancer" {
  shield_protection_id = aws_shield_protection.balancer.id
  health_check_arn     = aws_route53_health_check.origin.arn
}

# control: edge.shield
# from: edge.shield
resource "aws_shield_protection" "standby" {
  name         = "bazaar-standby"
  resource_arn = aws_lb.standby.arn
}

# control: edge.shield
# from: edge.shield
resource "aws_shield_protection_health_check_association" "standby" {
  shield_protection_id = aws_shield_protection.standby.id
  health_check_arn     = aws_route53_health_check.distribution.arn
}

# control: edge.shield
# from: edge.shield
resource "aws_shield_protection" "zone" {
  name         = "bazaar-zone"
  resource_arn = data.aws_route53_zone.main.arn
}

# control: edge.shield
# from: edge.shield
resource "aws_cloudwatch_metric_alarm" "distribution_errors" {
  provider          = aws.global
  alarm_name        = "bazaar-distribution-errors"
  alarm_description = "More than 5 % of the answers that visitors get are errors of the server"
  namespace         = "AWS/CloudFront"
  metric_name       = "5xxErrorRate"
  dimensions = {
    DistributionId = aws_cloudfront_distribution.main.id
    Region         = "Global"
  }
  statistic           = "Average"
  period              = 60
  evaluation_periods  = 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = 5
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.oncall_global.arn]
}

# control: edge.failover, edge.shield
# from: edge.shield
resource "aws_route53_health_check" "distribution" {
  type                            = "CLOUDWATCH_METRIC"
  cloudwatch_alarm_name           = aws_cloudwatch_metric_alarm.distribution_errors.alarm_name
  cloudwatch_alarm_region         = "us-east-1"
  insufficient_data_health_status = "Unhealthy"
}

# control: edge.shield
# from: edge.shield
resource "aws_shield_application_layer_automatic_response" "distribution" {
  resource_arn = aws_cloudfront_distribution.main.arn
  action       = "BLOCK"
  depends_on   = [aws_shield_protection.distribution]
}

# AWS's response team acts from accounts of its own, so no condition on the account holds; it may
# do what the policy of its own says
# control: edge.shield
# from: edge.shield
resource "aws_iam_role" "shield_response" {
  name = "bazaar-shield-response"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Service = "drt.shield.amazonaws.com"
        }
        Action = "sts:AssumeRole"
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
}

# control: edge.shield
# from: edge.shield
resource "aws_iam_role_policy_attachment" "shield_response" {
  role       = aws_iam_role.shield_response.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSShieldDRTAccessPolicy"
}

# control: edge.shield
# from: edge.shield
resource "aws_shield_drt_access_role_arn_association" "main" {
  role_arn   = aws_iam_role.shield_response.arn
  depends_on = [aws_iam_role_policy_attachment.shield_response]
}

# control: edge.shield
# from: notify.phone, notify.email, edge.shield
resource "aws_shield_proactive_engagement" "main" {
  enabled = true

  emergency_contact {
    email_address = "oncall@bazaar.example"
    phone_number  = "+12025550143"
    contact_notes = "bazaar, on call"
  }

  depends_on = [aws_shield_drt_access_role_arn_association.main]
}
