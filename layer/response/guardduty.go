package response

import (
	"slices"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

var guardDuty = control.Control{
	ID:       "response.guardduty",
	Title:    "GuardDuty in every region, with its EKS, S3, RDS and malware parts",
	Why:      "Stolen credentials, mining pods and drained buckets are noticed by the bill",
	Threats:  []control.Threat{control.AccountTakeover, control.LateralMovement, control.Exfiltration},
	Phase:    control.QuickWin,
	Severity: control.High,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 11.5.1", "PCI DSS 4.0.1 10.4.1.1", "HIPAA 164.308(a)(1)(ii)(D)"},
	Check:    checkGuardDuty,
	Defeat:   suspendGuardDuty,
	Fells:    []string{"identity.role-monitoring"}, // it is what watches roles
	OnlyAWS:  "GuardDuty watches inside AWS; elsewhere only its findings can be read",
}

func checkGuardDuty(e *estate.Estate) []control.Result {
	detectors := estate.All[*estate.GuardDuty](e)
	if len(detectors) == 0 {
		return control.Nowhere(e, control.Mistake{
			Summary: "nothing watches the account for attacks: GuardDuty is not switched on",
			Fix:     "add an aws_guardduty_detector for every region in use, and an aws_guardduty_detector_feature for RUNTIME_MONITORING",
		})
	}
	var out []control.Result
	for _, d := range detectors {
		found := judgeDetector(e, d)
		if len(found) == 0 {
			found = []control.Result{control.Is(d, control.Saw(d.Pos, "on, with its parts"))}
		}
		out = append(out, found...)
	}
	return append(out, regionsWithout(e, detectors)...)
}

// judgeDetector judges one detector and its parts. A new detector has every
// part on but RUNTIME_MONITORING (GuardDuty API Reference, CreateDetector), so
// that the others are missing only where somebody switched them off.
func judgeDetector(e *estate.Estate, d *estate.GuardDuty) []control.Result {
	what := "detector " + d.ID.Addr
	switch d.Enabled.Default(true).Is(true) {
	case estate.No:
		return []control.Result{control.Not(d, control.Mistake{
			At: d.Enabled.Pos(), Summary: what + " is suspended: enable = false", Fix: "set enable = true",
		})}
	case estate.Maybe:
		return []control.Result{control.Unsure(d, d.Enabled.Pos(), "it is not known whether "+what+" is on: "+d.Enabled.Why())}
	}
	out := olderSources(d, what)
	runtime := false
	for _, f := range estate.Of[*estate.GuardDutyFeature](e, d.ID) {
		at := or(f.Status.Pos(), f.Pos)
		isRuntime := f.Feature.In("RUNTIME_MONITORING", "EKS_RUNTIME_MONITORING") == estate.Yes
		runtime = runtime || isRuntime
		r := control.Judge(f.Status.Is("ENABLED"), f, control.Mistake{
			At: at, Severity: control.Medium,
			Summary:  what + " does without " + f.Feature.String() + ": its status is " + f.Status.String(),
			Fix:      `set status = "ENABLED"`,
			Evidence: []control.Evidence{control.Saw(at, "status = %s", f.Status)},
		}, "it is not known whether "+f.Feature.String()+" is on: "+f.Status.Why())
		if r.Status != control.Present {
			out = append(out, half(r)...)
		}
	}
	for _, f := range estate.Of[*estate.GuardDutyOrgFeature](e, d.ID) {
		runtime = runtime || f.Feature.In("RUNTIME_MONITORING", "EKS_RUNTIME_MONITORING") == estate.Yes && f.AutoEnable.In("ALL", "NEW") != estate.No
	}
	if len(estate.All[*estate.EKSCluster](e)) > 0 && !runtime {
		out = append(out, half(control.Lacks(e, d, control.Mistake{
			Severity: control.Low,
			Summary:  what + " does not look inside pods and nodes: RUNTIME_MONITORING is off unless it is switched on",
			Fix:      `add an aws_guardduty_detector_feature with name = "RUNTIME_MONITORING", status = "ENABLED" and additional_configuration EKS_ADDON_MANAGEMENT`,
		}))...)
	}
	return out
}

// older are the parts as datasources, the older argument, names them.
var older = []struct {
	part string
	path []string
}{
	{"S3 data events", []string{"s3_logs", "enable"}},
	{"EKS audit logs", []string{"kubernetes", "audit_logs", "enable"}},
	{"malware scans", []string{"malware_protection", "scan_ec2_instance_with_findings", "ebs_volumes", "enable"}},
}

func olderSources(d *estate.GuardDuty, what string) []control.Result {
	var out []control.Result
	for _, o := range older {
		n := d.Sources.At(o.path...)
		if text, known := n.Literal(); known && text == "false" {
			out = append(out, control.Partly(d, control.Mistake{
				At: n.Pos, Severity: control.Medium,
				Summary: what + " does without " + o.part + ": datasources says enable = false",
				Fix:     "set enable = true, or use aws_guardduty_detector_feature",
			}))
		}
	}
	return out
}

// regionsWithout are the regions that a provider works in and no detector. An
// attacker prefers those.
func regionsWithout(e *estate.Estate, detectors []*estate.GuardDuty) []control.Result {
	var have []string
	why := ""
	for _, d := range detectors {
		region := regionOf(e, d)
		switch name, known := region.Known(); {
		case known:
			have = append(have, name)
		case region.Unknown():
			why = region.Why()
		default:
			why = "the region of " + d.ID.Addr + " is left to the environment"
		}
	}
	var out []control.Result
	var seen []string
	for _, p := range estate.All[*estate.Provider](e) {
		region, known := p.Region.Known()
		if !known || slices.Contains(have, region) || slices.Contains(seen, region) {
			continue
		}
		seen = append(seen, region)
		at := or(p.Region.Pos(), p.Pos)
		if why != "" {
			out = append(out, control.Unsure(p, at, "it is not known whether a detector is in "+region+": "+why))
			continue
		}
		out = append(out, half(control.Lacks(e, p, missingIn(region, at)))...)
	}
	return out
}

func missingIn(region string, at diag.Pos) control.Mistake {
	return control.Mistake{
		At: at, Severity: control.Medium,
		Summary: "no GuardDuty detector is in " + region + ", where this configuration works too",
		Fix:     "add an aws_guardduty_detector with this provider",
	}
}
