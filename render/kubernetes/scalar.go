package kubernetes

import (
	"encoding/json"

	"github.com/goccy/go-yaml"
	syaml "sigs.k8s.io/yaml"
)

// quoted is a string that is written in double quotes.
type quoted string

// MarshalYAML writes a JSON string, which is YAML too.
func (q quoted) MarshalYAML() ([]byte, error) { return json.Marshal(string(q)) }

// safe replaces the strings of a value that the printer would write so that the
// parser of Kubernetes, which is one of YAML 1.1, reads something else: 1e3 is a
// number there, and the printer, of YAML 1.2, leaves some of these without quotes.
func safe(v any) any {
	switch v := v.(type) {
	case string:
		if comesBack(v) {
			return v
		}
		return quoted(v)
	case []string:
		out := make([]any, len(v))
		for i, s := range v {
			out[i] = safe(s)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = safe(x)
		}
		return out
	case []Map:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = safe(x)
		}
		return out
	case Map:
		out := make(Map, len(v))
		for i, item := range v {
			out[i] = yaml.MapItem{Key: item.Key, Value: safe(item.Value)}
		}
		return out
	}
	return v
}

// comesBack says whether a string is printed so that it is read as itself. Words
// of letters, digits in front excepted, are the most of all strings; no others are
// worth a shortcut.
func comesBack(s string) bool {
	if plain(s) {
		return true
	}
	text, err := yaml.MarshalWithOptions(M("a", s), options...)
	if err != nil {
		return false
	}
	var back map[string]any
	if err := syaml.Unmarshal(text, &back); err != nil {
		return false
	}
	got, ok := back["a"].(string)
	return ok && got == s
}

// plain are paths, names and sentences that begin with a letter and have nothing
// in them that means something to YAML. Single words may be: yes, null.
func plain(s string) bool {
	if len(s) < 6 || len(s) > 80 || !letter(s[0]) || !letter(s[len(s)-1]) {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !letter(c) && (c < '0' || c > '9') && c != '-' && c != '/' && c != '.' && c != '_' {
			return false
		}
	}
	return true
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
