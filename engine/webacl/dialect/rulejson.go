package dialect

import (
	"regexp"
	"strings"

	"fathom/diag"
	"fathom/engine/webacl"
	"fathom/estate"
	"fathom/estate/tree"
)

// rulesJSON reads rule_json or rules_json of Terraform. The provider takes the
// API's form, but search strings as text: it makes the base64 itself. All
// positions are that of the argument, as the text may be made by jsonencode.
func (r *reader) rulesJSON(s estate.Str, in inACL) []webacl.Rule {
	if s.Absent() {
		return nil
	}
	text, known := s.Known()
	if !known {
		text = s.String()
	}
	var problems diag.Problems
	root := parseJSON("", []byte(text), &problems)
	if len(problems) > 0 {
		why := "the JSON of the rules does not parse: " + strings.TrimPrefix(problems[0].Summary, "the JSON does not parse: ")
		fix := "mend the JSON"
		if !known {
			why, fix = "the rules are unknown: "+s.Why(), "give it a value"
		}
		r.problem(s.Pos(), fix, "%s", why)
		return nil
	}
	root.Walk(func(n *tree.Node) {
		n.Pos = s.Pos()
		if !known {
			n.Refs = referencesIn(n)
			if len(n.Refs) == 0 && strings.Contains(n.Text, "${") {
				n.Kind, n.Why = tree.Unknown, n.Text+" has no value"
			}
		}
	})
	inner := newReader(RuleJSON, BlobLiteral)
	inner.known, inner.root = r.known, r.root
	if root.Is() == tree.Map { // the API's own input wraps the list
		root = root.Get("Rules")
	}
	out := inner.rules(root, in)
	inner.left(s.Pos())
	r.problems = append(r.problems, inner.problems...)
	r.used = append(r.used, inner.used...)
	return out
}

var wholeReference = regexp.MustCompile(`^\$\{([^{}]+)\.([^.{}]+)\}$`)

// referencesIn finds the one reference that a text of the form
// ${address.attribute} is. Variables are none.
func referencesIn(n *tree.Node) []tree.Ref {
	m := wholeReference.FindStringSubmatch(n.Text)
	if n.Kind != tree.String || m == nil {
		return nil
	}
	switch first, _, _ := strings.Cut(m[1], "."); first {
	case "var", "local", "each", "count", "path", "terraform":
		return nil
	}
	return []tree.Ref{{Addr: m[1], Attr: m[2]}}
}
