package ground

import (
	"fathom/diag"
	"fathom/engine/depth"
	"fathom/engine/iam"
	"fathom/engine/iam/access"
	"fathom/estate"
)

// Grant is what stands between a principal and a request to AWS.
type Grant struct {
	// Stops are the guards that would have to go before the request is allowed;
	// none when it is allowed as the estate stands.
	Stops []depth.Stop
	// Never says that no guard's going would allow it.
	Never bool
	// Says tells by which statement it is allowed, where it is; At is its line.
	Says string
	At   diag.Pos
}

// Permit says which guards stand between a principal and an action on a
// resource (an ARN), asked for from outside the network: a statement that is
// not there is identity.least-privilege's, a ceiling (SCP, RCP, boundary)
// identity.guardrails', a key's policy data.key-policy's, a bucket's
// data.s3-private's.
func (g *Ground) Permit(p access.Principal, action, arn string, ctx iam.Context) Grant {
	a := g.IAM.Ask(p, action, arn, ctx)
	if a.Truth == estate.Yes {
		out := Grant{}
		if len(a.Because) > 0 {
			out.Says, out.At = a.Because[0].String(), a.Because[0].At
		}
		return out
	}
	s := depth.Stop{Guard: depth.Guard{Control: "identity.least-privilege", On: p.Name}, State: depth.Standing, At: p.Pos(), Says: a.Missing}
	if a.Truth == estate.Maybe && len(a.Doubts) > 0 {
		s.State, s.Why = depth.Doubtful, a.Doubts[0].String()
	}
	return Grant{Stops: []depth.Stop{s}}
}
