package supply

import (
	"fathom/platform"
	"fathom/render"
	"fathom/render/kubernetes"
	"fathom/render/terraform"
)

// declare renders the way of the code into the cluster: where images lie, who
// may put them there, what of them may run, and how it runs.
func declare(p *platform.Platform) ([]render.Resource, error) {
	var out []render.Resource
	objects := func(list []*kubernetes.Object) {
		for _, o := range list {
			out = append(out, o)
		}
	}
	blocks := func(list []*terraform.Block) {
		for _, b := range list {
			out = append(out, b)
		}
	}
	blocks(roles(p))
	blocks(verifierRole(p))
	blocks(registryBlocks(p))
	blocks(nodes(p))
	objects(namespaces(p))
	objects(priorities(p))
	objects(admissions(p))
	objects([]*kubernetes.Object{signatures(p)})
	objects(sensor(p))
	priority := worth(p)
	for i := range p.Services {
		objects(workload(p, &p.Services[i], priority[p.Services[i].Name]))
	}
	texts, err := workflows(p)
	if err != nil {
		return nil, err
	}
	values, err := kyvernoValues(p)
	if err != nil {
		return nil, err
	}
	for _, t := range append(texts, values) {
		out = append(out, t)
	}
	return out, nil
}

// Shorthands of the two printers.
var (
	set  = terraform.Set
	nest = terraform.Nest
	m    = kubernetes.M
)

type list = kubernetes.L

// Labels of pods and of what belongs to them: the first is the selector
// everywhere.
const (
	labelName = "app.kubernetes.io/name"
	labelPart = "app.kubernetes.io/part-of"
)

// of is the path of a service in the declaration.
func of(s *platform.Service, what ...string) string {
	path := "services." + s.Name
	for _, w := range what {
		path += "." + w
	}
	return path
}
