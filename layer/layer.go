package layer

import "fathom/control"

// Layer is one ring of the defence. A nil field means that the layer does not
// do that.
type Layer struct {
	// Name is edge, network, mesh, identity, supply, data, access or response.
	Name string
	// Doc says in one line what the layer is about.
	Doc string
	// Controls are what it promises, each with how it is seen in an estate.
	Controls []control.Control
}
