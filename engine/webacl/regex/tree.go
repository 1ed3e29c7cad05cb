package regex

// set is a set of bytes.
type set [4]uint64

func (s *set) add(c byte)      { s[c>>6] |= 1 << (c & 63) }
func (s *set) has(c byte) bool { return s[c>>6]&(1<<(c&63)) != 0 }
func (s *set) addRange(a, b int) { // both included
	for c := a; c <= b; c++ {
		s.add(byte(c))
	}
}

func (s *set) union(o set) {
	for i := range s {
		s[i] |= o[i]
	}
}

func (s set) not() set {
	for i := range s {
		s[i] = ^s[i]
	}
	return s
}

// fold adds the other case of each ASCII letter.
func (s *set) fold() {
	for c := byte('a'); c <= 'z'; c++ {
		if s.has(c) || s.has(c-32) {
			s.add(c)
			s.add(c - 32)
		}
	}
}

func setOf(bytes string) (s set) {
	for _, c := range []byte(bytes) {
		s.add(c)
	}
	return s
}

// op is what a node is.
type op uint8

const (
	empty  op = iota
	one       // one byte of a set
	concat    // its parts after each other
	choice    // one of its parts, the first first
	repeat    // its only part, min to max times
	look      // its only part here, or before here; nothing is consumed

	beginText
	endText
	endTextOrLine // the end, or before a line end that is the end
	beginLine     // the start, or after a line end that is not the end
	endLine
	wordEdge
	noWordEdge
)

// node is a part of an expression.
type node struct {
	op   op
	set  set
	subs []*node
	// min and max are of repeat; max is -1 where there is no bound.
	min, max int
	lazy     bool
	// behind and negative are of look.
	behind, negative bool
}

// size is how many instructions the node makes at most, counted up to a little
// over maxProgram.
func (n *node) size() int {
	total := 1
	if n.op == choice {
		total += len(n.subs)
	}
	for _, s := range n.subs {
		total = min(total+s.size(), maxProgram+1)
	}
	if n.op == repeat {
		times := max(n.max, n.min+1, 1)
		total = min((total+1)*times, maxProgram+1)
	}
	return total
}

// nullable says whether the node can match nothing.
func (n *node) nullable() bool {
	switch n.op {
	case one:
		return false
	case concat:
		for _, s := range n.subs {
			if !s.nullable() {
				return false
			}
		}
		return true
	case choice:
		for _, s := range n.subs {
			if s.nullable() {
				return true
			}
		}
		return false
	case repeat:
		return n.min == 0 || n.subs[0].nullable()
	default:
		return true
	}
}

// width is how many bytes the node matches, if that is always the same.
func (n *node) width() (width int, fixed bool) {
	switch n.op {
	case one:
		return 1, true
	case concat:
		for _, s := range n.subs {
			w, ok := s.width()
			if !ok {
				return 0, false
			}
			width += w
		}
		return width, true
	case choice:
		for i, s := range n.subs {
			w, ok := s.width()
			if !ok || i > 0 && w != width {
				return 0, false
			}
			width = w
		}
		return width, true
	case repeat:
		w, ok := n.subs[0].width()
		return w * n.min, ok && (n.min == n.max || w == 0 && n.max >= 0)
	default:
		return 0, true
	}
}

// has says whether the node or a part of it is of a kind.
func (n *node) has(op op) bool {
	if n.op == op {
		return true
	}
	for _, s := range n.subs {
		if s.has(op) {
			return true
		}
	}
	return false
}

// isNarrow says that bytes beyond ASCII match nothing in the node. Between the bytes
// of one character \B would match.
func (n *node) isNarrow() bool {
	if n.op == noWordEdge || n.op == one && n.set[2]|n.set[3] != 0 {
		return false
	}
	for _, s := range n.subs {
		if !s.isNarrow() {
			return false
		}
	}
	return true
}

// first is the set of bytes that a match begins with. It is of no use where the
// node is nullable.
func (n *node) first() (s set) {
	switch n.op {
	case one:
		return n.set
	case concat:
		for _, sub := range n.subs {
			s.union(sub.first())
			if !sub.nullable() {
				break
			}
		}
	case choice, repeat:
		for _, sub := range n.subs {
			s.union(sub.first())
		}
	}
	return s
}

// anchored says that a match can only begin where the text does.
func (n *node) anchored() bool {
	switch n.op {
	case beginText:
		return true
	case concat:
		for _, s := range n.subs {
			if s.anchored() {
				return true
			}
			if w, fixed := s.width(); !fixed || w > 0 {
				return false
			}
		}
		return false
	case choice:
		for _, s := range n.subs {
			if !s.anchored() {
				return false
			}
		}
		return len(n.subs) > 0
	case repeat:
		return n.min > 0 && n.subs[0].anchored()
	default:
		return false
	}
}
