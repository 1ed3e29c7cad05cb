// Package identity is the layer of IAM: who a workload or a person is on AWS,
// and how little that identity may do. It ends where a policy is evaluated
// exactly; here a policy is judged by what is unmistakable in its text.
//
// Declared, it renders a role for each service with what its stores and its
// permissions ask for and nothing else, the roles of the cluster, the boundary
// of every role, and what the organisation denies to all. The last needs the
// management account, or one that it made delegated administrator.
//
// Its steps say how an attacker comes to act as somebody: by the tokens of pods
// and the metadata of nodes, by passwords and keys, by trust that takes one more,
// and by what somebody's own policies let him make of himself. Who may do
// everything is told apart by his boundary alone.
//
// Example:
//
//	for _, c := range identity.Layer().Controls { fmt.Println(c.ID, c.Title) }
package identity
