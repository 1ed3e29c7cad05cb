package managed

import (
	"slices"

	"fathom/engine/webacl"
	"fathom/engine/webacl/crs"
)

// place is a set of parts of a request where a rule looks.
type place uint8

const (
	inPath place = 1 << iota
	inQuery
	inBody
	inHeader
	inCookie
)

// counterpart says which rules of the Core Rule Set answer for a rule of AWS,
// where they match in one of the places.
type counterpart struct {
	group, rule string
	ids         []int
	in          place
}

var (
	traversal   = []int{930100, 930110}
	systemFiles = []int{930120, 930121}
	javaIDs     = []int{944100, 944110, 944120, 944130, 944200, 944210, 944240, 944250, 944260}
	log4jIDs    = []int{944150, 944151}
	sqlIDs      = []int{
		942140, 942151, 942160, 942170, 942190, 942220, 942230, 942240, 942250, 942270, 942280, 942290,
		942320, 942350, 942360, 942500, 942540, 942550, 942560,
	}
	unixIDs = []int{
		932130, 932160, 932170, 932171, 932175, 932230, 932235, 932250, 932260, 932270, 932280, 932330, 932340,
	}
	windowsIDs    = []int{932140, 932370, 932380}
	powerShellIDs = []int{932120, 932125}
	phpIDs        = []int{933100, 933110, 933120, 933130, 933135, 933140, 933150, 933160, 933170, 933180, 933200, 933210, 933220}
)

// counterparts is the mapping. A rule that is not here has no counterpart in the
// Core Rule Set, or a better one.
var counterparts = []counterpart{
	{"AWSManagedRulesCommonRuleSet", "UserAgent_BadBots_HEADER", []int{913100}, inHeader},
	{"AWSManagedRulesCommonRuleSet", "GenericLFI_QUERYARGUMENTS", traversal, inQuery},
	{"AWSManagedRulesCommonRuleSet", "GenericLFI_URIPATH", traversal, inPath},
	{"AWSManagedRulesCommonRuleSet", "GenericLFI_BODY", traversal, inBody},
	{"AWSManagedRulesCommonRuleSet", "RestrictedExtensions_URIPATH", []int{920440}, inPath},

	{"AWSManagedRulesKnownBadInputsRuleSet", "JavaDeserializationRCE_HEADER", javaIDs, inHeader | inCookie},
	{"AWSManagedRulesKnownBadInputsRuleSet", "JavaDeserializationRCE_BODY", javaIDs, inBody},
	{"AWSManagedRulesKnownBadInputsRuleSet", "JavaDeserializationRCE_URIPATH", javaIDs, inPath},
	{"AWSManagedRulesKnownBadInputsRuleSet", "JavaDeserializationRCE_QUERYSTRING", javaIDs, inQuery},
	{"AWSManagedRulesKnownBadInputsRuleSet", "ExploitablePaths_URIPATH", []int{930130, 930140}, inPath},
	{"AWSManagedRulesKnownBadInputsRuleSet", "Log4JRCE_HEADER", log4jIDs, inHeader | inCookie},
	{"AWSManagedRulesKnownBadInputsRuleSet", "Log4JRCE_QUERYSTRING", log4jIDs, inQuery},
	{"AWSManagedRulesKnownBadInputsRuleSet", "Log4JRCE_BODY", log4jIDs, inBody},
	{"AWSManagedRulesKnownBadInputsRuleSet", "Log4JRCE_URIPATH", log4jIDs, inPath},

	{"AWSManagedRulesSQLiRuleSet", "SQLiExtendedPatterns_QUERYARGUMENTS", sqlIDs, inQuery},
	{"AWSManagedRulesSQLiRuleSet", "SQLiExtendedPatterns_BODY", sqlIDs, inBody},
	{"AWSManagedRulesSQLiRuleSet", "SQLiExtendedPatterns_HEADER", append(slices.Clone(sqlIDs), 942152, 942321), inHeader},
	{"AWSManagedRulesSQLiRuleSet", "SQLiExtendedPatterns_URIPATH", append(slices.Clone(sqlIDs), 942101), inPath},

	{"AWSManagedRulesLinuxRuleSet", "LFI_QUERYSTRING", systemFiles, inQuery},
	{"AWSManagedRulesLinuxRuleSet", "LFI_HEADER", systemFiles, inHeader | inCookie},

	{"AWSManagedRulesUnixRuleSet", "UNIXShellCommandsVariables_QUERYSTRING", unixIDs, inQuery},
	{"AWSManagedRulesUnixRuleSet", "UNIXShellCommandsVariables_QUERYARGUMENTS", unixIDs, inQuery},
	{"AWSManagedRulesUnixRuleSet", "UNIXShellCommandsVariables_BODY", unixIDs, inBody},
	{"AWSManagedRulesUnixRuleSet", "UNIXShellCommandsVariables_HEADER", append(slices.Clone(unixIDs), 932131, 932161), inHeader | inCookie},

	{"AWSManagedRulesWindowsRuleSet", "WindowsShellCommands_COOKIE", windowsIDs, inCookie},
	{"AWSManagedRulesWindowsRuleSet", "WindowsShellCommands_QUERYARGUMENTS", windowsIDs, inQuery},
	{"AWSManagedRulesWindowsRuleSet", "WindowsShellCommands_QUERYSTRING", windowsIDs, inQuery},
	{"AWSManagedRulesWindowsRuleSet", "WindowsShellCommands_BODY", windowsIDs, inBody},
	{"AWSManagedRulesWindowsRuleSet", "PowerShellCommands_COOKIE", powerShellIDs, inCookie},
	{"AWSManagedRulesWindowsRuleSet", "PowerShellCommands_QUERYARGUMENTS", powerShellIDs, inQuery},
	{"AWSManagedRulesWindowsRuleSet", "PowerShellCommands_BODY", powerShellIDs, inBody},

	{"AWSManagedRulesPHPRuleSet", "PHPHighRiskMethodsVariables_HEADER", phpIDs, inHeader | inCookie},
	{"AWSManagedRulesPHPRuleSet", "PHPHighRiskMethodsVariables_QUERYSTRING", phpIDs, inQuery},
	{"AWSManagedRulesPHPRuleSet", "PHPHighRiskMethodsVariables_BODY", phpIDs, inBody},
	{"AWSManagedRulesPHPRuleSet", "PHPHighRiskMethodsVariables_URIPATH", phpIDs, inPath},
}

// mapped are the ids of the mapping, sorted.
func mapped() []int {
	var out []int
	for _, c := range counterparts {
		out = append(out, c.ids...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// fromCRS is the answer of the Core Rule Set for a rule of the group at hand.
func (b *builder) fromCRS(rule string) webacl.Statement {
	in := b.inspector()
	for _, c := range counterparts {
		if c.group == b.ref.Name && c.rule == rule {
			return webacl.Probe{Name: rule + " by the Core Rule Set", Ask: func(s *webacl.Subject) webacl.Answer {
				return answer(s, in, c)
			}}
		}
	}
	return undecided(rule, "no rule of the Core Rule Set is mapped to it")
}

var crsBasis = standIn("OWASP CRS " + crs.Version + " through " + crs.Engine)

// crsOr is the basis of a rule that the Core Rule Set and a pattern answer for.
var crsOr = standIn("OWASP CRS " + crs.Version + " through " + crs.Engine + ", and a pattern of Fathom's own")
