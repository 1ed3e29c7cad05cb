package edge

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"fathom/render/terraform"
)

// statement is one statement of a rule with what it costs in web ACL capacity
// units (WCU; AWS WAF Developer Guide, "Rule statements list"). The cost is the
// most that AWS may count: it charges the same transformation of the same
// component once, and this each time.
type statement struct {
	kind  string // byte_match_statement
	body  []terraform.Entry
	wcu   int
	names []string // regex sets and rule groups that it refers to
}

// What the statements cost.
const (
	costExact     = 2  // byte match: exactly, at the beginning or the end
	costRegex     = 3  // one regular expression
	costRegexSet  = 25 // a set of them
	costSmall     = 1  // country, size, label
	costRate      = 2
	costRateKey   = 30 // each key of one's own that a rate is counted by
	costTransform = 10
)

func (s statement) entry() terraform.Entry { return nest(s.kind, s.body...) }

// and wants all of the statements; of one it is that one.
func and(all ...statement) statement {
	if len(all) == 1 {
		return all[0]
	}
	out := statement{kind: "and_statement"}
	for _, s := range all {
		out.body = append(out.body, nest("statement", s.entry()))
		out.wcu += s.wcu
		out.names = append(out.names, s.names...)
	}
	return out
}

func not(s statement) statement {
	return statement{kind: "not_statement", body: []terraform.Entry{nest("statement", s.entry())}, wcu: s.wcu, names: s.names}
}

// uriPath is the path as a server would understand it: WAF sees it as it was
// sent, so that /%6cogin or /x/../login would pass for something else.
var readPath = []string{"URL_DECODE", "NORMALIZE_PATH"}

// at matches a path; a star at its end stands for the rest.
func at(path string, transforms ...string) statement {
	constraint := "EXACTLY"
	text, star := strings.CutSuffix(path, "*")
	if star {
		constraint = "STARTS_WITH"
	}
	return bytes(text, constraint, nest("uri_path"), transforms...)
}

func bytes(text, constraint string, field terraform.Entry, transforms ...string) statement {
	return compare("byte_match_statement", costExact, field, transforms,
		set("search_string", text), set("positional_constraint", constraint))
}

// matches compares with a regular expression.
func matches(expression string, field terraform.Entry, transforms ...string) statement {
	return compare("regex_match_statement", costRegex, field, transforms, set("regex_string", expression))
}

// present says that there is something in a component.
func present(field terraform.Entry) statement {
	return compare("size_constraint_statement", costSmall, field, nil,
		set("comparison_operator", "GT"), set("size", 0))
}

func compare(kind string, cost int, field terraform.Entry, transforms []string, what ...terraform.Entry) statement {
	body := append(what, nest("field_to_match", field))
	wcu := cost + costTransform*len(transforms)
	if len(transforms) == 0 {
		transforms = []string{"NONE"}
	}
	for i, t := range transforms {
		body = append(body, nest("text_transformation", set("priority", i), set("type", t)))
	}
	return statement{kind: kind, body: body, wcu: wcu}
}

func header(name string) terraform.Entry {
	return nest("single_header", set("name", strings.ToLower(name)))
}

// cookie is the cookie of a name. A request with more cookies than WAF looks at
// counts as one without it, so that nobody hides behind many: what asks for the
// cookie refuses it.
func cookie(name string) terraform.Entry {
	return nest("cookies",
		set("match_scope", "VALUE"),
		set("oversize_handling", "NO_MATCH").Remark("under a not: more cookies than are looked at count as none"),
		nest("match_pattern", set("included_cookies", []string{name})))
}

func from(countries []string) statement {
	return statement{kind: "geo_match_statement", body: []terraform.Entry{set("country_codes", countries)}, wcu: costSmall}
}

func labelled(key string) statement {
	return statement{kind: "label_match_statement", body: []terraform.Entry{set("scope", "LABEL"), set("key", key)}, wcu: costSmall}
}

// inSet is a path that matches one of a set of regular expressions.
func inSet(label string) statement {
	ref := terraform.Expr("aws_wafv2_regex_pattern_set." + label + ".arn")
	s := compare("regex_pattern_set_reference_statement", costRegexSet, nest("uri_path"), readPath, set("arn", ref))
	s.names = []string{label}
	return s
}

// digest is short, and differs where texts do.
func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:3])
}
