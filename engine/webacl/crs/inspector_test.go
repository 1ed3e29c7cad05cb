package crs_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fathom/engine/webacl/crs"
)

func has(r crs.Result, id int) bool {
	return slices.ContainsFunc(r.Hits, func(h crs.Hit) bool { return h.ID == id })
}

func TestAnAttackScoresAndBlocks(t *testing.T) {
	in := inspector(t, crs.Options{})
	for _, c := range []struct {
		name, method, uri, contentType, body string
		rule                                 int
		variable, key                        string
	}{
		{"query", "GET", "/?q=%3Cscript%3Ealert(1)%3C/script%3E", "", "", 941110, "ARGS", "q"},
		{"form", "POST", "/login", "application/x-www-form-urlencoded", "user=1'+OR+'1'%3D'1", 942100, "ARGS", "user"},
		{"JSON", "POST", "/api", "application/json", `{"a":{"b":"1' OR '1'='1"}}`, 942100, "ARGS", "json.a.b"},
		{"XML", "POST", "/api", "application/xml", `<a><b>1' OR '1'='1</b></a>`, 942100, "REQUEST_XML", ""},
		{"multipart", "POST", "/api", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n1' OR '1'='1\r\n--x--\r\n", 942100, "ARGS", "f"},
	} {
		r := browser(c.method, c.uri)
		if c.contentType != "" {
			r.Headers = append(r.Headers, crs.Header{Name: "Content-Type", Value: c.contentType}, crs.Header{Name: "Content-Length", Value: fmt.Sprint(len(c.body))})
		}
		got := run(t, in, &r, c.body)
		at := slices.IndexFunc(got.Hits, func(h crs.Hit) bool { return h.ID == c.rule })
		if at < 0 {
			t.Errorf("%s: rule %d did not match: %v", c.name, c.rule, got.Hits)
			continue
		}
		if f := got.Hits[at].Found[0]; f.Variable != c.variable || c.key != "" && f.Key != c.key {
			t.Errorf("%s: found in %s:%s, want %s:%s", c.name, f.Variable, f.Key, c.variable, c.key)
		}
		if !got.Blocked || got.By != 949110 || got.Status != 403 || got.Score < 5 {
			t.Errorf("%s: blocked %t by %d with %d, score %d", c.name, got.Blocked, got.By, got.Status, got.Score)
		}
	}
}

func TestOrdinaryRequestsPass(t *testing.T) {
	in := inspector(t, crs.Options{})
	for _, s := range samples() {
		if r := run(t, in, &s.Request, s.body); r.Blocked || r.Score != 0 {
			t.Errorf("%s: blocked %t by %d, score %d", s.name, r.Blocked, r.By, r.Score)
		}
	}
}

func TestThresholdDecidesNotTheHit(t *testing.T) {
	r := browser("GET", "/?q=%3Cscript%3Ealert(1)%3C/script%3E")
	for threshold, want := range map[int]bool{0: true, 10: true, 1000: false} {
		if got := run(t, inspector(t, crs.Options{Threshold: threshold}), &r, ""); got.Blocked != want || !has(got, 941110) {
			t.Errorf("threshold %d: blocked %t, score %d", threshold, got.Blocked, got.Score)
		}
	}
}

func TestParanoiaAddsRules(t *testing.T) {
	// A word with a quote is rule 942510's at level 2, and nobody's at level 1.
	r := browser("GET", "/?q=%60abc%60")
	if got := run(t, inspector(t, crs.Options{Paranoia: 2}), &r, ""); !has(got, 942510) || !got.Blocked {
		t.Errorf("at level 2: %v", got.Hits)
	}
	if got := run(t, inspector(t, crs.Options{}), &r, ""); has(got, 942510) {
		t.Error("at level 1 a rule of level 2 matched")
	}
	got := run(t, inspector(t, crs.Options{Detection: 2}), &r, "")
	if !has(got, 942510) || got.Blocked {
		t.Errorf("detected at level 2, blocking at level 1: blocked %t, %v", got.Blocked, got.Hits)
	}
}

func TestResponsesLeakNothing(t *testing.T) {
	in := inspector(t, crs.Options{Responses: true})
	r := browser("GET", "/")
	tx := in.Start(&r)
	defer tx.Close()
	if got := tx.Request(nil); got.Blocked {
		t.Fatal("the request is blocked")
	}
	got := tx.Response(&crs.Response{
		Status: 500, Version: "HTTP/1.1", Headers: []crs.Header{{Name: "Content-Type", Value: "text/html"}},
		Body: []byte("You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version"),
	})
	if !got.Blocked || got.By != 959100 || got.ResponseScore < 4 {
		t.Errorf("blocked %t by %d, score %d", got.Blocked, got.By, got.ResponseScore)
	}
	if got := tx.Finish(); !got.Blocked {
		t.Error("the end forgets what was found")
	}
}

func TestBodiesBeyondTheLimitAreNotRead(t *testing.T) {
	in := inspector(t, crs.Options{BodyLimit: 100})
	r := browser("POST", "/", crs.Header{Name: "Content-Type", Value: "application/x-www-form-urlencoded"})
	body := "a=" + strings.Repeat("x", 200) + "&q=<script>alert(1)</script>"
	if got := run(t, in, &r, body); has(got, 941110) {
		t.Error("what is beyond the limit was read")
	}
}

func TestPlainTextIsRead(t *testing.T) {
	r := browser("POST", "/", crs.Header{Name: "Content-Type", Value: "text/plain"})
	if got := run(t, inspector(t, crs.Options{}), &r, "<script>alert(1)</script>"); !has(got, 941110) {
		t.Errorf("the body was not read: %v", got.Hits)
	}
}

func TestSplitArgumentsNameQueryAndBody(t *testing.T) {
	in := inspector(t, crs.Options{SplitArguments: true})
	r := browser("POST", "/?a=%3Cscript%3Ealert(1)%3C/script%3E", crs.Header{Name: "Content-Type", Value: "application/x-www-form-urlencoded"})
	got := run(t, in, &r, "b=<script>alert(1)</script>")
	at := slices.IndexFunc(got.Hits, func(h crs.Hit) bool { return h.ID == 941110 })
	if at < 0 {
		t.Fatal("rule 941110 did not match")
	}
	var where []string
	for _, f := range got.Hits[at].Found {
		where = append(where, f.Variable+":"+f.Key)
	}
	if d := cmp.Diff([]string{"ARGS_GET:a", "ARGS_POST:b"}, where); d != "" {
		t.Error(d)
	}
}

func TestRemovedRulesAreGone(t *testing.T) {
	in := inspector(t, crs.Options{Remove: []crs.Range{{First: 941000, Last: 941999}}})
	r := browser("GET", "/?q=%3Cscript%3Ealert(1)%3C/script%3E")
	for _, h := range run(t, in, &r, "").Hits {
		if h.ID/1000 == 941 {
			t.Errorf("rule %d matched", h.ID)
		}
	}
	for _, rule := range in.Rules() {
		if rule.ID/1000 == 941 {
			t.Errorf("rule %d is listed", rule.ID)
		}
	}
}

func TestDirectivesAreRead(t *testing.T) {
	in := inspector(t, crs.Options{Directives: `SecRule REQUEST_HEADERS:X-CRS-Test "@rx ^.*$" "id:100001,phase:1,log,pass,msg:'mark %{MATCHED_VAR}',t:none"`})
	r := browser("GET", "/", crs.Header{Name: "X-CRS-Test", Value: "42"})
	got := run(t, in, &r, "")
	at := slices.IndexFunc(got.Hits, func(h crs.Hit) bool { return h.ID == 100001 })
	if at < 0 || got.Hits[at].Message != "mark 42" || got.Hits[at].Quiet {
		t.Errorf("hits %v", got.Hits)
	}
}

func TestWrongOptionsAreRefused(t *testing.T) {
	for _, o := range []crs.Options{
		{Paranoia: 5},
		{Paranoia: -1},
		{Paranoia: 3, Detection: 2},
		{Detection: 5},
		{Threshold: -1},
		{BodyLimit: -1},
		{Remove: []crs.Range{{First: 2, Last: 1}}},
		{Directives: "SecNonsense On"},
	} {
		if _, err := crs.New(o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
}

// Coraza mixes values up whose names share their text, and misses some: headers,
// cookies and members of JSON of one name.
func TestRepeatedNamesAreEachRead(t *testing.T) {
	in := inspector(t, crs.Options{Paranoia: 4})
	const name, attack = "X-Data", "<script>alert(1)</script>\x01"
	headers := browser("GET", "/", crs.Header{Name: name, Value: "plain"}, crs.Header{Name: name, Value: attack})
	cookies := browser("GET", "/")
	cookies.Headers = append(cookies.Headers[:5:5], crs.Header{Name: "Cookie", Value: "a=plain, and; b=2; a=" + attack + "; c=3"})
	members := browser("POST", "/", crs.Header{Name: "Content-Type", Value: "application/json"})
	for what, c := range map[string]struct {
		r    crs.Request
		body string
	}{
		"headers": {headers, ""}, "cookies": {cookies, ""},
		"members": {members, `{"b":1,"a":"plain, and","c":2,"a":"<script>alert(1)</script>","d":[3,4]}`},
	} {
		want := essence(run(t, in, &c.r, c.body))
		for range 40 {
			if d := cmp.Diff(want, essence(run(t, in, &c.r, c.body))); d != "" {
				t.Fatalf("%s: two runs of one request differ:\n%s", what, d)
			}
		}
	}
}

func TestHitsAreBounded(t *testing.T) {
	in := inspector(t, crs.Options{})
	r := browser("POST", "/", crs.Header{Name: "Content-Type", Value: "application/x-www-form-urlencoded"})
	for _, h := range run(t, in, &r, "q=<script>"+strings.Repeat("x", 5000)).Hits {
		for _, f := range h.Found {
			if len(f.Value) > crs.MaxValue || len(f.Data) > crs.MaxValue {
				t.Errorf("rule %d quotes %d and %d bytes", h.ID, len(f.Value), len(f.Data))
			}
		}
	}
}

func TestManyTransactionsAtOnce(t *testing.T) {
	in := inspector(t, crs.Options{})
	var wait sync.WaitGroup
	for g := range 4 {
		wait.Go(func() {
			bad := browser("GET", "/?q=%3Cscript%3Ealert(1)%3C/script%3E")
			good := browser("GET", "/?q=shirt")
			for range 5 {
				if !run(t, in, &bad, "").Blocked || run(t, in, &good, "").Blocked {
					t.Errorf("goroutine %d: a verdict is wrong", g)
				}
			}
		})
	}
	wait.Wait()
}

// FuzzSameHits is the twin of the whole: ours against Coraza's own, on anything.
func FuzzSameHits(f *testing.F) {
	plain, ours := inspector(f, crs.Options{Paranoia: 4, Plain: true}), inspector(f, crs.Options{Paranoia: 4})
	f.Add("/?q=1", "curl/8", "application/json", `{"a":[1,"x"]}`)
	f.Add("/a/../b?x=%27+or+1=1--", "Mozilla/5.0", "application/x-www-form-urlencoded", "a=b;c=d&e=%00")
	f.Add("/", "() { :;}", "text/plain", "\xff\xfe")
	f.Add("/?K=\u212a", "x", "application/xml", "<a b='c'>d</a>")
	f.Fuzz(func(t *testing.T, uri, userAgent, contentType, body string) {
		if len(uri)+len(body) > 2000 {
			return
		}
		r := browser("POST", uri, crs.Header{Name: "Content-Type", Value: contentType}, crs.Header{Name: "Referer", Value: userAgent})
		if d := cmp.Diff(essence(run(t, plain, &r, body)), essence(run(t, ours, &r, body))); d != "" {
			t.Errorf("(-Coraza +ours):\n%s", d)
		}
	})
}
