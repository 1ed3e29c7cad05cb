package edge

import (
	"slices"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

var wafCanary = control.Control{
	ID:       "edge.waf-canary",
	Title:    "A changed web ACL meets a share of traffic first, and is rolled back by itself",
	Why:      "A rule that blocks customers takes the whole shop down at once, so nobody dares to block attackers",
	Threats:  []control.Threat{control.Flood},
	Phase:    control.MidTerm,
	Severity: control.Low,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 6.5.1"},
	Check:    checkCanary,
}

// checkCanary looks at every distribution with a web ACL for CloudFront's
// continuous deployment: a policy that sends a share of traffic to a staging
// distribution with a web ACL of its own, and an alarm that can end it. A
// regional web ACL has no such thing.
func checkCanary(e *estate.Estate) []control.Result {
	var out []control.Result
	alarm := watched(e)
	staged := stagingACLs(e)
	for _, d := range estate.All[*estate.Distribution](e) {
		if serves(d) && d.WebACL.Set() == estate.Yes {
			out = append(out, judgeCanary(e, d, staged, alarm))
		}
	}
	return out
}

func judgeCanary(e *estate.Estate, d *estate.Distribution, staged estate.Truth, alarm *estate.Alarm) control.Result {
	switch d.Continuous.Set() {
	case estate.Maybe:
		return control.Unsure(d, d.Continuous.Pos(), "its continuous deployment policy is not known: "+d.Continuous.Why())
	case estate.No:
		return control.Not(d, control.Mistake{
			Summary: name(d) + " has no continuous deployment policy: a changed web ACL meets all requests at once",
			Fix:     "add an aws_cloudfront_continuous_deployment_policy and a distribution with staging = true and a web ACL of its own, and set continuous_deployment_policy_id",
		})
	}
	policies := estate.To(e, d.Continuous)
	if len(policies) == 0 {
		return control.Unsure(d, d.Continuous.Pos(), "its continuous deployment policy "+d.Continuous.String()+" is not in what was read")
	}
	p := policies[0]
	switch {
	case p.Enabled.Is(true) == estate.Maybe:
		return control.Unsure(d, p.Enabled.Pos(), "whether "+p.ID.Addr+" is enabled is not known: "+p.Enabled.Why())
	case p.Enabled.Is(true) == estate.No:
		return control.Partly(d, control.Mistake{
			At:      p.Enabled.Pos(),
			Summary: p.ID.Addr + " is not enabled, so no traffic reaches the staging distribution",
			Fix:     "set enabled = true in the continuous deployment policy",
		})
	case staged == estate.No:
		return control.Partly(d, control.Mistake{
			Summary: name(d) + " has a continuous deployment policy, but no staging distribution has a web ACL",
			Fix:     "set web_acl_id on the staging distribution to the changed web ACL",
		})
	case staged == estate.Maybe:
		return control.Unsure(d, diag.Pos{}, "whether the staging distribution has a web ACL is not known")
	case alarm == nil:
		return control.Lacks(e, d, control.Mistake{
			Summary: "no alarm watches " + name(d) + " or its web ACL, so a bad rule is not rolled back by itself",
			Fix:     "add an aws_cloudwatch_metric_alarm on AWS/WAFV2 BlockedRequests or AWS/CloudFront 4xxErrorRate whose action disables the continuous deployment policy",
		})
	}
	return control.Is(d, control.Evidence{At: p.Pos, Saw: p.ID.Addr}, control.Evidence{At: alarm.Pos, Saw: alarm.ID.Addr})
}

func stagingACLs(e *estate.Estate) estate.Truth {
	t := estate.No
	for _, d := range estate.All[*estate.Distribution](e) {
		t = t.Or(d.Staging.Is(true).And(d.WebACL.Set()))
	}
	return t
}

// watched is an alarm with an action on what the edge answers.
func watched(e *estate.Estate) *estate.Alarm {
	for _, a := range estate.All[*estate.Alarm](e) {
		if !a.Actions.Absent() && slices.ContainsFunc(namespaces(a), func(n estate.Str) bool {
			return n.In("AWS/WAFV2", "AWS/CloudFront", "AWS/ApplicationELB") != estate.No
		}) {
			return a
		}
	}
	return nil
}

// namespaces are where an alarm's metrics come from.
func namespaces(a *estate.Alarm) []estate.Str {
	out := []estate.Str{a.Namespace}
	for _, q := range a.Queries.Items {
		for _, m := range q.Metric.Items {
			out = append(out, m.Namespace)
		}
	}
	return out
}
