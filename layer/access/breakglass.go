package access

import (
	"regexp"
	"slices"
	"strings"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

var breakGlass = control.Control{
	ID:       "access.break-glass",
	Title:    "An emergency way in: two people, short, loud",
	Why:      "In an emergency nobody gets in, or a way in that was left open for it is used by somebody else",
	Threats:  []control.Threat{control.AccountTakeover, control.Ransom},
	Phase:    control.MidTerm,
	Severity: control.Low,
	World:    control.AWS,
	Maps:     []string{"HIPAA 164.312(a)(2)(ii)"},
	Check:    checkBreakGlass,
	Defeat:   renameGlass,
}

var emergency = regexp.MustCompile(`(?i)break-?_?glass|emergency|fire-?_?call`)

// checkBreakGlass looks for a role, permission set or user that is named for
// emergencies. It has to demand MFA, to end within the hour and to be heard: an
// event rule, metric filter or alarm has to be about it. That a second person
// stands behind it is seen only where an approval is declared.
func checkBreakGlass(e *estate.Estate) []control.Result {
	var out []control.Result
	for _, r := range estate.All[*estate.Role](e) {
		if emergency.MatchString(r.ID.Addr+" "+r.RoleName.String()) && !forServices(r) {
			out = append(out, judgeGlass(e, r, r.RoleName.String()))
		}
	}
	for _, s := range estate.All[*estate.PermissionSet](e) {
		if emergency.MatchString(s.ID.Addr + " " + s.SetName.String()) {
			out = append(out, judgeGlass(e, s, s.SetName.String()))
		}
	}
	for _, u := range estate.All[*estate.User](e) {
		if emergency.MatchString(u.ID.Addr + " " + u.UserName.String()) {
			out = append(out, judgeGlass(e, u, u.UserName.String()))
		}
	}
	if len(out) > 0 || len(people(e)) == 0 {
		return out
	}
	return control.Nowhere(e, control.Mistake{
		Summary: "there is no emergency way in: no role for break-glass",
		Fix:     "add an aws_iam_role break-glass that demands MFA, with max_session_duration 3600, and an aws_cloudwatch_event_rule that tells everybody when it is assumed",
	})
}

// forServices says whether only services of AWS assume a role: what opens the way
// in, and not the way in itself.
func forServices(r *estate.Role) bool {
	return len(r.Trust.Statements) > 0 && !slices.ContainsFunc(r.Trust.Statements, func(s estate.Statement) bool {
		return s.Effect == "Allow" && (len(s.Principals) == 0 || slices.ContainsFunc(s.Principals, func(p estate.Principal) bool { return p.Type != "Service" }))
	})
}

func judgeGlass(e *estate.Estate, r estate.Resource, named string) control.Result {
	var flaws, fixes []string
	flaw := func(is bool, what, fix string) {
		if is {
			flaws, fixes = append(flaws, what), append(fixes, fix)
		}
	}
	if x, ok := r.(*estate.Role); ok {
		if x.Trust.Unknown() {
			return control.Unsure(r, x.Trust.Pos(), "its trust policy is not known: "+x.Trust.Why())
		}
		lax := slices.ContainsFunc(x.Trust.Statements, func(s estate.Statement) bool { return s.Effect == "Allow" && !demandsMFA(&s) })
		flaw(lax, "demands no MFA", `add condition "Bool" { "aws:MultiFactorAuthPresent" = "true" } to its trust policy`)
	}
	if _, ok := r.(*estate.User); !ok {
		long, at := sessionLength(r)
		v, ok := long.Known()
		if !ok {
			return control.Unsure(r, at, "how long its session lasts is not known: "+long.Why())
		}
		flaw(v > 3600, "lasts "+hours(v), "end its session after an hour")
	}
	hidden := e.MayHideAWS()
	silent := !loud(e, r, named)
	flaw(silent && hidden == "", "is silent: no event rule or metric filter is about it", "add an aws_cloudwatch_event_rule on its use, with a target that tells everybody")
	switch {
	case len(flaws) > 0:
		return control.Partly(r, control.Mistake{
			Summary: "the emergency way in " + r.Meta().ID.Addr + " " + strings.Join(flaws, ", "),
			Fix:     strings.Join(fixes, ", "),
		})
	case silent:
		return control.Unsure(r, diag.Pos{}, "whether anybody hears of its use is not known: "+hidden)
	}
	if len(approvals(e)) == 0 {
		return control.Unsure(r, diag.Pos{}, r.Meta().ID.Addr+" is short and loud, but no file shows that it takes two people")
	}
	return control.Is(r, control.Evidence{At: r.Meta().Pos, Saw: "MFA, an hour, an alarm, an approval"})
}

// loud says whether something is told of its use: a rule, filter or alarm that
// names it.
func loud(e *estate.Estate, r estate.Resource, named string) bool {
	about := func(text string) bool {
		return strings.Contains(text, r.Meta().ID.Addr+".") || named != "" && named != "not set" && named != "unknown" && strings.Contains(text, named) || emergency.MatchString(text)
	}
	for _, x := range estate.All[*estate.EventRule](e) {
		if about(x.Pattern.String()) && len(estate.Of[*estate.EventTarget](e, x.ID)) > 0 {
			return true
		}
	}
	for _, x := range estate.All[*estate.MetricFilter](e) {
		if about(x.Pattern.String()) {
			return true
		}
	}
	return false
}
