package identity

import (
	"slices"
	"strings"

	"fathom/control"
	"fathom/estate"
)

var mfa = control.Control{
	ID:       "identity.mfa",
	Title:    "people have MFA, and sensitive actions demand it",
	Why:      "a guessed or phished password is enough to act as a person",
	Threats:  []control.Threat{control.AccountTakeover},
	Phase:    control.QuickWin,
	Severity: control.High,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 8.4.1", "PCI DSS 4.0.1 8.4.2", "PCI DSS 4.0.1 8.5.1", "CIS AWS 7.0 2.10", "HIPAA 164.312(d)"},
	Check:    checkMFA,
	Defeat:   unasked,
}

// checkMFA judges the places where people get rights in IAM: groups, and users
// who are in none and may sign in. Devices are enrolled by hand, so what a
// file can show is the policy that refuses everything without one ("AWS:
// Allows MFA-authenticated IAM users to manage their own credentials", IAM user
// guide). Identity Center asks for MFA in its own settings, which no file holds.
func checkMFA(e *estate.Estate) []control.Result {
	if r := organisationWideMFA(e); r != nil {
		return []control.Result{control.Is(r, control.Evidence{At: r.Pos, Saw: "an attached SCP denies everything without MFA"})}
	}
	var out []control.Result
	for _, g := range estate.All[*estate.Group](e) {
		h := g.HolderOf(e)
		if len(h.Grants)+len(h.AWSManaged) > 0 || h.Why != "" {
			out = append(out, judgeMFA(e, g, label("group", g.GroupName, &g.Base), h))
		}
	}
	for _, u := range estate.All[*estate.User](e) {
		if !signsIn(e, u) || len(estate.Of[*estate.GroupMembers](e, u.ID))+len(estate.Of[*estate.UserGroups](e, u.ID)) > 0 {
			continue
		}
		out = append(out, judgeMFA(e, u, label("user", u.UserName, &u.Base), u.HolderOf(e)))
	}
	out = append(out, rolesOfUsers(e)...)
	return append(out, passwords(e)...)
}

func signsIn(e *estate.Estate, u *estate.User) bool {
	return len(estate.Of[*estate.LoginProfile](e, u.ID)) > 0
}

func judgeMFA(e *estate.Estate, on estate.Resource, name string, h estate.Holder) control.Result {
	const fix = `attach a policy that denies all but MFA enrolment with condition "BoolIfExists" { "aws:MultiFactorAuthPresent" = "false" }`
	weak := ""
	for _, g := range h.Grants {
		switch how := demandsMFA(g.Policy); how {
		case "":
		case "all":
			return control.Is(on, control.Evidence{At: g.At, Saw: "denies everything without MFA"})
		default:
			weak = how
		}
	}
	switch {
	case len(h.AWSManaged) == 0 && h.Why == "" && allowsOnlyWithMFA(h):
		return control.Is(on, control.Evidence{At: h.Grants[0].At, Saw: "allows only with MFA"})
	case h.Why != "":
		return control.Unsure(on, on.Meta().Pos, "what "+name+" holds is not all known: "+h.Why)
	case weak != "":
		return control.Partly(on, control.Mistake{Severity: control.Medium, Summary: name + " " + weak, Fix: fix})
	}
	return control.Lacks(e, on, control.Mistake{
		Cause:   control.CauseNoMFA,
		Summary: name + " may act without MFA: no policy it holds denies when aws:MultiFactorAuthPresent is false",
		Fix:     fix,
	})
}

// demandsMFA says how a policy demands MFA: "all" where everything is denied
// without it, a clause about what it leaves open, or "".
func demandsMFA(p *estate.Policy) string {
	how := ""
	for i := range p.Statements {
		s := &p.Statements[i]
		if s.Effect != "Deny" {
			continue
		}
		op := withoutMFA(s)
		wide := len(s.NotActions) > 0 || slices.ContainsFunc(s.Actions, func(a string) bool { return strings.Trim(a, "*:") == "" })
		switch {
		case op == "":
		case wide && op == "boolifexists", wide && op == "null":
			return "all"
		case wide:
			how = "denies without MFA by Bool, which leaves out requests with access keys: those do not carry the key at all"
		case how == "":
			how = "demands MFA for some actions only: " + list(slices.Clone(s.Actions), 3)
		}
	}
	return how
}

// withoutMFA returns the operator, in lower case, with which a statement is
// about requests without MFA.
func withoutMFA(s *estate.Statement) string {
	for _, c := range s.Conditions {
		op := strings.ToLower(c.Operator)
		switch {
		case c.Key != "aws:multifactorauthpresent" && c.Key != "aws:multifactorauthage":
		case strings.HasPrefix(op, "bool") && slices.Contains(c.Values, "false"), op == "null" && slices.Contains(c.Values, "true"):
			return op
		}
	}
	return ""
}

func withMFA(s *estate.Statement) bool {
	return slices.ContainsFunc(s.Conditions, func(c estate.Condition) bool {
		op := strings.ToLower(c.Operator)
		return c.Key == "aws:multifactorauthpresent" && op == "bool" && slices.Contains(c.Values, "true") ||
			c.Key == "aws:multifactorauthage" && strings.HasPrefix(op, "numericless") && !strings.HasSuffix(op, "ifexists")
	})
}

// selfService are the actions that somebody needs who has no device yet.
func selfService(actions []string) bool {
	return len(actions) > 0 && !slices.ContainsFunc(actions, func(a string) bool {
		a = strings.ToLower(a)
		return !strings.Contains(a, "mfadevice") && !strings.Contains(a, "password") && !strings.HasPrefix(a, "iam:get") && !strings.HasPrefix(a, "iam:list") && a != "sts:getsessiontoken"
	})
}

func allowsOnlyWithMFA(h estate.Holder) bool {
	any := false
	for _, g := range h.Grants {
		for i := range g.Policy.Statements {
			s := &g.Policy.Statements[i]
			if s.Effect != "Allow" || selfService(s.Actions) {
				continue
			}
			if !withMFA(s) {
				return false
			}
			any = true
		}
	}
	return any
}

func organisationWideMFA(e *estate.Estate) *estate.OrgPolicy {
	for _, p := range estate.All[*estate.OrgPolicy](e) {
		if demandsMFA(&p.Content) == "all" && len(estate.Of[*estate.OrgAttachment](e, p.ID)) > 0 {
			return p
		}
	}
	return nil
}

// rolesOfUsers judges the roles that trust people who sign in by name.
func rolesOfUsers(e *estate.Estate) []control.Result {
	people := map[string]bool{}
	for _, u := range estate.All[*estate.User](e) {
		if signsIn(e, u) {
			people["${"+u.ID.Addr+".arn}"] = true
			for _, k := range u.Keys {
				people[k] = true
			}
		}
	}
	var out []control.Result
	for _, r := range estate.All[*estate.Role](e) {
		for i := range r.Trust.Statements {
			s := &r.Trust.Statements[i]
			if s.Effect != "Allow" || !slices.ContainsFunc(s.Principals, func(p estate.Principal) bool { return people[p.ID] }) {
				continue
			}
			m := control.Mistake{
				At: r.Trust.Pos(), Severity: control.Medium,
				Summary: roleLabel(r) + " lets people in without MFA",
				Fix:     `add condition "Bool" { "aws:MultiFactorAuthPresent" = "true" } to the trust statement`,
			}
			if withMFA(s) {
				out = append(out, control.Is(r, control.Evidence{At: r.Trust.Pos(), Saw: "the trust demands MFA"}))
			} else {
				out = append(out, control.Partly(r, m))
			}
			break
		}
	}
	return out
}

// passwords judges the account's password policy where people sign in with
// passwords: PCI DSS asks for 12 characters, AWS's default is 8.
func passwords(e *estate.Estate) []control.Result {
	const fix = "set minimum_password_length = 14 in aws_iam_account_password_policy"
	policies := estate.All[*estate.PasswordPolicy](e)
	var out []control.Result
	for _, p := range policies {
		m := control.Mistake{
			At: p.MinLength.Pos(), Severity: control.Low, Fix: fix,
			Summary: "passwords may have as few as " + p.MinLength.Default(8).String() + " characters (" + p.ID.Addr + ")",
		}
		switch p.MinLength.Default(8).Test(func(n int) bool { return n >= 12 }) {
		case estate.Yes:
			out = append(out, control.Is(p, control.Evidence{At: p.MinLength.Pos(), Saw: "minimum_password_length = " + p.MinLength.String()}))
		case estate.Maybe:
			out = append(out, control.Unsure(p, p.MinLength.Pos(), "the shortest password is not known: "+p.MinLength.Why()))
		default:
			out = append(out, control.Partly(p, m))
		}
	}
	if len(policies) == 0 && len(estate.All[*estate.LoginProfile](e)) > 0 {
		out = append(out, control.Nowhere(e, control.Mistake{
			Severity: control.Low,
			Summary:  "people sign in with passwords of 8 characters: there is no password policy",
			Fix:      fix,
		})...)
	}
	return out
}
