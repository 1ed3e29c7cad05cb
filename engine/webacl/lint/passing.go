package lint

import (
	"regexp/syntax"
	"slices"
	"strings"

	"fathom/control"
	"fathom/engine/webacl"
)

// counts finds what only counts although it looks like a guard.
func (l *linter) counts() {
	for i := range l.acl.Rules {
		r := &l.acl.Rules[i]
		if r.Override == webacl.OverrideCount {
			p := placed{Rule: r}
			l.add(&p, "count", control.Medium, "set the override action to none when its matches have been looked at; to test every rule, override each to count instead",
				"only counts: its group stops at the first match and blocks nothing, so that later rules and labels are not even counted")
		}
	}
	for i := range l.rules {
		p := &l.rules[i]
		if p.action != webacl.Count || p.outer != nil && p.Action.Kind == webacl.Count || len(p.Action.Insert) > 0 {
			continue
		}
		switch {
		case p.outer != nil:
			l.add(p, "count", control.Medium, "remove the override when its matches have been looked at", "is overridden to count, and blocks nothing")
		case len(p.Labels) == 0 && !givesPlaceLabels(p.Statement):
			l.add(p, "count", control.Medium, "let it block, or add a label that a later rule uses", "only counts, and adds no label that another rule could use")
		}
	}
}

// givesPlaceLabels says that a rule may be there for the labels of places.
func givesPlaceLabels(st webacl.Statement) (gives bool) {
	walk(st, false, func(st webacl.Statement, _ bool) {
		switch st.(type) {
		case webacl.GeoMatch, webacl.ASNMatch:
			gives = true
		}
	})
	return gives
}

// exemptions finds patterns on the path that let requests past a guard, and that
// anybody can put into a path.
func (l *linter) exemptions() {
	for i := range l.rules {
		p := &l.rules[i]
		if p.outer != nil && p.group.Managed {
			continue
		}
		l.exempting(p, p.Statement, p.action)
	}
	for i := range l.acl.Rules {
		r := &l.acl.Rules[i]
		ref, ok := r.Statement.(webacl.ManagedRef)
		if !ok {
			continue
		}
		p := placed{Rule: r}
		l.exempting(&p, ref.ScopeDown, webacl.Block)
		for _, expr := range ref.Config.ExemptURIs {
			if !anchored(expr) {
				l.add(&p, "exempt-unanchored", control.High, "begin it with ^, each alternative too", "exempts every path that has %q anywhere in it, also in a path that somebody makes for that", expr)
			}
		}
	}
}

// exempting looks at what lets a request past: the statement of an Allow, and what
// is negated in another.
func (l *linter) exempting(p *placed, st webacl.Statement, action webacl.ActionKind) {
	walk(st, false, func(st webacl.Statement, negated bool) {
		if negated == (action == webacl.Allow) {
			return
		}
		pattern, field, ok := unanchored(st)
		if !ok || field.Kind != webacl.URIPath {
			return
		}
		l.add(p, "exempt-unanchored", control.High, "compare the beginning of the path: STARTS_WITH, or ^ before each alternative",
			"lets past every path that has %q anywhere in it, also in one that somebody makes for that", pattern)
	})
}

func fieldOf(st webacl.Statement) webacl.Field {
	switch st := st.(type) {
	case webacl.ByteMatch:
		return st.Field
	case webacl.RegexMatch:
		return st.Field
	case webacl.RegexSetMatch:
		return st.Field
	case webacl.SizeMatch:
		return st.Field
	case webacl.SQLiMatch:
		return st.Field
	case webacl.XSSMatch:
		return st.Field
	}
	return webacl.Field{}
}

// unanchored is a comparison that may match anywhere in its field.
func unanchored(st webacl.Statement) (pattern string, f webacl.Field, ok bool) {
	switch st := st.(type) {
	case webacl.ByteMatch:
		return string(st.Search), st.Field, st.Position == webacl.Contains || st.Position == webacl.ContainsWord || st.Position == webacl.EndsWith
	case webacl.RegexMatch:
		return st.Regex, st.Field, !anchored(st.Regex)
	case webacl.RegexSetMatch:
		if st.Set == nil {
			return "", st.Field, false
		}
		if i := slices.IndexFunc(st.Set.Patterns, func(p string) bool { return !anchored(p) }); i >= 0 {
			return st.Set.Patterns[i], st.Field, true
		}
	}
	return "", webacl.Field{}, false
}

// anchored says that every alternative of a regular expression begins at the
// beginning. One that Go cannot read is taken as anchored where it begins with ^.
func anchored(expr string) bool {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return strings.HasPrefix(expr, "^")
	}
	return begins(re)
}

func begins(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpBeginText, syntax.OpBeginLine:
		return true
	case syntax.OpCapture, syntax.OpPlus:
		return begins(re.Sub[0])
	case syntax.OpConcat:
		return len(re.Sub) > 0 && begins(re.Sub[0])
	case syntax.OpAlternate:
		return !slices.ContainsFunc(re.Sub, func(s *syntax.Regexp) bool { return !begins(s) })
	}
	return false
}

// allows finds Allow rules that any client can meet, before rules that guard.
func (l *linter) allows() {
	for i := range l.rules {
		p := &l.rules[i]
		if p.action != webacl.Allow || p.counted() || p.Statement == nil || !forgeable(p.Statement) {
			continue
		}
		after := 0
		for _, later := range l.rules[i+1:] {
			if later.action == webacl.Block || later.action == webacl.Captcha || later.action == webacl.Challenge {
				after++
			}
		}
		if after == 0 {
			continue
		}
		l.add(p, "allow-forgeable", control.High, "use an address, or let it count, add a label, and except the label where it is needed",
			"allows by what any client can send, and the %d guarding rules after it never see such a request", after)
	}
}

// forgeable says that a client can meet a statement by what it sends: nothing in
// it asks for an address, a label or a token.
func forgeable(st webacl.Statement) bool {
	switch st := st.(type) {
	case webacl.And:
		return !slices.ContainsFunc(st.Of, func(of webacl.Statement) bool { return !forgeable(of) })
	case webacl.Or:
		return slices.ContainsFunc(st.Of, forgeable)
	case webacl.Not:
		switch st.Of.(type) {
		case webacl.GeoMatch, webacl.IPSetMatch, webacl.ASNMatch, webacl.LabelMatch:
			return false
		}
		return true
	case webacl.IPSetMatch:
		return st.Forwarded != nil
	case webacl.GeoMatch:
		return st.Forwarded != nil
	case webacl.ASNMatch:
		return st.Forwarded != nil
	case webacl.ByteMatch, webacl.RegexMatch, webacl.RegexSetMatch:
		// A path from its beginning leads only there.
		_, _, anywhere := unanchored(st)
		return anywhere || fieldOf(st).Kind != webacl.URIPath
	case webacl.SizeMatch:
		return true
	}
	return false
}
