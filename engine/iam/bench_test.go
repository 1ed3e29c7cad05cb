package iam

import (
	"os"
	"testing"
)

func read(t testing.TB, kind Kind, name string) *Document {
	t.Helper()
	text, err := os.ReadFile("testdata/shopnow/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return doc(t, kind, string(text))
}

// shop are requests to the policies of examples/shopnow-before.
func shop(t testing.TB) []struct {
	name string
	r    *Request
	p    *Policies
	want string
} {
	node := by(t, "arn:aws:sts::111111111111:assumed-role/shopnow-node/i-0123456789abcdef0")
	tls := Context{"aws:securetransport": One("true"), "aws:requestedregion": One("eu-west-1"), "aws:sourceip": One("10.0.1.7")}
	mail := Context{"ses:fromaddress": One("orders@shop.example.com"), "aws:requestedregion": One("eu-west-1")}
	scps := [][]*Document{{read(t, SCP, "guardrails")}, {read(t, SCP, "guardrails")}}
	pod := []*Document{read(t, Identity, "worker"), read(t, Identity, "apps")}
	ci := []*Document{read(t, Identity, "ci")}
	return []struct {
		name string
		r    *Request
		p    *Policies
		want string
	}{
		{"pod-reads-bucket", &Request{node, "s3:GetObject", "arn:aws:s3:::shopnow-invoices/2026/11/1.pdf", "", tls}, &Policies{Identity: pod}, "allow"},
		{"pod-decrypts-cards", &Request{node, "kms:Decrypt", key, "", tls}, &Policies{Identity: pod, Resource: []*Document{read(t, Resource, "cards-key")}}, "allow"},
		{"pod-sends-mail", &Request{node, "ses:SendEmail", "arn:aws:ses:eu-west-1:111111111111:identity/shop.example.com", "", mail}, &Policies{Identity: pod, SCPs: scps}, "allow"},
		{"pod-passes-role", &Request{node, "iam:PassRole", target, "", tls}, &Policies{Identity: pod, SCPs: scps}, "implicit"},
		{"stranger-reads-asset", &Request{AnonymousPrincipal(), "s3:GetObject", "arn:aws:s3:::shopnow-assets/logo.png", "111111111111", tls}, &Policies{Resource: []*Document{read(t, Resource, "assets")}}, "allow"},
		{"service-assumes-node", &Request{ServicePrincipal("ec2.amazonaws.com"), "sts:AssumeRole", target, "", nil}, &Policies{Resource: []*Document{read(t, Trust, "node-trust")}}, "allow"},
		{"ci-passes-role", &Request{by(t, "arn:aws:iam::111111111111:user/machines/shopnow-ci"), "iam:PassRole", target, "", tls}, &Policies{Identity: ci, SCPs: scps}, "allow"},
		{"developer-makes-user", &Request{by(t, ann), "iam:CreateUser", "arn:aws:iam::111111111111:user/x", "", tls}, &Policies{Identity: []*Document{read(t, Identity, "developers")}, SCPs: scps}, "implicit"},
		{"developer-elsewhere", &Request{by(t, ann), "ec2:RunInstances", "arn:aws:ec2:us-east-1:111111111111:instance/*", "", Context{"aws:requestedregion": One("us-east-1")}}, &Policies{Identity: []*Document{read(t, Identity, "developers")}, SCPs: scps}, "explicit"},
	}
}

func TestTheShopsPolicies(t *testing.T) {
	for _, c := range shop(t) {
		if got := Evaluate(c.r, c.p); outcome(got) != c.want {
			t.Errorf("%s: got %s, want %s; %s", c.name, outcome(got), c.want, got.Missing)
		}
	}
}

func BenchmarkEvaluate(b *testing.B) {
	cases := shop(b)
	for _, c := range cases {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Evaluate(c.r, c.p)
			}
		})
	}
	b.Run("all", func(b *testing.B) {
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			c := &cases[i%len(cases)]
			Evaluate(c.r, c.p)
			i++
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "decisions/s")
	})
}

func BenchmarkParse(b *testing.B) {
	text, err := os.ReadFile("testdata/shopnow/worker.json")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		Parse(text, "worker.json", Identity)
	}
}
