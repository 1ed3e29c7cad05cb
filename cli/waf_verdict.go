package cli

import (
	"encoding/json"
	"io"
	"unicode/utf8"

	"fathom/engine/webacl"
	"fathom/engine/webacl/assembly"
	"fathom/engine/webacl/traffic"
)

const wafVerdictSchema = "fathom.waf.verdict/v1"

// WAFVerdict is a line of waf eval.
type WAFVerdict struct {
	// ID is the request's, null where it has none; then Line says where it is.
	ID   json.RawMessage `json:"id"`
	Line int32           `json:"line,omitempty"`
	// Action is ALLOW, BLOCK, CAPTCHA or CHALLENGE.
	Action string `json:"action"`
	// TerminatingRule is a rule of the web ACL, or Default_Action; InnerRule the
	// rule in its group, if it is a group.
	TerminatingRule string `json:"terminatingRule"`
	InnerRule       string `json:"innerRule,omitempty"`
	RuleType        string `json:"ruleType"`
	// ResponseCode is what the client gets instead of the resource's answer.
	ResponseCode int              `json:"responseCode,omitempty"`
	Labels       []string         `json:"labels"`
	Matches      []WAFMatch       `json:"matches"`
	Undecidable  []WAFUndecidable `json:"undecidable"`
	Certain      bool             `json:"certain"`
	Next         []WAFMatch       `json:"next,omitempty"`
	Inserted     [][2]string      `json:"headersInserted,omitempty"`
	Oversize     []string         `json:"oversizeFields,omitempty"`
	StandIns     []WAFStandIn     `json:"standIns,omitempty"`
	Schema       string           `json:"schema"`
}

// WAFMatch is a rule that matched, or would have.
type WAFMatch struct {
	Rule string `json:"rule"`
	// Group is the rule of the web ACL that holds the rule's group, GroupID the
	// group's name in logs.
	Group   string `json:"group,omitempty"`
	GroupID string `json:"groupId,omitempty"`
	Action  string `json:"action"`
	// OverriddenAction is the rule's own, where the web ACL replaces it.
	OverriddenAction string      `json:"overriddenAction,omitempty"`
	Terminating      bool        `json:"terminating"`
	TokenValid       bool        `json:"tokenValid,omitempty"`
	FailureReason    string      `json:"failureReason,omitempty"`
	Labels           []string    `json:"labels,omitempty"`
	Details          []WAFDetail `json:"details"`
	// Basis is documented, stand-in or "not simulated"; Source names the stand-in.
	Basis  string `json:"basis"`
	Source string `json:"source,omitempty"`
}

// WAFDetail is a condition that held.
type WAFDetail struct {
	Field string `json:"field"`
	Name  string `json:"name,omitempty"`
	What  string `json:"what"`
	// Value is what was inspected, after Transformations; where that is no UTF-8
	// ValueBase64 has its bytes. Start and End are the bytes that matched.
	Value           string   `json:"value"`
	ValueBase64     []byte   `json:"valueBase64,omitempty"`
	Start           int      `json:"start"`
	End             int      `json:"end"`
	Transformations []string `json:"transformations,omitempty"`
	Pattern         string   `json:"pattern,omitempty"`
}

// WAFUndecidable is a rule that could not be decided.
type WAFUndecidable struct {
	Rule  string `json:"rule"`
	Group string `json:"group,omitempty"`
	// Action is what it would have done.
	Action string `json:"action"`
	Why    string `json:"why"`
}

// WAFStandIn is a rule group that took part, and whose rules are not AWS's.
type WAFStandIn struct {
	Rule         string   `json:"rule"`
	Group        string   `json:"group"`
	Rules        int      `json:"rules"`
	StandIns     int      `json:"standIns"`
	NotSimulated int      `json:"notSimulated"`
	Sources      []string `json:"sources"`
}

// WAFError is the answer to a request that could not be understood.
type WAFError struct {
	ID     json.RawMessage `json:"id"`
	Error  string          `json:"error"`
	Line   int32           `json:"line"`
	Schema string          `json:"schema"`
}

func idOf(item *traffic.Item) json.RawMessage {
	if item.ID == nil {
		return json.RawMessage("null")
	}
	return item.ID
}

func verdictJSON(item *traffic.Item, v *webacl.Verdict, a *assembly.Assembly) WAFVerdict {
	out := WAFVerdict{
		ID: idOf(item), Action: v.Action.String(), TerminatingRule: v.Rule, InnerRule: v.Inner, RuleType: v.Type,
		Labels: append([]string{}, v.Labels...), Matches: matchesJSON(v.Matches), Undecidable: []WAFUndecidable{},
		Certain: v.Certain, Oversize: v.Oversize, Schema: wafVerdictSchema,
	}
	if item.ID == nil {
		out.Line = item.Pos.Line
	}
	if v.Action != webacl.Allow {
		out.ResponseCode = v.Response.Code
	}
	if len(v.Next) > 0 {
		out.Next = matchesJSON(v.Next)
	}
	for _, u := range v.Undecidable {
		out.Undecidable = append(out.Undecidable, WAFUndecidable{u.Rule, u.Group, u.Action.String(), u.Why})
	}
	for _, h := range v.Insert {
		out.Inserted = append(out.Inserted, [2]string{h.Name, h.Value})
	}
	for _, s := range a.StandIns(v) {
		out.StandIns = append(out.StandIns, WAFStandIn{s.Rule, s.Group, s.Rules, s.StandIns, s.NotSimulated, append([]string{}, s.Sources...)})
	}
	return out
}

func matchesJSON(matches []webacl.Match) []WAFMatch {
	out := make([]WAFMatch, 0, len(matches))
	for i := range matches {
		m := &matches[i]
		one := WAFMatch{
			Rule: m.Rule, Group: m.Group, GroupID: m.GroupID, Action: m.Action.String(), Terminating: m.Terminating,
			TokenValid: m.Passed, FailureReason: m.Failure, Labels: m.Labels, Details: []WAFDetail{},
			Basis: m.Basis.Kind.String(), Source: m.Basis.Source,
		}
		if m.Own != m.Action {
			one.OverriddenAction = m.Own.String()
		}
		for j := range m.Details {
			one.Details = append(one.Details, detailJSON(&m.Details[j]))
		}
		out = append(out, one)
	}
	return out
}

func detailJSON(d *webacl.Detail) WAFDetail {
	out := WAFDetail{Field: d.Field, Name: d.Name, What: d.What, Value: d.Value, Start: d.Start, End: d.End, Pattern: d.Source}
	if !utf8.ValidString(d.Value) {
		out.ValueBase64 = []byte(d.Value)
	}
	for _, k := range d.Transforms {
		out.Transformations = append(out.Transformations, k.String())
	}
	return out
}

// writeJSONLine writes a value as one line that does nothing to a terminal.
func writeJSONLine(w io.Writer, v any) error {
	enc := json.NewEncoder(escaping{w})
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
