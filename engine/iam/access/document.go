package access

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"

	"fathom/diag"
	"fathom/engine/iam"
	"fathom/estate"
)

// document is a policy document of the estate, in both readings.
type document struct {
	place  string // identity, boundary, resource, trust, SCP, RCP
	holder estate.Resource
	policy string // the name of an AWS-managed one
	at     diag.Pos
	// lower and upper are the readings; the same where there are no holes.
	lower, upper *reading
	// doubts are the holes, and the reasons why it is not known.
	doubts []Doubt
	// rejected is why AWS would not take it; "".
	rejected string

	draft *draft
	// fixed says that the readings are the same for every request.
	fixed bool
	// perhaps says why it is not known whether it is there, or "".
	perhaps string
	// maybe says that the whole of it may not be there: its lower reading allows
	// nothing.
	maybe bool

	once  sync.Once
	names bool            // it names resources
	keys  map[string]bool // of its conditions

	mu      sync.Mutex
	special map[about][2]*reading // readings for requests with holes
}

// reading is one reading of a document.
type reading struct {
	doc *iam.Document
	// index says which statement of the document each of the reading's is; nil
	// where they are the same.
	index []int
	of    *document
}

// certain says whether both readings are one.
func (d *document) certain() bool { return d.lower == d.upper }

// compile parses a document. The text's references are filled already; found
// are the holes that stayed.
func compile(d *document, text string, kind iam.Kind, o *open) {
	d.draft = newDraft(text, kind, o)
	d.draft.perhaps = d.perhaps != ""
	d.special = map[about][2]*reading{}
	if !d.draft.whole && !d.draft.perhaps && !d.draft.holes() {
		doc, problems := iam.Parse([]byte(text), d.at.File, kind)
		d.lower = &reading{doc: doc, of: d}
		d.upper = d.lower
		if len(problems) > 0 {
			d.rejected = problems[0].Summary
		}
		return
	}
	d.lower, d.upper = d.parse(about{})
	if !d.lower.doc.Rejected && !d.upper.doc.Rejected {
		return
	}
	_, problems := iam.Parse([]byte(text), d.at.File, kind)
	if d.certain() && len(problems) > 0 {
		d.rejected = problems[0].Summary
		return
	}
	// What it says with its holes filled is not known.
	if len(problems) > 0 {
		d.doubts = append(d.doubts, Doubt{d.at, "whether AWS takes the policy is not known: " + problems[0].Summary})
	}
	d.draft = &draft{kind: kind, whole: true, open: o}
	d.fixed = true
	d.lower, d.upper = d.parse(about{})
}

// unknown makes a document of which nothing is known.
func unknown(d *document, kind iam.Kind, why Doubt) {
	d.doubts = append(d.doubts, why)
	d.draft = &draft{kind: kind, whole: true, open: &open{}}
	d.special = map[about][2]*reading{}
	d.lower, d.upper = d.parse(about{})
	d.fixed = true
}

// harmless makes a document that may allow anything and denies nothing: an
// AWS-managed policy whose text is not in the table.
func harmless(d *document, why Doubt) {
	unknown(d, iam.Identity, why)
	text, _ := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": d.draft.nothing()})
	doc, _ := iam.Parse(text, "", iam.Identity)
	d.lower = &reading{doc: doc, index: []int{-1}, of: d}
}

// holes says whether the two readings may differ.
func (d *draft) holes() bool {
	if hollowIn(d.statements) {
		return true
	}
	for _, s := range d.statements {
		m, ok := s.(map[string]any)
		if !ok {
			continue
		}
		strict, keep1 := (&filling{draft: d}).statement(m)
		wide, keep2 := (&filling{draft: d, generous: true}).statement(m)
		if keep1 != keep2 || !sameJSON(strict, wide) {
			return true
		}
	}
	return false
}

func sameJSON(a, b any) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return string(x) == string(y)
}

// parse parses both readings; they are one where they say the same.
func (d *document) parse(a about) (lower, upper *reading) {
	read := func(up bool) (*reading, string) {
		text, index := d.draft.read(up, a)
		doc, _ := iam.Parse(text, d.at.File, d.draft.kind)
		return &reading{doc: doc, index: index, of: d}, string(text)
	}
	lower, low := read(false)
	upper, up := read(true)
	if low == up && slices.Equal(lower.index, upper.index) {
		return lower, lower
	}
	return lower, upper
}

// readings are the readings for a request.
func (d *document) readings(a about) (lower, upper *reading) {
	if a == (about{}) || d.fixed || d.rejected != "" {
		return d.lower, d.upper
	}
	if a = d.concerns(a); a == (about{}) {
		return d.lower, d.upper
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if r, ok := d.special[a]; ok {
		return r[0], r[1]
	}
	lower, upper = d.parse(a)
	d.special[a] = [2]*reading{lower, upper}
	return lower, upper
}

// concerns keeps of what a request has holes in what the document speaks of.
func (d *document) concerns(a about) about {
	d.once.Do(func() {
		d.keys = map[string]bool{}
		for _, raw := range d.draft.statements {
			s, _ := raw.(map[string]any)
			for _, e := range []string{"Resource", "NotResource"} {
				list, _ := stringsOf(s[e])
				for _, r := range list {
					d.names = d.names || r != "*"
				}
			}
			byOp, _ := s["Condition"].(map[string]any)
			for _, v := range byOp {
				byKey, _ := v.(map[string]any)
				for k := range byKey {
					d.keys[strings.ToLower(k)] = true
				}
			}
		}
	})
	if !d.names {
		a.resource = ""
	}
	if d.draft.kind == iam.Identity || d.draft.kind == iam.SCP {
		a.principal = ""
	}
	if a.keys != "" {
		var keys []string
		for _, k := range strings.Fields(a.keys) {
			if d.keys[k] {
				keys = append(keys, k)
			}
		}
		a.keys = strings.Join(keys, " ")
	}
	return a
}

// statement returns the index in the document of a statement of a reading, -1
// for one that stands for what is not known.
func (r *reading) statement(i int) int {
	if r.index == nil {
		return i
	}
	if i < len(r.index) {
		return r.index[i]
	}
	return -1
}

// wrote returns a statement as it was written, with its references filled.
func (d *document) wrote(i int) map[string]any {
	if d.draft == nil || i < 0 || i >= len(d.draft.statements) {
		return nil
	}
	m, _ := d.draft.statements[i].(map[string]any)
	return m
}

// because describes a statement of a reading.
func (r *reading) because(i int, effect iam.Effect) Because {
	d := r.of
	at := r.statement(i)
	b := Because{Effect: effect, Place: d.place, Holder: d.holder, Policy: d.policy, At: d.at, Statement: at}
	m := d.wrote(at)
	if m == nil {
		b.Text = map[iam.Effect]string{iam.Allow: "may allow it", iam.Deny: "may deny it"}[effect] + ": it is not known"
		return b
	}
	b.Sid, _ = m["Sid"].(string)
	b.Text = words(m)
	return b
}

// words says a statement in words: "allows s3:* on *".
func words(m map[string]any) string {
	effect, _ := m["Effect"].(string)
	s := map[string]string{"Allow": "allows ", "Deny": "denies "}[effect]
	if s == "" {
		s = effect + " "
	}
	if list, ok := stringsOf(m["NotAction"]); ok {
		s += "all but " + enumerate(list)
	} else if list, ok := stringsOf(m["Action"]); ok {
		s += enumerate(list)
	}
	if list, ok := stringsOf(m["NotResource"]); ok {
		s += " on all but " + enumerate(list)
	} else if list, ok := stringsOf(m["Resource"]); ok {
		s += " on " + enumerate(list)
	}
	if p := principalWords(m); p != "" {
		s += " to " + p
	}
	if c := conditionWords(m); len(c) > 0 {
		s += " if " + strings.Join(c, " and ")
	}
	return s
}

func principalWords(m map[string]any) string {
	of := func(v any) string {
		switch v := v.(type) {
		case string:
			return map[bool]string{true: "everyone", false: v}[v == "*"]
		case map[string]any:
			var all []string
			for _, k := range sorted(v) {
				list, _ := stringsOf(v[k])
				for _, p := range list {
					if p == "*" {
						p = "everyone"
					}
					all = append(all, p)
				}
			}
			return enumerate(all)
		}
		return ""
	}
	if p, ok := m["NotPrincipal"]; ok {
		return "all but " + of(p)
	}
	return of(m["Principal"])
}

// conditionWords says each condition of a statement: "aws:SourceVpce is vpce-1".
func conditionWords(m map[string]any) []string {
	byOp, _ := m["Condition"].(map[string]any)
	var out []string
	for _, op := range sorted(byOp) {
		byKey, _ := byOp[op].(map[string]any)
		for _, key := range sorted(byKey) {
			values, _ := scalars(byKey[key])
			out = append(out, key+" "+operatorWords(op)+" "+strings.Join(values, " or "))
		}
	}
	return out
}

func operatorWords(text string) string {
	op, why, _ := iam.ParseOperator(text)
	if why != "" {
		return text
	}
	word := map[iam.Test]string{
		iam.StringEquals: "is", iam.StringEqualsIgnoreCase: "is, in any case,", iam.StringLike: "is like",
		iam.NumericEquals: "is", iam.NumericLess: "is less than", iam.NumericLessEquals: "is at most",
		iam.NumericGreater: "is more than", iam.NumericGreaterEquals: "is at least",
		iam.DateEquals: "is", iam.DateLess: "is before", iam.DateLessEquals: "is not after",
		iam.DateGreater: "is after", iam.DateGreaterEquals: "is not before",
		iam.Bool: "is", iam.BinaryEquals: "is", iam.IPAddress: "is in", iam.ARNLike: "is like", iam.Null: "is missing:",
	}[op.Test]
	if op.Negated {
		word = strings.Replace(word, "is", "is not", 1)
	}
	switch {
	case op.Set == iam.ForAllValues:
		word = "(each value, or none) " + word
	case op.Set == iam.ForAnyValue:
		word = "(some value) " + word
	}
	if op.IfExists {
		word = "(if it is there) " + word
	}
	return word
}

// enumerate writes up to four texts and counts the rest.
func enumerate(list []string) string {
	const most = 4
	if len(list) <= most {
		return strings.Join(list, ", ")
	}
	return strings.Join(list[:most], ", ") + " and " + count(len(list)-most) + " more"
}
