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

// shells are how principals come to root on machines through Systems Manager,
// and carry data out the way they came in.
func (w *entrance) shells() []depth.Step {
	var out []depth.Step
	for _, n := range w.g.Nodes {
		arn, ctx, ok := w.machine(n)
		if !ok {
			continue
		}
		for _, p := range w.asking {
			for _, s := range w.shell(p, n, arn, ctx) {
				out = append(out, s)
				s.Gives, s.Says = ground.Out(n.Name), "carries data out through the session"
				out = append(out, s)
			}
		}
	}
	return out
}

// shell are the steps of one principal to the machines of a node.
func (w *entrance) shell(p access.Principal, n *ground.Node, arn string, ctx iam.Context) []depth.Step {
	step := func(action string, stops []depth.Stop) depth.Step {
		return depth.Step{
			Gives: ground.OnNode(n.Name), Needs: []depth.Capability{ground.Act(p.Name)}, Stops: stops,
			At: n.Place.Of.Meta().Pos, Says: "opens a shell on " + n.Name + " with " + action,
		}
	}
	ids, opens := w.openers(p)
	lacking := func(stops []depth.Stop) []depth.Stop {
		if slices.ContainsFunc(stops, unpermitted) {
			return stops
		}
		stops = missing(missing(stops, w.mfa, ids...), w.within, ids...)
		if p.Kind == access.User {
			stops = missing(stops, w.timed, ids...)
		}
		return stops
	}
	var out []depth.Step
	if g := w.g.Permit(p, "ssm:StartSession", arn, ctx); !g.Never {
		out = append(out, step("ssm:StartSession", lacking(g.Stops)))
		if other := w.outOfScope(p, opens, g.Stops); other != nil {
			out = append(out, step("ssm:StartSession", other))
		}
	}
	run := w.g.Permit(p, "ssm:SendCommand", arn, ctx)
	script := w.g.Permit(p, "ssm:SendCommand", scriptOf(arn), nil)
	if run.Never || script.Never {
		return out
	}
	stops := lacking(united(run.Stops, script.Stops))
	if len(out) == 0 || !sameGuards(out[0].Stops, stops) {
		out = append(out, step("ssm:SendCommand", stops))
	}
	return out
}

// unpermitted says whether a stop is that nothing permits it.
func unpermitted(s depth.Stop) bool { return s.Control == "identity.least-privilege" }

// united are the stops of two requests that both have to be allowed.
func united(a, b []depth.Stop) []depth.Stop {
	out := slices.Clone(a)
	for _, s := range b {
		if !slices.ContainsFunc(out, func(t depth.Stop) bool { return t.Guard == s.Guard }) {
			out = append(out, s)
		}
	}
	return out
}

// outOfScope is, for somebody who may open shells on other machines than these,
// that it is the scope of his grant that keeps him from them.
func (w *entrance) outOfScope(p access.Principal, opens []opening, stops []depth.Stop) []depth.Stop {
	i := slices.IndexFunc(stops, unpermitted)
	if i < 0 {
		return nil
	}
	for _, o := range opens {
		if s, ok := w.within[o.from.Meta().ID]; ok && o.statement != nil {
			out := slices.Clone(stops)
			out[i] = depth.Stop{
				Guard: s.Guard, State: s.State, Why: s.Why, At: o.at,
				Says: p.Name + " may begin sessions only on what its grant names",
			}
			return out
		}
	}
	return nil
}

// openers are the permissions of a principal that begin sessions, if it is a
// person's, and on what the controls may have found something about them.
func (w *entrance) openers(p access.Principal) (ids []estate.ID, opens []opening) {
	all := estate.Once(w.e, people)
	groups := w.groupsOf(p)
	for i := range all {
		x := &all[i]
		if id := x.Meta().ID; id != p.Resource.Meta().ID && !slices.Contains(groups, id) {
			continue
		}
		ids = append(ids, x.Meta().ID)
		for _, o := range x.openings() {
			opens = append(opens, o)
			ids = append(ids, o.from.Meta().ID)
		}
	}
	return ids, opens
}

// groupsOf are the groups of a user.
func (w *entrance) groupsOf(p access.Principal) []estate.ID {
	u, ok := p.Resource.(*estate.User)
	if !ok {
		return nil
	}
	var out []estate.ID
	for _, m := range estate.Of[*estate.GroupMembers](w.e, u.ID) {
		out = append(out, m.Group.To...)
	}
	for _, m := range estate.Of[*estate.UserGroups](w.e, u.ID) {
		for _, g := range estate.ToAll(w.e, m.Groups) {
			out = append(out, g.ID)
		}
	}
	return out
}

// machine is a machine of a node as Systems Manager knows it: its ARN and the
// tags that permissions ask about.
func (w *entrance) machine(n *ground.Node) (arn string, ctx iam.Context, ok bool) {
	parts := w.whereabouts(n)
	if parts == nil {
		return "", nil, false
	}
	ctx = iam.Context{}
	tag := func(key, value string) {
		for _, prefix := range []string{"ssm:resourceTag/", "ec2:ResourceTag/", "aws:ResourceTag/"} {
			ctx.Set(prefix+key, iam.One(value))
		}
	}
	switch x := n.Place.Of.(type) {
	case *estate.NodeGroup:
		if name, known := x.Group.Known(); known {
			tag("eks:nodegroup-name", name)
		}
		for _, c := range estate.To(w.e, x.Cluster) {
			if name, known := c.ClusterName.Known(); known {
				tag("eks:cluster-name", name)
			}
		}
	case *estate.Instance:
		if parts[2] == "ec2" {
			for key, v := range x.Tags.Items {
				if value, known := v.Known(); known {
					tag(key, value)
				}
			}
			return strings.Join(parts, ":"), ctx, true
		}
	}
	return strings.Join(append([]string{"arn", parts[1], "ec2"}, parts[3], parts[4], "instance/i-0123456789abcdef0"), ":"), ctx, true
}

// whereabouts is the ARN of a node in parts, or that of its cluster: the partition,
// region and account of its machines are in it. Nil where neither has one.
func (w *entrance) whereabouts(n *ground.Node) []string {
	of := []estate.Resource{n.Place.Of}
	if x, ok := n.Place.Of.(*estate.NodeGroup); ok {
		for _, c := range estate.To(w.e, x.Cluster) {
			of = append(of, c)
		}
	}
	for _, r := range of {
		arn, _, err := w.g.IAM.Resource(r.Meta().ID.Addr)
		if parts := strings.SplitN(arn, ":", 6); err == nil && len(parts) == 6 {
			return parts
		}
	}
	return nil
}

// scriptOf is AWS's document that runs a script, in the region of an ARN.
func scriptOf(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	return strings.Join([]string{"arn", parts[1], "ssm", parts[3], "", "document/AWS-RunShellScript"}, ":")
}

// sameGuards says whether stops are of the same guards.
func sameGuards(a, b []depth.Stop) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(s depth.Stop) bool {
		return !slices.ContainsFunc(b, func(t depth.Stop) bool { return s.Guard == t.Guard })
	})
}

// keys are how somebody with a person's laptop comes to a machine that keeps an
// SSH key for him, where packets of his get there.
func (w *entrance) keys() []depth.Step {
	found := ground.StopsOf(&ssmOnly, w.e)
	var out []depth.Step
	for _, n := range w.g.Nodes {
		stop, ok := w.key(n, found)
		if !ok {
			continue
		}
		for _, p := range w.g.Starts {
			if p.Family != ground.Credential {
				continue
			}
			out = append(out, depth.Step{
				Gives: ground.OnNode(n.Name), Needs: []depth.Capability{p.Begin(), ground.Connect(n.Name, ground.Outside)},
				Stops: []depth.Stop{stop}, At: stop.At, Says: "logs in to " + n.Name + " with the SSH key of " + p.Of,
			})
		}
	}
	return out
}

// key is what the check of SSH keys found on the machines of a node: on the
// instance, on the group, or on the template that they are started from.
func (w *entrance) key(n *ground.Node, found map[estate.ID]depth.Stop) (depth.Stop, bool) {
	ids := []estate.ID{n.Place.Of.Meta().ID}
	var templates []estate.TemplateRef
	switch x := n.Place.Of.(type) {
	case *estate.NodeGroup:
		templates = x.Template.Items
	case *estate.Instance:
		templates = x.Template.Items
	}
	for i := range templates {
		ids = append(ids, templates[i].ID.To...)
		ids = append(ids, templates[i].Name.To...)
	}
	var out depth.Stop
	ok := false
	for _, id := range ids {
		if s, there := found[id]; there && (!ok || s.State < out.State) {
			out, ok = s, true
		}
	}
	return out, ok
}
