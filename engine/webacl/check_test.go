package webacl_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	. "fathom/engine/webacl"
	"fathom/engine/webacl/transform"
)

// What AWS refuses when a web ACL is created is refused, each by name.
func TestCompileRefuses(t *testing.T) {
	ua := Field{Kind: SingleHeader, Name: "user-agent"}
	rated := RateBased{Limit: 100, Key: ByIP}
	managed := ManagedRef{Vendor: "AWS", Name: "G"}
	with := func(r Rule) *ACL { r.Name = "bad"; return rules(r) }
	st := func(st Statement) *ACL { return one(st) }
	twice := func(a, b Rule) *ACL { return rules(a, b) }
	for _, c := range []struct {
		name string
		acl  *ACL
		want string
	}{
		{"§1 no default action", &ACL{Name: "a"}, "no default action"},
		{"§1 default action counts", &ACL{Name: "a", Default: count}, "no default action"},
		{"§1 two priorities", twice(Rule{Name: "a", Priority: 3, Statement: always(), Action: block}, Rule{Name: "b", Priority: 3, Statement: always(), Action: block}), `"a" and "b" both have priority 3`},
		{"§1 two names", twice(Rule{Name: "a", Statement: always(), Action: block}, Rule{Name: "a", Statement: always(), Action: block}), `two rules named "a"`},
		{"§1 no statement", with(Rule{Action: block}), "no statement"},
		{"§1 no action", with(Rule{Statement: always()}), "no action"},
		{"§1 override on a plain rule", with(Rule{Statement: always(), Action: block, Override: OverrideCount}), "override action is for references"},
		{"§1 group with an action", with(Rule{Statement: GroupRef{Group: &Group{}}, Action: block, Override: OverrideNone}), "has no action of its own"},
		{"§1 group without override", with(Rule{Statement: GroupRef{Group: &Group{}}}), "needs an override action"},
		{"§2 labels on a group", with(Rule{Statement: GroupRef{Group: &Group{}}, Override: OverrideNone, Labels: []string{"l"}}), "cannot add labels"},
		{"§2 own group's unknown override", rules(inGroup(OverrideNone, []RuleOverride{{Rule: "A", Action: count}}, Rule{Name: "a", Statement: always(), Action: block})), `overrides "A", which rule group "g" does not have`},
		{"§2 group in a group", rules(inGroup(OverrideNone, nil, Rule{Name: "a", Statement: managed, Override: OverrideNone})), "cannot hold a reference to another"},
		{"§2 unknown managed group", with(Rule{Statement: managed, Override: OverrideNone}), "no such group"},
		{"§2 Firewall Manager's own rule", &ACL{Name: "a", Default: allow, Pre: []Rule{{Name: "x", Statement: always(), Action: block}}}, "references to rule groups only"},
		{"§3 nested rate", st(Not{rated}), "cannot be inside another"},
		{"§3 nested managed group", st(And{[]Statement{managed}}), "cannot be inside another"},
		{"§3 rate in a scope-down", st(RateBased{Limit: 100, Key: ByIP, ScopeDown: rated}), "cannot be inside another"},
		{"§3 empty and", st(And{}), "the and has no statements"},
		{"§3 empty not", st(Not{}), "a not has no statement"},
		{"§3 long search", st(ByteMatch{Field: ua, Search: []byte(strings.Repeat("a", 201)), Position: Contains}), "201 bytes"},
		{"§3 no position", st(ByteMatch{Field: ua, Search: []byte("a")}), "no positional constraint"},
		{"§3 word with a hyphen", st(ByteMatch{Field: ua, Search: []byte("a-b"), Position: ContainsWord}), "CONTAINS_WORD looks for"},
		{"§3 regex backreference", st(RegexMatch{Field: ua, Regex: `(a)\1`}), "back-references"},
		{"§3 eleven patterns", st(RegexSetMatch{Field: ua, Set: &RegexSet{Patterns: slices.Repeat([]string{"a"}, 11)}}), "11 regular expressions"},
		{"§3 size without operator", st(SizeMatch{Field: ua, Size: 1}), "no operator"},
		{"§4 no field", st(ByteMatch{Search: []byte("a"), Position: Contains}), "inspects no field"},
		{"§4 no pattern", st(contains(Field{Kind: Headers, Scope: Keys}, "a")), "no match pattern"},
		{"§4 no scope", st(contains(Field{Kind: Cookies, Pattern: Pattern{Kind: All}}, "a")), "no match scope"},
		{"§4 fingerprint in part", st(contains(Field{Kind: JA3Fingerprint}, "a")), "only be compared whole"},
		{"§4 fingerprint by regex", st(RegexMatch{Field: Field{Kind: JA4Fingerprint}, Regex: "a"}), "cannot inspect a TLS fingerprint"},
		{"§4 long argument name", st(contains(Field{Kind: SingleQueryArgument, Name: strings.Repeat("a", 31)}, "a")), "has 31"},
		{"§5 eleven transformations", st(contains(ua, "a", slices.Repeat([]transform.Kind{transform.Lowercase}, 11)...)), "11 text transformations"},
		{"§6 limit", st(RateBased{Limit: 9, Key: ByIP}), "the limit is 9"},
		{"§6 window", st(RateBased{Limit: 10, Window: 90, Key: ByIP}), "90 seconds"},
		{"§6 no key", st(RateBased{Limit: 10}), "aggregates by nothing"},
		{"§6 constant without scope", st(RateBased{Limit: 10, Key: Constant}), "needs a scope-down"},
		{"§6 six keys", st(RateBased{Limit: 10, Key: ByCustomKeys, Custom: slices.Repeat([]CustomKey{{Kind: KeyMethod}}, 6)}), "6 custom keys"},
		{"§6 IP alone", st(RateBased{Limit: 10, Key: ByCustomKeys, Custom: []CustomKey{{Kind: KeyIP}}}), "cannot be the only custom key"},
		{"§6 forwarded without a header", st(RateBased{Limit: 10, Key: ByForwardedIP}), "aggregates by a forwarded address"},
		{"§6 allow", with(Rule{Statement: rated, Action: allow}), "cannot allow"},
		{"§7 51 countries", st(GeoMatch{Countries: slices.Repeat([]string{"DE"}, 51)}), "51 countries"},
		{"§7 no country code", st(GeoMatch{Countries: []string{"Germany"}}), "no country code"},
		{"§8 reserved word", with(Rule{Statement: always(), Action: block, Labels: []string{"aws:x"}}), "reserved word"},
		{"§8 six namespaces", with(Rule{Statement: always(), Action: block, Labels: []string{"a:b:c:d:e:f:g"}}), "label \"a:b:c:d:e:f:g\" has 6"},
		{"§8 no key", st(LabelMatch{}), "label match has no key"},
		{"§9 response code", with(Rule{Statement: always(), Action: Action{Kind: Block, Response: &Response{Code: 418}}}), "cannot answer with status 418"},
		{"§9 unknown body", with(Rule{Statement: always(), Action: Action{Kind: Block, Response: &Response{Code: 403, Body: "b"}}}), `body "b" is not defined`},
		{"§9 content type", with(Rule{Statement: always(), Action: Action{Kind: Block, Response: &Response{Code: 403, Headers: []Header{{"Content-Type", "x"}}}}}), "cannot set content-type"},
		{"§9 headers to nobody", with(Rule{Statement: always(), Action: Action{Kind: Block, Insert: []Header{{"a", "b"}}}}), "cannot be given headers"},
	} {
		o := Options{Managed: func(ManagedRef) (*Group, error) { return nil, errors.New("no such group") }}
		p, problems := Compile(c.acl, o)
		if p != nil {
			t.Errorf("%s: there is a program", c.name)
		}
		if !slices.ContainsFunc(problems, func(p problem) bool { return strings.Contains(p.Error(), c.want) }) {
			t.Errorf("%s: %v, want %q", c.name, problems, c.want)
		}
	}
}

// Units of the fact sheet's section 3.
func TestSection3Capacity(t *testing.T) {
	ua := Field{Kind: SingleHeader, Name: "user-agent"}
	byteMatch := func(p Position, f Field, kinds ...transform.Kind) Statement {
		return ByteMatch{Field: f, Search: []byte("a"), Position: p, Transforms: kinds}
	}
	none := []transform.Kind{transform.None}
	for _, c := range []struct {
		name     string
		st       Statement
		now, old int
	}{
		{"EXACTLY", byteMatch(Exactly, ua, none...), 2, 2},
		{"CONTAINS", byteMatch(Contains, ua), 10, 10},
		{"CONTAINS_WORD with a transformation", byteMatch(ContainsWord, ua, transform.Lowercase), 20, 20},
		{"all query arguments", byteMatch(StartsWith, Field{Kind: AllQueryArguments}), 12, 12},
		{"JSON body doubles", byteMatch(Contains, all(JSONBody, Values), transform.Lowercase), 30, 30},
		{"regex", RegexMatch{Field: ua, Regex: "a"}, 3, 4},
		{"regex set", RegexSetMatch{Field: ua, Set: &RegexSet{}}, 25, 40},
		{"size", SizeMatch{Field: ua}, 1, 1},
		{"SQLi", SQLiMatch{Field: ua}, 20, 20},
		{"SQLi high", SQLiMatch{Field: ua, High: true}, 30, 30},
		{"XSS", XSSMatch{Field: ua}, 40, 40},
		{"geo", GeoMatch{}, 1, 1},
		{"ASN", ASNMatch{}, 1, 1},
		{"label", LabelMatch{}, 1, 1},
		{"IP set", IPSetMatch{}, 1, 2},
		{"IP set, any forwarded", IPSetMatch{Forwarded: &Forwarded{Where: Any}}, 5, 6},
		{"rate", RateBased{ScopeDown: byteMatch(StartsWith, ua)}, 4, 4},
		{"rate by two custom keys", RateBased{Custom: []CustomKey{{Kind: KeyMethod}, {Kind: KeyHeader, Transforms: []transform.Kind{transform.Lowercase}}}}, 72, 72},
		{"and, or, not", And{[]Statement{GeoMatch{}, Or{[]Statement{Not{GeoMatch{}}, LabelMatch{}}}}}, 3, 3},
		{"own group", GroupRef{Group: &Group{Capacity: 77}}, 77, 77},
		{"own group, computed", GroupRef{Group: &Group{Rules: []Rule{{Statement: GeoMatch{}, Labels: []string{"a"}}}}}, 2, 2},
		{"managed group with a scope-down", ManagedRef{Vendor: "AWS", Name: "G", ScopeDown: GeoMatch{}}, 701, 701},
	} {
		o := managedOf(&Group{Name: "G", Capacity: 700})
		now, _ := Capacity(one(c.st), o)
		o.Choices.OldCapacity = true
		old, _ := Capacity(one(c.st), o)
		if now != c.now || old != c.old {
			t.Errorf("%s: %d (old %d), want %d (%d)", c.name, now, old, c.now, c.old)
		}
	}
	six := rules(Rule{Name: "r", Statement: GeoMatch{}, Labels: []string{"a", "b", "c", "d", "e", "f"}})
	if n, _ := Capacity(six, Options{}); n != 3 {
		t.Errorf("six labels: %d", n)
	}
	if _, list := Capacity(one(GroupRef{ARN: "gone"}), Options{}); list[0].Unknown == "" {
		t.Error("a group that is not there has a capacity")
	}
}
