package all

import (
	"fathom/control"
	"fathom/layer"
	"fathom/layer/access"
	"fathom/layer/data"
	"fathom/layer/edge"
	"fathom/layer/identity"
	"fathom/layer/mesh"
	"fathom/layer/network"
	"fathom/layer/response"
	"fathom/layer/supply"
)

// Layers returns every layer, outside in.
func Layers() []layer.Layer {
	return []layer.Layer{
		edge.Layer(), network.Layer(), mesh.Layer(), identity.Layer(),
		supply.Layer(), data.Layer(), access.Layer(), response.Layer(),
	}
}

// Control finds a control by its id, or returns nil.
func Control(layers []layer.Layer, id string) *control.Control {
	for i := range layers {
		for j := range layers[i].Controls {
			if c := &layers[i].Controls[j]; c.ID == id {
				return c
			}
		}
	}
	return nil
}
