package estate

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"fathom/estate/tree"
)

// Fact is one argument of a resource as text, for comparing estates.
type Fact struct {
	// Known says whether the value is known; Text is it. To are the resources
	// that a reference names.
	Known bool
	Text  string
	To    []string
	// Candidates says that To are the resources one of which is meant.
	Candidates bool
}

// Facts returns the arguments of a resource by path, absent ones left out.
func Facts(r Resource) map[string]Fact {
	out := map[string]Fact{}
	facts(reflect.ValueOf(r).Elem(), "", out)
	return out
}

func facts(v reflect.Value, prefix string, out map[string]Fact) {
	l := layoutOf(v.Type())
	for _, f := range l.fields {
		v.Field(f.index).Addr().Interface().(interface{ fact(string, map[string]Fact) }).fact(prefix+f.name, out)
	}
	for _, i := range l.embeds {
		facts(v.Field(i), prefix, out)
	}
}

func (v *Val[T]) fact(path string, out map[string]Fact) {
	if v.state != absent {
		out[path] = Fact{Known: v.state == known, Text: v.String()}
	}
}

func (r *Ref[T]) fact(path string, out map[string]Fact) {
	if r.Absent() && len(r.To) == 0 {
		return
	}
	f := Fact{Known: r.state == known || len(r.To) > 0, Text: r.Str.String()}
	for _, id := range r.To {
		f.To = append(f.To, id.Addr)
	}
	slices.Sort(f.To)
	f.To = slices.Compact(f.To)
	f.Candidates = r.state == unknown && len(f.To) > 1
	out[path] = f
}

func (r *Refs[T]) fact(path string, out map[string]Fact) {
	if r.state == absent || len(r.Items) == 0 && r.state == known {
		return
	}
	f := Fact{Known: !r.Unknown()}
	for _, id := range r.To() {
		f.To = append(f.To, id.Addr)
	}
	var texts []string
	for i := range r.Items {
		f.Candidates = f.Candidates || r.state == unknown || r.Items[i].state == unknown && len(r.Items[i].To) > 1
		if len(r.Items[i].To) == 0 {
			texts = append(texts, r.Items[i].String())
		}
	}
	slices.Sort(f.To)
	f.To = slices.Compact(f.To)
	slices.Sort(texts)
	f.Text = strings.Join(texts, ",")
	out[path] = f
}

func (l *List) fact(path string, out map[string]Fact) {
	if l.state == absent || len(l.Items) == 0 && l.state == known {
		return
	}
	texts := l.Known()
	slices.Sort(texts) // sets and lists are not told apart
	out[path] = Fact{Known: !l.Unknown(), Text: strings.Join(texts, ",")}
}

func (m *Map) fact(path string, out map[string]Fact) {
	for k, v := range m.Items {
		v.fact(path+"."+k, out)
	}
}

func (b *Blocks[T]) fact(path string, out map[string]Fact) {
	if b.Why != "" {
		out[path] = Fact{Text: "more or fewer blocks"}
	}
	for i, item := range sortedItems(b.Items) {
		facts(reflect.ValueOf(item).Elem(), fmt.Sprintf("%s[%d].", path, i), out)
	}
}

// sortedItems orders blocks by what is literally written in them: many blocks
// are sets, and a plan shows a set in another order than the file does.
func sortedItems[T any](items []T) []*T {
	literal := func(p *T) string {
		all := map[string]Fact{}
		facts(reflect.ValueOf(p).Elem(), "", all)
		var parts []string
		for k, f := range all {
			if f.Known && len(f.To) == 0 && f.Text != "false" && f.Text != "" {
				parts = append(parts, k+"="+f.Text)
			}
		}
		slices.Sort(parts)
		return strings.Join(parts, " ")
	}
	out := make([]*T, len(items))
	for i := range items {
		out[i] = &items[i]
	}
	slices.SortStableFunc(out, func(a, b *T) int { return strings.Compare(literal(a), literal(b)) })
	return out
}

func (p *Policy) fact(path string, out map[string]Fact) {
	if p.state == absent {
		return
	}
	f := Fact{Known: p.state == known && len(p.Refs) == 0}
	for _, s := range p.Statements {
		f.Text += fmt.Sprintf("%+v\n", s)
	}
	out[path] = f
}

func (t *Tree) fact(path string, out map[string]Fact) { treeFacts(t.Node, path, out) }

func treeFacts(n *tree.Node, path string, out map[string]Fact) {
	switch n.Is() {
	case tree.Absent, tree.Null:
	case tree.List:
		for i, it := range n.Items {
			treeFacts(it, fmt.Sprintf("%s[%d]", path, i), out)
		}
	case tree.Map:
		for _, f := range n.Fields {
			treeFacts(f.Node, path+"."+f.Name, out)
		}
	case tree.Unknown:
		out[path] = Fact{}
	default:
		text, ok := n.Literal()
		out[path] = Fact{Known: ok, Text: text}
	}
}
