// Package trap refuses what would be rendered and silently not do what it says:
// a principal that the mesh never matches, a rule on requests that a TCP port
// cannot see, a trust policy open to a whole organisation, an admission policy
// that forgets init containers, an exemption that exempts more than its path.
//
//	err := trap.Check(p, parts, trap.Options{ManagedRules: edge.ManagedRules})
//
// Each of these is accepted by the tools that take it (Istio's validation,
// terraform validate, the API server), which is why it is looked for here. It is
// no audit: what an estate lacks is for the controls to say.
package trap
