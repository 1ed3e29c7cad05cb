package iam

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The explanations of denials, as people read them.
func TestExplanations(t *testing.T) {
	org := `{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`
	cases := []ruling{
		{name: "nothing is about the action", identity: "Allow ec2:* *"},
		{name: "another resource", identity: "Allow s3:GetObject arn:aws:s3:::logs/*"},
		{name: "many other resources", identity: `Allow s3:GetObject ["arn:aws:s3:::a/*","arn:aws:s3:::c/*","arn:aws:s3:::d/*","arn:aws:s3:::e/*","arn:aws:s3:::f/*"]`},
		{name: "all but this resource", identity: "Allow s3:GetObject !arn:aws:s3:::b/*"},
		{name: "a condition whose key is missing", identity: "Allow ec2:* *\nAllow s3:* arn:aws:s3:::logs/*\nAllow s3:Get* * " + org},
		{name: "a condition on another value", identity: "Allow s3:Get* * " + org, context: Context{"aws:principalorgid": One("o-2")}},
		{name: "a negated condition", identity: `Allow s3:Get* * {"StringNotLike":{"aws:PrincipalOrgID":["o-*","x"]}}`, context: Context{"aws:principalorgid": One("o-2")}},
		{name: "a condition on many values", identity: `Allow s3:Get* * {"StringEquals":{"aws:TagKeys":"a"}}`, context: Context{"aws:tagkeys": Many("a", "b")}},
		{name: "a set of values", identity: `Allow s3:Get* * {"ForAllValues:StringEquals":{"aws:TagKeys":"a"}}`, context: Context{"aws:tagkeys": Many("a", "b")}},
		{name: "a condition Null", identity: `Allow s3:Get* * {"Null":{"aws:TokenIssueTime":"false"}}`},
		{name: "a condition that the key be absent", identity: `Allow s3:Get* * {"Null":{"aws:PrincipalArn":"true"}}`},
		{name: "the boundary", identity: all, boundary: "Allow s3:* arn:aws:s3:::logs/*"},
		{name: "the session policy", who: session, identity: all, session: "Allow s3:Get* * " + org},
		{name: "the second level of SCPs", identity: all, scps: []string{all, `Allow s3:* * {"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}`}},
		{name: "the endpoint", identity: all, endpoint: `Allow {"AWS":"` + role + `"} s3:* *`},
		{name: "a deny", identity: all + "\nDeny s3:* *"},
		{name: "a deny that an absent key makes", identity: all, resource: `Deny * s3:* * {"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}}`},
		{name: "a bucket of another account", owner: "222222222222", identity: all},
		{name: "a bucket of another account that is for another role", owner: "222222222222", identity: all, resource: `Allow {"AWS":["` + role + `","` + foreign + `"]} s3:* *`},
		{name: "a public bucket that is blocked", owner: "222222222222", identity: all, public: true, resource: "Allow * s3:* *"},
		{name: "nobody", who: "-", resource: `Allow {"AWS":"111111111111"} s3:GetObject *`},
		{name: "nobody, and no policy", who: "-"},
		{name: "a service", who: "logs.amazonaws.com", resource: `Allow {"Service":"logs.amazonaws.com"} s3:GetObject * {"StringEquals":{"aws:SourceAccount":"111111111111"}}`},
		{name: "a federated user", who: fed, identity: all},
		{name: "a key", action: "kms:Decrypt", on: key, identity: all, resource: `Allow {"AWS":"` + role + `"} kms:* *`},
		{name: "a key without policy", action: "kms:Decrypt", on: key, identity: all},
		{name: "a role that trusts the account", action: "sts:AssumeRole", on: target, trust: `Allow {"AWS":"111111111111"} sts:AssumeRole`},
		{name: "a role that trusts a service", action: "sts:AssumeRole", on: target, identity: all, trust: `Allow {"Service":"ec2.amazonaws.com"} sts:AssumeRole`},
		{name: "root", who: root, action: "sts:AssumeRole", on: target, trust: `Allow * sts:AssumeRole`},
	}
	var b strings.Builder
	for _, c := range cases {
		switch {
		case c.who == "":
			c.who = ann
		case c.who == "-":
			c.who = ""
		}
		if c.action == "" {
			c.action, c.on = "s3:GetObject", file
		}
		d := c.decide(t)
		if d.Allowed {
			t.Errorf("%s: allowed", c.name)
		}
		b.WriteString(c.name + "\n  " + d.Missing + "\n")
		if len(d.Because) > 0 {
			b.WriteString("  because " + spell(d.Because) + "\n")
		}
	}
	const golden = "testdata/explain.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Error(diff)
	}
}
