package supply

import (
	"regexp"
	"slices"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"fathom/diag"
	"fathom/engine/depth"
	"fathom/estate"
	"fathom/estate/tree"
	"fathom/layer/ground"
)

type pos = diag.Pos

// guards are the guards on the way from registry to pod, by what they stand
// before.
type guards struct {
	e *estate.Estate
	// code finds what a library brings in; gate stops the release of an image with
	// a known hole, nil where no workflow builds one.
	code, gate depth.Stop
	built      bool
	// tags and scans are by repository.
	tags, scans map[estate.ID]depth.Stop
	// byRepository are the images of pods that come from a repository.
	byRepository map[estate.ID][]string
	byName       map[string]*estate.Repository
	// groups are the principals of a group of Kubernetes.
	groups map[string][]string

	verifiers []verifier
	bindings  []*estate.AdmissionPolicy
}

func guardsOf(e *estate.Estate) *guards {
	x := &guards{
		e: e, tags: ground.StopsOf(&immutableTags, e), scans: map[estate.ID]depth.Stop{}, verifiers: verifiers(e),
		byRepository: map[estate.ID][]string{}, byName: map[string]*estate.Repository{}, groups: map[string][]string{},
	}
	x.gates()
	whole, unsure := registryScans(e)
	for _, r := range estate.All[*estate.Repository](e) {
		res := judgeScan(r, whole, unsure)
		x.scans[r.ID] = ground.StopOf(scanOnPush.ID, &res)
		if name, ok := r.RepositoryName.Known(); ok {
			x.byName[name] = r
		}
	}
	for _, w := range estate.All[*estate.Workload](e) {
		w.Containers(func(c *corev1.Container, _ []string) {
			if r := x.repository(c.Image); r != nil {
				x.byRepository[r.ID] = append(x.byRepository[r.ID], c.Image)
			}
		})
	}
	x.bindings = imagePolicies(e)
	x.people()
	return x
}

// gates finds the gates of the pipeline.
func (x *guards) gates() {
	steps := stepsOf(x.e)
	if len(steps) == 0 {
		x.code = gateOf(&codeGates, x.e, sca, nil)
	} else {
		results := checkCodeGates(x.e)
		x.code = gateOf(&codeGates, x.e, sca, &results[1])
	}
	for _, r := range checkScanOnPush(x.e) {
		if r.On != nil && !x.isRepository(r.On.ID) {
			x.gate, x.built = gateOf(&scanOnPush, x.e, imageGate, &r), true
		}
	}
	if !x.built {
		x.gate = gateOf(&scanOnPush, x.e, imageGate, nil)
	}
}

func (x *guards) isRepository(id estate.ID) bool {
	return slices.ContainsFunc(estate.All[*estate.Repository](x.e), func(r *estate.Repository) bool { return r.ID == id })
}

// changers are the bindings by which somebody may change what a workload runs.
func (x *guards) changers(w *estate.Workload) []*estate.RBACBinding {
	var out []*estate.RBACBinding
	for _, b := range estate.All[*estate.RBACBinding](x.e) {
		if b.Kind == "RoleBinding" && b.Namespace != w.Namespace {
			continue
		}
		for _, r := range estate.All[*estate.RBACRole](x.e) {
			if r.Kind == b.RoleRef.Kind && r.Name == b.RoleRef.Name && (r.Kind == "ClusterRole" || r.Namespace == b.Namespace) &&
				slices.ContainsFunc(r.Rules, func(p rbacv1.PolicyRule) bool { return changesPods(p, w) }) {
				out = append(out, b)
				break
			}
		}
	}
	return out
}

// people finds who is in which group of Kubernetes.
func (x *guards) people() {
	world := ground.Of(x.e).IAM
	for _, a := range estate.All[*estate.EKSAccessEntry](x.e) {
		for _, r := range estate.To(x.e, a.Principal) {
			for _, p := range world.Principals() {
				if p.Resource != nil && p.Resource.Meta().ID == r.Meta().ID {
					for _, g := range a.Groups.Known() {
						x.groups[g] = append(x.groups[g], p.Name)
					}
				}
			}
		}
	}
}

// scanned is what stops an image with a known hole: it takes somebody who
// scans, and a gate that heeds it.
func (x *guards) scanned(w *estate.Workload) depth.Stop {
	out := x.gate
	w.Containers(func(c *corev1.Container, _ []string) {
		if r := x.repository(c.Image); r != nil {
			if s := x.scans[r.ID]; s.State < out.State || s.State == depth.Missing && out.State == depth.Doubtful {
				s.On = out.On
				out = s
			}
		}
	})
	return out
}

// repository is the repository of the account's that an image comes from, or
// nil.
func (x *guards) repository(image string) *estate.Repository {
	host, rest, ok := strings.Cut(image, "/")
	if !ok || !strings.Contains(host, ".dkr.ecr") && !strings.Contains(host, ".dkr-ecr.") {
		return nil
	}
	rest, _, _ = strings.Cut(rest, "@")
	rest, _, _ = strings.Cut(rest, ":")
	return x.byName[rest]
}

// ours says whether the team builds the image of a container: it is in a
// repository of the account, or no image is, and it is no proxy of a mesh.
func (x *guards) ours(c corev1.Container) bool {
	return c.Name != "istio-proxy" && c.Name != "linkerd-proxy" && (len(x.byRepository) == 0 || x.repository(c.Image) != nil)
}

// signed is the guard that an image of a workload has to be signed: it stands
// where something refuses what is not.
func (x *guards) signed(w *ground.Workload, p *estate.Workload) depth.Stop {
	stop := depth.Stop{Guard: depth.Guard{Control: signedImages.ID, On: w.Name}, At: p.AtPod("containers"), Says: "nothing asks for a signature on the images of " + w.Name}
	for _, v := range x.verifiers {
		if excludes(v.on, p.Namespace) || !x.covers(v, p) {
			continue
		}
		state := depth.Doubtful
		switch t := v.enforces.And(v.closed); t {
		case estate.Yes:
			state = depth.Standing
		case estate.No:
			continue
		default:
			stop.Why = "whether " + v.on.Meta().ID.Addr + " refuses what is not signed is not known"
		}
		if state > stop.State {
			stop.State, stop.At, stop.Says = state, v.on.Meta().Pos, v.on.Meta().ID.Addr+" refuses images of "+w.Name+" that are not signed"
		}
	}
	if stop.State == depth.Missing {
		if chart, ok := chart(x.e, "connaisseur", "policy-controller", "ratify", "portieris"); ok {
			stop.State, stop.Why = depth.Doubtful, "which images "+chart.Meta().ID.Addr+" verifies is in its values, which are not read"
		}
	}
	return stop
}

// admitted is the guard that only images of one's own run: signed ones, or those
// of one's own registry.
func (x *guards) admitted(w *ground.Workload, p *estate.Workload) depth.Stop {
	stop := x.signed(w, p)
	stop.Control = admission.ID
	if x.bound(p) {
		stop.State, stop.Why = depth.Standing, ""
		if len(x.bindings) > 0 {
			stop.At, stop.Says = x.bindings[0].Pos, x.bindings[0].ID.Addr+" refuses images of other registries"
		}
	}
	if stop.State == depth.Missing {
		stop.Says = "whoever may change " + w.Name + " has it run any image from anywhere"
	}
	return stop
}

// covers says whether a verifier looks at all images of a workload.
func (x *guards) covers(v verifier, p *estate.Workload) bool {
	globs, _, known := references(v)
	if !known {
		return true
	}
	var patterns []*regexp.Regexp
	for _, g := range globs {
		patterns = append(patterns, glob(g))
	}
	all := true
	p.Containers(func(c *corev1.Container, _ []string) { all = all && covered(patterns, c.Image) })
	return all
}

// bound says whether a policy that denies keeps images of other registries from
// a workload's namespace.
func (x *guards) bound(p *estate.Workload) bool {
	return slices.ContainsFunc(x.bindings, func(a *estate.AdmissionPolicy) bool { return !excludes(a, p.Namespace) && !x.unbound(a, p.Namespace) })
}

// unbound says whether no binding that denies takes a policy to a namespace.
func (x *guards) unbound(a *estate.AdmissionPolicy, namespace string) bool {
	for _, b := range estate.All[*estate.AdmissionBinding](x.e) {
		if b.Spec.PolicyName == a.Name && slices.Contains(b.Spec.ValidationActions, admissionv1.Deny) && !excludes(b, namespace) {
			return false
		}
	}
	return true
}

// imagePolicies are the ValidatingAdmissionPolicies that say from where images
// come.
func imagePolicies(e *estate.Estate) []*estate.AdmissionPolicy {
	var out []*estate.AdmissionPolicy
	for _, p := range estate.All[*estate.AdmissionPolicy](e) {
		text := ""
		for _, v := range p.Spec.Variables {
			text += v.Expression + "\n"
		}
		for _, v := range p.Spec.Validations {
			text += v.Expression + "\n"
		}
		fails := p.Spec.FailurePolicy == nil || *p.Spec.FailurePolicy == admissionv1.Fail
		if fails && fromWhere.MatchString(text) {
			out = append(out, p)
		}
	}
	return out
}

// fromWhere matches an expression that compares the beginning of an image's
// name.
var fromWhere = regexp.MustCompile(`image\b[^\n]*\.(startsWith|matches)\(`)

// excludes says whether a policy leaves a namespace out by its name.
func excludes(r estate.Resource, namespace string) bool {
	for _, n := range selectors(r) {
		for _, x := range items(n.Get("matchExpressions")) {
			key, _ := x.Get("key").Literal()
			op, _ := x.Get("operator").Literal()
			if key != "kubernetes.io/metadata.name" {
				continue
			}
			named := slices.ContainsFunc(items(x.Get("values")), func(v *tree.Node) bool { s, _ := v.Literal(); return s == namespace })
			if op == "NotIn" && named || op == "In" && !named {
				return true
			}
		}
	}
	return false
}

func selectors(r estate.Resource) []*tree.Node {
	var m *tree.Node
	switch r := r.(type) {
	case *estate.KyvernoPolicy:
		m = r.Manifest
	case *estate.AdmissionPolicy:
		m = r.Manifest
	case *estate.AdmissionBinding:
		m = r.Manifest
	}
	var out []*tree.Node
	for _, path := range [][]string{{"spec", "matchConstraints", "namespaceSelector"}, {"spec", "matchResources", "namespaceSelector"}} {
		if n := m.At(path...); n != nil {
			out = append(out, n)
		}
	}
	return out
}
