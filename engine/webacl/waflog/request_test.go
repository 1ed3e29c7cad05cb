package waflog

import (
	"slices"
	"strings"
	"testing"

	"fathom/engine/webacl"
)

// §11: what the log does not hold makes rules undecidable, not wrong.
func TestToRequestSaysWhatTheLogDoesNotHold(t *testing.T) {
	const always = webacl.PartOrder
	const modern = `"fragment":"","scheme":"https","host":"h"`
	record := func(request, rest string) string {
		return `{"timestamp":1700000000123,"httpRequest":{"clientIp":"192.0.2.1","country":"US","uri":"/a%20b","args":"x=1",` + request + `},` + rest + `"ja3Fingerprint":"a","ja4Fingerprint":"b"}`
	}
	get := `"headers":[{"name":"Host","value":"h"}],"httpVersion":"HTTP/1.1","httpMethod":"GET",` + modern
	for _, c := range []struct {
		name, in string
		want     webacl.Part
	}{
		{"a GET of HTTP/1.1 has no body", record(get, ""), always},
		{"one of HTTP/2 may have one", record(strings.Replace(get, "/1.1", "/2.0", 1), ""), always | webacl.PartBody},
		{"unless its size is 0", record(strings.Replace(get, "/1.1", "/2.0", 1), `"requestBodySize":0,`), always},
		{"a body is never in the log", record(get, `"requestBodySize":5,`), always | webacl.PartBody},
		{"Content-Length", record(strings.Replace(get, `[{`, `[{"name":"content-length","value":"5"},{`, 1), ""), always | webacl.PartBody},
		{"Content-Length: 0", record(strings.Replace(get, `[{`, `[{"name":"content-length","value":"0"},{`, 1), ""), always},
		{"a redacted header", record(strings.Replace(get, `[{`, `[{"name":"authorization","value":"REDACTED"},{`, 1), ""), always},
		{"redacted cookies may hold a token", record(strings.Replace(get, `[{`, `[{"name":"Cookie","value":"REDACTED"},{`, 1), ""), always | webacl.PartToken},
		{"a header with bytes that are no UTF-8", record(strings.Replace(get, `[{`, `[{"name":"a","value":"\ufffd"},{`, 1), ""), always},
		{"a token", record(strings.Replace(get, `[{`, `[{"name":"cookie","value":"a=b; aws-waf-token=x"},{`, 1), ""), always | webacl.PartToken},
		{"redacted fields", strings.NewReplacer("x=1", "REDACTED", "/a%20b", "REDACTED", `"GET"`, `"REDACTED"`).Replace(record(get, "")), always | webacl.PartQuery | webacl.PartPath | webacl.PartMethod},
		{"no fragment in older records", strings.Replace(record(get, ""), `"fragment":"",`, "", 1), always | webacl.PartFragment},
		{"no fingerprints", strings.Replace(strings.Replace(record(get, ""), `"a"`, `""`, 1), `"b"`, `null`, 1), always | webacl.PartJA3 | webacl.PartJA4},
		{"no TLS, no fingerprints", strings.Replace(strings.Replace(strings.Replace(record(get, ""), `"a"`, `""`, 1), `"b"`, `null`, 1), "https", "http", 1), always},
		{"no address", strings.Replace(record(get, ""), "192.0.2.1", "X.X.X.X", 1), always | webacl.PartClient},
		{"no time", strings.Replace(record(get, ""), "1700000000123", "0", 1), always | webacl.PartTime},
		{"nothing", `{}`, ^webacl.Part(0)},
	} {
		r, err := Parse([]byte(c.in))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if q := r.ToRequest(); q.Missing != c.want {
			t.Errorf("%s: missing %013b, want %013b", c.name, q.Missing, c.want)
		}
	}
}

func TestToRequestWithholdsRedactedHeaders(t *testing.T) {
	r, err := Parse([]byte(`{"httpRequest":{"headers":[{"name":"Host","value":"h"},{"name":"Cookie","value":"REDACTED"},{"name":"cookie","value":"REDACTED"},{"name":"a","value":"\ufffd"}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	if q := r.ToRequest(); !slices.Equal(q.Withheld, []string{"cookie", "a"}) || len(q.Headers) != 4 {
		t.Errorf("withheld %q of %v", q.Withheld, q.Headers)
	}
}

func TestToRequestKeepsWhatTheLogHolds(t *testing.T) {
	r, err := Parse([]byte(`{"timestamp":1700000000123,"httpRequest":{"clientIp":"2001:db8::1","country":"US","headers":[{"name":"Host","value":"h"}],"uri":"/a%20b","args":"x=1","httpVersion":"HTTP/1.1","httpMethod":"GET","requestId":"9","scheme":"https"},"labels":[{"name":"awswaf:clientip:geo:region:US-CA"}],"clientAsn":64496}`))
	if err != nil {
		t.Fatal(err)
	}
	q := r.ToRequest()
	if q.ID != "9" || q.Method != "GET" || q.Path != "/a%20b" || q.Query != "x=1" || q.Version != "HTTP/1.1" || q.Scheme != "https" ||
		q.Headers[0] != (webacl.Header{Name: "Host", Value: "h"}) || q.Client.String() != "2001:db8::1" || q.Time != 1_700_000_000_123_000_000 ||
		q.Place != (webacl.Place{Country: "US", Region: "CA", ASN: 64496, HasCountry: true, HasASN: true}) {
		t.Errorf("got %+v", q)
	}
}

// "-" is what AWS logs for a country that it looked up and did not find.
func TestToRequestOfAnUnknownCountry(t *testing.T) {
	r, _ := Parse([]byte(`{"httpRequest":{"country":"-"}}`))
	if q := r.ToRequest(); q.Place.Country != "XX" || !q.Place.HasCountry {
		t.Errorf("got %+v", q.Place)
	}
	r, _ = Parse([]byte(`{"httpRequest":{}}`))
	if q := r.ToRequest(); q.Place.HasCountry {
		t.Errorf("got %+v", q.Place)
	}
}
