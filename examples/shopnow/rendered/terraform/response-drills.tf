# shopnow: response-drills. Rendered by fathom from the platform's declaration; change it there.

# control: response.drills
# from: notify.oncall
resource "aws_cloudwatch_metric_alarm" "drill_stop" {
  alarm_name        = "shopnow-drill-stop"
  alarm_description = "Customers meet errors: drills stop, and whoever is on call looks"
  namespace         = "AWS/ApplicationELB"
  metric_name       = "HTTPCode_Target_5XX_Count"
  dimensions = {
    LoadBalancer = aws_lb.main.arn_suffix
  }
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 2
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 50
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.oncall.arn]
}

# control: response.drills
# from: cluster
resource "aws_iam_role" "drill_lose_a_node" {
  name = "shopnow-drill-lose-a-node"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Service = "fis.amazonaws.com"
        }
        Action = "sts:AssumeRole"
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = "111111111111"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
}

# control: response.drills
# from: cluster
resource "aws_iam_role_policy" "drill_lose_a_node" {
  name = "permissions"
  role = aws_iam_role.drill_lose_a_node.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "LoseANode"
        Effect   = "Allow"
        Action   = "ec2:TerminateInstances"
        Resource = "arn:aws:ec2:eu-west-1:111111111111:instance/*"
        Condition = {
          StringEquals = {
            "aws:ResourceTag/eks:cluster-name" = aws_eks_cluster.main.name
          }
        }
      },
      {
        Sid      = "FindIt"
        Effect   = "Allow"
        Action   = "ec2:DescribeInstances"
        Resource = "*"
      },
    ]
  })
}

# control: response.drills
# from: cluster
resource "aws_fis_experiment_template" "drill_lose_a_node" {
  description = "One node of the cluster is lost; nobody may notice"
  role_arn    = aws_iam_role.drill_lose_a_node.arn

  stop_condition {
    source = "aws:cloudwatch:alarm"
    value  = aws_cloudwatch_metric_alarm.drill_stop.arn
  }

  action {
    name      = "lose-a-node"
    action_id = "aws:ec2:terminate-instances"

    target {
      key   = "Instances"
      value = "chosen"
    }
  }

  target {
    name           = "chosen"
    resource_type  = "aws:ec2:instance"
    selection_mode = "COUNT(1)"

    resource_tag {
      key   = "eks:cluster-name"
      value = aws_eks_cluster.main.name
    }

    filter {
      path   = "State.Name"
      values = ["running"]
    }
  }

  tags = {
    Name = "shopnow-lose-a-node"
  }
}

# control: response.drills
# from: cluster
resource "aws_iam_role" "drill_lose_a_node_start" {
  name = "shopnow-drill-lose-a-node-start"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Service = "scheduler.amazonaws.com"
        }
        Action = "sts:AssumeRole"
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = "111111111111"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
}

# control: response.drills
# from: cluster
resource "aws_iam_role_policy" "drill_lose_a_node_start" {
  name = "permissions"
  role = aws_iam_role.drill_lose_a_node_start.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Start"
        Effect = "Allow"
        Action = "fis:StartExperiment"
        Resource = [
          "arn:aws:fis:eu-west-1:111111111111:experiment-template/${aws_fis_experiment_template.drill_lose_a_node.id}",
          "arn:aws:fis:eu-west-1:111111111111:experiment/*",
        ]
      },
      {
        Sid      = "RoleOfTheService"
        Effect   = "Allow"
        Action   = "iam:CreateServiceLinkedRole"
        Resource = "arn:aws:iam::111111111111:role/aws-service-role/fis.amazonaws.com/AWSServiceRoleForFIS"
        Condition = {
          StringEquals = {
            "iam:AWSServiceName" = "fis.amazonaws.com"
          }
        }
      },
    ]
  })
}

# control: response.drills
# from: cluster
resource "aws_scheduler_schedule" "drill_lose_a_node" {
  name                = "shopnow-lose-a-node"
  description         = "One node of the cluster is lost; nobody may notice"
  schedule_expression = "cron(0 10 ? * TUE#1 *)"

  flexible_time_window {
    mode                      = "FLEXIBLE"
    maximum_window_in_minutes = 60
  }

  target {
    arn      = "arn:aws:scheduler:::aws-sdk:fis:startExperiment"
    role_arn = aws_iam_role.drill_lose_a_node_start.arn
    input = jsonencode({
      ClientToken          = "<aws.scheduler.execution-id>"
      ExperimentTemplateId = aws_fis_experiment_template.drill_lose_a_node.id
    })
  }
}

# control: response.drills
# from: stores.card-vault
resource "aws_iam_role" "drill_fail_over_card_vault" {
  name = "shopnow-drill-fail-over-card-vault"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Service = "fis.amazonaws.com"
        }
        Action = "sts:AssumeRole"
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = "111111111111"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
}

# control: response.drills
# from: stores.card-vault
resource "aws_iam_role_policy" "drill_fail_over_card_vault" {
  name = "permissions"
  role = aws_iam_role.drill_fail_over_card_vault.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "FailOver"
        Effect   = "Allow"
        Action   = "rds:FailoverDBCluster"
        Resource = aws_rds_cluster.card_vault.arn
      },
      {
        Sid      = "FindIt"
        Effect   = "Allow"
        Action   = "rds:DescribeDBClusters"
        Resource = "*"
      },
    ]
  })
}

# control: response.drills
# from: stores.card-vault
resource "aws_fis_experiment_template" "drill_fail_over_card_vault" {
  description = "The database card-vault fails over; its services carry on"
  role_arn    = aws_iam_role.drill_fail_over_card_vault.arn

  stop_condition {
    source = "aws:cloudwatch:alarm"
    value  = aws_cloudwatch_metric_alarm.drill_stop.arn
  }

  action {
    name      = "fail-over-card-vault"
    action_id = "aws:rds:failover-db-cluster"

    target {
      key   = "Clusters"
      value = "chosen"
    }
  }

  target {
    name           = "chosen"
    resource_type  = "aws:rds:cluster"
    selection_mode = "ALL"
    resource_arns  = [aws_rds_cluster.card_vault.arn]
  }

  tags = {
    Name = "shopnow-fail-over-card-vault"
  }
}

# control: response.drills
# from: stores.card-vault
resource "aws_iam_role" "drill_fail_over_card_vault_start" {
  name = "shopnow-drill-fail-over-card-vault-start"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Service = "scheduler.amazonaws.com"
        }
        Action = "sts:AssumeRole"
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = "111111111111"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
}

# control: response.drills
# from: stores.card-vault
resource "aws_iam_role_policy" "drill_fail_over_card_vault_start" {
  name = "permissions"
  role = aws_iam_role.drill_fail_over_card_vault_start.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Start"
        Effect = "Allow"
        Action = "fis:StartExperiment"
        Resource = [
          "arn:aws:fis:eu-west-1:111111111111:experiment-template/${aws_fis_experiment_template.drill_fail_over_card_vault.id}",
          "arn:aws:fis:eu-west-1:111111111111:experiment/*",
        ]
      },
      {
        Sid      = "RoleOfTheService"
        Effect   = "Allow"
        Action   = "iam:CreateServiceLinkedRole"
        Resource = "arn:aws:iam::111111111111:role/aws-service-role/fis.amazonaws.com/AWSServiceRoleForFIS"
        Condition = {
          StringEquals = {
            "iam:AWSServiceName" = "fis.amazonaws.com"
          }
        }
      },
    ]
  })
}

# control: response.drills
# from: stores.card-vault
resource "aws_scheduler_schedule" "drill_fail_over_card_vault" {
  name                = "shopnow-fail-over-card-vault"
  description         = "The database card-vault fails over; its services carry on"
  schedule_expression = "cron(0 9 ? * WED#2 *)"

  flexible_time_window {
    mode                      = "FLEXIBLE"
    maximum_window_in_minutes = 60
  }

  target {
    arn      = "arn:aws:scheduler:::aws-sdk:fis:startExperiment"
    role_arn = aws_iam_role.drill_fail_over_card_vault_start.arn
    input = jsonencode({
      ClientToken          = "<aws.scheduler.execution-id>"
      ExperimentTemplateId = aws_fis_experiment_template.drill_fail_over_card_vault.id
    })
  }
}

# control: response.drills
# from: stores.orders-db
resource "aws_iam_role" "drill_fail_over_orders_db" {
  name = "shopnow-drill-fail-over-orders-db"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Service = "fis.amazonaws.com"
        }
        Action = "sts:AssumeRole"
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = "111111111111"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
}

# control: response.drills
# from: stores.orders-db
resource "aws_iam_role_policy" "drill_fail_over_orders_db" {
  name = "permissions"
  role = aws_iam_role.drill_fail_over_orders_db.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "FailOver"
        Effect   = "Allow"
        Action   = "rds:FailoverDBCluster"
        Resource = aws_rds_cluster.orders_db.arn
      },
      {
        Sid      = "FindIt"
        Effect   = "Allow"
        Action   = "rds:DescribeDBClusters"
        Resource = "*"
      },
    ]
  })
}

# control: response.drills
# from: stores.orders-db
resource "aws_fis_experiment_template" "drill_fail_over_orders_db" {
  description = "The database orders-db fails over; its services carry on"
  role_arn    = aws_iam_role.drill_fail_over_orders_db.arn

  stop_condition {
    source = "aws:cloudwatch:alarm"
    value  = aws_cloudwatch_metric_alarm.drill_stop.arn
  }

  action {
    name      = "fail-over-orders-db"
    action_id = "aws:rds:failover-db-cluster"

    target {
      key   = "Clusters"
      value = "chosen"
    }
  }

  target {
    name           = "chosen"
    resource_type  = "aws:rds:cluster"
    selection_mode = "ALL"
    resource_arns  = [aws_rds_cluster.orders_db.arn]
  }

  tags = {
    Name = "shopnow-fail-over-orders-db"
  }
}

# control: response.drills
# from: stores.orders-db
resource "aws_iam_role" "drill_fail_over_orders_db_start" {
  name = "shopnow-drill-fail-over-orders-db-start"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Service = "scheduler.amazonaws.com"
        }
        Action = "sts:AssumeRole"
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = "111111111111"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
}

# control: response.drills
# from: stores.orders-db
resource "aws_iam_role_policy" "drill_fail_over_orders_db_start" {
  name = "permissions"
  role = aws_iam_role.drill_fail_over_orders_db_start.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Start"
        Effect = "Allow"
        Action = "fis:StartExperiment"
        Resource = [
          "arn:aws:fis:eu-west-1:111111111111:experiment-template/${aws_fis_experiment_template.drill_fail_over_orders_db.id}",
          "arn:aws:fis:eu-west-1:111111111111:experiment/*",
        ]
      },
      {
        Sid      = "RoleOfTheService"
        Effect   = "Allow"
        Action   = "iam:CreateServiceLinkedRole"
        Resource = "arn:aws:iam::111111111111:role/aws-service-role/fis.amazonaws.com/AWSServiceRoleForFIS"
        Condition = {
          StringEquals = {
            "iam:AWSServiceName" = "fis.amazonaws.com"
          }
        }
      },
    ]
  })
}

# control: response.drills
# from: stores.orders-db
resource "aws_scheduler_schedule" "drill_fail_over_orders_db" {
  name                = "shopnow-fail-over-orders-db"
  description         = "The database orders-db fails over; its services carry on"
  schedule_expression = "cron(0 12 ? * WED#2 *)"

  flexible_time_window {
    mode                      = "FLEXIBLE"
    maximum_window_in_minutes = 60
  }

  target {
    arn      = "arn:aws:scheduler:::aws-sdk:fis:startExperiment"
    role_arn = aws_iam_role.drill_fail_over_orders_db_start.arn
    input = jsonencode({
      ClientToken          = "<aws.scheduler.execution-id>"
      ExperimentTemplateId = aws_fis_experiment_template.drill_fail_over_orders_db.id
    })
  }
}

# control: response.drills
# from: pipeline
resource "aws_iam_role" "drill" {
  name = "shopnow-drill"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Federated = aws_iam_openid_connect_provider.github.arn
        }
        Action = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          StringEquals = {
            "token.actions.githubusercontent.com:aud"              = "sts.amazonaws.com"
            "token.actions.githubusercontent.com:sub"              = "repo:shopnow/platform:ref:refs/heads/main"
            "token.actions.githubusercontent.com:job_workflow_ref" = "shopnow/platform/.github/workflows/drill.yml@refs/heads/main"
            "token.actions.githubusercontent.com:repository_id"    = "702311845"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
}

# control: response.drills
# from: pipeline
resource "aws_iam_role_policy" "drill" {
  name = "permissions"
  role = aws_iam_role.drill.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Attack"
        Effect   = "Allow"
        Action   = "guardduty:CreateSampleFindings"
        Resource = aws_guardduty_detector.main.arn
      },
      {
        Sid      = "FindTheDetector"
        Effect   = "Allow"
        Action   = "guardduty:ListDetectors"
        Resource = "*"
      },
      {
        Sid      = "SeeTheRunbookStart"
        Effect   = "Allow"
        Action   = "ssm:DescribeAutomationExecutions"
        Resource = "*"
      },
    ]
  })
}
