# bazaar: access. Rendered by fathom from the platform's declaration; change it there.

# The cluster lets in roles by their whole names
# control: access.scoped
# from: account
data "aws_iam_roles" "administrators" {
  for_each   = toset([for arn in var.administrators : basename(arn)])
  name_regex = "^${replace(each.key, "*", ".*")}$"
}

# Who applies these files, and puts into the new cluster what pulls the manifests: whoever makes a
# cluster is not let in by that
# control: access.scoped
# from: account
resource "aws_eks_access_entry" "administrators" {
  for_each      = data.aws_iam_roles.administrators
  cluster_name  = aws_eks_cluster.main.name
  principal_arn = one(each.value.arns)
  type          = "STANDARD"
}

# control: access.scoped
# from: account
resource "aws_eks_access_policy_association" "administrators" {
  for_each      = aws_eks_access_entry.administrators
  cluster_name  = aws_eks_cluster.main.name
  principal_arn = each.value.principal_arn
  policy_arn    = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"

  access_scope {
    type = "cluster"
  }
}

# control: access.session-audit
# from: operators, breakGlass, logs.keep
resource "aws_cloudwatch_log_group" "session_records" {
  name              = "/audit/bazaar/sessions"
  retention_in_days = 731
  kms_key_id        = aws_kms_key.logs.arn
}

# For the whole account and region; where it is there already: terraform import
# aws_ssm_document.session_preferences SSM-SessionManagerRunShell
# control: access.session-audit, access.ssm-only
# from: operators, breakGlass, logs.keep
resource "aws_ssm_document" "session_preferences" {
  name            = "SSM-SessionManagerRunShell"
  document_type   = "Session"
  document_format = "JSON"
  content = jsonencode({
    schemaVersion = "1.0"
    description   = "Settings of sessions on nodes"
    sessionType   = "Standard_Stream"
    inputs = {
      cloudWatchLogGroupName      = aws_cloudwatch_log_group.session_records.name
      cloudWatchEncryptionEnabled = true
      cloudWatchStreamingEnabled  = true
      kmsKeyId                    = aws_kms_key.logs.arn
      idleSessionTimeout          = "15"
      maxSessionDuration          = "120"
    }
  })
}

# The agent on the node records; it may not write to the bucket, so that nobody on a node can
# control: access.session-audit, identity.node-role
# from: operators, breakGlass, logs.keep
resource "aws_iam_role_policy" "nodes_session_log" {
  name = "sessions"
  role = aws_iam_role.nodes.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "RecordSessions"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.session_records.arn}:*"
      },
      {
        Sid      = "FindTheLog"
        Effect   = "Allow"
        Action   = ["logs:DescribeLogGroups", "logs:DescribeLogStreams"]
        Resource = "*"
      },
      {
        Sid      = "OpenTheChannel"
        Effect   = "Allow"
        Action   = "kms:Decrypt"
        Resource = aws_kms_key.logs.arn
        Condition = {
          StringLike = {
            "kms:EncryptionContext:aws:ssm:SessionId" = "*"
          }
        }
      },
    ]
  })
}

# control: access.session-audit
# from: operators, breakGlass, logs.keep
resource "aws_iam_role" "sessions_copy" {
  name = "bazaar-sessions-copy"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Service = "firehose.amazonaws.com"
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

# control: access.session-audit
# from: operators, breakGlass, logs.keep
resource "aws_iam_role_policy" "sessions_copy" {
  name = "permissions"
  role = aws_iam_role.sessions_copy.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Copy"
        Effect   = "Allow"
        Action   = ["s3:AbortMultipartUpload", "s3:PutObject"]
        Resource = "${aws_s3_bucket.logs.arn}/sessions/*"
      },
      {
        Sid      = "Look"
        Effect   = "Allow"
        Action   = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
        Resource = aws_s3_bucket.logs.arn
      },
      {
        Sid      = "Seal"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = aws_kms_key.logs.arn
        Condition = {
          StringEquals = {
            "kms:ViaService" = "s3.us-east-2.amazonaws.com"
          }
        }
      },
    ]
  })
}

# Records of sessions, as they come, to where nobody can delete them
# control: access.session-audit
# from: operators, breakGlass, logs.keep
resource "aws_kinesis_firehose_delivery_stream" "sessions" {
  name        = "bazaar-sessions"
  destination = "extended_s3"

  extended_s3_configuration {
    role_arn            = aws_iam_role.sessions_copy.arn
    bucket_arn          = aws_s3_bucket.logs.arn
    kms_key_arn         = aws_kms_key.logs.arn
    prefix              = "sessions/"
    error_output_prefix = "sessions/errors/"
    buffering_interval  = 60
  }

  # For the minute that records wait here; a key of one's own needs grants that nothing else needs
  server_side_encryption {
    enabled = true
  }
}

# control: access.session-audit
# from: operators, breakGlass, logs.keep
resource "aws_iam_role" "sessions_out" {
  name = "bazaar-sessions-out"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Service = "logs.amazonaws.com"
        }
        Action = "sts:AssumeRole"
        Condition = {
          StringLike = {
            "aws:SourceArn" = "arn:aws:logs:us-east-2:222222222222:*"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
}

# control: access.session-audit
# from: operators, breakGlass, logs.keep
resource "aws_iam_role_policy" "sessions_out" {
  name = "permissions"
  role = aws_iam_role.sessions_out.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "HandOn"
        Effect   = "Allow"
        Action   = ["firehose:PutRecord", "firehose:PutRecordBatch"]
        Resource = "arn:aws:firehose:us-east-2:222222222222:deliverystream/bazaar-sessions"
      },
    ]
  })
}

# control: access.session-audit
# from: operators, breakGlass, logs.keep
resource "aws_cloudwatch_log_subscription_filter" "sessions" {
  name            = "bazaar-sessions"
  log_group_name  = aws_cloudwatch_log_group.session_records.name
  filter_pattern  = ""
  destination_arn = aws_kinesis_firehose_delivery_stream.sessions.arn
  role_arn        = aws_iam_role.sessions_out.arn
  depends_on      = [aws_iam_role_policy.sessions_out]
}

# It can be assumed only by the person whom its tag "grant" names, under that very name, from a
# session with a second factor: nobody has it for longer than it is granted
# control: access.just-in-time, access.mfa-session, access.scoped
# from: operators.money
resource "aws_iam_role" "ops_money" {
  name = "bazaar-ops-money"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "WhomItIsGrantedTo"
        Effect = "Allow"
        Principal = {
          AWS = "arn:aws:iam::222222222222:root"
        }
        Action = "sts:AssumeRole"
        Condition = {
          ArnLike = {
            "aws:PrincipalArn" = "arn:aws:iam::222222222222:role/aws-reserved/sso.amazonaws.com*/AWSReservedSSO_bazaar-money_*"
          }
          StringEquals = {
            "aws:PrincipalTag/mfa"  = "true"
            "iam:ResourceTag/grant" = "$${sts:RoleSessionName}"
          }
          StringLike = {
            "aws:userid" = "*:$${sts:RoleSessionName}"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
  description          = "For logs, tunnel: money, when security agrees"
  max_session_duration = 3600

  # The tag is the grant: ops_money's state machine sets and removes it
  lifecycle {
    ignore_changes = [tags["grant"], tags_all["grant"]]
  }
}

# control: access.just-in-time, access.mfa-session, access.scoped
# from: operators.money
resource "aws_iam_role_policy" "ops_money" {
  name = "permissions"
  role = aws_iam_role.ops_money.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "OnTheseNodes"
        Effect   = "Allow"
        Action   = "ssm:StartSession"
        Resource = "arn:aws:ec2:us-east-2:222222222222:instance/*"
        Condition = {
          StringEquals = {
            "ssm:resourceTag/eks:cluster-name"   = aws_eks_cluster.main.name
            "ssm:resourceTag/eks:nodegroup-name" = ["apart"]
          }
          BoolIfExists = {
            "ssm:SessionDocumentAccessCheck" = "true"
          }
          StringLike = {
            "aws:userid" = "*:$${aws:PrincipalTag/grant}"
          }
        }
      },
      {
        Sid      = "ByTheseDocuments"
        Effect   = "Allow"
        Action   = "ssm:StartSession"
        Resource = aws_ssm_document.tunnel_ledger.arn
        Condition = {
          StringLike = {
            "aws:userid" = "*:$${aws:PrincipalTag/grant}"
          }
        }
      },
      {
        Sid      = "OwnSessionsOnly"
        Effect   = "Allow"
        Action   = ["ssm:ResumeSession", "ssm:TerminateSession", "ssmmessages:OpenDataChannel"]
        Resource = "arn:aws:ssm:us-east-2:222222222222:session/$${aws:userid}-*"
        Condition = {
          StringLike = {
            "aws:userid" = "*:$${aws:PrincipalTag/grant}"
          }
        }
      },
      {
        Sid    = "FindNodes"
        Effect = "Allow"
        Action = [
          "ec2:DescribeInstances",
          "ssm:DescribeInstanceInformation",
          "ssm:DescribeSessions",
          "ssm:GetConnectionStatus",
        ]
        Resource = "*"
        Condition = {
          StringLike = {
            "aws:userid" = "*:$${aws:PrincipalTag/grant}"
          }
        }
      },
      {
        Sid      = "SealTheChannel"
        Effect   = "Allow"
        Action   = "kms:GenerateDataKey"
        Resource = aws_kms_key.logs.arn
        Condition = {
          StringLike = {
            "kms:EncryptionContext:aws:ssm:SessionId" = "*"
            "aws:userid"                              = "*:$${aws:PrincipalTag/grant}"
          }
        }
      },
      {
        Sid    = "ReadLogs"
        Effect = "Allow"
        Action = [
          "logs:DescribeLogStreams",
          "logs:FilterLogEvents",
          "logs:GetLogEvents",
          "logs:GetLogRecord",
          "logs:StartQuery",
        ]
        Resource = [
          "arn:aws:logs:us-east-2:222222222222:log-group:/bazaar/*",
          "arn:aws:logs:us-east-2:222222222222:log-group:/aws/containerinsights/bazaar/*",
        ]
        Condition = {
          StringLike = {
            "aws:userid" = "*:$${aws:PrincipalTag/grant}"
          }
        }
      },
      {
        Sid    = "Look"
        Effect = "Allow"
        Action = [
          "cloudwatch:DescribeAlarms",
          "cloudwatch:GetMetricData",
          "cloudwatch:ListMetrics",
          "logs:DescribeLogGroups",
          "logs:DescribeQueries",
          "logs:GetQueryResults",
          "logs:StopQuery",
        ]
        Resource = "*"
        Condition = {
          StringLike = {
            "aws:userid" = "*:$${aws:PrincipalTag/grant}"
          }
        }
      },
      {
        Sid      = "FindTheCluster"
        Effect   = "Allow"
        Action   = "eks:DescribeCluster"
        Resource = aws_eks_cluster.main.arn
        Condition = {
          StringLike = {
            "aws:userid" = "*:$${aws:PrincipalTag/grant}"
          }
        }
      },
    ]
  })
}

# control: access.just-in-time, access.mfa-session, access.scoped
# from: operators.money
resource "aws_iam_role" "approve_ops_money" {
  name = "bazaar-approve-ops-money"
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
            "aws:SourceAccount" = "222222222222"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
}

# control: access.just-in-time, access.mfa-session, access.scoped
# from: operators.money
resource "aws_iam_role_policy" "approve_ops_money" {
  name = "permissions"
  role = aws_iam_role.approve_ops_money.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Ask"
        Effect   = "Allow"
        Action   = "sns:Publish"
        Resource = aws_sns_topic.approvers_security.arn
      },
      {
        Sid      = "SealTheQuestion"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = aws_kms_key.logs.arn
        Condition = {
          StringEquals = {
            "kms:ViaService" = "sns.us-east-2.amazonaws.com"
          }
        }
      },
      {
        Sid      = "GrantAndTakeBack"
        Effect   = "Allow"
        Action   = ["iam:TagRole", "iam:UntagRole"]
        Resource = aws_iam_role.ops_money.arn
        Condition = {
          "ForAllValues:StringEquals" = {
            "aws:TagKeys" = ["grant"]
          }
          Null = {
            "aws:TagKeys" = "false"
          }
        }
      },
    ]
  })
}

# Who needs the role starts it with {"user": NAME, "reason": TEXT}; an approver answers with the
# token in the message. One person has it at a time. Whoever is in both groups could agree with
# themselves: keep them apart
# control: access.just-in-time, access.mfa-session, access.scoped
# from: operators.money.approve
resource "aws_sfn_state_machine" "approve_ops_money" {
  name     = "bazaar-approve-ops-money"
  role_arn = aws_iam_role.approve_ops_money.arn
  definition = templatefile("${path.module}/approval/grant.asl.json.tftpl", {
    role    = aws_iam_role.ops_money.name
    topic   = aws_sns_topic.approvers_security.arn
    minutes = "60"
    seconds = "3600"
  })
}

# What the group may do is in kubernetes/base/access
# control: access.scoped
# from: operators.money
resource "aws_eks_access_entry" "ops_money" {
  cluster_name      = aws_eks_cluster.main.name
  principal_arn     = aws_iam_role.ops_money.arn
  kubernetes_groups = ["bazaar-ops-money"]
  type              = "STANDARD"
}

# It can be assumed only by the person whom its tag "grant" names, under that very name, from a
# session with a second factor: nobody has it for longer than it is granted
# control: access.just-in-time, access.mfa-session, access.scoped
# from: operators.sre
resource "aws_iam_role" "ops_sre" {
  name = "bazaar-ops-sre"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "WhomItIsGrantedTo"
        Effect = "Allow"
        Principal = {
          AWS = "arn:aws:iam::222222222222:root"
        }
        Action = "sts:AssumeRole"
        Condition = {
          ArnLike = {
            "aws:PrincipalArn" = "arn:aws:iam::222222222222:role/aws-reserved/sso.amazonaws.com*/AWSReservedSSO_bazaar-platform_*"
          }
          StringEquals = {
            "aws:PrincipalTag/mfa"  = "true"
            "iam:ResourceTag/grant" = "$${sts:RoleSessionName}"
          }
          StringLike = {
            "aws:userid" = "*:$${sts:RoleSessionName}"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
  description          = "For logs, restart, shell: platform, when platform-leads agrees"
  max_session_duration = 3600

  # The tag is the grant: ops_sre's state machine sets and removes it
  lifecycle {
    ignore_changes = [tags["grant"], tags_all["grant"]]
  }
}

# control: access.just-in-time, access.mfa-session, access.scoped
# from: operators.sre
resource "aws_iam_role_policy" "ops_sre" {
  name = "permissions"
  role = aws_iam_role.ops_sre.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "OnTheseNodes"
        Effect   = "Allow"
        Action   = "ssm:StartSession"
        Resource = "arn:aws:ec2:us-east-2:222222222222:instance/*"
        Condition = {
          StringEquals = {
            "ssm:resourceTag/eks:cluster-name"   = aws_eks_cluster.main.name
            "ssm:resourceTag/eks:nodegroup-name" = ["general"]
          }
          BoolIfExists = {
            "ssm:SessionDocumentAccessCheck" = "true"
          }
          StringLike = {
            "aws:userid" = "*:$${aws:PrincipalTag/grant}"
          }
        }
      },
      {
        Sid      = "ByTheseDocuments"
        Effect   = "Allow"
        Action   = "ssm:StartSession"
        Resource = aws_ssm_document.shell_sre.arn
        Condition = {
          StringLike = {
            "aws:userid" = "*:$${aws:PrincipalTag/grant}"
          }
        }
      },
      {
        Sid      = "OwnSessionsOnly"
        Effect   = "Allow"
        Action   = ["ssm:ResumeSession", "ssm:TerminateSession", "ssmmessages:OpenDataChannel"]
        Resource = "arn:aws:ssm:us-east-2:222222222222:session/$${aws:userid}-*"
        Condition = {
          StringLike = {
            "aws:userid" = "*:$${aws:PrincipalTag/grant}"
          }
        }
      },
      {
        Sid    = "FindNodes"
        Effect = "Allow"
        Action = [
          "ec2:DescribeInstances",
          "ssm:DescribeInstanceInformation",
          "ssm:DescribeSessions",
          "ssm:GetConnectionStatus",
        ]
        Resource = "*"
        Condition = {
          StringLike = {
            "aws:userid" = "*:$${aws:PrincipalTag/grant}"
          }
        }
      },
      {
        Sid      = "SealTheChannel"
        Effect   = "Allow"
        Action   = "kms:GenerateDataKey"
        Resource = aws_kms_key.logs.arn
        Condition = {
          StringLike = {
            "kms:EncryptionContext:aws:ssm:SessionId" = "*"
            "aws:userid"                              = "*:$${aws:PrincipalTag/grant}"
          }
        }
      },
      {
        Sid    = "ReadLogs"
        Effect = "Allow"
        Action = [
          "logs:DescribeLogStreams",
          "logs:FilterLogEvents",
          "logs:GetLogEvents",
          "logs:GetLogRecord",
          "logs:StartQuery",
        ]
        Resource = [
          "arn:aws:logs:us-east-2:222222222222:log-group:/bazaar/*",
          "arn:aws:logs:us-east-2:222222222222:log-group:/aws/containerinsights/bazaar/*",
        ]
        Condition = {
          StringLike = {
            "aws:userid" = "*:$${aws:PrincipalTag/grant}"
          }
        }
      },
      {
        Sid    = "Look"
        Effect = "Allow"
        Action = [
          "cloudwatch:DescribeAlarms",
          "cloudwatch:GetMetricData",
          "cloudwatch:ListMetrics",
          "logs:DescribeLogGroups",
          "logs:DescribeQueries",
          "logs:GetQueryResults",
          "logs:StopQuery",
        ]
        Resource = "*"
        Condition = {
          StringLike = {
            "aws:userid" = "*:$${aws:PrincipalTag/grant}"
          }
        }
      },
      {
        Sid      = "FindTheCluster"
        Effect   = "Allow"
        Action   = "eks:DescribeCluster"
        Resource = aws_eks_cluster.main.arn
        Condition = {
          StringLike = {
            "aws:userid" = "*:$${aws:PrincipalTag/grant}"
          }
        }
      },
    ]
  })
}

# control: access.just-in-time, access.mfa-session, access.scoped
# from: operators.sre
resource "aws_iam_role" "approve_ops_sre" {
  name = "bazaar-approve-ops-sre"
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
            "aws:SourceAccount" = "222222222222"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
}

# control: access.just-in-time, access.mfa-session, access.scoped
# from: operators.sre
resource "aws_iam_role_policy" "approve_ops_sre" {
  name = "permissions"
  role = aws_iam_role.approve_ops_sre.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Ask"
        Effect   = "Allow"
        Action   = "sns:Publish"
        Resource = aws_sns_topic.approvers_platform_leads.arn
      },
      {
        Sid      = "SealTheQuestion"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = aws_kms_key.logs.arn
        Condition = {
          StringEquals = {
            "kms:ViaService" = "sns.us-east-2.amazonaws.com"
          }
        }
      },
      {
        Sid      = "GrantAndTakeBack"
        Effect   = "Allow"
        Action   = ["iam:TagRole", "iam:UntagRole"]
        Resource = aws_iam_role.ops_sre.arn
        Condition = {
          "ForAllValues:StringEquals" = {
            "aws:TagKeys" = ["grant"]
          }
          Null = {
            "aws:TagKeys" = "false"
          }
        }
      },
    ]
  })
}

# Who needs the role starts it with {"user": NAME, "reason": TEXT}; an approver answers with the
# token in the message. One person has it at a time. Whoever is in both groups could agree with
# themselves: keep them apart
# control: access.just-in-time, access.mfa-session, access.scoped
# from: operators.sre.approve
resource "aws_sfn_state_machine" "approve_ops_sre" {
  name     = "bazaar-approve-ops-sre"
  role_arn = aws_iam_role.approve_ops_sre.arn
  definition = templatefile("${path.module}/approval/grant.asl.json.tftpl", {
    role    = aws_iam_role.ops_sre.name
    topic   = aws_sns_topic.approvers_platform_leads.arn
    minutes = "120"
    seconds = "7200"
  })
}

# control: access.session-audit, access.scoped
# from: operators.sre
resource "aws_ssm_document" "shell_sre" {
  name            = "bazaar-shell-sre"
  document_type   = "Session"
  document_format = "JSON"
  content = jsonencode({
    schemaVersion = "1.0"
    description   = "A shell on a node for sre"
    sessionType   = "Standard_Stream"
    inputs = {
      cloudWatchLogGroupName      = aws_cloudwatch_log_group.session_records.name
      cloudWatchEncryptionEnabled = true
      cloudWatchStreamingEnabled  = true
      kmsKeyId                    = aws_kms_key.logs.arn
      idleSessionTimeout          = "15"
      maxSessionDuration          = "120"
    }
  })
}

# What the group may do is in kubernetes/base/access
# control: access.scoped
# from: operators.sre
resource "aws_eks_access_entry" "ops_sre" {
  cluster_name      = aws_eks_cluster.main.name
  principal_arn     = aws_iam_role.ops_sre.arn
  kubernetes_groups = ["bazaar-ops-sre"]
  type              = "STANDARD"
}

# What goes through a tunnel is not recorded; the database's own log has the statements
# control: access.scoped
# from: operators.money, stores.ledger
resource "aws_ssm_document" "tunnel_ledger" {
  name            = "bazaar-tunnel-ledger"
  document_type   = "Session"
  document_format = "JSON"
  content = jsonencode({
    schemaVersion = "1.0"
    description   = "A tunnel to ledger and to nothing else"
    sessionType   = "Port"
    parameters = {
      localPortNumber = {
        type           = "String"
        description    = "the port on the operator's own machine"
        allowedPattern = "^([0-9]{1,5})$"
        default        = "0"
      }
    }
    properties = {
      type            = "LocalPortForwarding"
      host            = aws_rds_cluster.ledger.endpoint
      portNumber      = "3306"
      localPortNumber = "{{ localPortNumber }}"
    }
  })
}

# It can be assumed only by the person whom its tag "grant" names, under that very name, from a
# session with a second factor: nobody has it for longer than it is granted
# control: access.break-glass, access.just-in-time, access.mfa-session
# from: breakGlass
resource "aws_iam_role" "break_glass" {
  name = "bazaar-break-glass"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "WhomItIsGrantedTo"
        Effect = "Allow"
        Principal = {
          AWS = "arn:aws:iam::222222222222:root"
        }
        Action = "sts:AssumeRole"
        Condition = {
          ArnLike = {
            "aws:PrincipalArn" = "arn:aws:iam::222222222222:role/aws-reserved/sso.amazonaws.com*/AWSReservedSSO_bazaar-platform_*"
          }
          StringEquals = {
            "aws:PrincipalTag/mfa"  = "true"
            "iam:ResourceTag/grant" = "$${sts:RoleSessionName}"
          }
          StringLike = {
            "aws:userid" = "*:$${sts:RoleSessionName}"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
  description          = "For emergencies: platform, when security agrees"
  max_session_duration = 3600

  # The tag is the grant: break_glass's state machine sets and removes it
  lifecycle {
    ignore_changes = [tags["grant"], tags_all["grant"]]
  }
}

# control: access.break-glass, access.just-in-time, access.mfa-session, access.scoped
# from: breakGlass
resource "aws_iam_role_policy" "break_glass" {
  name = "permissions"
  role = aws_iam_role.break_glass.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "OnTheseNodes"
        Effect   = "Allow"
        Action   = "ssm:StartSession"
        Resource = "arn:aws:ec2:us-east-2:222222222222:instance/*"
        Condition = {
          StringEquals = {
            "ssm:resourceTag/eks:cluster-name"   = aws_eks_cluster.main.name
            "ssm:resourceTag/eks:nodegroup-name" = ["apart", "general"]
          }
          BoolIfExists = {
            "ssm:SessionDocumentAccessCheck" = "true"
          }
          StringLike = {
            "aws:userid" = "*:$${aws:PrincipalTag/grant}"
          }
        }
      },
      {
        Sid      = "ByTheseDocuments"
        Effect   = "Allow"
        Action   = "ssm:StartSession"
        Resource = aws_ssm_document.shell_break_glass.arn
        Condition = {
          StringLike = {
            "aws:userid" = "*:$${aws:PrincipalTag/grant}"
          }
        }
      },
      {
        Sid      = "OwnSessionsOnly"
        Effect   = "Allow"
        Action   = ["ssm:ResumeSession", "ssm:TerminateSession", "ssmmessages:OpenDataChannel"]
        Resource = "arn:aws:ssm:us-east-2:222222222222:session/$${aws:userid}-*"
        Condition = {
          StringLike = {
            "aws:userid" = "*:$${aws:PrincipalTag/grant}"
          }
        }
      },
      {
        Sid    = "FindNodes"
        Effect = "Allow"
        Action = [
          "ec2:DescribeInstances",
          "ssm:DescribeInstanceInformation",
          "ssm:DescribeSessions",
          "ssm:GetConnectionStatus",
        ]
        Resource = "*"
        Condition = {
          StringLike = {
            "aws:userid" = "*:$${aws:PrincipalTag/grant}"
          }
        }
      },
      {
        Sid      = "SealTheChannel"
        Effect   = "Allow"
        Action   = "kms:GenerateDataKey"
        Resource = aws_kms_key.logs.arn
        Condition = {
          StringLike = {
            "kms:EncryptionContext:aws:ssm:SessionId" = "*"
            "aws:userid"                              = "*:$${aws:PrincipalTag/grant}"
          }
        }
      },
      {
        Sid    = "TheCluster"
        Effect = "Allow"
        Action = [
          "eks:DescribeCluster",
          "eks:DescribeNodegroup",
          "eks:UpdateNodegroupConfig",
          "eks:UpdateNodegroupVersion",
        ]
        Resource = [
          "arn:aws:eks:us-east-2:222222222222:cluster/bazaar*",
          "arn:aws:eks:us-east-2:222222222222:nodegroup/bazaar*/*",
        ]
        Condition = {
          StringLike = {
            "aws:userid" = "*:$${aws:PrincipalTag/grant}"
          }
        }
      },
      {
        Sid    = "TheDatabases"
        Effect = "Allow"
        Action = [
          "rds:FailoverDBCluster",
          "rds:ModifyDBCluster",
          "rds:RebootDBInstance",
          "rds:RestoreDBClusterToPointInTime",
        ]
        Resource = [
          "arn:aws:rds:us-east-2:222222222222:cluster:bazaar-*",
          "arn:aws:rds:us-east-2:222222222222:db:bazaar-*",
          "arn:aws:rds:us-east-2:222222222222:subgrp:bazaar-*",
          "arn:aws:rds:us-east-2:222222222222:cluster-pg:bazaar-*",
        ]
        Condition = {
          StringLike = {
            "aws:userid" = "*:$${aws:PrincipalTag/grant}"
          }
        }
      },
      {
        Sid    = "TheEdge"
        Effect = "Allow"
        Action = [
          "elasticloadbalancing:ModifyListener",
          "elasticloadbalancing:ModifyRule",
          "elasticloadbalancing:ModifyTargetGroup",
          "elasticloadbalancing:SetRulePriorities",
        ]
        Resource = [
          "arn:aws:elasticloadbalancing:us-east-2:222222222222:listener/app/bazaar*",
          "arn:aws:elasticloadbalancing:us-east-2:222222222222:listener-rule/app/bazaar*",
          "arn:aws:elasticloadbalancing:us-east-2:222222222222:targetgroup/bazaar*",
        ]
        Condition = {
          StringLike = {
            "aws:userid" = "*:$${aws:PrincipalTag/grant}"
          }
        }
      },
      {
        Sid      = "TheWebACL"
        Effect   = "Allow"
        Action   = ["wafv2:GetWebACL", "wafv2:UpdateIPSet", "wafv2:UpdateWebACL"]
        Resource = "arn:aws:wafv2:us-east-1:222222222222:global/*"
        Condition = {
          StringLike = {
            "aws:userid" = "*:$${aws:PrincipalTag/grant}"
          }
        }
      },
      {
        Sid    = "Look"
        Effect = "Allow"
        Action = [
          "cloudwatch:DescribeAlarms",
          "cloudwatch:GetMetricData",
          "ec2:DescribeSecurityGroups",
          "ec2:DescribeSubnets",
          "elasticloadbalancing:DescribeTargetHealth",
          "rds:DescribeDBClusters",
          "rds:DescribeDBInstances",
        ]
        Resource = "*"
        Condition = {
          StringLike = {
            "aws:userid" = "*:$${aws:PrincipalTag/grant}"
          }
        }
      },
    ]
  })
}

# control: access.session-audit
# from: breakGlass
resource "aws_ssm_document" "shell_break_glass" {
  name            = "bazaar-shell-break-glass"
  document_type   = "Session"
  document_format = "JSON"
  content = jsonencode({
    schemaVersion = "1.0"
    description   = "A shell on a node in an emergency"
    sessionType   = "Standard_Stream"
    inputs = {
      cloudWatchLogGroupName      = aws_cloudwatch_log_group.session_records.name
      cloudWatchEncryptionEnabled = true
      cloudWatchStreamingEnabled  = true
      kmsKeyId                    = aws_kms_key.logs.arn
      idleSessionTimeout          = "15"
      maxSessionDuration          = "60"
    }
  })
}

# control: access.break-glass
# from: breakGlass
resource "aws_eks_access_entry" "break_glass" {
  cluster_name  = aws_eks_cluster.main.name
  principal_arn = aws_iam_role.break_glass.arn
  type          = "STANDARD"
}

# control: access.break-glass
# from: breakGlass
resource "aws_eks_access_policy_association" "break_glass" {
  cluster_name  = aws_eks_cluster.main.name
  principal_arn = aws_iam_role.break_glass.arn
  policy_arn    = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"

  access_scope {
    type = "cluster"
  }

  depends_on = [aws_eks_access_entry.break_glass]
}

# control: access.break-glass, access.just-in-time, access.mfa-session
# from: breakGlass
resource "aws_iam_role" "approve_break_glass" {
  name = "bazaar-approve-break-glass"
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
            "aws:SourceAccount" = "222222222222"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
}

# control: access.break-glass, access.just-in-time, access.mfa-session
# from: breakGlass
resource "aws_iam_role_policy" "approve_break_glass" {
  name = "permissions"
  role = aws_iam_role.approve_break_glass.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Ask"
        Effect   = "Allow"
        Action   = "sns:Publish"
        Resource = aws_sns_topic.approvers_security.arn
      },
      {
        Sid      = "SealTheQuestion"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = aws_kms_key.logs.arn
        Condition = {
          StringEquals = {
            "kms:ViaService" = "sns.us-east-2.amazonaws.com"
          }
        }
      },
      {
        Sid      = "GrantAndTakeBack"
        Effect   = "Allow"
        Action   = ["iam:TagRole", "iam:UntagRole"]
        Resource = aws_iam_role.break_glass.arn
        Condition = {
          "ForAllValues:StringEquals" = {
            "aws:TagKeys" = ["grant"]
          }
          Null = {
            "aws:TagKeys" = "false"
          }
        }
      },
    ]
  })
}

# Who needs the role starts it with {"user": NAME, "reason": TEXT}; an approver answers with the
# token in the message. One person has it at a time. Whoever is in both groups could agree with
# themselves: keep them apart
# control: access.break-glass, access.just-in-time, access.mfa-session
# from: breakGlass.approve
resource "aws_sfn_state_machine" "approve_break_glass" {
  name     = "bazaar-approve-break-glass"
  role_arn = aws_iam_role.approve_break_glass.arn
  definition = templatefile("${path.module}/approval/grant.asl.json.tftpl", {
    role    = aws_iam_role.break_glass.name
    topic   = aws_sns_topic.approvers_security.arn
    minutes = "60"
    seconds = "3600"
  })
}

# AssumeRole is a reading event, which rules see only in this state
# control: access.break-glass, response.detections
# from: breakGlass
resource "aws_cloudwatch_event_rule" "break_glass" {
  name        = "bazaar-break-glass"
  description = "Somebody took the emergency way in: whoever is on call asks them why"
  state       = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
  event_pattern = jsonencode({
    source        = ["aws.sts"]
    "detail-type" = ["AWS API Call via CloudTrail"]
    detail = {
      eventName = ["AssumeRole"]
      requestParameters = {
        roleArn = [aws_iam_role.break_glass.arn]
      }
    }
  })
}

# control: access.break-glass, response.detections
# from: breakGlass, notify.oncall
resource "aws_cloudwatch_event_target" "break_glass" {
  rule = aws_cloudwatch_event_rule.break_glass.name
  arn  = aws_sns_topic.oncall.arn
}

# control: access.break-glass, response.detections
# from: breakGlass
resource "aws_cloudwatch_log_metric_filter" "break_glass" {
  name           = "bazaar-break-glass"
  log_group_name = aws_cloudwatch_log_group.trail.name
  pattern        = "{ ($.eventName = \"AssumeRole\") && ($.requestParameters.roleArn = \"${aws_iam_role.break_glass.arn}\") }"

  metric_transformation {
    name      = "break-glass"
    namespace = "bazaar/detections"
    value     = "1"
  }
}

# control: access.break-glass, response.detections
# from: breakGlass, notify.oncall
resource "aws_cloudwatch_metric_alarm" "break_glass" {
  alarm_name          = "bazaar-break-glass"
  alarm_description   = "Somebody took the emergency way in: whoever is on call asks them why"
  namespace           = "bazaar/detections"
  metric_name         = "break-glass"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.oncall.arn]
}

# control: access.just-in-time
# from: operators, breakGlass
data "aws_ssoadmin_instances" "main" {
}

# control: access.just-in-time
# from: operators.money
resource "aws_ssoadmin_permission_set" "people_money" {
  name             = "bazaar-money"
  description      = "What money may ask for, and agree to"
  instance_arn     = one(data.aws_ssoadmin_instances.main.arns)
  session_duration = "PT1H"
}

# control: access.just-in-time
# from: operators.money
resource "aws_ssoadmin_permission_set_inline_policy" "people_money" {
  instance_arn       = one(data.aws_ssoadmin_instances.main.arns)
  permission_set_arn = aws_ssoadmin_permission_set.people_money.arn
  inline_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Ask"
        Effect   = "Allow"
        Action   = "states:StartExecution"
        Resource = aws_sfn_state_machine.approve_ops_money.arn
      },
      {
        Sid      = "TakeWhatIsGranted"
        Effect   = "Allow"
        Action   = "sts:AssumeRole"
        Resource = aws_iam_role.ops_money.arn
      },
    ]
  })
}

# control: identity.guardrails, identity.least-privilege
# from: operators.money
resource "aws_ssoadmin_permissions_boundary_attachment" "people_money" {
  instance_arn       = one(data.aws_ssoadmin_instances.main.arns)
  permission_set_arn = aws_ssoadmin_permission_set.people_money.arn

  permissions_boundary {
    customer_managed_policy_reference {
      name = aws_iam_policy.boundary.name
      path = "/"
    }
  }
}

# control: access.just-in-time
# from: operators.money
data "aws_identitystore_group" "people_money" {
  identity_store_id = one(data.aws_ssoadmin_instances.main.identity_store_ids)

  alternate_identifier {
    unique_attribute {
      attribute_path  = "DisplayName"
      attribute_value = "money"
    }
  }
}

# control: access.just-in-time
# from: operators.money
resource "aws_ssoadmin_account_assignment" "people_money" {
  instance_arn       = one(data.aws_ssoadmin_instances.main.arns)
  permission_set_arn = aws_ssoadmin_permission_set.people_money.arn
  principal_type     = "GROUP"
  principal_id       = data.aws_identitystore_group.people_money.group_id
  target_type        = "AWS_ACCOUNT"
  target_id          = "222222222222"
}

# control: access.just-in-time
# from: operators.sre, breakGlass
resource "aws_ssoadmin_permission_set" "people_platform" {
  name             = "bazaar-platform"
  description      = "What platform may ask for, and agree to"
  instance_arn     = one(data.aws_ssoadmin_instances.main.arns)
  session_duration = "PT1H"
}

# control: access.just-in-time
# from: operators.sre, breakGlass
resource "aws_ssoadmin_permission_set_inline_policy" "people_platform" {
  instance_arn       = one(data.aws_ssoadmin_instances.main.arns)
  permission_set_arn = aws_ssoadmin_permission_set.people_platform.arn
  inline_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Ask"
        Effect   = "Allow"
        Action   = "states:StartExecution"
        Resource = [aws_sfn_state_machine.approve_ops_sre.arn, aws_sfn_state_machine.approve_break_glass.arn]
      },
      {
        Sid      = "TakeWhatIsGranted"
        Effect   = "Allow"
        Action   = "sts:AssumeRole"
        Resource = [aws_iam_role.ops_sre.arn, aws_iam_role.break_glass.arn]
      },
    ]
  })
}

# control: identity.guardrails, identity.least-privilege
# from: operators.sre, breakGlass
resource "aws_ssoadmin_permissions_boundary_attachment" "people_platform" {
  instance_arn       = one(data.aws_ssoadmin_instances.main.arns)
  permission_set_arn = aws_ssoadmin_permission_set.people_platform.arn

  permissions_boundary {
    customer_managed_policy_reference {
      name = aws_iam_policy.boundary.name
      path = "/"
    }
  }
}

# control: access.just-in-time
# from: operators.sre, breakGlass
data "aws_identitystore_group" "people_platform" {
  identity_store_id = one(data.aws_ssoadmin_instances.main.identity_store_ids)

  alternate_identifier {
    unique_attribute {
      attribute_path  = "DisplayName"
      attribute_value = "platform"
    }
  }
}

# control: access.just-in-time
# from: operators.sre, breakGlass
resource "aws_ssoadmin_account_assignment" "people_platform" {
  instance_arn       = one(data.aws_ssoadmin_instances.main.arns)
  permission_set_arn = aws_ssoadmin_permission_set.people_platform.arn
  principal_type     = "GROUP"
  principal_id       = data.aws_identitystore_group.people_platform.group_id
  target_type        = "AWS_ACCOUNT"
  target_id          = "222222222222"
}

# Who is to agree subscribes to it; the message holds the token with which they do
# control: access.just-in-time
# from: operators.sre
resource "aws_sns_topic" "approvers_platform_leads" {
  name              = "bazaar-approvers-platform-leads"
  kms_master_key_id = aws_kms_key.logs.arn
}

# control: access.just-in-time
# from: operators.sre
resource "aws_ssoadmin_permission_set" "people_platform_leads" {
  name             = "bazaar-platform-leads"
  description      = "What platform-leads may ask for, and agree to"
  instance_arn     = one(data.aws_ssoadmin_instances.main.arns)
  session_duration = "PT1H"
}

# control: access.just-in-time
# from: operators.sre
resource "aws_ssoadmin_permission_set_inline_policy" "people_platform_leads" {
  instance_arn       = one(data.aws_ssoadmin_instances.main.arns)
  permission_set_arn = aws_ssoadmin_permission_set.people_platform_leads.arn
  inline_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Agree"
        Effect   = "Allow"
        Action   = ["states:SendTaskFailure", "states:SendTaskSuccess"]
        Resource = "*"
      },
      {
        Sid      = "BeAsked"
        Effect   = "Allow"
        Action   = "sns:Subscribe"
        Resource = aws_sns_topic.approvers_platform_leads.arn
      },
    ]
  })
}

# control: identity.guardrails, identity.least-privilege
# from: operators.sre
resource "aws_ssoadmin_permissions_boundary_attachment" "people_platform_leads" {
  instance_arn       = one(data.aws_ssoadmin_instances.main.arns)
  permission_set_arn = aws_ssoadmin_permission_set.people_platform_leads.arn

  permissions_boundary {
    customer_managed_policy_reference {
      name = aws_iam_policy.boundary.name
      path = "/"
    }
  }
}

# control: access.just-in-time
# from: operators.sre
data "aws_identitystore_group" "people_platform_leads" {
  identity_store_id = one(data.aws_ssoadmin_instances.main.identity_store_ids)

  alternate_identifier {
    unique_attribute {
      attribute_path  = "DisplayName"
      attribute_value = "platform-leads"
    }
  }
}

# control: access.just-in-time
# from: operators.sre
resource "aws_ssoadmin_account_assignment" "people_platform_leads" {
  instance_arn       = one(data.aws_ssoadmin_instances.main.arns)
  permission_set_arn = aws_ssoadmin_permission_set.people_platform_leads.arn
  principal_type     = "GROUP"
  principal_id       = data.aws_identitystore_group.people_platform_leads.group_id
  target_type        = "AWS_ACCOUNT"
  target_id          = "222222222222"
}

# Who is to agree subscribes to it; the message holds the token with which they do
# control: access.just-in-time
# from: operators.money, breakGlass
resource "aws_sns_topic" "approvers_security" {
  name              = "bazaar-approvers-security"
  kms_master_key_id = aws_kms_key.logs.arn
}

# control: access.just-in-time
# from: operators.money, breakGlass
resource "aws_ssoadmin_permission_set" "people_security" {
  name             = "bazaar-security"
  description      = "What security may ask for, and agree to"
  instance_arn     = one(data.aws_ssoadmin_instances.main.arns)
  session_duration = "PT1H"
}

# control: access.just-in-time
# from: operators.money, breakGlass
resource "aws_ssoadmin_permission_set_inline_policy" "people_security" {
  instance_arn       = one(data.aws_ssoadmin_instances.main.arns)
  permission_set_arn = aws_ssoadmin_permission_set.people_security.arn
  inline_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Agree"
        Effect   = "Allow"
        Action   = ["states:SendTaskFailure", "states:SendTaskSuccess"]
        Resource = "*"
      },
      {
        Sid      = "BeAsked"
        Effect   = "Allow"
        Action   = "sns:Subscribe"
        Resource = aws_sns_topic.approvers_security.arn
      },
    ]
  })
}

# control: identity.guardrails, identity.least-privilege
# from: operators.money, breakGlass
resource "aws_ssoadmin_permissions_boundary_attachment" "people_security" {
  instance_arn       = one(data.aws_ssoadmin_instances.main.arns)
  permission_set_arn = aws_ssoadmin_permission_set.people_security.arn

  permissions_boundary {
    customer_managed_policy_reference {
      name = aws_iam_policy.boundary.name
      path = "/"
    }
  }
}

# control: access.just-in-time
# from: operators.money, breakGlass
data "aws_identitystore_group" "people_security" {
  identity_store_id = one(data.aws_ssoadmin_instances.main.identity_store_ids)

  alternate_identifier {
    unique_attribute {
      attribute_path  = "DisplayName"
      attribute_value = "security"
    }
  }
}

# control: access.just-in-time
# from: operators.money, breakGlass
resource "aws_ssoadmin_account_assignment" "people_security" {
  instance_arn       = one(data.aws_ssoadmin_instances.main.arns)
  permission_set_arn = aws_ssoadmin_permission_set.people_security.arn
  principal_type     = "GROUP"
  principal_id       = data.aws_identitystore_group.people_security.group_id
  target_type        = "AWS_ACCOUNT"
  target_id          = "222222222222"
}
