package supply

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
	"fathom/estate/tree"
)

// references are the patterns of the images that a verifier looks at. It
// reports false where they are not all known.
func references(v verifier) (globs []string, at diag.Pos, known bool) {
	var m *tree.Node
	switch r := v.on.(type) {
	case *estate.KyvernoPolicy:
		m = r.Manifest
	case *estate.Object:
		m = r.Manifest
	default:
		return nil, at, false
	}
	known = true
	take := func(n *tree.Node) {
		s, ok := n.Literal()
		known = known && ok
		globs = append(globs, s)
		if at.Line == 0 {
			at = n.Nearest()
		}
	}
	spec := m.Get("spec")
	for _, rule := range items(spec.Get("rules")) { // kyverno.io ClusterPolicy
		for _, verify := range items(rule.Get("verifyImages")) {
			for _, ref := range items(verify.Get("imageReferences")) {
				take(ref)
			}
			if old := verify.Get("image"); !old.Missing() {
				take(old)
			}
		}
	}
	for _, ref := range items(spec.Get("matchImageReferences")) { // policies.kyverno.io
		take(ref.Get("glob"))
	}
	for _, ref := range items(spec.Get("images")) { // policy.sigstore.dev
		take(ref.Get("glob"))
	}
	return globs, at, known && len(globs) > 0
}

func items(n *tree.Node) []*tree.Node {
	if n.Is() != tree.List {
		return nil
	}
	return n.Items
}

// uncovered reports the images of workloads that no verifier looks at: they
// run without a signature, however strict the policies are on others.
func uncovered(e *estate.Estate, vs []verifier) []control.Result {
	if len(vs) == 0 || e.MayHideKubernetes() != "" {
		return nil // another policy may cover them
	}
	var patterns []*regexp.Regexp
	var where diag.Pos
	var refs []string
	for _, v := range vs {
		globs, at, known := references(v)
		if !known {
			return nil
		}
		if where.Line == 0 {
			where = at
		}
		refs = append(refs, globs...)
		for _, g := range globs {
			patterns = append(patterns, glob(g))
		}
	}
	all, missed := 0, []string{}
	seen := map[string]bool{}
	for _, w := range estate.All[*estate.Workload](e) {
		w.Containers(func(c *corev1.Container, _ []string) {
			if c.Image == "" || seen[c.Image] {
				return
			}
			seen[c.Image] = true
			all++
			if !covered(patterns, c.Image) {
				short, _, _ := strings.Cut(c.Image, "@")
				missed = append(missed, short)
			}
		})
	}
	if len(missed) == 0 {
		return nil
	}
	slices.Sort(missed)
	m := control.Mistake{
		At: where, Severity: control.Medium,
		Summary:  "no policy that verifies signatures looks at " + few(missed) + ": " + strconv.Itoa(len(missed)) + " of the " + strconv.Itoa(all) + " images here run unverified",
		Evidence: []control.Evidence{{At: where, Saw: "image references " + few(refs)}},
		Fix:      "name their registries in the image references too, or refuse images from any registry that is not named",
	}
	if len(missed) == all {
		m.Severity = control.High
		return []control.Result{control.Not(vs[0].on, m)}
	}
	return []control.Result{control.Partly(vs[0].on, m)}
}

func few(names []string) string {
	if len(names) > 3 {
		return strings.Join(names[:3], ", ") + " and " + strconv.Itoa(len(names)-3) + " more"
	}
	return strings.Join(names, ", ")
}

// glob makes a pattern of an image reference. One without a tag stands for
// every tag and digest of the image. That * stops at a slash for sigstore and
// not for Kyverno is not told apart: an image is uncovered only for certain.
func glob(ref string) *regexp.Regexp {
	s := regexp.QuoteMeta(ref)
	s = strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(s)
	return regexp.MustCompile(`^` + s + `([:@].*)?$`)
}

// covered says whether a pattern matches one of the ways to write an image.
// Docker's own registry may be left out (distribution reference, "familiar
// names").
func covered(patterns []*regexp.Regexp, image string) bool {
	names := []string{image}
	if host, _ := registry(image); host == "docker.io" {
		short := strings.TrimPrefix(strings.TrimPrefix(image, "docker.io/"), "library/")
		names = append(names, short)
		for _, prefix := range []string{"docker.io/", "docker.io/library/", "index.docker.io/", "index.docker.io/library/"} {
			names = append(names, prefix+short)
		}
	}
	return slices.ContainsFunc(patterns, func(p *regexp.Regexp) bool {
		return slices.ContainsFunc(names, p.MatchString)
	})
}
