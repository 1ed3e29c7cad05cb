package network_test

import (
	"slices"
	"strings"
	"testing"

	"fathom/control"
	"fathom/engine/reach"
	"fathom/layer/layertest"
	"fathom/layer/network"
	"fathom/platform"
	"fathom/render"
	"fathom/render/kubernetes"
	"fathom/render/terraform"
)

// edit changes the arguments of a block.
func edit(t *testing.T, list []render.Resource, address string, change func(terraform.Entry) (terraform.Entry, bool)) []render.Resource {
	t.Helper()
	found := false
	out := slices.Clone(list)
	for i, r := range out {
		b, ok := r.(*terraform.Block)
		if !ok || b.Address() != address {
			continue
		}
		found = true
		copied := *b
		copied.Body = nil
		for _, e := range b.Body {
			if e, keep := change(e); keep {
				copied.Body = append(copied.Body, e)
			}
		}
		out[i] = &copied
	}
	if !found {
		t.Fatalf("there is no %s", address)
	}
	return out
}

// open has a rule name addresses in place of a group.
func open(t *testing.T, list []render.Resource, address, cidr string) []render.Resource {
	return edit(t, list, address, func(e terraform.Entry) (terraform.Entry, bool) {
		if e.Name == "referenced_security_group_id" || e.Name == "prefix_list_id" || e.Name == "cidr_ipv4" {
			return terraform.Set("cidr_ipv4", cidr), true
		}
		return e, true
	})
}

// without leaves out an argument.
func without(t *testing.T, list []render.Resource, address, argument string) []render.Resource {
	return edit(t, list, address, func(e terraform.Entry) (terraform.Entry, bool) { return e, e.Name != argument })
}

// One mistake in what is rendered, and the control that sees it.
func TestMistakesAreSeen(t *testing.T) {
	cidr := terraform.Set("cidr_ipv4", "0.0.0.0/0")
	for _, c := range []struct {
		name, control string
		change        func(*testing.T, []render.Resource) []render.Resource
	}{
		{"the gateway takes the internet", "network.no-open-ingress", func(t *testing.T, l []render.Resource) []render.Resource {
			return open(t, l, "aws_vpc_security_group_ingress_rule.gateway_from_alb", "0.0.0.0/0")
		}},
		{"the default group has a rule", "network.no-open-ingress", func(_ *testing.T, l []render.Resource) []render.Resource {
			return append(slices.Clone(l), terraform.Resource("aws_vpc_security_group_ingress_rule", "any",
				terraform.Set("security_group_id", render.GroupOf("nodes")), cidr,
				terraform.Set("ip_protocol", "tcp"), terraform.Set("from_port", 6379), terraform.Set("to_port", 6379)))
		}},
		{"stores have a way out", "network.private-data", func(_ *testing.T, l []render.Resource) []render.Resource {
			return append(slices.Clone(l), terraform.Resource("aws_route", "database",
				terraform.Set("route_table_id", terraform.Expr("aws_route_table.database.id")),
				terraform.Set("destination_cidr_block", "0.0.0.0/0"),
				terraform.Set("gateway_id", terraform.Expr("aws_internet_gateway.main.id"))))
		}},
		{"a store takes addresses", "network.sg-chain", func(t *testing.T, l []render.Resource) []render.Resource {
			return open(t, l, "aws_vpc_security_group_ingress_rule.store_cache_from_svc_search", "10.20.0.0/16")
		}},
		{"a service calls everybody", "network.egress-deny", func(t *testing.T, l []render.Resource) []render.Resource {
			return open(t, l, "aws_vpc_security_group_egress_rule.svc_payments_to_api_psp_example_443", "0.0.0.0/0")
		}},
		{"no endpoint for keys", "network.endpoints", func(t *testing.T, l []render.Resource) []render.Resource {
			return layertest.Without(t, l, "aws_vpc_endpoint.kms")
		}},
		{"an endpoint without a policy", "network.endpoints", func(t *testing.T, l []render.Resource) []render.Resource {
			return without(t, l, "aws_vpc_endpoint.s3", "policy")
		}},
		{"nothing denied by default, and a service forgotten", "network.pod-policy", func(t *testing.T, l []render.Resource) []render.Resource {
			return layertest.Without(t, l, "NetworkPolicy.networking.k8s.io/shopnow/default-deny", "NetworkPolicy.networking.k8s.io/shopnow/search",
				"SecurityGroupPolicy.vpcresources.k8s.aws/shopnow/search")
		}},
		{"policies that nothing enforces", "network.pod-policy", func(t *testing.T, l []render.Resource) []render.Resource {
			return without(t, l, "aws_eks_addon.vpc_cni", "configuration_values")
		}},
		{"payments without a group of its own", "network.payments-isolation", func(t *testing.T, l []render.Resource) []render.Resource {
			return layertest.Without(t, l, "SecurityGroupPolicy.vpcresources.k8s.aws/payments/payments")
		}},
		{"SSH to the nodes", "network.no-ssh", func(_ *testing.T, l []render.Resource) []render.Resource {
			return append(slices.Clone(l), terraform.Resource("aws_vpc_security_group_ingress_rule", "ssh",
				terraform.Set("security_group_id", render.GroupOf("nodes")), terraform.Set("cidr_ipv4", "10.20.0.0/16"),
				terraform.Set("ip_protocol", "tcp"), terraform.Set("from_port", 22), terraform.Set("to_port", 22)))
		}},
		{"no flow log", "network.flow-logs", func(t *testing.T, l []render.Resource) []render.Resource {
			return layertest.Without(t, l, "aws_flow_log.main")
		}},
		{"only what was refused is logged", "network.flow-logs", func(t *testing.T, l []render.Resource) []render.Resource {
			return edit(t, l, "aws_flow_log.standby", func(e terraform.Entry) (terraform.Entry, bool) {
				if e.Name == "traffic_type" {
					e.Value = "REJECT"
				}
				return e, true
			})
		}},
		{"the cluster answers everybody", "network.cluster-private", func(t *testing.T, l []render.Resource) []render.Resource {
			return edit(t, l, "aws_eks_cluster.main", func(e terraform.Entry) (terraform.Entry, bool) {
				if e.Name == "vpc_config" {
					e.Body = slices.DeleteFunc(slices.Clone(e.Body), func(e terraform.Entry) bool { return e.Name == "endpoint_public_access" })
				}
				return e, true
			})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := layertest.Platform(t, "shopnow")
			e := estateOf(t, p, c.change(t, declared(t, p)))
			if v := layertest.Judge(t, network.Layer(), c.control, e); v.Status != control.Absent && v.Status != control.Partial {
				t.Errorf("%s is %s", c.control, v.Status)
			}
		})
	}
}

// Two locks are on every way between pods: with one of them gone the other still
// stops what was not declared, and with both gone it is open.
func TestTwoLocks(t *testing.T) {
	policies := func(list []render.Resource) []render.Resource {
		return slices.DeleteFunc(slices.Clone(list), func(r render.Resource) bool {
			o, ok := r.(*kubernetes.Object)
			return ok && o.Kind == "NetworkPolicy"
		})
	}
	groups := func(list []render.Resource) []render.Resource {
		out := slices.Clone(list)
		for _, s := range []string{"svc_payments", "store_card_vault"} {
			out = append(out, terraform.Resource("aws_vpc_security_group_ingress_rule", s+"_from_all",
				terraform.Set("security_group_id", terraform.Expr("aws_security_group."+s+".id")),
				terraform.Set("cidr_ipv4", "10.20.0.0/16"), terraform.Set("ip_protocol", "-1")))
		}
		return append(out, terraform.Resource("aws_vpc_security_group_egress_rule", "svc_search_to_all",
			terraform.Set("security_group_id", render.ServiceGroup("search")),
			terraform.Set("cidr_ipv4", "10.20.0.0/16"), terraform.Set("ip_protocol", "-1")))
	}
	acl := func(list []render.Resource) []render.Resource {
		return slices.DeleteFunc(slices.Clone(list), func(r render.Resource) bool { return strings.HasPrefix(r.Address(), "aws_network_acl.") })
	}
	p := layertest.Platform(t, "shopnow")
	all := declared(t, p)
	for _, c := range []struct {
		name              string
		list              []render.Resource
		payments, vault   bool // whether search reaches them
		paymentsMayBeOpen bool // pods on one node pass no group
	}{
		{"both", all, false, false, false},
		{"no NetworkPolicies", policies(all), false, false, true},
		{"open security groups", groups(all), false, false, false},
		{"neither", policies(groups(all)), true, false, true},
		{"neither, and no ACL", acl(policies(groups(all))), true, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := reach.Of(estateOf(t, p, c.list))
			for _, w := range []struct {
				to        string
				want, may bool
			}{{"svc/payments", c.payments, c.paymentsMayBeOpen}, {"store/card_vault", c.vault, false}} {
				from, err := n.Find("svc/search", reach.From)
				if err != nil {
					t.Fatal(err)
				}
				to, err := n.Find(w.to, reach.To)
				if err != nil {
					t.Fatal(err)
				}
				r := n.Conns(from, to)
				if got := !r.Sure.Empty(); got != w.want {
					t.Errorf("search reaches %s on %s", w.to, r.Sure)
				}
				if got := !r.May.Empty(); got && !w.want && !w.may {
					t.Errorf("search may reach %s on %s", w.to, r.May)
				}
			}
		})
	}
}

// A session forwards a port only where somebody may have one.
func TestTunnels(t *testing.T) {
	p := layertest.Platform(t, "bazaar")
	reaches := func(from, to string) bool {
		n := reach.Of(estateOf(t, p, declared(t, p)))
		a, err := n.Find(from, reach.From)
		if err != nil {
			t.Fatal(err)
		}
		b, err := n.Find(to, reach.To)
		if err != nil {
			t.Fatal(err)
		}
		r := n.Conns(a, b)
		return !r.May.Empty()
	}
	if !reaches("node/apart", "store/ledger") {
		t.Error("the money group may have a tunnel to the ledger, and the node does not get there")
	}
	if reaches("node/general", "store/ledger") {
		t.Error("a node that does not stand apart reaches the vault's subnets")
	}
	if reaches("node/general", "store/accounts_db") {
		t.Error("nobody may have a tunnel to accounts-db, and a node gets there")
	}
	p.Operators = slices.DeleteFunc(p.Operators, func(o platform.Operator) bool { return slices.Contains(o.May, "tunnel") })
	if reaches("node/apart", "store/ledger") {
		t.Error("nobody may have a tunnel, and a node gets to the ledger")
	}
}
