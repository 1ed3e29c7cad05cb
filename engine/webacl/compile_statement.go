package webacl

import (
	"slices"
	"strings"

	"go4.org/netipx"

	"fathom/engine/webacl/regex"
	"fathom/engine/webacl/transform"
)

// top compiles the statement of a rule: the one place where a rate-based
// statement may stand.
func (c *compiler) top(st Statement, out *rule) node {
	if rate, ok := st.(RateBased); ok {
		out.kind = "RATE_BASED"
		out.rate = c.rateBased(rate)
		return out.rate
	}
	return c.statement(st)
}

// statement compiles a condition.
func (c *compiler) statement(st Statement) node {
	switch st := st.(type) {
	case And:
		return andNode(c.statements("and", st.Of))
	case Or:
		return orNode(c.statements("or", st.Of))
	case Not:
		if st.Of == nil {
			c.failf("write the statement that must not match", "a not has no statement")
			return orNode(nil)
		}
		return notNode{c.statement(st.Of)}
	case ByteMatch:
		return c.byteMatch(st)
	case RegexMatch:
		return c.regexMatch(st.Field, st.Transforms, []string{st.Regex})
	case RegexSetMatch:
		if st.Set == nil {
			return undecided{"the regex pattern set " + quoted(st.ARN) + " is not in the files"}
		}
		return c.regexMatch(st.Field, st.Transforms, st.Set.Patterns)
	case SizeMatch:
		return c.sizeMatch(st)
	case SQLiMatch:
		c.standIn = libinjectionName
		return c.leaf(st.Field, st.Transforms, sqliTest{st.High})
	case XSSMatch:
		c.standIn = libinjectionName
		return c.leaf(st.Field, st.Transforms, xssTest{})
	case GeoMatch:
		return c.geoMatch(st)
	case ASNMatch:
		if len(st.ASNs) == 0 || len(st.ASNs) > 100 {
			c.failf("list 1 to 100", "it lists %d autonomous systems", len(st.ASNs))
		}
		return &asnNode{asns: st.ASNs, from: c.forwarded(st.Forwarded)}
	case IPSetMatch:
		return c.ipSetMatch(st)
	case LabelMatch:
		return c.labelMatch(st)
	case Probe:
		return probeNode{st}
	case Unresolved:
		return undecided{st.Why}
	case RateBased:
		c.failf("make it the rule's statement", "a rate-based statement cannot be inside another")
	case GroupRef, ManagedRef:
		c.failf("give it a rule of its own in the web ACL", "a reference to a rule group cannot be inside another statement")
	case nil:
		c.failf("write one", "it has no statement")
	}
	return orNode(nil)
}

func (c *compiler) leaf(f Field, kinds []transform.Kind, t test) *leaf {
	return &leaf{slot: c.slot(f, kinds), test: t, words: t.what()}
}

func (c *compiler) statements(word string, of []Statement) []node {
	if len(of) == 0 {
		c.failf("list at least one", "the %s has no statements", word)
	}
	var out []node
	for _, st := range of {
		out = append(out, c.statement(st))
	}
	return out
}

const wordCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

func (c *compiler) byteMatch(st ByteMatch) node {
	switch {
	case len(st.Search) > 200:
		c.failf("use a regular expression, or a shorter string", "the search string has %d bytes, and AWS WAF takes 200", len(st.Search))
	case st.Position == Nowhere || st.Position > ContainsWord:
		c.failf("say where to look: EXACTLY, STARTS_WITH, ENDS_WITH, CONTAINS or CONTAINS_WORD", "the byte match has no positional constraint")
	case st.Position == ContainsWord && (len(st.Search) == 0 || strings.Trim(string(st.Search), wordCharacters) != ""):
		c.failf("use CONTAINS, or letters, digits and underscores only", "CONTAINS_WORD looks for %q", st.Search)
	case (st.Field.Kind == JA3Fingerprint || st.Field.Kind == JA4Fingerprint) && st.Position != Exactly:
		c.failf("use EXACTLY", "a fingerprint can only be compared whole")
	}
	return c.leaf(st.Field, st.Transforms, byteTest{search: slices.Clone(st.Search), position: st.Position})
}

// mostPatterns is how many expressions a regex set has (AWS WAF quotas).
const mostPatterns = 10

func (c *compiler) regexMatch(f Field, kinds []transform.Kind, patterns []string) node {
	if n := len(patterns); n == 0 || n > mostPatterns {
		c.failf("a set has 1 to 10", "it compares with %d regular expressions", n)
	}
	c.onlyBytes(f, "a regular expression")
	var test regexTest
	for _, p := range patterns {
		re, err := regex.Compile(p)
		if err != nil {
			c.failf("", "%s", err)
			continue
		}
		test.of = append(test.of, re)
		test.text = append(test.text, p)
	}
	return c.leaf(f, kinds, test)
}

func (c *compiler) onlyBytes(f Field, what string) {
	if f.Kind == JA3Fingerprint || f.Kind == JA4Fingerprint {
		c.failf("compare it with a string, EXACTLY", "%s cannot inspect a TLS fingerprint", what)
	}
}

func (c *compiler) sizeMatch(st SizeMatch) node {
	if st.Op == NoComparison || st.Op > GT {
		c.failf("say how to compare: EQ, NE, LE, LT, GE or GT", "the size constraint has no operator")
	}
	if st.Size < 0 || st.Size > 21474836480 {
		c.failf("", "a size of %d bytes is outside 0 to 21,474,836,480", st.Size)
	}
	c.onlyBytes(st.Field, "a size constraint")
	l := c.leaf(st.Field, st.Transforms, sizeTest{st.Op, st.Size})
	l.zero = c.options.Choices.AbsentSize
	return l
}

// mostCountries is how many country codes one rule takes.
const mostCountries = 50

func (c *compiler) geoMatch(st GeoMatch) node {
	if n := len(st.Countries); n == 0 || n > mostCountries {
		c.failf("list 1 to 50", "it lists %d countries", n)
	}
	for _, cc := range st.Countries {
		if len(cc) != 2 || strings.ToUpper(cc) != cc {
			c.failf("use two capital letters (ISO 3166-1 alpha-2)", "%q is no country code", cc)
		}
	}
	return &geoNode{countries: st.Countries, from: c.forwarded(st.Forwarded)}
}

func (c *compiler) ipSetMatch(st IPSetMatch) node {
	if st.Set == nil {
		return undecided{"the IP set " + quoted(st.ARN) + " is not in the files"}
	}
	var b netipx.IPSetBuilder
	for _, p := range st.Set.Prefixes {
		if p.Bits() == 0 {
			c.failf("split it into /1 ranges", "IP set %q has %s, and AWS WAF takes no /0", st.Set.Name, p)
		}
		b.AddPrefix(p)
	}
	set, err := b.IPSet()
	if err != nil {
		c.failf("", "IP set %q: %s", st.Set.Name, err)
		set = &netipx.IPSet{}
	}
	return &ipNode{name: cmpOr(st.Set.Name, st.Set.ARN, st.ARN), set: set, from: c.forwarded(st.Forwarded)}
}

// forwarded notes the header: without it the rule is not applied at all.
func (c *compiler) forwarded(f *Forwarded) *Forwarded {
	if f == nil {
		return nil
	}
	if f.Header == "" {
		c.failf("name it, such as X-Forwarded-For", "the forwarded address comes from no header")
	}
	c.skip = append(c.skip, f.Header)
	return f
}

func (c *compiler) rateBased(st RateBased) *rateNode {
	n := &rateNode{key: st.Key, custom: st.Custom, rule: RateRule{ID: c.acl.Name + "/" + c.path, Limit: st.Limit, Window: st.Window}}
	if n.rule.Window == 0 {
		n.rule.Window = 300
	}
	if st.Limit < 10 || st.Limit > 2000000000 {
		c.failf("AWS WAF takes 10 to 2,000,000,000", "the limit is %d", st.Limit)
	}
	if !slices.Contains([]int64{60, 120, 300, 600}, n.rule.Window) {
		c.failf("use 60, 120, 300 or 600", "the evaluation window is %d seconds", st.Window)
	}
	c.rateKey(st)
	if st.Forwarded != nil {
		n.from = c.forwarded(st.Forwarded)
	}
	if st.ScopeDown != nil {
		n.scope = c.statement(st.ScopeDown)
	}
	return n
}

func (c *compiler) rateKey(st RateBased) {
	forwarded := st.Key == ByForwardedIP
	switch st.Key {
	case NoRateKey:
		c.failf("use IP, FORWARDED_IP, CUSTOM_KEYS or CONSTANT", "it aggregates by nothing")
	case Constant:
		if st.ScopeDown == nil {
			c.failf("write one, or aggregate by something", "CONSTANT needs a scope-down statement")
		}
	case ByCustomKeys:
		if n := len(st.Custom); n == 0 || n > 5 {
			c.failf("list 1 to 5", "it has %d custom keys", n)
		}
		for _, k := range st.Custom {
			if k.Kind == KeyIP || k.Kind == KeyForwardedIP {
				forwarded = forwarded || k.Kind == KeyForwardedIP
				if len(st.Custom) == 1 {
					c.failf("aggregate by IP or FORWARDED_IP, or add a key", "an address cannot be the only custom key")
				}
			}
			if k.Name == "" && slices.Contains([]CustomKeyKind{KeyHeader, KeyCookie, KeyQueryArgument, KeyLabelNamespace}, k.Kind) {
				c.failf("name it", "a custom key has no name")
			}
		}
	}
	if st.Key != ByCustomKeys && len(st.Custom) > 0 {
		c.failf("aggregate by CUSTOM_KEYS, or remove them", "it has custom keys that it does not aggregate by")
	}
	if forwarded && st.Forwarded == nil {
		c.failf("say which header", "it aggregates by a forwarded address")
	}
}
