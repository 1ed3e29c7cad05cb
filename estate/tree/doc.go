// Package tree holds what the arguments of a resource evaluated to, and where
// each was written: the common ground of every reader.
//
// A Terraform resource, a plan's "after" object, a state's attributes and a
// Kubernetes manifest all become a tree of Nodes. The estate package turns
// trees into typed resources. A tree knows nothing of what its names mean.
//
// What could not be evaluated is a Node of kind Unknown with the reason.
// A string that names an attribute of another resource, such as
//
//	bucket = aws_s3_bucket.logs.id
//
// is a Node whose Text holds ${aws_s3_bucket.logs.id} and whose Refs name the
// resource, whether or not its value can be known before it is applied.
package tree
