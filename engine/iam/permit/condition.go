package permit

import (
	"slices"
	"strings"

	"fathom/engine/iam"
)

func (d *caseDim) viewed(key string) bool {
	return slices.ContainsFunc(d.cases, func(k *kase) bool { _, ok := k.views[key]; return ok })
}

// conditionLit makes the literal of a condition.
func (b *builder) conditionLit(c *iam.Condition, vars bool, m mode) literalOf {
	x := b.test(c, vars, m)
	switch {
	case b.who.viewed(c.Key):
		return literalOf{dimWho, b.viewLit(b.who, c, &x), false}
	case b.resource.viewed(c.Key):
		return literalOf{dimResource, b.viewLit(b.resource, c, &x), false}
	}
	d, k := b.keyOf(c.Key)
	return literalOf{d, b.keyLit(k, c, &x), false}
}

// viewLit makes the literal of a condition on a key that follows from a value.
func (b *builder) viewLit(d *caseDim, c *iam.Condition, x *test) int {
	id := c.Key + "\x00" + strings.ToLower(c.Operator.Text) + "\x00" + x.id
	f := b.ops.of(c.Operator)
	return d.literal(id, func(k *kase) caseLit {
		v := k.views[c.Key]
		switch {
		case x.family == presence:
			p := probe("Null", c.Values)
			if v.absent {
				return always(p.given(iam.Context{}))
			}
			return always(p.takes("present"))
		case v.absent:
			return always(f.absent)
		case v.fixed:
			return always(x.of(v.text) != c.Operator.Negated)
		}
		t := k.parts[v.part]
		if v.name == "whole" {
			t.suggest(x.hints...)
		}
		b.sample(t, x, v.name == "whole")
		var wrap func([]pattern) []pattern
		if x.family == textual {
			wrap = v.wrap
		}
		return caseLit{part: v.part, pred: t.pred(x, v.name, wrap, v.get), not: c.Operator.Negated}
	})
}

// of asks a test of one text.
func (x *test) of(s string) bool {
	if x.family == textual {
		return newLanguage(newAlphabet(), x.pats, x.may).has(s)
	}
	return x.eval(s)
}

// keyOf returns the dimension of a condition key.
func (b *builder) keyOf(key string) (int, *keyDim) {
	if k, ok := b.keys[key]; ok {
		for i, d := range b.dims {
			if d == dimension(k) {
				return i, k
			}
		}
	}
	k := newKeyDim(key, b.budget)
	k.texts.name = "the key " + key
	if b.open != nil && !b.open.keys[key] {
		k.texts.outside = newLanguage(k.texts.alpha, b.vars.symbolic(), false)
	}
	k.lists = slices.Contains(multivalued, key)
	k.multi = k.lists || b.sets[key]
	b.keys[key] = k
	b.dims = append(b.dims, k)
	return len(b.dims) - 1, k
}

func (b *builder) keyLit(k *keyDim, c *iam.Condition, x *test) int {
	id := strings.ToLower(c.Operator.Text) + "\x00" + x.id
	if i, ok := k.ids[id]; ok {
		return i
	}
	l := keyLit{op: c.Operator, pred: -1}
	if x.family == presence {
		p := probe("Null", c.Values)
		l.absent, l.present = p.given(iam.Context{}), p.takes("present")
		l.listed = l.present
	} else {
		l.fixed = b.ops.of(c.Operator)
		k.texts.suggest(x.hints...)
		b.sample(k.texts, x, true)
		l.pred = k.texts.pred(x, "", same, func(s string) string { return s })
	}
	k.lits = append(k.lits, l)
	k.ids[id] = len(k.lits) - 1
	return len(k.lits) - 1
}

// sample notes the values of a test that is not of texts.
func (b *builder) sample(t *texts, x *test, whole bool) {
	if x.family == textual || x.family == presence {
		return
	}
	if b.sampling[t] == nil {
		b.sampling[t] = map[family][]string{}
	}
	if whole && t.universe == nil {
		b.sampling[t][x.family] = append(b.sampling[t][x.family], x.values...)
	}
}

// finish puts what the texts have to be tried with into their pools, when all
// literals are made.
func (b *builder) finish() {
	for t, of := range b.sampling {
		for f := numeric; f <= binary; f++ {
			values, ok := of[f]
			if !ok {
				continue
			}
			slices.Sort(values)
			s, complete := samples(f, slices.Compact(values))
			t.suggest(s...)
			t.sampled[f] = complete
		}
	}
	for _, k := range b.keys {
		k.texts.suggest(hintsFor(k.key)...)
	}
}
