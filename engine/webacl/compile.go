package webacl

import (
	"slices"
	"strings"

	"fathom/diag"
)

// compiler makes a Program, and gathers every problem on the way.
type compiler struct {
	acl      *ACL
	options  Options
	program  *Program
	problems diag.Problems
	slots    map[string]int

	// Of the rule at hand:
	at      diag.Pos
	name    string
	context string // the prefix of local label keys
	path    string // where it stands, unique in the ACL: for counters
	skip    []string
	standIn string
}

func (c *compiler) failf(fix, format string, args ...any) {
	c.problems.Addf(c.at, fix, "rule %q: "+format, append([]any{c.name}, args...)...)
}

func (c *compiler) rule(r *Rule, bodies map[string]Body) *rule {
	c.at, c.name, c.path, c.skip, c.standIn = r.At, r.Name, r.Name, nil, ""
	switch st := r.Statement.(type) {
	case GroupRef:
		return c.groupRule(r, st)
	case ManagedRef:
		return c.managedRule(r, st)
	case Unresolved:
		if r.Override != NoOverride { // a group whose name the files do not tell
			return c.unresolved(r, st.Why)
		}
	}
	return c.plainRule(r, bodies, Action{}, false)
}

// plainRule compiles a rule that is no reference to a group; with overridden its
// action is the one given.
func (c *compiler) plainRule(r *Rule, bodies map[string]Body, override Action, overridden bool) *rule {
	out := &rule{name: r.Name, kind: "REGULAR", basis: r.Basis}
	if r.Override != NoOverride {
		c.failf("give it an action instead", "an override action is for references to rule groups")
	}
	out.condition = c.top(r.Statement, out)
	out.skip = c.skip
	if c.standIn != "" && out.basis.Kind == Documented {
		out.basis = Basis{Kind: StandIn, Source: c.standIn}
	}
	action := r.Action
	c.checkAction(action, bodies)
	if overridden {
		out.own, action = action.Kind, override
		c.checkAction(action, c.acl.Bodies)
		bodies = c.acl.Bodies
	}
	out.action = action.Kind
	out.insert = inserted(action.Insert)
	out.answer = answer(action, bodies)
	if out.rate != nil && action.Kind == Allow {
		c.failf("use block, count, captcha or challenge", "a rate-based rule cannot allow")
	}
	out.labels = c.labelsOf(r)
	out.captcha = immunity(r.CaptchaImmunity, c.acl.CaptchaImmunity)
	out.challenge = immunity(r.ChallengeImmunity, c.acl.ChallengeImmunity)
	return out
}

// defaultImmunity is how long a solved challenge counts, in seconds.
const defaultImmunity = 300

func immunity(rule, acl int64) int64 {
	switch {
	case rule > 0:
		return rule
	case acl > 0:
		return acl
	}
	return defaultImmunity
}

func (c *compiler) groupRule(r *Rule, st GroupRef) *rule {
	if st.Group == nil {
		return c.unresolved(r, "the rule group "+quoted(st.ARN)+" is not in the files")
	}
	return c.group(r, st.Group, st.Group.LabelPrefixIn(c.acl.Account), st.Overrides, nil)
}

func (c *compiler) managedRule(r *Rule, st ManagedRef) *rule {
	if c.options.Managed == nil {
		return c.unresolved(r, "nothing stands in for the managed rule group "+quoted(st.Vendor+"/"+st.Name))
	}
	group, err := c.options.Managed(st)
	if err != nil {
		c.failf("", "%s", err)
		return &rule{name: r.Name}
	}
	return c.group(r, group, group.LabelPrefix, st.Overrides, st.ScopeDown)
}

// unresolved is a reference to a group that is not there: undecidable.
func (c *compiler) unresolved(r *Rule, why string) *rule {
	c.checkGroupRule(r)
	return &rule{name: r.Name, kind: "REGULAR", action: Block, condition: undecided{why}, counted: r.Override == OverrideCount, opaque: true}
}

func (c *compiler) group(r *Rule, g *Group, prefix string, overrides []RuleOverride, scope Statement) *rule {
	c.checkGroupRule(r)
	out := &rule{name: r.Name, kind: "GROUP", isGroup: true, counted: r.Override == OverrideCount, groupID: cmpOr(g.ID, g.ARN, g.Name)}
	if g.Managed {
		out.kind = "MANAGED_RULE_GROUP"
	}
	if scope != nil {
		out.scope = c.statement(scope)
		out.skip = c.skip
	}
	c.unique(g.Rules, "rule group", g.Name, g.At)
	outer := c.context
	defer func() { c.context = outer }()
	c.context = prefix
	for _, o := range overrides {
		if !g.Managed && !slices.ContainsFunc(g.Rules, func(r Rule) bool { return r.Name == o.Rule }) {
			c.problems.Addf(o.At, "name one of its rules; names are case-sensitive", "rule %q overrides %q, which rule group %q does not have", r.Name, o.Rule, g.Name)
		}
	}
	for _, ir := range byPriority(g.Rules) {
		c.at, c.name, c.path, c.skip, c.standIn = ir.At, ir.Name, r.Name+"/"+ir.Name, nil, ""
		if ir.At.IsZero() {
			c.at = r.At
		}
		switch ir.Statement.(type) {
		case GroupRef, ManagedRef:
			c.failf("refer to it from the web ACL", "a rule group cannot hold a reference to another")
			continue
		}
		action, overridden := overrideOf(overrides, ir.Name)
		inner := c.plainRule(ir, g.Bodies, action, overridden)
		inner.group, inner.groupID = r.Name, out.groupID
		out.inner = append(out.inner, inner)
	}
	return out
}

func cmpOr(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// overrideOf is the last override that names a rule; exclusions count.
func overrideOf(overrides []RuleOverride, name string) (Action, bool) {
	for _, o := range slices.Backward(overrides) {
		if o.Rule != name {
			continue
		}
		if o.Excluded {
			return Action{Kind: Count}, true
		}
		return o.Action, true
	}
	return Action{}, false
}

// labelsOf are the whole labels that a rule adds.
func (c *compiler) labelsOf(r *Rule) []string {
	var out []string
	for _, l := range r.Labels {
		if !strings.HasPrefix(l, "awswaf:") {
			c.checkLabel(l)
			l = c.context + l
		}
		out = append(out, l)
	}
	return out
}

// inserted are the headers that a request to the resource gets.
func inserted(hs []Header) []Header {
	var out []Header
	for _, h := range hs {
		out = append(out, Header{Name: "x-amzn-waf-" + h.Name, Value: h.Value})
	}
	return out
}

var contentTypes = map[string]string{"TEXT_PLAIN": "text/plain", "TEXT_HTML": "text/html", "APPLICATION_JSON": "application/json"}

// answer is what a client gets when the action ends the evaluation.
func answer(a Action, bodies map[string]Body) Answered {
	switch a.Kind {
	case Block:
		if a.Response == nil {
			return Answered{Code: 403}
		}
		body := bodies[a.Response.Body]
		return Answered{Code: a.Response.Code, ContentType: contentTypes[body.ContentType], Body: body.Content, Headers: a.Response.Headers}
	case Captcha:
		return Answered{Code: 405, Headers: []Header{{"x-amzn-waf-action", "captcha"}}}
	case Challenge:
		return Answered{Code: 202, Headers: []Header{{"x-amzn-waf-action", "challenge"}}}
	}
	return Answered{}
}
