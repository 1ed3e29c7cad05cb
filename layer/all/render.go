package all

import (
	"errors"

	"fathom/layer/edge"
	"fathom/platform"
	"fathom/render"
	"fathom/render/trap"
)

// Render has every layer render its part of the platform, and arranges the
// files.
func Render(p *platform.Platform) ([]render.File, error) {
	parts, err := Parts(p)
	if err != nil {
		return nil, err
	}
	if err := trap.Check(p, parts, trap.Options{ManagedRules: edge.ManagedRules}); err != nil {
		return nil, err
	}
	return render.Files(p, parts)
}

// Parts are what the layers render, outside in. The error joins those of all
// layers.
func Parts(p *platform.Platform) ([]render.Part, error) {
	var parts []render.Part
	var errs []error
	for _, l := range Layers() {
		if l.Render == nil {
			continue
		}
		resources, err := l.Render(p)
		if err != nil {
			errs = append(errs, err)
		}
		parts = append(parts, render.Part{Layer: l.Name, Resources: resources})
	}
	return parts, errors.Join(errs...)
}
