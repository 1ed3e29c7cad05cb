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
	any     search
	plain   search      // in values without special bytes
	classes []byteClass // rules whose transformations change the same bytes
}

// search finds the rules whose needs a value meets.
type search struct {
	find   *automaton
	wanted [][]want  // of each literal
	all    []uint8   // of each rule, the bits of its needs
	blind  kindRules // rules that need nothing, as far as is known
}

// want says that a literal meets a need of a rule.
type want struct {
	rule int32
	need uint8 // a bit
}

// kindRules are sets of rules by the kind of value that they look at.
type kindRules map[kindSet][]uint64

func (k kindRules) add(rule, words int, kinds kindSet) {
	for kind := kindSet(1); kind != 0; kind <<= 1 {
		if kinds&kind == 0 {
			continue
		}
		if k[kind] == nil {
			k[kind] = make([]uint64, words)
		}
		k[kind][rule/64] |= 1 << (rule % 64)
	}
}

// byteClass are the rules that cannot be decided on values with some bytes.
type byteClass struct {
	touched byteSet
	of      kindRules
}

// newScreen analyses rules, by id and text.
func newScreen(raw map[int]string, data fs.FS) *screen {
	s := &screen{}
	for _, id := range slices.Sorted(maps.Keys(raw)) {
		if c, ok := conditionOf(id, raw[id], data); ok {
			s.rules = append(s.rules, c)
		}
	}
	s.words = (len(s.rules) + 63) / 64
	for r := range s.rules {
		s.classify(r)
	}
	s.any = s.search(func(c *condition) ([]need, bool) { return c.any, false })
	s.plain = s.search(func(c *condition) ([]need, bool) { return c.plain, c.never })
	return s
}

// search makes the search for one kind of needs.
func (s *screen) search(of func(*condition) (all []need, never bool)) search {
	out := search{all: make([]uint8, len(s.rules)), blind: kindRules{}}
	literals := map[string]int32{}
	var names []string
	for r := range s.rules {
		c := &s.rules[r]
		all, never := of(c)
		if len(all) == 0 && !never {
			out.blind.add(r, s.words, c.kinds)
		}
		for n, need := range all {
			out.all[r] |= 1 << n
			for _, l := range need {
				at, ok := literals[l]
				if !ok {
					at = int32(len(names))
					literals[l] = at
					names, out.wanted = append(names, l), append(out.wanted, nil)
				}
				out.wanted[at] = append(out.wanted[at], want{int32(r), 1 << n})
			}
		}
	}
	out.find = newAutomaton(names)
	return out
}

func (s *screen) classify(r int) {
	c := &s.rules[r]
	at := slices.IndexFunc(s.classes, func(k byteClass) bool { return k.touched == c.touched })
	if at < 0 {
		at = len(s.classes)
		s.classes = append(s.classes, byteClass{touched: c.touched, of: kindRules{}})
	}
	s.classes[at].of.add(r, s.words, c.kinds)
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
	folds, in := false, &l.s.plain
	for i := range len(text) {
		c := text[i]
		has[c>>6] |= 1 << (c & 63)
		folds = folds || c == 0xe2 || c == 0xc5 // it may be a letter that folds to an ASCII one
		if isSpecial[c] {
			in = &l.s.any
		}
	}
	for i := range l.s.classes {
		if k := &l.s.classes[i]; folds || k.touched.meets(&has) {
			l.add(k.of[kind])
		}
	}
	l.add(in.blind[kind])
	clear(l.met)
	in.find.scan(text, func(literal int32) {
		for _, w := range in.wanted[literal] {
			l.met[w.rule] |= w.need
			if l.met[w.rule] == in.all[w.rule] && l.s.rules[w.rule].kinds&kind != 0 {
				l.may[w.rule/64] |= 1 << (w.rule % 64)
			}
		}
	})
}

func (l *look) add(rules []uint64) {
	for w, set := range rules {
		l.may[w] |= set
	}
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
	readForm(tx.Variables())
	separate(tx.Variables().ArgsPost()) // members of JSON of one name share its text
	if t, ok := tx.(interface{ RemoveRuleByID(int) }); ok && c.of.s != nil {
		c.of.s.request(tx.Variables(), t.RemoveRuleByID)
	}
}

// Type says that the action does not decide about the request.
func (c *screenCall) Type() plugintypes.ActionType { return plugintypes.ActionTypeNondisruptive }
