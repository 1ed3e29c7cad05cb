package identity

import (
	"slices"
	"strings"

	"fathom/control"
	"fathom/engine/iam/access"
	"fathom/engine/trust"
	"fathom/estate"
)

var trustExact = control.Control{
	ID:       "identity.trust-exact",
	Title:    "trust policies pin the audience and the exact subject of the right issuer",
	Why:      "a pod, pipeline or account that nobody meant assumes the role with a token of its own",
	Threats:  []control.Threat{control.LateralMovement},
	Phase:    control.MidTerm,
	Severity: control.High,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 7.2.5", "PCI DSS 4.0.1 8.6.1", "HIPAA 164.312(a)(1)", "GDPR 32"},
	Check:    checkTrust,
	Defeat:   loosened,
}

// checkTrust judges every role that somebody other than an AWS service may
// assume.
func checkTrust(e *estate.Estate) []control.Result {
	var out []control.Result
	own := ownAccounts(e)
	for _, r := range estate.All[*estate.Role](e) {
		switch {
		case r.Trust.Unknown():
			out = append(out, control.Unsure(r, r.Trust.Pos(), "the trust policy of "+roleLabel(r)+" is not known: "+r.Trust.Why()))
		case !r.Trust.Absent():
			out = append(out, judgeTrust(e, r, own)...)
		}
	}
	return out
}

func judgeTrust(e *estate.Estate, r *estate.Role, own map[string]bool) []control.Result {
	doors := trust.Doors(e, r)
	for _, d := range doors {
		if len(d.Flaws) > 0 {
			return []control.Result{webMistake(r, doors)}
		}
	}
	var ev []control.Evidence
	for _, d := range doors {
		ev = append(ev, control.Evidence{At: r.Trust.Pos(), Saw: "lets in " + strings.Join(d.Subjects, ", ")})
	}
	outsiders := len(doors) > 0
	unsure := ""
	for i := range r.Trust.Statements {
		s := &r.Trust.Statements[i]
		if s.Effect != "Allow" {
			continue
		}
		if len(s.NotPrincipals) > 0 {
			return []control.Result{anyone(r, "NotPrincipal with Allow")}
		}
		for _, p := range s.Principals {
			if p.Type == "Service" || p.Type == "Federated" {
				continue
			}
			outsiders = true
			account := wholeAccount(p.ID)
			switch {
			case p.ID == "*" && !limitsPrincipal(s) && keepsStrangersOut(e, r):
				return []control.Result{control.Partly(r, control.Mistake{
					At: r.Trust.Pos(), Severity: control.Medium,
					Summary: roleLabel(r) + ` is kept from strangers by a denial alone: a statement lets in principal "*", and others take it back from all outside the account`,
					Fix:     "name the role, service or provider that may assume it in principals",
				})}
			case p.ID == "*" && !limitsPrincipal(s):
				return []control.Result{anyone(r, `principal "*"`)}
			case account == "" || own[account] || limitsPrincipal(s):
				ev = append(ev, control.Evidence{At: r.Trust.Pos(), Saw: "trusts " + p.ID})
			case len(own) > 0:
				return []control.Result{control.Partly(r, control.Mistake{
					At: r.Trust.Pos(), Severity: control.Medium,
					Summary: roleLabel(r) + " trusts everybody in account " + account + ", without an external id",
					Fix:     `name the role that may come in, or add a condition "StringEquals" on sts:ExternalId`,
				})}
			default:
				unsure = roleLabel(r) + " trusts all of account " + account + ", and nothing here says whether that is this account"
			}
		}
	}
	switch {
	case unsure != "":
		return []control.Result{control.Unsure(r, r.Trust.Pos(), unsure)}
	case outsiders:
		return []control.Result{control.Is(r, ev...)}
	}
	return nil
}

// webMistake makes one mistake of all that is wrong with a role's doors: they
// stand in one document. An open door is absent, the rest partial.
func webMistake(r *estate.Role, doors []trust.Door) control.Result {
	var flaws []trust.Flaw
	cause := ""
	for _, d := range doors {
		flaws = append(flaws, d.Flaws...)
		if d.Issuer == trust.CI && len(d.Flaws) > 0 {
			cause = control.CauseTrustsCI // the supply layer sees it too
		}
	}
	slices.SortStableFunc(flaws, func(a, b trust.Flaw) int {
		if a.Open != b.Open && a.Open {
			return -1
		}
		return 0
	})
	m := control.Mistake{At: r.Trust.Pos(), Summary: roleLabel(r) + " " + flaws[0].Saw, Fix: flaws[0].Fix, Cause: cause}
	for _, f := range flaws {
		m.Evidence = append(m.Evidence, control.Evidence{At: m.At, Saw: f.Saw})
	}
	if flaws[0].Open {
		return control.Not(r, m)
	}
	m.Severity = control.Low
	return control.Partly(r, m)
}

// keepsStrangersOut says that a trust policy as a whole lets in nobody whom it
// does not name, whatever one statement says: another may deny it. It is false
// where the engine cannot be asked: two configurations use the role's address.
func keepsStrangersOut(e *estate.Estate, r *estate.Role) bool {
	found, err := estate.Once(e, access.New).Outside(r.ID.Addr)
	return err == nil && !slices.ContainsFunc(found, func(o access.Outsider) bool { return o.Who == "anyone" || o.Who == "any AWS account" })
}

func anyone(r *estate.Role, saw string) control.Result {
	return control.Not(r, control.Mistake{
		At: r.Trust.Pos(), Severity: control.Critical,
		Summary: roleLabel(r) + " may be assumed by any AWS account: " + saw,
		Fix:     "name the role, service or provider that may assume it in principals",
	})
}

// wholeAccount returns the account that a principal stands for, if it stands
// for all of one.
func wholeAccount(principal string) string {
	if len(principal) == 12 && strings.Trim(principal, "0123456789") == "" {
		return principal
	}
	if parts := strings.Split(principal, ":"); len(parts) >= 6 && parts[2] == "iam" && parts[len(parts)-1] == "root" && !strings.Contains(principal, "${") {
		return parts[4]
	}
	return ""
}

// limitsPrincipal says whether a condition narrows down who comes in: these
// keys are set by AWS, or agreed on (IAM User Guide, "AWS global condition
// context keys").
func limitsPrincipal(s *estate.Statement) bool {
	for _, c := range s.Conditions {
		op := strings.ToLower(c.Operator)
		if strings.Contains(op, "not") || strings.HasSuffix(op, "ifexists") || strings.HasPrefix(op, "forallvalues:") || slices.Contains(c.Values, "*") {
			continue
		}
		switch key, _, _ := strings.Cut(c.Key, "/"); key {
		case "sts:externalid", "aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "aws:principalarn", "aws:principaltag",
			"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:userid", "aws:sourceidentity", "sts:sourceidentity", "aws:sourcevpce", "aws:sourceip", "aws:multifactorauthpresent":
			return true
		}
	}
	return false
}

// ownAccounts are the accounts that the configuration works on, as far as a
// provider says so or the roles' own ARNs are known.
func ownAccounts(e *estate.Estate) map[string]bool {
	out := map[string]bool{}
	for _, p := range estate.All[*estate.Provider](e) {
		for _, a := range p.Accounts.Known() {
			out[a] = true
		}
	}
	for _, r := range estate.All[*estate.Role](e) {
		for _, k := range r.Keys {
			if parts := strings.Split(k, ":"); len(parts) >= 6 && parts[2] == "iam" {
				out[parts[4]] = true
			}
		}
	}
	return out
}
