package cli

import (
	"fmt"

	"fathom/engine/webacl"
	"fathom/engine/webacl/assembly"
	"fathom/engine/webacl/traffic"
)

// verdict writes what became of a request, for a person.
func (t *text) verdict(item *traffic.Item, v *webacl.Verdict, a *assembly.Assembly) {
	t.line("%s", requestLine(item))
	decided := fmt.Sprintf("  %-10s by %s", v.Action, ruleWords(v.Rule, v.Inner))
	if v.Action != webacl.Allow && v.Response.Code != 0 {
		decided += fmt.Sprintf(", answered with %d", v.Response.Code)
	}
	if !v.Certain {
		decided += "; uncertain: " + isAre(len(v.Undecidable), "rule") + " undecidable"
	}
	t.line("%s", decided)
	if v.Err != nil {
		t.line("  error      %v", v.Err)
	}
	for i := range v.Matches {
		t.match("matched", &v.Matches[i])
	}
	for i := range v.Next {
		t.match("next", &v.Next[i])
	}
	for _, u := range v.Undecidable {
		t.line("  unknown    %s would %s: %s", memberWords(u.Rule, u.Group), u.Action, u.Why)
	}
	t.listed("labels", v.Labels)
	for _, h := range v.Insert {
		t.line("  inserted   %s: %s", h.Name, h.Value)
	}
	t.listed("oversize", v.Oversize)
	for _, s := range a.StandIns(v) {
		t.line("  stand-in   %d of the %d rules of group %q", s.StandIns+s.NotSimulated, s.Rules, s.Rule)
	}
}

func isAre(n int, noun string) string {
	if n == 1 {
		return "1 " + noun + " is"
	}
	return plural(n, noun) + " are"
}

// requestLine says which request it is.
func requestLine(item *traffic.Item) string {
	q := &item.Request
	name := q.ID
	if name == "" {
		name = fmt.Sprintf("line %d", item.Pos.Line)
	}
	s := name + "  " + cut(orUnknown(q.Method), 20) + " " + cut(orUnknown(q.Path), 100)
	if q.Query != "" {
		s += "?" + cut(q.Query, 100)
	}
	if q.Client.IsValid() {
		s += "  from " + q.Client.String()
	}
	if q.Place.HasCountry {
		s += " (" + q.Place.Country + ")"
	}
	return s
}

func orUnknown(s string) string {
	if s == "" {
		return "(unknown)"
	}
	return s
}

// cut leaves out the end of something long.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}

// ruleWords names the rule that decided.
func ruleWords(rule, inner string) string {
	switch {
	case rule == webacl.DefaultAction:
		return "the default action"
	case inner != "":
		return fmt.Sprintf("rule %q of group %q", inner, rule)
	}
	return fmt.Sprintf("rule %q", rule)
}

// memberWords names a rule, and the group that holds it.
func memberWords(rule, group string) string {
	if group == "" {
		return ruleWords(rule, "")
	}
	return ruleWords(group, rule)
}

// match writes a rule that matched, and what it found.
func (t *text) match(column string, m *webacl.Match) {
	line := fmt.Sprintf("  %-10s %s: %s", column, memberWords(m.Rule, m.Group), m.Action)
	if m.Own != webacl.Unset && m.Own != m.Action {
		line += fmt.Sprintf(" instead of its own %s", m.Own)
	}
	switch {
	case m.Passed:
		line += ", passed with a valid token"
	case m.Failure != "":
		line += ", " + m.Failure
	}
	t.line("%s", line)
	for i := range m.Details {
		t.detail(&m.Details[i])
	}
	switch {
	case m.Basis.Kind != webacl.Documented:
		t.line("             stand-in for what AWS does not publish: %s", m.Basis.Source)
	case len(m.Details) == 0 && m.Basis.Source != "":
		t.line("             %s", m.Basis.Source)
	}
}

// detail writes a condition that held, and the bytes that matched.
func (t *text) detail(d *webacl.Detail) {
	line := "             " + d.Field
	if d.Field == "LABEL" || d.Field == "RATE" { // What says it all
		line = "            "
	}
	if d.Name != "" {
		line += " " + quoted(d.Name)
	}
	line += " " + d.What
	if d.Source != "" {
		line += " (" + d.Source + ")"
	}
	t.line("%s", line)
	if d.Value == "" {
		return
	}
	before, matched, after := around(d)
	if matched != "" {
		matched = "⟦" + matched + "⟧"
	}
	line = "             “" + before + matched + after + "”"
	for i, k := range d.Transforms {
		if i == 0 {
			line += " after "
		} else {
			line += ", "
		}
		line += k.String()
	}
	t.line("%s", line)
}

// around cuts a value down to what matched and a little on both sides.
func around(d *webacl.Detail) (before, matched, after string) {
	const side, most = 40, 120
	start := min(max(d.Start, 0), len(d.Value))
	end := min(max(d.End, start), len(d.Value))
	before, matched, after = d.Value[:start], d.Value[start:end], d.Value[end:]
	if matched == "" { // what matched is no run of bytes
		return cut(d.Value, most), "", ""
	}
	if len(before) > side {
		before = "…" + before[len(before)-side:]
	}
	return before, cut(matched, most), cut(after, side)
}

func quoted(s string) string { return fmt.Sprintf("%q", s) }

func (t *text) listed(column string, values []string) {
	for i, v := range values {
		if i > 0 {
			column = ""
		}
		t.line("  %-10s %s", column, v)
	}
}

// standIn says what is in the place of a managed group's rules.
func (t *text) standIn(s *assembly.StandIn) {
	t.line("  %s, group %q: %d of %d rules", s.Group, s.Rule, s.StandIns+s.NotSimulated, s.Rules)
	for _, source := range s.Sources {
		t.line("    %s", source)
	}
	if s.NotSimulated > 0 {
		t.line("    nothing for %d, which are undecidable", s.NotSimulated)
	}
}
