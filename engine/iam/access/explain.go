package access

import (
	"cmp"
	"slices"
	"strings"

	"fathom/engine/iam"
	"fathom/estate"
)

// Can says whether somebody may do an action on a resource, by name as in
// Principal and Resource. A condition key that is not in ctx and does not
// follow from the principal or the resource is absent from the request.
func (w *World) Can(who, action, resource string, ctx iam.Context) (Answer, error) {
	p, err := w.Principal(who)
	if err != nil {
		return Answer{}, err
	}
	arn, _, err := w.Resource(resource)
	if err != nil {
		return Answer{}, err
	}
	return w.Ask(p, action, arn, ctx), nil
}

// Ask is Can for a principal and an ARN at hand.
func (w *World) Ask(p Principal, action, arn string, ctx iam.Context) Answer {
	if p.Kind == Workload {
		return w.askWorkload(p, action, arn, ctx)
	}
	q := w.ask(&p, action, arn, ctx)
	t, lower, upper := q.decide()
	a := Answer{Who: p, Action: action, Resource: arn, Truth: t, Notes: slices.Clone(q.notes)}
	a.Decision = upper
	if t == estate.Yes {
		a.Decision = lower
	}
	where := q.wrote()
	a.Because = w.because(q, &a.Decision, where)
	if p.unknown() {
		a.Doubts = []Doubt{{Why: "what " + p.Name + " may do is in no file"}}
		return a
	}
	switch t {
	case estate.No:
		a.Missing = q.missing(&a.Decision, where)
		a.Given = q.given(where)
	case estate.Maybe:
		a.Doubts = q.why(&lower, &upper, where)
	}
	if why := w.Unread(); t == estate.No && why != "" && !a.Decision.Explicit {
		a.Notes = append(a.Notes, "of what was read: "+why)
	}
	if t == estate.No && !a.Decision.Explicit {
		a.Notes = append(a.Notes, w.adrift[p.Kind]...)
	}
	return a
}

// askWorkload asks as each of the roles that a workload can act as, and returns
// the best answer.
func (w *World) askWorkload(p Principal, action, arn string, ctx iam.Context) Answer {
	best := Answer{Who: p, Action: action, Resource: arn, Missing: p.Name + " can act as no role"}
	found := false
	for i := range p.As {
		id := &p.As[i]
		a := w.Ask(id.Role, action, arn, ctx)
		a.Who, a.Via = p, id
		if id.Truth == estate.Maybe && a.Truth == estate.Yes {
			a.Truth = estate.Maybe
		}
		if a.Truth == estate.Maybe {
			a.Doubts = append(slices.Clone(id.Doubts), a.Doubts...)
		}
		if !found || a.Truth > best.Truth {
			best, found = a, true
		}
	}
	return best
}

// wrote maps the documents of a request to what is written.
func (q *question) wrote() map[*iam.Document]*reading {
	out := map[*iam.Document]*reading{}
	for _, d := range q.documents() {
		lower, upper := d.readings(q.about)
		out[upper.doc] = upper
		out[lower.doc] = lower
	}
	return out
}

// documents are all that bear on the request.
func (q *question) documents() []*document {
	var out []*document
	if s := q.p.subject; s != nil {
		out = append(append(out, s.identity...), s.boundary...)
		if s.guard != nil {
			out = append(out, s.guard.scps.all()...)
		}
	}
	if t := q.target; t != nil {
		out = append(out, t.policies...)
		if t.guard != nil {
			out = append(out, t.guard.rcps.all()...)
		}
	}
	return out
}

func (c *ceiling) all() []*document {
	var out []*document
	for _, l := range c.levels {
		for _, a := range l.attached {
			out = append(out, a.document)
		}
	}
	return out
}

// because turns what IAM says into what the files say. AWS's full-access SCP,
// which is everywhere, is left out.
func (w *World) because(q *question, d *iam.Decision, where map[*iam.Document]*reading) []Because {
	var out []Because
	for i := range d.Because {
		b := &d.Because[i]
		r := where[b.Document]
		switch {
		case r != nil:
			out = append(out, r.because(b.Statement, b.Effect))
		case b.Document == nil && b.Policy == "root":
			out = append(out, Because{Effect: iam.Allow, Place: "root", Text: "the root user may do everything in its account"})
		case b.Document == nil && strings.HasPrefix(b.Policy, "grants["):
			out = append(out, q.granted(b))
		case b.Document == nil:
			out = append(out, Because{Effect: b.Effect, Place: b.Policy, Text: "is always allowed"})
		case b.Document == strangePolicy[0] || b.Document == strangePolicy[1] || b.Document == strangeTrust[0] || b.Document == strangeTrust[1]:
			out = append(out, Because{Effect: b.Effect, Place: "resource", Statement: -1, Text: "the policy of the resource, which no file declares, decides"})
		}
	}
	return out
}

func (q *question) granted(b *iam.Because) Because {
	out := Because{Effect: iam.Allow, Place: "grant", Text: "allows it"}
	i := 0
	for _, c := range strings.Trim(b.Policy, "grants[]") {
		i = i*10 + int(c-'0')
	}
	if i < len(q.target.granted) {
		g := q.target.granted[i]
		out.Holder, out.At = g, g.Pos
		out.Text = "allows " + enumerate(g.Operations.Known()) + " to " + g.Grantee.String()
	}
	return out
}

// missing says what a denial lacks, with the names of the files for IAM's.
func (q *question) missing(d *iam.Decision, where map[*iam.Document]*reading) string {
	if d.Explicit {
		for i := range d.Because {
			if r := where[d.Because[i].Document]; r != nil {
				return r.because(d.Because[i].Statement, iam.Deny).String()
			}
		}
	}
	return q.spell(d.Missing)
}

// spell replaces the names that IAM gives documents by where they are written.
func (q *question) spell(s string) string {
	if s == "" {
		return s
	}
	name := func(prefix string, docs []*document) {
		for i := len(docs) - 1; i >= 0; i-- {
			d := docs[i]
			b := Because{Place: d.place, Holder: d.holder, Policy: d.policy}
			to := b.source()
			if !d.at.IsZero() {
				to += " (" + d.at.String() + ")"
			}
			s = strings.ReplaceAll(s, prefix+"["+count(i)+"]", to)
		}
	}
	if u := q.p.subject; u != nil {
		name("identity", u.identity)
		name("boundary", u.boundary)
		s = strings.Replace(s, "the permissions boundary does", "the permissions boundary"+places(u.boundary)+" does", 1)
		if u.guard != nil {
			for i, l := range u.guard.scps.levels {
				var docs []*document
				for _, a := range l.attached {
					docs = append(docs, a.document)
				}
				s = strings.Replace(s, "SCP level "+count(i)+" does", "the level of SCPs"+places(docs)+" does", 1)
			}
		}
	}
	if t := q.target; t != nil {
		name("resource", t.policies)
	}
	return s
}

// places names documents and where they are, to stand after what they are.
func places(docs []*document) string {
	var out []string
	for _, d := range docs {
		b := Because{Place: "identity", Holder: d.holder, Policy: d.policy}
		out = append(out, b.source()+" ("+d.at.String()+")")
	}
	if len(out) == 0 {
		return ""
	}
	return " " + enumerate(out)
}

// given lists the conditions without which the request would be allowed: those
// of statements that allow it but for keys that it lacks.
func (q *question) given(where map[*iam.Document]*reading) []string {
	var out []string
	for _, d := range q.documents() {
		_, upper := d.readings(q.about)
		for i := range upper.doc.Statements {
			s := &upper.doc.Statements[i]
			if s.Effect != iam.Allow || len(s.Conditions) == 0 || !q.matches(s) {
				continue
			}
			lacks := slices.ContainsFunc(s.Conditions, func(c iam.Condition) bool {
				_, there := q.request.Context[c.Key]
				return !there && !derived(c.Key)
			})
			if m := d.wrote(upper.statement(i)); lacks && m != nil {
				out = append(out, upper.because(i, iam.Allow).String())
			}
		}
	}
	return out
}

// derived says whether IAM itself adds a key to a request.
func derived(key string) bool {
	switch key {
	case "aws:principalarn", "aws:principalaccount", "aws:principaltype", "aws:userid", "aws:username", "aws:resourceaccount", "aws:principalisawsservice", "aws:principalservicename":
		return true
	}
	return false
}

// matches says whether a statement's actions and resources fit the request.
func (q *question) matches(s *iam.Statement) bool {
	action := func(a iam.Action) bool { return overlap(strings.ToLower(a.Text), strings.ToLower(q.request.Action)) }
	resource := func(a iam.ARN) bool { return overlap(a.Text, q.request.Resource) }
	if s.NotActions != nil {
		if slices.ContainsFunc(s.NotActions, action) {
			return false
		}
	} else if !slices.ContainsFunc(s.Actions, action) {
		return false
	}
	if s.NotResources != nil {
		return !slices.ContainsFunc(s.NotResources, resource)
	}
	return len(s.Resources) == 0 || slices.ContainsFunc(s.Resources, resource)
}

// why says what is not known of a Maybe: the holes of the documents whose
// statements differ between the readings and bear on the request, or of all
// that have holes where that cannot be told.
func (q *question) why(lower, upper *iam.Decision, where map[*iam.Document]*reading) []Doubt {
	var out []Doubt
	add := func(ds []Doubt) {
		for _, d := range ds {
			if !slices.Contains(out, d) {
				out = append(out, d)
			}
		}
	}
	decided := map[*document]bool{}
	for _, d := range []*iam.Decision{lower, upper} {
		for i := range d.Because {
			if r := where[d.Because[i].Document]; r != nil {
				decided[r.of] = true
			}
		}
	}
	for _, d := range q.documents() {
		if decided[d] {
			add(d.doubts)
		}
	}
	if len(out) == 0 {
		for _, d := range q.documents() {
			add(d.doubts)
		}
	}
	add(q.doubts)
	if q.outside {
		add([]Doubt{{Why: q.request.Resource + " is declared in no file: its own policy is not known"}})
	}
	if a := q.about; a != (about{}) && len(out) == 0 {
		hole := cmp.Or(a.resource, a.principal)
		add([]Doubt{{q.p.Pos(), "the name " + cmp.Or(hole, a.keys) + " is not known as a whole"}})
	}
	return out
}

// Who returns everybody in the estate, and anybody on the internet, who can or
// may do an action on a resource, those who surely can first.
func (w *World) Who(action, resource string, ctx iam.Context) ([]Answer, error) {
	arn, _, err := w.Resource(resource)
	if err != nil {
		return nil, err
	}
	var out []Answer
	for _, p := range append(slices.Clip(w.principals), anybody()) {
		if w.Allows(p, action, arn, ctx) != estate.No {
			out = append(out, w.Ask(p, action, arn, ctx))
		}
	}
	slices.SortStableFunc(out, func(a, b Answer) int { return cmp.Compare(b.Truth, a.Truth) })
	return out, nil
}
