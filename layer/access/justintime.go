package access

import (
	"regexp"
	"slices"
	"strconv"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

var justInTime = control.Control{
	ID:       "access.just-in-time",
	Title:    "Access is granted for a reason, by an approver, for an hour, and ends with the grant",
	Why:      "Whoever takes over a person's account has everything that person might ever need, at any hour",
	Threats:  []control.Threat{control.AccountTakeover, control.LateralMovement},
	Phase:    control.MidTerm,
	Severity: control.Medium,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 7.2.2"},
	Check:    checkJustInTime,
	Defeat:   grantAlways,
}

// checkJustInTime judges everybody who may begin a session. A group or user
// that holds the permission holds it always, unless the statement ends by
// itself. A role or permission set is held for as long as its session; who
// approves it is seen only where the approval is declared, too.
func checkJustInTime(e *estate.Estate) []control.Result {
	var out []control.Result
	approval := approvals(e)
	for _, a := range approval {
		out = append(out, control.Is(a, control.Evidence{At: a.Meta().Pos, Saw: a.Meta().ID.Addr}))
	}
	seen := map[diag.Pos]bool{}
	all := people(e)
	for i := range all {
		p := &all[i]
		openings := p.openings()
		switch {
		case len(openings) == 0 && p.Why == "":
		case len(openings) == 0:
			out = append(out, control.Unsure(p, diag.Pos{}, "what "+p.String()+" may do is not all known: "+p.Why))
		case p.kind == group || p.kind == user:
			for _, o := range openings {
				if !seen[o.at] {
					seen[o.at] = true
					out = append(out, standing(p, o))
				}
			}
		default:
			out = append(out, judgeSession(p, openings, len(approval) > 0))
		}
	}
	return out
}

// standing judges a permission that is held without a session in between.
func standing(p *person, o opening) control.Result {
	if o.statement != nil && ends(o.statement) {
		return control.Is(o.from, control.Evidence{At: o.at, Saw: "ends with aws:CurrentTime"})
	}
	return control.Not(o.from, control.Mistake{
		At: o.at, Cause: control.CauseStanding,
		Summary: p.String() + " may begin sessions at any time (" + o.what + ")",
		Fix:     "move the permission to a role with max_session_duration 3600 that is assumed on approval, or end it with DateLessThan aws:CurrentTime",
	})
}

// judgeSession judges a role's or permission set's session: an hour at most,
// which is also the default of both.
func judgeSession(p *person, openings []opening, approved bool) control.Result {
	long, at := sessionLength(p.Resource)
	switch v, ok := long.Known(); {
	case !ok:
		return control.Unsure(p, at, "how long its session lasts is not known: "+long.Why())
	case v > 3600:
		return control.Partly(p, control.Mistake{
			At:      at,
			Summary: p.String() + " is held for " + hours(v) + " once it is assumed",
			Fix:     "set max_session_duration to 3600, or session_duration to PT1H",
		})
	}
	if r, ok := p.Resource.(*estate.Role); ok && slices.ContainsFunc(r.Trust.Statements, func(s estate.Statement) bool { return ends(&s) }) {
		return control.Is(p, control.Evidence{At: r.Trust.Pos(), Saw: "the trust policy ends with aws:CurrentTime"})
	}
	switch {
	case !slices.ContainsFunc(openings, func(o opening) bool { return o.statement == nil || !ends(o.statement) }):
		return control.Is(p, control.Evidence{At: openings[0].at, Saw: "ends with aws:CurrentTime"})
	case approved:
		return control.Is(p, control.Evidence{At: p.Meta().Pos, Saw: "an hour at most, on approval"})
	}
	return control.Unsure(p, diag.Pos{}, "a session of "+p.String()+" ends within the hour, but no file shows that somebody approves it")
}

func sessionLength(r estate.Resource) (estate.Int, diag.Pos) {
	switch r := r.(type) {
	case *estate.Role:
		return r.MaxSession.Default(3600), r.MaxSession.Pos()
	case *estate.PermissionSet:
		d := r.Duration.Default("PT1H")
		text, ok := d.Known()
		if !ok {
			return estate.Unknown[int](d.Why(), d.Pos()), d.Pos()
		}
		if s, ok := seconds(text); ok {
			return estate.Known(s, d.Pos()), d.Pos()
		}
		return estate.Unknown[int](text+" is not a duration", d.Pos()), d.Pos()
	}
	return estate.Int{}, diag.Pos{}
}

var duration = regexp.MustCompile(`^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$`)

// seconds reads an ISO 8601 duration.
func seconds(s string) (int, bool) {
	m := duration.FindStringSubmatch(s)
	if m == nil {
		return 0, false
	}
	total := 0
	for i, unit := range []int{86400, 3600, 60, 1} {
		n, _ := strconv.Atoi(m[i+1])
		total += n * unit
	}
	return total, true
}

func hours(s int) string {
	if s%3600 == 0 {
		return strconv.Itoa(s/3600) + " hours"
	}
	return strconv.Itoa(s/60) + " minutes"
}

var approves = regexp.MustCompile(`(?i)approv|grant[-_]?access|break[-_]?glass|elevat`)

// approvals are what declares who approves: the policies of Systems Manager's
// just-in-time node access, and state machines that wait for a person.
func approvals(e *estate.Estate) []estate.Resource {
	var out []estate.Resource
	for _, d := range estate.All[*estate.SSMDocument](e) {
		if d.Kind.In("ManualApprovalPolicy", "AutoApprovalPolicy") == estate.Yes {
			out = append(out, d)
		}
	}
	for _, m := range estate.All[*estate.StateMachine](e) {
		if approves.MatchString(m.ID.Addr) && regexp.MustCompile(`waitForTaskToken`).MatchString(m.Definition.String()) {
			out = append(out, m)
		}
	}
	return out
}
