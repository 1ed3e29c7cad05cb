package edge

import (
	"regexp"
	"slices"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

var rateLimit = control.Control{
	ID:       "edge.rate-limit",
	Title:    "Rate rules, stricter on checkout and login than on browsing",
	Why:      "One client may try passwords and cards, or ask for pages, as fast as it can",
	Threats:  []control.Threat{control.AccountTakeover, control.Flood},
	Phase:    control.QuickWin,
	Severity: control.Medium,
	World:    control.AWS,
	Check:    checkRate,
	Defeat:   unlimit,
}

func checkRate(e *estate.Estate) []control.Result {
	g := guardsOf(e)
	return g.judge(e, "nothing limits how many requests a client sends", judgeRate)
}

// judgeRate wants a limit for everything and a stricter one for login and for
// checkout. The Account Takeover Prevention group limits logins by itself.
func judgeRate(a *acl) []control.Result {
	var idle, active []rule
	takeover := false
	for _, r := range a.rules {
		switch {
		case r.managed != nil && r.managed.name == "AWSManagedRulesATPRuleSet" && r.stops():
			takeover = true
		case r.rate == nil:
		case r.action == count:
			idle = append(idle, r)
		default:
			active = append(active, r)
		}
	}
	out := counted(idle, "so nobody is slowed down")
	if len(active) == 0 {
		switch {
		case len(idle) > 0:
		case a.why != "":
			out = append(out, control.Unsure(a, diag.Pos{}, "rules of "+name(a)+" are not known: "+a.why))
		default:
			out = append(out, control.Not(a, control.Mistake{
				Summary: name(a) + " has no rate-based rule",
				Fix:     "add rules with rate_based_statement: one for all requests by IP, and stricter ones whose scope_down_statement matches login and checkout paths",
			}))
		}
		return out
	}
	out = append(out, lenient(active)...)
	var missing []string
	unsure := a.why
	if a.assets {
		return append(out, control.Is(a, rateEvidence(active)...))
	}
	for _, want := range []struct {
		what string
		path *regexp.Regexp
		done bool
	}{{"login", loginPath, takeover}, {"checkout", checkoutPath, false}} {
		t, why := limits(slices.Concat(active, idle), want.path) // of those that count it is said above that they do
		if t == estate.Maybe && unsure == "" {
			unsure = why
		}
		if t != estate.Yes && !want.done {
			missing = append(missing, want.what)
		}
	}
	switch {
	case len(missing) > 0 && unsure != "":
		out = append(out, control.Unsure(a, diag.Pos{}, "which paths the rate rules of "+name(a)+" limit is not known: "+unsure))
	case len(missing) > 0:
		out = append(out, control.Partly(a, control.Mistake{
			Summary:  name(a) + " has no stricter rate limit for " + list(missing),
			Fix:      "add a rule with rate_based_statement, a lower limit and a scope_down_statement that matches the path",
			Evidence: rateEvidence(active),
		}))
	case len(out) == 0 || len(idle) > 0: // those that count are one thing, those that stop another
		out = append(out, control.Is(a, rateEvidence(active)...))
	}
	return out
}

// limits says whether a rate rule is limited to such paths.
func limits(rs []rule, path *regexp.Regexp) (estate.Truth, string) {
	t, why := estate.No, ""
	for i := range rs {
		if !rs[i].rate.scoped {
			continue
		}
		aimed := rs[i].aims(path)
		if aimed == estate.Maybe {
			why = rs[i].looks.why
		}
		t = t.Or(aimed)
	}
	return t, why
}

// lenient reports limits on login or checkout that are no lower than the
// general limit by the same key.
func lenient(rs []rule) []control.Result {
	var out []control.Result
	for i := range rs {
		special := &rs[i]
		if special.rate.limit == 0 || special.aims(loginPath).Or(special.aims(checkoutPath)) != estate.Yes {
			continue
		}
		for j := range rs {
			general := &rs[j]
			if general.rate.scoped || general.rate.limit == 0 || general.rate.key != special.rate.key || special.rate.limit < general.rate.limit {
				continue
			}
			out = append(out, control.Partly(special.of, control.Mistake{
				At:       special.rate.at,
				Severity: control.Low,
				Summary:  `rule "` + special.name + `" of ` + name(special.of) + " allows " + special.rate.text + ", no less than the general limit of " + general.rate.text,
				Fix:      "lower limit to what a person does on that path in the window",
			}))
			break
		}
	}
	return out
}

func rateEvidence(rs []rule) []control.Evidence {
	var out []control.Evidence
	for i := range rs {
		out = append(out, control.Evidence{At: rs[i].rate.at, Saw: rs[i].name + ": " + rs[i].rate.text})
	}
	return out
}
