package vpc

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fathom/engine/reach/flow"
	"fathom/estate"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Complete ways, as they read.
func TestWaysReadLikeSentences(t *testing.T) {
	shop := New(shopnow(t))
	const orders, cache, bastion = `module.database["orders"].aws_rds_cluster.this`, "module.cache.aws_elasticache_replication_group.this", "aws_instance.bastion"
	nodes := `module.eks.aws_eks_node_group.this["general"]`
	for _, c := range []struct {
		name     string
		n        *Network
		from, to string
		conn     flow.Conn
	}{
		{"internet-orders", shop, "internet", orders, tcp(3306)},
		{"internet-cache", shop, "internet", cache, tcp(6379)},
		{"nodes-cache", shop, nodes, cache, tcp(6379)},
		{"cache-internet", shop, cache, "internet", tcp(443)},
		{"orders-cache", shop, orders, cache, tcp(6379)},
		{"bastion-nodes", shop, "internet", bastion, tcp(22)},
		{"acl", New(hcl(t, withACL(aclRuleText("ingress", "90", "deny", "tcp", "22", "22", "10.0.1.0/24")+allIn+aclRuleText("egress", "100", "allow", "tcp", "32768", "65535", "0.0.0.0/0")))), app, dbi, tcp(443)},
		{"acl-deny", New(hcl(t, withACL(aclRuleText("ingress", "90", "deny", "tcp", "22", "22", "10.0.1.0/24")+allIn+allOut))), app, dbi, tcp(22)},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := story(c.n.Ways(end(t, c.n, c.from), end(t, c.n, c.to), c.conn))
			file := filepath.Join("testdata", c.name+".txt")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// The example before it was mended: who on the internet gets where.
func TestShopNowBefore(t *testing.T) {
	n := New(shopnow(t))
	for _, w := range []want{
		{"internet", `module.database["orders"].aws_rds_cluster.this`, tcp(3306), estate.Yes, `security group "shopnow-production-orders-db" lets in TCP 3306 from 0.0.0.0/0`},
		{"internet", `module.database["payments"].aws_rds_cluster.this`, tcp(3306), estate.Yes, "publicly_accessible is true"},
		{"internet", `module.database["orders"].aws_rds_cluster.this`, tcp(22), estate.No, ""},
		{"internet", "module.cache.aws_elasticache_replication_group.this", tcp(6379), estate.No, "ElastiCache has none"},
		{"internet", "module.stream.aws_msk_cluster.this", tcp(9092), estate.No, ""},
		{"internet", `module.eks.aws_eks_node_group.this["general"]`, tcp(22), estate.Yes, ""},
		{"internet", `module.eks.aws_eks_node_group.this["general"]`, tcp(30081), estate.No, ""},
		{"aws_lb.main", `module.eks.aws_eks_node_group.this["general"]`, tcp(30081), estate.Yes, ""},
		{"internet", "aws_instance.bastion", tcp(22), estate.Yes, ""},
		{"internet", "aws_lb.main", tcp(443), estate.Yes, ""},
		{"aws_instance.bastion", "module.cache.aws_elasticache_replication_group.this", tcp(6379), estate.Yes, ""},
		{"module.cache.aws_elasticache_replication_group.this", "internet", tcp(443), estate.Yes, "translates the address"},
	} {
		w.check(t, n)
	}
}

// Nothing that decides is without a sentence, and nothing that stops without
// one of what stops it.
func TestEveryHopSpeaks(t *testing.T) {
	n := New(shopnow(t))
	var all []*Interface
	for _, r := range n.e.Resources {
		if i := n.Of(r); i != nil {
			all = append(all, i)
		}
	}
	ends := []End{internet, Service("com.amazonaws.eu-west-1.s3"), Outside("the office", must("203.0.113.0/28")), Outside("the warehouse", must("192.168.0.0/16"))}
	for _, i := range all {
		ends = append(ends, At(i))
	}
	for _, i := range all {
		for _, x := range ends {
			for _, c := range []flow.Conn{tcp(443), tcp(3306), {Protocol: flow.ICMP, Port: 8 << 8}} {
				there, back := n.Ways(At(i), x, c), n.Ways(x, At(i), c)
				if yes, may := n.Conns(At(i), x); has(yes, may, c) != best(there) {
					t.Errorf("%s to %s: Conns and Ways differ on %s", i.Name, x.name, c)
				}
				if yes, may := n.Conns(x, At(i)); has(yes, may, c) != best(back) {
					t.Errorf("%s to %s: Conns and Ways differ on %s", x.name, i.Name, c)
				}
				for _, w := range append(there, back...) {
					for _, h := range w.Hops {
						switch {
						case h.Says == "" || h.Kind == "":
							t.Errorf("%s: a hop says nothing: %+v", i.Name, h)
						case strings.HasSuffix(h.Says, ".") || strings.Contains(h.Says, "  "):
							t.Errorf("%s: %q is no sentence of the house", i.Name, h.Says)
						case h.Pass == estate.Maybe && h.Why == "":
							t.Errorf("%s: %q does not say why it is not known", i.Name, h.Says)
						case h.Pass != estate.Maybe && h.Why != "", h.Pass != estate.No && h.Open != "":
							t.Errorf("%s: %q says why or how to open it, and it is %s", i.Name, h.Says, word3(h.Pass))
						}
					}
				}
			}
		}
	}
}
