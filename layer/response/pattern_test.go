package response

import (
	"strings"
	"testing"

	"fathom/estate"
)

func TestPatternsOfMetricFilters(t *testing.T) {
	const others = `(($.userIdentity.sessionContext.sessionIssuer.userName NOT EXISTS) || ($.userIdentity.sessionContext.sessionIssuer.userName != "admin-*"))`
	by := func(role string) recorded {
		return recorded{name: "StopLogging", source: "cloudtrail.amazonaws.com", kind: "AssumedRole", role: role}
	}
	anybody := by("x")
	anybody.anybody = true
	user := recorded{name: "StopLogging", source: "cloudtrail.amazonaws.com", kind: "IAMUser"}
	for _, tt := range []struct {
		name, pattern string
		call          recorded
		want          estate.Truth
	}{
		{"by its name", `{ ($.eventName = "StopLogging") }`, by("x"), estate.Yes},
		{"without quotes and parentheses", `{$.eventName=StopLogging}`, by("x"), estate.Yes},
		{"another", `{ ($.eventName = "DeleteTrail") }`, by("x"), estate.No},
		{"one of several", `{ ($.eventName = DeleteTrail) || ($.eventName = StopLogging) }`, by("x"), estate.Yes},
		{"by a star", `{ $.eventName = "Stop*" }`, by("x"), estate.Yes},
		{"those who are left out", `{ ($.eventName = "StopLogging") && ` + others + ` }`, by("admin-1"), estate.No},
		{"those who are not", `{ ($.eventName = "StopLogging") && ` + others + ` }`, by("deploy"), estate.Yes},
		{"users have no role", `{ ($.eventName = "StopLogging") && ` + others + ` }`, user, estate.Yes},
		{"who may be left out", `{ ($.eventName = "StopLogging") && ` + others + ` }`, anybody, estate.No},
		{"left out in one part only", `{ ($.eventName = "StopLogging") || (($.eventName = "X") && ` + others + `) }`, anybody, estate.Yes},
		{"errors", `{ ($.errorCode = "AccessDenied*") }`, by("x"), estate.No},
		{"what no record shows beforehand", `{ ($.eventName = "StopLogging") && ($.requestParameters.name = "main") }`, by("x"), estate.Maybe},
		{"no pattern at all", `{ $.eventName ~ x }`, by("x"), estate.Maybe},
		{"an open parenthesis", `{ ($.eventName = "StopLogging" }`, by("x"), estate.Maybe},
		{"too deep", "{" + strings.Repeat("(", 1000) + "}", by("x"), estate.Maybe},
		{"words", `StopLogging`, by("x"), estate.Yes},
		{"everything", ``, by("x"), estate.Yes},
	} {
		if got := tt.call.matches(tt.pattern); got != tt.want {
			t.Errorf("%s: %s is %v, want %v", tt.name, tt.pattern, got, tt.want)
		}
	}
}
