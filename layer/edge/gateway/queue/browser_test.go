package queue

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fathom/sounding/browsertest"
)

// newShop is a site whose checkout is behind a waiting room. It runs on a clock
// of its own if there is one.
func newShop(t *testing.T, c Config, now func() time.Time) (*Room, string) {
	c.Name, c.Always = "checkout", true
	q, err := New(c, Options{Keys: [][]byte{testKey(1)}, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle(q.StatusPath(), q)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if q.Serve(w, r) {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprintf(w, `<!doctype html><link rel=icon href="data:,"><h1>Checkout</h1><p>%s</p>`, r.URL.RequestURI())
		}
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return q, s.URL
}

func until(t *testing.T, p *browsertest.Page, expression string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for ctx.Err() == nil {
		if browsertest.Eval[bool](p, "Boolean("+expression+")") {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("the page never came to %s; it shows:\n%s", expression, p.Text("body"))
}

// kept writes a picture where FATHOM_PICTURES says, to look at.
func kept(t *testing.T, p *browsertest.Page, name string) {
	t.Helper()
	if dir := os.Getenv("FATHOM_PICTURES"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name+".png"), p.Screenshot(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// pace is a clock that stands until the test moves it, so that a slow machine
// sees what a fast one does.
type pace struct{ passed atomic.Int64 }

func (p *pace) now() time.Time   { return time.Unix(1e9, p.passed.Load()) }
func (p *pace) pass(seconds int) { p.passed.Add(int64(seconds) * int64(time.Second)) }

func TestABrowserWaitsAndGetsIn(t *testing.T) {
	var at pace
	q, url := newShop(t, Config{Rate: 2}, at.now)
	crowd(q, 13)
	p := browsertest.Open(t, url+"/checkout?cart=7#pay")
	until(t, p, `document.getElementById("where")?.hidden === false`)
	first := browsertest.Eval[int](p, `+document.getElementById("place").textContent`)
	if first != 12 {
		t.Errorf("the place is %d; want 12", first)
	}
	at.pass(2)
	until(t, p, `document.getElementById("place")?.textContent == "8"`)
	at.pass(4)
	until(t, p, `document.querySelector("h1")?.textContent == "Checkout"`)
	if got := p.Text("p"); got != "/checkout?cart=7" {
		t.Errorf("it came to %s", got)
	}
	for _, address := range p.Requests() {
		if !strings.HasPrefix(address, url) && !strings.HasPrefix(address, "data:") {
			t.Errorf("the page asked for %s", address)
		}
	}
	for _, e := range p.Errors() {
		if !strings.Contains(e, "503") { // Chromium notes the answer itself
			t.Errorf("on the console: %s", e)
		}
	}
}

func TestThePageOnlyChangesWhatChanged(t *testing.T) {
	var at pace
	q, url := newShop(t, Config{Rate: 2}, at.now)
	crowd(q, 10)
	p := browsertest.Open(t, url+"/checkout")
	until(t, p, `document.getElementById("where")?.hidden === false`)
	browsertest.Eval[bool](p, `(window.same = true, document.querySelector("main").tabIndex = -1, document.querySelector("main").focus(), true)`)
	at.pass(3)
	until(t, p, `document.getElementById("place")?.textContent == "3"`)
	if !browsertest.Eval[bool](p, `window.same === true && document.activeElement.tagName == "MAIN"`) {
		t.Error("the page was loaded anew, or lost the focus")
	}
	if got := browsertest.Eval[string](p, "document.title"); !strings.HasPrefix(got, "Number ") {
		t.Errorf("the title is %q", got)
	}
}

func TestABrowserWithoutJavaScriptWaitsAndGetsIn(t *testing.T) {
	var at pace
	q, url := newShop(t, Config{Rate: 2}, at.now)
	crowd(q, 8)
	p := browsertest.Open(t, "about:blank")
	p.NoScript()
	p.Go(url + "/checkout")
	until(t, p, `document.getElementById("where")?.hidden === false && document.getElementById("place")?.textContent == "7"`)
	kept(t, p, "queue-noscript")
	at.pass(4)
	until(t, p, `document.querySelector("h1")?.textContent == "Checkout"`)
}

func TestThePageLooksRight(t *testing.T) {
	at := start()
	q, url := newShop(t, Config{Rate: 4}, at.now)
	crowd(q, 1237)
	p := browsertest.Open(t, "about:blank")
	p.Look(false, 1000)
	p.Go(url + "/checkout")
	until(t, p, `document.getElementById("where")?.hidden === false`)
	for _, look := range []struct {
		name  string
		dark  bool
		width int64
	}{{"light", false, 1000}, {"dark", true, 1000}, {"narrow", false, 320}} {
		p.Look(look.dark, look.width)
		if browsertest.Eval[bool](p, "document.documentElement.scrollWidth > innerWidth") {
			t.Errorf("%s: the page has to be scrolled sideways", look.name)
		}
		if browsertest.Eval[string](p, "document.documentElement.lang") != "en" {
			t.Errorf("%s: no language", look.name)
		}
		kept(t, p, "queue-"+look.name)
	}
	if n := browsertest.Eval[int](p, "document.documentElement.outerHTML.length"); n > 10_000 {
		t.Errorf("the page has %d bytes", n)
	}
}
