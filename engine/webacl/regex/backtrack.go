package regex

import (
	"slices"
	"sync"
)

// maxMemo bounds the memory of a match, in bits: 16 MB. A text and an expression
// that together need more are undecided.
const maxMemo = 1 << 27

// machine runs a program over a text.
type machine struct {
	*program
	text  []byte
	steps int // that are left
	// failed has a bit for each memo and place from which the program is known to
	// fail, or which is being tried; good for those inside of looks from which it
	// is known to match.
	failed, good []uint64
	stack        []choicePoint
	// tried and path are of the look that runs: all that it tried, and the way it
	// is on.
	tried, path []int
}

// choicePoint is where to go on after a failure.
type choicePoint struct {
	pc, pos, path int32
}

var machines = sync.Pool{New: func() any { return new(machine) }}

func (p *program) find(text []byte, steps int) (start, end int, found Found) {
	bits := p.memos * (len(text) + 1)
	if bits > maxMemo {
		return 0, 0, Undecided
	}
	m := machines.Get().(*machine)
	defer m.release()
	m.program, m.text, m.steps = p, text, steps
	m.failed = cleared(m.failed, bits)
	if len(p.looks) > 0 {
		m.good = cleared(m.good, bits)
	}
	last := len(text)
	if p.anchored {
		last = 0
	}
	for start = 0; start <= last; start++ {
		if p.first != nil && (start == len(text) || !p.first.has(text[start])) {
			continue
		}
		end, ok := m.run(p.start, start, false)
		if m.steps < 0 {
			return 0, 0, Undecided
		}
		if ok {
			return start, end, Yes
		}
	}
	return 0, 0, No
}

// keptMemo is how many words of memory are kept for the next match.
const keptMemo = 1 << 17

func (m *machine) release() {
	m.program, m.text = nil, nil
	if cap(m.failed) > keptMemo {
		m.failed, m.good = nil, nil
	}
	machines.Put(m)
}

func cleared(b []uint64, bits int) []uint64 {
	b = slices.Grow(b[:0], bits/64+1)[:bits/64+1]
	clear(b)
	return b
}

// run goes from an instruction and a place to a match, trying the ways in order.
// inLook says that it is run again at other places, whatever comes out.
func (m *machine) run(pc int32, pos int, inLook bool) (end int, ok bool) {
	base, tried, path := len(m.stack), len(m.tried), len(m.path)
	for {
		end, ok = m.way(pc, pos, inLook)
		if ok || m.steps < 0 || len(m.stack) == base {
			break
		}
		top := m.stack[len(m.stack)-1]
		m.stack = m.stack[:len(m.stack)-1]
		pc, pos, m.path = top.pc, int(top.pos), m.path[:top.path]
	}
	if inLook && ok {
		// What was tried without success may have met the way that succeeded.
		for _, bit := range m.tried[tried:] {
			m.failed[bit/64] &^= 1 << (bit % 64)
		}
		for _, bit := range m.path[path:] {
			m.good[bit/64] |= 1 << (bit % 64)
		}
	}
	m.stack, m.tried, m.path = m.stack[:base], m.tried[:tried], m.path[:path]
	return end, ok
}

// way goes on until it fails or matches.
func (m *machine) way(pc int32, pos int, inLook bool) (end int, ok bool) {
	for {
		if m.steps--; m.steps < 0 {
			return 0, false
		}
		in := &m.code[pc]
		switch in.code {
		case codeByte:
			if pos == len(m.text) || m.text[pos] != in.b {
				return 0, false
			}
			pos++
		case codeSet:
			if pos == len(m.text) || !m.sets[in.arg].has(m.text[pos]) {
				return 0, false
			}
			pos++
		case codeAssert:
			if !m.holds(in.op, pos) {
				return 0, false
			}
		case codeMatch:
			return pos, true
		default:
			bit := pos*m.memos + int(in.memo)
			word, mask := bit/64, uint64(1)<<(bit%64)
			if m.failed[word]&mask != 0 {
				return 0, false
			}
			if inLook {
				if m.good[word]&mask != 0 {
					return pos, true
				}
				m.tried, m.path = append(m.tried, bit), append(m.path, bit)
			}
			m.failed[word] |= mask
			if in.code == codeSplit {
				m.stack = append(m.stack, choicePoint{in.alt, int32(pos), int32(len(m.path))})
			} else if l := &m.looks[in.arg]; m.sees(l, pos) == l.negative || m.steps < 0 {
				return 0, false
			}
		}
		pc = in.out
	}
}

// sees says whether what is looked for is there.
func (m *machine) sees(l *looking, pos int) bool {
	for _, w := range l.ways {
		if w.back > pos {
			continue
		}
		if _, ok := m.run(w.start, pos-w.back, true); ok {
			return true
		}
	}
	return false
}

func (m *machine) holds(op op, pos int) bool {
	n := len(m.text)
	switch op {
	case beginText:
		return pos == 0
	case endText:
		return pos == n
	case endTextOrLine:
		return pos == n || pos == n-1 && m.text[pos] == '\n'
	case beginLine:
		return pos == 0 || pos < n && m.text[pos-1] == '\n'
	case endLine:
		return pos == n || m.text[pos] == '\n'
	default:
		before := pos > 0 && words.has(m.text[pos-1])
		after := pos < n && words.has(m.text[pos])
		return (before != after) == (op == wordEdge)
	}
}
