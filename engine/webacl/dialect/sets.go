package dialect

import (
	"net/netip"
	"strings"
	"unicode/utf8"

	"fathom/engine/webacl"
	"fathom/estate/tree"
)

// known are the sets and groups that rules may name: by ARN, and by reference
// where a template or configuration has one.
type known struct {
	ipSets    map[string]*webacl.IPSet
	regexSets map[string]*webacl.RegexSet
	groups    map[string]*webacl.Group
	// why says why something that is there could not be read.
	why map[string]string
}

// reference is the key of what a reference names.
func reference(root, addr string) string { return root + "\x00" + addr }

// find gives what an ARN names, nil where it is not in what was read; ok is false
// where the ARN is not known either.
func find[T any](r *reader, m map[string]*T, n *tree.Node, what string) (found *T, arn string, ok bool) {
	for _, ref := range n.Refs {
		key := reference(r.root, ref.Addr)
		got := m[key]
		if why := r.known.why[key]; why != "" {
			r.holes = append(r.holes, hole{n.Pos, why})
			return nil, n.Text, false
		}
		if got == nil {
			continue
		}
		if !strings.EqualFold(ref.Attr, "arn") {
			r.problem(n.Pos, "write "+ref.Addr+".arn", "%s takes an ARN, and %q is none", what, ref.Addr+"."+ref.Attr)
		}
		return got, n.Text, true
	}
	if len(n.Refs) > 0 {
		return nil, n.Text, true
	}
	arn, ok = r.text(n, what)
	if !ok {
		return nil, "", false
	}
	if why := r.known.why[arn]; why != "" {
		r.holes = append(r.holes, hole{n.Pos, why})
		return nil, arn, false
	}
	return m[arn], arn, true
}

// ipSet reads an IP set.
func (r *reader) ipSet(n *tree.Node) *webacl.IPSet {
	set := &webacl.IPSet{At: posOf(n)}
	o := r.object(n, "the IP set")
	if o == nil {
		r.left(set.At)
		return set
	}
	set.Name = r.name(o.get("Name"), "the name of the IP set")
	set.ARN = r.name(o.get("ARN"), "the ARN of the IP set")
	o.ignore("Id", "Description", "Tags", "LockToken", "Scope", "TagsAll", "Region")
	v := o.get("IPAddressVersion")
	family := -1
	if o.must(v, "IPAddressVersion") {
		family = r.choice(v, "IPAddressVersion", "IPV4", "IPV6")
	}
	addresses := o.get("Addresses")
	if addresses == nil && !r.blocks {
		o.must(nil, "Addresses")
	}
	r.texts(addresses, "Addresses") // its shape
	for _, it := range itemsOf(addresses) {
		text, at := it.Text, it.Pos
		p, err := netip.ParsePrefix(strings.TrimSpace(text))
		switch {
		case err != nil:
			fix := "write a range in CIDR notation"
			if a, err := netip.ParseAddr(text); err == nil {
				fix = "write " + netip.PrefixFrom(a, a.BitLen()).String()
			}
			r.problem(at, fix, "address %q is no range", text)
		case p.Bits() == 0:
			r.problem(at, "leave it out, or split it in two", "AWS takes no range of all addresses, as %q is", text)
		case family == 0 && !p.Addr().Is4(), family == 1 && !p.Addr().Is6():
			r.problem(at, "put it into a set of its own version", "range %q is not of the version of the set", text)
		default:
			set.Prefixes = append(set.Prefixes, p.Masked())
		}
	}
	o.done()
	return set
}

// itemsOf are the known texts of a list.
func itemsOf(n *tree.Node) []*tree.Node {
	if n.Is() != tree.List {
		return nil
	}
	var out []*tree.Node
	for _, it := range n.Items {
		if it.Is() == tree.String && len(it.Refs) == 0 {
			out = append(out, it)
		}
	}
	return out
}

// regexSet reads a regex pattern set. The API lists objects, CloudFormation texts,
// Terraform repeats blocks.
func (r *reader) regexSet(n *tree.Node) *webacl.RegexSet {
	set := &webacl.RegexSet{At: posOf(n)}
	o := r.object(n, "the regex pattern set")
	if o == nil {
		r.left(set.At)
		return set
	}
	set.Name = r.name(o.get("Name"), "the name of the regex pattern set")
	set.ARN = r.name(o.get("ARN"), "the ARN of the regex pattern set")
	o.ignore("Id", "Description", "Tags", "LockToken", "Scope", "TagsAll", "Region")
	list := o.list("RegularExpressionList", "RegularExpression")
	for _, it := range list {
		if it.Is() == tree.String {
			r.pattern(set, it)
			continue
		}
		if p := r.object(it, "a regular expression"); p != nil {
			if s := p.get("RegexString"); p.must(s, "RegexString") {
				r.pattern(set, s)
			}
			p.done()
		}
	}
	if len(list) == 0 && len(r.holes) == 0 {
		r.problem(o.n.Pos, "write one", "the regex pattern set has no pattern")
	}
	o.done()
	return set
}

func (r *reader) pattern(set *webacl.RegexSet, n *tree.Node) {
	if s, ok := r.regex(n); ok {
		set.Patterns = append(set.Patterns, s)
	}
}

// regex reads a regular expression. Whether it compiles is for package regex.
func (r *reader) regex(n *tree.Node) (string, bool) {
	s, ok := r.text(n, "RegexString")
	if !ok {
		return "", false
	}
	if c := utf8.RuneCountInString(s); c < 1 || c > 200 {
		r.problem(n.Pos, "use 1 to 200 characters", "the regular expression has %d characters", c)
		return "", false
	}
	return s, true
}
