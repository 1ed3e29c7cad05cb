// Package sounding measures how deep an estate is and reports it: for every
// kind of attacker and every crown jewel the number of controls that must fail
// before he has it, with the path that shows it and the cuts that prove it.
//
// # Words
//
//   - An Aim is something attackers are after: a column of the table. The crown
//     jewels are aims, and so are the account, the pipeline and the backups.
//   - A Row is a family of attackers, with a line for every start of it.
//   - A Cell is how deep an aim is against a start, or against the worst start of
//     a family.
//   - An Objective is a depth that somebody asks for, and whether it is met.
//
// # What it is not
//
// It finds no depth (engine/depth does), knows no step (the layers do) and no
// ground (layer/ground does): it asks about them, has every answer checked, and
// says what it means.
//
//	r, err := sounding.Measure(ground.Of(e), all.Steps(e), controls, sounding.Options{})
//	err = r.WriteText(os.Stdout, sounding.TextOptions{})
package sounding
