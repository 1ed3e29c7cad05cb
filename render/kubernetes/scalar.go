package kubernetes

import (
	"encoding/json"
	"strings"

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

// comesBack says whether a string is printed so that it is read as itself. Most
// strings are words, paths and names for which that can be told without trying.
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

// plain are words, paths, names, ARNs and sentences that mean nothing else to YAML
// 1.1: they begin with a letter or a slash, so they are no numbers and no dates;
// they are none of its words for truths; and a colon in them has no space behind.
func plain(s string) bool {
	if s == "" || len(s) > 200 || !letter(s[0]) && s[0] != '/' {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case letter(c), c >= '0' && c <= '9', strings.IndexByte("-/._@,=*()+", c) >= 0:
		case (c == ':' || c == ' ') && i+1 < len(s) && s[i+1] != ' ' && s[i+1] != '-':
		default:
			return false
		}
	}
	switch strings.ToLower(s) {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null":
		return false
	}
	return true
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
