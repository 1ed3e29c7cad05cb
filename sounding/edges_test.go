package sounding

import (
	"bytes"
	"strings"
	"testing"

	"fathom/engine/depth"
)

// What is missing from an estate is said in a sentence.
func TestEstatesWithoutSomething(t *testing.T) {
	deployment := "-- k8s.yaml --\n" + text(t, "small.txtar")[strings.Index(text(t, "small.txtar"), "apiVersion"):]
	bucket := "-- main.tf --\nresource \"aws_s3_bucket\" \"b\" {\n  bucket = \"b\"\n}\n"
	for _, c := range []struct{ name, archive, steps, want string }{
		{"nothing", "", "", "nothing to measure: no resource was read"},
		{"Kubernetes alone", strings.Replace(deployment, "fathom.dev/priority: critical", "a: b", 1), "", "no crown jewel: Kubernetes objects alone show no store"},
		{"a bucket, and no way to it", bucket, "", "no step that Fathom knows leads to what was asked about"},
		{"a cycle", bucket, "a <- b\nb <- a\ntake store/b <- a", "no step that Fathom knows leads to what was asked about"},
		{"an open bucket", bucket, "take store/b <- start internet", "internet → store/b: 0; it is open"},
		{"a gap", "-- main.tf --\nmodule \"m\" {\n  source = \"a/b/c\"\n}\n", "", "no crown jewel in what could be read"},
	} {
		var r *Report
		if c.name == "a gap" { // which is a problem as well
			r = measure(t, unread(t, c.archive), nil, Options{})
		} else {
			r = measure(t, shop(t, c.archive), parse("steps.txt", c.steps), Options{Losses: true, Sets: true})
		}
		var b bytes.Buffer
		if err := r.WriteText(&b, TextOptions{All: true}); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(b.String(), c.want) {
			t.Errorf("%s: it prints\n%s\nwant %s", c.name, b.String(), c.want)
		}
		if _, err := r.Fixes(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestBeyondTheLimit(t *testing.T) {
	r := measured(t, Options{Count: depth.Options{Limit: 1}})
	if c := r.cell(0, "store/orders"); c.String() != "more than 1" || !c.AtLeast(2) || c.AtLeast(3) {
		t.Errorf("the cell is %s", c)
	}
}

func TestWhatIsGoneAndWhatCounts(t *testing.T) {
	for _, c := range []struct {
		name string
		o    depth.Options
		want string
	}{
		{"a control", depth.Options{Gone: []string{"edge.waf-enforcing"}}, "1"},
		{"a layer", depth.Options{Gone: []string{"network"}}, "1"},
		{"each guard", depth.Options{Each: true}, "2"},
	} {
		if got := measured(t, Options{Count: c.o}).cell(0, "store/orders").String(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// What --why says falls is what does fall, for every control.
func TestWhyAgreesWithWorths(t *testing.T) {
	r := measured(t, Options{Losses: true})
	worth := map[string]int{}
	for _, w := range r.Worths {
		worth[w.Unit] = len(w.Falls)
	}
	for id := range r.controls {
		y, err := r.Why(id)
		if err != nil {
			t.Fatal(err)
		}
		if len(y.Falls) != worth[id] {
			t.Errorf("%s: %d cells fall without it, and the table says %d", id, len(y.Falls), worth[id])
		}
	}
}

func TestNamesThatNothingHas(t *testing.T) {
	g := small(t)
	if _, err := FindAim(g, "store/valt"); err == nil || !strings.Contains(err.Error(), "the nearest are store/vault") {
		t.Error(err)
	}
	if _, err := FindStarts(g, "pod/wbe"); err == nil || !strings.Contains(err.Error(), "the nearest are pod/web") {
		t.Error(err)
	}
	for _, name := range []string{"vault", "store/vault", "checkout", "admin", "cluster-admin", "deploy", "backups", "data:pan", "forge/pay", "down/web"} {
		if _, err := FindAim(g, name); err != nil {
			t.Error(err)
		}
	}
}
