package access

import (
	"encoding/json"
	"strings"

	"fathom/estate"
)

// rewritten is a policy of which every statement was changed, in order. One that
// cannot be read stays as it is.
func rewritten(p estate.Policy, change func(statement map[string]any)) estate.Policy {
	var doc map[string]any
	if json.Unmarshal([]byte(p.Text()), &doc) != nil {
		return p
	}
	switch s := doc["Statement"].(type) {
	case map[string]any:
		change(s)
	case []any:
		for _, x := range s {
			if statement, ok := x.(map[string]any); ok {
				change(statement)
			}
		}
	}
	text, err := json.Marshal(doc)
	if err != nil {
		return p
	}
	out := estate.KnownPolicy(string(text), p.Pos())
	out.Refs = p.Refs
	return out
}

// unconditional drops conditions of a statement.
func unconditional(statement map[string]any, drop func(*estate.Condition) bool) {
	all, _ := statement["Condition"].(map[string]any)
	for operator, keys := range all {
		byKey, _ := keys.(map[string]any)
		for key, values := range byKey {
			if drop(&estate.Condition{Operator: operator, Key: strings.ToLower(key), Values: texts(values)}) {
				delete(byKey, key)
			}
		}
		if len(byKey) == 0 {
			delete(all, operator)
		}
	}
	if len(all) == 0 {
		delete(statement, "Condition")
	}
}

// texts are the values of a condition: one, or several.
func texts(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, x := range v {
			if s, ok := x.(string); ok {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}
