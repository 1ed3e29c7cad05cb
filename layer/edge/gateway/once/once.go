package once

import (
	"container/heap"
	"context"
	"crypto/sha256"
	"errors"
	"sync"
	"time"
)

// Store says whether a key is new.
type Store interface {
	// Once is true for the first use of a key and false for every other one until
	// ttl has passed. An error means that nobody knows: whoever asks refuses.
	Once(ctx context.Context, key string, ttl time.Duration) (bool, error)
}

// DefaultMax is how many keys a Memory holds unless told otherwise: about 20 MB.
const DefaultMax = 200_000

// ErrFull is the answer of a Memory that holds as many living keys as it may.
// It refuses new ones rather than forget one that could then be used again.
var ErrFull = errors.New("as many nonces as fit in memory are in use; raise the limit or shorten the time they live")

// Memory is a Store in the memory of one process. Many may use it at once.
type Memory struct {
	max int
	now func() time.Time

	mu   sync.Mutex
	seen map[key]struct{}
	ends ends
}

// key is a hash, so that long keys take no more memory than short ones.
type key [16]byte

// NewMemory makes a Memory of at most max keys; 0 is DefaultMax.
func NewMemory(max int, now func() time.Time) *Memory {
	if max <= 0 {
		max = DefaultMax
	}
	return &Memory{max: max, now: now, seen: map[key]struct{}{}}
}

// Once implements Store. It never waits; a done context is no matter.
func (m *Memory) Once(_ context.Context, name string, ttl time.Duration) (bool, error) {
	sum := sha256.Sum256([]byte(name))
	k := key(sum[:16])
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	for len(m.ends) > 0 && !m.ends[0].at.After(now) {
		delete(m.seen, heap.Pop(&m.ends).(end).key)
	}
	if _, used := m.seen[k]; used {
		return false, nil
	}
	if len(m.seen) >= m.max {
		return false, ErrFull
	}
	m.seen[k] = struct{}{}
	heap.Push(&m.ends, end{now.Add(ttl), k})
	return true, nil
}

// end is when a key may be forgotten; ends has the earliest first.
type end struct {
	at  time.Time
	key key
}

type ends []end

func (e ends) Len() int           { return len(e) }
func (e ends) Less(i, j int) bool { return e[i].at.Before(e[j].at) }
func (e ends) Swap(i, j int)      { e[i], e[j] = e[j], e[i] }
func (e *ends) Push(x any)        { *e = append(*e, x.(end)) }
func (e *ends) Pop() any {
	last := len(*e) - 1
	x := (*e)[last]
	*e = (*e)[:last]
	return x
}
