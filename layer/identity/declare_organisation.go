package identity

import (
	"slices"

	"fathom/render"
	"fathom/render/terraform"
)

// organisation renders what the organisation denies to the account, whatever
// its roles allow: people, the break-glass role and administrators included. Who
// applies the files is let off one statement alone, BucketsStayPrivate. None of
// the others denies what an apply does, the first or a later one, but for taking
// away again what they keep: that begins with lifting them in the management
// account. Only that account, or one that it has made delegated administrator of
// these policies, may apply them.
func (d *declaration) organisation() {
	d.orgPolicy("scp_guardrails", "guardrails", "SERVICE_CONTROL_POLICY",
		"the account stays in the organisation, watched and with its keys; people have MFA, and no credential lasts. "+
			"It holds for whoever applies these files too: to take down what it keeps, or the policy itself, lift it in the management account",
		d.stay()...).For("identity.guardrails", "identity.mfa", "identity.no-long-keys")
	d.orgPolicy("scp_data", "data", "SERVICE_CONTROL_POLICY",
		"buckets stay private, disks and databases sealed, and nodes with IMDSv2; who applies these files sets what keeps buckets private",
		d.sealed()...).For("identity.guardrails", "data.s3-private", "data.at-rest")
	d.orgPolicy("scp_regions", "regions", "SERVICE_CONTROL_POLICY",
		"data stays in its regions; in us-east-1 there is only what CloudFront asks for there, and what watches is everywhere",
		d.residency()...).For("identity.guardrails", "data.residency")
	d.orgPolicy("rcp_perimeter", "perimeter", "RESOURCE_CONTROL_POLICY",
		"whatever a bucket's or a key's own policy says, only the organisation and AWS on its behalf come in, and only by TLS",
		d.perimeter()...).For("identity.guardrails")
	d.add(terraform.Resource("aws_iam_organizations_features", "root",
		set("enabled_features", []string{"RootCredentialsManagement", "RootSessions"}),
	)).For("identity.no-long-keys").From("organization").
		Note("member accounts have no root credentials at all; it applies in the management account, or one that administers IAM for it")
}

// orgPolicy renders a policy and its attachment.
func (d *declaration) orgPolicy(label, name, kind, says string, statements ...render.Statement) *terraform.Block {
	target := d.p.Unit
	if target == "" {
		target = d.p.Account
	}
	b := d.add(terraform.Resource("aws_organizations_policy", label,
		set("name", render.Name(d.p, name)),
		set("type", kind),
		set("content", render.Policy(statements...)),
	)).From("organization").Note(says)
	d.add(terraform.Resource("aws_organizations_policy_attachment", label,
		set("policy_id", terraform.Expr("aws_organizations_policy."+label+".id")),
		set("target_id", target),
	)).For("identity.guardrails").From("organization", "unit")
	return b
}

func deny(name string, actions []string, conditions ...render.Condition) render.Statement {
	return render.Statement{Sid: name, Effect: "Deny", Action: actions, Resource: []any{"*"}, Condition: conditions}
}

func when(operator, key string, value any) render.Condition {
	return render.Condition{Operator: operator, Key: key, Value: value}
}

// stay is what keeps the account, its logs and its keys.
func (d *declaration) stay() []render.Statement {
	return []render.Statement{
		deny("TheAccountStays", staying),
		deny("WhatWatchesStaysOn", watching),
		deny("KeysAndBackupsStay", sealing),
		deny("NothingThatLasts", lasting),
		// a session that the management account opens centrally carries
		// aws:AssumedRoot; the root user's own credentials do not
		deny("NobodyIsRoot", []string{"*"},
			when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:root"),
			when("Null", "aws:AssumedRoot", "true")),
		{
			Sid: "UsersOnlyWithMFA", Effect: "Deny",
			NotAction: []string{
				"iam:ChangePassword", "iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:GetMFADevice", "iam:GetUser",
				"iam:ListMFADevices", "iam:ListVirtualMFADevices", "iam:ResyncMFADevice", "sts:GetSessionToken",
			},
			Resource: []any{"*"},
			Condition: []render.Condition{
				when("BoolIfExists", "aws:MultiFactorAuthPresent", "false"),
				when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:user/*"), // roles' tokens carry no such key
			},
		},
		// their sessions carry no aws:MultiFactorAuthPresent. The identity provider
		// says so in an attribute, which becomes a tag of the session; a tag that is
		// not there is not equal either
		deny("PeopleOnlyWithMFA", []string{"*"},
			when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*"),
			when("StringNotEquals", "aws:PrincipalTag/mfa", "true")),
	}
}

// sealed is what keeps data from being public or in the clear.
func (d *declaration) sealed() []render.Statement {
	volumes := deny("DisksAreSealed", []string{"ec2:RunInstances"}, when("Bool", "ec2:Encrypted", "false"))
	volumes.Resource = []any{"arn:aws:ec2:*:*:volume/*"}
	nodes := deny("NodesHaveIMDSv2", []string{"ec2:RunInstances"}, when("StringNotEquals", "ec2:MetadataHttpTokens", "required"))
	nodes.Resource = []any{"arn:aws:ec2:*:*:instance/*"}
	return []render.Statement{
		deny("BucketsStayPrivate", opening, when("ArnNotLike", "aws:PrincipalArn", render.Administrators)),
		deny("NoPublicACL", []string{"s3:CreateBucket", "s3:PutBucketAcl", "s3:PutObject", "s3:PutObjectAcl"},
			when("StringEquals", "s3:x-amz-acl", []string{"authenticated-read", "public-read", "public-read-write"})),
		deny("NewDisksAreSealed", []string{"ec2:CreateVolume"}, when("Bool", "ec2:Encrypted", "false")),
		volumes,
		nodes,
		deny("ClustersAreSealed", []string{"rds:CreateDBCluster"}, when("Bool", "rds:StorageEncrypted", "false")),
		// an instance of Aurora has the disks of its cluster: asked for alone, it
		// seems to be without a seal
		deny("DatabasesAreSealed", []string{"rds:CreateDBInstance"},
			when("Bool", "rds:StorageEncrypted", "false"),
			when("StringNotLike", "rds:DatabaseEngine", "aurora*")),
		deny("FilesAreSealed", []string{"elasticfilesystem:CreateFileSystem"}, when("Bool", "elasticfilesystem:Encrypted", "false")),
	}
}

// global are the services that are asked in one region wherever one is, and
// those that watch every region ("Deny access to AWS based on the requested AWS
// Region", AWS Organizations user guide).
var global = []string{
	"access-analyzer:*", "account:*", "budgets:*", "ce:*", "cloudfront:*", "cloudfront-keyvaluestore:*", "cloudtrail:*", "config:*",
	"guardduty:*", "health:*", "iam:*", "organizations:*", "route53:*", "route53domains:*", "securityhub:*", "shield:*", "sts:*",
	"support:*", "trustedadvisor:*",
}

// beside is what CloudFront and Route 53 need in us-east-1: certificates, web
// ACLs, their logs and alarms.
var beside = []string{"acm:*", "cloudwatch:*", "events:*", "firehose:*", "kms:*", "lambda:*", "logs:*", "sns:*", "wafv2:*"}

// residency keeps data in the platform's two regions.
func (d *declaration) residency() []render.Statement {
	return []render.Statement{
		elsewhere("DataStaysInItsRegions", slices.Concat(global, beside), regions(d.p)),
		elsewhere("AndNothingGoesElsewhere", global, regions(d.p, "us-east-1")),
	}
}

// perimeter lets in the organisation's own principals, and services of AWS that
// act for it ("Data perimeters on AWS"). A token of an identity provider carries
// no organisation: AssumeRoleWithWebIdentity is left to the trust policies.
func (d *declaration) perimeter() []render.Statement {
	of := func(name string, actions []string, conditions ...render.Condition) render.Statement {
		s := deny(name, actions, conditions...)
		s.Principal = "*"
		return s
	}
	guarded := []string{"kms:*", "s3:*", "secretsmanager:*", "sqs:*", "sts:AssumeRole"}
	return []render.Statement{
		of("OnlyTheOrganisation", guarded,
			when("StringNotEqualsIfExists", "aws:PrincipalOrgID", d.p.Organization),
			when("BoolIfExists", "aws:PrincipalIsAWSService", "false")),
		of("ServicesOnlyForTheOrganisation", []string{"kms:*", "s3:*", "secretsmanager:*", "sqs:*"},
			when("StringNotEqualsIfExists", "aws:SourceOrgID", d.p.Organization),
			when("Null", "aws:SourceAccount", "false"),
			when("Bool", "aws:PrincipalIsAWSService", "true")),
		of("OnlyTLS", []string{"kms:*", "s3:*", "secretsmanager:*", "sqs:*"},
			when("BoolIfExists", "aws:SecureTransport", "false")),
	}
}
