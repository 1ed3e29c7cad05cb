package render

import (
	"fmt"
	"path"
	"slices"
	"sort"
	"strings"

	"fathom/platform"
	"fathom/render/kubernetes"
	"fathom/render/terraform"
)

// File is one file of the rendered tree. Its path is relative, with slashes.
type File struct {
	Path    string
	Content []byte
}

// The folders of a rendered tree.
const (
	terraformDir = "terraform"
	baseDir      = "kubernetes/base"
	overlayDir   = "kubernetes/overlays"
)

// Files prints everything and arranges it: terraform/LAYER.tf,
// kubernetes/base/LAYER/NAME.yaml with a Kustomization, and the texts where they
// say. The files come sorted by path.
//
// It is an error, and a mistake of a layer, when two resources have one address
// or one path.
func Files(p *platform.Platform, parts []Part) ([]File, error) {
	blocks := map[string][]*terraform.Block{}
	objects := map[string][]*kubernetes.Object{}
	texts := map[string]*Text{}
	owner := map[string]string{}
	for _, part := range append([]Part{root(p)}, parts...) {
		for _, r := range part.Resources {
			if other, twice := owner[r.Address()]; twice {
				return nil, fmt.Errorf("render: %s is rendered by %s and by %s", r.Address(), other, part.Layer)
			}
			owner[r.Address()] = part.Layer
			switch r := r.(type) {
			case *terraform.Block:
				name := path.Join(terraformDir, or(r.File, part.Layer)+".tf")
				blocks[name] = append(blocks[name], r)
			case *kubernetes.Object:
				name := path.Join(baseDir, part.Layer, or(r.File, "platform")+".yaml")
				objects[name] = append(objects[name], r)
			case *Text:
				texts[r.Path] = r
			default:
				return nil, fmt.Errorf("render: %s is a %T, which cannot be printed", r.Address(), r)
			}
		}
	}
	var out []File
	for name, bs := range blocks {
		out = append(out, File{name, append([]byte(heading(p, name)), terraform.Print(bs)...)})
	}
	for name, os := range objects {
		text, err := kubernetes.Print(os)
		if err != nil {
			return nil, fmt.Errorf("render: %s: %w", name, err)
		}
		out = append(out, File{name, text})
	}
	for name, t := range texts {
		out = append(out, File{name, []byte(t.Content)})
	}
	kustomizations, err := kustomize(p, objects)
	if err != nil {
		return nil, err
	}
	out = append(out, kustomizations...)
	sort.Slice(out, func(i, j int) bool { return out[i].Path < out[j].Path })
	for i := 1; i < len(out); i++ {
		if out[i].Path == out[i-1].Path {
			return nil, fmt.Errorf("render: two parts render the file %s", out[i].Path)
		}
	}
	return out, nil
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// heading is the first line of a Terraform file.
func heading(p *platform.Platform, name string) string {
	what := strings.TrimSuffix(path.Base(name), ".tf")
	return "# " + p.Name + ": " + what + ". Rendered by fathom from the platform's declaration; change it there.\n\n"
}

// kustomize lists the objects' files in a base, and lays the overlay of the
// cluster over it.
func kustomize(p *platform.Platform, objects map[string][]*kubernetes.Object) ([]File, error) {
	names := make([]string, 0, len(objects))
	for name := range objects {
		names = append(names, strings.TrimPrefix(name, baseDir+"/"))
	}
	slices.Sort(names)
	base, err := kubernetes.Marshal(kubernetes.M(
		"apiVersion", "kustomize.config.k8s.io/v1beta1",
		"kind", "Kustomization",
		"resources", names,
	))
	if err != nil {
		return nil, err
	}
	overlay, err := kubernetes.Marshal(kubernetes.M(
		"apiVersion", "kustomize.config.k8s.io/v1beta1",
		"kind", "Kustomization",
		"resources", []string{"../../base"},
		"labels", kubernetes.L{kubernetes.M(
			"pairs", kubernetes.M("fathom.dev/platform", p.Name, "fathom.dev/environment", p.Pipeline.Environment),
			"includeSelectors", false,
			"includeTemplates", false,
		)},
	))
	if err != nil {
		return nil, err
	}
	const says = "# What Argo CD or Flux pulls. A second cluster of the same shape gets a folder beside this one,\n" +
		"# with its patches; fathom leaves files alone that it did not write.\n"
	return []File{
		{path.Join(baseDir, "kustomization.yaml"), base},
		{path.Join(overlayDir, p.Pipeline.Environment, "kustomization.yaml"), append([]byte(says), overlay...)},
	}, nil
}
