package iam

// Evaluate decides a request by AWS's documented logic, with the default
// Options.
func Evaluate(r *Request, p *Policies) Decision { return Options{}.Evaluate(r, p) }
