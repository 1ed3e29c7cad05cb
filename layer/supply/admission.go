package supply

import (
	"slices"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

var admission = control.Control{
	ID:       "supply.admission",
	Title:    "admission control runs only signed images by digest from the registry, in enforce mode, failing closed",
	Why:      "whoever may create a pod runs any image from anywhere",
	Threats:  []control.Threat{control.SupplyChain},
	Phase:    control.MidTerm,
	Severity: control.High,
	World:    control.Kubernetes,
	Maps:     []string{"PCI DSS 4.0.1 6.5.1", "PCI DSS 4.0.1 2.2.1"},
	Check:    checkAdmission,
	Defeat:   onlyReports,
}

func checkAdmission(e *estate.Estate) []control.Result {
	var out []control.Result
	vs := verifiers(e)
	open := uncovered(e, vs)
	idle := slices.ContainsFunc(open, func(r control.Result) bool { return r.Status == control.Absent })
	enforced := false
	for _, v := range vs {
		r := judgeVerifier(v)
		if r.Status == control.Present && idle { // it guards nothing that runs here
			continue
		}
		enforced = enforced || r.Status == control.Present
		out = append(out, r)
	}
	out = append(out, open...)
	if len(vs) == 0 && runsImages(e) {
		out = append(out, unverified(e)...)
	}
	out = append(out, admissionPolicies(e)...)
	out = append(out, webhooks(e)...)
	if !enforced { // a policy that verifies also puts the digest in the tag's place
		out = append(out, byTag(e)...)
	}
	return out
}

func judgeVerifier(v verifier) control.Result {
	name := v.on.Meta().ID.Addr
	switch {
	case v.enforces == estate.No:
		return control.Partly(v.on, control.Mistake{
			At:      at(v.on, []string{"spec", "validationActions"}, []string{"spec", "validationFailureAction"}, []string{"spec", "mode"}, []string{"spec", "enforcementAction"}),
			Summary: name + " only reports images whose signature does not verify",
			Fix:     "set validationActions: [Deny] (Kyverno's older policies: validationFailureAction: Enforce; sigstore: mode: enforce)",
		})
	case v.closed == estate.No:
		return control.Partly(v.on, control.Mistake{
			At: at(v.on, []string{"spec", "failurePolicy"}, []string{"spec", "webhookConfiguration", "failurePolicy"}), Severity: control.Medium,
			Summary: name + " lets every image in while its webhook does not answer: failurePolicy is Ignore",
			Fix:     "set failurePolicy: Fail, and run the webhook with three replicas and a disruption budget",
		})
	case v.enforces == estate.Maybe:
		return control.Unsure(v.on, v.on.Meta().Pos, "whether "+name+" refuses or only reports is not known")
	case v.closed == estate.Maybe:
		return control.Unsure(v.on, v.on.Meta().Pos, "whether "+name+" fails closed depends on a webhook configuration that was not read")
	}
	return control.Is(v.on, control.Evidence{At: v.on.Meta().Pos, Saw: name + " refuses images whose signature does not verify"})
}

// at is the line of the first of those fields that was written.
func at(r estate.Resource, paths ...[]string) diag.Pos {
	o, ok := r.(interface{ At(...string) diag.Pos })
	if !ok {
		return r.Meta().Pos
	}
	above := o.At("spec")
	for _, p := range paths {
		if pos := o.At(p...); pos != above && pos != r.Meta().Pos && pos != o.At(p[:len(p)-1]...) {
			return pos
		}
	}
	return above
}

// admissionPolicies judges ValidatingAdmissionPolicies: one without a binding
// is never asked, and a binding says what becomes of its answer.
func admissionPolicies(e *estate.Estate) []control.Result {
	bindings := map[string][]*estate.AdmissionBinding{}
	for _, b := range estate.All[*estate.AdmissionBinding](e) {
		bindings[b.Spec.PolicyName] = append(bindings[b.Spec.PolicyName], b)
	}
	var out []control.Result
	for _, p := range estate.All[*estate.AdmissionPolicy](e) {
		bs := bindings[p.Name]
		denies := slices.ContainsFunc(bs, func(b *estate.AdmissionBinding) bool {
			return slices.Contains(b.Spec.ValidationActions, admissionv1.Deny)
		})
		switch {
		case len(bs) == 0:
			out = append(out, control.Lacks(e, p, control.Mistake{
				Severity: control.Medium,
				Summary:  "ValidatingAdmissionPolicy " + p.Name + " has no binding, so nobody asks it",
				Fix:      "add a ValidatingAdmissionPolicyBinding with policyName: " + p.Name + " and validationActions: [Deny]",
			}))
		case !denies:
			out = append(out, control.Partly(bs[0], control.Mistake{
				At: bs[0].At("spec", "validationActions"), Severity: control.Medium,
				Summary: "binding " + bs[0].Name + " of ValidatingAdmissionPolicy " + p.Name + " only reports: validationActions is " + actions(bs[0]),
				Fix:     "set validationActions: [Deny]",
			}))
		case p.Spec.FailurePolicy != nil && *p.Spec.FailurePolicy == admissionv1.Ignore:
			out = append(out, control.Partly(p, control.Mistake{
				At: p.At("spec", "failurePolicy"), Severity: control.Low,
				Summary: "ValidatingAdmissionPolicy " + p.Name + " admits what it cannot evaluate: failurePolicy is Ignore",
				Fix:     "set failurePolicy: Fail",
			}))
		default:
			out = append(out, control.Is(p, control.Evidence{At: bs[0].Pos, Saw: "binding " + bs[0].Name + " denies"}))
		}
	}
	return out
}

func actions(b *estate.AdmissionBinding) string {
	var out []string
	for _, a := range b.Spec.ValidationActions {
		out = append(out, string(a))
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// engines are words in the names of webhooks that judge what may run.
var engines = []string{"kyverno", "gatekeeper", "policy", "cosign", "sigstore", "connaisseur", "ratify", "opa", "image", "admission"}

// webhooks judges the webhooks of policy engines that fail open. Others, such
// as those that check the objects of an operator, guard no image.
func webhooks(e *estate.Estate) []control.Result {
	var out []control.Result
	for _, c := range estate.All[*estate.AdmissionWebhooks](e) {
		for i := range c.Webhooks {
			w := &c.Webhooks[i]
			name := strings.ToLower(c.Name + " " + w.Name)
			if !slices.ContainsFunc(engines, func(s string) bool { return strings.Contains(name, s) }) || !aboutPods(w) {
				continue
			}
			if w.FailurePolicy == nil || *w.FailurePolicy == admissionv1.Fail {
				out = append(out, control.Is(c, control.Evidence{At: c.At("webhooks", itoa(i)), Saw: w.Name + " fails closed"}))
				continue
			}
			out = append(out, control.Partly(c, control.Mistake{
				At: c.At("webhooks", itoa(i), "failurePolicy"), Severity: control.Medium,
				Summary: "webhook " + w.Name + " admits everything while it does not answer: failurePolicy is Ignore",
				Fix:     "set failurePolicy: Fail, and leave kube-system out with a namespaceSelector",
			}))
		}
	}
	return out
}

func aboutPods(w *admissionv1.ValidatingWebhook) bool {
	return slices.ContainsFunc(w.Rules, func(r admissionv1.RuleWithOperations) bool {
		core := slices.ContainsFunc(r.APIGroups, func(g string) bool { return g == "" || g == "*" || g == "apps" })
		return core && slices.ContainsFunc(r.Resources, func(s string) bool {
			return s == "*" || s == "*/*" || s == "pods" || strings.HasPrefix(s, "pods/") || s == "deployments"
		})
	})
}
