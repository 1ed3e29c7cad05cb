// Package assembly puts a web ACL together with what it needs to run: the managed
// rule groups, a geo database and counters. fathom waf and the gateway both use
// it, so that one request meets one verdict wherever it is asked.
//
//	a, problems := assembly.New(acl, assembly.Options{Counter: counter})
//	a.Program.Evaluate(&request, &verdict)
//	a.StandIns(&verdict) // which of the groups are no rules of AWS
//
// It reads no files and keeps no counts of its own.
package assembly
