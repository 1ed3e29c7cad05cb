package draft

import (
	"regexp"
	"slices"
	"strings"

	"fathom/diag"
	"fathom/engine/reach"
	"fathom/estate"
	"fathom/platform"
)

// use is what a service does with a store.
type use struct {
	access           string // read or write; empty for a stream
	produce, consume []string
	why              string // why it could not be told; ""
	at               diag.Pos
}

var topicForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,126}$`)

// use adds a use. What is told exactly takes the place of a guess, and of two
// exact ones the draft has both.
func (s *service) use(of *store, u use) {
	old := s.uses[of]
	switch {
	case old == nil || old.why != "" && u.why == "":
		s.uses[of] = &u
	case old.why == "" && u.why != "":
	default:
		if u.access == "read" && old.access == "write" && of.engine == platform.Redis {
			old.access = "read" // the user's rights, after those of the cache
		} else if u.access == "write" && of.engine != platform.Redis {
			old.access = "write"
		}
		old.produce = merge(old.produce, u.produce)
		old.consume = merge(old.consume, u.consume)
	}
}

func merge(a, b []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(a), b...))))
}

// findUses asks, of each service, its roles; then the addresses that it is
// given; and of stores that nobody names, who gets a packet there.
func (d *drafter) findUses() {
	for _, s := range d.services {
		d.findGrants(s)
		d.told(s)
		d.findEgress(s)
	}
	d.reached()
	used := func(st *store) bool {
		return slices.ContainsFunc(d.services, func(s *service) bool {
			return s.uses[st] != nil || slices.ContainsFunc(s.aws, func(p permission) bool { on, _, _ := strings.Cut(p.on, "/"); return on == st.name })
		})
	}
	for _, st := range d.stores {
		if !used(st) {
			d.unused = append(d.unused, st)
		}
	}
	d.stores = slices.DeleteFunc(d.stores, func(st *store) bool { return slices.Contains(d.unused, st) })
	for _, s := range d.services {
		for st, u := range s.uses {
			for _, t := range merge(u.produce, u.consume) {
				st.topics[t] = true
			}
		}
	}
}

// told takes the stores that the service's variables name.
func (d *drafter) told(s *service) {
	for _, h := range s.hints {
		at := h.addresses()
		for _, st := range d.stores {
			if !st.is(h.value, at) {
				continue
			}
			why := firstOf(d.weak(h), h.key+" names it, and nothing says whether it writes")
			if st.engine == platform.Kafka {
				d.topics(s, st, h, why)
				continue
			}
			s.use(st, use{access: "write", why: why, at: h.at})
		}
	}
}

// topicKey is what variables are called that name topics, consumerKey those of
// whoever reads, and producerKey of whoever writes.
var (
	topicKey    = regexp.MustCompile(`(?i)(^|_)topics?($|_)`)
	consumerKey = regexp.MustCompile(`(?i)(^|_)(consumer|consume|group|subscribe|subscription|input|in)($|_)`)
	producerKey = regexp.MustCompile(`(?i)(^|_)(producer|produce|publish|output|out)($|_)`)
)

// topics takes the topics that the service's variables name.
func (d *drafter) topics(s *service, st *store, h hint, why string) {
	u := use{at: h.at, why: why}
	reads := slices.ContainsFunc(s.hints, func(o hint) bool {
		return consumerKey.MatchString(o.key) && !topicKey.MatchString(o.key) && strings.Contains(strings.ToLower(o.key), "group")
	})
	for _, o := range s.hints {
		if !topicKey.MatchString(o.key) {
			continue
		}
		for _, t := range strings.FieldsFunc(o.value, func(r rune) bool { return r == ',' || r == ' ' || r == ';' }) {
			switch {
			case !topicForm.MatchString(t):
			case producerKey.MatchString(o.key):
				u.produce = merge(u.produce, []string{t})
			case consumerKey.MatchString(o.key) || reads:
				u.consume = merge(u.consume, []string{t})
			default:
				u.produce = merge(u.produce, []string{t})
			}
			u.at, u.why = o.at, o.key+" names its topics, and nothing says for sure whether it reads or writes"
		}
	}
	if len(u.produce)+len(u.consume) == 0 {
		u.produce = []string{changeMe}
		u.why = firstOf(d.weak(h), h.key+" names the stream") + ", and nothing names a topic"
	}
	s.use(st, u)
}

// most bounds how many pairs of services and stores the network is asked about.
const mostPairs = 5000

// reached takes, of stores that nobody names, the services that the network lets
// there, if it does not let all.
func (d *drafter) reached() {
	n := reach.Of(d.e)
	if len(d.services)*len(d.stores) > mostPairs || len(d.services) < 2 {
		return
	}
	places := map[estate.ID]reach.Place{}
	for _, p := range n.Places() {
		if p.Of != nil {
			places[p.Of.Meta().ID] = p
		}
	}
	var all []string
	for _, st := range d.stores {
		if st.place.Of == nil || st.engine == platform.S3 {
			continue
		}
		var in []*service
		for _, s := range d.services {
			from := places[s.w.ID]
			if from.Of == nil {
				continue
			}
			if r := n.Conns(from, st.place); !r.Sure.Empty() {
				in = append(in, s)
			}
		}
		if len(in) == len(d.services) {
			all = append(all, st.name)
			continue
		}
		if slices.ContainsFunc(d.services, func(s *service) bool { return s.uses[st] != nil }) {
			continue
		}
		for _, s := range in {
			s.use(st, use{access: guessedAccess(st), produce: guessedTopics(st), why: "the network lets it there, and nothing says what it does", at: st.at})
		}
	}
	if len(all) > 0 {
		d.note(d.e.Account().Pos, "", "every service reaches %s, so that the network says nothing about who uses them", strings.Join(all, ", "))
	}
}

func guessedAccess(st *store) string {
	if st.engine == platform.Kafka {
		return ""
	}
	return "write"
}

func guessedTopics(st *store) []string {
	if st.engine == platform.Kafka {
		return []string{changeMe}
	}
	return nil
}

func (d *drafter) usesNode(s *service) *node {
	n := object()
	for _, st := range d.stores {
		u := s.uses[st]
		if u == nil {
			continue
		}
		var v *node
		if st.engine == platform.Kafka {
			v = object().set("produce", rowOf(u.produce)).set("consume", rowOf(u.consume))
		} else {
			v = str(u.access)
		}
		v.loose, v.at = true, u.at
		if u.why != "" {
			v.guess(u.at, u.why, "take it away if it does not use it")
		}
		n.set(st.name, v)
	}
	return n
}

// rowOf is a list whose items stay.
func rowOf(texts []string) *node {
	n := row()
	for _, t := range texts {
		n.items = append(n.items, str(t))
	}
	return n
}
