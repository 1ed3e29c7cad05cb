package rate

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"fathom/engine/webacl"
)

var minute = webacl.RateRule{ID: "login", Limit: 10, Window: 60}

// send counts n requests of an instance at a second, and gives the last answer.
func send(t testing.TB, c *Counter, r webacl.RateRule, instance string, at float64, n int) (last webacl.Rate) {
	t.Helper()
	for range n {
		var err error
		if last, err = c.Count(r, []byte(instance), int64(at*1e9)); err != nil {
			t.Fatal(err)
		}
	}
	return last
}

func TestTheRequestAfterTheLimitIsLimited_6(t *testing.T) {
	c := NewExact(Options{})
	if got := send(t, c, minute, "a", 1000, 10); got != (webacl.Rate{Seen: 10}) {
		t.Errorf("the tenth of ten: %+v", got)
	}
	if got := send(t, c, minute, "a", 1001, 1); got != (webacl.Rate{Seen: 11, Limited: true}) {
		t.Errorf("the eleventh: %+v", got)
	}
	if got := send(t, c, minute, "b", 1001, 1); got != (webacl.Rate{Seen: 1}) {
		t.Errorf("another instance: %+v", got)
	}
	if got := send(t, c, minute, "a", 1059.9, 1); !got.Limited {
		t.Errorf("a window after the first, not yet over: %+v", got)
	}
	// Those of second 1000 are out; limited ones have counted.
	if got := send(t, c, minute, "a", 1060, 1); got != (webacl.Rate{Seen: 3}) {
		t.Errorf("a window later: %+v", got)
	}
}

func TestOtherUsesOfARuleCountByThemselves_6(t *testing.T) {
	c := NewExact(Options{})
	send(t, c, minute, "a", 1000, 20)
	other := minute
	other.ID = "login in another ACL"
	if got := send(t, c, other, "a", 1000, 1); got.Seen != 1 {
		t.Errorf("another use of the rule begins with %+v", got)
	}
}

func TestAChangedConfigurationBeginsAgain_6(t *testing.T) {
	for name, change := range map[string]func(*Counter, *webacl.RateRule){
		"the limit":  func(_ *Counter, r *webacl.RateRule) { r.Limit = 12 },
		"the window": func(_ *Counter, r *webacl.RateRule) { r.Window = 120 },
		"Reset":      func(c *Counter, r *webacl.RateRule) { c.Reset(r.ID) },
		"Keep":       func(c *Counter, _ *webacl.RateRule) { c.Keep("another") },
	} {
		c, r := NewExact(Options{}), minute
		send(t, c, r, "a", 1000, 20)
		change(c, &r)
		if got := send(t, c, r, "a", 1001, 1); got != (webacl.Rate{Seen: 1}) {
			t.Errorf("after a change of %s: %+v", name, got)
		}
	}
	c := NewExact(Options{})
	send(t, c, minute, "a", 1000, 20)
	c.Reset("another")
	c.Keep(minute.ID)
	if got := send(t, c, minute, "a", 1001, 1); got.Seen != 21 {
		t.Errorf("a rule that was kept: %+v", got)
	}
}

func TestRulesThatCannotBeCountedAreRefused(t *testing.T) {
	for _, r := range []webacl.RateRule{{ID: "no window", Limit: 10}, {ID: "back", Limit: 10, Window: -1}, {ID: "less", Limit: -1, Window: 60}, {ID: "long", Limit: 1, Window: 1 << 60}} {
		for _, c := range []*Counter{NewExact(Options{}), NewAWSLike(Options{})} {
			if _, err := c.Count(r, []byte("a"), 0); err == nil || !strings.Contains(err.Error(), r.ID) {
				t.Errorf("%+v: %v", r, err)
			}
		}
	}
}

func TestAClockThatIsSetBackBeginsAgain(t *testing.T) {
	c := NewExact(Options{})
	send(t, c, minute, "a", 5000, 20)
	if got := send(t, c, minute, "a", 4999, 1); got.Seen != 21 {
		t.Errorf("a request that was overtaken: %+v", got)
	}
	if got := send(t, c, minute, "a", 1000, 1); got != (webacl.Rate{Seen: 1}) {
		t.Errorf("an hour back: %+v", got)
	}
}

// The naive twin keeps every time.
type naive map[string][]int64

func (n naive) count(r webacl.RateRule, instance string, at int64) webacl.Rate {
	tick := r.Window * second / exactTicks
	now := at / tick
	if all := n[instance]; len(all) > 0 && now < all[len(all)-1] {
		if all[len(all)-1]-now > exactTicks {
			n[instance] = nil
		} else {
			now = all[len(all)-1]
		}
	}
	n[instance] = append(n[instance], now)
	var seen int64
	for _, t := range n[instance] {
		if t > now-exactTicks {
			seen++
		}
	}
	return webacl.Rate{Seen: seen, Limited: seen > r.Limit}
}

func TestExactAgreesWithAListOfTimes_6(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := webacl.RateRule{ID: "r", Limit: rapid.Int64Range(0, 20).Draw(t, "limit"), Window: rapid.SampledFrom([]int64{1, 60, 120, 300, 600}).Draw(t, "window")}
		c, twin := NewExact(Options{}), naive{}
		at := rapid.Int64Range(0, 1<<60).Draw(t, "start")
		step := rapid.Int64Range(-r.Window*second/5, r.Window*second/3)
		if rapid.Bool().Draw(t, "dense") {
			step = rapid.Int64Range(-second/10, second/5)
		}
		for k := range rapid.IntRange(1, 800).Draw(t, "requests") {
			at = max(at+step.Draw(t, "step"), 0)
			if rapid.IntRange(0, 200).Draw(t, "set back") == 0 {
				at = max(at-2*r.Window*second, 0)
			}
			instance := rapid.SampledFrom([]string{"", "a", "\x00\xff"}).Draw(t, "instance")
			got, err := c.Count(r, []byte(instance), at)
			if err != nil {
				t.Fatal(err)
			}
			if want := twin.count(r, instance, at); got != want {
				t.Fatalf("request %d of %q at %d: %+v, the list says %+v", k, instance, at, got, want)
			}
		}
	})
}

func TestManyAtOnceCountEveryRequest(t *testing.T) {
	c := NewExact(Options{})
	rule := webacl.RateRule{ID: "r", Limit: 1 << 40, Window: 300}
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for k := range 2000 {
				key := fmt.Sprint(k % 50)
				if k%500 == 499 {
					c.Reset("another")
				}
				if _, err := c.Count(rule, []byte(key), int64(k*g)*1e6); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	total := int64(0)
	for k := range 50 {
		rate, _ := c.Count(rule, []byte(fmt.Sprint(k)), 20*second)
		total += rate.Seen
	}
	if total != 8*2000+50 {
		t.Errorf("%d of %d requests were counted", total, 8*2000+50)
	}
}

func BenchmarkCount(b *testing.B) {
	keys := make([][]byte, 1024)
	for i := range keys {
		keys[i] = fmt.Appendf(nil, "198.51.%d.%d", i/256, i%256)
	}
	rule := webacl.RateRule{ID: "arn:aws:wafv2:…/login", Limit: 1000, Window: 300}
	for name, c := range map[string]*Counter{"exact": NewExact(Options{}), "aws-like": NewAWSLike(Options{})} {
		at := int64(1)
		for range 3 * exactTicks {
			for _, k := range keys {
				c.Count(rule, k, at)
			}
			at += second
		}
		b.Run(name+"/goroutines=1", func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				c.Count(rule, keys[i%1024], at+int64(i)*1e5)
			}
		})
		b.Run(name+"/goroutines=many", func(b *testing.B) {
			b.ReportAllocs()
			b.SetParallelism(16)
			b.RunParallel(func(p *testing.PB) {
				for i := 0; p.Next(); i++ {
					c.Count(rule, keys[i%1024], at+int64(i)*1e5)
				}
			})
		})
	}
	b.Run("exact/attack", func(b *testing.B) { // every request from another instance
		c := NewExact(Options{})
		var key [8]byte
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			key[0], key[1], key[2], key[3] = byte(i), byte(i>>8), byte(i>>16), byte(i>>24)
			c.Count(rule, key[:], int64(i)*1e4)
		}
	})
}
