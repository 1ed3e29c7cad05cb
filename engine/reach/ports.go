package reach

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"fathom/engine/reach/flow"
	"fathom/estate"
)

// Ports are the connections that a place takes by what it declares: the ports
// of containers and Services, of listeners, of a database engine. Nil means
// that nothing is declared: any port may be meant.
func (n *Network) Ports(to Place) []flow.Conn {
	var out []flow.Conn
	switch x := to.Of.(type) {
	case nil:
		if to.Kind == IMDS {
			return tcp(80)
		}
	case *estate.Workload:
		out = n.podPorts(x)
	case *estate.DBInstance:
		out = databasePorts(&x.Database)
	case *estate.DBCluster:
		out = databasePorts(&x.Database)
	case *estate.CacheGroup:
		out = portOr(x.Port, cachePort(x.Engine))
	case *estate.CacheCluster:
		out = portOr(x.Port, cachePort(x.Engine))
	case *estate.Stream:
		out = streamPorts(x)
	case *estate.Redshift:
		out = portOr(x.Port, 5439)
	case *estate.FileSystem:
		return tcp(2049)
	case *estate.Distribution:
		return tcp(80, 443)
	case *estate.Bucket, *estate.Table, *estate.Queue, *estate.EKSCluster, *estate.VPCEndpoint, *estate.Search, *estate.Lambda:
		return tcp(443)
	default:
		for _, l := range n.listeners(to.Of) {
			if l.port > 0 {
				out = append(out, flow.Conn{Protocol: l.protocol, Port: l.port})
			}
		}
	}
	slices.SortFunc(out, func(a, b flow.Conn) int {
		return cmp.Or(cmp.Compare(a.Protocol, b.Protocol), cmp.Compare(a.Port, b.Port))
	})
	return slices.Compact(out)
}

func tcp(ports ...int) []flow.Conn {
	var out []flow.Conn
	for _, p := range ports {
		out = append(out, flow.Conn{Protocol: flow.TCP, Port: p})
	}
	return out
}

// portOr is the port written, or the service's default; nothing for a port
// that is not known.
func portOr(written estate.Int, otherwise int) []flow.Conn {
	if port, ok := written.Default(otherwise).Known(); ok && port > 0 {
		return tcp(port)
	}
	return nil
}

// databasePorts are the engine's default where no port is written (Amazon RDS
// and Aurora API reference, "Port").
func databasePorts(d *estate.Database) []flow.Conn {
	engine, _ := d.Engine.Known()
	port := 3306
	switch {
	case strings.Contains(engine, "postgres"):
		port = 5432
	case strings.HasPrefix(engine, "oracle"):
		port = 1521
	case strings.HasPrefix(engine, "sqlserver"):
		port = 1433
	case strings.HasPrefix(engine, "db2"):
		port = 50000
	case engine == "" && d.Port.Absent():
		return nil
	}
	return portOr(d.Port, port)
}

func cachePort(engine estate.Str) int {
	if engine.Is("memcached") == estate.Yes {
		return 11211
	}
	return 6379
}

// streamPorts are those of MSK (Amazon MSK developer guide, "Port
// information"): 9092 plaintext, 9094 TLS, 9096 SASL/SCRAM, 9098 IAM.
func streamPorts(s *estate.Stream) []flow.Conn {
	client := estate.Str{}
	if enc := s.Encryption.One(); enc != nil {
		if t := enc.Transit.One(); t != nil {
			client = t.Client
		}
	}
	client = client.Default("TLS")
	var ports []int
	if client.In("PLAINTEXT", "TLS_PLAINTEXT") != estate.No {
		ports = append(ports, 9092)
	}
	if client.In("TLS", "TLS_PLAINTEXT") != estate.No {
		ports = append(ports, 9094)
	}
	if c := s.Clients.One(); c != nil {
		if sasl := c.SASL.One(); sasl != nil {
			if sasl.SCRAM.Is(true) != estate.No {
				ports = append(ports, 9096)
			}
			if sasl.IAM.Is(true) != estate.No {
				ports = append(ports, 9098)
			}
		}
	}
	return tcp(ports...)
}

// podPorts are the ports of the containers and those that Services send to.
func (n *Network) podPorts(w *estate.Workload) []flow.Conn {
	var out []flow.Conn
	eachPort(w, func(p *corev1.ContainerPort) {
		out = append(out, flow.Conn{Protocol: kubeProtocol(p.Protocol), Port: int(p.ContainerPort)})
	})
	for _, s := range n.services(w) {
		for i := range s.Spec.Ports {
			if port := targetPort(w, &s.Spec.Ports[i]); port > 0 {
				out = append(out, flow.Conn{Protocol: kubeProtocol(s.Spec.Ports[i].Protocol), Port: port})
			}
		}
	}
	return out
}

// eachPort calls f for the ports of the containers that serve: of the init
// containers only those that go on running (sidecars).
func eachPort(w *estate.Workload, f func(*corev1.ContainerPort)) {
	each := func(cs []corev1.Container, all bool) {
		for i := range cs {
			if p := cs[i].RestartPolicy; !all && (p == nil || *p != corev1.ContainerRestartPolicyAlways) {
				continue
			}
			for j := range cs[i].Ports {
				f(&cs[i].Ports[j])
			}
		}
	}
	each(w.Pod.Containers, true)
	each(w.Pod.InitContainers, false)
}

func kubeProtocol(p corev1.Protocol) flow.Protocol {
	switch p {
	case corev1.ProtocolUDP:
		return flow.UDP
	case corev1.ProtocolSCTP:
		return flow.SCTP
	}
	return flow.TCP
}

// targetPort is the pods' port that a port of a Service sends to, 0 where it
// has a name that no container declares.
func targetPort(w *estate.Workload, p *corev1.ServicePort) int {
	switch {
	case p.TargetPort.StrVal != "":
		found := 0
		eachPort(w, func(c *corev1.ContainerPort) {
			if c.Name == p.TargetPort.StrVal && kubeProtocol(c.Protocol) == kubeProtocol(p.Protocol) && found == 0 {
				found = int(c.ContainerPort)
			}
		})
		return found
	case p.TargetPort.IntVal != 0:
		return int(p.TargetPort.IntVal)
	}
	return int(p.Port)
}

// NamedPort returns the connection that a port's name means at a place: the
// name of a container's port or of a Service's.
func (n *Network) NamedPort(to Place, name string) (flow.Conn, bool) {
	w, ok := to.Of.(*estate.Workload)
	if !ok {
		return flow.Conn{}, false
	}
	var found *flow.Conn
	eachPort(w, func(p *corev1.ContainerPort) {
		if p.Name == name && found == nil {
			found = &flow.Conn{Protocol: kubeProtocol(p.Protocol), Port: int(p.ContainerPort)}
		}
	})
	for _, s := range n.services(w) {
		for i := range s.Spec.Ports {
			if p := &s.Spec.Ports[i]; p.Name == name && found == nil {
				found = &flow.Conn{Protocol: kubeProtocol(p.Protocol), Port: targetPort(w, p)}
			}
		}
	}
	if found == nil || found.Port == 0 {
		return flow.Conn{}, false
	}
	return *found, true
}

// listenPorts reads the annotation of the AWS Load Balancer Controller:
// [{"HTTP": 80}, {"HTTPS": 443}].
func listenPorts(text string) []int {
	var list []map[string]int
	if json.Unmarshal([]byte(text), &list) != nil {
		return nil
	}
	var out []int
	for _, m := range list {
		for _, port := range m {
			out = append(out, port)
		}
	}
	slices.Sort(out)
	return out
}
