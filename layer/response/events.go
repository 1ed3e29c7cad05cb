package response

import (
	"encoding/json"
	"slices"
	"strings"

	"fathom/estate"
)

// eventRule is an EventBridge rule that is switched on: what it matches, and
// where its events go.
type eventRule struct {
	rule    *estate.EventRule
	targets []*estate.EventTarget
	// text is the pattern in small letters; sources are the services it names.
	text    string
	sources []string
	names   bool // it chooses API calls by name
	// findings says that it is about what security services found, calls that it
	// is about API calls.
	findings, calls bool
	why             string // why the pattern is not known
}

// finders are the services that report what they found.
var finders = []string{"aws.securityhub", "aws.guardduty", "aws.macie", "aws.inspector2", "aws.access-analyzer", "aws.detective"}

// eventRules are the rules that are on and match events.
func eventRules(e *estate.Estate) []eventRule {
	var out []eventRule
	for _, r := range estate.All[*estate.EventRule](e) {
		if r.Pattern.Absent() || r.State.Is("DISABLED") == estate.Yes || r.Enabled.Is(false) == estate.Yes {
			continue
		}
		rule := eventRule{rule: r}
		for _, t := range estate.Of[*estate.EventTarget](e, r.ID) {
			if t.Rule.Is(r.ID) {
				rule.targets = append(rule.targets, t)
			}
		}
		rule.read()
		out = append(out, rule)
	}
	return out
}

func (r *eventRule) read() {
	text := r.rule.Pattern.String()
	var pattern struct {
		Source     []any          `json:"source"`
		DetailType []string       `json:"detail-type"`
		Detail     map[string]any `json:"detail"`
	}
	if err := json.Unmarshal(estate.JSON(text), &pattern); err != nil {
		r.why = r.rule.Pattern.Why()
		if r.why == "" {
			r.why = "its pattern is not JSON: " + err.Error()
		}
		return
	}
	r.text = strings.ToLower(text)
	for _, s := range pattern.Source {
		switch s := s.(type) {
		case string:
			r.sources = append(r.sources, s)
		case map[string]any: // {"prefix": "aws.guardduty"}
			if p, ok := s["prefix"].(string); ok {
				r.sources = append(r.sources, p)
			}
		}
	}
	_, r.names = pattern.Detail["eventName"]
	r.findings = slices.ContainsFunc(r.sources, func(s string) bool { return slices.Contains(finders, s) }) ||
		slices.ContainsFunc(pattern.DetailType, func(d string) bool { return strings.HasSuffix(d, "Finding") || strings.Contains(d, "Findings") })
	r.calls = slices.ContainsFunc(pattern.DetailType, func(d string) bool { return strings.HasSuffix(d, "via CloudTrail") })
}

// security says whether a rule is about attacks and not about operations.
func (r *eventRule) security() bool { return r.findings || r.calls }
