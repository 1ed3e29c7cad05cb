package edge

import (
	"fathom/diag"
	"fathom/platform"
)

// What AWS lets one web ACL have (AWS WAF Developer Guide, "AWS WAF quotas").
const (
	mostWCU       = 5000
	mostRates     = 10
	mostSets      = 10 // regex sets of an account and scope
	mostPatterns  = 10 // in one regex set
	mostReference = 50
	mostExpr      = 200 // characters of a regular expression
	leastRate     = 10
)

// wcuOf is the capacity that rules need, at most: see statement.
func wcuOf(rules []wafRule) int {
	n := 0
	for _, r := range rules {
		n += r.body.wcu
	}
	return n
}

// quotas reports what AWS WAF cannot do.
func quotas(p *platform.Platform, rules []wafRule) error {
	var ps diag.Problems
	rates, refs := 0, 0
	for _, r := range rules {
		if r.rate {
			rates++
		}
		refs += len(r.body.names)
	}
	at := p.At("edge", "routes")
	if n := wcuOf(rules); n > mostWCU {
		ps.Addf(at, "give fewer routes limits, challenges and methods of their own", "the web ACL needs a capacity of %d, and AWS WAF has %d", n, mostWCU)
	}
	if rates > mostRates {
		ps.Addf(at, "let some routes fall under edge.limit", "the web ACL needs %d rate rules, and AWS WAF has %d", rates, mostRates)
	}
	if refs > mostReference {
		ps.Addf(at, "exempt fewer rules", "the web ACL refers to %d sets, and AWS WAF lets it refer to %d", refs, mostReference)
	}
	return problems(append(ps, exemptLimits(p)...))
}

func exemptLimits(p *platform.Platform) diag.Problems {
	var ps diag.Problems
	at := p.At("edge", "exempt")
	if n := len(exempted(p)); n > mostSets {
		ps.Addf(at, "exempt fewer rules", "%d rules are exempted, and AWS WAF has %d regex sets", n, mostSets)
	}
	paths := map[string]int{}
	for _, x := range p.Edge.Exempt {
		paths[x.Rule]++
		switch {
		case groupOfRule(x.Rule) == nil:
			ps.Addf(at, "name a rule of a managed group, such as SizeRestrictions_BODY", "no managed group of the web ACL has the rule %q", x.Rule)
		case len(x.Path) > mostExpr:
			ps.Addf(at, "write a shorter one", "the path of the exemption of %q is longer than %d characters", x.Rule, mostExpr)
		case paths[x.Rule] == mostPatterns+1:
			ps.Addf(at, "join some of them", "rule %q has more than %d exemptions", x.Rule, mostPatterns)
		}
	}
	return ps
}
