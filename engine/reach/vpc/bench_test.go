package vpc

import (
	"fmt"
	"strings"
	"testing"

	"fathom/estate"
)

// platform is an estate of workloads, with one security group for every two,
// chained as callers and callees, in three zones with ACLs.
func platform(workloads int) string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	p("resource \"aws_vpc\" \"v\" {\n cidr_block = \"10.0.0.0/8\"\n}\nresource \"aws_internet_gateway\" \"g\" {\n vpc_id = aws_vpc.v.id\n}")
	p("resource \"aws_route_table\" \"t\" {\n vpc_id = aws_vpc.v.id\n route {\n cidr_block = \"0.0.0.0/0\"\n gateway_id = aws_internet_gateway.g.id\n }\n}")
	for z := range 3 {
		p("resource \"aws_subnet\" \"z%d\" {\n vpc_id = aws_vpc.v.id\n cidr_block = \"10.%d.0.0/16\"\n}", z, z)
		p("resource \"aws_route_table_association\" \"z%d\" {\n subnet_id = aws_subnet.z%d.id\n route_table_id = aws_route_table.t.id\n}", z, z)
		p("resource \"aws_network_acl\" \"z%d\" {\n vpc_id = aws_vpc.v.id\n subnet_ids = [aws_subnet.z%d.id]\n %s %s\n}", z, z,
			aclRuleText("ingress", "90", "deny", "tcp", "23", "23", "0.0.0.0/0")+allIn, allOut)
	}
	groups := max(workloads/2, 1)
	for g := range groups {
		p("resource \"aws_security_group\" \"g%d\" {\n name = \"g%d\"\n vpc_id = aws_vpc.v.id", g, g)
		if g > 0 {
			p(" ingress {\n protocol = \"tcp\"\n from_port = 443\n to_port = 443\n security_groups = [aws_security_group.g%d.id, aws_security_group.g%d.id]\n }", g-1, g/2)
		}
		p(" ingress {\n protocol = \"tcp\"\n from_port = 9090\n to_port = 9090\n cidr_blocks = [\"10.0.0.0/17\", \"10.1.0.0/16\"]\n }")
		p(" egress {\n protocol = \"-1\"\n from_port = 0\n to_port = 0\n cidr_blocks = [\"0.0.0.0/0\"]\n }\n}")
	}
	for w := range workloads {
		p("resource \"aws_db_subnet_group\" \"w%d\" {\n name = \"w%d\"\n subnet_ids = [aws_subnet.z0.id, aws_subnet.z1.id, aws_subnet.z2.id]\n}", w, w)
		p("resource \"aws_db_instance\" \"w%d\" {\n identifier = \"w%d\"\n publicly_accessible = %t\n db_subnet_group_name = aws_db_subnet_group.w%d.name\n vpc_security_group_ids = [aws_security_group.g%d.id]\n}", w, w, w%20 == 0, w, w%groups)
	}
	return b.String()
}

// BenchmarkMatrix is Conns between every two workloads, each in three zones and
// one in twenty with a public address, and between each and the internet.
func BenchmarkMatrix(b *testing.B) {
	for _, size := range []int{250, 500, 1000} {
		b.Run(fmt.Sprintf("workloads=%d", size), func(b *testing.B) {
			e := hcl(b, platform(size))
			dbs := estate.All[*estate.DBInstance](e)
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				n := New(e)
				for _, x := range dbs {
					s := At(n.Of(x))
					n.Conns(internet, s)
					for _, y := range dbs {
						n.Conns(s, At(n.Of(y)))
					}
				}
			}
		})
	}
}

// BenchmarkAddresses is Conns between every two of instances whose addresses are
// known, as a state shows them.
func BenchmarkAddresses(b *testing.B) {
	for _, size := range []int{250, 1000} {
		b.Run(fmt.Sprintf("instances=%d", size), func(b *testing.B) {
			text := platform(size)
			for k := range size {
				text += fmt.Sprintf("resource \"aws_instance\" \"i%d\" {\n subnet_id = aws_subnet.z%d.id\n private_ip = \"10.%d.%d.%d\"\n vpc_security_group_ids = [aws_security_group.g%d.id]\n}\n", k, k%3, k%3, k/200, 10+k%200, k/2)
			}
			e := hcl(b, text)
			all := estate.All[*estate.Instance](e)
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				n := New(e)
				for _, x := range all {
					for _, y := range all {
						n.Conns(At(n.Of(x)), At(n.Of(y)))
					}
				}
			}
		})
	}
}

// BenchmarkWays is one explained question.
func BenchmarkWays(b *testing.B) {
	e := hcl(b, platform(250))
	n := New(e)
	dbs := estate.All[*estate.DBInstance](e)
	src, dst := At(n.Of(dbs[0])), At(n.Of(dbs[1]))
	b.ReportAllocs()
	for b.Loop() {
		n.Ways(src, dst, tcp(443))
	}
}
