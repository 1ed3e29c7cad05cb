package vpc

import (
	"testing"

	"fathom/engine/reach/flow"
	"fathom/estate"
)

// withACL gives the private subnet a network ACL.
func withACL(rules string) string {
	return ground + db(ingressFrom("-1", "0", "0", `cidr_blocks = ["0.0.0.0/0"]`)+"egress {\n protocol = \"-1\"\n from_port = 0\n to_port = 0\n cidr_blocks = [\"0.0.0.0/0\"]\n}\n") + `
resource "aws_network_acl" "private" {
  vpc_id     = aws_vpc.main.id
  subnet_ids = [aws_subnet.private.id]
  tags       = { Name = "private" }
` + rules + "\n}\n"
}

func aclRuleText(dir string, number, action, proto, from, to, cidr string) string {
	return dir + " {\n rule_no = " + number + "\n action = \"" + action + "\"\n protocol = \"" + proto + "\"\n from_port = " + from + "\n to_port = " + to + "\n cidr_block = \"" + cidr + "\"\n}\n"
}

const (
	allIn  = "ingress {\n rule_no = 100\n action = \"allow\"\n protocol = \"-1\"\n from_port = 0\n to_port = 0\n cidr_block = \"0.0.0.0/0\"\n}\n"
	allOut = "egress {\n rule_no = 100\n action = \"allow\"\n protocol = \"-1\"\n from_port = 0\n to_port = 0\n cidr_block = \"0.0.0.0/0\"\n}\n"
)

// "Control subnet traffic with network access control lists".
func TestNetworkACLs(t *testing.T) {
	ping := flow.Conn{Protocol: flow.ICMP, Port: 8 << 8}
	for _, s := range []section{
		{"a custom ACL denies until rules are added", withACL(""), []want{
			{app, dbi, tcp(22), estate.No, `network ACL "private" of subnet "private" does not let in TCP 22 from 10.0.1.0/24: no rule allows it`},
			{app, dbi, tcp(22), estate.No, `add an allow rule for TCP 22 from 10.0.1.0/24 to the inbound rules of network ACL "private"`},
		}},
		{"rules in both directions are needed: it is stateless", withACL(allIn), []want{
			{app, dbi, tcp(22), estate.No, `does not let out the replies of TCP 22 on ports 1024-65535 to 10.0.1.0/24: no rule allows it`},
			{dbi, app, tcp(22), estate.No, ""},
		}},
		{"both directions open", withACL(allIn + allOut), []want{{app, dbi, tcp(22), estate.Yes, `lets in TCP 22 from 10.0.1.0/24, by rule 100`}, {dbi, app, ping, estate.Yes, ""}}},
		{"the first rule that matches decides", withACL(aclRuleText("ingress", "90", "deny", "tcp", "22", "22", "10.0.1.0/24") + allIn + allOut), []want{
			{app, dbi, tcp(22), estate.No, "by rule 90 (deny TCP 22 from 10.0.1.0/24)"}, {app, dbi, tcp(23), estate.Yes, ""},
		}},
		{"what denies a part of the addresses may stay before the new rule", withACL(aclRuleText("ingress", "50", "deny", "-1", "0", "0", "10.0.1.0/28") + aclRuleText("ingress", "90", "deny", "tcp", "22", "22", "10.0.1.0/24") + allIn + allOut), []want{
			{app, dbi, tcp(22), estate.No, `network ACL "private", before rule 90`},
			{app, dbi, tcp(22), estate.No, "by rule 90 (deny TCP 22 from 10.0.1.0/24)"},
		}},
		{"a later rule does not", withACL(aclRuleText("ingress", "110", "deny", "tcp", "22", "22", "10.0.1.0/24") + allIn + allOut), []want{
			{app, dbi, tcp(22), estate.Yes, ""},
		}},
		{"the ephemeral ports of the replies", withACL(allIn + aclRuleText("egress", "100", "allow", "tcp", "1024", "65535", "0.0.0.0/0")), []want{
			{app, dbi, tcp(22), estate.Yes, ""},
			{app, dbi, flow.Conn{Protocol: flow.UDP, Port: 53}, estate.No, ""},
		}},
		{"a part of the ephemeral ports", withACL(allIn + aclRuleText("egress", "100", "allow", "tcp", "32768", "65535", "0.0.0.0/0")), []want{
			{app, dbi, tcp(22), estate.Maybe, "the client's port is not known, and it admits a part of 1024-65535"},
		}},
		{"an echo reply is a message of its own", withACL(allIn + "egress {\n rule_no = 100\n action = \"allow\"\n protocol = \"icmp\"\n icmp_type = 0\n icmp_code = -1\n from_port = 0\n to_port = 0\n cidr_block = \"0.0.0.0/0\"\n}\n"), []want{
			{app, dbi, ping, estate.Yes, ""}, {app, dbi, tcp(22), estate.No, ""},
		}},
		{"it filters at the border of the subnet alone", withACL("") + "resource \"aws_instance\" \"near\" {\n subnet_id = aws_subnet.private.id\n vpc_security_group_ids = [aws_security_group.db.id]\n}\n", []want{
			{"aws_instance.near", dbi, tcp(22), estate.Yes, `both are in subnet "private"`},
		}},
		{"of the source's subnet too", withACL(""), []want{{dbi, app, tcp(22), estate.No, `does not let out TCP 22 to 10.0.1.0/24`}}},
		{"rules on their own", withACL("") + `
resource "aws_network_acl_rule" "in" {
  network_acl_id = aws_network_acl.private.id
  rule_number    = 50
  rule_action    = "allow"
  protocol       = "6"
  from_port      = 22
  to_port        = 22
  cidr_block     = "10.0.0.0/16"
}
resource "aws_network_acl_rule" "out" {
  network_acl_id = aws_network_acl.private.id
  egress         = true
  rule_number    = 50
  rule_action    = "allow"
  protocol       = "tcp"
  from_port      = 1024
  to_port        = 65535
  cidr_block     = "10.0.0.0/16"
}
`, []want{{app, dbi, tcp(22), estate.Yes, ""}, {app, dbi, tcp(23), estate.No, ""}}},
		{"an association on its own", ground + db(ingressFrom("-1", "0", "0", `cidr_blocks = ["0.0.0.0/0"]`)) + `
resource "aws_network_acl" "closed" {
  vpc_id = aws_vpc.main.id
}
resource "aws_network_acl_association" "x" {
  network_acl_id = aws_network_acl.closed.id
  subnet_id      = aws_subnet.private.id
}
`, []want{{app, dbi, tcp(22), estate.No, ""}}},
		{"the default ACL as Terraform adopts it", ground + db(ingressFrom("-1", "0", "0", `cidr_blocks = ["0.0.0.0/0"]`)) + `
resource "aws_default_network_acl" "d" {
  default_network_acl_id = aws_vpc.main.default_network_acl_id
}
`, []want{{app, dbi, tcp(22), estate.No, ""}}},
		{"an unknown rule before all others", ground + "variable \"cidr\" {}\n" + withACL(aclRuleText("ingress", "90", "deny", "tcp", "22", "22", "${var.cidr}") + allIn + allOut)[len(ground):], []want{
			{app, dbi, tcp(22), estate.Maybe, "rule 90: "}, {app, dbi, tcp(23), estate.Yes, ""},
		}},
	} {
		s.run(t)
	}
}
