package data_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"fathom/engine/depth"
	"fathom/layer/data"
	"fathom/layer/ground"
	"fathom/layer/layertest"
)

const provider = `
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
}
`

const key = `
resource "aws_kms_key" "k" {
  deletion_window_in_days = 30
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Principal = { AWS = "arn:aws:iam::111111111111:root" }, Action = "kms:*", Resource = "*" },
    { Effect = "Allow", Principal = { AWS = "arn:aws:iam::111111111111:role/app" }, Action = "kms:Decrypt", Resource = "*" },
    { Effect = "Deny", Principal = "*", Action = ["kms:ScheduleKeyDeletion", "kms:PutKeyPolicy"], Resource = "*",
      Condition = { ArnNotEquals = { "aws:PrincipalArn" = "arn:aws:iam::111111111111:role/keeper" } } },
  ] })
}
`

const role = `
resource "aws_iam_role" "r" {
  name               = "r"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}
resource "aws_iam_role_policy" "r" {
  role   = aws_iam_role.r.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ACTIONS, Resource = "*" }] })
}
`

// TestStepsMean holds steps to what they say: who comes to what for which
// controls.
func TestStepsMean(t *testing.T) {
	quiet := []depth.Capability{ground.QuietAWS, ground.QuietPods}
	as := func(more ...depth.Capability) []depth.Capability { return append(slices.Clone(quiet), more...) }
	r, admin := as(ground.Act("role/r")), as(ground.Admin)
	allowed := func(actions string) string { return replaced(role, "ACTIONS", actions) }
	tests := []struct {
		name, files string
		start       []depth.Capability
		goal        depth.Capability
		least, most int
		felled      []string
	}{
		{
			"a public bucket is everybody's",
			`resource "aws_s3_bucket" "b" { bucket = "b" }
resource "aws_s3_bucket_public_access_block" "b" {
  bucket                  = aws_s3_bucket.b.id
  block_public_acls       = false
  block_public_policy     = false
  ignore_public_acls      = false
  restrict_public_buckets = false
}
resource "aws_s3_bucket_policy" "b" {
  bucket = aws_s3_bucket.b.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "arn:aws:s3:::b/*" }] })
}`, quiet, ground.Take("store/b"), 0, 0, nil,
		},
		{
			"a private bucket has to be opened",
			`resource "aws_s3_bucket" "b" { bucket = "b" }`, quiet, ground.Take("store/b"), 1, 1,
			[]string{"data.s3-private"},
		},
		{
			"a role that may read a bucket does",
			`resource "aws_s3_bucket" "b" { bucket = "b" }` + allowed(`["s3:GetObject"]`), r, ground.Take("store/b"), 0, 0, nil,
		},
		{
			"a role that may do something else has to be given the right",
			`resource "aws_s3_bucket" "b" { bucket = "b" }` + allowed(`["s3:ListBucket"]`), r, ground.Hold("store/b", ground.Outside), 1, 1,
			[]string{"*"},
		},
		{
			"a password in the files is everybody's",
			`resource "aws_db_instance" "d" {
  identifier = "d"
  engine     = "postgres"
  password   = "tr0ub4dor-and-3"
}`, quiet, ground.Login("store/d"), 0, 0, nil,
		},
		{
			"a password that RDS keeps is not",
			`resource "aws_db_instance" "d" {
  identifier                  = "d"
  engine                      = "postgres"
  manage_master_user_password = true
}`, quiet, ground.Login("store/d"), 1, 1,
			[]string{"data.secrets"},
		},
		{
			"nor for certain one that nobody knows",
			`variable "password" {}
resource "aws_db_instance" "d" {
  identifier = "d"
  engine     = "postgres"
  password   = var.password
}`, quiet, ground.Login("store/d"), 0, 1, nil,
		},
		{
			"a cache without users and tokens asks nobody",
			`resource "aws_elasticache_replication_group" "c" {
  replication_group_id = "c"
  description          = "c"
}`, quiet, ground.Login("store/c"), 0, 0, nil,
		},
		{
			"a snapshot under no key of the customer's is shared by whom RDS lets",
			`resource "aws_db_instance" "d" {
  identifier        = "d"
  engine            = "postgres"
  storage_encrypted = true
}` + allowed(`["rds:CreateDBSnapshot", "rds:ModifyDBSnapshotAttribute"]`), r, ground.Take("store/d"), 0, 0, nil,
		},
		{
			"under a key of the customer's he needs the key too",
			key + `resource "aws_db_instance" "d" {
  identifier        = "d"
  engine            = "postgres"
  storage_encrypted = true
  kms_key_id        = aws_kms_key.k.arn
}` + allowed(`["rds:CreateDBSnapshot", "rds:ModifyDBSnapshotAttribute"]`), r, ground.Take("store/d"), 1, 1,
			[]string{"*"},
		},
		{
			"a database without other backups is lost with itself",
			`resource "aws_db_instance" "d" {
  identifier = "d"
  engine     = "postgres"
}`, admin, ground.Lose("store/d"), 0, 0, nil,
		},
		{
			"a vault that is locked for good holds its backups",
			vault("changeable_for_days = 3"), admin, ground.Lose("store/d"), 1, 1,
			[]string{"data.backups"},
		},
		{
			"one that is locked until somebody unlocks it does not",
			vault(""), admin, ground.Lose("store/d"), 0, 0, nil,
		},
		{
			"whether one is locked may not be known",
			"variable \"days\" {}\n" + vault("changeable_for_days = var.days"), admin, ground.Lose("store/d"), 0, 1, nil,
		},
		{
			"objects under compliance lock are lost with their key alone, which takes a month",
			key + bucket("COMPLIANCE"), admin, ground.Lose("store/b"), 1, 1,
			[]string{"*"},
		},
		{
			"governance lock yields to who may bypass it",
			key + bucket("GOVERNANCE"), admin, ground.Lose("store/b"), 0, 0, nil,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := layertest.Alone(t, fstest.MapFS{"main.tf": {Data: []byte(provider + test.files)}})
			a := depth.New(data.Layer().Steps(e), depth.Options{}).Depth(test.start, test.goal)
			if a.Least.Never || a.Least.N != test.least || a.Most.N != test.most {
				t.Fatalf("least %d (never %v), most %d; want %d and %d: %v", a.Least.N, a.Least.Never, a.Most.N, test.least, test.most, a.Least.Felled)
			}
			var felled []string
			for _, u := range a.Least.Felled {
				felled = append(felled, u.Name)
			}
			if !slices.Equal(test.felled, []string{"*"}) && !slices.Equal(felled, test.felled) {
				t.Errorf("felled %v; want %v", felled, test.felled)
			}
		})
	}
}

func replaced(text, old, by string) string { return strings.ReplaceAll(text, old, by) }

func vault(lock string) string {
	return replaced(`
resource "aws_db_instance" "d" {
  identifier = "d"
  engine     = "postgres"
}
resource "aws_backup_vault" "v" { name = "v" }
resource "aws_backup_vault_lock_configuration" "v" {
  backup_vault_name  = aws_backup_vault.v.name
  min_retention_days = 14
  LOCK
}
resource "aws_backup_plan" "p" {
  name = "p"
  rule {
    rule_name         = "daily"
    target_vault_name = aws_backup_vault.v.name
  }
}
resource "aws_backup_selection" "s" {
  name         = "s"
  plan_id      = aws_backup_plan.p.id
  iam_role_arn = "arn:aws:iam::111111111111:role/backup"
  resources    = [aws_db_instance.d.arn]
}`, "LOCK", lock)
}

func bucket(mode string) string {
	return replaced(`
resource "aws_s3_bucket" "b" {
  bucket              = "ledger"
  object_lock_enabled = true
}
resource "aws_s3_bucket_object_lock_configuration" "b" {
  bucket = aws_s3_bucket.b.id
  rule {
    default_retention {
      mode = "MODE"
      days = 400
    }
  }
}
resource "aws_s3_bucket_server_side_encryption_configuration" "b" {
  bucket = aws_s3_bucket.b.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.k.arn
    }
  }
}`, "MODE", mode)
}
