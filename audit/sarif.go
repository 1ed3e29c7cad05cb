package audit

import (
	"io"
	"path"
	"strings"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

// WriteSARIF prints the report as SARIF 2.1.0, for code scanning. Unknown
// results are notifications of the run, as are files that could not be read:
// they are no results, and must not vanish.
func (r *Report) WriteSARIF(w io.Writer) error {
	return r.sarif().PrettyWrite(w)
}

func (r *Report) sarif() *sarif.Report {
	doc := sarif.NewReport()
	run := sarif.NewRun().WithTool(sarif.NewTool().WithDriver(sarif.NewToolComponent().WithName("fathom")))
	index := map[string]int{}
	for i := range r.Verdicts {
		c := r.Verdicts[i].Control
		index[c.ID] = i
		rule := run.AddRule(c.ID).WithName(ruleName(c.ID)).
			WithShortDescription(sarif.NewMultiformatMessageString().WithText(c.Title + ".")).
			WithFullDescription(sarif.NewMultiformatMessageString().WithText(c.Why + "."))
		rule.WithDefaultConfiguration(sarif.NewReportingConfiguration().WithLevel(level(c.Severity)))
		props := sarif.NewPropertyBag().Add("security-severity", score(c.Severity))
		rule.WithProperties(props.WithTags([]string{"security", c.Layer()}))
	}
	for i := range r.Findings {
		run.AddResult(result(&r.Findings[i], index))
	}
	for i := range r.Suppressed {
		s := &r.Suppressed[i]
		res := result(&s.Finding, index)
		res.AddSuppression(sarif.NewSuppression().WithKind("external").WithStatus("accepted").
			WithJustification(s.By.Reason + " (" + s.By.Owner + ", until " + s.By.Until + ")"))
		run.AddResult(res)
	}
	run.Invocations = append(run.Invocations, r.invocation())
	doc.AddRun(run)
	return doc
}

func result(f *control.Finding, index map[string]int) *sarif.Result {
	res := sarif.NewRuleResult(f.Control.ID).WithRuleIndex(index[f.Control.ID]).WithLevel(level(f.Severity)).
		WithMessage(sarif.NewTextMessage(f.Summary + ". Fix: " + f.Fix + "."))
	if loc := location(f.At); loc != nil {
		loc.WithLogicalLocations(logical(f))
		res.AddLocation(loc)
	}
	for i, e := range f.Evidence {
		if loc := location(e.At); loc != nil {
			res.RelatedLocations = append(res.RelatedLocations, loc.WithID(i).WithMessage(sarif.NewTextMessage(e.Saw)))
		}
	}
	return res
}

// logical names the resources of a finding.
func logical(f *control.Finding) []*sarif.LogicalLocation {
	var out []*sarif.LogicalLocation
	for _, id := range append([]estate.ID{f.Resource}, f.Others...) {
		out = append(out, sarif.NewLogicalLocation().WithFullyQualifiedName(id.Addr).WithKind("resource"))
	}
	return out
}

func location(at diag.Pos) *sarif.Location {
	if at.File == "" {
		return nil
	}
	p := sarif.NewPhysicalLocation().WithArtifactLocation(sarif.NewSimpleArtifactLocation(uri(at.File)))
	if at.Line > 0 {
		region := sarif.NewRegion().WithStartLine(int(at.Line))
		if at.Column > 0 {
			region.WithStartColumn(int(at.Column))
		}
		p.WithRegion(region)
	}
	return sarif.NewLocationWithPhysicalLocation(p)
}

// uri writes a path as a URI reference (RFC 3986): what is not unreserved is
// escaped.
func uri(name string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~/", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&15])
	}
	return b.String()
}

func (r *Report) invocation() *sarif.Invocation {
	inv := sarif.NewInvocation().WithExecutionSuccessful(len(r.Problems) == 0)
	note := func(at diag.Pos, levelName, text string) {
		n := sarif.NewNotification().WithLevel(levelName).WithMessage(sarif.NewTextMessage(text))
		if loc := location(at); loc != nil {
			n.WithLocations([]*sarif.Location{loc})
		}
		inv.ToolExecutionNotifications = append(inv.ToolExecutionNotifications, n)
	}
	for _, p := range r.Problems {
		note(p.Pos, "error", p.Summary+"; "+p.Fix)
	}
	for _, u := range r.Unknowns {
		note(u.At, "warning", "unknown: "+u.Resource.Addr+": "+u.Reason)
	}
	return inv
}

// ruleName is the id in the PascalCase that SARIF asks of names.
func ruleName(id string) string {
	var b strings.Builder
	for _, part := range strings.FieldsFunc(path.Base(id), func(c rune) bool { return c == '.' || c == '-' }) {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}

func level(s control.Severity) string {
	switch s {
	case control.Critical, control.High:
		return "error"
	case control.Medium:
		return "warning"
	}
	return "note"
}

// score is the number GitHub code scanning sorts by, in the bands of CVSS.
func score(s control.Severity) string {
	return [...]string{"0.0", "3.0", "5.5", "8.0", "9.5"}[s]
}
