package ground_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fathom/engine/depth"
	"fathom/engine/iam"
	"fathom/estate"
	"fathom/estate/read"
	"fathom/layer/ground"
)

func shopnow(t *testing.T) *ground.Ground {
	t.Helper()
	e, problems := read.Paths(os.DirFS("../../examples/shopnow"), []string{"rendered"}, read.Options{})
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	return ground.Of(e)
}

// asked is a grant as "guard, guard", each with ? for one that is doubtful.
func asked(g ground.Grant) string {
	if g.Never {
		return "never"
	}
	var out []string
	for _, s := range g.Stops {
		text := s.Guard.String()
		if s.State == depth.Doubtful {
			text += "?"
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

func TestPermitAsksEveryPart(t *testing.T) {
	g := shopnow(t)
	sealed := iam.Context{"kms:encryptioncontext:service": iam.One("payments")}
	const key, bucket, roleOf = "aws_kms_key.card_vault", "aws_s3_bucket.invoices/1", "aws_iam_role."
	for _, tt := range []struct {
		who, action, on string
		ctx             iam.Context
		want            string
	}{
		{"role/shopnow-svc-payments", "kms:Decrypt", key, sealed, ""},
		{"role/shopnow-svc-search", "kms:Decrypt", key, sealed, "data.key-policy on aws_kms_key.card_vault, identity.least-privilege on role/shopnow-svc-search"},
		{"role/shopnow-svc-orders", "s3:GetObject", bucket, nil, "network.endpoints on aws_s3_bucket.invoices"},
		{"role/shopnow-svc-search", "cloudtrail:StopLogging", "*", nil, "identity.guardrails on aws_iam_policy.boundary, identity.guardrails on aws_organizations_policy.scp_guardrails, identity.least-privilege on role/shopnow-svc-search"},
		{"role/shopnow-ops-oncall", "ssm:StartSession", "aws_ssm_document.shell_oncall", nil, "access.just-in-time on role/shopnow-ops-oncall"},
		{"permission-set/shopnow-sre", "sts:AssumeRole", roleOf + "ops_oncall", nil, "access.just-in-time on aws_iam_role.ops_oncall, access.mfa-session on aws_iam_role.ops_oncall, identity.mfa on aws_organizations_policy.scp_guardrails"},
		{"permission-set/shopnow-sre", "sts:AssumeRole", roleOf + "svc_orders", nil, "never"},
		{"pod/shopnow/orders", "s3:GetObject", bucket, nil, "network.endpoints on aws_s3_bucket.invoices"},
		{"pod/falco/falco", "s3:GetObject", bucket, nil, "never"},
	} {
		t.Run(tt.who+" "+tt.action, func(t *testing.T) {
			p, err := g.IAM.Principal(tt.who)
			if err != nil {
				t.Fatal(err)
			}
			arn, _, err := g.IAM.Resource(tt.on)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, asked(g.Permit(p, tt.action, arn, tt.ctx))); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestAnAdministratorIsWhoeverAnExceptionNames(t *testing.T) {
	g := shopnow(t)
	for _, tt := range []struct{ action, on, want string }{
		{"s3:PutBucketPublicAccessBlock", "aws_s3_bucket.invoices", ""}, // the SCP lets the one through who applies
		{"kms:ScheduleKeyDeletion", "aws_kms_key.card_vault", "identity.guardrails on aws_organizations_policy.scp_guardrails"},
		{"iam:CreateUser", "arn:aws:iam::111111111111:user/x", "identity.guardrails on aws_organizations_policy.scp_guardrails"},
	} {
		arn, _, err := g.IAM.Resource(tt.on)
		if err != nil {
			t.Fatal(err)
		}
		if got := asked(g.PermitAdmin(tt.action, arn, nil)); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.action, got, tt.want)
		}
	}
}

// TestPermitAgreesWithIAM: nothing stands in the way of what IAM allows, and
// something of everything else.
func TestPermitAgreesWithIAM(t *testing.T) {
	g := shopnow(t)
	for _, p := range g.IAM.Principals() {
		for _, r := range []string{"aws_kms_key.card_vault", "aws_kms_key.stores", "aws_s3_bucket.invoices/x", "aws_secretsmanager_secret.origin"} {
			arn, _, err := g.IAM.Resource(r)
			if err != nil {
				t.Fatal(err)
			}
			for _, action := range []string{"kms:Decrypt", "s3:GetObject", "secretsmanager:GetSecretValue"} {
				if p.As != nil || strings.HasPrefix(p.Name, "pod/") || p.Name == "role/shopnow-svc-orders" { // with the tags of a session
					continue
				}
				if a, free := g.IAM.Ask(p, action, arn, nil), len(g.Permit(p, action, arn, nil).Stops) == 0; (a.Truth == estate.Yes) != free {
					t.Errorf("%s, %s on %s: %v and %s", p.Name, action, arn, a.Truth, asked(g.Permit(p, action, arn, nil)))
				}
			}
		}
	}
}
