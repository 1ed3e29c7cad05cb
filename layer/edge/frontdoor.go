package edge

import (
	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

var frontDoor = control.Control{
	ID:       "edge.front-door",
	Title:    "Only CloudFront reaches the load balancer, and only on 443",
	Why:      "An attacker goes round CloudFront, its web ACL and its rate limits by talking to the load balancer directly",
	Threats:  []control.Threat{control.Exfiltration, control.Flood},
	Phase:    control.QuickWin,
	Severity: control.High,
	World:    control.Anywhere,
	Maps:     []string{"PCI DSS 4.0.1 1.3.1", "PCI DSS 4.0.1 1.4.2"},
	Check:    checkFrontDoor,
	Defeat:   openDoor,
	// A load balancer that everybody reaches is a door of its own, and has no web ACL.
	Fells: []string{
		wafAttached.ID, wafManaged.ID, rateLimit.ID, geo.ID, bots.ID, clientProof.ID, challenge.ID, wafLogging.ID,
	},
}

// cloudFrontList is AWS's managed prefix list of the addresses from which
// CloudFront fetches (Amazon CloudFront Developer Guide, "Locations and IP
// address ranges of CloudFront edge servers").
const cloudFrontList = "com.amazonaws.global.cloudfront.origin-facing"

func checkFrontDoor(e *estate.Estate) []control.Result {
	var out []control.Result
	fronts := frontings(e)
	all, maybe := doors(e)
	for _, d := range all {
		switch r := d.Resource.(type) {
		case *estate.LoadBalancer:
			_, fronted := fronts.of(r.ID)
			out = append(out, judgeEntries(e, d, r.Meta().Pos, fronted, entriesOf(e, r))...)
		case *estate.ClassicLB:
			_, fronted := fronts.of(r.ID)
			out = append(out, judgeEntries(e, d, r.Pos, fronted, classicEntries(e, r))...)
		case *estate.Ingress:
			_, fronted := fronts.ofIngress(d.alb)
			_, at := d.alb.setting("scheme", "scheme")
			out = append(out, judgeEntries(e, d, at, fronted, ingressEntries(e, d.alb))...)
		case *estate.Service:
			_, fronted := fronts.of(r.Meta().ID)
			out = append(out, judgeEntries(e, d, r.At("spec", "type"), fronted, serviceEntries(r))...)
		case *estate.Distribution:
			for i := range r.Origins.Items {
				if o := &r.Origins.Items[i]; len(o.VPC.Items) > 0 {
					out = append(out, control.Is(r, control.Evidence{At: o.At, Saw: "origin " + o.OriginID.String() + " is a VPC origin without a public address"}))
				}
			}
		}
	}
	for _, u := range maybe {
		out = append(out, control.Unsure(u, diag.Pos{}, u.why))
	}
	return out
}

// judgeEntries judges a load balancer by who may send to it. One that no
// distribution fronts is an edge of its own: its open port is its job, and
// what is missing is CloudFront. One that only named addresses reach is none.
func judgeEntries(e *estate.Estate, d door, at diag.Pos, fronted estate.Truth, entries []entry) []control.Result {
	if fronted == estate.No {
		return edgeOfItsOwn(e, d, at, entries)
	}
	var out []control.Result
	var seen []control.Evidence
	for _, en := range entries {
		switch en.from {
		case fromWorld:
			out = append(out, control.Not(en.on, control.Mistake{
				At: en.at, Cause: control.CauseOpenIngress,
				Summary:  en.who + " takes " + en.ports + " from " + en.saw + ", so requests reach " + d.String() + " without passing CloudFront",
				Fix:      "admit port 443 only from the managed prefix list " + cloudFrontList + " (data aws_ec2_managed_prefix_list, prefix_list_id)",
				Evidence: []control.Evidence{{At: en.at, Saw: en.saw}},
			}))
		case fromNamed:
			out = append(out, control.Partly(en.on, control.Mistake{
				At: en.at, Severity: control.Low,
				Summary: en.who + " takes " + en.ports + " from " + en.saw + ", which goes round CloudFront to " + d.String(),
				Fix:     "remove the rule, or send these clients through the distribution",
			}))
		case fromUnknown:
			out = append(out, control.Unsure(en.on, en.at, en.why))
		case fromCloudFront:
			if r, bad := wrongPort(d, en); bad {
				out = append(out, r)
				continue
			}
			seen = append(seen, control.Evidence{At: en.at, Saw: "443 from " + en.saw})
		}
	}
	switch {
	case len(seen) > 0:
		out = append(out, control.Is(d, seen...))
	case len(out) == 0:
		out = append(out, control.Unsure(d, diag.Pos{}, "no rule that lets anybody reach "+d.String()+" was read"))
	}
	return out
}

func wrongPort(d door, en entry) (control.Result, bool) {
	if en.only == estate.Yes {
		return control.Result{}, false
	}
	if en.only == estate.Maybe {
		return control.Unsure(en.on, en.at, "the ports of the rule are not known"), true
	}
	return control.Partly(en.on, control.Mistake{
		At: en.at, Severity: control.Medium,
		Summary: en.who + " takes " + en.ports + " from CloudFront on the way to " + d.String() + ", not 443 alone",
		Fix:     "set from_port and to_port to 443 and protocol to tcp, and let CloudFront speak https to the origin",
	}), true
}

func edgeOfItsOwn(e *estate.Estate, d door, at diag.Pos, entries []entry) []control.Result {
	var out []control.Result
	for _, en := range entries {
		switch en.from {
		case fromWorld:
			if why := e.MayHideAWS(); why != "" { // the distribution
				return []control.Result{control.Unsure(d, at, why)}
			}
			return []control.Result{control.Lacks(e, d.Resource, control.Mistake{
				At: at, Severity: control.Medium,
				Summary:  d.String() + " is an edge of its own: the internet reaches it directly and no distribution stands in front",
				Fix:      "put an aws_cloudfront_distribution in front and admit port 443 only from the managed prefix list " + cloudFrontList,
				Evidence: []control.Evidence{{At: en.at, Saw: en.who + " takes " + en.ports + " from " + en.saw}},
			})}
		case fromUnknown:
			out = append(out, control.Unsure(en.on, en.at, en.why))
		case fromCloudFront:
			if r, bad := wrongPort(d, en); bad {
				out = append(out, r)
			} else {
				out = append(out, control.Is(d, control.Evidence{At: en.at, Saw: "443 from " + en.saw}))
			}
		}
	}
	return out
}
