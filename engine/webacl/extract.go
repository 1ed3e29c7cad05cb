package webacl

import (
	"net/netip"
	"slices"
	"strings"

	"fathom/engine/webacl/jsonbody"
	"fathom/engine/webacl/parts"
	"fathom/engine/webacl/transform"
)

// value is one value of a part of a request, transformed.
type value struct {
	name string // of the header, cookie or argument
	data []byte
	// place replaces the field's, of what is no field; addr is then the address.
	place string
	addr  netip.Addr
}

// filled says what is known of a slot: its values are Subject.values[from:to].
type filled struct {
	state    slotState
	from, to int
}

type slotState uint8

const (
	notAsked slotState = iota
	hasValues
	isAbsent
	isMatch   // a fallback says so, without looking
	isNoMatch // the same
	isUnknown
)

// What WAF sees of headers, and of cookies (AWS WAF Developer Guide, "Handling
// oversize web request components").
const (
	mostFieldBytes = 8 << 10
	mostFields     = 200
)

func missingWhy(p Part) string {
	for _, m := range []struct {
		part Part
		why  string
	}{
		{PartBody, "the body is not known"},
		{PartHeaders, "the headers are not known"},
		{PartOrder, "the order of the headers is not known"},
		{PartJA3, "the JA3 fingerprint is not known"},
		{PartJA4, "the JA4 fingerprint is not known"},
		{PartClient, noClient},
		{PartFragment, "the fragment of the URI is not known"},
		{PartQuery, "the query string is not known"},
		{PartPath, "the path is not known"},
		{PartMethod, "the method is not known"},
	} {
		if p&m.part != 0 {
			return m.why
		}
	}
	return "a part of the request is not known"
}

// fill finds the values of a slot, once for a request.
func (s *Subject) fill(at int) filled {
	if s.filled[at].state != notAsked {
		return s.filled[at]
	}
	slot := &s.program.slots[at]
	f := filled{from: len(s.values)}
	if s.request.Missing&slot.part != 0 {
		f.state = isUnknown
		s.filled[at] = f
		return f
	}
	if len(s.request.Withheld) > 0 && s.withheld(&slot.field) {
		f.state = isUnknown
		s.filled[at] = f
		return f
	}
	f.state = s.extract(slot)
	if f.state == notAsked {
		f.state = isAbsent
		if len(s.values) > f.from {
			f.state = hasValues
		}
	}
	f.to = len(s.values)
	if len(slot.kinds) > 0 {
		for i := f.from; i < f.to; i++ {
			s.values[i].data = s.transformed(slot.kinds, s.values[i].data)
		}
	}
	s.filled[at] = f
	return f
}

// withheld says that a field rests on headers whose values are not known. Names are.
func (s *Subject) withheld(f *Field) bool {
	switch f.Kind {
	case SingleHeader:
		return s.request.Withholds(f.Name)
	case Cookies:
		return s.request.Withholds("cookie")
	case Headers:
		if f.Scope == Keys {
			return false
		}
		for _, name := range s.request.Withheld {
			if f.Pattern.wanted(name, true) {
				return true
			}
		}
	}
	return false
}

// transformed runs transformations in order, each on what the one before gave.
func (s *Subject) transformed(kinds []transform.Kind, v []byte) []byte {
	for _, k := range kinds {
		if !k.Changes(v) {
			continue
		}
		at := len(s.arena)
		s.arena = k.Append(s.arena, v)
		v = s.arena[at:]
	}
	return v
}

func (s *Subject) add(name string, data []byte) {
	s.values = append(s.values, value{name: name, data: data})
}

// extract adds the values of a field; a state other than notAsked decides
// without them.
func (s *Subject) extract(slot *slot) slotState {
	r, f := s.request, &slot.field
	switch f.Kind {
	case URIPath:
		s.add("", bytesOf(r.Path))
	case Method:
		s.add("", bytesOf(r.Method))
	case QueryString:
		if r.Query != "" {
			s.add("", bytesOf(r.Query))
		}
	case SingleHeader:
		for i := range r.Headers {
			if h := &r.Headers[i]; len(h.Name) == len(f.Name) && strings.EqualFold(h.Name, f.Name) {
				s.add(h.Name, bytesOf(h.Value))
			}
		}
	case SingleQueryArgument:
		for name, v := range parts.Query(r.Query) {
			if strings.EqualFold(name, f.Name) {
				s.add(name, bytesOf(v))
			}
		}
	case AllQueryArguments:
		for name, v := range parts.Query(r.Query) {
			s.add(name, bytesOf(v))
		}
	case Headers:
		return s.headers(f)
	case Cookies:
		return s.cookies(f)
	case HeaderOrder:
		return s.headerOrder(f)
	case JA3Fingerprint:
		return s.orFallback(r.JA3, f.Match)
	case JA4Fingerprint:
		return s.orFallback(r.JA4, f.Match)
	case URIFragment:
		return s.orFallback(r.Fragment, f.Match)
	case BodyText:
		return s.bodyText(f)
	case JSONBody:
		return s.jsonBody(f, slot.paths)
	}
	return notAsked
}

func (s *Subject) orFallback(v string, match bool) slotState {
	switch {
	case v != "":
		s.add("", bytesOf(v))
		return notAsked
	case match:
		return isMatch
	}
	return isNoMatch
}

// oversize notes that a part is longer than what is inspected, and says what the
// statement does then.
func (s *Subject) oversize(part string, o Oversize) slotState {
	if !slices.Contains(s.verdict.Oversize, part) {
		s.verdict.Oversize = append(s.verdict.Oversize, part)
	}
	switch o {
	case OversizeHit:
		return isMatch
	case OversizeNo:
		return isNoMatch
	}
	return notAsked
}

func (s *Subject) bodyText(f *Field) slotState {
	s.readBody()
	if s.body.more {
		if st := s.oversize("REQUEST_BODY", f.Oversize); st != notAsked {
			return st
		}
	}
	if len(s.body.seen) > 0 {
		s.add("", s.body.seen)
	}
	return notAsked
}

func (s *Subject) jsonBody(f *Field, paths *jsonbody.Paths) slotState {
	s.readBody()
	if s.body.more {
		if st := s.oversize("REQUEST_JSON_BODY", f.Oversize); st != notAsked {
			return st
		}
	}
	if len(s.body.seen) == 0 {
		return notAsked
	}
	at := len(s.values)
	err := s.json.Walk(s.body.seen, paths, func(text []byte, key bool) bool {
		if f.Scope.takes(key) {
			s.add("", text)
		}
		return true
	})
	if err == nil {
		return notAsked
	}
	switch f.Invalid {
	case InvalidHit:
		s.values = s.values[:at]
		return isMatch
	case InvalidNo:
		s.values = s.values[:at]
		return isNoMatch
	case AsString:
		s.values = s.values[:at]
		s.add("", s.body.seen)
	}
	return notAsked
}

// takes says whether a key, or a value, is inspected.
func (m MatchScope) takes(key bool) bool { return key && m != Values || !key && m != Keys }

// pointer finds the JSON pointer of an inspected element by its number. Only what
// matched needs it, so that it is not kept for the others.
func (s *Subject) pointer(at, number int) (pointer string) {
	slot := &s.program.slots[at]
	_ = s.json.Walk(s.body.seen, slot.paths, func(_ []byte, key bool) bool {
		if !slot.field.Scope.takes(key) {
			return true
		}
		if number--; number < 0 {
			pointer = s.json.Pointer()
		}
		return number >= 0
	})
	return pointer
}

// wanted says whether a name is among those that a pattern inspects.
func (p *Pattern) wanted(name string, fold bool) bool {
	if p.Kind == All {
		return true
	}
	listed := false
	for _, n := range p.Names {
		if n == name || fold && strings.EqualFold(n, name) {
			listed = true
			break
		}
	}
	return listed == (p.Kind == Included)
}

// budget is what WAF sees of headers or cookies: the first 8,192 bytes, or the
// first 200, whichever is reached first.
type budget struct{ bytes, fields int }

func newBudget() budget { return budget{mostFieldBytes, mostFields} }

// take says how much of a name and a value is seen.
func (b *budget) take(name, value string) (seenName, seenValue string, over bool) {
	if b.fields == 0 || b.bytes == 0 {
		return "", "", true
	}
	b.fields--
	if len(name) > b.bytes {
		name, value, over = name[:b.bytes], "", true
	}
	b.bytes -= len(name)
	if len(value) > b.bytes {
		value, over = value[:b.bytes], true
	}
	b.bytes -= len(value)
	return name, value, over
}

func (s *Subject) headers(f *Field) slotState {
	at, b, over := len(s.values), newBudget(), false
	for i := range s.request.Headers {
		name, value, cut := b.take(s.request.Headers[i].Name, s.request.Headers[i].Value)
		if over = over || cut; name != "" {
			s.scoped(f, name, value, true)
		}
	}
	return s.cutShort(at, over, "REQUEST_HEADERS", f.Oversize)
}

func (s *Subject) cookies(f *Field) slotState {
	at, b, over := len(s.values), newBudget(), false
	for i := range s.request.Headers {
		h := &s.request.Headers[i]
		if len(h.Name) != len("cookie") || !strings.EqualFold(h.Name, "cookie") {
			continue
		}
		for n, v := range parts.Cookies(h.Value) {
			name, value, cut := b.take(n, v)
			if over = over || cut; name != "" || value != "" {
				s.scoped(f, name, value, false)
			}
		}
	}
	return s.cutShort(at, over, "REQUEST_COOKIES", f.Oversize)
}

func (s *Subject) scoped(f *Field, name, value string, fold bool) {
	if !f.Pattern.wanted(name, fold) {
		return
	}
	if f.Scope != Values {
		s.add(name, bytesOf(name))
	}
	if f.Scope != Keys {
		s.add(name, bytesOf(value))
	}
}

// cutShort drops what was added where the statement does not look at an oversize
// part.
func (s *Subject) cutShort(at int, over bool, part string, o Oversize) slotState {
	if !over {
		return notAsked
	}
	st := s.oversize(part, o)
	if st != notAsked {
		s.values = s.values[:at]
	}
	return st
}

func (s *Subject) headerOrder(f *Field) slotState {
	if len(s.request.Headers) == 0 {
		return notAsked
	}
	b, over, at := newBudget(), false, len(s.arena)
	for i := range s.request.Headers {
		name, _, cut := b.take(s.request.Headers[i].Name, "")
		if over = over || cut; name == "" {
			break
		}
		if i > 0 {
			s.arena = append(s.arena, ':')
		}
		s.arena = transform.Lowercase.Append(s.arena, bytesOf(name))
	}
	from := len(s.values)
	s.add("", s.arena[at:])
	return s.cutShort(from, over, "REQUEST_HEADERS", f.Oversize)
}
