package audit

import (
	"cmp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
	"fathom/layer"
)

// Report is what an audit found.
type Report struct {
	// Verdicts are those of all controls that were asked for, outside in.
	Verdicts []control.Verdict
	// Findings are the mistakes that are not suppressed, the worst first.
	Findings []control.Finding
	// Suppressed are those that are, with the suppression of each.
	Suppressed []Suppressed
	// Unknowns are what could not be decided, and why.
	Unknowns []Unknown
	// Problems are what could not be read.
	Problems diag.Problems
	// Notes are remarks about suppressions that have expired or match nothing.
	Notes []diag.Problem
	// Files, Resources and Unmodelled say what was read.
	Files      []estate.File
	Resources  int
	Unmodelled []TypeCount

	layers []layer.Layer
}

// Suppressed is a finding that somebody answers for until a date.
type Suppressed struct {
	control.Finding
	By *Suppression
}

// Unknown is something that could not be decided.
type Unknown struct {
	Resource estate.ID
	At       diag.Pos
	Reason   string
	// Controls are the ids of the controls whose verdict depends on it, outside
	// in; none for a gap that no control asked about.
	Controls []string
}

// TypeCount counts the resources of a type that Fathom has no type for.
type TypeCount struct {
	Type  string `json:"type"`
	Count int    `json:"count"`
}

// Options choose what is judged.
type Options struct {
	// Layers and Controls limit the audit to those names; empty means all.
	Layers, Controls []string
	// Suppressions are applied on the day Today (2026-11-22).
	Suppressions []Suppression
	Today        string
}

// Run judges an estate by the controls of the layers.
func Run(e *estate.Estate, problems diag.Problems, layers []layer.Layer, opts Options) *Report {
	r := &Report{Problems: problems, Files: e.Files, layers: layers}
	for _, res := range e.Resources {
		if _, external := res.(*estate.External); !external {
			r.Resources++
		}
	}
	for _, n := range e.Unmodelled {
		r.Resources += n
	}
	r.Unmodelled = typeCounts(e.Unmodelled)
	var controls []*control.Control
	for i := range layers {
		for j := range layers[i].Controls {
			if c := &layers[i].Controls[j]; opts.wants(c) {
				controls = append(controls, c)
			}
		}
	}
	r.Verdicts = judge(e, controls)
	r.suppress(control.Findings(r.Verdicts), opts)
	r.Unknowns = unknowns(e, r.Verdicts)
	return r
}

// judge runs the controls on all processors: an estate does not change, and a
// check is a function of it.
func judge(e *estate.Estate, controls []*control.Control) []control.Verdict {
	out := make([]control.Verdict, len(controls))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(controls); i = int(next.Add(1)) - 1 {
				out[i] = controls[i].Judge(e)
			}
		})
	}
	wg.Wait()
	return out
}

func (o *Options) wants(c *control.Control) bool {
	return (len(o.Layers) == 0 || slices.Contains(o.Layers, c.Layer())) &&
		(len(o.Controls) == 0 || slices.Contains(o.Controls, c.ID))
}

// Worst is the severity of the worst finding, 0 when there is none.
func (r *Report) Worst() control.Severity {
	worst := control.Severity(0)
	for i := range r.Findings {
		worst = max(worst, r.Findings[i].Severity)
	}
	return worst
}

// typeCounts puts the most frequent types first.
func typeCounts(m map[string]int) []TypeCount {
	out := make([]TypeCount, 0, len(m))
	for t, n := range m {
		out = append(out, TypeCount{t, n})
	}
	slices.SortFunc(out, func(a, b TypeCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Type, b.Type))
	})
	return out
}

// unknowns lists the gaps of the estate and the unknown results, each place
// and reason once, with the controls that depend on it.
func unknowns(e *estate.Estate, vs []control.Verdict) []Unknown {
	type place struct {
		on     estate.ID
		at     diag.Pos
		reason string
	}
	var out []Unknown
	seen := map[place]int{}
	add := func(p place, control string) {
		i, ok := seen[p]
		if !ok {
			i = len(out)
			seen[p] = i
			out = append(out, Unknown{Resource: p.on, At: p.at, Reason: p.reason})
		}
		if control != "" && !slices.Contains(out[i].Controls, control) {
			out[i].Controls = append(out[i].Controls, control)
		}
	}
	for _, g := range e.Gaps {
		add(place{estate.ID{Addr: g.Of}, g.Pos, g.Why}, "")
	}
	for i := range vs {
		for _, res := range vs[i].Results {
			if res.Status == control.Unknown {
				add(place{res.On.ID, control.Place(res.At, res.On.Called), res.Reason}, vs[i].Control.ID)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Unknown) int {
		return cmp.Or(a.At.Compare(b.At), a.Resource.Compare(b.Resource), strings.Compare(a.Reason, b.Reason))
	})
	return out
}
