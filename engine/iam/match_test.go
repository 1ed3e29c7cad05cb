package iam

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// IAM User Guide, "IAM JSON policy elements: Action", "NotAction".
func TestActions(t *testing.T) {
	for _, c := range []struct {
		element, action string
		want            bool
	}{
		{"*", "s3:GetObject", true},
		{"s3:*", "s3:GetObject", true},
		{"s3:*", "s3express:CreateSession", false},
		{"S3:getobject", "s3:GetObject", true}, // case does not matter
		{"s3:GetObject", "S3:GETOBJECT", true},
		{"s3:Get*", "s3:GetObjectVersion", true},
		{"s3:*Object", "s3:GetObject", true},
		{"s3:*Object", "s3:GetObjectAcl", false},
		{"s3:?etObject", "s3:GetObject", true},
		{"s3:G?*t", "s3:GetObject", true},
		{"s3:GetObject?", "s3:GetObject", false},
		{"iam:*AccessKey*", "iam:CreateAccessKey", true},
		{"!s3:*", "ec2:StopInstances", true},
		{"!s3:*", "s3:GetObject", false},
		{`!["s3:*","iam:*"]`, "iam:PassRole", false},
		{`["s3:*","iam:*"]`, "iam:PassRole", true},
	} {
		d := policy(t, Identity, "Allow "+c.element+" *")
		if got := d.Statements[0].MatchesAction(c.action); got != c.want {
			t.Errorf("%s on %s: got %v, want %v", c.element, c.action, got, c.want)
		}
	}
}

// IAM User Guide, "IAM JSON policy elements: Resource", "NotResource", "Amazon
// Resource Names".
func TestResources(t *testing.T) {
	for _, c := range []struct {
		element, resource string
		want              bool
	}{
		{"*", file, true},
		{"*", "*", true},
		{"arn:aws:s3:::b/*", "*", false}, // an action without resources matches * only
		{"arn:aws:s3:::b/*", "arn:aws:s3:::b/x/y/z", true},
		{"arn:aws:s3:::b/*", "arn:aws:s3:::b", false},
		{"arn:aws:s3:::b*", "arn:aws:s3:::b/x", true},
		{"arn:aws:s3:::b/k", "arn:aws:s3:::b/K", false}, // case matters
		{"arn:aws:s3:::b/?", "arn:aws:s3:::b/k", true},
		{"arn:aws:s3:::b/?", "arn:aws:s3:::b/kk", false},
		{"arn:aws:sqs:*:*:q", queue, true},
		{"arn:aws:sqs:*:q", queue, false}, // * crosses no colon
		{"arn:aws:sqs:eu-*:111111111111:*", queue, true},
		{"arn:*:sqs:*:*:*", queue, true},
		{"arn:aws:s3:*:*:b/*", file, true}, // * is nothing too
		{"arn:aws:rds:*:*:db:*", "arn:aws:rds:eu-west-1:111111111111:db:orders:x", true},
		{"arn:aws:rds:*:*:*:orders", "arn:aws:rds:eu-west-1:111111111111:db:orders", true}, // the last part keeps its colons
		{"arn:aws-cn:s3:::b/*", file, false},
		{"arn:aws:s3", file, true}, // short ARNs are filled with *
		{"arn:aws", queue, true},
		{"arn:aws:sqs:eu-west-1", queue, true},
		{"arn:aws:sqs:us-east-1", queue, false},
		{"!arn:aws:s3:::b/*", file, false},
		{"!arn:aws:s3:::b/*", "arn:aws:s3:::c/k", true},
		{"!arn:aws:s3:::b/*", "*", true},
		{"arn:aws:s3:::home/${aws:username}/*", "arn:aws:s3:::home/ann/x", true},
		{"arn:aws:s3:::home/${aws:username}/*", "arn:aws:s3:::home/bob/x", false},
		{"arn:aws:s3:::home/${aws:PrincipalTag/team}/*", "arn:aws:s3:::home//x", false}, // no value: matches nothing
		{"!arn:aws:s3:::home/${aws:PrincipalTag/team}/*", file, false},
		{"arn:aws:s3:::home/${aws:PrincipalTag/team,'all'}/*", "arn:aws:s3:::home/all/x", true},
		{"arn:aws:s3:::b/${*}", "arn:aws:s3:::b/*", true},
		{"arn:aws:s3:::b/${*}", file, false},
	} {
		d := policy(t, Identity, "Allow * "+c.element)
		r := &Request{Principal: by(t, ann), Resource: c.resource}
		if got := d.Statements[0].MatchesResource(r); got != c.want {
			t.Errorf("%s on %s: got %v, want %v", c.element, c.resource, got, c.want)
		}
	}
	old := doc(t, Identity, `{"Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::${aws:username}"}}`)
	for resource, want := range map[string]bool{"arn:aws:s3:::ann": false, "arn:aws:s3:::${aws:username}": true} {
		if got := old.Permits(&Request{Principal: by(t, ann), Action: "s3:ListBucket", Resource: resource}); got != want {
			t.Errorf("Version 2008-10-17 has no variables: %s: got %v", resource, got)
		}
	}
}

// A policy of ECR has no resources: it is about its repository. API Gateway
// takes a stage without the rest of its ARN.
func TestResourcesOfResourcePolicies(t *testing.T) {
	for _, c := range []struct {
		element, resource string
		want              bool
	}{
		{"-", "arn:aws:ecr:eu-west-1:111111111111:repository/a", true},
		{"execute-api:/prod/*", "arn:aws:execute-api:eu-west-1:111111111111:abc/prod/GET/x", true},
		{"execute-api:/prod/*", "arn:aws:execute-api:eu-west-1:111111111111:abc/test/GET/x", false},
		{"arn:aws:sqs:*", queue, true},
	} {
		d := policy(t, Resource, "Allow * * "+c.element)
		if got := d.Statements[0].MatchesResource(&Request{Resource: c.resource}); got != c.want {
			t.Errorf("%s on %s: got %v, want %v", c.element, c.resource, got, c.want)
		}
	}
}

// IAM User Guide, "AWS JSON policy elements: Principal".
func TestPrincipals(t *testing.T) {
	const pathed = "arn:aws:iam::111111111111:role/ci/app"
	for _, c := range []struct {
		element, who string
		want         bool
	}{
		{"*", "", true},
		{"*", ann, true},
		{"*", "ec2.amazonaws.com", true},
		{`{"AWS":"*"}`, "", true},
		{`{"AWS":"111111111111"}`, ann, true},
		{`{"AWS":"111111111111"}`, session, true},
		{`{"AWS":"` + root + `"}`, fed, true},
		{`{"AWS":"111111111111"}`, "ec2.amazonaws.com", false},
		{`{"AWS":"222222222222"}`, ann, false},
		{`{"AWS":"` + ann + `"}`, ann, true},
		{`{"AWS":"` + ann + `"}`, "arn:aws:iam::111111111111:user/dev/ann", false}, // the path is a part of the name
		{`{"AWS":"` + ann + `"}`, root, false},
		{`{"AWS":"` + role + `"}`, role, true},
		{`{"AWS":"` + role + `"}`, session, true},
		{`{"AWS":"` + role + `"}`, "arn:aws:sts::111111111111:assumed-role/app2/s", false},
		{`{"AWS":"` + role + `"}`, "arn:aws:sts::222222222222:assumed-role/app/s", false},
		{`{"AWS":"` + pathed + `"}`, session, true}, // a session's ARN does not have the path
		{`{"AWS":"` + pathed + `"}`, role, false},   // a role's does
		{`{"AWS":"` + session + `"}`, session, true},
		{`{"AWS":"` + session + `"}`, "arn:aws:sts::111111111111:assumed-role/app/s2", false},
		{`{"AWS":"` + session + `"}`, role, false}, // some session, perhaps another
		{`{"AWS":"` + fed + `"}`, fed, true},
		{`{"AWS":"` + fed + `"}`, "arn:aws:iam::111111111111:user/bob", false},
		{`{"AWS":"AROAEXAMPLEEXAMPLE123"}`, session, false}, // deleted: nobody
		{`{"Service":"ec2.amazonaws.com"}`, "ec2.amazonaws.com", true},
		{`{"Service":["lambda.amazonaws.com","ec2.amazonaws.com"]}`, "ec2.amazonaws.com", true},
		{`{"Service":"ec2.amazonaws.com"}`, ann, false},
		{`{"Federated":"accounts.google.com"}`, "provider accounts.google.com", true},
		{`{"AWS":"111111111111","Service":"ec2.amazonaws.com"}`, "ec2.amazonaws.com", true},
		// NotPrincipal with Allow: everyone who is not listed.
		{`!{"AWS":"` + ann + `"}`, session, true},
		{`!{"AWS":"` + ann + `"}`, "", true},
		{`!{"AWS":"` + ann + `"}`, ann, false},
		{`!{"AWS":"111111111111"}`, ann, false},
		{`!*`, ann, false},
	} {
		d := policy(t, Resource, "Allow "+c.element+" * *")
		if got := d.Statements[0].MatchesPrincipal(&Request{Principal: by(t, c.who)}); got != c.want {
			t.Errorf("%s on %q: got %v, want %v", c.element, c.who, got, c.want)
		}
	}
	canonical := "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
	d := policy(t, Resource, `Allow {"CanonicalUser":"`+canonical+`"} * *`)
	if !d.Permits(&Request{Principal: CanonicalPrincipal(canonical), Action: "s3:GetObject", Resource: file}) {
		t.Error("a canonical user is not matched")
	}
}

// IAM User Guide, "NotPrincipal": the account has to be listed too, and for a
// session its role; a permissions boundary defeats the exception.
func TestNotPrincipalWithDeny(t *testing.T) {
	deny := func(list string) string { return all0 + `Deny !{"AWS":[` + list + `]} s3:* *` }
	q := func(s string) string { return `"` + s + `"` }
	rules(t, []ruling{
		{name: "user and account", who: ann, resource: deny(q(ann) + "," + q(root)), want: "allow"},
		{name: "user without account", who: ann, resource: deny(q(ann)), want: "explicit"},
		{name: "account without user", who: ann, resource: deny(q(root)), want: "explicit"},
		{name: "another user", who: ann, resource: deny(`"arn:aws:iam::111111111111:user/bob",` + q(root)), want: "explicit"},
		{name: "session, role and account", who: session, resource: deny(q(session) + "," + q(role) + "," + q(root)), want: "allow"},
		{name: "session without role", who: session, resource: deny(q(session) + "," + q(root)), want: "explicit"},
		{name: "role without session", who: session, resource: deny(q(role) + "," + q(root)), want: "explicit"},
		{name: "role and account, for a session without a name", who: role, resource: deny(q(role) + "," + q(root)), want: "allow"},
		{name: "root is its account", who: root, resource: deny(q(root)), want: "allow"},
		{name: "everyone", who: ann, resource: all0 + "Deny !* s3:* *", want: "allow"},
		{name: "a service that is listed", who: "ec2.amazonaws.com", resource: all0 + `Deny !{"Service":"ec2.amazonaws.com"} s3:* *`, want: "allow"},
		{name: "a service that is not", who: "ec2.amazonaws.com", resource: all0 + `Deny !{"Service":"lambda.amazonaws.com"} s3:* *`, want: "explicit"},
		{name: "nobody", who: "", resource: deny(q(root)), want: "explicit"},
		{name: "a boundary", who: ann, boundary: all, resource: deny(q(ann) + "," + q(root)), want: "explicit"},
		{name: "option: the account alone", who: ann, resource: deny(q(root)), options: Options{NotPrincipalAccount: true}, want: "allow"},
		{name: "option: the user alone", who: ann, resource: deny(q(ann)), options: Options{NotPrincipalAlone: true}, want: "allow"},
	}, func(c *ruling) { c.action, c.on = "s3:GetObject", file })
}

const all0 = "Allow * * *\n"

func TestParsePrincipal(t *testing.T) {
	for _, c := range []struct {
		in   string
		want Principal
	}{
		{ann, Principal{Kind: User, ARN: ann, Account: "111111111111"}},
		{root, Principal{Kind: Root, ARN: root, Account: "111111111111"}},
		{"111111111111", Principal{Kind: Root, ARN: root, Account: "111111111111"}},
		{"arn:aws-cn:iam::111111111111:role/p/app", Principal{Kind: Session, ARN: "arn:aws-cn:iam::111111111111:role/p/app", Account: "111111111111", Role: "arn:aws-cn:iam::111111111111:role/p/app"}},
		{session, Principal{Kind: Session, ARN: session, Account: "111111111111", Role: role, PathUnknown: true, SessionName: "s1"}},
		{fed, Principal{Kind: FederatedUser, ARN: fed, Account: "111111111111", SessionName: "bob"}},
	} {
		got, err := ParsePrincipal(c.in)
		if err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Error(diff)
		}
	}
	for in, want := range map[string]string{
		"":                                  `the principal "" is neither an account nor an ARN`,
		"*":                                 `the principal "*" is nobody who can make a request`,
		"ann":                               `the principal "ann" is neither an account nor an ARN`,
		"arn:aws:iam::111111111111:group/g": `the principal "arn:aws:iam::111111111111:group/g" is a group; groups cannot be principals`,
		"arn:aws:iam::111:user/a":           `the principal "arn:aws:iam::111:user/a" has no account of 12 digits`,
		"arn:aws:iam::111111111111:role/*":  `the principal "arn:aws:iam::111111111111:role/*" has a wildcard; a principal is exact, or a lone *`,
		"arn:aws:sts::111111111111:assumed-role/app":        `the principal "arn:aws:sts::111111111111:assumed-role/app" is not the ARN of a user, role, session or account`,
		"arn:azure:iam::111111111111:user/a":                `the principal "arn:azure:iam::111111111111:user/a" has a partition that does not exist`,
		"AIDAEXAMPLEEXAMPLE1234":                            `the principal "AIDAEXAMPLEEXAMPLE1234" is nobody who can make a request`,
		"arn:aws:s3:::b":                                    `the principal "arn:aws:s3:::b" has no account of 12 digits`,
		"arn:aws:lambda:eu-west-1:111111111111:function:fn": `the principal "arn:aws:lambda:eu-west-1:111111111111:function:fn" has a region`,
	} {
		if _, err := ParsePrincipal(in); err == nil || err.Error() != want {
			t.Errorf("got %v\nwant %s", err, want)
		}
	}
}

func TestAlone(t *testing.T) {
	d := policy(t, Resource, `Allow {"AWS":"111111111111"} s3:* *
Allow * s3:GetObject *
Deny * s3:PutObject *
Deny {"AWS":"222222222222"} s3:* *`)
	r := &Request{Principal: by(t, ann), Action: "s3:GetObject", Resource: file}
	allowed, denied := d.Alone(r)
	if diff := cmp.Diff([][]int{{0, 1}, nil}, [][]int{allowed, denied}); diff != "" {
		t.Error(diff)
	}
	if !d.Permits(r) {
		t.Error("the account's grant counts")
	}
	r.Action = "s3:PutObject"
	if d.Permits(r) {
		t.Error("a deny counts")
	}
}

// What nobody documents, both ways: docs/iam.md.
func TestOptions(t *testing.T) {
	rules(t, []ruling{
		{name: "case of resources", identity: "Allow * arn:aws:s3:::B/${aws:username}*", on: "arn:aws:s3:::b/ANN", options: Options{FoldResourceCase: true}, want: "allow"},
		{name: "case of resources with ?", identity: "Allow * arn:aws:s3:::B/?", options: Options{FoldResourceCase: true}, want: "allow"},
		{name: "an empty string is absent", identity: `Allow * * {"Null":{"aws:Key":"true"}}`, context: Context{"aws:key": One("")}, options: Options{EmptyIsAbsent: true}, want: "allow"},
		{name: "an empty string is there", identity: `Allow * * {"Null":{"aws:Key":"true"}}`, context: Context{"aws:key": One("")}, want: "implicit"},
		{name: "any of many values", identity: `Allow * * {"StringEquals":{"aws:Key":"a"}}`, context: Context{"aws:key": Many("b", "a")}, options: Options{AnyOfMany: true}, want: "allow"},
		{name: "mapped addresses", identity: `Allow * * {"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}`, context: Context{"aws:sourceip": One("::ffff:192.0.2.1")}, options: Options{MappedIPv6: true}, want: "implicit"},
		{name: "a session stands for a role without a path", who: session, resource: `Allow {"AWS":"arn:aws:iam::111111111111:role/p/app"} * *`, options: Options{RolePathRoot: true}, want: "implicit"},
		{name: "NotResource with an unresolved variable", identity: "Allow * !arn:aws:s3:::${aws:PrincipalTag/none}", options: Options{UnresolvedHolds: true}, want: "allow"},
		{name: "variables in Bool", identity: `Allow * * {"Bool":{"aws:Key":"${aws:PrincipalTag/flag}"}}`, context: Context{"aws:key": One("true"), "aws:principaltag/flag": One("true")}, want: "allow"},
		{name: "no variables in Bool", identity: `Allow * * {"Bool":{"aws:Key":"${aws:PrincipalTag/flag}"}}`, context: Context{"aws:key": One("true"), "aws:principaltag/flag": One("true")}, options: Options{NoBoolVariables: true}, want: "implicit"},
		{name: "RCPs on every service", action: "ec2:StopInstances", on: "arn:aws:ec2:eu-west-1:111111111111:instance/i-1", identity: all, rcps: []string{"Deny * * *"}, options: Options{RCPEverywhere: true}, want: "explicit"},
	}, func(c *ruling) {
		if c.who == "" {
			c.who = ann
		}
		if c.action == "" {
			c.action = "s3:GetObject"
		}
		if c.on == "" {
			c.on = file
		}
	})
}
