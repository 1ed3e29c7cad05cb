package kubernetes

import (
	"regexp"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"fathom/diag"
	"fathom/estate"
	"fathom/estate/tree"
)

// The annotations by which objects name AWS resources.
const (
	roleAnnotation           = "eks.amazonaws.com/role-arn"
	webACLAnnotation         = "alb.ingress.kubernetes.io/wafv2-acl-arn"
	securityGroupsAnnotation = "alb.ingress.kubernetes.io/security-groups"
	certificateAnnotation    = "alb.ingress.kubernetes.io/certificate-arn"
)

func serviceAccount(r *reader, o estate.Object) (estate.Resource, *typeError) {
	s := &estate.ServiceAccount{Object: o, Role: refTo[*estate.Role](&o, roleAnnotation)}
	return s, r.part(&o, &s.Automount, "automountServiceAccountToken")
}

func ingress(r *reader, o estate.Object) (estate.Resource, *typeError) {
	i := &estate.Ingress{
		Object:         o,
		WebACL:         refTo[*estate.WebACL](&o, webACLAnnotation),
		SecurityGroups: refsTo[*estate.SecurityGroup](&o, securityGroupsAnnotation),
	}
	// The annotation may list several; the first is the listener's default.
	if arns := commas(o.Annotations[certificateAnnotation]); len(arns) > 0 {
		i.Certificate = refIn[*estate.Certificate](arns[0], at(&o, "metadata", "annotations", certificateAnnotation))
	}
	spec := o.Manifest.Get("spec")
	if spec.Missing() {
		return i, nil
	}
	modern := modernIngress(spec)
	for j, f := range modern.Fields {
		if f.Name == "backend" {
			modern.Fields[j].Name = "defaultBackend"
		}
	}
	return i, r.decodeInto(modern, &i.Spec)
}

// modernIngress writes the backends of the beta versions as v1 has them; a
// backend of v1 stays as it is.
func modernIngress(n *tree.Node) *tree.Node {
	switch n.Is() {
	case tree.List:
		out := *n
		out.Items = make([]*tree.Node, len(n.Items))
		for i, it := range n.Items {
			out.Items[i] = modernIngress(it)
		}
		return &out
	case tree.Map:
		out := *n
		out.Fields = make([]tree.Field, 0, len(n.Fields))
		name, port := n.Get("serviceName"), n.Get("servicePort")
		for _, f := range n.Fields {
			if f.Name != "serviceName" && f.Name != "servicePort" {
				out.Fields = append(out.Fields, tree.Field{Name: f.Name, Node: modernIngress(f.Node)})
			}
		}
		if name != nil || port != nil {
			service := &tree.Node{Kind: tree.Map, Pos: n.Pos}
			if name != nil {
				service.Set("name", name)
			}
			if port != nil {
				by := "name"
				if port.Kind == tree.Number {
					by = "number"
				}
				service.Set("port", &tree.Node{Kind: tree.Map, Pos: port.Pos, Fields: []tree.Field{{Name: by, Node: port}}})
			}
			out.Set("service", service)
		}
		return &out
	}
	return n
}

func securityGroupPolicy(r *reader, o estate.Object) (estate.Resource, *typeError) {
	p := &estate.SecurityGroupPolicy{Object: o}
	var s struct {
		PodSelector            *metav1.LabelSelector `json:"podSelector"`
		ServiceAccountSelector *metav1.LabelSelector `json:"serviceAccountSelector"`
		SecurityGroups         struct {
			GroupIDs []string `json:"groupIds"`
		} `json:"securityGroups"`
	}
	wrong := r.spec(&o, &s)
	p.PodSelector, p.ServiceAccountSelector = s.PodSelector, s.ServiceAccountSelector
	path := []string{"spec", "securityGroups", "groupIds"}
	if ids := o.Manifest.At(path...); ids.Is() == tree.List && wrong == nil {
		p.Groups = estate.RefsTo[*estate.SecurityGroup](nil, at(&o, path...))
		for i, id := range s.SecurityGroups.GroupIDs {
			p.Groups.Items = append(p.Groups.Items, refIn[*estate.SecurityGroup](id, ids.Items[i].Pos))
		}
	}
	return p, wrong
}

// refTo is the resource that an annotation names.
func refTo[T estate.Resource](o *estate.Object, annotation string) estate.Ref[T] {
	v := strings.TrimSpace(o.Annotations[annotation])
	if v == "" {
		return estate.Ref[T]{}
	}
	return refIn[T](v, at(o, "metadata", "annotations", annotation))
}

// refIn is the resource that a text names; a placeholder names an unknown one.
func refIn[T estate.Resource](v string, pos diag.Pos) estate.Ref[T] {
	if looksLikePlaceholder(v) {
		return estate.Ref[T]{Str: estate.Unknown[string]("placeholder "+v+" has no value", pos)}
	}
	return estate.RefTo[T](v, pos)
}

// refsTo are the resources that an annotation names, separated by commas.
func refsTo[T estate.Resource](o *estate.Object, annotation string) estate.Refs[T] {
	names := commas(o.Annotations[annotation])
	if len(names) == 0 {
		return estate.Refs[T]{}
	}
	pos := at(o, "metadata", "annotations", annotation)
	refs := estate.RefsTo[T](nil, pos)
	for _, n := range names {
		refs.Items = append(refs.Items, refIn[T](n, pos))
	}
	return refs
}

func commas(s string) []string {
	var out []string
	for _, p := range strings.Split(s, ",") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

var placeholder = regexp.MustCompile(`\$\{[^}]*\}|\$\([^)]*\)|\{\{.*\}\}|<[A-Z][A-Z0-9_]*>`)

// looksLikePlaceholder says whether something has yet to be put in: ${VAR},
// $(VAR), {{ .Var }}, <VAR>.
func looksLikePlaceholder(s string) bool { return placeholder.MatchString(s) }

func sorted(s []string) []string {
	slices.Sort(s)
	return slices.Compact(s)
}
