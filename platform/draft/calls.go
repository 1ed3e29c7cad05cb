package draft

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"fathom/diag"
	"fathom/estate"
)

// call is what a service asks of another.
type call struct {
	requests []string // "POST /charge"
	every    bool     // also all other requests
	why      string   // why it could not be told; ""
	at       diag.Pos
}

// findCalls asks, of each service, the rules of the mesh; where there are none,
// the NetworkPolicies; and then the addresses that others are given.
func (d *drafter) findCalls() {
	for _, p := range estate.All[*estate.AuthorizationPolicy](d.e) {
		if p.Spec.GetAction().String() == "ALLOW" {
			d.allowed(p)
		}
	}
	for _, p := range estate.All[*estate.NetworkPolicy](d.e) {
		d.letIn(p)
	}
	for _, s := range d.services {
		d.addressed(s)
		d.sidecar(s)
	}
}

// add adds a call. What is told exactly takes the place of a guess.
func (s *service) add(to *service, c call) {
	if to == s {
		return
	}
	old := s.calls[to.name]
	switch {
	case old == nil || old.why != "" && c.why == "":
		s.calls[to.name] = &c
	case old.why == "" && c.why != "":
	default:
		old.every = old.every || c.every
		old.requests = append(old.requests, c.requests...)
	}
}

// selected are the services that a selector of the mesh or of Kubernetes chooses.
func (d *drafter) selected(namespace string, labels map[string]string) []*service {
	var out []*service
	for _, s := range d.services {
		if (namespace == "istio-system" || s.w.Namespace == namespace) && covers(labels, s.w.PodLabels) {
			out = append(out, s)
		}
	}
	return out
}

// allowed takes the calls that a rule of the mesh allows.
func (d *drafter) allowed(p *estate.AuthorizationPolicy) {
	for i, rule := range p.Spec.GetRules() {
		at := p.At("spec", "rules", fmt.Sprint(i))
		c := call{at: at}
		if len(rule.GetTo()) == 0 {
			c.every = true
		}
		for _, to := range rule.GetTo() {
			op := to.GetOperation()
			methods, paths := op.GetMethods(), op.GetPaths()
			switch {
			case len(op.GetNotMethods())+len(op.GetNotPaths())+len(op.GetHosts())+len(op.GetNotHosts()) > 0:
				c.every = true
				c.why = "the rule of " + p.ID.Addr + " says what is not asked, or goes by hosts"
			case len(methods)+len(paths) == 0:
				c.every = true
			default:
				c.requests = append(c.requests, requests(methods, paths)...)
			}
		}
		var callers []*service
		for _, f := range rule.GetFrom() {
			found, wide := d.callers(f.GetSource().GetPrincipals(), f.GetSource().GetServiceAccounts(), f.GetSource().GetNamespaces(), p.Namespace)
			callers = append(callers, found...)
			if wide != "" {
				d.note(at, "write who calls, and what", "%s lets in %s, which is not taken over", p.ID, wide)
			}
		}
		for _, to := range d.selected(p.Namespace, p.Spec.GetSelector().GetMatchLabels()) {
			to.ruled = true
			for _, from := range callers {
				from.add(to, c)
			}
		}
	}
}

// requests puts methods and paths together as a declaration does.
func requests(methods, paths []string) []string {
	if len(methods) == 0 || slices.Contains(methods, "*") {
		methods = []string{""}
	}
	if len(paths) == 0 || slices.Contains(paths, "*") {
		paths = []string{"/*"}
	}
	var out []string
	for _, m := range methods {
		for _, p := range paths {
			out = append(out, strings.TrimSpace(m+" "+p))
		}
	}
	return out
}

// callers are the services that the sources of a rule are, and in words those
// that are too wide to be some.
func (d *drafter) callers(principals, accounts, namespaces []string, own string) (out []*service, wide string) {
	find := func(namespace, account string) {
		for _, s := range d.services {
			if s.w.Namespace == namespace && s.w.ServiceAccountName() == account {
				out = append(out, s)
			}
		}
	}
	for _, p := range principals {
		parts := strings.Split(strings.TrimPrefix(p, "spiffe://"), "/")
		if len(parts) == 5 && parts[1] == "ns" && parts[3] == "sa" && !strings.Contains(parts[2]+parts[4], "*") {
			find(parts[2], parts[4])
			continue
		}
		wide = "principal " + p
	}
	for _, a := range accounts {
		if ns, name, ok := strings.Cut(a, "/"); ok {
			find(ns, name)
		} else {
			find(own, a)
		}
	}
	for _, ns := range namespaces {
		wide = "the whole namespace " + ns
	}
	return out, wide
}

// letIn takes the calls that a NetworkPolicy lets in, where no rule of the mesh
// says more.
func (d *drafter) letIn(p *estate.NetworkPolicy) {
	for i, in := range p.Spec.Ingress {
		at := p.At("spec", "ingress", fmt.Sprint(i))
		for _, to := range d.services {
			if to.ruled || to.w.Namespace != p.Namespace || !estate.Selects(&p.Spec.PodSelector, to.w.PodLabels) {
				continue
			}
			for _, peer := range in.From {
				if peer.PodSelector == nil || len(peer.PodSelector.MatchLabels)+len(peer.PodSelector.MatchExpressions) == 0 {
					if peer.IPBlock == nil {
						d.note(at, "write who calls it", "%s lets in every pod of a namespace, which says nothing about who calls %s", p.ID, to.name)
					}
					continue
				}
				for _, from := range d.services {
					same := peer.NamespaceSelector == nil && from.w.Namespace == p.Namespace ||
						peer.NamespaceSelector != nil && estate.Selects(peer.NamespaceSelector, d.namespaceLabels(from.w.Namespace))
					if same && estate.Selects(peer.PodSelector, from.w.PodLabels) {
						from.add(to, call{every: true, at: at})
					}
				}
			}
		}
	}
}

// namespaceLabels are a namespace's labels, with the one that Kubernetes gives it.
func (d *drafter) namespaceLabels(name string) map[string]string {
	out := map[string]string{"kubernetes.io/metadata.name": name}
	if ns := estate.NamespaceOf(d.e, name); ns != nil {
		for k, v := range ns.Labels {
			out[k] = v
		}
	}
	return out
}

// addressed takes the services whose addresses the service is given for those
// that it calls, unless a rule says that it does not.
func (d *drafter) addressed(s *service) {
	for _, h := range s.hints {
		for _, a := range h.addresses() {
			to := d.serviceAt(a.host, s.w.Namespace)
			if to == nil || to == s || s.calls[to.name] != nil {
				continue
			}
			if to.ruled {
				d.note(h.at, "take the variable away, or declare the call", "%s of %s names %s, and the mesh refuses that call", h.key, s.name, to.name)
				continue
			}
			s.add(to, call{every: true, at: h.at, why: firstOf(d.weak(h), h.key+" names it, and nothing says which requests")})
		}
	}
}

// sidecar takes the hosts that the mesh shows a service for those that it calls,
// where nobody says who calls them.
func (d *drafter) sidecar(s *service) {
	for _, host := range d.sidecarHosts(s) {
		_, name, _ := strings.Cut(host.name, "/")
		if to := d.serviceAt(name, s.w.Namespace); to != nil && !to.ruled && s.calls[to.name] == nil {
			s.add(to, call{every: true, at: host.at, why: "the mesh shows it that host, and nothing says which requests"})
		}
	}
}

type sidecarHost struct {
	name string // NAMESPACE/HOST
	at   diag.Pos
}

// sidecarHosts are those that the Sidecars of Istio that select the service name.
func (d *drafter) sidecarHosts(s *service) []sidecarHost {
	if !s.sidecarsRead {
		s.sidecars, s.sidecarsRead = d.readSidecars(s), true
	}
	return s.sidecars
}

func (d *drafter) readSidecars(s *service) []sidecarHost {
	var out []sidecarHost
	for _, o := range estate.All[*estate.Object](d.e) {
		if o.Kind != "Sidecar" || o.Namespace != s.w.Namespace {
			continue
		}
		labels := o.Manifest.At("spec", "workloadSelector", "labels")
		if labels.Missing() {
			continue
		}
		chosen := true
		for _, f := range labels.Fields {
			text, _ := f.Node.Literal()
			chosen = chosen && s.w.PodLabels[f.Name] == text
		}
		if !chosen {
			continue
		}
		egress := o.Manifest.At("spec", "egress")
		if egress.Missing() {
			continue
		}
		for _, e := range egress.Items {
			if hosts := e.Get("hosts"); !hosts.Missing() {
				for _, h := range hosts.Items {
					if text, ok := h.Literal(); ok {
						out = append(out, sidecarHost{text, h.Pos})
					}
				}
			}
		}
	}
	return out
}

func (d *drafter) callsNode(s *service) *node {
	n := object()
	for _, to := range sortedKeys(s.calls) {
		c := s.calls[to]
		v := row()
		v.loose, v.bare = true, true
		v.at = c.at
		if !c.every {
			for _, r := range slices.Compact(slices.Sorted(slices.Values(c.requests))) {
				v.items = append(v.items, str(r))
			}
		}
		if c.why != "" {
			v.guess(c.at, c.why, "take it away if it does not call, or write its requests: [\"GET /path\"]")
		}
		n.set(to, v)
	}
	return n
}

// egress is a host outside that a service calls.
type egress struct {
	host      string
	port      int
	addresses []string
	why       string
	at        diag.Pos
}

func (x *egress) node() *node {
	n := object().set("host", str(x.host)).set("port", num(x.port)).set("addresses", texts(x.addresses)).maybe()
	n.at = x.at
	if x.why != "" {
		n.guess(x.at, x.why, "take it away if it does not call there")
	}
	return n
}

func sortEgress(of []egress) []egress {
	slices.SortStableFunc(of, func(a, b egress) int { return cmp.Or(strings.Compare(a.host, b.host), cmp.Compare(a.port, b.port)) })
	return slices.CompactFunc(of, func(a, b egress) bool { return a.host == b.host && a.port == b.port })
}
