# The configuration that small.plan.json, small.state.json and small.tfstate.json
# were made from, by terraform 1.5.7 with the provider of package tftest.

provider "aws" {
  region = var.region
  default_tags { tags = { Team = "shop" } }
}

variable "region" { default = "eu-west-1" }
variable "ports" { default = [443, 8443] }

locals { prefix = "shop" }

data "aws_caller_identity" "me" {}

resource "aws_vpc" "main" { cidr_block = "10.0.0.0/16" }

resource "aws_subnet" "private" {
  count      = 2
  vpc_id     = aws_vpc.main.id
  cidr_block = cidrsubnet("10.0.0.0/16", 8, count.index)
}

resource "aws_security_group" "alb" {
  name   = "${local.prefix}-alb"
  vpc_id = aws_vpc.main.id
  dynamic "ingress" {
    for_each = var.ports
    content {
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = ["0.0.0.0/0"]
    }
  }
}

resource "aws_security_group" "app" {
  vpc_id = aws_vpc.main.id
  ingress {
    from_port       = 8080
    to_port         = 8080
    protocol        = "tcp"
    security_groups = [aws_security_group.alb.id]
  }
}

resource "aws_security_group" "bare" { vpc_id = aws_vpc.main.id }

resource "aws_lb" "front" {
  subnets         = [aws_subnet.private[0].id, aws_subnet.private[1].id]
  security_groups = concat([aws_security_group.alb.id], [aws_security_group.app.id])
  access_logs {
    bucket  = module.bucket["b"].id
    enabled = true
  }
}

resource "aws_route_table" "main" {
  vpc_id = aws_vpc.main.id
  route {
    cidr_block = "10.1.0.0/16"
    gateway_id = aws_internet_gateway.b.id
  }
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.a.id
  }
}

resource "aws_internet_gateway" "a" {}
resource "aws_internet_gateway" "b" {}

resource "aws_instance" "app" {
  for_each               = toset(["a", "b"])
  ami                    = "ami-0123456789abcdef0"
  instance_type          = "m7g.large"
  subnet_id              = aws_subnet.private[each.key == "a" ? 0 : 1].id
  vpc_security_group_ids = [aws_security_group.app.id]
  root_block_device { encrypted = true }
}

resource "aws_iam_policy" "read" {
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = [for b in module.bucket : "${b.arn}/*"] }]
  })
}

module "bucket" {
  source   = "./bucket"
  for_each = { a = aws_vpc.main.id, "b" = "x" }
  name     = "${local.prefix}-${each.key}"
  owner    = each.value
}
