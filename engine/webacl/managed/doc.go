// Package managed is the catalogue of AWS's managed rule groups.
//
// AWS publishes the names, order, actions, labels and limits of their rules, and
// keeps the patterns to itself. Every rule here says what answers for it
// (webacl.Basis): a condition that AWS documents, a stand-in (the OWASP Core Rule
// Set, libinjection, lists that the user gives, tables of our own), or nothing,
// which makes the rule undecidable with the reason. docs/managed.md lists them.
//
//	program, problems := webacl.Compile(acl, webacl.Options{
//		Managed: managed.Catalogue(managed.Options{Anonymous: list}),
//	})
//
// It is no copy of AWS's rules: a stand-in matches other requests than AWS's rule
// does, at its edges.
package managed
