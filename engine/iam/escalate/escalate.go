package escalate

import (
	"fathom/engine/iam"
	"fathom/engine/iam/access"
	"fathom/estate"
)

// Kind groups the ways as the catalogue pathfinding.cloud does, with two more.
type Kind uint8

// The kinds.
const (
	// Self changes what the principal itself may do.
	Self Kind = iota + 1
	// PrincipalAccess gets the credentials of another user or role.
	PrincipalAccess
	// NewPassRole passes a role to something new that runs the attacker's code.
	NewPassRole
	// ExistingPassRole changes or enters something that runs with a role.
	ExistingPassRole
	// Cluster makes the principal administrator of a Kubernetes cluster.
	Cluster
	// Data rewrites the policy that guards data: of a key, a bucket, a secret.
	Data
	// Several is a chain of ways.
	Several
)

// String is the word for the kind.
func (k Kind) String() string {
	switch k {
	case Self:
		return "self-escalation"
	case PrincipalAccess:
		return "principal access"
	case NewPassRole:
		return "new PassRole"
	case ExistingPassRole:
		return "existing PassRole"
	case Cluster:
		return "cluster"
	case Data:
		return "key or data policy"
	case Several:
		return "chain"
	}
	return "unknown"
}

// Path is one way for a principal to raise its privileges.
type Path struct {
	// ID is the way's, such as "iam-create-policy-version"; "chain" for several.
	ID string
	// Known are the ids of the same way in pathfinding.cloud.
	Known []string
	Kind  Kind
	From  access.Principal
	Steps []Step
	Gains Gain
	// Certain is Maybe where the files do not tell everything it depends on; Why
	// says what.
	Certain estate.Truth
	Why     string
	// Limits are what else has to hold, or stays in the way of the gain.
	Limits []string
}

// Step is one request of a path.
type Step struct {
	// By is the name of the principal who makes it: for a chain not always the
	// one who began.
	By      string
	Request iam.Request
	// Also are further authorisations that the same call needs, such as the
	// image and the subnet of a new instance.
	Also []iam.Request
	// Supposing is the policy of the resource that an earlier step has put in
	// place and under which the request is allowed; nil where the request is
	// allowed as the estate stands.
	Supposing *iam.Document
	// Because are the statements that allow it.
	Because []access.Because
	// Certain is Maybe where the files do not tell whether it is allowed.
	Certain estate.Truth
	// Says is the step in a sentence.
	Says string
}

// GainKind is what sort of thing a path gains. The greater is worth more.
type GainKind uint8

// The gains.
const (
	// DataAccess is access to data, or to what holds it.
	DataAccess GainKind = iota + 1
	// Permissions are those of another principal, or more of one's own.
	Permissions
	// ClusterAdmin is administrator of a Kubernetes cluster.
	ClusterAdmin
	// Administrator may do everything in the account.
	Administrator
)

// String is the word for the gain.
func (g GainKind) String() string {
	switch g {
	case DataAccess:
		return "data"
	case Permissions:
		return "permissions"
	case ClusterAdmin:
		return "cluster administrator"
	case Administrator:
		return "administrator"
	}
	return "nothing"
}

// Gain is what a path gets.
type Gain struct {
	Kind GainKind
	// As is the name of the user or role whose permissions are gained; "" for
	// more permissions of one's own, and for what is not a principal.
	As string
	// Of is the ARN of the cluster, key, bucket or secret; "" otherwise.
	Of string
	// Witness is a request that is allowed then and was denied before. It is
	// nil for Administrator and ClusterAdmin.
	Witness *iam.Request
}

// Options say what to look for. The zero Options look for what the estate shows.
type Options struct {
	// Assume also lists ways that need a resource which no file declares, such
	// as a Glue endpoint, as Maybe: "if one exists".
	Assume bool
	// Workloads also lists pods and other compute, each with the ways of the
	// roles that it can act as.
	Workloads bool
	// Sure lists only what surely works. It is much quicker where policies are
	// unknown, since an unknown policy makes everything possible.
	Sure bool
	// MaxHops bounds chains; 0 is 6.
	MaxHops int
	// Targets bounds at how many places one way is tried for one principal once
	// it has surely made it administrator so often; 0 is 5. Ways that gain less
	// are tried everywhere.
	Targets int
}

const defaultTargets = 5

// Find returns the paths of every role, user and permission set that is not an
// administrator already: all of one hop, and the shortest chain to
// administrator where no single hop gets there. They are sorted by principal,
// gain and way.
func Find(e *estate.Estate, w *access.World, o Options) []Path {
	f := newFinder(e, w, o)
	var out []Path
	for i := range f.people {
		out = append(out, f.from(i)...)
	}
	if o.Workloads {
		for _, p := range f.workloads {
			out = append(out, f.fromWorkload(p)...)
		}
	}
	return out
}

// From returns the paths of one principal, as Find does.
func From(e *estate.Estate, w *access.World, p access.Principal, o Options) []Path {
	f := newFinder(e, w, o)
	if p.Kind == access.Workload {
		return f.fromWorkload(p)
	}
	i, ok := f.byName[p.Name]
	if !ok {
		return nil
	}
	return f.from(i)
}

// Way is a known means of raising privileges, as Ways lists it.
type Way struct {
	ID string
	// Known are its ids in pathfinding.cloud.
	Known []string
	Kind  Kind
	// Requests are the actions that it takes, in order.
	Requests []string
}

// Ways lists every way that Find looks for.
func Ways() []Way {
	out := make([]Way, len(ways))
	for i, w := range ways {
		out[i] = Way{ID: w.id, Known: w.known, Kind: w.kind}
		for _, a := range w.asks {
			out[i].Requests = append(out[i].Requests, a.do)
		}
	}
	return out
}
