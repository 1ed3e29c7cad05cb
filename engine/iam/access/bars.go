package access

import (
	"slices"
	"strings"
	"sync"

	"fathom/diag"
	"fathom/engine/iam"
	"fathom/estate"
)

// Bar is one thing that stands between a principal and a request. The parts of
// a decision are asked each by itself, as if all the others let the request
// pass: a denial by an SCP does not hide that the identity policies do not allow
// it either.
type Bar struct {
	// Place is the part: identity, boundary, resource, trust, SCP, RCP.
	Place string
	// Denies says that a statement denies; otherwise none allows.
	Denies bool
	// Holder is the resource in which the statement that denies is written, or
	// the policy that does not allow; for a part of several policies the first,
	// nil where there is none.
	Holder estate.Resource
	At     diag.Pos
	// Keys are the condition keys, in lower case, by which the statement denies,
	// or for want of which the one that comes closest does not allow; none where
	// no statement comes that close.
	Keys []string
	// Says is the bar as a clause.
	Says string
	// Truth is Maybe where it is not known whether it is there, with Doubts.
	Truth  estate.Truth
	Doubts []Doubt
}

// Bars are all that stand between a principal, which is no workload, and a
// request: none where it is allowed. They are in the order of the parts.
func (w *World) Bars(p Principal, action, arn string, ctx iam.Context) []Bar {
	if p.unknown() {
		return []Bar{{Place: "identity", Truth: estate.Maybe, Says: "what " + p.Name + " may do is in no file", Doubts: []Doubt{{Why: "what " + p.Name + " may do is in no file"}}}}
	}
	q := w.ask(&p, action, arn, ctx)
	sure := q.bars(true)
	if q.certain() {
		return sure
	}
	may := q.bars(false)
	for i := range may {
		b := &may[i]
		if slices.ContainsFunc(sure, func(s Bar) bool { return s.Place == b.Place && s.Denies == b.Denies && s.Holder == b.Holder }) {
			continue
		}
		b.Truth = estate.Maybe
		b.Doubts = q.doubtsOf(b)
		sure = append(sure, *b)
	}
	return sure
}

// doubtsOf are the holes of the part that may bar.
func (q *question) doubtsOf(b *Bar) []Doubt {
	var out []Doubt
	for _, d := range q.documents() {
		if d.place == b.Place && (b.Holder == nil || d.holder == b.Holder) {
			out = append(out, d.doubts...)
		}
	}
	if b.Place == "resource" || b.Place == "trust" {
		out = append(out, q.doubts...)
		if q.outside {
			out = append(out, Doubt{Why: q.request.Resource + " is declared in no file: its own policy is not known"})
		}
	}
	if len(out) == 0 {
		out = append(out, Doubt{q.p.Pos(), "what the policies leave open may allow it"})
	}
	return out
}

// bars asks the parts in one reading.
func (q *question) bars(upper bool) []Bar {
	all := q.policies(upper)
	out := q.denials(all)
	some := q.w.permissive(all)
	if iam.Evaluate(&q.request, some).Allowed {
		return out
	}
	ask := func(p *iam.Policies) bool { return iam.Evaluate(&q.request, p).Allowed }
	open := q.w.left(q.request.Principal.Account)
	own := &iam.Policies{Resource: some.Resource, Grants: some.Grants, PublicAccess: some.PublicAccess}
	if !ask(own) && !ask(&iam.Policies{Identity: some.Identity, Resource: open}) {
		out = append(out, q.lack("identity", some.Identity, q.subjectDocs()))
	}
	if q.p.subject != nil && len(some.Boundary) > 0 {
		own.Boundary = some.Boundary
		if !ask(own) && !ask(&iam.Policies{Identity: everything(), Boundary: some.Boundary, Resource: open}) {
			out = append(out, q.lack("boundary", some.Boundary, q.p.boundary))
		}
	}
	for i, level := range some.SCPs {
		if !ask(&iam.Policies{Identity: everything(), Resource: open, SCPs: [][]*iam.Document{level}}) {
			out = append(out, q.lack("SCP", level, q.level(i)))
		}
	}
	if !ask(&iam.Policies{Identity: everything(), Resource: some.Resource, Grants: some.Grants, PublicAccess: some.PublicAccess}) {
		var docs []*document
		if q.target != nil {
			docs = q.target.policies
		}
		out = append(out, q.lack(q.ownPlace(), some.Resource, docs))
	}
	return out
}

// ownPlace is what the resource's own policy is called.
func (q *question) ownPlace() string {
	if strings.HasPrefix(strings.ToLower(q.request.Action), "sts:") {
		return "trust"
	}
	return "resource"
}

func (q *question) subjectDocs() []*document {
	if q.p.subject == nil {
		return nil
	}
	return q.p.identity
}

func (q *question) level(i int) []*document {
	var out []*document
	if g := q.p.guard; g != nil && i < len(g.scps.levels) {
		for _, a := range g.scps.levels[i].attached {
			out = append(out, a.document)
		}
	}
	return out
}

// denials are the statements that deny, one bar for each policy and set of
// conditions.
func (q *question) denials(all *iam.Policies) []Bar {
	d := iam.Evaluate(&q.request, all)
	if !d.Explicit {
		return nil
	}
	var out []Bar
	where := q.wrote()
	for i := range d.Because {
		b := &d.Because[i]
		r := where[b.Document]
		if r == nil { // a stand-in for what no file declares
			out = append(out, Bar{Place: q.ownPlace(), Denies: true, Truth: estate.Yes, Says: "the policy of " + q.request.Resource + ", which no file declares, decides"})
			continue
		}
		because := r.because(b.Statement, iam.Deny)
		bar := Bar{Place: because.Place, Denies: true, Holder: because.Holder, At: because.At, Truth: estate.Yes, Says: because.source() + " denies " + q.request.Action}
		for _, c := range b.Document.Statements[b.Statement].Conditions {
			bar.Keys = append(bar.Keys, c.Key)
		}
		if !slices.ContainsFunc(out, func(x Bar) bool {
			return x.Place == bar.Place && x.Holder == bar.Holder && x.At == bar.At && slices.Equal(x.Keys, bar.Keys)
		}) {
			out = append(out, bar)
		}
	}
	return out
}

// lack is the bar of a part that does not allow: what its closest statement
// asks for.
func (q *question) lack(place string, docs []*iam.Document, wrote []*document) Bar {
	out := Bar{Place: place, Truth: estate.Yes, Says: "no statement allows " + q.request.Action + " on " + q.request.Resource}
	if len(wrote) > 0 {
		out.Holder, out.At = wrote[0].holder, wrote[0].at
	} else {
		out.At = q.p.Pos()
	}
	best := -1
	for _, d := range docs {
		if d.Rejected {
			continue
		}
		for i := range d.Statements {
			s := &d.Statements[i]
			if !s.MatchesAction(q.request.Action) || !s.MatchesResource(&q.request) || slices.Contains(withPrincipals, d.Kind) && !s.MatchesPrincipal(&q.request) {
				continue
			}
			failed := q.failed(s)
			if best >= 0 && len(failed) >= best || len(failed) == 0 {
				continue
			}
			best = len(failed)
			out.Keys = nil
			for _, c := range failed {
				out.Keys = append(out.Keys, c.Key)
			}
		}
	}
	if best > 0 {
		out.Says = "allows " + q.request.Action + " on " + q.request.Resource + " only under conditions on " + enumerate(slices.Compact(slices.Sorted(slices.Values(out.Keys))))
	}
	return out
}

// failed are the conditions of a statement that do not hold.
func (q *question) failed(s *iam.Statement) []iam.Condition {
	var out []iam.Condition
	one := *s
	for _, c := range s.Conditions {
		one.Conditions = []iam.Condition{c}
		if !one.MatchesConditions(&q.request) {
			out = append(out, c)
		}
	}
	return out
}

// withPrincipals are the kinds of documents that name principals.
var withPrincipals = []iam.Kind{iam.Resource, iam.Trust, iam.RCP}

// permissive is what of policies allows, without what denies.
func (w *World) permissive(p *iam.Policies) *iam.Policies {
	out := &iam.Policies{
		Identity: w.allowing(p.Identity), Boundary: w.allowing(p.Boundary), Resource: w.allowing(p.Resource),
		Grants: p.Grants, PublicAccess: p.PublicAccess,
	}
	for _, level := range p.SCPs {
		out.SCPs = append(out.SCPs, w.allowing(level))
	}
	return out
}

// allowing are the halves of documents that allow, each made once.
func (w *World) allowing(docs []*iam.Document) []*iam.Document {
	denies := func(s iam.Statement) bool { return s.Effect == iam.Deny }
	var out []*iam.Document
	for _, d := range docs {
		if !slices.ContainsFunc(d.Statements, denies) {
			out = append(out, d)
			continue
		}
		half, ok := w.halves.Load(d)
		if !ok {
			c := *d
			c.Statements = slices.DeleteFunc(slices.Clone(d.Statements), denies)
			half, _ = w.halves.LoadOrStore(d, &c)
		}
		out = append(out, half.(*iam.Document))
	}
	return out
}

// everything are identity policies that allow all there is.
var everything = sync.OnceValue(func() []*iam.Document { return []*iam.Document{full()} })

// left is a resource's policy that leaves the resource to the policies of an
// account.
func (w *World) left(account string) []*iam.Document {
	got, ok := w.leaves.Load(account)
	if !ok {
		text := jsonOf(map[string]any{"Version": "2012-10-17", "Statement": map[string]any{
			"Effect": "Allow", "Principal": map[string]any{"AWS": account}, "Action": "*", "Resource": "*",
		}})
		doc, _ := iam.Parse([]byte(text), "", iam.Resource)
		got, _ = w.leaves.LoadOrStore(account, []*iam.Document{doc})
	}
	return got.([]*iam.Document)
}
