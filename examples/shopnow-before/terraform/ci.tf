locals {
  images = concat(keys(var.services), ["search-indexer"])
}

resource "aws_ecr_repository" "image" {
  for_each = toset(local.images)

  name                 = "shopnow/${each.key}"
  image_tag_mutability = "MUTABLE" # CI moves "latest" and "production"
  force_delete         = true

  image_scanning_configuration {
    scan_on_push = false
  }
}

resource "aws_iam_user" "ci" {
  name = "${local.name}-ci"
  path = "/machines/"
}

resource "aws_iam_access_key" "ci" {
  user = aws_iam_user.ci.name
}

data "aws_iam_policy_document" "ci" {
  statement {
    sid       = "Push"
    actions   = ["ecr:*"]
    resources = ["*"]
  }

  statement {
    sid       = "Deploy"
    actions   = ["eks:*", "s3:*", "cloudfront:CreateInvalidation"]
    resources = ["*"]
  }

  # terraform apply from the pipeline
  statement {
    sid       = "Infrastructure"
    actions   = ["ec2:*", "elasticloadbalancing:*", "autoscaling:*", "rds:*", "route53:*"]
    resources = ["*"]
  }

  statement {
    sid       = "PassRoles"
    actions   = ["iam:PassRole", "iam:GetRole", "iam:AttachRolePolicy", "iam:PutRolePolicy"]
    resources = ["arn:aws:iam::*:role/*"]
  }
}

resource "aws_iam_policy" "ci" {
  name   = "${local.name}-ci"
  policy = data.aws_iam_policy_document.ci.json
}

resource "aws_iam_user_policy_attachment" "ci" {
  user       = aws_iam_user.ci.name
  policy_arn = aws_iam_policy.ci.arn
}
