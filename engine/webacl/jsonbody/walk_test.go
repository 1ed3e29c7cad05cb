package jsonbody

import (
	"errors"
	"strings"
	"testing"
)

// walked is what a walk visits, in one line: keys with a colon.
func walked(t *testing.T, body string, pointers []string, keys, values bool) (string, error) {
	t.Helper()
	var paths *Paths
	if pointers != nil {
		var err error
		if paths, err = NewPaths(pointers); err != nil {
			t.Fatal(err)
		}
	}
	var w Walker
	var seen []string
	err := w.Walk([]byte(body), paths, func(text []byte, key bool) bool {
		switch {
		case key && keys:
			seen = append(seen, string(text)+":")
		case !key && values:
			seen = append(seen, string(text))
		}
		return true
	})
	return strings.Join(seen, " "), err
}

// TestIncludedPaths has the example of §4, and what follows from RFC 6901.
func TestIncludedPaths(t *testing.T) {
	t.Parallel()
	const example = `{"a":{"c":"d","b":{"e":{"f":"g"}}}}`
	tests := []struct {
		body         string
		pointers     []string
		keys, values bool
		want         string
	}{
		{example, []string{"/a/b"}, true, true, "e: f: g"},
		{example, []string{"/a/b"}, true, false, "e: f:"},
		{example, []string{"/a/b"}, false, true, "g"},
		{example, nil, true, true, "a: c: d b: e: f: g"},
		{example, []string{"/a/c"}, true, true, "d"},
		{example, []string{"/a/x", "/a/c", "/a/b/e/f"}, true, true, "d g"},
		{example, []string{"/b"}, true, true, ""},
		{`[{"a":1},{"a":2},[3]]`, []string{"/1/a", "/2"}, true, true, "2 3"},
		{`{"01":"x","1":"y"}`, []string{"/1"}, true, true, "y"},
		{`["x","y"]`, []string{"/01", "/-"}, true, true, ""},
		{`{"a/b":1,"c~d":2,"":3}`, []string{"/a~1b", "/c~0d", "/"}, true, true, "1 2 3"},
		{`{"\u0061":{"x":1}}`, []string{"/a"}, true, true, "x: 1"},
		{`{"a":{"b":{"c":1}}}`, []string{"/a/b/c", "/a"}, true, true, "b: c: 1"},
	}
	for _, tt := range tests {
		got, err := walked(t, tt.body, tt.pointers, tt.keys, tt.values)
		if err != nil || got != tt.want {
			t.Errorf("%s by %q: %q, %v; want %q", tt.body, tt.pointers, got, err, tt.want)
		}
	}
	for _, pointer := range []string{"", "a", "/a~2", "/~"} {
		if _, err := NewPaths([]string{pointer}); err == nil {
			t.Errorf("the pointer %q was taken", pointer)
		}
	}
}

// TestLenient has what §4 says is passed over, and what ends the walk.
func TestLenient(t *testing.T) {
	t.Parallel()
	tests := []struct {
		body, want string
		at         int // -1 without an error
	}{
		{`{"k1":"v1","k2":"v2"}`, "k1: v1 k2: v2", -1},
		{`{"k1":"v1""k2":"v2"}`, "k1: v1 k2: v2", -1},
		{`{"k1":"v1","k2""v2"}`, "k1: v1 k2: v2", -1},
		{`{"k1"::"v1","k2" : : "v2"}`, "k1: v1 k2: v2", -1},
		{`[1 2"3"[4]{"5":6}null true]`, "1 2 3 4 5: 6 null true", -1},
		{" [\t-0.5e+10 ,\r\n false,{} , []] ", "-0.5e+10 false", -1},
		{`{"a":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"}`, "a: \"\\/\b\f\n\r\té😀", -1},
		{`["\ud83dx\ude00"]`, "\ufffdx\ufffd", -1},
		{`{"a":{"x":1},"b":{"x":2}}`, "a: x: 1 b: x: 2", -1},

		{`{"k":1,"k":2}`, "k: 1", 7},
		{`{"k":1,"\u006b":2}`, "k: 1", 7},
		{`{"a":1,"b":2`, "a: 1 b:", 12},
		{`{"a":"b`, "a:", 7},
		{`{"a":1,`, "a: 1", 7},
		{`{"a":1,}`, "a: 1", 7},
		{`{"a":1,,"b":2}`, "a: 1", 7},
		{`{"a":::1}`, "a:", 6},
		{`{"a":1;"b":2}`, "a:", 6},
		{`{"a":1]`, "a: 1", 6},
		{`{'a':1}`, "", 1},
		{`{"a"}`, "a:", 4},
		{`[,1]`, "", 1},
		{`[01]`, "", 2},
		{`[1.]`, "", 3},
		{`[1e]`, "", 3},
		{`[-]`, "", 2},
		{`[truex]`, "", 5},
		{`[nul]`, "", 4},
		{"[\"a\x01\"]", "", 3},
		{"[\"a\",\"\xff\"]", "a", 6},
		{`["a","\q"]`, "a", 6},
		{`["a","\u12g4"]`, "a", 6},
		{`["\`, "", 3},
		{`[1]x`, "1", 3},
		{`"a"`, "", 0},
		{`1`, "", 0},
		{"\xef\xbb\xbf[1]", "", 0},
		{``, "", 0},
		{`  `, "", 2},
	}
	for _, tt := range tests {
		got, err := walked(t, tt.body, nil, true, true)
		at := -1
		if mistake := (*Error)(nil); errors.As(err, &mistake) {
			at = mistake.At
		}
		if got != tt.want || at != tt.at {
			t.Errorf("%q: %q, %v; want %q, and an error at %d", tt.body, got, err, tt.want, tt.at)
		}
	}
}
