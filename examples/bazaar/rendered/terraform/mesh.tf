# bazaar: mesh. Rendered by fathom from the platform's declaration; change it there.

# Signs for seven days at most: who is not renewed is refused
# control: mesh.private-ca, mesh.revocation
# from: mesh
resource "aws_acmpca_certificate_authority" "mesh" {
  type                            = "ROOT"
  usage_mode                      = "SHORT_LIVED_CERTIFICATE"
  permanent_deletion_time_in_days = 30

  certificate_authority_configuration {
    key_algorithm     = "EC_prime256v1"
    signing_algorithm = "SHA256WITHECDSA"

    subject {
      common_name  = "bazaar mesh"
      organization = "bazaar"
    }
  }

  tags = {
    Name = "bazaar-mesh"
  }
}

# control: mesh.private-ca
resource "aws_acmpca_certificate" "mesh" {
  certificate_authority_arn   = aws_acmpca_certificate_authority.mesh.arn
  certificate_signing_request = aws_acmpca_certificate_authority.mesh.certificate_signing_request
  signing_algorithm           = "SHA256WITHECDSA"
  template_arn                = "arn:aws:acm-pca:::template/RootCACertificate/V1"

  validity {
    type  = "YEARS"
    value = "10"
  }
}

# control: mesh.private-ca
resource "aws_acmpca_certificate_authority_certificate" "mesh" {
  certificate_authority_arn = aws_acmpca_certificate_authority.mesh.arn
  certificate               = aws_acmpca_certificate.mesh.certificate
  certificate_chain         = aws_acmpca_certificate.mesh.certificate_chain
}

# Who has service certificates signed: the issuer of cert-manager, and nobody else
# control: mesh.private-ca, identity.trust-exact
resource "aws_iam_role" "mesh_issuer" {
  name = "bazaar-mesh-issuer"
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
            ("${replace(aws_iam_openid_connect_provider.cluster.url, "https://", "")}:sub") = "system:serviceaccount:cert-manager:aws-privateca-issuer"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
}

# control: mesh.private-ca, identity.least-privilege
resource "aws_iam_role_policy" "mesh_issuer" {
  name = "permissions"
  role = aws_iam_role.mesh_issuer.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Read"
        Effect   = "Allow"
        Action   = ["acm-pca:DescribeCertificateAuthority", "acm-pca:GetCertificate"]
        Resource = aws_acmpca_certificate_authority.mesh.arn
      },
      {
        Sid      = "SignNoAuthority"
        Effect   = "Allow"
        Action   = "acm-pca:IssueCertificate"
        Resource = aws_acmpca_certificate_authority.mesh.arn
        Condition = {
          StringEquals = {
            "acm-pca:TemplateArn" = [
              "arn:aws:acm-pca:::template/EndEntityCertificate/V1",
              "arn:aws:acm-pca:::template/EndEntityClientAuthCertificate/V1",
              "arn:aws:acm-pca:::template/EndEntityServerAuthCertificate/V1",
            ]
          }
        }
      },
    ]
  })
}

# control: mesh.private-ca
output "mesh_authority" {
  value       = aws_acmpca_certificate_authority.mesh.arn
  description = "The authority that the AWSPCAClusterIssuer mesh names"
}

# control: mesh.private-ca
output "mesh_root" {
  value       = aws_acmpca_certificate.mesh.certificate
  description = "The root that every proxy trusts: key ca.pem of the ConfigMap istio-root-ca in cert-manager"
}

# control: mesh.telemetry, identity.trust-exact
resource "aws_iam_role" "telemetry" {
  name = "bazaar-telemetry"
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
            ("${replace(aws_iam_openid_connect_provider.cluster.url, "https://", "")}:sub") = "system:serviceaccount:amazon-cloudwatch:cloudwatch-agent"
          }
        }
      },
    ]
  })
  permissions_boundary = aws_iam_policy.boundary.arn
}

# control: mesh.telemetry, identity.least-privilege
resource "aws_iam_role_policy" "telemetry" {
  name = "permissions"
  role = aws_iam_role.telemetry.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "TracesAndMetrics"
        Effect = "Allow"
        Action = [
          "cloudwatch:PutMetricData",
          "ec2:DescribeTags",
          "ec2:DescribeVolumes",
          "xray:PutTelemetryRecords",
          "xray:PutTraceSegments",
        ]
        Resource = "*"
      },
      {
        Sid    = "Insights"
        Effect = "Allow"
        Action = [
          "logs:CreateLogGroup",
          "logs:CreateLogStream",
          "logs:DescribeLogStreams",
          "logs:PutLogEvents",
          "logs:PutRetentionPolicy",
        ]
        Resource = "arn:aws:logs:us-east-2:222222222222:log-group:/aws/containerinsights/${aws_eks_cluster.main.name}/*"
      },
    ]
  })
}

# Takes OpenTelemetry traces from the proxies, and the metrics of nodes and pods
# control: mesh.telemetry
resource "aws_eks_addon" "observability" {
  cluster_name             = aws_eks_cluster.main.name
  addon_name               = "amazon-cloudwatch-observability"
  service_account_role_arn = aws_iam_role.telemetry.arn
  configuration_values = jsonencode({
    agent = {
      config = {
        logs = {
          metrics_collected = {
            kubernetes = {
              enhanced_container_insights = true
            }
          }
        }
        traces = {
          traces_collected = {
            otlp = {}
          }
        }
      }
    }
  })
}
