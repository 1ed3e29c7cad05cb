package managed

import (
	"strings"

	"fathom/engine/webacl"
	"fathom/engine/webacl/transform"
)

// linuxRules is the group of Linux: reading files of the system.
func linuxRules(b *builder) []webacl.Rule {
	const files = `(?i)(?:^|[/=:])(?:proc/(?:version|self|cpuinfo|cmdline|mounts|net|[0-9]+)|etc/(?:passwd|shadow|group|hosts|issue|crontab|sudoers|ssh|os-release))(?:[/?&\x00]|$)`
	return []webacl.Rule{
		b.rule("LFI_URIPATH", webacl.Block, ownPattern, matches(path, files, forFiles...)),
		b.rule("LFI_QUERYSTRING", webacl.Block, crsOr, anyOf(matches(query, files, forFiles...), b.fromCRS("LFI_QUERYSTRING"))),
		b.rule("LFI_HEADER", webacl.Block, crsOr, anyOf(matches(headers, files, forFiles...), b.fromCRS("LFI_HEADER"))),
	}
}

// unixRules is the group of POSIX systems. Its first versions looked at the query
// arguments, and called the rule so.
func unixRules(b *builder) []webacl.Rule {
	fields := []string{"QUERYSTRING", "BODY", "HEADER"}
	if strings.HasPrefix(b.ref.Version, "Version_1.") {
		fields = []string{"QUERYARGUMENTS", "BODY"}
	}
	var rules []webacl.Rule
	for _, field := range fields {
		name := "UNIXShellCommandsVariables_" + field
		rules = append(rules, b.rule(name, webacl.Block, crsBasis, b.fromCRS(name)))
	}
	return rules
}

// windowsRules is the group of Windows.
func windowsRules(b *builder) []webacl.Rule {
	shell := func(f webacl.Field) webacl.Statement {
		return matches(f, `(?i)[|;&\n]\s*(?:cmd(?:\.exe)?(?:\s|$)|nslookup\s|net\s+(?:user|view|localgroup)|tasklist|systeminfo|certutil\s|whoami(?:\s|$))`, twiceDecoded...)
	}
	var rules []webacl.Rule
	for _, field := range []string{"COOKIE", "QUERYARGUMENTS", "BODY"} {
		name := "WindowsShellCommands_" + field
		rules = append(rules, b.rule(name, webacl.Block, crsBasis, b.fromCRS(name)))
	}
	rules = append(rules,
		b.rule("WindowsShellCommands_HEADER", webacl.Block, ownPattern, shell(headers)),
		b.rule("WindowsShellCommands_QUERYSTRING", webacl.Block, crsBasis, b.fromCRS("WindowsShellCommands_QUERYSTRING")),
		b.rule("WindowsShellCommands_URIPATH", webacl.Block, ownPattern, shell(path)))
	for _, field := range []string{"COOKIE", "QUERYARGUMENTS", "BODY"} {
		name := "PowerShellCommands_" + field
		rules = append(rules, b.rule(name, webacl.Block, crsBasis, b.fromCRS(name)))
	}
	return rules
}

// phpRules is the group of PHP.
func phpRules(b *builder) []webacl.Rule {
	const variables = `\$_(?:GET|POST|REQUEST|COOKIE|SERVER|FILES|SESSION|ENV)\b|(?i:\b(?:fsockopen|pfsockopen|shell_exec|passthru|proc_open)\s*\()`
	var rules []webacl.Rule
	for _, f := range []inField{{"HEADER", headers}, {"QUERYSTRING", query}, {"BODY", body}, {"URIPATH", path}} {
		name, basis, st := "PHPHighRiskMethodsVariables_"+f.suffix, crsBasis, webacl.Statement(nil)
		st = b.fromCRS(name)
		if f.suffix == "HEADER" {
			basis, st = crsOr, anyOf(matches(f.field, variables, twiceDecoded...), st)
		}
		rules = append(rules, b.rule(name, webacl.Block, basis, st))
	}
	return rules
}

// wordPressRules is the group of WordPress.
func wordPressRules(b *builder) []webacl.Rule {
	return []webacl.Rule{
		b.rule("WordPressExploitableCommands_QUERYSTRING", webacl.Block, ownPattern,
			matches(query, `(?i)(?:^|&)(?:do-reset-wordpress(?:=|&|$)|action=(?:revslider_show_image|duplicator_download|wpda_duplicator))`, twiceDecoded...)),
		b.rule("WordPressExploitablePaths_URIPATH", webacl.Block, ownPattern,
			matches(path, `(?i)/(?:xmlrpc\.php|wp-config\.php|wp-content/debug\.log|wp-content/plugins/[^/]+/readme\.txt|wp-admin/(?:install|setup-config)\.php)`, transform.URLDecodeUni)),
	}
}
