package mesh

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"fathom/control"
	"fathom/estate"
	"fathom/estate/read"
	"fathom/platform"
	"fathom/render"
	"fathom/render/kubernetes"
	"fathom/render/kubetest"
	"fathom/render/terraform"
)

var examples = []string{"shopnow", "bazaar"}

// declared reads an example's declaration.
func declared(t *testing.T, name string) *platform.Platform {
	t.Helper()
	file := "../../examples/" + name + "/platform.yaml"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p, problems := platform.Parse(file, text, platform.Options{Today: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return p
}

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
	files, err := render.Files(p, []render.Part{{Layer: "mesh", Resources: resources}})
	if err != nil {
		t.Fatal(err)
	}
	out := fstest.MapFS{}
	for _, f := range files {
		out[f.Path] = &fstest.MapFile{Data: f.Content}
	}
	return out
}

// estateOf reads resources back.
func estateOf(t *testing.T, p *platform.Platform, resources []render.Resource) *estate.Estate {
	t.Helper()
	e, problems := read.Paths(filesOf(t, p, resources), []string{"."}, read.Options{})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return e
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

func rendered(t *testing.T, p *platform.Platform) []render.Resource {
	t.Helper()
	out, err := declare(p)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestEveryControlIsPresent(t *testing.T) {
	for _, name := range examples {
		p := declared(t, name)
		out := append(others(p), rendered(t, p)...)
		e := estateOf(t, p, append(out, &render.Text{Path: "terraform/data.tf", Content: stores}))
		for _, c := range Layer().Controls {
			results := c.Check(e)
			if len(results) == 0 {
				t.Errorf("%s: %s sees nothing", name, c.ID)
			}
			for _, r := range results {
				if r.Status != control.Present {
					t.Errorf("%s: %s is %s: %+v", name, c.ID, r.Status, r)
				}
			}
		}
		if len(e.Gaps) > 0 {
			t.Errorf("%s: %v", name, e.Gaps)
		}
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
			p := declared(t, "shopnow")
			out := rendered(t, p)
			kept := slices.DeleteFunc(slices.Clone(out), func(r render.Resource) bool { return slices.Contains(tt.without, r.Address()) })
			if len(kept) != len(out)-len(tt.without) {
				t.Fatalf("not all of %v are rendered", tt.without)
			}
			e := estateOf(t, p, append(others(p), kept...))
			i := slices.IndexFunc(Layer().Controls, func(c control.Control) bool { return c.ID == tt.control })
			if !slices.ContainsFunc(Layer().Controls[i].Check(e), func(r control.Result) bool { return r.Status == tt.want }) {
				t.Errorf("%s is not %s without %v", tt.control, tt.want, tt.without)
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
	for _, name := range examples {
		p := declared(t, name)
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

// printed are resources by address, as they are written.
func printed(t *testing.T, p *platform.Platform) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, r := range rendered(t, p) {
		switch r := r.(type) {
		case *terraform.Block:
			out[r.Address()] = string(terraform.PrintBlock(r))
		case *kubernetes.Object:
			text, err := kubernetes.Print([]*kubernetes.Object{r})
			if err != nil {
				t.Fatal(err)
			}
			out[r.Address()] = string(text)
		case *render.Text:
			out[r.Path] = r.Content
		}
	}
	return out
}

// A new service changes only what it calls.
func TestAServiceMore(t *testing.T) {
	for _, name := range examples {
		p := declared(t, name)
		before := printed(t, p)
		called := p.Services[0].Name
		more := platform.Service{Name: "zebra", Namespace: p.Services[0].Namespace, Port: 8080, Protocol: "http", Calls: []platform.Call{{To: called}}}
		for _, s := range p.Stores {
			more.Stores = append(more.Stores, platform.Use{Store: s.Name, Access: "read"})
		}
		p.Services = append(p.Services, more)
		after := printed(t, p)
		for address, text := range before {
			if after[address] != text && !strings.HasSuffix(address, "/"+called) {
				t.Errorf("%s: with one service more %s is\n%s\nand was\n%s", name, address, after[address], text)
			}
		}
	}
}

func TestTheSameTwice(t *testing.T) {
	for _, name := range examples {
		if diff := cmp.Diff(printed(t, declared(t, name)), printed(t, declared(t, name))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
