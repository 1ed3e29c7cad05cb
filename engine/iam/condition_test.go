package iam

import (
	"strings"
	"testing"
)

// holds says whether a condition, written as JSON, holds in a context.
func holds(t *testing.T, o Options, condition string, c Context) bool {
	t.Helper()
	d := policy(t, Identity, "Allow * * "+condition)
	r := &Request{Principal: by(t, ann), Action: "s3:GetObject", Resource: file, Context: c}
	return o.Evaluate(r, &Policies{Identity: []*Document{d}}).Allowed
}

// IAM User Guide, "Condition operators": the result of every operator when the
// key is not in the request, and when it is but has another value.
func TestMissingKeys(t *testing.T) {
	values := map[Test]string{
		StringEquals: "x", StringEqualsIgnoreCase: "x", StringLike: "x*", NumericEquals: "1", NumericLess: "1",
		NumericLessEquals: "1", NumericGreater: "1", NumericGreaterEquals: "1", DateEquals: "2026-01-01", DateLess: "2026-01-01",
		DateLessEquals: "2026-01-01", DateGreater: "2026-01-01", DateGreaterEquals: "2026-01-01", Bool: "true",
		BinaryEquals: "eA==", IPAddress: "192.0.2.0/24", ARNLike: "arn:aws:s3:::x",
	}
	n := 0
	for _, op := range tests {
		if op.test == Null {
			continue
		}
		n++
		for _, set := range []string{"", "ForAllValues:", "ForAnyValue:"} {
			for _, exists := range []string{"", "IfExists"} {
				condition := `{"` + set + op.name + exists + `":{"aws:TagKeys":"` + values[op.test] + `"}}`
				want := set != "ForAnyValue:" && op.negated || set == "ForAllValues:" || exists != ""
				if got := holds(t, Options{}, condition, nil); got != want {
					t.Errorf("%s with no key: got %v, want %v", condition, got, want)
				}
				// An empty list is as good as none.
				if set != "" {
					if got := holds(t, Options{}, condition, Context{"aws:tagkeys": Many()}); got != want {
						t.Errorf("%s with an empty key: got %v, want %v", condition, got, want)
					}
				}
			}
		}
	}
	if n != 26 {
		t.Errorf("%d operators, want the 26 of the User Guide", n)
	}
}

// IAM User Guide, "Condition operators".
func TestOperators(t *testing.T) {
	for _, c := range []struct {
		operator, want, has string
		holds               bool
	}{
		{"StringEquals", `"a"`, "a", true},
		{"StringEquals", `"a"`, "A", false}, // case counts
		{"StringEquals", `["b","a"]`, "a", true},
		{"StringEquals", `"a*"`, "ab", false}, // no wildcards
		{"StringEquals", `"a*"`, "a*", true},
		{"StringNotEquals", `"a"`, "b", true},
		{"StringNotEquals", `["a","b"]`, "b", false}, // none of them
		{"StringNotEquals", `["a","b"]`, "c", true},
		{"StringEqualsIgnoreCase", `"Ab"`, "aB", true},
		{"StringNotEqualsIgnoreCase", `"Ab"`, "aB", false},
		{"StringLike", `"a*c"`, "a:/bc", true}, // crosses everything
		{"StringLike", `"a?c"`, "abc", true},
		{"StringLike", `"a?c"`, "ac", false},
		{"StringLike", `"a?c"`, "aéc", true}, // one character, not one byte
		{"StringLike", `"A*"`, "ab", false},
		{"StringLike", `"repo:o/r:*"`, "repo:o/r:ref:refs/heads/main", true},
		{"StringNotLike", `["a*","b*"]`, "b1", false},
		{"StringNotLike", `["a*","b*"]`, "c1", true},
		{"stringequals", `"a"`, "a", true},
		{"NumericEquals", `"10"`, "10.0", true},
		{"NumericEquals", `10`, "10", true},
		{"NumericEquals", `"9007199254740993"`, "9007199254740992", false},
		{"NumericEquals", `"0.1"`, ".10", true},
		{"NumericEquals", `"1"`, "one", false},
		{"NumericNotEquals", `"1"`, "2", true},
		{"NumericLessThan", `"10"`, "9", true}, // not as text
		{"NumericLessThan", `"10"`, "10", false},
		{"NumericLessThan", `"-1"`, "-1.5", true},
		{"NumericLessThanEquals", `"10"`, "10", true},
		{"NumericGreaterThan", `"3600"`, "86400", true},
		{"NumericGreaterThan", `"0"`, "-0", false},
		{"NumericGreaterThanEquals", `"2.50"`, "2.5", true},
		{"DateEquals", `"2026-07-01T00:00:00Z"`, "2026-07-01", true},
		{"DateEquals", `"2026-07-01T02:00:00+02:00"`, "2026-07-01T00:00Z", true},
		{"DateEquals", `"2026-07-01T00:00:00Z"`, "1782864000", true}, // epoch
		{"DateEquals", `"2026-07-01T00:00:00.5Z"`, "1782864000.5", true},
		{"DateEquals", `1782864000`, "2026-07-01T00:00:00Z", true},
		{"DateNotEquals", `"2026-07-01"`, "2026-07-02", true},
		{"DateLessThan", `"2026-07-01T00:00:00Z"`, "2026-06-30T23:59:59.999Z", true},
		{"DateLessThan", `"2026-07-01T00:00:00Z"`, "2026-07-01T00:00:00Z", false},
		{"DateLessThanEquals", `"2026-07-01"`, "2026-07-01", true},
		{"DateGreaterThan", `"2026-07"`, "2026-07-02T00:00:00Z", true},
		{"DateGreaterThanEquals", `"2026-07-01"`, "tomorrow", false},
		{"Bool", `"true"`, "true", true},
		{"Bool", `true`, "True", true},
		{"Bool", `"false"`, "true", false},
		{"Bool", `["true","false"]`, "false", true},
		{"bool", `"true"`, "true", true},
		{"BinaryEquals", `"QmluYXJ5"`, "QmluYXJ5", true},
		{"BinaryEquals", `"QmluYXJ5"`, "QmluYXJ6", false},
		{"IpAddress", `"203.0.113.0/24"`, "203.0.113.7", true},
		{"IpAddress", `"203.0.113.9/24"`, "203.0.113.7", true},
		{"IpAddress", `"203.0.113.7"`, "203.0.113.7", true}, // /32
		{"IpAddress", `"203.0.113.7"`, "203.0.113.8", false},
		{"IpAddress", `"2001:db8::/32"`, "2001:DB8:0:0::1", true},
		{"IpAddress", `"2001:db8::1"`, "2001:db8::2", false},       // /128
		{"IpAddress", `"203.0.113.0/24"`, "203.0.113.0/25", false}, // a range is no address
		{"IpAddress", `"0.0.0.0/0"`, "2001:db8::1", false},
		{"IpAddress", `"203.0.113.0/24"`, "::ffff:203.0.113.7", true},
		{"IpAddress", `"::ffff:203.0.113.0/120"`, "203.0.113.7", true},
		{"IpAddress", `["10.0.0.0/8","203.0.113.0/24"]`, "203.0.113.7", true},
		{"NotIpAddress", `["10.0.0.0/8","203.0.113.0/24"]`, "203.0.113.7", false},
		{"NotIpAddress", `["10.0.0.0/8","203.0.113.0/24"]`, "192.0.2.1", true},
		{"ArnEquals", `"arn:aws:sns:*:111111111111:t"`, "arn:aws:sns:eu-west-1:111111111111:t", true}, // ≡ ArnLike
		{"ArnLike", `"arn:aws:sns:*:t"`, "arn:aws:sns:eu-west-1:111111111111:t", false},               // * crosses no colon
		{"ArnLike", `"arn:aws:iam::*:role/a*"`, "arn:aws:iam::111111111111:role/a/b:c", true},         // the last part keeps its colons
		{"ArnLike", `"arn:aws:iam::11111111111?:role/a"`, "arn:aws:iam::111111111111:role/a", true},
		{"ArnLike", `"arn:aws:iam::*:role/a"`, "arn:aws:iam::111111111111:role/A", false},
		{"ArnLike", `"*"`, "arn:aws:iam::111111111111:role/A", true},
		{"ArnNotLike", `"arn:aws:iam::*:role/a"`, "arn:aws:iam::111111111111:role/b", true},
		{"ArnNotEquals", `"arn:aws:iam::*:role/a"`, "arn:aws:iam::111111111111:role/a", false},
		{"Null", `"true"`, "x", false},
		{"Null", `"false"`, "x", true},
		{"Null", `false`, "", true}, // empty is not absent
		{"StringEqualsIfExists", `"a"`, "b", false},
		{"StringEquals", `[]`, "b", false},
		{"StringNotEquals", `[]`, "b", true},
	} {
		condition := `{"` + c.operator + `":{"aws:Key":` + c.want + `}}`
		if got := holds(t, Options{}, condition, Context{"aws:key": One(c.has)}); got != c.holds {
			t.Errorf("%s on %q: got %v, want %v", condition, c.has, got, c.holds)
		}
	}
	if holds(t, Options{}, `{"Null":{"aws:Key":"false"}}`, nil) || !holds(t, Options{}, `{"Null":{"AWS:kEY":"true"}}`, nil) {
		t.Error("Null says whether the key is there")
	}
}

// IAM User Guide, "Multivalued context keys".
func TestSets(t *testing.T) {
	for _, c := range []struct {
		condition string
		has       Value
		holds     bool
	}{
		{`{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}}`, Many("a", "b"), true},
		{`{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}}`, Many("a", "c"), false},
		{`{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}}`, Many("a"), true},
		{`{"ForAllValues:StringNotEquals":{"aws:TagKeys":["a","b"]}}`, Many("c", "d"), true},
		{`{"ForAllValues:StringNotEquals":{"aws:TagKeys":["a","b"]}}`, Many("c", "a"), false},
		{`{"ForAnyValue:StringEquals":{"aws:TagKeys":["a","b"]}}`, Many("c", "a"), true},
		{`{"ForAnyValue:StringEquals":{"aws:TagKeys":["a","b"]}}`, Many("c", "d"), false},
		{`{"ForAnyValue:StringNotEquals":{"aws:TagKeys":["a","b"]}}`, Many("a", "c"), true},
		{`{"ForAnyValue:StringNotEquals":{"aws:TagKeys":["a","b"]}}`, Many("a", "b"), false},
		{`{"ForAnyValue:StringLike":{"aws:TagKeys":"team-*"}}`, Many("x", "team-a"), true},
		// Without a set operator a multivalued key never matches, negated or not.
		{`{"StringEquals":{"aws:TagKeys":"a"}}`, Many("a"), false},
		{`{"StringNotEquals":{"aws:TagKeys":"a"}}`, Many("b"), false},
		{`{"StringEqualsIfExists":{"aws:TagKeys":"a"}}`, Many("a", "b"), false},
		// A single value is a set of one.
		{`{"ForAllValues:StringEquals":{"aws:TagKeys":"a"}}`, One("a"), true},
		{`{"ForAllValues:StringEquals":{"aws:TagKeys":"a"}}`, One("b"), false},
		{`{"ForAnyValue:StringEquals":{"aws:TagKeys":"a"}}`, One("a"), true},
		{`{"Null":{"aws:TagKeys":"false"}}`, Many("a", "b"), true},
		{`{"Null":{"aws:TagKeys":"true"}}`, Many(), true},
	} {
		if got := holds(t, Options{}, c.condition, Context{"aws:tagkeys": c.has}); got != c.holds {
			t.Errorf("%s on %v: got %v, want %v", c.condition, c.has, got, c.holds)
		}
	}
}

// IAM User Guide, "Conditions with multiple context keys or values".
func TestConditionsAreAnded(t *testing.T) {
	both := `{"StringEquals":{"aws:A":"1","aws:B":"1"},"StringLike":{"aws:C":"1*"}}`
	full := Context{"aws:a": One("1"), "aws:b": One("1"), "aws:c": One("12")}
	if !holds(t, Options{}, both, full) {
		t.Error("all hold")
	}
	for k := range full {
		c := Context{}
		for k2, v := range full {
			if k2 != k {
				c[k2] = v
			}
		}
		if holds(t, Options{}, both, c) {
			t.Errorf("holds without %s", k)
		}
	}
}

// IAM User Guide, "IAM policy elements: Variables and tags".
func TestVariables(t *testing.T) {
	tags := Context{"aws:principaltag/team": One("red"), "aws:tagkeys": Many("a"), "aws:key": One("red")}
	star := Context{"aws:principaltag/team": One("*"), "aws:key": One("*")}
	for _, c := range []struct {
		condition string
		has       Context
		holds     bool
	}{
		{`{"StringEquals":{"aws:Key":"${aws:PrincipalTag/team}"}}`, tags, true},
		{`{"StringEquals":{"aws:Key":"${AWS:principaltag/TEAM}"}}`, tags, true},
		{`{"StringLike":{"aws:Key":"${aws:PrincipalTag/team}*"}}`, tags, true},
		{`{"StringEquals":{"aws:Key":"${aws:PrincipalTag/none}"}}`, tags, false},
		{`{"StringNotEquals":{"aws:Key":"${aws:PrincipalTag/none}"}}`, tags, true},
		{`{"StringEquals":{"aws:Key":"${aws:PrincipalTag/none, 'red'}"}}`, tags, true},
		{`{"StringEquals":{"aws:Key":"${aws:PrincipalTag/none,'blue'}"}}`, tags, false},
		{`{"StringEquals":{"aws:Key":"${aws:PrincipalTag/team, 'blue'}"}}`, tags, true},
		{`{"StringEquals":{"aws:Key":"${aws:TagKeys}"}}`, Context{"aws:tagkeys": Many("a"), "aws:key": One("a")}, false}, // multivalued
		{`{"StringLike":{"aws:Key":"a${*}"}}`, Context{"aws:key": One("a*")}, true},
		{`{"StringLike":{"aws:Key":"a${*}"}}`, Context{"aws:key": One("ab")}, false},
		{`{"StringLike":{"aws:Key":"a${?}"}}`, Context{"aws:key": One("ab")}, false},
		{`{"StringEquals":{"aws:Key":"${$}{aws:username}"}}`, Context{"aws:key": One("${aws:username}")}, true},
		{`{"StringLike":{"aws:Key":"x${aws:PrincipalTag/team}"}}`, star, false},
		{`{"StringLike":{"aws:Key":"${aws:PrincipalTag/team}"}}`, Context{"aws:principaltag/team": One("*"), "aws:key": One("any")}, false}, // a * in a value is no wildcard
		{`{"ArnLike":{"aws:Key":"arn:aws:s3:::b/${aws:username}/*"}}`, Context{"aws:key": One("arn:aws:s3:::b/ann/x")}, true},
		{`{"NumericEquals":{"aws:Key":"${aws:PrincipalTag/n}"}}`, Context{"aws:key": One("1"), "aws:principaltag/n": One("1")}, false}, // strings and ARNs only
		{`{"StringEquals":{"aws:Key":"${aws:username"}}`, Context{"aws:key": One("${aws:username")}, true},
	} {
		if got := holds(t, Options{}, c.condition, c.has); got != c.holds {
			t.Errorf("%s on %v: got %v, want %v", c.condition, c.has, got, c.holds)
		}
	}
}

// IAM User Guide, "AWS global condition context keys", and "Variables and
// tags": the table of principal key values.
func TestKeysThatFollowFromThePrincipal(t *testing.T) {
	for _, c := range []struct{ who, key, want string }{
		{ann, "aws:PrincipalArn", ann},
		{ann, "aws:PrincipalAccount", "111111111111"},
		{ann, "aws:PrincipalType", "User"},
		{"arn:aws:iam::111111111111:user/dev/ann", "aws:username", "ann"},
		{ann, "aws:PrincipalIsAWSService", "false"},
		{role, "aws:PrincipalArn", role},
		{session, "aws:PrincipalArn", role},
		{session, "aws:PrincipalType", "AssumedRole"},
		{root, "aws:PrincipalArn", root},
		{root, "aws:PrincipalType", "Account"},
		{root, "aws:userid", "111111111111"},
		{fed, "aws:userid", "111111111111:bob"},
		{fed, "aws:PrincipalType", "FederatedUser"},
		{"ec2.amazonaws.com", "aws:PrincipalIsAWSService", "true"},
		{"ec2.amazonaws.com", "aws:PrincipalServiceName", "ec2.amazonaws.com"},
		{"", "aws:PrincipalType", "Anonymous"},
		{"", "aws:userid", "anonymous"},
		{ann, "aws:ResourceAccount", "333333333333"},

		{session, "aws:username", ""},
		{root, "aws:username", ""},
		{"", "aws:PrincipalArn", ""},
		{"", "aws:PrincipalIsAWSService", ""},
		{"ec2.amazonaws.com", "aws:PrincipalArn", ""},
		{ann, "aws:PrincipalServiceName", ""},
		{ann, "aws:userid", ""}, // AIDA…, which an ARN does not tell
	} {
		r := &Request{Principal: by(t, c.who), Action: "s3:GetObject", Resource: file, ResourceAccount: "333333333333"}
		condition := `{"StringEquals":{"` + c.key + `":"` + c.want + `"}}`
		if c.want == "" {
			condition = `{"Null":{"` + c.key + `":"true"}}`
		}
		if !policy(t, Resource, "Allow * * * "+condition).Permits(r) {
			t.Errorf("%s: %s does not hold", c.who, condition)
		}
	}
	r := &Request{Principal: by(t, ann), Action: "s3:GetObject", Resource: file, Context: Context{"aws:username": One("given")}}
	if !policy(t, Resource, `Allow * * * {"StringEquals":{"aws:username":"given"}}`).Permits(r) {
		t.Error("a key that is given goes before one that follows")
	}
}

func TestNumbersAreExact(t *testing.T) {
	big := "1" + strings.Repeat("0", 400)
	for _, c := range []struct {
		a, b string
		want int
	}{
		{big + "1", big + "2", -1},
		{"1e400", big, 0},
		{"-1e999999999", "1e-999999999", -1},
		{"0", "-0.000", 0},
		{"00012", "12.0", 0},
		{"0.0012", "0.012", -1},
		{"-2", "-10", 1},
		{"100", "99.999", 1},
	} {
		a, ok1 := parseDecimal(c.a)
		b, ok2 := parseDecimal(c.b)
		if !ok1 || !ok2 || a.compare(b) != c.want || b.compare(a) != -c.want {
			t.Errorf("%.20s against %.20s: got %d (%v %v), want %d", c.a, c.b, a.compare(b), ok1, ok2, c.want)
		}
	}
	for _, s := range []string{"", "-", ".", "1.", "1e", "1e9999999999", "0x1", "1 ", "NaN", "1_0", "--1", "+-1"} {
		if _, ok := parseDecimal(s); ok {
			t.Errorf("%q is no number", s)
		}
	}
}
