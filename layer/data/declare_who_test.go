package data

import (
	"testing"

	"fathom/engine/iam"
	"fathom/engine/iam/access"
	"fathom/estate"
	"fathom/layer/layertest"
	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// world is an example's layer with roles that IAM lets do everything: some
// administrator, the one who applies, the pipeline, and the emergency way in; and
// the services'.
func world(t *testing.T, p *platform.Platform) *access.World {
	t.Helper()
	all := rendered(t, p)
	everything := render.Statement{Action: []string{"kms:*", "s3:*", "backup:*"}, Resource: []any{"*"}}
	for _, name := range []string{"admin", "deploy", breakGlass} {
		label := render.Label(name)
		all = append(all,
			terraform.Resource("aws_iam_role", label,
				terraform.Set("name", render.RoleName(p, name)), terraform.Set("assume_role_policy", render.TrustService(p, "ec2.amazonaws.com"))),
			render.RolePolicy(label, everything))
	}
	all = append(all,
		terraform.Resource("aws_iam_role", "applies",
			terraform.Set("name", "AWSReservedSSO_AdministratorAccess_0123456789abcdef"), terraform.Set("path", "/aws-reserved/sso.amazonaws.com/eu-west-1/"),
			terraform.Set("assume_role_policy", render.TrustService(p, "ec2.amazonaws.com"))),
		render.RolePolicy("applies", everything))
	for i := range p.Services {
		all = append(all, terraform.Resource("aws_iam_role_policy", "all_"+render.Label(p.Services[i].Name),
			terraform.Set("role", render.ServiceRole(p.Services[i].Name)+".id"), terraform.Set("policy", render.Policy(everything))))
	}
	return access.New(estateOf(t, p, all))
}

type question struct {
	who, action, on string
	ctx             iam.Context
	want            estate.Truth
}

func asks(t *testing.T, w *access.World, qs []question) {
	t.Helper()
	for _, q := range qs {
		p, err := w.Principal(q.who)
		if err != nil {
			t.Fatal(err)
		}
		arn, _, err := w.Resource(q.on)
		if err != nil {
			t.Fatal(err)
		}
		if got := w.Allows(p, q.action, arn, q.ctx); got != q.want {
			t.Errorf("%s, %s on %s %v: %v, want %v\n%+v", q.who, q.action, q.on, q.ctx, got, q.want, w.Ask(p, q.action, arn, q.ctx))
		}
	}
}

// Whom IAM lets do everything with keys neither opens nor destroys anything with
// them; who applies the files keeps their policies, or AWS would refuse the keys.
func TestKeysAreKept(t *testing.T) {
	for _, name := range layertest.Examples {
		p := layertest.Platform(t, name)
		w := world(t, p)
		for _, r := range rendered(t, p) {
			b, ok := r.(*terraform.Block)
			if !ok || b.Kind != "resource" || b.Labels[0] != "aws_kms_key" {
				continue
			}
			key := b.Address()
			asks(t, w, []question{
				{"aws_iam_role.admin", "kms:Decrypt", key, nil, estate.No},
				{"aws_iam_role.admin", "kms:PutKeyPolicy", key, nil, estate.No},
				{"aws_iam_role.admin", "kms:ScheduleKeyDeletion", key, nil, estate.No},
				{"aws_iam_role.admin", "kms:DescribeKey", key, nil, estate.Yes},
				{"aws_iam_role.applies", "kms:PutKeyPolicy", key, nil, estate.Yes},
				{"aws_iam_role.applies", "kms:ScheduleKeyDeletion", key, nil, estate.Yes},
				{"aws_iam_role.applies", "kms:Decrypt", key, nil, estate.No},
				{"aws_iam_role.deploy", "kms:PutKeyPolicy", key, nil, estate.No},
				{"aws_iam_role.deploy", "kms:ScheduleKeyDeletion", key, nil, estate.No},
				{"aws_iam_role.deploy", "kms:DisableKey", key, nil, estate.No},
				{"aws_iam_role.deploy", "kms:Decrypt", key, nil, estate.No},
				{"aws_iam_role.break_glass", "kms:PutKeyPolicy", key, nil, estate.No},
				{"aws_iam_role.break_glass", "kms:ScheduleKeyDeletion", key, nil, estate.No},
				{"arn:aws:iam::" + p.Account + ":root", "kms:PutKeyPolicy", key, nil, estate.Yes},
			})
		}
	}
}

// A service opens the fields of its own vault, and under its own name alone.
func TestOnlyItsServiceOpensAVault(t *testing.T) {
	own := iam.Context{"kms:encryptioncontext:service": iam.One("payments")}
	other := iam.Context{"kms:encryptioncontext:service": iam.One("orders")}
	asks(t, world(t, layertest.Platform(t, "shopnow")), []question{
		{"aws_iam_role.svc_payments", "kms:Decrypt", "aws_kms_key.card_vault", own, estate.Yes},
		{"aws_iam_role.svc_payments", "kms:GenerateDataKey", "aws_kms_key.card_vault", own, estate.Yes},
		{"aws_iam_role.svc_payments", "kms:Decrypt", "aws_kms_key.card_vault", nil, estate.No},
		{"aws_iam_role.svc_payments", "kms:Decrypt", "aws_kms_key.card_vault", other, estate.No},
		{"aws_iam_role.svc_payments", "kms:Decrypt", "aws_kms_key.stores", own, estate.No},
		{"aws_iam_role.svc_orders", "kms:Decrypt", "aws_kms_key.card_vault", own, estate.No},
		{"aws_iam_role.svc_orders", "kms:Decrypt", "aws_kms_key.card_vault", other, estate.No},
	})
}

// Whoever steals a credential reads no object from outside of the network, and no
// backup is deleted by anybody.
func TestStolenCredentials(t *testing.T) {
	p := layertest.Platform(t, "bazaar")
	object := "arn:aws:s3:::" + render.BucketName(p, "tax-forms") + "/a.pdf"
	export := "arn:aws:s3:::" + render.BucketName(p, "exports") + "/x/accounts/accounts-db.json"
	qs := []question{
		{"aws_iam_role.admin", "s3:GetObject", object, nil, estate.No},
		{"aws_iam_role.svc_sellers", "s3:GetObject", object, nil, estate.No},
		{"aws_iam_role.svc_sellers", "s3:DeleteObjectVersion", object, nil, estate.No},
		{"aws_iam_role.backup", "s3:GetObject", object, nil, estate.Yes},
		{"aws_iam_role.admin", "s3:GetObject", export, nil, estate.No},
		{"aws_iam_role.svc_accounts", "s3:GetObject", export, nil, estate.No},
		{"aws_iam_role.svc_accounts", "s3:PutObject", export, nil, estate.Yes},
		{"aws_iam_role.svc_reviews", "s3:PutObject", export, nil, estate.No},
	}
	asks(t, world(t, p), qs)
}
