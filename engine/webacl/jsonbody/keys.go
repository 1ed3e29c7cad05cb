package jsonbody

import (
	"bytes"
	"hash/maphash"
)

// keys are the keys of all objects of a body: a hash table in memory that is used
// again, in which an object with very many keys costs no more for each. Its seed is
// random, so that nobody can choose keys that collide; nothing else depends on it.
type keys struct {
	seed    maphash.Seed
	table   []entry // its size is a power of 2, at least twice used
	used    int
	objects uint32
}

// entry is a key of an object. Objects count from 1; 0 is an empty place.
type entry struct {
	object uint32
	hash   uint32
	key    []byte
}

// The table begins with leastTable places; one larger than keptTable is not kept
// for the next body, which would have to clear it.
const (
	leastTable = 64
	keptTable  = 4096
)

func (k *keys) reset() {
	switch {
	case len(k.table) > keptTable:
		k.table = nil
	case k.objects > 0:
		clear(k.table)
	}
	k.used, k.objects = 0, 0
}

func (k *keys) object() uint32 {
	if len(k.table) == 0 {
		k.seed, k.table = maphash.MakeSeed(), make([]entry, leastTable)
	}
	k.objects++
	return k.objects
}

// add adds a key to an object, and says whether it was there.
func (k *keys) add(object uint32, key []byte) bool {
	if 2*k.used >= len(k.table) {
		old := k.table
		k.table = make([]entry, 2*len(old))
		for _, e := range old {
			if e.object != 0 {
				*k.place(e) = e
			}
		}
	}
	e := entry{object, uint32(maphash.Bytes(k.seed, key)), key}
	at := k.place(e)
	if at.object != 0 {
		return true
	}
	*at = e
	k.used++
	return false
}

// place is where an entry is, or would go.
func (k *keys) place(e entry) *entry {
	mask := uint32(len(k.table) - 1)
	for i := (e.hash + e.object*0x9e3779b1) & mask; ; i = (i + 1) & mask {
		at := &k.table[i]
		if at.object == 0 || at.object == e.object && at.hash == e.hash && bytes.Equal(at.key, e.key) {
			return at
		}
	}
}
