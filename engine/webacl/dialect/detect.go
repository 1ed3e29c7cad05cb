package dialect

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"fathom/estate/tree"
)

// kind is what a file holds.
type kind uint8

const (
	nothing kind = iota
	aWebACL
	aRuleGroup
	anIPSet
	aRegexSet
	rules // without a web ACL
)

// wrappers are the members in which the API answers.
var wrappers = map[string]kind{"webacl": aWebACL, "rulegroup": aRuleGroup, "ipset": anIPSet, "regexpatternset": aRegexSet}

// kindOf says what a tree is, gives the part that holds it, and whether that
// stands in a wrapper.
func (d *decoder) kindOf(root *tree.Node) (kind, *tree.Node, bool) {
	if root.Is() == tree.List {
		return rules, root, false
	}
	if root.Is() != tree.Map {
		return nothing, root, false
	}
	has := map[string]*tree.Node{}
	for _, f := range root.Fields {
		has[canon(f.Name)] = f.Node
	}
	for name, k := range wrappers {
		if n := has[name]; n.Is() == tree.Map {
			return k, n, true
		}
	}
	arn := has["arn"]
	switch {
	case has["addresses"] != nil:
		return anIPSet, root, false
	case has["regularexpressionlist"] != nil:
		return aRegexSet, root, false
	case has["defaultaction"] != nil:
		return aWebACL, root, false
	case has["rules"] != nil && (has["capacity"] != nil || arn.Is() == tree.String && strings.Contains(arn.Text, "/rulegroup/")):
		return aRuleGroup, root, false
	case has["rules"] != nil && len(root.Fields) == 1, has["statement"] != nil:
		return rules, root, false
	case has["rules"] != nil:
		return aWebACL, root, false
	}
	return nothing, root, false
}

// styleOf tells a dialect by how the names are written: the first name that is
// written in one way only.
func styleOf(n *tree.Node) Dialect {
	found := Auto
	lower := false
	var walk func(*tree.Node)
	walk = func(n *tree.Node) {
		for _, f := range n.Fields {
			if found != Auto {
				return
			}
			initial, _ := utf8.DecodeRuneInString(f.Name)
			switch {
			case unicode.IsUpper(initial):
				found = Console
			case strings.Contains(f.Name, "_"):
				found = Snake
			case strings.ToLower(f.Name) != f.Name:
				found = CDK
			default:
				lower = true
			}
			if found == Auto {
				walk(f.Node)
			}
		}
		for _, it := range n.Items {
			if found == Auto {
				walk(it)
			}
		}
	}
	walk(n)
	switch {
	case found != Auto:
		return found
	case lower:
		return Snake
	}
	return Console
}

// isTemplate says whether a tree is a template of CloudFormation.
func isTemplate(n *tree.Node) bool {
	if n.Get("AWSTemplateFormatVersion") != nil {
		return true
	}
	resources := n.Get("Resources")
	if resources.Is() != tree.Map {
		return false
	}
	for _, f := range resources.Fields {
		if t := f.Node.Get("Type"); t.Is() == tree.String && strings.Contains(t.Text, "::") {
			return true
		}
	}
	return false
}

// canon is a name without what dialects write differently: TextTransformations,
// textTransformations and text_transformations are one.
func canon(name string) string {
	return strings.ReplaceAll(strings.ToLower(name), "_", "")
}
