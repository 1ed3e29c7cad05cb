package mesh

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"fathom/engine/depth"
	"fathom/engine/iam"
	"fathom/engine/iam/access"
	"fathom/engine/reach"
	"fathom/estate"
	"fathom/layer/ground"
)

// Sign is to have certificates of the mesh in any workload's name: to be whoever
// may call. Given and needed by this layer alone.
var Sign = depth.Capability{Kind: "sign", Of: "mesh"}

// sign gives the ways to certificates in others' names: to have the authority
// sign them, and to hold its key.
func (m *moves) sign() {
	if !m.istio() {
		return
	}
	m.authority()
	key := ground.StopWhole(&privateCA, m.g.Estate, "the authority of the mesh")
	for _, n := range m.g.Nodes {
		if m.hostsIstiod(n.Place) {
			m.add(depth.Step{Gives: Sign, Needs: []depth.Capability{ground.OnNode(n.Name)}, Stops: []depth.Stop{key}, Says: "takes the key that signs for the mesh from the pod of istiod on " + n.Name, At: posOf(n.Place)})
		}
	}
	for _, w := range m.g.Workloads {
		if p := w.Pods(); p != nil {
			if by := m.readsSecrets(p); by != nil {
				m.add(depth.Step{Gives: Sign, Needs: []depth.Capability{ground.Run(w.Name)}, Stops: []depth.Stop{key}, Says: "reads the key that signs for the mesh from its Secret with the token of " + w.Name, At: by.Pos})
			}
		}
	}
}

// authority: who may have ACM Private CA sign for the mesh.
func (m *moves) authority() {
	issued := slices.ContainsFunc(estate.All[*estate.Object](m.g.Estate), func(o *estate.Object) bool { return strings.HasPrefix(o.Kind, "AWSPCA") })
	if !issued {
		return
	}
	ctx := iam.Context{}
	ctx.Set("acm-pca:TemplateArn", iam.One("arn:aws:acm-pca:::template/EndEntityCertificate/V1"))
	for _, ca := range estate.All[*estate.PrivateCA](m.g.Estate) {
		arn, _, err := m.g.IAM.Resource(ca.ID.Addr)
		if err != nil {
			continue
		}
		for _, p := range m.g.IAM.Principals() {
			if p.Kind != access.Role && p.Kind != access.User && p.Kind != access.PermissionSet {
				continue
			}
			if permit := m.g.Permit(p, "acm-pca:IssueCertificate", arn, ctx); !permit.Never {
				m.add(depth.Step{Gives: Sign, Needs: []depth.Capability{ground.Act(p.Name)}, Stops: permit.Stops, Says: "has " + ca.ID.Addr + " sign a certificate in another's name as " + p.Name, At: permit.At})
			}
		}
	}
}

// hostsIstiod says whether pods of istiod may run on a node: where the files
// run them, and else wherever nothing keeps pods off.
func (m *moves) hostsIstiod(node reach.Place) bool {
	for _, w := range m.g.Workloads {
		if p := w.Pods(); p != nil && p.Name == "istiod" {
			return slices.ContainsFunc(m.g.Net.NodesOf(w.Place), func(on reach.Place) bool { return on.Of == node.Of })
		}
	}
	g, ok := node.Of.(*estate.NodeGroup)
	return ok && !slices.ContainsFunc(g.Taints.Items, func(t estate.NodeTaint) bool {
		return t.Effect.In("NO_SCHEDULE", "NO_EXECUTE") != estate.No
	})
}

// readsSecrets finds the binding by which a workload's account may read the
// Secrets of Istio's namespace, or nil.
func (m *moves) readsSecrets(w *estate.Workload) *estate.RBACBinding {
	for _, b := range estate.All[*estate.RBACBinding](m.g.Estate) {
		if b.Kind == "RoleBinding" && b.Namespace != m.seen.root {
			continue
		}
		if !slices.ContainsFunc(b.Subjects, func(s rbacv1.Subject) bool { return subjectIs(s, w) }) {
			continue
		}
		for _, r := range estate.All[*estate.RBACRole](m.g.Estate) {
			if r.Kind == b.RoleRef.Kind && r.Name == b.RoleRef.Name && (r.Kind == "ClusterRole" || r.Namespace == b.Namespace) &&
				slices.ContainsFunc(r.Rules, readsAnySecret) {
				return b
			}
		}
	}
	return nil
}

func subjectIs(s rbacv1.Subject, w *estate.Workload) bool {
	switch s.Kind {
	case "ServiceAccount":
		return s.Name == w.ServiceAccountName() && s.Namespace == w.Namespace
	case "Group":
		return s.Name == "system:serviceaccounts" || s.Name == "system:authenticated" || s.Name == "system:serviceaccounts:"+w.Namespace
	}
	return false
}

func readsAnySecret(r rbacv1.PolicyRule) bool {
	has := func(list []string, any ...string) bool {
		return slices.ContainsFunc(list, func(v string) bool { return slices.Contains(any, v) })
	}
	named := len(r.ResourceNames) == 0 || has(r.ResourceNames, "istio-ca-secret", "cacerts")
	return named && has(r.APIGroups, "", "*") && has(r.Resources, "secrets", "*") && has(r.Verbs, "get", "list", "watch", "*")
}
