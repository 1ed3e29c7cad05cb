package access

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"fathom/diag"
	"fathom/engine/iam"
	"fathom/estate"
)

// subject is what the world knows of a principal of the estate: the documents
// that bind it.
type subject struct {
	identity, boundary []*document
	guard              *guard
	context            iam.Context
	// hollow are the ARN, if it has holes, and the keys whose values have.
	arn, keys string
	// certain says that both readings of all its documents are one.
	certain                bool
	lowerDocs, upperDocs   []*iam.Document
	lowerBound, upperBound []*iam.Document
}

// document compiles a policy that is written in the estate.
func (w *World) document(place string, kind iam.Kind, from estate.Resource, p *estate.Policy, perhaps string) *document {
	d := &document{place: place, holder: from, at: p.Pos(), perhaps: perhaps}
	if d.at.IsZero() {
		d.at = from.Meta().Pos
	}
	h := w.named().fillFor(from.Meta())
	text := h.fillJSON(p.Text())
	if p.Unknown() && !known(text) {
		unknown(d, kind, Doubt{d.at, cmp.Or(p.Why(), "the policy is not known")})
		return d
	}
	compile(d, text, kind, w.openIn(from.Meta()))
	if d.certain() {
		return d
	}
	if perhaps != "" {
		d.doubts = append(d.doubts, Doubt{d.at, "whether the policy is there is not known: " + perhaps})
	}
	why := ""
	if p.Unknown() {
		why = ": " + p.Why()
	}
	for _, hole := range slices.Compact(slices.Sorted(slices.Values(holesIn.FindAllString(text, -1)))) {
		d.doubts = append(d.doubts, Doubt{d.at, "${" + hole[1:len(hole)-1] + "} is not known" + why})
		why = ""
	}
	if len(d.doubts) == 0 {
		d.doubts = append(d.doubts, w.openDoubt(d))
	}
	return d
}

var holesIn = regexp.MustCompile(`<[^<>]+>`)

// openDoubt says what else of the policy is open.
func (w *World) openDoubt(d *document) Doubt {
	switch {
	case d.draft.open.account != "":
		return Doubt{d.at, "which account this is is not known, and the policy names accounts"}
	case d.draft.open.region:
		return Doubt{d.at, "which region its resources are in is not known, and the policy names regions"}
	}
	return Doubt{d.at, "whether the account is of the organisation that the policy names is not known"}
}

// known says whether a text that could not be evaluated as a whole still is a
// policy.
func known(text string) bool {
	d := newDraft(text, iam.Identity, &open{})
	return !d.whole
}

// openIn is what is open in the policies of a configuration.
func (w *World) openIn(b *estate.Base) *open {
	k := openKey{!w.named().accountKnown(b), w.named().region(b) == noRegion}
	if o, ok := w.opens[k]; ok {
		return o
	}
	o := &open{region: k.region, principals: w.arns}
	if k.account {
		o.account = standInAccount
	}
	if org := w.named().organization(); hollow(org) {
		o.organization = org
	}
	w.opens[k] = o
	return o
}

type openKey struct{ account, region bool }

// subjectOf puts together what binds a holder of policies.
func (w *World) subjectOf(h estate.Holder, p iam.Principal) *subject {
	b := h.Meta()
	s := &subject{context: iam.Context{}}
	add := func(g estate.Grant) {
		if g.From == h.Resource { // inline: the holder's own
			s.identity = append(s.identity, w.document("identity", iam.Identity, g.From, g.Policy, g.Maybe))
			return
		}
		s.identity = append(s.identity, w.shared("identity", iam.Identity, g.From, g.Policy, g.Maybe))
	}
	for _, g := range h.Grants {
		add(g)
	}
	for _, g := range h.Partial {
		add(g)
	}
	for i, m := range h.AWSManaged {
		arn, ok := m.Known()
		if !ok {
			s.identity = append(s.identity, w.unread(b, Doubt{m.Pos(), m.Why()}))
			continue
		}
		s.identity = append(s.identity, w.managed(arn, h.Resource, m.Pos(), h.ManagedMaybe[i]))
	}
	for _, u := range h.Unread {
		s.identity = append(s.identity, w.unread(b, Doubt{u.At, u.Why}))
	}
	s.boundary = w.boundaryOf(h.Resource)
	s.guard = w.guardOf(b)
	s.context["aws:securetransport"] = iam.One("true")
	s.context["aws:principalorgid"] = iam.One(w.named().organization())
	var keys []string
	for _, k := range sorted(b.Tags.Items) {
		v := w.named().text(b, b.Tags.Items[k])
		key := "aws:principaltag/" + strings.ToLower(k)
		s.context[key] = iam.One(v)
		if hollow(v) {
			keys = append(keys, key)
		}
	}
	if hollow(p.ARN) {
		s.arn = p.ARN
		keys = append(keys, "aws:principalarn", "aws:username", "aws:userid")
	}
	s.keys = strings.Join(keys, " ")
	s.settle()
	return s
}

// settle prepares the readings that most requests need.
func (s *subject) settle() {
	s.certain = s.guard == nil || s.guard.certain
	for _, d := range s.identity {
		s.lowerDocs, s.upperDocs = append(s.lowerDocs, d.lower.doc), append(s.upperDocs, d.upper.doc)
		s.certain = s.certain && d.certain()
	}
	for _, d := range s.boundary {
		s.lowerBound, s.upperBound = append(s.lowerBound, d.lower.doc), append(s.upperBound, d.upper.doc)
		s.certain = s.certain && d.certain()
	}
}

// shared compiles a document once however many hold it.
func (w *World) shared(place string, kind iam.Kind, from estate.Resource, p *estate.Policy, perhaps string) *document {
	k := sharedKey{place, from.Meta().ID, p, perhaps}
	if d, ok := w.documents[k]; ok {
		return d
	}
	d := w.document(place, kind, from, p, perhaps)
	w.documents[k] = d
	return d
}

type sharedKey struct {
	place   string
	id      estate.ID
	policy  *estate.Policy
	perhaps string
}

func (w *World) managed(arn string, holder estate.Resource, at diag.Pos, perhaps string) *document {
	k := sharedKey{"managed " + arn, holder.Meta().ID, nil, perhaps + at.String()}
	if d, ok := w.documents[k]; ok {
		return d
	}
	d := managedByAWS(arn, "identity", holder, at)
	if perhaps != "" {
		d.lower, d.maybe = nothingOf(d), true
		d.doubts = append(d.doubts, Doubt{at, "whether " + d.policy + " is attached is not known: " + perhaps})
	}
	w.documents[k] = d
	return d
}

// unread stands for a policy that was not read: it may allow or deny anything.
func (w *World) unread(b *estate.Base, why Doubt) *document {
	d := &document{place: "identity", at: why.At}
	if r, ok := estate.Get[estate.Resource](w.e, b.ID); ok {
		d.holder = r
	}
	unknown(d, iam.Identity, why)
	return d
}

// boundaryOf returns the permissions boundary of a user, role or permission
// set.
func (w *World) boundaryOf(r estate.Resource) []*document {
	switch r := r.(type) {
	case *estate.Role:
		return w.boundary(r, r.Boundary)
	case *estate.User:
		return w.boundary(r, r.Boundary)
	case *estate.PermissionSet:
		var out []*document
		for _, x := range estate.Of[*estate.PermissionSetBoundary](w.e, r.ID) {
			for i := range x.Boundary.Items {
				out = append(out, w.setBoundary(x, &x.Boundary.Items[i])...)
			}
		}
		return out
	}
	return nil
}

func (w *World) setBoundary(x *estate.PermissionSetBoundary, b *estate.PermissionSetBoundaryName) []*document {
	if arn, ok := b.Managed.Known(); ok {
		d := managedByAWS(arn, "boundary", x, b.Managed.Pos())
		return []*document{d}
	}
	if c := b.Customer.One(); c != nil {
		return w.boundary(x, c.Name)
	}
	d := &document{place: "boundary", holder: x, at: x.Pos}
	unknown(d, iam.Identity, Doubt{b.At, "the boundary is not known"})
	return []*document{d}
}

func (w *World) boundary(of estate.Resource, ref estate.Ref[*estate.IAMPolicy]) []*document {
	if ref.Absent() && len(ref.To) == 0 {
		return nil
	}
	var out []*document
	for _, p := range estate.To(w.e, ref) {
		out = append(out, w.shared("boundary", iam.Identity, p, &p.Policy, ""))
	}
	if len(out) > 0 {
		return out
	}
	arn, ok := ref.Known()
	if ok && strings.Contains(arn, ":iam::aws:policy/") {
		return []*document{managedByAWS(arn, "boundary", of, ref.Pos())}
	}
	why := ref.Why()
	if ok {
		why = "policy " + arn + " is not in what was read"
	}
	d := &document{place: "boundary", holder: of, at: ref.Pos()}
	unknown(d, iam.Identity, Doubt{ref.Pos(), why})
	return []*document{d}
}
