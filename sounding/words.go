package sounding

import (
	"fmt"
	"slices"
	"strings"

	"fathom/engine/depth"
	"fathom/layer/ground"
)

// String is the cell as the table shows it: 4, 2 to 4, more than 8, never; – for
// what such an attacker is not after, or where he has no place to begin.
func (c *Cell) String() string {
	if c.Kind != Measured {
		return "–"
	}
	least, most := number(&c.Least), number(&c.Most)
	if least == most {
		return least
	}
	return least + " to " + most
}

// number is one bound in words.
func number(b *depth.Bound) string {
	switch {
	case b.Never:
		return "never"
	case b.Over:
		return fmt.Sprintf("more than %d", b.N)
	}
	return fmt.Sprint(b.N)
}

// AtLeast says whether the depth is n or more, whatever is unknown. What is not
// measured cannot be reached, and so is deep enough.
func (c *Cell) AtLeast(n int) bool { return c.Kind != Measured || deep(&c.Least) >= n }

// never is deeper than any number.
const never = 1 << 30

// deep is a bound as a number to compare.
func deep(b *depth.Bound) int {
	switch {
	case b.Never:
		return never
	case b.Over:
		return b.N + 1
	}
	return b.N
}

// Layers are the layers of the controls that the cell's path has to defeat, in
// the order in which it meets them.
func (c *Cell) Layers() []string {
	var out []string
	for i := range c.Least.Path {
		for _, s := range c.Least.Path[i].Past {
			if l := s.Layer(); !slices.Contains(out, l) {
				out = append(out, l)
			}
		}
	}
	return out
}

// Felled are the names of the units that the cell's path defeats.
func (c *Cell) Felled() []string {
	var out []string
	for i := range c.Least.Felled {
		out = append(out, c.Least.Felled[i].Name)
	}
	return out
}

// Name is the cell in a few words: pod/search → store/card-vault.
func (c *Cell) Name() string { return c.From + " → " + c.To }

// Sentence is what the cell says, without a full stop.
func (c *Cell) Sentence() string {
	from := c.From
	if from == "" {
		from = c.Family.String()
	}
	name := from + " → " + c.To
	switch {
	case c.Kind == NotHis:
		return name + ": " + notHis(c.Family)
	case c.Kind == NoStart:
		return name + ": the files show no place where such an attacker could begin"
	case c.Least.Never:
		return name + ": never; no step known to Fathom leads there, whatever fails"
	case c.String() != number(&c.Least):
		return fmt.Sprintf("%s: %s controls must fail, depending on what is not known", name, c)
	case c.Least.Over:
		return fmt.Sprintf("%s: %s controls must fail", name, c)
	case c.Least.N == 0:
		return name + ": 0; it is open, no control has to fail"
	}
	verb := "controls must fail"
	if c.Least.N == 1 {
		verb = "control must fail"
	}
	return fmt.Sprintf("%s: %d %s: %s", name, c.Least.N, verb, strings.Join(c.Felled(), ", "))
}

// notHis says why a family has no goal.
func notHis(f ground.Family) string {
	if f == ground.Floods {
		return "a flood takes no data"
	}
	return "only a flood is after it"
}
