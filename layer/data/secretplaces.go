package data

import (
	"encoding/json"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

// secretInValue names the secret in a value that is one by its place: the
// first one of a JSON object, or the whole.
func secretInValue(value string) (name, what string, length int) {
	var fields map[string]any
	if json.Unmarshal([]byte(value), &fields) != nil {
		if plain(value) {
			return "", aSecret, len(value)
		}
		return "", "", 0
	}
	var keys []string
	for k := range fields {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		if s, ok := fields[k].(string); ok {
			if what := secretIn(k, s); what != "" {
				return k, what, len(s)
			}
		}
	}
	return "", "", 0
}

// computeSecrets looks into what machines and functions are started with.
func computeSecrets(e *estate.Estate) []control.Result {
	var out []control.Result
	for _, l := range estate.All[*estate.Lambda](e) {
		for _, env := range l.Environment.Items {
			for _, name := range sortedNames(env.Variables) {
				v := env.Variables.Items[name]
				what := control.Named("function", l.Function, l.Meta())
				if value, ok := v.Known(); ok && secretIn(name, value) != "" {
					out = append(out, written(l, or(v.Pos(), env.At), what, name, secretIn(name, value), len(value), keepElsewhere))
				} else if from, ok := hands(name, v.String()); ok {
					out = append(out, handed(l, or(v.Pos(), env.At), what, name, from, "pass the ARN of a secret in Secrets Manager and let the function read it at run time"))
				}
			}
		}
	}
	for _, p := range estate.All[*estate.BuildProject](e) {
		for _, env := range p.Environment.Items {
			for _, v := range env.Variables.Items {
				value, known := v.Value.Known()
				name := v.Name.String()
				if what := secretIn(name, value); known && what != "" && v.Kind.Default("PLAINTEXT").Is("PLAINTEXT") == estate.Yes {
					out = append(out, written(p, v.Value.Pos(), "build project "+p.ID.Addr, name, what, len(value), `set type = "SECRETS_MANAGER" and value to the secret's name, then change it: who has read these files knows it`))
				}
			}
		}
	}
	for _, t := range estate.All[*estate.ECSTask](e) {
		out = append(out, taskSecrets(t)...)
	}
	script := func(on estate.Resource, what string, v estate.Str) {
		text, known := v.Known()
		if !known {
			return
		}
		if name, kind, n := secretInScript(text); kind != "" {
			out = append(out, written(on, v.Pos(), "the user data of "+what, name, kind, n, keepElsewhere))
		}
	}
	for _, i := range estate.All[*estate.Instance](e) {
		script(i, "instance "+i.ID.Addr, i.UserData)
		script(i, "instance "+i.ID.Addr, i.UserDataBase64)
	}
	for _, t := range estate.All[*estate.LaunchTemplate](e) {
		script(t, control.Named("launch template", t.TemplateName, t.Meta()), t.UserData)
	}
	return out
}

// taskSecrets looks into the containers of an ECS task.
func taskSecrets(t *estate.ECSTask) []control.Result {
	text := t.Containers.String()
	var containers []struct {
		Name        string
		Environment []struct{ Name, Value string }
	}
	if t.Containers.Absent() || json.Unmarshal(estate.JSON(text), &containers) != nil {
		return nil
	}
	var out []control.Result
	for _, c := range containers {
		for _, v := range c.Environment {
			if from, ok := hands(v.Name, v.Value); ok {
				out = append(out, handed(t, t.Containers.Pos(), "container "+c.Name+" of task "+t.ID.Addr, v.Name, from, `pass it with "secrets" = [{ name, valueFrom }] from Secrets Manager`))
			} else if what := secretIn(v.Name, v.Value); what != "" {
				r := written(t, t.Containers.Pos(), "container "+c.Name+" of task "+t.ID.Addr, v.Name, what, len(v.Value),
					`pass it with "secrets" = [{ name, valueFrom }] from Secrets Manager, then change it: who has read these files knows it`)
				if r.Cause == control.CausePlaintext { // all containers stand on one line: each secret is a mistake of its own
					r.Cause = ""
				}
				out = append(out, r)
			}
		}
	}
	return out
}

// kept are kinds that bring secrets into a cluster from elsewhere, or keep them
// sealed in the files.
var kept = map[string]string{
	"ExternalSecret": "external-secrets.io", "ClusterExternalSecret": "external-secrets.io",
	"SecretProviderClass": "secrets-store.csi.x-k8s.io", "SealedSecret": "bitnami.com",
	"VaultStaticSecret": "secrets.hashicorp.com", "VaultDynamicSecret": "secrets.hashicorp.com",
}

// clusterSecrets looks into Kubernetes objects.
func clusterSecrets(e *estate.Estate) []control.Result {
	var out []control.Result
	for _, w := range estate.All[*estate.Workload](e) {
		w.Containers(func(c *corev1.Container, path []string) {
			for i, v := range c.Env {
				if what := secretIn(v.Name, v.Value); what != "" {
					at := w.AtPod(append(slices.Clone(path), "env", itoa(i), "value")...)
					out = append(out, written(w, at, w.Kind+` "`+w.Name+`"`, v.Name, what, len(v.Value), "take it from a Secret that the External Secrets Operator or the CSI driver fills from Secrets Manager, then change it: who has read these files knows it"))
				}
			}
		})
	}
	for _, m := range estate.All[*estate.ConfigMap](e) {
		var names []string
		for n := range m.Data {
			names = append(names, n)
		}
		slices.Sort(names)
		for _, n := range names {
			value, name, what, length := m.Data[n], n, "", 0
			if strings.Contains(value, "\n") { // a whole file
				name, what, length = secretInScript(value)
			} else if what = secretIn(n, value); what != "" {
				length = len(value)
			}
			if what != "" {
				out = append(out, written(m, m.At("data", n), `ConfigMap "`+m.Name+`"`, name, what, length, keepElsewhere))
			}
		}
	}
	for _, s := range estate.All[*estate.SecretObject](e) {
		out = append(out, secretObject(s)...)
	}
	for _, o := range estate.All[*estate.Object](e) {
		if group := kept[o.Kind]; group != "" && strings.HasPrefix(o.APIVersion, group) {
			out = append(out, control.Is(o, control.Saw(o.Pos, "%s keeps the values elsewhere, or sealed", o.Kind)))
		}
	}
	return out
}

// secretObject judges a Secret in the files: base64 hides nothing. One that
// SOPS has sealed has a member "sops"; one without values is filled by
// something else; certificates and user names are no secrets.
func secretObject(s *estate.SecretObject) []control.Result {
	if s.Manifest.Get("sops") != nil || s.SecretType == "kubernetes.io/service-account-token" {
		return nil
	}
	at, names := diag.Pos{}, []string{}
	places := map[string]diag.Pos{} // the first of each key
	for _, member := range []string{"stringData", "data"} {
		if n := s.Manifest.Get(member); n != nil {
			for _, f := range n.Fields {
				if was, ok := places[f.Name]; !ok || f.Node.Pos.Compare(was) < 0 {
					places[f.Name] = f.Node.Pos
				}
			}
		}
	}
	for _, k := range s.DataKeys {
		if slices.Contains([]string{"ca.crt", "tls.crt", "ca.pem", "username", "user", "host", "port", "dbname", "database"}, k) || strings.HasSuffix(strings.ToLower(k), "username") {
			continue
		}
		names = append(names, k)
		if pos, ok := places[k]; ok && (at.Line == 0 || pos.Compare(at) < 0) {
			at = pos
		}
	}
	if len(names) == 0 {
		return nil
	}
	return []control.Result{control.Not(s, control.Mistake{
		At: or(at, s.Pos), Cause: control.CausePlaintext,
		Summary:  `Secret "` + s.Name + `" lies in the files with its values: ` + list(names),
		Fix:      "let the External Secrets Operator fill it from Secrets Manager, or seal it (SOPS, SealedSecret), then change the values: who has read these files knows them",
		Evidence: []control.Evidence{control.Saw(or(at, s.Pos), "keys %s", list(names))},
	})}
}

// pipelineSecrets looks into CI workflows.
func pipelineSecrets(e *estate.Estate) []control.Result {
	var out []control.Result
	for _, w := range estate.All[*estate.Workflow](e) {
		look := func(vs []estate.NamedValue) {
			for _, v := range vs {
				if what := secretIn(v.Name, v.Value); what != "" {
					out = append(out, written(w, v.At, "workflow "+w.ID.Addr, v.Name, what, len(v.Value), "take it from ${{ secrets }} or, better, from a role by OIDC, then change it: who has read these files knows it"))
				}
			}
		}
		look(w.Env)
		for _, j := range w.Jobs {
			look(j.Env)
			for _, s := range j.Steps {
				look(s.With)
				look(s.Env)
			}
		}
	}
	return out
}
