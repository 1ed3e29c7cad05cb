package platform

import (
	"fathom/diag"
)

// checker asks what no shape can say: whether the parts of a declaration fit
// together.
type checker struct {
	*Platform
	tree     *node
	o        Options
	problems *diag.Problems
	// sound says that every value had its shape: only then is it a mistake that
	// something is nowhere.
	sound bool
}

func (c *checker) add(at diag.Pos, fix, format string, args ...any) {
	c.problems.Addf(at, fix, format, args...)
}

func (c *checker) check() {}
