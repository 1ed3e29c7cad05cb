package regex

import "bytes"

// need is what a text must hold to match: one of a few strings. It rules most texts
// out faster than any matcher. A nil need rules out none.
type need struct {
	// strings are in lower case where fold is set.
	strings [][]byte
	fold    bool
	// begins has a bit for each string that may begin with a byte.
	begins [256]uint8
}

// mostNeeds is how many strings are looked for at once.
const mostNeeds = 8

// in says whether the text may match.
func (n *need) in(text []byte) bool {
	if n == nil {
		return true
	}
	if !n.fold && len(n.strings) == 1 {
		return bytes.Contains(text, n.strings[0])
	}
	for i, c := range text {
		for which, left := 0, n.begins[c]; left != 0; which, left = which+1, left>>1 {
			if left&1 != 0 && n.at(text[i:], n.strings[which]) {
				return true
			}
		}
	}
	return false
}

func (n *need) at(text, s []byte) bool {
	if len(text) < len(s) {
		return false
	}
	for i, c := range s {
		t := text[i]
		if t != c && (!n.fold || t-'A' >= 26 || t+32 != c) {
			return false
		}
	}
	return true
}

// leastNeed is how long a string has to be for looking for it to pay.
const leastNeed = 2

// need finds the strings, the longest it can. An expression that matches at the
// start only is as fast without.
func (n *node) need() *need {
	found := n.literals()
	if len(found) == 0 || len(found) > mostNeeds || shortest(found) < leastNeed || n.anchored() {
		return nil
	}
	result := &need{}
	for _, l := range found {
		result.fold = result.fold || l.fold
	}
	for i, l := range found {
		text := l.text
		if result.fold {
			text = lower(text)
			if text[0]-'a' < 26 {
				result.begins[text[0]-32] |= 1 << i
			}
		}
		result.begins[text[0]] |= 1 << i
		result.strings = append(result.strings, text)
	}
	return result
}

// lower is for ASCII only, and keeps bytes that are no UTF-8.
func lower(s []byte) []byte {
	s = bytes.Clone(s)
	for i, c := range s {
		if c-'A' < 26 {
			s[i] += 32
		}
	}
	return s
}

// literal is a string; fold says that its letters may have another case.
type literal struct {
	text []byte
	fold bool
}

// literals are strings one of which is in every match; none where nothing is known.
func (n *node) literals() []literal {
	switch n.op {
	case one:
		if c, fold, ok := n.set.letter(); ok {
			return []literal{{[]byte{c}, fold}}
		}
	case concat:
		return n.longestRun()
	case choice:
		var all []literal
		for _, s := range n.subs {
			l := s.literals()
			if len(l) == 0 || len(all)+len(l) > mostNeeds {
				return nil
			}
			all = append(all, l...)
		}
		return all
	case repeat:
		if n.min > 0 {
			return n.subs[0].literals()
		}
	}
	return nil
}

// longestRun is the best that the parts of a concatenation ask for: the longest run
// of single characters, or what one part asks for.
func (n *node) longestRun() (best []literal) {
	var run literal
	for _, s := range n.subs {
		if s.op == one {
			if c, fold, ok := s.set.letter(); ok {
				run.text = append(run.text, c)
				run.fold = run.fold || fold
				continue
			}
		}
		best = better(best, []literal{run})
		best = better(best, s.literals())
		run = literal{}
	}
	return better(best, []literal{run})
}

// better is which of two asks for more: the longer shortest string, then the fewer.
func better(a, b []literal) []literal {
	la, lb := shortest(a), shortest(b)
	if lb > la || lb == la && lb > 0 && len(b) < len(a) {
		return b
	}
	return a
}

func shortest(ls []literal) int {
	n := 0
	for i, l := range ls {
		if i == 0 || len(l.text) < n {
			n = len(l.text)
		}
	}
	return n
}

// letter is the only character of a set, or the lower case of one that it has in
// both cases.
func (s *set) letter() (c byte, fold, ok bool) {
	first := s.least()
	if first == 256 {
		return 0, false, false
	}
	only := setOf(string([]byte{byte(first)}))
	if *s == only {
		return byte(first), false, true
	}
	if only.fold(); *s == only {
		return byte(first) | 0x20, true, true
	}
	return 0, false, false
}
