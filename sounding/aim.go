package sounding

import (
	"fathom/diag"
	"fathom/engine/depth"
	"fathom/layer/ground"
)

// Aim is something attackers are after: a column of the table.
type Aim struct {
	// Name is as --to takes it: store/card-vault, checkout, admin.
	Name string
	// Says is it as a noun phrase: store/card-vault (cardholder: pan).
	Says string
	// At is where it is declared; zero for what is declared nowhere.
	At diag.Pos
	// Targets are the depths that the files ask for.
	Targets []ground.Target

	goals func(ground.Family) []depth.Capability
}

// Goals are what attackers of a family want of it: any of them; none where they
// have nothing to do with it.
func (a *Aim) Goals(f ground.Family) []depth.Capability { return a.goals(f) }
