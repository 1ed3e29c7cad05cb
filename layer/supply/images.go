package supply

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

func itoa(n int) string { return strconv.Itoa(n) }

// byTag judges the images of workloads: a tag can be moved, a digest cannot.
func byTag(e *estate.Estate) []control.Result {
	own := ownRegistries(e)
	var out []control.Result
	for _, w := range estate.All[*estate.Workload](e) {
		out = append(out, judgeImages(w, own))
	}
	return out
}

// ownRegistries are the private ECR registries that images come from.
func ownRegistries(e *estate.Estate) map[string]bool {
	out := map[string]bool{}
	for _, w := range estate.All[*estate.Workload](e) {
		w.Containers(func(c *corev1.Container, _ []string) {
			if host, _ := registry(c.Image); strings.Contains(host, ".dkr.ecr") || strings.Contains(host, ".dkr-ecr.") {
				out[host] = true
			}
		})
	}
	return out
}

// registry splits an image into its registry and whether it is named by
// digest.
func registry(image string) (host string, digest bool) {
	host, _, found := strings.Cut(image, "/")
	if !found || !strings.ContainsAny(host, ".:") && host != "localhost" {
		host = "docker.io"
	}
	return host, strings.Contains(image, "@sha256:")
}

func judgeImages(w *estate.Workload, own map[string]bool) control.Result {
	var tagged, foreign, unknown []string
	latest := false
	var first diag.Pos
	var ev []control.Evidence
	w.Containers(func(c *corev1.Container, path []string) {
		at := w.AtPod(append(slices.Clone(path), "image")...)
		host, digest := registry(c.Image)
		switch {
		case c.Image == "":
			unknown = append(unknown, c.Name)
			return
		case digest:
			return
		}
		if first.IsZero() {
			first = at
		}
		tagged = append(tagged, c.Image)
		_, tag, _ := strings.Cut(c.Image[strings.LastIndexByte(c.Image, '/')+1:], ":")
		latest = latest || tag == "" || tag == "latest"
		if len(own) > 0 && !own[host] {
			foreign = append(foreign, host)
		}
		ev = append(ev, control.Evidence{At: at, Saw: c.Image})
	})
	switch {
	case len(tagged) > 0:
		m := control.Mistake{
			At: first, Severity: control.Low, Evidence: ev,
			Summary: fmt.Sprintf("%s runs %s by a tag that can be moved", w.ID.Addr, some(tagged)),
			Fix:     "name the image by digest (image@sha256:…), or let a Kyverno policy put the verified digest in",
		}
		if len(foreign) > 0 {
			m.Severity = control.Medium
			m.Summary += ", from " + some(foreign) + " and not from the registry"
		}
		if latest {
			m.Severity = control.Medium
		}
		return control.Partly(w, m)
	case len(unknown) > 0:
		return control.Unsure(w, w.AtPod("containers"), "the image of container "+some(unknown)+" of "+w.ID.Addr+" is not known")
	}
	return control.Is(w, control.Evidence{At: w.Pos, Saw: "all images by digest"})
}

// some shows at most two names, each once.
func some(names []string) string {
	names = slices.Clone(names)
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) > 2 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:2], ", "), len(names)-2)
	}
	return strings.Join(names, " and ")
}
