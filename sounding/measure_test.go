package sounding

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheTableIsTheWorstOfEveryFamily(t *testing.T) {
	want := `internet internet → store/orders: 2
internet internet → store/vault: 3 to 4
internet  → checkout: –
credential credential/anna+mfa → store/orders: 1
credential credential/anna → store/vault: never
credential  → checkout: –
pod pod/web → store/orders: 1
pod pod/pay → store/vault: 0 to 1
pod  → checkout: –
pipeline pipeline/branch → store/orders: 2
pipeline pipeline/branch → store/vault: 1 to 2
pipeline  → checkout: –
flood  → store/orders: –
flood  → store/vault: –
flood flood → checkout: 1
insider insider → store/orders: 0
insider insider → store/vault: 1
insider  → checkout: –`
	if diff := cmp.Diff(want, cells(measured(t, Options{}))); diff != "" {
		t.Error(diff)
	}
}

func TestText(t *testing.T) {
	golden(t, "table.golden", func(b *bytes.Buffer) error {
		return measured(t, Options{Losses: true}).WriteText(b, TextOptions{})
	})
	golden(t, "all.golden", func(b *bytes.Buffer) error {
		return measured(t, Options{Losses: true, Min: 2}).WriteText(b, TextOptions{All: true})
	})
}

// one measures a single cell.
func one(t *testing.T, from, to string) *Report {
	t.Helper()
	g := small(t)
	starts, err := FindStarts(g, from)
	if err != nil {
		t.Fatal(err)
	}
	aim, err := FindAim(g, to)
	if err != nil {
		t.Fatal(err)
	}
	return measured(t, Options{Starts: starts, Aims: []Aim{aim}, Sets: true})
}

func TestACellIsToldStepByStep(t *testing.T) {
	for _, c := range []struct{ name, from, to string }{
		{"cell.golden", "internet", "store/vault"},
		{"cell_family.golden", "pod", "vault"},
		{"cell_off.golden", "flood", "checkout"},
		{"cell_open.golden", "insider", "store/orders"},
		{"cell_never.golden", "credential", "store/vault"},
		{"cell_nothis.golden", "flood", "store/vault"},
		{"cell_other.golden", "credential/anna", "admin"},
	} {
		r := one(t, c.from, c.to)
		golden(t, c.name, func(b *bytes.Buffer) error { return r.WriteCell(b, &r.Rows[0].Cells[0], TextOptions{}) })
	}
}

func TestWhy(t *testing.T) {
	for _, c := range []struct{ name, control string }{
		{"why.golden", "network.egress-deny"},
		{"why_nothing.golden", "network.sg-chain"},
		{"why_missing.golden", "edge.overload"},
		{"why_aside.golden", "response.drills"},
	} {
		y, err := measured(t, Options{Min: 1}).Why(c.control)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, c.name, func(b *bytes.Buffer) error { return y.WriteText(b, TextOptions{}) })
	}
}

func TestFixes(t *testing.T) {
	for _, c := range []struct {
		name string
		min  int
	}{{"fixes.golden", 2}, {"fixes_none.golden", 0}} {
		f, err := measured(t, Options{Min: c.min}).Fixes()
		if err != nil {
			t.Fatal(err)
		}
		golden(t, c.name, func(b *bytes.Buffer) error { return f.WriteText(b, TextOptions{}) })
	}
}
