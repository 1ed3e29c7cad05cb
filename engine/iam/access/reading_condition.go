package access

import (
	"encoding/json"
	"slices"
	"strings"

	"fathom/engine/iam"
)

// conditions fills the holes of a Condition element. It returns false for a
// statement that then matches nothing.
func (f *filling) conditions(s, out map[string]any) bool {
	byOp, ok := s["Condition"].(map[string]any)
	if !ok {
		return !hollowIn(s["Condition"]) || f.generous && drop(out, "Condition")
	}
	filled := map[string]map[string]any{}
	put := func(op, key string, v any) {
		if filled[op] == nil {
			filled[op] = map[string]any{}
		}
		if _, there := filled[op][key]; there { // StringLike that came from StringEquals
			op = strings.ToLower(op) // the same operator; its case does not matter
			if filled[op] == nil {
				filled[op] = map[string]any{}
			}
		}
		filled[op][key] = v
	}
	for _, op := range sorted(byOp) {
		byKey, ok := byOp[op].(map[string]any)
		if !ok {
			if hollow(op) || hollowIn(byOp[op]) {
				if !f.generous {
					return false
				}
				continue
			}
			return true // for IAM to refuse
		}
		for _, key := range sorted(byKey) {
			c := f.condition(op, key, byKey[key])
			if c.never {
				return false
			}
			if !c.always {
				put(c.op, c.key, c.values)
			}
		}
	}
	if len(filled) == 0 {
		return drop(out, "Condition")
	}
	out["Condition"] = filled
	return true
}

func drop(m map[string]any, key string) bool {
	delete(m, key)
	return true
}

func sorted[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// filled is a condition whose holes are filled: it always holds, never, or is
// written so.
type filled struct {
	always, never bool
	op, key       string
	values        any
}

// condition fills one line. Where nothing is open it is left as it is.
func (f *filling) condition(text, key string, raw any) filled {
	same := filled{op: text, key: key, values: raw}
	values, strs := scalars(raw)
	op, why, _ := iam.ParseOperator(text)
	either := filled{always: f.generous, never: !f.generous}
	switch {
	case hollow(text):
		return either
	case why != "" || !strs:
		if hollowIn(raw) {
			return either
		}
		return same
	case hollow(key):
		return either
	}
	if f.outside && organisationKey(key) {
		return same
	}
	openKey := f.openKey(key)
	holes := slices.ContainsFunc(values, hollow) || slices.ContainsFunc(values, func(v string) bool { return f.foreignValue(v) })
	switch {
	case openKey && f.exact(key, values, op):
		return same
	case openKey && f.generous:
		return either
	case openKey && op.Negated:
		return filled{never: true}
	case !holes:
		return same
	case op.Test == iam.Null:
		return either
	}
	wide := f.generous != op.Negated // whether the values shall fit as much as they can
	if stringTest(op.Test) {
		if wide {
			return f.wideStrings(op, key, values)
		}
		if op.Test == iam.ARNLike || op.Test == iam.StringEquals || op.Test == iam.StringLike || op.Test == iam.StringEqualsIgnoreCase {
			return same
		}
	}
	return f.others(op, text, key, values, wide)
}

// others fills conditions on numbers, dates, booleans and addresses, in which
// no stand-in can be written.
func (f *filling) others(op iam.Operator, text, key string, values []string, wide bool) filled {
	if wide {
		if !op.Negated {
			return filled{always: true}
		}
		return filled{op: "Null", key: key, values: []string{"true"}} // a negated test holds where the key is missing
	}
	var known []string
	for _, v := range values {
		if !hollow(v) && !f.foreignValue(v) {
			known = append(known, v)
		}
	}
	if len(known) == 0 {
		return filled{always: op.Negated, never: !op.Negated}
	}
	return filled{op: text, key: key, values: known}
}

// wideStrings writes a test of strings with * for its holes.
func (f *filling) wideStrings(op iam.Operator, key string, values []string) filled {
	name := map[iam.Test]string{iam.StringEquals: "Like", iam.StringLike: "Like", iam.ARNLike: "Arn"}[op.Test]
	var out []string
	for _, v := range values {
		open := hollow(v) || f.foreignValue(v)
		switch {
		case open && (name == "" || f.version != "2012-10-17" && strings.ContainsAny(v, "*?")):
			return f.others(op, op.Text, key, values, true)
		case f.foreignValue(v):
			v = starred(f.wideAccount(v), false)
		case op.Test == iam.StringEquals:
			v = starred(v, f.version == "2012-10-17")
		default:
			v = starred(v, false)
		}
		out = append(out, v)
	}
	if name == "" {
		return filled{op: op.Text, key: key, values: values}
	}
	text := map[bool]string{false: "StringLike", true: "StringNotLike"}[op.Negated]
	if name == "Arn" {
		if slices.ContainsFunc(out, func(v string) bool { return strings.Count(v, ":") < 5 }) {
			return f.others(op, op.Text, key, values, true)
		}
		text = map[bool]string{false: "ArnLike", true: "ArnNotLike"}[op.Negated]
	}
	switch op.Set {
	case iam.ForAllValues:
		text = "ForAllValues:" + text
	case iam.ForAnyValue:
		text = "ForAnyValue:" + text
	}
	if op.IfExists {
		text += "IfExists"
	}
	return filled{op: text, key: key, values: out}
}

func stringTest(t iam.Test) bool {
	return t == iam.StringEquals || t == iam.StringLike || t == iam.StringEqualsIgnoreCase || t == iam.ARNLike
}

// foreignValue says whether a value is, or has in it as an ARN, an account
// that may be the one that is not known.
func (f *filling) foreignValue(v string) bool {
	if f.open.account == "" {
		return false
	}
	if f.foreign(v) {
		return true
	}
	parts := strings.SplitN(v, ":", 6)
	return len(parts) == 6 && parts[0] == "arn" && f.foreign(parts[4])
}

func (f *filling) wideAccount(v string) string {
	parts := strings.SplitN(v, ":", 6)
	if len(parts) < 6 {
		return "*"
	}
	parts[4] = "*"
	return strings.Join(parts, ":")
}

// openKey says whether what the request has for a key is not known.
func (f *filling) openKey(key string) bool {
	if organisationKey(key) {
		return f.open.organization != ""
	}
	return f.keys != "" && slices.Contains(strings.Fields(f.keys), strings.ToLower(key))
}

func organisationKey(key string) bool {
	switch strings.ToLower(key) {
	case "aws:principalorgid", "aws:resourceorgid", "aws:sourceorgid", "aws:principalorgpaths", "aws:resourceorgpaths", "aws:sourceorgpaths":
		return true
	}
	return false
}

// exact says whether a condition on an open key says surely the same as the
// request: its value is the stand-in that the request has too.
func (f *filling) exact(key string, values []string, op iam.Operator) bool {
	return f.open.organization != "" && strings.HasSuffix(strings.ToLower(key), "orgid") && stringTest(op.Test) &&
		slices.Contains(values, f.open.organization)
}

// scalars reads the values of a condition: strings, numbers and booleans.
func scalars(v any) ([]string, bool) {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	out := make([]string, 0, len(list))
	for _, x := range list {
		switch x := x.(type) {
		case string:
			out = append(out, x)
		case bool, float64:
			b, _ := json.Marshal(x)
			out = append(out, string(b))
		default:
			return nil, false
		}
	}
	return out, true
}
