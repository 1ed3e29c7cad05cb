package vpc

import (
	"strings"
	"testing"

	"fathom/engine/reach/flow"
	"fathom/estate"
)

// ground is a VPC with a public and a private subnet, in which the tests stand
// their own.
const ground = `
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
  tags       = { Name = "main" }
}
resource "aws_subnet" "public" {
  vpc_id                  = aws_vpc.main.id
  cidr_block              = "10.0.1.0/24"
  map_public_ip_on_launch = true
  tags                    = { Name = "public" }
}
resource "aws_subnet" "private" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.2.0/24"
  tags       = { Name = "private" }
}
resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}
resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }
}
resource "aws_route_table_association" "public" {
  subnet_id      = aws_subnet.public.id
  route_table_id = aws_route_table.public.id
}
resource "aws_security_group" "all" {
  name   = "all"
  vpc_id = aws_vpc.main.id
  ingress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_instance" "app" {
  subnet_id              = aws_subnet.public.id
  vpc_security_group_ids = [aws_security_group.all.id]
}
`

// db is an instance in the private subnet with a group of the given rules.
func db(rules string) string {
	return `
resource "aws_instance" "db" {
  subnet_id              = aws_subnet.private.id
  vpc_security_group_ids = [aws_security_group.db.id]
}
resource "aws_security_group" "db" {
  name   = "db"
  vpc_id = aws_vpc.main.id
` + rules + "\n}\n"
}

func ingressFrom(proto string, from, to string, source string) string {
	return "ingress {\n protocol = \"" + proto + "\"\n from_port = " + from + "\n to_port = " + to + "\n " + source + "\n}\n"
}

// want is one question: TO is Yes, No or Maybe from FROM.
type want struct {
	from, to string // the address of a resource, or a CIDR, or internet
	conn     flow.Conn
	reaches  estate.Truth
	saying   string // a part of the deciding hop's sentence, reason or change
}

func (w want) check(t *testing.T, n *Network) {
	t.Helper()
	src, dst := end(t, n, w.from), end(t, n, w.to)
	ways := n.Ways(src, dst, w.conn)
	if got := best(ways); got != w.reaches {
		t.Errorf("%s to %s on %s: got %s, want %s\n%s", w.from, w.to, w.conn, word3(got), word3(w.reaches), story(ways))
	}
	if w.saying != "" && !strings.Contains(story(ways), w.saying) {
		t.Errorf("%s to %s on %s: nothing says %q\n%s", w.from, w.to, w.conn, w.saying, story(ways))
	}
	yes, may := n.Conns(src, dst)
	set := estate.No
	if yes.Has(w.conn) {
		set = estate.Yes
	} else if may.Has(w.conn) {
		set = estate.Maybe
	}
	if set != best(ways) {
		t.Errorf("%s to %s on %s: Conns says %s and Ways %s", w.from, w.to, w.conn, word3(set), word3(best(ways)))
	}
}

func end(t *testing.T, n *Network, name string) End {
	t.Helper()
	switch {
	case name == "internet":
		return internet
	case strings.HasPrefix(name, "com.amazonaws."):
		return Service(name)
	}
	if a, err := flow.ParseAddrs(name); err == nil {
		return Outside(name, a)
	}
	return At(at(t, n, name))
}

type section struct {
	name, hcl string
	wants     []want
}

func (s section) run(t *testing.T) {
	t.Run(s.name, func(t *testing.T) {
		n := New(hcl(t, s.hcl))
		for _, w := range s.wants {
			w.check(t, n)
		}
	})
}

const app, dbi = "aws_instance.app", "aws_instance.db"

// "Control traffic to your AWS resources using security groups" and "Security
// group rules".
func TestSecurityGroups(t *testing.T) {
	udp53 := flow.Conn{Protocol: flow.UDP, Port: 53}
	ping := flow.Conn{Protocol: flow.ICMP, Port: 8 << 8}
	for _, s := range []section{
		{"a new group lets nothing in", ground + db(""), []want{
			{app, dbi, tcp(22), estate.No, `no rule of security group "db" lets in TCP 22 from security group "all" (some address of 10.0.1.0/24)`},
			{app, dbi, tcp(22), estate.No, `add an ingress rule for TCP 22 from security group "all" to security group "db"`},
		}},
		{"a rule that names a group which is declared after it", ground + db("") + `
resource "aws_security_group" "apps" {
  vpc_id = aws_vpc.main.id
  egress {
    protocol        = "tcp"
    from_port       = 22
    to_port         = 22
    security_groups = [aws_security_group.db.id]
  }
}
resource "aws_instance" "caller" {
  subnet_id              = aws_subnet.private.id
  vpc_security_group_ids = [aws_security_group.apps.id]
}
`, []want{{"aws_instance.caller", dbi, tcp(22), estate.No, `lets out TCP 22 to security group "db"`}}},
		{"a caller by IPv6 of what has IPv4 alone", ground + db(""), []want{{"2000::/3", dbi, tcp(22), estate.No, "packets from 2000::/3 cannot be addressed to aws_instance.db"}}},
		{"Terraform takes the default egress rule away", ground + db(""), []want{
			{dbi, app, tcp(22), estate.No, `no rule of security group "db" lets out TCP 22`},
		}},
		{"a range that covers the subnet", ground + db(ingressFrom("tcp", "5432", "5432", `cidr_blocks = ["10.0.0.0/16"]`)), []want{
			{app, dbi, tcp(5432), estate.Yes, `security group "db" lets in TCP 5432 from 10.0.0.0/16`},
			{app, dbi, tcp(5433), estate.No, ""},
			{app, dbi, flow.Conn{Protocol: flow.UDP, Port: 5432}, estate.No, ""},
		}},
		{"a range apart from the subnet", ground + db(ingressFrom("tcp", "5432", "5432", `cidr_blocks = ["10.0.2.0/24"]`)), []want{
			{app, dbi, tcp(5432), estate.No, ""},
		}},
		{"a range that covers a part of the subnet", ground + db(ingressFrom("tcp", "5432", "5432", `cidr_blocks = ["10.0.1.0/25"]`)), []want{
			{app, dbi, tcp(5432), estate.Maybe, "some address of 10.0.1.0/24, of which the rule covers a part"},
		}},
		{"two ranges that together cover the subnet", ground + db(ingressFrom("tcp", "5432", "5432", `cidr_blocks = ["10.0.1.0/25", "10.0.1.128/25"]`)), []want{
			{app, dbi, tcp(5432), estate.Yes, ""},
		}},
		{"rules of several groups add up", ground + `
resource "aws_security_group" "extra" {
  name   = "extra"
  vpc_id = aws_vpc.main.id
` + ingressFrom("tcp", "22", "22", `cidr_blocks = ["10.0.0.0/8"]`) + `}
resource "aws_instance" "both" {
  subnet_id              = aws_subnet.private.id
  vpc_security_group_ids = [aws_security_group.extra.id, aws_security_group.db.id]
}
` + db(ingressFrom("tcp", "5432", "5432", `cidr_blocks = ["10.0.0.0/8"]`)), []want{
			{app, "aws_instance.both", tcp(22), estate.Yes, ""},
			{app, "aws_instance.both", tcp(5432), estate.Yes, ""},
			{app, dbi, tcp(22), estate.No, ""},
		}},
		{"a reference names the interfaces with that group", ground + db(ingressFrom("tcp", "5432", "5432", `security_groups = [aws_security_group.all.id]`)) + `
resource "aws_instance" "other" {
  subnet_id              = aws_subnet.public.id
  vpc_security_group_ids = [aws_security_group.other.id]
}
resource "aws_security_group" "other" {
  name   = "other"
  vpc_id = aws_vpc.main.id
  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}
`, []want{
			{app, dbi, tcp(5432), estate.Yes, `from security group "all"`},
			{"aws_instance.other", dbi, tcp(5432), estate.No, ""},
			{"internet", dbi, tcp(5432), estate.No, ""},
		}},
		{"self is the group itself", ground + db("ingress {\n protocol = \"-1\"\n from_port = 0\n to_port = 0\n self = true\n}\negress {\n protocol = \"-1\"\n from_port = 0\n to_port = 0\n self = true\n}\n"), []want{
			{dbi, dbi, tcp(7000), estate.Yes, "from itself"},
			{app, dbi, tcp(7000), estate.No, ""},
		}},
		{"IPv6 ranges say nothing about IPv4", ground + db(ingressFrom("tcp", "5432", "5432", `ipv6_cidr_blocks = ["::/0"]`)), []want{
			{app, dbi, tcp(5432), estate.No, ""},
		}},
		{"UDP and ICMP", ground + db(ingressFrom("udp", "53", "53", `cidr_blocks = ["10.0.0.0/16"]`)+ingressFrom("icmp", "8", "-1", `cidr_blocks = ["10.0.0.0/16"]`)), []want{
			{app, dbi, udp53, estate.Yes, ""},
			{app, dbi, tcp(53), estate.No, ""},
			{app, dbi, ping, estate.Yes, ""},
			{app, dbi, flow.Conn{Protocol: flow.ICMP, Port: 13 << 8}, estate.No, ""},
		}},
		{"protocol -1 is everything, whatever its ports", ground + db(ingressFrom("-1", "0", "0", `cidr_blocks = ["10.0.0.0/16"]`)), []want{
			{app, dbi, udp53, estate.Yes, ""}, {app, dbi, tcp(65535), estate.Yes, ""}, {app, dbi, flow.Conn{Protocol: 47}, estate.Yes, ""},
		}},
		{"another protocol has no ports", ground + db(ingressFrom("50", "0", "0", `cidr_blocks = ["10.0.0.0/16"]`)), []want{
			{app, dbi, flow.Conn{Protocol: 50, Port: 7}, estate.Yes, ""}, {app, dbi, tcp(0), estate.No, ""},
		}},
		{"the newer and the older form of rules", ground + db("") + `
resource "aws_vpc_security_group_ingress_rule" "a" {
  security_group_id            = aws_security_group.db.id
  referenced_security_group_id = aws_security_group.all.id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}
resource "aws_security_group_rule" "b" {
  type              = "ingress"
  security_group_id = aws_security_group.db.id
  cidr_blocks       = ["10.0.1.0/24"]
  protocol          = "tcp"
  from_port         = 22
  to_port           = 22
}
`, []want{{app, dbi, tcp(5432), estate.Yes, ""}, {app, dbi, tcp(22), estate.Yes, ""}, {app, dbi, tcp(23), estate.No, ""}}},
		{"a range without a value may be any", ground + "variable \"who\" {}\n" + db(ingressFrom("tcp", "5432", "5432", `cidr_blocks = [var.who]`)), []want{
			{app, dbi, tcp(5432), estate.Maybe, "var.who"}, {app, dbi, tcp(22), estate.No, ""},
		}},
		{"a group that is not in the files", ground + `
variable "group" {}
resource "aws_instance" "db" {
  subnet_id              = aws_subnet.private.id
  vpc_security_group_ids = [var.group]
}
`, []want{{app, dbi, tcp(22), estate.Maybe, "security group ${var.group} is not in the files"}}},
		{"a rule for a group that is not in the files", ground + `
resource "aws_instance" "db" {
  subnet_id              = aws_subnet.private.id
  vpc_security_group_ids = ["sg-0123456789abcdef0"]
}
resource "aws_security_group_rule" "b" {
  type              = "ingress"
  security_group_id = "sg-0123456789abcdef0"
  cidr_blocks       = ["10.0.1.0/24"]
  protocol          = "tcp"
  from_port         = 22
  to_port           = 22
}
`, []want{{app, dbi, tcp(22), estate.Yes, ""}, {app, dbi, tcp(23), estate.Maybe, ""}}},
		{"a private address that is known", ground + `
resource "aws_instance" "fixed" {
  subnet_id              = aws_subnet.public.id
  private_ip             = "10.0.1.7"
  vpc_security_group_ids = [aws_security_group.all.id]
}
` + db(ingressFrom("tcp", "5432", "5432", `cidr_blocks = ["10.0.1.7/32"]`)), []want{
			{"aws_instance.fixed", dbi, tcp(5432), estate.Yes, ""}, {app, dbi, tcp(5432), estate.Maybe, ""},
		}},
	} {
		s.run(t)
	}
}

// "Default security groups for your VPCs".
func TestDefaultSecurityGroups(t *testing.T) {
	plain := `
resource "aws_instance" "db" { 
  subnet_id = aws_subnet.private.id 
}
resource "aws_instance" "twin" { 
  subnet_id = aws_subnet.public.id 
}
`
	for _, s := range []section{
		{"lets in what is from itself, and everything out", ground + plain, []want{
			{"aws_instance.twin", dbi, tcp(22), estate.Yes, `the default security group of VPC "main" lets in all traffic from itself`},
			{app, dbi, tcp(22), estate.No, ""},
			{dbi, app, tcp(22), estate.Yes, ""},
		}},
		{"one that Terraform adopts has the rules that are written", ground + plain + "resource \"aws_default_security_group\" \"d\" {\n vpc_id = aws_vpc.main.id\n}\n", []want{
			{"aws_instance.twin", dbi, tcp(22), estate.No, ""}, {dbi, app, tcp(22), estate.No, ""},
		}},
		{"a rule by its id", ground + plain + `
resource "aws_security_group_rule" "x" {
  type              = "ingress"
  security_group_id = aws_vpc.main.default_security_group_id
  cidr_blocks       = ["10.0.1.0/24"]
  protocol          = "tcp"
  from_port         = 22
  to_port           = 22
}
`, []want{{app, dbi, tcp(22), estate.Yes, ""}, {app, dbi, tcp(23), estate.No, ""}}},
	} {
		s.run(t)
	}
}
