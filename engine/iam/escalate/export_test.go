package escalate

import (
	"fathom/engine/iam/access"
	"fathom/estate"
)

// FindSlow is Find without what spares evaluations.
func FindSlow(e *estate.Estate, w *access.World, o Options) []Path {
	f := newFinder(e, w, o)
	f.slow = true
	var out []Path
	for i := range f.people {
		out = append(out, f.from(i)...)
	}
	return out
}

// The pieces that have tests of their own.
var (
	Glob = glob
	Meet = meet
	Fill = fill
)
