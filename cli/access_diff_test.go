package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"testing"

	"fathom/engine/iam"
	"fathom/engine/iam/permit"
)

// AWS wrote these pairs (engine/iam/permit holds the answers to its labels). As
// a stream each is answered, for policies of the kind that they are, and each
// witness is a request that access eval allows under the new policy and denies
// under the old one.
func TestDiffAnswersPairsWithWitnesses(t *testing.T) {
	in, err := os.ReadFile("../engine/iam/permit/testdata/pairs.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := diffLines(context.Background(), bytes.NewReader(in), &out, ""); err != nil {
		t.Fatal(err)
	}
	answers := bytes.Split(bytes.TrimSpace(out.Bytes()), []byte("\n"))
	pairs := bytes.Split(bytes.TrimSpace(in), []byte("\n"))
	if len(answers) != len(pairs) || len(pairs) < 100 {
		t.Fatalf("%d answers to %d pairs", len(answers), len(pairs))
	}
	replayed := 0
	for i, text := range pairs {
		var pair struct {
			ID, Kind string
			Old, New json.RawMessage
		}
		var answer AccessDiff
		if err := json.Unmarshal(text, &pair); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(answers[i], &answer); err != nil {
			t.Fatal(err)
		}
		grants, decided := answer.GrantsNew.(bool)
		if !decided || grants != (answer.Witness != nil) || answer.Summary == "" {
			t.Errorf("%s: %s", pair.ID, answers[i])
		}
		if answer.Kind != pair.Kind {
			t.Errorf("%s is taken for a %s policy and is of kind %s", pair.ID, answer.Kind, pair.Kind)
		}
		if grants && len(answer.Problems) == 0 {
			replayed += replayOf(t, pair.ID, pair.Kind, pair.Old, pair.New)
		}
	}
	if replayed < 50 {
		t.Errorf("only %d witnesses were replayed", replayed)
	}
}

// replayOf replays the witness of a pair, and says whether it could.
func replayOf(t *testing.T, id, kind string, old, new []byte) int {
	t.Helper()
	c := compare(kind, policySource{"old", old}, policySource{"new", new})
	if bytes.ContainsAny(append(old, new...), "<") {
		return 0 // a placeholder, which no policy may have
	}
	var lines, out bytes.Buffer
	if err := c.writeReplay(&lines); err != nil || lines.Len() == 0 {
		t.Errorf("%s: the witness cannot be replayed (%v): %+v", id, err, c.Witness)
		return 0
	}
	if err := evalLines(context.Background(), &lines, &out, evaluation{}); err != nil {
		t.Errorf("%s: %v: %s", id, err, out.Bytes())
	}
	for i, want := range []string{`{"id":"old","decision":"deny"`, `{"id":"new","decision":"allow"`} {
		if got := bytes.Split(out.Bytes(), []byte("\n"))[i]; !bytes.HasPrefix(got, []byte(want)) {
			t.Errorf("%s: %s", id, got)
		}
	}
	return 1
}

// A witness of every kind can be replayed, with what has to stand beside the
// policy for it to decide.
func TestAWitnessOfEveryKindCanBeReplayed(t *testing.T) {
	const nothing = `{"Version":"2012-10-17","Statement":[]}`
	for word, new := range map[string]string{
		"identity": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`,
		"boundary": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`,
		"session":  `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`,
		"scp":      `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`,
		"resource": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"s3:*","Resource":"arn:aws:s3:::a/*"}]}`,
		"endpoint": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}]}`,
		"trust":    `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"sts:AssumeRole"}]}`,
	} {
		c := compare(word, policySource{"old", []byte(nothing)}, policySource{"new", []byte(new)})
		if c.Grants != permit.Yes {
			t.Errorf("%s: %s (%v)", word, c.Summary, c.problems)
			continue
		}
		if replayOf(t, word, word, []byte(nothing), []byte(new)) == 0 {
			t.Errorf("%s: not replayed", word)
		}
	}
}

// The kind of a policy is told from what it holds.
func TestKindsAreGuessed(t *testing.T) {
	for _, c := range []struct{ doc, want string }{
		{`{"Statement":{"Action":"s3:*","Resource":"*"}}`, "identity"},
		{`{"Statement":[{"Principal":"*","Action":["sts:AssumeRole","sts:TagSession"]}]}`, "trust"},
		{`{"Statement":[{"NotPrincipal":{"AWS":"*"},"Action":"sts:*"}]}`, "trust"},
		{`{"Statement":[{"Principal":"*","Action":"sts:AssumeRole","Resource":"*"}]}`, "resource"},
		{`{"Statement":[{"Principal":"*","Action":"ecr:*"}]}`, "resource"},
		{`{"Statement":3}`, "identity"},
		{`nonsense`, "identity"},
	} {
		if got := guessKind([]byte(c.doc)); got != c.want {
			t.Errorf("%s is taken for %s, want %s", c.doc, got, c.want)
		}
	}
	for _, k := range kinds {
		if kind, ok := kindOf(k.word); !ok || kind != k.kind || kind > iam.RCP {
			t.Errorf("%s is %v", k.word, kind)
		}
	}
}

// Any line gets exactly one answer, which is JSON.
func FuzzDiffLine(f *testing.F) {
	f.Add([]byte(`{"id":1,"old":{"Version":"2012-10-17","Statement":[]},"new":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}}`))
	f.Add([]byte(`{"id":1,"kind":"trust","old":"{}","new":{"Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Condition":{"StringLike":{"a:b":["x*","?"]}}}]}}`))
	f.Add([]byte("{}\n[]\n\n{\"new\":3,\"old\":null}"))
	f.Fuzz(func(t *testing.T, in []byte) {
		want := 0
		for line := range bytes.Lines(bytes.TrimPrefix(in, []byte("\xef\xbb\xbf"))) {
			if len(bytes.Trim(line, " \t\r\n")) > 0 {
				want++
			}
		}
		var out bytes.Buffer
		_ = diffLines(context.Background(), bytes.NewReader(in), &out, "")
		got := 0
		for line := range bytes.Lines(out.Bytes()) {
			got++
			var a struct {
				GrantsNew any
				Summary   string
				Error     string
			}
			if err := json.Unmarshal(line, &a); err != nil || (a.Error == "") == (a.GrantsNew == nil) {
				t.Errorf("%s (%v)", line, err)
			}
		}
		if got != want {
			t.Errorf("%d answers to %d lines", got, want)
		}
	})
}
