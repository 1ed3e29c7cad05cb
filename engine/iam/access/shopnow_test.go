package access_test

import (
	"os"
	"strings"
	"testing"

	"fathom/engine/iam/access"
	"fathom/estate"
	"fathom/estate/read"
)

func shopnow(t testing.TB) (*estate.Estate, *access.World) {
	t.Helper()
	e, problems := read.Paths(os.DirFS("../../../examples/shopnow-before"), []string{"."}, read.Options{})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return e, access.New(e)
}

// Before: every pod has the node's role, and that may read every object and
// decrypt with every key.
func TestShopnowBefore(t *testing.T) {
	_, w := shopnow(t)
	if id, known := w.Account(); id != "111111111111" || !known {
		t.Errorf("the account is %s, known %v; aws-auth names it", id, known)
	}
	for _, tt := range []struct{ question, want, because string }{
		{"can pod/shop/payments s3:GetObject arn:aws:s3:::*/*", "yes", "statement Buckets of module.eks.aws_iam_role_policy.node[0] allows s3:* on * (terraform/modules/eks/nodes.tf:92:12)"},
		{"can pod/shop/payments s3:GetObject arn:aws:s3:::*/*", "yes", "as role/shopnow-production-node through the node's metadata service terraform/modules/eks/nodes.tf:114:35"},
		{`can svc/payments s3:PutObject aws_s3_bucket.shop["invoices"]/a.pdf`, "yes", "statement Buckets"},
		{"can pod/shop/payments kms:Decrypt arn:aws:kms:eu-west-1:111111111111:key/*", "yes", "statement Keys of module.eks.aws_iam_role_policy.node[0]"},
		{"can pod/shop/payments kms:Decrypt aws_kms_key.cards", "yes", "the default key policy of aws_kms_key.cards"},
		{"can pod/shop/payments kms:Decrypt arn:aws:kms:eu-west-1:111111111111:alias/shopnow-production-cards", "yes", "statement Keys"},
		{"can pod/shop/payments ses:SendEmail *", "no", "given: statement Mail"},
		{"can pod/shop/payments ses:SendEmail * ses:FromAddress=shop@shopnow.example", "yes", "statement Mail"},
		{"can pod/shop/payments iam:CreateUser *", "no", "no identity policy allows iam:CreateUser"},
		{"can user/shopnow-production-ci iam:PassRole module.eks.aws_iam_role.node", "yes", "statement PassRoles of aws_iam_policy.ci"},
		{"can user/shopnow-production-ci iam:AttachRolePolicy module.eks.aws_iam_role.node", "yes", "statement PassRoles"},
		{"can user/shopnow-production-ci iam:CreateUser *", "no", ""},
		{"can user/anna secretsmanager:GetSecretValue aws_secretsmanager_secret.psp", "yes", "AWS's policy PowerUserAccess"},
		{"can user/anna iam:CreateUser *", "no", ""},
		{"can user/anna sts:AssumeRole module.eks.aws_iam_role.node", "no", "the trust policy does not allow"},
		{`can internet s3:GetObject aws_s3_bucket.shop["assets"]/logo.png`, "yes", "statement PublicRead"},
		{`can internet s3:ListBucket aws_s3_bucket.shop["assets"]`, "yes", "access control list"},
		{`can internet s3:GetObject aws_s3_bucket.shop["invoices"]/a.pdf`, "no", ""},
		{`outside aws_s3_bucket.shop["assets"] anyone`, "yes", "PublicRead"},
		{`outside aws_s3_bucket.shop["invoices"] anyone`, "no", ""},
		{"outside aws_kms_key.cards anyone", "no", ""},
		{"acts pod/kube-system/log-shipper role/shopnow-production-node", "yes", "the pod is in the network of its node k8s/overlays/production/log-shipper.yaml:46:20"},
	} {
		got, text, err := answer(w, strings.Fields(tt.question))
		if err != nil || got != tt.want || !strings.Contains(text, tt.because) {
			t.Errorf("%s\n is %s, want %s because %q: %s %v", tt.question, got, tt.want, tt.because, text, err)
		}
	}
}

func TestShopnowWho(t *testing.T) {
	_, w := shopnow(t)
	answers, err := w.Who("kms:Decrypt", "aws_kms_key.cards", nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, a := range answers {
		names = append(names, a.Who.Name+" "+truths[a.Truth])
	}
	want := "role/shopnow-production-node yes, user/anna yes, user/jonas yes, root yes, pod/default/search-indexer yes, " +
		"pod/default/search-indexer-reindex yes, pod/kube-system/log-shipper yes, pod/shop/orders yes, pod/shop/payments yes, pod/shop/search yes"
	if got := strings.Join(names, ", "); got != want {
		t.Errorf("who can decrypt:\n%s\nwant\n%s", got, want)
	}
}

// Two worlds of one estate answer alike, asked one after the other or at once.
func TestAnswersAreTheSameAgain(t *testing.T) {
	e, w := shopnow(t)
	say := func(w *access.World) string {
		var out []string
		for _, p := range w.Principals() {
			ps, err := w.What(p.Name)
			if err != nil {
				t.Error(err)
			}
			for _, one := range ps {
				out = append(out, one.String())
			}
			a := w.Ask(p, "s3:GetObject", "arn:aws:s3:::shopnow-assets-111111111111/x", nil)
			out = append(out, explain(a))
		}
		return strings.Join(out, "\n")
	}
	want := say(w)
	again := access.New(e)
	got := make(chan string)
	for range 4 {
		go func() { got <- say(again) }()
	}
	for range 4 {
		if text := <-got; text != want {
			t.Errorf("another time:\n%s\nwant\n%s", text, want)
		}
	}
}
