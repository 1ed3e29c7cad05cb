package traffic

import (
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"

	"fathom/engine/webacl"
)

// asLines writes what was read as request lines, which say all there is.
func asLines(items []*Item) string {
	var b strings.Builder
	for _, i := range items {
		if i.Problem != nil {
			b.WriteString(i.Problem.Error() + "\n")
			continue
		}
		b.Write(AppendLine(nil, &i.Request))
		b.WriteByte('\n')
	}
	return b.String()
}

func check(t *testing.T, name string, items []*Item, want string) {
	t.Helper()
	if got := asLines(items); got != want {
		t.Errorf("%s\ngot\n%swant\n%s", name, got, want)
	}
}

func TestRequestLines(t *testing.T) {
	const unsaid = `"missing":["client","ja3","ja4","time"]}` + "\n"
	for _, c := range []struct{ name, in, want string }{
		{
			"the example of the contract",
			`{"id":"a","method":"POST","uri":"/login","query":"x=1","httpVersion":"HTTP/1.1","headers":[["Host","shop.example"]],"body":"user=ann","clientIp":"192.0.2.1","country":"DE","time":"2026-11-22T12:00:00+01:00"}`,
			`{"id":"a","method":"POST","uri":"/login","query":"x=1","fragment":"","httpVersion":"HTTP/1.1","scheme":"https","headers":[["Host","shop.example"]],"body":"user=ann","clientIp":"192.0.2.1","country":"DE","time":"2026-11-22T11:00:00Z","token":{"state":"absent"},"missing":["ja3","ja4"]}` + "\n",
		},
		{
			"the least: no body is no body",
			`{"method":"GET","uri":"/"}`,
			`{"method":"GET","uri":"/","query":"","fragment":"","httpVersion":"HTTP/1.1","scheme":"https","headers":[],"token":{"state":"absent"},` + unsaid,
		},
		{
			"the uri may be the whole URL",
			`{"method":"GET","uri":"http://shop.example:8080?a=1#top"}`,
			`{"method":"GET","uri":"/","query":"a=1","fragment":"top","httpVersion":"HTTP/1.1","scheme":"http","headers":[["Host","shop.example:8080"]],"ja3":"","ja4":"","token":{"state":"absent"},"missing":["client","time"]}` + "\n",
		},
		{
			"what is not known is said",
			`{"method":"GET","uri":"/","missing":["body","headers","order"],"ja3":"","ja4":""}`,
			`{"method":"GET","uri":"/","query":"","fragment":"","httpVersion":"HTTP/1.1","scheme":"https","headers":[],"ja3":"","ja4":"","missing":["body","client","headers","order","time","token"]}` + "\n",
		},
		{
			"a token cookie without a word on the token is not known",
			`{"method":"GET","uri":"/","headers":[["cookie","a=b; aws-waf-token=x"]],"httpVersion":"h2"}`,
			`{"method":"GET","uri":"/","query":"","fragment":"","httpVersion":"HTTP/2.0","scheme":"https","headers":[["cookie","a=b; aws-waf-token=x"]],"missing":["client","ja3","ja4","time","token"]}` + "\n",
		},
		{
			"a token",
			`{"method":"GET","uri":"/","token":{"id":"s","captchaTime":"2026-11-22T12:00:00Z","challengeTime":null},"bodyBase64":"//4=","bodyTruncated":true}`,
			`{"method":"GET","uri":"/","query":"","fragment":"","httpVersion":"HTTP/1.1","scheme":"https","headers":[],"bodyBase64":"//4=","bodyTruncated":true,"token":{"state":"valid","id":"s","captchaTime":"2026-11-22T12:00:00Z"},` + unsaid,
		},
		{
			"bytes that are no UTF-8",
			`{"method":"GET","uri":"/\u00ff","query":"\u00e9","headers":[["a","\u0080"]],"encoding":"latin1"}`,
			`{"method":"GET","uri":"/ÿ","query":"é","fragment":"","httpVersion":"HTTP/1.1","scheme":"https","headers":[["a","` + "\u0080" + `"]],"token":{"state":"absent"},"missing":["client","ja3","ja4","time"],"encoding":"latin1"}` + "\n",
		},
		{"no method", `{"uri":"/"}`, `:1: the request has no "method"; write it, or "missing": ["method"]` + "\n"},
		{"no uri", `{"method":"GET"}`, `:1: the request has no "uri"; write it, or "missing": ["path"]` + "\n"},
		{"two queries", `{"method":"GET","uri":"/?a","query":"b"}`, `:1: the uri has a query, and "query" is another; write the query in one of them` + "\n"},
		{"two bodies", `{"method":"GET","uri":"/","body":"","bodyBase64":""}`, `:1: the request has both "body" and "bodyBase64"` + "\n"},
		{"no base64", `{"method":"GET","uri":"/","bodyBase64":"?"}`, `:1: "bodyBase64" is no base64: illegal base64 data at input byte 0` + "\n"},
		{"no address", `{"method":"GET","uri":"/","clientIp":"x"}`, `:1: "clientIp" is "x", which is no IP address; leave it out where it is not known` + "\n"},
		{"no country", `{"method":"GET","uri":"/","country":"Germany"}`, `:1: "country" is "Germany"; write two capital letters, or XX for one that a database does not have` + "\n"},
		{"no time", `{"method":"GET","uri":"/","time":"noon"}`, `:1: "time" is "noon"; write a time such as 2026-11-22T12:00:00Z` + "\n"},
		{"no pair", `{"method":"GET","uri":"/","headers":[["a"]]}`, `:1: "headers" has to be a list of pairs, each a name and a value` + "\n"},
		{"no pairs", `{"method":"GET","uri":"/","headers":{"a":"b"}}`, `:1: "headers" has to be a list of pairs of a name and a value` + "\n"},
		{"no part", `{"method":"GET","uri":"/","missing":["bdy"]}`, `:1: "missing" names "bdy", which is no part of a request; docs/waf.md lists them` + "\n"},
		{"no scheme", `{"method":"GET","uri":"/","scheme":"ftp"}`, `:1: "scheme" is "ftp"; it is https or http` + "\n"},
		{"no byte", `{"method":"GET","uri":"/€","encoding":"latin1"}`, `:1: the encoding is latin1, and '€' is no byte` + "\n"},
	} {
		check(t, c.name, collect(t, c.in, Options{Format: Lines}), c.want)
	}
}

const exampleHAR = `{
  "log": {
    "version": "1.2", "creator": {"name": "Firefox"},
    "entries": [
      {"startedDateTime": "2026-11-22T12:00:00.250Z",
       "request": {"method": "POST", "url": "https://shop.example/login?next=%2F#x", "httpVersion": "h2", "bodySize": 8, "cookies": [],
         "headers": [{"name": ":authority", "value": "shop.example"}, {"name": ":method", "value": "POST"}, {"name": "content-type", "value": "application/x-www-form-urlencoded"}],
         "postData": {"mimeType": "application/x-www-form-urlencoded", "text": "user=ann", "params": []}},
       "response": {"content": {"text": "long"}}},
      {"request": {"method": "POST", "url": "http://shop.example/upload", "httpVersion": "HTTP/1.1", "bodySize": 99, "headers": [{"name": "Host", "value": "shop.example"}], "cookies": [{"name": "a"}]}},
      {"request": {"url": "https://shop.example/"}},
      7,
      {"request": {"method": "GET", "url": "wss://shop.example/chat"}},
      {"request": {"method": "GET", "url": "https://shop.example", "bodySize": -1, "headers": [{"name": "Accept", "value": "*/*"}]}}
    ]
  }
}`

func TestHAR(t *testing.T) {
	check(t, "the example", collect(t, exampleHAR, Options{Name: "a.har"}), `{"id":"1","method":"POST","uri":"/login","query":"next=%2F","fragment":"","httpVersion":"HTTP/2.0","scheme":"https","headers":[["Host","shop.example"],["content-type","application/x-www-form-urlencoded"]],"body":"user=ann","time":"2026-11-22T12:00:00.25Z","token":{"state":"absent"},"missing":["client","ja3","ja4","order"]}
{"id":"2","method":"POST","uri":"/upload","query":"","fragment":"","httpVersion":"HTTP/1.1","scheme":"http","headers":[["Host","shop.example"]],"ja3":"","ja4":"","missing":["body","client","headers","order","time","token"]}
a.har:11: entry 3 has no request with a method and a url
a.har:12: entry 4 has no request with a method and a url
a.har:13: entry 5 has the url "wss://shop.example/chat", which is not of http or https
{"id":"6","method":"GET","uri":"/","query":"","fragment":"","httpVersion":"HTTP/1.1","scheme":"https","headers":[["Host","shop.example"],["Accept","*/*"]],"token":{"state":"absent"},"missing":["client","ja3","ja4","order","time"]}
`)
	check(t, "it ends in the middle", collect(t, exampleHAR[:strings.Index(exampleHAR, "7,")], Options{Name: "a.har"})[3:], "a.har:11: the archive cannot be read on after 3 entries: it ends in the middle\n")
	check(t, "no entries", collect(t, `{"log":{}}`, Options{Name: "a.har"}), "a.har:1: the archive has no log.entries; save it again as HAR 1.2\n")
}

// The body of a form whose bytes the archive does not hold is not made up.
func TestHARBodiesThatAreNotKnown(t *testing.T) {
	for _, c := range []struct {
		name, post string
		want       bool
	}{
		{"text", `{"mimeType":"text/plain; charset=UTF-8","text":"a"}`, false},
		{"fields only", `{"mimeType":"application/x-www-form-urlencoded","params":[{"name":"a","value":"b"}]}`, true},
		{"another charset", `{"mimeType":"text/plain; charset=iso-8859-1","text":"a"}`, true},
		{"bytes that were lost", `{"mimeType":"application/octet-stream","text":"\ufffd"}`, true},
	} {
		items := collect(t, `{"log":{"entries":[{"request":{"method":"POST","url":"https://a/","headers":[{"name":"a","value":"b"}],"postData":`+c.post+`}}]}}`, Options{})
		if got := items[0].Request.Missing&webacl.PartBody != 0; got != c.want {
			t.Errorf("%s: missing %v, want %v", c.name, got, c.want)
		}
	}
}

const exampleHTTP = `@host = shop.example
@base = https://{{host}}

### log in
// a comment
# @name login
POST {{base}}/login?a=1
    &b=2 HTTP/1.1
Content-Type: application/x-www-form-urlencoded
# X-Off: 1

user=ann
&password=x

> {% client.test("ok") %}

###
GET /products?q={{host}}
Host: other.example

### upload
PUT http://shop.example/file

< ./photo.jpg
###

https://shop.example
### who knows
GET https://shop.example/{{$guid}}
###
POST https://shop.example/x
not a header
###
curl https://shop.example/
###
POST https://shop.example/a b
`

func TestHTTPFiles(t *testing.T) {
	check(t, "the example", collect(t, exampleHTTP, Options{Name: "a.http"}), `{"id":"login","method":"POST","uri":"/login","query":"a=1&b=2","fragment":"","httpVersion":"HTTP/1.1","scheme":"https","headers":[["Host","shop.example"],["Content-Type","application/x-www-form-urlencoded"]],"body":"user=ann&password=x","token":{"state":"absent"},"missing":["client","ja3","ja4","time"]}
{"id":"2","method":"GET","uri":"/products","query":"q=shop.example","fragment":"","httpVersion":"HTTP/1.1","scheme":"https","headers":[["Host","other.example"]],"token":{"state":"absent"},"missing":["client","ja3","ja4","time"]}
{"id":"upload","method":"PUT","uri":"/file","query":"","fragment":"","httpVersion":"HTTP/1.1","scheme":"http","headers":[["Host","shop.example"]],"ja3":"","ja4":"","token":{"state":"absent"},"missing":["body","client","time"]}
{"id":"4","method":"GET","uri":"/","query":"","fragment":"","httpVersion":"HTTP/1.1","scheme":"https","headers":[["Host","shop.example"]],"token":{"state":"absent"},"missing":["client","ja3","ja4","time"]}
a.http:29: the variable "$guid" has no value in this file; write @guid = …, or the value itself
a.http:31: "not a header" is no header; write Name: value, and an empty line before the body
a.http:34: curl commands are not read; write METHOD URL and the headers
a.http:36: "POST https://shop.example/a b" is no request line; write METHOD URL HTTP/1.1, and %20 for spaces in the URL
`)
	check(t, "JSON keeps its lines", collect(t, "POST https://a/\nContent-Type: application/json\n\n{\n  \"a\": 1\n}\n\n", Options{}), `{"id":"1","method":"POST","uri":"/","query":"","fragment":"","httpVersion":"HTTP/1.1","scheme":"https","headers":[["Host","a"],["Content-Type","application/json"]],"body":"{\n  \"a\": 1\n}","token":{"state":"absent"},"missing":["client","ja3","ja4","time"]}`+"\n")
}

// Variables of variables do not fill the memory.
func TestVariablesAreBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("@v0 = xxxxxxxxxxxxxxxx\n")
	for i := range 30 {
		b.WriteString(strings.NewReplacer("A", string(rune('a'+i)), "B", string(rune('a'+i-1))).Replace("@vA = {{vB}}{{vB}}{{vB}}{{vB}}\n"))
		if i == 0 {
			b.Reset()
			b.WriteString("@va = xxxxxxxxxxxxxxxx\n")
		}
	}
	b.WriteString("GET /{{vz}}\n")
	items := collect(t, b.String(), Options{})
	if len(items) != 1 || items[0].Problem == nil {
		t.Fatalf("%d items", len(items))
	}
}

// blanks are n empty lines, none of them in memory.
type blanks struct{ n int }

func (b *blanks) Read(p []byte) (int, error) {
	if b.n == 0 {
		return 0, io.EOF
	}
	k := min(b.n, len(p))
	for i := range p[:k] {
		p[i] = '\n'
	}
	b.n -= k
	return k, nil
}

// A small file that unpacks to nothing but ends of lines must not fill the memory
// with where they are, and entries behind them are still on the right line.
func TestEmptyLinesInAnArchiveCostNothing(t *testing.T) {
	const lines, entry = 30 << 20, `{"request":{"method":"GET","url":"http://shop.example/"}}`
	in := io.MultiReader(strings.NewReader("{\"log\":{\"entries\":[\n"+entry+"\n,"), &blanks{lines}, strings.NewReader(entry+",\n"+entry+"]}}"))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var at []int32
	for item := range Read(in, Options{Format: HAR}) {
		if item.Problem != nil {
			t.Fatal(item.Problem)
		}
		at = append(at, item.Pos.Line)
	}
	runtime.ReadMemStats(&after)
	if want := []int32{2, lines + 3, lines + 4}; !slices.Equal(at, want) {
		t.Errorf("entries on lines %d, want %d", at, want)
	}
	if got := (after.TotalAlloc - before.TotalAlloc) >> 20; got > 256 {
		t.Errorf("%d MiB of memory for %d MiB of empty lines", got, lines>>20)
	}
}
