package mesh

import (
	"slices"
	"strconv"
	"strings"

	istionet "istio.io/api/networking/v1"
	"istio.io/api/networking/v1alpha3"

	"fathom/diag"
	"fathom/estate"
)

// link is a way that a caller's packets may take to a workload: how its proxy
// sends them, and who says so.
type link struct {
	kind linkKind
	// says tells why, where it is not the ordinary way; of and at decide it.
	says string
	of   estate.Resource
	at   diag.Pos
}

type linkKind uint8

const (
	// automatic is mutual TLS where the other end has a proxy that takes it.
	automatic linkKind = iota
	// bare is plaintext.
	bare
	// forced is Istio's mutual TLS, whatever the other end does.
	forced
	// simple is TLS without a certificate of the mesh: opaque bytes.
	simple
	// custom is TLS with a certificate that the rule names.
	custom
)

// links are the ways that packets of a caller to a port of a workload may take,
// and why there are several.
func (m *Mesh) links(src Caller, d *door) (out []link, why string) {
	if src.Workload == nil {
		return []link{{kind: bare, says: "the caller is outside the cluster, so it has no principal"}}, ""
	}
	m.cache.mu.Lock()
	p := m.stationOf(src.Workload).proxy
	m.cache.mu.Unlock()
	if p.is == estate.No {
		return []link{{bare, p.says, p.of, p.at}}, ""
	}
	if p.is == estate.Maybe {
		out, why = append(out, link{bare, p.says, p.of, p.at}), p.says
	}
	if p.ambient { // the node's proxy knows the addresses of pods; rules for clients are a waypoint's
		return append(out, link{}), why
	}
	is, annotation := aroundOut(src.Workload, d.dialled)
	if is != estate.No {
		says := title(src.Workload) + " goes around its proxy (" + annotation + ")"
		out = append(out, link{bare, says, src.Workload, atMeta(src.Workload, "annotations", annotation)})
		if is == estate.Yes {
			return out, why
		}
		why = "whether " + says + " depends on the address or port it dials"
	}
	if len(d.fronts) == 0 {
		says := "no Service leads to port " + strconv.Itoa(d.port) + " of " + title(d.of) + ", so proxies send plaintext to its address"
		return append(out, link{kind: bare, says: says}), why
	}
	for _, f := range d.fronts {
		for _, l := range m.ruled(src.Workload, f) {
			if !slices.ContainsFunc(out, func(o link) bool { return o.kind == l.kind }) {
				out = append(out, l)
			}
		}
	}
	if len(out) > 1 && why == "" {
		why = "clients are told to speak in different ways to the same port: " + out[0].says + "; " + out[len(out)-1].says
	}
	return out, why
}

// ruled are the ways that the DestinationRule for a Service tells a client to
// take: one, and one more for each subset that has it otherwise.
func (m *Mesh) ruled(src *estate.Workload, f front) []link {
	r := m.ruleFor(src, f.service)
	if r == nil {
		return []link{m.plain()}
	}
	out := []link{m.linkOf(r, r.Spec.GetTrafficPolicy(), f.port.Port, "spec", "trafficPolicy")}
	for i, s := range r.Spec.GetSubsets() {
		if s.GetTrafficPolicy() == nil {
			continue
		}
		l := m.linkOf(r, s.GetTrafficPolicy(), f.port.Port, "spec", "subsets", strconv.Itoa(i), "trafficPolicy")
		if s.GetTrafficPolicy().GetTls() != nil && l.kind != out[0].kind {
			out = append(out, l)
		}
	}
	return out
}

// plain is what proxies do where no rule says anything.
func (m *Mesh) plain() link {
	if m.auto {
		return link{says: "proxies speak mutual TLS with each other by themselves"}
	}
	return link{kind: bare, says: "meshConfig.enableAutoMtls is false, and no DestinationRule asks for mutual TLS"}
}

func (m *Mesh) linkOf(r *estate.DestinationRule, p *istionet.TrafficPolicy, port int32, path ...string) link {
	tls, at := p.GetTls(), append(slices.Clone(path), "tls", "mode")
	for i, s := range p.GetPortLevelSettings() {
		if s.GetPort().GetNumber() == uint32(port) { // it replaces the settings for all ports
			tls, at = s.GetTls(), append(slices.Clone(path), "portLevelSettings", strconv.Itoa(i), "tls", "mode")
		}
	}
	if tls == nil {
		return m.plain()
	}
	l := link{of: r, at: r.At(at...), says: "DestinationRule " + r.Namespace + "/" + r.Name + " has clients speak " + strings.ToLower(tls.GetMode().String())}
	switch tls.GetMode() {
	case v1alpha3.ClientTLSSettings_DISABLE:
		l.kind, l.says = bare, "DestinationRule "+r.Namespace+"/"+r.Name+" has clients speak plaintext to "+r.Spec.GetHost()
	case v1alpha3.ClientTLSSettings_ISTIO_MUTUAL:
		l.kind, l.says = forced, "DestinationRule "+r.Namespace+"/"+r.Name+" has clients speak mutual TLS to "+r.Spec.GetHost()
	case v1alpha3.ClientTLSSettings_SIMPLE:
		l.kind, l.says = simple, "DestinationRule "+r.Namespace+"/"+r.Name+" has clients speak TLS without a certificate to "+r.Spec.GetHost()
	default:
		l.kind, l.says = custom, "DestinationRule "+r.Namespace+"/"+r.Name+" has clients speak TLS with a certificate of their own to "+r.Spec.GetHost()
	}
	return l
}

// ruleFor is the DestinationRule that a client goes by: of its own namespace,
// else the Service's, else the root namespace; in each the one whose host is
// most specific.
func (m *Mesh) ruleFor(src *estate.Workload, s *estate.Service) *estate.DestinationRule {
	if len(m.rules) == 0 {
		return nil
	}
	for _, ns := range []string{src.Namespace, s.Namespace, m.root} {
		var best *estate.DestinationRule
		length := -1
		for _, r := range m.rules {
			if r.Namespace != ns || !forClient(r, src) {
				continue
			}
			if n := fits(r.Spec.GetHost(), ns, s); n > length {
				best, length = r, n
			}
		}
		if best != nil {
			return best
		}
	}
	return nil
}

// forClient says whether a DestinationRule is for a client at all.
func forClient(r *estate.DestinationRule, src *estate.Workload) bool {
	to := r.Spec.GetExportTo()
	if r.Namespace != src.Namespace && len(to) > 0 && !slices.Contains(to, "*") && !slices.Contains(to, src.Namespace) {
		return false
	}
	want := r.Spec.GetWorkloadSelector().GetMatchLabels()
	return len(want) == 0 || r.Namespace == src.Namespace && matchesLabels(want, src)
}

// fits says how specific a rule's host is for a Service; -1 where it is for
// others. A short name means the rule's own namespace.
func fits(host, ns string, s *estate.Service) int {
	full := s.Name + "." + s.Namespace + ".svc.cluster.local"
	if !strings.ContainsAny(host, ".*") {
		host += "." + ns + ".svc.cluster.local"
	}
	switch rest, wild := strings.CutPrefix(host, "*"); {
	case wild && strings.HasSuffix(full, rest):
		return len(rest)
	case host == full:
		return len(full) + 1
	}
	return -1
}
