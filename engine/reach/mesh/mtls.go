package mesh

import (
	"slices"
	"strconv"
	"strings"

	istionet "istio.io/api/networking/v1"
	istiosec "istio.io/api/security/v1"

	"fathom/diag"
	"fathom/estate"
)

// The modes of mutual TLS, in Istio's words.
const (
	disable    = istiosec.PeerAuthentication_MutualTLS_DISABLE
	permissive = istiosec.PeerAuthentication_MutualTLS_PERMISSIVE
	strict     = istiosec.PeerAuthentication_MutualTLS_STRICT
	unset      = istiosec.PeerAuthentication_MutualTLS_UNSET
)

type mode = istiosec.PeerAuthentication_MutualTLS_Mode

// demand is what a workload demands of callers on a port, and who says so; by
// is nil for Istio's default.
type demand struct {
	mode mode
	by   *estate.PeerAuthentication
	at   diag.Pos
	// gateway is the one whose server listens there.
	gateway *estate.Gateway
}

// demands are what a workload may demand on a port: one, or several where
// policies of one level differ, of which the older holds; no file tells which
// that is. The narrowest level that is not UNSET decides: workload, namespace,
// mesh; without any the mode is PERMISSIVE. A policy with a selector in the
// root namespace is ignored (reference, "Peer Authentication").
//
// The servers of a gateway take what they say themselves, with TLS of their own
// and no identity of the mesh; no PeerAuthentication is about them (Istio,
// "Ingress Gateways").
func (m *Mesh) demands(w *estate.Workload, port int) []demand {
	if g, _ := m.serves(w, port); g != nil {
		return []demand{{mode: disable, at: g.At("spec", "servers"), gateway: g}}
	}
	var out []demand
	var wide, narrow []*estate.PeerAuthentication
	inRoot := w.Namespace == m.root
	for _, p := range m.peers[w.Namespace] {
		switch labels := p.Spec.GetSelector().GetMatchLabels(); {
		case inRoot:
		case len(labels) == 0:
			wide = append(wide, p)
		case matchesLabels(labels, w):
			narrow = append(narrow, p)
		}
	}
	var whole []*estate.PeerAuthentication
	for _, p := range m.peers[m.root] {
		if len(p.Spec.GetSelector().GetMatchLabels()) == 0 {
			whole = append(whole, p)
		}
	}
	// Every choice of one policy a level is a candidate.
	for _, a := range orNone(whole) {
		for _, b := range orNone(wide) {
			for _, c := range orNone(narrow) {
				d := demand{mode: permissive}
				for _, p := range []*estate.PeerAuthentication{a, b, c} {
					d.take(p)
				}
				d.takePort(c, port)
				if !slices.ContainsFunc(out, func(o demand) bool { return o.mode == d.mode }) {
					out = append(out, d)
				}
			}
		}
	}
	return out
}

// orNone is a list, or the choice of nothing where it is empty.
func orNone(ps []*estate.PeerAuthentication) []*estate.PeerAuthentication {
	if len(ps) == 0 {
		return []*estate.PeerAuthentication{nil}
	}
	return ps
}

// serves is the gateway whose server listens on a port of a workload, and what it
// speaks once its TLS is ended; or nil. A gateway selects pods of any namespace
// (reference, "Gateway", selector). Its servers have the ports of the Service
// before the pods; istiod has the proxies listen at their targets.
func (m *Mesh) serves(w *estate.Workload, port int) (*estate.Gateway, Protocol) {
	for _, g := range estate.All[*estate.Gateway](m.e) {
		if want := g.Spec.GetSelector(); len(want) == 0 || !matchesLabels(want, w) {
			continue
		}
		for _, s := range g.Spec.GetServers() {
			number := int32(s.GetPort().GetNumber())
			before := func(f front) bool { return f.port.Port == number }
			if int(number) == port || slices.ContainsFunc(m.fronts(w, port), before) {
				return g, spoken(s)
			}
		}
	}
	return nil, Detect
}

// spoken is what a server makes of a connection: requests where it ends TLS, or
// has none; a stream where it passes TLS on ("Gateway", Port.protocol).
func spoken(s *istionet.Server) Protocol {
	switch strings.ToUpper(s.GetPort().GetProtocol()) {
	case "HTTP", "HTTP2", "GRPC", "GRPC-WEB":
		return HTTP
	case "HTTPS":
		switch s.GetTls().GetMode() {
		case istionet.ServerTLSSettings_PASSTHROUGH, istionet.ServerTLSSettings_AUTO_PASSTHROUGH:
			return TCP
		}
		return HTTP
	}
	return TCP
}

// take makes a policy's mode hold, if it has one.
func (d *demand) take(p *estate.PeerAuthentication) {
	if p == nil {
		return
	}
	if mtls := p.Spec.GetMtls().GetMode(); mtls != unset {
		*d = demand{mode: mtls, by: p, at: p.At("spec", "mtls", "mode")}
	}
}

// takePort makes a policy's mode for one port hold, if it has one. Only
// policies with a selector have such modes.
func (d *demand) takePort(p *estate.PeerAuthentication, port int) {
	if p == nil {
		return
	}
	if mtls := p.Spec.GetPortLevelMtls()[uint32(port)].GetMode(); mtls != unset {
		*d = demand{mode: mtls, by: p, at: p.At("spec", "portLevelMtls", strconv.Itoa(port), "mode")}
	}
}

// says tells what is demanded: "PeerAuthentication shop/default takes mutual
// TLS alone".
func (d *demand) says(port int) string {
	if d.gateway != nil {
		return "Gateway " + d.gateway.Namespace + "/" + d.gateway.Name + " listens on port " + strconv.Itoa(port) + " itself, whoever calls"
	}
	who := "Istio's default, PERMISSIVE,"
	if d.by != nil {
		who = "PeerAuthentication " + d.by.Namespace + "/" + d.by.Name
	}
	switch d.mode {
	case strict:
		return who + " takes mutual TLS alone on port " + strconv.Itoa(port)
	case disable:
		return who + " takes plaintext alone on port " + strconv.Itoa(port)
	}
	return who + " takes mutual TLS and plaintext on port " + strconv.Itoa(port)
}
