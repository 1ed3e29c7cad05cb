package regex

import (
	"regexp"
	"sync"
)

// MaxLength is how many characters a regular expression has in AWS WAF. Compile
// takes longer ones, so that a linter can say so.
const MaxLength = 200

// MaxSteps is what the backtracking matcher takes for one text before it answers
// Undecided: some 20 milliseconds on a machine of 2020. Ordinary expressions take a
// few steps for each byte.
const MaxSteps = 1 << 21

// maxWork is how many instructions times bytes Go's regexp is given, whose time has
// no other bound; beyond that the backtracking matcher tries, up to MaxSteps. Only
// expressions with large counts come near: smallProgram is too small to, for the
// 64 KB that AWS WAF sees of a body.
const (
	maxWork      = 1 << 25
	smallProgram = 256
)

// Found is whether a text matches. The zero Found is No.
type Found uint8

// The answers. Undecided is a text that would take more than MaxSteps.
const (
	No Found = iota
	Undecided
	Yes
)

// Regex is a compiled regular expression. Many goroutines may use it at a time.
type Regex struct {
	// linear is the same in Go's syntax, over the code points 0 to 255, one for
	// each byte. It is nil where Go cannot say it.
	linear *regexp.Regexp
	// narrow says that bytes beyond ASCII make no difference to linear, which
	// then takes the text as it is.
	narrow bool
	// lineEnd says that there is a $ or \Z, that a final line end may follow:
	// linear then is for texts that have none.
	lineEnd bool
	// program is for what linear does not do; nil where that is nothing.
	program *program
	size    int
	need    *need
}

// Compile reads a regular expression. Its errors are sentences about the
// expression, with the place in it, counted in bytes from 1.
func Compile(pattern string) (*Regex, error) {
	tree, err := parse(pattern)
	if err != nil {
		return nil, err
	}
	size := tree.size()
	if size > maxProgram {
		return nil, &Error{At: 1, What: "its counted repetitions make it too large"}
	}
	re := &Regex{size: size, need: tree.need(), narrow: tree.isNarrow(), lineEnd: tree.has(endTextOrLine)}
	if tree.linear(false) {
		// Go refuses large counts, which is no error here.
		re.linear, _ = regexp.Compile(tree.goSyntax())
	}
	if re.linear == nil || re.lineEnd || size > smallProgram {
		re.program = compile(tree)
	}
	return re, nil
}

// Find finds the first match in the text: the bytes from start to end. It allocates
// nothing where nothing is found and the text is ASCII.
func (re *Regex) Find(text []byte) (start, end int, found Found) {
	if !re.need.in(text) {
		return 0, 0, No
	}
	if re.linear == nil || re.lineEnd && len(text) > 0 && text[len(text)-1] == '\n' ||
		re.program != nil && re.size*len(text) > maxWork {
		return re.program.find(text, MaxSteps)
	}
	if re.narrow || isASCII(text) {
		return located(re.linear.FindIndex(text))
	}
	return re.findWide(text)
}

func located(at []int) (start, end int, found Found) {
	if at == nil {
		return 0, 0, No
	}
	return at[0], at[1], Yes
}

func isASCII(text []byte) bool {
	for _, c := range text {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// findWide matches a copy of the text in which each byte is a code point of its
// own.
func (re *Regex) findWide(text []byte) (start, end int, found Found) {
	buffer := wide.Get().(*[]byte)
	defer wide.Put(buffer)
	b := (*buffer)[:0]
	for _, c := range text {
		if c < 0x80 {
			b = append(b, c)
		} else {
			b = append(b, 0xc0|c>>6, 0x80|c&0x3f)
		}
	}
	*buffer = b
	start, end, found = located(re.linear.FindIndex(b))
	return start - leads(b[:start]), end - leads(b[:end]), found
}

// leads counts the code points of two bytes.
func leads(b []byte) (n int) {
	for _, c := range b {
		if c >= 0xc0 {
			n++
		}
	}
	return n
}

var wide = sync.Pool{New: func() any { return new([]byte) }}
