// Package supply is the layer of the way from commit to running container: the
// pipeline that builds, the registry that keeps, the cluster that admits, and
// the nodes that run. What the shipped code does is not its concern.
//
// It renders that way, too (declare*.go): namespaces and what runs each service,
// the policies of admission, the registry, the nodes, the roles of the pipeline
// and its workflow, whose text is in the folder workflows.
//
// Attacked, code comes to run by what is broken in a workload, by its node, by a
// tag that was moved, a library that was built in, or a pod that was changed; and
// from a pod an attacker gets to the node only past what hardens it.
//
// Example:
//
//	for _, c := range supply.Layer().Controls { fmt.Println(c.ID, c.Title) }
package supply
