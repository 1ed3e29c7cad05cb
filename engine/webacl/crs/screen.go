package crs

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/corazawaf/coraza/v3/collection"
	"github.com/corazawaf/coraza/v3/experimental/plugins"
	"github.com/corazawaf/coraza/v3/experimental/plugins/plugintypes"
)

// screen tells which rules cannot match a request, so that Coraza need not ask
// them: it looks once at every value, for all rules, where Coraza looks once for
// each rule. It errs towards asking.
type screen struct {
	rules   []condition
	words   int // of a set of rules
	find    *automaton
	wanted  [][]want    // of each literal
	classes []byteClass // rules whose transformations change the same bytes
}

// want says that a literal meets a need of a rule.
type want struct {
	rule int32
	need uint8 // a bit
}

// byteClass are the rules that cannot be decided on values with some bytes.
type byteClass struct {
	touched byteSet
	of      map[kindSet][]uint64 // rules by the kind of the value
}

// newScreen analyses rules, by id and text.
func newScreen(raw map[int]string, data fs.FS) *screen {
	s := &screen{}
	literals := map[string]int32{}
	for _, id := range slices.Sorted(maps.Keys(raw)) {
		if c, ok := conditionOf(id, raw[id], data); ok {
			s.rules = append(s.rules, c)
		}
	}
	s.words = (len(s.rules) + 63) / 64
	var names []string
	for r, c := range s.rules {
		for n, need := range c.needs {
			for _, l := range need {
				at, ok := literals[l]
				if !ok {
					at = int32(len(names))
					literals[l] = at
					names, s.wanted = append(names, l), append(s.wanted, nil)
				}
				s.wanted[at] = append(s.wanted[at], want{int32(r), 1 << n})
			}
		}
		s.classify(r)
	}
	s.find = newAutomaton(names)
	return s
}

func (s *screen) classify(r int) {
	c := &s.rules[r]
	at := slices.IndexFunc(s.classes, func(k byteClass) bool { return k.touched == c.touched })
	if at < 0 {
		at = len(s.classes)
		s.classes = append(s.classes, byteClass{touched: c.touched, of: map[kindSet][]uint64{}})
	}
	for kind := kindSet(1); kind != 0; kind <<= 1 {
		if c.kinds&kind == 0 {
			continue
		}
		set := s.classes[at].of[kind]
		if set == nil {
			set = make([]uint64, s.words)
			s.classes[at].of[kind] = set
		}
		set[r/64] |= 1 << (r % 64)
	}
}

// look is the state of one request.
type look struct {
	s   *screen
	may []uint64 // rules that may match
	met []uint8  // needs of each rule that the value at hand meets
}

// value looks at one value of a kind.
func (l *look) value(kind kindSet, text string) {
	if text == "" {
		return
	}
	var has byteSet
	beyond := false
	for i := range len(text) {
		c := text[i]
		has[c>>6] |= 1 << (c & 63)
		beyond = beyond || c >= 0x80
	}
	// Folding could find an ASCII letter in these two.
	folds := beyond && (strings.ContainsRune(text, kelvin) || strings.ContainsRune(text, longS))
	for i := range l.s.classes {
		k := &l.s.classes[i]
		if folds || k.touched.meets(&has) {
			for w, set := range k.of[kind] {
				l.may[w] |= set
			}
		}
	}
	clear(l.met)
	l.s.find.scan(text, func(literal int32) {
		for _, w := range l.s.wanted[literal] {
			l.met[w.rule] |= w.need
			r := &l.s.rules[w.rule]
			if l.met[w.rule] == uint8(1)<<len(r.needs)-1 && r.kinds&kind != 0 {
				l.may[w.rule/64] |= 1 << (w.rule % 64)
			}
		}
	})
}

// request looks at everything that rules look at, and calls skip for each rule
// that cannot match.
func (s *screen) request(v plugintypes.TransactionVariables, skip func(id int)) {
	if len(s.rules) == 0 || strings.EqualFold(v.RequestBodyProcessor().Get(), "XML") || len(v.XML().FindAll()) > 0 || len(v.RequestXML().FindAll()) > 0 {
		return
	}
	l := look{s: s, may: make([]uint64, s.words), met: make([]uint8, len(s.rules))}
	each := func(kind, names kindSet, c collection.Collection) {
		for _, d := range c.FindAll() {
			l.value(kind, d.Value())
			if names != 0 {
				l.value(names, d.Key())
			}
		}
	}
	each(kindArgument, kindArgumentName, v.ArgsGet())
	each(kindArgument, kindArgumentName, v.ArgsPost())
	each(kindArgument, kindArgumentName, v.ArgsPath())
	each(kindCookie, kindCookieName, v.RequestCookies())
	for _, d := range v.RequestHeaders().FindAll() {
		l.value(headerKind(strings.ToUpper(d.Key())), d.Value())
	}
	each(kindFile, 0, v.Files())
	each(kindFileName, 0, v.FilesNames())
	l.value(kindFilename, v.RequestFilename().Get())
	l.value(kindBasename, v.RequestBasename().Get())
	l.value(kindURI, v.RequestURI().Get())
	l.value(kindURI, v.RequestURIRaw().Get())
	l.value(kindLine, v.RequestLine().Get())
	l.value(kindQuery, v.QueryString().Get())
	l.value(kindBody, v.RequestBody().Get())
	for i, c := range s.rules {
		if l.may[i/64]&(1<<(i%64)) == 0 {
			skip(c.id)
		}
	}
}

// screening is the action by which Coraza calls a screen, at the beginning of
// phase 2. It is filled when the rules are loaded.
type screening struct{ s *screen }

const screenAction = "fathomscreen"

var (
	registered sync.Once
	// waiting are the screenings of rule sets that are being loaded.
	waiting sync.Map
)

// register makes the action and the operator known to Coraza, once for the
// process.
func register() {
	registered.Do(func() {
		plugins.RegisterOperator(rxOperator, newExpression)
		plugins.RegisterAction(screenAction, func() plugintypes.Action { return &screenCall{} })
	})
}

type screenCall struct{ of *screening }

// Init takes the screening that the rule names.
func (c *screenCall) Init(_ plugintypes.RuleMetadata, name string) error {
	of, ok := waiting.Load(name)
	if !ok {
		return fmt.Errorf("%s: there is no screen %q", screenAction, name)
	}
	c.of = of.(*screening)
	return nil
}

// Evaluate takes the rules out of the transaction that cannot match. Coraza's
// own ctl:ruleRemoveById calls the same method.
func (c *screenCall) Evaluate(_ plugintypes.RuleMetadata, tx plugintypes.TransactionState) {
	if t, ok := tx.(interface{ RemoveRuleByID(int) }); ok && c.of.s != nil {
		c.of.s.request(tx.Variables(), t.RemoveRuleByID)
	}
}

// Type says that the action does not decide about the request.
func (c *screenCall) Type() plugintypes.ActionType { return plugintypes.ActionTypeNondisruptive }
