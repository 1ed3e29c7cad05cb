package access

import (
	"slices"
	"strings"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

var mfaSession = control.Control{
	ID:       "access.mfa-session",
	Title:    "A session starts only with MFA",
	Why:      "A phished password or a copied access key is enough for a shell on a production machine",
	Threats:  []control.Threat{control.AccountTakeover},
	Phase:    control.QuickWin,
	Severity: control.High,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 8.4.1", "PCI DSS 4.0.1 8.4.2", "HIPAA 164.312(d)"},
	Check:    checkMFASession,
	Defeat:   dropFactor,
	Fells:    []string{"access.break-glass"}, // which wants a second factor too
}

// checkMFASession judges everybody who may begin a session. IAM carries MFA in
// aws:MultiFactorAuthPresent; Identity Center and SAML providers ask for it
// themselves and do not set that key, so for their people it is unknown, unless
// the role wants a session tag that says so.
func checkMFASession(e *estate.Estate) []control.Result {
	var out []control.Result
	all := people(e)
	for i := range all {
		p := &all[i]
		openings := p.openings()
		everywhere := organisationDenies(e, p)
		switch {
		case len(openings) == 0 && p.Why == "":
		case len(openings) == 0:
			out = append(out, control.Unsure(p, diag.Pos{}, "what "+p.String()+" may do is not all known: "+p.Why))
		case p.kind == permissionSet:
			out = append(out, control.Unsure(p, diag.Pos{}, "Identity Center asks for MFA in its own settings, which no file shows"))
		case p.kind == federated && !saysMFA(p):
			out = append(out, control.Unsure(p, diag.Pos{}, "the identity provider asks for MFA, which no file shows"))
		case everywhere != nil:
			out = append(out, control.Is(p, control.Evidence{At: everywhere.Pos, Saw: "an SCP denies sessions without MFA"}))
		default:
			out = append(out, judgeMFA(p, openings))
		}
	}
	return out
}

// saysMFA says whether a role's trust policy wants to hear of MFA from the
// identity provider.
func saysMFA(p *person) bool {
	r, ok := p.Resource.(*estate.Role)
	return ok && len(r.Trust.Statements) > 0 &&
		!slices.ContainsFunc(r.Trust.Statements, func(s estate.Statement) bool { return s.Effect == "Allow" && !demandsMFA(&s) })
}

// judgeMFA accepts a Deny without MFA, a condition on every permission, or,
// for a role, a condition in its trust policy.
func judgeMFA(p *person, openings []opening) control.Result {
	for _, g := range p.Grants {
		if slices.ContainsFunc(openers, func(a string) bool { return deniesWithoutMFA(g.Policy, a) }) {
			return control.Is(p, control.Evidence{At: g.At, Saw: "denied without MFA"})
		}
	}
	at := diag.Pos{}
	if r, ok := p.Resource.(*estate.Role); ok {
		at = r.Trust.Pos()
		if !slices.ContainsFunc(r.Trust.Statements, func(s estate.Statement) bool { return s.Effect == "Allow" && !demandsMFA(&s) }) {
			return control.Is(p, control.Evidence{At: at, Saw: "the trust policy demands MFA"})
		}
	}
	var open []control.Evidence
	var names []string
	for _, o := range openings {
		if o.statement == nil || !demandsMFA(o.statement) {
			open = append(open, control.Evidence{At: o.at, Saw: o.what})
			names = append(names, o.what)
		}
	}
	if len(open) == 0 {
		return control.Is(p, control.Evidence{At: openings[0].at, Saw: "allowed only with MFA"})
	}
	if p.Why != "" { // what was not read may deny it
		return control.Unsure(p, at, "what "+p.String()+" may do is not all known: "+p.Why)
	}
	m := control.Mistake{
		At: at, Cause: control.CauseNoMFA, Evidence: open,
		Summary: p.String() + " begins sessions without MFA (" + strings.Join(slices.Compact(names), ", ") + ")",
		Fix:     `add a statement that denies all but MFA enrolment with "BoolIfExists" { "aws:MultiFactorAuthPresent" = "false" }`,
	}
	if p.kind == role {
		m.Fix = `add condition "Bool" { "aws:MultiFactorAuthPresent" = "true" } to the trust statement`
	}
	return control.Not(p, m)
}

// organisationDenies is the SCP that denies a person's sessions without MFA. One
// for users alone has nothing to say to a role.
func organisationDenies(e *estate.Estate, p *person) *estate.OrgPolicy {
	for _, x := range estate.All[*estate.OrgPolicy](e) {
		denies := estate.Policy{Statements: slices.DeleteFunc(slices.Clone(x.Content.Statements), func(s estate.Statement) bool {
			return (p.kind == role || p.kind == federated) && forUsers(&s)
		})}
		if deniesWithoutMFA(&denies, "ssm:StartSession") && len(estate.Of[*estate.OrgAttachment](e, x.ID)) > 0 {
			return x
		}
	}
	return nil
}

// forUsers says whether a statement is about users alone.
func forUsers(s *estate.Statement) bool {
	return slices.ContainsFunc(s.Conditions, func(c estate.Condition) bool {
		return c.Key == "aws:principalarn" && !strings.Contains(strings.ToLower(c.Operator), "not") &&
			!slices.ContainsFunc(c.Values, func(v string) bool { return !strings.Contains(v, ":user/") })
	})
}
