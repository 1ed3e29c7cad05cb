package identity

import (
	"slices"
	"strings"

	"fathom/diag"
	"fathom/engine/depth"
	"fathom/engine/iam/access"
	"fathom/estate"
	"fathom/layer/ground"
)

// steps are how an attacker comes to act as somebody in AWS, and to more than
// that: by the tokens of pods and the metadata of nodes, by what people sign in
// with, by roles that let in one more than was meant, and by what somebody's own
// policies let him make of himself.
func steps(e *estate.Estate) []depth.Step {
	m := &moves{e: e, g: ground.Of(e), roles: map[estate.ID]access.Principal{}, anything: map[string]bool{}}
	for _, p := range m.g.IAM.Principals() {
		switch p.Kind {
		case access.Role:
			m.roles[p.Resource.Meta().ID] = p
			m.all = append(m.all, p)
		case access.User, access.PermissionSet:
			m.all = append(m.all, p)
		}
	}
	m.workloads()
	m.tokens()
	m.metadata()
	m.borrowed()
	m.people()
	m.keys()
	m.assume()
	m.wide()
	m.unbound()
	m.raises()
	m.administrator()
	return m.out
}

// moves gathers the steps.
type moves struct {
	e     *estate.Estate
	g     *ground.Ground
	out   []depth.Step
	all   []access.Principal // roles, users, permission sets
	roles map[estate.ID]access.Principal
	// anything are those whose own policies allow everything.
	anything map[string]bool
}

func (m *moves) add(s depth.Step) { m.out = append(m.out, s) }

// workloads: a workload's own role is whoever's who runs code in it, and a
// node's whoever's who is on it.
func (m *moves) workloads() {
	for _, w := range m.g.Workloads {
		own := m.annotated(w)
		for _, id := range m.g.IAM.IdentitiesOf(w.Place.Of) {
			if id.How == access.NodeMetadata || id.How == access.WebIdentity && own != id.Role.Name {
				continue // metadata and tokens, below
			}
			m.identity(ground.Run(w.Name), &id, "acts as "+id.Role.Name+" through "+id.How.String())
		}
	}
	for _, n := range m.g.Nodes {
		for _, id := range m.g.IAM.IdentitiesOf(n.Place.Of) {
			m.identity(ground.OnNode(n.Name), &id, "takes the credentials of "+id.Role.Name+" from the metadata of "+n.Name)
		}
	}
}

// identity is a step to a role without a guard.
func (m *moves) identity(from depth.Capability, id *access.Identity, says string) {
	s := depth.Step{Gives: ground.Act(id.Role.Name), Needs: []depth.Capability{from}, Says: says, At: id.At}
	if id.Truth == estate.Maybe {
		s.Doubt = "whether it may act as " + id.Role.Name + " is not known"
		if len(id.Doubts) > 0 {
			s.Doubt = id.Doubts[0].String()
		}
	}
	m.add(s)
}

// annotated is the name of the role that a workload's service account names, ""
// for none.
func (m *moves) annotated(w *ground.Workload) string {
	pods := w.Pods()
	if pods == nil {
		return ""
	}
	sa := estate.ServiceAccountOf(m.e, pods)
	if sa == nil {
		return ""
	}
	for _, id := range sa.Role.To {
		if p, ok := m.roles[id]; ok {
			return p.Name
		}
	}
	return "role/" + sa.Annotations[roleAnnotation][strings.LastIndexByte(sa.Annotations[roleAnnotation], '/')+1:]
}

const roleAnnotation = "eks.amazonaws.com/role-arn"

// bearsToken says whether pods of a workload have a token that AWS takes: one
// that EKS mounts for the annotation, or that the pod asks for itself.
func (m *moves) bearsToken(w *ground.Workload) bool {
	pods := w.Pods()
	if pods == nil {
		return false
	}
	if sa := estate.ServiceAccountOf(m.e, pods); sa != nil && sa.Annotations[roleAnnotation] != "" {
		return true
	}
	for i := range pods.Pod.Volumes {
		if p := pods.Pod.Volumes[i].Projected; p != nil {
			for _, s := range p.Sources {
				if t := s.ServiceAccountToken; t != nil && strings.HasSuffix(t.Audience, "amazonaws.com") {
					return true
				}
			}
		}
	}
	return false
}

// stop makes a stop that stands, or with missing one that does not.
func stop(id, on string, missing bool, at diag.Pos, says string) depth.Stop {
	s := depth.Stop{Guard: depth.Guard{Control: id, On: on}, State: depth.Standing, At: at, Says: says}
	if missing {
		s.State = depth.Missing
	}
	return s
}

// allStops are the stops of several grants, each once. It is false where one of
// the grants never is.
func allStops(gs ...ground.Grant) ([]depth.Stop, bool) {
	var out []depth.Stop
	for i := range gs {
		if gs[i].Never {
			return nil, false
		}
		for _, s := range gs[i].Stops {
			if !slices.ContainsFunc(out, func(o depth.Stop) bool { return o.Guard == s.Guard }) {
				out = append(out, s)
			}
		}
	}
	return out, true
}
