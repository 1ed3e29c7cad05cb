package mesh

import (
	"strings"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
	"fathom/estate/tree"
)

var privateCA = control.Control{
	ID:       "mesh.private-ca",
	Title:    "Service certificates come from ACM Private CA or Vault",
	Why:      "Whoever reads one Secret of the cluster holds the root key and can make itself every identity of the mesh, for years",
	Threats:  []control.Threat{control.LateralMovement},
	Phase:    control.LongTerm,
	Severity: control.Medium,
	World:    control.Kubernetes,
	Maps:     []string{"PCI DSS 4.0.1 4.2.1.1"},
	Check:    checkPrivateCA,
	Defeat:   selfSigned,
}

func checkPrivateCA(e *estate.Estate) []control.Result {
	s := look(e)
	if !s.any() {
		return s.none()
	}
	if s.other != "" && !s.istio && !s.linkerd {
		return s.unread()
	}
	for _, find := range []func() *control.Result{s.spire, s.istioCSR, s.plugged, s.configured} {
		if r := find(); r != nil {
			return []control.Result{*r}
		}
	}
	if s.istio && len(s.configs()) > 0 {
		c := s.configs()[0]
		return []control.Result{control.Lacks(e, c, control.Mistake{
			Summary: "Istio is installed by " + c.ID.Addr + " with its own CA: istiod makes a root key and keeps it in the Secret istio-ca-secret of the cluster",
			Fix:     "have istio-csr sign with an AWSPCAClusterIssuer (ACM Private CA) or a Vault issuer of cert-manager, and set values.global.caAddress to it",
		})}
	}
	return []control.Result{control.Unsure(e.Cluster(), e.Cluster().Pos, "how the mesh gets its certificates is set where it is installed, which was not read")}
}

// issuer says whether a cert-manager issuer signs with a private CA outside the
// cluster.
type issuer struct{ kind, name string }

// private says whether the issuer is ACM Private CA or Vault; Maybe where the
// issuer was not read.
func (s *seen) private(i issuer, namespace string) (estate.Truth, string) {
	if strings.HasPrefix(i.kind, "AWSPCA") {
		return estate.Yes, "ACM Private CA (" + i.kind + " " + i.name + ")"
	}
	for _, o := range estate.All[*estate.Object](s.e) {
		if o.Kind != i.kind || o.Name != i.name || i.kind == "Issuer" && o.Namespace != namespace {
			continue
		}
		switch {
		case o.Manifest.At("spec", "vault") != nil:
			return estate.Yes, "Vault (" + i.kind + " " + i.name + ")"
		case o.Manifest.At("spec", "ca") != nil:
			return estate.No, i.kind + " " + i.name + " signs with a key in a Secret of the cluster"
		case o.Manifest.At("spec", "selfSigned") != nil:
			return estate.No, i.kind + " " + i.name + " signs with keys it makes itself"
		}
	}
	return estate.Maybe, i.kind + " " + i.name + " was not read"
}

// by judges an issuer that the mesh uses, as on says at its line.
func (s *seen) by(on estate.Resource, at diag.Pos, i issuer, namespace string) *control.Result {
	is, what := s.private(i, namespace)
	r := control.Judge(is, on, control.Mistake{
		At:       at,
		Summary:  on.Meta().ID.Addr + " has the certificates of the mesh signed inside the cluster: " + what,
		Fix:      "use an AWSPCAClusterIssuer (ACM Private CA) or a Vault issuer",
		Evidence: []control.Evidence{{At: at, Saw: what}},
	}, "who signs the certificates of the mesh is not known: "+what)
	return &r
}

// spire finds SPIRE, whose server may have a CA above it.
func (s *seen) spire() *control.Result {
	for _, c := range estate.All[*estate.ConfigMap](s.e) {
		for _, key := range sortedKeys(c.Data) {
			text := c.Data[key]
			if !strings.Contains(text, "UpstreamAuthority") {
				continue
			}
			for _, plugin := range []string{"aws_pca", "vault"} {
				if strings.Contains(text, `"`+plugin+`"`) {
					r := control.Is(c, control.Evidence{At: c.At("data", key), Saw: "SPIRE's UpstreamAuthority is " + plugin})
					return &r
				}
			}
		}
	}
	return nil
}

// istioCSR finds cert-manager's agent for Istio and the issuer it is given.
func (s *seen) istioCSR() *control.Result {
	for _, w := range estate.All[*estate.Workload](s.e) {
		for c := range w.Pod.Containers {
			if !strings.Contains(w.Pod.Containers[c].Image, "istio-csr") {
				continue
			}
			i := issuer{kind: "Issuer"}
			for _, a := range append(w.Pod.Containers[c].Command, w.Pod.Containers[c].Args...) {
				flag, v, _ := strings.Cut(strings.TrimLeft(a, "-"), "=")
				switch flag {
				case "issuer-kind":
					i.kind = v
				case "issuer-name":
					i.name = v
				}
			}
			return s.by(w, w.AtPod("containers", itoa(c), "args"), i, w.Namespace)
		}
	}
	return s.runtimeIssuer()
}

// runtimeIssuer finds the ConfigMap that istio-csr is told to read its issuer
// from (app.runtimeConfiguration of its chart), which stands beside it. It counts
// only where Istio is installed to ask istio-csr: anybody may keep a ConfigMap
// with such keys.
func (s *seen) runtimeIssuer() *control.Result {
	asked := false
	for _, c := range s.configs() {
		v, _ := c.value("global", "caAddress").Literal()
		asked = asked || strings.Contains(v, "istio-csr")
	}
	if !asked {
		return nil
	}
	for _, c := range estate.All[*estate.ConfigMap](s.e) {
		if kind, name := c.Data["issuer-kind"], c.Data["issuer-name"]; kind != "" && name != "" && c.Data["issuer-group"] != "" {
			return s.by(c, c.At("data", "issuer-kind"), issuer{kind, name}, c.Namespace)
		}
	}
	return nil
}

// plugged finds the CA that is plugged into istiod (Secret cacerts) or Linkerd
// (linkerd-identity-issuer), and who signs it.
func (s *seen) plugged() *control.Result {
	target := func(name string) bool { return name == "cacerts" || name == "linkerd-identity-issuer" }
	for _, o := range estate.All[*estate.Object](s.e) {
		if o.Kind == "Certificate" && target(text(o, "spec", "secretName")) {
			kind := text(o, "spec", "issuerRef", "kind")
			if kind == "" {
				kind = "Issuer"
			}
			return s.by(o, o.At("spec", "issuerRef"), issuer{kind, text(o, "spec", "issuerRef", "name")}, o.Namespace)
		}
	}
	for _, o := range estate.All[*estate.Object](s.e) {
		if o.Kind == "ExternalSecret" && (target(text(o, "spec", "target", "name")) || target(o.Name)) {
			r := control.Unsure(o, o.Pos, "a CA is plugged into the mesh by "+o.ID.Addr+", and who signed it is not in the files")
			return &r
		}
	}
	for _, o := range estate.All[*estate.SecretObject](s.e) {
		if target(o.Name) {
			r := control.Unsure(o, o.Pos, "a CA is plugged into the mesh by "+o.ID.Addr+", and who signed it is not in the files")
			return &r
		}
	}
	return nil
}

// configured finds an external CA in Istio's installation.
func (s *seen) configured() *control.Result {
	for _, c := range s.configs() {
		for _, n := range []*tree.Node{c.value("global", "caAddress"), c.pilotEnv("EXTERNAL_CA"), c.mesh("defaultConfig", "proxyMetadata", "CA_ADDR")} {
			v, ok := n.Literal()
			if !ok || v == "" || strings.HasPrefix(v, "istiod.") {
				continue
			}
			if strings.Contains(v, "istio-csr") {
				r := control.Unsure(c, n.Pos, "Istio has its certificates from "+v+", and the issuer that it uses was not read")
				return &r
			}
			r := control.Is(c, control.Evidence{At: n.Pos, Saw: "certificates come from " + v})
			return &r
		}
	}
	return nil
}

// text is a string of an object's manifest, or "".
func text(o *estate.Object, path ...string) string {
	s, _ := o.Manifest.At(path...).Literal()
	return s
}
