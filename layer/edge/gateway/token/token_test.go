package token

import (
	"context"
	"encoding/json"
	"errors"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"fathom/engine/webacl"
)

func testKey(n byte) []byte {
	key := make([]byte, 32)
	for i := range key {
		key[i] = n
	}
	return key
}

// clock is a clock that stands until it is moved.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func testTokens(t *testing.T, c Config, at *clock, keys ...byte) *Tokens {
	t.Helper()
	o := Options{Now: at.now}
	for _, k := range keys {
		o.Keys = append(o.Keys, testKey(k))
	}
	tokens, err := New(c, o)
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

func ask1(method, target string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

func TestSection9AnswersOfChallengeAndCaptcha(t *testing.T) {
	tokens := testTokens(t, Config{}, &clock{time.Unix(1e9, 0)}, 1)
	for _, tt := range []struct {
		name    string
		show    func(http.ResponseWriter, *http.Request)
		request *http.Request
		code    int
		action  string
		page    bool
	}{
		{"challenge, page", tokens.Challenge, ask1("GET", "https://shop.example/", "Accept", "text/html,*/*"), 202, "challenge", true},
		{"challenge, script", tokens.Challenge, ask1("GET", "https://shop.example/", "Accept", "*/*"), 202, "challenge", false},
		{"challenge, POST", tokens.Challenge, ask1("POST", "https://shop.example/", "Accept", "text/html"), 202, "challenge", false},
		{"captcha, page", tokens.Captcha, ask1("GET", "https://shop.example/", "Accept", "TEXT/HTML"), 405, "captcha", true},
		{"captcha, no Accept", tokens.Captcha, ask1("GET", "https://shop.example/"), 405, "captcha", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			tt.show(w, tt.request)
			if w.Code != tt.code || w.Header().Get("x-amzn-waf-action") != tt.action {
				t.Errorf("%d, %s", w.Code, w.Header().Get("x-amzn-waf-action"))
			}
			if got := strings.Contains(w.Body.String(), "<form"); got != tt.page {
				t.Errorf("a page: %v; want %v", got, tt.page)
			}
			if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Set-Cookie") != "" {
				t.Errorf("the headers are %v", w.Header())
			}
			if tt.page {
				policy := w.Header().Get("Content-Security-Policy")
				nonce := regexp.MustCompile(`'nonce-([A-Z0-9]{26})'`).FindStringSubmatch(policy)
				if nonce == nil || strings.Contains(policy, "unsafe") || strings.Count(w.Body.String(), `nonce="`+nonce[1]+`"`) != 2 {
					t.Errorf("the policy %q does not fit the page", policy)
				}
				if w.Body.Len() > 10_000 {
					t.Errorf("the page has %d bytes", w.Body.Len())
				}
			}
		})
	}
}

var puzzleValue = regexp.MustCompile(`name="puzzle" value="([^"]+)"`)

// visit gets the page of a challenge or CAPTCHA and returns its puzzle and
// question.
func visit(t *testing.T, show func(http.ResponseWriter, *http.Request), r *http.Request) (puzzle, question string) {
	t.Helper()
	r.Header.Set("Accept", "text/html")
	w := httptest.NewRecorder()
	show(w, r)
	m := puzzleValue.FindStringSubmatch(w.Body.String())
	if m == nil {
		t.Fatalf("there is no puzzle in\n%s", w.Body)
	}
	if q := regexp.MustCompile(`<label[^>]*>([^<]*)`).FindStringSubmatch(w.Body.String()); q != nil {
		question = html.UnescapeString(q[1])
	}
	return m[1], question
}

// solve sends a solution; change may change the request before.
func solve(tokens *Tokens, fields url.Values, change func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "https://shop.example"+Path, strings.NewReader(fields.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	tokens.ServeHTTP(w, r)
	return w
}

func said1(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	var body struct{ Error string }
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		t.Fatalf("%d %s: %v", w.Code, w.Body, err)
	}
	if (w.Code == 200) != (body.Error == "") || (w.Header().Get("Set-Cookie") != "") != (w.Code == 200) {
		t.Errorf("%d with error %q and cookie %q", w.Code, body.Error, w.Header().Get("Set-Cookie"))
	}
	return body.Error
}

func home() *http.Request { return ask1("GET", "https://shop.example/cart?x=1") }

func TestSolutionsAreTakenOnceFromWhoWasAsked(t *testing.T) {
	at := &clock{time.Unix(1e9, 0)}
	for _, tt := range []struct {
		name   string
		passed time.Duration
		change func(*http.Request)
		spoil  func(url.Values)
		want   string
	}{
		{name: "good"},
		{name: "just in time", passed: 5 * time.Minute},
		{name: "too late", passed: 5*time.Minute + time.Millisecond, want: "expired"},
		{name: "made in the future", passed: -time.Second, want: "expired"},
		{name: "another address", change: func(r *http.Request) { r.RemoteAddr = "192.0.2.9:1" }, want: "puzzle"},
		{name: "another port", change: func(r *http.Request) { r.RemoteAddr = "192.0.2.1:9" }},
		{name: "another browser", change: func(r *http.Request) { r.Header.Set("User-Agent", "x") }, want: "puzzle"},
		{name: "another host", change: func(r *http.Request) { r.Host = "bank.example" }, want: "puzzle"},
		{name: "no work", spoil: func(v url.Values) { v.Del("work") }, want: "work"},
		{name: "less work", spoil: func(v url.Values) { v.Set("work", "1.2.3.4.5.6.7.8") }, want: "work"},
		{name: "a part less", spoil: func(v url.Values) { v.Set("work", v.Get("work")[:strings.LastIndexByte(v.Get("work"), '.')]) }, want: "work"},
		{name: "a part more", spoil: func(v url.Values) { v.Set("work", v.Get("work")+".1") }, want: "work"},
		{name: "no puzzle", spoil: func(v url.Values) { v.Del("puzzle") }, want: "puzzle"},
		{name: "a changed puzzle", spoil: func(v url.Values) {
			b := []byte(v.Get("puzzle"))
			b[20] ^= 1
			v.Set("puzzle", string(b))
		}, want: "puzzle"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			at.at = time.Unix(1e9, 0)
			tokens := testTokens(t, Config{Difficulty: 10}, at, 1)
			p, _ := visit(t, tokens.Challenge, home())
			fields := url.Values{"puzzle": {p}, "work": {Solve(p, 10)}}
			if tt.spoil != nil {
				tt.spoil(fields)
			}
			at.at = at.at.Add(tt.passed)
			if got := said1(t, solve(tokens, fields, tt.change)); got != tt.want {
				t.Fatalf("it said %q; want %q", got, tt.want)
			}
			if tt.want == "" {
				if got := said1(t, solve(tokens, fields, tt.change)); got != "used" {
					t.Errorf("the second time it said %q", got)
				}
			}
		})
	}
}

type brokenStore struct{}

func (brokenStore) Once(context.Context, string, time.Duration) (bool, error) {
	return false, errors.New("no connection")
}

func TestWithoutAStoreNothingIsTaken(t *testing.T) {
	tokens, err := New(Config{Difficulty: 8}, Options{Keys: [][]byte{testKey(1)}, Now: time.Now, Store: brokenStore{}})
	if err != nil {
		t.Fatal(err)
	}
	p, _ := visit(t, tokens.Challenge, home())
	w := solve(tokens, url.Values{"puzzle": {p}, "work": {Solve(p, 8)}}, nil)
	if got := said1(t, w); got != "store" || w.Code != 503 || w.Header().Get("Retry-After") == "" {
		t.Errorf("%d %s", w.Code, got)
	}
}

func TestACaptchaGetsOneAnswer(t *testing.T) {
	at := &clock{time.Unix(1e9, 0)}
	tokens := testTokens(t, Config{CaptchaDifficulty: 8}, at, 1)
	for range 40 { // every kind of question
		p, q := visit(t, tokens.Captcha, home())
		fields := url.Values{"puzzle": {p}, "work": {Solve(p, 8)}, "answer": {"42"}}
		if got := said1(t, solve(tokens, fields, nil)); got != "answer" {
			t.Fatalf("a wrong answer: %q", got)
		}
		fields.Set("answer", answerOf(t, q))
		if got := said1(t, solve(tokens, fields, nil)); got != "used" {
			t.Fatalf("a second guess: %q", got)
		}
		p, q = visit(t, tokens.Captcha, home())
		w := solve(tokens, url.Values{"puzzle": {p}, "work": {Solve(p, 8)}, "answer": {answerOf(t, q)}}, nil)
		if got := said1(t, w); got != "" {
			t.Fatalf("%s %s: %q", q, answerOf(t, q), got)
		}
		if token := tokens.Read(with(home(), w)); token.Captcha != 1e9 || token.Challenge != 1e9 {
			t.Fatalf("the token is %+v", token)
		}
	}
}

func TestOnlyOwnPagesSendSolutions(t *testing.T) {
	tokens := testTokens(t, Config{Difficulty: 8}, &clock{time.Unix(1e9, 0)}, 1)
	for name, tt := range map[string]struct {
		change func(*http.Request)
		code   int
	}{
		"GET":          {func(r *http.Request) { r.Method = "GET" }, 405},
		"another site": {func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, 403},
		"no form":      {func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded; %") }, 400},
	} {
		if w := solve(tokens, url.Values{"puzzle": {"x"}}, tt.change); w.Code != tt.code {
			t.Errorf("%s: %d; want %d", name, w.Code, tt.code)
		}
	}
	if w := solve(tokens, url.Values{"puzzle": {strings.Repeat("x", 1<<20)}}, nil); w.Code != 400 {
		t.Errorf("a megabyte: %d", w.Code)
	}
}

func TestAFormReturnsToItsOwnPageOnly(t *testing.T) {
	tokens := testTokens(t, Config{Difficulty: 8}, &clock{time.Unix(1e9, 0)}, 1)
	for target, want := range map[string]string{
		"/cart?x=1":                     "/cart?x=1",
		"//evil.example/x":              "/evil.example/x",
		`/\evil.example`:                "/%5Cevil.example",
		"/" + strings.Repeat("a", 2000): "/",
	} {
		r := home()
		u, err := url.ParseRequestURI(target)
		if err != nil {
			t.Fatal(err)
		}
		r.URL = u
		p, _ := visit(t, tokens.Challenge, r)
		w := solve(tokens, url.Values{"puzzle": {p}, "work": {Solve(p, 8)}}, func(r *http.Request) { r.Header.Del("Accept") })
		if w.Code != 303 || w.Header().Get("Location") != want || w.Header().Get("Set-Cookie") == "" {
			t.Errorf("%s: %d to %q; want %q", target, w.Code, w.Header().Get("Location"), want)
		}
	}
	if w := solve(tokens, url.Values{"puzzle": {"x"}}, func(r *http.Request) { r.Header.Del("Accept") }); w.Code != 403 || w.Header().Get("Location") != "" {
		t.Errorf("a puzzle of nobody's: %d to %q", w.Code, w.Header().Get("Location"))
	}
}

// with is a request with the cookies of an answer.
func with(r *http.Request, w *httptest.ResponseRecorder) *http.Request {
	for _, c := range w.Result().Cookies() {
		r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	return r
}

// got is a token as a cookie, got by solving a challenge at a host.
func got(t *testing.T, tokens *Tokens, host string) *http.Cookie {
	t.Helper()
	w := httptest.NewRecorder()
	tokens.give(w, ask1("GET", "https://"+host+"/"), true, false)
	return w.Result().Cookies()[0]
}

func TestSection9TokenDomains(t *testing.T) {
	tokens := testTokens(t, Config{Domains: []string{"shop.example", "Pay.Shop.Example."}}, &clock{time.Unix(1e9, 0)}, 1)
	for _, tt := range []struct {
		from, to, domain string
		want             webacl.TokenState
	}{
		{"other.test", "other.test:8443", "", webacl.TokenValid},
		{"other.test", "OTHER.test.", "", webacl.TokenValid},
		{"other.test", "sub.other.test", "", webacl.TokenDomainMismatch},
		{"www.shop.example", "shop.example", "shop.example", webacl.TokenValid},
		{"shop.example", "www.shop.example", "shop.example", webacl.TokenValid},
		{"x.pay.shop.example", "www.shop.example", "pay.shop.example", webacl.TokenValid},
		{"shop.example", "other.test", "shop.example", webacl.TokenValid}, // AWS asks the list, not the host
		{"evilshop.example", "shop.example", "", webacl.TokenDomainMismatch},
	} {
		c := got(t, tokens, tt.from)
		r := ask1("GET", "https://a.example/")
		r.Host = tt.to
		r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
		if token := tokens.Read(r); token.State != tt.want || c.Domain != tt.domain {
			t.Errorf("from %s to %s: state %d, cookie of %q; want %d, %q", tt.from, tt.to, token.State, c.Domain, tt.want, tt.domain)
		}
	}
}

func TestSection9ReadingTokens(t *testing.T) {
	at := &clock{time.Unix(1e9, 0)}
	tokens := testTokens(t, Config{}, at, 1)
	good := got(t, tokens, "shop.example")
	if !good.Secure || !good.HttpOnly || good.SameSite != http.SameSiteLaxMode || good.Path != "/" || good.MaxAge != 72*3600 {
		t.Errorf("the cookie is %v", good)
	}
	other := got(t, tokens, "other.example").Value
	future := testTokens(t, Config{}, &clock{time.Unix(1e9+120, 0)}, 1)
	for _, tt := range []struct {
		name    string
		cookies []string
		header  string
		want    webacl.TokenState
	}{
		{"absent", nil, "", webacl.TokenAbsent},
		{"good", []string{good.Value}, "", webacl.TokenValid},
		{"in the header", nil, good.Value, webacl.TokenValid},
		{"rubbish", []string{"abc"}, "", webacl.TokenInvalid},
		{"empty", []string{""}, "", webacl.TokenInvalid},
		{"cut", []string{good.Value[:len(good.Value)-4]}, "", webacl.TokenInvalid},
		{"long", nil, strings.Repeat("A", 1<<20), webacl.TokenInvalid},
		{"of another domain", []string{other}, "", webacl.TokenDomainMismatch},
		{"rubbish before a good one", []string{"abc", other, good.Value}, "", webacl.TokenValid},
		{"a good one behind too many", []string{"a", "b", "c", "d", good.Value}, "", webacl.TokenInvalid},
		{"from the future", []string{got(t, future, "shop.example").Value}, "", webacl.TokenInvalid},
		{"a puzzle", []string{tokens.sealPuzzle(tokens.newPuzzle(home(), false))}, "", webacl.TokenInvalid},
	} {
		r := home()
		for _, c := range tt.cookies {
			r.AddCookie(&http.Cookie{Name: Cookie, Value: c})
		}
		if tt.header != "" {
			r.Header.Set("x-aws-waf-token", tt.header)
		}
		token := tokens.Read(r)
		if token.State != tt.want || (token.ID != "") != (tt.want == webacl.TokenValid) {
			t.Errorf("%s: %+v", tt.name, token)
		}
	}
	at.at = at.at.Add(1000 * time.Hour)
	if token := tokens.Read(addCookie(home(), good)); token.State != webacl.TokenValid || token.Challenge != 1e9 {
		t.Errorf("an old token is %+v: its age is for the engine to judge", token)
	}
}

func addCookie(r *http.Request, c *http.Cookie) *http.Request { r.AddCookie(c); return r }

func TestASessionOutlivesItsTokens(t *testing.T) {
	at := &clock{time.Unix(1e9, 0)}
	tokens := testTokens(t, Config{}, at, 1)
	first := got(t, tokens, "shop.example")
	at.at = at.at.Add(time.Hour)
	w := httptest.NewRecorder()
	tokens.give(w, addCookie(home(), first), false, true)
	before, after := tokens.Read(addCookie(home(), first)), tokens.Read(with(home(), w))
	if before.ID != after.ID || after.Challenge != 1e9 || after.Captcha != 1e9+3600 {
		t.Errorf("before %+v, after %+v", before, after)
	}
}

func TestKeysRotate(t *testing.T) {
	at := &clock{time.Unix(1e9, 0)}
	old, both, fresh := testTokens(t, Config{}, at, 1), testTokens(t, Config{}, at, 2, 1), testTokens(t, Config{}, at, 2)
	for _, tt := range []struct {
		name     string
		by, read *Tokens
		want     webacl.TokenState
	}{
		{"before", old, both, webacl.TokenValid},
		{"new", both, fresh, webacl.TokenValid},
		{"old is gone", old, fresh, webacl.TokenInvalid},
		{"new at a gateway that does not know yet", both, old, webacl.TokenInvalid},
	} {
		if token := tt.read.Read(addCookie(home(), got(t, tt.by, "shop.example"))); token.State != tt.want {
			t.Errorf("%s: %+v", tt.name, token)
		}
	}
}

func TestBrokenConfigurationsAreRefused(t *testing.T) {
	key := [][]byte{testKey(1)}
	for name, tt := range map[string]struct {
		c Config
		o Options
	}{
		"no key":        {Config{}, Options{Now: time.Now}},
		"a short key":   {Config{}, Options{Now: time.Now, Keys: [][]byte{[]byte("secret")}}},
		"no clock":      {Config{}, Options{Keys: key}},
		"public suffix": {Config{Domains: []string{"co.uk"}}, Options{Now: time.Now, Keys: key}},
		"eleven":        {Config{Domains: slices.Repeat([]string{"a.example"}, 11)}, Options{Now: time.Now, Keys: key}},
		"hard":          {Config{Difficulty: 25}, Options{Now: time.Now, Keys: key}},
		"negative":      {Config{Difficulty: -1}, Options{Now: time.Now, Keys: key}},
		"too patient":   {Config{WithoutScript: time.Hour}, Options{Now: time.Now, Keys: key}},
	} {
		if _, err := New(tt.c, tt.o); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func FuzzRead(f *testing.F) {
	tokens, err := New(Config{}, Options{Keys: [][]byte{testKey(1)}, Now: time.Now})
	if err != nil {
		f.Fatal(err)
	}
	f.Add("", []byte{})
	f.Add("AAAA", []byte{0, 1, 2})
	f.Add(tokens.encode(state{session: "s", domain: "d"}), []byte{0, 1, 's', 0, 1, 'd'})
	f.Fuzz(func(t *testing.T, text string, plain []byte) {
		for _, text := range []string{text, tokens.seal(tokenPurpose, plain)} {
			if s, ok := tokens.decode(text); ok {
				if again, ok := tokens.decode(tokens.encode(s)); !ok || again != s {
					t.Errorf("%+v comes back as %+v, %v", s, again, ok)
				}
			}
		}
		tokens.openPuzzle(tokens.seal(puzzlePurpose, plain))
	})
}

func BenchmarkRead(b *testing.B) {
	tokens, err := New(Config{}, Options{Keys: [][]byte{testKey(2), testKey(1)}, Now: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	r := home()
	r.AddCookie(&http.Cookie{Name: Cookie, Value: tokens.encode(state{session: "s", domain: "shop.example"})})
	b.ReportAllocs()
	for b.Loop() {
		tokens.Read(r)
	}
}

func BenchmarkSolve(b *testing.B) {
	for i := 0; b.Loop(); i++ {
		Solve(strconv.Itoa(i), 16)
	}
}
