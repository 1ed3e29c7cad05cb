// Package lint finds what a web ACL does not do although it looks as if it did:
// rules that earlier ones shadow, labels that nobody adds, overrides of rules that
// are not there, exemptions that anybody can meet, rules that only count.
//
// It judges the web ACL alone, by what AWS documents of it; whether it stands in
// front of anything is for the controls of layer edge.
//
//	for _, f := range lint.Lint(acl, options) {
//		fmt.Println(f.At, f.Summary, f.Fix)
//	}
package lint
