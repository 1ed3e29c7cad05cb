package vpc

import (
	"strings"
	"testing"

	"fathom/engine/reach/flow"
	"fathom/estate"
)

// What AWS makes by itself, and what stands in networks that other files make.
func TestDefaultsAndElsewhere(t *testing.T) {
	group := func(name, vpc string) string {
		return "resource \"aws_security_group\" \"" + name + "\" {\n name = \"" + name + "\"\n vpc_id = " + vpc + "\n" +
			ingressFrom("tcp", "22", "22", `cidr_blocks = ["0.0.0.0/0"]`) + egressAll + "}\n"
	}
	instance := func(name, subnet, group string) string {
		return "resource \"aws_instance\" \"" + name + "\" {\n subnet_id = " + subnet + "\n vpc_security_group_ids = [aws_security_group." + group + ".id]\n}\n"
	}
	for _, s := range []section{
		{"a default VPC has an internet gateway, and its subnets give public addresses", `
resource "aws_default_vpc" "d" {}
resource "aws_default_subnet" "d" {
  availability_zone = "eu-west-1a"
}
` + group("g", "aws_default_vpc.d.id") + instance("i", "aws_default_subnet.d.id", "g"), []want{
			{"internet", "aws_instance.i", tcp(22), estate.Yes, "a default subnet gives one"},
			{"internet", "aws_instance.i", tcp(80), estate.No, ""},
			{"aws_instance.i", "internet", tcp(80), estate.Yes, ""},
			{"172.31.0.0/16", "aws_instance.i", tcp(22), estate.Yes, ""},
		}},
		{"subnets of a VPC that is looked up", `
data "aws_vpc" "v" {
  default = true
}
resource "aws_subnet" "a" {
  vpc_id     = data.aws_vpc.v.id
  cidr_block = "10.0.1.0/24"
}
resource "aws_subnet" "b" {
  vpc_id     = data.aws_vpc.v.id
  cidr_block = "10.0.2.0/24"
}
` + group("g", "data.aws_vpc.v.id") + instance("a", "aws_subnet.a.id", "g") + instance("b", "aws_subnet.b.id", "g"), []want{
			{"aws_instance.a", "aws_instance.b", tcp(22), estate.Maybe, "its default network ACL"}, // its ACL is elsewhere
			{"aws_instance.a", "aws_instance.b", tcp(80), estate.No, ""},
			{"internet", "aws_instance.a", tcp(22), estate.No, "neither associate_public_ip_address nor map_public_ip_on_launch"},
		}},
		{"an instance in a subnet that is looked up", ground + `
data "aws_subnet" "s" {
  id = "subnet-0123456789abcdef0"
}
` + group("g", "aws_vpc.main.id") + instance("i", "data.aws_subnet.s.id", "g"), []want{
			{app, "aws_instance.i", tcp(22), estate.Yes, ""}, // its group says in which VPC it is
			{"internet", "aws_instance.i", tcp(22), estate.Maybe, "in which subnet aws_instance.i stands is not known"},
			{"internet", "aws_instance.i", tcp(80), estate.No, ""},
		}},
		{"groups by the same expression are one group", ground + `
variable "shared" {}
resource "aws_instance" "i" {
  subnet_id              = aws_subnet.private.id
  vpc_security_group_ids = [aws_security_group.all.id, var.shared]
}
` + db(ingressFrom("tcp", "5432", "5432", "security_groups = [var.shared]")), []want{
			{"aws_instance.i", dbi, tcp(5432), estate.Yes, "security group ${var.shared}"},
			{app, dbi, tcp(5432), estate.Maybe, ""}, // it may be that of app
			{app, dbi, tcp(22), estate.No, ""},
		}},
		{"a reference to one of two groups", ground + group("other", "aws_vpc.main.id") + group("third", "aws_vpc.main.id") +
			instance("other", "aws_subnet.public.id", "other") + instance("third", "aws_subnet.public.id", "third") + "variable \"on\" {}\n" +
			db(ingressFrom("tcp", "5432", "5432", "security_groups = [var.on ? aws_security_group.all.id : aws_security_group.other.id]")), []want{
			{app, dbi, tcp(5432), estate.Maybe, "which group the rule names is not known"},
			{"aws_instance.other", dbi, tcp(5432), estate.Maybe, ""},
			{"aws_instance.third", dbi, tcp(5432), estate.No, ""},
		}},
		{"a rule that may not exist", ground + db("") + `
variable "on" {}
resource "aws_security_group_rule" "r" {
  count             = var.on ? 1 : 0
  type              = "ingress"
  security_group_id = aws_security_group.db.id
  protocol          = "tcp"
  from_port         = 22
  to_port           = 22
  cidr_blocks       = ["0.0.0.0/0"]
}
`, []want{{app, dbi, tcp(22), estate.Maybe, "it is not known whether"}}},
		{"an endpoint keeps the default group unless it is replaced", ground + `
resource "aws_vpc_endpoint" "kms" {
  vpc_id            = aws_vpc.main.id
  service_name      = "com.amazonaws.eu-west-1.kms"
  vpc_endpoint_type = "Interface"
  subnet_ids        = [aws_subnet.private.id]
}
resource "aws_vpc_endpoint_security_group_association" "x" {
  vpc_endpoint_id   = aws_vpc_endpoint.kms.id
  security_group_id = aws_security_group.all.id
}
resource "aws_instance" "plain" {
  subnet_id = aws_subnet.private.id
}
`, []want{{app, "aws_vpc_endpoint.kms", tcp(443), estate.Yes, `security group "all"`}, {"aws_instance.plain", "aws_vpc_endpoint.kms", tcp(443), estate.Yes, ""}}},
	} {
		s.run(t)
	}
}

// Of two outsides nothing is said, and an end without addresses gets nothing.
func TestOutsides(t *testing.T) {
	n := New(hcl(t, ground))
	if got := best(n.Ways(internet, internet, tcp(1))); got != estate.Maybe {
		t.Errorf("internet to internet is %s", word3(got))
	}
	nobody := Outside("nobody", flow.Addrs{})
	if got := best(n.Ways(nobody, At(at(t, n, app)), tcp(22))); got != estate.No {
		t.Errorf("nobody to the instance %s", word3(got))
	}
	if yes, may := n.Conns(nobody, At(at(t, n, app))); !yes.Empty() || !may.Empty() {
		t.Errorf("nobody reaches %s", may)
	}
}

// What would give an instance a public address is shown where it would be
// written: at the instance or its template, not at the subnet.
func TestPublicAddressIsSetAtTheInstance(t *testing.T) {
	n := New(hcl(t, `resource "aws_vpc" "v" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_subnet" "s" {
  vpc_id     = aws_vpc.v.id
  cidr_block = "10.0.0.0/24"
}
resource "aws_instance" "i" {
  subnet_id = aws_subnet.s.id
}
resource "aws_launch_template" "t" {
  name = "t"
}
resource "aws_autoscaling_group" "g" {
  min_size            = 1
  max_size            = 1
  vpc_zone_identifier = [aws_subnet.s.id]
  launch_template {
    id = aws_launch_template.t.id
  }
}
resource "aws_autoscaling_group" "bare" {
  min_size            = 1
  max_size            = 1
  vpc_zone_identifier = [aws_subnet.s.id]
}
`))
	for addr, line := range map[string]int32{"aws_instance.i": 8, "aws_autoscaling_group.g": 11, "aws_autoscaling_group.bare": 22} {
		i := at(t, n, addr)
		if !strings.Contains(i.PublicOpen, "set associate_public_ip_address = true") || i.PublicAt.Line != line {
			t.Errorf("%s: %q at %s, want line %d", addr, i.PublicOpen, i.PublicAt, line)
		}
	}
}
