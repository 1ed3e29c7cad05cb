package data

import (
	"cmp"
	"slices"
	"strings"

	"fathom/control"
	"fathom/engine/depth"
	"fathom/engine/iam"
	"fathom/engine/iam/access"
	"fathom/estate"
	"fathom/layer/ground"
)

// steps are what an attacker can do to what is stored: log in to a store, hold
// what is in it, read what was sealed, take it away, share a copy of it, and
// destroy every copy.
func steps(e *estate.Estate) []depth.Step {
	m := newMoves(e)
	for _, s := range m.g.Stores {
		k := m.target(s)
		m.login(k)
		m.hold(k)
		m.share(k)
		m.unseal(k)
		m.take(k)
	}
	m.spill()
	m.destruction()
	return settled(m.out)
}

// moves gathers the layer's steps.
type moves struct {
	e *estate.Estate
	g *ground.Ground
	// who are those who may come to act in AWS.
	who []access.Principal
	// atRest, secrets, fields are the guards by the resource they are on.
	atRest, secrets, fields map[estate.ID]depth.Stop
	seals                   []seal
	known                   map[estate.ID]store // as the checks know them
	dbUsers                 map[string][]string // by the id of the database, as policies write it
	topics                  map[string][]string // by cluster
	clear                   map[string]*control.Result
	out                     []depth.Step
}

func newMoves(e *estate.Estate) *moves {
	m := &moves{
		e: e, g: ground.Of(e),
		atRest:  ground.StopsOf(&atRest, e),
		secrets: ground.StopsOf(&secrets, e),
		fields:  ground.StopsOf(&fieldEncryption, e),
		known:   map[estate.ID]store{},
	}
	for _, s := range stores(e) {
		m.known[s.Meta().ID] = s
	}
	m.clear = writtenOut(e)
	m.seals = sealsOf(m)
	m.names()
	for _, p := range m.g.IAM.Principals() {
		switch p.Kind {
		case access.Role, access.User, access.PermissionSet:
			m.who = append(m.who, p)
		}
	}
	return m
}

func (m *moves) add(s depth.Step) { m.out = append(m.out, s) }

// request is something to be asked of AWS.
type request struct {
	action, arn string
	with        iam.Context
}

// permitted are the guards between somebody and all of several requests.
func (m *moves) permitted(p access.Principal, rs ...request) ground.Grant {
	return joined(rs, func(r request) ground.Grant { return m.g.Permit(p, r.action, r.arn, r.with) })
}

// permittedAdmin are those between an administrator and the requests.
func (m *moves) permittedAdmin(rs ...request) ground.Grant {
	return joined(rs, func(r request) ground.Grant { return m.g.PermitAdmin(r.action, r.arn, r.with) })
}

// joined is the grant of several requests together.
func joined(rs []request, ask func(request) ground.Grant) ground.Grant {
	var out ground.Grant
	for _, r := range rs {
		g := ask(r)
		out.Never = out.Never || g.Never
		out.Stops = append(out.Stops, g.Stops...)
		if out.Says == "" {
			out.Says, out.At = g.Says, g.At
		}
	}
	out.Stops = unique(out.Stops)
	return out
}

// asks adds the step of each principal, and of an administrator, who asks AWS
// for something. Beside what stops all of them each is stopped by what does not
// let him ask.
func (m *moves) asks(gives depth.Capability, says string, at estate.Resource, also []depth.Stop, rs ...request) {
	for _, p := range m.who {
		g := m.permitted(p, rs...)
		if g.Never {
			continue
		}
		m.add(depth.Step{
			Gives: gives, Needs: []depth.Capability{ground.Act(p.Name)}, Stops: unique(append(slices.Clone(also), g.Stops...)),
			Says: says + " as " + p.Name, At: or(g.At, at.Meta().Pos),
		})
	}
	if g := m.permittedAdmin(rs...); !g.Never {
		m.add(depth.Step{
			Gives: gives, Needs: []depth.Capability{ground.Admin}, Stops: unique(append(slices.Clone(also), g.Stops...)),
			Says: says + " as an administrator of the account", At: or(g.At, at.Meta().Pos),
		})
	}
}

// unique sorts stops and leaves one of each guard: the surest.
func unique(stops []depth.Stop) []depth.Stop {
	slices.SortStableFunc(stops, func(a, b depth.Stop) int {
		return cmp.Or(strings.Compare(a.Control, b.Control), strings.Compare(a.On, b.On), cmp.Compare(b.State, a.State))
	})
	return slices.CompactFunc(stops, func(a, b depth.Stop) bool { return a.Guard == b.Guard })
}

// settled leaves a guard one state: where a step has shown that it stands, or
// that it may, another does not list it as missing. And it leaves out the steps
// that need what another needs and are stopped by all that stops it.
func settled(steps []depth.Step) []depth.Step {
	stands := map[depth.Guard]bool{}
	for i := range steps {
		for _, s := range steps[i].Stops {
			stands[s.Guard] = stands[s.Guard] || s.State != depth.Missing
		}
	}
	alike := map[string][]int{}
	for i := range steps {
		s := &steps[i]
		s.Stops = slices.DeleteFunc(s.Stops, func(x depth.Stop) bool { return x.State == depth.Missing && stands[x.Guard] })
		key := s.Gives.String()
		for _, n := range s.Needs {
			key += "\n" + n.String()
		}
		alike[key] = append(alike[key], i)
	}
	worse := map[int]bool{}
	for _, group := range alike {
		for _, i := range group {
			worse[i] = slices.ContainsFunc(group, func(j int) bool {
				return j != i && !worse[j] && steps[j].Doubt == "" && stopsLess(steps[j].Stops, steps[i].Stops)
			})
		}
	}
	out := steps[:0]
	for i := range steps {
		if !worse[i] {
			out = append(out, steps[i])
		}
	}
	return out
}

// stopsLess says whether all that stops one step stops another as well, and as
// surely.
func stopsLess(a, b []depth.Stop) bool {
	for i := range a {
		if !slices.ContainsFunc(b, func(s depth.Stop) bool { return s.Guard == a[i].Guard && s.State >= a[i].State }) {
			return false
		}
	}
	return true
}
