package jsonbody

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// found is an element that was visited, kept.
type found struct {
	pointer, text string
	key           bool
}

func elements(w *Walker, body []byte, paths *Paths) (all []found, err error) {
	err = w.Walk(body, paths, func(text []byte, key bool) bool {
		all = append(all, found{w.Pointer(), string(text), key})
		return true
	})
	return all, err
}

var token = strings.NewReplacer("~", "~0", "/", "~1")

// standard are the elements of a valid body by encoding/json. again says that a key
// is there twice.
func standard(t *testing.T, body []byte) (all []found, again bool) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	next := func() json.Token {
		v, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	var value func(pointer string)
	value = func(pointer string) {
		switch v := next().(type) {
		case json.Delim:
			seen := map[string]bool{}
			for i := 0; d.More(); i++ {
				below := pointer + "/" + strconv.Itoa(i)
				if v == '{' {
					name := next().(string)
					again = again || seen[name]
					seen[name] = true
					below = pointer + "/" + token.Replace(name)
					all = append(all, found{below, name, true})
				}
				value(below)
			}
			next()
		case string:
			all = append(all, found{pointer, v, false})
		case json.Number:
			all = append(all, found{pointer, v.String(), false})
		case bool:
			all = append(all, found{pointer, strconv.FormatBool(v), false})
		case nil:
			all = append(all, found{pointer, "null", false})
		}
	}
	value("")
	return all, again
}

func isContainer(body []byte) bool {
	body = bytes.TrimLeft(body, " \t\r\n")
	return len(body) > 0 && (body[0] == '{' || body[0] == '[')
}

// FuzzWalk holds the walk to encoding/json where that takes the body, and asks of
// every body that it stays as it is, that the error is inside it, and that below a
// pointer is found what is found there without one.
func FuzzWalk(f *testing.F) {
	for _, s := range []string{
		`{"a":{"c":"d","b":{"e":{"f":"g"}}}}`, `[1,-2.5e3,true,false,null,"x",[],{}]`, `{"a"::1"b"2}`, `{"a":1,"a":2}`,
		`{"~/":"\u00e9\ud83d\ude00\ud800"}`, `[[[[`, `{"a":"b`, "[\"\xff\"]", ` { "k" : [ { } ] } `,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		kept := bytes.Clone(body)
		var w Walker
		got, err := elements(&w, body, nil)
		if mistake := (*Error)(nil); errors.As(err, &mistake) && (mistake.At < 0 || mistake.At > len(body)) {
			t.Fatalf("an error at byte %d of %d", mistake.At, len(body))
		}
		if json.Valid(body) && utf8.Valid(body) && isContainer(body) {
			want, again := standard(t, body)
			if again != (err != nil) {
				t.Fatalf("%q: %v; a key twice: %v", body, err, again)
			}
			if !again && !slices.Equal(got, want) {
				t.Fatalf("%q:\n%+v, want\n%+v", body, got, want)
			}
		}
		if len(got) > 0 {
			below(t, &w, body, got)
		}
		if !bytes.Equal(kept, body) {
			t.Fatal("the walk changed the body")
		}
	})
}

// below walks below the pointer of the element in the middle.
func below(t *testing.T, w *Walker, body []byte, all []found) {
	pointer := all[len(all)/2].pointer
	paths, err := NewPaths([]string{pointer})
	if err != nil {
		t.Fatal(err)
	}
	var want []found
	for _, e := range all {
		if e.pointer == pointer && !e.key || strings.HasPrefix(e.pointer, pointer+"/") {
			want = append(want, e)
		}
	}
	if got, _ := elements(w, body, paths); !slices.Equal(got, want) {
		t.Fatalf("%q below %s: %+v, want %+v", body, pointer, got, want)
	}
}
