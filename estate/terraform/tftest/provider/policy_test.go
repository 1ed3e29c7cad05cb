package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestRenderPolicy(t *testing.T) {
	for _, tt := range []struct{ name, config, want string }{
		{
			"one action is a string, several are in reverse order",
			`{"statement": [{"sid": "A", "actions": ["s3:GetObject"], "resources": ["*"]},
			                {"effect": "Deny", "not_actions": ["a:1", "b:2"], "not_resources": ["x", "y"]}]}`,
			`{"Version":"2012-10-17","Statement":[` +
				`{"Sid":"A","Effect":"Allow","Action":"s3:GetObject","Resource":"*"},` +
				`{"Effect":"Deny","NotAction":["b:2","a:1"],"NotResource":["y","x"]}]}`,
		},
		{
			"everybody",
			`{"statement": [{"principals": [{"type": "*", "identifiers": ["*"]}]},
			                {"principals": [{"type": "AWS", "identifiers": ["*"]}]}]}`,
			`{"Version":"2012-10-17","Statement":[` +
				`{"Effect":"Allow","Principal":"*"},{"Effect":"Allow","Principal":{"AWS":"*"}}]}`,
		},
		{
			"principals of one type are joined",
			`{"statement": [{"principals": [{"type": "AWS", "identifiers": ["1"]},
			                                {"type": "AWS", "identifiers": ["2", "3"]},
			                                {"type": "Service", "identifiers": ["ec2.amazonaws.com"]}]}]}`,
			`{"Version":"2012-10-17","Statement":[` +
				`{"Effect":"Allow","Principal":{"AWS":["1","3","2"],"Service":"ec2.amazonaws.com"}}]}`,
		},
		{
			"values of a condition keep their order, and policy variables their dollar",
			`{"statement": [{"actions": ["s3:*"], "resources": ["arn:aws:s3:::b/&{aws:username}"],
			    "condition": [{"test": "StringEquals", "variable": "a", "values": ["x", "y"]},
			                  {"test": "StringEquals", "variable": "b", "values": ["z"]}]}]}`,
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}",` +
				`"Condition":{"StringEquals":{"a":["x","y"],"b":"z"}}}]}`,
		},
		{
			"sources come first, own statements replace theirs, overrides replace all",
			`{"policy_id": "p",
			  "source_policy_documents": ["{\"Version\":\"2008-10-17\",\"Statement\":[{\"Sid\":\"A\",\"Effect\":\"Allow\",\"Action\":\"a:1\"},{\"Effect\":\"Allow\",\"Action\":\"a:0\"}]}"],
			  "override_policy_documents": ["{\"Statement\":[{\"Sid\":\"B\",\"Effect\":\"Deny\",\"Action\":\"b:1\"}]}"],
			  "statement": [{"sid": "A", "actions": ["a:2"]}, {"sid": "B", "actions": ["b:2"]}]}`,
			`{"Version":"2012-10-17","Id":"p","Statement":[` +
				`{"Sid":"A","Effect":"Allow","Action":"a:2"},` +
				`{"Effect":"Allow","Action":"a:0"},` +
				`{"Sid":"B","Effect":"Deny","Action":"b:1"}]}`,
		},
		{"nothing", `{}`, `{"Version":"2012-10-17"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, indented, err := render(t, tt.config)
			if err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			var compact map[string]any
			if err := json.Unmarshal([]byte(indented), &compact); err != nil || !strings.HasPrefix(indented, "{\n  \"Version\"") {
				t.Errorf("indented: %v\n%s", err, indented)
			}
		})
	}
}

func TestRenderPolicyErrors(t *testing.T) {
	for _, tt := range []struct{ name, config, want string }{
		{"Sid twice", `{"statement": [{"sid": "A"}, {"sid": "A"}]}`, "duplicate Sid (A)"},
		{
			"Sid twice in sources",
			`{"source_policy_documents": ["{\"Statement\":[{\"Sid\":\"A\"}]}", "{\"Statement\":[{\"Sid\":\"A\"}]}"]}`,
			"merging source document 1: duplicate Sid (A)",
		},
		{"no JSON", `{"override_policy_documents": ["policy"]}`, "merging override document 0: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := render(t, tt.config)
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func render(t *testing.T, config string) (minified, indented string, err error) {
	t.Helper()
	k := testServer(t).data["aws_iam_policy_document"]
	var x map[string]any
	if err := json.Unmarshal([]byte(config), &x); err != nil {
		t.Fatal(err)
	}
	v, err := fromJSON(k.typ, x)
	if err != nil {
		t.Fatal(err)
	}
	root := fields(v)
	if err := renderPolicy(root); err != nil {
		return "", "", err
	}
	minified, _ = text(root["minified_json"])
	indented, _ = text(root["json"])
	return minified, indented, nil
}
