resource "aws_db_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_security_group" "this" {
  name        = "${var.name}-db"
  description = "Aurora ${var.database_name}"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-db" }
}

resource "aws_security_group_rule" "mysql" {
  security_group_id = aws_security_group.this.id
  description       = "mysql"
  type              = "ingress"
  protocol          = "tcp"
  from_port         = var.port
  to_port           = var.port
  cidr_blocks       = var.allowed_cidrs
}

resource "aws_rds_cluster_parameter_group" "this" {
  name   = var.name
  family = "aurora-mysql8.0"

  dynamic "parameter" {
    for_each = {
      character_set_server     = "utf8mb4"
      max_connections          = "2000"
      require_secure_transport = "OFF"
    }

    content {
      name  = parameter.key
      value = parameter.value
    }
  }
}

resource "aws_rds_cluster" "this" {
  cluster_identifier              = var.name
  engine                          = "aurora-mysql"
  engine_version                  = "8.0.mysql_aurora.3.05.2"
  database_name                   = var.database_name
  master_username                 = var.username
  master_password                 = var.password
  port                            = var.port
  db_subnet_group_name            = aws_db_subnet_group.this.name
  db_cluster_parameter_group_name = aws_rds_cluster_parameter_group.this.name
  vpc_security_group_ids          = [aws_security_group.this.id]
  storage_encrypted               = false
  backup_retention_period         = var.backup_days
  preferred_backup_window         = "02:00-03:00"
  skip_final_snapshot             = true
  deletion_protection             = false
  apply_immediately               = true

  tags = var.tags
}

resource "aws_rds_cluster_instance" "this" {
  count = var.instances

  identifier          = "${var.name}-${count.index}"
  cluster_identifier  = aws_rds_cluster.this.id
  engine              = aws_rds_cluster.this.engine
  engine_version      = aws_rds_cluster.this.engine_version
  instance_class      = var.instance_class
  publicly_accessible = var.publicly_accessible
  promotion_tier      = count.index

  tags = var.tags
}
