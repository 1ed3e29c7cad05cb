package escalate

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"fathom/estate"
)

// found is a path with what tells it from others that work at the same place.
type found struct {
	Path
	way *way
	key string
}

// single returns the paths of one hop, in the order of the ways and sites.
func (f *finder) single(i int) []Path {
	if got, ok := f.paths[i]; ok {
		return got
	}
	p := &f.people[i]
	var all []found
	surely := false // by one hop, so that no chain is needed
	for k := range ways {
		w := &ways[k]
		if !f.couldAll(p, w) {
			continue
		}
		admin, most := 0, cmp.Or(max(f.o.Targets, 0), defaultTargets)
		sites := f.sitesOf(w, i)
		for k, s := range sites {
			path, ok := f.walk(p, w, &s)
			if ok {
				all = append(all, found{path, w, s.key})
			}
			if ok && path.Gains.Kind == Administrator && path.Certain == estate.Yes {
				surely = true
				if admin++; admin == most && k+1 < len(sites) {
					last := &all[len(all)-1]
					last.Limits = append(slices.Clone(last.Limits), "the other "+strconv.Itoa(len(sites)-k-1)+" places for this way were not tried: it makes an administrator already")
					break
				}
			}
			if !surely && w.gain == prizeTarget && (!ok || path.Gains.Kind != Administrator) {
				f.strengthened(i, w, &s)
			}
		}
	}
	out := []Path{}
	for k := range all {
		if !outdone(all, &all[k]) {
			out = append(out, all[k].Path)
		}
	}
	out = gathered(out)
	f.paths[i] = out
	return out
}

// manyDoubts is how many ways for one reason are told one by one.
const manyDoubts = 3

// gathered keeps of the ways whose requests are all in doubt for one reason,
// such as a policy that could not be read, the one that gains most: where a
// policy may say anything, every way is possible.
func gathered(ps []Path) []Path {
	doubted := map[string][]int{}
	for i := range ps {
		if !slices.ContainsFunc(ps[i].Steps, func(s Step) bool { return s.Certain == estate.Yes && s.Supposing == nil }) {
			doubted[ps[i].Why] = append(doubted[ps[i].Why], i)
		}
	}
	drop := map[int]bool{}
	for _, same := range doubted {
		if len(same) <= manyDoubts {
			continue
		}
		best := slices.MaxFunc(same, func(a, b int) int {
			return cmp.Or(cmp.Compare(ps[a].Gains.Kind, ps[b].Gains.Kind), cmp.Compare(len(ps[b].Steps), len(ps[a].Steps)), cmp.Compare(b, a))
		})
		for _, i := range same {
			drop[i] = i != best
		}
		ps[best].Limits = append(slices.Clone(ps[best].Limits), strconv.Itoa(len(same)-1)+" more ways are possible for the same reason")
	}
	var out []Path
	for i := range ps {
		if !drop[i] {
			out = append(out, ps[i])
		}
	}
	return out
}

// outdone says whether a way that needs no more works at the same site.
func outdone(all []found, x *found) bool {
	for k := range all {
		y := &all[k]
		if y.key == x.key && y.Certain >= x.Certain && slices.Contains(x.way.unless, y.ID) {
			return true
		}
	}
	return false
}

// walk tries a way at a site.
func (f *finder) walk(p *person, w *way, s *site) (Path, bool) {
	out, n, ok := f.requests(p, w, s)
	if !ok {
		return Path{}, false
	}
	g, says, ok := f.prize(p, w, s, f.holesFor(p, w, s), n)
	if !ok || f.o.Sure && g.certain != estate.Yes {
		return Path{}, false
	}
	out.Gains, out.Certain = g.Gain, out.Certain.And(g.certain)
	out.Steps[len(out.Steps)-1].Says += ": " + says
	out.Why, out.Limits = n.why(), n.limits
	return out, true
}

// requests are the steps of a way at a site, if all are allowed; what they gain
// is not looked at.
func (f *finder) requests(p *person, w *way, s *site) (Path, *notes, bool) {
	out := Path{ID: w.id, Known: w.known, Kind: w.kind, From: p.Principal, Certain: estate.Yes}
	if f.o.Sure && (w.maybe != "" || slices.ContainsFunc(s.maybe, func(why string) bool { return why != "" })) {
		return Path{}, nil, false
	}
	holes := f.holesFor(p, w, s)
	n := &notes{}
	for i := range w.asks {
		a := &w.asks[i]
		if a.when != "" && !s.marks[a.when] {
			continue
		}
		st, ok := f.step(p, a, holes, n)
		if !ok || f.o.Sure && st.Certain != estate.Yes {
			return Path{}, nil, false
		}
		out.Certain = out.Certain.And(st.Certain)
		out.Steps = append(out.Steps, st)
	}
	if len(out.Steps) == 0 {
		return Path{}, nil, false
	}
	for _, why := range append(slices.Clone(s.maybe), w.maybe) {
		if why != "" {
			out.Certain = out.Certain.And(estate.Maybe)
			n.doubt(why)
		}
	}
	for _, l := range slices.Concat(w.limits, s.limits) {
		n.limit(fill(l, holes))
	}
	return out, n, true
}

// notes gathers reasons, each once.
type notes struct{ doubts, limits []string }

func (n *notes) doubt(s string) {
	if s != "" && !slices.Contains(n.doubts, s) {
		n.doubts = append(n.doubts, s)
	}
}

func (n *notes) why() string { return strings.Join(n.doubts, "; ") }

func (n *notes) limit(s string) {
	if s != "" && !slices.Contains(n.limits, s) {
		n.limits = append(n.limits, s)
	}
}
