package mesh

import (
	"slices"
	"strings"

	istiosec "istio.io/api/security/v1"

	"fathom/estate"
)

// The modes of mutual TLS, in Istio's words.
const (
	strict     = istiosec.PeerAuthentication_MutualTLS_STRICT
	permissive = istiosec.PeerAuthentication_MutualTLS_PERMISSIVE
	unset      = istiosec.PeerAuthentication_MutualTLS_UNSET
)

type mode = istiosec.PeerAuthentication_MutualTLS_Mode

// peers answers which PeerAuthentication decides for a workload. The narrowest
// that is not UNSET wins: workload, namespace, mesh; without any the mode is
// PERMISSIVE. Among several of one level the oldest wins, which no file tells.
// One with a selector in the root namespace is ignored.
type peers struct {
	root  string
	whole map[string][]*estate.PeerAuthentication // by namespace; the root's are the mesh's
	some  labelIndex[*estate.PeerAuthentication]
}

func (s *seen) peers() *peers {
	p := &peers{root: s.root, whole: map[string][]*estate.PeerAuthentication{}}
	for _, a := range estate.All[*estate.PeerAuthentication](s.e) {
		switch labels := a.Spec.GetSelector().GetMatchLabels(); {
		case len(labels) == 0:
			p.whole[a.Namespace] = append(p.whole[a.Namespace], a)
		case a.Namespace != s.root:
			p.some.add(a.Namespace, labels, a)
		}
	}
	return p
}

// decision is the mode of a workload and who decides it; by is nil for Istio's
// default.
type decision struct {
	mode mode
	by   *estate.PeerAuthentication
	// ports is the policy whose portLevelMtls holds for the workload.
	ports *estate.PeerAuthentication
	// why says why the mode is not known.
	why string
}

func (p *peers) of(w *estate.Workload) decision {
	d := decision{mode: permissive}
	levels := [][]*estate.PeerAuthentication{p.whole[p.root], p.some.match(w.Namespace, w.PodLabels)}
	if w.Namespace != p.root {
		levels = [][]*estate.PeerAuthentication{p.whole[p.root], p.whole[w.Namespace], levels[1]}
	}
	for i, level := range levels {
		if len(level) == 0 {
			continue
		}
		slices.SortFunc(level, func(a, b *estate.PeerAuthentication) int { return a.ID.Compare(b.ID) })
		first := level[0]
		for _, other := range level[1:] {
			if other.Spec.GetMtls().GetMode() != first.Spec.GetMtls().GetMode() {
				d.why = "PeerAuthentication " + strings.Join([]string{first.Name, other.Name}, " and ") + " are for the same workloads and differ; the older one wins"
			}
		}
		if m := first.Spec.GetMtls().GetMode(); m != unset {
			d.mode, d.by = m, first
			if len(level) == 1 {
				d.why = "" // a narrower one that is clear settles what a wider one left open
			}
		}
		if i == len(levels)-1 && len(first.Spec.GetPortLevelMtls()) > 0 {
			d.ports = first
		}
	}
	return d
}
