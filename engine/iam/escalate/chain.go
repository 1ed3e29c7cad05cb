package escalate

import (
	"slices"
	"strings"

	"fathom/engine/iam/access"
	"fathom/estate"
)

// hop is how a person was reached in a search.
type hop struct {
	from int
	path *Path
}

// chain finds the fewest hops by which somebody becomes administrator. It looks
// for what is certain first; if known is set, only for that.
func (f *finder) chain(i int, known bool) (Path, bool) {
	if p, ok := f.search(i, estate.Yes); ok {
		return p, true
	}
	if known {
		return Path{}, false
	}
	return f.search(i, estate.Maybe)
}

// search walks breadth first through who can be reached from whom. Nobody is
// visited twice, so that there are no circles.
func (f *finder) search(start int, least estate.Truth) (Path, bool) {
	hops := f.o.MaxHops
	if hops <= 0 {
		hops = 6
	}
	seen := map[int]hop{start: {from: -1}}
	level := []int{start}
	for range hops {
		var next []int
		for _, i := range level {
			if last := f.toAdmin(i, start, least); last != nil {
				return f.join(seen, i, last), true
			}
			for _, path := range f.edges(i, least) {
				j, ok := f.byName[path.Gains.As]
				if _, visited := seen[j]; ok && !visited {
					seen[j] = hop{i, path}
					next = append(next, j)
				}
			}
		}
		level = next
	}
	return Path{}, false
}

// toAdmin is the last part of a chain, from somebody who was reached. What the
// beginner does in a single hop is listed anyway.
func (f *finder) toAdmin(i, start int, least estate.Truth) *Path {
	if i != start {
		ps := f.single(i)
		for k := range ps {
			if ps[k].Certain >= least && ps[k].Gains.Kind == Administrator {
				return &ps[k]
			}
		}
	}
	f.single(i)
	if s := f.strong[i]; s != nil && s.Certain >= least {
		return s
	}
	return nil
}

// edges are the paths by which somebody becomes another user or role: those of
// one hop, and those through the pods and nodes of a cluster.
func (f *finder) edges(i int, least estate.Truth) []*Path {
	var out []*Path
	ps := f.single(i)
	for k := range ps {
		switch {
		case ps[k].Certain < least:
		case ps[k].Gains.Kind == Permissions:
			out = append(out, &ps[k])
		case ps[k].Gains.Kind == ClusterAdmin:
			out = append(out, f.within(&ps[k])...)
		}
	}
	return out
}

// within are the roles that an administrator of a cluster comes to: those of
// its nodes, and of its pods.
func (f *finder) within(p *Path) []*Path {
	var out []*Path
	add := func(j int, how string) {
		if j < 0 {
			return
		}
		q := *p
		t := &f.people[j]
		says := who(p.From) + " runs " + how + ", and so acts as " + who(t.Principal)
		q.Steps = append(slices.Clone(p.Steps), Step{By: p.From.Name, Certain: estate.Yes, Says: says})
		q.Gains = Gain{Kind: Permissions, As: t.Name}
		out = append(out, &q)
	}
	for _, c := range estate.All[*estate.EKSCluster](f.e) {
		if f.arn(c) != p.Gains.Of {
			continue
		}
		for _, g := range estate.Of[*estate.NodeGroup](f.e, c.ID) {
			add(f.roleOf(g.Role), "a pod in the network of a node of "+g.ID.Addr)
		}
		for _, a := range estate.Of[*estate.PodIdentity](f.e, c.ID) {
			add(f.roleOf(a.Role), "a pod as service account "+a.Namespace.String()+"/"+a.ServiceAccount.String())
		}
	}
	return out
}

// strengthened keeps for a person the best path of two hops that first gives a
// role or user everything, and then becomes it by a way that by itself gains
// less.
func (f *finder) strengthened(i int, w *way, s *site) {
	p, t := &f.people[i], &f.people[s.target]
	if s.target == i || !f.could(p, "iam:AttachRolePolicy") && !f.could(p, "iam:PutRolePolicy") &&
		!f.could(p, "iam:AttachUserPolicy") && !f.could(p, "iam:PutUserPolicy") {
		return
	}
	all, _ := f.afterAdmin(t)
	if all == estate.No {
		return
	}
	second, n, ok := f.requests(p, w, s)
	if !ok {
		return
	}
	kind := "User"
	if t.role != nil {
		kind = "Role"
	}
	for _, a := range []ask{
		{do: "iam:Attach" + kind + "Policy", on: t.arn, with: []string{adminPolicy}},
		{do: "iam:Put" + kind + "Policy", on: t.arn},
	} {
		first, ok := f.step(p, &a, f.holesFor(p, w, s), n)
		if !ok {
			continue
		}
		first.Says += ": that makes " + who(t.Principal) + " administrator"
		out := Path{ID: "chain", Kind: Several, From: p.Principal, Known: []string{wayOf(a.do), second.ID}}

		out.Steps = append([]Step{first}, second.Steps...)
		out.Steps[len(out.Steps)-1].Says += ": " + fill(w.how, f.holesFor(p, w, s)) + relative(t) + " administrator then"
		out.Gains = Gain{Kind: Administrator, As: t.Name}
		out.Certain = second.Certain.And(first.Certain).And(all)
		out.Why, out.Limits = n.why(), n.limits
		if old := f.strong[i]; old == nil || out.Certain > old.Certain || out.Certain == old.Certain && len(out.Steps) < len(old.Steps) {
			f.strong[i] = &out
		}
		return
	}
}

// join puts the hops to somebody, and the last one, into one path.
func (f *finder) join(seen map[int]hop, i int, last *Path) Path {
	paths := []*Path{last}
	if seen[i].from < 0 { // what strengthened found
		return *last
	}
	for h := seen[i]; h.from >= 0; h = seen[i] {
		paths = append(paths, h.path)
		i = h.from
	}
	slices.Reverse(paths)
	out := Path{ID: "chain", Kind: Several, From: paths[0].From, Gains: last.Gains, Certain: estate.Yes}
	if out.Gains.As == "" {
		out.Gains.As = last.From.Name
	}
	n := &notes{}
	for _, p := range paths {
		if p.ID == "chain" {
			out.Known = append(out.Known, p.Known...)
		} else {
			out.Known = append(out.Known, p.ID)
		}
		out.Steps = append(out.Steps, p.Steps...)
		out.Certain = out.Certain.And(p.Certain)
		n.doubt(p.Why)
		for _, l := range p.Limits {
			n.limit(l)
		}
	}
	out.Why, out.Limits = n.why(), n.limits
	return out
}

// fromWorkload returns the paths of the roles that a workload can act as, each
// with how it comes to the role.
func (f *finder) fromWorkload(p access.Principal) []Path {
	var out []Path
	for _, id := range p.As {
		i, ok := f.byName[id.Role.Name]
		if !ok {
			continue
		}
		says := who(p) + " acts as " + display(id.Role.Name) + ", through " + id.How.String()
		role := &f.people[i]
		if f.isAdmin(role) == estate.Yes {
			out = append(out, Path{
				ID: "workload", Kind: PrincipalAccess, From: p, Gains: Gain{Kind: Administrator, As: id.Role.Name},
				Certain: id.Truth, Why: doubts(id), Limits: []string{says},
			})
			continue
		}
		for _, path := range f.from(i) {
			path.From = p
			path.Certain = path.Certain.And(id.Truth)
			path.Limits = append([]string{says}, path.Limits...)
			if why := doubts(id); why != "" {
				path.Why = strings.Trim(why+"; "+path.Why, "; ")
			}
			out = append(out, path)
		}
	}
	sortPaths(out)
	return out
}

func doubts(id access.Identity) string {
	var out []string
	for _, d := range id.Doubts {
		out = append(out, d.String())
	}
	return strings.Join(out, "; ")
}
