package plan

import (
	"strings"

	"fathom/estate/tree"
)

// narrowed keeps of the references of a whole list of blocks those that one
// argument of a block can have been made from.
//
// Blocks that the provider takes as an attribute, such as ingress of
// aws_security_group and route of aws_route_table, come with one list of
// references for all of them. An aws_nat_gateway is what nat_gateway_id names,
// not gateway_id; a reference that fits no argument of the block may belong to
// any.
func narrowed(refs []tree.Ref, argument string, among []string) []tree.Ref {
	var its, anyones []tree.Ref
	for _, ref := range refs {
		switch best := bestArgument(ref, among); best {
		case argument:
			its = append(its, ref)
		case "":
			anyones = append(anyones, ref)
		}
	}
	switch {
	case its != nil:
		return its
	case anyones != nil:
		return anyones
	}
	return refs
}

// bestArgument is the argument with the longest name that is the end of the
// resource's type or the name of its attribute; "" when there is none.
func bestArgument(ref tree.Ref, among []string) string {
	a, ok := parseAddress(ref.Addr)
	if !ok {
		return ""
	}
	best, length := "", 0
	for _, name := range among {
		stem := strings.TrimSuffix(name, "s")
		of := strings.TrimSuffix(strings.TrimSuffix(stem, "_id"), "_arn")
		if n := len(of); n > length && strings.HasSuffix(a.typ, "_"+of) {
			best, length = name, n
		}
		if n := len(stem); n > length && (ref.Attr == stem || ref.Attr == name) {
			best, length = name, n
		}
	}
	return best
}

// names are the arguments of a block, known or not.
func names(n *tree.Node, m *mask) []string {
	out := make([]string, 0, len(n.Fields)+len(m.fields))
	for _, f := range n.Fields {
		out = append(out, f.Name)
	}
	for _, f := range m.fields {
		if n.Get(f.name) == nil {
			out = append(out, f.name)
		}
	}
	return out
}
