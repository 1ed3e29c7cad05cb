package identity

import (
	"slices"
	"testing"

	"fathom/engine/iam"
	"fathom/engine/iam/access"
	"fathom/estate"
	"fathom/layer/layertest"
	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// Whatever the policies of a role allow, the boundary and the organisation take
// from it what nobody may do, and leave the rest.
func TestWhatNobodyMayDo(t *testing.T) {
	for _, name := range layertest.Examples {
		p := layertest.Platform(t, name)
		out, err := declare(p)
		if err != nil {
			t.Fatal(err)
		}
		anything := render.Policy(render.Statement{Action: []string{"*"}, Resource: []any{"*"}})
		role := func(label, path, name string, boundary any) []render.Resource {
			return []render.Resource{
				terraform.Resource("aws_iam_role", label, set("name", name), set("path", path),
					set("assume_role_policy", render.TrustService(p, "lambda.amazonaws.com")), set("permissions_boundary", boundary)),
				terraform.Resource("aws_iam_role_policy", label, set("role", terraform.Expr("aws_iam_role."+label+".id")), set("policy", anything)),
			}
		}
		out = append(out, others(p)...)
		out = append(out, terraform.Resource("aws_sns_topic", "alarms", set("name", "alarms")))
		out = append(out, role("bound", "/", "bound", render.Boundary)...)
		out = append(out, role("applies", "/aws-reserved/sso.amazonaws.com/eu-west-1/", "AWSReservedSSO_AdministratorAccess_0123456789abcdef", nil)...)
		out = append(out, role("free", "/", "free", nil)...)
		w := access.New(estateOf(t, p, out))
		for _, tt := range forbidden(p) {
			for role, want := range map[string]bool{"bound": tt.bound, "applies": tt.applies, "free": tt.free} {
				who, err := w.Principal("aws_iam_role." + role)
				if err != nil {
					t.Fatal(err)
				}
				ctx := iam.Context{"aws:principaltag/mfa": iam.One("true")}
				for k, v := range tt.context {
					ctx[k] = iam.One(v)
				}
				wanted := estate.No
				if want {
					wanted = estate.Yes
				}
				if got := w.Ask(who, tt.action, tt.resource, ctx); got.Truth != wanted {
					t.Errorf("%s: %s on %s %v by role %s: got %v, want %v\n%v %v", name, tt.action, tt.resource, tt.context, role, got.Truth, wanted, got.Because, got.Doubts)
				}
			}
		}
	}
}

// What AWS Backup does with its own snapshots, and with rules that it makes, its
// role goes on doing.
func TestBackupsGoOn(t *testing.T) {
	for _, name := range layertest.Examples {
		p := layertest.Platform(t, name)
		out, err := declare(p)
		if err != nil {
			t.Fatal(err)
		}
		anything := render.Policy(render.Statement{Action: []string{"*"}, Resource: []any{"*"}})
		out = append(out, others(p)...)
		out = append(out, render.Role(p, "backup", "backup", render.TrustService(p, "backup.amazonaws.com")),
			terraform.Resource("aws_iam_role_policy", "backup", set("role", terraform.Expr("aws_iam_role.backup.id")), set("policy", anything)))
		w := access.New(estateOf(t, p, out))
		who, err := w.Principal("aws_iam_role.backup")
		if err != nil {
			t.Fatal(err)
		}
		for action, arn := range map[string]string{
			"rds:ModifyDBClusterSnapshotAttribute": "arn:aws:rds:" + p.Region + ":" + p.Account + ":cluster-snapshot:awsbackup:job-1",
			"events:PutRule":                       "arn:aws:events:" + p.Region + ":" + p.Account + ":rule/AwsBackupManagedRule1",
		} {
			if got := w.Ask(who, action, arn, nil); got.Truth != estate.Yes {
				t.Errorf("%s: %s: got %v, want yes\n%v %v", name, action, got.Truth, got.Because, got.Doubts)
			}
		}
	}
}

// attempt is a request, and whether three roles that may do anything may do it:
// one with the boundary, that of who applies, and another without the boundary.
type attempt struct {
	action, resource     string
	context              map[string]string
	bound, applies, free bool
}

func forbidden(p *platform.Platform) []attempt {
	in := func(service, region string) string {
		return "arn:aws:" + service + ":" + region + ":" + p.Account + ":"
	}
	boundary := in("iam", "") + "policy/" + render.Name(p, "boundary")
	role := in("iam", "") + "role/new"
	with := func(k, v string) map[string]string { return map[string]string{k: v} }
	i := slices.IndexFunc(p.Stores, func(s platform.Store) bool { return s.IsBucket() })
	bucket := "arn:aws:s3:::" + render.Name(p, p.Stores[i].Name)
	here := with("aws:requestedregion", p.Region)
	return []attempt{
		{"iam:CreateAccessKey", in("iam", "") + "user/a", nil, false, false, false},
		{"iam:CreateRole", role, with("iam:permissionsboundary", boundary), true, true, true},
		{"iam:CreateRole", role, nil, false, true, true},
		{"iam:PutRolePolicy", role, with("iam:permissionsboundary", in("iam", "")+"policy/wide"), false, true, true},
		{"iam:DeleteRolePermissionsBoundary", role, nil, false, true, true},
		{"iam:CreatePolicyVersion", boundary, nil, false, true, true},
		{"iam:UpdateAssumeRolePolicy", role, nil, false, true, true},
		{"eks:CreateAccessEntry", in("eks", p.Region) + "cluster/" + p.Name, nil, false, true, true},
		{"organizations:LeaveOrganization", "*", nil, false, false, false},
		{"cloudtrail:StopLogging", in("cloudtrail", p.Region) + "trail/main", nil, false, false, false},
		{"cloudtrail:UpdateTrail", in("cloudtrail", p.Region) + "trail/main", nil, false, true, true},
		{"kms:ScheduleKeyDeletion", in("kms", p.Region) + "key/k", nil, false, false, false},
		{"backup:DeleteRecoveryPoint", in("backup", p.Region) + "recovery-point:r", nil, false, false, false},
		{"s3:PutBucketPublicAccessBlock", bucket, here, false, true, false},
		{"rds:CreateDBCluster", in("rds", p.Region) + "cluster:c", with("rds:storageencrypted", "false"), false, false, false},
		{"rds:CreateDBInstance", in("rds", p.Region) + "db:c", map[string]string{"rds:storageencrypted": "false", "rds:databaseengine": "postgres"}, false, false, false},
		{"rds:CreateDBInstance", in("rds", p.Region) + "db:c", map[string]string{"rds:storageencrypted": "false", "rds:databaseengine": "aurora-postgresql"}, true, true, true},
		{"rds:DescribeDBClusters", in("rds", p.Region) + "cluster:c", nil, true, true, true},
		{"rds:DescribeDBClusters", in("rds", p.BackupRegion) + "cluster:c", nil, true, true, true},
		{"rds:DescribeDBClusters", in("rds", "ap-southeast-1") + "cluster:c", nil, false, false, false},
		{"rds:DescribeDBClusters", in("rds", "us-east-1") + "cluster:c", nil, false, false, false},
		{"rds:CreateDBClusterSnapshot", in("rds", p.Region) + "cluster:c", nil, true, true, true},
		{"rds:ModifyDBClusterSnapshotAttribute", in("rds", p.Region) + "cluster-snapshot:c", nil, false, true, true},
		{"ec2:ModifySnapshotAttribute", "arn:aws:ec2:" + p.Region + "::snapshot/s", nil, false, true, true},
		{"events:DisableRule", in("events", p.Region) + "rule/r", nil, false, true, true},
		{"events:PutEvents", in("events", p.Region) + "event-bus/default", nil, true, true, true},
		{"logs:DeleteMetricFilter", in("logs", p.Region) + "log-group:/trail:*", nil, false, true, true},
		{"logs:PutLogEvents", in("logs", p.Region) + "log-group:/trail:log-stream:s", nil, true, true, true},
		{"cloudwatch:DeleteAlarms", in("cloudwatch", p.Region) + "alarm:a", nil, false, true, true},
		{"sns:DeleteTopic", in("sns", p.Region) + "alarms", nil, false, true, true},
		{"sns:SetTopicAttributes", in("sns", p.Region) + "alarms", nil, false, true, true},
		{"sns:Subscribe", in("sns", p.Region) + "alarms", nil, true, true, true},
		{"ssm:DeleteDocument", in("ssm", p.Region) + "document/d", nil, false, true, true},
		{"ssm:StartAutomationExecution", in("ssm", p.Region) + "automation-definition/d:1", nil, true, true, true},
		{"acm:DescribeCertificate", in("acm", "us-east-1") + "certificate/c", nil, true, true, true},
		{"guardduty:ListDetectors", in("guardduty", "ap-southeast-1") + "detector/d", nil, true, true, true},
		{"iam:ListRoles", "*", with("aws:requestedregion", "us-east-1"), true, true, true},
	}
}

// People who come by Identity Center do nothing either, unless their session says
// that they have shown it.
func TestPeopleNeedMFA(t *testing.T) {
	p := layertest.Platform(t, "shopnow")
	out, err := declare(p)
	if err != nil {
		t.Fatal(err)
	}
	out = append(out, others(p)...)
	out = append(out,
		terraform.Resource("aws_ssoadmin_permission_set", "sre", set("name", "sre"), set("instance_arn", "arn:aws:sso:::instance/ssoins-1")),
		terraform.Resource("aws_ssoadmin_permission_set_inline_policy", "sre", set("instance_arn", "arn:aws:sso:::instance/ssoins-1"),
			set("permission_set_arn", terraform.Expr("aws_ssoadmin_permission_set.sre.arn")),
			set("inline_policy", render.Policy(render.Statement{Action: []string{"rds:DescribeDBClusters"}, Resource: []any{"*"}}))))
	w := access.New(estateOf(t, p, out))
	who, err := w.Principal("permission-set/sre")
	if err != nil {
		t.Fatal(err)
	}
	cluster := "arn:aws:rds:" + p.Region + ":" + p.Account + ":cluster:c"
	for mfa, want := range map[string]estate.Truth{"": estate.No, "false": estate.No, "true": estate.Yes} {
		ctx := iam.Context{"aws:requestedregion": iam.One(p.Region)}
		if mfa != "" {
			ctx["aws:principaltag/mfa"] = iam.One(mfa)
		}
		if got := w.Ask(who, "rds:DescribeDBClusters", cluster, ctx); got.Truth != want {
			t.Errorf("with the tag mfa %q: got %v, want %v\n%v %v", mfa, got.Truth, want, got.Because, got.Doubts)
		}
	}
}

// People with a user of their own do nothing without a second factor.
func TestUsersNeedMFA(t *testing.T) {
	p := layertest.Platform(t, "shopnow")
	out, err := declare(p)
	if err != nil {
		t.Fatal(err)
	}
	out = append(out, others(p)...)
	out = append(out,
		terraform.Resource("aws_iam_user", "ann", set("name", "ann")),
		terraform.Resource("aws_iam_user_policy", "ann", set("user", terraform.Expr("aws_iam_user.ann.name")),
			set("policy", render.Policy(render.Statement{Action: []string{"rds:DescribeDBClusters", "iam:EnableMFADevice"}, Resource: []any{"*"}}))))
	w := access.New(estateOf(t, p, out))
	who, err := w.Principal("user/ann")
	if err != nil {
		t.Fatal(err)
	}
	cluster := "arn:aws:rds:" + p.Region + ":" + p.Account + ":cluster:c"
	for _, tt := range []struct {
		action, resource, mfa string
		want                  estate.Truth
	}{
		{"rds:DescribeDBClusters", cluster, "false", estate.No},
		{"rds:DescribeDBClusters", cluster, "", estate.No}, // an access key says nothing of MFA
		{"rds:DescribeDBClusters", cluster, "true", estate.Yes},
		{"iam:EnableMFADevice", "arn:aws:iam::" + p.Account + ":user/ann", "", estate.Yes},
	} {
		ctx := iam.Context{"aws:requestedregion": iam.One(p.Region)}
		if tt.mfa != "" {
			ctx["aws:multifactorauthpresent"] = iam.One(tt.mfa)
		}
		if got := w.Ask(who, tt.action, tt.resource, ctx); got.Truth != tt.want {
			t.Errorf("%s with MFA %q: got %v, want %v", tt.action, tt.mfa, got.Truth, tt.want)
		}
	}
}
