// Package cli is the command line: one file for each verb. It is the only
// package of those it uses that touches the disk, the clock and the
// environment.
//
// stdout is the result, stderr is progress, problems and warnings. The exit
// code is 0 when all is well, 1 when something could not be done or read, 2 for
// misuse, 3 for findings at the level asked (also when something could not be
// read), and 130 when interrupted.
//
// The scripts in testdata/script are the manual that is tested.
package cli
