package origin

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fathom/layer/edge/gateway/spool"
)

// behaviour is what a server does with its nth request, from 1.
type behaviour func(n int, w http.ResponseWriter, r *http.Request)

// dies ends the connection once the request is read, up to the last one.
func dies(last int) behaviour {
	return func(n int, w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		if n <= last {
			panic(http.ErrAbortHandler)
		}
	}
}

func answers(code int) behaviour {
	return func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// slow does not answer before the client goes away.
func slow(_ int, _ http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body) // only then a server notices
	<-r.Context().Done()
}

// backend is a server that remembers what it was asked.
type backend struct {
	*httptest.Server
	mu    sync.Mutex
	asked []*http.Request
}

func newBackend(t *testing.T, does behaviour) *backend {
	t.Helper()
	b := &backend{}
	b.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		b.asked = append(b.asked, r)
		n := len(b.asked)
		b.mu.Unlock()
		does(n, w, r)
	}))
	b.Config.ErrorLog = silent
	b.Start()
	t.Cleanup(b.Close)
	return b
}

func (b *backend) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.asked)
}

// changes are what a Pool told of its servers.
type changes struct {
	mu  sync.Mutex
	all []string
}

func (c *changes) note(_ string, up bool, why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if up {
		why = "up: " + why
	}
	c.all = append(c.all, why)
}

func (c *changes) list() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.all)
}

func newPool(t *testing.T, c Config, o Options) *Pool {
	t.Helper()
	p, err := New("shop", c, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// send sends one request, and gives the status that the client gets.
func send(p *Pool, method string, body *spool.Body) (int, *Outgoing) {
	w, r := httptest.NewRecorder(), httptest.NewRequest(method, "http://shop.example/x", nil)
	o := &Outgoing{Target: "/x", Body: body, Fail: func(w http.ResponseWriter, _ *http.Request, code int, _ error) { w.WriteHeader(code) }}
	func() {
		defer func() {
			if e := recover(); e != nil && e != http.ErrAbortHandler { // an answer that ends midway
				panic(e)
			}
		}()
		p.Forward(w, r, o)
	}()
	return w.Code, o
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it does not come about that %s", what)
		}
	}
}

// RFC 9110, 9.2.2: what may be sent again, and how often.
func TestRetries(t *testing.T) {
	whole := func(t *testing.T) *spool.Body {
		b := spool.NewPool(spool.Limits{Memory: 100, Max: 1000, Disk: 1000, Folder: t.TempDir()}).New(strings.NewReader("abc"), 3)
		if err := b.Fill(); err != nil {
			t.Fatal(err)
		}
		return b
	}
	streamed := func(t *testing.T) *spool.Body {
		return spool.NewPool(spool.Limits{Memory: 1, Max: 1000, Disk: 1000, Folder: t.TempDir()}).New(strings.NewReader("abc"), 3)
	}
	half := func(_ int, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "10")
		io.WriteString(w, "half")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	for _, c := range []struct {
		name, method string
		body         func(*testing.T) *spool.Body
		server       behaviour
		config       Config
		refused      bool // the budget
		attempts     int
		code         int
	}{
		{name: "GET", method: "GET", server: dies(1), attempts: 2, code: 200},
		{name: "HEAD", method: "HEAD", server: dies(1), attempts: 2, code: 200},
		{name: "OPTIONS", method: "OPTIONS", server: dies(1), attempts: 2, code: 200},
		{name: "DELETE", method: "DELETE", server: dies(1), attempts: 2, code: 200},
		{name: "PUT with its whole body", method: "PUT", body: whole, server: dies(1), attempts: 2, code: 200},
		{name: "PUT whose body is on its way", method: "PUT", body: streamed, server: dies(1), attempts: 1, code: 502},
		{name: "POST", method: "POST", server: dies(1), attempts: 1, code: 502},
		{name: "POST with its whole body", method: "POST", body: whole, server: dies(1), attempts: 1, code: 502},
		{name: "PATCH", method: "PATCH", body: whole, server: dies(1), attempts: 1, code: 502},
		{name: "a method of one's own", method: "BREW", server: dies(1), attempts: 1, code: 502},
		{name: "POST, and no connection", method: "POST", body: whole, attempts: 2, code: 502},
		{name: "one retry is not enough", method: "GET", server: dies(2), attempts: 2, code: 502},
		{name: "two are", method: "GET", server: dies(2), config: Config{Retries: 2}, attempts: 3, code: 200},
		{name: "none", method: "GET", server: dies(1), config: Config{Retries: -1}, attempts: 1, code: 502},
		{name: "none for POST without a connection", method: "POST", config: Config{Retries: -1}, attempts: 1, code: 502},
		{name: "the budget is spent", method: "GET", server: dies(1), refused: true, attempts: 1, code: 502},
		{name: "503 is an answer", method: "GET", server: answers(503), attempts: 1, code: 503},
		{name: "so is half of one", method: "GET", server: half, attempts: 1, code: 200},
		{name: "no answer in time", method: "GET", server: slow, config: Config{Answer: 20 * time.Millisecond}, attempts: 2, code: 504},
		{name: "no answer to a POST in time", method: "POST", server: slow, config: Config{Answer: 20 * time.Millisecond}, attempts: 1, code: 504},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBackend(t, c.server)
			want := c.attempts
			if c.server == nil {
				b.Close()
				want = 0
			}
			c.config.URLs = []string{b.URL}
			var body *spool.Body
			if c.body != nil {
				body = c.body(t)
				defer body.Close()
			}
			code, o := send(newPool(t, c.config, Options{Retry: func() bool { return !c.refused }}), c.method, body)
			if code != c.code || o.Attempts != c.attempts || b.count() != want {
				t.Errorf("%d after %d attempts, the server was asked %d times; want %d after %d: %v", code, o.Attempts, b.count(), c.code, c.attempts, o.Err)
			}
		})
	}
}

// A retry goes to another server, and each that fails is counted against itself.
func TestARetryGoesToAnotherServer(t *testing.T) {
	bad, good := newBackend(t, dies(1<<30)), newBackend(t, answers(200))
	p := newPool(t, Config{URLs: []string{bad.URL, good.URL}, Eject: Eject{After: -1}}, Options{})
	for range 10 {
		if code, o := send(p, "GET", nil); code != 200 || o.Server != good.URL {
			t.Errorf("%d by %s after %d attempts", code, o.Server, o.Attempts)
		}
	}
	if bad.count() == 0 || good.count() != 10 {
		t.Errorf("they were asked %d and %d times", bad.count(), good.count())
	}
}

func TestEjection(t *testing.T) {
	every := func(n int) behaviour { // the nth fails
		return func(i int, w http.ResponseWriter, _ *http.Request) {
			if i%n == 0 {
				w.WriteHeader(502)
			}
		}
	}
	for _, c := range []struct {
		name   string
		server behaviour
		eject  Eject
		asked  int // of the first server, in 40 requests
		told   int
	}{
		{"502", answers(502), Eject{After: 3, For: time.Hour}, 3, 1},
		{"503", answers(503), Eject{After: 3, For: time.Hour}, 3, 1},
		{"504", answers(504), Eject{After: 3, For: time.Hour}, 3, 1},
		{"no answer", dies(1 << 30), Eject{After: 3, For: time.Hour}, 3, 1},
		{"five by default", answers(502), Eject{For: time.Hour}, 5, 1},
		{"500 is the service's own", answers(500), Eject{After: 3, For: time.Hour}, 20, 0},
		{"so is 404", answers(404), Eject{After: 3, For: time.Hour}, 20, 0},
		{"failures that are not in a row", every(2), Eject{After: 3, For: time.Hour}, 20, 0},
		{"never", answers(502), Eject{After: -1}, 20, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			first, second := newBackend(t, c.server), newBackend(t, answers(200))
			var told changes
			p := newPool(t, Config{URLs: []string{first.URL, second.URL}, Eject: c.eject, Retries: -1}, Options{Changed: told.note})
			for range 40 {
				send(p, "GET", nil)
			}
			if first.count() != c.asked || second.count() != 40-c.asked || len(told.list()) != c.told {
				t.Errorf("they were asked %d and %d times, told %q; want %d, %d", first.count(), second.count(), told.list(), c.asked, c.told)
			}
		})
	}
}

func TestAServerThatWasPutAsideComesBack(t *testing.T) {
	first, second := newBackend(t, answers(502)), newBackend(t, answers(200))
	p := newPool(t, Config{URLs: []string{first.URL, second.URL}, Eject: Eject{After: 1, For: 20 * time.Millisecond}, Retries: -1}, Options{})
	eventually(t, "it is asked again", func() bool { send(p, "GET", nil); return first.count() >= 3 })
}

// An answer that may fail is better than none.
func TestTheLastServerIsAsked(t *testing.T) {
	only := newBackend(t, answers(502))
	p := newPool(t, Config{URLs: []string{only.URL}, Eject: Eject{After: 1, For: time.Hour}}, Options{})
	both := newPool(t, Config{URLs: []string{only.URL, newBackend(t, answers(503)).URL}, Eject: Eject{After: 1, For: time.Hour}}, Options{})
	for range 5 {
		if code, _ := send(p, "GET", nil); code != 502 {
			t.Errorf("one server: %d", code)
		}
		if code, _ := send(both, "GET", nil); code < 502 {
			t.Errorf("two: %d", code)
		}
	}
}

func TestHealth(t *testing.T) {
	quick := Health{Path: "/up?deep", Host: "health.example", Every: time.Millisecond}
	impatient := quick
	impatient.Timeout = 10 * time.Millisecond
	for _, c := range []struct {
		name   string
		check  behaviour
		health Health
		sick   bool
	}{
		{"200", answers(200), quick, false},
		{"204", answers(204), quick, false},
		{"301 is not followed, and good", answers(301), quick, false},
		{"400", answers(400), quick, true},
		{"404", answers(404), quick, true},
		{"500", answers(500), quick, true},
		{"no answer", dies(1 << 30), quick, true},
		{"no answer in time", slow, impatient, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, other := newBackend(t, c.check), newBackend(t, answers(200))
			p := newPool(t, Config{URLs: []string{b.URL, other.URL}, Health: c.health}, Options{})
			eventually(t, "it is asked", func() bool { return b.count() >= 4 })
			eventually(t, "its state is known", func() bool { return p.servers[0].sick.Load() == c.sick })
			b.mu.Lock()
			r := b.asked[0]
			b.mu.Unlock()
			if r.RequestURI != "/up?deep" || r.Host != "health.example" || r.Method != "GET" || r.UserAgent() != "fathom-health" {
				t.Errorf("the check is %s %s of %s by %q", r.Method, r.RequestURI, r.Host, r.UserAgent())
			}
			for range 4 {
				if _, o := send(p, "GET", nil); c.sick && o.Server != other.URL {
					t.Errorf("a sick server is asked: %d attempts", o.Attempts)
				}
			}
			if !p.Healthy() {
				t.Error("the service is sick")
			}
		})
	}
}

// down and up are how many checks in a row it takes.
func TestHealthChangesAfterSomeInARow(t *testing.T) {
	script := []int{200, 500, 500, 200, 500, 500, 500, 500, 200, 500, 200, 200, 200}
	b := newBackend(t, func(n int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(script[min(n, len(script))-1]) })
	var told changes
	p := newPool(t, Config{URLs: []string{b.URL}, Health: Health{Path: "/", Every: time.Millisecond, Down: 3, Up: 2}}, Options{Changed: told.note})
	eventually(t, "all is asked", func() bool { return b.count() > len(script)+1 })
	if got := told.list(); !slices.Equal(got, []string{"the health check fails", "up: the health check passes"}) || !p.Healthy() {
		t.Errorf("told %q", got)
	}
}

func TestURLsOfServers(t *testing.T) {
	for url, ok := range map[string]bool{
		"http://10.0.0.1:8080": true, "https://shop.example": true, "http://[::1]:80/": true,
		"": false, "shop.example": false, "ftp://shop.example": false, "http://": false, "http://a/path": false, "http://a?q": false, "http://u:p@a": false, "http://a:b": false,
	} {
		if err := (Config{URLs: []string{url}}).Check(); (err == nil) != ok {
			t.Errorf("%q: %v", url, err)
		}
	}
	if (Config{}).Check() == nil {
		t.Error("a service without servers is taken")
	}
}
