package control

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"fathom/diag"
	"fathom/estate"
)

// Verdict is what a control found in one estate.
type Verdict struct {
	Control *Control
	Status  Status
	// Results are sorted by position.
	Results []Result
	// Reason says why the status is unknown where no single result does.
	Reason string
}

// Count is the number of results of a status.
func (v *Verdict) Count(s Status) int {
	n := 0
	for i := range v.Results {
		if v.Results[i].Status == s {
			n++
		}
	}
	return n
}

// NothingToGuard is the reason of a verdict that is unknown because the control
// has nothing to do with what is in the estate.
const NothingToGuard = "there is nothing here for it to guard"

// Judge runs a control's Check on an estate.
//
// A control that is seen on some resources and missed on others is partial;
// one that is unknown on some and right on all the others is unknown. Where
// there is nothing for it to guard it is unknown, with that reason: nobody has
// seen it work.
func (c *Control) Judge(e *estate.Estate) Verdict {
	v := Verdict{Control: c, Status: Unknown}
	switch {
	case c.Check == nil:
		v.Reason = "no file shows it: " + c.Unseen
		return v
	case c.World == AWS && !e.HasAWS():
		v.Reason = "nothing of AWS was read"
		if why := e.MayHideAWS(); why != "" {
			v.Reason = why
		}
		return v
	case c.World == Kubernetes && !e.HasKubernetes():
		v.Reason = "no Kubernetes object was read"
		if why := e.MayHideKubernetes(); why != "" {
			v.Reason = why
		}
		return v
	case c.World == Pipeline && !e.HasPipeline():
		v.Reason = "no CI workflow was read"
		return v
	}
	v.Results = c.Check(e)
	for i := range v.Results {
		c.complete(&v.Results[i], e)
	}
	slices.SortStableFunc(v.Results, func(a, b Result) int {
		return cmp.Or(a.At.Compare(b.At), a.On.ID.Compare(b.On.ID), cmp.Compare(a.Status, b.Status), strings.Compare(a.Summary, b.Summary), strings.Compare(a.Reason, b.Reason))
	})
	v.Status = v.status()
	if len(v.Results) == 0 {
		v.Reason = NothingToGuard
		if why := e.MayHideAWS(); why != "" && c.World != Kubernetes && c.World != Pipeline {
			v.Reason = why
		} else if why := e.MayHideKubernetes(); why != "" && c.World != AWS && c.World != Pipeline {
			v.Reason = why
		}
	}
	return v
}

// complete fills in the control's severity and, where a check gives no evidence
// because what it saw is that something is missing, where it looked. It makes a
// mistake on a resource that may not exist unknown.
func (c *Control) complete(r *Result, e *estate.Estate) {
	if len(r.Evidence) == 0 && r.Status != Unknown {
		saw := r.On.Type + " " + r.On.ID.Addr + ", and nothing that adds it"
		if r.On.Type == "" { // the account, the cluster, the pipeline
			saw = fmt.Sprintf("nothing of the kind among the %d resources that were read", len(e.Resources))
		}
		r.Evidence = []Evidence{{r.At, saw}}
	}
	if r.Severity == 0 {
		r.Severity = c.Severity
	}
	if r.On.Maybe != "" && (r.Status == Absent || r.Status == Partial) {
		r.Status = Unknown
		r.Reason = "it is not known whether " + r.On.ID.Addr + " exists (" + r.On.Maybe + "); if it does, " + r.Summary
	}
}

func (v *Verdict) status() Status {
	bad := v.Count(Absent)
	switch good := v.Count(Present); {
	case v.Count(Partial) > 0, bad > 0 && good > 0:
		return Partial
	case bad > 0:
		return Absent
	case v.Count(Unknown) > 0 || good == 0:
		return Unknown
	}
	return Present
}

// Finding is one mistake, as it is reported.
type Finding struct {
	Control *Control
	// Also are other controls that see the same mistake.
	Also     []*Control
	Severity Severity
	Status   Status
	Resource estate.ID
	// Others are further resources that the same line makes, by count, for_each
	// or another call of its module, and that have the same mistake.
	Others []estate.ID
	Mistake

	called diag.Pos // where the module of the resource is called, if it was downloaded
}

// Findings are the mistakes of all verdicts: the worst first, then by
// position. Results with one resource, line and cause become one finding,
// under the control that rates it highest; so do the results of one control
// on all the resources that one line makes.
func Findings(vs []Verdict) []Finding {
	type cause struct {
		on   estate.ID
		at   diag.Pos
		what string
	}
	var out []Finding
	seen := map[cause]int{}
	for i := range vs {
		v := &vs[i]
		for _, r := range v.Results {
			if r.Status != Absent && r.Status != Partial {
				continue
			}
			f := Finding{called: r.On.Called, Control: v.Control, Severity: r.Severity, Status: r.Status, Resource: r.On.ID, Mistake: r.Mistake}
			k := cause{r.On.ID, diag.Pos{File: r.At.File, Line: r.At.Line}, r.Cause}
			if j, dup := seen[k]; dup && r.Cause != "" {
				out[j] = merge(out[j], f)
				continue
			}
			seen[k] = len(out)
			out = append(out, f)
		}
	}
	out = together(out)
	for i := range out {
		out[i].toCall()
	}
	slices.SortStableFunc(out, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), a.At.Compare(b.At), a.Resource.Compare(b.Resource), strings.Compare(a.Control.ID, b.Control.ID), strings.Compare(a.Summary, b.Summary))
	})
	return out
}

// toCall moves a finding from a line of a downloaded module, which the author
// cannot change, to where the author calls it; the line stays as evidence.
func (f *Finding) toCall() {
	if at := Place(f.At, f.called); at != f.At {
		f.Evidence = append([]Evidence{{f.At, "the line of the module"}}, f.Evidence...)
		f.At = at
	}
}

// Place is where the author can change what stands at a line: there, or, in a
// downloaded module, where the author calls it.
func Place(at, called diag.Pos) diag.Pos {
	if called.Line == 0 || !strings.Contains("/"+at.File, "/.terraform/") {
		return at
	}
	return called
}

// instanceKey is what count and for_each add to an address.
var instanceKey = regexp.MustCompile(`\[("(?:[^"\\]|\\.)*"|[0-9]+|\?)\]`)

// together makes one finding of those that are to be mended by one change of
// one line: the instances of a resource block have one line.
func together(fs []Finding) []Finding {
	type change struct {
		control  *Control
		severity Severity
		status   Status
		at       diag.Pos
		block    string
		fix      string
	}
	seen := map[change]int{}
	out := fs[:0]
	for _, f := range fs {
		k := change{f.Control, f.Severity, f.Status, f.At, instanceKey.ReplaceAllString(f.Resource.Addr, ""), f.Fix}
		i, same := seen[k]
		if same && f.Resource == out[i].Resource && f.Summary != out[i].Summary {
			same = false // two secrets written on one line are two
		}
		if !same {
			seen[k] = len(out)
			out = append(out, f)
			continue
		}
		first := &out[i]
		if f.Resource != first.Resource && !slices.Contains(first.Others, f.Resource) {
			first.Others = append(first.Others, f.Resource)
		}
		first.Evidence = append(first.Evidence, Evidence{f.At, f.Summary})
		for _, e := range f.Evidence {
			if !slices.Contains(first.Evidence, e) {
				first.Evidence = append(first.Evidence, e)
			}
		}
		for _, c := range f.Also {
			if !slices.Contains(first.Also, c) {
				first.Also = append(first.Also, c)
			}
		}
	}
	return out
}

func merge(a, b Finding) Finding {
	if b.Severity > a.Severity {
		a, b = b, a
	}
	if b.Control != a.Control && !slices.Contains(a.Also, b.Control) {
		a.Also = append(a.Also, b.Control)
	}
	for _, c := range b.Also {
		if c != a.Control && !slices.Contains(a.Also, c) {
			a.Also = append(a.Also, c)
		}
	}
	for _, e := range b.Evidence {
		if !slices.Contains(a.Evidence, e) {
			a.Evidence = append(a.Evidence, e)
		}
	}
	return a
}
