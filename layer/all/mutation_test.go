package all_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"fathom/engine/iam"
	"fathom/estate"
	"fathom/layer/all"
	"fathom/layer/edge"
	"fathom/render"
	"fathom/render/kubernetes"
	"fathom/render/kubetest"
	"fathom/render/terraform"
	"fathom/render/trap"
)

// A mistake in each rendered kind is caught by a real part: in every kind of
// Terraform block an argument that the provider does not know, by terraform
// validate, in one run for all of them.
func TestAMistakeInEachKindOfBlockIsCaught(t *testing.T) {
	r := example(t, "shopnow")
	parts, err := all.Parts(r.platform)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]bool{}
	var mistaken []render.Resource
	for _, part := range parts {
		for _, res := range part.Resources {
			b, ok := res.(*terraform.Block)
			if !ok || b.Kind != "resource" && b.Kind != "data" || kinds[b.Kind+"."+b.Labels[0]] {
				continue
			}
			kinds[b.Kind+"."+b.Labels[0]] = true
			m := terraform.Top(b.Kind, b.Labels, append(constants(t, b.Body), terraform.Set("no_such_argument", 1))...)
			mistaken = append(mistaken, m)
		}
	}
	files, err := render.Files(r.platform, []render.Part{{Layer: "mistaken", Resources: mistaken}})
	if err != nil {
		t.Fatal(err)
	}
	v := validate(t, filepath.Join(onDisk(t, files), "terraform"))
	caught := map[string]bool{}
	for _, d := range v.Diagnostics {
		if m := regexp.MustCompile(`^(resource|data) "([a-z0-9_]+)"`).FindStringSubmatch(d.Snippet.Context); m != nil && strings.Contains(d.Detail, "no_such_argument") {
			caught[m[1]+"."+m[2]] = true
		}
	}
	for k := range kinds {
		if !caught[k] {
			t.Errorf("a mistake in a %s is not caught", k)
		}
	}
	if len(kinds) < 80 {
		t.Errorf("only %d kinds of blocks", len(kinds))
	}
}

// constants are the entries of a body that refer to nothing: terraform does not
// look at what depends on a block with a mistake.
func constants(t *testing.T, body []terraform.Entry) []terraform.Entry {
	t.Helper()
	var out []terraform.Entry
	for _, e := range body {
		refs, err := terraform.References(terraform.Top("locals", nil, e))
		if err != nil {
			t.Fatal(err)
		}
		if len(refs) == 0 {
			out = append(out, e)
		}
	}
	return out
}

// In every kind of manifest a field that the API does not know is caught by the
// API server's strict decoding or by the schema of its CRD; in Istio's, by
// Istio's own.
func TestAMistakeInEachKindOfManifestIsCaught(t *testing.T) {
	stream := manifests(t, example(t, "shopnow"))
	c := prepared(t, kubetest.Shared(t))
	if errs := c.Apply(stream); len(errs) > 0 {
		t.Fatal(errs)
	}
	kinds := map[string]bool{}
	for _, doc := range strings.Split(string(stream), "\n---\n") {
		var o map[string]any
		if err := yaml.Unmarshal([]byte(doc), &o); err != nil {
			t.Fatal(err)
		}
		kind := fmt.Sprint(o["apiVersion"], " ", o["kind"])
		if kinds[kind] {
			continue
		}
		kinds[kind] = true
		if spec, ok := o["spec"].(map[string]any); ok {
			spec["noSuchField"] = 1
		} else {
			o["noSuchField"] = 1
		}
		text, err := yaml.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		if len(c.DryRun(text)) == 0 && len(kubetest.IstioValidate(t, text)) == 0 {
			t.Errorf("a mistake in a %s is not caught", kind)
		}
	}
	if len(kinds) < 15 {
		t.Errorf("only %d kinds of manifests", len(kinds))
	}
}

// Mistakes that are no misspelling: each replaces a text in the rendered files,
// and the part that is named has to catch it.
func TestSeededMistakesAreCaught(t *testing.T) {
	r := example(t, "shopnow")
	c := prepared(t, kubetest.Shared(t))
	stream := string(manifests(t, r))
	if errs := c.Apply([]byte(stream)); len(errs) > 0 {
		t.Fatal(errs)
	}
	object := func(kind, name string) string {
		for _, doc := range strings.Split(stream, "\n---\n") {
			doc += "\n"
			if strings.Contains(doc, "\nkind: "+kind+"\n") && strings.Contains(doc, "\n  name: "+name+"\n") {
				return doc
			}
		}
		t.Fatalf("no %s %s is rendered", kind, name)
		return ""
	}
	for _, m := range []struct {
		name, kind, of string
		from, to       string // from is a regular expression
		want           string
	}{
		{"a port that there is not", "Service", "orders", `port: 8080`, "port: 808080", "65535"},
		{"a selector that fits no pod", "Deployment", "orders", `(?s)(selector:\n\s+matchLabels:\n\s+app.kubernetes.io/name: )orders`, "${1}order", "selector"},
		{"an image by its tag", "Deployment", "orders", `@sha256:[0-9a-f]{64}`, ":latest", "digest"},
		{"a privileged container", "Deployment", "orders", `allowPrivilegeEscalation: false`, "privileged: true", "privileged"},
		{"no limit", "Deployment", "orders", `limits:`, "limit:", "unknown field|not declared"},
		{"a cluster's own address as a peer", "NetworkPolicy", "orders", `cidr: [0-9./]+`, "cidr: 10.0.0.0/40", "cidr"},
		{"more at least than at most", "HorizontalPodAutoscaler", "orders", `minReplicas: \d+`, "minReplicas: 1000", "maxReplicas"},
		{"a budget of nonsense", "PodDisruptionBudget", "orders", `(maxUnavailable|minAvailable): .*`, "${1}: many", "Unavailable|Available"},
		{"a syntax error in CEL", "ValidatingAdmissionPolicy", "shopnow-images", `expression: [|>]?-?`, "expression: \"object.spec.(\" #", "compil|yntax|decode|mapping"},
		{"an unknown level of Pod Security", "Namespace", "shopnow", `enforce: restricted`, "enforce: strictest", "must be one of"},
		{"an unknown mode of mutual TLS", "PeerAuthentication", "default", `STRICT`, "ALWAYS", "mode"},
		{"a method that is a number", "AuthorizationPolicy", "payments", `- POST`, "- 7", "string|number|int"},
		{"a deny without rules", "AuthorizationPolicy", "payments", `(?s)\nspec:.*`, "\nspec:\n  action: DENY\n  selector:\n    matchLabels:\n      app.kubernetes.io/name: payments\n", "(?i)deny"},
		{"a destination without a host", "DestinationRule", "orders", `host: .*`, "host: \"\"", "domain name|host"},
		{"mutual TLS without a certificate", "DestinationRule", "orders", `mode: ISTIO_MUTUAL`, "mode: MUTUAL", "certificate"},
		{"a service outside without hosts", "ServiceEntry", "api-psp-example", `(?s)hosts:\n(\s+)- [^\n]*`, "hosts: []", "host"},
		{"a route to nowhere", "VirtualService", "routes", `(?s)\n    route:\n.*?\n  - `, "\n  - ", "route"},
	} {
		t.Run(m.name, func(t *testing.T) {
			before := object(m.kind, m.of)
			re := regexp.MustCompile(m.from)
			at := re.FindStringSubmatchIndex(before)
			if at == nil {
				t.Fatalf("%s is not in\n%s", m.from, before)
			}
			after := before[:at[0]] + string(re.ExpandString(nil, m.to, before, at)) + before[at[1]:]
			var said []string
			for _, err := range c.DryRun([]byte(after)) {
				said = append(said, err.Error())
			}
			said = append(said, kubetest.IstioValidate(t, []byte(after))...)
			if !regexp.MustCompile(m.want).MatchString(strings.Join(said, "\n")) {
				t.Errorf("said %q, want something with %q, of\n%s", said, m.want, after)
			}
		})
	}
	policies(t, r)
}

// policies makes mistakes in the IAM policies of the tree, for the strict parser.
func policies(t *testing.T, r rendered) {
	for _, m := range []struct {
		name, from, to string
	}{
		{"an operator that there is not", `"StringEquals"`, `"StringEqual"`},
		{"an effect that there is not", `"Allow"`, `"Permit"`},
		{"an action without a service", `"sts:AssumeRole"`, `"AssumeRole"`},
		{"a kind of principal that there is not", `"Federated"`, `"Federation"`},
		{"another version", `"2012-10-17"`, `"2012-10-18"`},
	} {
		t.Run(m.name, func(t *testing.T) {
			tried := 0
			for _, res := range r.estate.Resources {
				role, ok := asRole(res)
				if !ok || !strings.Contains(filled(role), m.from) {
					continue
				}
				tried++
				text := strings.Replace(filled(role), m.from, m.to, 1)
				if _, problems := iam.Parse([]byte(text), "x", iam.Trust); len(problems) == 0 {
					t.Errorf("not caught: %s", text)
				}
			}
			if tried == 0 {
				t.Errorf("no trust policy has %s", m.from)
			}
		})
	}
}

// The traps are none of a real part's business: they pass all of them. What
// would be rendered is refused before it is written.
func TestTrapsAreRefusedInTheWholeTree(t *testing.T) {
	r := example(t, "shopnow")
	parts, err := all.Parts(r.platform)
	if err != nil {
		t.Fatal(err)
	}
	if err := trap.Check(r.platform, parts, trap.Options{ManagedRules: edge.ManagedRules}); err != nil {
		t.Errorf("the platform as it is: %v", err)
	}
	for i := range parts {
		if parts[i].Layer == "mesh" {
			parts[i].Resources = append(slices.Clone(parts[i].Resources), permissive())
		}
	}
	if err := trap.Check(r.platform, parts, trap.Options{ManagedRules: edge.ManagedRules}); err == nil || !strings.Contains(err.Error(), "plaintext") {
		t.Errorf("a permissive mesh: %v", err)
	}
	overrides := 0
	for _, part := range parts {
		for _, res := range part.Resources {
			if b, ok := res.(*terraform.Block); ok && strings.Contains(string(terraform.PrintBlock(b)), "rule_action_override") {
				overrides++
			}
		}
	}
	err = trap.Check(r.platform, parts, trap.Options{ManagedRules: []string{"NoSuchRule"}})
	if overrides == 0 || err == nil || !strings.Contains(err.Error(), "which no managed group has") {
		t.Errorf("%d web ACLs override rules, and none of their names is looked up: %v", overrides, err)
	}
}

func permissive() *kubernetes.Object {
	return kubernetes.New("security.istio.io/v1", "PeerAuthentication", "shopnow", "soft",
		"spec", kubernetes.M("mtls", kubernetes.M("mode", "PERMISSIVE")))
}

func asRole(r estate.Resource) (string, bool) {
	role, ok := r.(*estate.Role)
	if !ok {
		return "", false
	}
	return role.Trust.Text(), true
}
