package platform

import (
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"fathom/diag"
)

// reserved are the namespaces of the platform itself.
var reserved = []string{"cert-manager", "default", "edge", "falco", "istio-system", "kyverno"}

// services checks each service for itself, and whom it calls.
func (c *checker) services() {
	for i := range c.Services {
		s := &c.Services[i]
		at := func(keys ...string) diag.Pos { return c.At(append([]string{"services", s.Name}, keys...)...) }
		if s.Name == "gateway" {
			c.add(at(), "call it something else", "service %q has the name of the pods by which requests come in", s.Name)
		}
		c.image(s.Image, at("image"))
		c.bounds(s.Replicas, "services", s.Name, "replicas")
		if s.Port >= 15000 && s.Port <= 15090 {
			c.add(at("port"), "take another port", "port %d is one of the mesh's proxy, which runs beside the service", s.Port)
		}
		if s.Protocol == "http" {
			c.path(s.Health, at("health"))
		}
		c.namespace(s, at("namespace"))
		c.calls(s)
		for j, n := range c.tree.get("services", s.Name, "egress").items {
			c.egress(s, n, strconv.Itoa(j))
		}
	}
}

func (c *checker) namespace(s *Service, at diag.Pos) {
	if slices.Contains(reserved, s.Namespace) || strings.HasPrefix(s.Namespace, "kube-") {
		c.add(at, "take a namespace of the shop's own", "namespace %q is not for services", s.Namespace)
		return
	}
	if !c.Apart(s) {
		return
	}
	for i := range c.Services {
		if o := &c.Services[i]; o.Namespace == s.Namespace && !c.Apart(o) {
			c.add(at, "give one of them a namespace of its own", "service %q stands apart, and shares namespace %q with %q (%s), which does not", s.Name, s.Namespace, o.Name, c.line("services", o.Name))
			return
		}
	}
}

// calls checks whom a service calls, and what it asks.
func (c *checker) calls(s *Service) {
	for _, call := range s.Calls {
		at := c.At("services", s.Name, "calls", call.To)
		if call.To == s.Name {
			c.add(at, "take it away: what a pod asks of itself does not leave it", "service %q calls itself", s.Name)
			continue
		}
		if !c.known("service", call.To, c.serviceNames, at) {
			continue
		}
		if c.Service(call.To).Protocol == "tcp" && len(call.Requests) > 0 {
			c.add(at, "write "+call.To+": []", "service %q speaks tcp (%s): the mesh sees no requests there, and a rule that names one never lets anything through", call.To, c.line("services", call.To, "protocol"))
			continue
		}
		for _, n := range c.tree.get("services", s.Name, "calls", call.To).items {
			c.request(n)
		}
	}
}

var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

func (c *checker) request(n *node) {
	if n.bad {
		return
	}
	r := requestOf(n.text)
	if r.Method != "" && !slices.Contains(methods, r.Method) {
		c.add(n.pos, hint(r.Method, methods), "%q begins with no method", n.text)
		return
	}
	if r.Path == "" {
		c.add(n.pos, "write "+strconv.Quote(r.Method+" /*")+" if every path is meant", "%q names no path", n.text)
		return
	}
	c.path(r.Path, n.pos)
}

var hostName = regexp.MustCompile(hostPattern)

// egress checks a host outside.
func (c *checker) egress(s *Service, n *node, index string) {
	h := n.get("host")
	at := func(keys ...string) diag.Pos {
		return c.At(append([]string{"services", s.Name, "egress", index}, keys...)...)
	}
	_, notIP := netip.ParseAddr(h.text)
	switch {
	case h.bad || !h.written():
	case strings.Contains(h.text, "*"):
		c.add(at("host"), "name each host: data leaves through the one that nobody thought of", "egress to %q is a wildcard", h.text)
	case notIP == nil:
		c.add(at("host"), "name the host, and put the address into addresses: ["+h.text+"/32]", "egress to %q is an address: what answers there tomorrow is anybody's guess", h.text)
	case strings.Contains(h.text, "://") || strings.Contains(h.text, "/"):
		c.add(at("host"), "write the host's name alone, and the port beside it", "egress to %q is a URL", h.text)
	case strings.Contains(h.text, ":"):
		c.add(at("host"), "write {host: NAME, port: NUMBER}", "egress to %q has the port in the host", h.text)
	case !hostName.MatchString(h.text):
		c.add(at("host"), "write it in lower case with its domain, such as api.psp.example", "%q is not a host's full name", h.text)
	}
	for i, a := range n.get("addresses").items {
		p, ok := c.prefix(a.text, a.pos)
		switch {
		case a.bad || !ok:
		case p.Addr().Is6():
			c.add(at("addresses", strconv.Itoa(i)), "name networks of IPv4", "%s is a network of IPv6, and pods have addresses of IPv4: nothing would be let through", p)
		case private(p):
			c.add(at("addresses", strconv.Itoa(i)), "take it away; a service of the platform is called with calls:", "%s is a private network, and egress is what lies outside", p)
		case p.Bits() < 12:
			c.add(at("addresses", strconv.Itoa(i)), "name the networks that the host's owner publishes", "%s is a large part of the internet", p)
		}
	}
}
