locals {
  properties = {
    "auto.create.topics.enable"        = "true"
    "allow.everyone.if.no.acl.found"   = "true"
    "default.replication.factor"       = min(var.brokers, 3)
    "min.insync.replicas"              = 1
    "log.retention.hours"              = 168
    "unclean.leader.election.enable"   = "true"
    "offsets.topic.replication.factor" = min(var.brokers, 3)
    "transaction.state.log.min.isr"    = 1
    "group.initial.rebalance.delay.ms" = 0
  }
}

resource "aws_security_group" "this" {
  name        = var.name
  description = "Kafka brokers"
  vpc_id      = var.vpc_id

  tags = { Name = var.name }
}

resource "aws_vpc_security_group_ingress_rule" "kafka" {
  for_each = toset(var.allowed_cidrs)

  security_group_id = aws_security_group.this.id
  description       = "kafka plaintext"
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = 9092
  to_port           = 9092
}

resource "aws_vpc_security_group_egress_rule" "all" {
  security_group_id = aws_security_group.this.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}

resource "aws_msk_configuration" "this" {
  name              = var.name
  kafka_versions    = ["3.6.0"]
  server_properties = join("\n", [for key, value in local.properties : "${key}=${value}"])
}

resource "aws_msk_cluster" "this" {
  cluster_name           = var.name
  kafka_version          = "3.6.0"
  number_of_broker_nodes = var.brokers

  broker_node_group_info {
    instance_type   = var.instance_type
    client_subnets  = var.subnet_ids
    security_groups = [aws_security_group.this.id]

    storage_info {
      ebs_storage_info {
        volume_size = var.volume_size
      }
    }
  }

  client_authentication {
    unauthenticated = true
  }

  encryption_info {
    encryption_in_transit {
      client_broker = "PLAINTEXT"
      in_cluster    = false
    }
  }

  configuration_info {
    arn      = aws_msk_configuration.this.arn
    revision = aws_msk_configuration.this.latest_revision
  }
}
