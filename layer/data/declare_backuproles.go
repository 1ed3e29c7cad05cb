package data

import (
	"slices"

	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// relational are the engines that are Aurora.
var relationalEngines = []platform.Engine{platform.Postgres, platform.MySQL}

// backupRole reads what is backed up and writes no more than snapshots. It holds
// what the managed policies of AWS Backup grant for these kinds of resources, on
// these resources (AWS Backup Developer Guide, "Managed policies").
func backupRole(p *platform.Platform, all []guarded) []render.Resource {
	region := "arn:aws:rds:" + p.Region + ":" + p.Account + ":"
	away := "arn:aws:rds:" + p.BackupRegion + ":" + p.Account + ":"
	snapshots := []any{region + "cluster-snapshot:awsbackup:*", away + "cluster-snapshot:awsbackup:*"}
	var st []render.Statement
	if clusters := arns(all, relationalEngines...); len(clusters) > 0 {
		st = append(st,
			render.Statement{Sid: "SnapshotClusters", Action: []string{
				"rds:CreateDBClusterSnapshot", "rds:DescribeDBClusters", "rds:ListTagsForResource", "rds:DescribeDBClusterAutomatedBackups",
			}, Resource: append(clusters, snapshots...)},
			render.Statement{Sid: "Snapshots", Action: []string{
				"rds:AddTagsToResource", "rds:CopyDBClusterSnapshot", "rds:DeleteDBClusterSnapshot", "rds:DescribeDBClusterSnapshots",
				"rds:ModifyDBClusterSnapshotAttribute",
			}, Resource: snapshots},
		)
	}
	if buckets := arns(all, platform.S3); len(buckets) > 0 {
		st = append(st, bucketBackup(p, buckets)...)
	}
	if tables := arns(all, ""); len(tables) > 0 {
		st = append(st, render.Statement{Sid: "Tables", Action: []string{
			"dynamodb:CreateBackup", "dynamodb:DescribeBackup", "dynamodb:DescribeTable", "dynamodb:ListTagsOfResource", "dynamodb:StartAwsBackupJob",
		}, Resource: append(tables, backupsOf(tables)...)})
	}
	st = append(st,
		render.Statement{
			Sid: "Vaults", Action: []string{"backup:CopyFromBackupVault", "backup:CopyIntoBackupVault", "backup:DescribeBackupVault"},
			Resource: vaultARNs(all),
		},
		render.Statement{Sid: "Tags", Action: []string{"backup:TagResource", "tag:GetResources"}, Resource: []any{"*"}},
	)
	st = append(st, keysFor(p, all, "backup", "rds", "s3", "dynamodb")...)
	return roleWith(p, "backup", st)
}

// roleWith is a role that AWS Backup takes for this account, with its policy.
func roleWith(p *platform.Platform, name string, st []render.Statement) []render.Resource {
	return []render.Resource{
		render.Role(p, name, name, render.TrustService(p, "backup.amazonaws.com")).For("data.backups").From("stores"),
		render.RolePolicy(name, st...).For("data.backups").From("stores"),
	}
}

func vaultARNs(all []guarded) []any {
	var out []any
	for _, g := range all {
		vault := "aws_backup_vault." + render.Label(g.name)
		out = append(out, terraform.Expr(vault+".arn"), terraform.Expr(vault+"_copy.arn"))
	}
	return out
}

func backupsOf(tables []any) []any {
	var out []any
	for _, t := range tables {
		out = append(out, t.(string)+"/backup/*")
	}
	return out
}

// bucketBackup reads buckets; AWS Backup learns of changes by a rule of its own.
func bucketBackup(p *platform.Platform, buckets []any) []render.Statement {
	return []render.Statement{
		{Sid: "Buckets", Action: []string{
			"s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketNotification", "s3:GetBucketTagging", "s3:GetBucketVersioning",
			"s3:GetInventoryConfiguration", "s3:ListBucket", "s3:ListBucketVersions", "s3:PutBucketNotification", "s3:PutInventoryConfiguration",
		}, Resource: buckets},
		{Sid: "Objects", Action: []string{
			"s3:GetObject", "s3:GetObjectAcl", "s3:GetObjectTagging", "s3:GetObjectVersion", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging",
		}, Resource: inside(buckets)},
		{Sid: "Changes", Action: []string{
			"events:DeleteRule", "events:DescribeRule", "events:DisableRule", "events:EnableRule", "events:ListTargetsByRule",
			"events:PutRule", "events:PutTargets", "events:RemoveTargets",
		}, Resource: []any{"arn:aws:events:" + p.Region + ":" + p.Account + ":rule/AwsBackupManagedRule*"}},
		{Sid: "Sizes", Action: []string{"cloudwatch:GetMetricData", "events:ListRules", "s3:ListAllMyBuckets"}, Resource: []any{"*"}},
	}
}

// keysFor lets a role of AWS Backup use the keys of what it backs up and of the
// vaults, by way of the services that it calls, and let these services keep them.
func keysFor(p *platform.Platform, all []guarded, services ...string) []render.Statement {
	names := []string{"backup", "backup_copy"}
	for _, g := range all {
		if !slices.Contains(names, g.key) {
			names = append(names, g.key)
		}
	}
	var keys []any
	for _, n := range names {
		keys = append(keys, render.KeyARN(n))
	}
	from := render.Condition{Operator: "StringEquals", Key: "kms:ViaService", Value: append(via(p.Region, services...), via(p.BackupRegion, services...)...)}
	return []render.Statement{
		{Sid: "DescribeKeys", Action: []string{"kms:DescribeKey"}, Resource: keys},
		{Sid: "UseKeys", Action: []string{
			"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo",
		}, Resource: keys, Condition: []render.Condition{from}},
		{Sid: "GrantKeys", Action: []string{"kms:CreateGrant"}, Resource: keys, Condition: []render.Condition{
			{Operator: "Bool", Key: "kms:GrantIsForAWSResource", Value: "true"}, from,
		}},
	}
}

// restoreRole makes what the weekly tests restore, under the names that AWS
// Backup gives it, and nothing else. What is restored is deleted by a role of
// AWS's own.
func restoreRole(p *platform.Platform, all []guarded) []render.Resource {
	region := "arn:aws:rds:" + p.Region + ":" + p.Account + ":"
	test := "awsbackup-restore-test-*"
	var st []render.Statement
	if len(arns(all, relationalEngines...)) > 0 {
		st = append(st,
			render.Statement{Sid: "RestoreClusters", Action: []string{
				"rds:AddTagsToResource", "rds:DescribeDBClusters", "rds:ListTagsForResource", "rds:RestoreDBClusterFromSnapshot",
			}, Resource: append([]any{
				region + "cluster:" + test, region + "cluster-snapshot:awsbackup:*", region + "cluster-pg:*",
			}, subnetGroupARNs(p, all)...)},
			render.Statement{Sid: "LookAtSnapshots", Action: []string{"rds:DescribeDBClusterSnapshots"}, Resource: []any{region + "cluster-snapshot:*"}},
		)
	}
	if len(arns(all, platform.S3)) > 0 {
		st = append(st,
			render.Statement{Sid: "RestoreBuckets", Action: []string{
				"s3:CreateBucket", "s3:GetBucketLocation", "s3:GetBucketOwnershipControls", "s3:GetBucketVersioning",
				"s3:ListBucket", "s3:ListBucketVersions", "s3:PutBucketOwnershipControls", "s3:PutBucketVersioning",
			}, Resource: []any{"arn:aws:s3:::" + test}},
			render.Statement{Sid: "RestoreObjects", Action: []string{
				"s3:DeleteObject", "s3:DeleteObjectVersion", "s3:GetObject", "s3:GetObjectAcl", "s3:GetObjectTagging", "s3:GetObjectVersion",
				"s3:GetObjectVersionAcl", "s3:ListMultipartUploadParts", "s3:PutObject", "s3:PutObjectAcl", "s3:PutObjectTagging", "s3:PutObjectVersionAcl",
			}, Resource: []any{"arn:aws:s3:::" + test + "/*"}},
		)
	}
	if tables := arns(all, ""); len(tables) > 0 {
		made := "arn:aws:dynamodb:" + p.Region + ":" + p.Account + ":table/" + test
		st = append(st, render.Statement{Sid: "RestoreTables", Action: []string{
			"dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:PutItem",
			"dynamodb:Query", "dynamodb:RestoreTableFromAwsBackup", "dynamodb:RestoreTableFromBackup", "dynamodb:Scan", "dynamodb:UpdateItem",
		}, Resource: append([]any{made}, backupsOf(tables)...)})
	}
	st = append(st, keysFor(p, all, "backup", "rds", "s3", "dynamodb")...)
	return roleWith(p, "restore", st)
}

// subnetGroupARNs are the groups of subnets that databases are restored into.
func subnetGroupARNs(p *platform.Platform, all []guarded) []any {
	var out []any
	for _, g := range all {
		if !slices.Contains(relationalEngines, g.engine) {
			continue
		}
		t := render.Database
		if g.isolate {
			t = render.Vault
		}
		arn := "arn:aws:rds:" + p.Region + ":" + p.Account + ":subgrp:" + render.Name(p, string(t))
		if !slices.Contains(out, any(arn)) {
			out = append(out, arn)
		}
	}
	return out
}
