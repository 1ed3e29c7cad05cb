terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

module "invoices" {
  source = "../../modules/bucket"
  name   = "invoices"
}
