// Package platform is what a team declares: its services and who calls whom, its
// stores and what they hold, its edge, its people, its pipeline and what it wants
// to be true of all that.
//
//	p, problems := platform.Parse("platform.yaml", text, platform.Options{Today: today})
//
// A Platform that Parse returned without an error among its problems is
// consistent: every name in it is declared, every default is filled in, and
// whoever renders it need not ask again.
//
// It is not what is there: that is the estate, which is read from the files that
// were rendered or written by hand. Nothing but render reads a declaration. What
// only the declaration knows (data classes, owners, crown jewels, objectives)
// travels as tags and annotations, named in package render.
package platform
