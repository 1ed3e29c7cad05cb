package iam

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fathom/diag"
)

// one wraps the text of a statement into a document on three lines, so that
// positions are easy to read: the statement begins at 3:3.
func one(statement string) string {
	return "{\"Version\": \"2012-10-17\",\n \"Statement\": [\n  " + statement + "]}"
}

func write(ps diag.Problems) string {
	var out []string
	for _, p := range ps {
		out = append(out, p.Error())
	}
	return strings.Join(out, "\n")
}

// IAM User Guide, "Grammar of the IAM JSON policy language" and the page of
// each element; Organizations, "SCP syntax" and "RCP syntax".
func TestWhatAWSRejects(t *testing.T) {
	const rest = `"Action":"s3:*","Resource":"*"}`
	allow := `{"Effect":"Allow",`
	public := allow + `"Principal":"*",`
	for _, c := range []struct {
		name string
		kind Kind
		text string
		want string
	}{
		{"not JSON", Identity, `{"Version"`, `p:1:11: not valid JSON: a colon is expected here`},
		{"nothing", Identity, ``, `p:1:1: not valid JSON: it ends too early`},
		{"two documents", Identity, one(allow+rest) + `{}`, `p:3:54: not valid JSON: the JSON goes on after its end`},
		{"a list", Identity, `[]`, `p:1:1: a policy document is a JSON object, not a list`},
		{"a trailing comma", Identity, "{\"Version\": \"2012-10-17\",\n}", `p:2:1: not valid JSON: a key in double quotes is expected here`},
		{"too deep", Identity, strings.Repeat("[", 100), `p:1:34: not valid JSON: it nests too deep`},
		{"a key twice", Identity, one(`{"Effect":"Allow","Effect":"Deny",` + rest), `p:3:21: the key "Effect" is there twice; keep one of them`},
		{"no Statement", Identity, `{"Version":"2012-10-17"}`, `p:1:1: the document has no Statement; add "Statement"`},
		{"an empty Statement", Identity, one(``), `p:2:15: Statement is empty; add a statement`},
		{"a statement that is none", Identity, one(`"x"`), `p:3:3: a statement is an object, not a string`},
		{"an unknown element", Identity, one(allow + `"Actions":"s3:*",` + rest), `p:3:21: a statement of an identity policy has no element "Actions"; write Action`},
		{"an element in small letters", Identity, one(`{"effect":"Allow",` + rest), "p:3:3: the statement has no Effect; add \"Effect\"\n" + `p:3:4: a statement of an identity policy has no element "effect"; write Effect`},
		{"an unknown element of the document", Identity, `{"Verson":"2012-10-17","Statement":` + allow + rest + `}`, `p:1:2: a policy document has no element "Verson"; elements are Version, Id, Statement`},
		{"a version that is none", Identity, `{"Version":"2012-10-18","Statement":` + allow + rest + `}`, `p:1:12: there is no Version "2012-10-18"; write "2012-10-17"`},
		{"a version that is a date", Identity, `{"Version":20121017,"Statement":` + allow + rest + `}`, `p:1:12: Version is a string, not a number`},
		{"no Effect", Identity, one(`{` + rest), `p:3:3: the statement has no Effect; add "Effect"`},
		{"Effect in small letters", Identity, one(`{"Effect":"allow",` + rest), `p:3:13: there is no Effect "allow"; write Allow or Deny`},
		{"no action", Identity, one(allow + `"Resource":"*"}`), `p:3:3: the statement has no Action; add Action`},
		{"Action and NotAction", Identity, one(allow + `"NotAction":"s3:*",` + rest), `p:3:21: the statement has Action and NotAction; keep one of them`},
		{"an empty list of actions", Identity, one(allow + `"Action":[],"Resource":"*"}`), `p:3:30: Action is empty`},
		{"an action without service", Identity, one(allow + `"Action":"GetObject","Resource":"*"}`), `p:3:30: the action "GetObject" has no service; write "service:Name"`},
		{"a wildcard in the service", Identity, one(allow + `"Action":["s3:*","s?:Get*"],"Resource":"*"}`), `p:3:38: the action "s?:Get*" has a wildcard in its service; write the service out`},
		{"an action that is a number", Identity, one(allow + `"Action":[1],"Resource":"*"}`), `p:3:31: Action is a list of strings, and holds a number`},
		{"no resource", Identity, one(allow + `"Action":"s3:*"}`), `p:3:3: the statement has no Resource; add Resource`},
		{"Resource and NotResource", Identity, one(allow + `"NotResource":"*",` + rest), `p:3:21: the statement has Resource and NotResource; keep one of them`},
		{"a resource that is no ARN", Identity, one(allow + `"Action":"s3:*","Resource":"my-bucket"}`), `p:3:48: the resource "my-bucket" is not an ARN; write an ARN or "*"`},
		{"a partition that does not exist", Identity, one(allow + `"Action":"s3:*","Resource":"arn:amazon:s3:::b"}`), `p:3:48: the resource "arn:amazon:s3:::b" has a partition that does not exist; write aws, aws-cn or aws-us-gov`},
		{"a wildcard in the service of an ARN", Identity, one(allow + `"Action":"s3:*","Resource":"arn:aws:s*:::b"}`), `p:3:48: the resource "arn:aws:s*:::b" has a wildcard in its service; write the service out`},
		{"a short ARN in a resource policy", Resource, one(public + `"Action":"s3:*","Resource":"arn:aws:s3:b"}`), `p:3:64: the resource "arn:aws:s3:b" is not a whole ARN; write all six parts`},
		{"a short ARN in an SCP", SCP, one(allow + `"Action":"s3:*","Resource":"arn:aws:s3:*"}`), `p:3:48: the resource "arn:aws:s3:*" is not a whole ARN; write all six parts`},
		{"two Sids", Identity, one(`{"Sid":"A","Effect":"Allow",` + rest + `, {"Sid":"A","Effect":"Deny",` + rest), `p:3:71: two statements have the Sid "A"`},
		{"a Sid with a space", Identity, one(`{"Sid":"A B","Effect":"Allow",` + rest), `p:3:10: the Sid "A B" has a character that IAM does not take; use letters and digits only`},
		{"Principal in an identity policy", Identity, one(public + rest), `p:3:21: an identity policy has no Principal`},
		{"no Principal in a resource policy", Resource, one(allow + rest), `p:3:3: the statement has no Principal; add Principal`},
		{"no Principal in a trust policy", Trust, one(allow + `"Action":"sts:AssumeRole"}`), `p:3:3: the statement has no Principal; add Principal`},
		{"NotPrincipal in a trust policy", Trust, one(`{"Effect":"Deny","NotPrincipal":"*","Action":"sts:AssumeRole"}`), `p:3:20: a trust policy has no NotPrincipal`},
		{"Resource in a trust policy", Trust, one(public + `"Action":"sts:AssumeRole","Resource":"*"}`), `p:3:63: a trust policy has no Resource`},
		{"another service in a trust policy", Trust, one(public + `"Action":"s3:GetObject"}`), `p:3:46: a trust policy is about actions of sts, not "s3:GetObject"`},
		{"a principal that is neither", Resource, one(allow + `"Principal":"111111111111",` + rest), `p:3:33: Principal "111111111111" is not *; write "*" or {"AWS": …}`},
		{"a type of principals that does not exist", Resource, one(allow + `"Principal":{"Aws":"*"},` + rest), `p:3:34: Principal has no element "Aws"; write AWS`},
		{"a wildcard in a principal", Resource, one(allow + `"Principal":{"AWS":"arn:aws:iam::111111111111:role/*"},` + rest), `p:3:40: the principal "arn:aws:iam::111111111111:role/*" has a wildcard; a principal is exact, or a lone *`},
		{"a wildcard for sessions", Resource, one(allow + `"Principal":{"AWS":"arn:aws:sts::111111111111:assumed-role/r/*"},` + rest), `p:3:40: the principal "arn:aws:sts::111111111111:assumed-role/r/*" has a wildcard; a principal is exact, or a lone *`},
		{"a group", Resource, one(allow + `"Principal":{"AWS":"arn:aws:iam::111111111111:group/g"},` + rest), `p:3:40: the principal "arn:aws:iam::111111111111:group/g" is a group; groups cannot be principals`},
		{"a placeholder in a principal", Resource, one(allow + `"Principal":{"AWS":"arn:aws:iam::<ACCOUNT ID>:root"},` + rest), `p:3:40: the principal "arn:aws:iam::<ACCOUNT ID>:root" has no account of 12 digits`},
		{"a service that is none", Resource, one(allow + `"Principal":{"Service":"ec2"},` + rest), `p:3:44: the principal "ec2" is not a service, such as ec2.amazonaws.com`},
		{"a provider that is none", Trust, one(allow + `"Principal":{"Federated":"arn:aws:iam::111111111111:role/r"},"Action":"sts:AssumeRoleWithSAML"}`), `p:3:46: the principal "arn:aws:iam::111111111111:role/r" is not the ARN of an identity provider`},
		{"an operator that does not exist", Identity, one(allow + `"Condition":{"StringMatches":{"aws:username":"a"}},` + rest), `p:3:34: there is no condition operator "StringMatches"; write StringEquals`},
		{"a set operator that does not exist", Identity, one(allow + `"Condition":{"ForAll:StringLike":{"aws:username":"a"}},` + rest), `p:3:34: there is no set operator "ForAll"; write ForAllValues or ForAnyValue`},
		{"Null with IfExists", Identity, one(allow + `"Condition":{"NullIfExists":{"aws:username":"true"}},` + rest), `p:3:34: the operator Null takes no IfExists; write Null`},
		{"a key in two cases", Identity, one(allow + `"Condition":{"StringLike":{"aws:username":"a","aws:UserName":"b"}},` + rest), `p:3:67: the condition key "aws:UserName" is there twice; keep one of them`},
		{"a value that is an object", Identity, one(allow + `"Condition":{"StringLike":{"aws:username":{}}},` + rest), `p:3:63: the value of a condition is a string, number or boolean, not an object`},
		{"a value that is null", Identity, one(allow + `"Condition":{"StringLike":{"aws:username":[null]}},` + rest), `p:3:64: the value of a condition is a string, number or boolean, not null`},
		{"Principal in an SCP", SCP, one(public + rest), `p:3:21: an SCP has no Principal`},
		{"an RCP that allows", RCP, one(public + rest), `p:3:3: an RCP only denies; Allow is for RCPFullAWSAccess; write Deny`},
		{"an RCP for one principal", RCP, one(`{"Effect":"Deny","Principal":{"AWS":"111111111111"},` + rest), `p:3:3: the Principal of an RCP is *; write "Principal": "*" and a condition`},
		{"NotAction in an RCP", RCP, one(`{"Effect":"Deny","Principal":"*","NotAction":"s3:*","Resource":"*"}`), `p:3:36: an RCP has no NotAction`},
		{"two colons in an action", Identity, one(allow + `"Action":"s3:Get:Object","Resource":"*"}`), `p:3:30: the action "s3:Get:Object" has two colons; write "service:Name"`},
		{"too long", SCP, one(allow + `"Action":"s3:*","Resource":"arn:aws:s3:::` + strings.Repeat("b", 40_000) + `"}`), `p:1:1: the document has 40100 characters, white space not counted, and AWS takes at most 10240 in an SCP`},
		{"longer than AWS's own", Identity, one(allow + `"Action":"s3:*","Resource":"arn:aws:s3:::` + strings.Repeat("b", 400_000) + `"}`), `p:1:1: the document has 400100 characters, white space not counted, and AWS takes at most 262144 in an identity policy`},
		{"10 MB", Resource, strings.Repeat("*?", 5<<20), `p:1:1: the document has 10485760 characters, white space not counted, and AWS takes at most 102400 in a resource policy`},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, ps := Parse([]byte(c.text), "p", c.kind)
			if diff := cmp.Diff(c.want, write(ps)); diff != "" {
				t.Error(diff)
			}
			if d == nil || !d.Rejected {
				t.Error("the document is not rejected")
			}
		})
	}
}

func TestEveryProblemIsReported(t *testing.T) {
	_, ps := Parse([]byte(one(`{"Effect":"allow","Action":"Get","Resource":"b","Condition":{"Like":{"a":"b"}}}`)), "p", Identity)
	if len(ps) != 4 {
		t.Errorf("got %d problems:\n%s", len(ps), write(ps))
	}
}

func TestRejectedDocumentsDoNothing(t *testing.T) {
	bad, _ := Parse([]byte(`{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"*","Foo":1}]}`), "p", Identity)
	good := policy(t, Identity, all)
	r := &Request{Principal: by(t, ann), Action: "s3:GetObject", Resource: file}
	if d := Evaluate(r, &Policies{Identity: []*Document{bad, good}}); !d.Allowed {
		t.Error("a rejected document denies")
	}
	bad, _ = Parse([]byte(`{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}],"Foo":1}`), "p", Identity)
	d := Evaluate(r, &Policies{Identity: []*Document{bad}})
	if want := "no identity policy allows s3:GetObject on arn:aws:s3:::b/k; identity[0] is not valid and grants nothing"; d.Allowed || d.Missing != want {
		t.Errorf("got %+v, want %q", d, want)
	}
	// A boundary that AWS does not take is still one.
	if d := Evaluate(r, &Policies{Identity: []*Document{good}, Boundary: []*Document{bad}}); d.Allowed {
		t.Error("a rejected boundary lets everything pass")
	}
	if allowed, denied := bad.Alone(r); allowed != nil || denied != nil {
		t.Error("a rejected document matches")
	}
}

// AWS takes these, and they do not do what they say.
func TestWarnings(t *testing.T) {
	const rest = `"Action":"s3:*","Resource":"*"}`
	const allow = `{"Effect":"Allow",`
	condition := func(c string) string { return one(`{"Effect":"Allow","Condition":` + c + `,` + rest) }
	for _, c := range []struct{ name, text, want string }{
		{"StringEquals with a wildcard", condition(`{"StringEquals":{"aws:username":"a*"}}`), `p:3:65: StringEquals has no wildcards: the * or ? in "a*" stands for itself; write StringLike`},
		{"but not with an escape", condition(`{"StringEquals":{"aws:username":"a${*}"}}`), ``},
		{"ForAllValues in an Allow", condition(`{"ForAllValues:StringEquals":{"aws:TagKeys":"a"}}`), `p:3:63: ForAllValues:StringEquals on aws:tagkeys in an Allow holds also when the key is not in the request; add a condition Null with "false"`},
		{"but not beside Null", condition(`{"ForAllValues:StringEquals":{"aws:TagKeys":"a"},"Null":{"aws:TagKeys":"false"}}`), ``},
		{"a set operator on a single-valued key", condition(`{"ForAnyValue:StringEquals":{"aws:PrincipalOrgID":"o-1"}}`), `p:3:62: ForAnyValue:StringEquals on aws:principalorgid: the key has one value; leave the set operator out`},
		{"no set operator on a multivalued key", condition(`{"StringEquals":{"aws:TagKeys":"a"}}`), `p:3:50: StringEquals on aws:tagkeys never holds: the key has many values; write ForAnyValue: or ForAllValues:`},
		{"a number that is none", condition(`{"NumericEquals":{"s3:max-keys":"ten"}}`), `p:3:65: NumericEquals does not understand the value "ten", which equals nothing`},
		{"an address that is none", condition(`{"IpAddress":{"aws:SourceIp":"10.0.0/8"}}`), `p:3:62: IpAddress does not understand the value "10.0.0/8", which equals nothing`},
		{"a range that is none", condition(`{"IpAddress":{"aws:SourceIp":"10.0.0.0/33"}}`), `p:3:62: IpAddress does not understand the value "10.0.0.0/33", which equals nothing`},
		{"a date that is none", condition(`{"DateLessThan":{"aws:CurrentTime":"2026-13-01"}}`), `p:3:68: DateLessThan does not understand the value "2026-13-01", which equals nothing`},
		{"no values", condition(`{"StringEquals":{"aws:username":[]}}`), `p:3:50: StringEquals on aws:username has no value: a positive operator never holds, a negated one always does`},
		{"an operator in another case", condition(`{"stringlike":{"aws:username":"a"}}`), `p:3:34: the operator "stringlike" is not written as AWS writes it; write StringLike`},
		{"a variable without its version", `{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::${aws:username}"}}`, `p:1:59: the resource "arn:aws:s3:::${aws:username}" has a policy variable, which Version 2008-10-17 does not know; write "Version": "2012-10-17"`},
		{"a variable without its version in a condition", `{"Statement":{"Effect":"Allow","Condition":{"StringLike":{"s3:prefix":"${aws:username}/*"}},` + rest + `}`, `p:1:71: "${aws:username}/*" has a policy variable, which Version 2008-10-17 does not know; write "Version": "2012-10-17"`},
		{"white space in an action", one(`{"Effect":"Allow","Action":"s3: Get*","Resource":"*"}`), `p:3:30: the action "s3: Get*" has white space in it and matches nothing`},
		{"an account of 11 digits", one(allow + `"Action":"s3:*","Resource":"arn:aws:iam::11111111111:role/a"}`), `p:3:48: the resource "arn:aws:iam::11111111111:role/a" has an account that can not be, and so has no resource; write 12 digits or *`},
		{"a placeholder for an account", one(allow + `"Action":"s3:*","Resource":"arn:aws:iam::<ACCOUNT ID>:role/a"}`), `p:3:48: the resource "arn:aws:iam::<ACCOUNT ID>:role/a" has an account that can not be, and so has no resource; write 12 digits or *`},
		{"a variable for an account", one(allow + `"Action":"s3:*","Resource":"arn:aws:iam::${aws:PrincipalAccount}:role/a"}`), `p:3:48: the resource "arn:aws:iam::${aws:PrincipalAccount}:role/a" has an account that can not be, and so has no resource; write 12 digits or *`},
		{"a variable for a region", one(allow + `"Action":"s3:*","Resource":"arn:aws:sqs:${aws:RequestedRegion}:111111111111:q"}`), `p:3:48: the resource "arn:aws:sqs:${aws:RequestedRegion}:111111111111:q" has a region that can not be, and so has no resource; write a region or *`},
		{"a key without service", condition(`{"StringLike":{"PassedToService":"a"}}`), `p:3:48: the condition key "PassedToService" has no service, and is in no request; write "service:Name"`},
		{"more than anybody but AWS can store", one(allow + `"Action":"s3:*","Resource":"arn:aws:s3:::` + strings.Repeat("b", 40_000) + `"}`), `p:1:1: the document has 40100 characters, white space not counted; in an identity policy only AWS's own have more than 32768`},
		{"an Id", `{"Version":"2012-10-17","Id":"x","Statement":` + `{"Effect":"Allow",` + rest + `}`, `p:1:25: an identity policy has no Id; leave it out`},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, ps := Parse([]byte(c.text), "p", Identity)
			if len(ps) > 0 || d.Rejected {
				t.Error(write(ps))
			}
			if diff := cmp.Diff(c.want, write(d.Warnings)); diff != "" {
				t.Error(diff)
			}
		})
	}
	d, _ := Parse([]byte(one(`{"Effect":"Allow","Principal":{"AWS":"AROAEXAMPLEEXAMPLE123"},"Action":"*","Resource":"*"}`)), "p", Resource)
	if want := `p:3:40: the principal "AROAEXAMPLEEXAMPLE123" is one that was deleted; it matches nobody; name it by its ARN`; write(d.Warnings) != want {
		t.Errorf("got %s", write(d.Warnings))
	}
}

func TestWhatAWSTakes(t *testing.T) {
	for _, c := range []struct {
		name string
		kind Kind
		text string
	}{
		{"one statement without a list", Identity, `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`},
		{"numbers and booleans as values", Identity, one(`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":true},"NumericEquals":{"s3:max-keys":[1,2.5]}}}`)},
		{"an empty Condition", Identity, one(`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{}}`)},
		{"empty Sids", Identity, one(`{"Sid":"","Effect":"Allow","Action":"*","Resource":"*"},{"Sid":"","Effect":"Deny","Action":"*","Resource":"*"}`)},
		{"other partitions", Identity, one(`{"Effect":"Allow","Action":"*","Resource":["arn:aws-cn:s3:::b","arn:aws-us-gov:s3:::b","arn:aws-iso-b:s3:::b","arn:*:s3:::b"]}`)},
		{"short ARNs", Identity, one(`{"Effect":"Allow","Action":"*","Resource":["arn:aws","arn:aws:s3","arn:aws:sqs:eu-west-1"]}`)},
		{"AWS's own resources", Identity, one(`{"Effect":"Allow","Action":"*","Resource":["arn:aws:iam::aws:policy/ReadOnlyAccess","arn:aws:cloudformation:*:aws:transform/Serverless-2016-10-31","arn:aws:iam::123*:role/x"]}`)},
		{"a bucket policy", Resource, `{"Version":"2008-10-17","Id":"PolicyForCloudFront","Statement":[{"Sid":"1 of 1","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}]}`},
		{"RCPFullAWSAccess", RCP, one(`{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}`)},
		{"an SCP in the full language", SCP, one(`{"Effect":"Allow","NotAction":"iam:*Key*","NotResource":"arn:aws:s3:::b","Condition":{"Bool":{"aws:SecureTransport":"true"}}}`)},
		{"services everywhere", Trust, one(`{"Effect":"Allow","Principal":{"Service":["ec2.amazonaws.com.cn","delivery.logs.amazonaws.com","pods.eks.amazonaws.com"]},"Action":["sts:AssumeRole","sts:TagSession"]}`)},
		{"characters count, not bytes", RCP, one(`{"Effect":"Deny","Principal":"*","Action":"*","Resource":"arn:aws:s3:::` + strings.Repeat("é", 4_900) + `"}`)},
		{"white space does not count", Trust, one(strings.Repeat(" ", 100_000) + `{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}`)},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, ps := Parse([]byte(c.text), "p", c.kind)
			if len(ps) > 0 || len(d.Warnings) > 0 || d.Rejected {
				t.Errorf("%s\n%s", write(ps), write(d.Warnings))
			}
		})
	}
}

func TestParseKeepsWhatIsWritten(t *testing.T) {
	d := doc(t, Resource, one(`{"Sid":"S","Effect":"Deny","NotPrincipal":{"AWS":["111111111111"],"Service":"ec2.amazonaws.com"},"NotAction":"S3:Get*","NotResource":["arn:aws:s3:::b"],
   "Condition":{"ForAnyValue:StringNotLikeIfExists":{"aws:TagKeys":["a",1]}}}`))
	s := d.Statements[0]
	got := fmt.Sprintln(d.Version, s.Pos, s.Sid, s.Effect, s.NotPrincipals[0].Type, s.NotPrincipals[0].Value, s.NotPrincipals[1].Type, s.NotPrincipals[1].Value,
		s.NotActions[0].Text, s.NotResources[0].Text, s.Conditions[0].Pos, s.Conditions[0].Key, s.Conditions[0].Values, s.Conditions[0].Operator)
	want := "2012-10-17 p.json:3:3 S Deny AWS 111111111111 Service ec2.amazonaws.com S3:Get* arn:aws:s3:::b p.json:4:54 aws:tagkeys [a 1] {ForAnyValue:StringNotLikeIfExists 3 true true 2}\n"
	if got != want {
		t.Errorf("got  %swant %s", got, want)
	}
}
