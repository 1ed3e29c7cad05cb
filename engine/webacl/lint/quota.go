package lint

import (
	"fmt"

	"fathom/control"
	"fathom/engine/webacl"
	"fathom/engine/webacl/regex"
)

// Quotas of AWS WAF (Developer Guide, "AWS WAF quotas"). Those that cannot be
// raised are refused when the web ACL is created.
const (
	mostRates      = 10
	mostReferences = 50
	mostDomains    = 10
	mostBody       = 4 << 10
	mostBodies     = 50 << 10
	mostPrefixes   = 10000
)

// quotas finds what AWS WAF does not take, without an increase.
func (l *linter) quotas() {
	add := func(fix, format string, args ...any) {
		l.found = append(l.found, Finding{
			ID: "quota", Severity: control.High, At: l.acl.At, Fix: fix,
			Summary: "web ACL " + quote(l.acl.Name) + " has " + fmt.Sprintf(format, args...),
		})
	}
	rates, references := 0, 0
	for i := range l.rules {
		p := &l.rules[i]
		if p.group != nil {
			continue
		}
		if _, ok := p.Statement.(webacl.RateBased); ok {
			rates++
		}
		walk(p.Statement, false, func(st webacl.Statement, _ bool) { references += l.quotasOf(p, st) })
	}
	for _, r := range l.acl.Rules {
		if _, _, _, isGroup := l.groupOf(r.Statement); isGroup {
			references++
		}
	}
	if rates > mostRates {
		add("merge some, or put some into a rule group", "%d rate-based rules, and AWS WAF takes %d", rates, mostRates)
	}
	if references > mostReferences {
		add("merge sets", "%d references to sets and groups, and AWS WAF takes %d", references, mostReferences)
	}
	if n := len(l.acl.TokenDomains); n > mostDomains {
		add("list the domains above them: a domain covers its subdomains", "%d token domains, and AWS WAF takes %d", n, mostDomains)
	}
	total := 0
	for _, b := range l.acl.Bodies {
		total += len(b.Content)
		if len(b.Content) > mostBody {
			add("shorten it", "a custom response body of %d bytes, and AWS WAF takes %d", len(b.Content), mostBody)
		}
	}
	if total > mostBodies {
		add("shorten them", "custom response bodies of %d bytes, and AWS WAF takes %d", total, mostBodies)
	}
}

// quotasOf looks at one statement, and counts it where it refers to a set.
func (l *linter) quotasOf(p *placed, st webacl.Statement) (references int) {
	long := func(expr string) {
		if len(expr) > regex.MaxLength {
			l.add(p, "quota", control.High, "split it into the patterns of a regex set", "has a regular expression of %d characters, and AWS WAF takes %d", len(expr), regex.MaxLength)
		}
	}
	switch st := st.(type) {
	case webacl.RegexMatch:
		long(st.Regex)
	case webacl.RegexSetMatch:
		if st.Set != nil {
			for _, expr := range st.Set.Patterns {
				long(expr)
			}
		}
		return 1
	case webacl.IPSetMatch:
		if st.Set != nil && len(st.Set.Prefixes) > mostPrefixes {
			l.add(p, "quota", control.High, "split it into several sets", "has an IP set of %d addresses, and AWS WAF takes %d", len(st.Set.Prefixes), mostPrefixes)
		}
		return 1
	}
	return 0
}
