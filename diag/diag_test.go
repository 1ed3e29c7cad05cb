package diag

import "testing"

func TestProblemReadsAsOneLine(t *testing.T) {
	for _, c := range []struct {
		in   Problem
		want string
	}{
		{Problem{At("shop.yaml", 14, 7), `service "cart" has no owner`, `add "owner: <team>"`}, `shop.yaml:14:7: service "cart" has no owner; add "owner: <team>"`},
		{Problem{At("shop.yaml", 14, 0), "no owner", ""}, "shop.yaml:14: no owner"},
		{Problem{Pos{File: "shop.yaml"}, "not a file", ""}, "shop.yaml: not a file"},
		{Problem{Pos{}, "nothing to read", "name a path"}, "nothing to read; name a path"},
	} {
		if got := c.in.Error(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

func TestSortedKeepsEachProblemOnce(t *testing.T) {
	var ps Problems
	ps.Addf(At("b.tf", 1, 1), "", "second")
	ps.Addf(At("a.tf", 9, 1), "", "first")
	ps.Addf(At("b.tf", 1, 1), "", "second")
	got := ps.Sorted()
	if len(got) != 2 || got[0].Summary != "first" || got[1].Summary != "second" {
		t.Errorf("got %v", got)
	}
}

func TestPlainDoesNothingToATerminal(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`aws_vpc.main["日本"]`, `aws_vpc.main["日本"]`},
		{"red\x1b[31m", `red\x1b[31m`},
		{"two\nlines\r\t", `two\nlines\r\t`},
		{"\u009b31m \u202egnp.exe \u2028", `\u009b31m \u202egnp.exe \u2028`},
		{"caf\xe9 \x00", `caf\xe9 \x00`},
	} {
		if got := Plain(c.in); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
	if got := (Problem{At("a\n.tf", 1, 1), "x\x1b[2J", ""}).Error(); got != `a\n.tf:1:1: x\x1b[2J` {
		t.Errorf("got %s", got)
	}
}
