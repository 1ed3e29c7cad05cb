package webacl

import (
	"bytes"
	"strconv"
	"strings"

	"fathom/engine/webacl/regex"
)

// leaf compares the values of a slot; one has to match.
type leaf struct {
	slot  int
	test  test
	words string // test.what()
	// zero compares an absent part as an empty one.
	zero bool
}

// test is how a leaf compares.
type test interface {
	// match says where in a value it matches.
	match(value []byte) (start, end int, t Truth)
	// what says it in words.
	what() string
}

// hit is a value that matched; it becomes a Detail when the rule matches.
type hit struct {
	leaf       *leaf
	number     int // of the value in its slot
	value      value
	start, end int
	// words replaces leaf's, of addresses and labels; detail is whole.
	words  string
	detail *Detail
}

const withheldWhy = "the value of a header is not known: the log has it redacted"

const tooHard = "the regular expression needs more steps than are allowed"

func (l *leaf) eval(s *Subject) Truth {
	f := s.fill(l.slot)
	switch f.state {
	case isMatch:
		s.hits = append(s.hits, hit{leaf: l})
		return Yes
	case isNoMatch:
		return No
	case isUnknown:
		if missing := s.program.slots[l.slot].part & s.request.Missing; missing != 0 {
			return s.unknown(missingWhy(missing))
		}
		return s.unknown(withheldWhy)
	case isAbsent:
		if l.zero {
			if _, _, t := l.test.match(nil); t == Yes {
				s.hits = append(s.hits, hit{leaf: l})
				return Yes
			}
		}
		return No
	}
	answer := No
	for i, v := range s.values[f.from:f.to] {
		start, end, t := l.test.match(v.data)
		switch t {
		case Yes:
			s.hits = append(s.hits, hit{leaf: l, number: i, value: v, start: start, end: end})
			return Yes
		case Unknown:
			answer = s.unknown(tooHard)
		}
	}
	return answer
}

type byteTest struct {
	search   []byte
	position Position
}

func (t byteTest) match(v []byte) (start, end int, is Truth) {
	n := len(t.search)
	at := -1
	switch t.position {
	case Exactly:
		if bytes.Equal(v, t.search) {
			at = 0
		}
	case StartsWith:
		if bytes.HasPrefix(v, t.search) {
			at = 0
		}
	case EndsWith:
		if bytes.HasSuffix(v, t.search) {
			at = len(v) - n
		}
	case Contains:
		at = bytes.Index(v, t.search)
	case ContainsWord:
		at = wordIndex(v, t.search)
	}
	if at < 0 {
		return 0, 0, No
	}
	return at, at + n, Yes
}

// wordIndex finds a word with nothing of a word beside it.
func wordIndex(v, word []byte) int {
	for from := 0; ; {
		at := bytes.Index(v[from:], word)
		if at < 0 {
			return -1
		}
		at += from
		end := at + len(word)
		if (at == 0 || !isWord(v[at-1])) && (end == len(v) || !isWord(v[end])) {
			return at
		}
		from = at + 1
	}
}

func isWord(b byte) bool { return strings.IndexByte(wordCharacters, b) >= 0 }

var positionWords = [...]string{Exactly: "equals ", StartsWith: "starts with ", EndsWith: "ends with ", Contains: "contains ", ContainsWord: "contains the word "}

func (t byteTest) what() string { return positionWords[t.position] + strconv.Quote(string(t.search)) }

type regexTest struct {
	of   []*regex.Regex
	text []string
}

func (t regexTest) match(v []byte) (start, end int, is Truth) {
	for _, re := range t.of {
		from, to, found := re.Find(v)
		switch found {
		case regex.Yes:
			return from, to, Yes
		case regex.Undecided:
			is = Unknown
		}
	}
	return 0, 0, is
}

func (t regexTest) what() string {
	if len(t.text) == 1 {
		return "matches " + strconv.Quote(t.text[0])
	}
	return "matches one of " + strconv.Itoa(len(t.text)) + " regular expressions"
}

type sizeTest struct {
	op   Comparison
	size int64
}

func (t sizeTest) match(v []byte) (start, end int, is Truth) {
	n, yes := int64(len(v)), false
	switch t.op {
	case EQ:
		yes = n == t.size
	case NE:
		yes = n != t.size
	case LE:
		yes = n <= t.size
	case LT:
		yes = n < t.size
	case GE:
		yes = n >= t.size
	case GT:
		yes = n > t.size
	}
	if yes {
		return 0, len(v), Yes
	}
	return 0, 0, No
}

var comparisonWords = [...]string{EQ: "=", NE: "≠", LE: "≤", LT: "<", GE: "≥", GT: ">"}

func (t sizeTest) what() string {
	return "has a size " + comparisonWords[t.op] + " " + strconv.FormatInt(t.size, 10) + " bytes"
}
