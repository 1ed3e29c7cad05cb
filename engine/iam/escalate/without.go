package escalate

import (
	"strings"

	"fathom/engine/iam"
	"fathom/estate"
)

// prizeWithout is for what somebody may do once a boundary or an SCP is gone:
// something that its own statements allow and only that keeps away.
func (f *finder) prizeWithout(p *person, how string, by obstacle, scp *estate.OrgPolicy) (gained, string, bool) {
	perms, _ := f.permissions(p)
	for i := range perms {
		if perms[i].Effect != iam.Allow {
			continue
		}
		for _, r := range f.standsFor(p, &perms[i]) {
			if f.bestAllows(p, r) != estate.No || !f.keptBy(p, r, by, scp) {
				continue
			}
			g := gained{Gain{Kind: Permissions, Witness: r.request(p)}, estate.Yes}
			if by == byBoundary && f.adminWithout(p) {
				g.Kind, g.Witness = Administrator, nil
				return g, how + " " + who(p.Principal) + " is administrator", true
			}
			return g, how + " " + who(p.Principal) + " may " + request(g.Witness), true
		}
	}
	return gained{}, "", false
}

// keptBy says whether nothing but a boundary, or but one SCP, denies a request.
func (f *finder) keptBy(p *person, r probe, by obstacle, scp *estate.OrgPolicy) bool {
	a := f.ask(p, r.action, r.arn, r.ctx)
	if !a.Decision.Explicit {
		return by == byBoundary && strings.HasPrefix(a.Decision.Missing, "the permissions boundary does not allow")
	}
	for _, b := range a.Because {
		if b.Effect != iam.Deny {
			continue
		}
		switch {
		case by == byBoundary && b.Place == "boundary":
		case by == bySCP && b.Place == "SCP" && b.Holder == estate.Resource(scp):
		default:
			return false
		}
	}
	return true
}

// adminWithout says whether only the boundary keeps somebody from being
// administrator.
func (f *finder) adminWithout(p *person) bool {
	for _, a := range adminProbes {
		r := f.probe(p, a[0], a[1])
		if f.bestAllows(p, r) != estate.Yes && !f.keptBy(p, r, byBoundary, nil) {
			return false
		}
	}
	return true
}
