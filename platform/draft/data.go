package draft

import (
	"regexp"
	"slices"
	"strings"

	"fathom/diag"
	"fathom/estate"
	"fathom/platform"
)

// datum is a kind of data.
type datum struct {
	class    platform.Class
	why      string // why the class could not be told; ""
	tokenise *service
	many     bool // several services might be the one that tokenises it
	at       diag.Pos
}

// findApart finds the services that stand apart: in a namespace and on nodes of
// their own. A store that only such services use stands apart with them.
func (d *drafter) findApart() {
	for _, s := range d.services {
		alone := !slices.ContainsFunc(d.services, func(o *service) bool { return o != s && o.w.Namespace == s.w.Namespace })
		s.apart = alone && s.aloneOnNodes(d.services)
	}
	for _, st := range d.stores {
		users, apart := 0, 0
		for _, s := range d.services {
			if s.uses[st] != nil {
				users++
				if s.apart {
					apart++
				}
			}
		}
		st.isolate = users > 0 && users == apart && st.engine != platform.S3
	}
}

// aloneOnNodes says whether the service runs on nodes that keep others off.
func (s *service) aloneOnNodes(all []*service) bool {
	for _, t := range s.w.Pod.Tolerations {
		if t.Key == "" || strings.Contains(t.Key, "kubernetes.io/") {
			continue
		}
		if s.w.Pod.NodeSelector[t.Key] != "" && !slices.ContainsFunc(all, func(o *service) bool { return o.w.Pod.NodeSelector[t.Key] == "" && o.tolerates(t.Key) }) {
			return true
		}
	}
	return false
}

func (s *service) tolerates(key string) bool {
	for _, t := range s.w.Pod.Tolerations {
		if t.Key == key || t.Key == "" {
			return true
		}
	}
	return false
}

// classKeys are the tags, labels and annotations that hold a class of data, in
// small letters, without separators and without what stands before a slash or a
// colon.
var classKeys = []string{"dataclass", "dataclassification", "classification", "data", "datacategory", "datasensitivity", "sensitivity", "class"}

var separators = strings.NewReplacer("-", "", "_", "", ".", "", " ", "")

// classIn finds the class and the names of data in tags.
func classIn(tags map[string]string) (class string, names []string) {
	names = strings.Fields(firstOf(tags["fathom:data"], tags["fathom.dev/data"]))
	for _, k := range sortedKeys(tags) {
		if strings.HasPrefix(k, "fathom") && strings.HasSuffix(k, "data") {
			continue
		}
		if slices.Contains(classKeys, separators.Replace(strings.ToLower(k[strings.LastIndexAny(k, "/:")+1:]))) && class == "" {
			class = tags[k]
		}
	}
	return class, names
}

// classWords are the words that say what class somebody means, most sensitive
// first.
var classWords = []struct {
	class platform.Class
	words *regexp.Regexp
}{
	{platform.Cardholder, regexp.MustCompile(`(?i)(^|[^a-z])(cardholder|cards?|pan|pci|chd)($|[^a-z])`)},
	{platform.Health, regexp.MustCompile(`(?i)(^|[^a-z])(health|phi|hipaa|medical)($|[^a-z])`)},
	{platform.Personal, regexp.MustCompile(`(?i)(^|[^a-z])(personal|pii|gdpr|customer|sensitive|restricted|confidential)($|[^a-z])`)},
	{platform.Public, regexp.MustCompile(`(?i)(^|[^a-z])(public|open)($|[^a-z])`)},
	{platform.Internal, regexp.MustCompile(`(?i)(^|[^a-z])(internal|private|business|operational|none|low)($|[^a-z])`)},
}

func classOf(text string) (platform.Class, bool) {
	for _, w := range classWords {
		if w.words.MatchString(text) {
			return w.class, true
		}
	}
	return platform.Personal, false
}

// findData finds what the stores hold and the services see, by tags and
// annotations; and makes what the checker asks of both come true.
func (d *drafter) findData() {
	stores := map[string]bool{}
	for _, st := range d.stores {
		stores[st.name] = true
	}
	alone := map[string]bool{} // data whose class is told by something that holds nothing else
	see := func(tags map[string]string, at diag.Pos) []string {
		class, names := classIn(tags)
		if class == "" && len(names) == 0 {
			return nil
		}
		c, known := classOf(class)
		if len(names) == 0 {
			names = []string{string(c) + "-data"}
			if known && (c == platform.Public || c == platform.Internal) {
				names = []string{string(c)}
			}
		}
		var out []string
		for _, text := range names {
			name := clean(text, longestName)
			if name == "" {
				continue
			}
			if stores[name] {
				name = clean(name, longestName-len("-data")) + "-data"
			}
			out = append(out, name)
			old := d.dataOf[name]
			one := len(names) == 1
			if old == nil || one && !alone[name] || one == alone[name] && slices.Index(platform.Classes, c) < slices.Index(platform.Classes, old.class) {
				d.dataOf[name] = &datum{class: c, at: at}
				if !known {
					d.dataOf[name].why = "the class " + class + " is none of a declaration"
				}
				alone[name] = one
			}
		}
		return out
	}
	for _, st := range d.stores {
		tags := map[string]string{}
		for k, v := range st.of.Meta().Tags.Items {
			tags[k], _ = v.Known()
		}
		st.holds = merge(nil, see(tags, st.at))
	}
	for _, s := range d.services {
		all := map[string]string{}
		for _, m := range []map[string]string{s.w.Labels, s.w.PodAnnotations, s.w.Annotations} {
			for k, v := range m {
				all[k] = v
			}
		}
		s.handles = merge(nil, see(all, s.at()))
	}
	d.keysThatSay()
	for _, name := range sortedKeys(d.dataOf) {
		if d.dataOf[name].class == platform.Cardholder {
			d.cards(name)
		}
	}
	d.flow()
}

// keysThatSay notes keys whose tags tell of data that no store is known to hold.
func (d *drafter) keysThatSay() {
	for _, k := range estate.All[*estate.KMSKey](d.e) {
		tags := map[string]string{}
		for t, v := range k.Tags.Items {
			tags[t], _ = v.Known()
		}
		class, _ := classIn(tags)
		c, known := classOf(class)
		if class == "" || !known || c == platform.Internal || c == platform.Public || d.sealedBy(k.ID) != nil {
			continue
		}
		d.note(k.Pos, "declare the data, what handles it and which store holds it", "%s is for %s data, and nothing says where that is", k.ID, c)
	}
}

// payers are words of services that see card numbers.
var payers = regexp.MustCompile(`pay|token|card|vault|settle|billing|checkout`)

// cards lets one service alone see card numbers, and has their stores stand apart.
func (d *drafter) cards(name string) {
	x := d.dataOf[name]
	var near []*service
	for _, s := range d.services {
		holds := slices.ContainsFunc(d.stores, func(st *store) bool { return s.uses[st] != nil && slices.Contains(st.holds, name) })
		if slices.Contains(s.handles, name) || holds {
			near = append(near, s)
		}
	}
	if len(near) == 0 {
		d.note(x.at, "declare it with the service that tokenises it", "%s is cardholder data that no service handles, and is not in the draft", name)
		d.forget(name)
		return
	}
	one := near[0]
	if i := slices.IndexFunc(near, func(s *service) bool { return slices.Contains(s.handles, name) }); i >= 0 {
		one = near[i]
	}
	if i := slices.IndexFunc(near, func(s *service) bool { return payers.MatchString(s.name) }); i >= 0 {
		one = near[i]
	}
	x.tokenise, x.many = one, len(near) > 1
	for _, st := range d.stores {
		if slices.Contains(st.holds, name) {
			st.moved, st.cards = !st.isolate, true
			st.isolate = true
		}
	}
	for _, s := range near {
		if s == one {
			s.handles = merge(s.handles, []string{name})
			s.apart = true
			continue
		}
		s.handles = slices.DeleteFunc(s.handles, func(h string) bool { return h == name })
		for _, st := range d.stores {
			if s.uses[st] != nil && slices.Contains(st.holds, name) {
				d.note(s.uses[st].at, "let it call "+one.name+", which gives it tokens", "%s uses %s today, which holds cardholder data (%s) that only %s may see: it does not in the draft", s.name, st.name, name, one.name)
				delete(s.uses, st)
				s.aws = slices.DeleteFunc(s.aws, func(p permission) bool { on, _, _ := strings.Cut(p.on, "/"); return on == st.name })
			}
		}
	}
}

// forget takes data out of the draft.
func (d *drafter) forget(name string) {
	delete(d.dataOf, name)
	for _, st := range d.stores {
		st.holds = slices.DeleteFunc(st.holds, func(h string) bool { return h == name })
	}
	for _, s := range d.services {
		s.handles = slices.DeleteFunc(s.handles, func(h string) bool { return h == name })
	}
}

// flow has each service handle what the stores that it uses hold, and has what
// uses a store that stands apart stand apart too.
func (d *drafter) flow() {
	for _, s := range d.services {
		for _, st := range d.stores {
			by := s.uses[st] != nil || slices.ContainsFunc(s.aws, func(p permission) bool { on, _, _ := strings.Cut(p.on, "/"); return on == st.name })
			if !by {
				continue
			}
			s.apart = s.apart || st.isolate
			for _, h := range st.holds {
				if x := d.dataOf[h]; x != nil && x.class != platform.Public && (x.tokenise == nil || x.tokenise == s) {
					s.handles = merge(s.handles, []string{h})
				}
			}
		}
	}
}

func (d *drafter) data() *node {
	n := object()
	n.block = true
	held := func(name string) bool {
		return slices.ContainsFunc(d.stores, func(st *store) bool { return slices.Contains(st.holds, name) }) ||
			slices.ContainsFunc(d.services, func(s *service) bool { return slices.Contains(s.handles, name) })
	}
	for _, name := range sortedKeys(d.dataOf) {
		if !held(name) {
			continue
		}
		x := d.dataOf[name]
		v := object().set("class", str(string(x.class))).maybe()
		v.at = x.at
		if x.tokenise != nil {
			t := str(x.tokenise.name)
			if x.many {
				t.guess(x.at, "several services see it today", "name the one that alone is to see the real values")
			}
			v.set("tokenise", t)
		}
		if x.class == platform.Personal || x.class == platform.Health {
			v.set("keep", str("3y").guess(x.at, "nothing says when it is deleted", "write how long it may be kept, and erase: {by: customer, within: 30d} if people may ask for it"))
		}
		if x.why != "" {
			v.guess(x.at, x.why, "write public, internal, personal, health or cardholder")
		}
		n.set(name, v)
	}
	if len(n.pairs) == 0 {
		n.bare = true
		n.guess(d.e.Account().Pos, "no tag says what data there is: what do the stores hold, and who has to be told when it leaks", "write each kind: email: {class: personal, erase: {by: customer, within: 30d}}")
	}
	return n
}
