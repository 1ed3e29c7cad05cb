package identity

import (
	"strings"

	"fathom/control"
	"fathom/estate"
	"fathom/estate/tree"
)

var roleMonitoring = control.Control{
	ID:       "identity.role-monitoring",
	Title:    "abnormal use of roles is detected by frequency, place and network",
	Why:      "stolen credentials of a role work from anywhere, as often as the thief likes, and nobody sees it",
	Threats:  []control.Threat{control.AccountTakeover, control.LateralMovement},
	Phase:    control.MidTerm,
	Severity: control.Medium,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 10.4.1.1", "PCI DSS 4.0.1 11.5.1", "HIPAA 164.308(a)(1)(ii)(D)", "HIPAA 164.308(a)(5)(ii)(C)"},
	Check:    checkRoleMonitoring,
	Aside:    "the use of a stolen role is seen by it and not stopped: who acts on what is seen, and how quietly a theft goes, is what the detections and detectors of the response layer stand for",
}

// checkRoleMonitoring looks for two watchers. GuardDuty learns from where a
// role is used (its InstanceCredentialExfiltration and AnomalousBehavior
// findings). CloudTrail Insights, or a rule or metric filter on the
// AssumeRole events, learns how often. That an alarm is well tuned, no file
// shows.
func checkRoleMonitoring(e *estate.Estate) []control.Result {
	if len(estate.All[*estate.Role](e))+len(estate.All[*estate.User](e)) == 0 {
		return nil
	}
	place, unsure := placeWatcher(e)
	rate, why := rateWatcher(e)
	if unsure == "" {
		unsure = why
	}
	var out []control.Result
	for _, w := range []estate.Resource{place, rate} {
		if w != nil {
			out = append(out, control.Is(w, control.Evidence{At: w.Meta().Pos, Saw: w.Meta().ID.Addr + " watches how credentials are used"}))
		}
	}
	if place != nil && rate != nil {
		return out
	}
	if unsure != "" {
		return append(out, control.Unsure(e.Account(), e.Account().Pos, unsure))
	}
	m := control.Mistake{
		Summary: "nothing watches how roles are used: no GuardDuty, no CloudTrail Insights, no rule or metric filter on AssumeRole",
		Fix:     `switch on aws_guardduty_detector, and insight_selector "ApiCallRateInsight" on the trail or an aws_cloudwatch_event_rule on sts AssumeRole events`,
	}
	switch {
	case rate == nil && place != nil:
		m.Severity = control.Low
		m.Summary = "nothing watches how often roles are used: no CloudTrail Insights, no rule or metric filter on AssumeRole"
		m.Fix = `add insight_selector { insight_type = "ApiCallRateInsight" } to the trail, or an aws_cloudwatch_event_rule on sts AssumeRole events`
	case place == nil && rate != nil:
		m.Summary = "nothing watches from where roles are used: GuardDuty is not switched on"
		m.Fix = "add aws_guardduty_detector with enable = true"
	}
	return append(out, control.Nowhere(e, m)...)
}

func placeWatcher(e *estate.Estate) (found estate.Resource, unsure string) {
	for _, d := range estate.All[*estate.GuardDuty](e) {
		switch d.Enabled.Default(true).Is(true) {
		case estate.Yes:
			return d, ""
		case estate.Maybe:
			unsure = "whether " + d.ID.Addr + " is enabled is not known: " + d.Enabled.Why()
		}
	}
	for _, o := range estate.All[*estate.GuardDutyOrg](e) {
		if o.Members.In("ALL", "NEW") == estate.Yes {
			return o, ""
		}
	}
	return nil, unsure
}

// assumption says whether a pattern of events or log lines is about roles being
// assumed or people signing in.
func assumption(pattern string) bool {
	for _, s := range []string{"AssumeRole", "AssumeRoleForPodIdentity", "ConsoleLogin", "UnauthorizedAccess:IAMUser", "InstanceCredentialExfiltration", "CredentialAccess"} {
		if strings.Contains(pattern, s) {
			return true
		}
	}
	return false
}

func rateWatcher(e *estate.Estate) (found estate.Resource, unsure string) {
	for _, t := range estate.All[*estate.Trail](e) {
		switch t.Insights.Is() {
		case tree.Absent, tree.Null:
		case tree.Unknown:
			unsure = "whether trail " + t.ID.Addr + " has insights is not known: " + t.Insights.Why
		default:
			return t, ""
		}
	}
	for _, r := range estate.All[*estate.EventRule](e) {
		switch r.Pattern.Test(assumption).And(r.State.Is("DISABLED").Not()) {
		case estate.Yes:
			if len(estate.Of[*estate.EventTarget](e, r.ID)) > 0 {
				return r, ""
			}
		case estate.Maybe:
			unsure = "the pattern of " + r.ID.Addr + " is not known: " + r.Pattern.Why()
		}
	}
	for _, f := range estate.All[*estate.MetricFilter](e) {
		switch f.Pattern.Test(assumption) {
		case estate.Yes:
			return f, ""
		case estate.Maybe:
			unsure = "the pattern of " + f.ID.Addr + " is not known: " + f.Pattern.Why()
		}
	}
	return nil, unsure
}
