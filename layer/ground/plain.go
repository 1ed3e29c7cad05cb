package ground

import (
	"slices"
	"strings"

	istiosec "istio.io/api/security/v1"

	"fathom/engine/depth"
	"fathom/engine/reach"
	"fathom/engine/reach/flow"
	"fathom/engine/reach/mesh"
	"fathom/estate"
)

// Plaintext is an estate whose mesh takes plaintext beside mutual TLS, as it is
// while services move into a mesh: every mode that refuses it is PERMISSIVE.
func Plaintext(e *estate.Estate) *estate.Estate {
	return estate.Edit(e, func(d *estate.Draft) {
		estate.Change(d, func(p *estate.PeerAuthentication) {
			p.Spec = p.Spec.DeepCopy()
			relax(p.Spec.GetMtls())
			for _, m := range p.Spec.GetPortLevelMtls() {
				relax(m)
			}
		})
		estate.Change(d, func(n *estate.Namespace) { n.Annotations = unguarded(n.Annotations) })
		estate.Change(d, func(w *estate.Workload) { w.PodAnnotations = unguarded(w.PodAnnotations) })
	})
}

func relax(m *istiosec.PeerAuthentication_MutualTLS) {
	if m.GetMode() == istiosec.PeerAuthentication_MutualTLS_STRICT {
		m.Mode = istiosec.PeerAuthentication_MutualTLS_PERMISSIVE
	}
}

// unguarded are annotations by which Linkerd takes plaintext too.
func unguarded(in map[string]string) map[string]string {
	const policy = "config.linkerd.io/default-inbound-policy"
	switch in[policy] {
	case "all-authenticated", "cluster-authenticated", "deny":
		in[policy] = "all-unauthenticated"
	}
	return in
}

// plaintext is the mesh of Plaintext.
type plaintext struct{ *mesh.Mesh }

// Nameless is what the policies for a workload say to a caller without an
// identity, were plaintext taken.
func (g *Ground) Nameless(to *estate.Workload, port int) mesh.Verdict {
	p := estate.Once(g.Estate, func(e *estate.Estate) plaintext { return plaintext{mesh.New(Plaintext(e))} })
	return p.Admits(mesh.Caller{}, to, port, mesh.Detect)
}

// behind is what stands behind a refusal of plaintext: the policies, which know
// no caller without an identity.
func (g *Ground) behind(to reach.Place, c flow.Conn) (depth.Stop, bool) {
	w, ok := to.Of.(*estate.Workload)
	if !ok {
		return depth.Stop{}, false
	}
	v := g.Nameless(w, c.Port)
	if v.Admits == estate.Yes {
		return depth.Stop{}, false
	}
	s := depth.Stop{Guard: depth.Guard{Control: "mesh.authorization", On: to.String()}, State: depth.Standing, At: w.Pos}
	if n := len(v.Hops); n > 0 {
		s.At, s.Says = v.Hops[n-1].At, v.Hops[n-1].Says
	}
	if v.Admits == estate.Maybe {
		s.State, s.Why = depth.Doubtful, v.Why
	}
	return s, true
}

// asRead is the mesh as it is.
type asRead struct{ *mesh.Mesh }

// Admits is what the mesh says to a caller of a workload; of no caller it knows
// but workloads.
func (g *Ground) Admits(from reach.Place, to *estate.Workload, port int) mesh.Verdict {
	m := estate.Once(g.Estate, func(e *estate.Estate) asRead { return asRead{mesh.New(e)} })
	w, _ := from.Of.(*estate.Workload)
	return m.Admits(mesh.Caller{Workload: w}, to, port, mesh.Detect)
}

// limit is the guard that leaves a caller some requests and not all, once the
// guards of the mesh that refuse him have gone.
func (g *Ground) limit(from, to reach.Place, c flow.Conn, refuse []depth.Stop) []depth.Stop {
	w, ok := to.Of.(*estate.Workload)
	if !ok || slices.ContainsFunc(refuse, func(s depth.Stop) bool { return s.Control == "mesh.authorization" }) {
		return nil
	}
	v := g.Admits(from, w, c.Port)
	if len(refuse) > 0 {
		v = g.Nameless(w, c.Port)
	}
	if v.Every {
		return nil
	}
	s := depth.Stop{Guard: depth.Guard{Control: "mesh.authorization", On: to.String()}, State: depth.Standing, At: w.Pos, Says: "only " + v.What + " is let in"}
	if n := len(v.Hops); n > 0 {
		s.At, s.Says = v.Hops[n-1].At, v.Hops[n-1].Says
	}
	if v.Admits == estate.Maybe {
		s.State, s.Why = depth.Doubtful, v.Why
	}
	return []depth.Stop{s}
}

// fronted says whether a way between two places inside leads out, and in again
// by the front door: that is the way of everybody outside, whom the edge judges.
func fronted(from, to reach.Place, w *flow.Way) bool {
	if from.Kind == reach.Internet || from.Kind == reach.CIDR || to.Kind != reach.Workload {
		return false
	}
	out := false
	for i := range w.Hops {
		switch h := &w.Hops[i]; h.Kind {
		case flow.CDN:
			return true
		case flow.Address: // of a balancer that faces the internet
			out = out || strings.Contains(h.Says, "has a public address")
		case flow.LoadBalancer:
			if out {
				return true
			}
		}
	}
	return false
}
