package iam

import (
	"os"
	"path/filepath"
	"testing"
)

// Parse never panics, always returns a document, and has a problem exactly
// when it rejects; what it takes can be evaluated.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*/*.json")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text, uint8(Identity))
		f.Add(text, uint8(Resource))
	}
	for k := Identity; k <= RCP; k++ {
		f.Add([]byte(one(`{"Effect":"Allow","Principal":{"AWS":["*","111111111111"]},"Action":"sts:*","Resource":["arn:aws:s3:::${aws:username}/a?*"],"Condition":{"ForAllValues:ArnLike":{"aws:x":"arn:aws:s3:::${*}"}}}`)), uint8(k))
	}
	f.Add([]byte(one(`{"Effect":"Deny","NotAction":"*","NotResource":"*","Condition":{"DateEquals":{"a:b":["2026-01-01T00:00:00.1+01:00","-1.5"]},"IpAddress":{"a:b":"::ffff:1.2.3.4/97"},"NumericEquals":{"a:b":-1e5}}}`)), uint8(0))
	f.Add([]byte("{\"Version\":\"\\ud800\\u0000\xff\"}"), uint8(0))
	f.Fuzz(func(t *testing.T, text []byte, k uint8) {
		kind := Kind(k % uint8(RCP+1))
		d, ps := Parse(text, "p", kind)
		if d == nil || d.Rejected != (len(ps) > 0) {
			t.Fatalf("got %v with %d problems", d, len(ps))
		}
		for _, p := range append(ps, d.Warnings...) {
			if p.Line < 1 || p.Column < 1 || p.Summary == "" {
				t.Errorf("a problem without a place: %v", p)
			}
		}
		r := &Request{Principal: by(t, session), Action: "sts:AssumeRole", Resource: target, Context: Context{"a:b": One("1"), "aws:x": Many("a", "arn:aws:s3:::*")}}
		got := Evaluate(r, &Policies{Identity: []*Document{d}, Resource: []*Document{d}, Boundary: []*Document{d}, SCPs: [][]*Document{{d}}})
		if d.Rejected && (got.Allowed || got.Explicit) {
			t.Error("a rejected document decides")
		}
		if got.Allowed && !d.Permits(r) {
			t.Error("allowed, but the one document there is does not permit it")
		}
	})
}

// What a request brings is anybody's: nothing of it may make Evaluate panic.
func FuzzRequest(f *testing.F) {
	docs := []*Document{
		policy(f, Identity, "Allow * * {\"NumericLessThan\":{\"a:b\":\"10\"},\"DateLessThan\":{\"a:b\":\"2026-01-01\"},\"IpAddress\":{\"a:b\":\"10.0.0.0/8\"},\"ArnLike\":{\"a:b\":\"arn:aws:s3:::*\"}}"),
		policy(f, Identity, "Allow s3:* arn:aws:s3:::${a:b}/*\nDeny !s3:* !arn:aws:s3:::?"),
	}
	f.Add("s3:GetObject", "arn:aws:s3:::x/y", "x")
	f.Add("", "", "")
	f.Add(":", "arn:::::", "-.5")
	f.Add("kms:Decrypt", "arn:aws:kms:::key/1", "1.2.3.4/33")
	f.Fuzz(func(t *testing.T, action, resource, value string) {
		r := &Request{Principal: by(t, ann), Action: action, Resource: resource, Context: Context{"a:b": One(value)}}
		d := Evaluate(r, &Policies{Identity: docs})
		if d.Allowed && len(d.Because) == 0 {
			t.Error("allowed by nothing")
		}
	})
}

func FuzzParsePrincipal(f *testing.F) {
	for _, s := range []string{ann, role, session, fed, root, "111111111111", "*", "arn:aws:sts::111111111111:assumed-role/a/b/c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParsePrincipal(s)
		if (err != nil) != (p == Principal{}) {
			t.Errorf("got %v and %v", p, err)
		}
		if err == nil && len(p.Account) != 12 && p.Account != "cloudfront" {
			t.Errorf("%q has the account %q", s, p.Account)
		}
	})
}
