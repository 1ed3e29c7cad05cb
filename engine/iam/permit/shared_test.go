package permit

import (
	"maps"
	"math/rand"
	"strings"
	"testing"

	"fathom/engine/iam"
)

// What both documents have is not looked at again: the answer is that of the
// engine which looks at everything.
func TestSharedStatementsAgreeWithTheSlowWay(t *testing.T) {
	for n := range 600 {
		m := &maker{Rand: rand.New(rand.NewSource(int64(n))), kind: pick(&maker{Rand: rand.New(rand.NewSource(int64(n)))}, iam.Identity, iam.Resource, iam.SCP), vars: n%5 == 0}
		oldText := m.document(nil)
		newText := m.document(nil)
		for _, s := range oldText { // what is shared stands in another order
			if m.Intn(3) > 0 {
				newText = append(newText, s)
			}
		}
		for _, s := range newText { // or has other actions
			if s["Action"] != nil && m.Intn(3) == 0 {
				copied := maps.Clone(s)
				copied["Action"] = m.some(someActions...)
				newText = append(newText, copied)
			}
		}
		m.Shuffle(len(newText), func(i, j int) { newText[i], newText[j] = newText[j], newText[i] })
		old, new := parse(t, m.kind, oldText), parse(t, m.kind, newText)
		if old.Rejected || new.Rejected {
			continue
		}
		fast := newQuestion(old, new, nil, Options{})
		slow := newQuestion(old, new, nil, Options{})
		slow.inNew, slow.inOld, slow.changed = nil, nil, new
		got, want := fast.decide(), slow.decide()
		if got.verdict != want.verdict && want.verdict != Undecided {
			t.Fatalf("got %v (%s), want %v (%s)\nold %s\nnew %s", got.verdict, got.why, want.verdict, want.why, asJSON(oldText), asJSON(newText))
		}
		if got.verdict == Yes && !fast.replays(got.witness) {
			t.Fatalf("the witness does not replay\nold %s\nnew %s", asJSON(oldText), asJSON(newText))
		}
	}
}

func TestWhatDidNotChangeCostsNothing(t *testing.T) {
	text := []map[string]any{
		{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::${aws:PrincipalTag/team}/*", "Condition": map[string]any{"StringLike": map[string]any{"aws:RequestTag/a": "${aws:username}*"}}},
		{"Effect": "Deny", "Action": "s3:Delete*", "Resource": "*"},
		{"Effect": "Allow", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::a"},
	}
	d := parse(t, iam.Identity, text)
	if a := Compare(d, d, Options{Budget: 1}); a.Grants != No {
		t.Errorf("the same document: %v, %s", a.Grants, a.Why)
	}
	without := parse(t, iam.Identity, []map[string]any{text[0], text[2]})
	if a := Compare(without, d, Options{Budget: 1}); a.Grants != No {
		t.Errorf("a Deny more: %v, %s", a.Grants, a.Why)
	}
	if a := Compare(d, without, Options{}); a.Grants != Yes {
		t.Errorf("a Deny less: %v, %s", a.Grants, a.Why)
	}
}

// ${…} is a variable in one version of the language and a text in the other.
func TestTheVersionIsPartOfAStatement(t *testing.T) {
	const statement = `"Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/${aws:username}"}}`
	old, _ := iam.Parse([]byte(`{"Version":"2008-10-17",`+statement), "old", iam.Identity)
	new, _ := iam.Parse([]byte(`{"Version":"2012-10-17",`+statement), "new", iam.Identity)
	if a := Compare(old, new, Options{}); a.Grants != Yes {
		t.Errorf("got %v, %s", a.Grants, a.Why)
	}
}

// A long list that gets one entry more is about that entry.
func TestTheSummaryNamesWhatChanged(t *testing.T) {
	grow := func(element string, more ...string) *iam.Document {
		s := map[string]any{"Effect": "Allow", "Action": []string{"s3:Get*", "s3:List*"}, "Resource": []string{"arn:aws:s3:::a", "arn:aws:s3:::b"}}
		if element != "" {
			s[element] = append(s[element].([]string), more...)
		}
		return parse(t, iam.Identity, []map[string]any{s})
	}
	for _, c := range []struct {
		element, more, want string
	}{
		{"Action", "s3:PutObject", "new statement 0 lets its holder do s3:PutObject on arn:aws:s3:::a or arn:aws:s3:::b; old does not"},
		{"Resource", "arn:aws:s3:::c", "new statement 0 lets its holder do s3:Get* or s3:List* on arn:aws:s3:::c; old does not"},
	} {
		a := Compare(grow(""), grow(c.element, c.more), Options{})
		if a.Grants != Yes || !strings.HasPrefix(a.Summary, c.want) {
			t.Errorf("got %v, %s, want %s", a.Grants, a.Summary, c.want)
		}
		if a := Compare(grow(c.element, c.more), grow(""), Options{Budget: 1}); a.Grants != No {
			t.Errorf("an entry less: %v, %s", a.Grants, a.Why)
		}
	}
}
