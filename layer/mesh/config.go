package mesh

import (
	"fathom/estate"
	"fathom/estate/tree"
)

// config is a place where Istio's installation is written: an IstioOperator
// (install.istio.io) or an Istio of the Sail operator.
type config struct {
	*estate.Object
	meshPath, valuesPath []string
}

func (s *seen) configs() []config {
	var out []config
	for _, r := range s.installs {
		o, ok := r.(*estate.Object)
		switch {
		case !ok:
		case o.Kind == "IstioOperator":
			out = append(out, config{o, []string{"spec", "meshConfig"}, []string{"spec", "values"}})
		case o.Kind == "Istio":
			out = append(out, config{o, []string{"spec", "values", "meshConfig"}, []string{"spec", "values"}})
		}
	}
	return out
}

// mesh is a value of the mesh configuration.
func (c *config) mesh(path ...string) *tree.Node { return c.Manifest.At(join(c.meshPath, path)...) }

// value is a value of the chart.
func (c *config) value(path ...string) *tree.Node { return c.Manifest.At(join(c.valuesPath, path)...) }

func join(a, b []string) []string { return append(append([]string{}, a...), b...) }

// pilotEnv is an environment variable of istiod, in either place where an
// IstioOperator has it.
func (c *config) pilotEnv(name string) *tree.Node {
	if n := c.value("pilot", "env", name); n != nil {
		return n
	}
	env := c.Manifest.At("spec", "components", "pilot", "k8s", "env")
	if env == nil {
		return nil
	}
	for _, it := range env.Items {
		if text, _ := it.Get("name").Literal(); text == name {
			return it.Get("value")
		}
	}
	return nil
}
