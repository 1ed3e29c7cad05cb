package proof

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"
)

func decoded(text string) []byte {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return b
}

// The keys of RFC 9421, appendix B.1.
var (
	rfcSecret  = Key{ID: "test-shared-secret", Algorithm: HMAC, Secret: decoded("uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==")}
	rfcEd25519 = Key{ID: "test-key-ed25519", Algorithm: Ed25519, Public: decoded("JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=")}
)

// rfcRequest is the request of RFC 9421, appendix B.2.
func rfcRequest() *http.Request {
	r := httptest.NewRequest("POST", "/foo?param=Value&Pet=dog", strings.NewReader(`{"hello": "world"}`))
	r.Host = "example.com"
	r.Header.Set("Date", "Tue, 20 Apr 2021 02:07:55 GMT")
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Content-Digest", "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:")
	r.Header.Set("Content-Length", "18")
	return r
}

func TestVectorsOfRFC9421(t *testing.T) {
	for _, tt := range []struct {
		name, input, signature, base string
		key                          Key
	}{
		{
			"B.2.5", `sig-b25=("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"`,
			"sig-b25=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:",
			"\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\"@authority\": example.com\n\"content-type\": application/json\n" +
				`"@signature-params": ("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"`, rfcSecret,
		},
		{
			"B.2.6", `sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"`,
			"sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:",
			"\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\"@method\": POST\n\"@path\": /foo\n\"@authority\": example.com\n\"content-type\": application/json\n\"content-length\": 18\n" +
				`"@signature-params": ("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"`, rfcEd25519,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			found, err := find(tt.input, tt.signature, "")
			if err != nil || len(found) != 1 {
				t.Fatalf("%d signatures, %v", len(found), err)
			}
			s := found[0]
			text, err := base(rfcRequest(), s.components, s.params)
			if err != nil || text != tt.base {
				t.Fatalf("%v; the base is\n%s\nwant\n%s", err, text, tt.base)
			}
			if s.created != 1618884473 || s.keyID != tt.key.ID || !tt.key.verify(text, s.signature) {
				t.Error("the signature is refused")
			}
			if tt.key.verify(text+" ", s.signature) {
				t.Error("another base has the same signature")
			}
		})
	}
}

func TestComponentsOfRFC9421(t *testing.T) {
	// Section 2.2; section 2.1 for headers.
	r := httptest.NewRequest("POST", "/path?param=value&foo=bar&baz=batman", nil)
	r.Host = "WWW.Example.com:80"
	r.Header["X-Ows"] = []string{" Leading and trailing whitespace.\t", "second"}
	r.Header["X-Empty"] = []string{""}
	for name, want := range map[string]string{
		"@method": "POST", "@authority": "www.example.com", "@scheme": "http", "@request-target": "/path?param=value&foo=bar&baz=batman",
		"@target-uri": "http://www.example.com/path?param=value&foo=bar&baz=batman", "@path": "/path", "@query": "?param=value&foo=bar&baz=batman",
		"x-ows": "Leading and trailing whitespace., second", "x-empty": "", "host": "WWW.Example.com:80",
	} {
		if got, err := component(r, name); got != want || err != nil {
			t.Errorf("%s is %q, %v; want %q", name, got, err, want)
		}
	}
	for _, name := range []string{"@status", "@query-param", "@nothing", "x-absent", "X-OWS", "", "signature", `a"b`} {
		if got, err := component(r, name); err == nil {
			t.Errorf("%s is %q; want an error", name, got)
		}
	}
	for target, want := range map[string][2]string{
		"/": {"/", "?"}, "/a?": {"/a", "?"}, "/a%2Fb?x=%20": {"/a%2Fb", "?x=%20"}, "http://h.example": {"/", "?"},
		"http://h.example?q": {"/", "?q"}, "http://h.example/p?u=http://x/": {"/p", "?u=http://x/"}, "//h/p": {"//h/p", "?"}, "/r?u=a://b": {"/r", "?u=a://b"},
	} {
		r.RequestURI = target
		path, _ := component(r, "@path")
		query, _ := component(r, "@query")
		if path != want[0] || query != want[1] {
			t.Errorf("%s: %q and %q; want %q", target, path, query, want)
		}
	}
}

var (
	public, private, _ = ed25519.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{7}, 64)))
	appKeys            = []Key{
		{ID: "android", Algorithm: HMAC, Secret: bytes.Repeat([]byte{1}, 32)},
		{ID: "ios", Algorithm: Ed25519, Public: public, Private: private},
		{ID: "retired", Algorithm: HMAC, Secret: bytes.Repeat([]byte{2}, 32), Until: time.Unix(1e9-1, 0)},
	}
)

func verifier(t interface{ Fatal(...any) }, now *time.Time) *Verifier {
	v, err := New(Config{}, Options{Keys: appKeys, Now: func() time.Time { return *now }})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// order is a signed request as a server gets it.
func order(t testing.TB, key Key, now time.Time) *http.Request {
	t.Helper()
	r, err := http.NewRequest("POST", "https://shop.example/orders?cart=7", strings.NewReader(`{"item":1}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer x")
	s := Signer{Key: key, Now: func() time.Time { return now }}
	if err := s.Sign(r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestWhatIsSignedPassesOnce(t *testing.T) {
	now := time.Unix(1e9, 0)
	v := verifier(t, &now)
	for _, key := range appKeys[:2] {
		r := order(t, key, now)
		again := r.Clone(context.Background())
		who, refusal := v.Verify(r)
		if refusal != nil || who.KeyID != key.ID || !who.Created.Equal(now) {
			t.Fatalf("%s: %+v, %v", key.ID, who, refusal)
		}
		if b, err := io.ReadAll(r.Body); err != nil || string(b) != `{"item":1}` {
			t.Errorf("%s: the body is %q, %v", key.ID, b, err)
		}
		for _, later := range []time.Duration{0, 59 * time.Second} {
			now = time.Unix(1e9, 0).Add(later)
			if _, refusal := v.Verify(again); refusal == nil || refusal.Reason != Replayed || refusal.Code() != 403 {
				t.Errorf("%s, replayed after %v: %v", key.ID, later, refusal)
			}
		}
		now = time.Unix(1e9, 0)
	}
}

func TestWhatIsNotSignedSoIsRefused(t *testing.T) {
	start := time.Unix(1e9, 0)
	edit := func(header, old, new string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(header, strings.Replace(r.Header.Get(header), old, new, 1)) }
	}
	for _, tt := range []struct {
		name   string
		key    int
		passed time.Duration
		spoil  func(*http.Request)
		want   Reason
	}{
		{name: "good"},
		{name: "just in time", passed: 59 * time.Second},
		{name: "too late", passed: time.Minute, want: Clock},
		{name: "a little early", passed: -30 * time.Second},
		{name: "too early", passed: -31 * time.Second, want: Clock},
		{name: "too late, and wrong", passed: time.Hour, spoil: edit("Signature", "app=:", "app=:AA"), want: Invalid},
		{name: "retired key", key: 2, want: Invalid},
		{name: "method", spoil: func(r *http.Request) { r.Method = "PUT" }, want: Invalid},
		{name: "path", spoil: func(r *http.Request) { r.URL.Path = "/refunds" }, want: Invalid},
		{name: "query", spoil: func(r *http.Request) { r.URL.RawQuery = "cart=8" }, want: Invalid},
		{name: "no query", spoil: func(r *http.Request) { r.URL.RawQuery = "" }, want: Invalid},
		{name: "host", spoil: func(r *http.Request) { r.Host = "bank.example" }, want: Invalid},
		{name: "digest", spoil: edit("Content-Digest", "=:", "=:AA"), want: Invalid},
		{name: "another authorization", spoil: edit("Authorization", "x", "y"), want: Invalid},
		{name: "a second authorization", spoil: func(r *http.Request) { r.Header.Add("Authorization", "y") }, want: Invalid},
		{name: "nothing", spoil: func(r *http.Request) { r.Header = http.Header{} }, want: Required},
		{name: "no signature", spoil: func(r *http.Request) { r.Header.Del("Signature") }, want: Required},
		{name: "no input", spoil: func(r *http.Request) { r.Header.Del("Signature-Input") }, want: Required},
		{name: "another tag", spoil: edit("Signature-Input", `tag="fathom"`, `tag="other"`), want: Required},
		{name: "unknown key", spoil: edit("Signature-Input", `keyid="android"`, `keyid="nobody"`), want: Invalid},
		{name: "another's key", spoil: edit("Signature-Input", `keyid="android"`, `keyid="ios"`), want: Invalid},
		{name: "another algorithm", spoil: edit("Signature-Input", `hmac-sha256`, `ed25519`), want: Invalid},
		{name: "another time", spoil: edit("Signature-Input", "created=1000000000", "created=1000000001"), want: Invalid},
		{name: "no time", spoil: edit("Signature-Input", "created=1000000000;", ""), want: Invalid},
		{name: "time as text", spoil: edit("Signature-Input", "created=1000000000", `created="1000000000"`), want: Invalid},
		{name: "no nonce", spoil: edit("Signature-Input", "nonce=", "other="), want: Invalid},
		{name: "less covered", spoil: edit("Signature-Input", `"@query" `, ""), want: Invalid},
		{name: "twice covered", spoil: edit("Signature-Input", `"@query"`, `"@query" "@query"`), want: Invalid},
		{name: "component parameter", spoil: edit("Signature-Input", `"@query"`, `"@query";req`), want: Invalid},
		{name: "two inputs", spoil: func(r *http.Request) {
			r.Header.Add("Signature-Input", strings.Replace(r.Header.Get("Signature-Input"), "app=", "b=", 1))
			r.Header.Add("Signature", strings.Replace(r.Header.Get("Signature"), "app=", "b=", 1))
		}, want: Invalid},
		{name: "the same input twice", spoil: func(r *http.Request) { r.Header.Add("Signature-Input", r.Header.Get("Signature-Input")) }, want: Invalid},
		{name: "another name", spoil: edit("Signature", "app=", "ape="), want: Invalid},
		{name: "long", spoil: func(r *http.Request) { r.Header.Set("Signature", strings.Repeat("a", 1<<20)) }, want: Invalid},
		{name: "another signature beside it", spoil: func(r *http.Request) {
			r.Header.Add("Signature-Input", `x=("@method");created=1;keyid="cdn";tag="cdn"`)
			r.Header.Add("Signature", "x=:AAAA:")
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			now := start
			v := verifier(t, &now)
			r := order(t, appKeys[tt.key], now)
			if tt.spoil != nil {
				tt.spoil(r)
			}
			now = now.Add(tt.passed)
			who, refusal := v.Verify(r)
			switch {
			case tt.want == "" && refusal != nil:
				t.Errorf("refused: %v", refusal)
			case tt.want != "" && (refusal == nil || refusal.Reason != tt.want || who != Identity{}):
				t.Errorf("%+v, %v; want %s", who, refusal, tt.want)
			}
		})
	}
}

func TestAWrongBodyIsNeverGivenWhole(t *testing.T) {
	now := time.Unix(1e9, 0)
	v := verifier(t, &now)
	for _, body := range []string{`{"item":2}`, `{"item":1} `, `{"item":1`, "x"} {
		r := order(t, appKeys[0], now)
		r.Body = io.NopCloser(strings.NewReader(body))
		r.ContentLength = -1
		if _, refusal := v.Verify(r); refusal != nil {
			t.Fatalf("%q: refused before it was read: %v", body, refusal)
		}
		b, err := io.ReadAll(r.Body)
		if !errors.Is(err, ErrDigest) || len(b) >= len(body) {
			t.Errorf("%q: got %q, %v", body, b, err)
		}
	}
	r := order(t, appKeys[0], now)
	r.Body, r.ContentLength = http.NoBody, 0
	if _, refusal := v.Verify(r); refusal == nil || refusal.Reason != Digest {
		t.Errorf("a body that is gone: %v", refusal)
	}
	r, _ = http.NewRequest("POST", "https://shop.example/", nil)
	s := Signer{Key: appKeys[0], Now: func() time.Time { return now }}
	if err := s.Sign(r); err != nil {
		t.Fatal(err)
	}
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader("x")), 1
	if _, refusal := v.Verify(r); refusal == nil || refusal.Reason != Invalid {
		t.Errorf("a body that was not signed: %v", refusal)
	}
}

// TestBodiesComeThrough reads bodies in all kinds of pieces.
func TestBodiesComeThrough(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.SliceOfN(rapid.Byte(), 1, 3000).Draw(t, "body")
		r, _ := http.NewRequest("POST", "https://shop.example/", bytes.NewReader(body))
		s := Signer{Key: appKeys[0]}
		if err := s.Sign(r); err != nil {
			t.Fatal(err)
		}
		right := rapid.Bool().Draw(t, "right")
		sent := slices.Clone(body)
		if !right {
			sent[rapid.IntRange(0, len(sent)-1).Draw(t, "at")] ^= 1
		}
		var source io.Reader = bytes.NewReader(sent)
		if rapid.Bool().Draw(t, "with the end") {
			source = iotest.DataErrReader(source)
		}
		if rapid.Bool().Draw(t, "byte by byte") {
			source = iotest.OneByteReader(source)
		}
		r.Body = io.NopCloser(source)
		now := time.Now()
		if _, refusal := verifier(t, &now).Verify(r); refusal != nil {
			t.Fatal(refusal)
		}
		var got []byte
		var err error
		for err == nil {
			var n int
			p := make([]byte, rapid.IntRange(1, 1000).Draw(t, "read"))
			n, err = r.Body.Read(p)
			got = append(got, p[:n]...)
		}
		switch {
		case right && (err != io.EOF || !bytes.Equal(got, body)):
			t.Fatalf("%d of %d bytes, %v", len(got), len(body), err)
		case !right && (!errors.Is(err, ErrDigest) || len(got) >= len(sent)):
			t.Fatalf("%d of %d wrong bytes, %v", len(got), len(sent), err)
		}
	})
}

func TestOverTheWire(t *testing.T) {
	now := time.Now()
	v := verifier(t, &now)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, refusal := v.Verify(r)
		if refusal != nil {
			refusal.Answer(w)
			return
		}
		b, err := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %v", who.KeyID, b, err)
	}))
	t.Cleanup(s.Close)
	signer := Signer{Key: appKeys[1]}
	for _, tt := range []struct{ method, path, body, want string }{
		{"GET", "/a%2Fb//c?x=1&x=%20&y", "", "ios  <nil>"},
		{"POST", "/orders", "body", "ios body <nil>"},
		{"POST", "/orders", strings.Repeat("long ", 50_000), "ios " + strings.Repeat("long ", 50_000) + " <nil>"},
	} {
		r, err := http.NewRequest(tt.method, s.URL+tt.path, strings.NewReader(tt.body))
		if err != nil {
			t.Fatal(err)
		}
		if err := signer.Sign(r); err != nil {
			t.Fatal(err)
		}
		if got := sent(t, r); got != tt.want {
			t.Errorf("%s %s: %.80q", tt.method, tt.path, got)
		}
	}
	r, _ := http.NewRequest("GET", s.URL, nil)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, _ := io.ReadAll(answer.Body)
	if answer.StatusCode != 401 || answer.Header.Get("WWW-Authenticate") != "Signature" || !strings.Contains(answer.Header.Get("Accept-Signature"), `tag="fathom"`) ||
		string(b) != "{\"error\":\"signature-required\"}\n" || answer.Header.Get("Date") == "" {
		t.Errorf("%d %v %s", answer.StatusCode, answer.Header, b)
	}
}

func sent(t *testing.T, r *http.Request) string {
	t.Helper()
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

type brokenStore struct{}

func (brokenStore) Once(context.Context, string, time.Duration) (bool, error) {
	return true, errors.New("no connection") // says yes, and that it does not know
}

func TestWithoutAStoreNothingPasses(t *testing.T) {
	now := time.Unix(1e9, 0)
	v := verifier(t, &now)
	v.store = brokenStore{}
	if _, refusal := v.Verify(order(t, appKeys[0], now)); refusal == nil || refusal.Code() != 503 {
		t.Errorf("%v", refusal)
	}
	if (&Refusal{}).Code() != 403 {
		t.Error("the zero Refusal does not refuse")
	}
}

func TestBrokenConfigurationsAreRefused(t *testing.T) {
	secret := bytes.Repeat([]byte{1}, 32)
	for name, tt := range map[string]struct {
		c Config
		o Options
	}{
		"no clock":     {Config{}, Options{}},
		"no id":        {Config{}, Options{Now: time.Now, Keys: []Key{{Algorithm: HMAC, Secret: secret}}}},
		"no algorithm": {Config{}, Options{Now: time.Now, Keys: []Key{{ID: "a", Secret: secret}}}},
		"none":         {Config{}, Options{Now: time.Now, Keys: []Key{{ID: "a", Algorithm: "none", Secret: secret}}}},
		"a short one":  {Config{}, Options{Now: time.Now, Keys: []Key{{ID: "a", Algorithm: HMAC, Secret: secret[:31]}}}},
		"no public":    {Config{}, Options{Now: time.Now, Keys: []Key{{ID: "a", Algorithm: Ed25519}}}},
		"twice":        {Config{}, Options{Now: time.Now, Keys: []Key{{ID: "a", Algorithm: HMAC, Secret: secret}, {ID: "a", Algorithm: HMAC, Secret: secret}}}},
		"a day":        {Config{Window: 24 * time.Hour}, Options{Now: time.Now}},
		"negative":     {Config{Skew: -1}, Options{Now: time.Now}},
	} {
		if _, err := New(tt.c, tt.o); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	v, err := New(Config{}, Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if _, refusal := v.Verify(order(t, appKeys[0], time.Now())); refusal == nil {
		t.Error("without keys a request passes")
	}
}

func FuzzFields(f *testing.F) {
	f.Add(`app=("@method" "date");created=1;nonce="a\"b";keyid="k";b`, "app=:AAAA:")
	f.Add(`a=(),b=("x"  "y")`, `a=:AA==:;x=1, b=::`)
	f.Add(`a=("x";key="y")`, `a=1`)
	f.Add("a=(\t)", "a=:A\n:")
	f.Fuzz(func(t *testing.T, input, signature string) {
		found, err := find(input, signature, "")
		if err != nil {
			if found != nil {
				t.Error("an error, and something found")
			}
			return
		}
		r := rfcRequest()
		for _, s := range found {
			// What was read, written again, is read as the same.
			again, err := find("a="+s.params, "a="+encoded(s.signature), "")
			if err != nil || len(again) != 1 || !slices.Equal(again[0].components, s.components) || again[0].nonce != s.nonce || again[0].params != s.params {
				t.Errorf("%q comes back as %+v, %v", s.params, again, err)
			}
			// Nothing that was sent writes lines of its own into the base.
			if text, err := base(r, s.components, s.params); err == nil && strings.Count(text, "\n") != len(s.components) {
				t.Errorf("%q has the base\n%s", s.params, text)
			}
		}
		_, _ = digests(input)
	})
}

func BenchmarkVerify(b *testing.B) {
	now := time.Unix(1e9, 0)
	for _, key := range appKeys[:2] {
		b.Run(string(key.Algorithm), func(b *testing.B) {
			v := verifier(b, &now)
			v.store = always{}
			r := order(b, key, now)
			body := r.Body
			b.ReportAllocs()
			for b.Loop() {
				r.Body = body
				if _, refusal := v.Verify(r); refusal != nil {
					b.Fatal(refusal)
				}
			}
		})
	}
}

type always struct{}

func (always) Once(context.Context, string, time.Duration) (bool, error) { return true, nil }
