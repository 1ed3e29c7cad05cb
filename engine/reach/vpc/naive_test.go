package vpc

import (
	"fmt"
	"math/rand"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"fathom/engine/reach/flow"
	"fathom/estate"
)

// The slow twin: a network as plain values, and a walk that takes one packet
// and follows the user guide's rules to the letter. It knows no sets.

type naiveRule struct {
	proto, from, to int // proto -1 is everything
	cidr            netip.Prefix
	group           int // the group it names, or -1
}

type naiveGroup struct {
	vpc   int
	rules [2][]naiveRule // in, out
}

type naiveACLRule struct {
	number, proto, from, to int
	allow                   bool
	cidr                    netip.Prefix
}

type naiveRoute struct {
	cidr netip.Prefix
	to   string // igw, nat, pcx, nowhere
}

type naiveSubnet struct {
	vpc    int
	cidr   netip.Prefix
	routes []naiveRoute // nil: the main table
	acl    [2][]naiveACLRule
	hasACL bool
}

type naiveInstance struct {
	subnet int
	groups []int
	ip     netip.Addr // invalid: some address of the subnet
	eip    bool
}

type world struct {
	peered    bool
	groups    []naiveGroup
	subnets   []naiveSubnet
	instances []naiveInstance
	natIn     [2]int // by VPC: the subnet of its NAT gateway
}

func naivePacket(r naiveRule, c flow.Conn) bool {
	switch {
	case r.proto == -1:
		return true
	case r.proto != int(c.Protocol):
		return false
	case r.proto == 1:
		return (r.from == -1 || r.from == c.Port>>8) && (r.to == -1 || r.to == c.Port&255)
	}
	return r.from <= c.Port && c.Port <= r.to
}

// admits walks the rules of an instance's groups for one packet. peer is the
// instance at the other end, or nil for the internet.
func (w *world) admits(i *naiveInstance, dir int, addr netip.Addr, peer *naiveInstance, c flow.Conn) bool {
	for _, g := range i.groups {
		for _, r := range w.groups[g].rules[dir] {
			if !naivePacket(r, c) {
				continue
			}
			if r.group >= 0 && peer != nil && slices.Contains(peer.groups, r.group) || r.group < 0 && r.cidr.Contains(addr) {
				return true
			}
		}
	}
	return false
}

// acl walks the numbered rules of a subnet's ACL for one packet.
func (s *naiveSubnet) aclAdmits(dir int, addr netip.Addr, c flow.Conn) bool {
	if !s.hasACL {
		return true
	}
	best := -1
	for i, r := range s.acl[dir] {
		if naivePacket(naiveRule{proto: r.proto, from: r.from, to: r.to}, c) && r.cidr.Contains(addr) && (best < 0 || r.number < s.acl[dir][best].number) {
			best = i
		}
	}
	return best >= 0 && s.acl[dir][best].allow
}

// aclReply walks the ACL for the replies to every port that a client may have.
func (s *naiveSubnet) aclReply(dir int, addr netip.Addr, c flow.Conn) estate.Truth {
	if c.Protocol == flow.ICMP {
		if c.Port>>8 != 8 {
			return estate.Yes
		}
		return truth(s.aclAdmits(dir, addr, flow.Conn{Protocol: flow.ICMP}))
	}
	passed, stopped := false, false
	ports := []int{1024, 65535}
	for _, r := range s.acl[dir] {
		ports = append(ports, r.from-1, r.from, r.to, r.to+1)
	}
	for _, p := range ports {
		if p < 1024 || p > 65535 {
			continue
		}
		if s.aclAdmits(dir, addr, flow.Conn{Protocol: c.Protocol, Port: p}) {
			passed = true
		} else {
			stopped = true
		}
	}
	switch {
	case !stopped:
		return estate.Yes
	case passed:
		return estate.Maybe
	}
	return estate.No
}

func truth(b bool) estate.Truth {
	if b {
		return estate.Yes
	}
	return estate.No
}

// route walks a subnet's routes for the longest prefix.
func (s *naiveSubnet) route(addr netip.Addr) string {
	to, bits := "", -1
	for _, r := range s.routes {
		if r.cidr.Contains(addr) && r.cidr.Bits() > bits {
			to, bits = r.to, r.cidr.Bits()
		}
	}
	return to
}

// private walks one packet and its reply between two instances.
func (w *world) private(a, b *naiveInstance, from, to netip.Addr, c flow.Conn) estate.Truth {
	s, d := &w.subnets[a.subnet], &w.subnets[b.subnet]
	t := truth(w.admits(a, out, to, b, c)).And(truth(w.admits(b, in, from, a, c)))
	if a.subnet == b.subnet {
		return t
	}
	if s.vpc != d.vpc {
		t = t.And(truth(s.route(to) == "pcx" && d.route(from) == "pcx"))
	}
	t = t.And(truth(s.aclAdmits(out, to, c) && d.aclAdmits(in, from, c)))
	return t.And(d.aclReply(out, from, c)).And(s.aclReply(in, to, c))
}

// inbound walks one packet of the internet.
func (w *world) inbound(from netip.Addr, b *naiveInstance, c flow.Conn) estate.Truth {
	d := &w.subnets[b.subnet]
	return truth(b.eip && d.route(from) == "igw" && d.aclAdmits(in, from, c) && w.admits(b, in, from, nil, c)).And(d.aclReply(out, from, c))
}

// outbound walks one packet to the internet.
func (w *world) outbound(a *naiveInstance, own, to netip.Addr, c flow.Conn) estate.Truth {
	s := &w.subnets[a.subnet]
	t := truth(w.admits(a, out, to, nil, c) && s.aclAdmits(out, to, c)).And(s.aclReply(in, to, c))
	switch s.route(to) {
	case "igw":
		return t.And(truth(a.eip))
	case "nat":
		k := w.natIn[s.vpc]
		n := &w.subnets[k]
		t = t.And(truth(n.route(to) == "igw"))
		if k != a.subnet {
			t = t.And(truth(n.aclAdmits(in, own, c) && n.aclAdmits(out, to, c))).And(n.aclReply(in, to, c)).And(n.aclReply(out, own, c))
		}
		return t
	}
	return estate.No
}

// addresses are all that an instance may have.
func (w *world) addresses(i *naiveInstance) []netip.Addr {
	if i.ip.IsValid() {
		return []netip.Addr{i.ip}
	}
	var all []netip.Addr
	p := w.subnets[i.subnet].cidr
	for a := p.Addr(); p.Contains(a); a = a.Next() {
		all = append(all, a)
	}
	return all
}

// publicAddresses has one address of every part of the internet that the world
// tells apart.
var publicAddresses = []netip.Addr{
	netip.MustParseAddr("203.0.113.9"), netip.MustParseAddr("203.0.113.200"), netip.MustParseAddr("198.51.100.1"), netip.MustParseAddr("8.8.8.8"), netip.MustParseAddr("200.1.1.1"),
}

var publicCIDRs = []string{"0.0.0.0/0", "0.0.0.0/1", "203.0.113.0/24", "203.0.113.0/25", "198.51.100.0/24"}

// fold is the answer about an address that is one of several.
func fold(all []estate.Truth) estate.Truth {
	least, most := estate.Yes, estate.No
	for _, t := range all {
		least, most = least.And(t), most.Or(t)
	}
	if least == most {
		return least
	}
	return estate.Maybe
}

// The generator.

func randomWorld(r *rand.Rand) *world {
	w := &world{peered: true}
	for vpc := range 2 {
		for k := range 2 {
			s := naiveSubnet{vpc: vpc, cidr: netip.MustParsePrefix(fmt.Sprintf("10.%d.%d.0/29", vpc, k))}
			for _, cidr := range publicCIDRs {
				if cidr == "0.0.0.0/0" && r.Intn(4) > 0 || r.Intn(4) == 0 {
					s.routes = append(s.routes, naiveRoute{netip.MustParsePrefix(cidr), pick(r, "igw", "igw", "nat", "nowhere")})
				}
			}
			for _, bits := range []int{16, 24, 30} {
				if r.Intn(2) == 0 {
					p := netip.PrefixFrom(netip.MustParseAddr(fmt.Sprintf("10.%d.%d.0", 1-vpc, r.Intn(2))), bits).Masked()
					if !slices.ContainsFunc(s.routes, func(x naiveRoute) bool { return x.cidr == p }) {
						s.routes = append(s.routes, naiveRoute{p, pick(r, "pcx", "pcx", "pcx", "nowhere")})
					}
				}
			}
			if s.hasACL = r.Intn(3) == 0; s.hasACL {
				for dir := range s.acl {
					s.acl[dir] = randomACL(r)
				}
			}
			w.subnets = append(w.subnets, s)
		}
		w.natIn[vpc] = 2*vpc + r.Intn(2)
		for range 2 {
			w.groups = append(w.groups, naiveGroup{vpc: vpc})
		}
	}
	for g := range w.groups {
		for dir := range 2 {
			for range 1 + r.Intn(3) {
				w.groups[g].rules[dir] = append(w.groups[g].rules[dir], randomRule(r, len(w.groups)))
			}
			if r.Intn(2) == dir { // most groups let most out
				w.groups[g].rules[dir] = append(w.groups[g].rules[dir], naiveRule{proto: -1, group: -1, cidr: netip.MustParsePrefix("0.0.0.0/0")})
			}
		}
	}
	for range 5 {
		i := naiveInstance{subnet: r.Intn(4), eip: r.Intn(3) == 0}
		vpc := w.subnets[i.subnet].vpc
		i.groups = [][]int{{2 * vpc}, {2*vpc + 1}, {2 * vpc, 2*vpc + 1}}[r.Intn(3)]
		if r.Intn(3) == 0 {
			a := w.subnets[i.subnet].cidr.Addr()
			for range 4 + r.Intn(3) {
				a = a.Next()
			}
			i.ip = a
		}
		w.instances = append(w.instances, i)
	}
	return w
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.Intn(len(of))] }

func randomProto(r *rand.Rand) (proto, from, to int) {
	switch r.Intn(6) {
	case 0:
		return -1, 0, 0
	case 1:
		return 1, pick(r, -1, 8, 0), -1
	case 2:
		return 17, 0, 65535
	case 3:
		return 6, 0, 65535
	}
	ranges := [][2]int{{22, 22}, {443, 443}, {0, 65535}, {1024, 65535}, {32768, 65535}, {400, 5432}, {1000, 40000}}
	x := pick(r, ranges...)
	return 6, x[0], x[1]
}

func randomCIDR(r *rand.Rand) netip.Prefix {
	switch r.Intn(4) {
	case 0:
		return netip.MustParsePrefix(pick(r, publicCIDRs...))
	case 1:
		return netip.MustParsePrefix("0.0.0.0/0")
	}
	return netip.PrefixFrom(netip.MustParseAddr(fmt.Sprintf("10.%d.%d.%d", r.Intn(2), r.Intn(2), r.Intn(8))), pick(r, 8, 16, 29, 30, 30, 30, 31)).Masked()
}

func randomRule(r *rand.Rand, groups int) naiveRule {
	x := naiveRule{group: -1, cidr: randomCIDR(r)}
	x.proto, x.from, x.to = randomProto(r)
	if r.Intn(3) == 0 {
		x.group = r.Intn(groups)
	}
	return x
}

func randomACL(r *rand.Rand) []naiveACLRule {
	var all []naiveACLRule
	for k := range 1 + r.Intn(5) {
		x := naiveACLRule{number: 100 + 10*k, allow: r.Intn(4) > 0, cidr: randomCIDR(r)}
		x.proto, x.from, x.to = randomProto(r)
		all = append(all, x)
	}
	if r.Intn(4) > 0 {
		all = append(all, naiveACLRule{number: 900, proto: -1, allow: true, cidr: netip.MustParsePrefix("0.0.0.0/0")})
	}
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// hcl writes the world as Terraform.
func (w *world) hcl() string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	for v := range 2 {
		p("resource \"aws_vpc\" \"v%d\" {\n cidr_block = \"10.%d.0.0/16\"\n}", v, v)
		p("resource \"aws_internet_gateway\" \"v%d\" {\n vpc_id = aws_vpc.v%d.id\n}", v, v)
		p("resource \"aws_nat_gateway\" \"v%d\" {\n subnet_id = aws_subnet.s%d.id\n}", v, w.natIn[v])
	}
	p("resource \"aws_internet_gateway\" \"loose\" {}")
	p("resource \"aws_vpc_peering_connection\" \"p\" {\n vpc_id = aws_vpc.v0.id\n peer_vpc_id = aws_vpc.v1.id\n}")
	for k, s := range w.subnets {
		p("resource \"aws_subnet\" \"s%d\" {\n vpc_id = aws_vpc.v%d.id\n cidr_block = %q\n}", k, s.vpc, s.cidr.String())
		p("resource \"aws_route_table\" \"s%d\" {\n vpc_id = aws_vpc.v%d.id", k, s.vpc)
		for _, r := range s.routes {
			p(" route {\n cidr_block = %q", r.cidr.String())
			switch r.to {
			case "igw":
				p(" gateway_id = aws_internet_gateway.v%d.id", s.vpc)
			case "nat":
				p(" nat_gateway_id = aws_nat_gateway.v%d.id", s.vpc)
			case "pcx":
				p(" vpc_peering_connection_id = aws_vpc_peering_connection.p.id")
			default:
				p(" gateway_id = aws_internet_gateway.loose.id")
			}
			p(" }")
		}
		p("}\nresource \"aws_route_table_association\" \"s%d\" {\n subnet_id = aws_subnet.s%d.id\n route_table_id = aws_route_table.s%d.id\n}", k, k, k)
		if s.hasACL {
			p("resource \"aws_network_acl\" \"s%d\" {\n vpc_id = aws_vpc.v%d.id\n subnet_ids = [aws_subnet.s%d.id]", k, s.vpc, k)
			for dir, rules := range s.acl {
				for _, r := range rules {
					action := "deny"
					if r.allow {
						action = "allow"
					}
					p(" %s {\n rule_no = %d\n action = %q\n protocol = \"%d\"\n cidr_block = %q", [2]string{"ingress", "egress"}[dir], r.number, action, r.proto, r.cidr.String())
					if r.proto == 1 {
						p(" icmp_type = %d\n icmp_code = %d\n from_port = 0\n to_port = 0\n }", r.from, r.to)
					} else {
						p(" from_port = %d\n to_port = %d\n }", r.from, r.to)
					}
				}
			}
			p("}")
		}
	}
	for k, g := range w.groups {
		p("resource \"aws_security_group\" \"g%d\" {\n name = \"g%d\"\n vpc_id = aws_vpc.v%d.id\n}", k, k, g.vpc)
		for dir, rules := range g.rules {
			for j, r := range rules {
				p("resource \"aws_security_group_rule\" \"g%d_%d_%d\" {\n type = %q\n security_group_id = aws_security_group.g%d.id\n protocol = \"%d\"\n from_port = %d\n to_port = %d", k, dir, j, [2]string{"ingress", "egress"}[dir], k, r.proto, r.from, r.to)
				if r.group >= 0 {
					p(" source_security_group_id = aws_security_group.g%d.id\n}", r.group)
				} else {
					p(" cidr_blocks = [%q]\n}", r.cidr.String())
				}
			}
		}
	}
	for k, i := range w.instances {
		var groups []string
		for _, g := range i.groups {
			groups = append(groups, fmt.Sprintf("aws_security_group.g%d.id", g))
		}
		p("resource \"aws_instance\" \"i%d\" {\n subnet_id = aws_subnet.s%d.id\n vpc_security_group_ids = [%s]", k, i.subnet, strings.Join(groups, ", "))
		if i.ip.IsValid() {
			p(" private_ip = %q", i.ip.String())
		}
		p("}")
		if i.eip {
			p("resource \"aws_eip\" \"i%d\" {\n instance = aws_instance.i%d.id\n}", k, k)
		}
	}
	return b.String()
}

var asked = []flow.Conn{
	tcp(22), tcp(443), tcp(5432), tcp(50000), {Protocol: flow.UDP, Port: 53}, {Protocol: flow.ICMP, Port: 8 << 8}, {Protocol: flow.ICMP, Port: 13 << 8},
}

// Sets and single packets agree: the engine on random networks, and a walk of
// every packet there may be.
func TestTheEngineAgreesWithAWalkOfEveryPacket(t *testing.T) {
	count := map[estate.Truth]int{}
	for seed := range int64(40) {
		w := randomWorld(rand.New(rand.NewSource(seed)))
		n := New(hcl(t, w.hcl()))
		check := func(what string, src, dst End, c flow.Conn, want estate.Truth) {
			ways := n.Ways(src, dst, c)
			count[want]++
			if got := best(ways); got != want {
				t.Fatalf("seed %d: %s on %s: the engine says %s, the walk %s\n%s", seed, what, c, word3(got), word3(want), story(ways))
			}
			yes, may := n.Conns(src, dst)
			if set := has(yes, may, c); set != want {
				t.Fatalf("seed %d: %s on %s: Conns says %s, the walk %s", seed, what, c, word3(set), word3(want))
			}
		}
		for k := range w.instances {
			a := &w.instances[k]
			ia := At(at(t, n, fmt.Sprintf("aws_instance.i%d", k)))
			for _, c := range asked {
				inbound, outbound := estate.No, estate.No
				for _, x := range publicAddresses {
					inbound = inbound.Or(w.inbound(x, a, c))
					var all []estate.Truth
					for _, own := range w.addresses(a) {
						all = append(all, w.outbound(a, own, x, c))
					}
					outbound = outbound.Or(fold(all))
				}
				check(fmt.Sprintf("internet to i%d", k), internet, ia, c, inbound)
				check(fmt.Sprintf("i%d to internet", k), ia, internet, c, outbound)
				for j := range w.instances {
					b := &w.instances[j]
					if b.eip || j == k {
						continue
					}
					var all []estate.Truth
					for _, from := range w.addresses(a) {
						for _, to := range w.addresses(b) {
							all = append(all, w.private(a, b, from, to, c))
						}
					}
					check(fmt.Sprintf("i%d to i%d", k, j), ia, At(at(t, n, fmt.Sprintf("aws_instance.i%d", j))), c, fold(all))
				}
			}
		}
	}
	for _, want := range []estate.Truth{estate.Yes, estate.No, estate.Maybe} {
		if count[want] < 40 {
			t.Errorf("only %d answers were %s", count[want], word3(want))
		}
	}
	t.Logf("yes %d, no %d, maybe %d", count[estate.Yes], count[estate.No], count[estate.Maybe])
}

func has(yes, may flow.Conns, c flow.Conn) estate.Truth {
	switch {
	case yes.Has(c):
		return estate.Yes
	case may.Has(c):
		return estate.Maybe
	}
	return estate.No
}
