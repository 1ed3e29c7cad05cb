package network

import (
	"net/netip"

	"fathom/render"
	"fathom/render/terraform"
)

// standby renders the network of what answers while the platform is down: a load
// balancer with a page, in the backup region. Nothing else is there, and nothing
// there leads anywhere.
func (d *declaration) standby() {
	there := set("provider", render.ProviderBackup)
	from := []string{"backupRegion"}
	whole := standbyRange(d.plan.whole)
	one, two := standbyZones(d.BackupRegion)
	d.tf(block("aws_vpc", "standby", there, set("cidr_block", whole.String()), d.tags("standby"))).From(from...)
	d.tf(block("aws_subnet", "standby", there,
		set("for_each", terraform.Obj(
			one, netip.PrefixFrom(whole.Addr(), 25).String(),
			two, netip.PrefixFrom(add(whole.Addr(), 128), 25).String(),
		)),
		set("vpc_id", render.StandbyVPC),
		set("availability_zone", terraform.Template(d.BackupRegion+"${each.key}")),
		set("cidr_block", terraform.Expr("each.value")),
		set("map_public_ip_on_launch", false),
		set("tags", terraform.Obj("Name", terraform.Template(render.Name(d.Platform, "standby")+"-${each.key}"))),
	)).From(from...)
	d.tf(block("aws_internet_gateway", "standby", there, set("vpc_id", render.StandbyVPC), d.tags("standby"))).From(from...)
	d.tf(block("aws_route_table", "standby", there, set("vpc_id", render.StandbyVPC), d.tags("standby"))).From(from...)
	d.tf(block("aws_route", "standby", there,
		set("route_table_id", terraform.Expr("aws_route_table.standby.id")),
		set("destination_cidr_block", "0.0.0.0/0"),
		set("gateway_id", terraform.Expr("aws_internet_gateway.standby.id")),
	)).From(from...)
	d.tf(block("aws_route_table_association", "standby", there,
		set("for_each", terraform.Expr("aws_subnet.standby")),
		set("subnet_id", terraform.Expr("each.value.id")),
		set("route_table_id", terraform.Expr("aws_route_table.standby.id")),
	)).From(from...)
	d.tf(block("aws_default_security_group", "standby", there, set("vpc_id", render.StandbyVPC), d.tags("standby-default"))).
		For("network.no-open-ingress", "network.egress-deny")
	d.tf(terraform.Data("aws_ec2_managed_prefix_list", "cloudfront_standby", there,
		set("name", "com.amazonaws.global.cloudfront.origin-facing"))).For("network.no-open-ingress")
	d.tf(block("aws_security_group", "standby", there,
		set("name", render.Name(d.Platform, "standby")),
		set("description", "Standby load balancer: from CloudFront; it answers by itself and calls nobody"),
		set("vpc_id", render.StandbyVPC),
		d.tags("standby"),
	)).For("network.no-open-ingress", "network.egress-deny").From(from...)
	d.tf(block("aws_vpc_security_group_ingress_rule", "standby_from_cloudfront", there,
		set("security_group_id", render.GroupOf("standby")),
		set("description", "HTTPS from CloudFront, and from nobody else"),
		set("prefix_list_id", terraform.Expr("data.aws_ec2_managed_prefix_list.cloudfront_standby.id")),
		set("ip_protocol", "tcp"), set("from_port", 443), set("to_port", 443),
	)).For("network.no-open-ingress").From(from...)
	d.tf(d.flowLog("standby", there, set("vpc_id", render.StandbyVPC))).For("network.flow-logs").From("logs.keep", "backupRegion")
}

// standbyZones are the letters of two zones, as a load balancer stands in two. a
// and b are there in every region but two of the oldest, where an account may have
// been given others than b ("Availability Zones", AWS global infrastructure).
func standbyZones(region string) (one, two string) {
	switch region {
	case "ap-northeast-1", "us-west-1":
		return "a", "c"
	}
	return "a", "b"
}

// standbyRange is a small private range that is not the platform's, so that the
// two could be joined.
func standbyRange(platform netip.Prefix) netip.Prefix {
	for _, s := range []string{"192.168.255.0/24", "172.16.255.0/24"} {
		if p := netip.MustParsePrefix(s); !p.Overlaps(platform) {
			return p
		}
	}
	return netip.Prefix{} // not reached: no range of /16 or smaller holds both
}
