package edge

import (
	"encoding/base64"
	"encoding/json"
	"sort"
	"strings"
	"unicode"

	"fathom/diag"
	"fathom/estate/tree"
)

// rulesFromJSON reads rules in the form of the WAF API (rule_json of a web
// ACL, rules_json of a rule group) into the shape Terraform gives them, so
// that one reader reads both.
func rulesFromJSON(doc string, at diag.Pos) ([]*tree.Node, error) {
	var v any
	if err := json.Unmarshal([]byte(doc), &v); err != nil {
		return nil, err
	}
	if m, ok := v.(map[string]any); ok && m["Rules"] != nil {
		v = m["Rules"]
	}
	return items(fromAPI(v, "", at)), nil
}

// fromAPI changes API names to Terraform's: words in lower case with
// underscores, and the name of one block for a list of blocks.
func fromAPI(v any, name string, at diag.Pos) *tree.Node {
	n := &tree.Node{Pos: at}
	switch v := v.(type) {
	case map[string]any:
		n.Kind = tree.Map
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		for _, k := range keys {
			n.Set(terraformName(k), fromAPI(v[k], k, at))
		}
	case []any:
		n.Kind = tree.List
		for _, it := range v {
			n.Items = append(n.Items, fromAPI(it, name, at))
		}
	case string:
		n.Kind, n.Text = tree.String, v
		if name == "SearchString" {
			n.Text = unblob(v)
		}
		n.Refs = refsIn(v)
	case bool:
		n.Kind, n.Text = tree.Bool, "false"
		if v {
			n.Text = "true"
		}
	case float64:
		b, _ := json.Marshal(v)
		n.Kind, n.Text = tree.Number, string(b)
	default:
		n.Kind = tree.Null
	}
	return n
}

// refsIn finds the one reference that a string of the form ${address.attribute}
// is.
func refsIn(s string) []tree.Ref {
	inner, ok := strings.CutPrefix(s, "${")
	inner, closed := strings.CutSuffix(inner, "}")
	dot := strings.LastIndexByte(inner, '.')
	if !ok || !closed || dot < 0 {
		return nil
	}
	return []tree.Ref{{Addr: inner[:dot], Attr: inner[dot+1:]}}
}

// unblob decodes a SearchString, which the API takes as base64 and people
// write as text: it is base64 when what comes out can be read.
func unblob(s string) string {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil || len(b) == 0 {
		return s
	}
	for _, r := range string(b) {
		if r > unicode.MaxASCII || !unicode.IsPrint(r) {
			return s
		}
	}
	return string(b)
}

// blocks are the lists whose Terraform name is that of one block.
var blocks = map[string]string{
	"rules": "rule", "statements": "statement", "rule_labels": "rule_label", "rule_action_overrides": "rule_action_override",
	"excluded_rules": "excluded_rule", "text_transformations": "text_transformation", "custom_keys": "custom_key",
}

func terraformName(api string) string {
	var b strings.Builder
	rs := []rune(api)
	for i, r := range rs {
		if i > 0 && unicode.IsUpper(r) && (!unicode.IsUpper(rs[i-1]) || i+1 < len(rs) && unicode.IsLower(rs[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	if one, ok := blocks[b.String()]; ok {
		return one
	}
	return b.String()
}
