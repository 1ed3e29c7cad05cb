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
