package permit

import (
	"slices"

	"fathom/engine/iam"
)

// keyDim is the dimension of one condition key: absent, single-valued or
// multivalued. Its literals are the conditions on it.
type keyDim struct {
	key    string
	texts  *texts
	lits   []keyLit
	ids    map[string]int
	multi  bool // it may have a list
	lists  bool // AWS gives it one
	values []keyValue
	memo   map[string]answer
	buf    []byte
}

// keyLit is a condition.
type keyLit struct {
	op iam.Operator
	// pred is the positive test on one value, in texts; -1 for Null, which has
	// none.
	pred int
	fixed
	present bool // of Null: what it says of a key that is there
}

// keyValue is what a key holds; texts are places in the pool.
type keyValue struct {
	absent, multi bool
	texts         []int
}

func newKeyDim(key string, b *budget) *keyDim {
	return &keyDim{key: key, texts: newTexts(b), ids: map[string]int{}, memo: map[string]answer{}}
}

func (k *keyDim) holds(lit, value int) bool {
	l, v := &k.lits[lit], &k.values[value]
	switch {
	case v.absent:
		return l.absent
	case l.pred < 0:
		return l.present
	case !v.multi:
		return k.likes(l, v.texts[0])
	case l.op.Set == iam.NoSet:
		return l.listed
	case l.op.Set == iam.ForAllValues:
		return !slices.ContainsFunc(v.texts, func(t int) bool { return !k.likes(l, t) })
	}
	return slices.ContainsFunc(v.texts, func(t int) bool { return k.likes(l, t) })
}

// likes says whether a condition holds of one value.
func (k *keyDim) likes(l *keyLit, text int) bool {
	return k.texts.holds(l.pred, text) != l.op.Negated
}

func (k *keyDim) put(value int, r *iam.Request) {
	v := &k.values[value]
	if v.absent {
		return
	}
	out := iam.Value{Multi: v.multi}
	for _, t := range v.texts {
		out.Values = append(out.Values, k.texts.pool[t])
	}
	r.Context[k.key] = out
}

func (k *keyDim) solve(c constraint) answer {
	if c.contradicts() {
		return answer{verdict: No}
	}
	k.buf = c.key(k.buf[:0])
	if a, ok := k.memo[string(k.buf)]; ok {
		return a
	}
	memo := string(k.buf)
	v, verdict := k.decide(c)
	a := answer{verdict: verdict}
	if verdict == Yes {
		a.value = len(k.values)
		k.values = append(k.values, v)
	}
	if verdict != Undecided {
		k.memo[memo] = a
	}
	return a
}

// decide tries the shapes of a value, the simplest first.
func (k *keyDim) decide(c constraint) (keyValue, Verdict) {
	if k.allFixed(c, func(l *keyLit) (bool, bool) { return l.absent, true }) {
		return keyValue{absent: true}, Yes
	}
	shapes := []func(constraint) (keyValue, Verdict){k.decideSingle}
	if k.multi {
		shapes = append(shapes, k.decideMulti)
	}
	if k.lists {
		slices.Reverse(shapes)
	}
	verdict := No
	for _, shape := range shapes {
		v, got := shape(c)
		if got == Yes {
			return v, Yes
		}
		verdict = weaker(verdict, got)
	}
	return keyValue{}, verdict
}

// weaker joins the verdicts of alternatives none of which is a Yes.
func weaker(a, b Verdict) Verdict {
	if a == Undecided || b == Undecided {
		return Undecided
	}
	return No
}

// allFixed says whether a constraint agrees with all that is fixed; of returns
// what a literal is fixed to, if it is.
func (k *keyDim) allFixed(c constraint, of func(*keyLit) (is, fixed bool)) bool {
	for _, i := range c.yes {
		if is, fixed := of(&k.lits[i]); fixed && !is {
			return false
		}
	}
	for _, i := range c.no {
		if is, fixed := of(&k.lits[i]); fixed && is {
			return false
		}
	}
	return true
}

func (k *keyDim) decideSingle(c constraint) (keyValue, Verdict) {
	if !k.allFixed(c, func(l *keyLit) (bool, bool) { return l.present, l.pred < 0 }) {
		return keyValue{}, No
	}
	var on constraint
	for _, i := range c.yes {
		if l := &k.lits[i]; l.pred >= 0 {
			on = on.with(l.pred, !l.op.Negated)
		}
	}
	for _, i := range c.no {
		if l := &k.lits[i]; l.pred >= 0 {
			on = on.with(l.pred, l.op.Negated)
		}
	}
	a := k.texts.solve(on)
	return keyValue{texts: []int{a.value}}, a.verdict
}

// decideMulti decides a list: all that holds for every value together is one
// constraint, and each that has to hold for some value needs a value that
// satisfies it too. An empty list is an absent key.
func (k *keyDim) decideMulti(c constraint) (keyValue, Verdict) {
	fixed := func(l *keyLit) (bool, bool) {
		if l.pred < 0 {
			return l.present, true
		}
		return l.listed, l.op.Set == iam.NoSet
	}
	if !k.allFixed(c, fixed) {
		return keyValue{}, No
	}
	var all constraint
	var some []need
	each := func(i int, holds bool) {
		l := &k.lits[i]
		if l.pred < 0 || l.op.Set == iam.NoSet {
			return
		}
		if (l.op.Set == iam.ForAllValues) == holds {
			all = all.with(l.pred, holds != l.op.Negated)
		} else {
			some = append(some, need{l.pred, holds != l.op.Negated})
		}
	}
	for _, i := range c.yes {
		each(i, true)
	}
	for _, i := range c.no {
		each(i, false)
	}
	return k.list(all, some)
}

// need is a predicate that some value has to satisfy, or not to.
type need struct {
	pred int
	is   bool
}

// list makes a list of values that all satisfy one constraint, and each need
// somewhere.
func (k *keyDim) list(all constraint, some []need) (keyValue, Verdict) {
	v, verdict := keyValue{multi: true}, Yes
	wanted := []constraint{all}
	if len(some) > 0 {
		wanted = wanted[:0]
		for _, n := range some {
			wanted = append(wanted, all.with(n.pred, n.is))
		}
	}
	for _, c := range wanted {
		a := k.texts.solve(c)
		switch {
		case a.verdict == No:
			return v, No
		case a.verdict == Undecided:
			verdict = Undecided
		case !slices.Contains(v.texts, a.value):
			v.texts = append(v.texts, a.value)
		}
	}
	return v, verdict
}

// multivalued are the keys of AWS that hold lists, and prefixes of such keys
// (IAM User Guide, "Multivalued context keys", and the services' own pages).
var multivalued = []string{
	"aws:calledvia", "aws:principalorgpaths", "aws:principalservicenameslist", "aws:resourceorgpaths",
	"aws:sourceorgpaths", "aws:tagkeys", "aws:vpceorgpaths", "dynamodb:attributes", "dynamodb:leadingkeys",
	"glue:securitygroupids", "glue:subnetids", "glue:vpcids",
	"kms:encryptioncontextkeys", "kms:grantoperations",
	"lambda:securitygroupids", "lambda:subnetids", "route53:changeresourcerecordsetsactions",
	"route53:changeresourcerecordsetsnormalizedrecordnames", "route53:changeresourcerecordsetsrecordtypes",
	"s3:requestobjecttagkeys", "ses:recipients", "sts:transitivetagkeys",
}
