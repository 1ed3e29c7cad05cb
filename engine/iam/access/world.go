package access

import (
	"fathom/engine/iam"
	"fathom/estate"
)

// World is an estate whose policies were put together and parsed once.
type World struct{ e *estate.Estate }

// New puts the policies of an estate together.
func New(e *estate.Estate) *World { return &World{e: e} }

// Principals returns everybody in the estate who may ask AWS for something:
// roles, users, permission sets, the root user and workloads, by kind and name.
func (w *World) Principals() []Principal { return nil }

// Principal finds a principal by its name ("role/NAME", "user/NAME", "root",
// "permission-set/NAME", "svc/NAME", "pod/NAMESPACE/NAME",
// "service/ec2.amazonaws.com", "account/ID", "internet", "anonymous"), its ARN,
// or its address in the files. A name that several or none have is an error
// that lists the nearest.
func (w *World) Principal(name string) (Principal, error) { return Principal{}, nil }

// Resource finds what a question is about: an ARN, which is taken as it is, or
// an address in the files with what follows it: "aws_s3_bucket.logs/*" is
// every object of the bucket, "*" everything. The resource is nil where no
// file declares it.
func (w *World) Resource(name string) (arn string, r estate.Resource, err error) { return name, nil, nil }

// Can says whether somebody may do an action on a resource, by name as in
// Principal and Resource. A condition key that is not in ctx and does not
// follow from the principal or the resource is absent from the request.
func (w *World) Can(who, action, resource string, ctx iam.Context) (Answer, error) {
	return Answer{}, nil
}

// Ask is Can for a principal and an ARN at hand.
func (w *World) Ask(p Principal, action, arn string, ctx iam.Context) Answer { return Answer{} }

// Allows is Ask without the explanation, for those who ask much. It makes no
// garbage that it need not.
func (w *World) Allows(p Principal, action, arn string, ctx iam.Context) estate.Truth {
	return estate.No
}

// Who returns everybody in the estate, and anybody on the internet, who can or
// may do an action on a resource, those who surely can first.
func (w *World) Who(action, resource string, ctx iam.Context) ([]Answer, error) { return nil, nil }

// What returns what somebody may do, statement by statement, with what takes
// away from each.
func (w *World) What(who string) ([]Permission, error) { return nil, nil }

// Identities returns the roles that a workload can act as.
func (w *World) Identities(x *estate.Workload) []Identity { return nil }

// IdentitiesOf returns the roles that other compute can act as: an instance, a
// launch template, a node group, an ECS task or service, a function.
func (w *World) IdentitiesOf(r estate.Resource) []Identity { return nil }

// Account is the account that the estate is of, and whether that is known or a
// stand-in.
func (w *World) Account() (id string, known bool) { return "", false }

// Unread says why policies may be missing from the estate, or "". A No and the
// end of a list are then only as good as what was read.
func (w *World) Unread() string { return w.e.MayHideAWS() }
