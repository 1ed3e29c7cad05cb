package sounding

import "strings"

// Where texts stand in the drawing. An SVG does not break lines or measure
// text, so that widths are reckoned from the number of letters.

// TextX, TextY and SubY are where a node's texts begin.
func (n *node) TextX() int { return n.X + 10 }

// TextY is the baseline of the label: in the middle where nothing is below it.
func (n *node) TextY() int {
	if n.Sub == "" {
		return n.Y + n.H/2 + 5
	}
	return n.Y + 18
}

// SubY is the baseline of what stands below the label.
func (n *node) SubY() int { return n.Y + 33 }

// Squeeze is the width that a label too long for its node is set to; 0 for none.
func (n *node) Squeeze() int {
	if width(n.Label, 7.2) > n.W-20 {
		return n.W - 20
	}
	return 0
}

func width(text string, perLetter float64) int {
	return int(float64(len([]rune(text))) * perLetter)
}

// PillW, PillX and PillY are the pill behind a number.
func (h hop) PillW() int { return max(18, width(h.Number, 7)+12) }

// PillX is the left of it.
func (h hop) PillX() int { return h.X - h.PillW()/2 }

// PillY is the top of it.
func (h hop) PillY() int { return h.Y - 9 }

// overlaps says whether the number and the boxes of a line stand on another's.
func (h hop) overlaps(o hop) bool {
	w, ow := h.PillW(), o.PillW()
	for _, g := range h.Guards() {
		w = max(w, g.W)
	}
	for _, g := range o.Guards() {
		ow = max(ow, g.W)
	}
	tall := func(h hop) int { return 22 + 19*len(h.Felled) }
	return abs(h.X-o.X) < (w+ow)/2+4 && h.Y < o.Y+tall(o) && o.Y < h.Y+tall(h)
}

func abs(n int) int { return max(n, -n) }

// NumberY is the baseline of the number.
func (h hop) NumberY() int { return h.Y + 4 }

// guardBox is a control's name on a line.
type guardBox struct {
	Name         string
	X, Y, W      int
	TextX, TextY int
}

// Guards are the boxes of the controls that had to fall on the line, one below
// another under its number.
func (h hop) Guards() []guardBox {
	var out []guardBox
	for i, f := range h.Felled {
		name := f[strings.IndexByte(f, '.')+1:]
		w := width(name, 6.4) + 10
		y := h.Y + 12 + 19*i
		out = append(out, guardBox{Name: name, X: h.X - w/2, Y: y, W: w, TextX: h.X, TextY: y + 12})
	}
	return out
}

// TextY is where the name of a ring stands: at the top of its circle.
func (l htmlLayer) TextY() int { return 234 - l.R }
