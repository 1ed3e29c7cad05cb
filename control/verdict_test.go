package control

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"fathom/diag"
	"fathom/estate"
)

func bucket(addr string, line int, maybe string) *estate.Bucket {
	return &estate.Bucket{Base: estate.Base{ID: estate.ID{Addr: addr}, Type: "aws_s3_bucket", Pos: diag.At("s3.tf", line, 1), Maybe: maybe}}
}

func control(check func(*estate.Estate) []Result) *Control {
	return &Control{ID: "data.test", Severity: High, Check: check}
}

func TestStatusFollowsFromResults(t *testing.T) {
	b := bucket("aws_s3_bucket.a", 1, "")
	good, bad, partly, unsure := Is(b), Not(b, Mistake{}), Partly(b, Mistake{}), Unsure(b, b.Pos, "no value")
	for _, c := range []struct {
		name    string
		results []Result
		want    Status
	}{
		{"nothing to guard", nil, Unknown},
		{"all good", []Result{good, good}, Present},
		{"all bad", []Result{bad}, Absent},
		{"some bad", []Result{good, bad}, Partial},
		{"one partial", []Result{partly}, Partial},
		{"unknown among good", []Result{good, unsure}, Unknown},
		{"unknown among bad", []Result{bad, unsure}, Absent},
	} {
		v := control(func(*estate.Estate) []Result { return c.results }).Judge(estate.New([]estate.Resource{b}, nil, nil, nil))
		if v.Status != c.want {
			t.Errorf("%s: %s, want %s", c.name, v.Status, c.want)
		}
		if len(c.results) == 0 && v.Reason == "" {
			t.Errorf("%s: unknown without a reason", c.name)
		}
	}
}

// Whatever the results, nothing that is wrong or unknown is called present.
func TestPresentMeansAllPresent(t *testing.T) {
	b := bucket("aws_s3_bucket.a", 1, "")
	e := estate.New([]estate.Resource{b}, nil, nil, nil)
	rapid.Check(t, func(t *rapid.T) {
		statuses := rapid.SliceOf(rapid.SampledFrom([]Status{Absent, Partial, Present, Unknown})).Draw(t, "statuses")
		all := len(statuses) > 0
		var results []Result
		for _, s := range statuses {
			results = append(results, Result{Status: s, On: b.Meta(), Reason: "x"})
			all = all && s == Present
		}
		v := control(func(*estate.Estate) []Result { return results }).Judge(e)
		if (v.Status == Present) != all {
			t.Fatalf("%v gives %s", statuses, v.Status)
		}
	})
}

func TestAMistakeOnWhatMayNotExistIsUnknown(t *testing.T) {
	b := bucket("aws_s3_bucket.a[?]", 1, "count depends on variable \"create\", which has no value")
	v := control(func(*estate.Estate) []Result { return []Result{Not(b, Mistake{Summary: "the bucket is public"})} }).Judge(estate.New([]estate.Resource{b}, nil, nil, nil))
	if v.Status != Unknown || !strings.Contains(v.Results[0].Reason, "the bucket is public") || !strings.Contains(v.Results[0].Reason, "create") {
		t.Errorf("got %+v", v)
	}
	if got := Findings([]Verdict{v}); len(got) != 0 {
		t.Errorf("it is no finding: %v", got)
	}
}

func TestNowhereIsUnknownWhenSomethingIsHidden(t *testing.T) {
	b := bucket("aws_s3_bucket.a", 1, "")
	whole := estate.New([]estate.Resource{b}, nil, nil, nil)
	if got := Nowhere(whole, Mistake{})[0]; got.Status != Absent || got.At != b.Pos {
		t.Errorf("got %+v", got)
	}
	gap := estate.Gap{Of: "module.audit", Pos: diag.At("main.tf", 3, 1), Why: "not here", AWS: true}
	hidden := estate.New([]estate.Resource{b}, []estate.Gap{gap}, nil, nil)
	if got := Nowhere(hidden, Mistake{})[0]; got.Status != Unknown || !strings.Contains(got.Reason, "module.audit") {
		t.Errorf("got %+v", got)
	}
	if got := NowhereInCluster(hidden, Mistake{})[0]; got.Status != Absent {
		t.Errorf("a gap in AWS hides nothing of Kubernetes: %+v", got)
	}
}

// A finding always says what was seen, also when that is nothing.
func TestEveryFindingHasEvidence(t *testing.T) {
	b := bucket("aws_s3_bucket.a", 1, "")
	e := estate.New([]estate.Resource{b}, nil, nil, nil)
	v := control(func(e *estate.Estate) []Result {
		return append(Nowhere(e, Mistake{Summary: "no trail"}), Lacks(e, b, Mistake{Summary: "no versions"}))
	}).Judge(e)
	for _, f := range Findings([]Verdict{v}) {
		want := "nothing of the kind among the 1 resources that were read"
		if f.Resource == b.ID {
			want = "aws_s3_bucket aws_s3_bucket.a, and nothing that adds it"
		}
		if len(f.Evidence) != 1 || f.Evidence[0].Saw != want {
			t.Errorf("%s: got %v, want %q", f.Summary, f.Evidence, want)
		}
	}
}

func TestAWorldThatWasNotReadIsUnknown(t *testing.T) {
	c := Control{ID: "mesh.test", World: Kubernetes, Check: func(*estate.Estate) []Result { panic("not to be called") }}
	v := c.Judge(estate.New([]estate.Resource{bucket("b", 1, "")}, nil, nil, nil))
	if v.Status != Unknown || v.Reason == "" {
		t.Errorf("got %+v", v)
	}
}

func TestOneMistakeIsOneFinding(t *testing.T) {
	b := bucket("aws_s3_bucket.a", 1, "")
	e := estate.New([]estate.Resource{b}, nil, nil, nil)
	see := func(id string, s Severity, cause string) Verdict {
		c := &Control{ID: id, Severity: s, Check: func(*estate.Estate) []Result {
			return []Result{Not(b, Mistake{Summary: id, Cause: cause, Evidence: []Evidence{{b.Pos, "seen by " + id}}})}
		}}
		return c.Judge(e)
	}
	got := Findings([]Verdict{see("network.no-ssh", Medium, "open-ingress"), see("network.no-open-ingress", Critical, "open-ingress"), see("data.classes", Low, "")})
	if len(got) != 2 {
		t.Fatalf("got %d findings", len(got))
	}
	f := got[0]
	if f.Control.ID != "network.no-open-ingress" || len(f.Also) != 1 || f.Also[0].ID != "network.no-ssh" || len(f.Evidence) != 2 {
		t.Errorf("got %+v", f)
	}
	if got[1].Severity != Low {
		t.Error("the worst comes first")
	}
}

func TestOneLineIsOneFindingForAllItsInstances(t *testing.T) {
	a, b := bucket(`module.db["orders"].aws_s3_bucket.x[0]`, 7, ""), bucket(`module.db["payments"].aws_s3_bucket.x[0]`, 7, "")
	elsewhere, another := bucket("aws_s3_bucket.x", 7, ""), bucket(`module.db["orders"].aws_s3_bucket.x[1]`, 9, "")
	e := estate.New([]estate.Resource{a, b, elsewhere, another}, nil, nil, nil)
	v := control(func(*estate.Estate) []Result {
		var out []Result
		for _, r := range []*estate.Bucket{a, b, elsewhere, another} {
			out = append(out, Not(r, Mistake{Summary: r.ID.Addr + " is open", Fix: "close it"}))
		}
		return out
	}).Judge(e)
	got := Findings([]Verdict{v})
	if len(got) != 3 {
		t.Fatalf("got %d findings: %+v", len(got), got)
	}
	for _, f := range got {
		want := 0
		if f.Resource == a.ID {
			want = 1
		}
		if len(f.Others) != want {
			t.Errorf("%s stands for %v too", f.Resource, f.Others)
		}
		if want == 1 && (f.Others[0] != b.ID || len(f.Evidence) != 3) {
			t.Errorf("got %+v", f)
		}
	}
}

// A line of a downloaded module is not the author's to change; the call is.
func TestAMistakeInADownloadedModuleStandsAtTheCall(t *testing.T) {
	b := bucket("module.logs.aws_s3_bucket.this[0]", 7, "")
	b.Called = diag.At("main.tf", 3, 1)
	inModule := diag.At("envs/prod/.terraform/modules/logs/main.tf", 9, 3)
	for _, c := range []struct {
		name           string
		at, want       diag.Pos
		wantInEvidence bool
	}{
		{"in the module", inModule, b.Called, true},
		{"in a file of the author", diag.At("kms.tf", 1, 1), diag.At("kms.tf", 1, 1), false},
	} {
		v := control(func(*estate.Estate) []Result { return []Result{Not(b, Mistake{At: c.at, Summary: "x"})} }).Judge(estate.New([]estate.Resource{b}, nil, nil, nil))
		got := Findings([]Verdict{v})
		if len(got) != 1 || got[0].At != c.want {
			t.Fatalf("%s: %v, want one finding at %v", c.name, got, c.want)
		}
		if has := len(got[0].Evidence) > 0 && got[0].Evidence[0].Saw == "the line of the module"; has != c.wantInEvidence {
			t.Errorf("%s: the evidence is %v", c.name, got[0].Evidence)
		}
	}
}

func TestTwoMistakesOnOneLineOfOneResourceAreTwo(t *testing.T) {
	b := bucket("aws_s3_bucket.a", 1, "")
	v := control(func(*estate.Estate) []Result {
		return []Result{Not(b, Mistake{Summary: "has PASSWORD", Fix: "move it"}), Not(b, Mistake{Summary: "has TOKEN", Fix: "move it"})}
	}).Judge(estate.New([]estate.Resource{b}, nil, nil, nil))
	if got := Findings([]Verdict{v}); len(got) != 2 {
		t.Errorf("%d findings: %v", len(got), got)
	}
}
