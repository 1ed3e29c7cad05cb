package vpc

import (
	"testing"

	"fathom/estate"
)

const egressAll = `egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }
`

var openDB = db(ingressFrom("-1", "0", "0", `cidr_blocks = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]`) + egressAll)

// "Enable internet access for a VPC using an internet gateway".
func TestInternetGateways(t *testing.T) {
	eip := "resource \"aws_eip\" \"db\" {\n instance = aws_instance.db.id\n}\n"
	for _, s := range []section{
		{"address, route, ACL and group", ground + openDB, []want{
			{"internet", app, tcp(22), estate.Yes, `subnet "public" routes 0.0.0.0/0 to internet gateway aws_internet_gateway.main`},
			{"internet", app, tcp(22), estate.Yes, `a public address: subnet "public" gives one`},
			{app, "internet", tcp(443), estate.Yes, ""},
			{"internet", dbi, tcp(22), estate.No, `subnet "private" has no route to an internet gateway`},
			{"internet", dbi, tcp(22), estate.No, `no public address`},
			{dbi, "internet", tcp(443), estate.No, `subnet "private" has no route to 0.0.0.0/0 by an internet or NAT gateway`},
		}},
		{"an Elastic IP without a route", ground + openDB + eip, []want{{"internet", dbi, tcp(22), estate.No, "Elastic IP aws_eip.db"}}},
		{"a route of the main table", ground + openDB + eip + `
resource "aws_route" "out" {
  route_table_id         = aws_vpc.main.main_route_table_id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.main.id
}
`, []want{{"internet", dbi, tcp(22), estate.Yes, ""}, {dbi, "internet", tcp(22), estate.Yes, ""}}},
		{"a main table that is declared", ground + openDB + eip + `
resource "aws_main_route_table_association" "m" {
  vpc_id         = aws_vpc.main.id
  route_table_id = aws_route_table.public.id
}
`, []want{{"internet", dbi, tcp(22), estate.Yes, ""}}},
		{"an address without one is stopped on its way out", ground + openDB + `
resource "aws_route_table_association" "x" {
  subnet_id      = aws_subnet.private.id
  route_table_id = aws_route_table.public.id
}
`, []want{{dbi, "internet", tcp(22), estate.No, "no public address"}, {"internet", dbi, tcp(22), estate.No, "no public address"}}},
		{"a gateway that is attached to no VPC", ground + db(egressAll) + eip + `
resource "aws_internet_gateway" "loose" {}
resource "aws_route_table" "p" {
  vpc_id = aws_vpc.main.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.loose.id
  }
}
resource "aws_route_table_association" "x" {
  subnet_id      = aws_subnet.private.id
  route_table_id = aws_route_table.p.id
}
`, []want{{dbi, "internet", tcp(22), estate.No, "internet gateway aws_internet_gateway.loose is attached to no VPC"}}},
		{"only a part of the internet is let in", ground + db(ingressFrom("tcp", "22", "22", `cidr_blocks = ["203.0.113.0/28", "10.9.0.0/16"]`)) + eip + `
resource "aws_route_table_association" "x" {
  subnet_id      = aws_subnet.private.id
  route_table_id = aws_route_table.public.id
}
`, []want{{"internet", dbi, tcp(22), estate.Yes, "from 203.0.113.0/28"}, {"203.0.113.4", dbi, tcp(22), estate.Yes, ""}, {"198.51.100.0/24", dbi, tcp(22), estate.No, ""}}},
		{"a range of the VPC itself", ground + db(ingressFrom("tcp", "22", "22", `cidr_blocks = ["10.0.0.0/16"]`)), []want{
			{"10.0.1.0/24", dbi, tcp(22), estate.Yes, `10.0.1.0/24 is in VPC "main"`}, {"192.168.0.0/16", dbi, tcp(22), estate.No, ""},
		}},
	} {
		s.run(t)
	}
}

// "IPv6": addresses are public, and only routes, ACLs and groups protect them.
func TestIPv6(t *testing.T) {
	six := `
resource "aws_vpc" "six" {
  cidr_block                       = "10.6.0.0/16"
  assign_generated_ipv6_cidr_block = true
}
resource "aws_subnet" "six" {
  vpc_id                          = aws_vpc.six.id
  cidr_block                      = "10.6.1.0/24"
  ipv6_cidr_block                 = cidrsubnet(aws_vpc.six.ipv6_cidr_block, 8, 1)
  assign_ipv6_address_on_creation = true
}
resource "aws_internet_gateway" "six" {
  vpc_id = aws_vpc.six.id
}
resource "aws_egress_only_internet_gateway" "six" {
  vpc_id = aws_vpc.six.id
}
resource "aws_security_group" "six" {
  vpc_id = aws_vpc.six.id
  ingress {
    protocol         = "tcp"
    from_port        = 443
    to_port          = 443
    ipv6_cidr_blocks = ["::/0"]
  }
  egress {
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    ipv6_cidr_blocks = ["::/0"]
  }
}
resource "aws_instance" "six" {
  subnet_id              = aws_subnet.six.id
  vpc_security_group_ids = [aws_security_group.six.id]
}
resource "aws_route_table" "six" {
  vpc_id = aws_vpc.six.id
  route {
    ipv6_cidr_block = "::/0"
    TARGET
  }
}
resource "aws_route_table_association" "six" {
  subnet_id      = aws_subnet.six.id
  route_table_id = aws_route_table.six.id
}
`
	const i = "aws_instance.six"
	for _, s := range []section{
		{"by an internet gateway", replace(six, "TARGET", "gateway_id = aws_internet_gateway.six.id"), []want{
			{"internet", i, tcp(443), estate.Yes, "has an IPv6 address, which is public"},
			{"internet", i, tcp(80), estate.No, ""},
			{i, "internet", tcp(443), estate.Yes, ""},
			{"0.0.0.0/0", i, tcp(443), estate.No, ""},
		}},
		{"by an egress-only gateway", replace(six, "TARGET", "egress_only_gateway_id = aws_egress_only_internet_gateway.six.id"), []want{
			{"internet", i, tcp(443), estate.No, "which lets nothing in"}, {i, "internet", tcp(443), estate.Yes, ""},
		}},
	} {
		s.run(t)
	}
}

// "NAT gateways".
func TestNATGateways(t *testing.T) {
	nat := `
resource "aws_nat_gateway" "n" {
  subnet_id     = aws_subnet.public.id
  allocation_id = aws_eip.n.id
}
resource "aws_eip" "n" {}
resource "aws_route_table" "p" {
  vpc_id = aws_vpc.main.id
  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.n.id
  }
}
resource "aws_route_table_association" "x" {
  subnet_id      = aws_subnet.private.id
  route_table_id = aws_route_table.p.id
}
`
	closedACL := `
resource "aws_network_acl" "nat" {
  vpc_id     = aws_vpc.main.id
  subnet_ids = [aws_subnet.public.id]
  RULES
}
`
	for _, s := range []section{
		{"out and not in", ground + openDB + nat, []want{
			{dbi, "internet", tcp(443), estate.Yes, "NAT gateway aws_nat_gateway.n translates the address"},
			{"internet", dbi, tcp(443), estate.No, "which lets nothing in"},
		}},
		{"in a subnet without a way out", replace(ground, "gateway_id = aws_internet_gateway.main.id", "vpc_peering_connection_id = \"pcx-0123456789abcdef0\"") + openDB + nat, []want{
			{dbi, "internet", tcp(443), estate.No, `subnet "public" has no route to 0.0.0.0/0 by an internet gateway`},
		}},
		{"behind the ACL of its own subnet", ground + openDB + nat + replace(closedACL, "RULES", allIn+aclRuleText("egress", "10", "allow", "tcp", "443", "443", "0.0.0.0/0")), []want{
			{dbi, "internet", tcp(443), estate.No, "does not let out the replies of TCP 443 on ports 1024-65535 to 10.0.2.0/24"},
		}},
		{"whose ACL lets replies back in", ground + openDB + nat + replace(closedACL, "RULES", allIn+aclRuleText("egress", "10", "allow", "tcp", "443", "443", "0.0.0.0/0")+aclRuleText("egress", "20", "allow", "tcp", "1024", "65535", "10.0.0.0/16")), []want{
			{dbi, "internet", tcp(443), estate.Yes, ""}, {dbi, "internet", tcp(80), estate.No, ""},
		}},
		{"a private one", ground + openDB + replace(nat, "allocation_id = aws_eip.n.id", `connectivity_type = "private"`), []want{
			{dbi, "internet", tcp(443), estate.Maybe, "where a private NAT gateway leads on is not judged"},
		}},
	} {
		s.run(t)
	}
}

// "Route priority" and "Gateway endpoints".
func TestRoutes(t *testing.T) {
	table := `
resource "aws_route_table" "p" {
  vpc_id = aws_vpc.main.id
  ROUTES
}
resource "aws_route_table_association" "x" {
  subnet_id      = aws_subnet.private.id
  route_table_id = aws_route_table.p.id
}
resource "aws_eip" "db" {
  instance = aws_instance.db.id
}
`
	igw := "route {\n cidr_block = \"0.0.0.0/0\"\n gateway_id = aws_internet_gateway.main.id\n}\n"
	for _, s := range []section{
		{"the longest prefix decides", ground + openDB + replace(table, "ROUTES", igw+"route {\n cidr_block = \"203.0.113.0/24\"\n network_interface_id = \"eni-0123456789abcdef0\"\n}\n"), []want{
			{dbi, "198.51.100.7", tcp(443), estate.Yes, ""},
			{dbi, "203.0.113.7", tcp(443), estate.Maybe, "traffic passes network interface eni-0123456789abcdef0, whose rules are not judged"},
			{"203.0.113.7", dbi, tcp(443), estate.Maybe, ""},
			{"198.51.100.7", dbi, tcp(443), estate.Yes, ""},
		}},
		{"a prefix list of one's own", ground + openDB + replace(table, "ROUTES", "") + `
resource "aws_ec2_managed_prefix_list" "partners" {
  name           = "partners"
  address_family = "IPv4"
  max_entries    = 2
  entry {
    cidr = "203.0.113.0/24"
  }
}
resource "aws_route" "p" {
  route_table_id             = aws_route_table.p.id
  destination_prefix_list_id = aws_ec2_managed_prefix_list.partners.id
  gateway_id                 = aws_internet_gateway.main.id
}
`, []want{{dbi, "203.0.113.7", tcp(443), estate.Yes, ""}, {dbi, "198.51.100.7", tcp(443), estate.No, ""}, {"203.0.113.9", dbi, tcp(1), estate.Yes, ""}}},
		{"a gateway endpoint leads to its service alone", ground + db(`egress {
    protocol        = "tcp"
    from_port       = 443
    to_port         = 443
    prefix_list_ids = [aws_vpc_endpoint.s3.prefix_list_id]
  }`) + replace(table, "ROUTES", "") + `
resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.main.id
  service_name    = "com.amazonaws.eu-west-1.s3"
  route_table_ids = [aws_route_table.p.id]
}
`, []want{
			{dbi, "com.amazonaws.eu-west-1.s3", tcp(443), estate.Yes, "leads to com.amazonaws.eu-west-1.s3"},
			{dbi, "com.amazonaws.eu-west-1.dynamodb", tcp(443), estate.No, ""},
			{dbi, "internet", tcp(443), estate.No, ""},
		}},
		{"an unknown destination", ground + "variable \"to\" {}\n" + openDB + replace(table, "ROUTES", "route {\n cidr_block = var.to\n gateway_id = aws_internet_gateway.main.id\n}\n"), []want{
			{dbi, "198.51.100.7", tcp(443), estate.Maybe, "var.to"},
		}},
		{"longer than the local route, to an appliance", ground + openDB + replace(table, "ROUTES", "route {\n cidr_block = \"10.0.1.0/24\"\n vpc_endpoint_id = \"vpce-0123456789abcdef0\"\n}\n"), []want{
			{dbi, app, tcp(22), estate.Maybe, "whose rules are not judged"}, {app, dbi, tcp(22), estate.Maybe, ""},
		}},
		{"a network firewall in between", ground + openDB + replace(table, "ROUTES", "route {\n cidr_block = \"0.0.0.0/0\"\n vpc_endpoint_id = tolist(aws_networkfirewall_firewall.fw.firewall_status[0].sync_states)[0].attachment[0].endpoint_id\n}\n") + `
resource "aws_networkfirewall_firewall" "fw" {
  name                = "fw"
  vpc_id              = aws_vpc.main.id
  firewall_policy_arn = "arn:aws:network-firewall:eu-west-1:111111111111:firewall-policy/p"
}
`, []want{
			{"internet", dbi, tcp(22), estate.Maybe, "traffic passes network firewall aws_networkfirewall_firewall.fw, whose rules are not judged"},
			{dbi, "internet", tcp(22), estate.Maybe, "whose rules are not judged"},
		}},
		{"virtual private gateway", ground + openDB + replace(table, "ROUTES", "") + `
resource "aws_vpn_gateway" "g" {
  vpc_id = aws_vpc.main.id
}
resource "aws_route" "office" {
  route_table_id         = aws_route_table.p.id
  destination_cidr_block = "192.168.0.0/16"
  gateway_id             = aws_vpn_gateway.g.id
}
`, []want{
			{"192.168.3.0/24", dbi, tcp(22), estate.Yes, "virtual private gateway aws_vpn_gateway.g"},
			{dbi, "192.168.3.4", tcp(22), estate.Yes, ""},
			{"172.16.0.0/12", dbi, tcp(22), estate.No, ""},
		}},
		{"a propagated static route, and BGP", ground + openDB + replace(table, "ROUTES", "propagating_vgws = [aws_vpn_gateway.g.id]") + `
resource "aws_vpn_gateway" "g" {
  vpc_id = aws_vpc.main.id
}
resource "aws_vpn_connection" "c" {
  vpn_gateway_id      = aws_vpn_gateway.g.id
  customer_gateway_id = "cgw-0123456789abcdef0"
  type                = "ipsec.1"
  static_routes_only  = STATIC
}
resource "aws_vpn_connection_route" "r" {
  vpn_connection_id      = aws_vpn_connection.c.id
  destination_cidr_block = "192.168.0.0/16"
}
`, nil},
	} {
		if s.name == "a propagated static route, and BGP" {
			text := s.hcl
			s.name, s.hcl, s.wants = "a propagated static route", replace(text, "STATIC", "true"), []want{
				{"192.168.3.0/24", dbi, tcp(22), estate.Yes, ""}, {"172.16.0.0/16", dbi, tcp(22), estate.No, ""},
			}
			s.run(t)
			s.name, s.hcl, s.wants = "what is learnt by BGP", replace(text, "STATIC", "false"), []want{
				{"192.168.3.0/24", dbi, tcp(22), estate.Maybe, ""}, {"172.16.0.0/16", dbi, tcp(22), estate.Maybe, "learns by BGP"},
			}
		}
		s.run(t)
	}
}
