# bazaar: response-drills. Rendered by fathom from the platform's declaration; change it there.

# control: response.drills
# from: notify.oncall
resource "aws_cloudwatch_metric_alarm" "drill_stop" {
  alarm_name        = "bazaar-drill-stop"
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
  name = "bazaar-drill-lose-a-node"
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
            "aws:SourceAccount" = "222222222222"
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
        Resource = "arn:aws:ec2:us-east-2:222222222222:instance/*"
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
    Name = "bazaar-lose-a-node"
  }
}

# control: response.drills
# from: cluster
resource "aws_iam_role" "drill_lose_a_node_start" {
  name = "bazaar-drill-lose-a-node-start"
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
            "aws:SourceAccount" = "222222222222"
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
          "arn:aws:fis:us-east-2:222222222222:experiment-template/${aws_fis_experiment_template.drill_lose_a_node.id}",
          "arn:aws:fis:us-east-2:222222222222:experiment/*",
        ]
      },
      {
        Sid      = "RoleOfTheService"
        Effect   = "Allow"
        Action   = "iam:CreateServiceLinkedRole"
        Resource = "arn:aws:iam::222222222222:role/aws-service-role/fis.amazonaws.com/AWSServiceRoleForFIS"
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
  name                = "bazaar-lose-a-node"
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
# from: stores.accounts-db
resource "aws_iam_role" "drill_fail_over_accounts_db" {
  name = "bazaar-drill-fail-over-accounts-db"
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
            "aws:SourceAccount" = "222222222222"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
}

# control: response.drills
# from: stores.accounts-db
resource "aws_iam_role_policy" "drill_fail_over_accounts_db" {
  name = "permissions"
  role = aws_iam_role.drill_fail_over_accounts_db.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "FailOver"
        Effect   = "Allow"
        Action   = "rds:FailoverDBCluster"
        Resource = aws_rds_cluster.accounts_db.arn
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
# from: stores.accounts-db
resource "aws_fis_experiment_template" "drill_fail_over_accounts_db" {
  description = "The database accounts-db fails over; its services carry on"
  role_arn    = aws_iam_role.drill_fail_over_accounts_db.arn

  stop_condition {
    source = "aws:cloudwatch:alarm"
    value  = aws_cloudwatch_metric_alarm.drill_stop.arn
  }

  action {
    name      = "fail-over-accounts-db"
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
    resource_arns  = [aws_rds_cluster.accounts_db.arn]
  }

  tags = {
    Name = "bazaar-fail-over-accounts-db"
  }
}

# control: response.drills
# from: stores.accounts-db
resource "aws_iam_role" "drill_fail_over_accounts_db_start" {
  name = "bazaar-drill-fail-over-accounts-db-start"
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
            "aws:SourceAccount" = "222222222222"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
}

# control: response.drills
# from: stores.accounts-db
resource "aws_iam_role_policy" "drill_fail_over_accounts_db_start" {
  name = "permissions"
  role = aws_iam_role.drill_fail_over_accounts_db_start.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Start"
        Effect = "Allow"
        Action = "fis:StartExperiment"
        Resource = [
          "arn:aws:fis:us-east-2:222222222222:experiment-template/${aws_fis_experiment_template.drill_fail_over_accounts_db.id}",
          "arn:aws:fis:us-east-2:222222222222:experiment/*",
        ]
      },
      {
        Sid      = "RoleOfTheService"
        Effect   = "Allow"
        Action   = "iam:CreateServiceLinkedRole"
        Resource = "arn:aws:iam::222222222222:role/aws-service-role/fis.amazonaws.com/AWSServiceRoleForFIS"
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
# from: stores.accounts-db
resource "aws_scheduler_schedule" "drill_fail_over_accounts_db" {
  name                = "bazaar-fail-over-accounts-db"
  description         = "The database accounts-db fails over; its services carry on"
  schedule_expression = "cron(0 13 ? * WED#2 *)"

  flexible_time_window {
    mode                      = "FLEXIBLE"
    maximum_window_in_minutes = 60
  }

  target {
    arn      = "arn:aws:scheduler:::aws-sdk:fis:startExperiment"
    role_arn = aws_iam_role.drill_fail_over_accounts_db_start.arn
    input = jsonencode({
      ClientToken          = "<aws.scheduler.execution-id>"
      ExperimentTemplateId = aws_fis_experiment_template.drill_fail_over_accounts_db.id
    })
  }
}

# control: response.drills
# from: stores.basket-db
resource "aws_iam_role" "drill_fail_over_basket_db" {
  name = "bazaar-drill-fail-over-basket-db"
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
            "aws:SourceAccount" = "222222222222"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
}

# control: response.drills
# from: stores.basket-db
resource "aws_iam_role_policy" "drill_fail_over_basket_db" {
  name = "permissions"
  role = aws_iam_role.drill_fail_over_basket_db.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "FailOver"
        Effect   = "Allow"
        Action   = "rds:FailoverDBCluster"
        Resource = aws_rds_cluster.basket_db.arn
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
# from: stores.basket-db
resource "aws_fis_experiment_template" "drill_fail_over_basket_db" {
  description = "The database basket-db fails over; its services carry on"
  role_arn    = aws_iam_role.drill_fail_over_basket_db.arn

  stop_condition {
    source = "aws:cloudwatch:alarm"
    value  = aws_cloudwatch_metric_alarm.drill_stop.arn
  }

  action {
    name      = "fail-over-basket-db"
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
    resource_arns  = [aws_rds_cluster.basket_db.arn]
  }

  tags = {
    Name = "bazaar-fail-over-basket-db"
  }
}

# control: response.drills
# from: stores.basket-db
resource "aws_iam_role" "drill_fail_over_basket_db_start" {
  name = "bazaar-drill-fail-over-basket-db-start"
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
            "aws:SourceAccount" = "222222222222"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
}

# control: response.drills
# from: stores.basket-db
resource "aws_iam_role_policy" "drill_fail_over_basket_db_start" {
  name = "permissions"
  role = aws_iam_role.drill_fail_over_basket_db_start.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Start"
        Effect = "Allow"
        Action = "fis:StartExperiment"
        Resource = [
          "arn:aws:fis:us-east-2:222222222222:experiment-template/${aws_fis_experiment_template.drill_fail_over_basket_db.id}",
          "arn:aws:fis:us-east-2:222222222222:experiment/*",
        ]
      },
      {
        Sid      = "RoleOfTheService"
        Effect   = "Allow"
        Action   = "iam:CreateServiceLinkedRole"
        Resource = "arn:aws:iam::222222222222:role/aws-service-role/fis.amazonaws.com/AWSServiceRoleForFIS"
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
# from: stores.basket-db
resource "aws_scheduler_schedule" "drill_fail_over_basket_db" {
  name                = "bazaar-fail-over-basket-db"
  description         = "The database basket-db fails over; its services carry on"
  schedule_expression = "cron(0 10 ? * WED#2 *)"

  flexible_time_window {
    mode                      = "FLEXIBLE"
    maximum_window_in_minutes = 60
  }

  target {
    arn      = "arn:aws:scheduler:::aws-sdk:fis:startExperiment"
    role_arn = aws_iam_role.drill_fail_over_basket_db_start.arn
    input = jsonencode({
      ClientToken          = "<aws.scheduler.execution-id>"
      ExperimentTemplateId = aws_fis_experiment_template.drill_fail_over_basket_db.id
    })
  }
}

# control: response.drills
# from: stores.ledger
resource "aws_iam_role" "drill_fail_over_ledger" {
  name = "bazaar-drill-fail-over-ledger"
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
            "aws:SourceAccount" = "222222222222"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
}

# control: response.drills
# from: stores.ledger
resource "aws_iam_role_policy" "drill_fail_over_ledger" {
  name = "permissions"
  role = aws_iam_role.drill_fail_over_ledger.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "FailOver"
        Effect   = "Allow"
        Action   = "rds:FailoverDBCluster"
        Resource = aws_rds_cluster.ledger.arn
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
# from: stores.ledger
resource "aws_fis_experiment_template" "drill_fail_over_ledger" {
  description = "The database ledger fails over; its services carry on"
  role_arn    = aws_iam_role.drill_fail_over_ledger.arn

  stop_condition {
    source = "aws:cloudwatch:alarm"
    value  = aws_cloudwatch_metric_alarm.drill_stop.arn
  }

  action {
    name      = "fail-over-ledger"
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
    resource_arns  = [aws_rds_cluster.ledger.arn]
  }

  tags = {
    Name = "bazaar-fail-over-ledger"
  }
}

# control: response.drills
# from: stores.ledger
resource "aws_iam_role" "drill_fail_over_ledger_start" {
  name = "bazaar-drill-fail-over-ledger-start"
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
            "aws:SourceAccount" = "222222222222"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
}

# control: response.drills
# from: stores.ledger
resource "aws_iam_role_policy" "drill_fail_over_ledger_start" {
  name = "permissions"
  role = aws_iam_role.drill_fail_over_ledger_start.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Start"
        Effect = "Allow"
        Action = "fis:StartExperiment"
        Resource = [
          "arn:aws:fis:us-east-2:222222222222:experiment-template/${aws_fis_experiment_template.drill_fail_over_ledger.id}",
          "arn:aws:fis:us-east-2:222222222222:experiment/*",
        ]
      },
      {
        Sid      = "RoleOfTheService"
        Effect   = "Allow"
        Action   = "iam:CreateServiceLinkedRole"
        Resource = "arn:aws:iam::222222222222:role/aws-service-role/fis.amazonaws.com/AWSServiceRoleForFIS"
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
# from: stores.ledger
resource "aws_scheduler_schedule" "drill_fail_over_ledger" {
  name                = "bazaar-fail-over-ledger"
  description         = "The database ledger fails over; its services carry on"
  schedule_expression = "cron(0 12 ? * WED#2 *)"

  flexible_time_window {
    mode                      = "FLEXIBLE"
    maximum_window_in_minutes = 60
  }

  target {
    arn      = "arn:aws:scheduler:::aws-sdk:fis:startExperiment"
    role_arn = aws_iam_role.drill_fail_over_ledger_start.arn
    input = jsonencode({
      ClientToken          = "<aws.scheduler.execution-id>"
      ExperimentTemplateId = aws_fis_experiment_template.drill_fail_over_ledger.id
    })
  }
}

# control: response.drills
# from: stores.listings-db
resource "aws_iam_role" "drill_fail_over_listings_db" {
  name = "bazaar-drill-fail-over-listings-db"
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
            "aws:SourceAccount" = "222222222222"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
}

# control: response.drills
# from: stores.listings-db
resource "aws_iam_role_policy" "drill_fail_over_listings_db" {
  name = "permissions"
  role = aws_iam_role.drill_fail_over_listings_db.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "FailOver"
        Effect   = "Allow"
        Action   = "rds:FailoverDBCluster"
        Resource = aws_rds_cluster.listings_db.arn
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
# from: stores.listings-db
resource "aws_fis_experiment_template" "drill_fail_over_listings_db" {
  description = "The database listings-db fails over; its services carry on"
  role_arn    = aws_iam_role.drill_fail_over_listings_db.arn

  stop_condition {
    source = "aws:cloudwatch:alarm"
    value  = aws_cloudwatch_metric_alarm.drill_stop.arn
  }

  action {
    name      = "fail-over-listings-db"
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
    resource_arns  = [aws_rds_cluster.listings_db.arn]
  }

  tags = {
    Name = "bazaar-fail-over-listings-db"
  }
}

# control: response.drills
# from: stores.listings-db
resource "aws_iam_role" "drill_fail_over_listings_db_start" {
  name = "bazaar-drill-fail-over-listings-db-start"
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
            "aws:SourceAccount" = "222222222222"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
}

# control: response.drills
# from: stores.listings-db
resource "aws_iam_role_policy" "drill_fail_over_listings_db_start" {
  name = "permissions"
  role = aws_iam_role.drill_fail_over_listings_db_start.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Start"
        Effect = "Allow"
        Action = "fis:StartExperiment"
        Resource = [
          "arn:aws:fis:us-east-2:222222222222:experiment-template/${aws_fis_experiment_template.drill_fail_over_listings_db.id}",
          "arn:aws:fis:us-east-2:222222222222:experiment/*",
        ]
      },
      {
        Sid      = "RoleOfTheService"
        Effect   = "Allow"
        Action   = "iam:CreateServiceLinkedRole"
        Resource = "arn:aws:iam::222222222222:role/aws-service-role/fis.amazonaws.com/AWSServiceRoleForFIS"
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
# from: stores.listings-db
resource "aws_scheduler_schedule" "drill_fail_over_listings_db" {
  name                = "bazaar-fail-over-listings-db"
  description         = "The database listings-db fails over; its services carry on"
  schedule_expression = "cron(0 12 ? * WED#2 *)"

  flexible_time_window {
    mode                      = "FLEXIBLE"
    maximum_window_in_minutes = 60
  }

  target {
    arn      = "arn:aws:scheduler:::aws-sdk:fis:startExperiment"
    role_arn = aws_iam_role.drill_fail_over_listings_db_start.arn
    input = jsonencode({
      ClientToken          = "<aws.scheduler.execution-id>"
      ExperimentTemplateId = aws_fis_experiment_template.drill_fail_over_listings_db.id
    })
  }
}

# control: response.drills
# from: stores.sellers-db
resource "aws_iam_role" "drill_fail_over_sellers_db" {
  name = "bazaar-drill-fail-over-sellers-db"
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
            "aws:SourceAccount" = "222222222222"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
}

# control: response.drills
# from: stores.sellers-db
resource "aws_iam_role_policy" "drill_fail_over_sellers_db" {
  name = "permissions"
  role = aws_iam_role.drill_fail_over_sellers_db.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "FailOver"
        Effect   = "Allow"
        Action   = "rds:FailoverDBCluster"
        Resource = aws_rds_cluster.sellers_db.arn
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
# from: stores.sellers-db
resource "aws_fis_experiment_template" "drill_fail_over_sellers_db" {
  description = "The database sellers-db fails over; its services carry on"
  role_arn    = aws_iam_role.drill_fail_over_sellers_db.arn

  stop_condition {
    source = "aws:cloudwatch:alarm"
    value  = aws_cloudwatch_metric_alarm.drill_stop.arn
  }

  action {
    name      = "fail-over-sellers-db"
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
    resource_arns  = [aws_rds_cluster.sellers_db.arn]
  }

  tags = {
    Name = "bazaar-fail-over-sellers-db"
  }
}

# control: response.drills
# from: stores.sellers-db
resource "aws_iam_role" "drill_fail_over_sellers_db_start" {
  name = "bazaar-drill-fail-over-sellers-db-start"
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
            "aws:SourceAccount" = "222222222222"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
}

# control: response.drills
# from: stores.sellers-db
resource "aws_iam_role_policy" "drill_fail_over_sellers_db_start" {
  name = "permissions"
  role = aws_iam_role.drill_fail_over_sellers_db_start.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Start"
        Effect = "Allow"
        Action = "fis:StartExperiment"
        Resource = [
          "arn:aws:fis:us-east-2:222222222222:experiment-template/${aws_fis_experiment_template.drill_fail_over_sellers_db.id}",
          "arn:aws:fis:us-east-2:222222222222:experiment/*",
        ]
      },
      {
        Sid      = "RoleOfTheService"
        Effect   = "Allow"
        Action   = "iam:CreateServiceLinkedRole"
        Resource = "arn:aws:iam::222222222222:role/aws-service-role/fis.amazonaws.com/AWSServiceRoleForFIS"
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
# from: stores.sellers-db
resource "aws_scheduler_schedule" "drill_fail_over_sellers_db" {
  name                = "bazaar-fail-over-sellers-db"
  description         = "The database sellers-db fails over; its services carry on"
  schedule_expression = "cron(0 9 ? * WED#2 *)"

  flexible_time_window {
    mode                      = "FLEXIBLE"
    maximum_window_in_minutes = 60
  }

  target {
    arn      = "arn:aws:scheduler:::aws-sdk:fis:startExperiment"
    role_arn = aws_iam_role.drill_fail_over_sellers_db_start.arn
    input = jsonencode({
      ClientToken          = "<aws.scheduler.execution-id>"
      ExperimentTemplateId = aws_fis_experiment_template.drill_fail_over_sellers_db.id
    })
  }
}

# control: response.drills
# from: pipeline
resource "aws_iam_role" "drill" {
  name = "bazaar-drill"
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
            "token.actions.githubusercontent.com:sub"              = "repo:bazaar-market/infrastructure:ref:refs/heads/release"
            "token.actions.githubusercontent.com:job_workflow_ref" = "bazaar-market/infrastructure/.github/workflows/drill.yml@refs/heads/release"
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
