package response

import (
	"strings"

	"fathom/estate"
)

// recorded is a call to AWS as CloudTrail records it: what the pattern of a metric
// filter is held against.
type recorded struct {
	// name is eventName, source eventSource: StopLogging, cloudtrail.amazonaws.com.
	name, source string
	// kind is userIdentity.type; role the name of the role whose session it is, ""
	// for a user.
	kind, role string
	// anybody says that it may be any role: the one that a pattern leaves out, too.
	anybody bool
}

const issuer = "userIdentity.sessionContext.sessionIssuer.userName"

// field is the value of a field; there is false where the record has none, known
// where that cannot be said.
func (c *recorded) field(path string) (value string, there, known bool) {
	switch {
	case path == "eventName":
		return c.name, true, true
	case path == "eventSource":
		return c.source, true, true
	case path == "eventType":
		return "AwsApiCall", true, true
	case path == "userIdentity.type":
		return c.kind, true, true
	case path == issuer:
		return c.role, c.role != "", true
	case path == "errorCode", path == "errorMessage", path == "userIdentity.invokedBy", strings.HasPrefix(path, "additionalEventData."):
		return "", false, true
	}
	return "", false, false
}

// matches says whether a metric filter's pattern takes the record of a call
// (CloudWatch Logs User Guide, "Filter pattern syntax for metric filters").
func (c *recorded) matches(pattern string) estate.Truth {
	text := strings.TrimSpace(pattern)
	if !strings.HasPrefix(text, "{") || !strings.HasSuffix(text, "}") {
		if text == "" || strings.Contains(text, c.name) {
			return estate.Yes
		}
		return estate.No
	}
	p := &filter{text: text[1 : len(text)-1], of: c}
	t := p.either(0)
	if p.space(); p.bad || p.text != "" {
		return estate.Maybe
	}
	return t
}

// filter reads a pattern of JSON terms and holds it against a call at once.
type filter struct {
	text string
	of   *recorded
	bad  bool
}

// deepest is how many parentheses of a pattern are followed into each other.
const deepest = 64

func (f *filter) space() { f.text = strings.TrimLeft(f.text, " \t\r\n") }

// took takes a word from the front of the text.
func (f *filter) took(word string) bool {
	f.space()
	rest, ok := strings.CutPrefix(f.text, word)
	if ok {
		f.text = rest
	}
	return ok
}

func (f *filter) either(depth int) estate.Truth {
	t := f.both(depth)
	for !f.bad && f.took("||") {
		t = t.Or(f.both(depth))
	}
	return t
}

func (f *filter) both(depth int) estate.Truth {
	t := f.term(depth)
	for !f.bad && f.took("&&") {
		t = t.And(f.term(depth))
	}
	return t
}

func (f *filter) term(depth int) estate.Truth {
	if depth > deepest {
		f.bad = true
		return estate.Maybe
	}
	if f.took("(") {
		t := f.either(depth + 1)
		f.bad = f.bad || !f.took(")")
		return t
	}
	if !f.took("$.") {
		f.bad = true
		return estate.Maybe
	}
	path := f.word()
	value, there, known := f.of.field(path)
	switch {
	case f.took("NOT EXISTS"):
		return sure(!there, known)
	case f.took("EXISTS"):
		return sure(there, known)
	case f.took("IS"):
		f.word()
		return estate.Maybe
	case f.took("!="):
		want := f.value()
		return sure(there && !glob(want, value), known).And(f.named(path))
	case f.took("="):
		want := f.value()
		return sure(there && glob(want, value), known).And(f.named(path))
	}
	for _, op := range []string{"<=", ">=", "<", ">"} {
		if f.took(op) {
			f.value()
			return estate.Maybe
		}
	}
	f.bad = true
	return estate.Maybe
}

// named is No for what is asked of the name of somebody who may have any.
func (f *filter) named(path string) estate.Truth {
	if f.of.anybody && path == issuer {
		return estate.No
	}
	return estate.Yes
}

// word takes what stands up to a space, a parenthesis or an operator.
func (f *filter) word() string {
	i := strings.IndexAny(f.text, " \t\r\n()=!<>")
	if i < 0 {
		i = len(f.text)
	}
	w := f.text[:i]
	f.text = f.text[i:]
	return w
}

// value takes a value, in quotes or bare.
func (f *filter) value() string {
	f.space()
	if !strings.HasPrefix(f.text, `"`) {
		f.space()
		i := strings.IndexAny(f.text, " \t\r\n()&|")
		if i < 0 {
			i = len(f.text)
		}
		w := f.text[:i]
		f.text = f.text[i:]
		return w
	}
	quoted, rest, ok := strings.Cut(f.text[1:], `"`)
	f.bad = f.bad || !ok
	f.text = rest
	return quoted
}

func sure(yes, known bool) estate.Truth {
	switch {
	case !known:
		return estate.Maybe
	case yes:
		return estate.Yes
	}
	return estate.No
}

// glob says whether a value is a pattern's, in which a star is any text.
func glob(pattern, value string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == value
	}
	rest, ok := strings.CutPrefix(value, parts[0])
	if !ok {
		return false
	}
	for _, p := range parts[1 : len(parts)-1] {
		_, after, found := strings.Cut(rest, p)
		if !found {
			return false
		}
		rest = after
	}
	return strings.HasSuffix(rest, parts[len(parts)-1])
}
