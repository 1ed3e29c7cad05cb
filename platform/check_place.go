package platform

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"fathom/diag"
)

var (
	digest     = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	repository = regexp.MustCompile(`^[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*$`)
)

// place checks where the platform runs.
func (c *checker) place() {
	before := len(*c.problems)
	c.partition("region", c.Region)
	c.partition("backupRegion", c.BackupRegion)
	at := c.At("platform", "backupRegion")
	switch {
	case len(*c.problems) > before:
	case c.Region == "" || c.BackupRegion == "":
	case c.Region == c.BackupRegion:
		c.add(at, "name another region in the same part of the world", "backupRegion is the region itself: what takes one away takes both")
	case partOfWorld(c.Region) != partOfWorld(c.BackupRegion):
		if d := c.anyPersonal(); d != nil {
			c.add(at, fmt.Sprintf("name another region that begins with %q", partOfWorld(c.Region)+"-"),
				"backupRegion %q is in another part of the world than %q, and %q (%s) would be copied there: it would leave its region's law", c.BackupRegion, c.Region, d.Name, d.Class)
		}
	}
	if c.tree.get("platform", "organization").text == "" && strings.ContainsAny(c.Unit, "-") {
		c.add(c.At("platform", "unit"), "add organization: o-…", "a unit of an organisation is declared, and no organization")
	}
}

// apartRegions are regions of partitions of their own (AWS Fault Isolation
// Boundaries, "Partitions"): other ARNs, other accounts, and no CloudFront with
// its web ACL in us-east-1, which is the way in that is rendered.
var apartRegions = regexp.MustCompile(`^(cn|eusc|[a-z]{2}-(gov|isob?|isoe|isof))-`)

// commercial are the parts of the world that the partition aws has regions in.
var commercial = []string{"af", "ap", "ca", "eu", "il", "me", "mx", "sa", "us"}

func (c *checker) partition(key, region string) {
	at := c.At("platform", key)
	switch part := partOfWorld(region); {
	case region == "":
	case apartRegions.MatchString(region):
		c.add(at, "name a region of the partition aws, such as eu-west-1", "%s %q is in a partition of its own (China, government or sovereign regions), which is not rendered: its names are others, and CloudFront is not there or another", key, region)
	case !slices.Contains(commercial, part) || strings.Count(region, "-") != 2:
		c.add(at, "write a region of AWS such as eu-west-1", "%q is %q, and AWS has no regions that begin so", key, region)
	}
}

// partOfWorld is what the check of data.residency goes by: eu, us, ap.
func partOfWorld(region string) string {
	part, _, _ := strings.Cut(region, "-")
	return part
}

func (c *checker) anyPersonal() *Data {
	for i := range c.Data {
		if c.Data[i].personal() {
			return &c.Data[i]
		}
	}
	return nil
}

// personal says whether data is about people, or their cards or health.
func (d *Data) personal() bool {
	return d.Class == Personal || d.Class == Health || d.Class == Cardholder
}

// taken are ranges that the cluster uses for itself: Services get one of the
// first two (EKS User Guide, "serviceIpv4Cidr"), and container runtimes the third.
var taken = []struct{ cidr, by string }{
	{"172.20.0.0/16", "EKS gives to Services"},
	{"10.100.0.0/16", "EKS gives to Services"},
	{"172.17.0.0/16", "container runtimes give to their bridges"},
}

// network checks the address plan and the cluster.
func (c *checker) network() {
	if p, ok := c.prefix(c.Network.CIDR, c.At("network", "cidr")); ok {
		at := c.At("network", "cidr")
		switch {
		case !p.Addr().Is4() || !private(p):
			c.add(at, "take one in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16", "network %s is not a private one of IPv4", p)
		case p.Bits() < 16 || p.Bits() > 18:
			c.add(at, "make it a /16, /17 or /18", "network %s is a /%d: AWS allows no more than a /16, and less than a /18 has no room for the subnets", p, p.Bits())
		default:
			for _, t := range taken {
				if q := netip.MustParsePrefix(t.cidr); p.Overlaps(q) {
					c.add(at, "take another range, such as 10.20.0.0/16", "network %s overlaps %s, which %s", p, t.cidr, t.by)
				}
			}
		}
	}
	switch n := len(c.Network.Zones); {
	case n == 1:
		c.add(c.At("network", "zones"), "name two to four, such as [a, b, c]", "everything is in one zone, and goes down with it")
	case n > 4:
		c.add(c.At("network", "zones"), "name two to four, such as [a, b, c]", "there are %d zones, and the address plan has room for four", n)
	}
	c.bounds(c.Cluster.Nodes, "cluster", "nodes")
	for _, text := range c.Cluster.From {
		at := c.At("cluster", "from", text)
		p, ok := c.prefix(text, at)
		switch {
		case !ok:
		case p.Addr().Is6():
			c.add(at, "name networks of IPv4", "%s is a network of IPv6: the API of a cluster with pods of IPv4 has no such addresses", p)
		case private(p):
			c.add(at, "take it away, or name the public address that requests come from", "%s is a private network: the cluster's API sees public addresses, and the VPC reaches it anyway", p)
		case p.Bits() < 16:
			c.add(at, "name the networks of your offices and runners", "%s opens the cluster's API to a large part of the internet", p)
		}
	}
	if c.Network.NAT == "none" {
		for i := range c.Services {
			if s := &c.Services[i]; len(s.Egress) > 0 {
				c.add(c.At("services", s.Name, "egress"), "write nat: one or nat: zone, or take the egress away", "service %q calls hosts outside, and network.nat is none: there is no way out", s.Name)
			}
		}
	}
}

// prefix parses a network and asks that nothing is set after its length.
func (c *checker) prefix(text string, at diag.Pos) (netip.Prefix, bool) {
	if text == "" {
		return netip.Prefix{}, false
	}
	p, err := netip.ParsePrefix(text)
	switch {
	case err != nil:
		c.add(at, "write it like 203.0.113.0/24", "%q is not a network", text)
		return p, false
	case p.Masked() != p:
		c.add(at, "write "+p.Masked().String(), "network %s has bits set after its /%d", text, p.Bits())
		return p, false
	case p.Bits() == 0:
		c.add(at, "name networks", "%s is the whole internet", text)
		return p, false
	}
	return p, true
}

// shared is the range between carriers and their customers (RFC 6598).
var shared = netip.MustParsePrefix("100.64.0.0/10")

// private says whether a network has addresses that the internet does not lead to.
func private(p netip.Prefix) bool {
	a := p.Addr()
	return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || shared.Overlaps(p)
}

// bounds asks that the least is no more than the most.
func (c *checker) bounds(r Range, path ...string) {
	if n := c.tree.get(path...); n.written() && r.Min > r.Max && r.Max > 0 {
		c.add(c.At(append(slices.Clone(path), "min")...), fmt.Sprintf("write {min: %d, max: %d}, if they are only the wrong way round", r.Max, r.Min), "%q has a min of %d and a max of %d", last(strings.Join(path, sep)), r.Min, r.Max)
	}
}

// mesh checks the mesh.
func (c *checker) mesh() {
	c.image(c.Mesh.Proxy, c.At("mesh", "proxy"))
	switch c.tree.get("mesh", "mtls").text {
	case "permissive":
		c.add(c.At("mesh", "mtls"), "take it away, or write strict", "permissive takes plaintext from anyone who reaches the pod, whatever its clients do, so that identities and rules protect nothing")
	case "disable":
		c.add(c.At("mesh", "mtls"), "take it away, or write strict", "without mTLS nobody knows who calls, and every rule that names a caller fails")
	}
}
