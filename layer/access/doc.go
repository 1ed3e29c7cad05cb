// Package access is the ring around people: how somebody gets a shell or an
// administrator's role, with what proof, for how long, and who sees it.
//
// It judges what files show. That somebody was asked for a reason, or that two
// people stood behind an emergency, is known only to the system that granted
// the access; where it leaves no trace in a file the result is unknown.
//
// # Words
//
//   - Person: a holder of permissions that people use. IAM groups, IAM users
//     that are no machines, Identity Center permission sets, and roles whose
//     trust policy names people.
//   - Opener: an action that begins a session on a machine: ssm:StartSession
//     and its like.
package access
