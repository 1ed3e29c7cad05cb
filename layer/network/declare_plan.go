package network

import (
	"fmt"
	"net/netip"
	"slices"

	"fathom/diag"
	"fathom/platform"
	"fathom/render"
)

// The tiers that only this layer speaks of: where the endpoints of AWS services
// stand, the NAT gateways, and the network firewall's endpoints.
const (
	doorsTier    render.Tier = "endpoints"
	natTier      render.Tier = "nat"
	firewallTier render.Tier = "firewall"
)

// plan is who has which addresses. A subnet's range follows from its tier and
// its zone's letter alone, so that another zone or tier moves none that is there.
type plan struct {
	whole   netip.Prefix
	zones   []string
	subnets map[render.Tier]map[string]netip.Prefix // by the zone's letter
}

// places are where the tiers begin and how long their subnets' prefixes are. The
// range is cut into sixteenths for nodes and pods, which need most addresses:
// eight for the private tier, four (of half the size) for apart. The last
// quarter is cut into eighths, one for each of the small tiers. Every tier has
// room for the letters a to h.
var places = []struct {
	tier render.Tier
	// from is the beginning in 64ths of the range, longer how many bits more than
	// the range's a subnet's prefix has.
	from, longer int
}{
	{render.Private, 0, 4},
	{render.Apart, 32, 5},
	{render.Public, 48, 8},
	{render.Database, 50, 8},
	{render.Vault, 52, 8},
	{natTier, 54, 8},
	{firewallTier, 56, 8},
	{doorsTier, 58, 8},
}

// planOf computes the ranges of all tiers, whether or not they are rendered.
func planOf(p *platform.Platform) (*plan, error) {
	whole, err := netip.ParsePrefix(p.Network.CIDR)
	if err != nil || !whole.Addr().Is4() || whole.Bits() < 16 || whole.Bits() > 18 {
		return nil, diag.Problem{
			Pos:     p.At("network", "cidr"),
			Summary: fmt.Sprintf("network.cidr %q is not an IPv4 range that has room for the subnets", p.Network.CIDR),
			Fix:     "name one of /16 to /18, such as 10.20.0.0/16",
		}
	}
	out := &plan{whole: whole.Masked(), zones: slices.Sorted(slices.Values(p.Network.Zones)), subnets: map[render.Tier]map[string]netip.Prefix{}}
	for _, at := range places {
		out.subnets[at.tier] = map[string]netip.Prefix{}
		for _, z := range out.zones {
			if len(z) != 1 || z < "a" || z > "h" {
				return nil, diag.Problem{
					Pos:     p.At("network", "zones"),
					Summary: fmt.Sprintf("network.zones: %q is not a letter from a to h", z),
					Fix:     "name the zones by their letters: a, b, c",
				}
			}
			bits := whole.Bits() + at.longer
			first := out.begin(at.from)
			out.subnets[at.tier][z] = netip.PrefixFrom(add(first, uint32(z[0]-'a')<<(32-bits)), bits)
		}
	}
	return out, nil
}

// begin is the first address of a 64th of the whole.
func (pl *plan) begin(of64 int) netip.Addr {
	return add(pl.whole.Addr(), uint32(of64)<<(32-pl.whole.Bits()-6))
}

// tier is the range that holds all subnets of a tier, and no others.
func (pl *plan) tier(t render.Tier) string {
	for _, at := range places {
		if at.tier == t {
			return netip.PrefixFrom(pl.begin(at.from), pl.whole.Bits()+at.longer-3).String()
		}
	}
	return ""
}

func add(a netip.Addr, n uint32) netip.Addr {
	b := a.As4()
	v := uint32(b[0])<<24 + uint32(b[1])<<16 + uint32(b[2])<<8 + uint32(b[3]) + n
	return netip.AddrFrom4([4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)})
}

// natZones are the zones that have a NAT gateway.
func (d *declaration) natZones() []string {
	switch d.Network.NAT {
	case "zone":
		return d.plan.zones
	case "one":
		return d.plan.zones[:1]
	}
	return nil
}
