# shopnow: data-erasure. Rendered by fathom from the platform's declaration; change it there.

# Who was erased, by a pseudonym, until no backup is left that was made before (42 days)
# control: data.subject-rights, data.retention
# from: data
resource "aws_dynamodb_table" "erasures" {
  name                        = "shopnow-erasures"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "subject"
  deletion_protection_enabled = true
  tags = {
    Name         = "shopnow-erasures"
    "data-class" = "personal"
  }

  attribute {
    name = "subject"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.stores.arn
  }

  ttl {
    attribute_name = "until"
    enabled        = true
  }
}

# control: data.subject-rights
# from: services.orders, data
resource "aws_sqs_queue" "subjects_orders_dead" {
  name                      = "shopnow-subjects-orders-dead"
  kms_master_key_id         = aws_kms_key.stores.key_id
  message_retention_seconds = 1209600
}

# control: data.subject-rights
# from: services.orders, data
resource "aws_sqs_queue" "subjects_orders" {
  name                       = "shopnow-subjects-orders"
  kms_master_key_id          = aws_kms_key.stores.key_id
  message_retention_seconds  = 1209600
  visibility_timeout_seconds = 900
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.subjects_orders_dead.arn
    maxReceiveCount     = 5
  })
}

# control: data.subject-rights
# from: services.orders
resource "aws_sqs_queue_policy" "subjects_orders" {
  queue_url = aws_sqs_queue.subjects_orders.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Asked"
        Effect = "Allow"
        Principal = {
          AWS = aws_iam_role.subjects.arn
        }
        Action   = "sqs:SendMessage"
        Resource = aws_sqs_queue.subjects_orders.arn
      },
      {
        Sid    = "Done"
        Effect = "Allow"
        Principal = {
          AWS = aws_iam_role.svc_orders.arn
        }
        Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"]
        Resource = aws_sqs_queue.subjects_orders.arn
      },
      {
        Sid       = "OnlyTLS"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = aws_sqs_queue.subjects_orders.arn
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
      },
    ]
  })
}

# control: data.subject-rights, identity.least-privilege
# from: services.orders, data
resource "aws_iam_role_policy" "subjects_orders" {
  name = "subjects"
  role = aws_iam_role.svc_orders.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Tasks"
        Effect   = "Allow"
        Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"]
        Resource = aws_sqs_queue.subjects_orders.arn
        Condition = {
          StringEquals = {
            "aws:PrincipalTag/kubernetes-namespace"       = "shopnow"
            "aws:PrincipalTag/kubernetes-service-account" = "orders"
          }
        }
      },
      {
        Sid      = "Answer"
        Effect   = "Allow"
        Action   = ["states:SendTaskSuccess", "states:SendTaskFailure"]
        Resource = aws_sfn_state_machine.subjects.arn
        Condition = {
          StringEquals = {
            "aws:PrincipalTag/kubernetes-namespace"       = "shopnow"
            "aws:PrincipalTag/kubernetes-service-account" = "orders"
          }
        }
      },
      {
        Sid      = "Export"
        Effect   = "Allow"
        Action   = "s3:PutObject"
        Resource = "arn:aws:s3:::shopnow-exports-111111111111/*/orders/*.json"
        Condition = {
          StringEquals = {
            "aws:PrincipalTag/kubernetes-namespace"       = "shopnow"
            "aws:PrincipalTag/kubernetes-service-account" = "orders"
          }
        }
      },
      {
        Sid      = "Seal"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = aws_kms_key.stores.arn
        Condition = {
          StringEquals = {
            "kms:ViaService"                              = ["s3.eu-west-1.amazonaws.com", "sqs.eu-west-1.amazonaws.com"]
            "aws:PrincipalTag/kubernetes-namespace"       = "shopnow"
            "aws:PrincipalTag/kubernetes-service-account" = "orders"
          }
        }
      },
    ]
  })
}

# control: data.retention
# from: data, logs
resource "aws_cloudwatch_log_group" "subjects" {
  name              = "/aws/vendedlogs/states/shopnow-subjects"
  retention_in_days = 400
  kms_key_id        = aws_kms_key.logs.arn
}

# control: data.subject-rights
# from: data
resource "aws_iam_role" "subjects" {
  name = "shopnow-subjects"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Service = "states.amazonaws.com"
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

# control: data.subject-rights
# from: data
resource "aws_iam_role_policy" "subjects" {
  name = "permissions"
  role = aws_iam_role.subjects.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Ask"
        Effect   = "Allow"
        Action   = "sqs:SendMessage"
        Resource = aws_sqs_queue.subjects_orders.arn
      },
      {
        Sid      = "Ledger"
        Effect   = "Allow"
        Action   = ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:Scan"]
        Resource = aws_dynamodb_table.erasures.arn
      },
      {
        Sid      = "Again"
        Effect   = "Allow"
        Action   = "states:StartExecution"
        Resource = "arn:aws:states:eu-west-1:111111111111:stateMachine:shopnow-subjects"
      },
      {
        Sid      = "Seal"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = aws_kms_key.stores.arn
        Condition = {
          StringEquals = {
            "kms:ViaService" = ["sqs.eu-west-1.amazonaws.com", "dynamodb.eu-west-1.amazonaws.com"]
          }
        }
      },
      {
        Sid    = "Logs"
        Effect = "Allow"
        Action = [
          "logs:CreateLogDelivery",
          "logs:DeleteLogDelivery",
          "logs:DescribeLogGroups",
          "logs:DescribeResourcePolicies",
          "logs:GetLogDelivery",
          "logs:ListLogDeliveries",
          "logs:PutResourcePolicy",
          "logs:UpdateLogDelivery",
        ]
        Resource = "*"
      },
    ]
  })
}

# Input: {"task": "erase" or "export", "subject": a pseudonym that the services know}. Each
# service gets {task, subject, store, reply, token}: it erases, or writes an export to the bucket
# of exports under reply, and answers with SendTaskSuccess. invoices is exported and not erased:
# its objects are locked for 400 days, so there has to be a duty to keep them (GDPR 17(3)(b))
# control: data.subject-rights
# from: data
resource "aws_sfn_state_machine" "subjects" {
  name     = "shopnow-subjects"
  role_arn = aws_iam_role.subjects.arn
  definition = jsonencode({
    Comment        = "shopnow: one person's data is exported or erased in every store"
    QueryLanguage  = "JSONata"
    TimeoutSeconds = 2592000
    StartAt        = "Task"
    States = {
      Task = {
        Type = "Choice"
        Choices = [
          {
            Condition = "{% $states.context.Execution.Input.task = 'erase' %}"
            Next      = "Write down"
          },
          {
            Condition = "{% $states.context.Execution.Input.task = 'export' %}"
            Next      = "Ask what is kept"
          },
        ]
        Default = "Unknown task"
      }
      "Write down" = {
        Type     = "Task"
        Resource = "arn:aws:states:::dynamodb:updateItem"
        Arguments = {
          TableName = aws_dynamodb_table.erasures.name
          Key = {
            subject = {
              S = "{% $states.context.Execution.Input.subject %}"
            }
          }
          UpdateExpression = "SET #state = :state, asked = if_not_exists(asked, :asked), #until = :until"
          ExpressionAttributeNames = {
            "#state" = "state"
            "#until" = "until"
          }
          ExpressionAttributeValues = {
            ":state" = {
              S = "asked"
            }
            ":asked" = {
              S = "{% $states.context.Execution.StartTime %}"
            }
            ":until" = {
              N = "{% $string($floor($toMillis($states.context.Execution.StartTime) / 1000) + 3628800) %}"
            }
          }
        }
        Next = "Ask"
      }
      Ask = {
        Type = "Parallel"
        Branches = [
          {
            StartAt = "orders-db"
            States = {
              "orders-db" = {
                Type           = "Task"
                Resource       = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
                TimeoutSeconds = 1296000
                Arguments = {
                  QueueUrl = aws_sqs_queue.subjects_orders.url
                  MessageBody = {
                    task    = "{% $states.context.Execution.Input.task %}"
                    subject = "{% $states.context.Execution.Input.subject %}"
                    store   = "orders-db"
                    reply   = "{% $states.context.Execution.Name & '/orders/orders-db.json' %}"
                    token   = "{% $states.context.Task.Token %}"
                  }
                }
                Retry = [
                  {
                    ErrorEquals     = ["States.TaskFailed"]
                    IntervalSeconds = 300
                    BackoffRate     = 2
                    MaxAttempts     = 5
                  },
                ]
                End = true
              }
            }
          },
        ]
        Next = "Erased?"
      }
      "Ask what is kept" = {
        Type = "Parallel"
        Branches = [
          {
            StartAt = "invoices"
            States = {
              invoices = {
                Type           = "Task"
                Resource       = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
                TimeoutSeconds = 1296000
                Arguments = {
                  QueueUrl = aws_sqs_queue.subjects_orders.url
                  MessageBody = {
                    task    = "{% $states.context.Execution.Input.task %}"
                    subject = "{% $states.context.Execution.Input.subject %}"
                    store   = "invoices"
                    reply   = "{% $states.context.Execution.Name & '/orders/invoices.json' %}"
                    token   = "{% $states.context.Task.Token %}"
                  }
                }
                Retry = [
                  {
                    ErrorEquals     = ["States.TaskFailed"]
                    IntervalSeconds = 300
                    BackoffRate     = 2
                    MaxAttempts     = 5
                  },
                ]
                End = true
              }
            }
          },
        ]
        Next = "Ask"
      }
      "Erased?" = {
        Type = "Choice"
        Choices = [
          {
            Condition = "{% $states.context.Execution.Input.task = 'erase' %}"
            Next      = "Write off"
          },
        ]
        Default = "Done"
      }
      "Write off" = {
        Type     = "Task"
        Resource = "arn:aws:states:::dynamodb:updateItem"
        Arguments = {
          TableName = aws_dynamodb_table.erasures.name
          Key = {
            subject = {
              S = "{% $states.context.Execution.Input.subject %}"
            }
          }
          UpdateExpression = "SET #state = :state, asked = if_not_exists(asked, :asked), #until = :until"
          ExpressionAttributeNames = {
            "#state" = "state"
            "#until" = "until"
          }
          ExpressionAttributeValues = {
            ":state" = {
              S = "erased"
            }
            ":asked" = {
              S = "{% $states.context.Execution.StartTime %}"
            }
            ":until" = {
              N = "{% $string($floor($toMillis($states.context.Execution.StartTime) / 1000) + 3628800) %}"
            }
          }
        }
        Next = "Done"
      }
      "Unknown task" = {
        Type  = "Fail"
        Error = "UnknownTask"
        Cause = "task is neither erase nor export"
      }
      Done = {
        Type = "Succeed"
      }
    }
  })

  logging_configuration {
    level                  = "ALL"
    include_execution_data = false
    log_destination        = "${aws_cloudwatch_log_group.subjects.arn}:*"
  }

  depends_on = [aws_iam_role_policy.subjects]
}

# control: data.subject-rights
# from: notify.privacy
resource "aws_cloudwatch_event_rule" "subjects_failed" {
  name = "shopnow-subjects-failed"
  event_pattern = jsonencode({
    source        = ["aws.states"]
    "detail-type" = ["Step Functions Execution Status Change"]
    detail = {
      stateMachineArn = [aws_sfn_state_machine.subjects.arn, aws_sfn_state_machine.subjects_again.arn]
      status          = ["FAILED", "TIMED_OUT", "ABORTED"]
    }
  })
}

# control: data.subject-rights
# from: notify.privacy
resource "aws_cloudwatch_event_target" "subjects_failed" {
  rule = aws_cloudwatch_event_rule.subjects_failed.name
  arn  = aws_sns_topic.privacy.arn
}

# control: data.subject-rights
# from: notify.privacy
resource "aws_cloudwatch_event_rule" "restored" {
  name = "shopnow-restored"
  event_pattern = jsonencode({
    source        = ["aws.backup"]
    "detail-type" = ["Restore Job State Change"]
    detail = {
      status = ["COMPLETED"]
    }
  })
}

# control: data.subject-rights
# from: notify.privacy
resource "aws_cloudwatch_event_target" "restored" {
  rule = aws_cloudwatch_event_rule.restored.name
  arn  = aws_sns_topic.privacy.arn

  input_transformer {
    input_paths = {
      what = "$.detail.createdResourceArn"
    }
    input_template = "\"<what> was restored from a backup. Unless it is a test: start shopnow-subjects-again when the services use it and before it serves anybody, so that whoever was erased stays erased.\""
  }
}

# Start it after a restore, before what was restored serves anybody
# control: data.subject-rights
# from: data, stores
resource "aws_sfn_state_machine" "subjects_again" {
  name     = "shopnow-subjects-again"
  role_arn = aws_iam_role.subjects.arn
  definition = jsonencode({
    Comment       = "shopnow: after a restore, whoever was erased is erased again"
    QueryLanguage = "JSONata"
    StartAt       = "Read"
    States = {
      Read = {
        Type      = "Task"
        Resource  = "arn:aws:states:::aws-sdk:dynamodb:scan"
        Arguments = "{% $merge([{'TableName': 'shopnow-erasures'}, $exists($states.input.next) ? {'ExclusiveStartKey': $states.input.next} : {}]) %}"
        Assign = {
          next = "{% $exists($states.result.LastEvaluatedKey) ? $states.result.LastEvaluatedKey : null %}"
        }
        Output = {
          subjects = "{% [$states.result.Items.subject.S] %}"
        }
        Next = "Erase"
      }
      Erase = {
        Type           = "Map"
        Items          = "{% $states.input.subjects %}"
        MaxConcurrency = 10
        ItemProcessor = {
          StartAt = "Again"
          States = {
            Again = {
              Type     = "Task"
              Resource = "arn:aws:states:::states:startExecution"
              Arguments = {
                StateMachineArn = aws_sfn_state_machine.subjects.arn
                Input = {
                  task    = "erase"
                  subject = "{% $states.input %}"
                }
              }
              End = true
            }
          }
        }
        Next = "More?"
      }
      "More?" = {
        Type = "Choice"
        Choices = [
          {
            Condition = "{% $next != null %}"
            Output = {
              next = "{% $next %}"
            }
            Next = "Read"
          },
        ]
        Default = "Done"
      }
      Done = {
        Type = "Succeed"
      }
    }
  })

  logging_configuration {
    level                  = "ALL"
    include_execution_data = false
    log_destination        = "${aws_cloudwatch_log_group.subjects.arn}:*"
  }

  depends_on = [aws_iam_role_policy.subjects]
}

# control: data.subject-rights, data.retention
# from: data
resource "aws_s3_bucket" "exports" {
  bucket = "shopnow-exports-111111111111"
  tags = {
    Name         = "shopnow-exports-111111111111"
    "data-class" = "personal"
  }
}

# control: data.subject-rights, data.retention
# from: data
resource "aws_s3_bucket_public_access_block" "exports" {
  bucket                  = aws_s3_bucket.exports.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# control: data.subject-rights, data.retention
# from: data
resource "aws_s3_bucket_ownership_controls" "exports" {
  bucket = aws_s3_bucket.exports.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

# control: data.subject-rights, data.retention
# from: data
resource "aws_s3_bucket_server_side_encryption_configuration" "exports" {
  bucket = aws_s3_bucket.exports.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.stores.arn
    }
  }
}

# control: data.subject-rights, data.retention
# from: data
resource "aws_s3_bucket_versioning" "exports" {
  bucket = aws_s3_bucket.exports.id

  versioning_configuration {
    status = "Enabled"
  }
}

# control: data.subject-rights, data.retention
# from: data
resource "aws_s3_bucket_lifecycle_configuration" "exports" {
  bucket = aws_s3_bucket.exports.id

  rule {
    id     = "expire"
    status = "Enabled"

    filter {}

    expiration {
      days = 7
    }

    noncurrent_version_expiration {
      noncurrent_days = 7
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}

# control: data.subject-rights, data.retention
# from: data
resource "aws_s3_bucket_policy" "exports" {
  bucket = aws_s3_bucket.exports.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OnlyTLS"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [aws_s3_bucket.exports.arn, "${aws_s3_bucket.exports.arn}/*"]
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
      },
      {
        Sid       = "WrittenByServices"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:PutObject"
        Resource  = "arn:aws:s3:::shopnow-exports-111111111111/*"
        Condition = {
          ArnNotEquals = {
            "aws:PrincipalArn" = [aws_iam_role.svc_orders.arn]
          }
        }
      },
      {
        Sid       = "ReadByFew"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["s3:GetObject", "s3:GetObjectVersion"]
        Resource  = "arn:aws:s3:::shopnow-exports-111111111111/*"
        Condition = {
          ArnNotLike = {
            "aws:PrincipalArn" = [
              "arn:aws:iam::111111111111:role/shopnow-break-glass",
              "arn:aws:iam::111111111111:role/aws-service-role/macie.amazonaws.com/*",
            ]
          }
        }
      },
    ]
  })
}
