package crs

import (
	"bytes"
	"regexp"
	"regexp/syntax"

	"github.com/corazawaf/coraza/v3/experimental/plugins/plugintypes"
)

// rxOperator is the name under which rules call our expression operator.
const rxOperator = "fathomrx"

// expression is Coraza's @rx with a look at what the expression needs before it
// runs. It matches and captures as @rx does.
type expression struct {
	re *regexp.Regexp
	// any is asked about every text, plain about those without special bytes.
	any, plain finder
	// never says that no text without special bytes matches.
	never bool
}

// finder finds whether a text has what an expression needs. The zero finder is
// met by every text.
type finder struct {
	find *automaton
	met  []uint8 // by literal: the needs that it meets
	all  uint8
}

func newFinder(all []need) finder {
	if len(all) == 0 {
		return finder{}
	}
	var f finder
	var literals []string
	index := map[string]int{}
	for n, need := range all {
		f.all |= 1 << n
		for _, l := range need {
			at, ok := index[l]
			if !ok {
				at = len(literals)
				index[l] = at
				literals, f.met = append(literals, l), append(f.met, 0)
			}
			f.met[at] |= 1 << n
		}
	}
	f.find = newAutomaton(literals)
	return f
}

// newExpression compiles one. Coraza reads expressions with dot and line mode.
func newExpression(o plugintypes.OperatorOptions) (plugintypes.Operator, error) {
	pattern := "(?sm)" + o.Arguments
	make := func() (any, error) { return compileExpression(pattern) }
	if o.Memoizer == nil {
		e, err := make()
		if err != nil {
			return nil, err
		}
		return e.(*expression), nil
	}
	e, err := o.Memoizer.Do(rxOperator+":"+pattern, make)
	if err != nil {
		return nil, err
	}
	return e.(*expression), nil
}

func compileExpression(pattern string) (*expression, error) {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, err
	}
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, err
	}
	parsed = parsed.Simplify()
	e := &expression{re: re, any: newFinder(needs(parsed))}
	if p := plainly(parsed); p == nil {
		e.never = true
	} else {
		e.plain = newFinder(needs(p))
	}
	return e, nil
}

// isSpecial marks the special bytes, and those that begin a letter beyond ASCII
// which may fold to an ASCII one.
var isSpecial = func() (t [256]bool) {
	for i := range len(special) {
		t[special[i]] = true
	}
	return t
}()

// possible says whether a value has what the expression needs. What it lets pass
// may still not match.
func (e *expression) possible(value string) bool {
	ordinary := true
	for i := range len(value) {
		switch c := value[i]; {
		case c == 0xe2 || c == 0xc5:
			return true // the letter may fold to one that is needed
		case isSpecial[c]:
			ordinary = false
		}
	}
	if !ordinary {
		return e.any.meets(value)
	}
	return !e.never && e.plain.meets(value)
}

func (f *finder) meets(value string) bool {
	if f.find == nil {
		return true
	}
	var met uint8
	at, a := int32(0), f.find
	for i := range len(value) {
		at = a.next[int(at)*a.width+int(a.class[value[i]])]
		for s := at; s > 0; s = a.longer[s] {
			for _, n := range a.found[s] {
				met |= f.met[n]
			}
		}
		if met == f.all {
			return true
		}
	}
	return false
}

// Evaluate matches, and captures up to nine groups where the rule asks for them.
func (e *expression) Evaluate(tx plugintypes.TransactionState, value string) bool {
	if !e.possible(value) {
		return false
	}
	if !tx.Capturing() {
		return e.re.MatchString(value)
	}
	at := e.re.FindStringSubmatchIndex(value)
	if at == nil {
		return false
	}
	for group := 0; group < len(at)/2 && group < 9; group++ {
		text := ""
		if at[2*group] >= 0 {
			text = value[at[2*group]:at[2*group+1]]
		}
		tx.CaptureField(group, text)
	}
	return true
}

// notText finds expressions that speak of bytes beyond ASCII, which Coraza reads
// in another way: those are left to it.
var notText = regexp.MustCompile(`\\x(?:[89a-fA-F]|\{)|[\x{80}-\x{10ffff}]`)

// rxRule is the line of a rule that calls @rx.
var rxRule = regexp.MustCompile(`(?m)^(\s*SecRule\s+\S+\s+"!?@)rx( .*)$`)

// useOperators makes rules call our operator instead of Coraza's.
func useOperators(b []byte) []byte {
	return rxRule.ReplaceAllFunc(b, func(line []byte) []byte {
		if notText.Match(line) {
			return line
		}
		m := rxRule.FindSubmatch(line)
		return bytes.Join([][]byte{m[1], []byte(rxOperator), m[2]}, nil)
	})
}
