package permit

import (
	"math/rand"
	"strings"
	"testing"

	"fathom/engine/iam"
)

// The slow twin: a vocabulary so small that a few requests have every
// combination of truth that its patterns can have. Enumerating them all is then
// exact, and Compare has to say the same, both ways.

var (
	twinActions      = []string{"*", "a:*", "a:x", "a:y", "A:X", "a:?", "b:z"}
	twinActionsAll   = []string{"a:x", "a:y", "a:w", "a:long", "b:z", "c:q"}
	twinResources    = []string{"*", "arn:aws:s3:::b", "arn:aws:s3:::b/*", "arn:aws:s3:::b/k", "arn:aws:s3:::*", "arn:aws:s3:*:*:b/?"}
	twinResourcesAll = []string{
		"*", "arn:aws:s3:::b", "arn:aws:s3:::b/k", "arn:aws:s3:::b/m", "arn:aws:s3:::b/long", "arn:aws:s3:::c",
		"arn:aws:s3:eu-west-1::b/k", "arn:aws:s3:eu-west-1::c", "arn:aws:kms:eu-west-1:111111111111:key/k",
	}
	twinPrincipals = []any{
		"*", "*",
		map[string]any{"AWS": "111111111111"},
		map[string]any{"AWS": "arn:aws:iam::111111111111:role/R"},
		map[string]any{"AWS": "arn:aws:iam::111111111111:user/u"},
		map[string]any{"AWS": []string{"arn:aws:iam::111111111111:role/R", "111111111111"}},
		map[string]any{"AWS": "arn:aws:sts::111111111111:assumed-role/R/one"},
		map[string]any{"AWS": []string{"arn:aws:iam::111111111111:role/R", "111111111111", "arn:aws:sts::111111111111:assumed-role/R/one"}},
		map[string]any{"Service": "*"},
		map[string]any{"Service": "ec2.amazonaws.com"},
		map[string]any{"Federated": "*"},
		map[string]any{"AWS": "arn:aws:sts::111111111111:federated-user/f"},
	}
	twinKeys = []struct {
		key               string
		operators, values []string
		set               bool
		all               []iam.Value // without absence
	}{
		{
			"aws:RequestTag/k",
			[]string{"StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase"},
			[]string{"a", "a*", "z"},
			false,
			[]iam.Value{iam.One("a"), iam.One("A"), iam.One("ab"), iam.One("z"), iam.One("Z"), iam.One("q"), iam.One("a*"), iam.One("A*")},
		},
		{
			"x:list",
			[]string{"StringEquals", "StringNotEquals", "StringLike"},
			[]string{"a", "a*", "z"},
			true,
			lists("a", "ab", "z", "q", "a*"),
		},
		{
			"s3:max-keys",
			[]string{"NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericGreaterThanEquals"},
			[]string{"1", "2"},
			false,
			[]iam.Value{iam.One("0"), iam.One("1"), iam.One("1.5"), iam.One("2"), iam.One("3"), iam.One("none")},
		},
		{"aws:PrincipalArn", []string{"ArnLike", "ArnNotLike"}, []string{"arn:aws:iam::111111111111:role/R", "arn:aws:iam::111111111111:role/*", "arn:aws:iam::*:user/*"}, false, nil},
		{"aws:PrincipalAccount", []string{"StringEquals", "StringNotEquals", "StringLike"}, []string{"111111111111", "1*"}, false, nil},
		{"aws:username", []string{"StringEquals", "StringNotLike"}, []string{"u"}, false, nil},
		{"aws:SourceIp", []string{"IpAddress", "NotIpAddress"}, []string{"10.0.0.0/8", "10.1.0.0/16"}, false, []iam.Value{iam.One("10.0.0.1"), iam.One("10.1.0.1"), iam.One("11.0.0.1"), iam.One("::1")}},
	}
)

// lists are all lists of some values, and the values alone.
func lists(values ...string) (out []iam.Value) {
	for bits := 1; bits < 1<<len(values); bits++ {
		v := iam.Many()
		for i, s := range values {
			if bits&(1<<i) != 0 {
				v.Values = append(v.Values, s)
			}
		}
		out = append(out, v)
	}
	for _, s := range values {
		out = append(out, iam.One(s))
	}
	return out
}

// twinCallers are callers of every kind that the vocabulary tells apart.
func twinCallers(k iam.Kind) (out []iam.Principal) {
	for _, role := range []string{"::111111111111:role/R", "::111111111111:role/p/R", "::111111111111:role/T", "::222222222222:role/R", "::133333333333:role/T", "-cn::111111111111:role/R"} {
		partition, name, _ := strings.Cut(role, "::")
		for _, session := range []string{"one", "two"} {
			arn := "arn:aws" + partition + ":iam::" + name
			out = append(out, iam.Principal{Kind: iam.Session, Account: account(arn), Role: arn, SessionName: session, ARN: "arn:aws" + partition + ":sts::" + account(arn) + ":assumed-role/" + lastName(arn) + "/" + session})
		}
	}
	for _, user := range []string{
		":iam::111111111111:user/u", ":iam::111111111111:user/p/u", ":iam::111111111111:user/v", ":iam::222222222222:user/u", ":iam::222222222222:user/v",
		":iam::133333333333:user/u", ":iam::133333333333:user/v", "-cn:iam::111111111111:user/u", "-cn:iam::111111111111:user/v", "-cn:iam::133333333333:user/u", "-cn:iam::222222222222:user/u",
	} {
		out = append(out, iam.Principal{Kind: iam.User, ARN: "arn:aws" + user, Account: account("arn:aws" + user)})
	}
	for _, of := range []string{"", "arn:aws:iam::111111111111:user/u"} {
		for _, name := range []string{"f", "g"} {
			out = append(out, iam.Principal{Kind: iam.FederatedUser, Account: "111111111111", User: of, SessionName: name, ARN: "arn:aws:sts::111111111111:federated-user/" + name})
		}
	}
	for _, a := range []string{"222222222222", "133333333333"} {
		out = append(out, iam.Principal{Kind: iam.FederatedUser, Account: a, SessionName: "g", ARN: "arn:aws:sts::" + a + ":federated-user/g"})
	}
	if k == iam.Identity {
		return out
	}
	for _, a := range []string{"111111111111", "222222222222", "133333333333"} {
		out = append(out, iam.Principal{Kind: iam.Root, ARN: "arn:aws:iam::" + a + ":root", Account: a})
	}
	return append(out, iam.ServicePrincipal("ec2.amazonaws.com"), iam.ServicePrincipal("x.amazonaws.com"), iam.AnonymousPrincipal(), iam.FederatedPrincipal("accounts.google.com"), iam.CanonicalPrincipal(canonicalID))
}

func (m *maker) twinStatement(keys []int) map[string]any {
	s := map[string]any{"Effect": pick(m, "Allow", "Allow", "Deny")}
	s[pick(m, "Action", "Action", "NotAction")] = m.some(twinActions...)
	s[pick(m, "Resource", "Resource", "NotResource")] = m.some(twinResources...)
	if m.kind == iam.Resource {
		s[pick(m, "Principal", "Principal", "NotPrincipal")] = pick(m, twinPrincipals...)
	}
	if m.Intn(4) > 0 {
		c := map[string]any{}
		for range 1 + m.Intn(2) {
			k := twinKeys[pick(m, keys...)]
			op, values := pick(m, k.operators...), m.some(k.values...)
			if m.Intn(4) == 0 {
				op += "IfExists"
			}
			if m.Intn(8) == 0 {
				op, values = "Null", []string{pick(m, "true", "false")}
			} else if k.set && m.Intn(5) > 0 {
				op = pick(m, "ForAllValues:", "ForAnyValue:") + op
			}
			if c[op] == nil {
				c[op] = map[string]any{}
			}
			c[op].(map[string]any)[k.key] = values
		}
		s["Condition"] = c
	}
	return s
}

// contexts are all contexts of some keys. Lists are there for a key only where
// a document uses it with a set operator.
func contexts(keys []int, sets bool) []iam.Context {
	out := []iam.Context{{}}
	for _, k := range keys {
		var next []iam.Context
		for _, c := range out {
			next = append(next, c)
			for _, v := range twinKeys[k].all {
				if v.Multi && !sets {
					continue
				}
				d := iam.Context{}
				for key, x := range c {
					d[key] = x
				}
				d[strings.ToLower(twinKeys[k].key)] = v
				next = append(next, d)
			}
		}
		out = next
	}
	return out
}

func TestCompareAgreesWithEnumeration(t *testing.T) {
	pairs := max(400, cases(t)/150)
	count := map[Verdict]int{}
	for seed := range pairs {
		m := &maker{Rand: rand.New(rand.NewSource(int64(seed)))}
		m.kind = pick(m, iam.Identity, iam.Resource)
		keys := []int{m.Intn(len(twinKeys)), m.Intn(len(twinKeys))}
		if keys[0] == keys[1] {
			keys = keys[:1]
		}
		var a, b []map[string]any
		for range 1 + m.Intn(3) {
			a = append(a, m.twinStatement(keys))
		}
		for range 1 + m.Intn(3) {
			if m.Intn(2) == 0 {
				b = append(b, pick(m, a...))
			} else {
				b = append(b, m.twinStatement(keys))
			}
		}
		old, new := parse(t, m.kind, a), parse(t, m.kind, b)
		want := No
		if enumerate(m.kind, old, new, keys) {
			want = Yes
		}
		got := Compare(old, new, Options{})
		count[got.Grants]++
		if got.Grants != want {
			t.Fatalf("seed %d: %v, want %v: %s\nold %s\nnew %s", seed, got.Grants, want, got.Summary, asJSON(a), asJSON(b))
		}
	}
	t.Logf("%d pairs: %v", pairs, count)
}

// enumerate says whether any of the twin's requests is permitted by new and not
// by old. What a statement says of the parts of a request is asked of package
// iam once for each part, as the parts do not depend on each other.
func enumerate(kind iam.Kind, old, new *iam.Document, keys []int) bool {
	sets := false
	for _, d := range []*iam.Document{old, new} {
		for _, s := range d.Statements {
			for _, c := range s.Conditions {
				sets = sets || c.Operator.Set != iam.NoSet
			}
		}
	}
	callers, contexts := twinCallers(kind), contexts(keys, sets)
	type row struct {
		deny             bool
		action, resource []bool
		who              [][]bool // by caller, by context
	}
	rows := func(d *iam.Document) (out []row) {
		for i := range d.Statements {
			s := &d.Statements[i]
			r := row{deny: s.Effect == iam.Deny}
			for _, a := range twinActionsAll {
				r.action = append(r.action, s.MatchesAction(a))
			}
			for _, x := range twinResourcesAll {
				r.resource = append(r.resource, s.MatchesResource(&iam.Request{Resource: x}))
			}
			for _, p := range callers {
				var is []bool
				for _, c := range contexts {
					q := &iam.Request{Principal: p, Context: c}
					is = append(is, (kind == iam.Identity || s.MatchesPrincipal(q)) && s.MatchesConditions(q))
				}
				r.who = append(r.who, is)
			}
			out = append(out, r)
		}
		return out
	}
	permits := func(rs []row, a, x, p, c int) bool {
		allowed := false
		for i := range rs {
			if r := &rs[i]; r.action[a] && r.resource[x] && r.who[p][c] {
				if r.deny {
					return false
				}
				allowed = true
			}
		}
		return allowed
	}
	before, after := rows(old), rows(new)
	for p := range callers {
		for c := range contexts {
			for a := range twinActionsAll {
				for x := range twinResourcesAll {
					if permits(after, a, x, p, c) && !permits(before, a, x, p, c) {
						return true
					}
				}
			}
		}
	}
	return false
}
