package sounding

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"fathom/control"
	"fathom/diag"
	"fathom/engine/depth"
	"fathom/estate"
	"fathom/estate/read"
	"fathom/layer/ground"
)

var update = flag.Bool("update", false, "write the golden files")

// shop reads a folder of the small shop as an estate.
func shop(t testing.TB, archive string) *ground.Ground {
	t.Helper()
	e, problems := files(archive)
	for _, p := range problems {
		t.Fatal(p)
	}
	return ground.Of(e)
}

// unread reads one of which something cannot be read.
func unread(t testing.TB, archive string) *ground.Ground {
	t.Helper()
	e, problems := files(archive)
	if len(problems) == 0 {
		t.Fatal("all of it could be read")
	}
	return ground.Of(e)
}

func files(archive string) (*estate.Estate, diag.Problems) {
	out := fstest.MapFS{}
	for _, f := range txtar.Parse([]byte(archive)).Files {
		out[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	return read.Paths(out, []string{"."}, read.Options{})
}

func text(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func small(t testing.TB) *ground.Ground { return shop(t, text(t, "small.txtar")) }

// parse reads steps, one a line:
//
//	run svc/web <- attack svc/web | edge.waf-enforcing@acl! supply.x@y- data.z?
//
// A line that ends in ?? is a step of which it is not known whether it is possible.
func parse(file, text string) []depth.Step {
	var out []depth.Step
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		at := diag.At(file, n, 1)
		head, stops, _ := strings.Cut(line, "|")
		gives, needs, _ := strings.Cut(head, "<-")
		s := depth.Step{Gives: capability(gives), At: at, Layer: "network", Says: "comes to " + strings.TrimSpace(gives)}
		for _, need := range strings.Split(needs, ",") {
			s.Needs = append(s.Needs, capability(need))
		}
		for _, f := range strings.Fields(stops) {
			if f == "??" {
				s.Doubt = "the step is doubtful"
				continue
			}
			s.Stops = append(s.Stops, stop(f, at))
		}
		out = append(out, s)
	}
	return out
}

func capability(text string) depth.Capability {
	f := strings.Fields(text)
	c := depth.Capability{Kind: f[0]}
	if len(f) > 1 {
		c.Of = f[1]
	}
	if len(f) > 3 {
		c.By = f[3]
	}
	return c
}

func stop(word string, at diag.Pos) depth.Stop {
	last := word[len(word)-1]
	control, on, _ := strings.Cut(word[:len(word)-1], "@")
	s := depth.Stop{Guard: depth.Guard{Control: control, On: on}, At: at, Says: control + " was seen on " + on}
	switch last {
	case '!':
		s.State = depth.Standing
	case '?':
		s.State, s.Why = depth.Doubtful, "nobody knows what "+on+" is"
	default:
		s.Says = "there is no " + control
	}
	return s
}

// controls are those that the steps name, with a title, and a phase each.
func controls(steps []depth.Step) []*control.Control {
	seen := map[string]bool{}
	var out []*control.Control
	for i := range steps {
		for _, s := range steps[i].Stops {
			if !seen[s.Control] {
				seen[s.Control] = true
				out = append(out, &control.Control{ID: s.Control, Title: "What is called " + s.Control, Defeat: func(e *estate.Estate) *estate.Estate { return e }})
			}
		}
	}
	return append(out, &control.Control{ID: "response.drills", Title: "Drills are held", Aside: "they are held before an attack"})
}

// measured measures the small shop.
func measured(t testing.TB, o Options) *Report {
	t.Helper()
	return measure(t, small(t), parse("steps.txt", text(t, "steps.txt")), o)
}

func measure(t testing.TB, g *ground.Ground, steps []depth.Step, o Options) *Report {
	t.Helper()
	r, err := Measure(g, steps, controls(steps), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// golden compares what was printed with a file of testdata.
func golden(t *testing.T, name string, write func(*bytes.Buffer) error) {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(text(t, name), b.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// cells are the table as words: family from → to: depth.
func cells(r *Report) string {
	var out []string
	for i := range r.Rows {
		for j := range r.Rows[i].Cells {
			c := &r.Rows[i].Cells[j]
			out = append(out, r.Rows[i].Family.String()+" "+c.Name()+": "+c.String())
		}
	}
	return strings.Join(out, "\n")
}
