package kubernetes

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
	"k8s.io/apimachinery/pkg/util/json"

	"fathom/estate"
)

var update = flag.Bool("update", false, "write the golden parts of testdata anew")

// TestRead holds the reader to testdata/read/*.txtar. Each archive is a tree
// of files and, as the file "want", what is read from them.
func TestRead(t *testing.T) {
	archives, err := filepath.Glob("testdata/read/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatal("no test data", err)
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			fsys, files, want := unpack(a)
			opts := Options{}
			for _, line := range strings.Split(string(a.Comment), "\n") {
				if v, ok := strings.CutPrefix(line, "values: "); ok {
					opts.ValuesFiles = append(opts.ValuesFiles, v)
				}
			}
			got := show(Read(fsys, files, opts))
			if *update {
				a.Files = slices.DeleteFunc(a.Files, func(f txtar.File) bool { return f.Name == "want" })
				a.Files = append(a.Files, txtar.File{Name: "want", Data: []byte(got)})
				if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("read differs (-want +got); go test -update accepts it:\n%s", diff)
			}
			slices.Reverse(files)
			if again := show(Read(fsys, files, opts)); again != got {
				t.Errorf("the order of the files matters:\n%s", cmp.Diff(got, again))
			}
		})
	}
}

// unpack makes a file system of an archive. Bytes that text cannot have are
// written as \xNN in a file whose name ends in .escaped.
func unpack(a *txtar.Archive) (fsys fstest.MapFS, files []string, want string) {
	fsys = fstest.MapFS{}
	for _, f := range a.Files {
		if f.Name == "want" {
			want = string(f.Data)
			continue
		}
		name, data := f.Name, f.Data
		if n, ok := strings.CutSuffix(name, ".escaped"); ok {
			name = n
			for i := range 256 {
				data = bytes.ReplaceAll(data, fmt.Appendf(nil, `\x%02x`, i), []byte{byte(i)})
			}
		}
		fsys[name] = &fstest.MapFile{Data: data}
	}
	_ = fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, _ error) error {
		if !d.IsDir() {
			files = append(files, p)
		}
		return nil
	})
	return fsys, files, want
}

// show prints a result for people.
func show(r *Result) string {
	var b strings.Builder
	for _, res := range r.Resources {
		o := objectOf(res)
		fmt.Fprintf(&b, "%T %s", res, o.ID.Addr)
		if o.ID.Root != "" {
			fmt.Fprintf(&b, " in %s", o.ID.Root)
		}
		fmt.Fprintf(&b, " at %s\n", o.Pos)
		showDetail(&b, res)
	}
	for _, g := range r.Gaps {
		fmt.Fprintf(&b, "gap %s: %s: %s\n", g.Pos, g.Of, g.Why)
	}
	for _, k := range slices.Sorted(func(yield func(string) bool) {
		for k := range r.Unmodelled {
			if !yield(k) {
				return
			}
		}
	}) {
		fmt.Fprintf(&b, "unmodelled %s %d\n", k, r.Unmodelled[k])
	}
	for _, f := range r.Files {
		fmt.Fprintf(&b, "file %s: %s\n", f.Path, f.As)
	}
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "problem %s\n", p.Error())
	}
	return b.String()
}

func showDetail(b *strings.Builder, res estate.Resource) {
	switch r := res.(type) {
	case *estate.Workload:
		if r.Replicas != nil {
			fmt.Fprintf(b, "\treplicas %d at %s\n", *r.Replicas, r.At("spec", "replicas"))
		}
		for i, c := range r.Pod.Containers {
			at := append(slices.Clone(r.PodPath), "containers", fmt.Sprint(i))
			fmt.Fprintf(b, "\tcontainer %s at %s image %s at %s\n", c.Name, r.At(at...), c.Image, r.At(append(at, "image")...))
		}
		if len(r.PodLabels) > 0 {
			fmt.Fprintf(b, "\tpod labels %v\n", r.PodLabels)
		}
	case *estate.Service:
		fmt.Fprintf(b, "\ttype %q selector %v at %s\n", r.Spec.Type, r.Spec.Selector, r.At("spec", "selector"))
	case *estate.ServiceAccount:
		fmt.Fprintf(b, "\trole %s at %s\n", r.Role.String(), r.Role.Pos())
	case *estate.Ingress:
		fmt.Fprintf(b, "\tweb ACL %s, certificate %s, %d security groups at %s\n", r.WebACL.String(), r.Certificate.String(), len(r.SecurityGroups.Items), r.SecurityGroups.Pos())
		fmt.Fprintf(b, "\tspec %s\n", oneLine(r.Spec))
	case *estate.NetworkPolicy:
		fmt.Fprintf(b, "\tspec %s\n", oneLine(r.Spec))
	case *estate.SecretObject:
		fmt.Fprintf(b, "\ttype %q keys %v manifest %s\n", r.SecretType, r.DataKeys, toJSON(r.Manifest))
	case *estate.ConfigMap:
		fmt.Fprintf(b, "\tdata %v\n", r.Data)
	case *estate.RBACRole:
		fmt.Fprintf(b, "\trules %s\n", oneLine(r.Rules))
	case *estate.RBACBinding:
		fmt.Fprintf(b, "\t%s %s\n", oneLine(r.RoleRef), oneLine(r.Subjects))
	case *estate.SecurityGroupPolicy:
		fmt.Fprintf(b, "\tselector %s", oneLine(r.PodSelector))
		for _, g := range r.Groups.Items {
			fmt.Fprintf(b, " group %s at %s", g.String(), g.Pos())
		}
		fmt.Fprintln(b)
	case *estate.PeerAuthentication:
		fmt.Fprintf(b, "\tmtls %s at %s\n", r.Spec.GetMtls().GetMode(), r.At("spec", "mtls", "mode"))
	case *estate.AuthorizationPolicy:
		fmt.Fprintf(b, "\taction %s, %d rules\n", r.Spec.GetAction(), len(r.Spec.GetRules()))
	case *estate.DestinationRule:
		fmt.Fprintf(b, "\thost %s\n", r.Spec.GetHost())
	case *estate.Gateway:
		fmt.Fprintf(b, "\t%d servers\n", len(r.Spec.GetServers()))
	case *estate.ServiceEntry:
		fmt.Fprintf(b, "\thosts %v\n", r.Spec.GetHosts())
	case *estate.AdmissionPolicy:
		fmt.Fprintf(b, "\t%d validations\n", len(r.Spec.Validations))
	case *estate.AdmissionBinding:
		fmt.Fprintf(b, "\tpolicy %s actions %v\n", r.Spec.PolicyName, r.Spec.ValidationActions)
	case *estate.AdmissionWebhooks:
		fmt.Fprintf(b, "\t%d webhooks\n", len(r.Webhooks))
	case *estate.KyvernoPolicy:
		fmt.Fprintf(b, "\tenforces %d verifies images %v fails closed %d (0 no, 1 maybe, 2 yes)\n", r.Enforces, r.VerifiesImages, r.FailsClosed)
	case *estate.Constraint:
		fmt.Fprintf(b, "\taction %s\n", r.Action)
	}
}

func oneLine(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// objectOf is the Object inside any Kubernetes resource.
func objectOf(r estate.Resource) *estate.Object {
	switch r := r.(type) {
	case *estate.Object:
		return r
	case *estate.Workload:
		return &r.Object
	case *estate.Service:
		return &r.Object
	case *estate.Ingress:
		return &r.Object
	case *estate.ServiceAccount:
		return &r.Object
	case *estate.NetworkPolicy:
		return &r.Object
	case *estate.Namespace:
		return &r.Object
	case *estate.SecretObject:
		return &r.Object
	case *estate.ConfigMap:
		return &r.Object
	case *estate.RBACRole:
		return &r.Object
	case *estate.RBACBinding:
		return &r.Object
	case *estate.SecurityGroupPolicy:
		return &r.Object
	case *estate.PeerAuthentication:
		return &r.Object
	case *estate.AuthorizationPolicy:
		return &r.Object
	case *estate.DestinationRule:
		return &r.Object
	case *estate.Gateway:
		return &r.Object
	case *estate.ServiceEntry:
		return &r.Object
	case *estate.AdmissionPolicy:
		return &r.Object
	case *estate.AdmissionBinding:
		return &r.Object
	case *estate.AdmissionWebhooks:
		return &r.Object
	case *estate.KyvernoPolicy:
		return &r.Object
	case *estate.Constraint:
		return &r.Object
	}
	panic(fmt.Sprintf("no object in %T", r))
}
