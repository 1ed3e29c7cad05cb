package plan

import "hash/maphash"

// words keeps recent short strings, so that an attribute name that stands in
// the file a million times is one string in memory. It forgets by overwriting:
// its size does not depend on the input.
type words struct {
	seed maphash.Seed
	slot [1 << 13]string
}

// longestWord is in bytes; names, types, regions and zones are shorter.
const longestWord = 48

func newWords() *words { return &words{seed: maphash.MakeSeed()} }

func (w *words) get(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if len(b) > longestWord {
		return string(b)
	}
	p := &w.slot[maphash.Bytes(w.seed, b)%uint64(len(w.slot))]
	if *p != string(b) {
		*p = string(b)
	}
	return *p
}
