// Package escalate finds how principals of an estate can raise their
// privileges: the known ways of IAM privilege escalation, each tried at every
// place of the estate where it could work, and returned as a chain of concrete
// requests that the evaluator of engine/iam allows.
//
// # Words
//
//   - A way is a known means of raising privileges, as data: the requests it
//     takes, what it needs in the estate, what it gains. Ways lists them; their
//     facts are those of the catalogue pathfinding.cloud (DataDog, Apache-2.0),
//     of AWS's Service Authorization Reference and of the EKS, KMS and
//     Organizations guides.
//   - A site is a place in the estate where a way could work: the role to pass,
//     the function to change, the user to make a key for.
//   - A Path is a way that works: who begins, the Steps, what it gains.
//   - A chain is a Path of several hops: every hop is made with what the one
//     before it gained. Its ID is "chain".
//   - An administrator is somebody who may do what Action "*" on Resource "*"
//     lets, as far as probes over several services tell.
//
// Every request is decided with all policies that apply, so that boundaries,
// SCPs and denies hold for the attacker as for anybody. Something gained counts
// only if it lets the principal do what it could not do before, and the Path
// says what.
//
// # What it is not
//
// It knows nothing of networks: that a pushed SSH key needs a way to the port
// is said in Limits, and engine/reach answers it. It does not know resources
// that no file declares; Options.Assume lists what would work if there were one.
//
// Example:
//
//	for _, p := range escalate.Find(e, access.New(e), escalate.Options{}) {
//		fmt.Println(p)
//	}
package escalate
