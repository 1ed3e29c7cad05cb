locals {
  name = "shopnow-${var.environment}"
  azs  = ["eu-west-1a", "eu-west-1b"]

  tags = {
    Project     = "shopnow"
    Environment = var.environment
    ManagedBy   = "terraform"
    Owner       = "platform"
  }

  # Old integrations (reporting, the warehouse, the agency's dashboards) come
  # in from addresses that change every few weeks.
  store_clients = ["0.0.0.0/0"]

  production = var.environment == "production"
}

module "vpc" {
  source = "./modules/vpc"

  name       = local.name
  cidr       = var.vpc_cidr
  azs        = local.azs
  single_nat = true

  public_subnet_tags = {
    "kubernetes.io/role/elb"              = "1"
    "kubernetes.io/cluster/${local.name}" = "shared"
  }
}

module "eks" {
  source = "./modules/eks"

  name            = local.name
  cluster_version = "1.31"
  vpc_id          = module.vpc.vpc_id
  subnet_ids      = module.vpc.public_subnet_ids
  node_groups     = var.node_groups
  ssh_public_key  = var.ssh_public_key
  node_policy     = data.aws_iam_policy_document.apps.json

  load_balancer_security_group_id = aws_security_group.alb.id
  node_ports                      = [for s in var.services : s.node_port]
}

module "database" {
  source   = "./modules/database"
  for_each = var.databases

  name           = "${local.name}-${each.key}"
  vpc_id         = module.vpc.vpc_id
  subnet_ids     = module.vpc.public_subnet_ids
  allowed_cidrs  = local.store_clients
  instance_class = each.value.instance_class
  instances      = each.value.instances
  backup_days    = each.value.backup_days
  database_name  = each.key
  username       = var.db_username
  password       = var.db_password

  # Metabase Cloud and the accountants' tool connect from outside.
  publicly_accessible = true

  tags = each.value.pii ? { Data = "personal" } : {}
}

module "cache" {
  source = "./modules/cache"

  name          = "${local.name}-cache"
  vpc_id        = module.vpc.vpc_id
  subnet_ids    = module.vpc.private_subnet_ids
  allowed_cidrs = local.store_clients
  node_type     = local.production ? "cache.r6g.large" : "cache.t4g.small"
  replicas      = local.production ? 1 : 0
}

module "stream" {
  source = "./modules/stream"

  name          = "${local.name}-events"
  vpc_id        = module.vpc.vpc_id
  subnet_ids    = module.vpc.private_subnet_ids
  allowed_cidrs = local.store_clients
  brokers       = 2
  instance_type = "kafka.m5.large"
}
