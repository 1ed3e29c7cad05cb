package access_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"fathom/engine/iam"
	"fathom/engine/iam/access"
	"fathom/estate"
	"fathom/estate/read"
)

// Each archive in testdata is an estate for a rule. Its file "asks" holds a
// question a line, and after = the answer: yes, maybe or no; after ~ a regular
// expression that the explanation has to match. What follows an action's
// resource as key=value is the request's context.
//
//	can role/app s3:GetObject aws_s3_bucket.logs/x aws:sourcevpce=vpce-1 = yes ~ main.tf:12
//	acts pod/shop/orders role/orders = maybe ~ several clusters
//	outside aws_s3_bucket.logs anyone = yes ~ s3:GetObject
//	what role/app s3:* = no ~ boundary
func TestAnswers(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatal(err, archives)
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files, asks := fstest.MapFS{}, ""
			for _, f := range archive.Files {
				if f.Name == "asks" {
					asks = string(f.Data)
					continue
				}
				files[f.Name] = &fstest.MapFile{Data: f.Data, Mode: 0o644}
			}
			w := world(t, files)
			n := 0
			for line := range strings.Lines(asks) {
				if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
					continue
				}
				n++
				check(t, w, line)
			}
			if n == 0 {
				t.Error("the archive asks nothing")
			}
		})
	}
}

func world(t testing.TB, files fstest.MapFS) *access.World {
	t.Helper()
	e, problems := read.Paths(files, []string{"."}, read.Options{})
	for _, p := range problems {
		t.Errorf("problem: %v", p)
	}
	return access.New(e)
}

var truths = map[estate.Truth]string{estate.No: "no", estate.Maybe: "maybe", estate.Yes: "yes"}

func check(t *testing.T, w *access.World, line string) {
	t.Helper()
	question, want, ok := strings.Cut(line, " = ")
	if !ok {
		t.Fatalf("%s: no answer is written", line)
	}
	want, pattern, _ := strings.Cut(want, " ~ ")
	truth, text, err := answer(w, strings.Fields(question))
	if err != nil {
		truth, text = "error", err.Error()
	}
	if truth != strings.TrimSpace(want) {
		t.Errorf("%s\n got %s: %s", line, truth, text)
	}
	if !regexp.MustCompile(pattern).MatchString(text) {
		t.Errorf("%s\n the explanation is %s", line, text)
	}
}

// answer asks one question and writes the explanation on one line.
func answer(w *access.World, f []string) (truth, text string, err error) {
	switch f[0] {
	case "can":
		ctx := iam.Context{}
		for _, kv := range f[4:] {
			k, v, _ := strings.Cut(kv, "=")
			ctx[strings.ToLower(k)] = iam.One(v)
		}
		a, err := w.Can(f[1], f[2], f[3], ctx)
		if err != nil {
			return "", "", err
		}
		return truths[a.Truth], explain(a), consistent(w, a, ctx)
	case "acts":
		p, err := w.Principal(f[1])
		ids := p.As
		if err != nil {
			var r estate.Resource
			if _, r, err = w.Resource(f[1]); err == nil {
				ids = w.IdentitiesOf(r)
			}
		}
		for _, id := range ids {
			if id.Role.Name == f[2] {
				return truths[id.Truth], fmt.Sprint(id.How, ": ", id.Why, " ", id.At, id.Steps, id.Doubts, id.Limits), err
			}
		}
		return "no", fmt.Sprint(len(ids), " identities"), err
	case "outside":
		out, err := w.Outside(f[1])
		var all []string
		truth := "no"
		for _, o := range slices.Backward(out) { // the surest is the first
			if strings.ReplaceAll(o.Who, " ", "-") == f[2] {
				truth = truths[o.Truth]
				all = append(all, fmt.Sprint(o.Actions, " organisation ", truths[o.Within], " if ", o.Conditions, o.Because, o.Doubts))
			} else {
				all = append(all, "("+o.Who+")")
			}
		}
		return truth, strings.Join(all, "; "), err
	case "what":
		ps, err := w.What(f[1])
		var all []string
		for _, p := range ps {
			text := fmt.Sprint(truths[p.Truth], " ", p.Because, p.Limits, p.Doubts)
			if strings.Contains(strings.Join(append(p.Actions, p.NotActions...), ","), f[2]) {
				return truths[p.Truth], text, err
			}
			all = append(all, text)
		}
		return "none", strings.Join(all, "; "), err
	}
	return "", "", fmt.Errorf("there is no question %q", f[0])
}

func explain(a access.Answer) string {
	var all []string
	for _, b := range a.Because {
		all = append(all, b.String())
	}
	if a.Missing != "" {
		all = append(all, "missing: "+a.Missing)
	}
	for _, d := range a.Doubts {
		all = append(all, "doubt: "+d.String())
	}
	for _, g := range a.Given {
		all = append(all, "given: "+g)
	}
	for _, n := range a.Notes {
		all = append(all, "note: "+n)
	}
	if a.Via != nil {
		all = append(all, "as "+a.Via.Role.Name+" through "+a.Via.How.String()+" "+a.Via.At.String())
	}
	return strings.Join(all, "; ")
}

// consistent holds an answer to what every answer has to be: the fast path
// agrees, a Yes says why, a No what is missing, a Maybe what is not known.
func consistent(w *access.World, a access.Answer, ctx iam.Context) error {
	switch {
	case w.Allows(a.Who, a.Action, a.Resource, ctx) != a.Truth:
		return fmt.Errorf("Allows says otherwise than Ask: %v", a.Truth)
	case a.Truth == estate.Yes && len(a.Because) == 0:
		return fmt.Errorf("a yes without a reason")
	case a.Truth == estate.Maybe && len(a.Doubts) == 0:
		return fmt.Errorf("a maybe without a doubt: %s", explain(a))
	case a.Truth == estate.No && a.Missing == "":
		return fmt.Errorf("a no without what is missing")
	}
	return barred(w, a, ctx)
}

// barred holds what stands in the way to the answer: nothing does for a yes,
// something surely for a no, and for a maybe something that is not known.
func barred(w *access.World, a access.Answer, ctx iam.Context) error {
	if a.Who.Kind == access.Workload {
		return nil
	}
	got := estate.Yes
	for _, b := range w.Bars(a.Who, a.Action, a.Resource, ctx) {
		got = got.And(b.Truth.Not())
		if b.Truth == estate.Maybe && len(b.Doubts) == 0 {
			return fmt.Errorf("a bar that may be there without a doubt: %s", b.Says)
		}
	}
	if got != a.Truth {
		return fmt.Errorf("the bars say %s: %v", truths[got], w.Bars(a.Who, a.Action, a.Resource, ctx))
	}
	return nil
}
