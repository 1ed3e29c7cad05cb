package dialect

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"

	"fathom/diag"
	"fathom/estate/tree"
)

// reader reads the parts of one web ACL, group or set, in whatever dialect.
type reader struct {
	// exact says that names are written as the API writes them; otherwise
	// underscores and capitals do not matter.
	exact bool
	// blocks says that the tree is Terraform's: single parts may be lists of one,
	// lists of parts are blocks with a name in the singular, and what is empty is
	// not there.
	blocks bool
	// base64 says that CloudFormation's SearchStringBase64 may be written.
	base64 bool
	style  Dialect
	search SearchString
	known  *known
	// root tells the references of one configuration from those of another.
	root string

	problems diag.Problems
	// holes are the unknown values that nobody has dealt with yet.
	holes []hole
	// used are where rules name custom response bodies.
	used []use
	// ruleName is the name of the rule that is being read.
	ruleName string
}

// hole is an unknown value.
type hole struct {
	at  diag.Pos
	why string
}

// use is where a custom response names its body.
type use struct {
	key string
	at  diag.Pos
}

func newReader(d Dialect, s SearchString) *reader {
	r := &reader{style: d, search: s, known: &known{}}
	switch d {
	case Answer, Console, RuleJSON, CloudFormation:
		r.exact = true
	}
	r.base64 = d == CloudFormation || d == CDK
	return r
}

func (r *reader) problem(at diag.Pos, fix, format string, args ...any) {
	r.problems.Addf(at, fix, "%s", shorten(fmt.Sprintf(format, args...)))
}

// shorten cuts a message that quotes something long: a value in a file may have
// megabytes.
func shorten(s string) string {
	const most = 500
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + " …"
}

// unknown says whether a value is not known, and notes it.
func (r *reader) unknown(n *tree.Node) bool {
	if n == nil {
		return false
	}
	switch {
	case n.Kind == tree.Unknown:
		r.holes = append(r.holes, hole{n.Pos, whyUnknown(n)})
		return true
	case len(n.Refs) > 0:
		r.holes = append(r.holes, hole{n.Pos, n.Text + " is known only after apply"})
		return true
	}
	return false
}

func whyUnknown(n *tree.Node) string {
	if n.Why == "" {
		return "its value is not known"
	}
	return n.Why
}

// left makes problems of the unknown values that no statement holds.
func (r *reader) left(at diag.Pos) {
	for _, h := range r.holes {
		if h.at.IsZero() {
			h.at = at
		}
		r.problem(h.at, "give it a value", "a value is unknown: %s", h.why)
	}
	r.holes = nil
}

// object is a part with members. Members that are asked for are known; those
// that nobody asked for are refused by done.
type object struct {
	r     *reader
	n     *tree.Node
	what  string
	at    map[string]int // by canon of the name
	asked []string
	seen  map[int]bool
}

// object reads a part. It is nil, and a problem or a hole is noted, where there
// is none.
func (r *reader) object(n *tree.Node, what string) *object {
	if n != nil && n.Kind == tree.List && r.blocks {
		switch len(n.Items) {
		case 1:
			n = n.Items[0]
		default:
			r.problem(n.Pos, "leave one", "%s is given %d times", what, len(n.Items))
			return nil
		}
	}
	switch {
	case n.Is() == tree.Unknown:
		r.unknown(n)
		return nil
	case n.Is() == tree.Null && r.blocks:
		n = &tree.Node{Kind: tree.Map, Pos: n.Pos}
	case n.Is() != tree.Map:
		r.problem(posOf(n), "write an object", "%s is %s, not an object", what, kindName(n))
		return nil
	}
	o := &object{r: r, n: n, what: what, at: make(map[string]int, len(n.Fields)), seen: make(map[int]bool, len(n.Fields))}
	for i := range n.Fields {
		c := canon(n.Fields[i].Name)
		if before, twice := o.at[c]; twice {
			r.problem(n.Fields[i].Node.Pos, "remove one of the two", "%s has %q and %q, which are the same", what, n.Fields[before].Name, n.Fields[i].Name)
			continue
		}
		o.at[c] = i
	}
	return o
}

func posOf(n *tree.Node) diag.Pos {
	if n == nil {
		return diag.Pos{}
	}
	return n.Pos
}

func kindName(n *tree.Node) string {
	return [...]string{"nothing", "null", "true or false", "a number", "a text", "a list", "an object", "unknown"}[n.Is()]
}

// get is the member of a name, or one of the other names that exports give it;
// nil where nothing is written.
func (o *object) get(name string, others ...string) *tree.Node {
	o.asked = append(o.asked, name)
	for i, alias := range append([]string{name}, others...) {
		at, ok := o.at[canon(alias)]
		if !ok || i > 0 && o.r.exact {
			continue
		}
		o.seen[at] = true
		f := o.n.Fields[at]
		if o.r.exact && f.Name != name && !(name == "ARN" && f.Name == "Arn") {
			o.r.problem(f.Node.Pos, "write "+strconv.Quote(name), "%s has no member %q", o.what, f.Name)
		}
		if f.Node.Missing() || o.r.blocks && empty(f.Node) {
			return nil
		}
		return f.Node
	}
	return nil
}

// empty says whether Terraform shows with a value that there is none.
func empty(n *tree.Node) bool {
	return n.Kind == tree.List && len(n.Items) == 0 || n.Kind == tree.String && n.Text == "" && len(n.Refs) == 0
}

// ignore knows members without reading them.
func (o *object) ignore(names ...string) {
	for _, name := range names {
		o.get(name)
	}
}

// internal knows members that only exports in snake_case have.
func (o *object) internal(names ...string) {
	if o.r.style != Snake {
		return
	}
	for _, name := range names {
		if at, ok := o.at[canon(name)]; ok {
			o.seen[at] = true
		}
	}
}

// list are the parts of a member that may be there several times.
func (o *object) list(name string, others ...string) []*tree.Node {
	n := o.get(name, others...)
	if singular := strings.TrimSuffix(name, "s"); n == nil && o.r.blocks {
		n = o.get(singular)
		o.asked[len(o.asked)-1] = singular
	}
	switch {
	case n == nil:
		return nil
	case n.Kind == tree.List:
		return n.Items
	case n.Kind == tree.Unknown:
		o.r.unknown(n)
		return nil
	case n.Kind == tree.Map && o.r.blocks:
		return []*tree.Node{n}
	}
	o.r.problem(n.Pos, "write a list", "%s of %s is %s, not a list", o.spell(name), o.what, kindName(n))
	return nil
}

// must says that a member is required.
func (o *object) must(n *tree.Node, name string) bool {
	if n == nil {
		o.r.problem(o.n.Pos, "", "%s has no %s", o.what, o.spell(name))
	}
	return n != nil
}

// one finds the one member that is written of those that exclude each other.
func (o *object) one(names ...string) (string, *tree.Node) {
	found := ""
	var n *tree.Node
	for _, name := range names {
		name, others := alternatives(name)
		m := o.get(name, others...)
		switch {
		case m == nil:
		case found != "":
			o.r.problem(m.Pos, "leave one", "%s has %s and %s, of which one may be written", o.what, o.spell(found), o.spell(name))
		default:
			found, n = name, m
		}
	}
	if found == "" && len(o.seen) == len(o.n.Fields) {
		o.r.problem(o.n.Pos, "write one of "+o.names(names), "%s is empty", o.what)
	}
	return found, n
}

// alternatives splits "Cookies|cookie" into a name and its other names.
func alternatives(name string) (string, []string) {
	parts := strings.Split(name, "|")
	return parts[0], parts[1:]
}

func (o *object) names(names []string) string {
	out := make([]string, len(names))
	for i, name := range names {
		name, _ = alternatives(name)
		out[i] = o.spell(name)
	}
	return strings.Join(out, ", ")
}

// done refuses the members that nobody asked for, each with the nearest known.
func (o *object) done() {
	for i, f := range o.n.Fields {
		if o.seen[i] || o.at[canon(f.Name)] != i || o.r.blocks && (f.Node.Missing() || empty(f.Node)) {
			continue
		}
		fix := "remove it"
		if near := nearest(canon(f.Name), o.asked, canon); near != "" {
			fix = "the nearest is " + strconv.Quote(o.spell(near))
		}
		o.r.problem(f.Node.Pos, fix, "%s has no member %q", o.what, f.Name)
	}
}

// spell writes an API name as the dialect does.
func (o *object) spell(name string) string { return spell(name, o.r.style, o.r.blocks) }

func spell(name string, d Dialect, blocks bool) string {
	switch {
	case d == Snake || blocks:
		return snake(name)
	case d == CDK:
		first, rest, _ := strings.Cut(snake(name), "_")
		for _, w := range strings.Split(rest, "_") {
			first += strings.ToUpper(w[:min(1, len(w))]) + w[min(1, len(w)):]
		}
		return first
	}
	return name
}

// snake writes an API name in lower case with underscores: IPSet is ip_set.
func snake(name string) string {
	if strings.Contains(name, "_") {
		return strings.ToLower(name)
	}
	var b strings.Builder
	rs := []rune(name)
	for i, c := range rs {
		if i > 0 && unicode.IsUpper(c) && (!unicode.IsUpper(rs[i-1]) || i+1 < len(rs) && unicode.IsLower(rs[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}

// nearest is the candidate that looks most like a name. Text that resembles none
// of them gets the nearest all the same: what is meant is among them.
func nearest(name string, candidates []string, form func(string) string) string {
	best, least := "", math.MaxInt
	for _, c := range candidates {
		d := diag.Distance(name, form(c))
		if len(name) > 2 && strings.HasPrefix(form(c), name) {
			d = min(d, 1) // cut short: LOWER is LOWERCASE, not NONE
		}
		if d < least {
			best, least = c, d
		}
	}
	return best
}

func same(s string) string { return s }
