package data

import (
	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// keys are all of them, in the order of the contract, and those of the stores
// that have one of their own.
func keys(p *platform.Platform) []render.Resource {
	out := []render.Resource{administration(p)}
	for _, k := range []key{
		logsKey(p), globalLogsKey(p), storesKey(p), secretsKey(p), volumesKey(p), clusterKey(p),
		backupKey(p), backupCopyKey(p),
	} {
		out = append(out, k.blocks(p)...)
	}
	for i := range p.Stores {
		if p.Stores[i].Key == "own" {
			out = append(out, storeKey(p, &p.Stores[i]).blocks(p)...)
		}
	}
	return in(keysFile, append(out, diskDefault()...))
}

// use are the actions of whatever reads and writes what a key seals.
var use = []string{"kms:Decrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:Encrypt", "kms:DescribeKey"}

func account(p *platform.Platform) terraform.Object {
	return terraform.Obj("AWS", "arn:aws:iam::"+p.Account+":root")
}

// via are the names by which AWS services ask a key on behalf of who calls them.
func via(region string, services ...string) []string {
	var out []string
	for _, s := range services {
		out = append(out, s+"."+region+".amazonaws.com")
	}
	return out
}

// through lets those whom IAM lets use the key, and only by way of the services:
// nobody opens a data key by hand.
func through(p *platform.Platform, region string, services ...string) render.Statement {
	return render.Statement{
		Sid: "ThroughServices", Principal: account(p), Action: use, Resource: []any{"*"},
		Condition: []render.Condition{{Operator: "StringEquals", Key: "kms:ViaService", Value: via(region, services...)}},
	}
}

// grant lets services that keep data make the grants by which they open it again
// after a failover, when nobody calls them.
func grant(p *platform.Platform, region string, services ...string) render.Statement {
	return render.Statement{
		Sid: "GrantsForServices", Principal: account(p), Action: []string{"kms:CreateGrant"}, Resource: []any{"*"},
		Condition: []render.Condition{
			{Operator: "Bool", Key: "kms:GrantIsForAWSResource", Value: "true"},
			{Operator: "StringEquals", Key: "kms:ViaService", Value: via(region, services...)},
		},
	}
}

// logGroups lets CloudWatch Logs seal the account's log groups (CloudWatch Logs
// User Guide, "Encrypt log data").
func logGroups(p *platform.Platform, region string) render.Statement {
	return render.Statement{
		Sid: "LogGroups", Principal: terraform.Obj("Service", "logs."+region+".amazonaws.com"), Action: use, Resource: []any{"*"},
		Condition: []render.Condition{{Operator: "ArnLike", Key: "kms:EncryptionContext:aws:logs:arn", Value: "arn:aws:logs:" + region + ":" + p.Account + ":*"}},
	}
}

// topics lets those that publish to sealed topics do so, whatever they are; the
// topic's own policy says who may.
func topics(p *platform.Platform, region string) render.Statement {
	return render.Statement{
		Sid:       "Topics",
		Principal: terraform.Obj("Service", []string{"cloudwatch.amazonaws.com", "events.amazonaws.com", "backup.amazonaws.com", "budgets.amazonaws.com"}),
		Action:    []string{"kms:Decrypt", "kms:GenerateDataKey"}, Resource: []any{"*"},
		Condition: []render.Condition{{Operator: "ArnLike", Key: "kms:EncryptionContext:aws:sns:topicArn", Value: "arn:aws:sns:" + region + ":" + p.Account + ":*"}},
	}
}

// delivery lets services that write logs to a bucket by themselves seal them.
func delivery(p *platform.Platform) render.Statement {
	return render.Statement{
		Sid: "LogDelivery",
		Principal: terraform.Obj("Service", []string{
			"delivery.logs.amazonaws.com", "config.amazonaws.com", "guardduty.amazonaws.com", "macie.amazonaws.com",
		}),
		Action: []string{"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:DescribeKey"}, Resource: []any{"*"},
		Condition: []render.Condition{{Operator: "StringEquals", Key: "aws:SourceAccount", Value: p.Account}},
	}
}

func logsKey(p *platform.Platform) key {
	return key{
		name: "logs", description: p.Name + ": logs, trails and alerts", paths: []string{"logs"},
		users: []render.Statement{
			logGroups(p, p.Region),
			topics(p, p.Region),
			delivery(p),
			{
				Sid: "Trail", Principal: terraform.Obj("Service", "cloudtrail.amazonaws.com"),
				Action: []string{"kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:Decrypt", "kms:DescribeKey"}, Resource: []any{"*"},
				Condition: []render.Condition{{Operator: "StringLike", Key: "kms:EncryptionContext:aws:cloudtrail:arn", Value: "arn:aws:cloudtrail:*:" + p.Account + ":trail/*"}},
			},
			{
				Sid: "Sessions", Principal: account(p), Action: []string{"kms:Decrypt", "kms:GenerateDataKey"}, Resource: []any{"*"},
				Condition: []render.Condition{{Operator: "StringLike", Key: "kms:EncryptionContext:aws:ssm:SessionId", Value: "*"}},
			},
			through(p, p.Region, "s3", "sns", "sqs", "lambda", "firehose", "logs"),
		},
	}
}

func globalLogsKey(p *platform.Platform) key {
	return key{
		name: "logs-global", description: p.Name + ": logs and alerts of what lives in us-east-1", paths: []string{"logs"},
		provider: render.ProviderGlobal,
		users: []render.Statement{
			logGroups(p, "us-east-1"),
			topics(p, "us-east-1"),
			through(p, "us-east-1", "s3", "sns", "sqs", "lambda", "firehose", "logs"),
		},
		note: "CloudFront's web ACLs, and the alarms of CloudFront and Route 53, live in us-east-1, and a key serves one region",
	}
}

// storeServices are the services that keep what is sealed with the stores' keys.
var storeServices = []string{"rds", "elasticache", "kafka", "dynamodb", "backup", "ecr", "sqs"}

func storesKey(p *platform.Platform) key {
	k := key{
		name: "stores", description: p.Name + ": stores without a key of their own", paths: []string{"stores"},
		users: []render.Statement{
			through(p, p.Region, append([]string{"s3"}, storeServices...)...),
			grant(p, p.Region, storeServices...),
			discoverer(p),
		},
	}
	for i := range p.Stores {
		if s := &p.Stores[i]; s.Key != "own" {
			k.users = append(k.users, storeUsers(p, s)...)
			k.controls = append(k.controls, contexts(p, s)...)
		}
	}
	return k
}

// discoverer lets Macie read the objects that it looks through. Its role has no
// permissions of its own for keys (Macie User Guide, "Analyzing encrypted Amazon S3
// objects"), and is made by AWS when Macie is switched on, so that a condition
// names it.
func discoverer(p *platform.Platform) render.Statement {
	return render.Statement{
		Sid: "Discovery", Principal: terraform.Obj("AWS", "*"), Action: []string{"kms:Decrypt"}, Resource: []any{"*"},
		Condition: []render.Condition{
			{Operator: "StringEquals", Key: "kms:CallerAccount", Value: p.Account},
			{Operator: "StringEquals", Key: "kms:ViaService", Value: via(p.Region, "s3")[0]},
			{Operator: "ArnEquals", Key: "aws:PrincipalArn", Value: "arn:aws:iam::" + p.Account + ":role/aws-service-role/macie.amazonaws.com/AWSServiceRoleForAmazonMacie"},
		},
	}
}

// storeKey is the key of a store that shares none.
func storeKey(p *platform.Platform, s *platform.Store) key {
	services := map[platform.Engine][]string{
		platform.Postgres: {"rds", "backup"}, platform.MySQL: {"rds", "backup"},
		platform.Redis: {"elasticache"}, platform.Kafka: {"kafka"}, platform.S3: {"backup"},
	}[s.Engine]
	k := key{
		name: s.Name, description: p.Name + ": " + s.Name + " alone", paths: []string{"stores." + s.Name + ".key"},
		tags: storeTags(p, s), controls: contexts(p, s),
	}
	if s.IsBucket() {
		k.users = append(k.users, through(p, p.Region, "s3", "backup"), discoverer(p))
	} else {
		k.users = append(k.users, through(p, p.Region, services...))
	}
	k.users = append(k.users, grant(p, p.Region, services...))
	k.users = append(k.users, storeUsers(p, s)...)
	return k
}

func secretsKey(p *platform.Platform) key {
	return key{
		name: "secrets", description: p.Name + ": secrets in Secrets Manager", paths: []string{"platform"},
		users: []render.Statement{
			through(p, p.Region, "secretsmanager", "ssm", "lambda", "rds"),
			grant(p, p.Region, "secretsmanager", "lambda", "rds"),
		},
	}
}

// volumesKey seals the disks of the nodes. The role by which EC2 Auto Scaling
// starts them has no permissions of its own for keys, so that the key has to name
// it (Amazon EC2 Auto Scaling User Guide, "Required KMS key policy for use with
// encrypted volumes"); as it is made by AWS with the first group, a condition
// names it, for a principal would have to be there already.
func volumesKey(p *platform.Platform) key {
	scaling := "arn:aws:iam::" + p.Account + ":role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
	nodes := func(sid string, actions []string, more ...render.Condition) render.Statement {
		return render.Statement{
			Sid: sid, Principal: terraform.Obj("AWS", "*"), Action: actions, Resource: []any{"*"},
			Condition: append([]render.Condition{
				{Operator: "StringEquals", Key: "kms:CallerAccount", Value: p.Account},
				{Operator: "StringEquals", Key: "kms:ViaService", Value: "ec2." + p.Region + ".amazonaws.com"},
				{Operator: "ArnEquals", Key: "aws:PrincipalArn", Value: scaling},
			}, more...),
		}
	}
	return key{
		name: "volumes", description: p.Name + ": disks of nodes and pods", paths: []string{"cluster"},
		users: []render.Statement{
			through(p, p.Region, "ec2"),
			grant(p, p.Region, "ec2"),
			nodes("NodeDisks", use),
			nodes("NodeDiskGrants", []string{"kms:CreateGrant"}, render.Condition{Operator: "Bool", Key: "kms:GrantIsForAWSResource", Value: "true"}),
		},
	}
}

// clusterKey seals the Kubernetes secrets. The cluster uses it by a grant that is
// made when the cluster is; kms:GrantIsForAWSResource does not hold then (Amazon
// EKS User Guide, "Encrypt Kubernetes secrets with KMS"), so that the grant is
// bounded by what it may hold.
func clusterKey(p *platform.Platform) key {
	return key{
		name: "cluster", description: p.Name + ": secrets of the cluster", paths: []string{"cluster"},
		users: []render.Statement{{
			Sid: "ClusterGrant", Principal: account(p), Action: []string{"kms:CreateGrant"}, Resource: []any{"*"},
			Condition: []render.Condition{
				{Operator: "ForAllValues:StringEquals", Key: "kms:GrantOperations", Value: []string{"Encrypt", "Decrypt", "DescribeKey", "GenerateDataKey", "ReEncryptFrom", "ReEncryptTo", "RetireGrant"}},
				{Operator: "ArnLike", Key: "aws:PrincipalArn", Value: render.Administrators},
			},
		}},
	}
}

func backupKey(p *platform.Platform) key {
	return key{
		name: "backup", description: p.Name + ": backups", paths: []string{"stores"}, controls: []string{"data.backups"},
		users: []render.Statement{
			through(p, p.Region, "backup", "rds", "s3", "dynamodb"),
			grant(p, p.Region, "backup", "rds", "dynamodb"),
		},
	}
}

func backupCopyKey(p *platform.Platform) key {
	return key{
		name: "backup-copy", description: p.Name + ": copies of the backups", paths: []string{"backupRegion"}, controls: []string{"data.backups"},
		provider: render.ProviderBackup,
		users: []render.Statement{
			logGroups(p, p.BackupRegion),
			through(p, p.BackupRegion, "backup", "rds", "s3", "dynamodb"),
			grant(p, p.BackupRegion, "backup", "rds", "dynamodb"),
		},
		note: "a copy under the key that the original is under would be lost with it",
	}
}

// diskDefault seals every disk of the region that says nothing itself.
func diskDefault() []render.Resource {
	return []render.Resource{
		terraform.Resource("aws_ebs_encryption_by_default", "main", terraform.Set("enabled", true)).For("data.at-rest").
			Note("every disk, also one that somebody makes by hand"),
		terraform.Resource("aws_ebs_default_kms_key", "main", terraform.Set("key_arn", render.KeyARN("volumes"))).For("data.at-rest"),
	}
}
