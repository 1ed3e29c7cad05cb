package identity

import (
	"encoding/base64"
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

var noLongKeys = control.Control{
	ID:       "identity.no-long-keys",
	Title:    "no root keys and no long-lived access keys",
	Why:      "a key that never expires works for whoever finds it in a laptop, a log or a repository",
	Threats:  []control.Threat{control.AccountTakeover, control.SupplyChain},
	Phase:    control.QuickWin,
	Severity: control.High,
	World:    control.Anywhere,
	Maps:     []string{"PCI DSS 4.0.1 8.6.2", "PCI DSS 4.0.1 8.6.3", "CIS AWS 7.0 2.4", "CIS AWS 7.0 2.12", "HIPAA 164.312(d)"},
	Check:    checkNoLongKeys,
	Defeat:   keyed,
	OnlyAWS:  "root users and access keys belong to AWS accounts",
}

// checkNoLongKeys looks where keys are made and where they are used. Whether
// the root user has one, only IAM's credential report says; that the
// organisation takes root's credentials away is in aws_iam_organizations_features.
func checkNoLongKeys(e *estate.Estate) []control.Result {
	out := madeKeys(e)
	out = append(out, writtenKeys(e)...)
	for _, w := range estate.All[*estate.Workload](e) {
		out = append(out, keysOfPod(w)...)
	}
	for _, w := range estate.All[*estate.Workflow](e) {
		out = append(out, keysOfWorkflow(w)...)
	}
	if len(out) > 0 || !e.HasAWS() && len(estate.All[*estate.Workload](e)) == 0 {
		return out
	}
	return clean(e)
}

// clean is the result where no key was found: known only if all was read.
func clean(e *estate.Estate) []control.Result {
	on := e.Account()
	if !e.HasAWS() {
		on = e.Cluster()
	}
	for _, why := range []string{e.MayHideAWS(), e.MayHideKubernetes()} {
		if why != "" {
			return []control.Result{control.Unsure(on, on.Pos, why)}
		}
	}
	ev := []control.Evidence{{At: on.Pos, Saw: "no access key is made or written down in what was read"}}
	for _, f := range estate.All[*estate.OrgFeatures](e) {
		if f.Features.Has("RootCredentialsManagement") == estate.Yes {
			ev = append(ev, control.Evidence{At: f.Features.Pos(), Saw: "the organisation manages root credentials"})
		}
	}
	return []control.Result{control.Is(on, ev...)}
}

func madeKeys(e *estate.Estate) []control.Result {
	var out []control.Result
	for _, k := range estate.All[*estate.AccessKey](e) {
		m := control.Mistake{
			Cause:   control.CauseStaticKey,
			Summary: k.ID.Addr + " makes a long-lived access key for user " + userName(e, k),
			Fix:     "delete it, and let the caller assume a role: by OIDC from CI, by Pod Identity or IRSA from a pod, through Identity Center as a person",
		}
		switch k.Status.Is("Inactive") {
		case estate.Maybe:
			out = append(out, control.Unsure(k, k.Status.Pos(), "whether "+k.ID.Addr+" is active is not known: "+k.Status.Why()))
		case estate.Yes:
			m.Severity, m.Summary = control.Low, m.Summary+", which is inactive"
			out = append(out, control.Partly(k, m))
		default:
			out = append(out, control.Not(k, m))
		}
	}
	return out
}

func userName(e *estate.Estate, k *estate.AccessKey) string {
	if us := estate.To(e, k.User); len(us) > 0 {
		if name, ok := us[0].UserName.Known(); ok {
			return `"` + name + `"`
		}
		return us[0].ID.Addr
	}
	return k.User.String()
}

// keyID matches the id of an access key that does not expire. Ids of temporary
// credentials begin with ASIA.
var keyID = regexp.MustCompile(`\bAKIA[A-Z2-7]{16}\b`)

// findKey returns a key id in a text, masked; AWS's own examples are none.
func findKey(text string) (string, bool) {
	for _, k := range keyID.FindAllString(text, -1) {
		if !strings.HasSuffix(k, "EXAMPLE") {
			return k[:4] + "…" + k[16:], true
		}
	}
	return "", false
}

func written(on estate.Resource, at diag.Pos, where, key string) control.Result {
	return control.Not(on, control.Mistake{
		At: at, Cause: control.CauseStaticKey, Severity: control.Critical,
		Summary: where + " has access key " + key + " written down",
		Fix:     "delete the key in IAM, take it out of the file and its history, and assume a role instead",
	})
}

// writtenKeys finds keys that stand in the files themselves.
func writtenKeys(e *estate.Estate) []control.Result {
	var out []control.Result
	look := func(on estate.Resource, v estate.Str, where string) {
		text, _ := v.Known()
		if plain, err := base64.StdEncoding.DecodeString(text); err == nil {
			text += "\n" + string(plain) // user data may be encoded
		}
		if key, ok := findKey(text); ok {
			out = append(out, written(on, v.Pos(), where, key))
		}
	}
	for _, p := range estate.All[*estate.Provider](e) {
		look(p, p.AccessKey, p.ID.Addr)
	}
	for _, l := range estate.All[*estate.Lambda](e) {
		for i := range l.Environment.Items {
			vars := l.Environment.Items[i].Variables
			for _, name := range sortedNames(vars.Items) {
				look(l, vars.Items[name], "variable "+name+" of "+l.ID.Addr)
			}
		}
	}
	for _, t := range estate.All[*estate.ECSTask](e) {
		look(t, t.Containers, t.ID.Addr)
	}
	for _, b := range estate.All[*estate.BuildProject](e) {
		for _, env := range b.Environment.Items {
			for _, v := range env.Variables.Items {
				look(b, v.Value, "variable "+v.Name.String()+" of "+b.ID.Addr)
			}
		}
	}
	for _, i := range estate.All[*estate.Instance](e) {
		look(i, i.UserData, "user_data of "+i.ID.Addr)
	}
	for _, t := range estate.All[*estate.LaunchTemplate](e) {
		look(t, t.UserData, "user_data of "+t.ID.Addr)
	}
	for _, c := range estate.All[*estate.ConfigMap](e) {
		for _, name := range sortedNames(c.Data) {
			if key, ok := findKey(c.Data[name]); ok {
				out = append(out, written(c, c.At("data", name), c.ID.Addr, key))
			}
		}
	}
	for _, s := range estate.All[*estate.SecretObject](e) {
		for _, field := range []string{"data", "stringData"} {
			if at := s.Manifest.At(field, "AWS_SECRET_ACCESS_KEY"); at != nil {
				out = append(out, control.Not(s, control.Mistake{
					At: at.Pos, Cause: control.CauseStaticKey,
					Summary: s.ID.Addr + " holds a long-lived AWS key (AWS_SECRET_ACCESS_KEY)",
					Fix:     "delete the key, and give the service account that uses it a role",
				}))
				break
			}
		}
	}
	return out
}

func sortedNames[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// keysOfPod finds keys in the environment of containers: written down, or from
// a secret. A container that talks to another S3 than AWS's needs keys.
func keysOfPod(w *estate.Workload) []control.Result {
	var out []control.Result
	w.Containers(func(c *corev1.Container, path []string) {
		if slices.ContainsFunc(c.Env, func(v corev1.EnvVar) bool {
			return strings.HasPrefix(v.Name, "AWS_ENDPOINT_URL") || strings.HasPrefix(v.Name, "MINIO_") || strings.HasPrefix(v.Name, "S3_ENDPOINT")
		}) {
			return
		}
		for i, v := range c.Env {
			at := w.AtPod(append(slices.Clone(path), "env", itoa(i))...)
			key, found := findKey(v.Value)
			switch {
			case found:
				out = append(out, written(w, at, "container "+c.Name+" of "+w.ID.Addr, key))
			case v.Name == "AWS_SECRET_ACCESS_KEY" && (v.Value != "" || v.ValueFrom != nil):
				out = append(out, control.Not(w, control.Mistake{
					At: at, Cause: control.CauseStaticKey,
					Summary: "container " + c.Name + " of " + w.ID.Addr + " uses a long-lived AWS key (AWS_SECRET_ACCESS_KEY)",
					Fix:     "give its service account a role by annotation or aws_eks_pod_identity_association, and remove the variables",
				}))
			}
		}
	})
	return out
}

// keysOfWorkflow finds keys in a workflow: written down, or from its secrets.
func keysOfWorkflow(w *estate.Workflow) []control.Result {
	var out []control.Result
	look := func(vs []estate.NamedValue) {
		for _, v := range vs {
			key, found := findKey(v.Value)
			switch {
			case found:
				out = append(out, written(w, v.At, w.ID.Addr, key))
			case strings.EqualFold(strings.ReplaceAll(v.Name, "-", "_"), "AWS_ACCESS_KEY_ID") && strings.Contains(v.Value, "secrets."):
				out = append(out, control.Not(w, control.Mistake{
					At: v.At, Cause: control.CauseStaticKey,
					Summary: w.ID.Addr + " signs in to AWS with a long-lived key (" + v.Name + ")",
					Fix:     "use aws-actions/configure-aws-credentials with role-to-assume, and permissions id-token: write",
				}))
			}
		}
	}
	look(w.Env)
	for i := range w.Jobs {
		look(w.Jobs[i].Env)
		look(w.Jobs[i].Secrets)
	}
	w.EachStep(func(_ *estate.Job, s *estate.WorkflowStep) {
		look(s.Env)
		look(s.With)
	})
	return out
}
