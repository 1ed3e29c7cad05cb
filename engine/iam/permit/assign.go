package permit

import (
	"slices"
	"strings"

	"fathom/engine/iam"
)

// Limits of what is tried for variables; what is not tried is left to the
// proof for all values.
const (
	maxValues      = 10
	maxAssignments = 60
)

// assignments are values for the variables that are worth a try: one that no
// document mentions, those that stand at the variable's place or in conditions
// on its key, and none at all.
func (q *question) assignments() []assignment {
	out := []assignment{{}}
	done := map[string]bool{}
	for _, v := range q.vars.list {
		if done[v.key] {
			continue
		}
		done[v.key] = true
		var next []assignment
		for _, value := range q.valuesFor(v.key) {
			for _, a := range out {
				if len(next) < maxAssignments {
					b := assignment{v.key: value}
					for k, x := range a {
						b[k] = x
					}
					next = append(next, b)
				}
			}
		}
		out = next
	}
	return out
}

// valuesFor are the values to try for one key.
func (q *question) valuesFor(key string) []assigned {
	out := []assigned{{freshFor(key), true}, {}}
	add := func(s string) {
		a := assigned{s, true}
		if s != "" && len(out) < maxValues && !strings.ContainsAny(s, "*?$") && !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	if key == "aws:username" {
		for _, u := range q.named[iam.User] {
			add(lastName(u))
		}
	}
	var texts []string
	for _, d := range q.documents() {
		for i := range d.Statements {
			s := &d.Statements[i]
			for _, r := range slices.Concat(s.Resources, s.NotResources) {
				texts = append(texts, r.Text)
			}
			for _, c := range s.Conditions {
				texts = append(texts, c.Values...)
				if c.Key == key {
					for _, v := range c.Values {
						for _, f := range fill(v) {
							add(f)
						}
					}
				}
			}
		}
	}
	for _, t := range texts {
		i := strings.Index(strings.ToLower(t), "${"+key)
		if i < 0 {
			continue
		}
		after := t[i:]
		after = after[strings.IndexByte(after+"}", '}'):]
		after = strings.TrimPrefix(after, "}")
		if before, _, _ := strings.Cut(t, "${"); before == "" && after == "" {
			add("true") // of a Bool, perhaps
			add("false")
		}
		for _, other := range texts {
			for _, s := range atPlace(other, t[:i], after) {
				add(s)
			}
		}
	}
	return out
}

// atPlace are the parts of a text that stand where another has a variable,
// between the text before it and the one after it.
func atPlace(text, before, after string) []string {
	rest, ok := strings.CutPrefix(text, before)
	if !ok {
		return nil
	}
	var out []string
	if whole, ok := strings.CutSuffix(rest, after); ok {
		out = append(out, whole)
	}
	if i := strings.IndexAny(rest, "/:"); i > 0 {
		out = append(out, rest[:i])
	}
	return append(out, strings.TrimRight(rest, "*?/"))
}

// freshFor is a value for a key that hardly any document mentions.
func freshFor(key string) string {
	switch {
	case strings.HasSuffix(key, "account"):
		return "222222222222"
	case key == "aws:principalarn":
		return "arn:aws:iam::222222222222:role/Example"
	case key == "aws:userid":
		return "AIDAEXAMPLEEXAMPLE123"
	case key == "aws:principaltype":
		return "AssumedRole"
	}
	return "example-7"
}

// hintsFor are texts to try for a condition key, whatever the documents have.
func hintsFor(key string) []string {
	switch {
	case strings.HasSuffix(key, "account"):
		return []string{"222222222222", "example"}
	case strings.HasSuffix(key, "arn"):
		return []string{"arn:aws:iam::222222222222:role/Example", "example"}
	case strings.Contains(key, "orgid"):
		return []string{"o-example1234", "example"}
	case strings.Contains(key, "requestedregion"):
		return []string{"eu-west-1", "example"}
	}
	return []string{"example", "true"}
}
