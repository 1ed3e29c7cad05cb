package mesh

import (
	"strings"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
	"fathom/estate/tree"
)

var shortCerts = control.Control{
	ID:       "mesh.short-certs",
	Title:    "Service certificates live hours to days and rotate by themselves",
	Why:      "A key that was copied once opens the same doors for months",
	Threats:  []control.Threat{control.LateralMovement},
	Phase:    control.LongTerm,
	Severity: control.Medium,
	World:    control.Kubernetes,
	Maps:     []string{"PCI DSS 4.0.1 3.7.4"},
	Check:    checkShortCerts,
	Aside:    "it limits for how long a key that was copied opens doors, and stops nobody from copying or using it today",
}

// longest is how long a service certificate may live: a week, which is also
// the most that a short-lived authority of ACM Private CA signs for.
const longest = 7 * day

func checkShortCerts(e *estate.Estate) []control.Result {
	s := look(e)
	if !s.any() {
		return s.none()
	}
	if s.other != "" && !s.istio && !s.linkerd {
		return s.unread()
	}
	out := s.lifetimes()
	for _, o := range estate.All[*estate.Object](e) {
		switch {
		case o.Kind == "Certificate" && strings.HasPrefix(o.APIVersion, "cert-manager.io/") && forServices(o):
			// cert-manager's default is 90 days.
			out = append(out, lives(o, o.Manifest.At("spec", "duration"), o.At("spec", "duration"), 90*day, "spec.duration"))
		case o.Kind == "ClusterSPIFFEID":
			// SPIRE's default is an hour.
			out = append(out, lives(o, o.Manifest.At("spec", "ttl"), o.At("spec", "ttl"), hour, "spec.ttl"))
		}
	}
	if len(out) > 0 {
		return out
	}
	if s.istio {
		return []control.Result{control.Unsure(e.Cluster(), e.Cluster().Pos, "how long certificates live is set where Istio is installed, which was not read; its default is 24 hours")}
	}
	return []control.Result{control.Unsure(e.Cluster(), e.Cluster().Pos, "how long certificates live is set where Linkerd is installed, which was not read; its default is 24 hours")}
}

// lifetimes judges Istio's own certificates: 24 hours, unless istiod
// (DEFAULT_WORKLOAD_CERT_TTL) or the proxies (SECRET_TTL) are told otherwise.
func (s *seen) lifetimes() []control.Result {
	var out []control.Result
	for _, c := range s.configs() {
		ttl, name := c.mesh("defaultConfig", "proxyMetadata", "SECRET_TTL"), "SECRET_TTL"
		if ttl == nil {
			ttl, name = c.pilotEnv("DEFAULT_WORKLOAD_CERT_TTL"), "DEFAULT_WORKLOAD_CERT_TTL"
		}
		at := c.Pos
		if ttl != nil {
			at = ttl.Pos
		}
		out = append(out, lives(c, ttl, at, day, name))
	}
	for _, w := range estate.All[*estate.Workload](s.e) {
		out = append(out, csr(w)...)
	}
	return out
}

// csr judges istio-csr, which signs for at most max-client-certificate-duration
// (an hour by default).
func csr(w *estate.Workload) []control.Result {
	for c := range w.Pod.Containers {
		if !strings.Contains(w.Pod.Containers[c].Image, "istio-csr") {
			continue
		}
		at, ttl := w.AtPod("containers", itoa(c), "image"), ""
		for i, a := range w.Pod.Containers[c].Args {
			if flag, v, _ := strings.Cut(strings.TrimLeft(a, "-"), "="); flag == "max-client-certificate-duration" {
				at, ttl = w.AtPod("containers", itoa(c), "args", itoa(i)), v
			}
		}
		var n *tree.Node
		if ttl != "" {
			n = &tree.Node{Kind: tree.String, Text: ttl, Pos: at}
		}
		return []control.Result{lives(w, n, at, hour, "max-client-certificate-duration")}
	}
	return nil
}

// lives judges one lifetime.
func lives(on estate.Resource, n *tree.Node, at diag.Pos, byDefault lifetime, name string) control.Result {
	addr := on.Meta().ID.Addr
	life, saw := byDefault, name+" not set, which means "+span(byDefault)
	if v, ok := n.Literal(); ok {
		d, ok := parseLifetime(v)
		if !ok {
			return control.Unsure(on, at, "how long the certificates of "+addr+" live is not known: "+name+" "+v+" is not a duration")
		}
		life, saw = d, name+" "+v
	} else if n.Hole() != "" {
		return control.Unsure(on, at, "how long the certificates of "+addr+" live is not known: "+n.Hole())
	}
	if life <= longest {
		return control.Is(on, control.Evidence{At: at, Saw: saw})
	}
	return control.Not(on, control.Mistake{
		At:       at,
		Summary:  "the service certificates of " + addr + " live " + span(life) + ": " + saw,
		Fix:      "set " + name + " to 24h",
		Evidence: []control.Evidence{{At: at, Saw: saw}},
	})
}

// forServices says that a cert-manager Certificate is the identity of a
// service, not of a web site (ACME) and not an authority.
func forServices(o *estate.Object) bool {
	if text(o, "spec", "isCA") == "true" {
		return false
	}
	if strings.HasPrefix(text(o, "spec", "issuerRef", "kind"), "AWSPCA") {
		return true
	}
	found := false
	for _, field := range []string{"uris", "usages"} {
		o.Manifest.At("spec", field).Walk(func(n *tree.Node) {
			v, _ := n.Literal()
			found = found || v == "client auth" || strings.HasPrefix(v, "spiffe://")
		})
	}
	return found
}
