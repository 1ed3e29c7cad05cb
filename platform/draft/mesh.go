package draft

import (
	"strings"

	"fathom/diag"
	"fathom/estate"
)

// mesh is drafted from the installation of Istio, if it is among the files, and
// from the image of a gateway's pods.
func (d *drafter) mesh() *node {
	n := object()
	n.block = true
	var version, image, domain, lives string
	var at diag.Pos
	for _, o := range estate.All[*estate.Object](d.e) {
		if o.Kind != "IstioOperator" && o.Kind != "Istio" {
			continue
		}
		at = o.Pos
		get := func(path ...string) string { t, _ := o.Manifest.At(path...).Literal(); return t }
		version = firstOf(version, strings.TrimPrefix(get("spec", "version"), "v"), get("spec", "tag"))
		image = firstOf(image, get("spec", "values", "global", "proxy", "image"))
		domain = firstOf(domain, get("spec", "meshConfig", "trustDomain"), get("spec", "values", "meshConfig", "trustDomain"))
		lives = firstOf(lives, get("spec", "meshConfig", "defaultConfig", "proxyMetadata", "SECRET_TTL"))
	}
	for _, w := range estate.All[*estate.Workload](d.e) {
		for i := range w.Pod.Containers {
			img := w.Pod.Containers[i].Image
			if name := repository(img); strings.HasSuffix(name, "proxyv2") && (image == "" || !strings.Contains(image, "@") && strings.Contains(img, "@")) {
				image, at = img, w.AtPod("containers")
			}
			if name := repository(img); strings.HasSuffix(name, "/pilot") || strings.HasSuffix(name, "proxyv2") {
				version = firstOf(version, versionForm.FindString(tag(img)))
			}
		}
	}
	if v := versionForm.FindString(version); v != "" {
		n.set("version", str(v))
	}
	n.set("proxy", d.image(image, "istio/proxyv2", at, "no file says which image the mesh's proxies have"))
	if domain != "" && domain != "cluster.local" && trustForm.MatchString(domain) {
		n.set("trustDomain", str(domain).maybe())
	}
	if plainNumber.MatchString(lives) {
		n.set("certificates", str(lives).maybe())
	}
	return n
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// image is one of the account's registry, by its digest. other is its name where
// the text names none.
func (d *drafter) image(text, other string, at diag.Pos, why string) *node {
	name := repository(text)
	if name == "" {
		return str(other+"@"+noDigest).guess(at, why, "mirror it into the account's registry and name its digest")
	}
	n := str(name)
	hash := digest(text)
	if hash == "" {
		hash = noDigest
		what := "the image has no digest"
		if t := tag(text); t != "" {
			what = "the image is named by the tag " + t + ", which is whatever somebody pushed last"
		}
		n.guess(at, what, "write the digest that docker buildx imagetools inspect shows")
	}
	n.text = quote(name + "@" + hash)
	if host := host(text); host != "" && !strings.HasSuffix(host, ".amazonaws.com") {
		n.says(at, "it comes from "+host+" today, and is expected in the account's registry", "mirror it there")
	}
	return n
}
