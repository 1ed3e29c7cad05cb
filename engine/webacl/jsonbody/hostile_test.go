package jsonbody

import (
	"fmt"
	"strings"
	"testing"
)

func TestDepth(t *testing.T) {
	t.Parallel()
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	if _, err := walked(t, deep(MaxDepth), nil, true, true); err != nil {
		t.Errorf("%d deep: %v", MaxDepth, err)
	}
	_, err := walked(t, deep(MaxDepth+1), nil, true, true)
	if err == nil || !strings.Contains(err.Error(), "nested more than 10000 deep") {
		t.Errorf("%d deep: %v", MaxDepth+1, err)
	}
	if _, err := walked(t, strings.Repeat(`{"a":`, 1_000_000), nil, true, true); err == nil {
		t.Error("a million objects that do not end were taken")
	}
}

// TestManyKeys asks that duplicates are found among very many keys, and that one
// walker serves body after body.
func TestManyKeys(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&b, `"k%d":{"k":1},`, i)
	}
	var w Walker
	count := 0
	visit := func([]byte, bool) bool { count++; return true }
	for range 2 {
		count = 0
		if err := w.Walk([]byte("{"+b.String()+`"x":1}`), nil, visit); err != nil || count != 300_002 {
			t.Fatalf("%d elements, %v", count, err)
		}
		if err := w.Walk([]byte("{"+b.String()+`"k77":1}`), nil, visit); err == nil {
			t.Fatal("the key k77 is there twice, and nobody said so")
		}
		w.Reset()
	}
}

func TestStop(t *testing.T) {
	t.Parallel()
	for stop := 1; stop <= 3; stop++ {
		var w Walker
		n := 0
		err := w.Walk([]byte(`{"a":1,"b":[2`), nil, func([]byte, bool) bool { n++; return n < stop })
		if n != stop || err != nil {
			t.Errorf("stopped at %d: %d elements, %v", stop, n, err)
		}
	}
}

// TestTextsStay asks that texts with escapes outlive the walks after theirs.
func TestTextsStay(t *testing.T) {
	t.Parallel()
	var w Walker
	var texts [][]byte
	for i := range 100 {
		body := fmt.Sprintf(`{"k\u0061":"v\n%d"}`, i)
		if err := w.Walk([]byte(body), nil, func(s []byte, _ bool) bool { texts = append(texts, s); return true }); err != nil {
			t.Fatal(err)
		}
	}
	for i, s := range texts {
		want := "ka"
		if i%2 == 1 {
			want = fmt.Sprintf("v\n%d", i/2)
		}
		if string(s) != want {
			t.Fatalf("text %d is %q, want %q", i, s, want)
		}
	}
}

func checkout() []byte {
	return []byte(`{"cart":{"id":"c-1029","items":[{"sku":"A-1","name":"Caf\u00e9 \"noir\"","quantity":2,"price":12.50},` +
		`{"sku":"B-7","name":"Tasse","quantity":1,"price":8}]},"customer":{"email":"a@example.com","newsletter":false,"phone":null}}`)
}

func TestNoAllocs(t *testing.T) {
	var w Walker
	body := checkout()
	paths, err := NewPaths([]string{"/cart/items", "/customer/email"})
	if err != nil {
		t.Fatal(err)
	}
	visit := func([]byte, bool) bool { return true }
	if n := testing.AllocsPerRun(100, func() {
		w.Reset()
		_ = w.Walk(body, nil, visit)
		_ = w.Walk(body, paths, visit)
	}); n != 0 {
		t.Errorf("%v allocations a body", n)
	}
}

func BenchmarkWalk(b *testing.B) {
	var w Walker
	body := checkout()
	visit := func([]byte, bool) bool { return true }
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		w.Reset()
		if err := w.Walk(body, nil, visit); err != nil {
			b.Fatal(err)
		}
	}
}
