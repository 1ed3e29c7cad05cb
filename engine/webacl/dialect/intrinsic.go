package dialect

import (
	"regexp"
	"strconv"
	"strings"

	"fathom/estate/tree"
)

const (
	// deepest bounds how far functions stand in functions.
	deepest = 200
	// mostMade bounds the values that a template's functions make.
	mostMade = 1_000_000
	// longest bounds a text that they make.
	longest = 1 << 20
)

// noValue marks what Ref AWS::NoValue takes away.
var noValue = &tree.Node{Kind: tree.Absent}

// value evaluates a value and all in it. What cannot be evaluated is Unknown, with
// the reason.
func (t *template) value(n *tree.Node) *tree.Node {
	t.depth++
	defer func() { t.depth-- }()
	if t.spent++; t.spent > mostMade || t.depth > maxDepth+deepest {
		return unknownAt(n, "the template's functions make too many values")
	}
	switch n.Is() {
	case tree.List:
		out := &tree.Node{Kind: tree.List, Pos: n.Pos}
		for _, it := range n.Items {
			if v := t.value(it); v != noValue {
				out.Items = append(out.Items, v)
			}
		}
		return out
	case tree.Map:
		if name, arg, ok := function(n); ok {
			return t.call(name, arg, n)
		}
		out := &tree.Node{Kind: tree.Map, Pos: n.Pos}
		for _, f := range n.Fields {
			if strings.HasPrefix(f.Name, "Fn::") {
				return unknownAt(f.Node, f.Name+" is not evaluated")
			}
			if v := t.value(f.Node); v != noValue {
				out.Fields = append(out.Fields, tree.Field{Name: f.Name, Node: v})
			}
		}
		return out
	case tree.Absent:
		return noValue
	}
	return n
}

// function says whether a map is a call of an intrinsic function.
func function(n *tree.Node) (name string, arg *tree.Node, ok bool) {
	if n.Is() != tree.Map || len(n.Fields) != 1 {
		return "", nil, false
	}
	f := n.Fields[0]
	return f.Name, f.Node, f.Name == "Ref" || strings.HasPrefix(f.Name, "Fn::")
}

func unknownAt(n *tree.Node, why string) *tree.Node {
	return &tree.Node{Kind: tree.Unknown, Why: why, Pos: posOf(n)}
}

func textAt(n *tree.Node, s string) *tree.Node {
	if len(s) > longest {
		return unknownAt(n, "the text is longer than 1 MiB")
	}
	return &tree.Node{Kind: tree.String, Text: s, Pos: posOf(n)}
}

func (t *template) call(name string, arg, n *tree.Node) *tree.Node {
	switch name {
	case "Ref":
		return t.ref(arg, n)
	case "Fn::GetAtt":
		return t.getAtt(arg, n)
	case "Fn::Sub":
		return t.sub(arg, n)
	case "Fn::If":
		return t.choose(arg, n)
	case "Fn::Join":
		return t.join(arg, n)
	case "Fn::Select":
		return t.pick(arg, n)
	case "Fn::Split":
		return t.split(arg, n)
	case "Fn::FindInMap":
		return t.findInMap(arg, n)
	}
	return unknownAt(n, name+" is not evaluated")
}

// ref is the value of a parameter, or names a resource.
func (t *template) ref(arg, n *tree.Node) *tree.Node {
	if arg.Is() != tree.String {
		return unknownAt(n, "Ref names nothing")
	}
	id := arg.Text
	if v, ok := t.params[id]; ok {
		return t.param(id, v, n)
	}
	if id == "AWS::NoValue" {
		return noValue
	}
	if strings.HasPrefix(id, "AWS::") {
		return &tree.Node{Kind: tree.Unknown, Text: "${" + id + "}", Why: "the template does not say " + id, Pos: n.Pos}
	}
	if p := t.root.Get("Parameters").Get(id); p != nil {
		d := p.Get("Default")
		if d == nil || d.Kind == tree.Map || d.Kind == tree.List {
			return &tree.Node{Kind: tree.Unknown, Text: "${" + id + "}", Why: "parameter " + strconv.Quote(id) + " has no value", Pos: n.Pos}
		}
		return t.param(id, d.Text, n)
	}
	if t.typeOf(id) != "" {
		return &tree.Node{Kind: tree.String, Text: "${" + id + "}", Refs: []tree.Ref{{Addr: id}}, Pos: n.Pos}
	}
	return unknownAt(n, "the template has no parameter or resource "+strconv.Quote(id))
}

// param is the value of a parameter, a list where it is of such a type.
func (t *template) param(id, value string, n *tree.Node) *tree.Node {
	typ := t.root.Get("Parameters").Get(id).Get("Type")
	if typ.Is() != tree.String || typ.Text != "CommaDelimitedList" && !strings.HasPrefix(typ.Text, "List<") {
		return textAt(n, value)
	}
	out := &tree.Node{Kind: tree.List, Pos: n.Pos}
	for _, s := range strings.Split(value, ",") {
		out.Items = append(out.Items, textAt(n, strings.TrimSpace(s)))
	}
	return out
}

// getAtt names an attribute of a resource: "Set.Arn", or ["Set", "Arn"].
func (t *template) getAtt(arg, n *tree.Node) *tree.Node {
	path := ""
	switch arg.Is() {
	case tree.String:
		path = arg.Text
	case tree.List:
		var parts []string
		for _, it := range arg.Items {
			parts = append(parts, t.value(it).Text)
		}
		path = strings.Join(parts, ".")
	}
	id, attr, _ := strings.Cut(path, ".")
	if t.typeOf(id) == "" {
		return unknownAt(n, "the template has no resource "+strconv.Quote(id))
	}
	return &tree.Node{Kind: tree.String, Text: "${" + path + "}", Refs: []tree.Ref{{Addr: id, Attr: attr}}, Pos: n.Pos}
}

var placeholder = regexp.MustCompile(`\$\{(!?)([^${}]*)\}`)

// sub fills the placeholders of a text.
func (t *template) sub(arg, n *tree.Node) *tree.Node {
	text, vars := arg, (*tree.Node)(nil)
	if arg.Is() == tree.List && len(arg.Items) == 2 {
		text, vars = arg.Items[0], arg.Items[1]
	}
	if text.Is() != tree.String {
		return unknownAt(n, "Fn::Sub has no text")
	}
	var parts []*tree.Node
	last := 0
	for _, m := range placeholder.FindAllStringSubmatchIndex(text.Text, -1) {
		parts = append(parts, textAt(n, text.Text[last:m[0]]))
		name := strings.TrimSpace(text.Text[m[4]:m[5]])
		switch {
		case m[2] != m[3]: // ${!Literal}
			parts = append(parts, textAt(n, "${"+name+"}"))
		case vars.Get(name) != nil:
			parts = append(parts, t.value(vars.Get(name)))
		case strings.Contains(name, ".") && !strings.HasPrefix(name, "AWS::"):
			parts = append(parts, t.getAtt(textAt(n, name), n))
		default:
			parts = append(parts, t.ref(textAt(n, name), n))
		}
		last = m[1]
	}
	parts = append(parts, textAt(n, text.Text[last:]))
	return t.concat(parts, "", n)
}

// concat joins texts. One unknown part makes the whole unknown; a reference that
// stands alone stays one.
func (t *template) concat(parts []*tree.Node, between string, n *tree.Node) *tree.Node {
	var alone *tree.Node
	var b strings.Builder
	why, holes := "", 0
	for i, p := range parts {
		if i > 0 {
			b.WriteString(between)
		}
		if b.Len() > longest {
			return unknownAt(n, "the text is longer than 1 MiB")
		}
		switch {
		case p.Is() == tree.Unknown:
			holes++
			why = whyUnknown(p)
		case len(p.Refs) > 0:
			holes++
			alone, why = p, p.Text+" is known only after the stack is made"
		case p.Is() == tree.List || p.Is() == tree.Map:
			return unknownAt(n, "a list or object stands where a text is expected")
		}
		b.WriteString(p.Text)
	}
	t.spent += b.Len() / 100 // texts made of texts made of texts cost as well
	switch {
	case holes == 0:
		return textAt(n, b.String())
	case holes == 1 && alone != nil && b.String() == alone.Text:
		return alone
	}
	return &tree.Node{Kind: tree.Unknown, Text: b.String(), Why: why, Pos: n.Pos}
}

func (t *template) join(arg, n *tree.Node) *tree.Node {
	if arg.Is() != tree.List || len(arg.Items) != 2 || arg.Items[0].Is() != tree.String {
		return unknownAt(n, "Fn::Join does not have a text and a list")
	}
	list := t.value(arg.Items[1])
	if list.Is() != tree.List {
		return unknownAt(n, "Fn::Join joins a list that is not known")
	}
	return t.concat(list.Items, arg.Items[0].Text, n)
}

func (t *template) pick(arg, n *tree.Node) *tree.Node {
	if arg.Is() != tree.List || len(arg.Items) != 2 {
		return unknownAt(n, "Fn::Select does not have an index and a list")
	}
	i, err := strconv.Atoi(t.value(arg.Items[0]).Text)
	list := t.value(arg.Items[1])
	if err != nil || list.Is() != tree.List || i < 0 || i >= len(list.Items) {
		return unknownAt(n, "Fn::Select selects nothing that is known")
	}
	return list.Items[i]
}

func (t *template) split(arg, n *tree.Node) *tree.Node {
	if arg.Is() != tree.List || len(arg.Items) != 2 || arg.Items[0].Is() != tree.String || arg.Items[0].Text == "" {
		return unknownAt(n, "Fn::Split does not have a delimiter and a text")
	}
	text := t.value(arg.Items[1])
	if text.Is() != tree.String || len(text.Refs) > 0 {
		return unknownAt(n, "Fn::Split splits a text that is not known")
	}
	out := &tree.Node{Kind: tree.List, Pos: n.Pos}
	for _, s := range strings.Split(text.Text, arg.Items[0].Text) {
		if t.spent++; t.spent > mostMade {
			return unknownAt(n, "the template's functions make too many values")
		}
		out.Items = append(out.Items, textAt(n, s))
	}
	return out
}

func (t *template) findInMap(arg, n *tree.Node) *tree.Node {
	if arg.Is() != tree.List || len(arg.Items) < 3 {
		return unknownAt(n, "Fn::FindInMap does not have three names")
	}
	at := t.root.Get("Mappings")
	for _, it := range arg.Items[:3] {
		name := t.value(it)
		if name.Is() == tree.Unknown || len(name.Refs) > 0 {
			return unknownAt(n, "Fn::FindInMap looks for a name that is not known")
		}
		if at = at.Get(name.Text); at == nil {
			return unknownAt(n, "no mapping has "+strconv.Quote(name.Text))
		}
	}
	return at
}
