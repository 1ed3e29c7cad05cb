package identity

import (
	"cmp"
	"slices"
	"strings"

	"fathom/engine/depth"
	"fathom/engine/iam"
	"fathom/engine/iam/access"
	"fathom/engine/iam/escalate"
	"fathom/engine/reach"
	"fathom/engine/trust"
	"fathom/estate"
	"fathom/layer/ground"
)

// assume: one principal becomes another where both sides allow it.
func (m *moves) assume() {
	for _, r := range m.all {
		if r.Kind != access.Role {
			continue
		}
		for _, p := range m.all {
			if p.Name == r.Name {
				continue
			}
			g := m.g.Assume(p, r)
			if g.Never {
				break // the role is for nobody but services and tokens
			}
			m.add(depth.Step{Gives: ground.Act(r.Name), Needs: []depth.Capability{ground.Act(p.Name)}, Stops: g.Stops, Says: "assumes " + r.Name + " as " + p.Name, At: cmp.Or(g.At, r.Pos())})
		}
	}
}

// wideOpen is to ask for everything that a boundary leaves, "" for none.
func wideOpen(boundary string) depth.Capability {
	return depth.Capability{Kind: "wide", Of: boundary}
}

// newRole stands for a role that nobody has made yet.
func (m *moves) newRole() string {
	account, _ := m.g.IAM.Account()
	return "arn:aws:iam::" + account + ":role/new"
}

// wide: somebody whose own policies allow everything asks for whatever his
// boundary leaves, and what that comes to does not depend on who he is.
func (m *moves) wide() {
	bounds := map[string]access.Principal{"": m.g.IAM.Administrator(false)}
	for _, p := range m.all {
		on := p.Boundary()
		bounds[on] = m.g.IAM.Within(p)
		own := m.ownStops(p)
		m.anything[p.Name] = !slices.ContainsFunc(own, func(s depth.Stop) bool { return s.State != depth.Missing })
		m.add(depth.Step{Gives: wideOpen(on), Needs: []depth.Capability{ground.Act(p.Name)}, Stops: own, Says: "may do everything as " + p.Name, At: p.Pos()})
		m.conditions(p)
	}
	names := make([]string, 0, len(bounds))
	for on := range bounds {
		names = append(names, on)
	}
	slices.Sort(names)
	for _, on := range names {
		m.within(on, bounds[on])
	}
}

// ownStops are the guards in somebody's own policies that keep him from doing
// everything: for those who are kept from nothing the statement that allows it,
// as a guard that is missing.
func (m *moves) ownStops(p access.Principal) []depth.Stop {
	g := m.g.Permit(p, "iam:AttachRolePolicy", m.newRole(), adminPolicy)
	var own []depth.Stop
	for _, s := range g.Stops {
		if strings.HasPrefix(s.On, p.Name) {
			own = append(own, s)
		}
	}
	if len(own) > 0 {
		return own
	}
	a := m.g.IAM.Ask(p, "iam:GetRole", m.newRole(), nil)
	return missingHere(a.Because)
}

// missingHere are the statements that allow too much.
func missingHere(because []access.Because) []depth.Stop {
	var out []depth.Stop
	for _, b := range because {
		if b.Place != "identity" || b.Effect != iam.Allow || b.Holder == nil {
			continue
		}
		s := stop(leastPrivilege.ID, b.Holder.Meta().ID.Addr, true, b.At, b.String())
		if !slices.ContainsFunc(out, func(o depth.Stop) bool { return o.Guard == s.Guard }) {
			out = append(out, s)
		}
	}
	return out
}

var adminPolicy = iam.Context{"iam:policyarn": iam.One("arn:aws:iam::aws:policy/AdministratorAccess")}

// conditional are the controls that are conditions in policies of others.
var conditional = []string{"identity.session-tags", "identity.mfa", "access.just-in-time", "network.endpoints"}

// conditions: what the statements of somebody's own policies ask for guards
// nothing any more once another statement allows everything.
func (m *moves) conditions(p access.Principal) {
	least := depth.Guard{Control: leastPrivilege.ID, On: p.Name}
	for _, id := range conditional {
		m.add(depth.Step{
			Gives: depth.Off(depth.Guard{Control: id, On: p.Name}), Needs: []depth.Capability{depth.Off(least)},
			Says: "asks for what another statement of " + p.Name + " allows without the condition", At: p.Pos(),
		})
	}
}

// unbound: what a policy of the organisation asks for goes with it.
func (m *moves) unbound() {
	for _, p := range estate.All[*estate.OrgPolicy](m.e) {
		if len(estate.Of[*estate.OrgAttachment](m.e, p.ID)) == 0 {
			continue
		}
		rail := stop(guardrails.ID, p.ID.Addr, false, p.Pos, p.ID.Addr+" binds the account")
		for _, id := range conditional {
			m.add(depth.Step{
				Gives: depth.Off(depth.Guard{Control: id, On: p.ID.Addr}), Stops: []depth.Stop{rail},
				Says: "is asked for nothing by " + p.ID.Addr + " once it is attached to nothing", At: p.Pos,
			})
		}
	}
}

// within is what somebody comes to who may do everything within a boundary.
func (m *moves) within(on string, as access.Principal) {
	needs := []depth.Capability{wideOpen(on)}
	create := m.g.Permit(as, "iam:CreateRole", m.newRole(), nil)
	attach := m.g.Permit(as, "iam:AttachRolePolicy", m.newRole(), adminPolicy)
	if stops, ok := allStops(create, attach); ok {
		m.add(depth.Step{Gives: ground.Admin, Needs: needs, Stops: stops, Says: "makes a role that may do everything, and assumes it"})
	}
	for _, r := range m.all {
		if r.Kind != access.Role || strings.Contains(r.IAM.ARN, ":role/aws-service-role/") {
			continue
		}
		act := ground.Act(r.Name)
		if stops, ok := allStops(m.g.Permit(as, "iam:UpdateAssumeRolePolicy", r.IAM.ARN, nil)); ok {
			m.add(depth.Step{Gives: act, Needs: needs, Stops: stops, Says: "has " + r.Name + " trust himself", At: r.Pos()})
		}
		if g := m.g.Assume(as, r); !g.Never {
			m.add(depth.Step{Gives: act, Needs: needs, Stops: g.Stops, Says: "assumes " + r.Name, At: r.Pos()})
		}
		if service, action := m.runs(r); service != "" {
			pass := m.g.Permit(as, "iam:PassRole", r.IAM.ARN, iam.Context{"iam:passedtoservice": iam.One(service)})
			run := m.g.Permit(as, action, "*", m.here())
			if stops, ok := allStops(pass, run); ok {
				m.add(depth.Step{Gives: act, Needs: needs, Stops: stops, Says: "passes " + r.Name + " to " + service + " with code of his own", At: r.Pos()})
			}
		}
	}
	m.enters(needs, func(action, arn string) ground.Grant { return m.g.Permit(as, action, arn, nil) })
}

// here is a request that is sent to the region that the estate is in.
func (m *moves) here() iam.Context {
	for _, p := range estate.All[*estate.Provider](m.e) {
		if region, ok := p.Region.Known(); ok && strings.HasSuffix(p.ID.Addr, `provider["aws"]`) {
			return iam.Context{"aws:requestedregion": iam.One(region)}
		}
	}
	return nil
}

// runners are the services that run code as a role they are passed, and how one
// has them do so.
var runners = [][2]string{
	{"lambda.amazonaws.com", "lambda:CreateFunction"},
	{"ec2.amazonaws.com", "ec2:RunInstances"},
	{"ecs-tasks.amazonaws.com", "ecs:RunTask"},
	{"codebuild.amazonaws.com", "codebuild:CreateProject"},
	{"cloudformation.amazonaws.com", "cloudformation:CreateStack"},
	{"glue.amazonaws.com", "glue:CreateJob"},
	{"states.amazonaws.com", "states:CreateStateMachine"},
	{"ssm.amazonaws.com", "ssm:StartAutomationExecution"},
}

// runs is a service that a role lets in and that runs code, or does as it is
// told, as that role; "" for none.
func (m *moves) runs(p access.Principal) (service, action string) {
	r, ok := p.Resource.(*estate.Role)
	if !ok {
		return "", ""
	}
	for _, x := range runners {
		for i := range r.Trust.Statements {
			s := &r.Trust.Statements[i]
			if s.Effect == "Allow" && slices.ContainsFunc(s.Principals, func(p estate.Principal) bool { return p.Type == "Service" && p.ID == x[0] }) {
				return x[0], x[1]
			}
		}
	}
	return "", ""
}

// enters: who may write access entries lets himself into the cluster.
func (m *moves) enters(needs []depth.Capability, permit func(action, arn string) ground.Grant) {
	for _, api := range m.g.Net.Places() {
		c, ok := api.Of.(*estate.EKSCluster)
		if api.Kind != reach.API || !ok {
			continue
		}
		arn, _, err := m.g.IAM.Resource(c.ID.Addr)
		if err != nil {
			continue
		}
		if stops, ok := allStops(permit("eks:CreateAccessEntry", arn), permit("eks:AssociateAccessPolicy", arn)); ok {
			m.add(depth.Step{
				Gives: ground.ClusterAdmin, Needs: append(slices.Clip(needs), ground.Connect(api.String(), ground.Outside)), Stops: stops,
				Says: "lets himself into " + api.String() + " as its administrator", At: c.Pos,
			})
		}
	}
}

// climbs are the ways of raising privileges that surely work.
type climbs []escalate.Path

func climbsOf(e *estate.Estate) climbs {
	return escalate.Find(e, ground.Of(e).IAM, escalate.Options{Sure: true})
}

// raises: what somebody's own policies let him make of himself, as the estate
// stands. Who may do everything has his steps already.
func (m *moves) raises() {
	for _, p := range estate.Once(m.e, climbsOf) {
		s := depth.Step{Needs: []depth.Capability{ground.Act(p.From.Name)}, Says: strings.TrimSuffix(p.Head(), "."), At: p.From.Pos()}
		switch p.Gains.Kind {
		case escalate.Administrator:
			s.Gives = ground.Admin
		case escalate.Permissions:
			s.Gives = ground.Act(p.Gains.As)
		case escalate.ClusterAdmin:
			s.Gives = ground.ClusterAdmin
			for _, api := range m.g.Net.Places() {
				if api.Kind == reach.API && len(s.Needs) == 1 {
					s.Needs = append(s.Needs, ground.Connect(api.String(), ground.Outside))
				}
			}
		}
		if m.anything[p.From.Name] || s.Gives.Kind == "" || s.Gives.Kind == "act" && s.Gives.Of == "" {
			continue
		}
		for i := range p.Steps {
			s.Stops = append(s.Stops, missingHere(p.Steps[i].Because)...)
		}
		slices.SortStableFunc(s.Stops, func(a, b depth.Stop) int { return strings.Compare(a.On, b.On) })
		s.Stops = slices.CompactFunc(s.Stops, func(a, b depth.Stop) bool { return a.Guard == b.Guard })
		if len(s.Stops) > 0 {
			s.At = s.Stops[0].At
		}
		m.add(s)
	}
}

// administrator: who administers the account becomes whom he likes, as far as no
// guardrail stops that.
func (m *moves) administrator() {
	admin := []depth.Capability{ground.Admin}
	m.add(depth.Step{Gives: ground.Admin, Needs: []depth.Capability{ground.Begin("insider")}, Says: "administers the account"})
	for _, p := range m.all {
		action := "iam:UpdateAssumeRolePolicy"
		switch {
		case p.Kind == access.PermissionSet || strings.Contains(p.IAM.ARN, ":role/aws-service-role/"):
			continue
		case p.Kind == access.User:
			action = "iam:CreateAccessKey"
		}
		if stops, ok := allStops(m.g.PermitAdmin(action, p.IAM.ARN, nil)); ok {
			m.add(depth.Step{Gives: ground.Act(p.Name), Needs: admin, Stops: stops, Says: "makes himself " + p.Name, At: p.Pos()})
		}
	}
	m.enters(admin, func(action, arn string) ground.Grant { return m.g.PermitAdmin(action, arn, nil) })
	for _, w := range m.g.Workloads {
		if pods := w.Pods(); pods != nil {
			m.add(depth.Step{Gives: ground.Run(w.Name), Needs: []depth.Capability{ground.ClusterAdmin}, Says: "runs a command in " + w.Name, At: pods.Pos})
		}
	}
	m.strangers()
}

// strangers: a role that takes the tokens of a public CI system without asking
// whose they are is everybody's.
func (m *moves) strangers() {
	for _, r := range estate.All[*estate.Role](m.e) {
		for _, d := range trust.Doors(m.e, r) {
			if d.Issuer != trust.CI || len(d.Flaws) == 0 || !d.Flaws[0].Open || !anybodys(&d) {
				continue
			}
			m.add(depth.Step{
				Gives: ground.Act(m.roles[r.ID].Name), Needs: []depth.Capability{ground.Begin("internet")}, At: r.Trust.Pos(),
				Stops: []depth.Stop{stop("supply.ci-oidc", r.ID.Addr, true, r.Trust.Pos(), roleLabel(r)+" "+d.Flaws[0].Saw)},
				Says:  "has a workflow of his own assume " + m.roles[r.ID].Name,
			})
			break
		}
	}
}

// anybodys says whether none of the subjects that a door lets in names an owner.
func anybodys(d *trust.Door) bool {
	for _, s := range d.Subjects {
		owner, _, _ := strings.Cut(strings.TrimPrefix(s, "repo:"), "/")
		if strings.HasPrefix(s, "repo:") && !strings.ContainsAny(owner, "*?") {
			return false
		}
	}
	return true
}
