package edge

import (
	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

var wafAttached = control.Control{
	ID:       "edge.waf-attached",
	Title:    "A web ACL on every distribution and public load balancer",
	Why:      "Injections, exploits and floods reach the shop's own code without being looked at",
	Threats:  []control.Threat{control.LateralMovement, control.Exfiltration, control.Flood},
	Phase:    control.QuickWin,
	Severity: control.High,
	World:    control.Anywhere,
	Maps:     []string{"PCI DSS 4.0.1 6.4.2"},
	Check:    checkAttached,
	Defeat:   detach,
	Fells: []string{
		wafManaged.ID, rateLimit.ID, geo.ID, bots.ID, clientProof.ID, challenge.ID, wafCanary.ID, wafLogging.ID,
	},
}

// checkAttached wants a web ACL on every door. A load balancer that only
// CloudFront reaches needs none of its own: every request has passed the
// distribution's.
func checkAttached(e *estate.Estate) []control.Result {
	var out []control.Result
	c := newCoverer(e)
	all, maybe := doors(e)
	for _, d := range all {
		switch v := c.of(d); {
		case v.there == estate.Yes:
			out = append(out, control.Is(d, control.Evidence{At: v.at, Saw: v.saw}))
		case v.there == estate.Maybe:
			out = append(out, control.Unsure(d, v.at, v.why))
		case closed(e, d) == estate.Yes:
			out = append(out, control.Is(d, control.Evidence{At: d.Meta().Pos, Saw: "only CloudFront reaches it"}))
		default:
			out = append(out, lacks(e, d, control.Mistake{
				Cause:   control.CauseNoWAF,
				Summary: d.String() + " takes requests from the internet without a web ACL",
				Fix:     attachFix(d),
			}))
		}
	}
	for _, u := range maybe {
		out = append(out, control.Unsure(u, diag.Pos{}, u.why))
	}
	return out
}
