package mesh

import (
	"slices"

	istiosec "istio.io/api/security/v1"

	"fathom/control"
	"fathom/estate"
)

var authorization = control.Control{
	ID:       "mesh.authorization",
	Title:    "Each service names the identities it accepts",
	Why:      "Any workload of the mesh, also one that was taken over, may call any service and every method of it",
	Threats:  []control.Threat{control.LateralMovement},
	Phase:    control.LongTerm,
	Severity: control.High,
	World:    control.Kubernetes,
	Maps:     []string{"PCI DSS 4.0.1 7.2.5", "HIPAA 164.312(a)(1)"},
	Check:    checkAuthorization,
	Defeat:   allowAll,
}

func checkAuthorization(e *estate.Estate) []control.Result {
	s := look(e)
	switch {
	case !s.any():
		return s.none()
	case s.istio:
		return s.istioAuthorization()
	case s.linkerd:
		return []control.Result{control.Unsure(e.Cluster(), e.Cluster().Pos, "Linkerd's Servers and AuthorizationPolicies are not read")}
	}
	return s.unread()
}

// istioAuthorization follows Istio's order: CUSTOM, DENY, ALLOW. Without any
// ALLOW policy for a workload everything that is not denied is allowed; with
// one, everything that none of them allows is refused.
func (s *seen) istioAuthorization() []control.Result {
	policies, peers := s.policies(), s.peers()
	bare := map[string][]*estate.Workload{} // by namespace
	plain := map[estate.ID]*estate.Workload{}
	var out []control.Result
	var order []string
	for _, w := range s.services {
		if s.member(w).is == estate.No {
			continue // nobody there enforces a policy: mesh.mtls-strict says so
		}
		here := policies.of(s.index, w)
		if d := peers.of(w); d.mode != strict {
			for _, p := range here.deny {
				if plain[p.ID] == nil {
					plain[p.ID] = w
				}
			}
		}
		switch {
		case len(here.allow) > 0:
			p := here.allow[0]
			out = append(out, control.Is(w, control.Evidence{At: p.Pos, Saw: "AuthorizationPolicy " + p.Namespace + "/" + p.Name + " says who may call"}))
		case here.why != "":
			out = append(out, control.Unsure(w, w.Pos, here.why))
		default:
			if bare[w.Namespace] == nil {
				order = append(order, w.Namespace)
			}
			bare[w.Namespace] = append(bare[w.Namespace], w)
		}
	}
	slices.Sort(order)
	out = append(out, s.bare(order, bare)...)
	for _, p := range estate.All[*estate.AuthorizationPolicy](s.e) {
		out = append(out, judgePolicy(p, plain[p.ID])...)
	}
	return out
}

// bare makes one result of the workloads of a namespace that have no policy.
func (s *seen) bare(order []string, bare map[string][]*estate.Workload) []control.Result {
	var out []control.Result
	for _, ns := range order {
		ws := bare[ns]
		var on estate.Resource = ws[0]
		summary := ws[0].ID.Addr + " has no ALLOW AuthorizationPolicy: whoever is in the mesh may call it"
		if n := estate.NamespaceOf(s.e, ns); n != nil && len(ws) > 1 {
			on = n
		}
		if len(ws) > 1 {
			summary = "no ALLOW AuthorizationPolicy is for " + control.Few(names(ws), 4) + " in namespace " + ns + ": whoever is in the mesh may call them"
		}
		out = append(out, control.Lacks(s.e, on, control.Mistake{
			Summary: summary,
			Fix:     "add an AuthorizationPolicy with an empty spec to the namespace (it allows nothing), then one for each service with from.source.principals and to.operation.methods",
		}))
	}
	return out
}

// policies finds the AuthorizationPolicies of a workload: those of its
// namespace and of the root namespace, that choose it by labels, by nothing, or
// by a Service it is behind.
type policies struct {
	root   string
	whole  map[string][]*estate.AuthorizationPolicy
	some   labelIndex[*estate.AuthorizationPolicy]
	every  labelIndex[*estate.AuthorizationPolicy]  // of the root namespace, with labels
	behind map[string][]*estate.AuthorizationPolicy // by "namespace/service"
	proxy  map[string]*estate.AuthorizationPolicy   // for gateways and waypoints of a namespace
}

func (s *seen) policies() *policies {
	ps := &policies{
		root: s.root, whole: map[string][]*estate.AuthorizationPolicy{},
		behind: map[string][]*estate.AuthorizationPolicy{}, proxy: map[string]*estate.AuthorizationPolicy{},
	}
	for _, p := range estate.All[*estate.AuthorizationPolicy](s.e) {
		targets := p.Spec.GetTargetRefs()
		if t := p.Spec.GetTargetRef(); t != nil {
			targets = append(targets[:len(targets):len(targets)], t)
		}
		labels := p.Spec.GetSelector().GetMatchLabels()
		switch {
		case len(targets) > 0:
			for _, t := range targets {
				if t.GetKind() == "Service" {
					ps.behind[p.Namespace+"/"+t.GetName()] = append(ps.behind[p.Namespace+"/"+t.GetName()], p)
				} else {
					ps.proxy[p.Namespace] = p
				}
			}
		case len(labels) == 0:
			ps.whole[p.Namespace] = append(ps.whole[p.Namespace], p)
		case p.Namespace == s.root:
			ps.every.add("", labels, p)
		default:
			ps.some.add(p.Namespace, labels, p)
		}
	}
	return ps
}

// applied are the policies of one workload.
type applied struct {
	allow, deny []*estate.AuthorizationPolicy
	// why says why somebody else may decide.
	why string
}

func (ps *policies) of(ix *serviceIndex, w *estate.Workload) applied {
	all := slices.Concat(ps.whole[w.Namespace], ps.some.match(w.Namespace, w.PodLabels), ps.every.match("", w.PodLabels))
	if w.Namespace != ps.root {
		all = append(all, ps.whole[ps.root]...)
	}
	for _, service := range ix.match(w.Namespace, w.PodLabels) {
		all = append(all, ps.behind[w.Namespace+"/"+service.Name]...)
	}
	slices.SortFunc(all, func(a, b *estate.AuthorizationPolicy) int { return a.ID.Compare(b.ID) })
	var out applied
	for _, p := range slices.Compact(all) {
		switch p.Spec.GetAction() {
		case istiosec.AuthorizationPolicy_ALLOW:
			out.allow = append(out.allow, p)
		case istiosec.AuthorizationPolicy_DENY:
			out.deny = append(out.deny, p)
		case istiosec.AuthorizationPolicy_CUSTOM:
			out.why = "who may call " + w.ID.Addr + " is decided by the provider of AuthorizationPolicy " + p.Namespace + "/" + p.Name + ", which is not read"
		}
	}
	if p := ps.proxy[w.Namespace]; p != nil && out.why == "" {
		out.why = "AuthorizationPolicy " + p.Namespace + "/" + p.Name + " is for a gateway or waypoint, and whether " + w.ID.Addr + " is behind it is not known"
	}
	return out
}
