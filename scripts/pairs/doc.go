// Command pairs compares each pair of policies of a file of AWS's labelled
// pairs and prints one line a pair and a total. It exits with 1 when an answer
// is not what AWS says, or undecided.
//
//	go run ./scripts/pairs [FILE]
//
// A line of the file is {"id", "kind", "label", "old", "new", "grantsNew"}.
// What AWS says is in the label, the heading on AWS's page: PASS for nothing
// new, FAIL otherwise. Where grantsNew says otherwise than the label, the line
// is marked disputed and shows the witness, which package iam has evaluated.
package main
