// Package platform is what a team declares: its services and who calls whom, its
// stores and what they hold, its edge, its people, its pipeline and what it wants
// to be true of all that.
//
//	p, problems := platform.Parse("platform.yaml", text, platform.Options{Today: today})
//	if p == nil {
//		return problems // all of them, each with its line and what to do
//	}
//
// A Platform that Parse returned is consistent: every name in it is declared,
// every default is filled in (but for the version and size of stores, which layer
// data knows), and whoever renders it need not ask again. Parse knows no clock
// and no controls: the day, and the names of controls and managed rules, are
// Options.
//
// A declaration is read in three steps: yaml.go turns YAML into nodes with
// positions and refuses what a declaration does without; shape.go holds them to
// the table in table*.go, of which Schema prints the JSON Schema, too; and
// check*.go asks what no shape can say, such as whether card data reaches a
// service that has no business with it. docs/platform.md is the manual.
//
// It is not what is there: that is the estate, which is read from the files that
// were rendered or written by hand. Nothing but render reads a declaration. What
// only the declaration knows (data classes, owners, crown jewels, objectives)
// travels as tags and annotations, named in package render.
package platform
