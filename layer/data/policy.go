package data

import (
	"regexp"
	"slices"
	"strings"

	"fathom/estate"
)

// grants says whether a statement allows an action that is given by its whole
// name. IAM compares action names without regard to case; * stands for any
// text and ? for any one character.
func grants(s *estate.Statement, action string) bool {
	return s.Effect == "Allow" && covers(s, action)
}

// covers says whether a statement is about an action.
func covers(s *estate.Statement, action string) bool {
	if len(s.NotActions) > 0 {
		return !slices.ContainsFunc(s.NotActions, func(p string) bool { return like(p, action) })
	}
	return slices.ContainsFunc(s.Actions, func(p string) bool { return like(p, action) })
}

// like matches a text against a pattern with * and ?, without regard to case.
func like(pattern, text string) bool {
	p, t := strings.ToLower(pattern), strings.ToLower(text)
	star, mark := -1, 0
	i, j := 0, 0
	for j < len(t) {
		switch {
		case i < len(p) && p[i] == '*':
			star, mark = i, j
			i++
		case i < len(p) && (p[i] == '?' || p[i] == t[j]):
			i, j = i+1, j+1
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(p[i:], "*") == ""
}

// anyone says whether a statement is for every principal: *, AWS: *, or
// everyone but a few.
func anyone(s *estate.Statement) bool {
	if len(s.NotPrincipals) > 0 {
		return true
	}
	return slices.ContainsFunc(s.Principals, func(p estate.Principal) bool {
		return p.ID == "*" && (p.Type == "*" || p.Type == "AWS")
	})
}

// limits are the condition keys that S3 and KMS accept as a limit on who a
// statement for everyone is for (Amazon S3 User Guide, "The meaning of
// public"), in small letters.
var limits = []string{
	"aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "aws:principalarn",
	"aws:principalservicename", "aws:principalisawsservice", "aws:userid",
	"aws:sourcevpce", "aws:sourcevpc", "aws:sourcevpcarn", "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths",
	"aws:sourceip", "aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths",
	"s3:dataaccesspointarn", "s3:dataaccesspointaccount", "kms:calleraccount",
}

// limited says whether a condition narrows a statement for everyone to those
// who are named by fixed values. An operator that also holds where the key is
// missing (…IfExists), or that excludes (StringNotEquals), does not.
func limited(s *estate.Statement) bool {
	for _, c := range s.Conditions {
		op := strings.ToLower(c.Operator)
		if strings.HasSuffix(op, "ifexists") || strings.Contains(op, "not") || op == "null" || strings.HasPrefix(op, "forallvalues:") {
			continue
		}
		if slices.Contains(limits, c.Key) && len(c.Values) > 0 && !slices.ContainsFunc(c.Values, func(v string) bool { return !fixed(c.Key, v) }) {
			return true
		}
	}
	return false
}

// fixed says whether a value of a limiting key names somebody.
func fixed(key, value string) bool {
	switch key {
	case "aws:sourceip":
		return !estate.IsWorld(value)
	case "aws:principalisawsservice":
		return strings.EqualFold(value, "true")
	}
	if strings.HasPrefix(value, "arn:") { // the account has to be fixed, except where an S3 ARN has none
		parts := strings.SplitN(value, ":", 6)
		return len(parts) == 6 && !strings.ContainsAny(parts[4], "*?") && (parts[4] != "" || !strings.HasPrefix(parts[5], "*"))
	}
	return strings.Trim(value, "*?") != "" && !strings.HasPrefix(value, "*")
}

// sid shows a statement: statement "PublicRead", or the statement for its
// actions.
func sid(s *estate.Statement) string {
	if s.Sid != "" {
		return `statement "` + s.Sid + `"`
	}
	return "a statement for " + list(append(append([]string{}, s.Actions...), s.NotActions...))
}

var accountInARN = regexp.MustCompile(`^arn:[^:]*:iam::([^:]*):root$`)

// accountRoot returns the account of a principal that is a whole account: its
// number, or how it is looked up.
func accountRoot(p estate.Principal) (account string, ok bool) {
	if p.Type != "AWS" {
		return "", false
	}
	if len(p.ID) == 12 && strings.Trim(p.ID, "0123456789") == "" {
		return p.ID, true
	}
	if m := accountInARN.FindStringSubmatch(p.ID); m != nil {
		return m[1], true
	}
	return "", false
}

// principalsOf shows who a statement is for.
func principalsOf(s *estate.Statement) string {
	if len(s.NotPrincipals) > 0 {
		return "everyone but a few"
	}
	var all []string
	for _, p := range s.Principals {
		all = append(all, p.ID)
	}
	return list(all)
}
