# shopnow: supply. Rendered by fathom from the platform's declaration; change it there.

# GitHub's tokens, which live for minutes, in place of keys that never expire
# control: supply.ci-oidc
# from: pipeline
resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

# What releases. Only the workflow release.yml on main may assume it, in its environment, whose
# reviewers GitHub asks first. It pushes images: each repository's own policy says so. It cannot
# touch the cluster, change AWS or read data
# control: supply.ci-oidc
# from: pipeline
resource "aws_iam_role" "deploy" {
  name = "shopnow-deploy"
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
            "token.actions.githubusercontent.com:sub"              = "repo:shopnow/platform:environment:production"
            "token.actions.githubusercontent.com:job_workflow_ref" = "shopnow/platform/.github/workflows/release.yml@refs/heads/main"
            "token.actions.githubusercontent.com:ref"              = "refs/heads/main"
            "token.actions.githubusercontent.com:repository_id"    = "702311845"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
}

# This request names no resource
# control: supply.ci-oidc
# from: pipeline
resource "aws_iam_role_policy" "deploy" {
  name = "permissions"
  role = aws_iam_role.deploy.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "SignInToTheRegistry"
        Effect   = "Allow"
        Action   = "ecr:GetAuthorizationToken"
        Resource = "*"
      },
    ]
  })
}

# What compares AWS with these files, before a release and at night: it reads settings, and of
# data only the state, which holds what the plan does
# control: supply.ci-oidc, response.drift, identity.policy-lint
# from: pipeline
resource "aws_iam_role" "plan" {
  name = "shopnow-plan"
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
            "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
            "token.actions.githubusercontent.com:sub" = "repo:shopnow/platform:ref:refs/heads/main"
            "token.actions.githubusercontent.com:job_workflow_ref" = [
              "shopnow/platform/.github/workflows/release.yml@refs/heads/main",
              "shopnow/platform/.github/workflows/nightly.yml@refs/heads/main",
            ]
            "token.actions.githubusercontent.com:ref"           = "refs/heads/main"
            "token.actions.githubusercontent.com:repository_id" = "702311845"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
}

# What the files look up
# control: response.drift
# from: pipeline
resource "aws_iam_role_policy" "plan" {
  name = "permissions"
  role = aws_iam_role.plan.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "TheWaitingRoom"
        Effect   = "Allow"
        Action   = "cloudfront-keyvaluestore:GetKey"
        Resource = aws_cloudfront_key_value_store.waiting_room.arn
      },
      {
        Sid    = "Parameters"
        Effect = "Allow"
        Action = "ssm:GetParameter"
        Resource = [
          "arn:aws:ssm:eu-west-1::parameter/aws/service/bottlerocket/*",
          "arn:aws:ssm:eu-west-1:111111111111:parameter/shopnow/objectives",
        ]
      },
      {
        Sid      = "Functions"
        Effect   = "Allow"
        Action   = "lambda:GetFunction"
        Resource = "arn:aws:lambda:*:111111111111:function:shopnow-*"
      },
      {
        Sid    = "SettingsBesides"
        Effect = "Allow"
        Action = [
          "acm-pca:GetCertificate",
          "acm-pca:GetCertificateAuthorityCertificate",
          "acm-pca:GetCertificateAuthorityCsr",
          "backup:GetRestoreTestingPlan",
          "backup:GetRestoreTestingSelection",
          "cloudfront:DescribeFunction",
          "cloudfront:DescribeKeyValueStore",
          "cloudfront-keyvaluestore:DescribeKeyValueStore",
          "fis:GetExperimentTemplate",
          "fis:ListTagsForResource",
          "identitystore:DescribeGroup",
          "logs:GetDelivery",
          "logs:GetDeliveryDestination",
          "logs:GetDeliverySource",
          "macie2:DescribeClassificationJob",
          "macie2:GetClassificationExportConfiguration",
          "macie2:GetMacieSession",
          "scheduler:GetSchedule",
          "secretsmanager:GetRandomPassword",
          "ssm:GetDocument",
          "states:ListTagsForResource",
          "states:ValidateStateMachineDefinition",
        ]
        Resource = "*"
      },
      {
        Sid      = "FindTheState"
        Effect   = "Allow"
        Action   = "s3:ListBucket"
        Resource = "arn:aws:s3:::shopnow-terraform-state-111111111111"
        Condition = {
          StringEquals = {
            "s3:prefix" = ["env:/", "terraform.tfstate"]
          }
        }
      },
      {
        Sid      = "TheState"
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = "arn:aws:s3:::shopnow-terraform-state-111111111111/terraform.tfstate"
      },
      {
        Sid      = "TheOriginSecret"
        Effect   = "Allow"
        Action   = "secretsmanager:GetSecretValue"
        Resource = aws_secretsmanager_secret.origin.arn
      },
      {
        Sid      = "ItsKey"
        Effect   = "Allow"
        Action   = "kms:Decrypt"
        Resource = aws_kms_key.secrets.arn
        Condition = {
          StringEquals = {
            "kms:ViaService"                  = "secretsmanager.eu-west-1.amazonaws.com"
            "kms:EncryptionContext:SecretARN" = aws_secretsmanager_secret.origin.arn
          }
        }
      },
    ]
  })
}

# control: response.drift
# from: pipeline
resource "aws_iam_role_policy_attachment" "plan" {
  role       = aws_iam_role.plan.name
  policy_arn = "arn:aws:iam::aws:policy/SecurityAudit"
}

# control: response.drift
# from: pipeline
resource "aws_iam_role_policy_attachment" "plan_view" {
  role       = aws_iam_role.plan.name
  policy_arn = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"
}

# Kyverno reads signatures: each repository's own policy lets it
# control: supply.signed-images, identity.trust-exact
resource "aws_iam_role" "kyverno" {
  name = "shopnow-kyverno"
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
            ("${replace(aws_iam_openid_connect_provider.cluster.url, "https://", "")}:sub") = "system:serviceaccount:kyverno:kyverno-admission-controller"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
}

# This request names no resource
# control: supply.signed-images
resource "aws_iam_role_policy" "kyverno" {
  name = "permissions"
  role = aws_iam_role.kyverno.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "SignInToTheRegistry"
        Effect   = "Allow"
        Action   = "ecr:GetAuthorizationToken"
        Resource = "*"
      },
    ]
  })
}

# A mirror: what watches the nodes
# control: supply.immutable-tags, supply.scan-on-push, data.at-rest
# from: cluster
resource "aws_ecr_repository" "falcosecurity_falco" {
  name                 = "falcosecurity/falco"
  image_tag_mutability = "IMMUTABLE"

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.stores.arn
  }
}

# control: supply.admission, supply.ci-oidc
# from: cluster, pipeline
resource "aws_ecr_repository_policy" "falcosecurity_falco" {
  repository = aws_ecr_repository.falcosecurity_falco.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "ThePipelinePushes"
        Effect = "Allow"
        Principal = {
          AWS = aws_iam_role.deploy.arn
        }
        Action = [
          "ecr:CompleteLayerUpload",
          "ecr:InitiateLayerUpload",
          "ecr:PutImage",
          "ecr:UploadLayerPart",
          "ecr:BatchCheckLayerAvailability",
          "ecr:BatchGetImage",
          "ecr:GetDownloadUrlForLayer",
          "ecr:DescribeImages",
        ]
      },
      {
        Sid    = "TheVerifierReads"
        Effect = "Allow"
        Principal = {
          AWS = aws_iam_role.kyverno.arn
        }
        Action = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      },
      {
        Sid       = "NobodyElsePushes"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart"]
        Condition = {
          ArnNotEquals = {
            "aws:PrincipalArn" = aws_iam_role.deploy.arn
          }
        }
      },
    ]
  })
}

# from: cluster
resource "aws_ecr_lifecycle_policy" "falcosecurity_falco" {
  repository = aws_ecr_repository.falcosecurity_falco.name
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "the last hundred releases stay"
        selection = {
          tagStatus      = "tagged"
          tagPatternList = ["*"]
          countType      = "imageCountMoreThan"
          countNumber    = 100
        }
        action = {
          type = "expire"
        }
      },
    ]
  })
}

# A mirror: the proxies beside the pods and the ingress gateway
# control: supply.immutable-tags, supply.scan-on-push, data.at-rest
# from: mesh.proxy
resource "aws_ecr_repository" "istio_proxyv2" {
  name                 = "istio/proxyv2"
  image_tag_mutability = "IMMUTABLE"

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.stores.arn
  }
}

# control: supply.admission, supply.ci-oidc
# from: mesh.proxy, pipeline
resource "aws_ecr_repository_policy" "istio_proxyv2" {
  repository = aws_ecr_repository.istio_proxyv2.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "ThePipelinePushes"
        Effect = "Allow"
        Principal = {
          AWS = aws_iam_role.deploy.arn
        }
        Action = [
          "ecr:CompleteLayerUpload",
          "ecr:InitiateLayerUpload",
          "ecr:PutImage",
          "ecr:UploadLayerPart",
          "ecr:BatchCheckLayerAvailability",
          "ecr:BatchGetImage",
          "ecr:GetDownloadUrlForLayer",
          "ecr:DescribeImages",
        ]
      },
      {
        Sid    = "TheVerifierReads"
        Effect = "Allow"
        Principal = {
          AWS = aws_iam_role.kyverno.arn
        }
        Action = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      },
      {
        Sid       = "NobodyElsePushes"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart"]
        Condition = {
          ArnNotEquals = {
            "aws:PrincipalArn" = aws_iam_role.deploy.arn
          }
        }
      },
    ]
  })
}

# from: mesh.proxy
resource "aws_ecr_lifecycle_policy" "istio_proxyv2" {
  repository = aws_ecr_repository.istio_proxyv2.name
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "the last hundred releases stay"
        selection = {
          tagStatus      = "tagged"
          tagPatternList = ["*"]
          countType      = "imageCountMoreThan"
          countNumber    = 100
        }
        action = {
          type = "expire"
        }
      },
    ]
  })
}

# control: supply.immutable-tags, supply.scan-on-push, data.at-rest
# from: services.orders.image
resource "aws_ecr_repository" "shopnow_orders" {
  name                 = "shopnow/orders"
  image_tag_mutability = "IMMUTABLE"

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.stores.arn
  }
}

# control: supply.admission, supply.ci-oidc
# from: services.orders.image, pipeline
resource "aws_ecr_repository_policy" "shopnow_orders" {
  repository = aws_ecr_repository.shopnow_orders.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "ThePipelinePushes"
        Effect = "Allow"
        Principal = {
          AWS = aws_iam_role.deploy.arn
        }
        Action = [
          "ecr:CompleteLayerUpload",
          "ecr:InitiateLayerUpload",
          "ecr:PutImage",
          "ecr:UploadLayerPart",
          "ecr:BatchCheckLayerAvailability",
          "ecr:BatchGetImage",
          "ecr:GetDownloadUrlForLayer",
          "ecr:DescribeImages",
        ]
      },
      {
        Sid    = "TheVerifierReads"
        Effect = "Allow"
        Principal = {
          AWS = aws_iam_role.kyverno.arn
        }
        Action = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      },
      {
        Sid       = "NobodyElsePushes"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart"]
        Condition = {
          ArnNotEquals = {
            "aws:PrincipalArn" = aws_iam_role.deploy.arn
          }
        }
      },
    ]
  })
}

# from: services.orders.image
resource "aws_ecr_lifecycle_policy" "shopnow_orders" {
  repository = aws_ecr_repository.shopnow_orders.name
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "the last hundred releases stay"
        selection = {
          tagStatus      = "tagged"
          tagPatternList = ["*"]
          countType      = "imageCountMoreThan"
          countNumber    = 100
        }
        action = {
          type = "expire"
        }
      },
    ]
  })
}

# control: supply.immutable-tags, supply.scan-on-push, data.at-rest
# from: services.payments.image
resource "aws_ecr_repository" "shopnow_payments" {
  name                 = "shopnow/payments"
  image_tag_mutability = "IMMUTABLE"

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.stores.arn
  }
}

# control: supply.admission, supply.ci-oidc
# from: services.payments.image, pipeline
resource "aws_ecr_repository_policy" "shopnow_payments" {
  repository = aws_ecr_repository.shopnow_payments.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "ThePipelinePushes"
        Effect = "Allow"
        Principal = {
          AWS = aws_iam_role.deploy.arn
        }
        Action = [
          "ecr:CompleteLayerUpload",
          "ecr:InitiateLayerUpload",
          "ecr:PutImage",
          "ecr:UploadLayerPart",
          "ecr:BatchCheckLayerAvailability",
          "ecr:BatchGetImage",
          "ecr:GetDownloadUrlForLayer",
          "ecr:DescribeImages",
        ]
      },
      {
        Sid    = "TheVerifierReads"
        Effect = "Allow"
        Principal = {
          AWS = aws_iam_role.kyverno.arn
        }
        Action = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      },
      {
        Sid       = "NobodyElsePushes"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart"]
        Condition = {
          ArnNotEquals = {
            "aws:PrincipalArn" = aws_iam_role.deploy.arn
          }
        }
      },
    ]
  })
}

# from: services.payments.image
resource "aws_ecr_lifecycle_policy" "shopnow_payments" {
  repository = aws_ecr_repository.shopnow_payments.name
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "the last hundred releases stay"
        selection = {
          tagStatus      = "tagged"
          tagPatternList = ["*"]
          countType      = "imageCountMoreThan"
          countNumber    = 100
        }
        action = {
          type = "expire"
        }
      },
    ]
  })
}

# control: supply.immutable-tags, supply.scan-on-push, data.at-rest
# from: services.search.image
resource "aws_ecr_repository" "shopnow_search" {
  name                 = "shopnow/search"
  image_tag_mutability = "IMMUTABLE"

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.stores.arn
  }
}

# control: supply.admission, supply.ci-oidc
# from: services.search.image, pipeline
resource "aws_ecr_repository_policy" "shopnow_search" {
  repository = aws_ecr_repository.shopnow_search.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "ThePipelinePushes"
        Effect = "Allow"
        Principal = {
          AWS = aws_iam_role.deploy.arn
        }
        Action = [
          "ecr:CompleteLayerUpload",
          "ecr:InitiateLayerUpload",
          "ecr:PutImage",
          "ecr:UploadLayerPart",
          "ecr:BatchCheckLayerAvailability",
          "ecr:BatchGetImage",
          "ecr:GetDownloadUrlForLayer",
          "ecr:DescribeImages",
        ]
      },
      {
        Sid    = "TheVerifierReads"
        Effect = "Allow"
        Principal = {
          AWS = aws_iam_role.kyverno.arn
        }
        Action = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      },
      {
        Sid       = "NobodyElsePushes"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart"]
        Condition = {
          ArnNotEquals = {
            "aws:PrincipalArn" = aws_iam_role.deploy.arn
          }
        }
      },
    ]
  })
}

# from: services.search.image
resource "aws_ecr_lifecycle_policy" "shopnow_search" {
  repository = aws_ecr_repository.shopnow_search.name
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "the last hundred releases stay"
        selection = {
          tagStatus      = "tagged"
          tagPatternList = ["*"]
          countType      = "imageCountMoreThan"
          countNumber    = 100
        }
        action = {
          type = "expire"
        }
      },
    ]
  })
}

# On push, and again whenever a new hole is known
# control: supply.scan-on-push
resource "aws_ecr_registry_scanning_configuration" "main" {
  scan_type = "ENHANCED"

  rule {
    scan_frequency = "CONTINUOUS_SCAN"

    repository_filter {
      filter      = "*"
      filter_type = "WILDCARD"
    }
  }

  depends_on = [aws_inspector2_enabler.main]
}

# control: supply.scan-on-push
# from: platform.account
resource "aws_inspector2_enabler" "main" {
  account_ids    = ["111111111111"]
  resource_types = ["ECR"]
}

# The newest image: a plan that would replace nodes says that there is one
# control: supply.immutable-nodes
# from: cluster.version, cluster.instance
data "aws_ssm_parameter" "node_image" {
  name = "/aws/service/bottlerocket/aws-k8s-1.35/arm64/latest/image_version"
}

# No key pair: nobody signs in to a node but by Session Manager. With one hop, the credentials of
# the node stay out of reach of its pods
# control: supply.immutable-nodes, identity.node-role, network.no-ssh, data.at-rest
resource "aws_launch_template" "nodes" {
  name                   = "shopnow-nodes"
  update_default_version = true
  vpc_security_group_ids = [aws_security_group.nodes.id]

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  # The system, and below what pods keep on the node: images, logs, emptyDirs
  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_size = 4
      volume_type = "gp3"
      encrypted   = true
      kms_key_id  = aws_kms_key.volumes.arn
    }
  }

  block_device_mappings {
    device_name = "/dev/xvdb"

    ebs {
      volume_size = 80
      volume_type = "gp3"
      encrypted   = true
      kms_key_id  = aws_kms_key.volumes.arn
    }
  }

  tag_specifications {
    resource_type = "instance"
    tags = {
      Name     = "shopnow-nodes"
      platform = "shopnow"
    }
  }

  tag_specifications {
    resource_type = "volume"
    tags = {
      Name     = "shopnow-nodes"
      platform = "shopnow"
    }
  }
}

# control: supply.immutable-nodes
# from: cluster.nodes, cluster.instance
resource "aws_eks_node_group" "general" {
  cluster_name    = aws_eks_cluster.main.name
  node_group_name = "general"
  node_role_arn   = aws_iam_role.nodes.arn
  subnet_ids      = [for s in aws_subnet.private : s.id]
  ami_type        = "BOTTLEROCKET_ARM_64"
  instance_types  = ["m7g.large"]
  version         = "1.35"
  release_version = data.aws_ssm_parameter.node_image.insecure_value

  launch_template {
    id      = aws_launch_template.nodes.id
    version = aws_launch_template.nodes.latest_version
  }

  scaling_config {
    min_size     = 3
    max_size     = 24
    desired_size = 3
  }

  update_config {
    max_unavailable_percentage = 25
  }

  node_repair_config {
    enabled = true
  }

  # The autoscaler's
  lifecycle {
    ignore_changes = [scaling_config[0].desired_size]
  }

  # A node joins only while its role may
  depends_on = [aws_iam_role_policy_attachment.nodes, aws_iam_role_policy_attachment.nodes_images]
}

# For the services that stand apart: no other pod is put here
# control: supply.immutable-nodes, network.payments-isolation
# from: cluster.instance, network.zones
resource "aws_eks_node_group" "apart" {
  cluster_name    = aws_eks_cluster.main.name
  node_group_name = "apart"
  node_role_arn   = aws_iam_role.nodes.arn
  subnet_ids      = [for s in aws_subnet.apart : s.id]
  ami_type        = "BOTTLEROCKET_ARM_64"
  instance_types  = ["m7g.large"]
  version         = "1.35"
  release_version = data.aws_ssm_parameter.node_image.insecure_value
  labels = {
    apart = "true"
  }

  taint {
    key    = "apart"
    value  = "true"
    effect = "NO_SCHEDULE"
  }

  launch_template {
    id      = aws_launch_template.nodes.id
    version = aws_launch_template.nodes.latest_version
  }

  scaling_config {
    min_size     = 3
    max_size     = 24
    desired_size = 3
  }

  update_config {
    max_unavailable_percentage = 25
  }

  node_repair_config {
    enabled = true
  }

  # The autoscaler's
  lifecycle {
    ignore_changes = [scaling_config[0].desired_size]
  }

  # A node joins only while its role may
  depends_on = [aws_iam_role_policy_attachment.nodes, aws_iam_role_policy_attachment.nodes_images]
}
