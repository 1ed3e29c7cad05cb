// Package dialect reads web ACLs, rule groups, IP sets and regex pattern sets of
// AWS WAF from the notations that people have them in: what the AWS CLI answers,
// what the console's editor shows, CloudFormation, Terraform (through an estate,
// and its rule_json), exports in snake_case, and properties of the CDK.
//
// All become the types of package webacl, with the position of each rule. What
// AWS would refuse is a problem, and so is every name that is not known here: an
// ACL that was read is one that was understood whole. A value that the files do
// not tell (a variable without a value) makes the statement that holds it
// webacl.Unresolved, or is a problem where no statement holds it.
//
//	doc, problems := dialect.Read("acl.json", content, dialect.Options{})
//	all := dialect.Join(doc, sets)  // finds the sets that rules name by ARN
//	found, problems := dialect.FromEstate(estate)
//
// It does not judge: quotas that AWS lifts on request, and what is legal and
// unwise, are for package lint. It does not evaluate either: package webacl does.
package dialect
