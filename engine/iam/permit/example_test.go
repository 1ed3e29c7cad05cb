package permit_test

import (
	"fmt"

	"fathom/engine/iam"
	"fathom/engine/iam/permit"
)

func document(kind iam.Kind, text string) *iam.Document {
	d, problems := iam.Parse([]byte(text), "policy.json", kind)
	if len(problems) > 0 {
		panic(problems[0].Error())
	}
	return d
}

func ExampleCompare() {
	old := document(iam.Identity, `{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::invoices/*"},
		{"Effect": "Deny", "Action": "s3:Delete*", "Resource": "*"}]}`)
	new := document(iam.Identity, `{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::invoices/2026/*"},
		{"Effect": "Deny", "Action": "s3:DeleteBucket*", "Resource": "*"}]}`)
	answer := permit.Compare(old, new, permit.Options{})
	fmt.Println(answer.Grants)
	fmt.Println(answer.Summary)
	// Output:
	// yes
	// new statement 0 lets its holder do s3:* on arn:aws:s3:::invoices/2026/*; old does not, for example arn:aws:sts::111111111111:assumed-role/Example/session doing s3:DeleteObject on arn:aws:s3:::invoices/2026/example
}

// Who outside the account may assume a role?
func ExampleFind() {
	trust := document(iam.Trust, `{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Principal": {"AWS": ["111111111111", "222222222222"]}, "Action": "sts:AssumeRole"}]}`)
	answer := permit.Find(trust, permit.Constraint{OutsideAccounts: []string{"111111111111"}}, permit.Options{})
	fmt.Println(answer.Summary)
	// Output:
	// statement 0 lets any principal of account 111111111111 or any principal of account 222222222222 do sts:AssumeRole, for example arn:aws:sts::222222222222:assumed-role/Example/session doing sts:AssumeRole on arn:aws:iam::111111111111:role/Example
}

func ExampleUnneeded() {
	role := document(iam.Identity, `{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::invoices/*"},
		{"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}]}`)
	fmt.Println(permit.Unneeded(role, []permit.Need{{Action: "s3:PutObject", Resource: "arn:aws:s3:::invoices/*"}}, permit.Options{}))
	// Output:
	// [1]
}
