// Package ground is what an attack moves over: the workloads, nodes, stores and
// people of an estate, where attackers start and what they are after, and the
// words for what they can do there. Every layer's Steps are written in these
// words; they are the contract among the layers, as the names of package render
// are for what is rendered.
//
// It asks the engines reach and iam for the truth, and says by which controls
// they came to it: Ways gives the guards between two places, Permit those
// between a principal and a request.
//
// # What it is not
//
// It holds no steps and judges nothing.
//
//	g := ground.Of(e)
//	for _, w := range g.Workloads {
//		for _, way := range g.Ways(w.Place, g.Stores[0].Place) { … }
//	}
package ground
