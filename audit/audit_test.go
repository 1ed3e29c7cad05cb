package audit

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
	"fathom/layer"
)

// sample is an estate with one bucket, one unknown, one problem, judged by a
// layer with a failing, an unsure and an invisible control.
func sample(suppressions ...Suppression) *Report {
	b := &estate.Bucket{Base: estate.Base{ID: estate.ID{Addr: `aws_s3_bucket.logs["a"]`}, Pos: diag.At("modules/log bucket/main.tf", 12, 3)}}
	layers := []layer.Layer{{Name: "data", Doc: "what is kept", Controls: []control.Control{
		{ID: "data.s3-private", Title: "Buckets are private", Why: "anybody reads them", Severity: control.High, Check: func(*estate.Estate) []control.Result {
			return []control.Result{control.Not(b, control.Mistake{
				Summary: "bucket \"logs\" is public", Fix: "block it", Evidence: []control.Evidence{{At: b.Pos, Saw: "acl = <public> & more"}},
			})}
		}},
		{ID: "data.classes", Title: "Stores have a class", Why: "nobody knows", Severity: control.Low, Check: func(*estate.Estate) []control.Result {
			return []control.Result{control.Unsure(b, b.Pos, `variable "class" has no value`)}
		}},
		{ID: "data.subject-rights", Title: "Erasure", Why: "the law", Severity: control.Low, Unseen: "it is a process"},
	}}}
	var problems diag.Problems
	problems.Addf(diag.At("broken.tf", 1, 1), "mend it", "syntax error")
	e := estate.New([]estate.Resource{b}, []estate.Gap{{Of: "module.vpc", Pos: diag.At("main.tf", 1, 1), Why: "it is not here", AWS: true}},
		map[string]int{"random_id": 2, "aws_x": 1}, []estate.File{{Path: "main.tf", As: "terraform"}, {Path: "notes.txt", As: "not read: not YAML"}})
	return Run(e, problems, layers, Options{Suppressions: suppressions, Today: "2026-11-22"})
}

func TestJSONKeepsTheContract(t *testing.T) {
	var b bytes.Buffer
	if err := sample().WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	f := doc["findings"].([]any)[0].(map[string]any)
	for key, want := range map[string]any{
		"control": "data.s3-private", "layer": "data", "severity": "high", "status": "absent",
		"resource": `aws_s3_bucket.logs["a"]`, "file": "modules/log bucket/main.tf", "line": 12.0, "fix": "block it",
	} {
		if f[key] != want {
			t.Errorf("finding %s is %v, want %v", key, f[key], want)
		}
	}
	if doc["schema"] != "fathom.audit/v1" || len(doc["controls"].([]any)) != 3 {
		t.Errorf("got %v", doc)
	}
	read := doc["read"].(map[string]any)
	if read["files"] != 1.0 || read["resources"] != 4.0 || len(read["unmodelled"].([]any)) != 2 {
		t.Errorf("read is %v", read)
	}
	unknown := doc["unknown"].([]any)
	if len(unknown) != 2 || unknown[0].(map[string]any)["reason"] != "it is not here" {
		t.Errorf("unknown is %v", unknown)
	}
}

func TestJSONListsAreNeverNull(t *testing.T) {
	var b bytes.Buffer
	r := Run(estate.New(nil, nil, nil, nil), nil, nil, Options{})
	if err := r.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "null") {
		t.Errorf("got %s", b.String())
	}
}

func TestSARIFIsValid(t *testing.T) {
	for name, r := range map[string]*Report{
		"findings":   sample(),
		"suppressed": sample(Suppression{Control: "data.s3-private", Until: "2026-12-01", Reason: "a test", Owner: "us"}),
		"nothing":    Run(estate.New(nil, nil, nil, nil), nil, nil, Options{}),
	} {
		if err := r.sarif().Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	var b bytes.Buffer
	if err := sample().WriteSARIF(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"modules/log%20bucket/main.tf"`, `"startLine": 12`, `"data.s3-private"`, "it is not here", "syntax error"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the SARIF does not hold %s", want)
		}
	}
}

func TestTextShowsWorstUnknownAndSummary(t *testing.T) {
	var b bytes.Buffer
	if err := sample().WriteText(&b, TextOptions{}); err != nil {
		t.Fatal(err)
	}
	want := `HIGH (1)

  data
    modules/log bucket/main.tf:12  [data.s3-private]
      bucket "logs" is public
      fix: block it

UNKNOWN (2), what the files do not tell

    main.tf:1  module.vpc: it is not here
    modules/log bucket/main.tf:12  aws_s3_bucket.logs["a"]: variable "class" has no value
      undecided because of it: data.classes

3 controls: 0 present, 0 partial, 1 absent, 2 unknown; 1 finding (0 critical, 1 high, 0 medium, 0 low); read 1 file and 4 resources, 3 of types that are not modelled (random_id 2, aws_x 1)
`
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

func TestSuppressions(t *testing.T) {
	on := func(s Suppression) *Report { s.Control = "data.s3-private"; return sample(s) }
	for _, c := range []struct {
		name       string
		by         Suppression
		suppressed bool
		note       string
	}{
		{"until a later day", Suppression{Until: "2026-12-05"}, true, ""},
		{"until today", Suppression{Until: "2026-11-22"}, true, ""},
		{"expired", Suppression{Until: "2026-11-21"}, false, "expired on 2026-11-21"},
		{"this resource", Suppression{Until: "2026-12-05", Resource: `aws_s3_bucket.logs*`}, true, ""},
		{"another resource", Suppression{Until: "2026-12-05", Resource: "aws_s3_bucket.other"}, false, "matches no finding"},
		{"another file", Suppression{Until: "2026-12-05", File: "modules/x/*.tf"}, false, "matches no finding"},
	} {
		r := on(c.by)
		if (len(r.Suppressed) == 1) != c.suppressed || (len(r.Findings) == 0) != c.suppressed {
			t.Errorf("%s: %d suppressed, %d findings", c.name, len(r.Suppressed), len(r.Findings))
		}
		if (c.note == "") != (len(r.Notes) == 0) || c.note != "" && !strings.Contains(r.Notes[0].Summary, c.note) {
			t.Errorf("%s: notes %v", c.name, r.Notes)
		}
	}
}

func TestParseSuppressions(t *testing.T) {
	known := func(id string) bool { return id == "edge.waf-enforcing" }
	const good = "suppress:\n  - control: edge.waf-enforcing\n    resource: aws_wafv2_web_acl.shop\n    reason: tuning\n    owner: security\n    until: 2026-12-05\n"
	got, problems := ParseSuppressions(".fathom.yaml", []byte(good), known)
	if len(problems) > 0 || len(got) != 1 || got[0].Until != "2026-12-05" || got[0].Owner != "security" || got[0].Line != 2 {
		t.Errorf("got %+v, %v", got, problems)
	}
	if got, problems := ParseSuppressions(".fathom.yaml", []byte("\ufeff"+good), known); len(problems) > 0 || len(got) != 1 {
		t.Errorf("with a byte order mark: %+v, %v", got, problems)
	}
	for _, c := range []struct{ name, text, want string }{
		{"no owner", strings.Replace(good, "    owner: security\n", "", 1), ".fathom.yaml:2:5: the suppression has no owner; add owner: …"},
		{"unknown key", strings.Replace(good, "owner:", "ownr:", 1), `.fathom.yaml:5:5: unknown key "ownr"; use control`},
		{"unknown control", strings.Replace(good, "waf-enforcing", "waf", 1), `there is no control "edge.waf"`},
		{"no date", strings.Replace(good, "2026-12-05", "soon", 1), `"soon" is not a date; write it as 2026-12-05`},
		{"not a list", "suppress: all\n", `"suppress" is not a list`},
		{"another key", "ignore: []\n", `unknown key "ignore"`},
		{"no YAML", "suppress: [", "write it as YAML"},
		{"a place in what is no YAML", "? [a]\n: b\n", ".fathom.yaml:2:1: "},
		{"too much", strings.Repeat("&a ", 100_000), ".fathom.yaml:1:1: the file has 300000 bytes; keep it below 128 KiB"},
		{"a bare word", "suppress:\n  - all\n", "a mapping is expected here"},
	} {
		got, problems := ParseSuppressions(".fathom.yaml", []byte(c.text), known)
		if len(got) != 0 {
			t.Errorf("%s: it suppresses all the same: %+v", c.name, got)
		}
		if len(problems) == 0 || !strings.Contains(problems[0].Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.name, problems, c.want)
		}
	}
}

func FuzzParseSuppressions(f *testing.F) {
	f.Add("suppress:\n  - control: a.b\n    reason: r\n    owner: o\n    until: 2026-12-05\n")
	f.Add("suppress: [{control: a, until: x}]")
	f.Add("suppress: &a [*a]")
	f.Add("- - - ? :\n\t")
	f.Add("suppress: &a {<<: *a}")
	f.Add("? [a, b]\n: \x1b[31m\n")
	f.Fuzz(func(t *testing.T, text string) {
		got, problems := ParseSuppressions("f", []byte(text), func(string) bool { return true })
		for _, s := range got {
			if s.Control == "" || s.Reason == "" || s.Owner == "" || s.Until == "" {
				t.Fatalf("%+v suppresses without somebody who answers for it", s)
			}
		}
		for _, p := range problems {
			if p.File != "f" || p.Summary == "" {
				t.Fatalf("a problem without file or sentence: %+v", p)
			}
		}
	})
}
