package managed

import (
	"encoding/json"
	"net/url"
	"testing"
)

func TestFieldsOfForms(t *testing.T) {
	for _, c := range []struct {
		body, name, want string
		ok               bool
	}{
		{"a=1&b=2", "b", "2", true},
		{"a=1&b=2", "c", "", false},
		{"user%5Bname%5D=Ann+B", "user[name]", "Ann B", true},
		{"a=%zz", "a", "", false},
		{"a=", "a", "", false},
		{"", "a", "", false},
	} {
		if got, ok := field([]byte(c.body), c.name, false); ok != c.ok || ok && got != c.want {
			t.Errorf("%q of %q: %q, %t", c.name, c.body, got, ok)
		}
	}
}

func TestFieldsOfJSON(t *testing.T) {
	const body = `{"a":{"b":["x",{"c~/d":7}],"e":""},"":"empty"}`
	for pointer, want := range map[string]string{"/a/b/0": "x", "a/b/0": "x", "/a/b/1/c~0~1d": "7", "/": "empty"} {
		if got, ok := field([]byte(body), pointer, true); !ok || got != want {
			t.Errorf("%s: %q, %t, want %q", pointer, got, ok, want)
		}
	}
	for _, pointer := range []string{"/a", "/a/b/2", "/a/b/-1", "/a/b/x", "/a/e", "/a/b/0/y", "/none"} {
		if got, ok := field([]byte(body), pointer, true); ok {
			t.Errorf("%s: %q, want nothing", pointer, got)
		}
	}
}

// FuzzField reads anything, and agrees with the standard library where it reads
// it: a form by url.ParseQuery, a member of an object by encoding/json.
func FuzzField(f *testing.F) {
	f.Add([]byte("a=1&b=%20"), "a")
	f.Add([]byte(`{"a":"x"}`), "a")
	f.Add([]byte(`{"a":{"b":[1,2]}}`), "/a/b/1")
	f.Add([]byte("a=1;b=2"), "a")
	f.Fuzz(func(t *testing.T, body []byte, name string) {
		got, ok := field(body, name, false)
		if q, err := url.ParseQuery(string(body)); err == nil && q.Get(name) != "" && (!ok || got != q.Get(name)) {
			t.Errorf("form field %q of %q: %q, want %q", name, body, got, q.Get(name))
		}
		got, ok = pointed(body, "/"+name)
		var members map[string]any
		if json.Unmarshal(body, &members) != nil {
			return
		}
		for _, c := range name {
			if c == '/' || c == '~' {
				return
			}
		}
		if want, isText := members[name].(string); isText && want != "" && (!ok || got != want) {
			t.Errorf("member %q of %q: %q, want %q", name, body, got, want)
		}
	})
}
