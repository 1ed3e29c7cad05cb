package mesh

import (
	"slices"
	"strconv"

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
}

// demands are what a workload may demand on a port: one, or several where
// policies of one level differ, of which the older holds; no file tells which
// that is. The narrowest level that is not UNSET decides: workload, namespace,
// mesh; without any the mode is PERMISSIVE. A policy with a selector in the
// root namespace is ignored (reference, "Peer Authentication").
func (m *Mesh) demands(w *estate.Workload, port int) []demand {
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

// take makes a policy's mode hold, if it has one.
func (d *demand) take(p *estate.PeerAuthentication) {
	if p == nil {
		return
	}
	if mtls := p.Spec.GetMtls().GetMode(); mtls != unset {
		*d = demand{mtls, p, p.At("spec", "mtls", "mode")}
	}
}

// takePort makes a policy's mode for one port hold, if it has one. Only
// policies with a selector have such modes.
func (d *demand) takePort(p *estate.PeerAuthentication, port int) {
	if p == nil {
		return
	}
	if mtls := p.Spec.GetPortLevelMtls()[uint32(port)].GetMode(); mtls != unset {
		*d = demand{mtls, p, p.At("spec", "portLevelMtls", strconv.Itoa(port), "mode")}
	}
}

// says tells what is demanded: "PeerAuthentication shop/default takes mutual
// TLS alone".
func (d *demand) says(port int) string {
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
