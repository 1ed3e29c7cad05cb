package iam

// Options are the readings of rules that AWS does not document or documents in
// two ways. The zero Options are the defaults; docs/access.md has the reasons.
type Options struct{}

// Evaluate decides a request.
func (o Options) Evaluate(r *Request, p *Policies) Decision { return Decision{} }
