package access

import (
	"fathom/diag"
	"fathom/engine/iam"
	"fathom/estate"
)

// Kind is what sort of principal somebody is.
type Kind uint8

// The kinds, in the order in which they are listed.
const (
	Role Kind = iota + 1
	User
	PermissionSet
	Root
	// Workload is something that makes pods, or other compute: it asks as the
	// roles that it can act as.
	Workload
	// Service is an AWS service principal.
	Service
	// Account is another account: a principal of it that no policy of the estate
	// names itself, and whose own policies let it do everything.
	Account
	// Anonymous is anybody on the internet, without credentials.
	Anonymous
)

// Principal is somebody who may ask AWS for something. Principals come from a
// World and are good for questions to it only.
type Principal struct {
	Kind Kind
	// Name is how Principal finds it: "role/NAME", "user/NAME",
	// "permission-set/NAME", "root", "pod/NAMESPACE/NAME",
	// "service/ec2.amazonaws.com", "account/ID", "internet".
	Name string
	// IAM is the caller; zero for a workload.
	IAM iam.Principal
	// Resource declares it; nil for those that no file declares.
	Resource estate.Resource
	// As are the roles that a workload can act as.
	As []Identity

	*subject
}

// Pos is where the principal is declared.
func (p Principal) Pos() diag.Pos {
	if p.Resource == nil {
		return diag.Pos{}
	}
	return p.Resource.Meta().Pos
}

// How is the way in which a workload comes to a role's credentials.
type How uint8

// The ways.
const (
	// WebIdentity is IAM roles for service accounts: a token of the cluster.
	WebIdentity How = iota + 1
	// PodIdentity is EKS Pod Identity.
	PodIdentity
	// NodeMetadata is the role of the node, through its metadata service.
	NodeMetadata
	// InstanceProfile is the role of an EC2 instance.
	InstanceProfile
	// TaskRole is the role of an ECS task.
	TaskRole
	// ExecutionRole is the role of a Lambda function.
	ExecutionRole
)

// String says the way in the words of a report.
func (h How) String() string {
	switch h {
	case WebIdentity:
		return "its service account's token"
	case PodIdentity:
		return "EKS Pod Identity"
	case NodeMetadata:
		return "the node's metadata service"
	case InstanceProfile:
		return "its instance profile"
	case TaskRole:
		return "its task role"
	case ExecutionRole:
		return "its execution role"
	}
	return "unknown"
}

// Identity is a role that a workload can act as.
type Identity struct {
	// Role is the role; only its Name is known of one that no file declares.
	Role Principal
	How  How
	// Truth is Maybe where the files do not tell, with Doubts.
	Truth estate.Truth
	// At is the line that gives it: the annotation, the association, the
	// metadata options of the node.
	At diag.Pos
	// Why says how in a sentence, with further lines in Steps.
	Why   string
	Steps []Step
	// Doubts are why Truth is Maybe; Limits what may stand in the way, such as a
	// NetworkPolicy that a network plug-in may or may not enforce.
	Doubts []Doubt
	Limits []Doubt
}

// Step is one of the lines that together give an identity.
type Step struct {
	At  diag.Pos
	Saw string
}
