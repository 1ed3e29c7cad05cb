# bazaar: identity. Rendered by fathom from the platform's declaration; change it there.

# Every role and every permission set here has this boundary, so that none of them can do what an
# apply does; who applies has a role that is not rendered
# control: identity.guardrails, identity.least-privilege
# from: account, region, backupRegion
resource "aws_iam_policy" "boundary" {
  name        = "bazaar-boundary"
  description = "What no role of bazaar may ever do"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "WhatTheRoleMayDo"
        Effect   = "Allow"
        Action   = "*"
        Resource = "*"
      },
      {
        Sid    = "NothingThatLasts"
        Effect = "Deny"
        Action = [
          "iam:CreateAccessKey",
          "iam:CreateLoginProfile",
          "iam:CreateServiceSpecificCredential",
          "iam:CreateUser",
          "iam:UploadSigningCertificate",
          "iam:UploadSSHPublicKey",
        ]
        Resource = "*"
      },
      {
        Sid    = "NewRolesHaveThisBoundary"
        Effect = "Deny"
        Action = [
          "iam:AttachRolePolicy",
          "iam:CreateRole",
          "iam:PutRolePermissionsBoundary",
          "iam:PutRolePolicy",
        ]
        Resource = "arn:aws:iam::222222222222:role/*"
        Condition = {
          StringNotEquals = {
            "iam:PermissionsBoundary" = "arn:aws:iam::222222222222:policy/bazaar-boundary"
          }
        }
      },
      {
        Sid      = "NoRoleLosesIt"
        Effect   = "Deny"
        Action   = "iam:DeleteRolePermissionsBoundary"
        Resource = "arn:aws:iam::222222222222:role/*"
      },
      {
        Sid    = "ItStaysAsItIs"
        Effect = "Deny"
        Action = [
          "iam:CreatePolicyVersion",
          "iam:DeletePolicy",
          "iam:DeletePolicyVersion",
          "iam:SetDefaultPolicyVersion",
        ]
        Resource = "arn:aws:iam::222222222222:policy/bazaar-boundary"
      },
      {
        Sid    = "TheAccountStays"
        Effect = "Deny"
        Action = [
          "account:CloseAccount",
          "organizations:DeletePolicy",
          "organizations:DetachPolicy",
          "organizations:DisablePolicyType",
          "organizations:LeaveOrganization",
        ]
        Resource = "*"
      },
      {
        Sid    = "WhatWatchesStaysOn"
        Effect = "Deny"
        Action = [
          "access-analyzer:DeleteAnalyzer",
          "cloudtrail:DeleteTrail",
          "cloudtrail:StopLogging",
          "config:DeleteConfigurationRecorder",
          "config:DeleteDeliveryChannel",
          "config:StopConfigurationRecorder",
          "ec2:DeleteFlowLogs",
          "guardduty:DeleteDetector",
          "guardduty:DisassociateFromAdministratorAccount",
          "guardduty:StopMonitoringMembers",
          "macie2:DisableMacie",
          "securityhub:DisableSecurityHub",
        ]
        Resource = "*"
      },
      {
        Sid    = "KeysAndBackupsStay"
        Effect = "Deny"
        Action = [
          "backup:DeleteBackupVault",
          "backup:DeleteRecoveryPoint",
          "kms:DeleteImportedKeyMaterial",
          "kms:DisableKey",
          "kms:ScheduleKeyDeletion",
          "s3:BypassGovernanceRetention",
        ]
        Resource = "*"
      },
      {
        Sid    = "WhoAppliesChangesThese"
        Effect = "Deny"
        Action = [
          "eks:AssociateAccessPolicy",
          "eks:CreateAccessEntry",
          "eks:CreatePodIdentityAssociation",
          "eks:UpdateAccessEntry",
          "eks:UpdatePodIdentityAssociation",
          "iam:AddClientIDToOpenIDConnectProvider",
          "iam:CreateOpenIDConnectProvider",
          "iam:CreateSAMLProvider",
          "iam:UpdateAssumeRolePolicy",
          "iam:UpdateOpenIDConnectProviderThumbprint",
          "iam:UpdateSAMLProvider",
          "s3:PutAccountPublicAccessBlock",
          "s3:PutBucketPublicAccessBlock",
          "cloudtrail:PutEventSelectors",
          "cloudtrail:UpdateTrail",
          "kms:PutKeyPolicy",
        ]
        Resource = "*"
      },
      {
        Sid    = "CopiesStayAndDetectionsGoOn"
        Effect = "Deny"
        Action = [
          "ec2:ModifyImageAttribute",
          "ec2:ModifySnapshotAttribute",
          "lambda:AddPermission",
          "rds:ModifyDBClusterSnapshotAttribute",
          "rds:ModifyDBSnapshotAttribute",
          "rds:StartExportTask",
          "s3:PutBucketPolicy",
          "s3:PutReplicationConfiguration",
          "secretsmanager:PutResourcePolicy",
          "sns:AddPermission",
          "sqs:AddPermission",
          "ssm:ModifyDocumentPermission",
          "cloudwatch:Delete*",
          "cloudwatch:DisableAlarmActions",
          "cloudwatch:PutMetricAlarm",
          "cloudwatch:SetAlarmState",
          "config:DeleteConfigRule",
          "events:Delete*",
          "events:DisableRule",
          "events:PutRule",
          "events:PutTargets",
          "events:RemoveTargets",
          "guardduty:CreateFilter",
          "guardduty:CreateIPSet",
          "guardduty:DeletePublishingDestination",
          "guardduty:Update*",
          "lambda:DeleteFunction*",
          "lambda:UpdateFunction*",
          "logs:DeleteLogGroup",
          "logs:DeleteLogStream",
          "logs:DeleteMetricFilter",
          "logs:DeleteSubscriptionFilter",
          "logs:PutMetricFilter",
          "logs:PutSubscriptionFilter",
          "sns:DeleteTopic",
          "sns:Set*",
          "sns:Unsubscribe",
          "ssm:DeleteDocument",
          "ssm:UpdateDocument*",
        ]
        Resource = "*"
        Condition = {
          ArnNotEquals = {
            "aws:PrincipalArn" = "arn:aws:iam::222222222222:role/bazaar-backup"
          }
        }
      },
      {
        Sid    = "OnlyInTheseRegions"
        Effect = "Deny"
        NotAction = [
          "access-analyzer:*",
          "account:*",
          "budgets:*",
          "ce:*",
          "cloudfront:*",
          "cloudfront-keyvaluestore:*",
          "cloudtrail:*",
          "config:*",
          "guardduty:*",
          "health:*",
          "iam:*",
          "organizations:*",
          "route53:*",
          "route53domains:*",
          "securityhub:*",
          "shield:*",
          "sts:*",
          "support:*",
          "trustedadvisor:*",
        ]
        Resource = "*"
        Condition = {
          StringNotEquals = {
            "aws:RequestedRegion" = ["us-east-1", "us-east-2", "us-west-2"]
          }
        }
      },
    ]
  })
}

# control: identity.least-privilege
resource "aws_iam_role" "cluster" {
  name = "bazaar-cluster"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Service = "eks.amazonaws.com"
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

# control: identity.least-privilege
resource "aws_iam_role_policy_attachment" "cluster" {
  role       = aws_iam_role.cluster.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"
}

# Pods have security groups of their own, which the control plane attaches
# control: identity.least-privilege, network.sg-chain
resource "aws_iam_role_policy_attachment" "cluster_pod_groups" {
  role       = aws_iam_role.cluster.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonEKSVPCResourceController"
}

# control: identity.node-role
resource "aws_iam_role" "nodes" {
  name = "bazaar-nodes"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Service = "ec2.amazonaws.com"
        }
        Action = "sts:AssumeRole"
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
}

# control: identity.node-role
resource "aws_iam_role_policy_attachment" "nodes" {
  role       = aws_iam_role.nodes.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonEKSWorkerNodeMinimalPolicy"
}

# control: identity.node-role
resource "aws_iam_role_policy_attachment" "nodes_images" {
  role       = aws_iam_role.nodes.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly"
}

# People reach nodes by Session Manager, whose agent has the node's role
# control: identity.node-role, access.ssm-only
# from: operators, breakGlass
resource "aws_iam_role_policy_attachment" "nodes_sessions" {
  role       = aws_iam_role.nodes.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

# control: identity.irsa
resource "aws_iam_openid_connect_provider" "cluster" {
  url            = aws_eks_cluster.main.identity[0].oidc[0].issuer
  client_id_list = ["sts.amazonaws.com"]
}

# The network plug-in changes the nodes' interfaces: a role of its own, so that the nodes' role
# cannot; the add-on vpc-cni names it in service_account_role_arn
# control: identity.node-role, identity.trust-exact
resource "aws_iam_role" "cni" {
  name = "bazaar-cni"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Federated = aws_iam_openid_connect_provider.cluster.arn
        }
        Action = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          StringEquals = {
            ("${replace(aws_iam_openid_connect_provider.cluster.url, "https://", "")}:aud") = "sts.amazonaws.com"
            ("${replace(aws_iam_openid_connect_provider.cluster.url, "https://", "")}:sub") = "system:serviceaccount:kube-system:aws-node"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
}

# control: identity.node-role
resource "aws_iam_role_policy_attachment" "cni" {
  role       = aws_iam_role.cni.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy"
}

# control: identity.irsa, identity.trust-exact
resource "aws_iam_role" "load_balancer_controller" {
  name = "bazaar-load-balancer-controller"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Federated = aws_iam_openid_connect_provider.cluster.arn
        }
        Action = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          StringEquals = {
            ("${replace(aws_iam_openid_connect_provider.cluster.url, "https://", "")}:aud") = "sts.amazonaws.com"
            ("${replace(aws_iam_openid_connect_provider.cluster.url, "https://", "")}:sub") = "system:serviceaccount:kube-system:aws-load-balancer-controller"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
}

# control: identity.least-privilege
# from: edge
resource "aws_iam_role_policy" "load_balancer_controller" {
  name = "permissions"
  role = aws_iam_role.load_balancer_controller.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Look"
        Effect = "Allow"
        Action = [
          "ec2:DescribeAvailabilityZones",
          "ec2:DescribeInstances",
          "ec2:DescribeNetworkInterfaces",
          "ec2:DescribeSecurityGroups",
          "ec2:DescribeSubnets",
          "ec2:DescribeVpcs",
          "elasticloadbalancing:DescribeTargetGroups",
          "elasticloadbalancing:DescribeTargetHealth",
        ]
        Resource = "*"
      },
      {
        Sid      = "PutPodsIn"
        Effect   = "Allow"
        Action   = ["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"]
        Resource = aws_lb_target_group.gateway.arn
      },
    ]
  })
}

# control: identity.irsa, identity.trust-exact
# from: services.accounts
resource "aws_iam_role" "svc_accounts" {
  name = "bazaar-svc-accounts"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Federated = aws_iam_openid_connect_provider.cluster.arn
        }
        Action = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          StringEquals = {
            ("${replace(aws_iam_openid_connect_provider.cluster.url, "https://", "")}:aud") = "sts.amazonaws.com"
            ("${replace(aws_iam_openid_connect_provider.cluster.url, "https://", "")}:sub") = "system:serviceaccount:people:accounts"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
  tags = {
    service = "accounts"
    owner   = "identity"
  }
}

# control: identity.least-privilege
# from: services.accounts.stores
resource "aws_iam_role_policy" "svc_accounts" {
  name = "permissions"
  role = aws_iam_role.svc_accounts.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "ConnectAccountsDb"
        Effect   = "Allow"
        Action   = "rds-db:connect"
        Resource = "arn:aws:rds-db:us-east-2:222222222222:dbuser:${aws_rds_cluster.accounts_db.cluster_resource_id}/accounts"
      },
      {
        Sid    = "ConnectSessions"
        Effect = "Allow"
        Action = "elasticache:Connect"
        Resource = [
          aws_elasticache_replication_group.sessions.arn,
          "arn:aws:elasticache:us-east-2:222222222222:user:bazaar-sessions-accounts",
        ]
      },
    ]
  })
}

# control: identity.irsa, identity.trust-exact
# from: services.basket
resource "aws_iam_role" "svc_basket" {
  name = "bazaar-svc-basket"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Federated = aws_iam_openid_connect_provider.cluster.arn
        }
        Action = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          StringEquals = {
            ("${replace(aws_iam_openid_connect_provider.cluster.url, "https://", "")}:aud") = "sts.amazonaws.com"
            ("${replace(aws_iam_openid_connect_provider.cluster.url, "https://", "")}:sub") = "system:serviceaccount:bazaar:basket"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
  tags = {
    service = "basket"
    owner   = "checkout"
  }
}

# control: identity.least-privilege
# from: services.basket.stores
resource "aws_iam_role_policy" "svc_basket" {
  name = "permissions"
  role = aws_iam_role.svc_basket.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "ConnectBasketDb"
        Effect   = "Allow"
        Action   = "rds-db:connect"
        Resource = "arn:aws:rds-db:us-east-2:222222222222:dbuser:${aws_rds_cluster.basket_db.cluster_resource_id}/basket"
      },
      {
        Sid    = "ConnectSessions"
        Effect = "Allow"
        Action = "elasticache:Connect"
        Resource = [
          aws_elasticache_replication_group.sessions.arn,
          "arn:aws:elasticache:us-east-2:222222222222:user:bazaar-sessions-basket",
        ]
      },
    ]
  })
}

# control: identity.irsa, identity.trust-exact
# from: services.listings
resource "aws_iam_role" "svc_listings" {
  name = "bazaar-svc-listings"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Federated = aws_iam_openid_connect_provider.cluster.arn
        }
        Action = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          StringEquals = {
            ("${replace(aws_iam_openid_connect_provider.cluster.url, "https://", "")}:aud") = "sts.amazonaws.com"
            ("${replace(aws_iam_openid_connect_provider.cluster.url, "https://", "")}:sub") = "system:serviceaccount:bazaar:listings"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
  tags = {
    service = "listings"
    owner   = "catalogue"
  }
}

# control: identity.least-privilege
# from: services.listings.stores
resource "aws_iam_role_policy" "svc_listings" {
  name = "permissions"
  role = aws_iam_role.svc_listings.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "ConnectListingsDb"
        Effect   = "Allow"
        Action   = "rds-db:connect"
        Resource = "arn:aws:rds-db:us-east-2:222222222222:dbuser:${aws_rds_cluster.listings_db.cluster_resource_id}/listings"
      },
      {
        Sid      = "ListPictures"
        Effect   = "Allow"
        Action   = "s3:ListBucket"
        Resource = [aws_s3_bucket.pictures.arn, "arn:aws:s3:us-east-2:222222222222:accesspoint/bazaar-pictures"]
      },
      {
        Sid    = "ObjectsPictures"
        Effect = "Allow"
        Action = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:DeleteObject"]
        Resource = [
          "${aws_s3_bucket.pictures.arn}/*",
          "arn:aws:s3:us-east-2:222222222222:accesspoint/bazaar-pictures/object/*",
        ]
      },
      {
        Sid      = "KeyOfPictures"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = aws_kms_key.stores.arn
        Condition = {
          StringEquals = {
            "kms:ViaService"                   = "s3.us-east-2.amazonaws.com"
            "kms:EncryptionContext:aws:s3:arn" = aws_s3_bucket.pictures.arn
          }
        }
      },
    ]
  })
}

# control: identity.irsa, identity.trust-exact
# from: services.notices
resource "aws_iam_role" "svc_notices" {
  name = "bazaar-svc-notices"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Federated = aws_iam_openid_connect_provider.cluster.arn
        }
        Action = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          StringEquals = {
            ("${replace(aws_iam_openid_connect_provider.cluster.url, "https://", "")}:aud") = "sts.amazonaws.com"
            ("${replace(aws_iam_openid_connect_provider.cluster.url, "https://", "")}:sub") = "system:serviceaccount:people:notices"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
  tags = {
    service = "notices"
    owner   = "identity"
  }
}

# control: identity.irsa, identity.trust-exact
# from: services.reviews
resource "aws_iam_role" "svc_reviews" {
  name = "bazaar-svc-reviews"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Federated = aws_iam_openid_connect_provider.cluster.arn
        }
        Action = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          StringEquals = {
            ("${replace(aws_iam_openid_connect_provider.cluster.url, "https://", "")}:aud") = "sts.amazonaws.com"
            ("${replace(aws_iam_openid_connect_provider.cluster.url, "https://", "")}:sub") = "system:serviceaccount:bazaar:reviews"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
  tags = {
    service = "reviews"
    owner   = "catalogue"
  }
}

# control: identity.least-privilege
# from: services.reviews.stores
resource "aws_iam_role_policy" "svc_reviews" {
  name = "permissions"
  role = aws_iam_role.svc_reviews.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "ConnectListingsDb"
        Effect   = "Allow"
        Action   = "rds-db:connect"
        Resource = "arn:aws:rds-db:us-east-2:222222222222:dbuser:${aws_rds_cluster.listings_db.cluster_resource_id}/reviews"
      },
    ]
  })
}

# control: identity.irsa, identity.trust-exact
# from: services.sellers
resource "aws_iam_role" "svc_sellers" {
  name = "bazaar-svc-sellers"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Federated = aws_iam_openid_connect_provider.cluster.arn
        }
        Action = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          StringEquals = {
            ("${replace(aws_iam_openid_connect_provider.cluster.url, "https://", "")}:aud") = "sts.amazonaws.com"
            ("${replace(aws_iam_openid_connect_provider.cluster.url, "https://", "")}:sub") = "system:serviceaccount:bazaar:sellers"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
  tags = {
    service = "sellers"
    owner   = "sellers"
  }
}

# control: identity.least-privilege
# from: services.sellers.stores, services.sellers.aws
resource "aws_iam_role_policy" "svc_sellers" {
  name = "permissions"
  role = aws_iam_role.svc_sellers.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "ConnectSellersDb"
        Effect   = "Allow"
        Action   = "rds-db:connect"
        Resource = "arn:aws:rds-db:us-east-2:222222222222:dbuser:${aws_rds_cluster.sellers_db.cluster_resource_id}/sellers"
      },
      {
        Sid    = "ListTaxForms"
        Effect = "Allow"
        Action = "s3:ListBucket"
        Resource = [
          aws_s3_bucket.tax_forms.arn,
          "arn:aws:s3:us-east-2:222222222222:accesspoint/bazaar-tax-forms",
        ]
      },
      {
        Sid    = "ObjectsTaxForms"
        Effect = "Allow"
        Action = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"]
        Resource = [
          "${aws_s3_bucket.tax_forms.arn}/*",
          "arn:aws:s3:us-east-2:222222222222:accesspoint/bazaar-tax-forms/object/*",
        ]
      },
      {
        Sid      = "KeyOfTaxForms"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = aws_kms_key.tax_forms.arn
        Condition = {
          StringEquals = {
            "kms:ViaService"                   = "s3.us-east-2.amazonaws.com"
            "kms:EncryptionContext:aws:s3:arn" = aws_s3_bucket.tax_forms.arn
          }
        }
      },
      {
        Effect = "Allow"
        Action = "s3:GetObjectVersion"
        Resource = [
          "${aws_s3_bucket.tax_forms.arn}/signed/*",
          "arn:aws:s3:us-east-2:222222222222:accesspoint/bazaar-tax-forms/object/signed/*",
        ]
      },
    ]
  })
}

# control: identity.irsa, identity.session-tags
# from: services.settlement
resource "aws_iam_role" "svc_settlement" {
  name = "bazaar-svc-settlement"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Service = "pods.eks.amazonaws.com"
        }
        Action = ["sts:AssumeRole", "sts:TagSession"]
        Condition = {
          StringEquals = {
            "aws:SourceAccount"                         = "222222222222"
            "aws:RequestTag/kubernetes-namespace"       = "settlement"
            "aws:RequestTag/kubernetes-service-account" = "settlement"
          }
          ArnEquals = {
            "aws:SourceArn" = aws_eks_cluster.main.arn
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
  tags = {
    service = "settlement"
    owner   = "money"
  }
}

# control: identity.least-privilege
# from: services.settlement.stores, services.settlement.aws
resource "aws_iam_role_policy" "svc_settlement" {
  name = "permissions"
  role = aws_iam_role.svc_settlement.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "ConnectLedger"
        Effect   = "Allow"
        Action   = "rds-db:connect"
        Resource = "arn:aws:rds-db:us-east-2:222222222222:dbuser:${aws_rds_cluster.ledger.cluster_resource_id}/settlement"
        Condition = {
          StringEquals = {
            "aws:PrincipalTag/kubernetes-namespace"       = "settlement"
            "aws:PrincipalTag/kubernetes-service-account" = "settlement"
          }
        }
      },
      {
        Effect   = "Allow"
        Action   = ["kms:GenerateDataKey", "kms:Decrypt"]
        Resource = aws_kms_key.ledger.arn
        Condition = {
          StringEquals = {
            "kms:EncryptionContext:service"               = "settlement"
            "aws:PrincipalTag/kubernetes-namespace"       = "settlement"
            "aws:PrincipalTag/kubernetes-service-account" = "settlement"
          }
        }
      },
    ]
  })
}

# control: identity.irsa, identity.session-tags
# from: services.settlement.sessionTags
resource "aws_eks_pod_identity_association" "svc_settlement" {
  cluster_name    = aws_eks_cluster.main.name
  namespace       = "settlement"
  service_account = "settlement"
  role_arn        = aws_iam_role.svc_settlement.arn
}

# The account stays in the organisation, watched and with its keys; people have MFA, and no
# credential lasts. It holds for whoever applies these files too: to take down what it keeps, or
# the policy itself, lift it in the management account
# control: identity.guardrails, identity.mfa, identity.no-long-keys
# from: organization
resource "aws_organizations_policy" "scp_guardrails" {
  name = "bazaar-guardrails"
  type = "SERVICE_CONTROL_POLICY"
  content = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "TheAccountStays"
        Effect = "Deny"
        Action = [
          "account:CloseAccount",
          "organizations:DeletePolicy",
          "organizations:DetachPolicy",
          "organizations:DisablePolicyType",
          "organizations:LeaveOrganization",
        ]
        Resource = "*"
      },
      {
        Sid    = "WhatWatchesStaysOn"
        Effect = "Deny"
        Action = [
          "access-analyzer:DeleteAnalyzer",
          "cloudtrail:DeleteTrail",
          "cloudtrail:StopLogging",
          "config:DeleteConfigurationRecorder",
          "config:DeleteDeliveryChannel",
          "config:StopConfigurationRecorder",
          "ec2:DeleteFlowLogs",
          "guardduty:DeleteDetector",
          "guardduty:DisassociateFromAdministratorAccount",
          "guardduty:StopMonitoringMembers",
          "macie2:DisableMacie",
          "securityhub:DisableSecurityHub",
        ]
        Resource = "*"
      },
      {
        Sid    = "KeysAndBackupsStay"
        Effect = "Deny"
        Action = [
          "backup:DeleteBackupVault",
          "backup:DeleteRecoveryPoint",
          "kms:DeleteImportedKeyMaterial",
          "kms:DisableKey",
          "kms:ScheduleKeyDeletion",
          "s3:BypassGovernanceRetention",
        ]
        Resource = "*"
      },
      {
        Sid    = "NothingThatLasts"
        Effect = "Deny"
        Action = [
          "iam:CreateAccessKey",
          "iam:CreateLoginProfile",
          "iam:CreateServiceSpecificCredential",
          "iam:CreateUser",
          "iam:UploadSigningCertificate",
          "iam:UploadSSHPublicKey",
        ]
        Resource = "*"
      },
      {
        Sid      = "NobodyIsRoot"
        Effect   = "Deny"
        Action   = "*"
        Resource = "*"
        Condition = {
          ArnLike = {
            "aws:PrincipalArn" = "arn:aws:iam::*:root"
          }
          Null = {
            "aws:AssumedRoot" = "true"
          }
        }
      },
      {
        Sid    = "UsersOnlyWithMFA"
        Effect = "Deny"
        NotAction = [
          "iam:ChangePassword",
          "iam:CreateVirtualMFADevice",
          "iam:EnableMFADevice",
          "iam:GetMFADevice",
          "iam:GetUser",
          "iam:ListMFADevices",
          "iam:ListVirtualMFADevices",
          "iam:ResyncMFADevice",
          "sts:GetSessionToken",
        ]
        Resource = "*"
        Condition = {
          BoolIfExists = {
            "aws:MultiFactorAuthPresent" = "false"
          }
          ArnLike = {
            "aws:PrincipalArn" = "arn:aws:iam::*:user/*"
          }
        }
      },
      {
        Sid      = "PeopleOnlyWithMFA"
        Effect   = "Deny"
        Action   = "*"
        Resource = "*"
        Condition = {
          ArnLike = {
            "aws:PrincipalArn" = "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*"
          }
          StringNotEquals = {
            "aws:PrincipalTag/mfa" = "true"
          }
        }
      },
    ]
  })
}

# control: identity.guardrails
# from: organization, unit
resource "aws_organizations_policy_attachment" "scp_guardrails" {
  policy_id = aws_organizations_policy.scp_guardrails.id
  target_id = "222222222222"
}

# Buckets stay private, disks and databases sealed, and nodes with IMDSv2; who applies these files
# sets what keeps buckets private
# control: identity.guardrails, data.s3-private, data.at-rest
# from: organization
resource "aws_organizations_policy" "scp_data" {
  name = "bazaar-data"
  type = "SERVICE_CONTROL_POLICY"
  content = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "BucketsStayPrivate"
        Effect   = "Deny"
        Action   = ["s3:PutAccountPublicAccessBlock", "s3:PutBucketPublicAccessBlock"]
        Resource = "*"
        Condition = {
          ArnNotLike = {
            "aws:PrincipalArn" = var.administrators
          }
        }
      },
      {
        Sid      = "NoPublicACL"
        Effect   = "Deny"
        Action   = ["s3:CreateBucket", "s3:PutBucketAcl", "s3:PutObject", "s3:PutObjectAcl"]
        Resource = "*"
        Condition = {
          StringEquals = {
            "s3:x-amz-acl" = ["authenticated-read", "public-read", "public-read-write"]
          }
        }
      },
      {
        Sid      = "NewDisksAreSealed"
        Effect   = "Deny"
        Action   = "ec2:CreateVolume"
        Resource = "*"
        Condition = {
          Bool = {
            "ec2:Encrypted" = "false"
          }
        }
      },
      {
        Sid      = "DisksAreSealed"
        Effect   = "Deny"
        Action   = "ec2:RunInstances"
        Resource = "arn:aws:ec2:*:*:volume/*"
        Condition = {
          Bool = {
            "ec2:Encrypted" = "false"
          }
        }
      },
      {
        Sid      = "NodesHaveIMDSv2"
        Effect   = "Deny"
        Action   = "ec2:RunInstances"
        Resource = "arn:aws:ec2:*:*:instance/*"
        Condition = {
          StringNotEquals = {
            "ec2:MetadataHttpTokens" = "required"
          }
        }
      },
      {
        Sid      = "ClustersAreSealed"
        Effect   = "Deny"
        Action   = "rds:CreateDBCluster"
        Resource = "*"
        Condition = {
          Bool = {
            "rds:StorageEncrypted" = "false"
          }
        }
      },
      {
        Sid      = "DatabasesAreSealed"
        Effect   = "Deny"
        Action   = "rds:CreateDBInstance"
        Resource = "*"
        Condition = {
          Bool = {
            "rds:StorageEncrypted" = "false"
          }
          StringNotLike = {
            "rds:DatabaseEngine" = "aurora*"
          }
        }
      },
      {
        Sid      = "FilesAreSealed"
        Effect   = "Deny"
        Action   = "elasticfilesystem:CreateFileSystem"
        Resource = "*"
        Condition = {
          Bool = {
            "elasticfilesystem:Encrypted" = "false"
          }
        }
      },
    ]
  })
}

# control: identity.guardrails
# from: organization, unit
resource "aws_organizations_policy_attachment" "scp_data" {
  policy_id = aws_organizations_policy.scp_data.id
  target_id = "222222222222"
}

# Data stays in its regions; in us-east-1 there is only what CloudFront asks for there, and what
# watches is everywhere
# control: identity.guardrails, data.residency
# from: organization
resource "aws_organizations_policy" "scp_regions" {
  name = "bazaar-regions"
  type = "SERVICE_CONTROL_POLICY"
  content = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "DataStaysInItsRegions"
        Effect = "Deny"
        NotAction = [
          "access-analyzer:*",
          "account:*",
          "budgets:*",
          "ce:*",
          "cloudfront:*",
          "cloudfront-keyvaluestore:*",
          "cloudtrail:*",
          "config:*",
          "guardduty:*",
          "health:*",
          "iam:*",
          "organizations:*",
          "route53:*",
          "route53domains:*",
          "securityhub:*",
          "shield:*",
          "sts:*",
          "support:*",
          "trustedadvisor:*",
          "acm:*",
          "cloudwatch:*",
          "events:*",
          "firehose:*",
          "kms:*",
          "lambda:*",
          "logs:*",
          "sns:*",
          "wafv2:*",
        ]
        Resource = "*"
        Condition = {
          StringNotEquals = {
            "aws:RequestedRegion" = ["us-east-2", "us-west-2"]
          }
        }
      },
      {
        Sid    = "AndNothingGoesElsewhere"
        Effect = "Deny"
        NotAction = [
          "access-analyzer:*",
          "account:*",
          "budgets:*",
          "ce:*",
          "cloudfront:*",
          "cloudfront-keyvaluestore:*",
          "cloudtrail:*",
          "config:*",
          "guardduty:*",
          "health:*",
          "iam:*",
          "organizations:*",
          "route53:*",
          "route53domains:*",
          "securityhub:*",
          "shield:*",
          "sts:*",
          "support:*",
          "trustedadvisor:*",
        ]
        Resource = "*"
        Condition = {
          StringNotEquals = {
            "aws:RequestedRegion" = ["us-east-1", "us-east-2", "us-west-2"]
          }
        }
      },
    ]
  })
}

# control: identity.guardrails
# from: organization, unit
resource "aws_organizations_policy_attachment" "scp_regions" {
  policy_id = aws_organizations_policy.scp_regions.id
  target_id = "222222222222"
}

# Whatever a bucket's or a key's own policy says, only the organisation and AWS on its behalf come
# in, and only by TLS
# control: identity.guardrails
# from: organization
resource "aws_organizations_policy" "rcp_perimeter" {
  name = "bazaar-perimeter"
  type = "RESOURCE_CONTROL_POLICY"
  content = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OnlyTheOrganisation"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["kms:*", "s3:*", "secretsmanager:*", "sqs:*", "sts:AssumeRole"]
        Resource  = "*"
        Condition = {
          StringNotEqualsIfExists = {
            "aws:PrincipalOrgID" = "o-z9y8x7w6v5"
          }
          BoolIfExists = {
            "aws:PrincipalIsAWSService" = "false"
          }
        }
      },
      {
        Sid       = "ServicesOnlyForTheOrganisation"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["kms:*", "s3:*", "secretsmanager:*", "sqs:*"]
        Resource  = "*"
        Condition = {
          StringNotEqualsIfExists = {
            "aws:SourceOrgID" = "o-z9y8x7w6v5"
          }
          Null = {
            "aws:SourceAccount" = "false"
          }
          Bool = {
            "aws:PrincipalIsAWSService" = "true"
          }
        }
      },
      {
        Sid       = "OnlyTLS"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["kms:*", "s3:*", "secretsmanager:*", "sqs:*"]
        Resource  = "*"
        Condition = {
          BoolIfExists = {
            "aws:SecureTransport" = "false"
          }
        }
      },
    ]
  })
}

# control: identity.guardrails
# from: organization, unit
resource "aws_organizations_policy_attachment" "rcp_perimeter" {
  policy_id = aws_organizations_policy.rcp_perimeter.id
  target_id = "222222222222"
}

# Member accounts have no root credentials at all; it applies in the management account, or one
# that administers IAM for it
# control: identity.no-long-keys
# from: organization
resource "aws_iam_organizations_features" "root" {
  enabled_features = ["RootCredentialsManagement", "RootSessions"]
}

# People come by the identity provider; should there ever be a user, this holds for it
# control: identity.mfa
resource "aws_iam_account_password_policy" "account" {
  minimum_password_length        = 16
  password_reuse_prevention      = 24
  require_lowercase_characters   = true
  require_uppercase_characters   = true
  require_numbers                = true
  require_symbols                = true
  allow_users_to_change_password = true
}

# Finds what is open to other accounts
# control: identity.trust-exact, identity.policy-lint
resource "aws_accessanalyzer_analyzer" "strangers" {
  analyzer_name = "bazaar-strangers"
  type          = "ACCOUNT"
}

# Finds roles and permissions that nobody used for so many days
# control: identity.least-privilege
resource "aws_accessanalyzer_analyzer" "unused" {
  analyzer_name = "bazaar-unused"
  type          = "ACCOUNT_UNUSED_ACCESS"

  configuration {
    unused_access {
      unused_access_age = 90
    }
  }
}

# AssumeRoleWithWebIdentity is a reading event, which rules see only in this state
# control: identity.role-monitoring
resource "aws_cloudwatch_event_rule" "role_from_outside" {
  name        = "bazaar-role-from-outside"
  description = "A service account's token was used from outside the VPC"
  state       = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
  event_pattern = jsonencode({
    source = ["aws.sts"]
    detail = {
      eventSource = ["sts.amazonaws.com"]
      eventName   = ["AssumeRoleWithWebIdentity"]
      userIdentity = {
        identityProvider = [
          {
            prefix = "arn:aws:iam::222222222222:oidc-provider/oidc.eks."
          },
        ]
      }
      vpcEndpointId = [
        {
          exists = false
        },
      ]
    }
  })
}

# control: identity.role-monitoring
# from: notify.oncall
resource "aws_cloudwatch_event_target" "role_from_outside" {
  rule = aws_cloudwatch_event_rule.role_from_outside.name
  arn  = aws_sns_topic.oncall.arn
}
