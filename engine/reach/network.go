package reach

import (
	"cmp"
	"slices"
	"strings"

	"fathom/engine/reach/flow"
	"fathom/engine/reach/mesh"
	"fathom/engine/reach/netpol"
	"fathom/engine/reach/vpc"
	"fathom/estate"
)

// Network is the network of an estate, ready to be asked. It may be used by
// several goroutines at once.
type Network struct {
	e      *estate.Estate
	aws    *vpc.Network
	pol    *netpol.Cluster
	mesh   *mesh.Mesh
	enf    enforcement
	places []place
	of     map[estate.ID]*place

	selects   map[estate.ID][]*estate.Workload // by Service
	selected  map[estate.ID][]*estate.Service  // by Workload, the other way round
	stands    map[estate.ID][]*stand           // where pods run, by Workload
	standSets map[estate.ID]*standSet          // the same by workloads that run alike
	nodes     []*stand                         // where pods may run
	podWhy    string                           // why that is not known
	podAddrs  flow.Addrs                       // the addresses that pods may have; empty where they are not known
	relays    map[estate.ID][]*relay           // by what they lead to
	atoms     []flow.Addrs                     // the ranges that NetworkPolicies tell apart
	dns       []record
	told      []int // the ports that the mesh's rules name

	cache cache
}

// New reads the network of an estate.
func New(e *estate.Estate) *Network {
	n := &Network{e: e, aws: vpc.New(e), mesh: mesh.New(e), enf: enforcementOf(e), of: map[estate.ID]*place{}}
	for _, list := range [][]place{workloads(e), nodes(e), stores(e), fronts(e)} {
		n.places = append(n.places, list...)
	}
	name(n.places)
	slices.SortStableFunc(n.places, func(a, b place) int {
		return cmp.Or(cmp.Compare(order(a.Kind), order(b.Kind)), strings.Compare(a.Name, b.Name))
	})
	for i := range n.places {
		for _, r := range n.places[i].resources() {
			n.of[r.Meta().ID] = &n.places[i]
		}
	}
	n.dns = recordsOf(e)
	n.join()
	n.place()
	n.pol = netpol.New(e, netpol.Options{PodAddrs: n.podAddrs})
	n.atoms = blocks(e)
	n.told = portsTold(e)
	n.relay()
	n.cache.init()
	return n
}

// Of is New, made once for an estate however many ask.
func Of(e *estate.Estate) *Network { return estate.Once(e, New) }

// order is the order in which places are listed.
func order(k PlaceKind) int {
	return slices.Index([]PlaceKind{Internet, CIDR, CDN, Balancer, API, Workload, Function, Task, Node, Endpoint, Store, IMDS}, k)
}

// Places are the places of the estate, the internet first: balancers and the
// like, workloads, nodes, stores.
func (n *Network) Places() []Place {
	out := []Place{internet}
	for i := range n.places {
		out = append(out, n.places[i].Place)
	}
	if len(n.nodes) > 0 {
		out = append(out, imds)
	}
	return out
}

// join finds which Services select which workloads (Kubernetes documentation,
// "Service"): those of its namespace whose pods have the labels of its selector.
func (n *Network) join() {
	n.selects, n.selected = map[estate.ID][]*estate.Workload{}, map[estate.ID][]*estate.Service{}
	type label struct{ namespace, key, value string }
	having := map[label][]*estate.Workload{}
	for _, w := range estate.All[*estate.Workload](n.e) {
		for k, v := range w.PodLabels {
			l := label{w.Namespace, k, v}
			having[l] = append(having[l], w)
		}
	}
	for _, s := range estate.All[*estate.Service](n.e) {
		if len(s.Spec.Selector) == 0 || s.Spec.Type == "ExternalName" {
			continue
		}
		var among []*estate.Workload
		first := true
		for k, v := range s.Spec.Selector {
			if found := having[label{s.Namespace, k, v}]; first || len(found) < len(among) {
				among, first = found, false
			}
		}
		for _, w := range among {
			if has(w.PodLabels, s.Spec.Selector) {
				n.selects[s.ID] = append(n.selects[s.ID], w)
				n.selected[w.ID] = append(n.selected[w.ID], s)
			}
		}
	}
}

func has(labels, want map[string]string) bool {
	for k, v := range want {
		if got, ok := labels[k]; !ok || got != v {
			return false
		}
	}
	return true
}

// services are the Services that select a workload.
func (n *Network) services(w *estate.Workload) []*estate.Service { return n.selected[w.ID] }

// behindOf are the workloads that a Service selects.
func (n *Network) behindOf(s *estate.Service) []*estate.Workload { return n.selects[s.ID] }
