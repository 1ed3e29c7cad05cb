package all_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"

	"fathom/engine/iam"
	"fathom/estate"
	"fathom/estate/terraform/tftest"
	"fathom/layer/layertest"
	"fathom/render"
	"fathom/render/kubetest"
)

func TestMain(m *testing.M) { os.Exit(kubetest.Run(m)) }

// onDisk writes files into a folder of the test's.
func onDisk(t testing.TB, files []render.File) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range files {
		name := filepath.Join(dir, filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Content, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// validation is what "terraform validate -json" prints.
type validation struct {
	Valid       bool
	Diagnostics []struct {
		Severity, Summary, Detail string
		Range                     struct {
			Filename string
			Start    struct{ Line int }
		}
		Snippet struct{ Context string }
	}
}

func validate(t testing.TB, dir string) validation {
	t.Helper()
	var v validation
	if err := json.Unmarshal(tftest.Terraform(t).Validate(dir), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// The real terraform formats, validates and plans what is rendered, with the
// schema of the real provider, and has nothing to say.
func TestTerraformAcceptsIt(t *testing.T) {
	for _, name := range layertest.Examples {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(onDisk(t, example(t, name).files), "terraform")
			if diff := tftest.Terraform(t).Format(dir); len(diff) > 0 {
				t.Errorf("terraform fmt would change\n%s", diff)
			}
			v := validate(t, dir)
			for _, d := range v.Diagnostics {
				t.Errorf("terraform validate: %s: %s:%d: %s: %s", d.Severity, d.Range.Filename, d.Range.Start.Line, d.Summary, d.Detail)
			}
			if !v.Valid {
				t.FailNow()
			}
			var plan struct {
				ResourceChanges []struct{ Address string } `json:"resource_changes"`
			}
			if err := json.Unmarshal(tftest.Terraform(t).Plan(dir), &plan); err != nil {
				t.Fatal(err)
			}
			if n := len(plan.ResourceChanges); n < 100 {
				t.Errorf("the plan makes only %d resources", n)
			}
		})
	}
}

// manifests are what the overlay of an example builds, by the real Kustomize.
func manifests(t testing.TB, r rendered) []byte {
	t.Helper()
	disk := filesys.MakeFsInMemory()
	for _, f := range r.files {
		if strings.HasPrefix(f.Path, "kubernetes/") {
			if err := disk.WriteFile("/"+f.Path, f.Content); err != nil {
				t.Fatal(err)
			}
		}
	}
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(disk, "/kubernetes/overlays/"+r.platform.Pipeline.Environment)
	if err != nil {
		t.Fatal(err)
	}
	text, err := built.AsYaml()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// prepared gives an API server what is there before a platform's manifests are
// applied: the namespaces that the installations make, and the one CRD that no
// module ships.
func prepared(t testing.TB, c *kubetest.Cluster) *kubetest.Cluster {
	t.Helper()
	crd, err := os.ReadFile("testdata/targetgroupbinding-crd.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, ns := range []string{"istio-system", "cert-manager", "kyverno"} {
		crd = append(crd, "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: "+ns+"}\n"...)
	}
	for _, err := range c.Apply(crd) {
		t.Fatal(err)
	}
	return c
}

// A real API server takes every manifest by server-side apply, without a
// warning; Istio's own validation takes those of Istio; and admission lets in
// the shop's own pods.
func TestKubernetesAcceptsIt(t *testing.T) {
	for _, name := range layertest.Examples {
		t.Run(name, func(t *testing.T) {
			stream := manifests(t, example(t, name))
			c := prepared(t, kubetest.Start(t)) // one each: they have policies for all namespaces
			c.Warnings()
			for _, err := range c.Apply(stream) {
				t.Error(err)
			}
			pods, err := kubetest.Pods(stream)
			if err != nil {
				t.Fatal(err)
			}
			if n := bytes.Count(pods, []byte("\nkind: Pod\n")) + bytes.Count(pods, []byte(`"kind":"Pod"`)); n < len(example(t, name).platform.Services) {
				t.Errorf("only %d pods to try", n)
			}
			for _, err := range c.DryRun(pods) {
				t.Error(err)
			}
			for _, w := range c.Warnings() {
				t.Errorf("the API server warns: %s", w)
			}
			for _, line := range kubetest.IstioValidate(t, stream) {
				if !strings.HasPrefix(line, "warning: EnvoyFilter ") { // that there is one; nothing else sheds by load
					t.Errorf("Istio: %s", line)
				}
			}
		})
	}
}

// Admission refuses the pods that it has to, and says why: each file says on its
// first line what is expected. They are the supply layer's.
func TestAdmission(t *testing.T) {
	r := example(t, "shopnow")
	c := prepared(t, kubetest.Shared(t))
	if errs := c.Apply(manifests(t, r)); len(errs) > 0 {
		t.Fatal(errs)
	}
	files, err := filepath.Glob("../supply/testdata/admission/*.yaml")
	if err != nil || len(files) < 20 {
		t.Fatal(err, files)
	}
	var refused, admitted int
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			first, _, _ := strings.Cut(string(text), "\n")
			got := tryAll(t, c, text)
			if want, ok := strings.CutPrefix(first, "# refused: "); ok {
				refused++
				if got == "" {
					t.Error("it was admitted")
				} else if !regexp.MustCompile(want).MatchString(got) {
					t.Errorf("refused with\n%s\nwant something like %s", got, want)
				}
				return
			}
			if first != "# admitted" {
				t.Fatalf("its first line is %q", first)
			}
			admitted++
			if got != "" {
				t.Errorf("refused: %s", got)
			}
		})
	}
	if refused < 15 || admitted < 3 {
		t.Errorf("%d refused, %d admitted: too few to say anything", refused, admitted)
	}
}

// Every policy that is rendered passes the strict parser of the IAM engine and
// is within AWS's limits of size (IAM user guide, "IAM and AWS STS quotas").
func TestPoliciesAreStrictAndSmall(t *testing.T) {
	for _, name := range layertest.Examples {
		e := example(t, name).estate
		n := 0
		check := func(on estate.Resource, kind iam.Kind, limit int, p *estate.Policy) {
			if p.Absent() {
				return
			}
			n++
			text := filled(p.Text())
			if _, problems := iam.Parse([]byte(text), on.Meta().Pos.String(), kind); len(problems) > 0 {
				for _, problem := range problems {
					t.Errorf("%s %s: %v", name, on.Meta().ID.Addr, problem)
				}
			}
			if size := len(regexp.MustCompile(`\s`).ReplaceAllString(text, "")); size > limit {
				t.Errorf("%s %s has %d characters, AWS takes %d", name, on.Meta().ID.Addr, size, limit)
			}
		}
		inline := map[string]int{}
		for _, r := range e.Resources {
			switch r := r.(type) {
			case *estate.Role:
				check(r, iam.Trust, 2048, &r.Trust)
			case *estate.RolePolicy:
				check(r, iam.Identity, 10240, &r.Policy)
				inline[r.Role.String()] += len(r.Policy.Text())
			case *estate.IAMPolicy:
				check(r, iam.Identity, 6144, &r.Policy)
			case *estate.OrgPolicy:
				kind := iam.SCP
				if r.Kind.Is("RESOURCE_CONTROL_POLICY") == estate.Yes {
					kind = iam.RCP
				}
				check(r, kind, 5120, &r.Content)
			case *estate.KMSKey:
				check(r, iam.Resource, 32768, &r.Policy)
			case *estate.BucketPolicy:
				check(r, iam.Resource, 20480, &r.Policy)
			case *estate.VPCEndpoint:
				check(r, iam.Endpoint, 20480, &r.Policy)
			}
		}
		for role, size := range inline {
			if size > 10240 {
				t.Errorf("%s: the inline policies of %s have %d characters together, AWS takes 10240", name, role, size)
			}
		}
		if n < 30 {
			t.Errorf("%s: only %d policies were looked at", name, n)
		}
	}
}

// filled puts something like it in place of what only AWS knows: an ARN for an
// attribute arn, else a word.
func filled(policy string) string {
	return regexp.MustCompile(`\$\{[^}]*\}`).ReplaceAllStringFunc(policy, func(ref string) string {
		switch {
		case strings.HasPrefix(ref, "${aws:"), strings.HasPrefix(ref, "${s3:"): // a policy variable
			return ref
		case strings.Contains(ref, "aws_iam_role.") && strings.HasSuffix(ref, ".arn}"):
			return "arn:aws:iam::111111111111:role/x"
		case strings.Contains(ref, "aws_iam_openid_connect_provider."):
			return "arn:aws:iam::111111111111:oidc-provider/x.example"
		case strings.HasSuffix(ref, "arn}"):
			return "arn:aws:kms:eu-west-1:111111111111:key/x"
		}
		return "x"
	})
}

// tryAll gives what is in a file to admission, and returns what is said against
// it. An ephemeral container is added to the pod that is there, as kubectl debug
// does, since none can be created with one.
func tryAll(t testing.TB, c *kubetest.Cluster, text []byte) string {
	t.Helper()
	var pod struct {
		Metadata struct{ Name, Namespace string }
		Spec     map[string]any
	}
	if err := yaml.Unmarshal(text, &pod); err != nil {
		t.Fatal(err)
	}
	debug, _ := pod.Spec["ephemeralContainers"].([]any)
	if len(debug) == 0 {
		var said []string
		for _, err := range c.DryRun(text) {
			said = append(said, err.Error())
		}
		slices.Sort(said)
		return strings.Join(said, "\n")
	}
	before, _, _ := bytes.Cut(text, []byte("  ephemeralContainers:"))
	if err := c.Create(before); err != nil {
		t.Fatal(err)
	}
	container, err := yaml.Marshal(debug[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Ephemeral(pod.Metadata.Namespace, pod.Metadata.Name, container); err != nil {
		return err.Error()
	}
	return ""
}
