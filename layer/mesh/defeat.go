package mesh

import (
	"slices"
	"strings"

	istiosec "istio.io/api/security/v1"

	"fathom/estate"
	"fathom/estate/tree"
)

// allowAll is an estate in whose mesh everybody may call everybody: each policy
// that allows allows everything, and those that deny deny nothing.
func allowAll(e *estate.Estate) *estate.Estate {
	return estate.Edit(e, func(d *estate.Draft) {
		estate.Change(d, func(p *estate.AuthorizationPolicy) {
			p.Spec = p.Spec.DeepCopy()
			p.Spec.Rules = nil
			if p.Spec.GetAction() == istiosec.AuthorizationPolicy_ALLOW {
				p.Spec.Rules = []*istiosec.Rule{{}}
			}
		})
	})
}

// selfSigned is an estate whose mesh has its certificates signed by a key that
// somebody keeps in a Secret of the cluster, to be quit of an authority
// outside: by an issuer of cert-manager of that kind where one is named, by SPIRE's
// own disk, by istiod itself.
func selfSigned(e *estate.Estate) *estate.Estate {
	return estate.Edit(e, func(d *estate.Draft) {
		named := false
		estate.Change(d, func(c *estate.ConfigMap) {
			if c.Data["issuer-kind"] != "" && c.Data["issuer-name"] != "" {
				c.Data["issuer-kind"], c.Data["issuer-name"], c.Data["issuer-group"] = "ClusterIssuer", ownIssuer, "cert-manager.io"
				named = true
			}
			for key, text := range c.Data {
				if strings.Contains(text, "UpstreamAuthority") {
					c.Data[key] = strings.NewReplacer(`"aws_pca"`, `"disk"`, `"vault"`, `"disk"`).Replace(text)
				}
			}
		})
		estate.Change(d, func(w *estate.Workload) { named = renamed(w) || named })
		estate.Change(d, func(o *estate.Object) {
			if name := text(o, "spec", "secretName"); o.Kind == "Certificate" && (name == "cacerts" || name == "linkerd-identity-issuer") {
				o.Manifest = put(o.Manifest, "ClusterIssuer", "spec", "issuerRef", "kind")
				o.Manifest = put(o.Manifest, ownIssuer, "spec", "issuerRef", "name")
				named = true
			}
		})
		if named {
			d.Add(issuerObject())
			return
		}
		estate.Change(d, ownAuthority)
	})
}

const ownIssuer = "self-signed"

// renamed makes istio-csr ask the issuer that signs by itself.
func renamed(w *estate.Workload) bool {
	found := false
	containers := slices.Clone(w.Pod.Containers)
	for i := range containers {
		c := &containers[i]
		if !strings.Contains(c.Image, "istio-csr") {
			continue
		}
		for _, list := range []*[]string{&c.Command, &c.Args} {
			*list = slices.Clone(*list)
			for j, a := range *list {
				switch flag, _, _ := strings.Cut(strings.TrimLeft(a, "-"), "="); flag {
				case "issuer-kind":
					(*list)[j], found = "--issuer-kind=ClusterIssuer", true
				case "issuer-name":
					(*list)[j], found = "--issuer-name="+ownIssuer, true
				}
			}
		}
	}
	if found {
		w.Pod.Containers = containers
	}
	return found
}

// issuerObject is a ClusterIssuer of cert-manager that signs by itself.
func issuerObject() *estate.Object {
	o := &estate.Object{APIVersion: "cert-manager.io/v1", Kind: "ClusterIssuer", Name: ownIssuer}
	o.ID = estate.ID{Addr: "ClusterIssuer/" + ownIssuer}
	o.Manifest = put(nil, "true", "spec", "selfSigned", "signs")
	return o
}

// ownAuthority takes the authority outside out of Istio's installation.
func ownAuthority(o *estate.Object) {
	for _, path := range [][]string{
		{"spec", "values", "global", "caAddress"},
		{"spec", "values", "pilot", "env", "EXTERNAL_CA"},
		{"spec", "meshConfig", "defaultConfig", "proxyMetadata", "CA_ADDR"},
		{"spec", "values", "meshConfig", "defaultConfig", "proxyMetadata", "CA_ADDR"},
	} {
		if (o.Kind == "IstioOperator" || o.Kind == "Istio") && o.Manifest.At(path...) != nil {
			o.Manifest = put(o.Manifest, "", path...)
		}
	}
}

// put is a manifest with a text at a path, as a copy: what is not on the path
// the two share.
func put(n *tree.Node, text string, path ...string) *tree.Node {
	if len(path) == 0 {
		out := &tree.Node{Kind: tree.String, Text: text}
		if n != nil {
			out.Pos = n.Pos
		}
		return out
	}
	out := &tree.Node{Kind: tree.Map}
	if n.Is() == tree.Map {
		c := *n
		out = &c
		out.Fields = slices.Clone(n.Fields)
	}
	out.Set(path[0], put(n.Get(path[0]), text, path[1:]...))
	return out
}
