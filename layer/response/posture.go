package response

import (
	"fathom/control"
	"fathom/estate"
)

var posture = control.Control{
	ID:       "response.posture",
	Title:    "Config rules and Security Hub; findings flow to a SIEM",
	Why:      "A guard that somebody takes away by hand is missed when it is needed",
	Threats:  []control.Threat{control.AccountTakeover, control.Exfiltration},
	Phase:    control.MidTerm,
	Severity: control.Medium,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 1.2.8", "PCI DSS 4.0.1 10.7", "GDPR 32(1)(d)", "CIS AWS 7.0 5.16"},
	Check:    checkPosture,
	Aside:    "it tells of guards that are gone, and stops nobody: what tells of an attacker is response.detections and response.guardduty",
	OnlyAWS:  "Config and Security Hub look at resources of AWS accounts",
}

func checkPosture(e *estate.Estate) []control.Result {
	out := append(recorders(e), hub(e)...)
	return append(out, findingsFlow(e)...)
}

// recorders judges AWS Config: it records only where a recorder is there and
// has been started, and judges only with rules, which Security Hub's standards
// bring along.
func recorders(e *estate.Estate) []control.Result {
	all := estate.All[*estate.ConfigRecorder](e)
	if len(all) == 0 {
		return control.Nowhere(e, control.Mistake{
			Summary: "nobody records how resources change: AWS Config has no recorder",
			Fix:     "add an aws_config_configuration_recorder, its delivery channel and aws_config_configuration_recorder_status with is_enabled = true",
		})
	}
	var out []control.Result
	for _, r := range all {
		out = append(out, recorder(e, r)...)
	}
	if len(estate.All[*estate.ConfigRule](e)) == 0 && len(estate.All[*estate.SecurityHub](e)) == 0 && !external(e, "aws_config_organization_managed_rule", "aws_config_organization_conformance_pack") {
		out = append(out, half(control.Nowhere(e, control.Mistake{
			Summary: "AWS Config records and judges nothing: there is no rule, no conformance pack and no Security Hub",
			Fix:     "add an aws_config_conformance_pack, or Security Hub with a standard",
		})...)...)
	}
	return out
}

func recorder(e *estate.Estate, r *estate.ConfigRecorder) []control.Result {
	what := control.Named("recorder", r.RecorderName, r.Meta())
	started := estate.Of[*estate.ConfigRecorderStatus](e, r.ID)
	if len(started) == 0 {
		return []control.Result{control.Lacks(e, r, control.Mistake{
			Summary: what + " is never started: no aws_config_configuration_recorder_status names it",
			Fix:     "add an aws_config_configuration_recorder_status with is_enabled = true",
		})}
	}
	for _, s := range started {
		switch s.Enabled.Is(true) {
		case estate.No:
			return []control.Result{control.Not(s, control.Mistake{At: s.Enabled.Pos(), Summary: what + " is stopped: is_enabled is " + s.Enabled.String(), Fix: "set is_enabled = true"})}
		case estate.Maybe:
			return []control.Result{control.Unsure(s, s.Enabled.Pos(), "it is not known whether "+what+" runs: "+s.Enabled.Why())}
		}
	}
	if g := r.Group.One(); g != nil { // without a group it records all that it can
		at := or(g.All.Pos(), g.At)
		return half(control.Judge(g.All.Default(true).Is(true), r, control.Mistake{
			At: at, Severity: control.Low,
			Summary: what + " records some kinds of resources only: all_supported = false",
			Fix:     "set all_supported = true and include_global_resource_types = true",
		}, "it is not known what "+what+" records: "+g.All.Why()))
	}
	return []control.Result{control.Is(r, control.Saw(r.Pos, "records all resources"))}
}

// hub judges Security Hub: that it is on, with a standard. It begins with the
// default standards unless told otherwise.
func hub(e *estate.Estate) []control.Result {
	all := estate.All[*estate.SecurityHub](e)
	if len(all) == 0 {
		return control.Nowhere(e, control.Mistake{
			Summary: "nobody compares the account with a standard: Security Hub is not switched on",
			Fix:     "add aws_securityhub_account, and aws_securityhub_standards_subscription for CIS and PCI DSS",
		})
	}
	var out []control.Result
	standards := estate.All[*estate.SecurityHubStandard](e)
	for _, h := range all {
		at := or(h.DefaultStandards.Pos(), h.Pos)
		has := h.DefaultStandards.Default(true).Is(true)
		if len(standards) > 0 || external(e, "aws_securityhub_configuration_policy") {
			has = estate.Yes
		}
		r := control.Judge(has, h, control.Mistake{
			At:      at,
			Summary: "Security Hub (" + h.ID.Addr + ") has no standard to compare with: enable_default_standards = false, and no subscription",
			Fix:     "add aws_securityhub_standards_subscription for CIS and PCI DSS",
		}, "it is not known whether Security Hub has a standard: "+h.DefaultStandards.Why())
		if r.Status == control.Absent {
			r = control.Lacks(e, h, r.Mistake)
		}
		out = append(out, half(r)...)
	}
	return out
}

// findingsFlow asks, where findings are made, that they leave the console: an
// event rule on them with a target.
func findingsFlow(e *estate.Estate) []control.Result {
	if len(estate.All[*estate.SecurityHub](e)) == 0 && len(estate.All[*estate.GuardDuty](e)) == 0 {
		return nil
	}
	for _, r := range eventRules(e) {
		if r.findings && len(r.targets) > 0 {
			return []control.Result{control.Is(r.rule, control.Saw(r.rule.Pattern.Pos(), "findings go to %s", r.targets[0].Target))}
		}
	}
	for _, r := range eventRules(e) {
		if r.why != "" {
			return []control.Result{control.Unsure(r.rule, r.rule.Pattern.Pos(), "it is not known whether "+r.rule.ID.Addr+" sends findings on: "+r.why)}
		}
	}
	return half(control.Nowhere(e, control.Mistake{
		Severity: control.Low,
		Summary:  "findings stay where they are made: no event rule sends those of Security Hub or GuardDuty on",
		Fix:      `add an aws_cloudwatch_event_rule on source "aws.securityhub", detail-type "Security Hub Findings - Imported", with the SIEM's queue, Firehose or topic as its target`,
	})...)
}

// external says whether a resource of one of those types is there that Fathom
// has no type for.
func external(e *estate.Estate, types ...string) bool {
	for _, t := range types {
		if e.Unmodelled[t] > 0 {
			return true
		}
	}
	return false
}
