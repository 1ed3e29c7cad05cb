package supply

import (
	"slices"
	"strings"

	"fathom/control"
	"fathom/engine/depth"
	"fathom/engine/iam/access"
	"fathom/engine/trust"
	"fathom/estate"
	"fathom/layer/ground"
)

// pipeline: what a workflow on another branch, or in another repository, may be
// in AWS, by its token and by keys that lie about.
func (m *moves) pipeline() {
	begin := []depth.Capability{ground.Begin(ground.ForeignBranch)}
	for _, p := range m.g.IAM.Principals() {
		r, ok := p.Resource.(*estate.Role)
		if !ok {
			continue
		}
		for _, d := range trust.Doors(m.e, r) {
			if d.Issuer == trust.CI {
				m.add(depth.Step{
					Gives: ground.Act(p.Name), Needs: begin, Stops: m.door(r, &d),
					Says: "has the CI system's token taken by " + p.Name, At: r.Trust.Pos(),
				})
			}
		}
	}
	for _, k := range estate.All[*estate.AccessKey](m.e) {
		if ciUser(m.e, k) == "" || k.Status.Is("Inactive") == estate.Yes {
			continue
		}
		for _, u := range estate.To(m.e, k.User) {
			stop := depth.Stop{Guard: depth.Guard{Control: ciOIDC.ID, On: k.ID.Addr}, At: k.Pos, Says: k.ID.Addr + " is a key that never expires, and every branch has it"}
			m.add(depth.Step{Gives: ground.Act(m.principal(u)), Needs: begin, Stops: []depth.Stop{stop}, Says: "takes the key of the pipeline", At: k.Pos})
		}
	}
	m.add(depth.Step{Gives: ground.Push, Needs: []depth.Capability{ground.Begin(ground.Registry)}, Says: "pushes an image with the key"})
}

// principal is the name of the principal that a resource declares, "" for none.
func (m *moves) principal(r estate.Resource) string {
	for _, p := range m.g.IAM.Principals() {
		if p.Resource == r {
			return p.Name
		}
	}
	return ""
}

// door is what keeps other pipelines' tokens out of a role. One that is open to
// pull requests, and reads alone, is open to every branch on purpose.
func (m *moves) door(r *estate.Role, d *trust.Door) []depth.Stop {
	stop := depth.Stop{Guard: depth.Guard{Control: ciOIDC.ID, On: r.ID.Addr}, At: r.Trust.Pos()}
	pulls := slices.ContainsFunc(d.Subjects, func(s string) bool { return strings.HasSuffix(s, ":pull_request") })
	switch {
	case len(d.Flaws) > 0 && d.Flaws[0].Open:
		stop.Says = roleLabel(r) + " " + d.Flaws[0].Saw
	case pulls && reading(r):
		return nil
	case pulls:
		stop.Says = roleLabel(r) + " is open to every pull request"
	default:
		stop.State, stop.Says = depth.Standing, roleLabel(r)+" lets in "+strings.Join(d.Subjects, ", ")+" alone"
	}
	return []depth.Stop{stop}
}

// push: who may put an image where the cluster pulls.
func (m *moves) push() {
	for _, p := range m.g.IAM.Principals() {
		if p.Kind != access.Role && p.Kind != access.User && p.Kind != access.PermissionSet {
			continue
		}
		var seen [][]depth.Guard
		for _, r := range m.pulled() {
			arn, _, err := m.g.IAM.Resource(r.ID.Addr)
			if err != nil {
				continue
			}
			permit := m.g.Permit(p, "ecr:PutImage", arn, nil)
			key := guardsIn(permit.Stops)
			if permit.Never || slices.ContainsFunc(seen, func(k []depth.Guard) bool { return slices.Equal(k, key) }) {
				continue
			}
			seen = append(seen, key)
			m.add(depth.Step{Gives: ground.Push, Needs: []depth.Capability{ground.Act(p.Name)}, Stops: permit.Stops, Says: "pushes an image to " + r.ID.Addr + " as " + p.Name, At: permit.At})
		}
	}
}

func guardsIn(stops []depth.Stop) []depth.Guard {
	var out []depth.Guard
	for i := range stops {
		out = append(out, stops[i].Guard)
	}
	return out
}

// pulled are the repositories that pods name, or all where none is known to be.
func (m *moves) pulled() []*estate.Repository {
	all := estate.All[*estate.Repository](m.e)
	var out []*estate.Repository
	for _, r := range all {
		if len(m.guards.byRepository[r.ID]) > 0 {
			out = append(out, r)
		}
	}
	if len(out) == 0 {
		return all
	}
	return out
}

// gateOf is the stop of a gate of the pipeline: unknown where no pipeline was
// read.
func gateOf(c *control.Control, e *estate.Estate, want wanted, r *control.Result) depth.Stop {
	if r == nil {
		return depth.Stop{
			Guard: depth.Guard{Control: c.ID, On: e.Pipeline().ID.Addr}, State: depth.Doubtful,
			Says: "whether the pipeline " + want.what + " is not known", Why: "no workflow of the pipeline was read, so it is not known whether it " + want.what,
		}
	}
	s := ground.StopOf(c.ID, r)
	s.On = e.Pipeline().ID.Addr
	return s
}
