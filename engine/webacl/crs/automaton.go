package crs

// automaton finds many literals in a text at once, whatever the case of ASCII
// letters (Aho and Corasick). It is built once and then only read.
type automaton struct {
	class  [256]uint8 // of each byte; 0 is of bytes in no literal
	width  int        // how many classes
	next   []int32    // [state*width+class]
	found  [][]int32  // literals that end in a state
	longer []int32    // the next shorter state that has found something, or -1
}

// newAutomaton builds one; literals are in lower case, none empty, and known by
// their index.
func newAutomaton(literals []string) *automaton {
	a := &automaton{width: 1}
	for _, s := range literals {
		for i := range len(s) {
			if c := s[i]; a.class[c] == 0 {
				a.class[c] = uint8(a.width)
				a.width++
			}
		}
	}
	for c := byte('A'); c <= 'Z'; c++ {
		a.class[c] = a.class[c+'a'-'A']
	}
	a.state()
	for n, s := range literals {
		at := int32(0)
		for i := range len(s) {
			edge := int(at)*a.width + int(a.class[s[i]])
			if a.next[edge] == 0 {
				fresh := a.state()
				a.next[edge] = fresh
			}
			at = a.next[edge]
		}
		a.found[at] = append(a.found[at], int32(n))
	}
	a.link()
	return a
}

func (a *automaton) state() int32 {
	a.next = append(a.next, make([]int32, a.width)...)
	a.found = append(a.found, nil)
	a.longer = append(a.longer, -1)
	return int32(len(a.found) - 1)
}

// link turns the trie into an automaton, breadth first.
func (a *automaton) link() {
	fail := make([]int32, len(a.found))
	var queue []int32
	for c := range a.width {
		if s := a.next[c]; s != 0 {
			queue = append(queue, s)
		}
	}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for c := range a.width {
			edge := int(at)*a.width + c
			back := a.next[int(fail[at])*a.width+c]
			child := a.next[edge]
			if child == 0 {
				a.next[edge] = back
				continue
			}
			fail[child] = back
			if len(a.found[back]) > 0 {
				a.longer[child] = back
			} else {
				a.longer[child] = a.longer[back]
			}
			queue = append(queue, child)
		}
	}
}

// scan calls hit for each literal in the text, more than once for one that is
// there more than once.
func (a *automaton) scan(text string, hit func(literal int32)) {
	at := int32(0)
	for i := range len(text) {
		at = a.next[int(at)*a.width+int(a.class[text[i]])]
		for s := at; s >= 0; s = a.longer[s] {
			for _, n := range a.found[s] {
				hit(n)
			}
			if s == 0 {
				break
			}
		}
	}
}
