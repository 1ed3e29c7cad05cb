package queue

import (
	"container/list"
	"context"
	"math"
	"sync"
	"time"
)

// Pace is how fast a line moves.
type Pace struct{ Rate, Burst float64 }

// Line is where a line stands. Numbers begin with 1.
type Line struct {
	// Began is when the counters began, in nanoseconds since 1970: tickets of
	// another beginning have no meaning.
	Began int64
	// Arrived is the last number given, Served the last whose turn has come. Served
	// may be higher: then as many can come in at once.
	Arrived, Served int64
}

// Waiting is how many numbers were given whose turn has not come.
func (l Line) Waiting() int64 { return max(l.Arrived-l.Served, 0) }

// Count is the state of a line, for a Store to keep.
type Count struct {
	Began   int64   // nanoseconds since 1970; 0 is a line that has not begun
	Arrived int64   // the last number given
	Served  float64 // up to which number people are served
	At      int64   // when Served was right, in nanoseconds since 1970
}

// Move brings a count to a time: whoever waits is served at the rate, and when
// nobody waits places are saved up to the burst. A clock that goes back moves
// nothing.
func (c Count) Move(p Pace, now time.Time) Count {
	at := now.UnixNano()
	if c.Began == 0 {
		return Count{Began: at, Served: p.Burst, At: at}
	}
	if at <= c.At {
		return c
	}
	c.Served = min(c.Served+p.Rate*float64(at-c.At)/1e9, float64(c.Arrived)+p.Burst)
	c.At = at
	return c
}

// Line is the count as people see it.
func (c Count) Line() Line {
	// A ten-thousandth of a place makes up for what adding fractions loses.
	return Line{c.Began, c.Arrived, int64(math.Floor(c.Served + 1e-4))}
}

// NewcomerLife is how long a newcomer may take to come back for a number.
const NewcomerLife = 5 * time.Minute

// remembered is how many newcomers and claims a Memory remembers at most; the
// oldest is forgotten first. A newcomer that is forgotten can draw a second
// number, at the end of the line.
const remembered = 200_000

// Memory is a Store for a gateway that stands alone. What it counts is lost when
// the process ends; those who wait then line up anew.
type Memory struct {
	mu      sync.Mutex
	counts  map[string]Count
	numbers *recent[int64]
	claims  *recent[string]
}

// NewMemory makes one.
func NewMemory() *Memory {
	return &Memory{counts: map[string]Count{}, numbers: newRecent[int64](), claims: newRecent[string]()}
}

// Look implements Store.
func (m *Memory) Look(_ context.Context, room string, p Pace, now time.Time) (Line, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.counts[room].Move(p, now)
	m.counts[room] = c
	return c.Line(), nil
}

// Next implements Store.
func (m *Memory) Next(_ context.Context, room, id string, p Pace, now time.Time) (int64, Line, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.counts[room].Move(p, now)
	number, known := m.numbers.get(room + " " + id)
	if !known {
		c.Arrived++
		number = c.Arrived
		m.numbers.put(room+" "+id, number)
	}
	m.counts[room] = c
	return number, c.Line(), nil
}

// Claim implements Store. It remembers the last 200,000 claims, however old.
func (m *Memory) Claim(_ context.Context, room, ticket, who string, _ time.Duration) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	first, known := m.claims.get(room + " " + ticket)
	if !known {
		m.claims.put(room+" "+ticket, who)
		return true, nil
	}
	return first == who, nil
}

// recent is a map that forgets the oldest.
type recent[T any] struct {
	values map[string]T
	order  *list.List
}

func newRecent[T any]() *recent[T] { return &recent[T]{map[string]T{}, list.New()} }

func (r *recent[T]) get(key string) (T, bool) { v, ok := r.values[key]; return v, ok }

func (r *recent[T]) put(key string, v T) {
	r.values[key] = v
	r.order.PushBack(key)
	for len(r.values) > remembered {
		delete(r.values, r.order.Remove(r.order.Front()).(string))
	}
}
