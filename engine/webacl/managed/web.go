package managed

import (
	"fathom/engine/webacl"
	"fathom/engine/webacl/transform"
)

// commonRules is the core rule set (fact sheet §12).
func commonRules(b *builder) []webacl.Rule {
	block := webacl.Block
	userAgent := header("user-agent")
	bodySize := body
	bodySize.Oversize = webacl.OversizeHit // what is longer than WAF sees is longer than 8,192 bytes
	rules := []webacl.Rule{
		b.rule("NoUserAgent_HEADER", block, documented("the header is missing or empty"), webacl.Not{Of: webacl.SizeMatch{
			Field: userAgent, Op: webacl.GT, Size: 0, Transforms: []transform.Kind{transform.RemoveNulls},
		}}),
		b.rule("UserAgent_BadBots_HEADER", block, crsBasis, b.fromCRS("UserAgent_BadBots_HEADER")),
		b.rule("SizeRestrictions_QUERYSTRING", block, documented("more than 2,048 bytes"), larger(query, 2048)),
		b.rule("SizeRestrictions_Cookie_HEADER", block, documented("more than 10,240 bytes"), larger(header("cookie"), 10240)),
		b.rule("SizeRestrictions_BODY", block, documented("more than 8,192 bytes"), larger(bodySize, 8192)),
		b.rule("SizeRestrictions_URIPATH", block, documented("more than 1,024 bytes"), larger(path, 1024)),
	}
	rules = append(rules, b.each("EC2MetaDataSSRF", ownPattern, []inField{
		{"BODY", body}, {"COOKIE", cookies}, {"URIPATH", path}, {"QUERYARGUMENTS", args},
	}, metadataService)...)
	for _, field := range []string{"QUERYARGUMENTS", "URIPATH", "BODY"} {
		rules = append(rules, b.rule("GenericLFI_"+field, block, crsBasis, b.fromCRS("GenericLFI_"+field)))
	}
	rules = append(rules,
		b.rule("RestrictedExtensions_URIPATH", block, crsBasis, b.fromCRS("RestrictedExtensions_URIPATH")),
		b.rule("RestrictedExtensions_QUERYARGUMENTS", block, ownPattern, matches(args, `(?i)\.(?:log|ini|bak|backup|old|swp|conf|config|cfg|mdb|sql|pem)$`, transform.URLDecodeUni)))
	rules = append(rules, b.each("GenericRFI", documented("a scheme and an IPv4 address; the expression is Fathom's own"), []inField{
		{"QUERYARGUMENTS", args}, {"BODY", body}, {"URIPATH", path},
	}, func(f webacl.Field) webacl.Statement {
		return matches(f, `(?i)(?:https?|ftps?|file)://[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:[^0-9]|$)`, twiceDecoded...)
	})...)
	return append(rules, b.each("CrossSiteScripting", xssBasis, []inField{
		{"COOKIE", cookies}, {"QUERYARGUMENTS", args}, {"BODY", body}, {"URIPATH", path},
	}, func(f webacl.Field) webacl.Statement { return webacl.XSSMatch{Field: f, Transforms: forXSS} })...)
}

var (
	xssBasis = standIn("libinjection in place of AWS's built-in XSS detector, with the documented transformations")
	sqlBasis = standIn("libinjection in place of AWS's built-in SQL injection detector at sensitivity LOW, with the documented transformations")
)

// metadataService finds the address of the instance metadata service, in the
// notations that URL libraries take for it.
func metadataService(f webacl.Field) webacl.Statement {
	return anyOf(
		matches(f, `(?i)169\.254\.169\.254|0xa9fea9fe|0xa9\.0xfe\.0xa9\.0xfe|0251\.0376\.0251\.0376|a9fe:a9fe|fd00:ec2::254`, twiceDecoded...),
		matches(f, `(?i)//(?:2852039166|025177524776|instance-data)(?:[/:.]|$)`, twiceDecoded...),
	)
}

// adminRules is the admin protection group.
func adminRules(b *builder) []webacl.Rule {
	return []webacl.Rule{b.rule("AdminProtection_URIPATH", webacl.Block, ownPattern, anyOf(
		matches(path, `(?i)/(?:sqlmanager|phpmyadmin|pma|myadmin|mysqladmin|dbadmin|adminer|sqladmin|phppgadmin|pgadmin)`, transform.URLDecodeUni),
		matches(path, `(?i)/(?:administrator|wp-admin|admin-console|jmx-console|web-console|manager/html|host-manager|siteadmin|cpanel|webadmin)(?:[/.]|$)`, transform.URLDecodeUni),
	))}
}

// badInputRules is the group of known bad inputs.
func badInputRules(b *builder) []webacl.Rule {
	block := webacl.Block
	var rules []webacl.Rule
	for _, field := range []string{"HEADER", "BODY", "URIPATH", "QUERYSTRING"} {
		name, basis := "JavaDeserializationRCE_"+field, crsBasis
		st := b.fromCRS(name)
		if field == "URIPATH" {
			basis, st = crsOr, anyOf(matches(path, `(?i)java\.lang\.(?:runtime|processbuilder)|class\.module\.classloader`, twiceDecoded...), st)
		}
		rules = append(rules, b.rule(name, block, basis, st))
	}
	host := header("host")
	rules = append(rules,
		b.rule("Host_localhost_HEADER", block, documented("the host is localhost, with or without a port"), anyOf(
			exactly(host, "localhost", transform.Lowercase), startsWith(host, "localhost:", transform.Lowercase))),
		b.rule("PROPFIND_METHOD", block, documented("the method is PROPFIND"), exactly(webacl.Field{Kind: webacl.Method}, "PROPFIND")),
		b.rule("ExploitablePaths_URIPATH", block, crsOr, anyOf(
			matches(path, `(?i)/(?:web-inf|meta-inf)(?:/|$)`, twiceDecoded...), b.fromCRS("ExploitablePaths_URIPATH"))))
	for _, field := range []string{"HEADER", "QUERYSTRING", "BODY", "URIPATH"} {
		rules = append(rules, b.rule("Log4JRCE_"+field, block, crsBasis, b.fromCRS("Log4JRCE_"+field)))
	}
	// The reference to a prototype through a chunk of React's Flight protocol
	// (CVE-2025-55182); JSON may write its letters as \u escapes.
	return append(rules, b.rule("ReactJSRCE_BODY", block, ownPattern,
		matches(body, `\$[0-9a-fA-F]*:(?:[^"]*:)?(?:__proto__|constructor)(?::|")`, transform.JSDecode)))
}

// sqlRules is the group of SQL injection.
func sqlRules(b *builder) []webacl.Rule {
	detect := func(f webacl.Field) webacl.Statement { return webacl.SQLiMatch{Field: f, Transforms: forSQL} }
	rules := b.each("SQLi", sqlBasis, []inField{{"QUERYARGUMENTS", args}}, detect)
	rules = append(rules, b.rule("SQLi_BODY", webacl.Block, sqlBasis, anyOf(detect(body), detect(jsonBody))))
	rules = append(rules, b.each("SQLi", sqlBasis, []inField{{"COOKIE", cookies}, {"URIPATH", path}}, detect)...)
	for _, field := range []string{"QUERYARGUMENTS", "BODY", "HEADER", "URIPATH"} {
		name := "SQLiExtendedPatterns_" + field
		rules = append(rules, b.rule(name, webacl.Block, crsBasis, b.fromCRS(name)))
	}
	return rules
}
