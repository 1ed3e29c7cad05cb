package dialect

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"

	"fathom/engine/webacl"
	"fathom/engine/webacl/transform"
	"fathom/estate/tree"
)

func (r *reader) geo(o *object) webacl.Statement {
	var m webacl.GeoMatch
	n := o.get("CountryCodes")
	if o.must(n, "CountryCodes") {
		m.Countries = r.texts(n, "CountryCodes")
		for _, c := range m.Countries {
			if !slices.Contains(countries, c) {
				r.problem(n.Pos, "the nearest is "+strconv.Quote(nearest(c, countries, same)), "%q is no country code that AWS knows", c)
			}
		}
		if c := len(m.Countries); c < 1 || c > 50 {
			r.unlessUnknown(n, "use 1 to 50", "there are %d country codes", c)
		}
	}
	m.Forwarded = r.forwarded(o)
	return m
}

// unlessUnknown is a problem only where no value is unknown: the count of what is
// not known means nothing.
func (r *reader) unlessUnknown(n *tree.Node, fix, format string, args ...any) {
	if n.Hole() == "" && len(n.AllRefs()) == 0 {
		r.problem(n.Pos, fix, format, args...)
	}
}

func (r *reader) asn(o *object) webacl.Statement {
	var m webacl.ASNMatch
	n := o.get("AsnList")
	if o.must(n, "AsnList") && !r.unknown(n) {
		if n.Kind != tree.List {
			r.problem(n.Pos, "write a list", "AsnList is %s, not a list", kindName(n))
			return m
		}
		for _, it := range n.Items {
			v, _ := r.number(it, "an autonomous system", 0, 1<<32-1)
			m.ASNs = append(m.ASNs, uint32(v))
		}
		if c := len(n.Items); c < 1 || c > 100 {
			r.unlessUnknown(n, "use 1 to 100", "there are %d autonomous systems", c)
		}
	}
	m.Forwarded = r.forwarded(o)
	return m
}

func (r *reader) ipSetMatch(o *object) webacl.Statement {
	var m webacl.IPSetMatch
	if n := o.get("ARN", "ip_set_arn"); o.must(n, "ARN") {
		m.Set, m.ARN, _ = find(r, r.known.ipSets, n, "the IP set")
	}
	if n := o.get("IPSetForwardedIPConfig"); n != nil {
		m.Forwarded = r.forwardedConfig(n, "IPSetForwardedIPConfig", true)
	}
	return m
}

var labelKey = regexp.MustCompile(`^[0-9A-Za-z_:-]+$`)

// labelish says whether a text may be the key of a label match.
func labelish(s string) bool { return len(s) <= 1024 && labelKey.MatchString(s) }

func (r *reader) labelMatch(o *object) webacl.Statement {
	var m webacl.LabelMatch
	if n := o.get("Scope"); o.must(n, "Scope") {
		m.Namespace = r.choice(n, "Scope", "LABEL", "NAMESPACE") == 1
	}
	n := o.get("Key")
	if !o.must(n, "Key") {
		return m
	}
	key, ok := r.text(n, "Key")
	if ok && !labelish(key) {
		r.problem(n.Pos, "use letters, digits, - _ and :", "the key %q is none that AWS takes", key)
	}
	m.Key = key
	return m
}

// forwarded reads ForwardedIPConfig, where it is written.
func (r *reader) forwarded(o *object) *webacl.Forwarded {
	if n := o.get("ForwardedIPConfig"); n != nil {
		return r.forwardedConfig(n, "ForwardedIPConfig", false)
	}
	return nil
}

func (r *reader) forwardedConfig(n *tree.Node, what string, position bool) *webacl.Forwarded {
	o := r.object(n, what)
	if o == nil {
		return nil
	}
	defer o.done()
	var f webacl.Forwarded
	if n := o.get("HeaderName"); o.must(n, "HeaderName") {
		f.Header, _ = r.text(n, "HeaderName")
	}
	f.Match = r.fallback(o, true)
	if position {
		if n := o.get("Position"); o.must(n, "Position") {
			f.Where = webacl.ForwardedPosition(max(r.choice(n, "Position", "FIRST", "LAST", "ANY"), 0))
		}
	}
	return &f
}

// fallback reads FallbackBehavior: MATCH or NO_MATCH.
func (r *reader) fallback(o *object, required bool) bool {
	n := o.get("FallbackBehavior")
	if n == nil {
		if required {
			o.must(nil, "FallbackBehavior")
		}
		return false
	}
	return r.choice(n, "FallbackBehavior", "MATCH", "NO_MATCH") == 0
}

// transforms reads the text transformations in the order in which they are done.
func (r *reader) transforms(o *object) []transform.Kind {
	list := o.list("TextTransformations")
	type step struct {
		priority int64
		kind     transform.Kind
	}
	var steps []step
	seen := map[int64]bool{}
	for _, n := range list {
		t := r.object(n, "a text transformation")
		if t == nil {
			continue
		}
		var s step
		p := t.get("Priority")
		if t.must(p, "Priority") {
			var ok bool
			if s.priority, ok = r.number(p, "the priority of a text transformation", 0, 1<<31-1); ok && seen[s.priority] {
				r.problem(p.Pos, "give each its own", "two text transformations have the priority %d", s.priority)
			}
			seen[s.priority] = true
		}
		if k := t.get("Type"); t.must(k, "Type") {
			if i := r.choice(k, "the text transformation", transformNames...); i >= 0 {
				s.kind = transform.All()[i]
			}
		}
		t.done()
		steps = append(steps, s)
	}
	if c := len(list); (c < 1 || c > 10) && len(r.holes) == 0 {
		r.problem(o.n.Pos, "write 1 to 10, NONE where there is nothing to do", "%s has %d text transformations", o.what, c)
	}
	slices.SortStableFunc(steps, func(a, b step) int { return cmp.Compare(a.priority, b.priority) })
	out := make([]transform.Kind, len(steps))
	for i, s := range steps {
		out[i] = s.kind
	}
	return out
}

var transformNames = func() []string {
	var out []string
	for _, k := range transform.All() {
		out = append(out, k.String())
	}
	return out
}()
