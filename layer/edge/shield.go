package edge

import (
	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

var shield = control.Control{
	ID:       "edge.shield",
	Title:    "Shield Advanced on distribution, load balancer and Route 53",
	Why:      "A large flood is fought alone, late, and at the shop's own cost",
	Threats:  []control.Threat{control.Flood},
	Phase:    control.LongTerm,
	Severity: control.Low,
	World:    control.AWS,
	Check:    checkShield,
	Defeat:   unprotect,
	OnlyAWS:  "Shield Advanced and its response team are services of AWS",
}

// checkShield judges protections one by one where there are any; where there
// are none, the account has not subscribed and one finding says so.
func checkShield(e *estate.Estate) []control.Result {
	all, _ := doors(e)
	var guarded []estate.Resource
	for _, d := range all {
		switch d.Resource.(type) {
		case *estate.Distribution, *estate.LoadBalancer:
			guarded = append(guarded, d)
		}
	}
	for _, z := range estate.All[*estate.HostedZone](e) {
		if z.VPCs.Any() == estate.No {
			guarded = append(guarded, z)
		}
	}
	protections := estate.All[*estate.ShieldProtection](e)
	switch {
	case len(guarded) == 0:
		return nil
	case len(protections) == 0 && external(e, "aws_fms_policy") != nil:
		x := external(e, "aws_fms_policy")
		return []control.Result{control.Unsure(x, diag.Pos{}, x.ID.Addr+" (Firewall Manager) may protect them")}
	case len(protections) == 0:
		return control.Nowhere(e, control.Mistake{
			Summary: "nothing is under Shield Advanced: neither " + guarded[0].Meta().ID.Addr + " nor anything else at the edge",
			Fix:     "subscribe, and add aws_shield_protection for distributions, public load balancers and hosted zones, with health checks",
		})
	}
	loose := looseProtection(e)
	var out []control.Result
	for _, r := range guarded {
		out = append(out, protection(e, r, loose))
	}
	return append(out, people(e)...)
}

// looseProtection says which protection may be of something that was read; "".
func looseProtection(e *estate.Estate) string {
	loose := ""
	for _, p := range estate.All[*estate.ShieldProtection](e) {
		if len(p.Resource.To) == 0 || isExternal(e, p.Resource.To[0]) {
			loose = p.ID.Addr + " protects " + p.Resource.String() + ", which is not in what was read"
		}
	}
	return loose
}

func protection(e *estate.Estate, r estate.Resource, loose string) control.Result {
	if ps := estate.Of[*estate.ShieldProtection](e, r.Meta().ID); len(ps) > 0 {
		p := ps[0]
		if hs := estate.Of[*estate.ShieldHealthCheck](e, p.ID); len(hs) > 0 {
			h := hs[0]
			return control.Is(r, control.Evidence{At: p.Pos, Saw: p.ID.Addr}, control.Evidence{At: h.Pos, Saw: h.ID.Addr})
		}
		if _, zone := r.(*estate.HostedZone); zone { // there is no health to check of a zone
			return control.Is(r, control.Evidence{At: p.Pos, Saw: p.ID.Addr})
		}
		return control.Lacks(e, p, control.Mistake{
			Summary: p.ID.Addr + " has no health check, so floods are detected by volume alone",
			Fix:     "add an aws_shield_protection_health_check_association with a Route 53 health check of the shop",
		})
	}
	if loose != "" {
		return control.Unsure(r, diag.Pos{}, loose)
	}
	return control.Lacks(e, r, control.Mistake{
		Summary: name(r) + " is not under Shield Advanced, though others are",
		Fix:     "add an aws_shield_protection with its ARN",
	})
}

// people judges who helps in a flood: the response team's access and their
// call.
func people(e *estate.Estate) []control.Result {
	var out []control.Result
	if all := estate.All[*estate.ShieldResponse](e); len(all) > 0 {
		out = append(out, control.Is(all[0], control.Evidence{At: all[0].Pos, Saw: all[0].ID.Addr}))
	} else {
		out = append(out, control.Nowhere(e, control.Mistake{
			Summary: "the Shield response team has no access, so it cannot write rules during a flood",
			Fix:     "add aws_shield_drt_access_role_arn_association with a role that has AWSShieldDRTAccessPolicy",
		})...)
	}
	for _, p := range estate.All[*estate.ShieldEngagement](e) {
		return append(out, control.Judge(p.Enabled.Is(true), p, control.Mistake{
			At:       p.Enabled.Pos(),
			Summary:  p.ID.Addr + " is switched off: nobody calls when a flood begins",
			Fix:      "set enabled = true",
			Evidence: []control.Evidence{{At: p.Enabled.Pos(), Saw: p.Enabled.String()}},
		}, p.Enabled.Why()))
	}
	return append(out, control.Nowhere(e, control.Mistake{
		Summary: "proactive engagement is not set up: nobody calls when a flood begins",
		Fix:     "add aws_shield_proactive_engagement with enabled = true and emergency_contact",
	})...)
}
