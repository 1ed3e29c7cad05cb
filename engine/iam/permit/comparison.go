package permit

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"fathom/engine/iam"
)

// A test is the positive part of a condition, asked of one text: does it equal
// one of the values, as the operator compares.
type test struct {
	id     string
	family family
	// pats are the patterns of a textual test, may as in language.
	pats   []pattern
	may    bool
	values []string // of the other families
	hints  []string // texts that the values suggest
	eval   func(string) bool
}

// operatorOf are the operators of the tests that are not of texts.
var operatorOf = map[iam.Test]string{
	iam.NumericEquals: "NumericEquals", iam.NumericLess: "NumericLessThan", iam.NumericLessEquals: "NumericLessThanEquals",
	iam.NumericGreater: "NumericGreaterThan", iam.NumericGreaterEquals: "NumericGreaterThanEquals",
	iam.DateEquals: "DateEquals", iam.DateLess: "DateLessThan", iam.DateLessEquals: "DateLessThanEquals",
	iam.DateGreater: "DateGreaterThan", iam.DateGreaterEquals: "DateGreaterThanEquals",
	iam.Bool: "Bool", iam.IPAddress: "IpAddress", iam.BinaryEquals: "BinaryEquals", iam.Null: "Null",
}

// test makes the test of a condition; vars says whether its values may have
// policy variables.
func (b *builder) test(c *iam.Condition, vars bool, m mode) test {
	t := test{family: familyOf(c.Operator.Test)}
	if t.family != textual {
		values := c.Values
		if vars && t.family == boolean {
			values = b.booleans(values, m)
		}
		t.values = values
		t.id = strconv.Itoa(int(c.Operator.Test)) + "\x00" + strings.Join(values, "\x00")
		if t.family == binary {
			t.values = canonical(values)
		}
		t.eval = probe(operatorOf[c.Operator.Test], values).takes
		return t
	}
	var read []string
	for _, v := range c.Values {
		text, ok := b.resolve(v, vars && c.Operator.Test != iam.ARNLike)
		if c.Operator.Test == iam.ARNLike {
			text, ok = b.resolveARN(v, vars)
		}
		if ok {
			read = append(read, text)
		}
	}
	// On a text with a variable in it, a test without one may go either way too.
	t.may = b.open != nil && m.may(c.Operator.Negated)
	slices.Sort(read)
	read = slices.Compact(read)
	t.id = strconv.Itoa(int(c.Operator.Test)) + strconv.FormatBool(t.may) + "\x00" + strings.Join(read, "\x00")
	for _, v := range read {
		p, hints, ok := textPattern(c.Operator.Test, v)
		if !ok {
			continue
		}
		if t.may {
			p = p.loosen()
		}
		t.pats = append(t.pats, p)
		t.hints = append(t.hints, hints...)
	}
	return t
}

// booleans are the values of a Bool with its variables resolved. An open one
// may be either value, and is surely none.
func (b *builder) booleans(values []string, m mode) (out []string) {
	for _, v := range values {
		switch text, ok := b.resolve(v, true); {
		case ok && !open(text):
			out = append(out, unescape(text))
		case ok && m != sure:
			out = append(out, "true", "false")
		}
	}
	return out
}

// takesVariables says whether the values of a test may have policy variables.
func takesVariables(t iam.Test) bool { return familyOf(t) == textual || t == iam.Bool }

// textPattern makes the pattern of one value of a textual test.
func textPattern(t iam.Test, v string) (p pattern, hints []string, ok bool) {
	switch t {
	case iam.StringEquals:
		v = unescape(v)
		return literal(v, false), []string{v}, true
	case iam.StringEqualsIgnoreCase:
		v = unescape(v)
		return literal(v, true), []string{v}, true
	case iam.StringLike:
		return glob(v, 0), fill(v), true
	}
	if v == "*" {
		return anyARN(), []string{"arn:aws:iam::111111111111:role/example"}, true
	}
	if !strings.HasPrefix(v, "arn:") {
		return nil, nil, false
	}
	p, ok = arn(v)
	return p, fillARN(v), ok
}

// anyARN is the pattern of all that reads as an ARN.
func anyARN() pattern {
	p, _ := arn("arn:*:*:*:*:*")
	return p
}

// loosen makes variables take any text.
func (p pattern) loosen() pattern {
	out := slices.Clone(p)
	for i, e := range out {
		if e.op == one && isSymbol(e.takes[0]) {
			out[i] = elem{op: star}
		}
	}
	return out.tidy()
}

// canonical writes binary values as requests have them.
func canonical(values []string) []string {
	var out []string
	for _, v := range values {
		if b, err := base64.StdEncoding.DecodeString(v); err == nil {
			out = append(out, base64.StdEncoding.EncodeToString(b))
		}
	}
	return out
}

// resolve reads a text of a document and puts the values of its variables in;
// false when one has none, and the text matches nothing.
func (b *builder) resolve(text string, vars bool) (string, bool) {
	if !vars {
		return text, true
	}
	read, ok := b.vars.read(text)
	if !ok {
		b.give("the documents have more than %d policy variables", maxVariables)
		return "", false
	}
	return b.vars.put(read, b.assigned, b.open != nil)
}

// resolveARN does that segment by segment, as the colon of a variable is no
// separator only behind the fifth.
func (b *builder) resolveARN(text string, vars bool) (string, bool) {
	seg := strings.SplitN(text, ":", 6)
	for i, s := range seg {
		read, ok := b.resolve(s, vars)
		if !ok {
			return "", false
		}
		// A value with a colon in it does not move the segments.
		if i < len(seg)-1 && strings.Contains(read, ":") {
			return "", false
		}
		seg[i] = read
	}
	return strings.Join(seg, ":"), true
}

// pred makes a test a predicate of texts, seen through a view: wrap makes the
// patterns of the whole text, get takes the part out.
func (t *texts) pred(x *test, name string, wrap func([]pattern) []pattern, get func(string) string) int {
	id := name + "\x00" + x.id
	if i, ok := t.ids[id]; ok {
		return i
	}
	p := textPred{family: x.family}
	switch {
	case x.family == textual && wrap != nil:
		pats := wrap(x.pats)
		p.lang = newLanguage(t.alpha, pats, x.may)
		for _, q := range pats { // finite counts on their being in the pool
			if s, ok := q.text(); ok {
				t.intern(s)
			}
		}
	case x.family == textual:
		l := newLanguage(t.alpha, x.pats, x.may)
		p.holds = func(s string) bool { return l.has(get(s)) }
	case get != nil:
		p.holds = func(s string) bool { return x.eval(get(s)) }
	default:
		p.holds = x.eval
	}
	t.preds = append(t.preds, p)
	t.ids[id] = len(t.preds) - 1
	return len(t.preds) - 1
}
