package estate

import (
	"sync"
	"sync/atomic"
	"testing"
)

func TestOnceMakesOneForAll(t *testing.T) {
	type model struct{ n int32 }
	var built atomic.Int32
	build := func(*Estate) *model { return &model{built.Add(1)} }
	a, b := New(nil, nil, nil, nil), New(nil, nil, nil, nil)
	var wg sync.WaitGroup
	got := make([]*model, 16)
	for i := range got {
		wg.Go(func() { got[i] = Once(a, build) })
	}
	wg.Wait()
	for _, m := range got {
		if m != got[0] {
			t.Fatal("two models of one estate")
		}
	}
	if Once(b, build) == got[0] {
		t.Error("two estates share a model")
	}
	if built.Load() != 2 {
		t.Errorf("built %d times, want once for each estate", built.Load())
	}
}
