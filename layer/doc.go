// Package layer is the one shape that every ring of the defence has. The
// product is a grid, layers by verbs: the folders below hold the layers, the
// fields of Layer are the verbs.
package layer
