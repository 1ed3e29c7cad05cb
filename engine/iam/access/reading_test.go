package access

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"fathom/engine/iam"
)

// What a policy with holes means lies between its readings, whatever the holes
// are filled with: what the lower one allows is allowed, and what is allowed
// the upper one allows. Filled policies are the oracle.
func TestReadingsHoldEveryFilling(t *testing.T) {
	const rounds = 2000
	between, uncertain := 0, 0
	for seed := range int64(rounds) {
		g := &gen{rand.New(rand.NewSource(seed))}
		identity, resource := g.document(iam.Identity), g.document(iam.Resource)
		r := g.request()
		a := about{}
		if hollow(r.Resource) {
			a.resource = r.Resource
		}
		var keys []string
		for _, k := range sorted(r.Context) {
			if hollow(r.Context[k].Values[0]) {
				keys = append(keys, k)
			}
		}
		a.keys = strings.Join(keys, " ")
		if hollow(r.Principal.ARN) {
			a.principal = r.Principal.ARN
			a.keys = strings.TrimSpace(a.keys + " aws:principalarn aws:username aws:userid")
		}
		di, dr := &document{}, &document{}
		o := &open{principals: []string{"arn:aws:iam::111111111111:user/prod", "arn:aws:iam::111111111111:user/anna"}}
		compile(di, identity, iam.Identity, o)
		compile(dr, resource, iam.Resource, o)
		decide := func(upper bool) bool {
			li, ui := di.readings(a)
			lr, ur := dr.readings(a)
			return iam.Evaluate(&r, &iam.Policies{
				Identity: []*iam.Document{either(upper, li, ui).doc}, Resource: []*iam.Document{either(upper, lr, ur).doc},
			}).Allowed
		}
		lower, upper := decide(false), decide(true)
		if lower && !upper {
			t.Fatalf("seed %d: the lower reading allows what the upper does not\n%s\n%s\n%v", seed, identity, resource, r)
		}
		if lower != upper {
			uncertain++
		}
		for range 8 {
			f := g.filling()
			ci, pi := iam.Parse([]byte(f.Replace(identity)), "", iam.Identity)
			cr, pr := iam.Parse([]byte(f.Replace(resource)), "", iam.Resource)
			if len(pi)+len(pr) > 0 {
				t.Fatalf("seed %d: a filled policy is not valid: %v %v\n%s", seed, pi, pr, f.Replace(identity+resource))
			}
			concrete := r
			concrete.Resource = f.Replace(r.Resource)
			concrete.Principal.ARN = f.Replace(r.Principal.ARN)
			concrete.Context = iam.Context{}
			for k, v := range r.Context {
				concrete.Context[k] = iam.One(f.Replace(v.Values[0]))
			}
			allowed := iam.Evaluate(&concrete, &iam.Policies{Identity: []*iam.Document{ci}, Resource: []*iam.Document{cr}}).Allowed
			between++
			if lower && !allowed || allowed && !upper {
				t.Fatalf("seed %d: filled with %s the request is allowed: %v; lower %v, upper %v\n%s\n%s\n%+v", seed, f.Replace("a=<a> b=<b> c=<c> d=<d> n=<n> p=<p> w=<w>"), allowed, lower, upper, identity, resource, r)
			}
		}
	}
	if uncertain < rounds/50 {
		t.Errorf("only %d of %d policies were uncertain: the test shows little", uncertain, rounds)
	}
	t.Logf("%d fillings, %d of %d uncertain", between, uncertain, rounds)
}

// gen makes policies with the holes <a>, <b> in names and values, and <n> for
// a number.
type gen struct{ *rand.Rand }

func (g *gen) pick(list ...string) string { return list[g.Intn(len(list))] }

func (g *gen) resource() string {
	return g.pick("*", "arn:aws:s3:::logs/*", "arn:aws:s3:::<a>/x", "arn:aws:s3:::<a>-logs/*", "arn:aws:s3:::<b>/<a>", "arn:aws:s3:::prod-logs/x", "arn:aws:s3:::*-logs/?", "<w>", "arn:aws:s3:::logs/x")
}

func (g *gen) action() string {
	return g.pick("s3:GetObject", "s3:Get*", "s3:PutObject", "*", "s3:<c>", "<d>")
}

func (g *gen) list(f func() string) string {
	var out []string
	for range 1 + g.Intn(2) {
		out = append(out, quote(f()))
	}
	return "[" + strings.Join(out, ",") + "]"
}

func (g *gen) value() string { return g.pick("red", "<a>", "blue-<b>", "<a>*", "r?d", "prod") }

func (g *gen) condition() string {
	op := g.pick("StringEquals", "StringLike", "StringNotEquals", "StringNotLike", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringEqualsIfExists", "StringNotEqualsIfExists", "ForAllValues:StringEquals", "ForAnyValue:StringLike")
	key := g.pick("aws:SourceVpce", "aws:RequestTag/t", "aws:username")
	switch g.Intn(6) {
	case 0:
		return fmt.Sprintf(`{%s:{"s3:max-keys":%s}}`, quote(g.pick("NumericLessThan", "NumericNotEquals", "NumericEqualsIfExists")), quote(g.pick("5", "<n>")))
	case 1:
		return fmt.Sprintf(`{"Null":{%s:%s}}`, quote(key), quote(g.pick("true", "false")))
	case 2:
		return fmt.Sprintf(`{%s:{"aws:PrincipalArn":%s}}`, quote(g.pick("ArnLike", "ArnNotLike", "StringEquals", "StringNotLike")), quote(g.pick("arn:aws:iam::111111111111:user/<a>", "arn:aws:iam::111111111111:user/prod", "arn:aws:iam::*:user/*")))
	}
	return fmt.Sprintf(`{%s:{%s:%s}}`, quote(op), quote(key), g.list(g.value))
}

func (g *gen) statement(kind iam.Kind) string {
	s := `{"Effect":` + quote(g.pick("Allow", "Allow", "Deny"))
	s += "," + quote(g.pick("Action", "Action", "Action", "NotAction")) + ":" + g.list(g.action)
	s += "," + quote(g.pick("Resource", "Resource", "NotResource")) + ":" + g.list(g.resource)
	if kind == iam.Resource {
		s += `,"Principal":` + g.pick(`"*"`, `{"AWS":"arn:aws:iam::111111111111:user/<a>"}`, `{"AWS":"arn:aws:iam::111111111111:user/prod"}`, `{"AWS":"<p>"}`, `{"AWS":["111111111111","<p>"]}`)
	}
	if g.Intn(2) == 0 {
		s += `,"Condition":` + g.condition()
	}
	return s + "}"
}

func (g *gen) document(kind iam.Kind) string {
	var all []string
	for range 1 + g.Intn(3) {
		all = append(all, g.statement(kind))
	}
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(all, ",") + `]}`
}

func (g *gen) request() iam.Request {
	r := iam.Request{
		Principal: iam.Principal{Kind: iam.User, Account: "111111111111", ARN: "arn:aws:iam::111111111111:user/" + g.pick("prod", "anna", "<a>", "x<b>")},
		Action:    g.pick("s3:GetObject", "s3:PutObject"),
		Resource:  g.pick("arn:aws:s3:::logs/x", "arn:aws:s3:::prod-logs/x", "arn:aws:s3:::<a>-logs/x", "arn:aws:s3:::<a>/x", "arn:aws:s3:::<b>/prod"),
		Context:   iam.Context{}, ResourceAccount: "111111111111",
	}
	for _, k := range []string{"aws:sourcevpce", "aws:requesttag/t"} {
		if g.Intn(2) == 0 {
			r.Context[k] = iam.One(g.pick("red", "blue-x", "prod", "<a>"))
		}
	}
	if g.Intn(2) == 0 {
		r.Context["s3:max-keys"] = iam.One(g.pick("3", "5", "7"))
	}
	return r
}

// filling fills the holes with values that the policies and requests speak of.
func (g *gen) filling() *strings.Replacer {
	return strings.NewReplacer(
		"<a>", g.pick("prod", "logs", "red", "anna", "x"),
		"<b>", g.pick("prod", "logs", "x", "xprod"),
		"<c>", g.pick("GetObject", "Put*", "ListBucket"),
		"<d>", g.pick("s3:GetObject", "*", "sqs:SendMessage"),
		"<n>", g.pick("3", "5", "9"),
		"<p>", g.pick("111111111111", "arn:aws:iam::111111111111:user/prod", "arn:aws:iam::111111111111:user/x", "arn:aws:iam::222222222222:root"),
		"<w>", g.pick("*", "arn:aws:s3:::logs/x", "arn:aws:s3:::prod-logs/*"),
	)
}

// The pairs of patterns that meet, against a walk through all short texts.
func TestMeetAgreesWithItsSlowTwin(t *testing.T) {
	letters := []string{"a", "b", "*", "?"}
	var patterns, texts []string
	var grow func(prefix string, n int)
	grow = func(prefix string, n int) {
		patterns = append(patterns, prefix)
		if !strings.ContainsAny(prefix, "*?") {
			texts = append(texts, prefix)
		}
		if n > 0 {
			for _, l := range letters {
				grow(prefix+l, n-1)
			}
		}
	}
	grow("", 3)
	texts = append(texts, "aaaa", "abab", "bbaa", "aabb", "baab", "abba", "aaab", "baaa", "abaab", "ababa", "aaaaa", "bbbb", "abbb", "bbba", "aaba", "abaa", "babb", "bbab", "baba", "abaaba", "babbab", "bbabba")
	for _, p := range patterns {
		for _, q := range patterns {
			want := false
			for _, s := range texts {
				want = want || slowMatch(p, s) && slowMatch(q, s)
			}
			if got := meet(p, q); got != want && (want || !long(p, q)) {
				t.Fatalf("%q and %q meet: %v, want %v", p, q, got, want)
			}
		}
	}
}

// long says that two patterns may meet only in texts that are not tried.
func long(p, q string) bool { return len(p)+len(q) > 5 }

func slowMatch(p, s string) bool {
	if p == "" {
		return s == ""
	}
	if p[0] == '*' {
		return slowMatch(p[1:], s) || s != "" && slowMatch(p, s[1:])
	}
	return s != "" && (p[0] == '?' || p[0] == s[0]) && slowMatch(p[1:], s[1:])
}

func TestFill(t *testing.T) {
	n := 0
	h := &holes{known: func(ref string) (string, bool) {
		return map[string]string{"aws_s3_bucket.b.arn": "arn:aws:s3:::b", `aws_s3_bucket.c["x}y"].arn`: "arn:aws:s3:::c"}[ref], strings.HasPrefix(ref, "aws_s3_bucket.")
	}, nameless: &n}
	for in, want := range map[string]string{
		"plain":                                 "plain",
		"${aws_s3_bucket.b.arn}/*":              "arn:aws:s3:::b/*",
		`${aws_s3_bucket.c["x}y"].arn}/*`:       "arn:aws:s3:::c/*",
		"${aws:username}/${*}":                  "${aws:username}/${*}",
		"${aws:PrincipalTag/team, 'a'}":         "${aws:PrincipalTag/team, 'a'}",
		"a${var.env}b":                          "a<var.env>b",
		`${data.x.y["a:b/*"].arn}`:              "<data.x.y['a.b|+'].arn>",
		"${…}-${…}":                             "<unknown 1>-<unknown 2>",
		"${saml:sub}":                           "${saml:sub}",
		"${token.actions.githubusercontent.com": "${token.actions.githubusercontent.com",
		"x${":                                   "x${",
	} {
		n = 0
		if got := h.fill(in); got != want {
			t.Errorf("%s gives %s, want %s", in, got, want)
		}
	}
}

func FuzzFillJSON(f *testing.F) {
	for _, s := range []string{`{"a":"${var.x}"}`, `"${`, `"\"${a.b}"`, `{"${x_y.z["k"].arn}":["${…}"]}`, "${}", `"\u0024{var.x}"`, `"<"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n := 0
		h := &holes{known: func(string) (string, bool) { return "", false }, nameless: &n}
		filled := h.fillJSON(text)
		for _, kind := range []iam.Kind{iam.Identity, iam.Resource, iam.Trust, iam.SCP, iam.RCP} {
			d := &document{}
			compile(d, filled, kind, &open{account: standInAccount, region: true, organization: "<organization>"})
			if d.lower == nil || d.upper == nil {
				t.Fatal("a document without a reading")
			}
			for _, a := range []about{{resource: "arn:aws:s3:::<x>/y", principal: "arn:aws:iam::1:role/<r>", keys: "aws:username"}, {outside: true}} {
				d.readings(a)
			}
			for i := range d.upper.doc.Statements {
				_ = d.upper.because(i, iam.Allow).String()
			}
		}
	})
}
