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
			for k := range f.single(i) {
				path := &f.single(i)[k]
				if path.Certain < least {
					continue
				}
				if path.Gains.Kind == Administrator {
					if i == start {
						continue // a single hop, which is listed anyway
					}
					return f.join(seen, i, path), true
				}
				j, ok := f.byName[path.Gains.As]
				if _, visited := seen[j]; ok && !visited && path.Gains.Kind == Permissions {
					seen[j] = hop{i, path}
					next = append(next, j)
				}
			}
		}
		level = next
	}
	return Path{}, false
}

// join puts the hops to somebody, and the last one, into one path.
func (f *finder) join(seen map[int]hop, i int, last *Path) Path {
	paths := []*Path{last}
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
		out.Known = append(out.Known, p.ID)
		out.Steps = append(out.Steps, p.Steps...)
		out.Certain = out.Certain.And(p.Certain)
		n.doubt(p.Why)
		for _, l := range p.Limits {
			n.limit(l)
		}
	}
	out.Why, out.Limits = strings.Join(n.doubts, "; "), n.limits
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
