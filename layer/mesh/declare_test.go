package mesh

import (
	"strings"
	"testing"
	"testing/fstest"

	"fathom/control"
	"fathom/estate"
	"fathom/layer/layertest"
	"fathom/platform"
	"fathom/render"
	"fathom/render/kubernetes"
	"fathom/render/kubetest"
	"fathom/render/terraform"
)

var rendered, printed = layertest.Of(Layer())

// others are what this layer stands beside: the namespaces, the services' own
// objects, the cluster and the roles that it refers to.
func others(p *platform.Platform) []render.Resource {
	out := []render.Resource{
		terraform.Resource("aws_eks_cluster", "main", terraform.Set("name", p.Name)),
		terraform.Resource("aws_iam_openid_connect_provider", "cluster",
			terraform.Set("url", render.Cluster+".identity[0].oidc[0].issuer"),
			terraform.Set("client_id_list", []string{"sts.amazonaws.com"})),
		terraform.Resource("aws_iam_policy", "boundary", terraform.Set("name", "boundary"),
			terraform.Set("policy", render.Policy(render.Statement{Action: []string{"*"}, Resource: []any{"*"}}))),
	}
	for _, ns := range namespacesOf(p) {
		out = append(out, kubernetes.New("v1", "Namespace", "", ns).Label("istio-injection", "enabled"))
	}
	for i := range p.Services {
		s := &p.Services[i]
		out = append(out, kubernetes.New("apps/v1", "Deployment", s.Namespace, s.Name, "spec", m(
			"selector", selects(s),
			"template", m(
				"metadata", m("labels", m(labelName, s.Name)),
				"spec", m("serviceAccountName", s.Name, "containers", list{m(
					"name", s.Name, "image", render.ImageRef(p, s.Image), "ports", list{m("containerPort", s.Port)},
				)}),
			),
		)), kubernetes.New("v1", "Service", s.Namespace, s.Name, "spec", m(
			"selector", m(labelName, s.Name), "ports", list{m("name", "http", "port", s.Port)},
		)))
	}
	return out
}

// filesOf prints resources as files.
func filesOf(t *testing.T, p *platform.Platform, resources []render.Resource) fstest.MapFS {
	t.Helper()
	return layertest.Tree(t, p, render.Part{Layer: "mesh", Resources: resources})
}

// estateOf reads resources back.
func estateOf(t *testing.T, p *platform.Platform, resources []render.Resource) *estate.Estate {
	t.Helper()
	return layertest.Whole(t, filesOf(t, p, resources))
}

// stores are what mesh.store-tls looks at, which the layer data renders.
const stores = `resource "aws_msk_cluster" "events" {
  cluster_name = "events"
  encryption_info {
    encryption_in_transit {
      client_broker = "TLS"
    }
  }
}
`

func TestEveryControlIsPresent(t *testing.T) {
	for _, name := range layertest.Examples {
		t.Run(name, func(t *testing.T) {
			p := layertest.Platform(t, name)
			out := append(others(p), rendered(t, p)...)
			e := estateOf(t, p, append(out, &render.Text{Path: "terraform/data.tf", Content: stores}))
			layertest.Present(t, Layer(), e)
			if len(e.Gaps) > 0 {
				t.Error(e.Gaps)
			}
		})
	}
}

// What somebody takes out is missed.
func TestWhatIsTakenOutIsMissed(t *testing.T) {
	for _, tt := range []struct {
		control string
		without []string
		want    control.Status
	}{
		{"mesh.mtls-strict", []string{"PeerAuthentication.security.istio.io/istio-system/default"}, control.Absent},
		{"mesh.authorization", []string{"AuthorizationPolicy.security.istio.io/payments/payments", "AuthorizationPolicy.security.istio.io/payments/allow-nothing"}, control.Absent},
		{"mesh.private-ca", []string{"ConfigMap./cert-manager/istio-issuer"}, control.Unknown},
		{"mesh.short-certs", []string{"kubernetes/install/istio.yaml", "Certificate.cert-manager.io/edge/gateway-tls"}, control.Unknown},
		{"mesh.telemetry", []string{"Telemetry.telemetry.istio.io/istio-system/default", "aws_eks_addon.observability"}, control.Absent},
	} {
		t.Run(tt.control, func(t *testing.T) {
			p := layertest.Platform(t, "shopnow")
			kept := layertest.Without(t, rendered(t, p), tt.without...)
			v := layertest.Judge(t, Layer(), tt.control, estateOf(t, p, append(others(p), kept...)))
			if v.Count(tt.want) == 0 {
				t.Errorf("nothing is %s without %v: %s", tt.want, tt.without, layertest.Why(&v))
			}
		})
	}
}

// manifests are the Kubernetes objects of a tree in one stream.
func manifests(t *testing.T, p *platform.Platform) []byte {
	t.Helper()
	var out []byte
	for name, f := range filesOf(t, p, rendered(t, p)) {
		if strings.HasPrefix(name, "kubernetes/base/mesh/") {
			out = append(append(out, "---\n"...), f.Data...)
		}
	}
	return out
}

// Istio itself takes what is rendered.
func TestIstioTakesIt(t *testing.T) {
	for _, name := range layertest.Examples {
		p := layertest.Platform(t, name)
		for _, line := range kubetest.IstioValidate(t, manifests(t, p)) {
			t.Errorf("%s: %s", name, line)
		}
		for i := range p.Services { // services of which the mesh sees connections, and gRPC
			p.Services[i].Protocol = []string{"tcp", "grpc"}[i%2]
		}
		for _, line := range kubetest.IstioValidate(t, manifests(t, p)) {
			t.Errorf("%s, tcp and grpc: %s", name, line)
		}
	}
}

// A new service changes only what it calls.
func TestAServiceMore(t *testing.T) {
	for _, name := range layertest.Examples {
		t.Run(name, func(t *testing.T) {
			p := layertest.Platform(t, name)
			before := printed(t, p)
			called := p.Services[0].Name
			more := platform.Service{Name: "zebra", Namespace: p.Services[0].Namespace, Port: 8080, Protocol: "http", Calls: []platform.Call{{To: called}}}
			for _, s := range p.Stores {
				more.Stores = append(more.Stores, platform.Use{Store: s.Name, Access: "read"})
			}
			p.Services = append(p.Services, more)
			touches := []string{"+*zebra*", "*/" + called}
			if len(p.Callers(called)) == 1 { // nobody asked it before, so nothing said what may be repeated
				touches = append(touches, "+VirtualService.*/"+called)
			}
			layertest.Changes(t, before, printed(t, p), touches...)
		})
	}
}

func TestTheSameTwice(t *testing.T) { layertest.SameEveryTime(t, Layer()) }
