package dialect

import (
	"strconv"
	"strings"

	"fathom/diag"
	"fathom/engine/webacl"
	"fathom/estate"
	"fathom/estate/tree"
)

// Found is a web ACL or a rule group of an estate: one of ACL and Group is set.
type Found struct {
	ACL   *webacl.ACL
	Group *webacl.Group
	// Of is the resource that declares it.
	Of estate.Resource
	// Protects are the resources that the web ACL stands in front of.
	Protects []estate.ID
}

// FromEstate reads every web ACL and rule group of an estate, with the rules that
// other resources add to them, and the sets that they name. One with any problem
// is left out whole. The order is that of the estate: groups first.
func FromEstate(e *estate.Estate) ([]Found, diag.Problems) {
	x := &estateReader{e: e, known: &known{
		ipSets: map[string]*webacl.IPSet{}, regexSets: map[string]*webacl.RegexSet{}, groups: map[string]*webacl.Group{}, why: map[string]string{},
	}}
	for _, s := range estate.All[*estate.IPSet](e) {
		x.ipSet(s)
	}
	for _, s := range estate.All[*estate.RegexSet](e) {
		x.regexSet(s)
	}
	var out []Found
	for _, g := range estate.All[*estate.RuleGroup](e) {
		if group := x.group(g); group != nil {
			out = append(out, Found{Group: group, Of: g})
		}
	}
	for _, w := range estate.All[*estate.WebACL](e) {
		kinds, protects := x.protected(w)
		if acl := x.webACL(w); acl != nil {
			acl.Resource = common(kinds)
			out = append(out, Found{ACL: acl, Of: w, Protects: protects})
		}
	}
	return out, x.problems.Sorted()
}

type estateReader struct {
	e        *estate.Estate
	known    *known
	problems diag.Problems
}

func (x *estateReader) reader(b *estate.Base) *reader {
	r := newReader(RuleJSON, BlobLiteral)
	r.exact, r.blocks, r.known, r.root = false, true, x.known, b.ID.Root
	return r
}

// keys are the names by which rules refer to a resource.
func keys(b *estate.Base) []string {
	out := []string{reference(b.ID.Root, b.ID.Addr)}
	for _, k := range b.Keys {
		if strings.HasPrefix(k, "arn:") {
			out = append(out, k)
		}
	}
	return out
}

// arn is the ARN of a resource, or its address where that is not known yet.
func arn(b *estate.Base) string {
	for _, k := range b.Keys {
		if strings.HasPrefix(k, "arn:") {
			return k
		}
	}
	return "${" + b.ID.Addr + ".arn}"
}

// built makes a tree of the arguments of a resource, those that are not written
// left out.
func built(at diag.Pos, fields ...tree.Field) *tree.Node {
	n := &tree.Node{Kind: tree.Map, Pos: at}
	for _, f := range fields {
		if f.Node != nil {
			n.Fields = append(n.Fields, f)
		}
	}
	return n
}

// written is the node of a text argument; nil where nothing is written.
func written(s estate.Str) *tree.Node {
	if s.Absent() {
		return nil
	}
	if v, ok := s.Known(); ok {
		return &tree.Node{Kind: tree.String, Text: v, Pos: s.Pos()}
	}
	return &tree.Node{Kind: tree.Unknown, Text: s.String(), Why: s.Why(), Pos: s.Pos()}
}

// number is the node of a number.
func number(v estate.Int) *tree.Node {
	if n, ok := v.Known(); ok {
		return &tree.Node{Kind: tree.Number, Text: strconv.Itoa(n), Pos: v.Pos()}
	}
	if v.Absent() {
		return nil
	}
	return &tree.Node{Kind: tree.Unknown, Text: v.String(), Why: v.Why(), Pos: v.Pos()}
}

// list is the node of a list of texts; nil where nothing is written.
func list(l estate.List) *tree.Node {
	if l.Absent() {
		return nil
	}
	if why := l.Why(); why != "" {
		return &tree.Node{Kind: tree.Unknown, Why: why, Pos: l.Pos()}
	}
	n := &tree.Node{Kind: tree.List, Pos: l.Pos()}
	for _, it := range l.Items {
		if w := written(it); w != nil {
			n.Items = append(n.Items, w)
		}
	}
	return n
}

// patterns is the node of the blocks of a regex pattern set.
func patterns(s *estate.RegexSet) *tree.Node {
	if s.Patterns.Why != "" {
		return &tree.Node{Kind: tree.Unknown, Why: s.Patterns.Why, Pos: s.Patterns.At}
	}
	n := &tree.Node{Kind: tree.List, Pos: s.Pos}
	for _, p := range s.Patterns.Items {
		n.Items = append(n.Items, built(p.At, tree.Field{Name: "regex_string", Node: written(p.Regex)}))
	}
	return n
}

func (x *estateReader) ipSet(s *estate.IPSet) {
	r := x.reader(&s.Base)
	if why := unread(s.Maybe, list(s.Addresses)); why != "" {
		x.unread(&s.Base, "the addresses of IP set "+s.ID.Addr+" are unknown: "+why)
		return
	}
	set := r.ipSet(built(s.Pos, tree.Field{Name: "name", Node: written(s.SetName)}, tree.Field{Name: "ip_address_version", Node: written(s.Version)},
		tree.Field{Name: "addresses", Node: list(s.Addresses)}))
	set.ARN = arn(&s.Base)
	x.keep(r, &s.Base, func(k string) { x.known.ipSets[k] = set })
}

func (x *estateReader) regexSet(s *estate.RegexSet) {
	r := x.reader(&s.Base)
	if why := unread(s.Maybe, patterns(s)); why != "" {
		x.unread(&s.Base, "the patterns of regex pattern set "+s.ID.Addr+" are unknown: "+why)
		return
	}
	set := r.regexSet(built(s.Pos, tree.Field{Name: "name", Node: written(s.SetName)}, tree.Field{Name: "regular_expression", Node: patterns(s)}))
	set.ARN = arn(&s.Base)
	x.keep(r, &s.Base, func(k string) { x.known.regexSets[k] = set })
}

// unread is why a set cannot be read: it may not exist, or a value is unknown.
func unread(maybe string, n *tree.Node) string {
	if maybe != "" {
		return maybe
	}
	if n == nil {
		return ""
	}
	if refs := n.AllRefs(); len(refs) > 0 {
		return refs[0].String() + " is known only after apply"
	}
	return n.Hole()
}

func (x *estateReader) unread(b *estate.Base, why string) {
	for _, k := range keys(b) {
		x.known.why[k] = why
	}
}

// keep records a set that was read, or why it was not.
func (x *estateReader) keep(r *reader, b *estate.Base, put func(key string)) {
	x.problems = append(x.problems, r.problems...)
	if len(r.problems) > 0 {
		x.unread(b, b.ID.Addr+" cannot be read: "+r.problems[0].Summary)
		return
	}
	for _, k := range keys(b) {
		put(k)
	}
}

func (x *estateReader) group(g *estate.RuleGroup) *webacl.Group {
	r := x.reader(&g.Base)
	n := built(g.Pos, tree.Field{Name: "name", Node: written(g.GroupName)}, tree.Field{Name: "capacity", Node: number(g.Capacity)},
		tree.Field{Name: "custom_response_body", Node: g.Bodies.Node},
		tree.Field{Name: "rule", Node: g.Rules.Node})
	group := r.groupPart(n)
	group.Rules = append(group.Rules, r.rulesJSON(g.JSON, inACL{group: true})...)
	group.ARN = arn(&g.Base)
	group.ID = group.ARN
	if account := part(group.ARN, 4); strings.HasPrefix(group.ARN, "arn:") && account != "" {
		group.LabelPrefix = "awswaf:" + account + ":rulegroup:" + group.Name + ":"
	}
	r.distinct(group.Rules)
	r.bodiesThere(group.Bodies, "rule group "+g.ID.Addr)
	x.maybe(&g.Base, r)
	x.problems = append(x.problems, r.problems...)
	if len(r.problems) > 0 {
		x.unread(&g.Base, "rule group "+g.ID.Addr+" cannot be read")
		return nil
	}
	for _, k := range keys(&g.Base) {
		x.known.groups[k] = group
	}
	return group
}

// maybe says that it is not known whether a resource exists.
func (x *estateReader) maybe(b *estate.Base, r *reader) {
	if b.Maybe != "" {
		r.problem(b.Pos, "give it a value", "it is not known whether %s exists: %s", b.ID.Addr, b.Maybe)
	}
}

func (x *estateReader) webACL(w *estate.WebACL) *webacl.ACL {
	r := x.reader(&w.Base)
	name := written(w.ACLName)
	if name == nil {
		name = &tree.Node{Kind: tree.String, Text: lastPart(w.ID.Addr), Pos: w.Pos}
	}
	n := built(w.Pos, tree.Field{Name: "name", Node: name}, tree.Field{Name: "scope", Node: written(w.Scope)},
		tree.Field{Name: "default_action", Node: w.DefaultTree.Node}, tree.Field{Name: "custom_response_body", Node: w.Bodies.Node},
		tree.Field{Name: "captcha_config", Node: w.Captcha.Node}, tree.Field{Name: "challenge_config", Node: w.Challenge.Node},
		tree.Field{Name: "association_config", Node: w.Association.Node}, tree.Field{Name: "token_domains", Node: list(w.TokenDomains)},
		tree.Field{Name: "capacity", Node: number(w.Capacity)},
		tree.Field{Name: "rule", Node: w.Rules.Node})
	acl := r.aclPart(n)
	if acl == nil {
		x.problems = append(x.problems, r.problems...)
		return nil
	}
	acl.ARN = arn(&w.Base)
	if account := part(acl.ARN, 4); strings.HasPrefix(acl.ARN, "arn:") {
		acl.Account = account
	}
	acl.Rules = append(acl.Rules, r.rulesJSON(w.JSON, inACL{})...)
	for _, n := range x.added(w) {
		acl.Rules = append(acl.Rules, r.rule(n, inACL{}))
	}
	if len(r.problems) == 0 {
		r.distinct(acl.Rules)
	}
	r.bodiesThere(acl.Bodies, "web ACL "+w.ID.Addr)
	x.maybe(&w.Base, r)
	x.problems = append(x.problems, r.problems...)
	if len(r.problems) > 0 {
		return nil
	}
	return acl
}

// lastPart is the name at the end of an address.
func lastPart(addr string) string {
	return strings.Map(func(c rune) rune {
		if strings.ContainsRune(`[]"`, c) {
			return '-'
		}
		return c
	}, addr[strings.LastIndexByte(addr, '.')+1:])
}

// added are the rules that other resources add to a web ACL, shaped as its own.
func (x *estateReader) added(w *estate.WebACL) []*tree.Node {
	var out []*tree.Node
	for _, a := range estate.Of[*estate.RuleGroupAssociation](x.e, w.ID) {
		if !a.WebACL.Is(w.ID) {
			continue
		}
		over := written(a.Override)
		if over == nil {
			over = &tree.Node{Kind: tree.String, Text: "none", Pos: a.Pos}
		}
		statement := built(a.Pos, tree.Field{Name: "managed_rule_group_statement", Node: a.Managed.Node}, tree.Field{Name: "rule_group_reference_statement", Node: a.Own.Node})
		out = append(out, built(a.Pos, tree.Field{Name: "name", Node: written(a.RuleName)}, tree.Field{Name: "priority", Node: number(a.Priority)},
			tree.Field{Name: "override_action", Node: over}, tree.Field{Name: "statement", Node: statement}))
	}
	for _, a := range estate.Of[*estate.WebACLRule](x.e, w.ID) {
		if !a.WebACL.Is(w.ID) {
			continue
		}
		out = append(out, built(a.Pos, tree.Field{Name: "name", Node: written(a.RuleName)}, tree.Field{Name: "priority", Node: number(a.Priority)},
			tree.Field{Name: "action", Node: a.Action.Node}, tree.Field{Name: "override_action", Node: a.Override.Node},
			tree.Field{Name: "statement", Node: a.Statement.Node}, tree.Field{Name: "rule_label", Node: a.Labels.Node},
			tree.Field{Name: "captcha_config", Node: a.Captcha.Node}, tree.Field{Name: "challenge_config", Node: a.Challenge.Node}))
	}
	return out
}
