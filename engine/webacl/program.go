package webacl

import (
	"cmp"
	"errors"
	"slices"
	"sync"

	"fathom/diag"
)

var errNoCounter = errors.New("nothing counts requests")

// Program is a compiled ACL. It may evaluate many requests at once.
type Program struct {
	acl     *ACL
	options Options
	rules   []*rule
	slots   []slot
	// prefix is that of the labels of the ACL's own rules.
	prefix    string
	bodyLimit int
	places    placeLabels
	subjects  sync.Pool
}

// ACL is the web ACL that was compiled.
func (p *Program) ACL() *ACL { return p.acl }

// rule is a rule ready to run: of the web ACL, or one inside a group.
type rule struct {
	name string
	// group is the rule of the web ACL that holds the group, groupID the group's
	// name in logs; empty for the web ACL's own.
	group, groupID string
	condition      node
	// skip are the headers that forwarded addresses come from: without one the
	// rule is not applied.
	skip   []string
	action ActionKind
	// own is the action that was overridden.
	own                ActionKind
	insert             []Header
	answer             Answered
	labels             []string
	captcha, challenge int64
	basis              Basis
	kind               string
	// inner are the rules of a group, scope its scope-down statement, and counted
	// its OverrideAction COUNT.
	inner   []*rule
	isGroup bool
	scope   node
	counted bool
	// opaque is a reference to a group that is not there: its labels are unknown.
	opaque bool
	rate   *rateNode
}

// Compile checks a web ACL as AWS does when one is created, and makes it ready
// to run. With problems there is no Program: what is not understood is never
// passed over.
func Compile(acl *ACL, o Options) (*Program, diag.Problems) {
	c := &compiler{acl: acl, options: o, program: &Program{acl: acl, options: o, prefix: acl.LabelPrefix()}}
	p := c.program
	p.bodyLimit = BodyLimit(acl)
	c.checkACL()
	c.context = p.prefix
	for _, rules := range [][]Rule{acl.Pre, acl.Rules, acl.Post} {
		c.unique(rules, "web ACL", acl.Name, acl.At)
		for _, r := range byPriority(rules) {
			p.rules = append(p.rules, c.rule(r, acl.Bodies))
		}
	}
	if len(c.problems) > 0 {
		return nil, c.problems.Sorted()
	}
	p.subjects.New = func() any { return newSubject(p) }
	return p, nil
}

// byPriority lists rules in the order of evaluation (AWS WAF Developer Guide,
// "Setting rule priority").
func byPriority(rules []Rule) []*Rule {
	out := make([]*Rule, len(rules))
	for i := range rules {
		out[i] = &rules[i]
	}
	slices.SortStableFunc(out, func(a, b *Rule) int { return cmp.Compare(a.Priority, b.Priority) })
	return out
}

// LabelPrefix is the prefix of the labels of the web ACL's own rules.
func (a *ACL) LabelPrefix() string { return labelPrefix(a.Account, "webacl", a.Name) }

// LabelPrefixIn is the prefix of the labels of a rule group's rules, where a web
// ACL of that account uses it.
func (g *Group) LabelPrefixIn(account string) string {
	return cmpOr(g.LabelPrefix, labelPrefix(account, "rulegroup", g.Name))
}

// labelPrefix is the prefix of labels of a web ACL or rule group. Where nobody
// says which account it is, twelve zeros stand in.
func labelPrefix(account, kind, name string) string {
	if account == "" {
		account = "000000000000"
	}
	return "awswaf:" + account + ":" + kind + ":" + name + ":"
}

// The bytes of a body that WAF inspects (AWS WAF Developer Guide, "Handling
// oversize web request components").
const (
	smallBody = 8 << 10
	largeBody = 16 << 10
)

// BodyLimit is how many bytes of a body the web ACL inspects.
func BodyLimit(acl *ACL) int {
	resource := acl.Resource
	switch {
	case resource == Amplify, resource == AnyResource && acl.Scope == CloudFront:
		resource = Distribution
	case resource == AnyResource:
		resource = LoadBalancer
	}
	if resource == LoadBalancer || resource == AppSync {
		return smallBody
	}
	if n := acl.BodyLimits[resource]; n > 0 {
		return n
	}
	return largeBody
}
