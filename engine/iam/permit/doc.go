// Package permit answers questions about all requests at once: does a new
// policy document permit any request that the old one does not, may anybody
// outside the account assume this role, which statements does nobody need.
// Answers are exact, without a solver and without enumerating the world, and
// every Yes comes with a witness: a request that package iam permits by the new
// document and not by the old. What cannot be decided is Undecided, with the
// reason.
//
//	old, _ := iam.Parse(oldText, "old.json", iam.Identity)
//	new, _ := iam.Parse(newText, "new.json", iam.Identity)
//	answer := permit.Compare(old, new, permit.Options{})
//	if answer.Grants == permit.Yes {
//		fmt.Println(answer.Summary) // new statement 1 lets its holder do …
//	}
//
// # How
//
// A request is a point in a product of independent dimensions: the action, the
// resource, the caller, and each condition key. An element of a statement is a
// literal, true or false of a value in one dimension; a statement is a
// conjunction of literals; a document permits what some Allow matches and no
// Deny does. So a question is a few literals that have to hold and a list of
// statements that must not match, and the search (search.go) chooses values,
// looks for a statement that matches although it must not, and branches on
// which of its literals is false instead.
//
// Whether there is a value for some literals is decided in each dimension by
// itself: among texts that the documents suggest, and if none fits by a walk
// through the product of their automata (meet.go), which finds a text or proves
// that there is none. Numbers, dates, addresses and booleans have
// finitely many values that their conditions can tell apart (families.go). A
// condition key is absent, one value, or a list (key.go). A caller is a user, a
// session, a service …, and aws:PrincipalArn, aws:PrincipalAccount, aws:username
// and their like follow from it (who.go): "Principal": a role's ARN, and
// "Principal": "*" with a condition on aws:PrincipalArn, are the same. In trust
// policies the action says which callers there are.
//
// A policy variable is first given values that are worth a try (assign.go),
// which can show a grant; then it stays open as a symbol that only a * or the
// same variable is sure to match (open.go), which can rule one out for all
// values. Between the two is Undecided.
//
// Whatever the search finds is evaluated by package iam before it is an answer.
// The tests hold the engine to random requests, to the enumeration of a small
// world, and to the pairs that AWS has labelled (testdata); FATHOM_CASES sets
// how many requests they evaluate, 100000 where it is not set.
//
// # Decisions
//
//   - Actions and resources are open sets: "s3:*" is more than all actions that
//     S3 has today, and an ARN may have any region and account.
//   - Identity policies are about users, role sessions and federated sessions;
//     SCPs about root users too; the others about every sort of caller. Sessions
//     have a name. In a trust policy web identities only come with
//     AssumeRoleWithWebIdentity, SAML providers with AssumeRoleWithSAML, and
//     users, roles and services with AssumeRole; other actions of STS may come
//     from any but anonymous callers.
//   - RCPs stand beside RCPFullAWSAccess, which cannot be detached: one that
//     denies less grants more. SCPs stand alone: FullAWSAccess may be missing.
//   - A key has one value, unless it is one of AWS's multivalued keys or a
//     document uses it with a set operator; then it may have one or a list.
//   - aws:PrincipalOrgID, aws:PrincipalOrgPaths, aws:PrincipalTag and the keys
//     of multi-factor authentication are only there for principals of an
//     account. In trust policies the keys of a token ("issuer-host:sub") are only
//     there for web identities of that issuer, those of SAML for SAML.
//   - The account in a resource's ARN is aws:ResourceAccount; without one, any
//     account may own the resource.
//   - The witness of a resource policy is a caller of another account where
//     there is one, with a resource owned by an account that the documents name,
//     so that it is the resource policy that decides.
//   - kms:CallerAccount is the caller's account for the actions of KMS, and
//     absent otherwise. aws:userid of users and sessions begins with AIDA and
//     AROA.
//
// # What it is not
//
// It looks at one document against another, not at all that apply to a
// request: that is iam.Evaluate. Undecided are questions beyond the budget,
// conditions of different types on one key where neither type decides alone,
// and policy variables for which no value shows a grant and none is ruled out.
package permit
