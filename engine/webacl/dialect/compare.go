package dialect

import (
	"regexp"

	"fathom/engine/webacl"
	"fathom/engine/webacl/transform"
	"fathom/estate/tree"
)

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
