package mesh

import (
	"slices"
	"strconv"

	"fathom/control"
	"fathom/estate"
	"fathom/layer/ground"
)

var mtlsStrict = control.Control{
	ID:       "mesh.mtls-strict",
	Title:    "Both peers show and check certificates; plaintext is refused",
	Why:      "Whoever gets into the network reads what services tell each other, and calls them in anybody's name",
	Threats:  []control.Threat{control.LateralMovement, control.Exfiltration},
	Phase:    control.LongTerm,
	Severity: control.High,
	World:    control.Kubernetes,
	Maps:     []string{"PCI DSS 4.0.1 4.2.1", "GDPR 32(1)(a)", "HIPAA 164.312(e)(1)", "HIPAA 164.312(e)(2)(ii)"},
	Check:    checkMTLS,
	Defeat:   ground.Plaintext,
}

func checkMTLS(e *estate.Estate) []control.Result {
	s := look(e)
	switch {
	case !s.any():
		return s.none()
	case s.istio:
		return append(s.istioMTLS(), s.destinations()...)
	case s.linkerd:
		return s.linkerdMTLS()
	}
	return s.unread()
}

func (s *seen) istioMTLS() []control.Result {
	p := s.peers()
	var out []control.Result
	outside := map[estate.ID]*loose[member]{}                   // by the object that keeps workloads outside
	open := map[estate.ID]*loose[*estate.PeerAuthentication]{}  // by the policy that accepts plaintext
	ports := map[estate.ID]*loose[*estate.PeerAuthentication]{} // by the policy that accepts it on a port
	unread := map[estate.ID]*loose[member]{}                    // by namespace
	var byDefault []*estate.Workload
	for _, w := range s.services {
		m, d := s.member(w), p.of(w)
		if m.is == estate.No {
			collect(outside, m.by.Meta().ID, m, w)
			continue
		}
		out = append(out, holes(w)...)
		if d.ports != nil {
			collect(ports, d.ports.ID, d.ports, w)
		}
		switch {
		case d.why != "":
			out = append(out, control.Unsure(w, w.Pos, d.why))
		case d.mode == strict && m.is == estate.Maybe:
			collect(unread, estate.ID{Addr: w.Namespace}, m, w)
		case d.mode == strict:
			out = append(out, control.Is(w, control.Evidence{At: modeAt(d.by), Saw: "PeerAuthentication " + d.by.Namespace + "/" + d.by.Name + " is STRICT"}))
		case d.by == nil:
			byDefault = append(byDefault, w)
		default:
			collect(open, d.by.ID, d.by, w)
		}
	}
	for _, l := range sorted(unread) {
		out = append(out, control.Unsure(l.workloads[0], l.of.at, l.of.why+control.Few(names(l.workloads), 4)+" "+verb(l.workloads, "gets a sidecar", "get sidecars")))
	}
	for _, l := range sorted(outside) {
		out = append(out, control.Not(l.of.by, control.Mistake{
			At:      l.of.at,
			Summary: l.of.why + ": " + control.Few(names(l.workloads), 4) + " " + verb(l.workloads, "speaks", "speak") + " plaintext",
			Fix:     "label the namespace istio-injection: enabled (or istio.io/dataplane-mode: ambient) and let no pod refuse",
		}))
	}
	for _, l := range sorted(open) {
		mode := l.of.Spec.GetMtls().GetMode().String()
		out = append(out, control.Not(l.of, control.Mistake{
			At:       modeAt(l.of),
			Summary:  "PeerAuthentication " + l.of.Namespace + "/" + l.of.Name + " is " + mode + ": " + control.Few(names(l.workloads), 4) + " " + verb(l.workloads, "takes", "take") + " plaintext from anyone",
			Fix:      "set mtls.mode: STRICT",
			Evidence: []control.Evidence{{At: modeAt(l.of), Saw: "mode: " + mode}},
		}))
	}
	for _, l := range sorted(ports) {
		out = append(out, openPorts(l.of, l.workloads)...)
	}
	if len(byDefault) > 0 {
		out = append(out, control.NowhereInCluster(s.e, control.Mistake{
			Summary: "no PeerAuthentication is for " + control.Few(names(byDefault), 4) + ", and Istio's default, PERMISSIVE, takes plaintext from anyone",
			Fix:     "add a PeerAuthentication without a selector and with mtls.mode: STRICT to namespace " + s.root,
		})...)
	}
	return out
}

// loose is an object with the workloads it leaves open.
type loose[T any] struct {
	id        estate.ID
	of        T
	workloads []*estate.Workload
}

func collect[T any](in map[estate.ID]*loose[T], id estate.ID, of T, w *estate.Workload) {
	if in[id] == nil {
		in[id] = &loose[T]{id: id, of: of}
	}
	in[id].workloads = append(in[id].workloads, w)
}

func sorted[T any](in map[estate.ID]*loose[T]) []*loose[T] {
	out := make([]*loose[T], 0, len(in))
	for _, l := range in {
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b *loose[T]) int { return a.id.Compare(b.id) })
	return out
}

func verb(ws []*estate.Workload, one, many string) string {
	if len(ws) == 1 {
		return one
	}
	return many
}

// openPorts judges portLevelMtls, which overrides the mode of single ports.
func openPorts(p *estate.PeerAuthentication, ws []*estate.Workload) []control.Result {
	var ports []int
	for port := range p.Spec.GetPortLevelMtls() {
		ports = append(ports, int(port))
	}
	slices.Sort(ports)
	var out []control.Result
	for _, port := range ports {
		m := p.Spec.GetPortLevelMtls()[uint32(port)].GetMode()
		if m == strict || m == unset {
			continue
		}
		at := p.At("spec", "portLevelMtls", strconv.Itoa(port), "mode")
		out = append(out, control.Partly(p, control.Mistake{
			At: at, Severity: control.Medium,
			Summary:  "PeerAuthentication " + p.Namespace + "/" + p.Name + " is " + m.String() + " for port " + strconv.Itoa(port) + ": " + control.Few(names(ws), 4) + " " + verb(ws, "takes", "take") + " plaintext there",
			Fix:      "remove the port from portLevelMtls, or let only what cannot speak mTLS reach it (a NetworkPolicy)",
			Evidence: []control.Evidence{{At: at, Saw: "mode: " + m.String()}},
		}))
	}
	return out
}
