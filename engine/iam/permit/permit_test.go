package permit

import (
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fathom/engine/iam"
)

// by makes a statement of a resource or trust policy.
func by(principal any, s map[string]any) map[string]any {
	s["Principal"] = principal
	if s["Resource"] == nil {
		delete(s, "Resource")
	}
	return s
}

func TestCompare(t *testing.T) {
	const role = "arn:aws:iam::111111111111:role/R"
	aws := func(v ...string) any { return map[string]any{"AWS": v} }
	federated := func(v string) any { return map[string]any{"Federated": v} }
	all := allow("*", "*")
	for _, c := range []struct {
		name     string
		kind     iam.Kind
		old, new []map[string]any
		want     Verdict
	}{
		{"an action more", iam.Identity, list(allow("s3:GetObject", "*")), list(allow([]string{"s3:GetObject", "s3:PutObject"}, "*")), Yes},
		{"case of actions does not count", iam.Identity, list(allow("s3:getobject", "*")), list(allow("S3:GetObject", "*")), No},
		{"actions are an open set", iam.Identity, list(allow([]string{"s3:A*", "s3:B*", "s3:G*"}, "*")), list(allow("s3:*", "*")), Yes},
		{"NotAction is everything else", iam.Identity, list(map[string]any{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}), list(allow("s3:*", "*")), No},
		{"patterns that together cover", iam.Identity, list(allow([]string{"s3:*Object", "s3:Get*"}, "*")), list(allow("s3:Get*Object", "*")), No},
		{"a question mark is one character", iam.Identity, list(allow("s3:Get?", "*")), list(allow("s3:Get*", "*")), Yes},

		{"an ARN's star does not cross its colons", iam.Identity, list(allow("s3:*", "arn:aws:s3:*:*:b")), list(allow("s3:*", "arn:aws:s3:::b")), No},
		{"…except in its last part", iam.Identity, list(allow("logs:*", "arn:aws:logs:eu-west-1:111111111111:log-group:*")), list(allow("logs:*", "arn:aws:logs:eu-west-1:111111111111:log-group:a:log-stream:b")), No},
		{"any ARN is less than any resource", iam.Identity, list(allow("s3:*", "arn:aws:s3:::*")), list(allow("s3:*", "*")), Yes},
		{"case of resources counts", iam.Identity, list(allow("s3:*", "arn:aws:s3:::b/K")), list(allow("s3:*", "arn:aws:s3:::b/k")), Yes},

		{"a Deny lifted", iam.Identity, list(all, deny("iam:*", "*")), list(all), Yes},
		{"a Deny that is wider elsewhere", iam.Identity, list(all, deny("iam:PassRole", "*")), list(all, deny("iam:*", "*")), No},
		{"a Deny behind a condition that always holds", iam.Identity, list(all, deny("s3:*", "*")), list(all, when(deny("s3:*", "*"), "StringNotLike", "aws:RequestTag/a", "?*"), when(deny("s3:*", "*"), "StringLike", "aws:RequestTag/a", "*")), No},

		{"a role by Principal and by aws:PrincipalArn", iam.Resource, list(by(aws(role), allow("s3:*", "arn:aws:s3:::b"))), list(by("*", when(allow("s3:*", "arn:aws:s3:::b"), "ArnLike", "aws:PrincipalArn", role))), No},
		{"…and the other way round", iam.Resource, list(by("*", when(allow("s3:*", "arn:aws:s3:::b"), "ArnLike", "aws:PrincipalArn", role))), list(by(aws(role), allow("s3:*", "arn:aws:s3:::b"))), No},
		{"an account covers its role", iam.Resource, list(by(aws("111111111111"), allow("s3:*", "*"))), list(by(aws(role), allow("s3:*", "*"))), No},
		{"a role does not cover its account", iam.Resource, list(by(aws(role), allow("s3:*", "*"))), list(by(aws("111111111111"), allow("s3:*", "*"))), Yes},
		{"a session is of its role", iam.Resource, list(by(aws("arn:aws:iam::111111111111:role/p/R"), allow("s3:*", "*"))), list(by(aws("arn:aws:sts::111111111111:assumed-role/R/s"), allow("s3:*", "*"))), Yes},
		{"an account by Principal and by aws:PrincipalAccount", iam.Resource, list(by(aws("111111111111"), allow("s3:*", "*"))), list(by("*", when(allow("s3:*", "*"), "StringEquals", "aws:PrincipalAccount", "111111111111"))), No},
		{"a user by his name", iam.Resource, list(by("*", when(allow("s3:*", "*"), "ArnLike", "aws:PrincipalArn", "arn:aws*:iam::*:user/*"))), list(by("*", when(allow("s3:*", "*"), "StringLike", "aws:username", "*"))), No},
		{"a session's name is in its id", iam.Resource, list(by(aws("arn:aws:sts::111111111111:assumed-role/R/one"), allow("s3:*", "*"))), list(by("*", when(allow("s3:*", "*"), "StringLike", "aws:userid", "*:other"))), Yes},
		{"services are no account's", iam.Resource, list(by("*", when(allow("s3:*", "*"), "StringLike", "aws:PrincipalAccount", "*"))), list(by(map[string]any{"Service": "ec2.amazonaws.com"}, allow("s3:*", "*"))), Yes},
		{"services by their key", iam.Resource, list(by("*", when(allow("s3:*", "*"), "Bool", "aws:PrincipalIsAWSService", "true"))), list(by(map[string]any{"Service": "*"}, allow("s3:*", "*"))), No},

		{"web identities do not come with AssumeRole", iam.Trust, list(by(aws(role), allow("sts:AssumeRole", nil))), list(by(federated("accounts.google.com"), allow("sts:AssumeRole", nil))), No},
		{"…nor with a SAML provider's action", iam.Trust, list(by(aws(role), allow("sts:AssumeRole", nil))), list(by(federated("arn:aws:iam::111111111111:oidc-provider/x.example.com"), allow("sts:AssumeRoleWithSAML", nil))), No},
		{
			"any subject instead of one", iam.Trust,
			list(by(federated("accounts.google.com"), when(allow("sts:AssumeRoleWithWebIdentity", nil), "StringEquals", "accounts.google.com:sub", "a"))),
			list(by(federated("accounts.google.com"), when(allow("sts:AssumeRoleWithWebIdentity", nil), "StringLike", "accounts.google.com:sub", "a*"))), Yes,
		},

		{
			"a key of another issuer is never there", iam.Trust, list(by(aws(role), allow("sts:AssumeRole", nil))),
			list(by(federated("accounts.google.com"), when(allow("sts:AssumeRoleWithWebIdentity", nil), "StringEquals", "oidc.eks.eu-west-1.amazonaws.com/id/OLD:sub", "a"))), No,
		},
		{
			"…nor is any issuer's for a user", iam.Trust, list(by(federated("accounts.google.com"), allow("sts:*", nil))),
			list(by(aws("111111111111"), when(allow("sts:AssumeRole", nil), "StringLike", "accounts.google.com:sub", "*"))), No,
		},
		{
			"an issuer is named in any case", iam.Trust, list(by(aws(role), allow("sts:AssumeRole", nil))),
			list(by(federated("arn:aws:iam::111111111111:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/AB"), when(allow("sts:AssumeRoleWithWebIdentity", nil), "StringEquals", "oidc.eks.eu-west-1.amazonaws.com/id/AB:sub", "a"))), Yes,
		},
		{
			"anonymous callers are of no organisation", iam.Resource, list(by("*", when(allow("s3:*", "*"), "StringLike", "aws:PrincipalAccount", "*"))),
			list(by("*", when(allow("s3:*", "*"), "StringEquals", "aws:PrincipalOrgID", "o-acme"))), No,
		},

		{"a prefix within a prefix", iam.Identity, list(when(allow("s3:*", "*"), "IpAddress", "aws:SourceIp", "10.0.0.0/8")), list(when(allow("s3:*", "*"), "IpAddress", "aws:SourceIp", "10.1.0.0/16", "10.255.255.255")), No},
		{"one address more", iam.Identity, list(when(allow("s3:*", "*"), "IpAddress", "aws:SourceIp", "10.0.0.0/9")), list(when(allow("s3:*", "*"), "IpAddress", "aws:SourceIp", "10.0.0.0/9", "10.128.0.0")), Yes},
		{"halves make a whole", iam.Identity, list(when(allow("s3:*", "*"), "IpAddress", "aws:SourceIp", "10.0.0.0/9", "10.128.0.0/9")), list(when(allow("s3:*", "*"), "IpAddress", "aws:SourceIp", "10.0.0.0/8")), No},
		{"numbers between", iam.Identity, list(when(allow("s3:*", "*"), "NumericLessThan", "s3:max-keys", "10")), list(when(allow("s3:*", "*"), "NumericLessThanEquals", "s3:max-keys", "10")), Yes},
		{"no number between", iam.Identity, list(when(allow("s3:*", "*"), "NumericLessThanEquals", "s3:max-keys", "10.0")), list(when(allow("s3:*", "*"), "NumericLessThan", "s3:max-keys", "1e1")), No},
		{"a day later", iam.Identity, list(when(allow("s3:*", "*"), "DateLessThan", "aws:CurrentTime", "2026-01-01T00:00:00Z")), list(when(allow("s3:*", "*"), "DateLessThan", "aws:CurrentTime", "2026-01-02T00:00:00Z")), Yes},
		{"the same moment elsewhere", iam.Identity, list(when(allow("s3:*", "*"), "DateLessThan", "aws:CurrentTime", "2026-01-01T00:00:00Z")), list(when(allow("s3:*", "*"), "DateLessThan", "aws:CurrentTime", "2026-01-01T02:00:00+02:00")), No},

		{"IfExists adds absence", iam.Identity, list(when(allow("s3:*", "*"), "Bool", "aws:MultiFactorAuthPresent", "true")), list(when(allow("s3:*", "*"), "BoolIfExists", "aws:MultiFactorAuthPresent", "true")), Yes},
		{"a negated operator holds where the key is absent", iam.Identity, list(when(allow("s3:*", "*"), "StringNotEqualsIfExists", "aws:SourceVpce", "vpce-1")), list(when(allow("s3:*", "*"), "StringNotEquals", "aws:SourceVpce", "vpce-1")), No},
		{"ForAllValues adds absence", iam.Identity, list(when(allow("ec2:*", "*"), "ForAnyValue:StringEquals", "aws:TagKeys", "a")), list(when(allow("ec2:*", "*"), "ForAllValues:StringEquals", "aws:TagKeys", "a")), Yes},
		{"ForAllValues on a present key is ForAnyValue too", iam.Identity, list(when(allow("ec2:*", "*"), "ForAnyValue:StringEquals", "aws:TagKeys", "a", "b")), list(map[string]any{"Effect": "Allow", "Action": "ec2:*", "Resource": "*", "Condition": map[string]any{"ForAllValues:StringEquals": map[string]any{"aws:TagKeys": []string{"a"}}, "Null": map[string]any{"aws:TagKeys": "false"}}}), No},
		{"StringEquals has no wildcards", iam.Identity, list(when(allow("s3:*", "*"), "StringLike", "aws:PrincipalTag/t", "a*")), list(when(allow("s3:*", "*"), "StringEquals", "aws:PrincipalTag/t", "a*")), No},
		{"case that does not count", iam.Identity, list(when(allow("s3:*", "*"), "StringEquals", "aws:PrincipalTag/t", "ab", "aB", "Ab", "AB")), list(when(allow("s3:*", "*"), "StringEqualsIgnoreCase", "aws:PrincipalTag/t", "ab")), No},
		{"the Kelvin sign is a k where case does not count", iam.Identity, list(when(allow("s3:*", "*"), "StringEquals", "aws:PrincipalTag/t", "k", "K")), list(when(allow("s3:*", "*"), "StringEqualsIgnoreCase", "aws:PrincipalTag/t", "k")), Yes},

		{"a variable is less than a star", iam.Identity, list(allow("s3:*", "arn:aws:s3:::b/*")), list(allow("s3:*", "arn:aws:s3:::b/${aws:username}/*")), No},
		{"a star is more than a variable", iam.Identity, list(allow("s3:*", "arn:aws:s3:::b/${aws:username}/*")), list(allow("s3:*", "arn:aws:s3:::b/*")), Yes},
		{"a variable inside the same variable", iam.Identity, list(allow("s3:*", "arn:aws:s3:::b/${aws:username}/*")), list(allow("s3:GetObject", "arn:aws:s3:::b/${aws:username}/public/*")), No},
		{"one variable for another", iam.Identity, list(allow("s3:*", "arn:aws:s3:::b/${aws:PrincipalTag/a}")), list(allow("s3:*", "arn:aws:s3:::b/${aws:PrincipalTag/b}")), Yes},
		{"a variable that is tied to a value", iam.Identity, list(allow("s3:*", "arn:aws:s3:::b/alice")), list(when(allow("s3:*", "arn:aws:s3:::b/${aws:username}"), "StringEquals", "aws:username", "alice")), No},
		{"a variable that is denied", iam.Identity, list(all, deny("s3:*", "arn:aws:s3:::b/${aws:username}")), list(all), Yes},
		{"…still denied", iam.Identity, list(all, deny("s3:*", "arn:aws:s3:::b/${aws:username}")), list(all, deny("s3:*", "arn:aws:s3:::b/${aws:username}")), No},
		{"an escape is no variable", iam.Identity, list(allow("s3:*", "arn:aws:s3:::b/?")), list(allow("s3:*", "arn:aws:s3:::b/${*}")), No},
		{"a variable as a boolean", iam.Identity, list(when(allow("s3:*", "*"), "Bool", "aws:SecureTransport", "true")), list(when(allow("s3:*", "*"), "Bool", "aws:SecureTransport", "${aws:PrincipalTag/t}")), Yes},
		{"…of which there are two", iam.Identity, list(when(allow("s3:*", "*"), "Bool", "aws:SecureTransport", "true", "false")), list(when(allow("s3:*", "*"), "Bool", "aws:SecureTransport", "${aws:PrincipalTag/t}")), No},
		{"a default", iam.Identity, list(allow("s3:*", "arn:aws:s3:::b/x")), list(allow("s3:*", "arn:aws:s3:::b/${aws:PrincipalTag/t, 'x'}")), Yes},
	} {
		t.Run(c.name, func(t *testing.T) {
			old, new := parse(t, c.kind, c.old), parse(t, c.kind, c.new)
			got := Compare(old, new, Options{})
			if got.Grants != c.want {
				t.Fatalf("%v, want %v: %s", got.Grants, c.want, got.Summary)
			}
			if got.Grants == Yes && (!new.Permits(got.Witness) || old.Permits(got.Witness)) {
				t.Errorf("the witness does not replay: %s", got.Summary)
			}
			if again := Compare(new, new, Options{}); again.Grants != No {
				t.Errorf("new against itself: %v: %s", again.Grants, again.Summary)
			}
		})
	}
}

func TestSummariesReadLikeSentences(t *testing.T) {
	named := func(sid string, s map[string]any) map[string]any { s["Sid"] = sid; return s }
	for _, c := range []struct {
		name     string
		kind     iam.Kind
		old, new []map[string]any
		want     string
	}{
		{
			"a resource policy", iam.Resource,
			list(by(map[string]any{"AWS": "arn:aws:iam::111111111111:role/Deploy"}, allow("s3:GetObject", "arn:aws:s3:::b/*"))),
			list(named("Deploy", by(map[string]any{"AWS": "111111111111"}, when(allow("s3:PutObject", "arn:aws:s3:::b/*"), "IpAddress", "aws:SourceIp", "10.0.0.0/8")))),
			`new statement 0 ("Deploy") lets any principal of account 111111111111 do s3:PutObject on arn:aws:s3:::b/* when aws:SourceIp is in 10.0.0.0/8; old does not, for example arn:aws:sts::111111111111:assumed-role/Example/session doing s3:PutObject on arn:aws:s3:::b/example with aws:SourceIp 10.0.0.0`,
		},
		{
			"an identity policy", iam.Identity,
			list(allow("ec2:Describe*", "*")),
			list(allow("ec2:Describe*", "*"), allow([]string{"s3:*", "ec2:RunInstances", "iam:PassRole", "kms:*", "sqs:*"}, "*")),
			`new statement 1 lets its holder do s3:*, ec2:RunInstances, iam:PassRole or 2 more on any resource; old does not, for example arn:aws:sts::111111111111:assumed-role/Example/session doing s3:GetObject on arn:aws:s3:::example-bucket/example`,
		},
		{
			"a trust policy", iam.Trust,
			list(by(map[string]any{"AWS": "111111111111"}, allow("sts:AssumeRole", nil))),
			list(by(map[string]any{"Federated": "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"},
				when(allow("sts:AssumeRoleWithWebIdentity", nil), "StringLike", "token.actions.githubusercontent.com:sub", "repo:acme/*"))),
			`new statement 0 lets arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com do sts:AssumeRoleWithWebIdentity when token.actions.githubusercontent.com:sub is like repo:acme/*; old does not, for example a caller with a token of arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com doing sts:AssumeRoleWithWebIdentity on arn:aws:iam::111111111111:role/Example with token.actions.githubusercontent.com:sub repo:acme/example`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Compare(parse(t, c.kind, c.old), parse(t, c.kind, c.new), Options{})
			if got.Summary != c.want {
				t.Errorf("got  %s\nwant %s", got.Summary, c.want)
			}
		})
	}
}

func TestUndecidedSaysWhy(t *testing.T) {
	old := parse(t, iam.Identity, list(allow("s3:*", "arn:aws:s3:::*ab*cd*")))
	new := parse(t, iam.Identity, list(allow("s3:*", "arn:aws:s3:::*ab*cd*ef*")))
	if got := Compare(old, new, Options{Budget: 40}); got.Grants != Undecided || !strings.Contains(got.Why, "budget") || !strings.HasPrefix(got.Summary, "undecided: ") {
		t.Errorf("%+v", got)
	}
	mixed := func(s ...map[string]any) *iam.Document { return parse(t, iam.Identity, s) }
	number := when(allow("s3:*", "*"), "NumericLessThan", "x:k", "10")
	number["Condition"].(map[string]any)["StringLike"] = map[string]any{"x:k": []string{"*77*"}}
	got := Compare(mixed(allow("ec2:*", "*")), mixed(number), Options{})
	if got.Grants == No {
		t.Errorf("-77 is a number below 10: %s", got.Summary)
	}
	if got.Grants == Undecided && !strings.Contains(got.Why, "different types") {
		t.Errorf("%s", got.Why)
	}
	if got := Compare(parse(t, iam.SCP, list(allow("*", "*"))), new, Options{}); got.Grants != Undecided {
		t.Errorf("an SCP against an identity policy: %v", got.Grants)
	}
}

func TestRejectedDocumentsGrantNothing(t *testing.T) {
	good := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`
	bad := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*","Colour":"red"}}`
	if got, ps := CompareText("x", iam.Identity, []byte(good), []byte(bad), Options{}); got.Grants != No || len(ps) != 1 || ps[0].File != "x.new" {
		t.Errorf("%v %v", got.Grants, ps)
	}
	got, ps := CompareText("x", iam.Identity, []byte(bad), []byte(good), Options{})
	if got.Grants != Yes || len(ps) != 1 || ps[0].File != "x.old" {
		t.Errorf("%v %v", got.Grants, ps)
	}
}

func TestPlaceholdersOfTemplates(t *testing.T) {
	doc := func(account string) []byte {
		return []byte(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + account + `:role/R"},"Action":"s3:*","Resource":"*"}}`)
	}
	for _, c := range []struct {
		old, new string
		want     Verdict
		says     string
	}{
		{"<ACCOUNT ID>", "222222222222", No, "<ACCOUNT ID> in old is read as 222222222222, the account that new names"},
		{"222222222222", "<your-account>", No, "<your-account> in new is read as 222222222222, the account that old names"},
		{"<ACCOUNT ID>", "<ACCOUNT ID>", No, "a stand-in"},
		{"111111111111", "222222222222", Yes, ""},
	} {
		got, ps := CompareText("x", iam.Resource, doc(c.old), doc(c.new), Options{})
		if len(ps) > 0 || got.Grants != c.want || !strings.Contains(got.Summary, c.says) {
			t.Errorf("%s, %s: %v %v %s", c.old, c.new, got.Grants, ps, got.Summary)
		}
	}
}

func TestPlaceholderThatStandsAlone(t *testing.T) {
	doc := func(principal string) []byte {
		return []byte(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + principal + `"},"Action":"sts:AssumeRole"}}`)
	}
	got, ps := CompareText("x", iam.Trust, doc("<ACCOUNT ID>"), doc("arn:aws:iam::222222222222:role/R"), Options{})
	if len(ps) > 0 || got.Grants != No {
		t.Errorf("%v %v", ps, got.Summary)
	}
	if got, ps := CompareText("x", iam.Trust, doc("<something else>"), doc("222222222222"), Options{}); len(ps) != 1 {
		t.Errorf("%v %v", ps, got.Summary)
	}
}

func TestCompareEachNamesAllStatementsThatGrant(t *testing.T) {
	old := parse(t, iam.Identity, list(allow("s3:Get*", "*")))
	new := parse(t, iam.Identity, list(allow("s3:GetObject", "*"), allow("s3:PutObject", "*"), deny("ec2:*", "*"), allow("ec2:RunInstances", "*"), allow("iam:PassRole", "*")))
	var by []int
	for _, a := range CompareEach(old, new, Options{}) {
		if a.Grants != Yes || !new.Permits(a.Witness) || old.Permits(a.Witness) {
			t.Errorf("%+v", a)
		}
		by = append(by, a.By)
	}
	if !slices.Equal(by, []int{1, 4}) {
		t.Errorf("got %v", by)
	}
}

func TestWitnessOfAResourcePolicyComesFromElsewhere(t *testing.T) {
	old := parse(t, iam.Resource, list(by("*", deny("s3:*", "*"))))
	for _, account := range []string{"111111111111", "*"} {
		new := parse(t, iam.Resource, list(by(map[string]any{"AWS": account}, allow("s3:GetObject", "arn:aws:s3:::b/*"))))
		got := Compare(old, new, Options{})
		if w := got.Witness; w == nil || w.ResourceAccount == "" || w.ResourceAccount == w.Principal.Account {
			t.Errorf("%+v", got.Witness)
		}
	}
}

func TestFind(t *testing.T) {
	bucket := parse(t, iam.Resource, list(
		by(map[string]any{"AWS": "111111111111"}, allow("s3:*", "arn:aws:s3:::b/*")),
		by("*", when(allow("s3:GetObject", "arn:aws:s3:::b/public/*"), "StringEquals", "aws:PrincipalOrgID", "o-acme")),
		by(map[string]any{"Service": "cloudfront.amazonaws.com"}, allow("s3:GetObject", "arn:aws:s3:::b/*")),
	))
	people := []iam.PrincipalKind{iam.Session, iam.User, iam.Root}
	for _, c := range []struct {
		name   string
		within Constraint
		want   Verdict
		by     int
	}{
		{"anyone outside the account", Constraint{OutsideAccounts: []string{"111111111111"}, Kinds: people}, Yes, 1},
		{"…who writes", Constraint{OutsideAccounts: []string{"111111111111"}, Actions: []string{"s3:Put*"}}, No, 0},
		{"anyone outside account and organisation", Constraint{OutsideAccounts: []string{"111111111111"}, OutsideOrganisation: "o-acme", Kinds: people}, No, 0},
		{"…services included", Constraint{OutsideAccounts: []string{"111111111111"}, OutsideOrganisation: "o-acme"}, Yes, 2},
		{"anonymous callers", Constraint{Kinds: []iam.PrincipalKind{iam.Anonymous}}, No, 0},
		{"another bucket", Constraint{Resources: []string{"arn:aws:s3:::c/*"}}, No, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Find(bucket, c.within, Options{})
			if got.Grants != c.want || got.Grants == Yes && got.By != c.by {
				t.Fatalf("%v by %d, want %v by %d: %s", got.Grants, got.By, c.want, c.by, got.Summary)
			}
			if got.Grants == Yes && !bucket.Permits(got.Witness) {
				t.Errorf("the witness does not replay: %s", got.Summary)
			}
			if got.Grants == Yes && len(c.within.Kinds) > 0 && !slices.Contains(c.within.Kinds, got.Witness.Principal.Kind) {
				t.Errorf("the witness is not of the kinds: %s", got.Summary)
			}
			if got.Grants == Yes && slices.Contains(c.within.OutsideAccounts, got.Witness.Principal.Account) {
				t.Errorf("the witness is not outside: %s", got.Summary)
			}
		})
	}
}

func TestUnneeded(t *testing.T) {
	doc := parse(t, iam.Identity, list(
		allow("s3:PutObject", "arn:aws:s3:::invoices/*"),
		allow("s3:*", "arn:aws:s3:::archive/*"),
		allow("kms:*", "*"),
		deny("kms:ScheduleKeyDeletion", "*"),
		allow("kms:ScheduleKeyDeletion", "*"), // never works
	))
	needs := []Need{
		{"s3:PutObject", "arn:aws:s3:::invoices/*"},
		{"kms:Decrypt", "arn:aws:kms:eu-west-1:111111111111:key/k"},
		{"kms:ScheduleKeyDeletion", "*"},
	}
	if got := Unneeded(doc, needs, Options{}); !slices.Equal(got, []int{1, 4}) {
		t.Errorf("got %v", got)
	}
	if got := Unneeded(doc, nil, Options{}); !slices.Equal(got, []int{0, 1, 2, 4}) {
		t.Errorf("without needs: got %v", got)
	}
}

// If b grants nothing that a does not, and c nothing that b does not, then c
// grants nothing that a does not. And the same question has the same answer.
func TestComparisonsAreTransitiveAndTheSameEachTime(t *testing.T) {
	chains := 0
	for seed := range int64(400) {
		m := &maker{Rand: rand.New(rand.NewSource(seed))}
		m.kind = pick(m, iam.Identity, iam.Resource, iam.Trust)
		first := m.document(nil)
		a := parse(t, m.kind, first)
		b := parse(t, m.kind, m.document(first))
		c := parse(t, m.kind, m.document(first))
		ab, bc, ac := Compare(a, b, Options{}), Compare(b, c, Options{}), Compare(a, c, Options{})
		if ab.Grants == No && bc.Grants == No {
			chains++
			if ac.Grants != No {
				t.Errorf("seed %d: %s", seed, ac.Summary)
			}
		}
		if again := Compare(a, c, Options{}); !cmp.Equal(again, ac) {
			t.Errorf("seed %d: %s", seed, cmp.Diff(ac, again))
		}
	}
	if chains < 20 {
		t.Errorf("only %d chains", chains)
	}
}
