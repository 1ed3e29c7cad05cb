package estate_test

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"fathom/control"
	"fathom/estate"
	"fathom/estate/terraform/tftest"
	"fathom/layer/all"
)

// HCL, plan and state of one configuration give one estate: the same
// resources, and the same values wherever two of them know a value. The plan
// and the state are made by the real terraform.
func TestHCLPlanAndStateAgree(t *testing.T) {
	tf := tftest.Terraform(t)
	for _, dir := range []string{"../examples/shopnow-before/terraform", "testdata/agree"} {
		t.Run(filepath.Base(filepath.Dir(dir))+"/"+filepath.Base(dir), func(t *testing.T) {
			hcl := readAll(t, os.DirFS(dir), ".")
			plan := readAll(t, file("plan.json", tf.Plan(dir)), "plan.json")
			state := readAll(t, file("state.json", tf.Apply(dir)), "state.json")
			agree(t, "HCL", hcl, "plan", plan)
			agree(t, "HCL", hcl, "state", state)
			agree(t, "plan", plan, "state", state)
			sameVerdicts(t, "HCL", hcl, "plan", plan)
			sameVerdicts(t, "HCL", hcl, "state", state)
		})
	}
}

// agree reports every difference between two estates in what both know.
func agree(t *testing.T, nameA string, a *estate.Estate, nameB string, b *estate.Estate) {
	t.Helper()
	as, bs := byAddress(a), byAddress(b)
	leaveOutMaybes(as, bs)
	for _, addr := range keys(as) {
		if bs[addr] == nil {
			t.Errorf("%s is in the %s and not in the %s", addr, nameA, nameB)
		}
	}
	both, values := 0, 0
	for _, addr := range keys(bs) {
		ra, rb := as[addr], bs[addr]
		if ra == nil {
			t.Errorf("%s is in the %s and not in the %s", addr, nameB, nameA)
			continue
		}
		both++
		if ta, tb := reflect.TypeOf(ra), reflect.TypeOf(rb); ta != tb {
			t.Errorf("%s is a %v in the %s and a %v in the %s", addr, ta, nameA, tb, nameB)
			continue
		}
		fa, fb := estate.Facts(ra), estate.Facts(rb)
		for _, path := range keys(fa) {
			x, y := fa[path], fb[path]
			if !x.Known || !y.Known {
				continue
			}
			values++
			if len(x.To)+len(y.To) > 0 {
				if !sameTargets(x, y) {
					t.Errorf("%s: %s names %v in the %s and %v in the %s", addr, path, x.To, nameA, y.To, nameB)
				}
			} else if x.Text != y.Text {
				t.Errorf("%s: %s is %q in the %s and %q in the %s", addr, path, x.Text, nameA, y.Text, nameB)
			}
		}
	}
	if both < 20 || values < 60 {
		t.Errorf("%s and %s: only %d resources and %d values were compared", nameA, nameB, both, values)
	}
}

// sameVerdicts reports every control that two estates decide differently.
func sameVerdicts(t *testing.T, nameA string, a *estate.Estate, nameB string, b *estate.Estate) {
	t.Helper()
	decided := 0
	for _, l := range all.Layers() {
		for i := range l.Controls {
			x, y := l.Controls[i].Judge(a).Status, l.Controls[i].Judge(b).Status
			if x == control.Unknown || y == control.Unknown {
				continue
			}
			decided++
			if x != y {
				t.Errorf("%s is %s in the %s and %s in the %s", l.Controls[i].ID, x, nameA, y, nameB)
			}
		}
	}
	if decided < 20 {
		t.Errorf("%s and %s: only %d controls were decided in both", nameA, nameB, decided)
	}
}

// byAddress leaves out what only one dialect can show: provider
// configurations, which a state does not hold, and data sources, which a plan
// holds only when it has to read them later.
func byAddress(e *estate.Estate) map[string]estate.Resource {
	out := map[string]estate.Resource{}
	for _, r := range e.Resources {
		addr := r.Meta().ID.Addr
		if strings.HasPrefix(addr, "provider[") || strings.HasPrefix(addr, "data.") || strings.Contains(addr, ".data.") {
			continue
		}
		out[addr] = r
	}
	return out
}

// leaveOutMaybes drops the resources whose number one of the estates does not
// know: aws_x.y[?] stands for any number of aws_x.y["key"].
func leaveOutMaybes(a, b map[string]estate.Resource) {
	for _, m := range []map[string]estate.Resource{a, b} {
		for addr, r := range m {
			if r.Meta().Maybe == "" {
				continue
			}
			group := addr[:strings.LastIndexByte(addr, '[')+1]
			for _, other := range []map[string]estate.Resource{a, b} {
				for k := range other {
					if strings.HasPrefix(k, group) {
						delete(other, k)
					}
				}
			}
		}
	}
}

// sameTargets compares two references. Several targets of one reference are
// the candidates among which a plan cannot tell before it is applied; they
// have to hold what the other knows.
func sameTargets(x, y estate.Fact) bool {
	switch {
	case x.Candidates || y.Candidates:
		return slices.ContainsFunc(x.To, func(to string) bool { return slices.Contains(y.To, to) })
	}
	return slices.Equal(x.To, y.To)
}

func keys[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
