// Package diag says what is wrong in something a person wrote: where, what,
// and how to mend it.
//
// It is for problems in files (a syntax error, a module that is not there).
// What goes wrong in the machine is an ordinary Go error, and what a control
// thinks of an estate is a control.Finding.
package diag
