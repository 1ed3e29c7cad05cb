package edge

import (
	"strings"

	"fathom/diag"
	"fathom/estate"
	"fathom/estate/tree"
)

const annotation = "alb.ingress.kubernetes.io/"

// ingressALB is the load balancer that the AWS Load Balancer Controller makes
// of one Ingress, or of all the Ingresses of one group. A setting stands in an
// annotation of any of them, or in the IngressClassParams of their class,
// which win (AWS Load Balancer Controller, "Ingress annotations" and
// "IngressClass").
type ingressALB struct {
	members []*estate.Ingress
	params  *estate.Object
}

// first is the Ingress that stands for the load balancer.
func (a *ingressALB) first() *estate.Ingress {
	for _, in := range a.members {
		if in.Annotations[annotation+"scheme"] != "" {
			return in
		}
	}
	return a.members[0]
}

// setting is a setting's value and where it stands.
func (a *ingressALB) setting(name string, param ...string) (string, diag.Pos) {
	if a.params != nil && len(param) > 0 {
		path := append([]string{"spec"}, param...)
		if v := scalars(a.params.Manifest.At(path...)); v != "" {
			return v, a.params.At(path...)
		}
	}
	for _, in := range a.members {
		if v := in.Annotations[annotation+name]; v != "" {
			return v, in.At("metadata", "annotations", annotation+name)
		}
	}
	return "", diag.Pos{}
}

// scalars writes a scalar, or a list of them with commas as annotations do.
func scalars(n *tree.Node) string {
	if n.Is() != tree.List {
		s, _ := n.Literal()
		return s
	}
	var all []string
	for _, it := range n.Items {
		if s, ok := it.Literal(); ok {
			all = append(all, s)
		}
	}
	return strings.Join(all, ",")
}

// ingressALBs are the internet-facing load balancers that Ingresses make. The
// scheme defaults to internal.
func ingressALBs(e *estate.Estate) []*ingressALB {
	classes := ingressClasses(e)
	var all []*ingressALB
	groups := map[string]*ingressALB{}
	for _, in := range estate.All[*estate.Ingress](e) {
		class, ok := classes[className(in)]
		if !ok && !looksALB(in) || ok && !class.alb {
			continue
		}
		key := in.Meta().ID.Root + "/" + groupOf(in, class.params)
		a := groups[key]
		if a == nil {
			a = &ingressALB{params: class.params}
			groups[key] = a
			all = append(all, a)
		}
		a.members = append(a.members, in)
	}
	var public []*ingressALB
	for _, a := range all {
		if scheme, _ := a.setting("scheme", "scheme"); scheme == "internet-facing" {
			public = append(public, a)
		}
	}
	return public
}

func groupOf(in *estate.Ingress, params *estate.Object) string {
	if params != nil {
		if g := scalars(params.Manifest.At("spec", "group", "name")); g != "" {
			return g
		}
	}
	if g := in.Annotations[annotation+"group.name"]; g != "" {
		return g
	}
	return in.Namespace + "/" + in.Name
}

func className(in *estate.Ingress) string {
	if in.Spec.IngressClassName != nil {
		return *in.Spec.IngressClassName
	}
	return in.Annotations["kubernetes.io/ingress.class"]
}

// looksALB decides where the class itself was not read: the controller's own
// class is called alb, and nobody else reads its annotations.
func looksALB(in *estate.Ingress) bool {
	if c := className(in); c != "" {
		return c == "alb"
	}
	for k := range in.Annotations {
		if strings.HasPrefix(k, annotation) {
			return true
		}
	}
	return false
}

type ingressClass struct {
	alb    bool
	params *estate.Object
}

func ingressClasses(e *estate.Estate) map[string]ingressClass {
	params := map[string]*estate.Object{}
	for _, o := range estate.All[*estate.Object](e) {
		if o.Kind == "IngressClassParams" {
			params[o.Name] = o
		}
	}
	out := map[string]ingressClass{}
	for _, o := range estate.All[*estate.Object](e) {
		if o.Kind != "IngressClass" {
			continue
		}
		controller := scalars(o.Manifest.At("spec", "controller"))
		out[o.Name] = ingressClass{
			alb:    controller == "ingress.k8s.aws/alb" || controller == "eks.amazonaws.com/alb",
			params: params[scalars(o.Manifest.At("spec", "parameters", "name"))],
		}
	}
	return out
}
