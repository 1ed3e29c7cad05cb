package network

import (
	"net/netip"
	"slices"
	"strconv"

	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// Groups that this layer alone speaks of: cluster is the control plane's, and
// pods is worn by every pod of the platform besides its own group. Without it each
// service would add rules to the groups of the nodes and the endpoints, which take
// sixty (Amazon VPC quotas, "Inbound or outbound rules per security group").
const (
	clusterGroup = "cluster"
	podsGroup    = "pods"
	nodesGroup   = "nodes"
	gatewayGroup = "gateway"
	albGroup     = "alb"
	doorsGroup   = "endpoints"
)

// Ports of what every pod needs.
const (
	dnsPort    = 53
	istiodPort = 15012 // xDS over TLS (Istio, "Ports used by Istio")
	csrPort    = 6443  // istio-csr, which has the proxies' certificates signed
	tracePort  = 4317  // the agent that takes traces, OTLP over gRPC
	agentPort  = 15020 // the proxy's agent, which asks the application for its health
	statusPort = 15021 // the health of the proxy itself
)

// edgeGroups renders the beginning of the chain: CloudFront, the load balancer,
// the ingress gateway.
func (d *declaration) edgeGroups() {
	d.tf(terraform.Data("aws_ec2_managed_prefix_list", "cloudfront",
		set("name", "com.amazonaws.global.cloudfront.origin-facing"),
	)).For("network.no-open-ingress").Note("the addresses from which CloudFront asks origins; AWS keeps the list")
	d.group(albGroup, "alb", "Load balancer: from CloudFront to the ingress gateway")
	d.ingress(albGroup, peer{label: "cloudfront", entry: []terraform.Entry{
		set("prefix_list_id", terraform.Expr("data.aws_ec2_managed_prefix_list.cloudfront.id")),
	}}, rule{says: "HTTPS from CloudFront, and from nobody else", from: 443, controls: []string{"network.no-open-ingress"}})
	d.group(gatewayGroup, "gateway", "Ingress gateway: from the load balancer to the services that routes lead to")
	d.connect(albGroup, gatewayGroup, rule{says: "requests that came through CloudFront", from: render.GatewayPort})
	for i := range d.Services {
		if s := &d.Services[i]; len(d.RoutesTo(s.Name)) > 0 {
			d.connect(gatewayGroup, svcLabel(s.Name), rule{
				says: "routes lead to " + s.Name, from: s.Port, paths: []string{"edge.routes"},
			})
		}
	}
}

// svcLabel is the label of a service's group, storeLabel that of a store's.
func svcLabel(name string) string   { return render.Label("svc-" + name) }
func storeLabel(name string) string { return render.Label("store-" + name) }

// serviceGroup renders a service's group, and what the service itself opens:
// what it calls, uses, and asks outside.
func (d *declaration) serviceGroup(s *platform.Service) {
	own, path := svcLabel(s.Name), "services."+s.Name
	b := d.group(own, "svc-"+s.Name, "Pods of "+s.Name).From(path)
	if d.Apart(s) {
		b.For("network.payments-isolation")
	}
	for _, c := range s.Calls {
		if to := d.Service(c.To); to != nil {
			d.connect(own, svcLabel(to.Name), rule{
				says: s.Name + " calls " + to.Name, from: to.Port, paths: []string{path + ".calls." + to.Name},
			})
		}
	}
	for _, e := range s.Egress {
		d.hostRule(s, e)
	}
}

// hostRule lets a service out to a host: to its addresses, or to any where they
// are not known, and then a network firewall tells hosts by their name.
func (d *declaration) hostRule(s *platform.Service, e platform.Egress) {
	to := peer{label: hostLabel(e.Host) + "_" + strconv.Itoa(e.Port)}
	says := s.Name + " calls " + e.Host
	switch all := v4(e.Addresses); {
	case len(e.Addresses) == 0:
		to.entry = []terraform.Entry{set("cidr_ipv4", "0.0.0.0/0")}
		says += "; the firewall lets no other name through"
	case len(all) == 0:
		return // the network has no IPv6
	case len(all) == 1:
		to.entry = []terraform.Entry{set("cidr_ipv4", all[0])}
	default:
		to.entry = []terraform.Entry{
			set("for_each", terraform.Call{Name: "toset", Args: []any{all}}),
			set("cidr_ipv4", terraform.Expr("each.value")),
		}
	}
	d.egress(svcLabel(s.Name), to, rule{
		says: says, from: e.Port, controls: []string{"network.egress-deny"}, paths: []string{"services." + s.Name + ".egress"},
	})
}

// v4 are the IPv4 networks of a list, sorted; an address is one of a single
// address.
func v4(list []string) []string {
	var out []string
	for _, s := range list {
		if a, err := netip.ParseAddr(s); err == nil {
			s = netip.PrefixFrom(a, a.BitLen()).String()
		}
		if p, err := netip.ParsePrefix(s); err == nil && p.Addr().Is4() {
			out = append(out, p.Masked().String())
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// storeGroup renders a store's group, which opens nothing and takes its own port
// from those that use it.
func (d *declaration) storeGroup(s *platform.Store) {
	if s.IsBucket() {
		return
	}
	own, path := storeLabel(s.Name), "stores."+s.Name
	b := d.group(own, "store-"+s.Name, "Store "+s.Name+": its port from those that use it").From(path)
	if s.Isolate {
		b.For("network.payments-isolation")
	}
	for _, u := range d.Users(s.Name) {
		d.connect(svcLabel(u.By.Name), own, rule{
			says: u.By.Name + " uses " + s.Name, from: s.Engine.DefaultPort(),
			paths: []string{"services." + u.By.Name + ".stores." + s.Name},
		})
	}
	if who := d.tunnels(s); len(who) > 0 {
		d.connect(nodesGroup, own, rule{
			says: "sessions that forward the port for " + who[0].Name, from: s.Engine.DefaultPort(), also: "tunnel",
			paths: paths(who),
		})
	}
}

func paths(who []platform.Operator) []string {
	var out []string
	for _, o := range who {
		out = append(out, "operators."+o.Name+".may")
	}
	return out
}

// tunnels are the operators whose sessions may forward a port to a store. Such a
// session goes through a node, and to a store that stands apart through a node
// that does. An operator without services of its own may touch all that do not
// stand apart. A stream has several addresses, which no session forwards to.
func (d *declaration) tunnels(s *platform.Store) []platform.Operator {
	var out []platform.Operator
	if s.Engine == platform.Kafka {
		return nil
	}
	for _, o := range d.Operators {
		if slices.Contains(o.May, "tunnel") && slices.ContainsFunc(d.Users(s.Name), func(u platform.User) bool {
			return slices.Contains(o.Services, u.By.Name) || len(o.Services) == 0 && !d.Apart(u.By)
		}) {
			out = append(out, o)
		}
	}
	return out
}

// clusterGroups renders the groups of the machinery: pods in general, nodes, the
// control plane, and the endpoints of AWS.
func (d *declaration) clusterGroups() {
	machinery := []string{"network.egress-deny"}
	d.group(podsGroup, "pods", "What every pod needs: names, its configuration and certificate, and probes").
		Note("worn by every pod besides its service's own group")
	d.group(nodesGroup, "nodes", "Nodes, and what runs on them that is no service: DNS, istiod, controllers")
	d.group(clusterGroup, "cluster", "Control plane of the cluster")
	for _, proto := range []string{"udp", "tcp"} {
		d.connect(podsGroup, nodesGroup, rule{says: "names, of CoreDNS", protocol: proto, from: dnsPort, also: "dns_" + proto, controls: machinery})
		d.connect(nodesGroup, nodesGroup, rule{says: "names, of CoreDNS", protocol: proto, from: dnsPort, also: "dns_" + proto, controls: machinery})
	}
	d.connect(podsGroup, nodesGroup, rule{says: "istiod tells the proxies what to do", from: istiodPort, also: "istiod", controls: machinery})
	d.connect(podsGroup, nodesGroup, rule{says: "istio-csr signs the certificates of proxies", from: csrPort, also: "csr", controls: machinery})
	d.connect(podsGroup, nodesGroup, rule{says: "traces, to the agent of the node", from: tracePort, also: "traces", controls: machinery})
	d.connect(nodesGroup, podsGroup, rule{says: "the kubelet asks proxies for their health and that of the application", from: agentPort, to: statusPort, also: "probes", controls: machinery})
	d.connect(nodesGroup, nodesGroup, rule{says: "istiod has its own certificate signed", from: csrPort, also: "csr", controls: machinery})
	d.connect(nodesGroup, nodesGroup, rule{says: "metrics of the kubelets", from: 10250, also: "kubelet", controls: machinery})
	d.connect(nodesGroup, clusterGroup, rule{says: "the API of the cluster", from: 443, controls: machinery})
	for _, hook := range []struct {
		port      int
		also, say string
	}{
		{443, "https", "webhooks and aggregated APIs"},
		{9443, "webhooks", "webhooks of controllers"},
		{10250, "kubelet", "kubelets, and the webhook of cert-manager"},
		{15017, "istiod", "the webhook of istiod"},
	} {
		d.connect(clusterGroup, nodesGroup, rule{says: hook.say, from: hook.port, also: hook.also, controls: machinery})
	}
	d.doorGroups()
}
