package waflog

import (
	"strings"
	"testing"
)

const logged = `{"action":"BLOCK","terminatingRuleMatchDetails":[{"conditionType":"XSS","location":"HEADER","matchedData":["<","script"],"matchedFieldName":"User-Agent"}],` +
	`"rateBasedRuleList":[{"limitKey":"CUSTOMKEYS","customValues":[{"key":"HEADER","name":"Authorization","value":"secret"},{"key":"QUERY_ARGUMENT","name":"id","value":"7"}]}],` +
	`"nonTerminatingMatchingRules":[{"ruleId":"a","action":"COUNT"}],"httpRequest":{"headers":[{"name":"authorization","value":"secret"},{"name":"Cookie","value":"s=1; t=2"},{"name":"User-Agent","value":"x"}],"uri":"/p","args":"id=7&q=a","httpMethod":"GET"},"labels":[{"name":"awswaf:managed:token:absent"}]}`

func parsed(t *testing.T) *Record {
	t.Helper()
	r, err := Parse([]byte(logged))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// §11: RedactedFields are the path, the query, the method and single headers.
func TestRedact(t *testing.T) {
	r := parsed(t)
	got := string(r.Redact(Redaction{Path: true, Query: true, Method: true, Headers: []string{"Authorization"}}).Append(nil))
	want := strings.NewReplacer(`"authorization","value":"secret"`, `"authorization","value":"REDACTED"`, `"/p"`, `"REDACTED"`, `"id=7&q=a"`, `"REDACTED"`, `"GET"`, `"REDACTED"`).Replace(logged)
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if string(r.Append(nil)) != logged {
		t.Error("the record itself changed")
	}
	if got := string(r.Redact(Redaction{}).Append(nil)); got != logged {
		t.Errorf("an empty redaction changes the record: %s", got)
	}
}

// §11: DataProtection replaces the value everywhere that it is quoted.
func TestProtect(t *testing.T) {
	const sha7 = "7902699be42c8a8e46fbbb4501726517e86b22c56a189f7625a6da49081b2451"
	for _, c := range []struct {
		name string
		p    Protection
		want *strings.Replacer
	}{
		{"a header", Protection{Field: ProtectHeader, Names: []string{"AUTHORIZATION"}}, strings.NewReplacer("secret", "REDACTED")},
		{"a header, but not what rate-based rules tell", Protection{Field: ProtectHeader, Names: []string{"authorization"}, KeepRateDetails: true}, strings.NewReplacer(`"authorization","value":"secret"`, `"authorization","value":"REDACTED"`)},
		{"all headers", Protection{Field: ProtectHeader}, strings.NewReplacer("secret", "REDACTED", "s=1; t=2", "REDACTED", `"x"`, `"REDACTED"`, `["<","script"]`, `["REDACTED","REDACTED"]`)},
		{"all headers, but not what detectors tell", Protection{Field: ProtectHeader, KeepMatchDetails: true}, strings.NewReplacer("secret", "REDACTED", "s=1; t=2", "REDACTED", `"x"`, `"REDACTED"`)},
		{"a cookie", Protection{Field: ProtectCookie, Names: []string{"t"}}, strings.NewReplacer("t=2", "t=REDACTED")},
		{"the names of cookies have a case", Protection{Field: ProtectCookie, Names: []string{"T"}}, strings.NewReplacer()},
		{"a query argument as a hash", Protection{Field: ProtectArgument, Names: []string{"ID"}, Hash: true}, strings.NewReplacer("id=7", "id="+sha7, `"value":"7"`, `"value":"`+sha7+`"`)},
		{"the query", Protection{Field: ProtectQuery}, strings.NewReplacer("id=7&q=a", "REDACTED", `"value":"7"`, `"value":"REDACTED"`)},
		{"the body, which the log does not hold", Protection{Field: ProtectBody}, strings.NewReplacer()},
	} {
		r := parsed(t)
		if got, want := string(r.Protect(c.p).Append(nil)), c.want.Replace(logged); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", c.name, got, want)
		}
		if string(r.Append(nil)) != logged {
			t.Errorf("%s: the record itself changed", c.name)
		}
	}
}

// §11: the first filter that is met decides, otherwise the default behaviour.
func TestFilter(t *testing.T) {
	action, label := FilterCondition{Action: "BLOCK"}, FilterCondition{Label: "awswaf:managed:token:absent"}
	none := FilterCondition{Action: "ALLOW"}
	for _, c := range []struct {
		name string
		f    Filter
		want bool
	}{
		{"no filter keeps", Filter{}, true},
		{"the default drops", Filter{Drop: true}, false},
		{"all conditions hold", Filter{Drop: true, Rules: []FilterRule{{Conditions: []FilterCondition{action, label}}}}, true},
		{"not all hold", Filter{Drop: true, Rules: []FilterRule{{Conditions: []FilterCondition{action, none}}}}, false},
		{"one of them holds", Filter{Drop: true, Rules: []FilterRule{{Any: true, Conditions: []FilterCondition{none, label}}}}, true},
		{"none of them holds", Filter{Drop: true, Rules: []FilterRule{{Any: true, Conditions: []FilterCondition{none}}}}, false},
		{"the first decides", Filter{Rules: []FilterRule{{Drop: true, Conditions: []FilterCondition{action}}, {Conditions: []FilterCondition{label}}}}, false},
		{"a rule that only counted", Filter{Drop: true, Rules: []FilterRule{{Conditions: []FilterCondition{{Action: "COUNT"}}}}}, true},
		{"no condition is never met", Filter{Drop: true, Rules: []FilterRule{{}, {Any: true}}}, false},
		{"an empty condition is never met", Filter{Drop: true, Rules: []FilterRule{{Conditions: []FilterCondition{{}}}}}, false},
	} {
		if got := c.f.Keep(parsed(t)); got != c.want {
			t.Errorf("%s: kept %v, want %v", c.name, got, c.want)
		}
	}
}
