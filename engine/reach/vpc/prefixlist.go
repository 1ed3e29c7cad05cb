package vpc

import (
	"strings"

	"fathom/engine/reach/flow"
	"fathom/estate"
)

// prefixes is what a prefix list holds: addresses, or those of a service where
// AWS keeps it.
type prefixes struct {
	name    string
	addrs   flow.Addrs
	entries []flow.Addrs // one by one, for route tables
	service string
	why     string // why it may hold other addresses
}

// prefixList reads the list that a reference names. The lists that AWS keeps
// hold public addresses that no file tells; they are known by their name
// (VPC User Guide, "AWS-managed prefix lists").
func (n *Network) prefixList(ref estate.Ref[*estate.PrefixList], root string) prefixes {
	for _, id := range ref.To {
		if ep, ok := estate.Get[*estate.VPCEndpoint](n.e, id); ok { // aws_vpc_endpoint.s3.prefix_list_id
			return prefixes{name: "the prefix list of " + ep.Service.String(), service: ep.Service.String()}
		}
		if l, ok := estate.Get[*estate.PrefixList](n.e, id); ok {
			return n.declared(l)
		}
	}
	p := prefixes{name: "prefix list " + ref.String(), why: "prefix list " + ref.String() + " is not in the files"}
	if ref.Unknown() {
		p.why = or(ref.Why(), p.why)
	}
	return p
}

func (n *Network) declared(l *estate.PrefixList) prefixes {
	p := prefixes{name: called("prefix list", l)}
	if s := managedName(l); strings.Contains(s, ".amazonaws.") {
		p.service, p.name = s, "prefix list "+s
		return p
	}
	add := func(cidr estate.Str) {
		text, ok := cidr.Known()
		a, err := flow.ParseAddrs(text)
		if !ok || err != nil {
			p.why = or(p.why, cidr.Why(), "an entry of "+p.name+" is not known")
			return
		}
		p.entries = append(p.entries, a)
	}
	p.why = l.Entries.Why
	for _, it := range l.Entries.Items {
		add(it.CIDR)
	}
	single := estate.Of[*estate.PrefixListEntry](n.e, l.ID)
	for _, it := range single {
		add(it.CIDR)
	}
	p.addrs = flow.UnionOf(p.entries)
	if strings.HasPrefix(l.ID.Addr, "data.") || strings.Contains(l.ID.Addr, ".data.") {
		p.why = or(p.why, "the entries of "+p.name+" are not in the files")
	}
	return p
}

// managedName is the name by which a list is looked up, or "".
func managedName(l *estate.PrefixList) string {
	if !l.ListName.Absent() {
		return l.ListName.String()
	}
	for _, f := range l.Filters.Items {
		if f.Name.Is("prefix-list-name") == estate.Yes && len(f.Values.Items) == 1 {
			return f.Values.Items[0].String()
		}
	}
	return ""
}

// sameService says whether two names mean one service: com.amazonaws.REGION.s3
// with a region that is not known is the s3 of every region.
func sameService(a, b string) bool {
	if a == b {
		return true
	}
	if !strings.Contains(a, "${") && !strings.Contains(b, "${") {
		return false
	}
	return a[strings.LastIndexByte(a, '.')+1:] == b[strings.LastIndexByte(b, '.')+1:]
}
