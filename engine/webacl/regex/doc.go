// Package regex matches the regular expressions of AWS WAF: the syntax of libpcre
// without what AWS's documentation leaves out (back-references, subroutine calls,
// conditions, backtracking verbs, \C, \R, \K, callouts, atomic groups, possessive
// quantifiers), each of which Compile refuses by name.
//
// It is no general library: there are no captures, no replacing, no Unicode. As in
// libpcre without its UTF mode, a character is a byte, and case is that of ASCII; a
// letter beyond ASCII in an expression stands for its bytes in UTF-8.
//
//	re, err := regex.Compile(`(?i)^/admin(?!/public)`)
//	start, end, found := re.Find(path) // No, Yes or Undecided
//
// Go's regexp does the matching where it can say the same, in time linear in the
// text. Where it cannot (what looks ahead or behind, the line end that $ allows) a
// backtracking matcher does, that remembers where it failed and takes at most
// MaxSteps; beyond that it answers Undecided.
package regex
