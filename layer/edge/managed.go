package edge

import (
	"strings"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

var wafManaged = control.Control{
	ID:       "edge.waf-managed",
	Title:    "Managed rule groups: core, known bad inputs, SQL injection, IP reputation, anonymous IP",
	Why:      "Exploits that everybody knows, from addresses that everybody knows, are not turned away",
	Threats:  []control.Threat{control.LateralMovement, control.Exfiltration},
	Phase:    control.QuickWin,
	Severity: control.High,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 6.4.2"},
	Check:    checkManaged,
	Defeat:   unmanage,
}

// wanted are the groups of AWS that a shop needs, by what each is for (AWS WAF
// Developer Guide, "AWS Managed Rules rule groups list").
var wanted = []wantedGroup{
	{"AWSManagedRulesCommonRuleSet", "core rules", control.High, true},
	{"AWSManagedRulesKnownBadInputsRuleSet", "known bad inputs", control.Medium, true},
	{"AWSManagedRulesSQLiRuleSet", "SQL injection", control.High, true},
	{"AWSManagedRulesAmazonIpReputationList", "IP reputation", control.Medium, false},
	{"AWSManagedRulesAnonymousIpList", "anonymous IP", control.Low, false},
}

// wantedGroup is one of them.
type wantedGroup struct {
	group, what string
	severity    control.Severity
	// broad says that the general groups of the Marketplace (OWASP rules) do
	// the same.
	broad bool
}

func checkManaged(e *estate.Estate) []control.Result {
	g := guardsOf(e)
	return g.judge(e, "no managed rule looks at its requests", judgeManaged)
}

func judgeManaged(a *acl) []control.Result {
	have := map[string]bool{}
	var idle []rule
	var seen []control.Evidence
	market, why := "", a.why
	for _, r := range a.rules {
		switch {
		case r.managed != nil && r.action == count:
			idle = append(idle, r)
			have[r.managed.name] = true
		case r.managed != nil && r.managed.vendor != "AWS" && r.managed.vendor != "":
			market = r.managed.vendor + "'s " + r.managed.name
		case r.managed != nil && r.why != "":
			why = r.why
		case r.managed != nil:
			have[r.managed.name] = true
			seen = append(seen, control.Evidence{At: r.at, Saw: r.managed.name})
		case r.looks.has("sqli_match_statement") && r.stops():
			have["AWSManagedRulesSQLiRuleSet"] = true
		}
	}
	out := counted(idle, "so nothing is stopped")
	var missing, names []string
	var worst control.Severity
	perhaps := false
	for _, w := range wanted {
		switch {
		case have[w.group]:
		case w.broad && market != "":
			perhaps = true
		default:
			missing, names = append(missing, w.what), append(names, w.group)
			worst = max(worst, w.severity)
		}
	}
	switch {
	case len(missing) > 0 && why != "":
		out = append(out, control.Unsure(a, diag.Pos{}, "rules of "+name(a)+" are not known: "+why))
	case len(missing) > 0:
		m := control.Mistake{
			Severity: worst,
			Summary:  name(a) + " has no managed rules for " + list(missing),
			Fix:      "add a rule with managed_rule_group_statement, vendor_name AWS and override_action none for " + list(names),
			Evidence: seen,
		}
		if len(seen) == 0 {
			out = append(out, control.Not(a, m))
		} else {
			out = append(out, control.Partly(a, m))
		}
	}
	if perhaps {
		out = append(out, control.Unsure(a, diag.Pos{}, "what "+market+" covers is not known here"))
	}
	if len(out) == 0 {
		out = append(out, control.Is(a, seen...))
	}
	return out
}

// list joins words as a sentence does.
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
