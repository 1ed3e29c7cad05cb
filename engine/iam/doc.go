// Package iam decides what AWS Identity and Access Management would decide:
// whether a principal may do an action on a resource, under the policies that
// apply, and by which of their statements.
//
// # Words
//
//   - A Document is one policy document; a Statement one of its statements.
//   - A Request is one authorisation: who, what, on what, and the condition
//     keys (the Context). One API call may need several.
//   - Policies are all documents that apply to a request, by the place they
//     hold: identity, boundary, session, resource, endpoint, SCPs, RCPs.
//   - A Decision is allow or deny, with the statements that made it and, for a
//     denial, what is missing.
//
// The rules are those of the IAM User Guide ("Policy evaluation logic", "IAM
// JSON policy elements"), of the AWS Organizations pages on SCPs and RCPs and
// of the KMS and S3 guides. Where they are silent or disagree, Options names
// both readings, and docs/iam.md says which is the default and why.
//
// # What it is not
//
// It knows no Terraform and no account: engine/iam/access puts the policies of
// an estate together. It evaluates one request; engine/iam/permit answers
// questions about all requests at once. It does not know which resources an
// API call touches.
//
// Example:
//
//	d, problems := iam.Parse(text, "policy.json", iam.Identity)
//	caller, err := iam.ParsePrincipal("arn:aws:iam::111111111111:role/orders")
//	r := &iam.Request{Principal: caller, Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k"}
//	fmt.Println(iam.Evaluate(r, &iam.Policies{Identity: []*iam.Document{d}}).Missing)
package iam
