package edge

import "strings"

// managedRules is a rule group of AWS (AWS WAF Developer Guide, "AWS Managed
// Rules rule groups list").
type managedRules struct {
	name, label string // the label's prefix is awswaf:managed:aws:LABEL:
	wcu         int
	rules       []string
}

// The groups in use. Account takeover and account creation prevention are not
// among them: they have to know the names of the fields of a form, which no
// declaration says.
var (
	reputation = managedRules{"AWSManagedRulesAmazonIpReputationList", "amazon-ip-list", 25, []string{
		"AWSManagedIPReputationList", "AWSManagedReconnaissanceList", "AWSManagedIPDDoSList",
	}}
	anonymous = managedRules{"AWSManagedRulesAnonymousIpList", "anonymous-ip-list", 50, []string{
		"AnonymousIPList", "HostingProviderIPList",
	}}
	core = managedRules{"AWSManagedRulesCommonRuleSet", "core-rule-set", 700, []string{
		"NoUserAgent_HEADER", "UserAgent_BadBots_HEADER", "SizeRestrictions_QUERYSTRING", "SizeRestrictions_Cookie_HEADER",
		"SizeRestrictions_BODY", "SizeRestrictions_URIPATH", "EC2MetaDataSSRF_BODY", "EC2MetaDataSSRF_COOKIE",
		"EC2MetaDataSSRF_URIPATH", "EC2MetaDataSSRF_QUERYARGUMENTS", "GenericLFI_QUERYARGUMENTS", "GenericLFI_URIPATH",
		"GenericLFI_BODY", "RestrictedExtensions_URIPATH", "RestrictedExtensions_QUERYARGUMENTS", "GenericRFI_QUERYARGUMENTS",
		"GenericRFI_BODY", "GenericRFI_URIPATH", "CrossSiteScripting_COOKIE", "CrossSiteScripting_QUERYARGUMENTS",
		"CrossSiteScripting_BODY", "CrossSiteScripting_URIPATH",
	}}
	badInputs = managedRules{"AWSManagedRulesKnownBadInputsRuleSet", "known-bad-inputs", 200, []string{
		"JavaDeserializationRCE_HEADER", "JavaDeserializationRCE_BODY", "JavaDeserializationRCE_URIPATH",
		"JavaDeserializationRCE_QUERYSTRING", "Host_localhost_HEADER", "PROPFIND_METHOD", "ExploitablePaths_URIPATH",
		"Log4JRCE_HEADER", "Log4JRCE_QUERYSTRING", "Log4JRCE_BODY", "Log4JRCE_URIPATH", "ReactJSRCE_BODY",
	}}
	injection = managedRules{"AWSManagedRulesSQLiRuleSet", "sql-database", 200, []string{
		"SQLi_QUERYARGUMENTS", "SQLi_BODY", "SQLi_COOKIE", "SQLi_URIPATH", "SQLiExtendedPatterns_QUERYARGUMENTS", "SQLiExtendedPatterns_BODY",
	}}
	linux = managedRules{"AWSManagedRulesLinuxRuleSet", "linux-os", 200, []string{
		"LFI_URIPATH", "LFI_QUERYSTRING", "LFI_HEADER",
	}}
	unix = managedRules{"AWSManagedRulesUnixRuleSet", "posix-os", 100, []string{
		"UNIXShellCommandsVariables_QUERYSTRING", "UNIXShellCommandsVariables_BODY", "UNIXShellCommandsVariables_HEADER",
	}}
	botControl = managedRules{"AWSManagedRulesBotControlRuleSet", "bot-control", 50, []string{
		"CategoryAdvertising", "CategoryArchiver", "CategoryContentFetcher", "CategoryEmailClient", "CategoryHttpLibrary",
		"CategoryLinkChecker", "CategoryMiscellaneous", "CategoryMonitoring", "CategoryPagePreview", "CategoryScrapingFramework",
		"CategorySearchEngine", "CategorySecurity", "CategorySeo", "CategorySocialMedia", "CategoryWebhooks", "CategoryAI",
		"SignalAutomatedBrowser", "SignalKnownBotDataCenter", "SignalNonBrowserUserAgent",
	}}
	managedGroups = []managedRules{reputation, anonymous, core, badInputs, injection, linux, unix, botControl}
)

// ManagedRules are the names of the rules of AWS's managed groups that the web
// ACL has: what an exemption may name.
var ManagedRules = managedNames()

func managedNames() []string {
	var out []string
	for _, g := range managedGroups {
		out = append(out, g.rules...)
	}
	return out
}

// groupOf is the group that a managed rule is in; nil where none has it.
func groupOfRule(rule string) *managedRules {
	for i := range managedGroups {
		for _, r := range managedGroups[i].rules {
			if r == rule {
				return &managedGroups[i]
			}
		}
	}
	return nil
}

// labelOf is the label that a managed rule leaves on a request: the group's
// prefix and the rule's name, where the component is written in another way. Bot
// Control leaves a rule's whole name on what the rule is about, which verified
// bots are not.
func (g *managedRules) labelOf(rule string) string {
	prefix := "awswaf:managed:aws:" + g.label + ":"
	switch rule {
	case "UserAgent_BadBots_HEADER":
		return prefix + "BadBots_Header"
	case "Host_localhost_HEADER":
		return prefix + "Host_Localhost_Header"
	case "PROPFIND_METHOD":
		return prefix + "Propfind_Method"
	}
	for from, to := range map[string]string{
		"_HEADER": "_Header", "_BODY": "_Body", "_COOKIE": "_Cookie", "_URIPATH": "_URIPath",
		"_QUERYSTRING": "_QueryString", "_QUERYARGUMENTS": "_QueryArguments",
	} {
		if stem, ok := strings.CutSuffix(rule, from); ok {
			return prefix + stem + to
		}
	}
	return prefix + rule
}
