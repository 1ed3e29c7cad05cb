package sounding_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"fathom/control"
	"fathom/estate"
	"fathom/estate/read"
	"fathom/layer/all"
	"fathom/layer/ground"
	"fathom/sounding"
	"fathom/sounding/browsertest"
)

// measured is the report of files below examples.
func measured(t *testing.T, dir, path string) *sounding.Report {
	t.Helper()
	e, _ := read.Paths(os.DirFS(dir), []string{path}, read.Options{})
	return reported(t, e)
}

func reported(t *testing.T, e *estate.Estate) *sounding.Report {
	t.Helper()
	var controls []*control.Control
	layers := all.Layers()
	for i := range layers {
		for j := range layers[i].Controls {
			controls = append(controls, &layers[i].Controls[j])
		}
	}
	r, err := sounding.Measure(ground.Of(e), all.Steps(e), controls, sounding.Options{Losses: true})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// opened writes the report's page to a file and opens it in Chromium.
func opened(t *testing.T, r *sounding.Report) *browsertest.Page {
	t.Helper()
	var b bytes.Buffer
	if err := r.WriteHTML(&b); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "depth.html")
	if dir := os.Getenv("FATHOM_PICTURES"); dir != "" { // to look at it
		path = filepath.Join(dir, t.Name()+".html")
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	p := browsertest.Open(t, "file://"+path)
	if dir := os.Getenv("FATHOM_PICTURES"); dir != "" {
		for name, data := range map[string][]byte{"png": p.Screenshot(), "pdf": p.PDF()} {
			if err := os.WriteFile(filepath.Join(dir, t.Name()+"."+name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return p
}

func TestThePageShowsTheTableAndThePath(t *testing.T) {
	r := measured(t, "../examples", "shopnow-before")
	p := opened(t, r)
	rows := browsertest.Eval[int](p, `document.querySelectorAll("#table + table tbody tr").length`)
	if rows != 6 {
		t.Errorf("the table has %d rows, want one for each of six attackers", rows)
	}
	cells := browsertest.Eval[int](p, `document.querySelectorAll("#table + table tbody td").length`)
	if want := 6 * len(r.Aims); cells != want {
		t.Errorf("the table has %d cells, want %d", cells, want)
	}
	for i := range r.Rows {
		for j := range r.Rows[i].Cells {
			want := r.Rows[i].Cells[j].String()
			got := browsertest.Eval[string](p, `document.querySelectorAll("#table + table tbody tr")[`+itoa(i)+`].cells[`+itoa(j+1)+`].querySelector("b").textContent`)
			if got != want {
				t.Errorf("row %d, column %d shows %q, want %q", i, j, got, want)
			}
		}
	}
	chosen := `document.querySelector("section.cell.shown")`
	if n := browsertest.Eval[int](p, `document.querySelectorAll("section.cell.shown").length`); n != 1 {
		t.Fatalf("%d paths are shown, want that of the chosen cell", n)
	}
	if n := browsertest.Eval[int](p, chosen+`.querySelectorAll("ol > li").length`); n == 0 {
		t.Error("the chosen cell tells no path")
	}
	if n := browsertest.Eval[int](p, `document.querySelectorAll(".over.shown > path").length`); n == 0 {
		t.Error("the path is not drawn")
	}
	if n := browsertest.Eval[int](p, `document.querySelectorAll(".node.on").length`); n < 2 {
		t.Errorf("%d things are on the path in the drawing, want at least where it begins and ends", n)
	}
	p.Clean()
	if got := p.Requests(); len(got) != 1 {
		t.Errorf("the page asks for more than itself: %v", got)
	}
	if pdf := p.PDF(); !bytes.HasPrefix(pdf, []byte("%PDF-")) || len(pdf) < 20_000 {
		t.Errorf("it prints to %d bytes that begin with %.8q", len(pdf), pdf)
	}
	p.Clean()
}

func TestThePageWorksByKeyboard(t *testing.T) {
	p := opened(t, measured(t, "../examples", "shopnow-before"))
	shown := func() string { return browsertest.Eval[string](p, `document.querySelector("section.cell.shown").id`) }
	first := shown()
	browsertest.Eval[bool](p, `(document.querySelector("a[data-cell]").focus(), true)`)
	p.Press(kb.ArrowRight)
	p.Press(kb.Enter)
	if got := shown(); got == first {
		t.Errorf("after → and Enter the cell is still %s", got)
	}
	box := func() string {
		return browsertest.Eval[string](p, `document.getElementById("drawing").getAttribute("viewBox")`)
	}
	whole := box()
	browsertest.Eval[bool](p, `(document.getElementById("drawing").focus(), true)`)
	p.Press("+")
	if box() == whole {
		t.Error("+ does not zoom in")
	}
	p.Press("0")
	if got := box(); got != whole {
		t.Errorf("0 shows %s, want all of it, %s", got, whole)
	}
	p.Click(`[data-zoom="in"]`)
	if box() == whole {
		t.Error("the button does not zoom in")
	}
	p.Clean()
}

func TestNamesInThePageAreText(t *testing.T) {
	e, _ := read.Paths(os.DirFS("testdata"), []string{"hostile"}, read.Options{})
	r := reported(t, e)
	var b bytes.Buffer
	if err := r.WriteHTML(&b); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "<script>alert") || strings.Contains(b.String(), "<img src=x") {
		t.Error("a name of the files is markup in the page")
	}
	p := opened(t, r)
	if browsertest.Eval[bool](p, `window.pwned === true`) {
		t.Error("a name of the files ran as a script")
	}
	if !strings.Contains(browsertest.Eval[string](p, `document.body.textContent`), "<script>alert") {
		t.Error("the name is not on the page: the test shows nothing")
	}
	p.Clean()
}

func TestThePageIsTheSameEveryTime(t *testing.T) {
	var pages [2]bytes.Buffer
	for i := range pages {
		if err := measured(t, "../examples", "shopnow-before").WriteHTML(&pages[i]); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(pages[0].Bytes(), pages[1].Bytes()) {
		t.Error("two reports of one estate differ")
	}
}

func itoa(i int) string { return strconv.Itoa(i) }
