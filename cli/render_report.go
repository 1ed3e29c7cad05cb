package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/diff"

	"fathom/diag"
	"fathom/render"
)

// report prints what changes. What a person edited is shown as a difference, and
// with --check so is every file that is there and would be another.
func report(env *Env, f *renderFlags, changes []render.Change) error {
	if f.format == "json" {
		return reportJSON(env, changes)
	}
	counts := map[render.Kind]int{}
	for _, c := range changes {
		counts[c.Kind]++
		if c.Kind == render.Keep {
			continue
		}
		if _, err := fmt.Fprintf(env.Stdout, "%-10s %s\n", c.Kind, diag.Plain(c.Path)); err != nil {
			return err
		}
		if c.Kind.ByHand() || f.check && c.Kind == render.Update {
			if _, err := fmt.Fprint(env.Stdout, difference(c)); err != nil {
				return err
			}
		}
	}
	var words []string
	for k := render.Keep; k <= render.Discard; k++ {
		if n := counts[k]; n > 0 {
			words = append(words, fmt.Sprintf("%d to %s", n, k))
		}
	}
	_, err := fmt.Fprintf(env.Stdout, "%s in %s: %s\n", count(len(changes), "file", "files"), diag.Plain(f.out), strings.Join(words, ", "))
	return err
}

// JSONRender is what render prints with --format json.
type JSONRender struct {
	Schema  string       `json:"schema"`
	Changes []JSONChange `json:"changes"`
}

// JSONChange is what becomes of one file: keep, add, update, remove, overwrite
// or discard.
type JSONChange struct {
	Path   string `json:"path"`
	Change string `json:"change"`
}

func reportJSON(env *Env, changes []render.Change) error {
	out := JSONRender{Schema: "fathom.render/v1", Changes: []JSONChange{}}
	for _, c := range changes {
		out.Changes = append(out.Changes, JSONChange{c.Path, c.Kind.String()})
	}
	e := json.NewEncoder(env.Stdout)
	e.SetIndent("", "  ")
	return e.Encode(out)
}

// difference is a change line by line. What a person wrote there does nothing to
// the terminal.
func difference(c render.Change) string {
	if !utf8.Valid(c.Old) || !utf8.Valid(c.New) {
		return fmt.Sprintf("    %d bytes on disk, %d rendered\n", len(c.Old), len(c.New))
	}
	var b strings.Builder
	for line := range strings.Lines(string(diff.Diff("on disk", c.Old, "rendered", c.New))) {
		line = strings.ReplaceAll(strings.TrimSuffix(line, "\n"), "\t", "    ")
		b.WriteString("    " + diag.Plain(line) + "\n")
	}
	return b.String()
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
