package edge

import (
	"slices"
	"strings"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

var wafEnforcing = control.Control{
	ID:       "edge.waf-enforcing",
	Title:    "The rules of the web ACL block",
	Why:      "A web ACL that only counts lets every attack through and looks like protection",
	Threats:  []control.Threat{control.LateralMovement, control.Exfiltration, control.Flood},
	Phase:    control.QuickWin,
	Severity: control.High,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 6.4.2"},
	Check:    checkEnforcing,
	Defeat:   countAll,
	Fells:    []string{wafManaged.ID, rateLimit.ID, geo.ID, bots.ID, clientProof.ID, challenge.ID},
}

// quiet are rules of AWS's groups whose own action is already Count.
var quiet = []string{
	"AWSManagedIPDDoSList", "TGT_TokenAbsent", "TGT_TokenReuseIpLow", "TGT_TokenReuseCountryLow", "TGT_TokenReuseAsnLow",
}

// checkEnforcing reports every rule that counts. A rule that counts in order
// to label, where a later rule acts on the label, is how AWS WAF is meant to
// be used (Developer Guide, "Label match rule statement") and no mistake.
// Whoever wants a rule to count for a while suppresses the finding, with an
// owner and a date.
func checkEnforcing(e *estate.Estate) []control.Result {
	g := guardsOf(e)
	var out []control.Result
	type told struct {
		on      estate.ID
		at      diag.Pos
		summary string
	}
	done := map[told]bool{}
	for i := range g.acls {
		for _, r := range judgeEnforcing(&g.acls[i]) {
			if k := (told{r.On.ID, r.At, r.Summary + r.Reason}); !done[k] { // two web ACLs may name one rule group
				done[k] = true
				out = append(out, r)
			}
		}
	}
	return out
}

func judgeEnforcing(a *acl) []control.Result {
	if len(a.rules) == 0 && a.why == "" {
		return nil
	}
	var out []control.Result
	var idle []rule
	var stopping []control.Evidence
	used := labelsActedOn(a)
	for _, r := range a.rules {
		switch {
		case r.why != "":
			out = append(out, control.Unsure(r.of, r.actionAt, `what rule "`+r.name+`" does is not known: `+r.why))
		case r.action == count && !actedOn(r.labels, used):
			idle = append(idle, r)
		case r.stops():
			stopping = append(stopping, control.Evidence{At: r.at, Saw: r.name})
			out = append(out, judgeOverrides(&r, used)...)
		}
	}
	out = append(out, counted(idle, "so nothing is stopped")...)
	if a.why != "" {
		out = append(out, control.Unsure(a, diag.Pos{}, "rules of "+name(a)+" are not known: "+a.why))
	}
	if len(stopping) > 0 {
		out = append(out, control.Is(a, stopping...))
	}
	return out
}

// judgeOverrides reports the rules of a group that are made to count or to
// allow.
func judgeOverrides(r *rule, used []string) []control.Result {
	var out []control.Result
	if r.managed == nil {
		return nil
	}
	for _, o := range r.managed.overrides {
		if o.action != count && o.action != allow || o.action == count && (slices.Contains(quiet, o.rule) || managedActedOn(o.rule, used)) {
			continue
		}
		does := map[string]string{count: "only counts", allow: "lets requests through"}[o.action]
		out = append(out, control.Partly(r.of, control.Mistake{
			At: o.at, Severity: control.Medium, Cause: control.CauseCounts,
			Summary: "rule " + o.rule + " of " + r.managed.name + " in " + name(r.of) + " " + does,
			Fix:     "remove the override, or keep it and block on the rule's label where a request is not one of the known exceptions",
		}))
	}
	return out
}

// labelsActedOn are the labels that stopping rules wait for.
func labelsActedOn(a *acl) []string {
	var out []string
	for _, r := range a.rules {
		if r.stops() || r.action == allow {
			out = append(out, r.looks.labels...)
		}
	}
	return out
}

// actedOn says whether a label of a rule, or a namespace of it, is waited for.
func actedOn(labels, used []string) bool {
	for _, l := range labels {
		for _, u := range used {
			if l == u || strings.HasSuffix(u, ":"+l) || strings.HasSuffix(l, ":"+u) || strings.HasSuffix(u, ":") && strings.Contains(l, u) {
				return true
			}
		}
	}
	return false
}

// managedActedOn says whether the label of a managed rule is waited for. The
// label ends in the rule's name in another spelling (SizeRestrictions_BODY,
// SizeRestrictions_Body), or at times in its tail (UserAgent_BadBots_HEADER,
// BadBots_Header).
func managedActedOn(rule string, used []string) bool {
	plain := func(s string) string { return strings.ToLower(strings.ReplaceAll(s, "_", "")) }
	for _, u := range used {
		tail := plain(u[strings.LastIndexByte(u, ':')+1:])
		if strings.HasPrefix(u, "awswaf:managed:") && (tail == "" || strings.HasSuffix(plain(rule), tail)) {
			return true
		}
	}
	return false
}
