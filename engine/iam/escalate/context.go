package escalate

import (
	"maps"
	"strconv"
	"strings"

	"fathom/engine/iam"
	"fathom/estate"
)

// given is a context with what it takes for granted.
type given struct {
	iam.Context
	doubts, limits []string
}

func (g *given) uncertain() bool { return len(g.doubts) > 0 }

// contexts are the condition keys to try a request with: what follows from the
// way; then with the keys that statements ask for and the caller may choose;
// then with MFA; then from where and when they ask for.
func (f *finder) contexts(p *person, action string, base iam.Context) []given {
	out := []given{{Context: base}}
	c := filler{base: base, on: map[string]string{}}
	for _, g := range p.holder.Grants {
		for i := range g.Policy.Statements {
			c.statement(&g.Policy.Statements[i], action)
		}
	}
	if p.boundary != nil && p.boundary.policy != nil {
		for i := range p.boundary.policy.Statements {
			c.statement(&p.boundary.policy.Statements[i], action)
		}
	}
	for _, o := range estate.All[*estate.OrgPolicy](f.e) {
		for i := range o.Content.Statements {
			c.statement(&o.Content.Statements[i], action)
		}
	}
	for _, stage := range []keySource{chooses, shows, stands} {
		if g, ok := c.upTo(stage); ok {
			out = append(out, g)
		}
	}
	return out
}

// keySource is who decides what a condition key holds.
type keySource uint8

const (
	fixed   keySource = iota // it follows from who asks for what
	chooses                  // the caller chooses it
	shows                    // the caller has to show it: MFA
	stands                   // it depends on where and when the caller is
)

// sourceOf tells the keys apart (IAM User Guide, "AWS global condition context
// keys"). Keys of a service are mostly parameters of the request.
func sourceOf(key string) keySource {
	switch key {
	case "aws:multifactorauthpresent", "aws:multifactorauthage":
		return shows
	case "aws:sourceip", "aws:vpcsourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn", "aws:currenttime", "aws:epochtime":
		return stands
	case "aws:requestedregion", "aws:securetransport", "aws:tagkeys", "aws:useragent", "aws:referer":
		return chooses
	case "iam:passedtoservice", "iam:policyarn", "iam:permissionsboundary", "sts:externalid":
		return fixed
	}
	switch {
	case strings.HasPrefix(key, "aws:requesttag/"):
		return chooses
	case strings.HasPrefix(key, "aws:"), strings.Contains(key, "resourcetag/"):
		return fixed
	}
	return chooses
}

type filler struct {
	base   iam.Context
	keys   []string
	values map[string]iam.Value
	on     map[string]string
}

// statement looks for the keys of a statement about the action: a value that
// its conditions accept where it allows, one that keeps it away where it denies.
func (c *filler) statement(s *estate.Statement, action string) {
	if len(s.Conditions) == 0 || !speaksOf(s.Actions, s.NotActions, action) {
		return
	}
	for i := range s.Conditions {
		cond := &s.Conditions[i]
		if _, ok := c.base[cond.Key]; ok && cond.Key != "aws:requestedregion" || sourceOf(cond.Key) == fixed {
			continue
		}
		op, _, _ := iam.ParseOperator(cond.Operator)
		if v, ok := valueFor(op, cond.Values, s.Effect == "Allow"); ok {
			c.set(cond.Key, v, op.Set != iam.NoSet || cond.Key == "aws:tagkeys", cond.Operator+" "+strings.Join(cond.Values, ", "))
		}
	}
}

func (c *filler) set(key, value string, many bool, asked string) {
	if c.values == nil {
		c.values = map[string]iam.Value{}
	}
	if _, have := c.values[key]; have || strings.Contains(value, "${") {
		return
	}
	c.keys = append(c.keys, key)
	c.on[key] = asked
	if many {
		c.values[key] = iam.Many(value)
		return
	}
	c.values[key] = iam.One(value)
}

// upTo returns the context with the keys of all sources up to one, if that
// source has any.
func (c *filler) upTo(stage keySource) (given, bool) {
	g := given{Context: maps.Clone(c.base)}
	any := false
	for _, k := range c.keys {
		source := sourceOf(k)
		if source > stage {
			continue
		}
		any = any || source == stage
		g.Context[k] = c.values[k]
		switch source {
		case shows:
			g.limits = append(g.limits, "with MFA")
		case stands:
			g.doubts = append(g.doubts, "it depends on "+k+" ("+c.on[k]+")")
		}
	}
	return g, any
}

// valueFor is a value that makes a condition hold, or for a Deny one that makes
// it fail where its absence would not.
func valueFor(op iam.Operator, values []string, allow bool) (string, bool) {
	if len(values) == 0 {
		return "", false
	}
	v := values[0]
	if op.Test == iam.Null {
		want := "false"
		if !allow {
			want = "true"
		}
		return "any", v == want
	}
	if op.Test == iam.Bool {
		if allow {
			return v, true
		}
		return map[string]string{"false": "true", "true": "false"}[strings.ToLower(v)], true
	}
	if op.Negated == allow {
		return "", false // absent is as good
	}
	switch op.Test {
	case iam.StringLike, iam.ARNLike:
		return plainly(v), true
	case iam.IPAddress:
		ip, _, _ := strings.Cut(v, "/")
		return ip, true
	case iam.NumericLess, iam.NumericGreater:
		n, err := strconv.Atoi(v)
		if err != nil {
			return "", false
		}
		if op.Test == iam.NumericLess {
			return strconv.Itoa(n - 1), true
		}
		return strconv.Itoa(n + 1), true
	case iam.DateLess, iam.DateLessEquals, iam.DateGreater, iam.DateGreaterEquals:
		return "", false
	}
	return v, true
}
