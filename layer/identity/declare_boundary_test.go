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
				ctx := iam.Context{}
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
		{"acm:DescribeCertificate", in("acm", "us-east-1") + "certificate/c", nil, true, true, true},
		{"guardduty:ListDetectors", in("guardduty", "ap-southeast-1") + "detector/d", nil, true, true, true},
		{"iam:ListRoles", "*", with("aws:requestedregion", "us-east-1"), true, true, true},
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
