package token

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"fathom/engine/webacl"
	"fathom/sounding/browsertest"
)

// shop is a site that shows its page to whoever has a token.
type shop struct {
	*httptest.Server
	tokens   *Tokens
	captcha  bool
	puzzles  atomic.Int32 // pages of a puzzle shown
	welcomes atomic.Int32
}

func newShop(t *testing.T, c Config, captcha bool) *shop {
	s := &shop{captcha: captcha}
	var err error
	s.tokens, err = New(c, Options{Keys: [][]byte{testKey(1)}, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle(Path, s.tokens)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		token := s.tokens.Read(r)
		switch {
		case token.State == webacl.TokenValid && (token.Captcha > 0 || !captcha):
			s.welcomes.Add(1)
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprintf(w, `<!doctype html><link rel=icon href="data:,"><h1>Welcome</h1><p>%s</p>`, r.URL.RequestURI())
		case captcha:
			s.puzzles.Add(1)
			s.tokens.Captcha(w, r)
		default:
			s.puzzles.Add(1)
			s.tokens.Challenge(w, r)
		}
	})
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// until asks the page until an expression is true.
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

func TestABrowserSolvesTheChallenge(t *testing.T) {
	s := newShop(t, Config{}, false)
	p := browsertest.Open(t, s.URL+"/cart?item=1&x=%2F#part")
	until(t, p, `document.querySelector("h1")?.textContent == "Welcome"`)
	if got := p.Text("p"); got != "/cart?item=1&x=%2F" {
		t.Errorf("it came to %s", got)
	}
	if got := browsertest.Eval[string](p, "location.hash"); got != "#part" {
		t.Errorf("the fragment is %q", got)
	}
	if got := browsertest.Eval[string](p, "document.cookie"); got != "" {
		t.Errorf("scripts see the cookie: %s", got)
	}
	if n := s.puzzles.Load(); n != 1 {
		t.Errorf("%d challenges for one visit", n)
	}
	for _, url := range p.Requests() {
		if !strings.HasPrefix(url, s.URL) && !strings.HasPrefix(url, "data:") {
			t.Errorf("the page asked for %s", url)
		}
	}
	p.Clean()
}

// answerOf answers the questions of the page, as somebody who targets them would.
func answerOf(t *testing.T, question string) string {
	t.Helper()
	number := func(word string) int {
		for n, w := range numerals {
			if w == word {
				return n
			}
		}
		t.Fatalf("%q is no number", word)
		return 0
	}
	if m := regexp.MustCompile(`^What is (\w+) plus (\w+)\?$`).FindStringSubmatch(question); m != nil {
		return fmt.Sprint(number(m[1]) + number(m[2]))
	}
	if m := regexp.MustCompile(`^There are (\w+) people on a bus and (\w+) get off`).FindStringSubmatch(question); m != nil {
		return numerals[number(m[1])-number(m[2])] // in words
	}
	if m := regexp.MustCompile(`^Here are four words: (\w+), (\w+), (\w+), (\w+)\. What is the (\w+) word`).FindStringSubmatch(question); m != nil {
		for i, o := range ordinals {
			if o == m[5] {
				return " " + strings.ToUpper(m[1+i]) + "."
			}
		}
	}
	if m := regexp.MustCompile(`^Which of these is (.*): (\w+), (\w+), (\w+) or (\w+)\?$`).FindStringSubmatch(question); m != nil {
		for _, w := range m[2:] {
			for _, k := range kinds[m[1]] {
				if k == w {
					return "the " + w
				}
			}
		}
	}
	t.Fatalf("nobody can answer %q", question)
	return ""
}

func TestTheCaptchaIsAnsweredWithKeysOnly(t *testing.T) {
	s := newShop(t, Config{CaptchaDifficulty: 14, Help: "Call 555 0100 if you cannot answer."}, true)
	p := browsertest.Open(t, s.URL+"/login")
	until(t, p, `document.getElementById("puzzle")?.hidden === false`)
	p.Press(kb.Tab) // the field is the first thing that takes the focus
	if id := browsertest.Eval[string](p, "document.activeElement.id"); id != "answer" {
		t.Fatalf("the first Tab goes to %q", id)
	}
	p.Press("no idea" + kb.Enter)
	until(t, p, `document.getElementById("status")?.textContent.includes("not the answer")`)
	if id := browsertest.Eval[string](p, "document.activeElement.id"); id != "answer" {
		t.Errorf("after a wrong answer the focus is on %q", id)
	}
	kept(t, p, "captcha-wrong")
	p.Press(answerOf(t, p.Text("label")) + kb.Enter)
	until(t, p, `document.querySelector("h1")?.textContent == "Welcome"`)
	if got := p.Text("p"); got != "/login" {
		t.Errorf("it came to %s", got)
	}
	if n := s.puzzles.Load(); n != 2 {
		t.Errorf("%d questions for a wrong and a right answer", n)
	}
	for _, e := range p.Errors() {
		// Chromium notes each 4xx; those are the two that CAPTCHA has to answer.
		if !strings.Contains(e, "405") && !strings.Contains(e, "403") {
			t.Errorf("on the console: %s", e)
		}
	}
}

func TestABrowserWithoutCookiesIsToldSo(t *testing.T) {
	s := newShop(t, Config{Difficulty: 8}, false)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del("Cookie") // what a browser that keeps none sends
		s.Config.Handler.ServeHTTP(w, r)
	}))
	t.Cleanup(proxy.Close)
	p := browsertest.Open(t, proxy.URL)
	until(t, p, `document.getElementById("status")?.textContent.includes("allow cookies")`)
	if n := s.puzzles.Load(); n > 6 {
		t.Errorf("%d challenges before it gave up", n)
	}
	if !browsertest.Eval[bool](p, `!document.querySelector("#again").hidden`) {
		t.Error("there is no button to try again")
	}
}

func TestWithoutJavaScriptThePagesSaySo(t *testing.T) {
	for _, captcha := range []bool{false, true} {
		s := newShop(t, Config{}, captcha)
		p := browsertest.Open(t, "about:blank")
		p.NoScript()
		p.Go(s.URL)
		if got := p.Text("noscript"); !strings.Contains(got, "needs JavaScript") {
			t.Errorf("captcha %v: without JavaScript it says %q", captcha, got)
		}
		if browsertest.Eval[bool](p, `document.querySelector("form").checkVisibility()`) {
			t.Errorf("captcha %v: it shows a form that leads nowhere", captcha)
		}
		kept(t, p, fmt.Sprintf("noscript-%v", captcha))
	}
}

func TestACaptchaWithoutJavaScriptTakesItsTime(t *testing.T) {
	s := newShop(t, Config{WithoutScript: 10 * time.Second}, true)
	var passed atomic.Int64
	s.tokens.now = func() time.Time { return time.Now().Add(time.Duration(passed.Load())) }
	p := browsertest.Open(t, "about:blank")
	p.NoScript()
	p.Go(s.URL + "/login?next=1")
	answer := func() {
		p.Press(kb.Tab)
		p.Press(answerOf(t, p.Text("label")) + kb.Enter)
	}
	puzzle := `document.querySelector("[name=puzzle]")?.value`
	first := browsertest.Eval[string](p, puzzle)
	answer()
	waitFor(t, func() bool { return s.puzzles.Load() == 2 })
	until(t, p, fmt.Sprintf(`document.readyState == "complete" && (%s ?? %q) != %q`, puzzle, first, first))
	if s.welcomes.Load() != 0 {
		t.Fatal("an answer at once was taken")
	}
	passed.Store(int64(11 * time.Second))
	answer()
	waitFor(t, func() bool { return s.welcomes.Load() == 1 })
	until(t, p, `document.querySelector("p")?.textContent == "/login?next=1"`)
}

func waitFor(t *testing.T, what func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !what(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it never came to that")
		}
	}
}

func TestThePagesLookRight(t *testing.T) {
	for _, captcha := range []bool{false, true} {
		// The work takes for ever, so that the page can be looked at.
		s := newShop(t, Config{Difficulty: 24, CaptchaDifficulty: 24, Help: "If you cannot pass, write to help@shop.example."}, captcha)
		p := browsertest.Open(t, "about:blank")
		for _, look := range []struct {
			name  string
			dark  bool
			width int64
		}{{"light", false, 1000}, {"dark", true, 1000}, {"narrow", false, 320}} {
			p.Look(look.dark, look.width)
			p.Go(s.URL)
			until(t, p, `document.getElementById("puzzle")?.hidden === false`)
			if browsertest.Eval[bool](p, "document.documentElement.scrollWidth > innerWidth") {
				t.Errorf("captcha %v, %s: the page has to be scrolled sideways", captcha, look.name)
			}
			if browsertest.Eval[string](p, "document.documentElement.lang") != "en" || browsertest.Eval[string](p, "document.title") == "" {
				t.Errorf("captcha %v, %s: no language or no title", captcha, look.name)
			}
			kept(t, p, fmt.Sprintf("token-%v-%s", captcha, look.name))
		}
		if n := browsertest.Eval[int](p, "document.documentElement.outerHTML.length"); n > 10_000 {
			t.Errorf("captcha %v: the page has %d bytes", captcha, n)
		}
	}
}
