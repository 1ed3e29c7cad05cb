package reach

import (
	"slices"
	"strings"

	"fathom/engine/reach/flow"
	"fathom/estate"
)

// place is a Place with what the network has to know of it.
type place struct {
	Place
	more       []estate.Resource // what else is the same place: the instances of a cluster
	identifier string            // its identifier at AWS or name in Kubernetes, where it is known
	aliases    []string          // all that it is called, the best first
	own        []string          // those of them that no other instance of its resource has from the same label
}

// newPlace makes the place of a resource. Its name is chosen later, when all
// places are there.
func newPlace(kind PlaceKind, of estate.Resource, called estate.Str, more ...estate.Resource) place {
	p := place{Place: Place{Kind: kind, Of: of}, more: more}
	p.identifier, _ = called.Known()
	b := of.Meta()
	key, last := labels(b.ID.Addr)
	p.calls(key)
	if !generic(last) {
		p.calls(last)
	}
	tag, _ := b.Tags.Get("Name").Known()
	p.calls(tag)
	p.own = []string{key, tag, p.identifier, called.String()}
	// After the address, which is what the place shows: the instance without
	// the type, as people say it.
	p.calls(p.identifier, called.String(), last, b.ID.Addr, instance(b.ID.Addr, last))
	return p
}

// instance is the label and the key of one instance of a resource: app[0] for
// module.web.aws_instance.app[0].
func instance(addr, label string) string {
	if i := strings.LastIndex(addr, "."+label+"["); i >= 0 && strings.HasSuffix(addr, "]") {
		return addr[i+1:]
	}
	return ""
}

// resource is the address of the resource that the place is an instance of.
func (p *place) resource() string {
	addr := p.Of.Meta().ID.Addr
	_, label := labels(addr)
	return strings.TrimSuffix(addr, strings.TrimPrefix(instance(addr, label), label))
}

// known puts what people call the place before all that it is called in files:
// the label of a DNS record that leads to it.
func (p *place) known(label, name string) {
	if label != "" && label != "*" {
		p.aliases = slices.DeleteFunc(p.aliases, func(a string) bool { return a == label })
		p.aliases = slices.Insert(p.aliases, 0, label)
	}
	p.own = append(p.own, label, name)
	p.calls(name)
}

// calls adds names, the best first.
func (p *place) calls(names ...string) {
	for _, n := range names {
		if n != "" && n != "not set" && n != "unknown" && !strings.Contains(n, "${") && !slices.Contains(p.aliases, n) {
			p.aliases = append(p.aliases, n)
		}
	}
}

func (p *place) resources() []estate.Resource { return append([]estate.Resource{p.Of}, p.more...) }

// stands says whether a resource is this place.
func (p *place) stands(id estate.ID) bool {
	return slices.ContainsFunc(p.resources(), func(r estate.Resource) bool { return r.Meta().ID == id })
}

// labels takes the names out of a Terraform address: the key of for_each and
// the resource's own label. For module.db["orders"].aws_rds_cluster.this they
// are "orders" and "this".
func labels(addr string) (key, last string) {
	rest := addr
	if i := strings.LastIndex(addr, `["`); i >= 0 {
		if k, after, ok := strings.Cut(addr[i+2:], `"]`); ok {
			if key = k; after == "" {
				rest = addr[:i]
			}
		}
	}
	rest, _, _ = strings.Cut(rest[strings.LastIndexByte(rest, '.')+1:], "[")
	return key, rest
}

// generic says whether a label says nothing of what it labels: modules call
// the one resource of a kind so.
func generic(label string) bool {
	return slices.Contains([]string{"this", "main", "default", "primary", "master", "example", "instance", "cluster", "db", "lb", "alb", "nlb"}, label)
}

// nodes returns the instances and the groups that make them.
func nodes(e *estate.Estate) []place {
	var out []place
	for _, r := range e.Resources {
		switch x := r.(type) {
		case *estate.NodeGroup:
			out = append(out, newPlace(Node, x, x.Group))
		case *estate.Instance:
			out = append(out, newPlace(Node, x, estate.Str{}))
		case *estate.AutoScalingGroup:
			out = append(out, newPlace(Node, x, estate.Str{}))
		}
	}
	return out
}

// fronts returns what takes requests in for others, and what AWS runs.
func fronts(e *estate.Estate) []place {
	var out []place
	for _, r := range e.Resources {
		switch x := r.(type) {
		case *estate.LoadBalancer:
			out = append(out, newPlace(Balancer, x, estate.Str{}))
		case *estate.ClassicLB:
			out = append(out, newPlace(Balancer, x, estate.Str{}))
		case *estate.Ingress:
			if b := ingressBalancer(x); b != nil {
				out = append(out, objectPlace(Balancer, x, &x.Object))
			}
		case *estate.Service:
			if x.Spec.Type == "LoadBalancer" {
				out = append(out, objectPlace(Balancer, x, &x.Object))
			}
		case *estate.Gateway:
			out = append(out, objectPlace(Balancer, x, &x.Object))
		case *estate.Distribution:
			p := newPlace(CDN, x, estate.Str{})
			p.calls(x.Aliases.Known()...)
			out = append(out, p)
		case *estate.VPCEndpoint:
			out = append(out, endpointPlace(x))
		case *estate.Lambda:
			out = append(out, newPlace(Function, x, x.Function))
		case *estate.ECSService:
			out = append(out, newPlace(Task, x, estate.Str{}))
		case *estate.EKSCluster:
			out = append(out, newPlace(API, x, x.ClusterName))
		}
	}
	return out
}

// endpointPlace calls an endpoint by its service: com.amazonaws.eu-west-1.s3
// is endpoint/s3.
func endpointPlace(x *estate.VPCEndpoint) place {
	p := newPlace(Endpoint, x, x.Service)
	p.known(serviceOf(x), "")
	return p
}

// serviceOf is the AWS service of an endpoint: s3, ecr.api. Of a service that
// is not AWS's it is the name whole.
func serviceOf(x *estate.VPCEndpoint) string {
	name := x.Service.String()
	if rest, ok := strings.CutPrefix(name, "com.amazonaws."); ok {
		if _, service, ok := strings.Cut(rest, "."); ok {
			return service
		}
	}
	return name
}

// workloads returns the places of what makes pods.
func workloads(e *estate.Estate) []place {
	var out []place
	for _, w := range estate.All[*estate.Workload](e) {
		out = append(out, objectPlace(Workload, w, &w.Object))
	}
	return out
}

func objectPlace(kind PlaceKind, of estate.Resource, o *estate.Object) place {
	p := place{Place: Place{Kind: kind, Of: of}, identifier: o.Name}
	p.calls(o.Name, o.Namespace+"/"+o.Name, o.ID.Addr, o.Namespace+"/"+o.ID.Root+"/"+o.Name)
	return p
}

// name gives every place the best of what it is called that no other place of
// its kind is called too.
func name(ps []place) {
	type call struct {
		kind PlaceKind
		name string
	}
	count := map[call]int{}
	for i := range ps {
		for _, a := range ps[i].aliases {
			count[call{ps[i].Kind, a}]++
		}
	}
	for i := range ps {
		p := &ps[i]
		p.Name = p.Of.Meta().ID.Addr
		for _, a := range p.aliases {
			if count[call{p.Kind, a}] == 1 {
				p.Name = a
				break
			}
		}
	}
}

// The places that no file declares.
var (
	internet  = Place{Kind: Internet, Addrs: flow.Public()}
	internet4 = Place{Kind: Internet, Name: "internet4", Addrs: flow.Public().Family(4)}
	internet6 = Place{Kind: Internet, Name: "internet6", Addrs: flow.Public().Family(6)}
	imds      = Place{Kind: IMDS}
)
