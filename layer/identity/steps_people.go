package identity

import (
	"slices"

	"fathom/engine/depth"
	"fathom/engine/iam/access"
	"fathom/estate"
	"fathom/layer/ground"
)

// people: who has somebody's password, and where one is asked for his second
// factor, acts as he does.
func (m *moves) people() {
	for _, p := range m.g.People {
		act, whole := ground.Act(p.Principal.Name), ground.Begin("credential/"+p.Name+"+mfa")
		m.add(depth.Step{Gives: act, Needs: []depth.Capability{whole}, Says: "acts in the stolen session of " + p.Says, At: p.Principal.Pos()})
		factor, doubt := m.secondFactor(p.Principal)
		if all := organisationWideMFA(m.e); all != nil { // it goes with the organisation's policies
			rail := stop(guardrails.ID, all.ID.Addr, false, all.Pos, all.ID.Addr+" binds the account")
			m.add(depth.Step{Gives: depth.Off(factor.Guard), Stops: []depth.Stop{rail}, Says: "is asked for no second factor once no policy of the organisation binds the account", At: all.Pos})
		}
		by := depth.Step{
			Gives: act, Needs: []depth.Capability{ground.Begin("credential/" + p.Name)}, Stops: []depth.Stop{factor},
			Says: "signs in as " + p.Says + " with the password", At: p.Principal.Pos(),
		}
		m.add(by)
		if doubt != "" {
			by.Stops, by.Doubt = nil, doubt
			m.add(by)
		}
		for _, s := range m.g.Permit(p.Principal, anything, "*", nil).Stops {
			if s.Control == mfa.ID { // who has the second factor meets what asks for it
				m.add(depth.Step{Gives: depth.Off(s.Guard), Needs: []depth.Capability{whole}, Says: "has the second factor of " + p.Says, At: s.At})
			}
		}
	}
}

// anything is a request that whoever is kept from everything is kept from.
const anything = "s3:ListAllMyBuckets"

// secondFactor is what asks somebody for it. Identity Center and other identity
// providers ask in settings of their own: where a policy for the whole
// organisation shows that a second factor is asked for, it is taken that they
// may, with the doubt; none is left where that policy lets those do nothing who
// come without.
func (m *moves) secondFactor(p access.Principal) (s depth.Stop, doubt string) {
	on := p.Resource.Meta().ID.Addr
	if all := organisationWideMFA(m.e); all != nil {
		if p.Kind != access.User && !slices.ContainsFunc(m.g.Permit(p, anything, "*", nil).Stops, func(s depth.Stop) bool { return s.Control == mfa.ID && s.State == depth.Standing }) {
			doubt = "whether the identity provider asks " + p.Name + " for a second factor is in its own settings, which no file shows"
		}
		return stop(mfa.ID, on, false, all.Pos, "an SCP denies everything without MFA"), doubt
	}
	u, ok := p.Resource.(*estate.User)
	if !ok {
		return stop(mfa.ID, on, true, p.Pos(), "no file shows that "+p.Name+" needs a second factor"), ""
	}
	r := judgeMFA(m.e, u, label("user", u.UserName, &u.Base), u.HolderOf(m.e))
	s = ground.StopOf(mfa.ID, &r)
	s.On = on
	return s, ""
}

// keys: a key that never expires is found by somebody sooner or later, in a
// laptop, a log or a repository, and works without a second factor where no
// policy asks for one.
func (m *moves) keys() {
	users := estate.All[*estate.User](m.e)
	for _, u := range users {
		p, ok := m.principal(u)
		if !ok {
			continue
		}
		s := stop(noLongKeys.ID, u.ID.Addr, false, u.Pos, label("user", u.UserName, &u.Base)+" has no access key")
		for _, k := range estate.Of[*estate.AccessKey](m.e, u.ID) {
			switch k.Status.Is("Inactive") {
			case estate.No:
				s = stop(noLongKeys.ID, u.ID.Addr, true, k.Pos, k.ID.Addr+" is a key of "+p.Name+" that never expires")
			case estate.Maybe:
				s.State, s.At, s.Why = depth.Doubtful, k.Pos, "whether "+k.ID.Addr+" is active is not known: "+k.Status.Why()
			}
		}
		m.found(p, s)
	}
	if len(users) == 0 && m.e.HasAWS() { // one may make a user for a script, and a key with it
		on := m.e.Account()
		p := m.g.IAM.Newcomer(helper)
		m.found(p, stop(noLongKeys.ID, on.ID.Addr, false, on.Pos, "there is no user, and so no access key"))
		m.add(depth.Step{
			Gives: wideOpen(""), Needs: []depth.Capability{ground.Act(p.Name)}, Says: "may do everything as " + p.Name, At: on.Pos,
			Stops: []depth.Stop{stop(leastPrivilege.ID, p.Name, false, on.Pos, "nothing allows "+p.Name+" anything")},
		})
	}
}

// helper is the user whom somebody makes for a script.
const helper = "script"

// found: a key of somebody's was found.
func (m *moves) found(p access.Principal, key depth.Stop) {
	stops := []depth.Stop{key}
	for _, g := range m.g.Permit(p, anything, "*", nil).Stops {
		if g.Control == mfa.ID {
			stops = append(stops, g)
		}
	}
	m.add(depth.Step{
		Gives: ground.Act(p.Name), Needs: []depth.Capability{ground.Begin("internet")}, Stops: stops,
		Says: "finds an access key of " + p.Name, At: key.At,
	})
}

func (m *moves) principal(r estate.Resource) (access.Principal, bool) {
	for _, p := range m.all {
		if p.Resource == r {
			return p, true
		}
	}
	return access.Principal{}, false
}
