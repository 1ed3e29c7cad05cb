package network

import (
	"slices"
	"strconv"
	"strings"

	"fathom/platform"
	"fathom/render"
	"fathom/render/kubernetes"
	"fathom/render/terraform"
)

var m = kubernetes.M

type list = kubernetes.L

// Pods of the machinery that every pod talks to, as their charts label them.
const (
	nameLabel    = "app.kubernetes.io/name"
	dnsNamespace = "kube-system"
	csrNamespace = "cert-manager"
	csrName      = "cert-manager-istio-csr"

	traceNamespace = "amazon-cloudwatch"
	traceName      = "cloudwatch-agent"
)

// inside are ranges that are never outside: a host whose addresses are not known
// is not there (RFC 1918, RFC 6598, RFC 3927).
var inside = []string{"10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"}

// podIdentityAgent is where a node's agent gives pods their credentials ("How EKS
// Pod Identity works", EKS user guide).
const podIdentityAgent = "169.254.170.23/32"

// policies renders what the cluster lets through: nothing in any namespace of the
// platform, then what each service and the gateway need; and which security
// groups their pods wear.
func (d *declaration) policies() {
	for _, ns := range d.namespaces() {
		d.kube(kubernetes.New("networking.k8s.io/v1", "NetworkPolicy", ns, "default-deny",
			"spec", m("podSelector", m(), "policyTypes", list{"Ingress", "Egress"}),
		)).For("network.pod-policy", "network.egress-deny").Note("nobody in " + ns + " talks to anybody, unless another policy says so")
	}
	d.gatewayPolicy()
	for i := range d.Services {
		d.servicePolicy(&d.Services[i])
	}
	d.groupIDs()
}

// groupIDs prints the patch that gives each SecurityGroupPolicy the ids of its
// groups, which AWS makes up: the manifests name the groups.
func (d *declaration) groupIDs() {
	lines := []string{row(render.GatewayNamespace, render.GatewayAccount, gatewayGroup)}
	for _, s := range d.Services {
		lines = append(lines, row(s.Namespace, s.Name, svcLabel(s.Name)))
	}
	patches := `[
    for policy, own in {
      ` + strings.Join(lines, "\n      ") + `
    } :
    yamlencode({
      apiVersion = "vpcresources.k8s.aws/v1beta1"
      kind       = "SecurityGroupPolicy"
      metadata   = { namespace = split("/", policy)[0], name = split("/", policy)[1] }
      spec       = { securityGroups = { groupIds = [` + string(render.GroupOf(podsGroup)) + `, own] } }
    })
  ]`
	d.tf(terraform.Top("output", []string{"security_group_policies"},
		set("value", terraform.Call{Name: "join", Args: []any{"---\n", terraform.Expr(patches)}}),
	)).For("network.sg-chain").
		Note("the ids of the pods' security groups, which the manifests name: a patch for Kustomize")
}

// row is a SecurityGroupPolicy and the id of its own group.
func row(namespace, name, label string) string {
	return strconv.Quote(namespace+"/"+name) + " = " + string(render.GroupOf(label))
}

// namespaces are those of the services and of the gateway.
func (d *declaration) namespaces() []string {
	out := []string{render.GatewayNamespace}
	for _, s := range d.Services {
		out = append(out, s.Namespace)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// pods is a peer: the pods of a name in a namespace.
func pods(namespace, label, name string) kubernetes.Map {
	return m(
		"namespaceSelector", m("matchLabels", m("kubernetes.io/metadata.name", namespace)),
		"podSelector", m("matchLabels", m(label, name)),
	)
}

func block4(cidr string, except ...string) kubernetes.Map {
	if len(except) == 0 {
		return m("ipBlock", m("cidr", cidr))
	}
	return m("ipBlock", m("cidr", cidr, "except", strs(except)))
}

func strs(in []string) list {
	var out list
	for _, s := range in {
		out = append(out, s)
	}
	return out
}

func tcp(ports ...int) list {
	var out list
	for _, p := range ports {
		out = append(out, m("protocol", "TCP", "port", p))
	}
	return out
}

// from and to are one rule.
func from(ports list, peers ...any) kubernetes.Map { return m("from", list(peers), "ports", ports) }
func to(ports list, peers ...any) kubernetes.Map   { return m("to", list(peers), "ports", ports) }

// machinery is what every pod asks: names, what its proxy has to do, a
// certificate, and somebody to take its traces.
func machinery() list {
	return list{
		to(list{m("protocol", "UDP", "port", dnsPort), m("protocol", "TCP", "port", dnsPort)}, pods(dnsNamespace, "k8s-app", "kube-dns")),
		to(tcp(istiodPort), pods(render.MeshNamespace, "app", "istiod")),
		to(tcp(csrPort), pods(csrNamespace, nameLabel, csrName)),
		to(tcp(tracePort), pods(traceNamespace, nameLabel, traceName)),
	}
}

// policy is a NetworkPolicy for the pods of a name, and the SecurityGroupPolicy
// beside it.
func (d *declaration) policy(namespace, name string, ingress, egress list, group string) *kubernetes.Object {
	selector := m("matchLabels", m(nameLabel, name))
	spec := m("podSelector", selector, "policyTypes", list{"Ingress", "Egress"})
	if len(ingress) > 0 {
		spec = append(spec, m("ingress", ingress)...)
	}
	o := d.kube(kubernetes.New("networking.k8s.io/v1", "NetworkPolicy", namespace, name,
		"spec", append(spec, m("egress", egress)...))).In(name).For("network.pod-policy", "network.egress-deny")
	d.kube(kubernetes.New("vpcresources.k8s.aws/v1beta1", "SecurityGroupPolicy", namespace, name,
		"spec", m("podSelector", selector, "securityGroups", m("groupIds", list{render.Name(d.Platform, "pods"), render.Name(d.Platform, group)})),
	)).In(name).For("network.sg-chain").
		Note("by name, where AWS takes ids only: terraform output -raw security_group_policies prints the patch with the ids")
	return o
}

// gatewayPolicy lets requests in from the load balancer's subnets and out to the
// services that routes lead to.
func (d *declaration) gatewayPolicy() {
	egress := machinery()
	for _, s := range d.Services {
		if len(d.RoutesTo(s.Name)) > 0 {
			egress = append(egress, to(tcp(s.Port), pods(s.Namespace, nameLabel, s.Name)))
		}
	}
	in := list{from(tcp(render.GatewayPort), block4(d.plan.tier(render.Public)))}
	d.policy(render.GatewayNamespace, render.GatewayAccount, in, egress, "gateway").From("edge.routes")
}

// servicePolicy lets a service's callers in, and the service out to what it
// calls, uses and asks outside.
func (d *declaration) servicePolicy(s *platform.Service) {
	var ingress list
	if len(d.RoutesTo(s.Name)) > 0 {
		ingress = append(ingress, from(tcp(s.Port), pods(render.GatewayNamespace, nameLabel, render.GatewayAccount)))
	}
	for _, c := range d.Callers(s.Name) {
		ingress = append(ingress, from(tcp(s.Port), pods(c.From.Namespace, nameLabel, c.From.Name)))
	}
	egress := machinery()
	for _, c := range s.Calls {
		if callee := d.Service(c.To); callee != nil {
			egress = append(egress, to(tcp(callee.Port), pods(callee.Namespace, nameLabel, callee.Name)))
		}
	}
	egress = append(egress, d.storeRules(s)...)
	if len(d.doorsOf(s)) > 0 {
		egress = append(egress, to(tcp(443), block4(d.plan.tier(doorsTier))))
	}
	if s.SessionTags {
		egress = append(egress, to(tcp(80), block4(podIdentityAgent)))
	}
	for _, e := range s.Egress {
		egress = append(egress, hostRule(e)...)
	}
	d.policy(s.Namespace, s.Name, ingress, egress, "svc-"+s.Name).
		From(d.reasons(s)...)
}

// reasons are the declarations that open something for a service.
func (d *declaration) reasons(s *platform.Service) []string {
	path := "services." + s.Name
	out := []string{path}
	for _, c := range d.Callers(s.Name) {
		out = append(out, "services."+c.From.Name+".calls."+s.Name)
	}
	for _, part := range []struct {
		name string
		is   bool
	}{{"calls", len(s.Calls) > 0}, {"stores", len(s.Stores) > 0}, {"egress", len(s.Egress) > 0}, {"sessionTags", s.SessionTags}} {
		if part.is {
			out = append(out, path+"."+part.name)
		}
	}
	return out
}

// storeRules let a service out to the subnets of its stores, on their ports: the
// stores' security groups tell them apart.
func (d *declaration) storeRules(s *platform.Service) list {
	var out list
	seen := map[string]bool{}
	for _, u := range s.Stores {
		st := d.Store(u.Store)
		if st == nil || st.IsBucket() {
			continue
		}
		tier := render.Database
		if st.Isolate {
			tier = render.Vault
		}
		if key := string(tier) + " " + string(st.Engine); !seen[key] {
			seen[key] = true
			out = append(out, to(tcp(st.Engine.DefaultPort()), block4(d.plan.tier(tier))))
		}
	}
	return out
}

// hostRule lets out to a host: to its addresses, or to everything that is
// outside.
func hostRule(e platform.Egress) list {
	all := v4(e.Addresses)
	switch {
	case len(e.Addresses) == 0:
		return list{to(tcp(e.Port), block4("0.0.0.0/0", inside...))}
	case len(all) == 0:
		return nil
	}
	var peers []any
	for _, a := range all {
		peers = append(peers, block4(a))
	}
	return list{to(tcp(e.Port), peers...)}
}
