package mesh

import (
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"fathom/engine/reach/mesh"
	"fathom/estate"
	"fathom/layer/layertest"
	"fathom/platform"
	"fathom/render"
)

// Every pair of services, and the gateway with each: the mesh lets through what
// is declared, and nothing else.
func TestOnlyDeclaredRequestsAreLetThrough(t *testing.T) {
	for _, name := range layertest.Examples {
		p := layertest.Platform(t, name)
		e := estateOf(t, p, append(others(p), rendered(t, p)...))
		m := mesh.New(e)
		workload := func(namespace, name string) *estate.Workload {
			for _, w := range estate.All[*estate.Workload](e) {
				if w.Namespace == namespace && w.Name == name {
					return w
				}
			}
			t.Fatalf("there is no workload %s/%s", namespace, name)
			return nil
		}
		yes, no := 0, 0
		for i := range p.Services {
			to := &p.Services[i]
			dst := workload(to.Namespace, to.Name)
			ask := func(who string, w *estate.Workload, allowed func(method, path string) bool) {
				for _, r := range requests(p, to) {
					want := estate.No
					if allowed(r.Method, r.Path) {
						want, yes = estate.Yes, yes+1
					} else {
						no++
					}
					v := m.AdmitsRequest(mesh.Caller{Workload: w}, dst, to.Port, mesh.Request{Method: r.Method, Path: r.Path, Host: to.Name})
					if v.Admits != want {
						t.Errorf("%s: %s %s of %s to %s: got %v, want %v", name, r.Method, r.Path, who, to.Name, v.Admits, want)
					}
				}
				if v := m.AdmitsRequest(mesh.Caller{Workload: w}, dst, to.Port+1, mesh.Request{Method: "GET", Path: "/"}); v.Admits == estate.Yes {
					t.Errorf("%s: %s reaches another port of %s", name, who, to.Name)
				}
			}
			ask("the gateway", workload(render.GatewayNamespace, render.GatewayAccount), func(method, path string) bool {
				return slices.ContainsFunc(p.RoutesTo(to.Name), func(r platform.Route) bool {
					return matches(r.Path, path) && (len(r.Methods) == 0 || slices.Contains(r.Methods, method))
				})
			})
			for j := range p.Services {
				from := &p.Services[j]
				ask(from.Name, workload(from.Namespace, from.Name), func(method, path string) bool {
					return slices.ContainsFunc(from.Calls, func(c platform.Call) bool {
						return c.To == to.Name && (len(c.Requests) == 0 || slices.ContainsFunc(c.Requests, func(r platform.Request) bool {
							return (r.Method == "" || r.Method == method) && matches(r.Path, path)
						}))
					})
				})
			}
		}
		if yes < 5 || no < 50 {
			t.Errorf("%s: only %d requests are let through and %d refused", name, yes, no)
		}
	}
}

// requests are what anybody asks of a service according to the declaration, and
// what nobody does.
func requests(p *platform.Platform, to *platform.Service) []platform.Request {
	paths := []string{"/", "/undeclared"}
	for _, c := range p.Callers(to.Name) {
		for _, r := range c.Call.Requests {
			paths = append(paths, r.Path)
		}
	}
	for _, r := range p.RoutesTo(to.Name) {
		paths = append(paths, r.Path)
	}
	var out []platform.Request
	for _, path := range paths {
		if prefix, ok := strings.CutSuffix(path, "*"); ok {
			path = prefix + "a/b"
		}
		for _, method := range []string{"GET", "POST", "DELETE"} {
			out = append(out, platform.Request{Method: method, Path: path}, platform.Request{Method: method, Path: path + "x"})
		}
	}
	return out
}

func matches(pattern, path string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(path, prefix)
	}
	return pattern == path
}

// Nobody is named by a pattern, and nobody as a URI.
func TestPrincipalsAreExact(t *testing.T) {
	for _, name := range layertest.Examples {
		p := layertest.Platform(t, name)
		e := estateOf(t, p, append(others(p), rendered(t, p)...))
		for _, a := range estate.All[*estate.AuthorizationPolicy](e) {
			for _, r := range a.Spec.GetRules() {
				for _, f := range r.GetFrom() {
					for _, principal := range f.GetSource().GetPrincipals() {
						if strings.Contains(principal, "*") || !strings.HasPrefix(principal, p.Mesh.TrustDomain+"/ns/") {
							t.Errorf("%s: %s names %s", name, a.ID.Addr, principal)
						}
					}
				}
			}
		}
	}
}

// Of a service of which the mesh sees connections only, a rule names who and
// which port: with a method or a path it would match nothing.
func TestConnectionsHaveNoPaths(t *testing.T) {
	p := layertest.Platform(t, "bazaar")
	p.Service("notices").Protocol = "tcp"
	e := estateOf(t, p, append(others(p), rendered(t, p)...))
	rules := 0
	for _, a := range estate.All[*estate.AuthorizationPolicy](e) {
		if a.Name != "notices" {
			continue
		}
		for _, r := range a.Spec.GetRules() {
			rules++
			for _, o := range r.GetTo() {
				if len(o.GetOperation().GetPaths())+len(o.GetOperation().GetMethods()) > 0 || len(o.GetOperation().GetPorts()) != 1 {
					t.Errorf("%s has %v", a.ID.Addr, o)
				}
			}
		}
	}
	if want := len(p.Callers("notices")); rules != want {
		t.Errorf("notices has %d rules, want one for each of its %d callers", rules, want)
	}
}

// virtual is what of a VirtualService is about retries.
type virtual struct {
	Spec struct {
		HTTP []struct {
			Match []struct {
				URI    map[string]string
				Method map[string]string
			}
			Retries *struct{ Attempts int }
		}
	}
}

// Only what may be asked twice is repeated, at the gateway too: Istio repeats
// every request that is not told otherwise.
func TestOnlySafeRequestsAreRepeated(t *testing.T) {
	for _, name := range layertest.Examples {
		p := layertest.Platform(t, name)
		repeated := map[string]bool{} // patterns of routes
		for _, r := range p.Edge.Routes {
			repeated[r.Path] = slices.Equal(r.Methods, []string{"GET"})
		}
		for address, text := range printed(t, p) {
			if !strings.HasPrefix(address, "VirtualService.") {
				continue
			}
			var v virtual
			if err := yaml.Unmarshal([]byte(text), &v); err != nil {
				t.Fatal(err)
			}
			for _, route := range v.Spec.HTTP {
				if route.Retries == nil {
					t.Fatalf("%s: %s says nothing of retries", name, address)
				}
				for _, m := range route.Match {
					may := slices.Contains([]string{"GET", "HEAD", "OPTIONS"}, m.Method["exact"]) ||
						repeated[m.URI["exact"]] || m.URI["prefix"] != "" && repeated[m.URI["prefix"]+"*"]
					if may != (route.Retries.Attempts > 0) {
						t.Errorf("%s: %s repeats %v %v %d times", name, address, m.Method, m.URI, route.Retries.Attempts)
					}
				}
				if len(route.Match) == 0 && route.Retries.Attempts > 0 {
					t.Errorf("%s: %s repeats everything", name, address)
				}
			}
		}
	}
}

// A pod knows the hosts that its service is declared to ask, and no others.
func TestSidecarsKnowWhatIsDeclared(t *testing.T) {
	p := layertest.Platform(t, "shopnow")
	all := printed(t, p)
	for service, want := range map[string][]string{
		"orders": {
			"./*.cache.amazonaws.com", "./*.eu-west-1.amazonaws.com", "./*.eu-west-1.rds.amazonaws.com", "./*.kafka.eu-west-1.amazonaws.com",
			"./pod-identity.eks.internal", "amazon-cloudwatch/cloudwatch-agent.amazon-cloudwatch.svc.cluster.local",
			"payments/payments.payments.svc.cluster.local", "shopnow/search.shopnow.svc.cluster.local",
		},
		"payments": {
			"./*.eu-west-1.amazonaws.com", "./*.eu-west-1.rds.amazonaws.com", "./api.psp.example",
			"amazon-cloudwatch/cloudwatch-agent.amazon-cloudwatch.svc.cluster.local",
		},
	} {
		var v struct {
			Spec struct{ Egress []struct{ Hosts []string } }
		}
		if err := yaml.Unmarshal([]byte(all["Sidecar.networking.istio.io/"+p.Service(service).Namespace+"/"+service]), &v); err != nil {
			t.Fatal(err)
		}
		if len(v.Spec.Egress) != 1 {
			t.Fatalf("%s has %d egress listeners", service, len(v.Spec.Egress))
		}
		if diff := cmp.Diff(want, slices.Sorted(slices.Values(v.Spec.Egress[0].Hosts))); diff != "" {
			t.Errorf("%s: %s", service, diff)
		}
	}
}
