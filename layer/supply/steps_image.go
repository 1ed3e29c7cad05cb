package supply

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"fathom/engine/depth"
	"fathom/engine/reach"
	"fathom/estate"
	"fathom/layer/ground"
)

// image: the ways in which an image of an attacker's comes to run as a workload.
// Deploy is a goal of its own, and each of them reaches it.
func (m *moves) image(w *ground.Workload, p *estate.Workload) {
	signed, admitted := m.guards.signed(w, p), m.guards.admitted(w, p)
	// Where only signatures are asked for, nothing is left without them; and
	// nobody asks for them where what asks only reports.
	if signed.State != depth.Missing && !m.guards.bound(p) {
		m.add(depth.Step{Gives: depth.Off(admitted.Guard), Stops: []depth.Stop{signed}, Says: "finds that images of " + w.Name + " are admitted by a signature that nobody checks", At: signed.At})
	}
	if signed.State != depth.Missing {
		m.add(depth.Step{Gives: depth.Off(signed.Guard), Stops: []depth.Stop{admitted}, Says: "finds that a missing signature on an image of " + w.Name + " is only reported", At: admitted.At})
	}
	m.moved(w, p, signed)
	m.built(w, p)
	for _, x := range m.rewriters(p) {
		m.add(depth.Step{Gives: ground.Deploy, Needs: x.needs, Stops: []depth.Stop{admitted}, Says: "has " + w.Name + " run an image from anywhere, " + x.says, At: x.at})
		m.add(depth.Step{Gives: ground.Deploy, Needs: append(slices.Clip(x.needs), ground.Push), Stops: []depth.Stop{signed}, Says: "has " + w.Name + " run an image that it pushed, " + x.says, At: x.at})
		if x.pod {
			m.add(depth.Step{Gives: ground.Run(w.Name), Needs: x.needs, Says: "has " + w.Name + " run a command of its own, " + x.says, At: x.at})
		}
	}
}

// moved: a tag that pods name is moved to another image, and the next pod runs
// that. A digest cannot be.
func (m *moves) moved(w *ground.Workload, p *estate.Workload, signed depth.Stop) {
	done := map[string]bool{}
	p.Containers(func(c *corev1.Container, path []string) {
		if _, digest := registry(c.Image); digest || c.Image == "" {
			return
		}
		r := m.guards.repository(c.Image)
		if r == nil || done[r.ID.Addr] {
			return // somebody else's registry, to which nobody here has a key
		}
		done[r.ID.Addr] = true
		stops := []depth.Stop{m.guards.tags[r.ID], signed}
		m.runs(w, []depth.Capability{ground.Push}, stops, "moves the tag of "+c.Image+", which "+w.Name+" runs", p.AtPod(append(slices.Clone(path), "image")...))
	})
}

// built: a library that the build takes in is built, signed and deployed as if
// it were the team's own: only who looks at what goes in sees it. What a vendor
// ships is not built here.
func (m *moves) built(w *ground.Workload, p *estate.Workload) {
	if isAgent(p) || !slices.ContainsFunc(p.Pod.Containers, m.guards.ours) {
		return
	}
	stops := []depth.Stop{m.guards.code, m.guards.scanned(p)}
	m.runs(w, []depth.Capability{ground.Begin(ground.Dependency)}, stops, "has a library of its own built into the image of "+w.Name, p.AtPod("containers"))
}

// runs adds the steps to running as a workload, and to having deployed
// something.
func (m *moves) runs(w *ground.Workload, needs []depth.Capability, stops []depth.Stop, says string, at pos) {
	for _, gives := range []depth.Capability{ground.Run(w.Name), ground.Deploy} {
		m.add(depth.Step{Gives: gives, Needs: needs, Stops: stops, Says: says, At: at})
	}
}

// rewriter is somebody who may change what a workload runs, and does not
// administer the cluster.
type rewriter struct {
	needs []depth.Capability
	says  string
	at    pos
	// pod says that it is a workload. What people may do with kubectl short of
	// another image is the access layer's.
	pod bool
}

// rewriters are those who may by the roles of Kubernetes: principals with an
// access entry, through its groups; and workloads, by their accounts.
func (m *moves) rewriters(p *estate.Workload) []rewriter {
	var out []rewriter
	for _, api := range m.g.Net.Places() {
		if api.Kind != reach.API {
			continue
		}
		for _, b := range m.guards.changers(p) {
			for _, s := range b.Subjects {
				out = append(out, m.subject(b, s, api.String())...)
			}
		}
	}
	return out
}

// subject are the rewriters that a binding names.
func (m *moves) subject(b *estate.RBACBinding, s rbacv1.Subject, api string) []rewriter {
	var out []rewriter
	switch s.Kind {
	case rbacv1.GroupKind:
		for _, x := range m.guards.groups[s.Name] {
			out = append(out, rewriter{needs: []depth.Capability{ground.Act(x), ground.Connect(api, ground.Outside)}, says: "as " + x + " of group " + s.Name, at: b.Pos})
		}
	case rbacv1.ServiceAccountKind:
		for _, w := range m.g.Workloads {
			if o := w.Pods(); o != nil && o.Namespace == s.Namespace && o.ServiceAccountName() == s.Name {
				out = append(out, rewriter{needs: []depth.Capability{ground.Run(w.Name), ground.Connect(api, w.Name)}, says: "with the token of " + w.Name, at: b.Pos, pod: true})
			}
		}
	}
	return out
}

// changesPods says whether a rule lets change what the pods of a workload run.
func changesPods(r rbacv1.PolicyRule, w *estate.Workload) bool {
	has := func(list []string, any ...string) bool {
		return slices.ContainsFunc(list, func(v string) bool { return v == "*" || slices.Contains(any, v) })
	}
	plural := strings.ToLower(w.Kind) + "s"
	makes := has(r.Verbs, "create") && len(r.ResourceNames) == 0 && has(r.Resources, "pods", plural)
	named := len(r.ResourceNames) == 0 || slices.Contains(r.ResourceNames, w.Name)
	return makes || named && has(r.Verbs, "patch", "update") && has(r.Resources, plural)
}
