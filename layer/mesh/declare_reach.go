package mesh

import (
	"slices"
	"strconv"
	"strings"

	"fathom/platform"
	"fathom/render/kubernetes"
)

// The mesh sends nothing to a host that is not registered (REGISTRY_ONLY), and
// each proxy knows only the hosts that its service is declared to ask.

// agentHost is where proxies send their traces, as a Sidecar names it.
func agentHost() string {
	return agentNamespace + "/" + agentAccount + "." + agentNamespace + ".svc.cluster.local"
}

// awsHost stands for the APIs of AWS in the platform's region.
func awsHost(p *platform.Platform) string { return "*." + p.Region + ".amazonaws.com" }

// tagsHost is what the registry calls the agent of Pod Identity, which is asked
// by its address on the node.
const tagsHost = "pod-identity.eks.internal"

// reach renders the Sidecar of a service: whom it may ask.
func (d *declaration) reach(s *platform.Service) {
	hosts := list{agentHost()}
	for _, c := range s.Calls {
		if to := d.p.Service(c.To); to != nil {
			hosts = append(hosts, to.Namespace+"/"+hostOf(to))
		}
	}
	for _, e := range s.Egress {
		hosts = append(hosts, "./"+e.Host)
	}
	for _, u := range s.Stores {
		if st := d.p.Store(u.Store); st != nil && !st.IsBucket() && !slices.Contains(hosts, any("./"+storeHost(d.p, st))) {
			hosts = append(hosts, "./"+storeHost(d.p, st))
		}
	}
	if callsAWS(s) {
		hosts = append(hosts, "./"+awsHost(d.p))
		if s.SessionTags {
			hosts = append(hosts, "./"+tagsHost)
		}
	}
	d.sidecar(s.Namespace, s.Name, m(labelName, s.Name), hosts).From("services." + s.Name).In(s.Name)
}

func (d *declaration) sidecar(namespace, name string, labels kubernetes.Map, hosts list) *kubernetes.Object {
	return d.object(kubernetes.New(networking, "Sidecar", namespace, name, "spec", m(
		"workloadSelector", m("labels", labels),
		"outboundTrafficPolicy", m("mode", "REGISTRY_ONLY"),
		"egress", list{m("hosts", hosts)},
	))).For("network.egress-deny")
}

// entry is a ServiceEntry for one namespace alone.
func (d *declaration) entry(namespace, name string, spec kubernetes.Map) *kubernetes.Object {
	return d.object(kubernetes.New(networking, "ServiceEntry", namespace, name,
		"spec", append(spec, m("location", "MESH_EXTERNAL", "exportTo", list{"."})...))).For("network.egress-deny")
}

// awsEntry registers the APIs of AWS in a namespace whose services ask them, by
// the name in their TLS; the network leads to the VPC's endpoints only.
func (d *declaration) awsEntry(ns string) {
	asks, tags := false, false
	for i := range d.p.Services {
		if s := &d.p.Services[i]; s.Namespace == ns {
			asks, tags = asks || callsAWS(s), tags || callsAWS(s) && s.SessionTags
		}
	}
	if asks {
		d.entry(ns, "aws", m(
			"hosts", list{awsHost(d.p)},
			"ports", list{m("number", 443, "name", "tls", "protocol", "TLS")},
			"resolution", "NONE",
		)).From("region")
	}
	if tags {
		d.entry(ns, "pod-identity", m(
			"hosts", list{tagsHost},
			"addresses", list{"169.254.170.23/32"},
			"ports", list{m("number", 80, "name", "tcp", "protocol", "TCP")},
			"resolution", "NONE",
		)).Note("the agent that hands out the credentials of roles, on the pod's own node")
	}
}

// storeHost is the end of the names that AWS gives to stores of an engine: the
// beginning is made up by AWS ("Aurora connection management", "Finding
// connection endpoints" of ElastiCache, "Getting the bootstrap brokers" of MSK).
func storeHost(p *platform.Platform, s *platform.Store) string {
	switch s.Engine {
	case platform.Redis:
		return "*.cache.amazonaws.com"
	case platform.Kafka:
		return "*.kafka." + p.Region + ".amazonaws.com"
	}
	return "*." + p.Region + ".rds.amazonaws.com"
}

// stores registers the stores in the namespaces of the services that use them.
// The services speak TLS to them themselves. That of Redis and Kafka begins with
// a name that the proxy reads; databases begin in their own protocol, so that it
// sees an address and a port: those of the VPC.
func (d *declaration) stores() {
	type key struct{ namespace, host string }
	done := map[key]bool{}
	for i := range d.p.Stores {
		st := &d.p.Stores[i]
		if st.IsBucket() {
			continue
		}
		for _, u := range d.p.Users(st.Name) {
			k := key{u.By.Namespace, storeHost(d.p, st) + ":" + strconv.Itoa(st.Engine.DefaultPort())}
			if done[k] {
				continue
			}
			done[k] = true
			spec := m("hosts", list{storeHost(d.p, st)})
			protocol := "TLS"
			if st.Engine == platform.Postgres || st.Engine == platform.MySQL {
				protocol = "TCP"
				spec = append(spec, m("addresses", list{d.p.Network.CIDR})...)
			}
			d.entry(k.namespace, "stores-"+string(st.Engine), append(spec, m(
				"ports", list{m("number", st.Engine.DefaultPort(), "name", strings.ToLower(protocol), "protocol", protocol)},
				"resolution", "NONE",
			)...)).From("stores")
		}
	}
}

// hosts registers the hosts outside in the namespaces of the services that call
// them: a host once in a namespace, however many services and ports.
func (d *declaration) hosts() {
	type key struct{ namespace, host string }
	ports := map[key][]int{}
	from := map[key][]string{}
	var order []key
	for i := range d.p.Services {
		s := &d.p.Services[i]
		for _, e := range s.Egress {
			k := key{s.Namespace, e.Host}
			if ports[k] == nil {
				order = append(order, k)
			}
			if !slices.Contains(ports[k], e.Port) {
				ports[k] = append(ports[k], e.Port)
			}
			if path := "services." + s.Name + ".egress"; !slices.Contains(from[k], path) {
				from[k] = append(from[k], path)
			}
		}
	}
	for _, k := range order {
		slices.Sort(ports[k])
		var all list
		for _, n := range ports[k] {
			protocol := protocolOf(n)
			all = append(all, m("number", n, "name", strings.ToLower(protocol)+"-"+strconv.Itoa(n), "protocol", protocol))
		}
		d.entry(k.namespace, word(k.host), m("hosts", list{k.host}, "ports", all, "resolution", "DNS")).From(from[k]...)
	}
}

// protocolOf is how a connection to a port begins: with TLS, but for those that
// only turn to TLS, or never.
func protocolOf(port int) string {
	switch port {
	case 22, 25, 80, 587:
		return "TCP"
	}
	return "TLS"
}
