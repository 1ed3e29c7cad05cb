package identity

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"fathom/control"
	"fathom/diag"
	"fathom/engine/iam/escalate"
	"fathom/estate"
)

// A document is too wide by what it says, and also by where it leads: the
// engine tries every known way of raising privileges, with boundaries, denies
// and trust policies, and what it finds stands at the documents that its steps
// need.

// raises are the ways of raising privileges by the place of the documents, and
// of the attachments of AWS's policies, that allow their steps.
type raises map[diag.Pos][]escalate.Path

func raisesOf(e *estate.Estate) raises {
	out := raises{}
	for _, p := range estate.Once(e, climbsOf) {
		seen := map[diag.Pos]bool{}
		for _, s := range p.Steps {
			for _, b := range s.Because {
				if b.Effect.String() == "Allow" && b.Place == "identity" && !b.At.IsZero() && !seen[b.At] {
					seen[b.At] = true
					out[b.At] = append(out[b.At], p)
				}
			}
		}
	}
	for at := range out {
		slices.SortStableFunc(out[at], func(a, b escalate.Path) int {
			return cmp.Or(int(b.Certain)-int(a.Certain), int(b.Gains.Kind)-int(a.Gains.Kind), len(a.Steps)-len(b.Steps))
		})
	}
	return out
}

// worst is the way that gains most among those that surely work.
func (r raises) worst(at diag.Pos) (p escalate.Path, n int, ok bool) {
	for _, q := range r[at] {
		if q.Certain == estate.Yes {
			n++
		}
	}
	if n == 0 {
		return p, 0, false
	}
	return r[at][0], n, true
}

// severityOf is how bad it is to gain something.
func severityOf(g escalate.Gain) control.Severity {
	if g.Kind == escalate.Administrator {
		return control.Critical
	}
	return control.High
}

// leads adds to a mistake where the document leads; for a document that says
// nothing too wide it is the mistake.
func (r raises) leads(m *control.Mistake, name string) bool {
	p, n, ok := r.worst(m.At)
	if !ok {
		return false
	}
	head := p.Head()
	head = head[:strings.LastIndex(head, ": ")]
	switch {
	case m.Summary != "":
		m.Summary += ", and by it " + head
	default:
		m.Summary = name + " is a way to more rights: by it " + head
		m.Fix = "take away one of the requests of the chain, or bind it to resources that lead nowhere; fathom access escalate shows each chain"
	}
	if n > 1 {
		m.Summary += fmt.Sprintf(" (and %d more)", n-1)
	}
	m.Severity = max(m.Severity, severityOf(p.Gains))
	for _, line := range p.Lines() {
		m.Evidence = append(m.Evidence, control.Evidence{At: m.At, Saw: strings.TrimSpace(line)})
	}
	return true
}
