package reach

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"fathom/diag"
	"fathom/engine/reach/flow"
	"fathom/estate"
)

// kubeBalancer is the balancer that a controller makes for an Ingress or for a
// Service of type LoadBalancer.
type kubeBalancer struct {
	none    bool         // there is no balancer: who serves takes requests itself
	public  estate.Truth // it takes requests from the internet
	says    string
	why     string
	from    []string // the ranges it takes requests from; none for all
	pods    bool     // it sends requests to pods' own addresses, not to nodes
	key     string   // the annotation that decides whether it is public
	ingress bool
}

const albAnnotations = "alb.ingress.kubernetes.io/"

// ingressBalancer reads the annotations of the AWS Load Balancer Controller
// (its guide, "Ingress annotations": scheme is internal by default). Who serves
// an Ingress of another class is not known. It is nil for an Ingress that
// nothing makes a balancer of.
func ingressBalancer(x *estate.Ingress) *kubeBalancer {
	class := x.Annotations["kubernetes.io/ingress.class"]
	if x.Spec.IngressClassName != nil {
		class = *x.Spec.IngressClassName
	}
	alb := strings.Contains(class, "alb")
	for k := range x.Annotations {
		alb = alb || strings.HasPrefix(k, albAnnotations)
	}
	if !alb {
		b := &kubeBalancer{public: estate.Maybe, ingress: true}
		b.says = fmt.Sprintf("what serves %s is not in what was read", x.ID)
		b.why = "whether the ingress controller of class " + strconv.Quote(class) + " takes requests from the internet is not known"
		return b
	}
	b := &kubeBalancer{ingress: true, key: albAnnotations + "scheme", pods: x.Annotations[albAnnotations+"target-type"] == "ip"}
	b.from = commas(x.Annotations[albAnnotations+"inbound-cidrs"])
	if x.Annotations[b.key] == "internet-facing" {
		b.public, b.says = estate.Yes, x.ID.Addr+" makes an internet-facing load balancer"
	} else {
		b.says = x.ID.Addr + " makes an internal load balancer"
	}
	return b
}

// serviceBalancer is that of a Service. The AWS Load Balancer Controller makes
// internal ones by default, the cloud provider built into Kubernetes public ones.
func (n *Network) serviceBalancer(s *estate.Service) *kubeBalancer {
	const aws = "service.beta.kubernetes.io/aws-load-balancer-"
	b := &kubeBalancer{from: s.Spec.LoadBalancerSourceRanges, key: aws + "scheme"}
	if len(b.from) == 0 {
		b.from = commas(s.Annotations["service.beta.kubernetes.io/load-balancer-source-ranges"])
	}
	kind := s.Annotations[aws+"type"]
	controller := kind == "external" || kind == "nlb-ip" || s.Annotations[aws+"scheme"] != "" || s.Spec.LoadBalancerClass != nil
	b.pods = kind == "nlb-ip" || s.Annotations[aws+"nlb-target-type"] == "ip"
	internal := s.Annotations[aws+"internal"]
	switch {
	case s.Annotations[aws+"scheme"] == "internet-facing":
		b.public, b.says = estate.Yes, s.ID.Addr+" makes an internet-facing load balancer"
	case controller, internal == "true", internal == "0.0.0.0/0":
		b.says = s.ID.Addr + " makes an internal load balancer"
	case n.hasController():
		b.public, b.says = estate.Maybe, s.ID.Addr+" makes a load balancer"
		b.why = "whether the AWS Load Balancer Controller, which makes internal ones, or the cloud provider, which makes public ones, serves it is not known"
	default:
		b.public, b.says = estate.Yes, s.ID.Addr+" makes a load balancer, which is public unless an annotation says otherwise"
	}
	return b
}

// hasController says whether the AWS Load Balancer Controller is installed.
func (n *Network) hasController() bool {
	const name = "aws-load-balancer-controller"
	for _, w := range estate.All[*estate.Workload](n.e) {
		if strings.Contains(w.Name, name) {
			return true
		}
	}
	for _, h := range estate.All[*estate.HelmRelease](n.e) {
		if h.Chart.Test(func(c string) bool { return strings.Contains(c, name) }) == estate.Yes {
			return true
		}
	}
	return false
}

func (n *Network) balancerOf(r estate.Resource) *kubeBalancer {
	switch x := r.(type) {
	case *estate.Ingress:
		return ingressBalancer(x)
	case *estate.Service:
		return n.serviceBalancer(x)
	case *estate.Gateway:
		return n.gatewayBalancer(x)
	}
	return nil
}

// at is the line that decides who may send requests.
func (b *kubeBalancer) at(of estate.Resource) diag.Pos {
	o, ok := of.(interface{ At(...string) diag.Pos })
	if !ok {
		return pos(of)
	}
	if b.key != "" {
		return o.At("metadata", "annotations", b.key)
	}
	return o.At("spec")
}

func commas(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}

func (n *Network) ingressListeners(x *estate.Ingress) []listener {
	ports := listenPorts(x.Annotations[albAnnotations+"listen-ports"])
	if len(ports) == 0 {
		ports = []int{80}
		switch {
		case x.Annotations[albAnnotations+"certificate-arn"] != "":
			ports = []int{443}
		case len(x.Spec.TLS) > 0:
			ports = []int{80, 443}
		}
	}
	var out []listener
	for _, p := range ports {
		out = append(out, listener{of: x, at: x.Pos, port: p, protocol: flow.TCP, forwards: n.ingressForwards(x)})
	}
	return out
}

func (n *Network) ingressForwards(x *estate.Ingress) []forward {
	var out []forward
	add := func(b *networkingv1.IngressBackend, when string, path ...string) {
		if b == nil || b.Service == nil {
			return
		}
		s := n.serviceCalled(x.Namespace, b.Service.Name)
		if s == nil {
			return
		}
		port := b.Service.Port.Name
		if port == "" {
			port = strconv.Itoa(int(b.Service.Port.Number))
		}
		h := flow.Hop{Kind: flow.LoadBalancer, Of: x, At: x.At(path...), Pass: estate.Yes, Says: fmt.Sprintf("%s sends %s on to %s", x.ID, when, s.ID)}
		out = append(out, forward{rule: h, service: s, port: port})
	}
	for i := range x.Spec.Rules {
		r := &x.Spec.Rules[i]
		if r.HTTP == nil {
			continue
		}
		for j := range r.HTTP.Paths {
			when := "requests"
			if p := r.HTTP.Paths[j].Path; p != "" && p != "/" {
				when += " to " + p
			}
			if r.Host != "" {
				when += " for " + r.Host
			}
			add(&r.HTTP.Paths[j].Backend, when, "spec", "rules", strconv.Itoa(i), "http", "paths", strconv.Itoa(j), "backend")
		}
	}
	add(x.Spec.DefaultBackend, "requests that no rule takes", "spec", "defaultBackend")
	return out
}

func serviceListeners(s *estate.Service) []listener {
	var out []listener
	for i := range s.Spec.Ports {
		p := &s.Spec.Ports[i]
		h := flow.Hop{Kind: flow.Service, Of: s, At: s.At("spec", "ports", strconv.Itoa(i)), Pass: estate.Yes, Says: fmt.Sprintf("%s takes %s", s.ID, flow.Conn{Protocol: kubeProtocol(p.Protocol), Port: int(p.Port)})}
		out = append(out, listener{of: s, at: h.At, port: int(p.Port), protocol: kubeProtocol(p.Protocol), forwards: []forward{{rule: h, service: s, port: strconv.Itoa(int(p.Port))}}})
	}
	return out
}

// backend is where a Service's requests end: pods, or nodes at its node port.
type backend struct {
	to   *place
	port int
}

// backends are the pods behind a port of a Service, or with nodes the groups
// of nodes at its node port. Where no group of nodes is known, it is the pods.
func (n *Network) backends(s *estate.Service, port string, nodes bool) []backend {
	var out []backend
	p := servicePort(s, port)
	if p == nil {
		return nil
	}
	if nodes && p.NodePort != 0 {
		for _, g := range n.clusterNodes() {
			out = append(out, backend{g, int(p.NodePort)})
		}
		if len(out) > 0 {
			return out
		}
	}
	for _, w := range n.selects[s.ID] {
		if t := targetPort(w, p); t > 0 {
			out = append(out, backend{n.of[w.ID], t})
		}
	}
	return out
}

// servicePort finds a port of a Service by its name or number.
func servicePort(s *estate.Service, port string) *corev1.ServicePort {
	i := slices.IndexFunc(s.Spec.Ports, func(p corev1.ServicePort) bool {
		return p.Name == port && port != "" || strconv.Itoa(int(p.Port)) == port
	})
	if i < 0 {
		if port == "" && len(s.Spec.Ports) == 1 {
			i = 0
		} else {
			return nil
		}
	}
	return &s.Spec.Ports[i]
}
