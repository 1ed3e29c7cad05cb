package identity

import (
	"fmt"
	"slices"
	"strings"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

var irsa = control.Control{
	ID:       "identity.irsa",
	Title:    "every workload has its own role through its ServiceAccount",
	Why:      "a pod that falls may do what all the other pods of its node may do",
	Threats:  []control.Threat{control.LateralMovement, control.Exfiltration},
	Phase:    control.MidTerm,
	Severity: control.High,
	World:    control.Anywhere,
	Maps:     []string{"PCI DSS 4.0.1 7.2.5", "PCI DSS 4.0.1 8.6.1", "HIPAA 164.312(a)(1)"},
	Check:    checkIRSA,
	Defeat:   shared,
	Fells:    []string{"identity.session-tags"},
}

// holding is a service account that has a role, by annotation (IRSA) or by a
// Pod Identity association.
type holding struct {
	on        estate.Resource
	at        diag.Pos
	namespace string
	account   string
	role      string // its address, or its ARN where it is not in the estate
	roles     []estate.ID
}

func (h *holding) key() string { return h.namespace + "/" + h.account }

func checkIRSA(e *estate.Estate) []control.Result {
	holdings, out := holdingsOf(e)
	nodes := nodeRoles(e)
	shared := sharedRoles(holdings)
	for i := range holdings {
		out = append(out, judgeHolding(&holdings[i], nodes, shared))
	}
	return append(out, judgeClusters(e, holdings, nodes, len(out) > 0)...)
}

// holdingsOf returns the service accounts with roles, and an unknown result
// for each whose role is not known.
func holdingsOf(e *estate.Estate) (out []holding, unknown []control.Result) {
	for _, a := range estate.All[*estate.ServiceAccount](e) {
		switch {
		case a.Role.Absent():
		case a.Role.Unknown() && len(a.Role.To) == 0:
			unknown = append(unknown, control.Unsure(a, a.Role.Pos(), "the role of service account "+a.Namespace+"/"+a.Name+" is not known: "+a.Role.Why()))
		default:
			out = append(out, holding{a, a.At("metadata", "annotations", "eks.amazonaws.com/role-arn"), a.Namespace, a.Name, roleName(a.Role), a.Role.To})
		}
	}
	for _, p := range estate.All[*estate.PodIdentity](e) {
		namespace, ok1 := p.Namespace.Known()
		account, ok2 := p.ServiceAccount.Known()
		if !ok1 || !ok2 {
			unknown = append(unknown, control.Unsure(p, p.Pos, "which service account "+p.ID.Addr+" is for is not known"))
			continue
		}
		out = append(out, holding{p, p.ServiceAccount.Pos(), namespace, account, roleName(p.Role), p.Role.To})
	}
	return out, unknown
}

func roleName(r estate.Ref[*estate.Role]) string {
	if len(r.To) > 0 {
		return r.To[0].Addr
	}
	return r.String()
}

// sharedRoles maps each role to the service accounts that have it, where there
// is more than one. The same account in two overlays is one.
func sharedRoles(hs []holding) map[string][]string {
	out := map[string][]string{}
	seen := map[[2]string]bool{}
	for i := range hs {
		pair := [2]string{hs[i].role, hs[i].key()}
		if hs[i].role != "unknown" && !seen[pair] {
			seen[pair] = true
			out[hs[i].role] = append(out[hs[i].role], hs[i].key())
		}
	}
	return out
}

func judgeHolding(h *holding, nodes map[estate.ID]string, shared map[string][]string) control.Result {
	others := shared[h.role]
	switch {
	case slices.ContainsFunc(h.roles, func(id estate.ID) bool { return nodes[id] != "" }):
		return control.Not(h.on, control.Mistake{
			At:      h.at,
			Summary: fmt.Sprintf("service account %s uses the node role %s", h.key(), h.role),
			Fix:     "give it a role of its own that trusts only this service account",
		})
	case h.account == "default":
		return control.Partly(h.on, control.Mistake{
			At: h.at, Severity: control.Medium,
			Summary: fmt.Sprintf("service account %s has role %s, and every pod of namespace %s that names no account runs as it", h.key(), h.role, h.namespace),
			Fix:     "make a service account for the workload, name it in serviceAccountName, and move the role there",
		})
	case len(others) > 1 && others[0] != h.key():
		return control.Partly(h.on, control.Mistake{
			At: h.at, Severity: control.Medium,
			Summary: fmt.Sprintf("service account %s shares role %s with %s", h.key(), h.role, others[0]),
			Fix:     "give each service account a role of its own, with only what it needs",
		})
	}
	return control.Is(h.on, control.Evidence{At: h.at, Saw: h.key() + " has role " + h.role})
}

// judgeClusters says of each cluster whether pods can have roles at all, and
// whether those without one fall back on a node role that is worth having.
// Pods without a role are no mistake where the node's role gives nothing.
func judgeClusters(e *estate.Estate, hs []holding, nodes map[estate.ID]string, judged bool) []control.Result {
	clusters := estate.All[*estate.EKSCluster](e)
	bare := withoutRole(e, hs)
	if len(clusters) == 0 {
		return nil
	}
	var out []control.Result
	names := pods(bare)
	wideOnes := wideRoles(e, nodes)
	for _, c := range clusters {
		name := label("EKS cluster", c.ClusterName, &c.Base)
		how := wayToRoles(e, c, judged, len(clusters) == 1)
		switch wide := wideNode(e, c, wideOnes); {
		case how == "":
			out = append(out, control.Lacks(e, c, control.Mistake{
				Summary:  name + " has neither an IAM OIDC provider nor Pod Identity associations: " + names + " can only use the node's role",
				Fix:      "add aws_iam_openid_connect_provider for the cluster's issuer, or the eks-pod-identity-agent add-on with aws_eks_pod_identity_association for each service account",
				Evidence: evidence(bare),
			}))
		case len(bare) > 0 && wide != "" && len(clusters) == 1:
			out = append(out, control.Partly(c, control.Mistake{
				Summary:  fmt.Sprintf("on %s, %s have no role of their own and fall back on node role %s, which grants more than a node needs", name, names, wide),
				Fix:      "annotate their service accounts with eks.amazonaws.com/role-arn (or add aws_eks_pod_identity_association), then take the extra policies off the node role",
				Evidence: evidence(bare),
			}))
		default:
			out = append(out, control.Is(c, control.Evidence{At: c.Pos, Saw: how}))
		}
	}
	return out
}

// wayToRoles says how pods of a cluster get roles: its OIDC provider, or an
// association; or, where there is one cluster, that service accounts have some.
func wayToRoles(e *estate.Estate, c *estate.EKSCluster, judged, only bool) string {
	if ps := estate.Of[*estate.PodIdentity](e, c.ID); len(ps) > 0 {
		return "Pod Identity: " + ps[0].ID.Addr
	}
	if ps := estate.Of[*estate.OIDCProvider](e, c.ID); len(ps) > 0 {
		return "OIDC provider: " + ps[0].ID.Addr
	}
	if !only {
		return ""
	}
	for _, p := range estate.All[*estate.OIDCProvider](e) {
		if u, ok := p.URL.Known(); strings.Contains(u, "oidc.eks.") || !ok && len(p.URL.To) == 0 {
			return "OIDC provider: " + p.ID.Addr
		}
	}
	if judged {
		return "service accounts have roles"
	}
	return ""
}

// workload is a pod-making object that runs without a role.
type workload struct {
	name string
	at   diag.Pos
}

// withoutRole are the workloads whose service account was read, or is the
// namespace's default, and has no role. An account that was not read may have
// one.
func withoutRole(e *estate.Estate, hs []holding) []workload {
	have := map[string]bool{}
	for i := range hs {
		have[hs[i].key()] = true
	}
	var out []workload
	for _, w := range estate.All[*estate.Workload](e) {
		account := w.ServiceAccountName()
		sa := estate.ServiceAccountOf(e, w)
		if have[w.Namespace+"/"+account] || sa == nil && account != "default" || sa != nil && !sa.Role.Absent() {
			continue
		}
		out = append(out, workload{w.ID.Addr, w.AtPod("serviceAccountName")})
	}
	return out
}

// wideNode returns a node role of the cluster with more than a node needs.
func wideNode(e *estate.Estate, c *estate.EKSCluster, wide map[estate.ID]bool) string {
	for _, g := range estate.Of[*estate.NodeGroup](e, c.ID) {
		for _, id := range g.Role.To {
			if wide[id] {
				return id.Addr
			}
		}
	}
	return ""
}

// wideRoles are the node roles that certainly hold more than a node needs.
func wideRoles(e *estate.Estate, nodes map[estate.ID]string) map[estate.ID]bool {
	out := map[estate.ID]bool{}
	for id := range nodes {
		if r, ok := estate.Get[*estate.Role](e, id); ok {
			out[id] = slices.ContainsFunc(extraGrants(r, r.HolderOf(e)), func(res control.Result) bool { return res.Status != control.Unknown })
		}
	}
	return out
}

func pods(ws []workload) string {
	if len(ws) == 0 {
		return "its pods"
	}
	var names []string
	for _, w := range ws {
		names = append(names, w.name)
	}
	return list(names, 4)
}

func evidence(ws []workload) []control.Evidence {
	var out []control.Evidence
	for _, w := range ws[:min(len(ws), 20)] {
		out = append(out, control.Evidence{At: w.at, Saw: w.name + " runs as an account without a role"})
	}
	return out
}
