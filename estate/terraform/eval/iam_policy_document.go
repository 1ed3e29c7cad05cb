package eval

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"fathom/diag"
)

// policyVersion is the version of a document that names none.
const policyVersion = "2012-10-17"

// policyDoc is a policy document in the order in which the provider writes its
// members. Documents merged into it keep theirs as they are.
type policyDoc struct {
	Version   string       `json:",omitempty"`
	ID        string       `json:"Id,omitempty"`
	Statement []*statement `json:",omitempty"`
}

type statement struct {
	Sid          string `json:",omitempty"`
	Effect       string `json:",omitempty"`
	Action       any    `json:",omitempty"`
	NotAction    any    `json:",omitempty"`
	Resource     any    `json:",omitempty"`
	NotResource  any    `json:",omitempty"`
	Principal    any    `json:",omitempty"`
	NotPrincipal any    `json:",omitempty"`
	Condition    any    `json:",omitempty"`
}

// merge adds the statements of another document; one with the same sid takes
// the place of ours.
func (d *policyDoc) merge(o *policyDoc) {
	if o.ID != "" {
		d.ID = o.ID
	}
	if o.Version > d.Version {
		d.Version = o.Version
	}
	for _, st := range o.Statement {
		i := slices.IndexFunc(d.Statement, func(have *statement) bool { return st.Sid != "" && have.Sid == st.Sid })
		if i >= 0 {
			d.Statement[i] = st
		} else {
			d.Statement = append(d.Statement, st)
		}
	}
}

// policyDocument renders data.aws_iam_policy_document as the provider does.
func (e *evaluator) policyDocument(in *instance, minified bool) cty.Value {
	r := &policyReader{e: e, addr: in.addr, pos: in.def.body.pos}
	doc := r.document(e.blockObject(in.def.args, in.s))
	if r.lost != nil {
		return r.lost.value(cty.String)
	}
	out, err := json.MarshalIndent(doc, "", "  ")
	if minified {
		out, err = json.Marshal(doc)
	}
	if err != nil || len(out) > maxString {
		return e.gapHole(in.addr, "the policy document cannot be written").value(cty.String)
	}
	return cty.StringVal(string(out))
}

// policyReader reads the arguments of a policy document. lost is set when a
// part is missing that would leave a statement or a document out.
type policyReader struct {
	e    *evaluator
	addr string
	pos  diag.Pos
	lost *hole
}

func (r *policyReader) lose(why ...cty.Value) {
	if r.lost == nil {
		r.lost = r.e.mixHole(r.e.holesIn(why...).list)
	}
}

func (r *policyReader) document(args cty.Value) *policyDoc {
	merged := &policyDoc{}
	for _, name := range []string{"source_json", "source_policy_documents"} {
		r.include(merged, r.arg(args, name))
	}
	doc := &policyDoc{Version: policyVersion, ID: r.text(r.arg(args, "policy_id"))}
	if v := r.text(r.arg(args, "version")); v != "" {
		doc.Version = v
	}
	for _, st := range r.blocks(args, "statement") {
		doc.Statement = append(doc.Statement, r.statement(st))
	}
	merged.merge(doc)
	for _, name := range []string{"override_policy_documents", "override_json"} {
		r.include(merged, r.arg(args, name))
	}
	return merged
}

// include merges documents given as JSON: a string or a list of them.
func (r *policyReader) include(into *policyDoc, v cty.Value) {
	var texts []string
	switch {
	case v == cty.NilVal:
		return
	case vague(v):
		r.lose(v)
		return
	case v.IsNull():
		return
	case v.Type() == cty.String:
		texts = []string{v.AsString()}
	case iterable(v):
		texts = r.list(v)
	}
	for _, t := range texts {
		if strings.TrimSpace(t) == "" {
			continue
		}
		if h := r.e.wholeHole(cty.StringVal(t)); h != nil {
			r.lose(cty.StringVal(t))
			return
		}
		doc, err := parsePolicy(t)
		if err != nil {
			r.e.gap(r.addr, r.pos, "a policy document that is merged is not valid JSON", false)
			r.lost = r.e.gapHole("", "a policy document that is merged is not valid JSON")
			return
		}
		into.merge(doc)
	}
}

// parsePolicy reads a document, whose one statement may stand without a list.
func parsePolicy(text string) (*policyDoc, error) {
	if _, ok := shallowJSON("", []byte(text)); !ok {
		return nil, errNested
	}
	var raw struct {
		Version   string
		ID        string `json:"Id"`
		Statement json.RawMessage
	}
	if err := json.Unmarshal([]byte(text), &raw); err != nil {
		return nil, err
	}
	doc := &policyDoc{Version: raw.Version, ID: raw.ID}
	if len(raw.Statement) == 0 {
		return doc, nil
	}
	if raw.Statement[0] == '{' {
		st := &statement{}
		doc.Statement = []*statement{st}
		return doc, json.Unmarshal(raw.Statement, st)
	}
	return doc, json.Unmarshal(raw.Statement, &doc.Statement)
}

func (r *policyReader) statement(v cty.Value) *statement {
	st := &statement{Sid: r.text(r.arg(v, "sid")), Effect: r.text(r.arg(v, "effect"))}
	if st.Effect == "" {
		st.Effect = "Allow"
	}
	st.Action = oneOrMany(r.set(v, "actions"))
	st.NotAction = oneOrMany(r.set(v, "not_actions"))
	st.Resource = oneOrMany(unescaped(r.set(v, "resources")))
	st.NotResource = oneOrMany(unescaped(r.set(v, "not_resources")))
	st.Principal = r.principals(v, "principals")
	st.NotPrincipal = r.principals(v, "not_principals")
	st.Condition = r.conditions(v)
	return st
}

func (r *policyReader) principals(st cty.Value, name string) any {
	ids := map[string][]string{}
	n := 0
	for _, p := range r.blocks(st, name) {
		typ := r.text(r.arg(p, "type"))
		ids[typ] = append(ids[typ], unescaped(r.set(p, "identifiers"))...)
		n++
	}
	if n == 0 {
		return nil
	}
	if all := ids["*"]; n == 1 && len(all) == 1 && all[0] == "*" {
		return "*"
	}
	out := map[string]any{}
	for typ, l := range ids {
		out[typ] = oneOrMany(l)
	}
	return out
}

func (r *policyReader) conditions(st cty.Value) any {
	tests := map[string]map[string][]string{}
	for _, c := range r.blocks(st, "condition") {
		test, variable := r.text(r.arg(c, "test")), r.text(r.arg(c, "variable"))
		if tests[test] == nil {
			tests[test] = map[string][]string{}
		}
		tests[test][variable] = append(tests[test][variable], unescaped(r.strings(c, "values"))...)
	}
	if len(tests) == 0 {
		return nil
	}
	out := map[string]map[string]any{}
	for test, vars := range tests {
		out[test] = map[string]any{}
		for _, name := range slices.Sorted(maps.Keys(vars)) {
			out[test][name] = oneOrMany(vars[name])
		}
	}
	return out
}

// oneOrMany is a list as the provider writes it: nothing when empty, a single
// element without brackets.
func oneOrMany(l []string) any {
	switch len(l) {
	case 0:
		return nil
	case 1:
		return l[0]
	}
	return l
}

// unescaped turns &{aws:username} into the variable that IAM knows.
func unescaped(l []string) []string {
	for i := range l {
		l[i] = strings.ReplaceAll(l[i], "&{", "${")
	}
	return l
}

// arg is a member of an object, or Nil.
func (r *policyReader) arg(v cty.Value, name string) cty.Value {
	if vague(v) || v.IsNull() || !v.Type().IsObjectType() || !v.Type().HasAttribute(name) {
		return cty.NilVal
	}
	return v.GetAttr(name)
}

// blocks lists the nested blocks of a type; an unknown number of them loses
// the document.
func (r *policyReader) blocks(v cty.Value, name string) []cty.Value {
	l := r.arg(v, name)
	switch {
	case l == cty.NilVal:
		return nil
	case vague(l):
		r.lose(l)
		return nil
	case l.IsNull() || !iterable(l):
		return nil
	case l.Type().IsObjectType():
		return []cty.Value{l}
	}
	var out []cty.Value
	for it := l.ElementIterator(); it.Next(); {
		_, el := it.Element()
		out = append(out, el)
	}
	return out
}

func (r *policyReader) text(v cty.Value) string {
	if v == cty.NilVal || !vague(v) && v.IsNull() {
		return ""
	}
	t, f := r.e.text(v, &position{})
	if f != nil {
		r.lost = r.e.gapHole("", f.msg)
	}
	return t
}

// strings reads a list of strings. A list that is unknown as a whole stands in
// the document as the one string it would show as.
func (r *policyReader) strings(v cty.Value, name string) []string {
	l := r.arg(v, name)
	switch {
	case l == cty.NilVal || !vague(l) && l.IsNull():
		return nil
	case vague(l) || !iterable(l):
		return []string{r.text(l)}
	}
	return r.list(l)
}

func (r *policyReader) list(l cty.Value) []string {
	var out []string
	for it := l.ElementIterator(); it.Next(); {
		_, el := it.Element()
		if !vague(el) && el.IsNull() {
			continue
		}
		if c, err := convert.Convert(el, cty.String); err == nil && !vague(el) {
			el = c
		}
		out = append(out, r.text(el))
	}
	return out
}

// set reads a set of strings in the provider's order: descending. Placeholders
// are compared by what they stand for, so that the order does not depend on
// when each was first seen.
func (r *policyReader) set(v cty.Value, name string) []string {
	l := r.strings(v, name)
	slices.SortFunc(l, func(a, b string) int { return strings.Compare(r.e.render(b), r.e.render(a)) })
	return slices.Compact(l)
}
