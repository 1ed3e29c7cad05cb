package network_test

import (
	"slices"
	"strings"
	"testing"

	"fathom/engine/reach"
	"fathom/engine/reach/flow"
	"fathom/estate"
	"fathom/layer/layertest"
	"fathom/platform"
	"fathom/render"
)

// The whole matrix from every service, the gateway and the stores to every place
// of the estate: what reaches is what was declared, and nothing else.
func TestReachIsWhatWasDeclared(t *testing.T) {
	for _, name := range layertest.Examples {
		p := layertest.Platform(t, name)
		n := reach.Of(estateOf(t, p, declared(t, p)))
		w := wanted(p)
		seen := map[string]bool{}
		for _, from := range n.Places() {
			if from.Kind != reach.Workload && from.Kind != reach.Store {
				continue
			}
			for _, to := range places(t, n) {
				r := n.Conns(from, to)
				key := from.String() + " > " + to.String()
				seen[key] = true
				if got, want := r.Sure.String(), w.sure(from, to); got != want {
					t.Errorf("%s: %s reaches %q, and %q was declared", name, key, got, want)
				}
				if got := r.May.Minus(r.Sure); !got.Empty() && !w.mayBe(from, to, p, got) {
					t.Errorf("%s: %s may reach %s, and nothing was declared", name, key, got)
				}
			}
		}
		for key, conns := range w.conns {
			if !seen[key] {
				t.Errorf("%s: %s was declared (%s), and one of the two is not there", name, key, conns)
			}
		}
	}
}

// places are all places of the estate, and two that are not in it.
func places(t *testing.T, n *reach.Network) []reach.Place {
	t.Helper()
	out := n.Places()
	for _, name := range []string{"internet", "imds"} {
		p, err := n.Find(name, reach.To)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}

// want is what was declared: connections by "svc/orders > svc/search".
type want struct {
	conns map[string]flow.Conns
	// named are the buckets that the endpoint of S3 leads to.
	named []string
}

func wanted(p *platform.Platform) want {
	w := want{conns: map[string]flow.Conns{}}
	add := func(from, to string, port int) {
		key := from + " > " + to
		w.conns[key] = w.conns[key].Union(flow.Ports(flow.TCP, port, port))
	}
	for _, s := range p.Stores {
		if s.IsBucket() {
			w.named = append(w.named, "store/"+render.Label(s.Name))
		}
	}
	for i := range p.Services {
		s := &p.Services[i]
		me := "svc/" + s.Name
		if len(p.RoutesTo(s.Name)) > 0 {
			add("svc/"+render.GatewayAccount, me, s.Port)
		}
		for _, c := range s.Calls {
			add(me, "svc/"+c.To, p.Service(c.To).Port)
		}
		doors := []string{}
		if (len(s.Stores) > 0 || len(s.AWS) > 0) && !s.SessionTags {
			doors = append(doors, "sts") // for its role
		}
		for _, u := range s.Stores {
			st := p.Store(u.Store)
			if st.IsBucket() {
				doors = append(doors, "s3")
				continue
			}
			add(me, "store/"+render.Label(st.Name), st.Engine.DefaultPort())
		}
		for _, x := range s.AWS {
			for _, a := range x.Actions {
				doors = append(doors, a[:strings.Index(a, ":")])
			}
		}
		if slices.Contains(p.Subjects(), s) {
			doors = append(doors, "s3", "sqs", "states")
		}
		for _, door := range doors {
			add(me, "endpoint/"+door, 443)
			if door == "s3" { // which of them it may use, its role decides
				for _, b := range w.named {
					add(me, b, 443)
				}
			}
		}
		if filtered(p) {
			continue // a firewall is in the way, whose rules reach does not read
		}
		for _, e := range s.Egress {
			add(me, "internet", e.Port)
		}
	}
	return w
}

// filtered says whether a firewall stands before the internet.
func filtered(p *platform.Platform) bool {
	return slices.ContainsFunc(p.Services, func(s platform.Service) bool {
		return slices.ContainsFunc(s.Egress, func(e platform.Egress) bool { return len(e.Addresses) == 0 })
	})
}

func (w want) sure(from, to reach.Place) string {
	c := w.conns[from.String()+" > "+to.String()]
	return c.String()
}

// mayBe says whether it is no wonder that something is not known: a service that
// calls hosts outside on a port, and something public that may be such a host.
func (w want) mayBe(from, to reach.Place, p *platform.Platform, conns flow.Conns) bool {
	s := p.Service(from.Name)
	if s == nil || from.Kind != reach.Workload {
		return false
	}
	for _, e := range s.Egress {
		conns = conns.Minus(flow.Ports(flow.TCP, e.Port, e.Port))
	}
	if !conns.Empty() {
		return false
	}
	switch to.Kind {
	case reach.Internet, reach.Balancer:
		return true
	case reach.API:
		return len(p.Cluster.From) > 0
	case reach.Store:
		_, bucket := to.Of.(*estate.Bucket)
		return bucket
	}
	return false
}

// Nothing but the edge is reached from the internet, and nothing of the platform
// reaches the machines below it.
func TestNobodyReachesTheMachinery(t *testing.T) {
	for _, name := range layertest.Examples {
		p := layertest.Platform(t, name)
		n := reach.Of(estateOf(t, p, declared(t, p)))
		world, err := n.Find("internet", reach.From)
		if err != nil {
			t.Fatal(err)
		}
		for _, to := range n.Places() {
			_, bucket := to.Of.(*estate.Bucket)
			if r := n.Conns(world, to); !r.May.Empty() && to.Kind != reach.Internet && to.Kind != reach.Balancer && !bucket && !(to.Kind == reach.API && len(p.Cluster.From) > 0) {
				t.Errorf("%s: the internet may reach %s on %s", name, to, r.May)
			}
		}
		for _, from := range n.Places() {
			if from.Kind != reach.Workload {
				continue
			}
			for _, port := range []int{22, 443, 10250, 30000} {
				for _, to := range n.Places() {
					if to.Kind != reach.Node && to.Kind != reach.API {
						continue
					}
					c := flow.Conn{Protocol: flow.TCP, Port: port}
					if r := n.Conns(from, to); r.Sure.Has(c) {
						t.Errorf("%s: %s reaches %s on %s", name, from, to, c)
					}
				}
			}
		}
	}
}
