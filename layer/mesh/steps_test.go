package mesh_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"fathom/engine/depth"
	"fathom/engine/reach"
	"fathom/estate"
	"fathom/estate/read"
	"fathom/layer/ground"
	"fathom/layer/mesh"
)

// shop is three services that talk in plaintext, and the mesh that is put around
// them.
const (
	shop = `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---` + serviceOf + `orders` + serviceEnd + serviceOf + `payments` + serviceEnd + serviceOf + `search` + serviceEnd
	serviceOf = `
apiVersion: apps/v1
kind: Deployment
metadata: {namespace: shop, name: `
	serviceEnd = `}
spec:
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME}}
    spec:
      serviceAccountName: NAME
      containers: [{name: app, image: "shop/NAME:1", ports: [{name: http, containerPort: 8080}]}]
---
apiVersion: v1
kind: Service
metadata: {namespace: shop, name: NAME}
spec: {selector: {app: NAME}, ports: [{name: http, port: 80, targetPort: http}]}
---`
	strict = `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
---`
	charge = `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: payments, namespace: shop}
spec:
  selector: {matchLabels: {app: payments}}
  rules:
    - from: [{source: {principals: [cluster.local/ns/shop/sa/orders]}}]
      to: [{operation: {methods: [POST], paths: [/charge]}}]
---`
)

func built(t *testing.T, parts ...string) *estate.Estate {
	t.Helper()
	text := strings.Join(parts, "")
	for _, name := range []string{"orders", "payments", "search"} {
		before, after, _ := strings.Cut(text, "name: "+name+"}")
		text = before + "name: " + name + "}" + strings.Replace(after, "NAME", name, 6)
	}
	e, problems := read.Paths(fstest.MapFS{"shop.yaml": {Data: []byte(text)}}, []string{"."}, read.Options{})
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	return e
}

// told are the steps that give a capability: what each needs beside packets and
// code, and its guards with their states.
func told(e *estate.Estate, gives depth.Capability) []string {
	var out []string
	for _, s := range mesh.Layer().Steps(e) {
		if s.Gives != gives {
			continue
		}
		var parts []string
		for _, n := range s.Needs {
			if n.Kind == "sign" || n.Kind == "call" {
				parts = append(parts, n.String())
			}
		}
		for i := range s.Stops {
			parts = append(parts, s.Stops[i].State.String()+" "+s.Stops[i].String())
		}
		out = append(out, strings.Join(parts, ", "))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func TestCalls(t *testing.T) {
	whole := func(e *estate.Estate) *estate.Estate { return e }
	search, orders := ground.Call("svc/payments", "svc/search"), ground.Call("svc/payments", "svc/orders")
	for _, c := range []struct {
		name  string
		files []string
		after func(*estate.Estate) *estate.Estate
		gives depth.Capability
		want  []string
	}{
		{"no mesh: nothing says who may call", []string{strings.Replace(shop, ", labels: {istio-injection: enabled}", "", 1)}, whole, search, []string{
			"missing mesh.authorization on svc/payments",
		}},
		{"a mesh without policies: the caller has an identity, and needs none", []string{shop, strict}, whole, search, []string{
			"missing mesh.authorization on svc/payments",
		}},
		{"a stranger, by his own name or another's", []string{shop, strict, charge}, whole, search, []string{
			"sign mesh",
			"standing mesh.authorization on svc/payments",
		}},
		{"a caller whom a policy names", []string{shop, strict, charge}, whole, orders, []string{""}},
		{"who is named asks for what is named", []string{shop, strict, charge}, whole, ground.Attack("svc/payments"), []string{
			"call svc/payments at svc/orders, standing mesh.authorization on svc/payments",
			"sign mesh, standing mesh.authorization on svc/payments",
			"standing mesh.authorization on svc/payments",
		}},
		{"policies that name no caller hold nobody back in plaintext", []string{shop, strings.Replace(charge, "- from: [{source: {principals: [cluster.local/ns/shop/sa/orders]}}]\n      to", "- to", 1), `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: not-search, namespace: shop}
spec:
  selector: {matchLabels: {app: payments}}
  action: DENY
  rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/search]}}]}]
---`}, whole, search, []string{""}},
		{"mutual TLS gone, a node meets the policies", []string{shop, strict, charge}, mesh.Layer().Controls[0].Defeat, search, []string{
			"sign mesh",
			"standing mesh.authorization on svc/payments",
		}},
		{"policies gone, nothing is left", []string{shop, strict, charge}, mesh.Layer().Controls[1].Defeat, ground.Attack("svc/payments"), []string{
			"call svc/payments at svc/orders", "call svc/payments at svc/search",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, told(c.after(built(t, c.files...)), c.gives)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestForgery(t *testing.T) {
	e := built(t, shop, strict, charge)
	want := []string{"", "call svc/payments at svc/orders", "call svc/payments at svc/search"}
	if diff := cmp.Diff(want, told(e, ground.Forge("svc/payments"))); diff != "" {
		t.Error(diff)
	}
}

func TestAMeshThatIsNotReadIsADoubt(t *testing.T) {
	e := built(t, strings.Replace(shop, "labels: {istio-injection: enabled}", "annotations: {linkerd.io/inject: enabled}", 1))
	want := []string{"doubtful mesh.authorization on svc/payments"}
	if diff := cmp.Diff(want, told(e, ground.Call("svc/payments", "svc/search"))); diff != "" {
		t.Error(diff)
	}
}

// What the model says of a control's loss is what the estate without it says:
// of every call, with every name.
func TestTheMeshForetellsItsDefeats(t *testing.T) {
	e, problems := read.Paths(os.DirFS("../../examples/shopnow"), []string{"rendered"}, read.Options{})
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	model := foretold(e)
	for _, c := range mesh.Layer().Controls {
		if c.Defeat == nil {
			continue
		}
		without, after := model.Without(c.ID), foretold(c.Defeat(e))
		each(ground.Of(e), func(start []depth.Capability, goal depth.Capability) {
			want, got := bound(without, start, goal), bound(after, start, goal)
			if want != got {
				t.Errorf("%s gone, from %v to %s: the model says %s, the estate %s", c.ID, start, goal, want, got)
			}
		})
	}
}

// foretold is the model of this layer's steps, and of what the network lets
// through.
func foretold(e *estate.Estate) *depth.Model {
	g := ground.Of(e)
	steps := mesh.Layer().Steps(e)
	for name, from := range callers(g) {
		for _, to := range g.Workloads {
			for _, w := range g.Ways(from, to.Place) {
				steps = append(steps, depth.Step{Gives: ground.Connect(to.Name, name), Stops: w.Stops})
			}
		}
	}
	return depth.New(steps, depth.Options{})
}

func callers(g *ground.Ground) map[string]reach.Place {
	out := map[string]reach.Place{}
	for _, w := range g.Workloads {
		out[w.Name] = w.Place
	}
	for _, n := range g.Nodes {
		out[n.Name] = n.Place
	}
	return out
}

func each(g *ground.Ground, f func(start []depth.Capability, goal depth.Capability)) {
	for _, to := range g.Workloads {
		for from, place := range callers(g) {
			has := ground.Run(from)
			if place.Kind == reach.Node {
				has = ground.OnNode(from)
			}
			for _, goal := range []depth.Capability{ground.Call(to.Name, from), ground.Attack(to.Name), ground.Forge(to.Name)} {
				f([]depth.Capability{has}, goal)
				f([]depth.Capability{has, mesh.Sign}, goal)
			}
		}
	}
	for _, n := range g.Nodes {
		f([]depth.Capability{ground.OnNode(n.Name)}, mesh.Sign)
	}
}

func bound(m *depth.Model, start []depth.Capability, goal depth.Capability) string {
	a := m.Depth(start, goal)
	return fmt.Sprint(a.Least.N, a.Least.Over, a.Least.Never, a.Most.N, a.Most.Over, a.Most.Never)
}
