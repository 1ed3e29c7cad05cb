package dialect

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"

	"fathom/engine/webacl"
	"fathom/engine/webacl/transform"
	"fathom/estate/tree"
)

// place is where a statement stands, which decides what it may be.
type place struct {
	// top is the statement of a rule itself, not one nested in it.
	top bool
	// group is inside a rule group; manager what Firewall Manager adds.
	group, manager bool
}

// statements are the kinds of statement, and the other names that exports give
// some of them.
var statements = []string{
	"AndStatement", "OrStatement", "NotStatement", "ByteMatchStatement", "RegexMatchStatement|regex_pattern_statement",
	"RegexPatternSetReferenceStatement", "SizeConstraintStatement", "SqliMatchStatement", "XssMatchStatement",
	"GeoMatchStatement", "AsnMatchStatement", "IPSetReferenceStatement", "LabelMatchStatement", "RateBasedStatement",
	"ManagedRuleGroupStatement|managed_rule_set_statement", "RuleGroupReferenceStatement",
}

// statement reads a statement; nil where it is none, with a problem. One that
// holds an unknown value is webacl.Unresolved, but for its own statements.
func (r *reader) statement(n *tree.Node, at place) webacl.Statement {
	mark := r.mark()
	s := r.readStatement(n, at)
	if len(r.holes) > mark {
		h := r.holes[mark]
		r.holes = r.holes[:mark]
		if h.at.IsZero() {
			h.at = posOf(n)
		}
		return webacl.Unresolved{Why: h.why, At: h.at}
	}
	return s
}

func (r *reader) readStatement(n *tree.Node, at place) webacl.Statement {
	o := r.object(n, "a statement")
	if o == nil {
		return nil
	}
	defer o.done()
	name, inner := o.one(statements...)
	if inner == nil {
		return nil
	}
	if why := misplaced(name, at); why != "" {
		r.problem(inner.Pos, "", "%s %s", o.spell(name), why)
		return nil
	}
	in := r.object(inner, name)
	if in == nil {
		return nil
	}
	defer in.done()
	nested := place{group: at.group}
	switch name {
	case "AndStatement":
		return webacl.And{Of: r.several(in, nested)}
	case "OrStatement":
		return webacl.Or{Of: r.several(in, nested)}
	case "NotStatement":
		return r.not(in, nested)
	case "RateBasedStatement":
		return r.rateBased(in, nested)
	case "ManagedRuleGroupStatement":
		return r.managed(in, nested)
	case "RuleGroupReferenceStatement":
		return r.groupRef(in)
	case "GeoMatchStatement":
		return r.geo(in)
	case "AsnMatchStatement":
		return r.asn(in)
	case "IPSetReferenceStatement":
		return r.ipSetMatch(in)
	case "LabelMatchStatement":
		return r.labelMatch(in)
	}
	return r.fieldStatement(name, in)
}

// misplaced says why a statement may not stand where it does.
func misplaced(name string, at place) string {
	group := name == "ManagedRuleGroupStatement" || name == "RuleGroupReferenceStatement"
	switch {
	case at.manager && !group:
		return "stands among the rules of Firewall Manager, which only refer to rule groups"
	case group && at.group:
		return "stands inside a rule group, and those cannot refer to groups"
	case (group || name == "RateBasedStatement") && !at.top:
		return "is nested, and can only be the whole statement of a rule"
	}
	return ""
}

func (r *reader) several(o *object, at place) []webacl.Statement {
	list := o.list("Statements")
	out := make([]webacl.Statement, 0, len(list))
	for _, n := range list {
		if s := r.statement(n, at); s != nil {
			out = append(out, s)
		}
	}
	if len(list) == 0 && len(r.holes) == 0 {
		r.problem(o.n.Pos, "write at least one", "%s has no statements", o.what)
	}
	return out
}

func (r *reader) not(o *object, at place) webacl.Statement {
	n := o.get("Statement")
	if !o.must(n, "Statement") {
		return nil
	}
	if s := r.statement(n, at); s != nil {
		return webacl.Not{Of: s}
	}
	return nil
}

// fieldStatement reads the statements that inspect a part of the request.
func (r *reader) fieldStatement(name string, o *object) webacl.Statement {
	f := r.field(o, name)
	kinds := r.transforms(o)
	switch name {
	case "ByteMatchStatement":
		return r.byteMatch(o, f, kinds)
	case "RegexMatchStatement":
		n := o.get("RegexString", "regular_expression")
		if !o.must(n, "RegexString") {
			return nil
		}
		s, _ := r.regex(n)
		return webacl.RegexMatch{Field: f, Regex: s, Transforms: kinds}
	case "RegexPatternSetReferenceStatement":
		n := o.get("ARN", "regex_pattern_set_arn")
		if !o.must(n, "ARN") {
			return nil
		}
		set, arn, _ := find(r, r.known.regexSets, n, "the regex pattern set")
		return webacl.RegexSetMatch{Field: f, ARN: arn, Set: set, Transforms: kinds}
	case "SizeConstraintStatement":
		return r.size(o, f, kinds)
	case "SqliMatchStatement":
		high := false
		if n := o.get("SensitivityLevel"); n != nil {
			high = r.choice(n, "SensitivityLevel", "LOW", "HIGH") == 1
		}
		return webacl.SQLiMatch{Field: f, High: high, Transforms: kinds}
	}
	return webacl.XSSMatch{Field: f, Transforms: kinds}
}

// positions stand as webacl.Position numbers them, after Nowhere.
var positions = []string{"EXACTLY", "STARTS_WITH", "ENDS_WITH", "CONTAINS", "CONTAINS_WORD"}

var word = regexp.MustCompile(`^[A-Za-z0-9_]+$`)

func (r *reader) byteMatch(o *object, f webacl.Field, kinds []transform.Kind) webacl.Statement {
	m := webacl.ByteMatch{Field: f, Transforms: kinds}
	at := o.get("PositionalConstraint")
	if o.must(at, "PositionalConstraint") {
		m.Position = webacl.Position(r.choice(at, "PositionalConstraint", positions...) + 1)
	}
	n := r.searchString(o, &m)
	if n == nil || m.Search == nil {
		return m
	}
	switch {
	case len(m.Search) < 1 || len(m.Search) > 200:
		r.problem(n.Pos, "use 1 to 200 bytes", "SearchString has %d bytes", len(m.Search))
	case m.Position == webacl.ContainsWord && !word.Match(m.Search):
		r.problem(n.Pos, "use letters, digits and _, or CONTAINS", "CONTAINS_WORD cannot search for %q", m.Search)
	case (f.Kind == webacl.JA3Fingerprint || f.Kind == webacl.JA4Fingerprint) && m.Position != webacl.Exactly && m.Position != webacl.Nowhere:
		r.problem(at.Pos, "use EXACTLY", "a fingerprint can only be compared EXACTLY")
	}
	return m
}

// searchString reads SearchString, or CloudFormation's SearchStringBase64.
func (r *reader) searchString(o *object, m *webacl.ByteMatch) *tree.Node {
	n := o.get("SearchString")
	if !r.base64 {
		if o.must(n, "SearchString") {
			m.Search, _ = r.blob(n)
		}
		return n
	}
	coded := o.get("SearchStringBase64")
	switch {
	case n != nil && coded != nil:
		r.problem(coded.Pos, "leave one", "%s has both SearchString and SearchStringBase64", o.what)
	case n != nil:
		m.Search, _ = r.blob(n)
	case o.must(coded, "SearchString"):
		decode := *r
		decode.search, decode.problems = BlobBase64, nil
		m.Search, _ = decode.blob(coded)
		r.problems, r.holes = append(r.problems, decode.problems...), decode.holes
		return coded
	}
	return n
}

// comparisons stand as webacl.Comparison numbers them, after NoComparison.
var comparisons = []string{"EQ", "NE", "LE", "LT", "GE", "GT"}

func (r *reader) size(o *object, f webacl.Field, kinds []transform.Kind) webacl.Statement {
	m := webacl.SizeMatch{Field: f, Transforms: kinds}
	if n := o.get("ComparisonOperator"); o.must(n, "ComparisonOperator") {
		m.Op = webacl.Comparison(r.choice(n, "ComparisonOperator", comparisons...) + 1)
	}
	if n := o.get("Size"); o.must(n, "Size") {
		m.Size, _ = r.number(n, "Size", 0, 21_474_836_480)
	}
	return m
}

func (r *reader) geo(o *object) webacl.Statement {
	var m webacl.GeoMatch
	n := o.get("CountryCodes")
	if o.must(n, "CountryCodes") {
		m.Countries = r.texts(n, "CountryCodes")
		for _, c := range m.Countries {
			if !slices.Contains(countries, c) {
				r.problem(n.Pos, "the nearest is "+strconv.Quote(nearest(c, countries, same)), "%q is no country code that AWS knows", c)
			}
		}
		if c := len(m.Countries); c < 1 || c > 50 {
			r.unlessUnknown(n, "use 1 to 50", "there are %d country codes", c)
		}
	}
	m.Forwarded = r.forwarded(o)
	return m
}

// unlessUnknown is a problem only where no value is unknown: the count of what is
// not known means nothing.
func (r *reader) unlessUnknown(n *tree.Node, fix, format string, args ...any) {
	if n.Hole() == "" && len(n.AllRefs()) == 0 {
		r.problem(n.Pos, fix, format, args...)
	}
}

func (r *reader) asn(o *object) webacl.Statement {
	var m webacl.ASNMatch
	n := o.get("AsnList")
	if o.must(n, "AsnList") && !r.unknown(n) {
		if n.Kind != tree.List {
			r.problem(n.Pos, "write a list", "AsnList is %s, not a list", kindName(n))
			return m
		}
		for _, it := range n.Items {
			v, _ := r.number(it, "an autonomous system", 0, 1<<32-1)
			m.ASNs = append(m.ASNs, uint32(v))
		}
		if c := len(n.Items); c < 1 || c > 100 {
			r.unlessUnknown(n, "use 1 to 100", "there are %d autonomous systems", c)
		}
	}
	m.Forwarded = r.forwarded(o)
	return m
}

func (r *reader) ipSetMatch(o *object) webacl.Statement {
	var m webacl.IPSetMatch
	if n := o.get("ARN", "ip_set_arn"); o.must(n, "ARN") {
		m.Set, m.ARN, _ = find(r, r.known.ipSets, n, "the IP set")
	}
	if n := o.get("IPSetForwardedIPConfig"); n != nil {
		m.Forwarded = r.forwardedConfig(n, "IPSetForwardedIPConfig", true)
	}
	return m
}

var labelKey = regexp.MustCompile(`^[0-9A-Za-z_:-]+$`)

// labelish says whether a text may be the key of a label match.
func labelish(s string) bool { return len(s) <= 1024 && labelKey.MatchString(s) }

func (r *reader) labelMatch(o *object) webacl.Statement {
	var m webacl.LabelMatch
	if n := o.get("Scope"); o.must(n, "Scope") {
		m.Namespace = r.choice(n, "Scope", "LABEL", "NAMESPACE") == 1
	}
	n := o.get("Key")
	if !o.must(n, "Key") {
		return m
	}
	key, ok := r.text(n, "Key")
	if ok && !labelish(key) {
		r.problem(n.Pos, "use letters, digits, - _ and :", "the key %q is none that AWS takes", key)
	}
	m.Key = key
	return m
}

// forwarded reads ForwardedIPConfig, where it is written.
func (r *reader) forwarded(o *object) *webacl.Forwarded {
	if n := o.get("ForwardedIPConfig"); n != nil {
		return r.forwardedConfig(n, "ForwardedIPConfig", false)
	}
	return nil
}

func (r *reader) forwardedConfig(n *tree.Node, what string, position bool) *webacl.Forwarded {
	o := r.object(n, what)
	if o == nil {
		return nil
	}
	defer o.done()
	var f webacl.Forwarded
	if n := o.get("HeaderName"); o.must(n, "HeaderName") {
		f.Header, _ = r.text(n, "HeaderName")
	}
	f.Match = r.fallback(o, true)
	if position {
		if n := o.get("Position"); o.must(n, "Position") {
			f.Where = webacl.ForwardedPosition(max(r.choice(n, "Position", "FIRST", "LAST", "ANY"), 0))
		}
	}
	return &f
}

// fallback reads FallbackBehavior: MATCH or NO_MATCH.
func (r *reader) fallback(o *object, required bool) bool {
	n := o.get("FallbackBehavior")
	if n == nil {
		if required {
			o.must(nil, "FallbackBehavior")
		}
		return false
	}
	return r.choice(n, "FallbackBehavior", "MATCH", "NO_MATCH") == 0
}

// transforms reads the text transformations in the order in which they are done.
func (r *reader) transforms(o *object) []transform.Kind {
	list := o.list("TextTransformations")
	type step struct {
		priority int64
		kind     transform.Kind
	}
	var steps []step
	seen := map[int64]bool{}
	for _, n := range list {
		t := r.object(n, "a text transformation")
		if t == nil {
			continue
		}
		var s step
		p := t.get("Priority")
		if t.must(p, "Priority") {
			var ok bool
			if s.priority, ok = r.number(p, "the priority of a text transformation", 0, 1<<31-1); ok && seen[s.priority] {
				r.problem(p.Pos, "give each its own", "two text transformations have the priority %d", s.priority)
			}
			seen[s.priority] = true
		}
		if k := t.get("Type"); t.must(k, "Type") {
			if i := r.choice(k, "the text transformation", transformNames...); i >= 0 {
				s.kind = transform.All()[i]
			}
		}
		t.done()
		steps = append(steps, s)
	}
	if c := len(list); (c < 1 || c > 10) && len(r.holes) == 0 {
		r.problem(o.n.Pos, "write 1 to 10, NONE where there is nothing to do", "%s has %d text transformations", o.what, c)
	}
	slices.SortStableFunc(steps, func(a, b step) int { return cmp.Compare(a.priority, b.priority) })
	out := make([]transform.Kind, len(steps))
	for i, s := range steps {
		out[i] = s.kind
	}
	return out
}

var transformNames = func() []string {
	var out []string
	for _, k := range transform.All() {
		out = append(out, k.String())
	}
	return out
}()
