package vpc

import (
	"testing"

	"fathom/estate"
)

// second is another VPC with one instance.
const second = `
resource "aws_vpc" "two" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "two" }
}
resource "aws_subnet" "two" {
  vpc_id     = aws_vpc.two.id
  cidr_block = "10.1.1.0/24"
  tags       = { Name = "two" }
}
resource "aws_security_group" "two" {
  name   = "two"
  vpc_id = aws_vpc.two.id
  ingress {
    protocol        = "tcp"
    from_port       = 5432
    to_port         = 5432
    security_groups = [aws_security_group.all.id]
  }
  ingress {
    protocol    = "tcp"
    from_port   = 22
    to_port     = 22
    cidr_blocks = ["10.0.0.0/8"]
  }
}
resource "aws_instance" "two" {
  subnet_id              = aws_subnet.two.id
  vpc_security_group_ids = [aws_security_group.two.id]
}
resource "aws_route_table" "two" {
  vpc_id = aws_vpc.two.id
}
resource "aws_route_table_association" "two" {
  subnet_id      = aws_subnet.two.id
  route_table_id = aws_route_table.two.id
}
`

func routeTo(name, table, cidr, target string) string {
	return "resource \"aws_route\" \"" + name + "\" {\n route_table_id = aws_route_table." + table + ".id\n destination_cidr_block = \"" + cidr + "\"\n " + target + "\n}\n"
}

// VPC Peering Guide, "How VPC peering connections work".
func TestPeering(t *testing.T) {
	const two = "aws_instance.two"
	pcx := "resource \"aws_vpc_peering_connection\" \"p\" {\n vpc_id = aws_vpc.main.id\n peer_vpc_id = aws_vpc.two.id\n}\n"
	via := "vpc_peering_connection_id = aws_vpc_peering_connection.p.id"
	there, back := routeTo("there", "public", "10.1.0.0/16", via), routeTo("back", "two", "10.0.0.0/16", via)
	third := `
resource "aws_vpc" "three" {
  cidr_block = "10.2.0.0/16"
}
resource "aws_vpc_peering_connection" "q" {
  vpc_id      = aws_vpc.two.id
  peer_vpc_id = aws_vpc.three.id
}
resource "aws_subnet" "three" {
  vpc_id     = aws_vpc.three.id
  cidr_block = "10.2.1.0/24"
}
resource "aws_instance" "three" {
  subnet_id              = aws_subnet.three.id
  vpc_security_group_ids = [aws_security_group.all.id]
}
`
	for _, s := range []section{
		{"nothing joins two VPCs by itself", ground + second, []want{{app, two, tcp(22), estate.No, `subnet "public" has no route to VPC "two"`}}},
		{"routes on both sides", ground + second + pcx + there + back, []want{
			{app, two, tcp(22), estate.Yes, `peering connection aws_vpc_peering_connection.p joins VPC "main" and VPC "two"`},
			{app, two, tcp(5432), estate.Yes, `from security group "all"`},
			{app, two, tcp(23), estate.No, ""},
			{"10.0.0.0/16", two, tcp(22), estate.Yes, ""},
		}},
		{"no route back", ground + second + pcx + there, []want{{app, two, tcp(22), estate.No, "has no route to 10.0.1.0/24 by peering connection aws_vpc_peering_connection.p for the replies"}}},
		{"no route there", ground + second + pcx + back, []want{{app, two, tcp(22), estate.No, ""}}},
		{"it is not transitive", ground + second + third + pcx + back + routeTo("there", "public", "10.0.0.0/8", via), []want{
			{app, two, tcp(22), estate.Yes, ""}, {app, "aws_instance.three", tcp(22), estate.No, "does not lead to"},
		}},
	} {
		s.run(t)
	}
}

// Transit Gateways guide, "Route tables".
func TestTransitGateways(t *testing.T) {
	const two = "aws_instance.two"
	tgw := `
resource "aws_ec2_transit_gateway" "t" {
  OPTIONS
}
resource "aws_ec2_transit_gateway_vpc_attachment" "one" {
  transit_gateway_id = aws_ec2_transit_gateway.t.id
  vpc_id             = aws_vpc.main.id
  subnet_ids         = [aws_subnet.private.id]
}
resource "aws_ec2_transit_gateway_vpc_attachment" "two" {
  transit_gateway_id = aws_ec2_transit_gateway.t.id
  vpc_id             = aws_vpc.two.id
  subnet_ids         = [aws_subnet.two.id]
}
` + routeTo("there", "public", "10.0.0.0/8", "transit_gateway_id = aws_ec2_transit_gateway.t.id") + routeTo("back", "two", "10.0.0.0/8", "transit_gateway_id = aws_ec2_transit_gateway.t.id")
	tables := `
resource "aws_ec2_transit_gateway_route_table" "r" {
  transit_gateway_id = aws_ec2_transit_gateway.t.id
}
resource "aws_ec2_transit_gateway_route_table_association" "one" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.one.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.r.id
}
resource "aws_ec2_transit_gateway_route_table_association" "two" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.two.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.r.id
}
resource "aws_ec2_transit_gateway_route_table_propagation" "one" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.one.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.r.id
}
`
	static := func(more string) string {
		return "resource \"aws_ec2_transit_gateway_route\" \"s\" {\n destination_cidr_block = \"10.1.0.0/16\"\n transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.r.id\n " + more + "\n}\n"
	}
	for _, s := range []section{
		{"the default table", ground + second + tgw, []want{
			{app, two, tcp(22), estate.Yes, "transit gateway aws_ec2_transit_gateway.t routes 10.1.1.0/24 to transit gateway attachment"},
			{app, two, tcp(5432), estate.No, ""}, // groups cannot be named across it
		}},
		{"groups can be named where that is switched on", replace(ground+second+tgw, "OPTIONS", `security_group_referencing_support = "enable"`), []want{{app, two, tcp(5432), estate.Yes, ""}}},
		{"a table without a route there", ground + second + tgw + tables, []want{{app, two, tcp(22), estate.No, "has no route to transit gateway attachment aws_ec2_transit_gateway_vpc_attachment.two"}}},
		{"which says what to change where", ground + second + tgw + tables, []want{{app, two, tcp(22), estate.No, "has no route to transit gateway attachment aws_ec2_transit_gateway_vpc_attachment.two (main.tf:"}}},
		{"an address of a VPC behind it", ground + second + tgw, []want{
			{"10.0.1.7", two, tcp(22), estate.Yes, "leads on to 10.0.1.7"},
			{"10.0.0.0/9", two, tcp(22), estate.Yes, ""}, // of which the VPC is a part
			{"10.7.0.1", two, tcp(22), estate.No, ""},
		}},
		{"an address of a VPC to which no table leads", ground + second + tgw + tables, []want{{app, "10.1.1.9", tcp(22), estate.No, "has no route to 10.1.1.9"}}},
		{"a static route", ground + second + tgw + tables + static("transit_gateway_attachment_id = aws_ec2_transit_gateway_vpc_attachment.two.id"), []want{{app, two, tcp(22), estate.Yes, ""}}},
		{"a black hole", ground + second + tgw + tables + static("blackhole = true"), []want{{app, two, tcp(22), estate.No, "drops packets to 10.1.0.0/16 (black hole)"}}},
		{"one that is not in the files", ground + second + routeTo("there", "public", "10.0.0.0/8", "transit_gateway_id = \"tgw-0123456789abcdef0\"") + routeTo("back", "two", "10.0.0.0/8", "transit_gateway_id = \"tgw-0123456789abcdef0\""), []want{
			{app, two, tcp(22), estate.Maybe, "transit gateway tgw-0123456789abcdef0 is not in the files"},
		}},
	} {
		s.hcl = replace(s.hcl, "OPTIONS", "")
		s.run(t)
	}
}

// Between VPCs that nothing joins, by the public address.
func TestOverTheInternet(t *testing.T) {
	public := `
resource "aws_internet_gateway" "two" {
  vpc_id = aws_vpc.two.id
}
resource "aws_eip" "two" {
  instance = aws_instance.two.id
}
` + routeTo("two", "two", "0.0.0.0/0", "gateway_id = aws_internet_gateway.two.id")
	opened := replace(second, `cidr_blocks = ["10.0.0.0/8"]`, `cidr_blocks = ["0.0.0.0/0"]`)
	for _, s := range []section{
		{"with a rule for everybody", ground + opened + public, []want{
			{app, "aws_instance.two", tcp(22), estate.Yes, "0.0.0.0/0"},
			{app, "aws_instance.two", tcp(5432), estate.No, ""}, // its group is named, and its public address has none
		}},
		{"with a rule for private addresses", ground + second + public, []want{{app, "aws_instance.two", tcp(22), estate.No, ""}}},
		{"with a rule for some public addresses", ground + replace(second, `cidr_blocks = ["10.0.0.0/8"]`, `cidr_blocks = ["203.0.113.0/24"]`) + public, []want{
			{app, "aws_instance.two", tcp(22), estate.Maybe, "a public address that is not known"},
		}},
	} {
		s.run(t)
	}
}

// "AWS-managed prefix lists".
func TestManagedPrefixLists(t *testing.T) {
	s := section{"CloudFront's list", ground + `
data "aws_ec2_managed_prefix_list" "cdn" {
  name = "com.amazonaws.global.cloudfront.origin-facing"
}
resource "aws_security_group" "alb" {
  vpc_id = aws_vpc.main.id
  ingress {
    protocol        = "tcp"
    from_port       = 443
    to_port         = 443
    prefix_list_ids = [data.aws_ec2_managed_prefix_list.cdn.id]
  }
}
resource "aws_lb" "alb" {
  subnets         = [aws_subnet.public.id]
  security_groups = [aws_security_group.alb.id]
}
`, []want{
		{"com.amazonaws.global.cloudfront.origin-facing", "aws_lb.alb", tcp(443), estate.Yes, "prefix list com.amazonaws.global.cloudfront.origin-facing"},
		{"com.amazonaws.global.cloudfront.origin-facing", "aws_lb.alb", tcp(80), estate.No, ""},
		{"internet", "aws_lb.alb", tcp(443), estate.No, ""},
		{"203.0.113.0/28", "aws_lb.alb", tcp(443), estate.Maybe, ""},
	}}
	s.run(t)
}
