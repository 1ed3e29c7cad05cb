// Package crs asks the OWASP Core Rule Set what it makes of a request.
//
// The rule set runs in Coraza, through Coraza's public API. Inspector and
// Transaction are the seam: whoever uses them sees neither Coraza nor SecLang,
// so that an engine that compiles the rule set can take Coraza's place.
//
//	inspector, err := crs.New(crs.Options{Paranoia: 1})
//	t := inspector.Start(&crs.Request{Method: "GET", URI: "/?q=…", Version: "HTTP/1.1"})
//	defer t.Close()
//	result := t.Request(body) // result.Hits, result.Score, result.Blocked
//
// The rules only ever detect: Result.Blocked says what the rule set itself
// decides by its anomaly score, and the caller acts on it or not.
//
// It is no web ACL: package managed maps the rules to those of AWS's managed
// groups. It does not read a network or a body; but Coraza writes the files of
// a multipart body to the system's temporary folder until Close, unless it is
// built with the tag no_fs_access.
//
// Coraza asks every rule about every value. Two things before that spare most of
// it, and change no result (tests hold them against Coraza's own): a screen, which
// looks once at each value for all rules and takes those out that cannot match,
// and an operator that looks for what an expression needs before it runs.
//
// Coraza's registries of operators and actions are global to the process. New
// registers there, once, under names of their own (fathomrx, fathomscreen), and
// rewrites the rules to call them; Coraza's operators are left alone, so that
// another user of Coraza in the same process is not affected.
package crs
