package permit

import (
	"fmt"
	"slices"
	"strings"

	"fathom/engine/iam"
)

// Where policy variables have no values, a question can be answered with No
// for all of them. The request that is sought is then written with symbols: the
// text that matches b/${aws:username}/* has the variable's symbol where the
// pattern has the variable. A literal about such a text, or with a variable in
// it, is not decided but only bounded: what is sure to hold, and what may.
// Between the two it is a flag, true or false as the search likes, but the same
// for all statements that have the very same literal.

// A mode says how a literal is read where a policy variable is open: as what
// holds for sure, whatever the variable is; as what may hold; or exactly, the
// variable in the text being the variable in the policy. Without open
// variables they are all the same.
type mode uint8

const (
	sure mode = iota
	maybe
	exact
)

// may says whether a test, negated or not, has to be read generously.
func (m mode) may(negated bool) bool {
	return m == maybe && !negated || m == sure && negated
}

// openGrant is the statement that is asked about, where variables are open.
type openGrant struct {
	resource bool            // its resource has variables, and so has the text that is sought
	keys     map[string]bool // the condition keys of which the same is true
	modes    []mode          // of its conditions
	present  map[string]bool // keys that have to be there for it to match

	flags  *flagDim
	dim    int
	axioms []*statement // what must not be: a flag beyond its bounds
}

func (g *openGrant) mode(condition int) mode { return g.modes[condition] }

// openFor looks at the statement that is asked about. Of several conditions on
// one key only one can have its variable stand in the text: the others may
// hold or not.
func (b *builder) openFor(d *iam.Document, i int) {
	s, vars := &d.Statements[i], d.Version == "2012-10-17"
	g := &openGrant{keys: map[string]bool{}, present: map[string]bool{}, modes: slices.Repeat([]mode{exact}, len(s.Conditions)), flags: newFlagDim()}
	b.open = g
	for _, a := range s.Resources {
		text, _ := b.resourceText(a.Text, d.Kind, vars)
		g.resource = g.resource || open(text)
	}
	taken := map[string]int{}
	for j := range s.Conditions {
		c := &s.Conditions[j]
		if _, ok := taken[c.Key]; !ok && !c.Operator.Negated && familyOf(c.Operator.Test) == textual && b.opens(c, vars) {
			taken[c.Key] = j
			g.keys[c.Key] = !followsFromCaller(c.Key)
		}
	}
	for j := range s.Conditions {
		c := &s.Conditions[j]
		if k, ok := taken[c.Key]; ok && (k != j || !g.keys[c.Key]) {
			g.modes[j] = maybe
		}
	}
	b.need(d, s)
}

// followsFromCaller are keys whose texts are those of a caller or a resource,
// and have no symbols.
func followsFromCaller(key string) bool {
	return slices.Contains([]string{
		"aws:principalarn", "aws:principalaccount", "aws:principaltype", "aws:userid", "aws:username",
		"aws:principalisawsservice", "aws:principalservicename", "kms:calleraccount", "aws:resourceaccount",
	}, key)
}

// pinned are the assignments that cover all requests that a statement can
// match: one for each value that its conditions leave to a variable's key, or
// a single empty one where they leave too many.
func (q *question) pinned(s *iam.Statement) []assignment {
	const most = 16
	out := []assignment{{}}
	for i := range s.Conditions {
		c := &s.Conditions[i]
		exactly := c.Operator.Test == iam.StringEquals && !c.Operator.Negated && !c.Operator.IfExists && c.Operator.Set == iam.NoSet
		if !exactly || !slices.ContainsFunc(q.vars.list, func(v variable) bool { return v.key == c.Key }) || strings.Contains(strings.Join(c.Values, ""), "$") || len(out)*len(c.Values) > most {
			continue
		}
		var next []assignment
		for _, a := range out {
			if _, ok := a[c.Key]; ok {
				next = append(next, a)
				continue
			}
			for _, v := range c.Values {
				b := assignment{c.Key: {v, true}}
				for k, x := range a {
					b[k] = x
				}
				next = append(next, b)
			}
		}
		out = next
	}
	return out
}

// need notes which keys have to be there for a statement to match.
func (b *builder) need(d *iam.Document, s *iam.Statement) {
	vars := d.Version == "2012-10-17"
	for _, a := range s.NotResources {
		text, _ := b.resourceText(a.Text, d.Kind, vars)
		for _, k := range b.lacking(text) {
			b.open.present[k] = true
		}
	}
	var common []string
	for i, a := range s.Resources {
		text, _ := b.resourceText(a.Text, d.Kind, vars)
		keys := b.lacking(text)
		if i == 0 {
			common = keys
		}
		common = slices.DeleteFunc(common, func(k string) bool { return !slices.Contains(keys, k) })
	}
	for _, k := range common {
		b.open.present[k] = true
	}
}

// lacking are the keys without which a text has no value.
func (b *builder) lacking(text string) (out []string) {
	for _, r := range text {
		if isSymbol(r) && !b.vars.list[r-symbol(0)].hasDefault {
			out = append(out, b.vars.list[r-symbol(0)].key)
		}
	}
	return out
}

// mayLack says whether a text may have no value.
func (b *builder) mayLack(text string) bool {
	return b.open != nil && slices.ContainsFunc(b.lacking(text), func(k string) bool { return !b.open.present[k] })
}

// opens says whether a condition has variables without a value.
func (b *builder) opens(c *iam.Condition, vars bool) bool {
	if !vars || !takesVariables(c.Operator.Test) {
		return false
	}
	return slices.ContainsFunc(c.Values, func(v string) bool {
		read, ok := b.resolve(v, true)
		return ok && open(read)
	})
}

// spellCondition writes what a condition says.
func spellCondition(c *iam.Condition) string {
	return fmt.Sprintf("condition %s %s %q", strings.ToLower(c.Operator.Text), c.Key, c.Values)
}

// symbolic are the texts with symbols in them.
func (v *variables) symbolic() (out []pattern) {
	for i := range v.list {
		out = append(out, join(anything(0), pattern{{op: one, takes: []rune{symbol(i)}}}, anything(0)))
	}
	return out
}

// flag adds a flag for a literal, and what bounds it: lit makes the literal in
// a mode, and says whether it can be true.
func (b *builder) flag(st *statement, id string, lit func(mode) (literalOf, bool)) {
	g := b.open
	n, known := g.flags.ids[id]
	if !known {
		n = len(g.flags.ids)
		g.flags.ids[id] = n
	}
	p := literalOf{g.dim, n, false}
	st.lits = append(st.lits, p)
	if known {
		return
	}
	if l, ok := lit(sure); ok {
		g.axioms = append(g.axioms, &statement{lits: []literalOf{l, {p.dim, p.lit, true}}})
	}
	l, ok := lit(maybe)
	if !ok {
		g.axioms = append(g.axioms, &statement{lits: []literalOf{p}})
		return
	}
	l.not = !l.not
	g.axioms = append(g.axioms, &statement{lits: []literalOf{p, l}})
}

// flagDim is a dimension of flags that nothing but a constraint decides.
type flagDim struct {
	ids    map[string]int
	values [][]int // the flags that are true
}

func newFlagDim() *flagDim { return &flagDim{ids: map[string]int{}} }

func (f *flagDim) solve(c constraint) answer {
	if c.contradicts() {
		return answer{verdict: No}
	}
	f.values = append(f.values, c.yes)
	return answer{Yes, len(f.values) - 1}
}

func (f *flagDim) holds(lit, value int) bool {
	_, ok := slices.BinarySearch(f.values[value], lit)
	return ok
}

func (f *flagDim) put(int, *iam.Request) {}
