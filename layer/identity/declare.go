package identity

import (
	"errors"
	"slices"
	"strings"

	"fathom/platform"
	"fathom/render"
	"fathom/render/kubernetes"
	"fathom/render/terraform"
)

// declare renders who everything is at AWS, and how little it may do: the
// cluster's and the nodes' roles, a role for each service, the boundary that all
// roles have, and what the organisation denies to all of them.
func declare(p *platform.Platform) ([]render.Resource, error) {
	d := &declaration{p: p}
	d.boundary()
	d.cluster()
	d.balancer()
	for i := range p.Services {
		d.service(&p.Services[i])
	}
	d.accounts()
	d.organisation()
	d.people()
	d.watch()
	if len(d.problems) > 0 {
		return nil, errors.Join(d.problems...)
	}
	return d.out, nil
}

// declaration gathers what is rendered, and what cannot be.
type declaration struct {
	p        *platform.Platform
	out      []render.Resource
	problems []error
}

func (d *declaration) add(b *terraform.Block) *terraform.Block {
	d.out = append(d.out, b)
	return b
}

func (d *declaration) object(o *kubernetes.Object) *kubernetes.Object {
	d.out = append(d.out, o)
	return o
}

// Shorthands of the printer.
var (
	set  = terraform.Set
	nest = terraform.Nest
	obj  = terraform.Obj
)

// attach puts a policy of AWS's own on a role.
func (d *declaration) attach(label, role, policy string) *terraform.Block {
	return d.add(terraform.Resource("aws_iam_role_policy_attachment", label,
		set("role", terraform.Expr("aws_iam_role."+role+".name")),
		set("policy_arn", "arn:aws:iam::aws:policy/"+policy),
	))
}

// namespaces are those of the platform's own pods, sorted.
func namespaces(p *platform.Platform) []string {
	out := []string{render.GatewayNamespace}
	for i := range p.Services {
		out = append(out, p.Services[i].Namespace)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// sid makes a statement's name of words with dashes: AWS takes letters and
// digits only.
func sid(words ...string) string {
	var b strings.Builder
	for _, w := range words {
		for _, part := range strings.FieldsFunc(w, func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
		}) {
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return b.String()
}
