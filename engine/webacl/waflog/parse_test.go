package waflog

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"os"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// records are the 228 records of AWS.
func records(tb testing.TB) [][]byte {
	tb.Helper()
	f, err := os.Open("testdata/aws-waf-228.jsonl.gz")
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		tb.Fatal(err)
	}
	var lines [][]byte
	s := bufio.NewScanner(z)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		lines = append(lines, bytes.Clone(s.Bytes()))
	}
	if s.Err() != nil {
		tb.Fatal(s.Err())
	}
	return lines
}

// §11: what AWS wrote comes out again to the byte.
func TestRecordsOfAWSRoundTrip(t *testing.T) {
	lines := records(t)
	if len(lines) != 228 {
		t.Fatalf("%d records, want 228", len(lines))
	}
	for i, line := range lines {
		r, err := Parse(line)
		if err != nil {
			t.Fatalf("record %d: %v", i+1, err)
		}
		if got := r.Append(nil); !bytes.Equal(got, line) {
			t.Errorf("record %d\ngot  %s\nwant %s", i+1, got, line)
		}
		if r.HTTPRequest == nil || r.HTTPRequest.URI == "" || r.Timestamp == 0 || len(r.HTTPRequest.Headers) == 0 {
			t.Errorf("record %d: not all members were understood: %+v", i+1, r)
		}
	}
}

// full has every member of §11, and some that AWS may add.
const full = `{"timestamp":1683355579981,"formatVersion":1,"webaclId":"arn:aws:wafv2:eu-west-1:111111111111:regional/webacl/shop/x","terminatingRuleId":"sqli","terminatingRuleType":"REGULAR","action":"BLOCK",` +
	`"terminatingRuleMatchDetails":[{"conditionType":"SQL_INJECTION","sensitivityLevel":"LOW","location":"QUERY_STRING","matchedData":["1","or","1=1"],"matchedFieldName":"","new":{"a":[1.50,null]}}],` +
	`"httpSourceName":"ALB","httpSourceId":"111111111111-app/shop/1","ruleGroupList":[{"ruleGroupId":"AWS#AWSManagedRulesCommonRuleSet","terminatingRule":{"ruleId":"NoUserAgent_HEADER","action":"CAPTCHA","overriddenAction":"BLOCK","ruleMatchDetails":null},` +
	`"nonTerminatingMatchingRules":[{"ruleId":"a","action":"CHALLENGE","ruleMatchDetails":[],"challengeResponse":{"responseCode":0,"solveTimestamp":1632420429}}],"excludedRules":[{"exclusionType":"EXCLUDED_AS_COUNT","ruleId":"b"}],"customerConfig":null}],` +
	`"rateBasedRuleList":[{"rateBasedRuleId":"r1","rateBasedRuleName":"limit","limitKey":"CUSTOMKEYS","maxRateAllowed":100,"evaluationWindowSec":"120","customValues":[{"key":"HEADER","name":"dog","value":"rex"}]},{"rateBasedRuleId":"r2","limitKey":"IP","limitValue":"192.0.2.1","maxRateAllowed":"100","evaluationWindowSec":300}],` +
	`"nonTerminatingMatchingRules":[{"action":"COUNT","ruleId":"c"}],"requestHeadersInserted":[{"name":"x-amzn-waf-a","value":"b"}],"responseCodeSent":405,` +
	`"httpRequest":{"clientIp":"192.0.2.1","country":"-","headers":[{"name":"Host","value":"shop.example"},{"name":"X","value":"\"\\\b\u0001ü\ud83d\ude00"}],"uri":"/","args":"","httpVersion":"HTTP/2.0","httpMethod":"GET","requestId":"1","fragment":"","scheme":"https","host":"shop.example"},` +
	`"labels":[{"name":"awswaf:managed:token:absent"}],"captchaResponse":{"responseCode":405,"solveTimestamp":0,"failureReason":"TOKEN_MISSING"},"challengeResponse":null,"ja3Fingerprint":"f","ja4Fingerprint":"g","oversizeFields":["REQUEST_BODY"],"requestBodySize":0,"requestBodySizeInspectedByWAF":0,"clientAsn":64496,"forwardedAsn":null,"cfDistributionTenantId":"t","later":[]}`

func TestEveryMemberRoundTrips(t *testing.T) {
	r, err := Parse([]byte(full))
	if err != nil {
		t.Fatal(err)
	}
	got := string(r.Append(nil))
	if want := strings.Replace(full, `\ud83d\ude00`, "\U0001F600", 1); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if r.RateBasedRuleList[0].EvaluationWindowSec != 120 || r.RateBasedRuleList[1].EvaluationWindowSec != 300 || r.RateBasedRuleList[1].MaxRateAllowed != 100 {
		t.Errorf("numbers as strings were not read: %+v", r.RateBasedRuleList)
	}
	if !r.RequestBodySize.Known || r.HTTPRequest.Headers[1].Value != "\"\\\b\x01ü\U0001F600" {
		t.Errorf("got %+v", r)
	}
}

// What is set in a record that was parsed is written, in AWS's order.
func TestAParsedRecordCanBeChanged(t *testing.T) {
	r, err := Parse([]byte(`{"later":1,"action":"BLOCK","requestHeadersInserted":null,"timestamp":"5"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Action, r.RequestHeadersInserted, r.WebACLID, r.Timestamp = "COUNT", []Header{{Name: "a", Value: "b"}}, "w", 6
	want := `{"later":1,"action":"COUNT","requestHeadersInserted":[{"name":"a","value":"b"}],"timestamp":"6","webaclId":"w"}`
	if got := string(r.Append(nil)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestParseSaysWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`{"timestamp":true}`, `"timestamp" is true, and AWS WAF writes a whole number there`},
		{`{"timestamp":1.5}`, `"timestamp" is another number, and AWS WAF writes a whole number there`},
		{`{"timestamp":"x"}`, `"timestamp" is a string, and AWS WAF writes a whole number there`},
		{`{"httpRequest":{"headers":[{"name":"a"},{"name":[]}]}}`, `"httpRequest.headers[1].name" is a list, and AWS WAF writes a string there`},
		{`{"labels":[null]}`, `"labels[0]" is null, and AWS WAF writes an object there`},
		{`[]`, `the record is a list, and AWS WAF writes an object`},
		{`{"action":"BL`, `the record ends in the middle; the line is cut off`},
		{``, `the record ends in the middle; the line is cut off`},
		{`{} {}`, `something follows the record on its line; write each record on a line of its own`},
	} {
		_, err := Parse([]byte(c.in))
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", c.in, err, c.want)
		}
	}
	for _, in := range []string{`{"a":1,"a":2}`, `{"action":"` + "\xff" + `"}`, `{"action":"\ud800"}`, `{"x":` + strings.Repeat("[", 1e5), `x`} {
		if _, err := Parse([]byte(in)); err == nil {
			t.Errorf("%.40q is read without an error", in)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(full))
	f.Add([]byte(`{}`))
	f.Add([]byte(`{"timestamp":-0,"labels":null,"requestBodySize":"7","httpRequest":{}}`))
	f.Add([]byte(`{"fathom":{"uncertain":true,"standIns":[{"rule":"a","patterns":["CRS 942100"]}],"undecidable":[{"rule":"b","why":"c"}]}}`))
	for _, line := range records(f)[:3] {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		r, err := Parse(line)
		if err != nil {
			if r != nil {
				t.Fatal("a record and an error")
			}
			return
		}
		out := r.Append(nil)
		if got, want := canonical(t, out), canonical(t, line); got != want {
			t.Fatalf("got  %s\nwant %s", got, want)
		}
		again, err := Parse(out)
		if err != nil {
			t.Fatalf("%s: %v", out, err)
		}
		if second := again.Append(nil); !bytes.Equal(out, second) {
			t.Fatalf("unstable\n%s\n%s", out, second)
		}
		again.ToRequest()
	})
}

// canonical writes JSON by RFC 8785, to compare by meaning.
func canonical(t *testing.T, b []byte) string {
	t.Helper()
	v := jsontext.Value(bytes.Clone(b))
	if err := v.Canonicalize(jsontext.PreserveRawStrings(false)); err != nil {
		t.Fatalf("%s: %v", b, err)
	}
	return string(v)
}
