package platform

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"fathom/diag"
)

// Options is what Parse has to be told, as it knows no clock and no layers.
type Options struct {
	// Today is the day by which exceptions and exemptions are too old or too far
	// ahead; the zero value looks at no dates.
	Today time.Time
	// Controls are the ids of all controls; where empty, those that exceptions
	// name are not looked up.
	Controls []string
	// ManagedRules are the names of the rules in the managed groups that the edge
	// uses; where empty, those that exemptions name are not looked up.
	ManagedRules []string
}

// Parse reads a declaration. The platform is nil where there is any problem;
// there are all of them, in the order of the file, each with its line and what
// to do about it.
func Parse(file string, text []byte, o Options) (*Platform, diag.Problems) {
	var problems diag.Problems
	tree := read(file, text, &problems)
	if tree == nil {
		return nil, problems.Sorted()
	}
	f := fitter{&problems, index{"": diag.At(file, 1, 1)}}
	f.fit(tree, root, "")
	p := build(tree)
	p.at = f.at
	identify(tree, p.at)
	c := checker{Platform: p, tree: tree, o: o, problems: &problems, sound: len(problems) == 0}
	c.check()
	if len(problems) > 0 {
		return nil, problems.Sorted()
	}
	return p, nil
}

// At is where a value was written, by its path: At("services", "orders",
// "calls"). An item of a list has its number, from 0, in the order in which it
// was written, or what it says: At("edge", "routes", "/login"). A value that was
// not written is where the next one above it is.
func (p *Platform) At(path ...string) diag.Pos {
	for n := len(path); n >= 0; n-- {
		if at, ok := p.at[strings.Join(path[:n], sep)]; ok {
			return at
		}
	}
	return diag.Pos{}
}

// identify gives the records of lists the names that they go by: routes their
// paths, hosts theirs, exceptions their controls. Where two have one name, it is
// the first's.
func identify(tree *node, at index) {
	each := func(list *node, key string, path ...string) {
		base := strings.Join(path, sep)
		for i, n := range list.items {
			name := join(base, n.get(key).text)
			if _, taken := at[name]; taken || n.kind != mapping {
				continue
			}
			from := join(base, strconv.Itoa(i))
			at[name] = n.pos
			for _, e := range n.entries {
				copyUnder(at, join(from, e.key), join(name, e.key), e.val)
			}
		}
	}
	each(tree.get("edge", "routes"), "path", "edge", "routes")
	each(tree.get("edge", "exempt"), "rule", "edge", "exempt")
	each(tree.get("exceptions"), "control", "exceptions")
	for _, s := range tree.get("services").entries {
		each(s.val.get("egress"), "host", "services", s.key, "egress")
	}
}

// copyUnder gives a value and what is in it a second path.
func copyUnder(at index, from, to string, n *node) {
	if pos, ok := at[from]; ok {
		at[to] = pos
	}
	for _, e := range n.entries {
		copyUnder(at, join(from, e.key), join(to, e.key), e.val)
	}
	for i, v := range n.items {
		copyUnder(at, join(from, strconv.Itoa(i)), join(to, strconv.Itoa(i)), v)
		if v.kind == scalar {
			copyUnder(at, join(from, v.text), join(to, v.text), v)
		}
	}
}

// sorted are texts in order, for lists whose order means nothing.
func sorted(texts []string) []string {
	slices.Sort(texts)
	return texts
}
