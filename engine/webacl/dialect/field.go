package dialect

import (
	"unicode/utf8"

	"fathom/engine/webacl"
	"fathom/estate/tree"
)

var fields = []string{
	"UriPath|uri", "QueryString", "Method", "Body", "JsonBody", "SingleHeader", "Headers|header", "Cookies|cookie",
	"SingleQueryArgument", "AllQueryArguments", "HeaderOrder", "JA3Fingerprint", "JA4Fingerprint", "UriFragment",
}

var fieldKinds = map[string]webacl.FieldKind{
	"UriPath": webacl.URIPath, "QueryString": webacl.QueryString, "Method": webacl.Method, "Body": webacl.BodyText, "JsonBody": webacl.JSONBody,
	"SingleHeader": webacl.SingleHeader, "Headers": webacl.Headers, "Cookies": webacl.Cookies,
	"SingleQueryArgument": webacl.SingleQueryArgument, "AllQueryArguments": webacl.AllQueryArguments, "HeaderOrder": webacl.HeaderOrder,
	"JA3Fingerprint": webacl.JA3Fingerprint, "JA4Fingerprint": webacl.JA4Fingerprint, "UriFragment": webacl.URIFragment,
}

// field reads the FieldToMatch of a statement.
func (r *reader) field(o *object, statement string) webacl.Field {
	var f webacl.Field
	n := o.get("FieldToMatch")
	if !o.must(n, "FieldToMatch") {
		return f
	}
	fo := r.object(n, "FieldToMatch")
	if fo == nil {
		return f
	}
	defer fo.done()
	name, inner := fo.one(fields...)
	if inner == nil {
		return f
	}
	in := r.object(inner, name)
	if in == nil {
		return f
	}
	defer in.done()
	f.Kind = fieldKinds[name]
	switch f.Kind {
	case webacl.SingleHeader:
		f.Name = r.fieldName(in, 64)
	case webacl.SingleQueryArgument:
		f.Name = r.fieldName(in, 30)
	case webacl.BodyText:
		f.Oversize = r.oversize(in, false)
	case webacl.HeaderOrder:
		f.Oversize = r.oversize(in, true)
	case webacl.Headers:
		r.matching(in, &f, "IncludedHeaders", "ExcludedHeaders")
		f.Oversize = r.oversize(in, true)
	case webacl.Cookies:
		r.matching(in, &f, "IncludedCookies", "ExcludedCookies")
		f.Oversize = r.oversize(in, true)
	case webacl.JSONBody:
		r.matching(in, &f, "IncludedPaths", "")
		f.Oversize = r.oversize(in, false)
		f.Invalid = r.invalid(in)
	case webacl.JA3Fingerprint, webacl.JA4Fingerprint:
		f.Match = r.fallback(in, true)
		if statement != "ByteMatchStatement" {
			r.problem(inner.Pos, "compare it in a ByteMatchStatement, EXACTLY", "%s cannot be inspected by %s", name, statement)
		}
	case webacl.URIFragment:
		f.Match = r.fallback(in, false)
	}
	return f
}

func (r *reader) fieldName(o *object, most int) string {
	n := o.get("Name")
	if !o.must(n, "Name") {
		return ""
	}
	s, ok := r.text(n, "the name of "+o.what)
	if c := utf8.RuneCountInString(s); ok && (c < 1 || c > most) {
		r.problem(n.Pos, "", "the name of %s has %d characters, and AWS takes 1 to %d", o.what, c, most)
	}
	return s
}

func (r *reader) oversize(o *object, required bool) webacl.Oversize {
	n := o.get("OversizeHandling")
	if n == nil {
		if required {
			o.must(nil, "OversizeHandling")
		}
		return webacl.Continue
	}
	return webacl.Oversize(max(r.choice(n, "OversizeHandling", "CONTINUE", "MATCH", "NO_MATCH"), 0))
}

func (r *reader) invalid(o *object) webacl.InvalidJSON {
	n := o.get("InvalidFallbackBehavior")
	if n == nil {
		return webacl.UpToError
	}
	return webacl.InvalidJSON(r.choice(n, "InvalidFallbackBehavior", "EVALUATE_AS_STRING", "MATCH", "NO_MATCH") + 1)
}

// matching reads the MatchPattern and MatchScope of fields with many values.
func (r *reader) matching(o *object, f *webacl.Field, included, excluded string) {
	if n := o.get("MatchScope"); o.must(n, "MatchScope") {
		f.Scope = webacl.MatchScope(r.choice(n, "MatchScope", "ALL", "KEY", "VALUE") + 1)
	}
	n := o.get("MatchPattern")
	if !o.must(n, "MatchPattern") {
		return
	}
	p := r.object(n, "MatchPattern")
	if p == nil {
		return
	}
	defer p.done()
	names := []string{"All", included}
	if excluded != "" {
		names = append(names, excluded)
	}
	switch name, inner := p.one(names...); {
	case inner == nil:
	case name == "All":
		r.nothing(inner, "All")
		f.Pattern.Kind = webacl.All
	default:
		f.Pattern.Kind = webacl.Included
		if name == excluded {
			f.Pattern.Kind = webacl.Excluded
		}
		f.Pattern.Names = r.patternNames(inner, name)
	}
}

func (r *reader) patternNames(n *tree.Node, what string) []string {
	out := r.texts(n, what)
	if len(out) == 0 || len(out) > 199 {
		r.unlessUnknown(n, "write 1 to 199", "%s has %d names", what, len(out))
	}
	for _, s := range out {
		switch {
		case s == "":
			r.problem(n.Pos, "remove it", "%s has an empty name", what)
		case what == "IncludedPaths" && s[0] != '/':
			r.problem(n.Pos, "begin it with /", "%q is no JSON pointer", s)
		}
	}
	return out
}
