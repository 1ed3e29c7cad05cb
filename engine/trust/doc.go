// Package trust says which web identity tokens a role's trust policy lets in,
// and where it lets in more than one workload or pipeline.
//
// # Words
//
//   - A Door is one statement that allows sts:AssumeRoleWithWebIdentity for one
//     identity provider.
//   - An Issuer is what kind of provider that is: a cluster, a CI system, other.
//   - A Flaw is what is wrong with a door. An open flaw lets strangers in; one
//     that is not open leaves a check out, or makes the door useless.
//
// It reads one policy by itself; what an assumed role may then do, and service
// control policies, are not its concern.
//
// Example:
//
//	for _, d := range trust.Doors(e, role) {
//		for _, f := range d.Flaws { fmt.Println(f.Saw) }
//	}
package trust
