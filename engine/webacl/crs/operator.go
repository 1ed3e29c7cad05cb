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
	re   *regexp.Regexp
	find *automaton // nil where nothing is known to be needed
	met  []uint8    // by literal: the needs that it meets
	all  uint8
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
	e := &expression{re: re}
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, err
	}
	all := needs(parsed.Simplify())
	if len(all) == 0 {
		return e, nil
	}
	var literals []string
	index := map[string]int{}
	for n, need := range all {
		e.all |= 1 << n
		for _, l := range need {
			at, ok := index[l]
			if !ok {
				at = len(literals)
				index[l] = at
				literals, e.met = append(literals, l), append(e.met, 0)
			}
			e.met[at] |= 1 << n
		}
	}
	e.find = newAutomaton(literals)
	return e, nil
}

// possible says whether a value has what the expression needs. What it lets pass
// may still not match.
func (e *expression) possible(value string) bool {
	if e.find == nil {
		return true
	}
	var met uint8
	at, a := int32(0), e.find
	for i := range len(value) {
		c := value[i]
		// A letter beyond ASCII may fold to one that is needed.
		if c == 0xe2 || c == 0xc5 {
			return true
		}
		at = a.next[int(at)*a.width+int(a.class[c])]
		for s := at; s > 0; s = a.longer[s] {
			for _, n := range a.found[s] {
				met |= e.met[n]
			}
		}
		if met == e.all {
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
