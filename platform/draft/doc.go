// Package draft writes a declaration of a platform that is there already: the
// estate of Terraform, Kubernetes and workflow files goes in, and the text of a
// platform.yaml comes out, with a list of what could not be told.
//
// # Words
//
//   - A guess is a value that parses and that nobody wrote: its line has the
//     comment "could not tell: …", with what to do about it.
//   - A remark says on a line how it is today, where that is not taken over: a
//     backup that is kept for a day, a web ACL that only counts.
//   - A note is an entry of the list: every guess and remark, and whatever was
//     left out, each with the place in the estate's files.
//
// # What is taken over
//
// What the files say exactly: names, ports, bounds, who calls whom where the mesh
// or a NetworkPolicy says so, who uses a store where a role or an address says so.
// What contradicts the safe form is not: permissions with wildcards, networks that
// are the whole internet, images without a digest. Where the checker of package
// platform refuses a combination, the draft gives way, and says so.
//
// # What it is not
//
// It judges nothing: that is fathom audit. It does not promise that a platform
// rendered from the draft is the one that is there: a draft is read, corrected and
// only then rendered.
//
//	d := draft.Of(e, draft.Options{Name: "shop"})
//	os.Stdout.Write(d.Text)
package draft
