package permit

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"fathom/engine/iam"
)

// A maker makes random documents of a small vocabulary, so that statements
// overlap, and random requests near what the documents name.
type maker struct {
	*rand.Rand
	kind iam.Kind
	vars bool // whether texts may have policy variables
}

func pick[T any](m *maker, list ...T) T { return list[m.Intn(len(list))] }

func (m *maker) some(list ...string) []string {
	out := []string{pick(m, list...)}
	for m.Intn(3) == 0 {
		out = append(out, pick(m, list...))
	}
	return out
}

var (
	someActions = []string{
		"*", "s3:*", "s3:GetObject", "S3:getobject", "s3:PutObject", "s3:Get*", "s3:?etObject", "s3:*Object", "s3:G*t*", "kms:Decrypt", "kms:*", "ec2:RunInstances",
	}
	someTrustActions = []string{
		"*", "sts:*", "sts:AssumeRole", "sts:AssumeRole*", "sts:assumerole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML", "sts:TagSession", "sts:*e*",
	}
	someResources = []string{
		"*", "arn:aws:s3:::*", "arn:aws:s3:::b", "arn:aws:s3:::b/*", "arn:aws:s3:::b/a*", "arn:aws:s3:::b/?a", "arn:aws:s3:*:*:b/a", "arn:aws:s3:::*/x",
		"arn:aws:s3:::b/*a*", "arn:aws:kms:eu-west-1:111111111111:key/k", "arn:aws:kms:*:*:key/*", "arn:aws:kms:*:222222222222:key/*", "arn:*:s3:*:*:*", "arn:aws:kms:eu-*:1111*:*",
	}
	someOpenResources = []string{"arn:aws:s3:::b/${aws:username}", "arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::${aws:PrincipalTag/t}/*", "arn:aws:s3:::b/${aws:PrincipalTag/t, 'a'}", "arn:aws:s3:::b/${*}"}
	someRoles         = []string{"arn:aws:iam::111111111111:role/R", "arn:aws:iam::111111111111:role/p/R", "arn:aws:iam::222222222222:role/S", "arn:aws:iam::111111111111:role/S"}
	someUsers         = []string{"arn:aws:iam::111111111111:user/u", "arn:aws:iam::222222222222:user/p/u", "arn:aws:iam::111111111111:user/a"}
	someSessions      = []string{"arn:aws:sts::111111111111:assumed-role/R/one", "arn:aws:sts::222222222222:assumed-role/S/two"}
	someProviders     = []string{"arn:aws:iam::111111111111:saml-provider/P", "arn:aws:iam::111111111111:oidc-provider/o.example.com", "accounts.google.com", "arn:aws:iam::222222222222:saml-provider/P"}
	someServices      = []string{"ec2.amazonaws.com", "lambda.amazonaws.com"}
)

func (m *maker) principal() any {
	aws := slices.Concat(someRoles, someUsers, someSessions, []string{
		"*", "111111111111", "222222222222", "arn:aws:iam::111111111111:root", "arn:aws:sts::111111111111:federated-user/f", "AROAEXAMPLEEXAMPLE",
	})
	switch n := m.Intn(10); {
	case n < 3:
		return "*"
	case n < 7:
		return map[string]any{"AWS": m.some(aws...)}
	case n < 8:
		return map[string]any{"Service": m.some(append(someServices, "*")...)}
	case n < 9:
		return map[string]any{"Federated": m.some(append(someProviders, "*")...)}
	}
	return map[string]any{"AWS": m.some(aws...), "Service": m.some(someServices...)}
}

// sorts are the operators of a sort of values, and values.
type sort struct {
	operators, values []string
}

var (
	stringSort = sort{
		[]string{"StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike"},
		[]string{"a", "A", "b", "ab", "a*", "*", "*b", "?", "?*b", "a?", "aKb", "${*}"},
	}
	arnSort = sort{
		[]string{"ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "StringEquals", "StringLike", "StringNotLike"},
		[]string{
			"arn:aws:iam::111111111111:role/R", "arn:aws:iam::111111111111:role/*", "arn:aws:iam::*:role/p/*", "arn:aws:iam::*:*", "arn:aws:iam::22*:user/*", "arn:*:iam::*:user/u", "*",
			"arn:aws:sts::*:*", "*R", "arn:aws-cn:iam::*:role/R",
		},
	}
	accountSort = sort{[]string{"StringEquals", "StringNotEquals", "StringLike", "StringNotLike"}, []string{"111111111111", "222222222222", "1*", "*", "*2", "11?????????1"}}
	nameSort    = sort{[]string{"StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase"}, []string{"u", "a", "*", "?", "A*", "a*"}}
	numberSort  = sort{
		[]string{"NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals"},
		[]string{"1", "2", "2.5", "-3", "1e1", "10", "02"},
	}
	dateSort = sort{
		[]string{"DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"},
		[]string{"2026-01-01T00:00:00Z", "2026-01-01", "1767225601", "2026-06-30T12:00:00+02:00", "2027-01-01T00:00:00.5Z"},
	}
	boolSort   = sort{[]string{"Bool"}, []string{"true", "false", "True"}}
	ipSort     = sort{[]string{"IpAddress", "NotIpAddress"}, []string{"10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "0.0.0.0/0", "2001:db8::/32", "::/0", "::ffff:10.1.0.0/112"}}
	typeSort   = sort{[]string{"StringEquals", "StringNotEquals", "StringLike"}, []string{"AssumedRole", "User", "A*", "Account", "Anonymous"}}
	idSort     = sort{[]string{"StringEquals", "StringLike", "StringNotLike"}, []string{"AROA*", "*:one", "AIDAX", "111111111111", "anonymous", "*"}}
	binarySort = sort{[]string{"BinaryEquals"}, []string{"YQ==", "YWI="}}
)

// someKeys are condition keys, by the sort of their values.
var someKeys = []struct {
	key  string
	of   sort
	list bool // used with set operators too
}{
	{"aws:RequestTag/k", stringSort, false},
	{"aws:RequestTag/l", stringSort, false},
	{"aws:TagKeys", stringSort, true},
	{"x:list", stringSort, true},
	{"aws:PrincipalArn", arnSort, false},
	{"aws:SourceArn", arnSort, false},
	{"aws:PrincipalAccount", accountSort, false},
	{"aws:ResourceAccount", accountSort, false},
	{"kms:CallerAccount", accountSort, false},
	{"aws:username", nameSort, false},
	{"s3:max-keys", numberSort, false},
	{"aws:CurrentTime", dateSort, false},
	{"aws:SecureTransport", boolSort, false},
	{"aws:SourceIp", ipSort, false},
	{"aws:PrincipalType", typeSort, false},
	{"aws:userid", idSort, false},
	{"aws:PrincipalIsAWSService", boolSort, false},
	{"aws:PrincipalServiceName", sort{[]string{"StringEquals", "StringLike", "StringNotEquals"}, []string{"ec2.amazonaws.com", "*"}}, false},
	{"x:binary", binarySort, false},
	{"x:numbers", numberSort, true},
	{"aws:PrincipalTag/t", stringSort, false},
}

func (m *maker) condition() map[string]any {
	out := map[string]any{}
	for range 1 + m.Intn(2) {
		k := someKeys[m.Intn(len(someKeys))]
		op, values := pick(m, k.of.operators...), m.some(k.of.values...)
		if m.vars && k.key == "aws:RequestTag/k" && m.Intn(2) == 0 && strings.HasPrefix(op, "String") {
			values = []string{pick(m, "${aws:username}", "${aws:PrincipalTag/t}", "a${aws:PrincipalTag/t}", "${aws:RequestTag/l, 'b'}")}
		}
		if m.vars && k.key == "aws:SecureTransport" {
			values = []string{pick(m, "${aws:PrincipalTag/t}", "${aws:PrincipalTag/t, 'true'}", "true")}
		}
		if m.Intn(4) == 0 {
			op += "IfExists"
		}
		if m.Intn(8) == 0 {
			op, values = "Null", []string{pick(m, "true", "false")}
		} else if k.list && m.Intn(4) > 0 {
			op = pick(m, "ForAllValues:", "ForAnyValue:") + op
		}
		if out[op] == nil {
			out[op] = map[string]any{}
		}
		out[op].(map[string]any)[k.key] = values
	}
	return out
}

func (m *maker) statement(allow int) map[string]any {
	s := map[string]any{"Effect": "Deny"}
	if m.Intn(10) < allow {
		s["Effect"] = "Allow"
	}
	actions := someActions
	if m.kind == iam.Trust {
		actions = someTrustActions
	}
	s[pick(m, "Action", "Action", "Action", "NotAction")] = m.some(actions...)
	if m.kind != iam.Trust {
		resources := someResources
		if m.vars && m.Intn(2) == 0 {
			resources = someOpenResources
		}
		s[pick(m, "Resource", "Resource", "Resource", "NotResource")] = m.some(resources...)
	}
	switch m.kind {
	case iam.Resource, iam.Endpoint:
		s[pick(m, "Principal", "Principal", "Principal", "Principal", "NotPrincipal")] = m.principal()
	case iam.Trust:
		s["Principal"] = m.principal()
	}
	if m.Intn(2) == 0 {
		s["Condition"] = m.condition()
	}
	return s
}

// document makes a document; related documents share statements with it.
func (m *maker) document(with []map[string]any) []map[string]any {
	var out []map[string]any
	for range 1 + m.Intn(3) {
		if len(with) == 0 || m.Intn(2) == 0 {
			out = append(out, m.statement(7))
			continue
		}
		s := map[string]any{}
		for k, v := range pick(m, with...) {
			s[k] = v
		}
		switch m.Intn(4) { // a statement of the other document, hardly changed
		case 0:
			delete(s, "Condition")
		case 1:
			other := m.statement(7)
			if k := pick(m, "Action", "Resource", "Principal"); s[k] != nil && other[k] != nil {
				s[k] = other[k]
			}
		case 2:
			s["Condition"] = m.condition()
		}
		out = append(out, s)
	}
	return out
}

func parse(t testing.TB, kind iam.Kind, statements any) *iam.Document {
	t.Helper()
	text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
	if err != nil {
		t.Fatal(err)
	}
	d, ps := iam.Parse(text, "test", kind)
	if len(ps) > 0 {
		t.Fatalf("%s: %v", text, ps)
	}
	return d
}

// request makes a request that the model knows: its keys agree with its caller.
func (m *maker) request(old, new *iam.Document) *iam.Request {
	r := &iam.Request{Context: iam.Context{}}
	m.caller(r)
	r.Action = pick(m, "s3:GetObject", "s3:PutObject", "s3:getobject", "s3:Other", "s3:GTt", "kms:Decrypt", "kms:Encrypt", "ec2:RunInstances", "x:y")
	r.Resource = pick(m, "*", "arn:aws:s3:::b", "arn:aws:s3:::b/a", "arn:aws:s3:::b/aa", "arn:aws:s3:::b/x", "arn:aws:s3:::b/a/x", "arn:aws:s3:::c/x", "arn:aws:s3:::b/u", "arn:aws:s3:::b/u/x", "arn:aws:s3:::b/*",
		"arn:aws:kms:eu-west-1:111111111111:key/k", "arn:aws:kms:eu-west-1:222222222222:key/k", "arn:aws:kms:us-east-1:111111111111:key/l", "arn:aws-cn:x:y:z:w:v", "arn:aws:s3:::u/a")
	r.ResourceAccount = pick(m, "111111111111", "222222222222", "333333333333")
	if a := account(r.Resource); len(a) == 12 {
		r.ResourceAccount = a
	}
	if m.kind == iam.Trust {
		m.trust(r)
	}
	sets := map[string]bool{}
	for _, d := range []*iam.Document{old, new} {
		for _, s := range d.Statements {
			for _, c := range s.Conditions {
				if c.Operator.Set != iam.NoSet {
					sets[c.Key] = true
				}
			}
		}
	}
	for _, d := range []*iam.Document{old, new} {
		for _, s := range d.Statements {
			for _, c := range s.Conditions {
				m.give(r, &c, sets)
			}
		}
	}
	if r.Principal.Account == "" {
		delete(r.Context, "aws:principaltag/t")
	}
	if m.vars && m.Intn(2) == 0 && r.Principal.Account != "" {
		r.Context["aws:principaltag/t"] = iam.One(pick(m, "a", "b", "u", "c", "*", "true", "False"))
		r.Context["aws:requesttag/l"] = iam.One(pick(m, "a", "b", "u"))
	}
	return r
}

// derived are keys that follow from the rest of the request.
var derived = []string{"aws:principalarn", "aws:principalaccount", "aws:resourceaccount", "kms:calleraccount", "aws:username", "aws:principaltype", "aws:userid", "aws:principalisawsservice", "aws:principalservicename"}

// give gives a key a value near those of a condition.
func (m *maker) give(r *iam.Request, c *iam.Condition, sets map[string]bool) {
	if slices.Contains(derived, c.Key) || m.Intn(4) == 0 {
		return
	}
	value := func() string {
		v := pick(m, c.Values...)
		v = strings.NewReplacer("*", pick(m, "", "a", "b", "zz"), "?", pick(m, "a", "b", "q"), "${aws:username}", "u", "${aws:PrincipalTag/t}", "a", "${aws:RequestTag/l, 'b'}", "b").Replace(v)
		switch m.Intn(5) {
		case 0:
			v = pick(m, "a", "b", "A", "ab", "AB", "z", "true", "1.5", "10.1.2.4", "2001:db8::1", "2026-01-01T00:00:01Z", "arn:aws:iam::111111111111:role/R", "akb", "*")
		case 1:
			v = strings.ToUpper(v)
		}
		if m.Intn(12) == 0 && c.Key != "x:binary" {
			if n, err := strconv.Atoi(v); err == nil {
				v = fmt.Sprint(n + m.Intn(3) - 1)
			}
		}
		return v
	}
	if (slices.Contains(multivalued, c.Key) || sets[c.Key]) && m.Intn(3) > 0 {
		v := iam.Many()
		for range m.Intn(3) {
			v.Values = append(v.Values, value())
		}
		r.Context[c.Key] = v
		return
	}
	r.Context[c.Key] = iam.One(value())
}

func (m *maker) caller(r *iam.Request) {
	kinds := []iam.PrincipalKind{iam.Session, iam.Session, iam.User, iam.FederatedUser}
	if m.kind == iam.SCP {
		kinds = append(kinds, iam.Root)
	}
	if m.kind == iam.Resource || m.kind == iam.Endpoint {
		kinds = append(kinds, iam.Root, iam.Service, iam.Anonymous, iam.Federated)
	}
	if m.kind == iam.Trust {
		kinds = append(kinds, iam.Root, iam.Service, iam.Federated, iam.Federated)
	}
	other := pick(m, "111111111111", "222222222222", "333333333333")
	switch pick(m, kinds...) {
	case iam.Session:
		role := pick(m, append(slices.Clone(someRoles), "arn:aws:iam::"+other+":role/T", "arn:aws-cn:iam::111111111111:role/R")...)
		seg, name := strings.Split(role, ":"), pick(m, "one", "two", "three")
		r.Principal = iam.Principal{Kind: iam.Session, Role: role, Account: seg[4], SessionName: name, ARN: "arn:" + seg[1] + ":sts::" + seg[4] + ":assumed-role/" + lastName(role) + "/" + name}
		r.Context["aws:userid"] = iam.One(pick(m, "AROAX:", "AROAY:") + name)
	case iam.User:
		user := pick(m, append(slices.Clone(someUsers), "arn:aws:iam::"+other+":user/v")...)
		r.Principal = iam.Principal{Kind: iam.User, ARN: user, Account: account(user)}
		r.Context["aws:userid"] = iam.One(pick(m, "AIDAX", "AIDAY"))
	case iam.Root:
		r.Principal = iam.Principal{Kind: iam.Root, ARN: "arn:aws:iam::" + other + ":root", Account: other}
	case iam.FederatedUser:
		name := pick(m, "f", "g")
		r.Principal = iam.Principal{Kind: iam.FederatedUser, ARN: "arn:aws:sts::" + other + ":federated-user/" + name, Account: other, SessionName: name}
		for _, u := range someUsers {
			if account(u) == other && m.Intn(2) == 0 {
				r.Principal.User = u
			}
		}
	case iam.Service:
		r.Principal = iam.ServicePrincipal(pick(m, "ec2.amazonaws.com", "lambda.amazonaws.com", "x.amazonaws.com"))
	case iam.Federated:
		r.Principal = iam.FederatedPrincipal(pick(m, append(slices.Clone(someProviders), "arn:aws:iam::333333333333:saml-provider/Q", "x.example.com")...))
	}
}

// trust makes the action one that the caller can ask a role for.
func (m *maker) trust(r *iam.Request) {
	r.ResourceAccount = pick(m, "111111111111", "222222222222", "333333333333")
	r.Resource = "arn:aws:iam::" + r.ResourceAccount + ":role/Example"
	r.Action = pick(m, "sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity")
	if r.Principal.Kind == iam.Federated {
		r.Action = "sts:AssumeRoleWithWebIdentity"
		if strings.Contains(r.Principal.Name, ":saml-provider/") {
			r.Action = "sts:AssumeRoleWithSAML"
		}
		r.Action = pick(m, r.Action, r.Action, "sts:TagSession")
	}
}

// cases is how many random requests the property tests evaluate: 10^5, or what
// FATHOM_CASES says.
func cases(t testing.TB) int {
	if s := os.Getenv("FATHOM_CASES"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("FATHOM_CASES: %v", err)
		}
		return n
	}
	return 100_000
}

// Symbolic answers and concrete ones never contradict each other: a request
// that new permits and old does not is found by Compare, and what Compare finds
// is such a request.
func TestCompareAgreesWithEvaluation(t *testing.T) {
	c := agree(t, cases(t), false)
	if c[Undecided]*100 > c[Yes]+c[No] {
		t.Errorf("%d are undecided", c[Undecided])
	}
	if all := c[Yes] + c[No]; c[No]*5 < all || c[Yes]*5 < all {
		t.Errorf("%d are yes and %d no: the generator has become one-sided", c[Yes], c[No])
	}
}

// The same with policy variables, of which more is undecided.
func TestCompareAgreesWithEvaluationOfVariables(t *testing.T) {
	c := agree(t, cases(t)/4, true)
	if c[Undecided]*20 > c[Yes]+c[No] {
		t.Errorf("%d are undecided", c[Undecided])
	}
}

// agree tries random pairs of documents until n requests have been evaluated
// under both, 100 for every No and the witness for every Yes, and counts the
// verdicts.
func agree(t *testing.T, n int, vars bool) map[Verdict]int {
	const each = 100
	count := map[Verdict]int{}
	for i := 0; count[No]*each+count[Yes] < n; i++ {
		m := &maker{Rand: rand.New(rand.NewSource(int64(i + 1))), vars: vars}
		m.kind = pick(m, iam.Identity, iam.Resource, iam.Resource, iam.Trust, iam.Trust, iam.SCP, iam.Endpoint)
		a := m.document(nil)
		b := m.document(a)
		old, new := parse(t, m.kind, a), parse(t, m.kind, b)
		got := Compare(old, new, Options{})
		count[got.Grants]++
		switch got.Grants {
		case Yes:
			if !new.Permits(got.Witness) || old.Permits(got.Witness) {
				t.Fatalf("seed %d: the witness does not replay: %s", i+1, got.Summary)
			}
			continue
		case Undecided:
			if mistaken(got) {
				t.Fatalf("seed %d: %s\nold %s\nnew %s", i+1, got.Why, asJSON(a), asJSON(b))
			}
			continue
		}
		for range each {
			if r := m.request(old, new); new.Permits(r) && !old.Permits(r) {
				t.Fatalf("seed %d: Compare says no, but %+v %s\nold %s\nnew %s", i+1, r.Principal, show(r), asJSON(a), asJSON(b))
			}
		}
	}
	t.Logf("%d requests under pairs of documents: %d yes, %d no, %d undecided", count[No]*each+count[Yes], count[Yes], count[No], count[Undecided])
	return count
}

// mistaken says that the evaluator did not agree with a witness.
func mistaken(a Answer) bool { return strings.Contains(a.Why, "mistake of ours") }

func asJSON(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}
