package waflog

// The members of each type, in AWS's order. What AWS does not always write is
// left out where there is no value.

var (
	detailCodec = newCodec(func(v *MatchDetail) *form { return &v.form },
		str("conditionType", always, func(v *MatchDetail) *string { return &v.ConditionType }),
		str("sensitivityLevel", orAbsent, func(v *MatchDetail) *string { return &v.SensitivityLevel }),
		str("location", always, func(v *MatchDetail) *string { return &v.Location }),
		texts("matchedData", always, func(v *MatchDetail) *[]string { return &v.MatchedData }),
		str("matchedFieldName", orAbsent, func(v *MatchDetail) *string { return &v.MatchedFieldName }),
	)
	tokenCodec = newCodec(func(v *TokenResponse) *form { return &v.form },
		num("responseCode", always, false, func(v *TokenResponse) *int64 { return &v.ResponseCode }),
		num("solveTimestamp", always, false, func(v *TokenResponse) *int64 { return &v.SolveTimestamp }),
		str("failureReason", orAbsent, func(v *TokenResponse) *string { return &v.FailureReason }),
	)
	ruleCodec = newCodec(func(v *Rule) *form { return &v.form },
		str("ruleId", always, func(v *Rule) *string { return &v.RuleID }),
		str("action", always, func(v *Rule) *string { return &v.Action }),
		str("overriddenAction", orAbsent, func(v *Rule) *string { return &v.OverriddenAction }),
		list("ruleMatchDetails", orNull, detailCodec, func(v *Rule) *[]MatchDetail { return &v.RuleMatchDetails }),
		object("captchaResponse", orAbsent, tokenCodec, func(v *Rule) **TokenResponse { return &v.CaptchaResponse }),
		object("challengeResponse", orAbsent, tokenCodec, func(v *Rule) **TokenResponse { return &v.ChallengeResponse }),
	)
	excludedCodec = newCodec(func(v *ExcludedRule) *form { return &v.form },
		str("exclusionType", always, func(v *ExcludedRule) *string { return &v.ExclusionType }),
		str("ruleId", always, func(v *ExcludedRule) *string { return &v.RuleID }),
	)
	groupCodec = newCodec(func(v *RuleGroup) *form { return &v.form },
		str("ruleGroupId", always, func(v *RuleGroup) *string { return &v.RuleGroupID }),
		object("terminatingRule", orNull, ruleCodec, func(v *RuleGroup) **Rule { return &v.TerminatingRule }),
		list("nonTerminatingMatchingRules", always, ruleCodec, func(v *RuleGroup) *[]Rule { return &v.NonTerminatingMatchingRules }),
		list("excludedRules", orNull, excludedCodec, func(v *RuleGroup) *[]ExcludedRule { return &v.ExcludedRules }),
		verbatim("customerConfig", func(v *RuleGroup) *raw { return &v.CustomerConfig }),
	)
	customCodec = newCodec(func(v *CustomValue) *form { return &v.form },
		str("key", always, func(v *CustomValue) *string { return &v.Key }),
		str("name", orAbsent, func(v *CustomValue) *string { return &v.Name }),
		str("value", always, func(v *CustomValue) *string { return &v.Value }),
	)
	rateCodec = newCodec(func(v *RateRule) *form { return &v.form },
		str("rateBasedRuleId", always, func(v *RateRule) *string { return &v.RateBasedRuleID }),
		str("rateBasedRuleName", always, func(v *RateRule) *string { return &v.RateBasedRuleName }),
		str("limitKey", always, func(v *RateRule) *string { return &v.LimitKey }),
		str("limitValue", orAbsent, func(v *RateRule) *string { return &v.LimitValue }),
		num("maxRateAllowed", always, false, func(v *RateRule) *int64 { return &v.MaxRateAllowed }),
		num("evaluationWindowSec", orAbsent, true, func(v *RateRule) *int64 { return &v.EvaluationWindowSec }),
		list("customValues", orAbsent, customCodec, func(v *RateRule) *[]CustomValue { return &v.CustomValues }),
	)
	headerCodec = newCodec(func(v *Header) *form { return &v.form },
		str("name", always, func(v *Header) *string { return &v.Name }),
		str("value", always, func(v *Header) *string { return &v.Value }),
	)
	labelCodec = newCodec(func(v *Label) *form { return &v.form },
		str("name", always, func(v *Label) *string { return &v.Name }),
	)
	requestCodec = newCodec(func(v *HTTPRequest) *form { return &v.form },
		str("clientIp", always, func(v *HTTPRequest) *string { return &v.ClientIP }),
		str("country", always, func(v *HTTPRequest) *string { return &v.Country }),
		list("headers", always, headerCodec, func(v *HTTPRequest) *[]Header { return &v.Headers }),
		str("uri", always, func(v *HTTPRequest) *string { return &v.URI }),
		str("args", always, func(v *HTTPRequest) *string { return &v.Args }),
		str("httpVersion", always, func(v *HTTPRequest) *string { return &v.HTTPVersion }),
		str("httpMethod", always, func(v *HTTPRequest) *string { return &v.HTTPMethod }),
		str("requestId", always, func(v *HTTPRequest) *string { return &v.RequestID }),
		str("fragment", always, func(v *HTTPRequest) *string { return &v.Fragment }),
		str("scheme", orAbsent, func(v *HTTPRequest) *string { return &v.Scheme }),
		str("host", orAbsent, func(v *HTTPRequest) *string { return &v.Host }),
	)
	standInCodec = newCodec(func(v *StandIn) *form { return &v.form },
		str("rule", always, func(v *StandIn) *string { return &v.Rule }),
		str("group", orAbsent, func(v *StandIn) *string { return &v.Group }),
		str("source", always, func(v *StandIn) *string { return &v.Source }),
		texts("patterns", orAbsent, func(v *StandIn) *[]string { return &v.Patterns }),
	)
	undecidableCodec = newCodec(func(v *Undecidable) *form { return &v.form },
		str("rule", always, func(v *Undecidable) *string { return &v.Rule }),
		str("group", orAbsent, func(v *Undecidable) *string { return &v.Group }),
		str("action", always, func(v *Undecidable) *string { return &v.Action }),
		str("why", always, func(v *Undecidable) *string { return &v.Why }),
	)
	fathomCodec = newCodec(func(v *Fathom) *form { return &v.form },
		boolean("uncertain", func(v *Fathom) *bool { return &v.Uncertain }),
		list("standIns", orAbsent, standInCodec, func(v *Fathom) *[]StandIn { return &v.StandIns }),
		list("undecidable", orAbsent, undecidableCodec, func(v *Fathom) *[]Undecidable { return &v.Undecidable }),
	)
	recordCodec = newCodec(func(v *Record) *form { return &v.form },
		num("timestamp", always, false, func(v *Record) *int64 { return &v.Timestamp }),
		num("formatVersion", always, false, func(v *Record) *int64 { return &v.FormatVersion }),
		str("webaclId", always, func(v *Record) *string { return &v.WebACLID }),
		str("terminatingRuleId", always, func(v *Record) *string { return &v.TerminatingRuleID }),
		str("terminatingRuleType", always, func(v *Record) *string { return &v.TerminatingRuleType }),
		str("action", always, func(v *Record) *string { return &v.Action }),
		list("terminatingRuleMatchDetails", always, detailCodec, func(v *Record) *[]MatchDetail { return &v.TerminatingRuleMatchDetails }),
		str("httpSourceName", always, func(v *Record) *string { return &v.HTTPSourceName }),
		str("httpSourceId", always, func(v *Record) *string { return &v.HTTPSourceID }),
		list("ruleGroupList", always, groupCodec, func(v *Record) *[]RuleGroup { return &v.RuleGroupList }),
		list("rateBasedRuleList", always, rateCodec, func(v *Record) *[]RateRule { return &v.RateBasedRuleList }),
		list("nonTerminatingMatchingRules", always, ruleCodec, func(v *Record) *[]Rule { return &v.NonTerminatingMatchingRules }),
		list("requestHeadersInserted", orNull, headerCodec, func(v *Record) *[]Header { return &v.RequestHeadersInserted }),
		num("responseCodeSent", orNull, false, func(v *Record) *int64 { return &v.ResponseCodeSent }),
		object("httpRequest", orNull, requestCodec, func(v *Record) **HTTPRequest { return &v.HTTPRequest }),
		list("labels", orAbsent, labelCodec, func(v *Record) *[]Label { return &v.Labels }),
		object("captchaResponse", orAbsent, tokenCodec, func(v *Record) **TokenResponse { return &v.CaptchaResponse }),
		object("challengeResponse", orAbsent, tokenCodec, func(v *Record) **TokenResponse { return &v.ChallengeResponse }),
		str("ja3Fingerprint", orAbsent, func(v *Record) *string { return &v.JA3Fingerprint }),
		str("ja4Fingerprint", orAbsent, func(v *Record) *string { return &v.JA4Fingerprint }),
		texts("oversizeFields", orAbsent, func(v *Record) *[]string { return &v.OversizeFields }),
		size("requestBodySize", func(v *Record) *Size { return &v.RequestBodySize }),
		size("requestBodySizeInspectedByWAF", func(v *Record) *Size { return &v.RequestBodySizeInspectedByWAF }),
		num("clientAsn", orAbsent, false, func(v *Record) *int64 { return &v.ClientASN }),
		num("forwardedAsn", orAbsent, false, func(v *Record) *int64 { return &v.ForwardedASN }),
		object("fathom", orAbsent, fathomCodec, func(v *Record) **Fathom { return &v.Fathom }),
	)
)

func newCodec[T any](at func(*T) *form, fields ...field[T]) *codec[T] {
	for i := range fields {
		fields[i].key = `"` + fields[i].name + `":`
	}
	return &codec[T]{at, fields}
}
