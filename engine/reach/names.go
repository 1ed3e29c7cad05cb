package reach

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"fathom/diag"
	"fathom/engine/reach/flow"
	"fathom/estate"
)

// Role is what a place is in a question.
type Role int

// The roles.
const (
	From Role = iota // packets begin there
	To               // packets go there
)

// kindWords are the words that may stand before the slash of a name, with the
// kind they mean.
var kindWords = map[string]PlaceKind{
	"svc": Workload, "pod": Workload, "workload": Workload, "service": Workload, "deploy": Workload,
	"node": Node, "store": Store, "db": Store, "bucket": Store, "lb": Balancer, "ingress": Balancer,
	"endpoint": Endpoint, "cdn": CDN, "lambda": Function, "ecs": Task, "api": API,
}

// Find returns the place of a name: "internet", "internet4", "internet6",
// "imds", an address or CIDR, KIND/NAME, svc/NAMESPACE/NAME, a Terraform
// address, or Kind/namespace/name of a Kubernetes object. NAME is what the
// place is called: its identifier at AWS, its Name tag, its label or key in
// Terraform, its DNS name or the first label of that.
//
// The error for a name that nothing has lists the nearest names, and that for
// a name which several places have lists those.
func (n *Network) Find(name string, role Role) (Place, error) {
	name = strings.TrimSpace(name)
	p, err := n.find(name)
	if err != nil {
		return Place{}, err
	}
	if role == From && !begins(p) {
		return Place{}, fmt.Errorf("%s cannot be a source: no connection begins there", p)
	}
	return p, nil
}

func (n *Network) find(name string) (Place, error) {
	switch name {
	case "internet":
		return internet, nil
	case "internet4":
		return internet4, nil
	case "internet6":
		return internet6, nil
	case "imds", "169.254.169.254", "fd00:ec2::254":
		return imds, nil
	case "":
		return Place{}, fmt.Errorf("a name is empty; write internet, an address, or KIND/NAME such as svc/orders")
	}
	if a, err := flow.ParseAddrs(name); err == nil {
		return Place{Kind: CIDR, Name: rangeName(a), Addrs: a}, nil
	}
	found := n.called(name)
	switch len(found) {
	case 1:
		return found[0].Place, nil
	case 0:
		if err := malformed(name); err != nil {
			return Place{}, err
		}
		return Place{}, fmt.Errorf("there is no %q in what was read; %s", name, n.nearest(name))
	}
	names := make([]string, 0, len(found))
	for _, p := range found {
		names = append(names, fmt.Sprintf("%s (%s)", p, p.Of.Meta().ID))
	}
	return Place{}, fmt.Errorf("%q may be %s; write one of them", name, strings.Join(names, " or "))
}

// rangeName shows one range: an address that stands alone without its length.
func rangeName(a flow.Addrs) string {
	p := a.Prefixes()[0]
	if p.IsSingleIP() {
		return p.Addr().String()
	}
	return p.String()
}

// called returns the places of a name: those it means exactly, otherwise those
// that are called so among other things.
func (n *Network) called(name string) []*place {
	kind := PlaceKind("")
	rest := name
	if word, after, ok := strings.Cut(name, "/"); ok && kindWords[strings.ToLower(word)] != "" {
		kind, rest = kindWords[strings.ToLower(word)], after
	}
	for _, match := range []func(p *place) bool{
		func(p *place) bool { return p.String() == name || p.Of.Meta().ID.Addr == name },
		func(p *place) bool { return (kind == "" || p.Kind == kind) && p.Name == rest },
		func(p *place) bool { return (kind == "" || p.Kind == kind) && slices.Contains(p.aliases, rest) },
		func(p *place) bool { return p.has(name) },
		func(p *place) bool {
			return (kind == "" || p.Kind == kind) && slices.ContainsFunc(p.aliases, func(a string) bool { return strings.EqualFold(a, rest) })
		},
		func(p *place) bool { // card-vault is card_vault where labels take no dash
			return (kind == "" || p.Kind == kind) && slices.ContainsFunc(p.aliases, func(a string) bool { return strings.EqualFold(dashed(a), dashed(rest)) })
		},
	} {
		var found []*place
		for i := range n.places {
			if p := &n.places[i]; p.Of != nil && match(p) {
				found = append(found, p)
			}
		}
		if len(found) > 0 {
			return ownFirst(found, rest)
		}
	}
	if kind == Workload || kind == "" {
		return n.behind(rest)
	}
	return nil
}

func dashed(name string) string { return strings.ReplaceAll(name, "_", "-") }

// ownFirst leaves out of several places that have a name those that share it
// as the label of their resource, where an instance of the same resource has
// it for itself: of ssm["ssm"] and ssm["ssmmessages"] the first is ssm.
func ownFirst(found []*place, name string) []*place {
	owned := map[string]bool{}
	for _, p := range found {
		if slices.Contains(p.own, name) {
			owned[p.resource()] = true
		}
	}
	var out []*place
	for _, p := range found {
		if slices.Contains(p.own, name) || !owned[p.resource()] {
			out = append(out, p)
		}
	}
	return out
}

// has says whether an address is that of a resource which is part of the place.
func (p *place) has(addr string) bool {
	return slices.ContainsFunc(p.more, func(r estate.Resource) bool { return r.Meta().ID.Addr == addr })
}

// behind returns the workloads behind the Services of a name: name,
// namespace/name or Service/namespace/name.
func (n *Network) behind(name string) []*place {
	var found []*place
	for _, s := range estate.All[*estate.Service](n.e) {
		if name != s.Name && name != s.Namespace+"/"+s.Name && name != s.ID.Addr {
			continue
		}
		for _, w := range n.behindOf(s) {
			if p := n.of[w.ID]; !slices.Contains(found, p) {
				found = append(found, p)
			}
		}
	}
	return found
}

// nearest says which names are most like one that nothing has.
func (n *Network) nearest(name string) string {
	type near struct {
		name string
		d    int
	}
	var all []near
	for _, p := range n.places {
		d := diag.Distance(strings.ToLower(name), strings.ToLower(p.String()))
		for _, a := range p.aliases {
			d = min(d, diag.Distance(strings.ToLower(name), strings.ToLower(string(p.Kind)+"/"+a)), diag.Distance(strings.ToLower(name), strings.ToLower(a)))
			if last := name[strings.LastIndexByte(name, '/')+1:]; len(last) > 2 && strings.Contains(strings.ToLower(a), strings.ToLower(last)) {
				d = min(d, 2)
			}
		}
		all = append(all, near{p.String(), d})
	}
	slices.SortStableFunc(all, func(a, b near) int { return cmp.Or(cmp.Compare(a.d, b.d), strings.Compare(a.name, b.name)) })
	var names []string
	for _, x := range all {
		if x.d <= max(3, len(name)/2) && len(names) < 4 {
			names = append(names, x.name)
		}
	}
	if len(names) == 0 {
		return "write internet, an address, or one of the names that fathom reach --all lists"
	}
	return "the nearest names are " + strings.Join(names, ", ")
}
