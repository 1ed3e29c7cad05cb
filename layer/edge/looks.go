package edge

import (
	"regexp"
	"slices"
	"strings"

	"fathom/estate"
	"fathom/estate/tree"
)

// looks is what a rule's statement looks at, anywhere in it.
type looks struct {
	kinds     []string // the kinds of statement: geo_match_statement
	countries []string
	labels    []string // keys of label matches
	headers   []string // names, in lower case
	cookies   bool
	paths     []string // what the path, or anything else, is compared with
	texts     []string
	why       string // why it looks at more than is known; ""
}

// ruleSets finds what rules name: rule groups and regex sets.
type ruleSets struct {
	e      *estate.Estate
	groups map[string]*estate.RuleGroup
	sets   map[string]*estate.RegexSet
}

func newRuleSets(e *estate.Estate) ruleSets {
	s := ruleSets{e, map[string]*estate.RuleGroup{}, map[string]*estate.RegexSet{}}
	for _, g := range estate.All[*estate.RuleGroup](e) {
		for _, k := range g.Keys {
			s.groups[k] = g
		}
	}
	for _, r := range estate.All[*estate.RegexSet](e) {
		for _, k := range r.Keys {
			s.sets[k] = r
		}
	}
	return s
}

// named is the resource that an ARN argument names, by reference or by text.
func named[T estate.Resource](e *estate.Estate, of estate.Resource, n *tree.Node, byKey map[string]T) T {
	var none T
	if n == nil {
		return none
	}
	for _, ref := range n.Refs {
		if r, ok := estate.Get[T](e, estate.ID{Root: of.Meta().ID.Root, Addr: ref.Addr}); ok {
			return r
		}
	}
	if r, ok := byKey[n.Text]; ok {
		return r
	}
	// arn:aws:wafv2:region:account:regional/rulegroup/name/id
	if parts := strings.Split(n.Text, "/"); strings.HasPrefix(n.Text, "arn:") && len(parts) >= 3 {
		return byKey[parts[2]]
	}
	return none
}

func (s ruleSets) group(of estate.Resource, arn *tree.Node) *estate.RuleGroup {
	return named(s.e, of, arn, s.groups)
}

// at collects what a statement and everything in it looks at.
func (l *looks) at(of estate.Resource, n *tree.Node, sets ruleSets) {
	if n.Is() == tree.Unknown && l.why == "" {
		l.why = n.Why
	}
	for _, it := range items(n) {
		for i := range it.Fields {
			f := &it.Fields[i]
			if strings.HasSuffix(f.Name, "_statement") && len(items(f.Node)) > 0 {
				l.kinds = append(l.kinds, f.Name)
			}
			switch f.Name {
			case "country_codes":
				l.countries = append(l.countries, strs(f.Node)...)
			case "search_string", "regex_string":
				l.compare(it, text(f.Node))
			case "regex_pattern_set_reference_statement":
				l.regexSet(of, f.Node, sets)
			case "label_match_statement":
				for _, m := range items(f.Node) {
					l.labels = append(l.labels, text(m.Get("key")))
				}
			case "single_header":
				for _, h := range items(f.Node) {
					l.headers = append(l.headers, strings.ToLower(text(h.Get("name"))))
				}
			case "cookies":
				l.cookies = l.cookies || len(items(f.Node)) > 0
			}
			if f.Name != "managed_rule_group_statement" { // its fields are not what the rule looks at
				l.at(of, f.Node, sets)
			} else {
				for _, m := range items(f.Node) {
					l.at(of, m.Get("scope_down_statement"), sets)
				}
			}
		}
	}
}

// compare notes what a component is compared with, and whether that is the path.
func (l *looks) compare(statement *tree.Node, s string) {
	l.texts = append(l.texts, s)
	if part(statement, "field_to_match", "uri_path") != nil {
		l.paths = append(l.paths, s)
	}
}

func (l *looks) regexSet(of estate.Resource, n *tree.Node, sets ruleSets) {
	for _, m := range items(n) {
		set := named(sets.e, of, m.Get("arn"), sets.sets)
		if set == nil {
			if l.why == "" {
				l.why = "regex set " + text(m.Get("arn")) + " is not in what was read"
			}
			continue
		}
		for _, p := range set.Patterns.Items {
			l.compare(m, p.Regex.String())
		}
	}
}

func strs(n *tree.Node) []string {
	if n.Is() != tree.List {
		if s := text(n); s != "" {
			return []string{s}
		}
		return nil
	}
	var out []string
	for _, it := range n.Items {
		out = append(out, text(it))
	}
	return out
}

// has says whether a kind of statement is there.
func (l *looks) has(kind string) bool { return slices.Contains(l.kinds, kind) }

// The paths that attackers of accounts and of money go for.
var (
	loginPath    = regexp.MustCompile(`(?i)log-?_?(in|on)|sign-?_?(in|on)|auth|session|account|token`)
	signUpPath   = regexp.MustCompile(`(?i)sign-?_?up|regist|join|enrol|create-?_?account|account[s]?/(new|create)`)
	passwordPath = regexp.MustCompile(`(?i)passw|forgot|reset|recover`)
	checkoutPath = regexp.MustCompile(`(?i)checkout|check-out|payment|/pay|order|cart|basket|purchase|charge|voucher|coupon|gift`)
)

// aims says whether a rule is limited to paths that match: by what the path is
// compared with, by the label it waits for, or, where what it compares with was
// not read, by its own name.
func (r *rule) aims(at *regexp.Regexp) estate.Truth {
	if slices.ContainsFunc(r.looks.paths, at.MatchString) || slices.ContainsFunc(r.looks.labels, at.MatchString) {
		return estate.Yes
	}
	if r.looks.why != "" {
		return estate.Maybe
	}
	return estate.No
}
