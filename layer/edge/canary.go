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
	Aside:    "it guards the shop against mistakes in its own rules, and stops no request",
}

// checkCanary looks at every distribution with a web ACL for CloudFront's
// continuous deployment: a policy that sends a share of traffic to a staging
// distribution with a web ACL of its own, and an alarm that can end it. A
// regional web ACL has no such thing.
func checkCanary(e *estate.Estate) []control.Result {
	var out []control.Result
	alarm, told := watched(e)
	staged := stagingACLs(e)
	for _, d := range estate.All[*estate.Distribution](e) {
		if serves(d) && d.WebACL.Set() == estate.Yes {
			out = append(out, judgeCanary(e, d, staged, alarm, told))
		}
	}
	return out
}

func judgeCanary(e *estate.Estate, d *estate.Distribution, staged estate.Truth, alarm, told *estate.Alarm) control.Result {
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
	case alarm == nil && told != nil:
		return control.Partly(d, control.Mistake{
			At:      told.Pos,
			Summary: told.ID.Addr + " only tells people, so a bad rule stays until one of them ends it",
			Fix:     "add to its alarm_actions a function that disables the continuous deployment policy",
		})
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

// watched is an alarm on what the edge answers that something acts on; or, where
// there is none, one that people are told of.
func watched(e *estate.Estate) (acts, tells *estate.Alarm) {
	for _, a := range estate.All[*estate.Alarm](e) {
		if a.Actions.Absent() || !slices.ContainsFunc(namespaces(a), func(n estate.Str) bool {
			return n.In("AWS/WAFV2", "AWS/CloudFront", "AWS/ApplicationELB") != estate.No
		}) {
			continue
		}
		if actedUpon(e, a) {
			return a, nil
		}
		if tells == nil {
			tells = a
		}
	}
	return nil, tells
}

// actedUpon says whether an alarm may start something: its action is no topic, or
// one that a function or a queue is subscribed to, or whose subscriptions are not
// in what was read.
func actedUpon(e *estate.Estate, a *estate.Alarm) bool {
	if a.Actions.Why() != "" {
		return true
	}
	for _, ref := range a.Actions.Items {
		if len(ref.To) == 0 {
			return true
		}
		for _, id := range ref.To {
			topic, ok := estate.Get[*estate.Topic](e, id)
			if !ok {
				return true
			}
			subscribed := estate.Of[*estate.Subscription](e, topic.ID)
			if len(subscribed) == 0 || slices.ContainsFunc(subscribed, func(s *estate.Subscription) bool { return s.Protocol.In("lambda", "sqs") != estate.No }) {
				return true
			}
		}
	}
	return false
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
