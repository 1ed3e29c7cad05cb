package trap

import (
	"strings"

	"fathom/render/kubernetes"
	"fathom/render/terraform"
)

// field looks up a key of a map, or returns nil.
func field(v any, keys ...string) any {
	for _, k := range keys {
		m, ok := v.(kubernetes.Map)
		if !ok {
			return nil
		}
		v = nil
		for _, item := range m {
			if item.Key == k {
				v = item.Value
			}
		}
	}
	return v
}

// items are the values of a list of whatever type.
func items(v any) []any {
	switch v := v.(type) {
	case []any:
		return v
	case []string:
		out := make([]any, len(v))
		for i, s := range v {
			out[i] = s
		}
		return out
	case []kubernetes.Map:
		out := make([]any, len(v))
		for i, m := range v {
			out[i] = m
		}
		return out
	}
	return nil
}

func texts(v any) []string {
	var out []string
	for _, i := range items(v) {
		if s, ok := i.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// each calls f for every key and value in a Kubernetes value, at any depth, with
// the path of keys that leads there.
func each(v any, path []string, f func(path []string, v any)) {
	if m, ok := v.(kubernetes.Map); ok {
		for _, item := range m {
			k, _ := item.Key.(string)
			p := append(path[:len(path):len(path)], k)
			f(p, item.Value)
			each(item.Value, p, f)
		}
		return
	}
	for _, i := range items(v) {
		each(i, path, f)
	}
}

// arguments calls f for every argument of a body, at any depth.
func arguments(body []terraform.Entry, in string, f func(in, name string, v any)) {
	for _, e := range body {
		if e.Value != nil {
			f(in, e.Name, e.Value)
		}
		arguments(e.Body, e.Name, f)
	}
}

// statements are those of a policy document, however it is wrapped.
func statements(v any) []terraform.Object {
	switch v := v.(type) {
	case terraform.Call:
		var out []terraform.Object
		for _, a := range v.Args {
			out = append(out, statements(a)...)
		}
		return out
	case terraform.Object:
		var out []terraform.Object
		for _, f := range v {
			if f.Key != "Statement" {
				continue
			}
			if list, ok := f.Value.(terraform.List); ok {
				for _, i := range list {
					if o, ok := i.(terraform.Object); ok {
						out = append(out, o)
					}
				}
			} else if o, ok := f.Value.(terraform.Object); ok {
				out = append(out, o)
			}
		}
		return out
	}
	return nil
}

func get(o terraform.Object, key string) any {
	for _, f := range o {
		if f.Key == key {
			return f.Value
		}
	}
	return nil
}

// words are the strings of a value: one, or a list.
func words(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case terraform.Template:
		return []string{string(v)}
	case []string:
		return v
	case terraform.List:
		var out []string
		for _, i := range v {
			out = append(out, words(i)...)
		}
		return out
	}
	return nil
}

func wild(s string) bool { return strings.ContainsAny(s, "*?") }
