// Package supply is the layer of the way from commit to running container: the
// pipeline that builds, the registry that keeps, the cluster that admits, and
// the nodes that run. What the shipped code does is not its concern.
//
// Example:
//
//	for _, c := range supply.Layer().Controls { fmt.Println(c.ID, c.Title) }
package supply
