package managed

import (
	"bytes"
	"net/netip"
	"slices"
	"sort"
	"strings"

	"fathom/diag"
	"fathom/engine/webacl"
)

// Prefixes is a set of addresses. The zero Prefixes holds none.
type Prefixes struct {
	name   string
	ranges []span16
}

// span16 is a range of addresses, both ends included.
type span16 struct{ first, last netip.Addr }

// ParsePrefixes reads a list of addresses: one address or CIDR a line; what
// follows a # or ; is a comment. Or the JSON in which operators of bots and clouds
// publish theirs (see published). The name stands in problems and in details.
func ParsePrefixes(name string, text []byte) (*Prefixes, diag.Problems) {
	if t := bytes.TrimSpace(text); len(t) > 0 && (t[0] == '{' || t[0] == '[') {
		return published(name, t)
	}
	var problems diag.Problems
	p := &Prefixes{name: name}
	for n, line := range strings.Split(string(text), "\n") {
		if i := strings.IndexAny(line, "#;"); i >= 0 {
			line = line[:i]
		}
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		prefix, err := parsePrefix(line)
		if err != nil {
			problems.Addf(diag.At(name, n+1, 1), `write an address or a CIDR such as "192.0.2.0/24"`, "%q is no address", diag.Plain(line))
			continue
		}
		p.ranges = append(p.ranges, span16{prefix.Addr(), lastOf(prefix)})
	}
	if len(problems) > 0 {
		return nil, problems
	}
	p.merge()
	return p, nil
}

// NewPrefixes makes a set of prefixes.
func NewPrefixes(name string, prefixes []netip.Prefix) *Prefixes {
	p := &Prefixes{name: name}
	for _, prefix := range prefixes {
		if prefix = prefix.Masked(); prefix.IsValid() {
			p.ranges = append(p.ranges, span16{prefix.Addr(), lastOf(prefix)})
		}
	}
	p.merge()
	return p
}

func parsePrefix(s string) (netip.Prefix, error) {
	if !strings.Contains(s, "/") {
		a, err := netip.ParseAddr(s)
		if err != nil {
			return netip.Prefix{}, err
		}
		a = a.Unmap().WithZone("")
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	return p.Masked(), err
}

// lastOf is the last address of a masked prefix.
func lastOf(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for bit := p.Bits(); bit < len(b)*8; bit++ {
		b[bit/8] |= 1 << (7 - bit%8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// merge sorts the ranges and joins those that overlap, so that one search
// answers.
func (p *Prefixes) merge() {
	slices.SortFunc(p.ranges, func(a, b span16) int { return a.first.Compare(b.first) })
	var out []span16
	for _, r := range p.ranges {
		if n := len(out); n > 0 && out[n-1].first.BitLen() == r.first.BitLen() && r.first.Compare(out[n-1].last) <= 0 {
			if r.last.Compare(out[n-1].last) > 0 {
				out[n-1].last = r.last
			}
			continue
		}
		out = append(out, r)
	}
	p.ranges = out
}

// Contains says whether an address is in the set.
func (p *Prefixes) Contains(a netip.Addr) bool {
	if p == nil || !a.IsValid() {
		return false
	}
	a = a.Unmap().WithZone("")
	i := sort.Search(len(p.ranges), func(i int) bool { return p.ranges[i].first.Compare(a) > 0 })
	return i > 0 && p.ranges[i-1].first.BitLen() == a.BitLen() && a.Compare(p.ranges[i-1].last) <= 0
}

// listed asks whether the connection's address is in a list.
func (b *builder) listed(name string, action webacl.ActionKind, list *Prefixes, option string) webacl.Rule {
	if list == nil {
		return b.notSimulated(name, action, "no list is given ("+option+"); AWS does not publish its own")
	}
	return b.rule(name, action, standIn("the list "+list.name+" in place of AWS's"), webacl.Probe{
		Name: "the address is in " + list.name, Ask: func(s *webacl.Subject) webacl.Answer { return inList(s, list) },
	})
}

func inList(s *webacl.Subject, list *Prefixes) webacl.Answer {
	r := s.Request()
	if r.Missing&webacl.PartClient != 0 || !r.Client.IsValid() {
		return webacl.Answer{Truth: webacl.Unknown, Why: "the client's address is not known"}
	}
	if !list.Contains(r.Client) {
		return webacl.Answer{}
	}
	return webacl.Answer{Truth: webacl.Yes, Details: []webacl.Detail{{
		Field: "IP", What: "is in " + list.name, Value: r.Client.String(), End: len(r.Client.String()), Source: list.name,
	}}}
}

// reputationRules is the group of addresses with a bad name.
func reputationRules(b *builder) []webacl.Rule {
	return []webacl.Rule{
		b.listed("AWSManagedIPReputationList", webacl.Block, b.options.Reputation, "ip-reputation"),
		b.listed("AWSManagedReconnaissanceList", webacl.Block, b.options.Reconnaissance, "ip-reconnaissance"),
		b.listed("AWSManagedIPDDoSList", webacl.Count, b.options.DDoS, "ip-ddos"),
	}
}

// anonymousRules is the group of addresses that hide who is behind them.
func anonymousRules(b *builder) []webacl.Rule {
	return []webacl.Rule{
		b.listed("AnonymousIPList", webacl.Block, b.options.Anonymous, "ip-anonymous"),
		b.listed("HostingProviderIPList", webacl.Block, b.options.Hosting, "ip-hosting"),
	}
}
