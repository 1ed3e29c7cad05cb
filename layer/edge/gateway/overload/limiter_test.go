package overload

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// limited is a Limiter in a bubble's time, with a fixed limit.
func limited(limit int, q Queues) *Limiter {
	return NewLimiter(Limits{Min: limit, Max: limit, Queues: q}, RoomConfig{}, SystemClock())
}

func reason(t *testing.T, err error) Reason {
	t.Helper()
	r, ok := errors.AsType[*Refused](err)
	if !ok {
		t.Fatalf("error %v is no refusal", err)
	}
	return r.Reason
}

func TestAcquireWaitsForARelease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(1, Queues{})
		first, err := l.Acquire(t.Context(), Critical)
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(300*time.Millisecond, func() { first.Release(Success) })
		start := time.Now()
		second, err := l.Acquire(t.Context(), Critical)
		if err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(start); waited != 300*time.Millisecond {
			t.Errorf("it waited %v; want until the release, 300ms", waited)
		}
		second.Release(Success)
		second.Release(Success)
		if n := l.State().InFlight; n != 0 {
			t.Errorf("%d in flight after all were released, one of them twice", n)
		}
	})
}

func TestAcquireGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(1, Queues{Critical: Queue{Size: 1, Wait: time.Second}, Sheddable: Queue{Size: -1}})
		held, _ := l.Acquire(t.Context(), Critical)
		defer held.Release(Success)
		if _, err := l.Acquire(t.Context(), Sheddable); reason(t, err) != Full {
			t.Errorf("without a queue: %v", err)
		}
		start := time.Now()
		if _, err := l.Acquire(t.Context(), Critical); reason(t, err) != Late || time.Since(start) != time.Second {
			t.Errorf("at its deadline: %v after %v", err, time.Since(start))
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		if _, err := l.Acquire(ctx, Critical); reason(t, err) != Gone {
			t.Errorf("when its client goes: %v", err)
		}
		time.AfterFunc(time.Millisecond, l.Close)
		if _, err := l.Acquire(t.Context(), Critical); reason(t, err) != Closing {
			t.Errorf("when the limiter closes: %v", err)
		}
		if _, err := l.Acquire(t.Context(), Critical); reason(t, err) != Closing {
			t.Errorf("of a closed limiter: %v", err)
		}
		if s := l.State(); s.Refused[Critical] != [reasons]uint64{Late: 1, Gone: 1, Closing: 2} {
			t.Errorf("counted %v", s.Refused[Critical])
		}
	})
}

// Many at once, some of whom go away: permits balance and the bound holds.
func TestLimiterUnderContention(t *testing.T) {
	l := limited(5, Queues{})
	var mu sync.Mutex
	held, most, got := 0, 0, 0
	var group sync.WaitGroup
	for i := range 32 {
		group.Go(func() {
			for j := range 50 {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(j%5)*time.Millisecond)
				p, err := l.Acquire(ctx, Class((i+j)%classes))
				if err == nil {
					mu.Lock()
					held++
					got++
					most = max(most, held)
					mu.Unlock()
					time.Sleep(time.Duration(j%3) * 100 * time.Microsecond)
					mu.Lock()
					held--
					mu.Unlock()
				}
				p.Release(Outcome(j % 4))
				cancel()
			}
		})
	}
	group.Wait()
	if most > 5 || got == 0 {
		t.Errorf("%d at once of %d; the limit is 5", most, got)
	}
	if s := l.State(); s.InFlight != 0 || s.Waiting != [classes]int{} {
		t.Errorf("left over: %+v", s)
	}
}

func TestRoomOpensAndCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(4, Queues{Critical: Queue{Size: -1}, Sheddable: Queue{Size: -1}})
		load := func(class Class, d time.Duration, atOnce int) {
			for end := time.Now().Add(d); time.Now().Before(end); {
				var ps []Permit
				for range atOnce {
					if p, err := l.Acquire(t.Context(), class); err == nil {
						ps = append(ps, p)
					}
				}
				time.Sleep(50 * time.Millisecond)
				for i := range ps {
					ps[i].Release(Success)
				}
			}
		}
		load(Sheddable, 20*time.Second, 10)
		if l.Open() {
			t.Error("it opened for what is sheddable")
		}
		load(Critical, time.Second, 10)
		if l.Open() {
			t.Error("it opened after a second of pressure; want three")
		}
		load(Critical, 3*time.Second, 10)
		if !l.Open() {
			t.Error("it is closed after four seconds in which critical requests were refused")
		}
		load(Critical, 29*time.Second, 1)
		if !l.Open() {
			t.Error("it closed within close-after")
		}
		load(Critical, 10*time.Second, 4)
		load(Critical, 29*time.Second, 1)
		if !l.Open() {
			t.Error("it closed less than half a minute after the limit was used up")
		}
		load(Critical, 2*time.Second, 1)
		if l.Open() {
			t.Error("it is open after half a minute with room to spare")
		}
	})
}

func TestAnswer(t *testing.T) {
	for _, tt := range []struct {
		err    error
		status int
		after  string
	}{
		{refusals[Critical][Full], 503, "1"},
		{refusals[Sheddable][Late], 503, "10"},
		{InBox, 429, "30"},
		{errors.New("something else"), 503, "1"},
	} {
		kept := httptest.NewRecorder()
		if Answer(kept, false, tt.err); kept.Code != tt.status || kept.Header().Get("Connection") != "" {
			t.Errorf("%v on a connection that goes on: %d %v", tt.err, kept.Code, kept.Header())
		}
		w := httptest.NewRecorder()
		Answer(w, true, tt.err)
		if h := w.Header(); w.Code != tt.status || h.Get("Retry-After") != tt.after || h.Get("Connection") != "close" || h.Get("Cache-Control") != "no-store" || w.Body.Len() != 0 {
			t.Errorf("%v: %d %v", tt.err, w.Code, w.Header())
		}
	}
}

func TestBudget(t *testing.T) {
	b := NewBudget(BudgetConfig{Share: 0.1, Burst: 3})
	spend := func() (n int) {
		for b.Spend() {
			n++
		}
		return n
	}
	if n := spend(); n != 3 {
		t.Errorf("%d retries to begin with; want the burst of 3", n)
	}
	for range 25 {
		b.Success()
	}
	if n := spend(); n != 2 {
		t.Errorf("%d retries for 25 successes; want 2", n)
	}
	for range 1000 {
		b.Success()
	}
	if n := spend(); n != 3 {
		t.Errorf("%d retries after a quiet time; want the burst of 3", n)
	}
	var none *Budget
	none.Success()
	if none.Spend() {
		t.Error("no budget allows a retry")
	}
}

func TestClassText(t *testing.T) {
	for c := range Class(classes) {
		text, _ := c.MarshalText()
		var back Class
		if err := back.UnmarshalText(text); err != nil || back != c {
			t.Errorf("%v: read back as %v, %v", c, back, err)
		}
	}
	var c Class
	if err := c.UnmarshalText([]byte("urgent")); err == nil || !strings.Contains(err.Error(), "critical") {
		t.Errorf("an unknown class: %v", err)
	}
}

func TestConfigCheck(t *testing.T) {
	if err := (Config{}).Check(); err != nil {
		t.Errorf("the defaults: %v", err)
	}
	for _, tt := range []struct {
		c    Config
		want string
	}{
		{Config{Limits: Limits{Min: 10, Max: 5}}, "max not below min"},
		{Config{Limits: Limits{Max: 2 << 20}}, "1048576"},
		{Config{Limits: Limits{Window: time.Hour}}, "limits.window"},
		{Config{Limits: Limits{Probe: time.Millisecond}}, "limits.probe"},
		{Config{Limits: Limits{Sheddable: 0.95}}, "sheddable not above degraded"},
		{Config{Limits: Limits{Hold: -1}}, "limits.hold"},
		{Config{Limits: Limits{Queues: Queues{Degraded: Queue{Size: 1 << 20}}}}, "limits.queues.degraded.size"},
		{Config{Limits: Limits{Queues: Queues{Critical: Queue{Wait: -1}}}}, "limits.queues.critical.wait"},
		{Config{Room: RoomConfig{CloseBelow: 2}}, "closeBelow"},
		{Config{Retries: BudgetConfig{Share: 2}}, "retries"},
		{Config{Pace: PaceConfig{Requests: 0.5}}, "pace"},
		{Config{PenaltyBox: BoxConfig{Size: -1}}, "box"},
	} {
		if err := tt.c.Check(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: %v; want a word about %q", tt.c, err, tt.want)
		}
	}
}

func BenchmarkAcquire(b *testing.B) {
	l := NewLimiter(Limits{}, RoomConfig{}, SystemClock())
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		p, err := l.Acquire(ctx, Critical)
		if err != nil {
			b.Fatal(err)
		}
		p.Release(Success)
	}
}

func BenchmarkRefuse(b *testing.B) {
	l := limited(1, Queues{Sheddable: Queue{Size: -1}})
	ctx := context.Background()
	l.Acquire(ctx, Sheddable) //nolint:errcheck // the one place
	b.ReportAllocs()
	for b.Loop() {
		if _, err := l.Acquire(ctx, Sheddable); err == nil {
			b.Fatal("a second place")
		}
	}
}

// The hot path allocates nothing.
func TestAcquireAllocatesNothing(t *testing.T) {
	l := NewLimiter(Limits{}, RoomConfig{}, SystemClock())
	full := limited(1, Queues{Sheddable: Queue{Size: -1}})
	full.Acquire(t.Context(), Sheddable) //nolint:errcheck // the one place
	if n := testing.AllocsPerRun(1000, func() {
		p, _ := l.Acquire(t.Context(), Critical)
		p.Release(Success)
		full.Acquire(t.Context(), Sheddable) //nolint:errcheck // it is refused
	}); n != 0 {
		t.Errorf("%v allocations for a permit and a refusal", n)
	}
}
