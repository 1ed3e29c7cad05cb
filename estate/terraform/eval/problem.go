package eval

import (
	"fmt"
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"

	"fathom/diag"
	"fathom/estate/terraform/config"
)

// position is where an expression stands.
type position diag.Pos

// A fault is why an expression has no value.
type fault struct {
	pos diag.Pos
	msg string
	// told says that a problem tells it already.
	told bool
}

func (p *position) fault(format string, args ...any) *fault {
	if len(args) > 0 {
		format = fmt.Sprintf(format, args...)
	}
	return &fault{pos: diag.Pos(*p), msg: plain(format)}
}

func posOf(r hcl.Range) diag.Pos {
	return diag.At(r.Filename, r.Start.Line, r.Start.Column)
}

func at(r hcl.Range) *position {
	p := position(posOf(r))
	return &p
}

// plain turns the text of a diagnostic into one lower-case line without a full
// stop and of bounded length.
func plain(s string) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' || r == '\t' }), " ")
	s = strings.TrimSuffix(strings.TrimSpace(strings.ToValidUTF8(s, "?")), ".")
	if len(s) > 400 {
		cut := 400
		for !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + "…"
	}
	first, n := utf8.DecodeRuneInString(s)
	next, _ := utf8.DecodeRuneInString(s[n:])
	if unicode.IsUpper(first) && !unicode.IsUpper(next) {
		s = string(unicode.ToLower(first)) + s[n:]
	}
	return s
}

// syntax turns the errors of a parser into problems.
func (e *evaluator) syntax(file string, diags hcl.Diagnostics) {
	n := 0
	for _, d := range diags {
		if d.Severity != hcl.DiagError {
			continue
		}
		if n++; n > maxPerFileErrors {
			return
		}
		pos := diag.Pos{File: file}
		if d.Subject != nil {
			pos = diag.At(file, d.Subject.Start.Line, d.Subject.Start.Column)
		}
		e.problems.Addf(pos, plain(d.Detail), "%s", plain(d.Summary))
	}
}

// gap records something that is unknown, once for each place and reason.
func (e *evaluator) gap(addr string, pos diag.Pos, why string, hides bool) {
	key := gapKey{pos, "gap: " + why}
	if e.told[key] {
		return
	}
	e.told[key] = true
	e.gaps = append(e.gaps, config.Gap{Addr: addr, Pos: pos, Why: e.render(why), Hides: hides})
}

type gapKey struct {
	pos diag.Pos
	why string
}

// problem records a problem, once for each place and sentence.
func (e *evaluator) problem(pos diag.Pos, fix, format string, args ...any) {
	msg := e.render(plain(fmt.Sprintf(format, args...)))
	key := gapKey{pos, msg}
	if e.told[key] {
		return
	}
	e.told[key] = true
	switch n := e.perFile[pos.File]; {
	case n < maxProblems:
		e.problems.Addf(pos, e.render(fix), "%s", msg)
	case n == maxProblems:
		e.problems.Addf(pos, "mend those first", "the file has more than %d problems; the rest is not told", maxProblems)
	}
	e.perFile[pos.File]++
}

// render writes a text that may have placeholders in it for people.
func (e *evaluator) render(s string) string {
	if !strings.Contains(s, holeLead) {
		return s
	}
	var b strings.Builder
	e.splitText(s, func(t string) { b.WriteString(t) }, func(h *hole) { b.WriteString(h.show()) })
	return b.String()
}

// show is what a string shows in the place of a hole.
func (h *hole) show() string {
	if h.expr == "" {
		return "${…}"
	}
	return "${" + h.expr + "}"
}

// nearest returns the name closest to a misspelt one as "did you mean", or the
// other advice.
func (e *evaluator) nearest(name string, names iter.Seq[string], otherwise string) string {
	if len(e.problems) > maxAdvice {
		return otherwise
	}
	best, dist := "", 1+len(name)/3
	for n := range names {
		if l := len(name) - len(n); l > dist || -l > dist || len(name) > 200 {
			continue
		}
		if d := diag.Distance(name, n); d < dist || d == dist && (best == "" || n < best) && d > 0 {
			best, dist = n, d
		}
	}
	if best == "" {
		return otherwise
	}
	return "did you mean " + quoted(best) + "?"
}

func quoted(s string) string { return `"` + s + `"` }

func posFrom(p *position) diag.Pos { return diag.Pos(*p) }
