package dialect

import (
	"fathom/engine/webacl"
	"fathom/engine/webacl/transform"
)

// printStatement prints a statement; one without a notation is empty.
func printStatement(s webacl.Statement) members {
	switch s := s.(type) {
	case webacl.And:
		return members{"AndStatement": members{"Statements": printStatements(s.Of)}}
	case webacl.Or:
		return members{"OrStatement": members{"Statements": printStatements(s.Of)}}
	case webacl.Not:
		return members{"NotStatement": members{"Statement": printStatement(s.Of)}}
	case webacl.GeoMatch:
		m := members{"CountryCodes": s.Countries}
		putForwarded(m, s.Forwarded)
		return members{"GeoMatchStatement": m}
	case webacl.ASNMatch:
		m := members{"AsnList": s.ASNs}
		putForwarded(m, s.Forwarded)
		return members{"AsnMatchStatement": m}
	case webacl.IPSetMatch:
		m := members{"ARN": s.ARN}
		if f := s.Forwarded; f != nil {
			in := printForwarded(f)
			in["Position"] = [...]string{"FIRST", "LAST", "ANY"}[f.Where]
			m["IPSetForwardedIPConfig"] = in
		}
		return members{"IPSetReferenceStatement": m}
	case webacl.LabelMatch:
		scope := "LABEL"
		if s.Namespace {
			scope = "NAMESPACE"
		}
		return members{"LabelMatchStatement": members{"Scope": scope, "Key": s.Key}}
	case webacl.RateBased:
		return members{"RateBasedStatement": printRate(s)}
	case webacl.GroupRef:
		m := members{"ARN": s.ARN}
		putOverrides(m, s.Overrides)
		return members{"RuleGroupReferenceStatement": m}
	case webacl.ManagedRef:
		return members{"ManagedRuleGroupStatement": printManaged(s)}
	}
	return printFieldStatement(s)
}

func printStatements(list []webacl.Statement) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = printStatement(s)
	}
	return out
}

func printFieldStatement(s webacl.Statement) members {
	switch s := s.(type) {
	case webacl.ByteMatch:
		return members{"ByteMatchStatement": inspecting(s.Field, s.Transforms, members{
			"SearchString": s.Search, "PositionalConstraint": nameOf(positions, int(s.Position)),
		})}
	case webacl.RegexMatch:
		return members{"RegexMatchStatement": inspecting(s.Field, s.Transforms, members{"RegexString": s.Regex})}
	case webacl.RegexSetMatch:
		return members{"RegexPatternSetReferenceStatement": inspecting(s.Field, s.Transforms, members{"ARN": s.ARN})}
	case webacl.SizeMatch:
		return members{"SizeConstraintStatement": inspecting(s.Field, s.Transforms, members{
			"ComparisonOperator": nameOf(comparisons, int(s.Op)), "Size": s.Size,
		})}
	case webacl.SQLiMatch:
		level := "LOW"
		if s.High {
			level = "HIGH"
		}
		return members{"SqliMatchStatement": inspecting(s.Field, s.Transforms, members{"SensitivityLevel": level})}
	case webacl.XSSMatch:
		return members{"XssMatchStatement": inspecting(s.Field, s.Transforms, members{})}
	}
	return members{}
}

// nameOf is the name of an enumeration whose zero value is none.
func nameOf(names []string, i int) string {
	if i < 1 || i > len(names) {
		return ""
	}
	return names[i-1]
}

// inspecting adds the field and the transformations to a statement.
func inspecting(f webacl.Field, kinds []transform.Kind, m members) members {
	m["FieldToMatch"] = printField(f)
	m["TextTransformations"] = printTransforms(kinds)
	return m
}

func printTransforms(kinds []transform.Kind) []any {
	out := make([]any, len(kinds))
	for i, k := range kinds {
		out[i] = members{"Priority": i, "Type": k.String()}
	}
	return out
}

func fallbackName(match bool) string {
	if match {
		return "MATCH"
	}
	return "NO_MATCH"
}

func printField(f webacl.Field) members {
	name := ""
	for n, kind := range fieldKinds {
		if kind == f.Kind {
			name = n
		}
	}
	in := members{}
	switch f.Kind {
	case webacl.NoField:
		return in
	case webacl.SingleHeader, webacl.SingleQueryArgument:
		in["Name"] = f.Name
	case webacl.BodyText, webacl.HeaderOrder, webacl.Headers, webacl.Cookies, webacl.JSONBody:
		in["OversizeHandling"] = [...]string{"CONTINUE", "MATCH", "NO_MATCH"}[f.Oversize]
	case webacl.JA3Fingerprint, webacl.JA4Fingerprint, webacl.URIFragment:
		in["FallbackBehavior"] = fallbackName(f.Match)
	}
	switch f.Kind {
	case webacl.Headers:
		putPattern(in, f, "IncludedHeaders", "ExcludedHeaders")
	case webacl.Cookies:
		putPattern(in, f, "IncludedCookies", "ExcludedCookies")
	case webacl.JSONBody:
		putPattern(in, f, "IncludedPaths", "")
		if f.Invalid != webacl.UpToError {
			in["InvalidFallbackBehavior"] = nameOf([]string{"EVALUATE_AS_STRING", "MATCH", "NO_MATCH"}, int(f.Invalid))
		}
	}
	return members{name: in}
}

func putPattern(m members, f webacl.Field, included, excluded string) {
	m["MatchScope"] = nameOf([]string{"ALL", "KEY", "VALUE"}, int(f.Scope))
	switch f.Pattern.Kind {
	case webacl.All:
		m["MatchPattern"] = members{"All": members{}}
	case webacl.Included:
		m["MatchPattern"] = members{included: f.Pattern.Names}
	case webacl.Excluded:
		m["MatchPattern"] = members{excluded: f.Pattern.Names}
	}
}

func printForwarded(f *webacl.Forwarded) members {
	return members{"HeaderName": f.Header, "FallbackBehavior": fallbackName(f.Match)}
}

func putForwarded(m members, f *webacl.Forwarded) {
	if f != nil {
		m["ForwardedIPConfig"] = printForwarded(f)
	}
}

func printRate(s webacl.RateBased) members {
	m := members{"Limit": s.Limit, "AggregateKeyType": nameOf(rateKeys, int(s.Key))}
	if s.Window > 0 {
		m["EvaluationWindowSec"] = s.Window
	}
	putForwarded(m, s.Forwarded)
	if len(s.Custom) > 0 {
		var list []any
		for _, k := range s.Custom {
			list = append(list, printCustomKey(k))
		}
		m["CustomKeys"] = list
	}
	if s.ScopeDown != nil {
		m["ScopeDownStatement"] = printStatement(s.ScopeDown)
	}
	return m
}

func printCustomKey(k webacl.CustomKey) members {
	name := ""
	for n, kind := range customKinds {
		if kind == k.Kind {
			name = n
		}
	}
	in := members{}
	switch k.Kind {
	case webacl.KeyHeader, webacl.KeyCookie, webacl.KeyQueryArgument:
		in["Name"], in["TextTransformations"] = k.Name, printTransforms(k.Transforms)
	case webacl.KeyQueryString, webacl.KeyURIPath:
		in["TextTransformations"] = printTransforms(k.Transforms)
	case webacl.KeyLabelNamespace:
		in["Namespace"] = k.Name
	case webacl.KeyJA3, webacl.KeyJA4:
		in["FallbackBehavior"] = fallbackName(k.Match)
	}
	return members{name: in}
}

func putOverrides(m members, list []webacl.RuleOverride) {
	var overrides, excluded []any
	for _, o := range list {
		if o.Excluded {
			excluded = append(excluded, members{"Name": o.Rule})
		} else {
			overrides = append(overrides, members{"Name": o.Rule, "ActionToUse": printAction(o.Action)})
		}
	}
	if overrides != nil {
		m["RuleActionOverrides"] = overrides
	}
	if excluded != nil {
		m["ExcludedRules"] = excluded
	}
}

func printManaged(s webacl.ManagedRef) members {
	m := members{"VendorName": s.Vendor, "Name": s.Name}
	put(m, "Version", s.Version)
	putOverrides(m, s.Overrides)
	if s.ScopeDown != nil {
		m["ScopeDownStatement"] = printStatement(s.ScopeDown)
	}
	if c := printConfig(s); c != nil {
		m["ManagedRuleGroupConfigs"] = []any{members{s.Name: c}}
	}
	return m
}
