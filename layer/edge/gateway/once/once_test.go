package once

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestOnceIsOnceUntilItEnds(t *testing.T) {
	now := time.Unix(1000, 0)
	m := NewMemory(2, func() time.Time { return now })
	ask := func(key string, want bool) {
		t.Helper()
		if got, err := m.Once(context.Background(), key, time.Minute); got != want || err != nil {
			t.Errorf("Once(%s) at %v = %v, %v; want %v", key, now.Unix(), got, err, want)
		}
	}
	ask("a", true)
	ask("a", false)
	now = now.Add(59 * time.Second)
	ask("a", false)
	ask("b", true)
	if ok, err := m.Once(context.Background(), "c", time.Minute); ok || !errors.Is(err, ErrFull) {
		t.Errorf("a third key in a memory of two: %v, %v; want ErrFull", ok, err)
	}
	ask("a", false) // full, and still nothing is forgotten
	now = now.Add(time.Second)
	ask("a", true)
}

// TestMemoryAgainstAList holds the heap to the plain answer: a list of all uses.
func TestMemoryAgainstAList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(0, 0)
		m := NewMemory(1000, func() time.Time { return now })
		until := map[string]time.Time{}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 5).Draw(t, "passes")) * time.Second)
			key := strconv.Itoa(rapid.IntRange(0, 5).Draw(t, "key"))
			ttl := time.Duration(rapid.IntRange(1, 10).Draw(t, "ttl")) * time.Second
			want := !until[key].After(now)
			if want {
				until[key] = now.Add(ttl)
			}
			if got, err := m.Once(context.Background(), key, ttl); got != want || err != nil {
				t.Fatalf("Once(%s) = %v, %v; want %v", key, got, err, want)
			}
		}
	})
}

func TestOneOfManyIsFirst(t *testing.T) {
	m := NewMemory(0, time.Now)
	var firsts atomic.Int32
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if ok, err := m.Once(context.Background(), "x", time.Hour); ok && err == nil {
				firsts.Add(1)
			}
		})
	}
	all.Wait()
	if firsts.Load() != 1 {
		t.Errorf("%d of 50 were the first", firsts.Load())
	}
}
