package regex

// code is what an instruction does.
type code uint8

const (
	codeByte   code = iota // one byte, b
	codeSet                // one byte of sets[arg]
	codeSplit              // out, and if that fails alt
	codeLook               // looks[arg]
	codeAssert             // the assertion op
	codeMatch
)

// instruction is a step of a program. memo numbers those at which ways meet: splits
// and looks.
type instruction struct {
	code     code
	b        byte
	op       op
	out, alt int32
	arg      int32
	memo     int32
}

// looking is what a codeLook looks for: one of some programs, each that many bytes
// behind.
type looking struct {
	negative bool
	ways     []way
}

type way struct {
	start int32
	back  int
}

// program is an expression for the backtracking matcher.
type program struct {
	code  []instruction
	sets  []set
	looks []looking
	start int32
	memos int
	// anchored, and first if not nil, say where a match can begin.
	anchored bool
	first    *set
}

// compile makes the program from its end to its start: each node is given what
// follows it.
func compile(n *node) *program {
	p := &program{anchored: n.anchored()}
	if !n.nullable() {
		first := n.first()
		p.first = &first
	}
	p.start = p.node(n, p.emit(instruction{code: codeMatch}))
	return p
}

func (p *program) emit(i instruction) int32 {
	if i.code == codeSplit || i.code == codeLook {
		i.memo = int32(p.memos)
		p.memos++
	}
	p.code = append(p.code, i)
	return int32(len(p.code) - 1)
}

func (p *program) node(n *node, next int32) int32 {
	switch n.op {
	case empty:
		return next
	case one:
		return p.one(n.set, next)
	case concat:
		for i := len(n.subs) - 1; i >= 0; i-- {
			next = p.node(n.subs[i], next)
		}
		return next
	case choice:
		last := len(n.subs) - 1
		start := p.node(n.subs[last], next)
		for i := last - 1; i >= 0; i-- {
			start = p.emit(instruction{code: codeSplit, out: p.node(n.subs[i], next), alt: start})
		}
		return start
	case repeat:
		return p.repeat(n, next)
	case look:
		l := looking{negative: n.negative}
		for _, s := range n.subs[0].alternatives() {
			w := way{start: p.node(s, p.emit(instruction{code: codeMatch}))}
			if n.behind {
				w.back, _ = s.width()
			}
			l.ways = append(l.ways, w)
		}
		p.looks = append(p.looks, l)
		return p.emit(instruction{code: codeLook, arg: int32(len(p.looks) - 1), out: next})
	default:
		return p.emit(instruction{code: codeAssert, op: n.op, out: next})
	}
}

func (p *program) one(s set, next int32) int32 {
	if c := s.least(); c < 256 {
		var single set
		if single.add(byte(c)); single == s {
			return p.emit(instruction{code: codeByte, b: byte(c), out: next})
		}
	}
	p.sets = append(p.sets, s)
	return p.emit(instruction{code: codeSet, arg: int32(len(p.sets) - 1), out: next})
}

// repeat writes the bounded part of a repetition out.
func (p *program) repeat(n *node, next int32) int32 {
	sub, start, times := n.subs[0], next, n.min
	if n.max < 0 {
		loop := p.emit(instruction{code: codeSplit})
		body := p.node(sub, loop)
		p.branch(loop, body, next, n.lazy)
		switch {
		case times > 0:
			start = body
			times--
		case sub.nullable():
			// Going in once more after matching nothing is of no use, but a
			// match of nothing inside comes before none: (|a)* matches nothing
			// first.
			start = p.emit(instruction{code: codeSplit})
			p.branch(start, body, next, n.lazy)
		default:
			start = loop
		}
	}
	for range n.max - n.min {
		body := p.node(sub, start)
		start = p.emit(instruction{code: codeSplit})
		p.branch(start, body, next, n.lazy)
	}
	for range times {
		start = p.node(sub, start)
	}
	return start
}

func (p *program) branch(at, body, exit int32, lazy bool) {
	p.code[at].out, p.code[at].alt = body, exit
	if lazy {
		p.code[at].out, p.code[at].alt = exit, body
	}
}
