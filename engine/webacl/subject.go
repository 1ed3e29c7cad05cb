package webacl

import (
	"net/netip"
	"unsafe"

	"fathom/engine/webacl/jsonbody"
)

// Subject is a request under evaluation, as a Probe sees it.
type Subject struct {
	request *Request
	program *Program
	verdict *Verdict
	memo    map[any]any
	// shadow says that the request was decided already, and that the rest is only
	// looked at: nothing is counted.
	shadow bool

	filled []filled // of each slot
	values []value
	arena  []byte // what transformations give
	key    []byte // of an instance of a rate-based rule
	hits   []hit  // of the rule at hand
	// why is why the rule at hand is undecidable, the first reason.
	why     string
	pending []string // labels that the rule at hand adds when it has been evaluated
	labels  []label
	body    bodyState
	json    jsonbody.Walker
	place   placeState
	rate    RateResult // of the rule at hand
	limited bool
	// pendingActions are what undecidable rules would have done.
	pendingActions []ActionKind
	// cut says that an undecidable rule may have ended the group at hand before.
	cut bool
	// opaque is the rule whose group is not there; empty is none.
	opaque string
}

// label is a label of the request. A doubtful one depends on a rule that is
// undecidable; absent ones might be there.
type label struct {
	name             string
	absent, doubtful bool
}

type bodyState struct {
	asked, more bool
	seen        []byte // what is inspected
	size        int    // of what is there
	err         error
}

type placeState struct {
	asked bool
	is    Place
}

func newSubject(p *Program) *Subject {
	return &Subject{filled: make([]filled, len(p.slots)), program: p}
}

// biggestKept bounds what a subject keeps for the next request, in bytes.
const biggestKept = 256 << 10

func (s *Subject) reset(r *Request, v *Verdict) {
	clear(s.filled)
	clear(s.values)
	clear(s.hits[:cap(s.hits)])
	clear(s.memo)
	if cap(s.arena) > biggestKept {
		s.arena = nil
	}
	s.json.Reset()
	*s = Subject{
		json:    s.json,
		program: s.program, request: r, verdict: v, memo: s.memo, filled: s.filled, values: s.values[:0], arena: s.arena[:0],
		key: s.key[:0], hits: s.hits[:0], pending: s.pending[:0], labels: s.labels[:0], pendingActions: s.pendingActions[:0],
	}
}

// Request is the request. A Probe does not change it, and asks Body for the body.
func (s *Subject) Request() *Request { return s.request }

// Labels are the labels of earlier rules.
func (s *Subject) Labels() []string { return s.verdict.Labels }

// Body is the body as far as it is inspected, whether there is more of it, and
// whether it is known at all.
func (s *Subject) Body() (seen []byte, more, known bool) {
	s.readBody()
	if s.request.Missing&PartBody != 0 || s.body.err != nil {
		return nil, false, false
	}
	return s.body.seen, s.body.more, true
}

func (s *Subject) readBody() {
	if s.body.asked {
		return
	}
	b, r := &s.body, s.request
	b.asked = true
	if r.Missing&PartBody != 0 {
		return
	}
	body, more := r.Body, r.More
	if r.ReadBody != nil {
		if body, more, b.err = r.ReadBody(); b.err != nil {
			s.verdict.Err = b.err
			return
		}
	}
	b.size, b.seen, b.more = len(body), body, more
	if limit := s.program.bodyLimit; len(body) > limit {
		b.seen, b.more = body[:limit], true
	}
	s.verdict.Inspected, s.verdict.BodySize = len(b.seen), b.size
}

// Place is where the connection's address is, and whether it is known.
func (s *Subject) Place() Place {
	if !s.place.asked {
		s.place = placeState{asked: true, is: s.locate(s.request.Client, s.request.Place)}
	}
	return s.place.is
}

// locate asks the database for what the request does not say.
func (s *Subject) locate(a netip.Addr, given Place) Place {
	if geo := s.program.options.Geo; geo != nil && a.IsValid() && !(given.HasCountry && given.HasASN) {
		found := geo.Locate(a)
		if !given.HasCountry {
			given.Country, given.Region, given.HasCountry = found.Country, found.Region, found.HasCountry
		}
		if !given.HasASN {
			given.ASN, given.HasASN = found.ASN, found.HasASN
		}
	}
	return given
}

// Memo makes a value once for a request, for all probes that ask by one key.
func (s *Subject) Memo(key any, make func() any) any {
	if v, ok := s.memo[key]; ok {
		return v
	}
	v := make()
	if s.memo == nil {
		s.memo = map[any]any{}
	}
	s.memo[key] = v
	return v
}

// Count counts the request for a threshold of a managed rule group. While the
// request is only looked at nothing is counted.
func (s *Subject) Count(rule RateRule, instance []byte) (Rate, error) {
	if s.shadow || s.program.options.Counter == nil || s.request.Missing&PartTime != 0 {
		return Rate{}, errNoCounter
	}
	return s.program.options.Counter.Count(rule, instance, s.request.Time)
}

// unknown notes why the rule at hand is undecidable.
func (s *Subject) unknown(why string) Truth {
	if s.why == "" {
		s.why = why
	}
	return Unknown
}

// bytesOf and text look at a string as bytes, and the other way round, without a
// copy: nothing here writes to a part of a request.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }
func text(b []byte) string    { return unsafe.String(unsafe.SliceData(b), len(b)) }
