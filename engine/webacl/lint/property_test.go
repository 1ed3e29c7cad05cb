package lint

import (
	"fmt"
	"net/netip"
	"testing"

	"pgregory.net/rapid"

	"fathom/engine/webacl"
	"fathom/engine/webacl/transform"
)

var word = rapid.SampledFrom([]string{"", "/", "/a", "/a/b", "a", "b", "/b", "A"})

func statement(depth int) *rapid.Generator[webacl.Statement] {
	return rapid.Custom(func(t *rapid.T) webacl.Statement {
		field := rapid.SampledFrom([]webacl.Field{{Kind: webacl.URIPath}, {Kind: webacl.SingleHeader, Name: "x-h"}}).Draw(t, "field")
		kinds := rapid.SampledFrom([][]transform.Kind{nil, {transform.Lowercase}}).Draw(t, "kinds")
		most := 4
		if depth > 0 {
			most = 7
		}
		many := func() []webacl.Statement { return rapid.SliceOfN(statement(depth-1), 1, 3).Draw(t, "of") }
		switch rapid.IntRange(0, most-1).Draw(t, "kind") {
		case 0, 1:
			return webacl.ByteMatch{Field: field, Search: []byte(word.Draw(t, "search")), Transforms: kinds, Position: rapid.SampledFrom([]webacl.Position{webacl.Exactly, webacl.StartsWith, webacl.EndsWith, webacl.Contains}).Draw(t, "at")}
		case 2:
			return webacl.SizeMatch{Field: field, Transforms: kinds, Size: rapid.Int64Range(0, 3).Draw(t, "size"), Op: rapid.SampledFrom([]webacl.Comparison{webacl.EQ, webacl.NE, webacl.LE, webacl.LT, webacl.GE, webacl.GT}).Draw(t, "op")}
		case 3:
			bits := rapid.SampledFrom([]int{24, 30, 31, 32}).Draw(t, "bits")
			p := netip.PrefixFrom(netip.MustParseAddr("192.0.2.1"), bits).Masked()
			return webacl.IPSetMatch{ARN: "s", Set: &webacl.IPSet{Name: fmt.Sprint(bits), Prefixes: []netip.Prefix{p}}}
		case 4:
			return webacl.And{Of: many()}
		case 5:
			return webacl.Or{Of: many()}
		}
		return webacl.Not{Of: statement(depth-1).Draw(t, "not")}
	})
}

func holds(t *rapid.T, st webacl.Statement, r *webacl.Request) bool {
	p, problems := webacl.Compile(&webacl.ACL{Name: "a", Default: webacl.Action{Kind: webacl.Allow}, Rules: []webacl.Rule{{Name: "r", Statement: st, Action: webacl.Action{Kind: webacl.Block}}}}, webacl.Options{})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	var v webacl.Verdict
	p.Evaluate(r, &v)
	return v.Action == webacl.Block
}

// Where one statement is said to imply another no request meets only the first;
// what is said to hold always does, and never, never.
func TestImplicationHolds(t *testing.T) {
	implied, all := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		a, b := statement(2).Draw(t, "a"), statement(1).Draw(t, "b")
		says := implies(a, b)
		all++
		if says {
			implied++
		}
		for range 8 {
			r := &webacl.Request{Method: "GET", Path: "/" + word.Draw(t, "path"), Client: netip.AddrFrom4([4]byte{192, 0, 2, byte(rapid.IntRange(0, 5).Draw(t, "client"))})}
			for range rapid.IntRange(0, 2).Draw(t, "headers") {
				r.Headers = append(r.Headers, webacl.Header{Name: "X-H", Value: word.Draw(t, "header")})
			}
			x, y := holds(t, a, r), holds(t, b, r)
			switch {
			case says && x && !y:
				t.Fatalf("%#v implies %#v, but not for %+v", a, b, r)
			case always(a) && !x:
				t.Fatalf("%#v holds always, but not for %+v", a, r)
			case never(a) && x:
				t.Fatalf("%#v never holds, but does for %+v", a, r)
			}
		}
	})
	if implied == 0 || implied == all {
		t.Errorf("%d of %d pairs were implied: the property tells nothing", implied, all)
	}
}
