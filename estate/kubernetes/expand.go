package kubernetes

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v3"

	"fathom/diag"
	"fathom/estate/tree"
)

// value wraps a parsed document's root.
type value struct{ value *tree.Node }

// expander turns a parsed document into a tree: it expands aliases and merge
// keys, and reads scalars as Kubernetes does (YAML 1.1: yes and on are true).
type expander struct {
	file     string
	line     int // lines before the document
	problems *diag.Problems
	made     int
	depth    int
	open     []*yaml.Node // the anchors being expanded
	tooMuch  string
	modern   bool // YAML 1.2: yes and on are words
	loop     *yaml.Node
}

// document returns the tree of a document's root, or nil and false when it is
// too large to expand.
func (x *expander) document(n *yaml.Node) (*tree.Node, bool) {
	if n.Kind == yaml.DocumentNode {
		if len(n.Content) == 0 {
			return &tree.Node{Kind: tree.Null}, true
		}
		n = n.Content[0]
	}
	root := x.node(n, x.pos(n))
	switch {
	case x.tooMuch != "":
		x.problems.Addf(x.pos(n), "split it, or write it without the aliases", "the document %s", x.tooMuch)
		return nil, false
	case x.loop != nil:
		x.problems.Addf(x.pos(x.loop), "an alias must not stand inside its own anchor", "alias %q contains itself", "*"+x.loop.Value)
		return nil, false
	}
	return root, true
}

func (x *expander) pos(n *yaml.Node) diag.Pos { return diag.At(x.file, n.Line+x.line, n.Column) }

// node expands a value; at is where to say that a list or map begins.
func (x *expander) node(n *yaml.Node, at diag.Pos) *tree.Node {
	x.made++
	x.depth++
	defer func() { x.depth-- }()
	switch {
	case x.tooMuch != "" || x.loop != nil:
		return nil
	case x.made > maxValues:
		x.tooMuch = fmt.Sprintf("expands to more than %d values", maxValues)
		return nil
	case x.depth > maxDepth:
		x.tooMuch = fmt.Sprintf("nests more than %d levels deep", maxDepth)
		return nil
	}
	switch n.Kind {
	case yaml.AliasNode:
		if n.Alias == nil {
			return &tree.Node{Kind: tree.Null, Pos: at}
		}
		if slices.Contains(x.open, n.Alias) {
			x.loop = n
			return nil
		}
		return x.node(n.Alias, x.pos(n.Alias))
	case yaml.SequenceNode:
		x.enter(n)
		defer x.leave(n)
		out := &tree.Node{Kind: tree.List, Pos: at, Items: make([]*tree.Node, 0, len(n.Content))}
		for _, it := range n.Content {
			out.Items = append(out.Items, x.node(it, x.pos(it)))
		}
		return out
	case yaml.MappingNode:
		x.enter(n)
		defer x.leave(n)
		return x.mapping(n, at)
	case yaml.ScalarNode:
		out := scalar(n, x.modern)
		out.Pos = x.pos(n)
		if out.Kind == tree.Null {
			out.Pos = at
		}
		return out
	}
	return &tree.Node{Kind: tree.Null, Pos: at}
}

func (x *expander) enter(n *yaml.Node) {
	if n.Anchor != "" {
		x.open = append(x.open, n)
	}
}

func (x *expander) leave(n *yaml.Node) {
	if n.Anchor != "" {
		x.open = x.open[:len(x.open)-1]
	}
}

func (x *expander) mapping(n *yaml.Node, at diag.Pos) *tree.Node {
	out := &tree.Node{Kind: tree.Map, Pos: at, Fields: make([]tree.Field, 0, len(n.Content)/2)}
	where := make(map[string]int, len(n.Content)/2)
	var merges []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k.Kind == yaml.ScalarNode && k.Value == "<<" && k.Style == 0 {
			merges = append(merges, v)
			continue
		}
		name, ok := keyOf(k)
		if !ok {
			x.problems.Addf(x.pos(k), "use a single word or a quoted string as the key", "a list or map stands where a key is expected")
			continue
		}
		child := x.node(v, x.pos(k))
		if had, again := where[name]; again {
			x.problems.Addf(x.pos(k), "remove one of the two; the cluster would take the last", "key %q is given twice", name)
			out.Fields[had].Node = child
			continue
		}
		where[name] = len(out.Fields)
		out.Fields = append(out.Fields, tree.Field{Name: name, Node: child})
	}
	for _, m := range merges {
		x.merge(out, where, m)
	}
	return out
}

// merge adds the members of "<<": *anchor that the map does not have itself.
func (x *expander) merge(into *tree.Node, where map[string]int, from *yaml.Node) {
	v := x.node(from, x.pos(from))
	if v == nil {
		return
	}
	parts := []*tree.Node{v}
	if v.Kind == tree.List {
		parts = v.Items
	}
	for _, p := range parts {
		if p == nil {
			continue
		}
		if p.Kind != tree.Map {
			x.problems.Addf(x.pos(from), "name an anchored map", "\"<<\" merges something that is not a map")
			continue
		}
		for _, f := range p.Fields {
			if _, ok := where[f.Name]; !ok {
				where[f.Name] = len(into.Fields)
				into.Fields = append(into.Fields, f)
			}
		}
	}
}

// keyOf is a key as JSON has it.
func keyOf(k *yaml.Node) (string, bool) {
	if k.Kind == yaml.AliasNode && k.Alias != nil {
		k = k.Alias
	}
	if k.Kind != yaml.ScalarNode {
		return "", false
	}
	v := scalar(k, false)
	if v.Kind == tree.Null {
		return k.Value, true
	}
	return v.Text, true
}

// scalar reads a scalar. Quoted text is always a string.
func scalar(n *yaml.Node, modern bool) *tree.Node {
	plain := n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0
	if plain && !modern && n.Style&yaml.TaggedStyle == 0 {
		switch n.Value {
		case "yes", "Yes", "YES", "on", "On", "ON":
			return &tree.Node{Kind: tree.Bool, Text: "true"}
		case "no", "No", "NO", "off", "Off", "OFF":
			return &tree.Node{Kind: tree.Bool, Text: "false"}
		}
	}
	switch n.ShortTag() {
	case "!!null":
		return &tree.Node{Kind: tree.Null}
	case "!!bool":
		return &tree.Node{Kind: tree.Bool, Text: strings.ToLower(n.Value)}
	case "!!int", "!!float":
		if text, ok := number(n); ok {
			return &tree.Node{Kind: tree.Number, Text: text}
		}
	case "!!binary":
		if b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(n.Value), "")); err == nil {
			return &tree.Node{Kind: tree.String, Text: string(b)}
		}
	}
	return &tree.Node{Kind: tree.String, Text: n.Value}
}

// number is a number as JSON has it; infinities have none and stay text.
func number(n *yaml.Node) (text string, ok bool) {
	var v any
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	if n.Decode(&v) != nil {
		return "", false
	}
	switch v := v.(type) {
	case int:
		return strconv.Itoa(v), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case uint64:
		return strconv.FormatUint(v, 10), true
	case float64:
		if v-v != 0 {
			return "", false
		}
		return strconv.FormatFloat(v, 'g', -1, 64), true
	}
	return "", false
}
