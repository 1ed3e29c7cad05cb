# shopnow: data. Rendered by fathom from the platform's declaration; change it there.

# For every bucket of the account, also those that others make
# control: data.s3-private
resource "aws_s3_account_public_access_block" "main" {
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# from: network
resource "aws_db_subnet_group" "database" {
  name       = "shopnow-database"
  subnet_ids = [for s in aws_subnet.database : s.id]
}

# from: network
resource "aws_db_subnet_group" "vault" {
  name       = "shopnow-vault"
  subnet_ids = [for s in aws_subnet.vault : s.id]
}

# from: network
resource "aws_elasticache_subnet_group" "database" {
  name       = "shopnow-database"
  subnet_ids = [for s in aws_subnet.database : s.id]
}

# control: data.retention, data.at-rest
# from: stores.cache, logs
resource "aws_cloudwatch_log_group" "store_cache" {
  name              = "/aws/elasticache/shopnow-cache"
  retention_in_days = 400
  kms_key_id        = aws_kms_key.logs.arn
}

# Whoever names no user is this one, which may do nothing
# control: identity.least-privilege
# from: stores.cache
resource "aws_elasticache_user" "cache_default" {
  engine        = "redis"
  user_id       = "shopnow-cache-default"
  user_name     = "default"
  access_string = "off ~* -@all"

  authentication_mode {
    type = "no-password-required"
  }
}

# control: identity.least-privilege
# from: services.orders.stores.cache
resource "aws_elasticache_user" "cache_orders" {
  engine        = "redis"
  user_id       = "shopnow-cache-orders"
  user_name     = "shopnow-cache-orders"
  access_string = "on ~* -@all +@read +@write +@connection +@transaction +@scripting -@dangerous"

  authentication_mode {
    type = "iam"
  }
}

# control: identity.least-privilege
# from: services.search.stores.cache
resource "aws_elasticache_user" "cache_search" {
  engine        = "redis"
  user_id       = "shopnow-cache-search"
  user_name     = "shopnow-cache-search"
  access_string = "on ~* -@all +@read +@connection -@dangerous"

  authentication_mode {
    type = "iam"
  }
}

# control: identity.least-privilege
# from: stores.cache
resource "aws_elasticache_user_group" "cache" {
  engine        = "redis"
  user_group_id = "shopnow-cache"
  user_ids = [
    aws_elasticache_user.cache_default.user_id,
    aws_elasticache_user.cache_orders.user_id,
    aws_elasticache_user.cache_search.user_id,
  ]
}

# control: data.at-rest, data.classes, mesh.store-tls
# from: stores.cache
resource "aws_elasticache_replication_group" "cache" {
  replication_group_id       = "shopnow-cache"
  description                = "shopnow: cache"
  engine                     = "redis"
  engine_version             = "7.1"
  node_type                  = "cache.t4g.small"
  num_cache_clusters         = 2
  automatic_failover_enabled = true
  multi_az_enabled           = true
  subnet_group_name          = aws_elasticache_subnet_group.database.name
  security_group_ids         = [aws_security_group.store_cache.id]
  user_group_ids             = [aws_elasticache_user_group.cache.id]
  at_rest_encryption_enabled = true
  kms_key_id                 = aws_kms_key.stores.arn
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
  tags = {
    Name          = "shopnow-cache"
    service       = "cache"
    "data-class"  = "public"
    owner         = "discovery"
    "fathom:data" = "catalogue"
  }

  log_delivery_configuration {
    destination      = aws_cloudwatch_log_group.store_cache.name
    destination_type = "cloudwatch-logs"
    log_format       = "json"
    log_type         = "engine-log"
  }
}

# No statement is logged, as it may hold a card number
# control: mesh.store-tls
# from: stores.card-vault
resource "aws_rds_cluster_parameter_group" "card_vault" {
  name        = "shopnow-card-vault"
  family      = "aurora-postgresql16"
  description = "refuses plaintext"

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  parameter {
    name  = "log_connections"
    value = "1"
  }

  parameter {
    name  = "log_disconnections"
    value = "1"
  }

  parameter {
    name  = "log_min_error_statement"
    value = "panic"
  }

  parameter {
    name  = "log_statement"
    value = "none"
  }

  tags = {
    Name                 = "shopnow-card-vault"
    service              = "card-vault"
    "data-class"         = "cardholder"
    owner                = "payments"
    "fathom:data"        = "pan"
    "fathom:crown-jewel" = "true"
    "fathom:depth"       = "internet=4"
    "fathom:vault"       = "payments"
  }
}

# Made here, as RDS would make it without a key and without an end
# control: data.retention, data.at-rest
# from: stores.card-vault, logs
resource "aws_cloudwatch_log_group" "store_card_vault_postgresql" {
  name              = "/aws/rds/cluster/shopnow-card-vault/postgresql"
  retention_in_days = 400
  kms_key_id        = aws_kms_key.logs.arn
}

# control: data.at-rest, data.backups, data.classes, data.secrets, data.card-tokens
# from: stores.card-vault
resource "aws_rds_cluster" "card_vault" {
  cluster_identifier                  = "shopnow-card-vault"
  engine                              = "aurora-postgresql"
  engine_version                      = "16.8"
  database_name                       = "card_vault"
  db_subnet_group_name                = aws_db_subnet_group.vault.name
  vpc_security_group_ids              = [aws_security_group.store_card_vault.id]
  db_cluster_parameter_group_name     = aws_rds_cluster_parameter_group.card_vault.name
  storage_encrypted                   = true
  kms_key_id                          = aws_kms_key.card_vault.arn
  master_username                     = "keeper"
  manage_master_user_password         = true
  master_user_secret_kms_key_id       = aws_kms_key.secrets.arn
  iam_database_authentication_enabled = true
  enabled_cloudwatch_logs_exports     = ["postgresql"]
  backup_retention_period             = 35
  copy_tags_to_snapshot               = true
  delete_automated_backups            = false
  deletion_protection                 = true
  skip_final_snapshot                 = false
  final_snapshot_identifier           = "shopnow-card-vault-final"
  tags = {
    Name                 = "shopnow-card-vault"
    service              = "card-vault"
    "data-class"         = "cardholder"
    owner                = "payments"
    "fathom:data"        = "pan"
    "fathom:crown-jewel" = "true"
    "fathom:depth"       = "internet=4"
    "fathom:vault"       = "payments"
  }

  serverlessv2_scaling_configuration {
    min_capacity = 0.5
    max_capacity = 16
  }

  depends_on = [aws_cloudwatch_log_group.store_card_vault_postgresql]
}

# control: data.at-rest
# from: stores.card-vault, network.zones
resource "aws_rds_cluster_instance" "card_vault" {
  for_each                        = toset(["a", "b"])
  identifier                      = "shopnow-card-vault-${each.key}"
  cluster_identifier              = aws_rds_cluster.card_vault.id
  engine                          = aws_rds_cluster.card_vault.engine
  engine_version                  = aws_rds_cluster.card_vault.engine_version
  instance_class                  = "db.serverless"
  availability_zone               = "eu-west-1${each.key}"
  publicly_accessible             = false
  performance_insights_enabled    = true
  performance_insights_kms_key_id = aws_kms_key.card_vault.arn
  # The version is raised here: AWS lowers none that it raised by itself, which the next plan would
  # ask for
  auto_minor_version_upgrade = false
  copy_tags_to_snapshot      = true
  tags = {
    Name                 = "shopnow-card-vault"
    service              = "card-vault"
    "data-class"         = "cardholder"
    owner                = "payments"
    "fathom:data"        = "pan"
    "fathom:crown-jewel" = "true"
    "fathom:depth"       = "internet=4"
    "fathom:vault"       = "payments"
  }
}

# control: data.retention, data.at-rest
# from: stores.events, logs
resource "aws_cloudwatch_log_group" "store_events" {
  name              = "/aws/msk/shopnow-events"
  retention_in_days = 400
  kms_key_id        = aws_kms_key.logs.arn
}

# No topic comes into being by a typing mistake, and none keeps its records for longer than any
# was declared to
# control: data.retention
# from: stores.events.topics
resource "aws_msk_configuration" "events" {
  name           = "shopnow-events"
  kafka_versions = ["3.9.x"]
  server_properties = join("\n", [
    "auto.create.topics.enable=false",
    "allow.everyone.if.no.acl.found=false",
    "default.replication.factor=3",
    "min.insync.replicas=2",
    "log.retention.ms=604800000",
  ])
}

# control: data.at-rest, data.classes, mesh.store-tls
# from: stores.events, network.zones
resource "aws_msk_cluster" "events" {
  cluster_name           = "shopnow-events"
  kafka_version          = "3.9.x"
  number_of_broker_nodes = 3

  broker_node_group_info {
    instance_type   = "kafka.m7g.large"
    client_subnets  = [for s in aws_subnet.database : s.id]
    security_groups = [aws_security_group.store_events.id]

    storage_info {
      ebs_storage_info {
        volume_size = 100
      }
    }
  }

  configuration_info {
    arn      = aws_msk_configuration.events.arn
    revision = aws_msk_configuration.events.latest_revision
  }

  encryption_info {
    encryption_at_rest_kms_key_arn = aws_kms_key.stores.arn

    encryption_in_transit {
      client_broker = "TLS"
      in_cluster    = true
    }
  }

  client_authentication {
    unauthenticated = false

    sasl {
      iam = true
    }
  }

  logging_info {
    broker_logs {
      cloudwatch_logs {
        enabled   = true
        log_group = aws_cloudwatch_log_group.store_events.name
      }
    }
  }

  tags = {
    Name          = "shopnow-events"
    service       = "events"
    "data-class"  = "internal"
    owner         = "checkout"
    "fathom:data" = "order"
  }
}

# control: data.s3-private, data.at-rest, data.object-lock, data.retention, data.classes
# from: stores.invoices
resource "aws_s3_bucket" "invoices" {
  bucket              = "shopnow-invoices-111111111111"
  object_lock_enabled = true
  tags = {
    Name                 = "shopnow-invoices"
    service              = "invoices"
    "data-class"         = "personal"
    owner                = "checkout"
    "fathom:data"        = "email"
    "fathom:crown-jewel" = "true"
    "fathom:depth"       = "pod/search=3"
  }
}

# control: data.s3-private, data.at-rest, data.object-lock, data.retention, data.classes
# from: stores.invoices
resource "aws_s3_bucket_public_access_block" "invoices" {
  bucket                  = aws_s3_bucket.invoices.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# control: data.s3-private, data.at-rest, data.object-lock, data.retention, data.classes
# from: stores.invoices
resource "aws_s3_bucket_ownership_controls" "invoices" {
  bucket = aws_s3_bucket.invoices.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

# control: data.s3-private, data.at-rest, data.object-lock, data.retention, data.classes
# from: stores.invoices
resource "aws_s3_bucket_server_side_encryption_configuration" "invoices" {
  bucket = aws_s3_bucket.invoices.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.stores.arn
    }
  }
}

# control: data.s3-private, data.at-rest, data.object-lock, data.retention, data.classes
# from: stores.invoices
resource "aws_s3_bucket_versioning" "invoices" {
  bucket = aws_s3_bucket.invoices.id

  versioning_configuration {
    status = "Enabled"
  }
}

# control: data.s3-private, data.at-rest, data.object-lock, data.retention, data.classes
# from: stores.invoices
resource "aws_s3_bucket_object_lock_configuration" "invoices" {
  bucket = aws_s3_bucket.invoices.id

  rule {
    default_retention {
      mode = "COMPLIANCE"
      days = 400
    }
  }
}

# control: data.s3-private, data.at-rest, data.object-lock, data.retention, data.classes
# from: stores.invoices
resource "aws_s3_bucket_lifecycle_configuration" "invoices" {
  bucket = aws_s3_bucket.invoices.id

  rule {
    id     = "expire"
    status = "Enabled"

    filter {}

    expiration {
      days = 400
    }

    noncurrent_version_expiration {
      noncurrent_days = 30
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}

# control: data.s3-private, data.at-rest, data.object-lock, data.retention, data.classes
# from: stores.invoices
resource "aws_s3_bucket_policy" "invoices" {
  bucket = aws_s3_bucket.invoices.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OnlyTLS"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [aws_s3_bucket.invoices.arn, "${aws_s3_bucket.invoices.arn}/*"]
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
      },
      {
        Sid       = "OnlyFromTheNetwork"
        Effect    = "Deny"
        Principal = "*"
        Action = [
          "s3:GetObject",
          "s3:GetObjectVersion",
          "s3:PutObject",
          "s3:DeleteObject",
          "s3:DeleteObjectVersion",
        ]
        Resource = "arn:aws:s3:::shopnow-invoices-111111111111/*"
        Condition = {
          StringNotEqualsIfExists = {
            "aws:SourceVpc" = aws_vpc.main.id
          }
          BoolIfExists = {
            "aws:ViaAWSService"         = "false"
            "aws:PrincipalIsAWSService" = "false"
          }
          ArnNotLikeIfExists = {
            "aws:PrincipalArn" = [
              "arn:aws:iam::111111111111:role/shopnow-backup",
              "arn:aws:iam::111111111111:role/shopnow-restore",
              "arn:aws:iam::111111111111:role/shopnow-break-glass",
              "arn:aws:iam::111111111111:role/aws-service-role/*",
            ]
          }
        }
      },
      {
        Sid       = "OnlyUnderItsKey"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:PutObject"
        Resource  = "arn:aws:s3:::shopnow-invoices-111111111111/*"
        Condition = {
          Null = {
            "s3:x-amz-server-side-encryption-aws-kms-key-id" = "false"
          }
          StringNotEquals = {
            "s3:x-amz-server-side-encryption-aws-kms-key-id" = aws_kms_key.stores.arn
          }
        }
      },
    ]
  })
}

# control: data.s3-private
# from: stores.invoices
resource "aws_s3_access_point" "invoices" {
  name   = "shopnow-invoices"
  bucket = aws_s3_bucket.invoices.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Orders"
        Effect = "Allow"
        Principal = {
          AWS = aws_iam_role.svc_orders.arn
        }
        Action   = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"]
        Resource = "arn:aws:s3:eu-west-1:111111111111:accesspoint/shopnow-invoices/object/*"
      },
      {
        Sid       = "NobodyElse"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource = [
          "arn:aws:s3:eu-west-1:111111111111:accesspoint/shopnow-invoices",
          "arn:aws:s3:eu-west-1:111111111111:accesspoint/shopnow-invoices/object/*",
        ]
        Condition = {
          ArnNotEquals = {
            "aws:PrincipalArn" = [aws_iam_role.svc_orders.arn]
          }
        }
      },
    ]
  })

  public_access_block_configuration {
    block_public_acls       = true
    block_public_policy     = true
    ignore_public_acls      = true
    restrict_public_buckets = true
  }

  vpc_configuration {
    vpc_id = aws_vpc.main.id
  }
}

# control: response.trail
# from: stores.invoices
resource "aws_s3_bucket_logging" "invoices" {
  bucket        = aws_s3_bucket.invoices.id
  target_bucket = aws_s3_bucket.access_logs.id
  target_prefix = "s3/${aws_s3_bucket.invoices.id}/"
}

# control: mesh.store-tls
# from: stores.orders-db
resource "aws_rds_cluster_parameter_group" "orders_db" {
  name        = "shopnow-orders-db"
  family      = "aurora-postgresql16"
  description = "refuses plaintext"

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  parameter {
    name  = "log_connections"
    value = "1"
  }

  parameter {
    name  = "log_disconnections"
    value = "1"
  }

  parameter {
    name  = "log_statement"
    value = "ddl"
  }

  tags = {
    Name                 = "shopnow-orders-db"
    service              = "orders-db"
    "data-class"         = "personal"
    owner                = "checkout"
    "fathom:data"        = "email"
    "fathom:crown-jewel" = "true"
    "fathom:depth"       = "pod/search=3"
  }
}

# Made here, as RDS would make it without a key and without an end
# control: data.retention, data.at-rest
# from: stores.orders-db, logs
resource "aws_cloudwatch_log_group" "store_orders_db_postgresql" {
  name              = "/aws/rds/cluster/shopnow-orders-db/postgresql"
  retention_in_days = 400
  kms_key_id        = aws_kms_key.logs.arn
}

# control: data.at-rest, data.backups, data.classes, data.secrets
# from: stores.orders-db
resource "aws_rds_cluster" "orders_db" {
  cluster_identifier                  = "shopnow-orders-db"
  engine                              = "aurora-postgresql"
  engine_version                      = "16.8"
  database_name                       = "orders_db"
  db_subnet_group_name                = aws_db_subnet_group.database.name
  vpc_security_group_ids              = [aws_security_group.store_orders_db.id]
  db_cluster_parameter_group_name     = aws_rds_cluster_parameter_group.orders_db.name
  storage_encrypted                   = true
  kms_key_id                          = aws_kms_key.stores.arn
  master_username                     = "keeper"
  manage_master_user_password         = true
  master_user_secret_kms_key_id       = aws_kms_key.secrets.arn
  iam_database_authentication_enabled = true
  enabled_cloudwatch_logs_exports     = ["postgresql"]
  backup_retention_period             = 35
  copy_tags_to_snapshot               = true
  delete_automated_backups            = false
  deletion_protection                 = true
  skip_final_snapshot                 = false
  final_snapshot_identifier           = "shopnow-orders-db-final"
  tags = {
    Name                 = "shopnow-orders-db"
    service              = "orders-db"
    "data-class"         = "personal"
    owner                = "checkout"
    "fathom:data"        = "email"
    "fathom:crown-jewel" = "true"
    "fathom:depth"       = "pod/search=3"
  }

  serverlessv2_scaling_configuration {
    min_capacity = 0.5
    max_capacity = 16
  }

  depends_on = [aws_cloudwatch_log_group.store_orders_db_postgresql]
}

# control: data.at-rest
# from: stores.orders-db, network.zones
resource "aws_rds_cluster_instance" "orders_db" {
  for_each                        = toset(["a", "b"])
  identifier                      = "shopnow-orders-db-${each.key}"
  cluster_identifier              = aws_rds_cluster.orders_db.id
  engine                          = aws_rds_cluster.orders_db.engine
  engine_version                  = aws_rds_cluster.orders_db.engine_version
  instance_class                  = "db.serverless"
  availability_zone               = "eu-west-1${each.key}"
  publicly_accessible             = false
  performance_insights_enabled    = true
  performance_insights_kms_key_id = aws_kms_key.stores.arn
  # The version is raised here: AWS lowers none that it raised by itself, which the next plan would
  # ask for
  auto_minor_version_upgrade = false
  copy_tags_to_snapshot      = true
  tags = {
    Name                 = "shopnow-orders-db"
    service              = "orders-db"
    "data-class"         = "personal"
    owner                = "checkout"
    "fathom:data"        = "email"
    "fathom:crown-jewel" = "true"
    "fathom:depth"       = "pod/search=3"
  }
}
