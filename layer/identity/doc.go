// Package identity is the layer of IAM: who a workload or a person is on AWS,
// and how little that identity may do. It ends where a policy is evaluated
// exactly; here a policy is judged by what is unmistakable in its text.
//
// Example:
//
//	for _, c := range identity.Layer().Controls { fmt.Println(c.ID, c.Title) }
package identity
