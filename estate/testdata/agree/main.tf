terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-west-1"
  default_tags {
    tags = { team = "platform" }
  }
}

provider "aws" {
  alias  = "backup"
  region = "eu-central-1"
}

variable "stores" {
  type = map(object({
    port    = number
    open    = optional(bool, false)
    sources = optional(list(string), ["10.0.0.0/16"])
    encrypt = optional(bool)
  }))
  default = {
    orders = { port = 5432 }
    cache  = { port = 6379, open = true, encrypt = false }
  }
}

variable "trail" {
  type    = bool
  default = true
}

locals {
  zones   = ["a", "b", "c"]
  name    = "agree-${terraform.workspace}"
  buckets = { for k in ["assets", "invoices"] : k => { versioned = k == "invoices" } }
  closed  = { for k, v in var.stores : k => v if !v.open }
}

resource "aws_vpc" "this" {
  cidr_block = "10.0.0.0/16"
  tags       = { Name = local.name }
}

resource "aws_subnet" "private" {
  count             = length(local.zones)
  vpc_id            = aws_vpc.this.id
  cidr_block        = cidrsubnet(aws_vpc.this.cidr_block, 4, count.index)
  availability_zone = "eu-west-1${local.zones[count.index]}"
}

resource "aws_route_table" "private" {
  vpc_id = aws_vpc.this.id
}

resource "aws_route_table_association" "private" {
  for_each       = { for i, s in aws_subnet.private : local.zones[i] => s.id }
  subnet_id      = each.value
  route_table_id = aws_route_table.private.id
}

resource "aws_security_group" "store" {
  for_each = var.stores
  name     = "${local.name}-${each.key}"
  vpc_id   = aws_vpc.this.id

  dynamic "ingress" {
    for_each = each.value.open ? ["0.0.0.0/0"] : each.value.sources
    content {
      from_port   = each.value.port
      to_port     = each.value.port
      protocol    = "tcp"
      cidr_blocks = [ingress.value]
    }
  }
}

resource "aws_security_group_rule" "between" {
  for_each                 = local.closed
  type                     = "ingress"
  security_group_id        = aws_security_group.store[each.key].id
  source_security_group_id = aws_security_group.store["cache"].id
  protocol                 = "tcp"
  from_port                = each.value.port
  to_port                  = each.value.port
}

resource "aws_vpc_security_group_ingress_rule" "monitor" {
  for_each          = aws_security_group.store
  security_group_id = each.value.id
  ip_protocol       = "tcp"
  from_port         = 9100
  to_port           = 9100
  cidr_ipv4         = aws_vpc.this.cidr_block
}

resource "aws_kms_key" "own" {
  enable_key_rotation = true
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111111111111:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}

resource "aws_db_subnet_group" "stores" {
  name       = "stores"
  subnet_ids = aws_subnet.private[*].id
}

resource "aws_db_instance" "store" {
  for_each               = { for k, v in var.stores : k => v if k != "cache" }
  identifier             = each.key
  engine                 = "postgres"
  instance_class         = "db.t4g.medium"
  port                   = each.value.port
  storage_encrypted      = coalesce(each.value.encrypt, true)
  kms_key_id             = aws_kms_key.own.arn
  db_subnet_group_name   = aws_db_subnet_group.stores.name
  vpc_security_group_ids = [aws_security_group.store[each.key].id]
}

module "bucket" {
  source    = "./modules/bucket"
  for_each  = local.buckets
  name      = "${local.name}-${each.key}"
  versioned = each.value.versioned
  key       = aws_kms_key.own.arn
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com", "pods.eks.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "read" {
  source_policy_documents = [data.aws_iam_policy_document.base.json]
  statement {
    sid       = "Objects"
    actions   = ["s3:GetObject"]
    resources = [for b in module.bucket : "${b.arn}/*"]
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["true"]
    }
  }
}

data "aws_iam_policy_document" "base" {
  statement {
    sid       = "List"
    actions   = ["s3:ListAllMyBuckets"]
    resources = ["*"]
  }
}

resource "aws_iam_role" "node" {
  name               = "node"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "read" {
  role   = aws_iam_role.node.id
  policy = data.aws_iam_policy_document.read.json
}

resource "aws_iam_role_policy_attachment" "managed" {
  for_each   = toset(["AmazonEKSWorkerNodePolicy", "AmazonSSMManagedInstanceCore"])
  role       = aws_iam_role.node.name
  policy_arn = "arn:aws:iam::aws:policy/${each.key}"
}

resource "aws_cloudtrail" "this" {
  count                      = var.trail ? 1 : 0
  name                       = "trail"
  s3_bucket_name             = module.bucket["invoices"].id
  is_multi_region_trail      = true
  enable_log_file_validation = true

  event_selector {
    read_write_type = "All"
    data_resource {
      type   = "AWS::S3::Object"
      values = ["arn:aws:s3"]
    }
  }
}

resource "aws_backup_vault" "away" {
  provider = aws.backup
  name     = "away"
  tags     = { trail = one(aws_cloudtrail.this[*].name) }
}
