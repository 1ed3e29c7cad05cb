package webacl_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	. "fathom/engine/webacl"
	"fathom/engine/webacl/transform"
)

// twin evaluates a web ACL as the fact sheet's sections 2 and 3 say it, one rule
// after the other, with nothing shared, kept or compiled.
type twin struct {
	acl    *ACL
	r      *Request
	labels []string
	log    []string
}

func (w *twin) run() (action ActionKind, rule, inner string) {
	for _, r := range sorted(w.acl.Rules) {
		ref, ok := r.Statement.(GroupRef)
		if !ok {
			if w.rule(r, r.Action, w.acl.Name, "webacl") {
				return r.Action.Kind, r.Name, ""
			}
			continue
		}
		for _, in := range sorted(ref.Group.Rules) {
			a := in.Action
			for _, o := range ref.Overrides {
				if o.Rule == in.Name {
					a = o.Action
				}
			}
			if !w.rule(in, a, ref.Group.Name, "rulegroup") {
				continue
			}
			if r.Override == OverrideNone {
				return a.Kind, r.Name, in.Name
			}
			w.log = append(w.log, r.Name+" COUNT")
			break
		}
	}
	return w.acl.Default.Kind, DefaultAction, ""
}

func sorted(rs []Rule) []Rule {
	rs = slices.Clone(rs)
	slices.SortFunc(rs, func(a, b Rule) int { return a.Priority - b.Priority })
	return rs
}

func (w *twin) rule(r Rule, a Action, name, kind string) (ended bool) {
	prefix := "awswaf:111111111111:" + kind + ":" + name + ":"
	if !w.holds(r.Statement, prefix) {
		return false
	}
	w.log = append(w.log, r.Name+" "+a.Kind.String())
	for _, l := range r.Labels {
		if !slices.Contains(w.labels, prefix+l) {
			w.labels = append(w.labels, prefix+l)
		}
	}
	return a.Kind != Count
}

func (w *twin) holds(st Statement, prefix string) bool {
	switch st := st.(type) {
	case And:
		return !slices.ContainsFunc(st.Of, func(of Statement) bool { return !w.holds(of, prefix) })
	case Or:
		return slices.ContainsFunc(st.Of, func(of Statement) bool { return w.holds(of, prefix) })
	case Not:
		return !w.holds(st.Of, prefix)
	case ByteMatch:
		return slices.ContainsFunc(w.values(st.Field, st.Transforms), func(v []byte) bool {
			switch st.Position {
			case Exactly:
				return string(v) == string(st.Search)
			case StartsWith:
				return bytes.HasPrefix(v, st.Search)
			}
			return bytes.Contains(v, st.Search)
		})
	case SizeMatch:
		return slices.ContainsFunc(w.values(st.Field, st.Transforms), func(v []byte) bool { return int64(len(v)) > st.Size })
	case IPSetMatch:
		return slices.ContainsFunc(st.Set.Prefixes, func(p netip.Prefix) bool { return p.Contains(w.r.Client) })
	case LabelMatch:
		return slices.ContainsFunc(w.labels, func(l string) bool {
			rest, ok := strings.CutPrefix(l, prefix)
			return ok && (rest == st.Key || strings.HasSuffix(rest, ":"+st.Key))
		})
	}
	panic(fmt.Sprintf("the twin does not know %T", st))
}

func (w *twin) values(f Field, kinds []transform.Kind) (out [][]byte) {
	switch f.Kind {
	case URIPath:
		out = append(out, []byte(w.r.Path))
	case BodyText:
		if len(w.r.Body) > 0 {
			out = append(out, w.r.Body)
		}
	case AllQueryArguments:
		for _, arg := range strings.Split(w.r.Query, "&") {
			if _, v, _ := strings.Cut(arg, "="); arg != "" {
				out = append(out, []byte(v))
			}
		}
	case SingleHeader:
		for _, h := range w.r.Headers {
			if strings.EqualFold(h.Name, f.Name) {
				out = append(out, []byte(h.Value))
			}
		}
	}
	for i := range out {
		for _, k := range kinds {
			out[i] = k.Append(nil, out[i])
		}
	}
	return out
}

// Generators: few words, so that rules and requests meet.

var word = rapid.SampledFrom([]string{"a", "b", "ab", "%61", "A", "/a", ""})

func field() *rapid.Generator[Field] {
	return rapid.SampledFrom([]Field{{Kind: URIPath}, {Kind: BodyText}, {Kind: AllQueryArguments}, {Kind: SingleHeader, Name: "X-H"}})
}

func kindsOf() *rapid.Generator[[]transform.Kind] {
	return rapid.SliceOfN(rapid.SampledFrom([]transform.Kind{transform.Lowercase, transform.URLDecode, transform.None}), 0, 2)
}

func statement(depth int) *rapid.Generator[Statement] {
	return rapid.Custom(func(t *rapid.T) Statement {
		kinds := 4
		if depth > 0 {
			kinds = 7
		}
		many := func() []Statement { return rapid.SliceOfN(statement(depth-1), 1, 3).Draw(t, "of") }
		switch rapid.IntRange(0, kinds-1).Draw(t, "statement") {
		case 0:
			return ByteMatch{field().Draw(t, "field"), []byte(word.Draw(t, "search")), rapid.SampledFrom([]Position{Exactly, StartsWith, Contains}).Draw(t, "at"), kindsOf().Draw(t, "kinds")}
		case 1:
			return SizeMatch{field().Draw(t, "field"), GT, rapid.Int64Range(0, 3).Draw(t, "size"), kindsOf().Draw(t, "kinds")}
		case 2:
			return IPSetMatch{ARN: "s", Set: &IPSet{Name: "s", Prefixes: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/31")}}}
		case 3:
			return LabelMatch{Key: rapid.SampledFrom([]string{"l1", "l2", "n:l2"}).Draw(t, "key")}
		case 4:
			return And{many()}
		case 5:
			return Or{many()}
		}
		return Not{statement(depth-1).Draw(t, "not")}
	})
}

func action() *rapid.Generator[Action] {
	return rapid.Custom(func(t *rapid.T) Action {
		return Action{Kind: rapid.SampledFrom([]ActionKind{Allow, Block, Count, Count, Captcha, Challenge}).Draw(t, "action")}
	})
}

func ruleList(name string, most int) *rapid.Generator[[]Rule] {
	return rapid.Custom(func(t *rapid.T) []Rule {
		n := rapid.IntRange(1, most).Draw(t, "rules")
		priorities := rapid.Permutation([]int{0, 1, 2, 3, 4, 5, 6, 7}).Draw(t, "priorities")
		rs := make([]Rule, n)
		for i := range rs {
			rs[i] = Rule{
				Name: fmt.Sprintf("%s%d", name, i), Priority: priorities[i], Statement: statement(2).Draw(t, "statement"), Action: action().Draw(t, "action"),
				Labels: rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"l1", "l2", "n:l2"}), 0, 2, rapid.ID[string]).Draw(t, "labels"),
			}
		}
		return rs
	})
}

func webACL() *rapid.Generator[*ACL] {
	return rapid.Custom(func(t *rapid.T) *ACL {
		acl := &ACL{Name: "shop", Account: "111111111111", Default: allow, Rules: ruleList("r", 6).Draw(t, "own")}
		for i := range acl.Rules {
			if rapid.IntRange(0, 3).Draw(t, "group?") > 0 {
				continue
			}
			g := &Group{Name: "g", ARN: "arn", Rules: ruleList(fmt.Sprintf("g%d-", i), 4).Draw(t, "in")}
			ref := GroupRef{ARN: "arn", Group: g}
			if rapid.Bool().Draw(t, "override?") {
				ref.Overrides = []RuleOverride{{Rule: g.Rules[0].Name, Action: action().Draw(t, "override")}}
			}
			acl.Rules[i] = Rule{Name: acl.Rules[i].Name, Priority: acl.Rules[i].Priority, Statement: ref, Override: rapid.SampledFrom([]Override{OverrideNone, OverrideCount}).Draw(t, "override")}
		}
		return acl
	})
}

func anyRequest() *rapid.Generator[*Request] {
	return rapid.Custom(func(t *rapid.T) *Request {
		r := post("/"+word.Draw(t, "path")+"?x="+word.Draw(t, "x")+"&y="+word.Draw(t, "y"), word.Draw(t, "body"))
		for range rapid.IntRange(0, 2).Draw(t, "headers") {
			r.Headers = append(r.Headers, Header{"x-h", word.Draw(t, "header")})
		}
		r.Client = netip.AddrFrom4([4]byte{192, 0, 2, byte(rapid.IntRange(0, 3).Draw(t, "client"))})
		return r
	})
}

func TestEvaluateAgreesWithItsTwin(t *testing.T) {
	var v Verdict // used again and again, as gateways do
	rapid.Check(t, func(t *rapid.T) {
		acl := webACL().Draw(t, "acl")
		p, problems := Compile(acl, Options{})
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		for range 5 {
			r := anyRequest().Draw(t, "request")
			p.Evaluate(r, &v)
			w := twin{acl: acl, r: r}
			action, rule, inner := w.run()
			got := []any{v.Action, v.Rule, v.Inner, strings.Join(v.Labels, " "), strings.Join(names(v.Matches), ", "), v.Certain}
			want := []any{action, rule, inner, strings.Join(w.labels, " "), strings.Join(w.log, ", "), true}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatal(diff)
			}
		}
	})
}

// Of a request of which something is missing the verdict says when it is certain:
// then the whole request has the same action.
func TestWhatIsCertainHolds(t *testing.T) {
	certain, all := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		acl := webACL().Draw(t, "acl")
		p, problems := Compile(acl, Options{})
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		r := anyRequest().Draw(t, "request")
		var whole, part Verdict
		p.Evaluate(r, &whole)
		r.Missing = rapid.SampledFrom([]Part{PartBody, PartHeaders, PartClient, PartQuery, PartPath, PartBody | PartHeaders, PartToken}).Draw(t, "missing")
		if rapid.Bool().Draw(t, "withheld") {
			r.Missing, r.Withheld = 0, []string{"X-H"}
			for i := range r.Headers {
				if r.Headers[i].Name == "x-h" {
					r.Headers[i].Value = "REDACTED"
				}
			}
		}
		p.Evaluate(r, &part)
		all++
		if !part.Certain {
			return
		}
		certain++
		if part.Action != whole.Action {
			t.Fatalf("%s is certain without parts %b, and the whole request is %s; undecidable: %+v", part.Action, r.Missing, whole.Action, part.Undecidable)
		}
	})
	if certain == 0 || certain == all {
		t.Errorf("%d of %d verdicts were certain: the property tells nothing", certain, all)
	}
}

// Explain decides as Evaluate does.
func TestExplainChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, problems := Compile(webACL().Draw(t, "acl"), Options{})
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		r := anyRequest().Draw(t, "request")
		var plain, explained Verdict
		p.Evaluate(r, &plain)
		p.Explain(r, &explained)
		explained.Next = nil
		if diff := cmp.Diff(plain, explained, cmp.Transformer("empty", func(s []string) string { return strings.Join(s, ",") })); diff != "" {
			t.Fatal(diff)
		}
	})
}
