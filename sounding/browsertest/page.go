package browsertest

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Page is a page in a browser of its own.
type Page struct {
	t   testing.TB
	ctx context.Context

	mu       sync.Mutex
	errors   []string
	requests []string
}

// patience is how long a page may take for one thing: far more than it needs,
// so that only a browser that hangs runs into it.
const patience = 2 * time.Minute

// Open opens an address in a new browser, in a window of 1280 by 900.
func Open(t testing.TB, url string) *Page { t.Helper(); return open(t, url) }

// OpenTrusting is Open in a browser that trusts one certificate more, whoever
// signed it: that of a server in a test.
func OpenTrusting(t testing.TB, c *x509.Certificate, url string) *Page {
	t.Helper()
	key := sha256.Sum256(c.RawSubjectPublicKeyInfo)
	return open(t, url, chromedp.Flag("ignore-certificate-errors-spki-list", base64.StdEncoding.EncodeToString(key[:])))
}

func open(t testing.TB, url string, more ...chromedp.ExecAllocatorOption) *Page {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("chromium is missing: run make setup")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.UserDataDir(t.TempDir()),
		chromedp.WindowSize(1280, 900),
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.WSURLReadTimeout(patience),
	)
	opts = append(opts, more...)
	if os.Geteuid() == 0 {
		opts = append(opts, chromedp.NoSandbox)
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(cancel)
	p := &Page{t: t}
	p.ctx, cancel = chromedp.NewContext(ctx, chromedp.WithListener(p.hear))
	t.Cleanup(cancel)
	if err := chromedp.Do(p.ctx); err != nil { // the browser lives as long as the context of the first
		t.Fatalf("starting Chromium: %v", err)
	}
	p.listen()
	if _, err := chromedp.Call(p.ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatalf("listening to the network: %v", err)
	}
	run(p, chromedp.Navigate(url))
	return p
}

// listen keeps what goes wrong on the console.
func (p *Page) listen() {
	messages, done := chromedp.Console(p.ctx), make(chan struct{})
	go func() {
		defer close(done)
		for m, err := range messages {
			if err != nil {
				return // the browser has gone
			}
			switch m.Type {
			case chromedp.ConsoleLog, chromedp.ConsoleDebug, chromedp.ConsoleInfo:
			default:
				p.mu.Lock()
				p.errors = append(p.errors, m.String())
				p.mu.Unlock()
			}
		}
	}()
	p.t.Cleanup(func() { _ = chromedp.Cancel(p.ctx); <-done })
}

// hear keeps what is asked of the network.
func (p *Page) hear(event any) {
	if e, ok := event.(*network.EventRequestWillBeSent); ok {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.requests = append(p.requests, e.Request.URL)
	}
}

func run[T any](p *Page, a chromedp.Action[T]) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		p.t.Fatalf("the page: %v", err)
	}
	return v
}

// Text is the text of the first element that a CSS selector finds, as it is
// shown.
func (p *Page) Text(selector string) string {
	p.t.Helper()
	return run(p, chromedp.Text(chromedp.CSS(selector)))
}

// Click clicks on the first element that a CSS selector finds.
func (p *Page) Click(selector string) {
	p.t.Helper()
	run(p, chromedp.Click(chromedp.CSS(selector)))
}

// Eval is what a JavaScript expression gives on the page, a promise's value
// included.
func Eval[T any](p *Page, expression string) T {
	p.t.Helper()
	return run(p, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// Press types keys, as the package kb of chromedp names them, wherever the focus
// is.
func (p *Page) Press(keys string) { p.t.Helper(); run(p, chromedp.KeyEvent(keys)) }

// Screenshot is the whole page as a PNG.
func (p *Page) Screenshot() []byte { p.t.Helper(); return run(p, chromedp.FullScreenshot(100)) }

// PDF is the page as it prints.
func (p *Page) PDF() []byte {
	p.t.Helper()
	return run(p, chromedp.PrintToPDF(chromedp.PDFPrintBackground(), chromedp.PDFPreferCSSPageSize()))
}

// Requests are the addresses that the page has asked for, itself first.
func (p *Page) Requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.requests...)
}

// Errors are the errors and warnings on the console, and what was thrown.
func (p *Page) Errors() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.errors...)
}

// Clean fails the test if anything is on the console.
func (p *Page) Clean() {
	p.t.Helper()
	for _, e := range p.Errors() {
		p.t.Errorf("on the console: %s", e)
	}
}
