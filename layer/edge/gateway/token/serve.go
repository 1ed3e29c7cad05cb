package token

import (
	"embed"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"fathom/layer/edge/gateway/page"
)

//go:embed challenge.gohtml captcha.gohtml work.js challenge.js captcha.js
var files embed.FS

var (
	challengePage = page.Must(files, "challenge.gohtml", "work.js", "challenge.js")
	captchaPage   = page.Must(files, "captcha.gohtml", "work.js", "captcha.js")
)

// view is what the pages see.
type view struct {
	Site, Path, Puzzle, Seed  string
	Difficulty, Parts         int
	Question, Help, Reference string
	WithoutScript             int // seconds
}

// Challenge answers a request that has no valid token for a Challenge action:
// 202, and a page that works for it where the client wants pages (AWS WAF
// Developer Guide, "How the AWS WAF Challenge and CAPTCHA actions work").
func (t *Tokens) Challenge(w http.ResponseWriter, r *http.Request) {
	t.interrupt(w, r, http.StatusAccepted, "challenge", challengePage)
}

// Captcha answers a request that has no valid token for a CAPTCHA action: 405,
// and a page with a question where the client wants pages.
func (t *Tokens) Captcha(w http.ResponseWriter, r *http.Request) {
	t.interrupt(w, r, http.StatusMethodNotAllowed, "captcha", captchaPage)
}

func (t *Tokens) interrupt(w http.ResponseWriter, r *http.Request, code int, action string, p *page.Page) {
	w.Header().Set(ActionHeader, action)
	if !page.Wanted(r) {
		page.Plain(w.Header())
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(code)
		_, _ = io.WriteString(w, "This request needs a token: open the site in a browser first.\n")
		return
	}
	puzzle := t.newPuzzle(r, action == "captcha")
	v := view{Site: r.Host, Path: Path, Difficulty: puzzle.difficulty - partBits, Parts: parts, Help: t.config.Help, Reference: puzzle.id[:8]}
	if puzzle.captcha {
		var answer string
		v.Question, answer = ask()
		puzzle.answer = hashed(puzzle.id, answer)
		v.WithoutScript = int((t.config.WithoutScript + time.Second - 1) / time.Second)
	}
	v.Puzzle = t.sealPuzzle(puzzle)
	v.Seed = seed(v.Puzzle)
	_ = p.Write(w, code, v) // the client has gone
}

// ServeHTTP takes the solutions that the pages send to Path: a form with puzzle,
// work and answer. A right one gives the cookie. Scripts that accept JSON get 200
// or 403 with {"error": WORD}; a form is sent back to the page it came from.
func (t *Tokens) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	page.Plain(w.Header())
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "Solutions are sent with POST.", http.StatusMethodNotAllowed)
		return
	}
	if err := http.NewCrossOriginProtection().Check(r); err != nil {
		http.Error(w, "Solutions come from this site's own pages only.", http.StatusForbidden)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 2*longest)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "This is no form, or too long.", http.StatusBadRequest)
		return
	}
	p, err := t.check(r, r.PostForm.Get("puzzle"), r.PostForm.Get("work"), r.PostForm.Get("answer"))
	if err == nil {
		t.give(w, r, !p.captcha || r.PostForm.Get("work") != "", p.captcha)
	}
	if page.Accepts(r, "application/json") {
		said(w, err)
		return
	}
	if p.back == "" {
		http.Error(w, "This puzzle is not yours, or too old. Go back and reload the page.", http.StatusForbidden)
		return
	}
	w.Header().Set("Location", p.back)
	w.WriteHeader(http.StatusSeeOther)
}

// said answers a script.
func said(w http.ResponseWriter, err error) {
	w.Header().Set("Content-Type", "application/json")
	code, body := http.StatusOK, map[string]string{}
	switch {
	case errors.Is(err, errStore):
		code = http.StatusServiceUnavailable
		w.Header().Set("Retry-After", "2")
		fallthrough
	case err != nil:
		body["error"] = err.Error()
		code = max(code, http.StatusForbidden)
	}
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(body)
}
