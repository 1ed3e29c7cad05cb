package platform_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"fathom/platform"
)

// validator is the published schema, read by a library that nobody here wrote.
func validator(t testing.TB) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(platform.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("platform.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("platform.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// asJSON is a declaration as a validator sees it.
func asJSON(t testing.TB, text []byte) any {
	t.Helper()
	j, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(j))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestTheSchemaTakesWhatParseTakes(t *testing.T) {
	s := validator(t)
	for _, file := range []string{"../examples/shopnow/platform.yaml", "../examples/bazaar/platform.yaml", "starter.yaml", "testdata/shop.yaml"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, problems := platform.Parse(file, text, platform.Options{}); len(problems) > 0 {
			t.Errorf("%s: %v", file, problems)
		}
		if err := s.Validate(asJSON(t, text)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// What the shape of a value is, the two must agree about.
func TestTheSchemaRefusesWhatParseRefuses(t *testing.T) {
	s := validator(t)
	for _, e := range []edit{
		{"  waf: block", "  waff: block"},
		{"  waf: block", "  waf: detect"},
		{"  waf: block", "  waf: true"},
		{"zones: [a, b, c]", "zones: a"},
		{"zones: [a, b, c]", "zones: []"},
		{"zones: [a, b, c]", "zones: [a, a]"},
		{"max: 24}", `max: "24"}`},
		{"max: 24}", "max: 24000}"},
		{"max: 24}", "max: 2.5}"},
		{"max: 24}", "most: 24}"},
		{"rotate: 30d", "rotate: 30"},
		{"rotate: 30d", "rotate: thirty days"},
		{"rotate: 30d", "rotate: 030d"},
		{"admit: 400/s", "admit: 400"},
		{"admit: 400/s", "admit: 0/s"},
		{"canary: 5%", "canary: 5"},
		{"shield: true", `shield: "true"`},
		{"shield: true", "shield: yes"},
		{`account: "111111111111"`, "account: 111111111111"},
		{`account: "111111111111"`, `account: "1111"`},
		{`version: "1.35"`, "version: 1.35"},
		{"until: 2026-12-05", "until: soon"},
		{"who: group/sre, may", "who: sre, may"},
		{"  orders:\n", "  Orders:\n"},
		{"    owner: discovery\n", ""},
		{"cache: read", "cache: {read: true}"},
		{"cache: read", "cache: look"},
		{"because: tuning the credential rule", `because: ""`},
	} {
		text := e.on(t, shop(t))
		if _, problems := platform.Parse("shop.yaml", text, platform.Options{}); len(problems) == 0 {
			t.Errorf("Parse takes %q", e.new)
		}
		if err := s.Validate(asJSON(t, text)); err == nil {
			t.Errorf("the schema takes %q", e.new)
		}
	}
}
