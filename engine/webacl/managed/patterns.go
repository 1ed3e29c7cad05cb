package managed

import (
	"fathom/engine/webacl"
	"fathom/engine/webacl/transform"
)

// The transformations that AWS's changelog of managed rules names.
var (
	twiceDecoded = []transform.Kind{transform.URLDecodeUni, transform.URLDecodeUni}
	forXSS       = []transform.Kind{transform.URLDecodeUni, transform.URLDecodeUni, transform.HTMLEntityDecode}
	forSQL       = []transform.Kind{transform.URLDecodeUni, transform.URLDecodeUni, transform.CompressWhiteSpace}
	forFiles     = []transform.Kind{transform.URLDecodeUni, transform.URLDecodeUni, transform.NormalizePathWin}
)

var (
	path     = webacl.Field{Kind: webacl.URIPath}
	query    = webacl.Field{Kind: webacl.QueryString}
	args     = webacl.Field{Kind: webacl.AllQueryArguments}
	body     = webacl.Field{Kind: webacl.BodyText}
	jsonBody = webacl.Field{Kind: webacl.JSONBody, Pattern: webacl.Pattern{Kind: webacl.All}, Scope: webacl.KeysAndValues, Invalid: webacl.InvalidNo}
	cookies  = webacl.Field{Kind: webacl.Cookies, Pattern: webacl.Pattern{Kind: webacl.All}, Scope: webacl.Values}
	headers  = webacl.Field{Kind: webacl.Headers, Pattern: webacl.Pattern{Kind: webacl.All}, Scope: webacl.KeysAndValues}
)

func header(name string) webacl.Field { return webacl.Field{Kind: webacl.SingleHeader, Name: name} }

func larger(f webacl.Field, size int64) webacl.Statement {
	return webacl.SizeMatch{Field: f, Op: webacl.GT, Size: size}
}

func matches(f webacl.Field, expression string, kinds ...transform.Kind) webacl.Statement {
	return webacl.RegexMatch{Field: f, Regex: expression, Transforms: kinds}
}

func exactly(f webacl.Field, text string, kinds ...transform.Kind) webacl.Statement {
	return webacl.ByteMatch{Field: f, Search: []byte(text), Position: webacl.Exactly, Transforms: kinds}
}

func startsWith(f webacl.Field, text string, kinds ...transform.Kind) webacl.Statement {
	return webacl.ByteMatch{Field: f, Search: []byte(text), Position: webacl.StartsWith, Transforms: kinds}
}

func anyOf(of ...webacl.Statement) webacl.Statement { return webacl.Or{Of: of} }

// ownPattern is the basis of a rule whose pattern is ours.
var ownPattern = standIn("a pattern of Fathom's own, after AWS's examples")

// inField is a field by the name that it has in rules.
type inField struct {
	suffix string
	field  webacl.Field
}

// each makes one rule for each field that AWS has it for.
func (b *builder) each(name string, basis webacl.Basis, fields []inField, st func(webacl.Field) webacl.Statement) []webacl.Rule {
	var out []webacl.Rule
	for _, f := range fields {
		out = append(out, b.rule(name+"_"+f.suffix, webacl.Block, basis, st(f.field)))
	}
	return out
}
