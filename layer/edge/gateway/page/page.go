package page

import (
	"bytes"
	"crypto/rand"
	"embed"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
)

//go:embed layout.gohtml style.css
var own embed.FS

// Page is one page, ready to be shown many times.
type Page struct {
	template *template.Template
	style    template.CSS
	script   template.JS
}

// Must reads a page out of embedded files: a template, and scripts that run one
// after another. It panics where they are not well-formed, which a program
// notices as it starts.
func Must(files fs.FS, name string, scripts ...string) *Page {
	t := template.Must(template.ParseFS(own, "layout.gohtml"))
	template.Must(t.ParseFS(files, name))
	var script strings.Builder
	for _, name := range scripts {
		script.WriteString(text(files, name))
	}
	return &Page{t.Lookup("layout.gohtml"), template.CSS(text(own, "style.css")), template.JS(script.String())}
}

func text(files fs.FS, name string) string {
	b, err := fs.ReadFile(files, name)
	if err != nil {
		panic(err)
	}
	var out strings.Builder
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") && !strings.HasPrefix(line, "/*") {
			out.WriteString(line + "\n") // what is a line for us is a byte for every visitor
		}
	}
	return out.String()
}

// Write answers with the page. Data is what its templates see as .Data. An
// answer is never kept by a cache.
func (p *Page) Write(w http.ResponseWriter, code int, data any) error {
	nonce := rand.Text()
	var b bytes.Buffer
	err := p.template.Execute(&b, struct {
		Nonce  string
		Style  template.CSS
		Script template.JS
		Data   any
	}{nonce, p.style, p.script, data})
	if err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return err
	}
	Plain(w.Header())
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'nonce-"+nonce+"'; style-src 'nonce-"+nonce+
		"'; img-src data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	w.WriteHeader(code)
	_, err = w.Write(b.Bytes())
	return err
}

// Plain sets the headers that every answer of the gateway's own has: no cache
// keeps it, no browser guesses what it is.
func Plain(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Add("Vary", "Accept, Cookie")
}

// Wanted says whether a client wants a page: it accepts HTML and asks with GET.
// AWS WAF shows its own pages by the same rule (Developer Guide, "CAPTCHA and
// Challenge in AWS WAF").
func Wanted(r *http.Request) bool {
	return r.Method == http.MethodGet && Accepts(r, "text/html")
}

// Accepts says whether a client names a media type among those it accepts.
func Accepts(r *http.Request, media string) bool {
	for _, line := range r.Header.Values("Accept") {
		if strings.Contains(strings.ToLower(line), media) {
			return true
		}
	}
	return false
}
