package edge

import (
	"regexp"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

var challenge = control.Control{
	ID:       "edge.challenge",
	Title:    "CAPTCHA or JavaScript challenge on sign-up, login and forgotten password",
	Why:      "Scripts try stolen passwords and open accounts at the speed of the network",
	Threats:  []control.Threat{control.AccountTakeover, control.Flood},
	Phase:    control.MidTerm,
	Severity: control.Medium,
	World:    control.AWS,
	Check:    checkChallenge,
	Aside:    "it stands before the forms for accounts alone, and an attack or a flood takes another path; it slows down who tries stolen passwords",
}

func checkChallenge(e *estate.Estate) []control.Result {
	g := guardsOf(e)
	return g.judge(e, "sign-up and login take any script", judgeChallenge)
}

// forms are the three places, with the managed groups that guard each by
// themselves: Account Takeover Prevention and Account Creation Fraud
// Prevention.
var forms = []struct {
	what, group string
	path        *regexp.Regexp
}{
	{"login", "AWSManagedRulesATPRuleSet", loginPath},
	{"sign-up", "AWSManagedRulesACFPRuleSet", signUpPath},
	{"forgotten password", "", passwordPath},
}

func judgeChallenge(a *acl) []control.Result {
	if a.assets {
		return nil
	}
	var idle []rule
	var missing []string
	var seen []control.Evidence
	unsure := a.why
	for _, f := range forms {
		t := estate.No
		for i := range a.rules {
			r := &a.rules[i]
			guards := guardsForm(r, f.group, f.path)
			switch {
			case guards == estate.No:
			case r.action == count:
				idle = append(idle, *r)
				t = estate.Yes // what is wrong is that it counts
			default:
				if guards == estate.Maybe && unsure == "" {
					unsure = r.looks.why
				}
				t = t.Or(guards)
				seen = append(seen, control.Evidence{At: r.at, Saw: r.name})
			}
		}
		if t != estate.Yes {
			missing = append(missing, f.what)
		}
	}
	out := counted(idle, "so nobody is challenged")
	switch {
	case len(missing) > 0 && unsure != "":
		out = append(out, control.Unsure(a, diag.Pos{}, "which paths "+name(a)+" challenges is not known: "+unsure))
	case len(missing) > 0:
		m := control.Mistake{
			Summary:  name(a) + " neither challenges nor checks who fills in " + list(missing),
			Fix:      "add a rule with action captcha or challenge that matches the form's path, or AWSManagedRulesATPRuleSet for login and AWSManagedRulesACFPRuleSet for sign-up",
			Evidence: seen,
		}
		if len(seen) > 0 {
			m.Severity = control.Low
			out = append(out, control.Partly(a, m))
		} else {
			out = append(out, control.Not(a, m))
		}
	case len(seen) > 0:
		out = append(out, control.Is(a, seen...))
	}
	return out
}

// waits says whether a rule may be a challenge that only counts for a while: a
// rule that counts has lost what else it would do. One that labels has another
// use, and a rate rule is rate-limit's to judge.
func (r *rule) waits() bool {
	return r.action == count && len(r.labels) == 0 && r.rate == nil
}

// guardsForm says whether a rule challenges, or would if it did not count,
// whoever comes to a form: by the group made for it, by a challenge on its
// path, or by one on every path. A challenge inside a rate limit counts.
func guardsForm(r *rule, managed string, path *regexp.Regexp) estate.Truth {
	switch {
	case r.managed != nil:
		if r.managed.name == managed && managed != "" {
			return estate.Yes
		}
		return estate.No
	case !r.asks() && !r.waits():
		return estate.No
	case len(r.looks.kinds) == 1 && r.rate != nil: // whoever asks too often, wherever
		return estate.Yes
	}
	return r.aims(path)
}
