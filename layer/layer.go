package layer

import (
	"fathom/control"
	"fathom/engine/depth"
	"fathom/estate"
	"fathom/platform"
	"fathom/render"
)

// Layer is one ring of the defence. A nil field means that the layer does not
// do that.
type Layer struct {
	// Name is edge, network, mesh, identity, supply, data, access or response.
	Name string
	// Doc says in one line what the layer is about.
	Doc string
	// Controls are what it promises, each with how it is seen in an estate.
	Controls []control.Control
	// Render declares the layer: what of it the platform asks for, in an order
	// that depends on the declaration alone. The error is for what only this
	// layer can see to be impossible: a diag.Problem, or several joined.
	Render func(*platform.Platform) ([]render.Resource, error)
	// Steps are what an attacker could do in an estate where this layer has a say
	// in it, in the words of package ground, and which controls stand in the way:
	// those of other layers too, where one step meets both. They are the same for
	// the same estate, in the same order.
	Steps func(*estate.Estate) []depth.Step
}
