package kubernetes

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"text/template"

	"github.com/BurntSushi/toml"
	"github.com/Masterminds/sprig/v3"
	"sigs.k8s.io/yaml"
	goyaml "sigs.k8s.io/yaml/goyaml.v3"
)

// deepFuncs are the functions that print, copy or compare the whole of a value.
var deepFuncs = strings.Fields(`toYaml toYamlPretty toJson toPrettyJson toRawJson mustToJson mustToPrettyJson mustToRawJson toToml
	deepCopy mustDeepCopy deepEqual merge mergeOverwrite mustMerge mustMergeOverwrite
	print printf println html js urlquery quote squote cat toString toStrings join uniq mustUniq has mustHas without mustWithout
	sortAlpha`)

// functions are what templates can call: Helm's, within the budget.
func (e *engine) functions() template.FuncMap {
	f := sprig.TxtFuncMap()
	delete(f, "env")
	delete(f, "expandenv")
	maps.Copy(f, helmFuncs)
	maps.Copy(f, fixedFuncs)
	guard(f)
	for name, fn := range f {
		f[name] = e.budget.bounded(fn, slices.Contains(deepFuncs, name))
	}
	f["include"] = e.include(e.root)
	f["tpl"] = e.tpl(e.root)
	f["required"] = required
	f["fail"] = func(msg string) (string, error) { return "", asked(msg) }
	f[atFunc] = e.at
	f[enterFunc], f[leaveFunc] = e.enter, e.leave
	f[tickFunc] = func() (string, error) { return "", e.budget.work(1) }
	f[outFunc] = e.printable
	return f
}

// printable checks a value that is about to be printed. It is handed on as it
// is: what can be addressed may print in another way than its copy.
func (e *engine) printable(v reflect.Value) (reflect.Value, error) {
	if !v.IsValid() || !v.CanInterface() {
		return v, nil
	}
	switch v.Kind() {
	case reflect.Map, reflect.Slice, reflect.Array, reflect.Interface, reflect.Pointer:
		_, err := e.budget.measure(v.Interface())
		return v, err
	}
	return v, nil
}

// asked is an error that the chart's author wrote.
type asked string

func (a asked) Error() string { return string(a) }

func required(warn string, v any) (any, error) {
	if v == nil || v == "" {
		return v, asked(warn)
	}
	return v, nil
}

// guard puts checks before the functions whose result is much larger than
// what they are given.
func guard(f template.FuncMap) {
	until := f["until"].(func(int) []int)
	f["until"] = func(n int) ([]int, error) {
		if err := tooMany(max(n, -n), maxItems); err != nil {
			return nil, err
		}
		return until(n), nil
	}
	untilStep := f["untilStep"].(func(int, int, int) []int)
	f["untilStep"] = func(start, stop, step int) ([]int, error) {
		if step != 0 {
			if err := tooMany(max((stop-start)/step, 0), maxItems); err != nil {
				return nil, err
			}
		}
		return untilStep(start, stop, step), nil
	}
	seq := f["seq"].(func(...int) string)
	f["seq"] = func(p ...int) (string, error) {
		for _, n := range p {
			if err := tooMany(max(n, -n), maxItems); err != nil {
				return "", err
			}
		}
		return seq(p...), nil
	}
	f["repeat"] = func(n int, s string) (string, error) {
		if n < 0 {
			return "", errors.New("repeat needs a count of at least 0")
		}
		if err := product(n, len(s)); err != nil {
			return "", err
		}
		return strings.Repeat(s, n), nil
	}
	for _, name := range []string{"indent", "nindent"} {
		indent := f[name].(func(int, string) string)
		f[name] = func(n int, s string) (string, error) {
			if err := product(n, 1+strings.Count(s, "\n")); err != nil {
				return "", err
			}
			return indent(n, s), nil
		}
	}
	f["replace"] = func(old, with, s string) (string, error) {
		if err := product(strings.Count(s, old), len(with)); err != nil {
			return "", err
		}
		return strings.ReplaceAll(s, old, with), nil
	}
	join := f["join"].(func(string, any) string)
	f["join"] = func(sep string, v any) (string, error) {
		if err := product(maxItems/64, len(sep)/64); err != nil {
			return "", err
		}
		return join(sep, v), nil
	}
	wrapWith := f["wrapWith"].(func(int, string, string) string)
	f["wrapWith"] = func(n int, sep, s string) (string, error) {
		if err := product(len(s)/max(n, 1), len(sep)); err != nil {
			return "", err
		}
		return wrapWith(n, sep, s), nil
	}
	for _, name := range []string{"regexReplaceAll", "regexReplaceAllLiteral"} {
		replace := f[name].(func(string, string, string) string)
		f[name] = func(re, s, with string) (string, error) {
			if err := product(len(s)+1, len(with)/4); err != nil {
				return "", err
			}
			return replace(re, s, with), nil
		}
	}
	for _, name := range []string{"mustRegexReplaceAll", "mustRegexReplaceAllLiteral"} {
		replace := f[name].(func(string, string, string) (string, error))
		f[name] = func(re, s, with string) (string, error) {
			if err := product(len(s)+1, len(with)/4); err != nil {
				return "", err
			}
			return replace(re, s, with)
		}
	}
	f["printf"] = func(format string, args ...any) (string, error) {
		longest := 0
		for _, a := range args {
			if s, ok := a.(string); ok {
				longest = max(longest, len(s))
			}
		}
		if err := product(strings.Count(format, "%"), longest); err != nil {
			return "", err
		}
		return fmt.Sprintf(format, args...), nil
	}
}

// helmFuncs are the functions that Helm adds to sprig's, and those of Go's
// templates that print.
var helmFuncs = template.FuncMap{
	"toToml": func(v any) string {
		var b bytes.Buffer
		if err := toml.NewEncoder(&b).Encode(v); err != nil {
			return err.Error()
		}
		return b.String()
	},
	"fromToml": func(s string) map[string]any {
		m := map[string]any{}
		if len(s) > 256<<10 { // its parser recurses without a bound
			m["Error"] = "it is larger than 256 KiB"
			return m
		}
		if err := toml.Unmarshal([]byte(s), &m); err != nil {
			m["Error"] = err.Error()
		}
		return m
	},
	"toYaml": toYAML,
	"toYamlPretty": func(v any) string {
		var b bytes.Buffer
		enc := goyaml.NewEncoder(&b)
		enc.SetIndent(2)
		if enc.Encode(v) != nil {
			return ""
		}
		return strings.TrimSuffix(b.String(), "\n")
	},
	"fromYaml": func(s string) map[string]any {
		m := map[string]any{}
		if err := yaml.Unmarshal([]byte(s), &m); err != nil {
			m["Error"] = err.Error()
		}
		return m
	},
	"fromYamlArray": func(s string) []any {
		a := []any{}
		if err := yaml.Unmarshal([]byte(s), &a); err != nil {
			a = []any{err.Error()}
		}
		return a
	},
	"toJson": func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			return ""
		}
		return string(b)
	},
	"fromJson": func(s string) map[string]any {
		m := map[string]any{}
		if err := json.Unmarshal([]byte(s), &m); err != nil {
			m["Error"] = err.Error()
		}
		return m
	},
	"fromJsonArray": func(s string) []any {
		a := []any{}
		if err := json.Unmarshal([]byte(s), &a); err != nil {
			a = []any{err.Error()}
		}
		return a
	},
	"lookup":   func(_, _, _, _ string) map[string]any { return map[string]any{} },
	"print":    fmt.Sprint,
	"println":  fmt.Sprintln,
	"html":     template.HTMLEscaper,
	"js":       template.JSEscaper,
	"urlquery": template.URLQueryEscaper,
}

// toYAML prints nothing for what cannot be printed, as Helm does.
func toYAML(v any) string {
	b, err := yaml.Marshal(v)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(string(b), "\n")
}
