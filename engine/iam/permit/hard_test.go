package permit

import (
	"fmt"
	"strings"
	"testing"

	"fathom/engine/iam"
)

func allow(action, resource any) map[string]any {
	return map[string]any{"Effect": "Allow", "Action": action, "Resource": resource}
}

func deny(action, resource any) map[string]any {
	return map[string]any{"Effect": "Deny", "Action": action, "Resource": resource}
}

func when(s map[string]any, operator, key string, values ...string) map[string]any {
	s["Condition"] = map[string]any{operator: map[string]any{key: values}}
	return s
}

func list(m ...map[string]any) []map[string]any { return m }

// hard are questions that blow up where they are not decided with care.
func hard() map[string][2][]map[string]any {
	many := func(n int, of func(int) map[string]any) (out []map[string]any) {
		for i := range n {
			out = append(out, of(i))
		}
		return out
	}
	contains := func(n int) (out []string) {
		for i := range n {
			out = append(out, "arn:aws:s3:::*"+string(rune('a'+i%26))+string(rune('a'+i/26))+"*")
		}
		return out
	}
	stars := "arn:aws:s3:::" + strings.Repeat("a*", 40) + "b"
	return map[string][2][]map[string]any{
		"a*a*…b inside itself":  {list(allow("s3:*", stars)), list(allow("s3:*", stars))},
		"a*a*…b against a?a*…b": {list(allow("s3:*", "arn:aws:s3:::"+strings.Repeat("a*", 30)+"b")), list(allow("s3:*", "arn:aws:s3:::"+strings.Repeat("a?*", 30)+"b"))},
		"3000 stars":            {list(allow("s3:*", "arn:aws:s3:::"+strings.Repeat("ab*", 3000))), list(allow("s3:*", "arn:aws:s3:::"+strings.Repeat("a*b*", 3000)))},
		"40 contain-patterns":   {list(allow("s3:*", contains(40))), list(allow("s3:*", "arn:aws:s3:::*"))},
		"14 that must all contain": {list(allow("s3:*", "arn:aws:s3:::*b*")), append(list(allow("s3:*", "*")), many(14, func(i int) map[string]any {
			return map[string]any{"Effect": "Deny", "Action": "s3:*", "NotResource": contains(26)[i]}
		})...)},
		"a text that contains 30 others, but not one more": {list(allow("s3:*", "arn:aws:s3:::*bb*")), append(list(allow("s3:*", "arn:aws:s3:::*")), many(30, func(i int) map[string]any {
			return map[string]any{"Effect": "Deny", "Action": "s3:*", "NotResource": contains(31)[i]}
		})...)},
		"2000 statements, all the same": {many(1000, func(i int) map[string]any { return allow("s3:GetObject", fmt.Sprintf("arn:aws:s3:::b%d/*", i)) }), many(1000, func(i int) map[string]any { return allow("s3:GetObject", fmt.Sprintf("arn:aws:s3:::b%d/*", i)) })},
		"2000 statements, half of them denials": {
			append(many(500, func(i int) map[string]any { return allow("s3:*", fmt.Sprintf("arn:aws:s3:::b%d/*", i)) }), many(500, func(i int) map[string]any { return deny("s3:Put*", fmt.Sprintf("arn:aws:s3:::b%d/*", i)) })...),
			append(many(500, func(i int) map[string]any { return allow("s3:*", fmt.Sprintf("arn:aws:s3:::b%d/*", i)) }), many(500, func(i int) map[string]any { return deny("s3:*", fmt.Sprintf("arn:aws:s3:::b%d/*", i)) })...),
		},
		"60 keys": {many(60, func(i int) map[string]any {
			return when(allow("s3:*", "*"), "StringLike", fmt.Sprintf("x:k%d", i), "a*b*c")
		}), list(allow("s3:*", "*"))},
		"a key of 200 conditions": {list(allow("s3:*", "*")), many(200, func(i int) map[string]any {
			return when(deny("s3:*", "*"), "StringNotLike", "x:k", fmt.Sprintf("*%d*", i))
		})},
	}
}

// Hostile documents are decided or given up within the budget, and no answer
// takes long because of them.
func TestHardQuestionsEnd(t *testing.T) {
	for name, docs := range hard() {
		t.Run(name, func(t *testing.T) {
			old, new := parse(t, iam.Resource, everyone(docs[0])), parse(t, iam.Resource, everyone(docs[1]))
			got := Compare(old, new, Options{})
			t.Log(got.Grants, len(got.Summary), got.Why)
			switch {
			case got.Grants == Undecided && got.Why == "":
				t.Error("undecided without a reason")
			case got.Grants == Yes && (!new.Permits(got.Witness) || old.Permits(got.Witness)):
				t.Error("the witness does not replay")
			}
		})
	}
}

// A text that contains thirty others is found, although the product of their
// automata has 2^30 states.
func TestMeetFindsItsWayInALargeProduct(t *testing.T) {
	alpha := newAlphabet()
	var in []*language
	for i := range 30 {
		in = append(in, newLanguage(alpha, []pattern{glob("*"+string(rune('a'+i%26))+string(rune('A'+i/26))+"*", 0)}, false))
	}
	out := []*language{newLanguage(alpha, []pattern{glob("*bAaA*", 0)}, false)}
	text, found, _ := meet(alpha, in, out, &budget{left: defaultBudget})
	if !found {
		t.Fatal("not found")
	}
	for _, l := range in {
		if !l.has(text) {
			t.Errorf("%q does not have %v", text, l.pats)
		}
	}
	if out[0].has(text) {
		t.Errorf("%q has what it must not have", text)
	}
}

func BenchmarkHard(b *testing.B) {
	for name, docs := range hard() {
		b.Run(name, func(b *testing.B) {
			old, new := parse(b, iam.Resource, everyone(docs[0])), parse(b, iam.Resource, everyone(docs[1]))
			for b.Loop() {
				Compare(old, new, Options{})
			}
		})
	}
}

// everyone makes statements ones of a resource policy, whose size is least
// limited.
func everyone(ss []map[string]any) []map[string]any {
	for _, s := range ss {
		s["Principal"] = "*"
	}
	return ss
}
