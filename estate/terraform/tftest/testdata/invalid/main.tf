terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

resource "aws_security_group" "web" {
  ingres {
    from_port = 443
  }
}

resource "aws_eks_cluster" "main" {
  name = "main"

  vpc_config {
    subnet_ids = []
  }
}
