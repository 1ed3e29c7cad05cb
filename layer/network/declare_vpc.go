package network

import (
	"slices"

	"fathom/render"
	"fathom/render/terraform"
)

// vpc renders the VPC and its subnets.
func (d *declaration) vpc() {
	d.tf(block("aws_vpc", "main",
		set("cidr_block", d.Network.CIDR),
		set("enable_dns_support", true),
		set("enable_dns_hostnames", true),
		d.tags("main"),
	)).From("network.cidr")
	d.subnets(render.Public, "the load balancer's; nothing else has a public address", "kubernetes.io/role/elb", "1").From("network.zones")
	d.subnets(render.Private, "nodes and pods", "kubernetes.io/role/internal-elb", "1").From("network.zones")
	d.subnets(render.Database, "stores: without a way out", "", "").For("network.private-data").From("network.zones")
	if d.AnyApart() {
		d.subnets(render.Apart, "nodes and pods that stand apart", "", "").For("network.payments-isolation").From(d.apartPaths()...)
		d.subnets(render.Vault, "stores that stand apart: without a way out", "", "").
			For("network.payments-isolation", "network.private-data").From(d.apartPaths()...)
	}
	d.subnets(doorsTier, "the endpoints of AWS services, in subnets of their own so that a NetworkPolicy can name them and nothing else", "", "").
		For("network.endpoints").From("network.zones")
	d.tf(block("aws_internet_gateway", "main", set("vpc_id", render.VPC), d.tags("main")))
}

// subnets renders one subnet of a tier in each zone.
func (d *declaration) subnets(t render.Tier, note, key, value string) *terraform.Block {
	each := terraform.Object{}
	for _, z := range d.zonesOf(t) {
		each = append(each, terraform.Field{Key: z, Value: d.plan.subnets[t][z].String()})
	}
	tags := terraform.Obj("Name", terraform.Template(render.Name(d.Platform, string(t))+"-${each.key}"))
	if key != "" {
		tags = append(tags, terraform.Field{Key: key, Value: value})
	}
	return d.tf(block("aws_subnet", string(t),
		set("for_each", each),
		set("vpc_id", render.VPC),
		set("availability_zone", terraform.Template(d.Region+"${each.key}")),
		set("cidr_block", terraform.Expr("each.value")),
		set("map_public_ip_on_launch", false),
		set("tags", tags),
	)).Note(note)
}

// zonesOf are the zones that have a subnet of a tier.
func (d *declaration) zonesOf(t render.Tier) []string {
	if t == natTier {
		return d.natZones()
	}
	return d.plan.zones
}

// apartPaths are the declarations that make something stand apart.
func (d *declaration) apartPaths() []string {
	var out []string
	for _, s := range d.Services {
		if s.Isolate {
			out = append(out, "services."+s.Name+".isolate")
		}
	}
	for _, s := range d.Stores {
		if s.Isolate {
			out = append(out, "stores."+s.Name+".isolate")
		}
	}
	return out
}

// waysOut renders the NAT gateways and the route tables. The tables of the
// stores' tiers have no routes at all: what stands there talks to the VPC only.
func (d *declaration) waysOut() {
	d.table(render.Public, false)
	d.tf(block("aws_route", "public",
		set("route_table_id", terraform.Expr("aws_route_table.public.id")),
		set("destination_cidr_block", "0.0.0.0/0"),
		set("gateway_id", terraform.Expr("aws_internet_gateway.main.id")),
	))
	d.nat()
	inside := []render.Tier{render.Private}
	if d.AnyApart() {
		inside = append(inside, render.Apart)
	}
	for _, t := range inside {
		d.table(t, true).From("network.nat")
		if d.Network.NAT == "none" {
			continue
		}
		to := set("nat_gateway_id", d.natOf())
		if d.filtered() {
			to = set("vpc_endpoint_id", d.firewallEndpoint())
		}
		d.tf(block("aws_route", string(t),
			set("for_each", terraform.Expr("aws_route_table."+string(t))),
			set("route_table_id", terraform.Expr("each.value.id")),
			set("destination_cidr_block", "0.0.0.0/0"),
			to,
		)).From("network.nat")
	}
	d.table(doorsTier, false).For("network.endpoints")
	d.table(render.Database, false).For("network.private-data")
	if d.AnyApart() {
		d.table(render.Vault, false).For("network.private-data", "network.payments-isolation")
	}
}

// nat renders the NAT gateways. They have subnets of their own and not the load
// balancer's, so that a firewall can be put in front of them later without new
// addresses, which partners may have in their lists.
func (d *declaration) nat() {
	zones := d.natZones()
	if len(zones) == 0 {
		return
	}
	d.subnets(natTier, "the NAT gateways': apart from the load balancer's, so that what comes back can be led through a firewall", "", "").From("network.nat")
	d.table(natTier, true)
	d.tf(block("aws_route", "nat",
		set("for_each", terraform.Expr("aws_route_table.nat")),
		set("route_table_id", terraform.Expr("each.value.id")),
		set("destination_cidr_block", "0.0.0.0/0"),
		set("gateway_id", terraform.Expr("aws_internet_gateway.main.id")),
	))
	each := terraform.Call{Name: "toset", Args: []any{zones}}
	d.tf(block("aws_eip", "nat",
		set("for_each", each),
		set("domain", "vpc"),
		set("tags", terraform.Obj("Name", terraform.Template(render.Name(d.Platform, "nat")+"-${each.key}"))),
	)).From("network.nat")
	d.tf(block("aws_nat_gateway", "main",
		set("for_each", terraform.Expr("aws_eip.nat")),
		set("allocation_id", terraform.Expr("each.value.id")),
		set("subnet_id", terraform.Expr("aws_subnet.nat[each.key].id")),
		set("tags", terraform.Obj("Name", terraform.Template(render.Name(d.Platform)+"-${each.key}"))),
		set("depends_on", []terraform.Expr{"aws_internet_gateway.main"}),
	)).From("network.nat")
}

// natOf is the NAT gateway that a zone's route leads to.
func (d *declaration) natOf() terraform.Expr {
	if d.Network.NAT == "one" {
		return terraform.Expr(`aws_nat_gateway.main["` + d.natZones()[0] + `"].id`)
	}
	return "aws_nat_gateway.main[each.key].id"
}

// table renders the route table of a tier: one for all zones, or one for each.
func (d *declaration) table(t render.Tier, each bool) *terraform.Block {
	name, subnets := string(t), terraform.Expr("aws_subnet."+string(t))
	id := terraform.Expr("aws_route_table." + name + ".id")
	body := []terraform.Entry{set("vpc_id", render.VPC), d.tags(name)}
	if each {
		id = terraform.Expr("aws_route_table." + name + "[each.key].id")
		body = []terraform.Entry{
			set("for_each", subnets), set("vpc_id", render.VPC),
			set("tags", terraform.Obj("Name", terraform.Template(render.Name(d.Platform, name)+"-${each.key}"))),
		}
	}
	b := d.tf(block("aws_route_table", name, body...))
	d.tf(block("aws_route_table_association", name,
		set("for_each", subnets),
		set("subnet_id", terraform.Expr("each.value.id")),
		set("route_table_id", id),
	))
	return b
}

// lockedDefaults takes the rules from what AWS makes with a VPC, so that nothing
// that forgets to name a group or an ACL gets one that lets everything pass.
func (d *declaration) lockedDefaults() {
	d.tf(block("aws_default_security_group", "main", set("vpc_id", render.VPC), d.tags("default"))).
		For("network.no-open-ingress", "network.egress-deny").
		Note("without rules: whoever names no group of its own can talk to nobody")
	d.tf(block("aws_default_route_table", "main",
		set("default_route_table_id", terraform.Expr("aws_vpc.main.default_route_table_id")), d.tags("default"))).
		Note("without routes: a subnet that nobody gave a table leads nowhere")
}

// vaultACL lets only the subnets that stand apart talk to the vault's, whatever
// a security group says: the second lock of the stores that stand apart.
func (d *declaration) vaultACL() {
	if !d.AnyApart() {
		return
	}
	apart, vault := d.plan.tier(render.Apart), d.plan.tier(render.Vault)
	var in, out []terraform.Entry
	allow := func(dir string, number, from, to int, cidr string) terraform.Entry {
		return nest(dir,
			set("rule_no", number), set("action", "allow"), set("protocol", "tcp"),
			set("cidr_block", cidr), set("from_port", from), set("to_port", to))
	}
	for i, port := range d.vaultPorts() {
		in = append(in, allow("ingress", 100+10*i, port, port, apart))
	}
	in = append(in, allow("ingress", 200, 0, 65535, vault))
	out = append(out, allow("egress", 100, 1024, 65535, apart), allow("egress", 200, 0, 65535, vault))
	body := terraform.Join(
		[]terraform.Entry{set("vpc_id", render.VPC), set("subnet_ids", render.SubnetIDs(render.Vault))},
		in, out, []terraform.Entry{d.tags("vault")},
	)
	d.tf(block("aws_network_acl", "vault", body...)).
		For("network.payments-isolation").From(d.apartPaths()...).
		Note("the stores' ports from the subnets that stand apart, answers back to them, and what the stores say to each other; nothing else, whatever a security group allows")
}

// vaultPorts are those of the stores that stand apart.
func (d *declaration) vaultPorts() []int {
	var out []int
	for _, s := range d.Stores {
		if s.Isolate && !s.IsBucket() {
			out = append(out, s.Engine.DefaultPort())
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
