package mesh

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"fathom/estate"
)

// front is a port of a Service that leads to a port of a workload.
type front struct {
	service *estate.Service
	port    *corev1.ServicePort
}

// fronts are the ports of Services that lead to a port of a workload's pods.
func (m *Mesh) fronts(w *estate.Workload, port int) []front {
	var out []front
	for _, s := range m.services[w.Namespace] {
		if len(s.Spec.Selector) == 0 || !matchesLabels(s.Spec.Selector, w) {
			continue
		}
		for i := range s.Spec.Ports {
			if p := &s.Spec.Ports[i]; targets(w, p) == port && p.Protocol != corev1.ProtocolUDP && p.Protocol != corev1.ProtocolSCTP {
				out = append(out, front{s, p})
			}
		}
	}
	return out
}

// targets is the port of the pods that a Service's port leads to; 0 where they
// have none of that name.
func targets(w *estate.Workload, p *corev1.ServicePort) int {
	if p.TargetPort.Type == intstr.String && p.TargetPort.StrVal != "" {
		for _, cs := range [][]corev1.Container{w.Pod.Containers, w.Pod.InitContainers} {
			for i := range cs {
				for _, cp := range cs[i].Ports {
					if cp.Name == p.TargetPort.StrVal {
						return int(cp.ContainerPort)
					}
				}
			}
		}
		return 0
	}
	if p.TargetPort.IntVal != 0 {
		return int(p.TargetPort.IntVal)
	}
	return int(p.Port)
}

var (
	httpNames = []string{"http", "http2", "grpc", "grpc-web", "kubernetes.io/h2c", "kubernetes.io/ws"}
	tcpNames  = []string{"tcp", "tls", "https", "mongo", "mysql", "redis", "udp", "kubernetes.io/wss"}
)

// declaredProtocol reads appProtocol, and else the port's name up to its first
// dash.
func declaredProtocol(p *corev1.ServicePort) Protocol {
	name, _, _ := strings.Cut(p.Name, "-")
	if strings.HasPrefix(p.Name, "grpc-web") {
		name = "grpc-web"
	}
	if p.AppProtocol != nil {
		name = *p.AppProtocol
	}
	switch name = strings.ToLower(name); {
	case slices.Contains(httpNames, name):
		return HTTP
	case slices.Contains(tcpNames, name):
		return TCP
	}
	return Detect
}

// waypoint is the waypoint that takes the requests to a workload in ambient
// mode, or "".
func (m *Mesh) waypoint(w *estate.Workload) string {
	const label = "istio.io/use-waypoint"
	if v := w.PodLabels[label]; v != "" && v != "none" {
		return v
	}
	for _, s := range m.services[w.Namespace] {
		if v := s.Labels[label]; v != "" && v != "none" && len(s.Spec.Selector) > 0 && matchesLabels(s.Spec.Selector, w) {
			return v
		}
	}
	if ns := estate.NamespaceOf(m.e, w.Namespace); ns != nil {
		if v := ns.Labels[label]; v != "" && v != "none" {
			return v
		}
	}
	return ""
}
