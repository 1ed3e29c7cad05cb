package identity

import (
	"slices"

	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// What nobody undoes: the boundary denies it to the roles made here, the
// organisation's policies to everybody in the account.
var (
	// watching are the requests that stop what watches.
	watching = []string{
		"access-analyzer:DeleteAnalyzer", "cloudtrail:DeleteTrail", "cloudtrail:StopLogging",
		"config:DeleteConfigurationRecorder", "config:DeleteDeliveryChannel", "config:StopConfigurationRecorder",
		"ec2:DeleteFlowLogs", "guardduty:DeleteDetector", "guardduty:DisassociateFromAdministratorAccount",
		"guardduty:StopMonitoringMembers", "macie2:DisableMacie", "securityhub:DisableSecurityHub",
	}
	// sealing are those that make data unreadable, or take away the copies.
	sealing = []string{
		"backup:DeleteBackupVault", "backup:DeleteRecoveryPoint", "kms:DeleteImportedKeyMaterial", "kms:DisableKey",
		"kms:ScheduleKeyDeletion", "s3:BypassGovernanceRetention",
	}
	// staying are those that take the account from under its guardrails.
	staying = []string{
		"account:CloseAccount", "organizations:DeletePolicy", "organizations:DetachPolicy",
		"organizations:DisablePolicyType", "organizations:LeaveOrganization",
	}
	// lasting are those that make credentials which do not expire.
	lasting = []string{
		"iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:CreateServiceSpecificCredential", "iam:CreateUser",
		"iam:UploadSigningCertificate", "iam:UploadSSHPublicKey",
	}
	// entering are those that say whose tokens are taken, and for which role.
	entering = []string{
		"eks:AssociateAccessPolicy", "eks:CreateAccessEntry", "eks:CreatePodIdentityAssociation", "eks:UpdateAccessEntry",
		"eks:UpdatePodIdentityAssociation", "iam:AddClientIDToOpenIDConnectProvider", "iam:CreateOpenIDConnectProvider",
		"iam:CreateSAMLProvider", "iam:UpdateAssumeRolePolicy", "iam:UpdateOpenIDConnectProviderThumbprint", "iam:UpdateSAMLProvider",
	}
	// handing are those that hand a copy of data, or a way to it, to another account.
	handing = []string{
		"ec2:ModifyImageAttribute", "ec2:ModifySnapshotAttribute", "lambda:AddPermission", "rds:ModifyDBClusterSnapshotAttribute",
		"rds:ModifyDBSnapshotAttribute", "rds:StartExportTask", "s3:PutBucketPolicy", "s3:PutReplicationConfiguration",
		"secretsmanager:PutResourcePolicy", "sns:AddPermission", "sqs:AddPermission", "ssm:ModifyDocumentPermission",
	}
	// blinding are those that have the detections see nothing, alarms and rules tell
	// nobody, or runbooks do something else. An apply makes them; roles never do.
	blinding = []string{
		"cloudwatch:Delete*", "cloudwatch:DisableAlarmActions", "cloudwatch:PutMetricAlarm", "cloudwatch:SetAlarmState",
		"config:DeleteConfigRule", "events:Delete*", "events:DisableRule", "events:PutRule", "events:PutTargets", "events:RemoveTargets",
		"guardduty:CreateFilter", "guardduty:CreateIPSet", "guardduty:DeletePublishingDestination", "guardduty:Update*",
		"lambda:DeleteFunction*", "lambda:UpdateFunction*", "logs:DeleteLogGroup", "logs:DeleteLogStream", "logs:DeleteMetricFilter",
		"logs:DeleteSubscriptionFilter", "logs:PutMetricFilter", "logs:PutSubscriptionFilter", "sns:DeleteTopic", "sns:Set*",
		"sns:Unsubscribe", "ssm:DeleteDocument", "ssm:UpdateDocument*",
	}
	// opening are those with which buckets are made public.
	opening = []string{"s3:PutAccountPublicAccessBlock", "s3:PutBucketPublicAccessBlock"}
)

// boundaryName is the name of the policy: its own text has to name it.
const boundaryName = "boundary"

// boundary renders the ceiling of every role, and of every permission set. It
// allows all that their own policies do, but for what none of them may ever do.
// AWS Backup shares and copies snapshots, and follows changes in buckets by rules
// that it makes: the role that it has, which trusts nobody else, is let off one
// statement, and its own policy says which snapshots and rules these are.
func (d *declaration) boundary() {
	p := d.p
	arn := "arn:aws:iam::" + p.Account + ":policy/" + render.Name(p, boundaryName)
	roles := "arn:aws:iam::" + p.Account + ":role/*"
	deny := func(name string, actions []string, resource string, conditions ...render.Condition) render.Statement {
		return render.Statement{Sid: name, Effect: "Deny", Action: actions, Resource: []any{resource}, Condition: conditions}
	}
	d.add(terraform.Resource("aws_iam_policy", "boundary",
		set("name", render.Name(p, boundaryName)),
		set("description", "What no role of "+p.Name+" may ever do"),
		set("policy", render.Policy(
			render.Statement{Sid: "WhatTheRoleMayDo", Action: []string{"*"}, Resource: []any{"*"}},
			deny("NothingThatLasts", lasting, "*"),
			deny("NewRolesHaveThisBoundary", []string{
				"iam:AttachRolePolicy", "iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy",
			}, roles, render.Condition{Operator: "StringNotEquals", Key: "iam:PermissionsBoundary", Value: arn}),
			deny("NoRoleLosesIt", []string{"iam:DeleteRolePermissionsBoundary"}, roles),
			deny("ItStaysAsItIs", []string{
				"iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:DeletePolicyVersion", "iam:SetDefaultPolicyVersion",
			}, arn),
			deny("TheAccountStays", staying, "*"),
			deny("WhatWatchesStaysOn", watching, "*"),
			deny("KeysAndBackupsStay", sealing, "*"),
			deny("WhoAppliesChangesThese", slices.Concat(entering, opening, []string{
				"cloudtrail:PutEventSelectors", "cloudtrail:UpdateTrail", "kms:PutKeyPolicy",
			}), "*"),
			deny("CopiesStayAndDetectionsGoOn", slices.Concat(handing, blinding), "*",
				render.Condition{Operator: "ArnNotEquals", Key: "aws:PrincipalArn", Value: render.RoleARN(p, "backup")}),
			elsewhere("OnlyInTheseRegions", global, regions(p, "us-east-1")),
		)),
	)).For("identity.guardrails", "identity.least-privilege").From("account", "region", "backupRegion").
		Note("every role and every permission set here has this boundary, so that none of them can do what an apply does; who applies has a role that is not rendered")
}

// elsewhere denies all but some actions outside of some regions.
func elsewhere(name string, but, regions []string) render.Statement {
	return render.Statement{
		Sid: name, Effect: "Deny", NotAction: but, Resource: []any{"*"},
		Condition: []render.Condition{{Operator: "StringNotEquals", Key: "aws:RequestedRegion", Value: regions}},
	}
}

// regions are the platform's, and others, each once.
func regions(p *platform.Platform, others ...string) []string {
	out := append([]string{p.Region, p.BackupRegion}, others...)
	slices.Sort(out)
	return slices.Compact(out)
}
