package iam

import (
	"strings"
	"testing"
)

// doc parses a policy that has to be good.
func doc(t testing.TB, kind Kind, text string) *Document {
	t.Helper()
	d, ps := Parse([]byte(text), "p.json", kind)
	for _, p := range ps {
		t.Fatalf("%s\nin %s", p.Error(), text)
	}
	return d
}

// statements wraps statements into a document.
func statements(t testing.TB, kind Kind, list ...string) *Document {
	t.Helper()
	return doc(t, kind, `{"Version": "2012-10-17", "Statement": [`+strings.Join(list, ",")+`]}`)
}

func by(t testing.TB, arn string) Principal {
	t.Helper()
	p, err := ParsePrincipal(arn)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestIdentityPolicyAllows(t *testing.T) {
	d := statements(t, Identity, `{"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::b/*"}`)
	r := &Request{Principal: by(t, "arn:aws:iam::111111111111:user/ann"), Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k"}
	got := Evaluate(r, &Policies{Identity: []*Document{d}})
	if !got.Allowed || len(got.Because) != 1 || got.Because[0].Policy != "identity[0]" {
		t.Errorf("got %+v", got)
	}
	r.Action = "s3:PutObject"
	if got := Evaluate(r, &Policies{Identity: []*Document{d}}); got.Allowed || got.Explicit || got.Missing != "no identity policy allows s3:PutObject on arn:aws:s3:::b/k" {
		t.Errorf("got %+v", got)
	}
}
