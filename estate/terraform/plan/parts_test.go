package plan

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"fathom/estate/tree"
)

func TestParseAddress(t *testing.T) {
	tests := []struct {
		in   string
		want address
		ok   bool
	}{
		{"aws_vpc.main", address{typ: "aws_vpc", name: "main"}, true},
		{"aws_vpc.main[0]", address{typ: "aws_vpc", name: "main", key: "[0]"}, true},
		{`data.aws_vpc.main["a.b[\"]"]`, address{data: true, typ: "aws_vpc", name: "main", key: `["a.b[\"]"]`}, true},
		{`module.a["x].y"].module.b[1].data.aws_vpc.main`, address{module: `module.a["x].y"].module.b[1]`, data: true, typ: "aws_vpc", name: "main"}, true},
		{"module.a", address{}, false},
		{"module.", address{}, false},
		{"aws_vpc", address{}, false},
		{"aws_vpc.", address{}, false},
		{"aws_vpc.main.id", address{}, false},
		{`aws_vpc.main["a`, address{}, false},
		{"", address{}, false},
	}
	for _, tt := range tests {
		got, ok := addressOf(tt.in)
		if tt.ok {
			tt.want.full = tt.in
		}
		if ok != tt.ok || got != tt.want {
			t.Errorf("%s: got %+v %v", tt.in, got, ok)
		}
		if got.base()+got.key != got.full {
			t.Errorf("%s: base %q", tt.in, got.base())
		}
	}
}

func TestParentModule(t *testing.T) {
	for in, want := range map[string][3]string{
		"module.a":                       {"", "a", ""},
		`module.a["x.y"]`:                {"", "a", `["x.y"]`},
		`module.a["module.z"].module.b`:  {`module.a["module.z"]`, "b", ""},
		`module.a.module.b[0].module.c1`: {"module.a.module.b[0]", "c1", ""},
	} {
		parent, call, key := parentModule(in)
		if got := [3]string{parent, call, key}; got != want {
			t.Errorf("%s: got %q", in, got)
		}
	}
}

func TestQuoted(t *testing.T) {
	for in, want := range map[string]string{
		"eu":        `"eu"`,
		"a\"b\\\n":  `"a\"b\\\n"`,
		"${x}%{y}$": `"$${x}%%{y}$"`,
		"ü\u200b":   `"ü\u200b"`,
	} {
		if got := quoted(in); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}

func TestProviderName(t *testing.T) {
	for in, want := range map[string]string{
		"aws":                                 "aws",
		"aws.backup":                          "aws.backup",
		"module.x:aws.backup":                 "aws.backup",
		"registry.terraform.io/hashicorp/aws": "aws",
		`provider["registry.terraform.io/hashicorp/aws"]`:                 "aws",
		`provider["registry.terraform.io/hashicorp/aws"].backup`:          "aws.backup",
		`module.x["a"].provider["registry.terraform.io/hashicorp/aws"].y`: "aws.y",
		"provider.aws.backup": "aws.backup",
		"":                    "",
	} {
		if got := providerName(in); got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
}

func TestNarrowed(t *testing.T) {
	among := []string{"cidr_block", "gateway_id", "nat_gateway_id", "vpc_peering_connection_id"}
	igw, nat, other := tree.Ref{Addr: "aws_internet_gateway.a", Attr: "id"}, tree.Ref{Addr: "module.n.aws_nat_gateway.a[0]", Attr: "id"}, tree.Ref{Addr: "aws_x.y", Attr: "z"}
	all := []tree.Ref{igw, nat, other}
	for argument, want := range map[string][]tree.Ref{
		"gateway_id":                {igw},
		"nat_gateway_id":            {nat},
		"vpc_peering_connection_id": {other},
	} {
		if diff := cmp.Diff(want, narrowed(all, argument, among)); diff != "" {
			t.Errorf("%s: %s", argument, diff)
		}
	}
	if got := narrowed([]tree.Ref{igw, nat}, "vpc_peering_connection_id", among); len(got) != 2 {
		t.Errorf("with none left over: %v", got)
	}
}

// TestLines asks for positions while reading in small pieces.
func TestLines(t *testing.T) {
	l := newLineReader(strings.NewReader("ab\nc\n\nd"), 3, 5)
	buf := make([]byte, 3)
	read := func() { _, _ = l.Read(buf) }
	check := func(offset int64, line, column int32) {
		t.Helper()
		if gotLine, gotColumn := l.at(offset); gotLine != line || gotColumn != column {
			t.Errorf("offset %d: %d:%d, want %d:%d", offset, gotLine, gotColumn, line, column)
		}
	}
	read()
	check(1, 3, 6)
	read()
	read()
	check(3, 4, 1)
	check(4, 4, 2)
	check(6, 6, 1)
	check(6, 6, 1)
}

// TestFollowIsBounded reads outputs of which each names two of the module
// below, sixty deep.
func TestFollowIsBounded(t *testing.T) {
	const deep = 60
	var conf, end strings.Builder
	for range deep {
		conf.WriteString(`"module_calls":{"m":{"module":{"outputs":{"o":{"expression":{"references":["module.m.o","module.m.p"]}},"p":{"expression":{"references":["module.m.o","module.m.p"]}}},`)
		end.WriteString("}}}")
	}
	plan := `{"format_version":"1.2","resource_changes":[` +
		`{"address":"` + strings.Repeat("module.m.", deep) + `a.b","change":{"actions":["create"],"after":{},"after_unknown":{"id":true}}},` +
		`{"address":"a.b","change":{"actions":["create"],"after":{},"after_unknown":{"x":true}}}],` +
		`"configuration":{"root_module":{"resources":[{"address":"a.b","expressions":{"x":{"references":["module.m.o"]}}}],` + conf.String() + `"resources":[]` + end.String() + `}}}`
	got := printed(fstest.MapFS{"p": &fstest.MapFile{Data: []byte(plan)}}, "p")
	if !strings.Contains(got, "x = unknown: depends on more resources than can be followed\n") {
		t.Error(got)
	}
}
