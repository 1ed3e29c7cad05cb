package iam

import "strings"

// multivalued are the condition keys that hold a list, by the service
// authorisation reference; other keys that are known to hold one value are in
// single. A key in neither is not warned of.
var multivalued = map[string]bool{
	"aws:calledvia": true, "aws:principalorgpaths": true, "aws:principalservicenameslist": true,
	"aws:resourceorgpaths": true, "aws:tagkeys": true, "aws:sourceorgpaths": true, "aws:vpceorgpaths": true,
	"sts:transitivetagkeys": true, "dynamodb:attributes": true, "dynamodb:leadingkeys": true,
	"route53:changeresourcerecordsetsactions":               true,
	"route53:changeresourcerecordsetsnormalizedrecordnames": true,
	"route53:changeresourcerecordsetsrecordtypes":           true,
	"kms:encryptioncontextkeys":                             true,
	"kms:grantoperations":                                   true,
	"ses:recipients":                                        true,
	"saml:edupersonaffiliation":                             true,
	"cognito-identity.amazonaws.com:amr":                    true,
	"ec2:attributekeys":                                     true,
}

var single = map[string]bool{
	"aws:principalarn": true, "aws:principalaccount": true, "aws:principalorgid": true, "aws:principaltype": true,
	"aws:userid": true, "aws:username": true, "aws:sourceip": true, "aws:sourcevpc": true, "aws:sourcevpce": true,
	"aws:sourcearn": true, "aws:sourceaccount": true, "aws:sourceorgid": true, "aws:securetransport": true,
	"aws:multifactorauthpresent": true, "aws:multifactorauthage": true, "aws:requestedregion": true,
	"aws:resourceaccount": true, "aws:resourceorgid": true, "aws:useragent": true, "aws:referer": true,
	"aws:currenttime": true, "aws:epochtime": true, "aws:tokenissuetime": true, "aws:viaawsservice": true,
	"aws:principalisawsservice": true, "aws:principalservicename": true, "aws:federatedprovider": true,
	"sts:externalid": true, "sts:rolesessionname": true, "sts:sourceidentity": true, "iam:passedtoservice": true,
	"s3:prefix": true, "s3:x-amz-acl": true, "kms:viaservice": true, "kms:calleraccount": true,
}

// isSingle says whether a key is known to hold one value. The subject
// of a web identity does, and tags.
func isSingle(key string) bool {
	if single[key] {
		return true
	}
	for _, prefix := range []string{"aws:principaltag/", "aws:resourcetag/", "aws:requesttag/", "iam:resourcetag/", "ec2:resourcetag/"} {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	return strings.HasSuffix(key, ":sub")
}

// checkConditions warns of conditions that hardly do what was meant.
func (p *parser) checkConditions(list []Condition, effect Effect) {
	present := map[string]bool{} // the keys that a Null demands
	for i := range list {
		if c := &list[i]; c.Operator.Test == Null && len(c.operands) == 1 && c.operands[0].good && !c.operands[0].truth {
			present[c.Key] = true
		}
	}
	for i := range list {
		c := &list[i]
		op := c.Operator
		switch {
		case len(c.Values) == 0:
			p.warnings.Addf(c.Pos, "", "%s on %s has no value: a positive operator never holds, a negated one always does", op.Text, c.Key)
		case op.Set == ForAllValues && effect == Allow && !present[c.Key]:
			p.warnings.Addf(c.Pos, `add a condition Null with "false"`, "%s on %s in an Allow holds also when the key is not in the request", op.Text, c.Key)
		}
		switch {
		case op.Set != NoSet && isSingle(c.Key):
			p.warnings.Addf(c.Pos, "leave the set operator out", "%s on %s: the key has one value", op.Text, c.Key)
		case op.Set == NoSet && op.Test != Null && multivalued[c.Key]:
			p.warnings.Addf(c.Pos, "write ForAnyValue: or ForAllValues:", "%s on %s never holds: the key has many values", op.Text, c.Key)
		}
	}
}

// checkOperand warns of values that their operator does not understand.
func (p *parser) checkOperand(op *Operator, v node, o operand) {
	switch {
	case !o.good:
		p.warn(v.at, "", "%s does not understand the value %q, which equals nothing", op.Text, v.text)
	case (op.Test == StringEquals || op.Test == StringEqualsIgnoreCase) && strings.ContainsAny(withoutVariables(v.text), "*?"):
		p.warn(v.at, "write StringLike", "%s has no wildcards: the * or ? in %q stands for itself", op.Text, v.text)
	case strings.Contains(v.text, "${") && p.doc.Version == version2008:
		p.warn(v.at, `write "Version": "2012-10-17"`, "%q has a policy variable, which Version %s does not know", v.text, version2008)
	}
}

// withoutVariables is a text without the escapes ${*} and ${?}, which are meant.
func withoutVariables(s string) string {
	return strings.NewReplacer("${*}", "", "${?}", "", "${$}", "").Replace(s)
}
