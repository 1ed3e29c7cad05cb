package crstest

import (
	"net/netip"
	"strings"
	"testing"
)

// A runner that passes everything would show nothing.
func TestTheRunnerTellsFailures(t *testing.T) {
	const head = "rule_id: 1\ntests:\n  - test_id: 2\n    stages:\n      - input: {uri: /x}\n        output: "
	seen := logged{ids: []int{10, 11}, lines: []string{`[id "10"] [msg "found"]`}}
	for _, c := range []struct {
		output string
		answer answer
		want   string
	}{
		{"{status: 200}", answer{status: 200}, ""},
		{"{status: 200}", answer{status: 400}, "status 400, not 200"},
		{"{status: 200}", answer{err: "no answer: closed"}, "no answer: closed"},
		{"{expect_error: true}", answer{err: "no answer: closed"}, ""},
		{"{expect_error: true}", answer{status: 400}, "status 400, and not an error"},
		{"{log: {expect_ids: [10, 11]}}", answer{status: 200}, ""},
		{"{log: {expect_ids: [10, 12]}}", answer{status: 200}, "status 200 without 12"},
		{"{log: {no_expect_ids: [12]}}", answer{status: 200}, ""},
		{"{log: {no_expect_ids: [12, 11]}}", answer{status: 200}, "status 200 with 11"},
		{`{log: {match_regex: 'msg "found"'}}`, answer{status: 200}, ""},
		{`{log: {match_regex: 'msg "lost"'}}`, answer{status: 200}, "no line of the log matches"},
		{`{log: {no_match_regex: 'msg "found"'}}`, answer{status: 200}, "a line of the log matches"},
	} {
		cases, err := parse([]byte(head + c.output))
		if err != nil || len(cases) != 1 || cases[0].ID != "1-2" {
			t.Fatalf("%s: %v %v", c.output, cases, err)
		}
		if got := cases[0].Stages[0].Output.judge(c.answer, seen); got != c.want {
			t.Errorf("%s: %q, not %q", c.output, got, c.want)
		}
	}
	if _, err := parse([]byte(head + "{log_contains: x}")); err == nil || !strings.Contains(err.Error(), "log_contains") {
		t.Errorf("a key that nobody knows: %v", err)
	}
}

// Requests go out as FTW sends them.
func TestRequestsAreCompletedAsFTWDoes(t *testing.T) {
	const head = "rule_id: 1\ntests:\n  - test_id: 2\n    stages:\n      - output: {status: 200}\n        input: "
	for in, want := range map[string]string{
		"{}":               "GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
		`{version: ""}`:    "GET / \r\nConnection: close\r\n\r\n",
		"{method: DELETE}": "DELETE / HTTP/1.1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
		"{headers: {b: 1, A: x}, data: 'p=a b&q'}":                             "GET / HTTP/1.1\r\nA: x\r\nb: 1\r\nContent-Type: application/x-www-form-urlencoded\r\nConnection: close\r\nContent-Length: 7\r\n\r\np=a+b&q",
		"{data: 'p=%41 b'}":                                                    "GET / HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nConnection: close\r\nContent-Length: 7\r\n\r\np=%41 b",
		`{data: "a\nb", headers: {content-type: multipart/form-data; b}}`:      "GET / HTTP/1.1\r\ncontent-type: multipart/form-data; b\r\nConnection: close\r\nContent-Length: 4\r\n\r\na\r\nb",
		`{data: "x{{ \"1\" | repeat 3 }}", headers: {Content-Type: text/xml}}`: "GET / HTTP/1.1\r\nContent-Type: text/xml\r\nConnection: close\r\nContent-Length: 4\r\n\r\nx111",
		"{autocomplete_headers: false, data: a=b, method: POST}":               "POST / HTTP/1.1\r\n\r\na=b",
		"{encoded_request: R0VUIC8=}":                                          "GET /",
	} {
		cases, err := parse([]byte(head + in))
		if err != nil {
			t.Fatalf("%s: %v", in, err)
		}
		got, err := cases[0].Stages[0].Input.bytes()
		if err != nil || string(got) != want {
			t.Errorf("%s:\n%q, not\n%q (%v)", in, got, want, err)
		}
	}
}

func TestEachStageHasItsClient(t *testing.T) {
	seen := map[netip.Addr]bool{}
	for i := range cases {
		for j := range 4 {
			a := client(i, j)
			if !a.IsLoopback() || seen[a] {
				t.Fatalf("%d %d: %v", i, j, a)
			}
			seen[a] = true
		}
	}
}
