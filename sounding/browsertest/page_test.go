package browsertest

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func page1(t *testing.T, html string) *Page {
	t.Helper()
	path := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(path, []byte("<!doctype html><meta charset=utf-8><link rel=icon href=data:,>"+html), 0o600); err != nil {
		t.Fatal(err)
	}
	return Open(t, "file://"+path)
}

func TestAPageIsSeen(t *testing.T) {
	p := page1(t, `<h1>Depth</h1><script>document.addEventListener("keydown", e => document.title = e.key)</script>`)
	if got := p.Text("h1"); got != "Depth" {
		t.Errorf("the heading is %q", got)
	}
	p.Press("x")
	if got := Eval[string](p, "document.title"); got != "x" {
		t.Errorf("after the key the title is %q", got)
	}
	if pdf := p.PDF(); !bytes.HasPrefix(pdf, []byte("%PDF-")) {
		t.Errorf("the print is no PDF: %.20q", pdf)
	}
	if png := p.Screenshot(); !bytes.HasPrefix(png, []byte("\x89PNG")) {
		t.Errorf("the picture is no PNG: %.20q", png)
	}
	p.Clean()
}

func TestErrorsAndRequestsAreHeard(t *testing.T) {
	p := page1(t, `<p>x</p><script>console.error("broken thing"); setTimeout(() => { throw new Error("thrown thing") })</script><img src="other.png">`)
	Eval[bool](p, `new Promise(r => setTimeout(() => r(true), 300))`)
	all := strings.Join(p.Errors(), "\n")
	for _, want := range []string{"broken thing", "thrown thing"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not among the errors:\n%s", want, all)
		}
	}
	if !strings.Contains(strings.Join(p.Requests(), "\n"), "other.png") {
		t.Errorf("the picture is not among the requests: %v", p.Requests())
	}
}

func TestAPageIsSeenOtherwise(t *testing.T) {
	p := page1(t, `<h1>Depth</h1><noscript><p>no script</p></noscript><script>document.title = "ran"</script>`)
	p.Look(true, 400)
	if !Eval[bool](p, `matchMedia("(prefers-color-scheme: dark)").matches && innerWidth == 400`) {
		t.Error("the page is not dark and narrow")
	}
	p.NoScript()
	p.Go(Eval[string](p, "location.href"))
	if got := p.Text("noscript"); got != "no script" {
		t.Errorf("without JavaScript it says %q", got)
	}
	if got := Eval[string](p, "document.title"); got == "ran" {
		t.Error("the script ran")
	}
}
