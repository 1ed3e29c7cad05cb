package all_test

import (
	"encoding/json"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"sigs.k8s.io/yaml"

	"fathom/layer/all"
	"fathom/layer/layertest"
	"fathom/render"
)

// strange is a sentence in which Terraform, YAML, JSON, shells, JavaScript, SQL,
// GitHub's expressions and Helm's templates each find something of their own.
const strange = "h0stile' \" \\ ` ${path.module} %{if true} ${{ github.token }} {{ .Values }} $(id) `id` ; rm -rf / & | > < # : - [a] {b} *c &d !e @f % é ☃ 😀 */ // <!-- --> '''\"\"\" EOF"

// strangely writes the strange sentence into every key of a platform that takes a
// free text, and into the others what is the worst that they take.
func strangely() string {
	text, _ := json.Marshal(strange)        // a text of JSON is one of YAML
	value, _ := json.Marshal(strange[:170]) // AWS WAF compares no more than 200 bytes
	expr, _ := json.Marshal("^/h0stile[^\"'`\\\\${}%{}]+${path.module}%{if true}$")
	t := many(3)
	for _, e := range [][2]string{
		{"waf: block", "waf: count"},
		{"cookie: sid", "cookie: \"h0!#$%&'*+.^_`|~-\""},
		{`header: "x-client: web/"`, `header: "X-` + `Client: ` + string(value[1:])},
		{"/m/*]", "\"/h0$m&x'y:z@q+r~s/*\"]"},
		{"path: /m/*", "path: \"/h0$m&x'y:z@q+r~s/*\""},
		{"GET /x/*", "GET /h0$x&y'(z);a=b,c!d%20e:f@g+h~i/*"},
		{"  routes:\n", "  exempt:\n    - {rule: SizeRestrictions_BODY, path: " + string(expr) + ", because: " + string(text) + ", owner: \"h0 a@b.c_d-e\", until: 2026-12-31}\n  routes:\n"},
		{"erase: {by: customer", "erase: {by: h0 - customer"},
		{"    owner: team\n", "    owner: \"h0 a@b.c_d-e\"\n    run: " + string(text) + "\n    health: \"/h0$x&y'(z);a=b\"\n"},
		{"group/sre", "group/h0_A.b@c-d"},
		{"branch: main", "branch: h0/A.b_c@d+e-f"},
		{"environment: production", "environment: h0.A_b-c"},
		{"oncall: a@example.com", "oncall: \"https://h0.example/?a=$b&c=(d)*;e#!~%20\", email: h0+a._-b@example.com"},
		{"legal: b@", "legal: h0+a._-b@"},
		{"objectives:", "exceptions: [{control: edge.waf-enforcing, because: " + string(text) + ", owner: \"h0 a@b.c_d-e\", until: 2026-12-31}]\nobjectives:"},
	} {
		if !strings.Contains(t, e[0]) {
			panic(e[0])
		}
		t = strings.ReplaceAll(t, e[0], e[1])
	}
	return t
}

// Whatever a free text holds, each tongue that it is rendered into reads the same
// text back, or has it in a comment; and what runs (workflows, scripts, functions)
// holds none of it.
func TestStrangeTextsStayTexts(t *testing.T) {
	files, err := all.Render(layertest.Parse(t, strangely()))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	same := func(file, got string) {
		if strings.Contains(got, "h0stile") {
			found[path.Ext(file)]++
			if !strings.Contains(got, strange) && !strings.Contains(got, strange[:170]) && !strings.Contains(got, "^/h0stile[^\"'`\\\\${}%{}]+${path.module}%{if true}$") {
				t.Errorf("%s: a text came back as %q", file, got)
			}
		}
	}
	for _, f := range files {
		switch ext := path.Ext(f.Path); {
		case ext == ".tf":
			inTerraform(t, f, same)
		case strings.HasPrefix(f.Path, ".github/"), ext == ".sh", ext == ".sql", ext == ".js", ext == ".py", ext == ".tftpl", ext == ".jq":
			if strings.Contains(string(f.Content), "h0stile") {
				t.Errorf("%s runs, and has a free text in it", f.Path)
			}
			if ext == ".yml" {
				inYAML(t, f, same)
			}
		case ext == ".yaml":
			inYAML(t, f, same)
		case ext == ".json":
			var v any
			if err := json.Unmarshal(f.Content, &v); err != nil {
				t.Errorf("%s: %v", f.Path, err)
			}
			walk(v, func(s string) { same(f.Path, s) })
		case strings.Contains(string(f.Content), "h0stile"):
			t.Errorf("%s has a free text in it, and nobody looks at how", f.Path)
		}
	}
	if found[".tf"] < 3 || found[".yaml"] < 3 {
		t.Errorf("the text came back only so often: %v", found)
	}
	for _, s := range suppressions(t, files) {
		if s.Reason != strange {
			t.Errorf("the reason of %s came back as %q", s.Control, s.Reason)
		}
	}
	manifests(t, rendered{platform: layertest.Parse(t, strangely()), files: files})
}

func inYAML(t *testing.T, f render.File, each func(file, text string)) {
	for _, doc := range regexp.MustCompile(`(?m)^---$`).Split(string(f.Content), -1) {
		var v any
		if err := yaml.UnmarshalStrict([]byte(doc), &v); err != nil {
			t.Errorf("%s: %v", f.Path, err)
		}
		walk(v, func(s string) { each(f.Path, s) })
	}
}

func walk(v any, each func(string)) {
	switch v := v.(type) {
	case string:
		each(v)
	case []any:
		for _, x := range v {
			walk(x, each)
		}
	case map[string]any:
		for k, x := range v {
			each(k)
			walk(x, each)
		}
	}
}

func inTerraform(t *testing.T, f render.File, each func(file, text string)) {
	parsed, diags := hclsyntax.ParseConfig(f.Content, f.Path, hcl.InitialPos)
	if diags.HasErrors() {
		t.Errorf("%s: %v", f.Path, diags)
		return
	}
	tokens, _ := hclsyntax.LexConfig(f.Content, f.Path, hcl.InitialPos)
	for _, tok := range tokens {
		if strings.Contains(string(tok.Bytes), "h0") && tok.Type != hclsyntax.TokenQuotedLit && tok.Type != hclsyntax.TokenComment &&
			tok.Type != hclsyntax.TokenIdent && tok.Type != hclsyntax.TokenStringLit {
			t.Errorf("%s: %q is %s", tok.Range, tok.Bytes, tok.Type)
		}
	}
	_ = hclsyntax.VisitAll(parsed.Body.(*hclsyntax.Body), func(n hclsyntax.Node) hcl.Diagnostics {
		if x, ok := n.(*hclsyntax.TemplateExpr); ok && len(x.Variables()) == 0 {
			if v, diags := x.Value(nil); !diags.HasErrors() && v.Type() == cty.String && v.IsKnown() && !v.IsNull() {
				each(f.Path, v.AsString())
			}
		}
		if x, ok := n.(*hclsyntax.TemplateExpr); ok && len(x.Variables()) > 0 {
			for _, part := range x.Parts {
				if lit, ok := part.(*hclsyntax.LiteralValueExpr); ok && lit.Val.Type() == cty.String {
					each(f.Path, lit.Val.AsString())
				}
			}
		}
		return nil
	})
}
