# bazaar: data. Rendered by fathom from the platform's declaration; change it there.

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
  name       = "bazaar-database"
  subnet_ids = [for s in aws_subnet.database : s.id]
}

# from: network
resource "aws_db_subnet_group" "vault" {
  name       = "bazaar-vault"
  subnet_ids = [for s in aws_subnet.vault : s.id]
}

# from: network
resource "aws_elasticache_subnet_group" "database" {
  name       = "bazaar-database"
  subnet_ids = [for s in aws_subnet.database : s.id]
}

# control: mesh.store-tls
# from: stores.accounts-db
resource "aws_rds_cluster_parameter_group" "accounts_db" {
  name        = "bazaar-accounts-db"
  family      = "aurora-mysql8.0"
  description = "refuses plaintext"

  parameter {
    name  = "require_secure_transport"
    value = "ON"
  }

  parameter {
    name  = "server_audit_logging"
    value = "1"
  }

  parameter {
    name  = "server_audit_events"
    value = "CONNECT,QUERY_DCL,QUERY_DDL"
  }

  tags = {
    Name                 = "bazaar-accounts-db"
    service              = "accounts-db"
    "data-class"         = "personal"
    owner                = "identity"
    "fathom:data"        = "customer"
    "fathom:crown-jewel" = "true"
    "fathom:depth"       = "pod/reviews=2"
  }
}

# Made here, as RDS would make it without a key and without an end
# control: data.retention, data.at-rest
# from: stores.accounts-db, logs
resource "aws_cloudwatch_log_group" "store_accounts_db_audit" {
  name              = "/aws/rds/cluster/bazaar-accounts-db/audit"
  retention_in_days = 731
  kms_key_id        = aws_kms_key.logs.arn
}

# Made here, as RDS would make it without a key and without an end
# control: data.retention, data.at-rest
# from: stores.accounts-db, logs
resource "aws_cloudwatch_log_group" "store_accounts_db_error" {
  name              = "/aws/rds/cluster/bazaar-accounts-db/error"
  retention_in_days = 731
  kms_key_id        = aws_kms_key.logs.arn
}

# control: data.at-rest, data.backups, data.classes, data.secrets
# from: stores.accounts-db
resource "aws_rds_cluster" "accounts_db" {
  cluster_identifier                  = "bazaar-accounts-db"
  engine                              = "aurora-mysql"
  engine_version                      = "8.0.mysql_aurora.3.10.0"
  database_name                       = "accounts_db"
  db_subnet_group_name                = aws_db_subnet_group.database.name
  vpc_security_group_ids              = [aws_security_group.store_accounts_db.id]
  db_cluster_parameter_group_name     = aws_rds_cluster_parameter_group.accounts_db.name
  storage_encrypted                   = true
  kms_key_id                          = aws_kms_key.stores.arn
  master_username                     = "keeper"
  manage_master_user_password         = true
  master_user_secret_kms_key_id       = aws_kms_key.secrets.arn
  iam_database_authentication_enabled = true
  enabled_cloudwatch_logs_exports     = ["audit", "error"]
  backup_retention_period             = 35
  copy_tags_to_snapshot               = true
  delete_automated_backups            = false
  deletion_protection                 = true
  skip_final_snapshot                 = false
  final_snapshot_identifier           = "bazaar-accounts-db-final"
  tags = {
    Name                 = "bazaar-accounts-db"
    service              = "accounts-db"
    "data-class"         = "personal"
    owner                = "identity"
    "fathom:data"        = "customer"
    "fathom:crown-jewel" = "true"
    "fathom:depth"       = "pod/reviews=2"
  }

  serverlessv2_scaling_configuration {
    min_capacity = 0.5
    max_capacity = 16
  }

  depends_on = [aws_cloudwatch_log_group.store_accounts_db_audit, aws_cloudwatch_log_group.store_accounts_db_error]
}

# control: data.at-rest
# from: stores.accounts-db, network.zones
resource "aws_rds_cluster_instance" "accounts_db" {
  for_each                        = toset(["a", "b"])
  identifier                      = "bazaar-accounts-db-${each.key}"
  cluster_identifier              = aws_rds_cluster.accounts_db.id
  engine                          = aws_rds_cluster.accounts_db.engine
  engine_version                  = aws_rds_cluster.accounts_db.engine_version
  instance_class                  = "db.serverless"
  availability_zone               = "us-east-2${each.key}"
  publicly_accessible             = false
  performance_insights_enabled    = true
  performance_insights_kms_key_id = aws_kms_key.stores.arn
  # The version is raised here: AWS lowers none that it raised by itself, which the next plan would
  # ask for
  auto_minor_version_upgrade = false
  copy_tags_to_snapshot      = true
  tags = {
    Name                 = "bazaar-accounts-db"
    service              = "accounts-db"
    "data-class"         = "personal"
    owner                = "identity"
    "fathom:data"        = "customer"
    "fathom:crown-jewel" = "true"
    "fathom:depth"       = "pod/reviews=2"
  }
}

# control: mesh.store-tls
# from: stores.basket-db
resource "aws_rds_cluster_parameter_group" "basket_db" {
  name        = "bazaar-basket-db"
  family      = "aurora-mysql8.0"
  description = "refuses plaintext"

  parameter {
    name  = "require_secure_transport"
    value = "ON"
  }

  parameter {
    name  = "server_audit_logging"
    value = "1"
  }

  parameter {
    name  = "server_audit_events"
    value = "CONNECT,QUERY_DCL,QUERY_DDL"
  }

  tags = {
    Name                 = "bazaar-basket-db"
    service              = "basket-db"
    "data-class"         = "personal"
    owner                = "checkout"
    "fathom:data"        = "customer"
    "fathom:crown-jewel" = "true"
    "fathom:depth"       = "pod/reviews=2"
  }
}

# Made here, as RDS would make it without a key and without an end
# control: data.retention, data.at-rest
# from: stores.basket-db, logs
resource "aws_cloudwatch_log_group" "store_basket_db_audit" {
  name              = "/aws/rds/cluster/bazaar-basket-db/audit"
  retention_in_days = 731
  kms_key_id        = aws_kms_key.logs.arn
}

# Made here, as RDS would make it without a key and without an end
# control: data.retention, data.at-rest
# from: stores.basket-db, logs
resource "aws_cloudwatch_log_group" "store_basket_db_error" {
  name              = "/aws/rds/cluster/bazaar-basket-db/error"
  retention_in_days = 731
  kms_key_id        = aws_kms_key.logs.arn
}

# control: data.at-rest, data.backups, data.classes, data.secrets
# from: stores.basket-db
resource "aws_rds_cluster" "basket_db" {
  cluster_identifier                  = "bazaar-basket-db"
  engine                              = "aurora-mysql"
  engine_version                      = "8.0.mysql_aurora.3.10.0"
  database_name                       = "basket_db"
  db_subnet_group_name                = aws_db_subnet_group.database.name
  vpc_security_group_ids              = [aws_security_group.store_basket_db.id]
  db_cluster_parameter_group_name     = aws_rds_cluster_parameter_group.basket_db.name
  storage_encrypted                   = true
  kms_key_id                          = aws_kms_key.stores.arn
  master_username                     = "keeper"
  manage_master_user_password         = true
  master_user_secret_kms_key_id       = aws_kms_key.secrets.arn
  iam_database_authentication_enabled = true
  enabled_cloudwatch_logs_exports     = ["audit", "error"]
  backup_retention_period             = 14
  copy_tags_to_snapshot               = true
  delete_automated_backups            = false
  deletion_protection                 = true
  skip_final_snapshot                 = false
  final_snapshot_identifier           = "bazaar-basket-db-final"
  tags = {
    Name                 = "bazaar-basket-db"
    service              = "basket-db"
    "data-class"         = "personal"
    owner                = "checkout"
    "fathom:data"        = "customer"
    "fathom:crown-jewel" = "true"
    "fathom:depth"       = "pod/reviews=2"
  }
  depends_on = [aws_cloudwatch_log_group.store_basket_db_audit, aws_cloudwatch_log_group.store_basket_db_error]
}

# control: data.at-rest
# from: stores.basket-db, network.zones
resource "aws_rds_cluster_instance" "basket_db" {
  for_each                        = toset(["a", "b"])
  identifier                      = "bazaar-basket-db-${each.key}"
  cluster_identifier              = aws_rds_cluster.basket_db.id
  engine                          = aws_rds_cluster.basket_db.engine
  engine_version                  = aws_rds_cluster.basket_db.engine_version
  instance_class                  = "db.r7g.xlarge"
  availability_zone               = "us-east-2${each.key}"
  publicly_accessible             = false
  performance_insights_enabled    = true
  performance_insights_kms_key_id = aws_kms_key.stores.arn
  # The version is raised here: AWS lowers none that it raised by itself, which the next plan would
  # ask for
  auto_minor_version_upgrade = false
  copy_tags_to_snapshot      = true
  tags = {
    Name                 = "bazaar-basket-db"
    service              = "basket-db"
    "data-class"         = "personal"
    owner                = "checkout"
    "fathom:data"        = "customer"
    "fathom:crown-jewel" = "true"
    "fathom:depth"       = "pod/reviews=2"
  }
}

# No statement is logged, as it may hold a card number
# control: mesh.store-tls
# from: stores.ledger
resource "aws_rds_cluster_parameter_group" "ledger" {
  name        = "bazaar-ledger"
  family      = "aurora-mysql8.0"
  description = "refuses plaintext"

  parameter {
    name  = "require_secure_transport"
    value = "ON"
  }

  parameter {
    name  = "server_audit_logging"
    value = "1"
  }

  parameter {
    name  = "server_audit_events"
    value = "CONNECT"
  }

  tags = {
    Name                 = "bazaar-ledger"
    service              = "ledger"
    "data-class"         = "cardholder"
    owner                = "money"
    "fathom:data"        = "card"
    "fathom:crown-jewel" = "true"
    "fathom:depth"       = "pipeline=3 internet=4"
    "fathom:vault"       = "settlement"
  }
}

# Made here, as RDS would make it without a key and without an end
# control: data.retention, data.at-rest
# from: stores.ledger, logs
resource "aws_cloudwatch_log_group" "store_ledger_audit" {
  name              = "/aws/rds/cluster/bazaar-ledger/audit"
  retention_in_days = 731
  kms_key_id        = aws_kms_key.logs.arn
}

# Made here, as RDS would make it without a key and without an end
# control: data.retention, data.at-rest
# from: stores.ledger, logs
resource "aws_cloudwatch_log_group" "store_ledger_error" {
  name              = "/aws/rds/cluster/bazaar-ledger/error"
  retention_in_days = 731
  kms_key_id        = aws_kms_key.logs.arn
}

# control: data.at-rest, data.backups, data.classes, data.secrets, data.card-tokens
# from: stores.ledger
resource "aws_rds_cluster" "ledger" {
  cluster_identifier                  = "bazaar-ledger"
  engine                              = "aurora-mysql"
  engine_version                      = "8.0.mysql_aurora.3.10.0"
  database_name                       = "ledger"
  db_subnet_group_name                = aws_db_subnet_group.vault.name
  vpc_security_group_ids              = [aws_security_group.store_ledger.id]
  db_cluster_parameter_group_name     = aws_rds_cluster_parameter_group.ledger.name
  storage_encrypted                   = true
  kms_key_id                          = aws_kms_key.ledger.arn
  master_username                     = "keeper"
  manage_master_user_password         = true
  master_user_secret_kms_key_id       = aws_kms_key.secrets.arn
  iam_database_authentication_enabled = true
  enabled_cloudwatch_logs_exports     = ["audit", "error"]
  backup_retention_period             = 35
  copy_tags_to_snapshot               = true
  delete_automated_backups            = false
  deletion_protection                 = true
  skip_final_snapshot                 = false
  final_snapshot_identifier           = "bazaar-ledger-final"
  tags = {
    Name                 = "bazaar-ledger"
    service              = "ledger"
    "data-class"         = "cardholder"
    owner                = "money"
    "fathom:data"        = "card"
    "fathom:crown-jewel" = "true"
    "fathom:depth"       = "pipeline=3 internet=4"
    "fathom:vault"       = "settlement"
  }

  serverlessv2_scaling_configuration {
    min_capacity = 0.5
    max_capacity = 16
  }

  depends_on = [aws_cloudwatch_log_group.store_ledger_audit, aws_cloudwatch_log_group.store_ledger_error]
}

# control: data.at-rest
# from: stores.ledger, network.zones
resource "aws_rds_cluster_instance" "ledger" {
  for_each                        = toset(["a", "b"])
  identifier                      = "bazaar-ledger-${each.key}"
  cluster_identifier              = aws_rds_cluster.ledger.id
  engine                          = aws_rds_cluster.ledger.engine
  engine_version                  = aws_rds_cluster.ledger.engine_version
  instance_class                  = "db.serverless"
  availability_zone               = "us-east-2${each.key}"
  publicly_accessible             = false
  performance_insights_enabled    = true
  performance_insights_kms_key_id = aws_kms_key.ledger.arn
  # The version is raised here: AWS lowers none that it raised by itself, which the next plan would
  # ask for
  auto_minor_version_upgrade = false
  copy_tags_to_snapshot      = true
  tags = {
    Name                 = "bazaar-ledger"
    service              = "ledger"
    "data-class"         = "cardholder"
    owner                = "money"
    "fathom:data"        = "card"
    "fathom:crown-jewel" = "true"
    "fathom:depth"       = "pipeline=3 internet=4"
    "fathom:vault"       = "settlement"
  }
}

# control: mesh.store-tls
# from: stores.listings-db
resource "aws_rds_cluster_parameter_group" "listings_db" {
  name        = "bazaar-listings-db"
  family      = "aurora-mysql8.0"
  description = "refuses plaintext"

  parameter {
    name  = "require_secure_transport"
    value = "ON"
  }

  parameter {
    name  = "server_audit_logging"
    value = "1"
  }

  parameter {
    name  = "server_audit_events"
    value = "CONNECT,QUERY_DCL,QUERY_DDL"
  }

  tags = {
    Name          = "bazaar-listings-db"
    service       = "listings-db"
    "data-class"  = "public"
    owner         = "catalogue"
    "fathom:data" = "listing"
  }
}

# Made here, as RDS would make it without a key and without an end
# control: data.retention, data.at-rest
# from: stores.listings-db, logs
resource "aws_cloudwatch_log_group" "store_listings_db_audit" {
  name              = "/aws/rds/cluster/bazaar-listings-db/audit"
  retention_in_days = 731
  kms_key_id        = aws_kms_key.logs.arn
}

# Made here, as RDS would make it without a key and without an end
# control: data.retention, data.at-rest
# from: stores.listings-db, logs
resource "aws_cloudwatch_log_group" "store_listings_db_error" {
  name              = "/aws/rds/cluster/bazaar-listings-db/error"
  retention_in_days = 731
  kms_key_id        = aws_kms_key.logs.arn
}

# control: data.at-rest, data.backups, data.classes, data.secrets
# from: stores.listings-db
resource "aws_rds_cluster" "listings_db" {
  cluster_identifier                  = "bazaar-listings-db"
  engine                              = "aurora-mysql"
  engine_version                      = "8.0.mysql_aurora.3.10.0"
  database_name                       = "listings_db"
  db_subnet_group_name                = aws_db_subnet_group.database.name
  vpc_security_group_ids              = [aws_security_group.store_listings_db.id]
  db_cluster_parameter_group_name     = aws_rds_cluster_parameter_group.listings_db.name
  storage_encrypted                   = true
  kms_key_id                          = aws_kms_key.stores.arn
  master_username                     = "keeper"
  manage_master_user_password         = true
  master_user_secret_kms_key_id       = aws_kms_key.secrets.arn
  iam_database_authentication_enabled = true
  enabled_cloudwatch_logs_exports     = ["audit", "error"]
  backup_retention_period             = 14
  copy_tags_to_snapshot               = true
  delete_automated_backups            = false
  deletion_protection                 = true
  skip_final_snapshot                 = false
  final_snapshot_identifier           = "bazaar-listings-db-final"
  tags = {
    Name          = "bazaar-listings-db"
    service       = "listings-db"
    "data-class"  = "public"
    owner         = "catalogue"
    "fathom:data" = "listing"
  }

  serverlessv2_scaling_configuration {
    min_capacity = 0.5
    max_capacity = 16
  }

  depends_on = [aws_cloudwatch_log_group.store_listings_db_audit, aws_cloudwatch_log_group.store_listings_db_error]
}

# control: data.at-rest
# from: stores.listings-db, network.zones
resource "aws_rds_cluster_instance" "listings_db" {
  for_each                        = toset(["a", "b"])
  identifier                      = "bazaar-listings-db-${each.key}"
  cluster_identifier              = aws_rds_cluster.listings_db.id
  engine                          = aws_rds_cluster.listings_db.engine
  engine_version                  = aws_rds_cluster.listings_db.engine_version
  instance_class                  = "db.serverless"
  availability_zone               = "us-east-2${each.key}"
  publicly_accessible             = false
  performance_insights_enabled    = true
  performance_insights_kms_key_id = aws_kms_key.stores.arn
  # The version is raised here: AWS lowers none that it raised by itself, which the next plan would
  # ask for
  auto_minor_version_upgrade = false
  copy_tags_to_snapshot      = true
  tags = {
    Name          = "bazaar-listings-db"
    service       = "listings-db"
    "data-class"  = "public"
    owner         = "catalogue"
    "fathom:data" = "listing"
  }
}

# control: data.s3-private, data.at-rest, data.object-lock, data.retention, data.classes
# from: stores.pictures
resource "aws_s3_bucket" "pictures" {
  bucket = "bazaar-pictures-222222222222"
  tags = {
    Name          = "bazaar-pictures"
    service       = "pictures"
    "data-class"  = "public"
    owner         = "catalogue"
    "fathom:data" = "listing"
  }
}

# control: data.s3-private, data.at-rest, data.object-lock, data.retention, data.classes
# from: stores.pictures
resource "aws_s3_bucket_public_access_block" "pictures" {
  bucket                  = aws_s3_bucket.pictures.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# control: data.s3-private, data.at-rest, data.object-lock, data.retention, data.classes
# from: stores.pictures
resource "aws_s3_bucket_ownership_controls" "pictures" {
  bucket = aws_s3_bucket.pictures.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

# control: data.s3-private, data.at-rest, data.object-lock, data.retention, data.classes
# from: stores.pictures
resource "aws_s3_bucket_server_side_encryption_configuration" "pictures" {
  bucket = aws_s3_bucket.pictures.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.stores.arn
    }
  }
}

# control: data.s3-private, data.at-rest, data.object-lock, data.retention, data.classes
# from: stores.pictures
resource "aws_s3_bucket_versioning" "pictures" {
  bucket = aws_s3_bucket.pictures.id

  versioning_configuration {
    status = "Enabled"
  }
}

# control: data.s3-private, data.at-rest, data.object-lock, data.retention, data.classes
# from: stores.pictures
resource "aws_s3_bucket_lifecycle_configuration" "pictures" {
  bucket = aws_s3_bucket.pictures.id

  rule {
    id     = "expire"
    status = "Enabled"

    filter {}

    expiration {
      days = 730
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
# from: stores.pictures
resource "aws_s3_bucket_policy" "pictures" {
  bucket = aws_s3_bucket.pictures.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OnlyTLS"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [aws_s3_bucket.pictures.arn, "${aws_s3_bucket.pictures.arn}/*"]
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
        Resource = "arn:aws:s3:::bazaar-pictures-222222222222/*"
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
              "arn:aws:iam::222222222222:role/bazaar-backup",
              "arn:aws:iam::222222222222:role/bazaar-restore",
              "arn:aws:iam::222222222222:role/bazaar-break-glass",
              "arn:aws:iam::222222222222:role/aws-service-role/*",
            ]
          }
        }
      },
      {
        Sid       = "OnlyUnderItsKey"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:PutObject"
        Resource  = "arn:aws:s3:::bazaar-pictures-222222222222/*"
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
# from: stores.pictures
resource "aws_s3_access_point" "pictures" {
  name   = "bazaar-pictures"
  bucket = aws_s3_bucket.pictures.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Listings"
        Effect = "Allow"
        Principal = {
          AWS = aws_iam_role.svc_listings.arn
        }
        Action   = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:DeleteObject"]
        Resource = "arn:aws:s3:us-east-2:222222222222:accesspoint/bazaar-pictures/object/*"
      },
      {
        Sid       = "NobodyElse"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource = [
          "arn:aws:s3:us-east-2:222222222222:accesspoint/bazaar-pictures",
          "arn:aws:s3:us-east-2:222222222222:accesspoint/bazaar-pictures/object/*",
        ]
        Condition = {
          ArnNotEquals = {
            "aws:PrincipalArn" = [aws_iam_role.svc_listings.arn]
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
# from: stores.pictures
resource "aws_s3_bucket_logging" "pictures" {
  bucket        = aws_s3_bucket.pictures.id
  target_bucket = aws_s3_bucket.access_logs.id
  target_prefix = "s3/${aws_s3_bucket.pictures.id}/"
}

# control: mesh.store-tls
# from: stores.sellers-db
resource "aws_rds_cluster_parameter_group" "sellers_db" {
  name        = "bazaar-sellers-db"
  family      = "aurora-mysql8.0"
  description = "refuses plaintext"

  parameter {
    name  = "require_secure_transport"
    value = "ON"
  }

  parameter {
    name  = "server_audit_logging"
    value = "1"
  }

  parameter {
    name  = "server_audit_events"
    value = "CONNECT,QUERY_DCL,QUERY_DDL"
  }

  tags = {
    Name          = "bazaar-sellers-db"
    service       = "sellers-db"
    "data-class"  = "personal"
    owner         = "sellers"
    "fathom:data" = "seller-tax"
  }
}

# Made here, as RDS would make it without a key and without an end
# control: data.retention, data.at-rest
# from: stores.sellers-db, logs
resource "aws_cloudwatch_log_group" "store_sellers_db_audit" {
  name              = "/aws/rds/cluster/bazaar-sellers-db/audit"
  retention_in_days = 731
  kms_key_id        = aws_kms_key.logs.arn
}

# Made here, as RDS would make it without a key and without an end
# control: data.retention, data.at-rest
# from: stores.sellers-db, logs
resource "aws_cloudwatch_log_group" "store_sellers_db_error" {
  name              = "/aws/rds/cluster/bazaar-sellers-db/error"
  retention_in_days = 731
  kms_key_id        = aws_kms_key.logs.arn
}

# control: data.at-rest, data.backups, data.classes, data.secrets
# from: stores.sellers-db
resource "aws_rds_cluster" "sellers_db" {
  cluster_identifier                  = "bazaar-sellers-db"
  engine                              = "aurora-mysql"
  engine_version                      = "8.0.mysql_aurora.3.10.0"
  database_name                       = "sellers_db"
  db_subnet_group_name                = aws_db_subnet_group.database.name
  vpc_security_group_ids              = [aws_security_group.store_sellers_db.id]
  db_cluster_parameter_group_name     = aws_rds_cluster_parameter_group.sellers_db.name
  storage_encrypted                   = true
  kms_key_id                          = aws_kms_key.stores.arn
  master_username                     = "keeper"
  manage_master_user_password         = true
  master_user_secret_kms_key_id       = aws_kms_key.secrets.arn
  iam_database_authentication_enabled = true
  enabled_cloudwatch_logs_exports     = ["audit", "error"]
  backup_retention_period             = 35
  copy_tags_to_snapshot               = true
  delete_automated_backups            = false
  deletion_protection                 = true
  skip_final_snapshot                 = false
  final_snapshot_identifier           = "bazaar-sellers-db-final"
  tags = {
    Name          = "bazaar-sellers-db"
    service       = "sellers-db"
    "data-class"  = "personal"
    owner         = "sellers"
    "fathom:data" = "seller-tax"
  }

  serverlessv2_scaling_configuration {
    min_capacity = 0.5
    max_capacity = 16
  }

  depends_on = [aws_cloudwatch_log_group.store_sellers_db_audit, aws_cloudwatch_log_group.store_sellers_db_error]
}

# control: data.at-rest
# from: stores.sellers-db, network.zones
resource "aws_rds_cluster_instance" "sellers_db" {
  for_each                        = toset(["a", "b"])
  identifier                      = "bazaar-sellers-db-${each.key}"
  cluster_identifier              = aws_rds_cluster.sellers_db.id
  engine                          = aws_rds_cluster.sellers_db.engine
  engine_version                  = aws_rds_cluster.sellers_db.engine_version
  instance_class                  = "db.serverless"
  availability_zone               = "us-east-2${each.key}"
  publicly_accessible             = false
  performance_insights_enabled    = true
  performance_insights_kms_key_id = aws_kms_key.stores.arn
  # The version is raised here: AWS lowers none that it raised by itself, which the next plan would
  # ask for
  auto_minor_version_upgrade = false
  copy_tags_to_snapshot      = true
  tags = {
    Name          = "bazaar-sellers-db"
    service       = "sellers-db"
    "data-class"  = "personal"
    owner         = "sellers"
    "fathom:data" = "seller-tax"
  }
}

# control: data.retention, data.at-rest
# from: stores.sessions, logs
resource "aws_cloudwatch_log_group" "store_sessions" {
  name              = "/aws/elasticache/bazaar-sessions"
  retention_in_days = 731
  kms_key_id        = aws_kms_key.logs.arn
}

# Whoever names no user is this one, which may do nothing
# control: identity.least-privilege
# from: stores.sessions
resource "aws_elasticache_user" "sessions_default" {
  engine        = "redis"
  user_id       = "bazaar-sessions-default"
  user_name     = "default"
  access_string = "off ~* -@all"

  authentication_mode {
    type = "no-password-required"
  }
}

# control: identity.least-privilege
# from: services.accounts.stores.sessions
resource "aws_elasticache_user" "sessions_accounts" {
  engine        = "redis"
  user_id       = "bazaar-sessions-accounts"
  user_name     = "bazaar-sessions-accounts"
  access_string = "on ~* -@all +@read +@write +@connection +@transaction +@scripting -@dangerous"

  authentication_mode {
    type = "iam"
  }
}

# control: identity.least-privilege
# from: services.basket.stores.sessions
resource "aws_elasticache_user" "sessions_basket" {
  engine        = "redis"
  user_id       = "bazaar-sessions-basket"
  user_name     = "bazaar-sessions-basket"
  access_string = "on ~* -@all +@read +@connection -@dangerous"

  authentication_mode {
    type = "iam"
  }
}

# control: identity.least-privilege
# from: stores.sessions
resource "aws_elasticache_user_group" "sessions" {
  engine        = "redis"
  user_group_id = "bazaar-sessions"
  user_ids = [
    aws_elasticache_user.sessions_default.user_id,
    aws_elasticache_user.sessions_accounts.user_id,
    aws_elasticache_user.sessions_basket.user_id,
  ]
}

# control: data.at-rest, data.classes, mesh.store-tls
# from: stores.sessions
resource "aws_elasticache_replication_group" "sessions" {
  replication_group_id       = "bazaar-sessions"
  description                = "bazaar: sessions"
  engine                     = "redis"
  engine_version             = "7.1"
  node_type                  = "cache.t4g.small"
  num_cache_clusters         = 2
  automatic_failover_enabled = true
  multi_az_enabled           = true
  subnet_group_name          = aws_elasticache_subnet_group.database.name
  security_group_ids         = [aws_security_group.store_sessions.id]
  user_group_ids             = [aws_elasticache_user_group.sessions.id]
  at_rest_encryption_enabled = true
  kms_key_id                 = aws_kms_key.stores.arn
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
  tags = {
    Name                 = "bazaar-sessions"
    service              = "sessions"
    "data-class"         = "personal"
    owner                = "identity"
    "fathom:data"        = "customer"
    "fathom:crown-jewel" = "true"
    "fathom:depth"       = "pod/reviews=2"
  }

  log_delivery_configuration {
    destination      = aws_cloudwatch_log_group.store_sessions.name
    destination_type = "cloudwatch-logs"
    log_format       = "json"
    log_type         = "engine-log"
  }
}

# control: data.s3-private, data.at-rest, data.object-lock, data.retention, data.classes
# from: stores.tax-forms
resource "aws_s3_bucket" "tax_forms" {
  bucket              = "bazaar-tax-forms-222222222222"
  object_lock_enabled = true
  tags = {
    Name          = "bazaar-tax-forms"
    service       = "tax-forms"
    "data-class"  = "personal"
    owner         = "sellers"
    "fathom:data" = "seller-tax"
  }
}

# control: data.s3-private, data.at-rest, data.object-lock, data.retention, data.classes
# from: stores.tax-forms
resource "aws_s3_bucket_public_access_block" "tax_forms" {
  bucket                  = aws_s3_bucket.tax_forms.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# control: data.s3-private, data.at-rest, data.object-lock, data.retention, data.classes
# from: stores.tax-forms
resource "aws_s3_bucket_ownership_controls" "tax_forms" {
  bucket = aws_s3_bucket.tax_forms.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

# control: data.s3-private, data.at-rest, data.object-lock, data.retention, data.classes
# from: stores.tax-forms
resource "aws_s3_bucket_server_side_encryption_configuration" "tax_forms" {
  bucket = aws_s3_bucket.tax_forms.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.tax_forms.arn
    }
  }
}

# control: data.s3-private, data.at-rest, data.object-lock, data.retention, data.classes
# from: stores.tax-forms
resource "aws_s3_bucket_versioning" "tax_forms" {
  bucket = aws_s3_bucket.tax_forms.id

  versioning_configuration {
    status = "Enabled"
  }
}

# control: data.s3-private, data.at-rest, data.object-lock, data.retention, data.classes
# from: stores.tax-forms
resource "aws_s3_bucket_object_lock_configuration" "tax_forms" {
  bucket = aws_s3_bucket.tax_forms.id

  rule {
    default_retention {
      mode = "COMPLIANCE"
      days = 3650
    }
  }
}

# control: data.s3-private, data.at-rest, data.object-lock, data.retention, data.classes
# from: stores.tax-forms
resource "aws_s3_bucket_lifecycle_configuration" "tax_forms" {
  bucket = aws_s3_bucket.tax_forms.id

  rule {
    id     = "expire"
    status = "Enabled"

    filter {}

    expiration {
      days = 3650
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
# from: stores.tax-forms
resource "aws_s3_bucket_policy" "tax_forms" {
  bucket = aws_s3_bucket.tax_forms.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OnlyTLS"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [aws_s3_bucket.tax_forms.arn, "${aws_s3_bucket.tax_forms.arn}/*"]
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
        Resource = "arn:aws:s3:::bazaar-tax-forms-222222222222/*"
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
              "arn:aws:iam::222222222222:role/bazaar-backup",
              "arn:aws:iam::222222222222:role/bazaar-restore",
              "arn:aws:iam::222222222222:role/bazaar-break-glass",
              "arn:aws:iam::222222222222:role/aws-service-role/*",
            ]
          }
        }
      },
      {
        Sid       = "OnlyUnderItsKey"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:PutObject"
        Resource  = "arn:aws:s3:::bazaar-tax-forms-222222222222/*"
        Condition = {
          Null = {
            "s3:x-amz-server-side-encryption-aws-kms-key-id" = "false"
          }
          StringNotEquals = {
            "s3:x-amz-server-side-encryption-aws-kms-key-id" = aws_kms_key.tax_forms.arn
          }
        }
      },
    ]
  })
}

# control: data.s3-private
# from: stores.tax-forms
resource "aws_s3_access_point" "tax_forms" {
  name   = "bazaar-tax-forms"
  bucket = aws_s3_bucket.tax_forms.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Sellers"
        Effect = "Allow"
        Principal = {
          AWS = aws_iam_role.svc_sellers.arn
        }
        Action   = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:GetObjectVersion"]
        Resource = "arn:aws:s3:us-east-2:222222222222:accesspoint/bazaar-tax-forms/object/*"
      },
      {
        Sid       = "NobodyElse"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource = [
          "arn:aws:s3:us-east-2:222222222222:accesspoint/bazaar-tax-forms",
          "arn:aws:s3:us-east-2:222222222222:accesspoint/bazaar-tax-forms/object/*",
        ]
        Condition = {
          ArnNotEquals = {
            "aws:PrincipalArn" = [aws_iam_role.svc_sellers.arn]
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
# from: stores.tax-forms
resource "aws_s3_bucket_logging" "tax_forms" {
  bucket        = aws_s3_bucket.tax_forms.id
  target_bucket = aws_s3_bucket.access_logs.id
  target_prefix = "s3/${aws_s3_bucket.tax_forms.id}/"
}
