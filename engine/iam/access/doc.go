// Package access puts the policies of an estate together and answers who may
// do what in it: which roles a pod can act as, what a role may do after denies,
// boundary and SCPs, who can read a bucket, who outside the account can assume
// a role.
//
// # Words
//
//   - A World is an estate whose policies were parsed once. It is not changed
//     afterwards and may be asked by many goroutines.
//   - A Principal is somebody who asks AWS: a role, a user, a permission set,
//     the root user, a service, somebody anonymous; or a workload, which asks
//     as the roles it can act as. An Identity is one such role, and how.
//   - A hole is a part of a policy, a name or an ARN that the files do not
//     tell: ${var.env}. It is written <var.env> in names and answers, which no
//     name in AWS can contain. An id that AWS makes up for a resource of the
//     estate is written (aws_kms_key.cards): it is taken to be the same as
//     itself only.
//   - A reading fills the holes: the lower one so that the policies grant as
//     little as they can mean, the upper one so that they grant as much. Where
//     both decide alike the answer is certain; where they do not it is
//     estate.Maybe, with the holes that make the difference.
//
// # What it is not
//
// It decides nothing itself: engine/iam does, on two readings of the policies.
// It does not know whether a packet arrives, which is engine/reach, nor chains
// of requests that raise privileges, which are engine/iam/escalate. It answers
// for one request at a time and does not know which requests an API call needs.
//
// Example:
//
//	w := access.New(e)
//	a, err := w.Can("pod/shop/payments", "kms:Decrypt", "aws_kms_key.cards", nil)
//	if err == nil && a.Truth == estate.Yes {
//		for _, b := range a.Because { fmt.Println(b.At, b) }
//	}
package access
