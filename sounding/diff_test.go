package sounding

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// changed measures the small shop after a change of its steps.
func changed(t *testing.T, pairs ...string) *Report {
	t.Helper()
	before := text(t, "steps.txt")
	after := strings.NewReplacer(pairs...).Replace(before)
	if before == after {
		t.Fatalf("%q changes nothing", pairs)
	}
	return measure(t, small(t), parse("after.txt", after), Options{})
}

func TestADiffNamesTheLine(t *testing.T) {
	before := measured(t, Options{})
	for _, c := range []struct {
		name  string
		after *Report
	}{
		{"diff_gone.golden", changed(t, "edge.waf-enforcing@acl!", "edge.waf-enforcing@acl-", "edge.overload@web-", "edge.overload@web!")},
		{"diff_left_out.golden", changed(t, " | edge.waf-enforcing@acl!", "")},
		{"diff_new_step.golden", changed(t, "deploy <-", "connect store/vault at svc/web <- start internet\nrun svc/web <- start internet\ndeploy <-")},
		{"diff_doubt.golden", changed(t, "mesh.authorization@pay!", "mesh.authorization@pay?")},
		{"diff_same.golden", measured(t, Options{})},
	} {
		d := Compare(before, c.after)
		golden(t, c.name, func(b *bytes.Buffer) error { return d.WriteText(b, TextOptions{}) })
		back := Compare(c.after, before)
		if len(back.Fell) != len(d.Rose) || len(back.Rose) != len(d.Fell) {
			t.Errorf("%s: the other way round %d fell and %d rose, and %d rose and %d fell", c.name, len(back.Fell), len(back.Rose), len(d.Rose), len(d.Fell))
		}
		for _, turn := range append(d.Fell, d.Rose...) {
			if len(turn.Because) == 0 {
				t.Errorf("%s: nothing explains %s → %s", c.name, turn.Family, turn.To)
			}
		}
	}
}

func TestADiffNamesWhatOnlyOneHas(t *testing.T) {
	small := text(t, "small.txtar")
	i, j := strings.Index(small, `resource "aws_db_instance" "orders"`), strings.Index(small, `resource "aws_iam_user"`)
	steps := parse("steps.txt", text(t, "steps.txt"))
	without := measure(t, shop(t, small[:i]+small[j:]), steps, Options{})
	d := Compare(measured(t, Options{}), without)
	if diff := cmp.Diff([]string{"store/orders"}, d.Gone); diff != "" || len(d.New) > 0 || len(d.Fell) > 0 {
		t.Errorf("gone %v, new %v, %d fell", d.Gone, d.New, len(d.Fell))
	}
	golden(t, "diff_new_aim.golden", func(b *bytes.Buffer) error {
		return Compare(without, measured(t, Options{})).WriteText(b, TextOptions{})
	})
}
