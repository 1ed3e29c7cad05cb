package plan

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestSniff(t *testing.T) {
	long := `"` + strings.Repeat("x", 2*sniffed) + `"`
	tests := []struct{ name, in, want string }{
		{"plan", `{"format_version":"1.2","terraform_version":"1.9.5","variables":{}}`, isPlan},
		{"plan without variables", `{"format_version":"1.2","terraform_version":"1.9.5","planned_values":{`, isPlan},
		{"plan, sorted, with a long configuration", `{"applyable":true,"complete":true,"configuration":{"root_module":{"x":` + long + `}},"format_version":"1.2"}`, isPlan},
		{"state", `{"format_version":"1.0","terraform_version":"1.9.5","values":{}}`, isState},
		{"no state", `{"format_version":"1.0"}`, isState},
		{"state file", "{\n  \"version\": 4,\n  \"terraform_version\": \"1.9.5\",\n  \"serial\": 1,\n  \"lineage\": \"0f\",\n", isState},
		{"state file, sorted", `{"check_results":null,"lineage":"0f","outputs":{"a":` + long, isState},
		{"old state file", `{"version":3,"terraform_version":"0.11.0","serial":1,"lineage":"0f","modules":[]}`, isState},
		{"with a byte order mark", "\xef\xbb\xbf" + `{"format_version":"1.2","variables":{}}`, isPlan},
		{"as PowerShell writes it", "\xff\xfe{\x00\"\x00p\x00l\x00a\x00n\x00n\x00e\x00d\x00_\x00v\x00a\x00l\x00u\x00e\x00s\x00\"\x00:\x00{\x00", isPlan},
		{"providers schema", `{"format_version":"1.0","provider_schemas":{}}`, ""},
		{"validate", `{"format_version":"1.0","valid":true,"error_count":0}`, ""},
		{"package lock", `{"name":"x","lockfileVersion":3,"packages":{}}`, ""},
		{"compose", `{"version":"3","services":{}}`, ""},
		{"chart values", `{"configuration":{"a":1},"values":{}}`, ""},
		{"long", `{"a":` + long + `,"resource_changes":[]}`, ""},
		{"list", `[{"format_version":"1.0"}]`, ""},
		{"empty", ``, ""},
		{"binary", "\x00\x01\x02", ""},
		{"broken", `{"format_version"`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Sniff(fstest.MapFS{"p": &fstest.MapFile{Data: []byte(tt.in)}}, "p"); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	if got := Sniff(fstest.MapFS{}, "p"); got != "" {
		t.Errorf("no file: %q", got)
	}
}
