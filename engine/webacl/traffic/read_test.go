package traffic

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/netip"
	"os"
	"strings"
	"testing"

	"fathom/engine/webacl"
)

func collect(t *testing.T, in string, o Options) (items []*Item) {
	t.Helper()
	for item := range Read(strings.NewReader(in), o) {
		items = append(items, item)
	}
	return items
}

// said are the problems of items, and the ids of the requests.
func said(items []*Item) string {
	var b strings.Builder
	for _, i := range items {
		for _, w := range i.Warnings {
			b.WriteString("warning: " + w.Error() + "\n")
		}
		if i.Problem != nil {
			b.WriteString(i.Problem.Error() + "\n")
		} else {
			b.WriteString(string(i.ID) + "\n")
		}
	}
	return b.String()
}

func TestTheFormatIsFoundByTheContent(t *testing.T) {
	for _, c := range []struct {
		in   string
		want Format
	}{
		{`{"id":1,"method":"GET","uri":"/"}`, Lines},
		{`{"foo":1}`, Lines},
		{`{"timestamp":1,"formatVersion":1,"webaclId":"x"}`, WAFLog},
		{"\n  {\n \"log\": {\"version\": \"1.2\", \"entries\": [", HAR},
		{`{"comment":"x","log":{}}`, HAR},
		{"GET https://shop.example/ HTTP/1.1", HTTP},
		{"### login", HTTP},
		{"# a comment", HTTP},
		{"@host = shop.example", HTTP},
		{"https://shop.example/", HTTP},
		{"<html>", Auto},
		{"[1]", Auto},
		{"id,method,uri", Auto},
	} {
		if got := detect([]byte(c.in)); got != c.want {
			t.Errorf("%q is taken for %s, want %s", c.in, got, c.want)
		}
	}
}

func TestAnUnknownFormatIsAProblem(t *testing.T) {
	got := said(collect(t, "<html>", Options{Name: "x"}))
	if want := "x:1: the input is neither request lines, nor a log of AWS WAF, nor HAR, nor a .http file; say which with the option for the format\n"; got != want {
		t.Errorf("got %q", got)
	}
	for _, in := range []string{"", "\n\n", "\xef\xbb\xbf"} {
		if items := collect(t, in, Options{}); len(items) > 0 {
			t.Errorf("%q gives %s", in, said(items))
		}
	}
}

// What the log of AWS WAF holds is read from the compressed file that S3 has.
func TestTheLogOfAWS(t *testing.T) {
	b, err := os.ReadFile("../waflog/testdata/aws-waf-228.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	items := collect(t, string(b), Options{Client: netip.MustParseAddr("192.0.2.7")})
	if len(items) != 228 {
		t.Fatalf("%d requests, want 228", len(items))
	}
	if got := items[0].Request.Client.String(); got != "192.0.2.7" {
		t.Errorf("the blanked address is %s, want that of the options", got)
	}
	for i, item := range items {
		q := &item.Request
		if item.Problem != nil || q.Path == "" || q.Method == "" || len(q.Headers) == 0 || !q.Place.HasCountry || !q.Client.IsValid() || item.Pos.Line != int32(i+1) {
			t.Errorf("record %d: %v %+v", i+1, item.Problem, q)
		}
	}
}

func TestABadLineIsAProblemAndTheRestGoesOn(t *testing.T) {
	got := said(collect(t, strings.Join([]string{
		`{"id":1,"method":"GET","uri":"/"}`,
		`{"id":2,`,
		``,
		`{"id":"3","method":"GET","uri":"/"} x`,
		`{"id":"four","method":"GET","uri":"/","header":[],"colour":1}`,
		`{"id":{},"method":"GET","uri":"/"}`,
		`not json`,
		`{"id":8,"method":"GET","uri":"/","header":[]}`,
		`[]`,
		`{1:2}`,
		"{\"id\":\"\xff\"}",
	}, "\n"), Options{Name: "r", Format: Lines}))
	want := `1
r:2: the line ends in the middle
r:4: something follows the request on its line
warning: r:5: the member "header" is not known and passed over, here and from here on; did you mean "headers"?
warning: r:5: the member "colour" is not known and passed over, here and from here on
"four"
r:6: "id" has to be a string or a number
r:7: the line is no JSON: invalid character 'o' in literal null (expecting 'u') after offset 1
8
r:9: the line is no JSON object
r:10: the line is no JSON: object member name must be a string after offset 1
r:11: the line is no JSON: invalid UTF-8 within "/id" after offset 7
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestALineThatIsTooLongIsPassedOver(t *testing.T) {
	in := `{"id":1,"method":"GET","uri":"/` + strings.Repeat("x", MaxSize) + "\"}\n" + `{"id":2,"method":"GET","uri":"/"}` + "\n" + strings.Repeat(" ", MaxSize+1)
	if got, want := said(collect(t, in, Options{Name: "r"})), "r:1: the line is longer than 16 MiB; cut its body\n2\nr:3: the line is longer than 16 MiB; cut its body\n"; got != want {
		t.Errorf("got %s", got)
	}
}

func TestAnErrorOfTheInputIsTheLastProblem(t *testing.T) {
	var items []*Item
	in := io.MultiReader(strings.NewReader(`{"id":1,"method":"GET","uri":"/"}`+"\n"), broken{})
	for item := range Read(in, Options{Name: "r", Format: Lines}) {
		items = append(items, item)
	}
	if got := said(items); !strings.HasSuffix(got, "the input cannot be read on: the disk is gone\n") {
		t.Errorf("got %s", got)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("the disk is gone") }

// A file that gzip makes a thousand times larger is read line by line.
func TestAZipBombGivesProblems(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	zeros := make([]byte, 1<<20)
	for range 64 {
		_, _ = z.Write(zeros)
	}
	_ = z.Close()
	if got := said(collect(t, b.String(), Options{Name: "r", Format: Lines})); got != "r:1: the line is longer than 16 MiB; cut its body\n" {
		t.Errorf("got %s", got)
	}
	if got := said(collect(t, b.String()[:100], Options{Name: "r", Format: Lines})); !strings.Contains(got, "cannot be read on") {
		t.Errorf("got %s", got)
	}
}

func TestReadingStopsWhenNobodyWantsMore(t *testing.T) {
	for _, in := range []string{
		strings.Repeat(`{"method":"GET","uri":"/"}`+"\n", 3),
		"GET /a\n###\nGET /b\n###\nGET /c\n",
		`{"log":{"entries":[{"request":{"method":"GET","url":"http://a/"}},{"request":{"method":"GET","url":"http://a/"}}]}}`,
	} {
		n := 0
		for range Read(strings.NewReader(in), Options{}) {
			n++
			break
		}
		if n != 1 {
			t.Errorf("%d items of %q", n, in)
		}
	}
}

// fuzzItems reads whatever it is, and checks what holds for all formats.
func fuzzItems(t *testing.T, in []byte, f Format) {
	for item := range Read(bytes.NewReader(in), Options{Name: "f", Format: f}) {
		if item.Problem != nil {
			if item.Problem.Summary == "" || item.Request.Path != "" {
				t.Fatalf("%+v", item)
			}
			continue
		}
		q := item.Request
		if q.Missing&webacl.PartClient == 0 && !q.Client.IsValid() {
			t.Fatalf("the client is neither known nor missing: %+v", q)
		}
		if q.Scheme == "" {
			q.Scheme = "https" // as a line without one
		}
		if q.Version = version(q.Version); q.Version == "" {
			q.Version = "HTTP/1.1"
		}
		if strings.HasPrefix(q.Version, "HTTP/2") || strings.HasPrefix(q.Version, "HTTP/3") {
			pseudo(&q)
		}
		line := AppendLine(nil, &q)
		again := 0
		for second := range Read(bytes.NewReader(line), Options{Format: Lines}) {
			again++
			if second.Problem != nil || len(second.Warnings) > 0 {
				t.Fatalf("%s: %v %v", line, second.Problem, second.Warnings)
			}
			if got := AppendLine(nil, &second.Request); !bytes.Equal(got, line) {
				t.Fatalf("unstable\n%s\n%s", line, got)
			}
		}
		if again != 1 {
			t.Fatalf("%s gives %d requests", line, again)
		}
	}
}

func FuzzLines(f *testing.F) {
	f.Add([]byte(`{"method":"GET","uri":"/","headers":[["Cookie","REDACTED"]],"withheld":["cookie"]}`))
	f.Add([]byte(`{"id":1,"method":"POST","uri":"/a?b#c","headers":[["Host","x"],{"name":"a","value":"b"}],"bodyBase64":"/w==","clientIp":"::1","country":"US","region":"CA","asn":1,"time":"2026-11-22T12:00:00Z","token":{"captchaTime":"2026-11-22T12:00:00Z"},"missing":["ja3"],"encoding":"latin1"}`))
	f.Add([]byte(`{"method":"GET","uri":"http://h:1/?x","httpVersion":"2","headers":[[":authority","h"]],"body":"","bodyTruncated":true,"token":null}`))
	f.Fuzz(func(t *testing.T, in []byte) { fuzzItems(t, in, Lines) })
}

func FuzzWAFLog(f *testing.F) {
	f.Add([]byte(`{"timestamp":1700000000123,"httpRequest":{"clientIp":"192.0.2.1","country":"-","headers":[{"name":"Host","value":"h"}],"uri":"/a","args":"REDACTED","httpVersion":"HTTP/1.1","httpMethod":"GET","requestId":"9","fragment":"","scheme":"https"}}`))
	f.Fuzz(func(t *testing.T, in []byte) { fuzzItems(t, in, WAFLog) })
}

func FuzzHAR(f *testing.F) {
	f.Add([]byte(exampleHAR))
	f.Fuzz(func(t *testing.T, in []byte) { fuzzItems(t, in, HAR) })
}

func FuzzHTTP(f *testing.F) {
	f.Add([]byte(exampleHTTP))
	f.Add([]byte("@a={{a}}{{a}}\n@b={{a}}{{a}}\nPOST {{b}}\n?x=1\n  &y=2\n\n< ./file\n"))
	f.Fuzz(func(t *testing.T, in []byte) { fuzzItems(t, in, HTTP) })
}

func BenchmarkLines(b *testing.B) {
	line := `{"id":1,"method":"POST","uri":"/login","headers":[["Host","shop.example"],["User-Agent","Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"],["Accept","*/*"],["Content-Type","application/x-www-form-urlencoded"]],"body":"user=ann&password=x","clientIp":"192.0.2.1","country":"DE","time":"2026-11-22T12:00:00Z"}` + "\n"
	in := strings.Repeat(line, 1000)
	b.ReportAllocs()
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		for item := range Read(strings.NewReader(in), Options{}) {
			if item.Problem != nil {
				b.Fatal(item.Problem)
			}
		}
	}
}
