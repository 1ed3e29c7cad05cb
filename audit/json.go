package audit

import (
	"encoding/json"
	"io"

	"fathom/control"
	"fathom/diag"
)

// Schema names the JSON contract. It only ever grows.
const Schema = "fathom.audit/v1"

// The types of the JSON contract.
type (
	// JSON is the whole document.
	JSON struct {
		Schema     string           `json:"schema"`
		Findings   []JSONFinding    `json:"findings"`
		Controls   []JSONControl    `json:"controls"`
		Unknown    []JSONUnknown    `json:"unknown"`
		Suppressed []JSONSuppressed `json:"suppressed"`
		Problems   []JSONProblem    `json:"problems"`
		Read       JSONRead         `json:"read"`
	}
	// JSONFinding is one mistake.
	JSONFinding struct {
		Control  string         `json:"control"`
		Also     []string       `json:"also,omitempty"`
		Layer    string         `json:"layer"`
		Severity string         `json:"severity"`
		Status   string         `json:"status"`
		Resource string         `json:"resource"`
		Others   []string       `json:"others,omitempty"`
		File     string         `json:"file"`
		Line     int            `json:"line"`
		Column   int            `json:"column,omitempty"`
		Summary  string         `json:"summary"`
		Fix      string         `json:"fix"`
		Evidence []JSONEvidence `json:"evidence"`
	}
	// JSONEvidence is a value that was seen.
	JSONEvidence struct {
		File string `json:"file"`
		Line int    `json:"line"`
		Saw  string `json:"saw"`
	}
	// JSONControl is a control's verdict and the number of its results.
	JSONControl struct {
		ID      string `json:"id"`
		Layer   string `json:"layer"`
		Status  string `json:"status"`
		Present int    `json:"present"`
		Partial int    `json:"partial"`
		Absent  int    `json:"absent"`
		Unknown int    `json:"unknown"`
		Reason  string `json:"reason,omitempty"`
	}
	// JSONUnknown is something that could not be decided.
	JSONUnknown struct {
		Resource string   `json:"resource"`
		File     string   `json:"file"`
		Line     int      `json:"line"`
		Reason   string   `json:"reason"`
		Controls []string `json:"controls,omitempty"`
	}
	// JSONSuppressed is a finding that is suppressed.
	JSONSuppressed struct {
		JSONFinding
		Reason string `json:"reason"`
		Owner  string `json:"owner"`
		Until  string `json:"until"`
	}
	// JSONProblem is something that could not be read.
	JSONProblem struct {
		File    string `json:"file"`
		Line    int    `json:"line"`
		Column  int    `json:"column"`
		Summary string `json:"summary"`
		Fix     string `json:"fix"`
	}
	// JSONRead says what was read.
	JSONRead struct {
		Files      int         `json:"files"`
		Resources  int         `json:"resources"`
		Unmodelled []TypeCount `json:"unmodelled"`
		Taken      []JSONFile  `json:"taken"`
	}
	// JSONFile says what a file was taken for.
	JSONFile struct {
		File string `json:"file"`
		As   string `json:"as"`
	}
)

// WriteJSON prints the report as fathom.audit/v1.
func (r *Report) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(r.JSON())
}

// JSON is the report in the form of the contract. Lists are never null.
func (r *Report) JSON() JSON {
	out := JSON{
		Schema: Schema, Findings: []JSONFinding{}, Controls: []JSONControl{}, Unknown: []JSONUnknown{},
		Suppressed: []JSONSuppressed{}, Problems: []JSONProblem{},
		Read: JSONRead{Resources: r.Resources, Unmodelled: r.Unmodelled, Taken: []JSONFile{}},
	}
	for i := range r.Findings {
		out.Findings = append(out.Findings, jsonFinding(&r.Findings[i]))
	}
	for i := range r.Verdicts {
		v := &r.Verdicts[i]
		out.Controls = append(out.Controls, JSONControl{
			ID: v.Control.ID, Layer: v.Control.Layer(), Status: v.Status.String(), Reason: v.Reason,
			Present: v.Count(control.Present), Partial: v.Count(control.Partial), Absent: v.Count(control.Absent), Unknown: v.Count(control.Unknown),
		})
	}
	for _, u := range r.Unknowns {
		out.Unknown = append(out.Unknown, JSONUnknown{u.Resource.Addr, u.At.File, int(u.At.Line), u.Reason, u.Controls})
	}
	for i := range r.Suppressed {
		s := &r.Suppressed[i]
		out.Suppressed = append(out.Suppressed, JSONSuppressed{jsonFinding(&s.Finding), s.By.Reason, s.By.Owner, s.By.Until})
	}
	for _, p := range r.Problems {
		out.Problems = append(out.Problems, JSONProblem{p.File, int(p.Line), int(p.Column), p.Summary, p.Fix})
	}
	for _, f := range r.Files {
		out.Read.Taken = append(out.Read.Taken, JSONFile{f.Path, f.As})
	}
	out.Read.Files = r.filesRead()
	return out
}

func jsonFinding(f *control.Finding) JSONFinding {
	out := JSONFinding{
		Control: f.Control.ID, Layer: f.Control.Layer(), Severity: f.Severity.String(), Status: f.Status.String(),
		Resource: f.Resource.Addr, File: f.At.File, Line: int(f.At.Line), Column: int(f.At.Column),
		Summary: f.Summary, Fix: f.Fix, Evidence: []JSONEvidence{},
	}
	for _, c := range f.Also {
		out.Also = append(out.Also, c.ID)
	}
	for _, id := range f.Others {
		out.Others = append(out.Others, id.Addr)
	}
	for _, e := range f.Evidence {
		at := e.At
		if at.IsZero() {
			at = diag.Pos{File: f.At.File, Line: f.At.Line}
		}
		out.Evidence = append(out.Evidence, JSONEvidence{at.File, int(at.Line), e.Saw})
	}
	return out
}
