package access

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"fathom/diag"
	"fathom/engine/reach"
	"fathom/estate"
	"fathom/layer/ground"
)

// runs says whether somebody who is let into the cluster may have code of his
// run in a workload: by a command in its pods, or by a change of what makes them.
func (w *entrance) runs(a *admitted, x *ground.Workload) (at diag.Pos, says string, may bool) {
	for _, place := range append([]reach.Place{x.Place}, x.Alike...) {
		pods, ok := place.Of.(*estate.Workload)
		if !ok {
			continue
		}
		if a.everywhere >= edits || a.below[pods.Namespace] >= edits {
			return a.at, "runs a command in " + x.Name + " with kubectl", true
		}
		for _, b := range estate.All[*estate.RBACBinding](w.e) {
			if b.Namespace != "" && b.Kind == "RoleBinding" && b.Namespace != pods.Namespace || !binds(b, a.groups) {
				continue
			}
			for _, r := range w.rulesOf(b) {
				if how := lets(&r, pods); how != "" {
					return b.Pos, how + " " + x.Name + " with kubectl", true
				}
			}
		}
	}
	return diag.Pos{}, "", false
}

// rules says whether a binding gives somebody everything in the cluster.
func (w *entrance) rules(a *admitted) bool {
	return slices.ContainsFunc(estate.All[*estate.RBACBinding](w.e), func(b *estate.RBACBinding) bool {
		return b.Kind == "ClusterRoleBinding" && b.RoleRef.Kind == "ClusterRole" && b.RoleRef.Name == "cluster-admin" && binds(b, a.groups)
	})
}

// binds says whether a binding is for one of some groups.
func binds(b *estate.RBACBinding, groups []string) bool {
	return slices.ContainsFunc(b.Subjects, func(s rbacv1.Subject) bool { return s.Kind == "Group" && slices.Contains(groups, s.Name) })
}

// everyEdit are the rules of the roles that every cluster has for those who run
// what they like: admin and edit; cluster-admin has more.
var everyEdit = []rbacv1.PolicyRule{{APIGroups: []string{"*"}, Resources: []string{"*"}, Verbs: []string{"*"}}}

// rulesOf are the rules of the role that a binding names.
func (w *entrance) rulesOf(b *estate.RBACBinding) []rbacv1.PolicyRule {
	for _, r := range estate.All[*estate.RBACRole](w.e) {
		if r.Kind == b.RoleRef.Kind && r.Name == b.RoleRef.Name && (r.Kind == "ClusterRole" || r.Namespace == b.Namespace) {
			return r.Rules
		}
	}
	if b.RoleRef.Kind == "ClusterRole" && slices.Contains([]string{"cluster-admin", "admin", "edit"}, b.RoleRef.Name) {
		return everyEdit
	}
	return nil
}

// makers are the kinds that make pods; who may change one runs what he likes in
// its pods.
var makers = map[string]string{
	"Deployment": "deployments", "StatefulSet": "statefulsets", "DaemonSet": "daemonsets",
	"ReplicaSet": "replicasets", "Job": "jobs", "CronJob": "cronjobs", "Pod": "pods",
}

// lets says how a rule lets code be run in the pods of a workload, or "".
func lets(r *rbacv1.PolicyRule, x *estate.Workload) string {
	among := func(in []string, of ...string) bool {
		return slices.ContainsFunc(in, func(s string) bool { return s == "*" || slices.Contains(of, s) })
	}
	named := func(name string) bool {
		return len(r.ResourceNames) == 0 || slices.ContainsFunc(r.ResourceNames, func(n string) bool { return n == name || strings.HasPrefix(n, name+"-") })
	}
	core := among(r.APIGroups, "")
	switch {
	case core && among(r.Resources, "pods/exec", "pods/attach", "pods/*") && among(r.Verbs, "create", "get") && named(x.Name):
		return "runs a command in"
	case core && among(r.Resources, "pods/ephemeralcontainers") && among(r.Verbs, "patch", "update") && named(x.Name):
		return "adds a container to"
	case core && among(r.Resources, "pods") && among(r.Verbs, "create") && len(r.ResourceNames) == 0:
		return "starts a pod beside, and as,"
	case among(r.APIGroups, "apps", "batch") && among(r.Resources, makers[x.Kind]) && among(r.Verbs, "patch", "update", "create") && named(x.Name):
		return "changes what runs in"
	}
	return ""
}
