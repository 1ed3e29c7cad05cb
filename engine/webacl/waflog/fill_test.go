package waflog

import (
	"net/netip"
	"strings"
	"testing"

	"fathom/engine/webacl"
)

func exampleRequest() *webacl.Request {
	return &webacl.Request{
		ID: "id-1", Method: "POST", Path: "/login", Query: "a=1", Version: "HTTP/2.0", Scheme: "https",
		Headers: []webacl.Header{{Name: "Host", Value: "shop.example"}, {Name: "Accept", Value: "*/*"}},
		Body:    []byte("user=ann"), Client: netip.MustParseAddr("192.0.2.1"),
		Place: webacl.Place{Country: "DE", HasCountry: true}, JA3: "j3", JA4: "j4", Time: 1_700_000_000_123_456_789,
	}
}

// §11: what AWS would write of a verdict, member by member.
func TestFillWritesWhatAWSWould(t *testing.T) {
	const head = `{"timestamp":1700000000123,"formatVersion":1,"webaclId":"arn:w",`
	const tail = `"httpRequest":{"clientIp":"192.0.2.1","country":"DE","headers":[{"name":"Host","value":"shop.example"},{"name":"Accept","value":"*/*"}],"uri":"/login","args":"a=1","httpVersion":"HTTP/2.0","httpMethod":"POST","requestId":"id-1","fragment":"","scheme":"https","host":"shop.example"}`
	const end = `"ja3Fingerprint":"j3","ja4Fingerprint":"j4","requestBodySize":8,"requestBodySizeInspectedByWAF":8}`
	const source = `"httpSourceName":"ALB","httpSourceId":"app/shop",`
	sqli := webacl.Detail{Field: "QUERY_STRING", Condition: "SQL_INJECTION", Sensitivity: "LOW", Data: []string{"1", "or"}}
	for _, c := range []struct {
		name string
		v    webacl.Verdict
		want string
	}{
		{
			"the default action",
			webacl.Verdict{Action: webacl.Allow, Rule: webacl.DefaultAction, Certain: true},
			`"terminatingRuleId":"Default_Action","terminatingRuleType":"REGULAR","action":"ALLOW","terminatingRuleMatchDetails":[],` + source +
				`"ruleGroupList":[],"rateBasedRuleList":[],"nonTerminatingMatchingRules":[],"requestHeadersInserted":null,"responseCodeSent":null,` + tail + `,` + end,
		},
		{
			"a rule with a detector, after one that counts",
			webacl.Verdict{
				Action: webacl.Block, Rule: "sqli", Type: "REGULAR", Response: webacl.Answered{Code: 403}, Certain: true, Labels: []string{"awswaf:1:webacl:w:a"},
				Matches: []webacl.Match{
					{Rule: "watch", Action: webacl.Count, Details: []webacl.Detail{{Field: "URI", What: "contains x"}}},
					{Rule: "sqli", Action: webacl.Block, Terminating: true, Details: []webacl.Detail{sqli}},
				},
			},
			`"terminatingRuleId":"sqli","terminatingRuleType":"REGULAR","action":"BLOCK","terminatingRuleMatchDetails":[{"conditionType":"SQL_INJECTION","sensitivityLevel":"LOW","location":"QUERY_STRING","matchedData":["1","or"]}],` + source +
				`"ruleGroupList":[],"rateBasedRuleList":[],"nonTerminatingMatchingRules":[{"ruleId":"watch","action":"COUNT","ruleMatchDetails":[]}],"requestHeadersInserted":null,"responseCodeSent":null,` + tail + `,"labels":[{"name":"awswaf:1:webacl:w:a"}],` + end,
		},
		{
			"a managed group blocks, with an override and a stand-in",
			webacl.Verdict{
				Action: webacl.Block, Rule: "common", Inner: "XSS", Type: "MANAGED_RULE_GROUP", Response: webacl.Answered{Code: 429, Body: "slow"},
				Matches: []webacl.Match{
					{Rule: "NoUserAgent", Group: "common", Action: webacl.Count, Own: webacl.Block},
					{Rule: "XSS", Group: "common", Action: webacl.Block, Terminating: true, Basis: webacl.Basis{Kind: webacl.StandIn, Source: "CRS"}, Details: []webacl.Detail{{Source: "CRS 941100"}}},
				},
				Undecidable: []webacl.Undecidable{{Rule: "geo", Action: webacl.Block, Why: "the country is not known"}},
				Groups:      []webacl.GroupResult{{Rule: "common", ID: "AWS#Common", First: 0, Last: 2}},
			},
			`"terminatingRuleId":"common","terminatingRuleType":"MANAGED_RULE_GROUP","action":"BLOCK","terminatingRuleMatchDetails":[],` + source +
				`"ruleGroupList":[{"ruleGroupId":"AWS#Common","terminatingRule":{"ruleId":"XSS","action":"BLOCK","ruleMatchDetails":null},"nonTerminatingMatchingRules":[{"ruleId":"NoUserAgent","action":"COUNT","overriddenAction":"BLOCK","ruleMatchDetails":[]}],"excludedRules":null}],` +
				`"rateBasedRuleList":[],"nonTerminatingMatchingRules":[],"requestHeadersInserted":null,"responseCodeSent":429,` + tail + `,` + strings.TrimSuffix(end, "}") +
				`,"fathom":{"uncertain":true,"standIns":[{"rule":"XSS","group":"common","source":"CRS","patterns":["CRS 941100"]}],"undecidable":[{"rule":"geo","action":"BLOCK","why":"the country is not known"}]}}`,
		},
		{
			"a group whose result only counts",
			webacl.Verdict{
				Action: webacl.Allow, Rule: webacl.DefaultAction, Type: "REGULAR", Certain: true,
				Matches: []webacl.Match{{Rule: "SQLi", Group: "sql", Action: webacl.Block, Terminating: true, Details: []webacl.Detail{sqli}}, {Rule: "sql", Action: webacl.Count, Own: webacl.Block}},
				Groups:  []webacl.GroupResult{{Rule: "sql", ID: "AWS#SQL", First: 0, Last: 1, Counted: true}},
				Insert:  []webacl.Header{{Name: "x-amzn-waf-a", Value: "b"}},
			},
			`"terminatingRuleId":"Default_Action","terminatingRuleType":"REGULAR","action":"ALLOW","terminatingRuleMatchDetails":[],` + source +
				`"ruleGroupList":[{"ruleGroupId":"AWS#SQL","terminatingRule":{"ruleId":"SQLi","action":"BLOCK","ruleMatchDetails":[{"conditionType":"SQL_INJECTION","sensitivityLevel":"LOW","location":"QUERY_STRING","matchedData":["1","or"]}]},"nonTerminatingMatchingRules":[],"excludedRules":null}],` +
				`"rateBasedRuleList":[],"nonTerminatingMatchingRules":[{"ruleId":"sql","action":"COUNT","ruleMatchDetails":[]}],"requestHeadersInserted":[{"name":"x-amzn-waf-a","value":"b"}],"responseCodeSent":null,` + tail + `,` + end,
		},
		{
			"a CAPTCHA after a challenge that was solved, and a rate",
			webacl.Verdict{
				Action: webacl.Captcha, Rule: "captcha", Type: "RATE_BASED", Response: webacl.Answered{Code: 405}, Certain: true, Oversize: []string{"REQUEST_BODY"},
				Matches: []webacl.Match{
					{Rule: "challenge", Action: webacl.Challenge, Passed: true, Solved: 99},
					{Rule: "captcha", Action: webacl.Captcha, Terminating: true, Failure: "TOKEN_EXPIRED"},
				},
				Rates: []webacl.RateResult{{Rule: "captcha", ID: "r1", Key: webacl.ByCustomKeys, Limit: 10, Window: 60, Custom: []webacl.RateValue{{Key: "HEADER", Name: "dog", Value: "rex"}}}},
			},
			`"terminatingRuleId":"captcha","terminatingRuleType":"RATE_BASED","action":"CAPTCHA","terminatingRuleMatchDetails":[],` + source +
				`"ruleGroupList":[],"rateBasedRuleList":[{"rateBasedRuleId":"r1","rateBasedRuleName":"captcha","limitKey":"CUSTOMKEYS","maxRateAllowed":10,"evaluationWindowSec":"60","customValues":[{"key":"HEADER","name":"dog","value":"rex"}]}],` +
				`"nonTerminatingMatchingRules":[{"ruleId":"challenge","action":"CHALLENGE","ruleMatchDetails":[],"challengeResponse":{"responseCode":0,"solveTimestamp":99}}],"requestHeadersInserted":null,"responseCodeSent":405,` + tail +
				`,"captchaResponse":{"responseCode":405,"solveTimestamp":0,"failureReason":"TOKEN_EXPIRED"},"challengeResponse":{"responseCode":0,"solveTimestamp":99},"ja3Fingerprint":"j3","ja4Fingerprint":"j4","oversizeFields":["REQUEST_BODY"],"requestBodySize":8,"requestBodySizeInspectedByWAF":8}`,
		},
	} {
		c.v.Inspected, c.v.BodySize = 8, 8
		r := From(&c.v, exampleRequest(), Meta{WebACLID: "arn:w", SourceName: "ALB", SourceID: "app/shop"})
		got := string(r.Append(nil))
		if want := head + c.want; got != want {
			t.Errorf("%s\ngot  %s\nwant %s", c.name, got, want)
		}
		again, err := Parse([]byte(got))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if second := string(again.Append(nil)); second != got {
			t.Errorf("%s: parsed and written again\ngot  %s\nwant %s", c.name, second, got)
		}
	}
}

func TestFillLogsTheFirstHundredLabels(t *testing.T) {
	v := webacl.Verdict{Action: webacl.Allow, Rule: webacl.DefaultAction, Labels: make([]string, 101)}
	if n := len(From(&v, exampleRequest(), Meta{}).Labels); n != 100 {
		t.Errorf("%d labels, want 100", n)
	}
}

// A body that no rule asked for was not read; the record does not say that it was
// empty.
func TestFillDoesNotInventTheSizeOfABody(t *testing.T) {
	q := exampleRequest()
	q.Body, q.ReadBody = nil, func() ([]byte, bool, error) { return nil, false, nil }
	v := webacl.Verdict{Action: webacl.Allow, Rule: webacl.DefaultAction}
	if r := From(&v, q, Meta{}); r.RequestBodySize.Known {
		t.Errorf("got %+v", r.RequestBodySize)
	}
}

func TestFillUsesItsMemoryAgain(t *testing.T) {
	q := exampleRequest()
	v := webacl.Verdict{Action: webacl.Allow, Rule: webacl.DefaultAction, Labels: []string{"a"}, Certain: true}
	var r Record
	line := make([]byte, 0, 4096)
	if n := testing.AllocsPerRun(100, func() {
		r.Fill(&v, q, Meta{WebACLID: "arn:w", SourceName: "ALB"})
		line = r.Append(line[:0])
	}); n > 1 { // the text of the address
		t.Errorf("%v allocations, want 1", n)
	}
	v.Labels = nil
	r.Fill(&v, q, Meta{})
	if strings.Contains(string(r.Append(nil)), "labels") {
		t.Error("the label of the request before is still there")
	}
}

func BenchmarkAppend(b *testing.B) {
	q := exampleRequest()
	for len(q.Headers) < 12 {
		q.Headers = append(q.Headers, webacl.Header{Name: "Accept-Language", Value: "en-GB,en;q=0.9,de;q=0.8"})
	}
	v := webacl.Verdict{Action: webacl.Block, Rule: "block", Type: "REGULAR", Certain: true, Matches: []webacl.Match{{Rule: "block", Action: webacl.Block, Terminating: true}}}
	var r Record
	line := make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		r.Fill(&v, q, Meta{WebACLID: "arn:w", SourceName: "ALB"})
		line = r.Append(line[:0])
	}
}

func BenchmarkParse(b *testing.B) {
	lines := records(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := Parse(lines[i%len(lines)]); err != nil {
			b.Fatal(err)
		}
	}
}
