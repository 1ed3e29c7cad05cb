package webacl

import (
	"fathom/engine/webacl/transform"
)

// RuleCapacity is what one rule of a web ACL uses.
type RuleCapacity struct {
	Rule string
	WCU  int
	// Unknown says why it could not be computed: a group that is not there.
	Unknown string
}

// What AWS lets a web ACL use (AWS WAF quotas and pricing).
const (
	// MostWCU is the most that a web ACL, or a rule group, may have.
	MostWCU = 5000
	// BaseWCU is covered by the base price.
	BaseWCU = 1500
)

// Capacity is what a web ACL uses of its web ACL capacity units (AWS WAF
// Developer Guide, "AWS WAF web ACL capacity units"), rule by rule in the order
// of evaluation. Managed groups have to be given for their fixed capacity.
func Capacity(acl *ACL, o Options) (total int, rules []RuleCapacity) {
	m := meter{o}
	for _, list := range [][]Rule{acl.Pre, acl.Rules, acl.Post} {
		for _, r := range byPriority(list) {
			c := m.rule(r)
			total += c.WCU
			rules = append(rules, c)
		}
	}
	return total, rules
}

type meter struct{ o Options }

func (m meter) rule(r *Rule) RuleCapacity {
	c := RuleCapacity{Rule: r.Name}
	switch st := r.Statement.(type) {
	case ManagedRef:
		if m.o.Managed == nil {
			c.Unknown = "the capacity of managed rule group " + quoted(st.Vendor+"/"+st.Name) + " is not known"
			return c
		}
		g, err := m.o.Managed(st)
		if err != nil {
			c.Unknown = err.Error()
			return c
		}
		c.WCU = g.Capacity
		if st.ScopeDown != nil {
			c.WCU += m.statement(st.ScopeDown, &c)
		}
	case GroupRef:
		if st.Group == nil {
			c.Unknown = "the rule group " + quoted(st.ARN) + " is not in the files"
			return c
		}
		c.WCU = m.group(st.Group, &c)
	default:
		c.WCU = m.statement(r.Statement, &c) + labelWCU(len(r.Labels))
	}
	return c
}

// labelWCU is one unit for every five labels that a rule defines.
func labelWCU(labels int) int { return (labels + 4) / 5 }

// group is the capacity that a group was made with, or what its rules use.
func (m meter) group(g *Group, c *RuleCapacity) int {
	if g.Capacity > 0 {
		return g.Capacity
	}
	total := 0
	for i := range g.Rules {
		total += m.statement(g.Rules[i].Statement, c) + labelWCU(len(g.Rules[i].Labels))
	}
	return total
}

// The capacity of statements, and what is added.
const (
	anchoredWCU  = 2 // EXACTLY, STARTS_WITH, ENDS_WITH
	searchWCU    = 10
	regexWCU     = 3
	regexSetWCU  = 25
	oldRegexWCU  = 4
	oldSetWCU    = 40
	sizeWCU      = 1
	sqliLowWCU   = 20
	sqliHighWCU  = 30
	xssWCU       = 40
	addressWCU   = 1 // geo, ASN, IP sets, labels
	oldIPSetWCU  = 2
	anyIPWCU     = 4
	rateWCU      = 2
	customKeyWCU = 30
	allArgsWCU   = 10
	transformWCU = 10
)

func (m meter) statement(st Statement, c *RuleCapacity) int {
	old := m.o.Choices.OldCapacity
	switch st := st.(type) {
	case And:
		return m.all(st.Of, c)
	case Or:
		return m.all(st.Of, c)
	case Not:
		return m.statement(st.Of, c)
	case ByteMatch:
		n := anchoredWCU
		if st.Position == Contains || st.Position == ContainsWord {
			n = searchWCU
		}
		return inspectWCU(n, st.Field, st.Transforms)
	case RegexMatch:
		return inspectWCU(pick(old, oldRegexWCU, regexWCU), st.Field, st.Transforms)
	case RegexSetMatch:
		return inspectWCU(pick(old, oldSetWCU, regexSetWCU), st.Field, st.Transforms)
	case SizeMatch:
		return inspectWCU(sizeWCU, st.Field, st.Transforms)
	case SQLiMatch:
		return inspectWCU(pick(st.High, sqliHighWCU, sqliLowWCU), st.Field, st.Transforms)
	case XSSMatch:
		return inspectWCU(xssWCU, st.Field, st.Transforms)
	case GeoMatch, ASNMatch, LabelMatch:
		return addressWCU
	case IPSetMatch:
		n := pick(old, oldIPSetWCU, addressWCU)
		if st.Forwarded != nil && st.Forwarded.Where == Any {
			n += anyIPWCU
		}
		return n
	case RateBased:
		n := rateWCU
		for _, k := range st.Custom {
			n += customKeyWCU + transformsWCU(k.Transforms)
		}
		if st.ScopeDown != nil {
			n += m.statement(st.ScopeDown, c)
		}
		return n
	case Unresolved:
		c.Unknown = st.Why
	}
	return 0
}

func pick(yes bool, a, b int) int {
	if yes {
		return a
	}
	return b
}

func (m meter) all(of []Statement, c *RuleCapacity) int {
	n := 0
	for _, st := range of {
		n += m.statement(st, c)
	}
	return n
}

// inspectWCU adds what the field and the transformations cost: a JSON body
// doubles the statement's own units.
func inspectWCU(base int, f Field, kinds []transform.Kind) int {
	switch f.Kind {
	case JSONBody:
		base *= 2
	case AllQueryArguments:
		base += allArgsWCU
	}
	return base + transformsWCU(kinds)
}

func transformsWCU(kinds []transform.Kind) int {
	n := 0
	for _, k := range kinds {
		if k != transform.None {
			n += transformWCU
		}
	}
	return n
}
