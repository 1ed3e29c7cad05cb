package iam

// Options are the readings of rules that AWS does not document or documents in
// two ways. The zero Options are the defaults; docs/iam.md has the reasons.
type Options struct {
	// FoldResourceCase compares resources without regard to case. By default
	// case counts, as names of S3 objects need it.
	FoldResourceCase bool
	// EmptyIsAbsent takes a single-valued key that holds the empty string for
	// absent. By default it is there.
	EmptyIsAbsent bool
	// AnyOfMany lets an operator without a set operator hold on a multivalued
	// key when one of its values passes. By default it does not hold.
	AnyOfMany bool
	// MappedIPv6 keeps ::ffff:192.0.2.1 apart from 192.0.2.1. By default they
	// are one address.
	MappedIPv6 bool
	// NotPrincipalAccount lets an account in NotPrincipal of a Deny exempt all
	// principals of the account. By default only those are exempt that are
	// listed themselves, beside their account.
	NotPrincipalAccount bool
	// NotPrincipalAlone lets a user or role in NotPrincipal of a Deny be exempt
	// without its account being listed. By default the account has to be.
	NotPrincipalAlone bool
	// RolePathRoot takes the role of a session whose path is not known for one
	// without a path. By default account and name decide.
	RolePathRoot bool
	// UnresolvedHolds lets NotResource with a policy variable that has no
	// value match every resource, as the complement of what matches nothing. By
	// default such a NotResource matches nothing either: the statement does not
	// apply.
	UnresolvedHolds bool
	// NoBoolVariables leaves policy variables in values of Bool alone, which then
	// equal nothing. By default they are replaced, as in strings.
	NoBoolVariables bool
	// RCPEverywhere lets RCPs bear on every service, not on those of the table.
	RCPEverywhere bool
}
