# shopnow: main. Rendered by fathom from the platform's declaration; change it there.

terraform {
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.25"
    }
  }

  # The state holds every setting, and some secrets. Make its bucket by hand before the first init,
  # with versions and without public access. The lock needs Terraform 1.10
  backend "s3" {
    bucket       = "shopnow-terraform-state-111111111111"
    key          = "terraform.tfstate"
    region       = "eu-west-1"
    encrypt      = true
    use_lockfile = true
  }
}

# As IAM Identity Center names administrators. Change it before the first apply if yours are
# called otherwise: AWS refuses the keys to anybody else, and buckets do not let them in again
# from: account
variable "administrators" {
  description = "ARNs, with * for any text, of the roles that apply these files, each one role: they alone change what guards keys, buckets, backups and the cluster, and no alarm tells of it"
  type        = list(string)
  default = [
    "arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_AdministratorAccess_*",
    "arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_AdministratorAccess_*",
  ]

  validation {
    condition     = length(var.administrators) > 0 && length(distinct([for a in var.administrators : basename(a)])) <= 3
    error_message = "Name at least one role, and at most three names of roles: the patterns of alarms have room for no more."
  }
}

# from: region
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]

  default_tags {
    tags = {
      platform     = "shopnow"
      "managed-by" = "terraform"
    }
  }
}

# CloudFront takes its certificates and web ACLs from this region only
provider "aws" {
  alias               = "global"
  region              = "us-east-1"
  allowed_account_ids = ["111111111111"]

  default_tags {
    tags = {
      platform     = "shopnow"
      "managed-by" = "terraform"
    }
  }
}

# Copies of the data, and the standby of the edge
# from: backupRegion
provider "aws" {
  alias               = "backup"
  region              = "eu-central-1"
  allowed_account_ids = ["111111111111"]

  default_tags {
    tags = {
      platform     = "shopnow"
      "managed-by" = "terraform"
    }
  }
}
