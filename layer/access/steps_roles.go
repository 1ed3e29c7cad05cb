package access

import (
	"slices"
	"strings"

	"fathom/engine/depth"
	"fathom/engine/iam"
	"fathom/engine/iam/access"
	"fathom/estate"
	"fathom/layer/ground"
)

// roles are how people come to the roles that are for people. What the trust
// policy asks for is what stands in the way; where it asks for no second factor
// and no grant, these guards are missing there.
func (w *entrance) roles() []depth.Step {
	var out []depth.Step
	for _, r := range w.forPeople() {
		id := r.Resource.Meta().ID
		for _, p := range w.g.People {
			if p.Principal.Name == r.Name {
				continue
			}
			g := w.g.Assume(p.Principal, r)
			if g.Never {
				continue
			}
			s := depth.Step{
				Gives: ground.Act(r.Name), Needs: []depth.Capability{ground.Act(p.Principal.Name)},
				Stops: missing(g.Stops, w.mfa, id), At: r.Pos(), Says: "takes on " + r.Name + " as " + p.Says,
			}
			s.Stops = missing(s.Stops, w.timed, id)
			if glass, ok := w.glass[id]; ok {
				s.Stops = append(slices.Clip(s.Stops), glass)
			}
			out = append(out, s)
			if with := without(s.Stops, mfaSession.ID, "identity.mfa"); len(with) < len(s.Stops) {
				s.Stops = with
				s.Needs = []depth.Capability{ground.Act(p.Principal.Name), ground.Begin("credential/" + p.Name + "+mfa")}
				s.Says += ", with the second factor of the stolen session"
				out = append(out, s)
			}
		}
	}
	return out
}

// forPeople are the roles that people of the account take on.
func (w *entrance) forPeople() []access.Principal {
	var out []access.Principal
	for _, p := range w.asking {
		if r, ok := p.Resource.(*estate.Role); ok {
			if k, ok := trusted(r); ok && k == role {
				out = append(out, p)
			}
		}
	}
	return out
}

// grants are how somebody gives himself the grant that a role waits for: by
// writing its tag, where the trust policy reads one.
func (w *entrance) grants() []depth.Step {
	var out []depth.Step
	for _, r := range w.forPeople() {
		tag := tagAsked(r.Resource.(*estate.Role))
		if tag == "" {
			continue
		}
		ctx := iam.Context{}
		ctx.Set("aws:TagKeys", iam.Many(tag))
		ctx.Set("aws:RequestTag/"+tag, iam.One("anybody"))
		for _, p := range w.asking {
			g := w.g.Permit(p, "iam:TagRole", r.IAM.ARN, ctx)
			if g.Never || slices.ContainsFunc(g.Stops, func(s depth.Stop) bool { return s.Control == justInTime.ID }) {
				continue
			}
			out = append(out, depth.Step{
				Gives: holdsGrant(r), Needs: []depth.Capability{ground.Act(p.Name)},
				Stops: g.Stops, At: g.At, Says: "writes the grant of " + r.Name + " himself with iam:TagRole",
			})
		}
		for _, on := range []string{r.Resource.Meta().ID.Addr, r.Name} {
			out = append(out, depth.Step{
				Gives: depth.Off(depth.Guard{Control: justInTime.ID, On: on}), Needs: []depth.Capability{holdsGrant(r)},
				At: r.Pos(), Says: "has the grant that " + on + " asks for",
			})
		}
	}
	return out
}

// holdsGrant is to have a grant for a role, whoever gave it. Only this layer's
// steps need it.
func holdsGrant(r access.Principal) depth.Capability {
	return depth.Capability{Kind: "granted", Of: r.Name}
}

// tagAsked is the tag of a role that its own trust policy asks for.
func tagAsked(r *estate.Role) string {
	for i := range r.Trust.Statements {
		for _, c := range r.Trust.Statements[i].Conditions {
			if tag, ok := strings.CutPrefix(c.Key, "iam:resourcetag/"); ok {
				return tag
			}
		}
	}
	return ""
}
