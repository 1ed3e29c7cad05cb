package shared

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"fathom/engine/webacl"
	"fathom/engine/webacl/rate"
)

const second = int64(time.Second)

var login = webacl.RateRule{ID: "login", Limit: 100, Window: 60}

func send(t testing.TB, s Store, r webacl.RateRule, instance string, at int64, n int) (last webacl.Rate) {
	t.Helper()
	for range n {
		var err error
		if last, err = s.Count(r, []byte(instance), at); err != nil {
			t.Fatal(err)
		}
	}
	return last
}

// settled waits until a gateway has told and heard all.
func settled(t testing.TB, of ...*Redis) {
	t.Helper()
	for _, r := range of {
		await(t, "everything is exchanged", func() bool {
			before := r.Stats().Exchanges
			r.mu.Lock()
			n := len(r.queue)
			r.mu.Unlock()
			if n > 0 || !r.Healthy() {
				return false
			}
			for _, to := range *r.rules.Load() {
				to.mu.Lock()
				for _, p := range to.peers {
					if p.queued {
						n++
					}
					for _, o := range p.own {
						if o.n != o.told && o.span >= p.used-spans {
							n++
						}
					}
				}
				to.mu.Unlock()
			}
			return n == 0 && before == r.Stats().Exchanges
		})
	}
}

func TestTwoGatewaysEnforceOneLimit_6(t *testing.T) {
	redis := startServer(t)
	a, b := open(t, Options{URL: redis.url()}), open(t, Options{URL: redis.url()})
	if got := send(t, a, login, "198.51.100.7", 1000*second, 60); got != (webacl.Rate{Seen: 60}) {
		t.Fatalf("at the first gateway: %+v", got)
	}
	settled(t, a)
	send(t, b, login, "198.51.100.7", 1001*second, 2) // from the second on it is shared
	settled(t, b)
	if got := send(t, b, login, "198.51.100.7", 1001*second, 38); got.Limited || got.Seen != 100 {
		t.Errorf("40 at the second gateway: %+v, want 100 seen and no limit", got)
	}
	if got := send(t, b, login, "198.51.100.7", 1001*second, 1); !got.Limited || got.Seen != 101 {
		t.Errorf("41 at the second gateway: %+v, want 101 seen, limited", got)
	}
	settled(t, b)
	send(t, a, login, "198.51.100.7", 1002*second, 1)
	settled(t, a)
	if got := send(t, a, login, "198.51.100.7", 1002*second, 1); !got.Limited || got.Seen != 103 {
		t.Errorf("back at the first gateway: %+v, want 103 seen, limited", got)
	}
	if got := send(t, b, login, "203.0.113.1", 1002*second, 1); got.Limited || got.Seen != 1 {
		t.Errorf("another address: %+v", got)
	}
	// The 60 begin at 1000 and are out at 1060; the second gateway knows the first
	// one's in spans of 3 s.
	if got := send(t, b, login, "198.51.100.7", 1061*second, 1); got.Limited {
		t.Errorf("a window later: %+v", got)
	}
	if !a.Healthy() || !b.Healthy() || a.Stats().Fallbacks != 0 {
		t.Errorf("all the time Redis was there: %+v, %+v", a.Stats(), b.Stats())
	}
}

// Two rules of different limits, IDs or windows are counted apart, as AWS does
// for each use of a rule.
func TestRulesAreSharedByThemselves_6(t *testing.T) {
	redis := startServer(t)
	a, b := open(t, Options{URL: redis.url()}), open(t, Options{URL: redis.url()})
	send(t, a, login, "x", 1000*second, 90)
	settled(t, a)
	for _, other := range []webacl.RateRule{{ID: "login", Limit: 99, Window: 60}, {ID: "login", Limit: 100, Window: 120}, {ID: "logi", Limit: 100, Window: 60}} {
		send(t, b, other, "x", 1000*second, 2)
		settled(t, b)
		if got := send(t, b, other, "x", 1000*second, 1); got.Seen != 3 {
			t.Errorf("%+v: %+v, want 3 seen", other, got)
		}
	}
	apart := open(t, Options{URL: redis.url(), Prefix: "staging:"})
	send(t, apart, login, "x", 1000*second, 2)
	settled(t, apart)
	if got := send(t, apart, login, "x", 1000*second, 1); got.Seen != 3 {
		t.Errorf("another prefix: %+v, want 3 seen", got)
	}
	b.Keep("none")
	if got := send(t, b, login, "x", 1000*second, 1); got.Seen != 1 {
		t.Errorf("after Keep of other rules: %+v", got)
	}
}

func TestWithoutRedisEachGatewayCountsAlone_6(t *testing.T) {
	redis := startServer(t)
	a, b := open(t, Options{URL: redis.url()}), open(t, Options{URL: redis.url()})
	send(t, a, login, "x", 1000*second, 60)
	settled(t, a)
	send(t, b, login, "x", 1000*second, 30)
	settled(t, b)

	redis.kill()
	// What was heard of the others still counts: 30 + 60 are 90.
	if got := send(t, b, login, "x", 1001*second, 10); got.Limited || got.Seen != 100 {
		t.Errorf("just after Redis went: %+v, want 100 seen", got)
	}
	if got := send(t, b, login, "x", 1001*second, 1); !got.Limited {
		t.Errorf("one more: %+v, want limited", got)
	}
	await(t, "the gateways know that Redis is gone", func() bool { return !a.Healthy() && !b.Healthy() })
	if s := b.Stats(); s.LastError == nil || s.Failures == 0 {
		t.Errorf("Redis is gone, and the stats are %+v", s)
	}
	// A window later only the gateway's own requests are left.
	if got := send(t, b, login, "x", 1100*second, 100); got.Limited || got.Seen != 100 {
		t.Errorf("100 requests at one gateway alone: %+v", got)
	}
	if got := send(t, b, login, "x", 1100*second, 1); !got.Limited {
		t.Errorf("101 requests at one gateway alone: %+v", got)
	}
	if got := b.Stats().Fallbacks; got < 101 {
		t.Errorf("%d fallbacks, want at least 101", got)
	}

	redis.start() // empty
	await(t, "the gateways know that Redis is back", func() bool { return a.Healthy() && b.Healthy() })
	send(t, b, login, "x", 1101*second, 1)
	settled(t, b)
	send(t, a, login, "x", 1101*second, 2)
	settled(t, a)
	if got := send(t, a, login, "x", 1101*second, 1); !got.Limited || got.Seen != 105 {
		t.Errorf("after recovery the other gateway says %+v, want 105 seen: what was counted meanwhile is told", got)
	}
}

// A Redis that restarts between two exchanges has lost what it was told.
func TestARestartOfRedisLosesNoCount_6(t *testing.T) {
	redis := startServer(t)
	a, b := open(t, Options{URL: redis.url()}), open(t, Options{URL: redis.url()})
	send(t, a, login, "x", 1000*second, 60)
	send(t, a, login, "x", 1004*second, 20)
	settled(t, a)
	redis.kill()
	redis.start()
	await(t, "the first gateway told all again", func() bool {
		send(t, a, login, "y", 1005*second, 1)
		send(t, a, login, "x", 1005*second, 1)
		settled(t, a)
		send(t, b, login, "x", 1005*second, 2)
		settled(t, b)
		return send(t, b, login, "x", 1005*second, 1).Seen > 83
	})
}

func TestWithoutRedisALimitCanBeDivided_6(t *testing.T) {
	r := open(t, Options{URL: "redis://127.0.0.1:1/0", Gateways: 4})
	if r.Healthy() {
		t.Fatal("healthy without Redis")
	}
	if got := send(t, r, login, "x", 1000*second, 25); got.Limited {
		t.Errorf("a quarter of the limit: %+v", got)
	}
	if got := send(t, r, login, "x", 1000*second, 1); !got.Limited {
		t.Errorf("more than a quarter: %+v", got)
	}
}

// A Redis that takes connections and says nothing: 5,000 requests that each
// waited for it would not be done before the test is.
func TestNoRequestWaitsForRedis(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	r := open(t, Options{URL: "redis://" + l.Addr().String()})
	for k := range 5000 {
		send(t, r, login, fmt.Sprint(k%7), 1000*second, 2)
		if _, err := r.Once(t.Context(), "nonce", time.Minute); !errors.Is(err, ErrUnavailable) {
			t.Fatalf("a nonce: %v", err)
		}
	}
	if s := r.Stats(); s.Refused != 5000 || s.Fallbacks != 10_000 {
		t.Errorf("%+v, want 5,000 refused and 10,000 fallbacks", s)
	}
}

func TestKeysInRedisAreHashesAndExpire(t *testing.T) {
	redis := startServer(t)
	r := open(t, Options{URL: redis.url(), Shared: 50})
	hostile := []string{"", "\x00\xff\r\nFLUSHALL\r\n", "*", "{a}", strings.Repeat("long", 20_000), "secret-cookie"}
	for _, instance := range hostile {
		send(t, r, login, instance, 1000*second, 5)
	}
	for k := range 500 { // more than are shared
		send(t, r, login, fmt.Sprint(k), 1001*second, 3)
	}
	settled(t, r)
	if _, err := r.Once(t.Context(), "secret\nnonce", time.Hour); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Next(t.Context(), "queue"); err != nil {
		t.Fatal(err)
	}
	c := redis.client()
	defer c.Close()
	keys, err := c.Keys(t.Context(), "*").Result()
	if err != nil || len(keys) < len(hostile)+2 {
		t.Fatalf("%d keys, %v", len(keys), err)
	}
	for _, key := range keys {
		if len(key) > 60 || strings.Contains(key, "secret") || !strings.HasPrefix(key, "fathom:") {
			t.Errorf("the key %q", key)
		}
		ttl, err := c.PTTL(t.Context(), key).Result()
		if err != nil || ttl <= 0 || ttl > 24*time.Hour {
			t.Errorf("the key %q lives %v, %v", key, ttl, err)
		}
	}
	to := (*r.rules.Load())[login.ID]
	to.mu.Lock()
	defer to.mu.Unlock()
	if len(to.peers) > 50 {
		t.Errorf("%d instances are shared, 50 are allowed", len(to.peers))
	}
}

// Gateways that come and go leave no fields behind.
func TestPastSpansAreRemoved(t *testing.T) {
	redis := startServer(t)
	for k := range 5 {
		old, err := Open(Options{URL: redis.url()})
		if err != nil {
			t.Fatal(err)
		}
		send(t, old, login, "x", int64(1000+k)*second, 5)
		settled(t, old)
		old.Close()
	}
	r := open(t, Options{URL: redis.url()})
	send(t, r, login, "x", 2000*second, 5)
	c := redis.client()
	defer c.Close()
	key := (*r.rules.Load())[login.ID].peers["x"].key
	await(t, "only the new gateway's span is left", func() bool { return c.HLen(t.Context(), key).Val() == 1 })
}

func TestNoncesAndPlaces(t *testing.T) {
	redis := startServer(t)
	now := time.Unix(1000, 0)
	for name, s := range map[string]Store{"redis": open(t, Options{URL: redis.url()}), "local": NewLocal(rate.Options{}, func() time.Time { return now })} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			for k, want := range []bool{true, false, false} {
				if first, err := s.Once(ctx, "\x00nonce", time.Hour); first != want || err != nil {
					t.Errorf("use %d of a nonce: %v, %v", k+1, first, err)
				}
			}
			if first, err := s.Once(ctx, "another", time.Hour); !first || err != nil {
				t.Errorf("another nonce: %v, %v", first, err)
			}
			for want := int64(1); want <= 3; want++ {
				if got, err := s.Next(ctx, "tickets"); got != want || err != nil {
					t.Errorf("ticket %d is %d, %v", want, got, err)
				}
			}
			for _, c := range []struct{ by, want int64 }{{0, 0}, {50, 50}, {0, 50}, {7, 57}} {
				if got, err := s.Advance(ctx, "admitted", c.by); got != c.want || err != nil {
					t.Errorf("admitted, advanced by %d: %d, %v; want %d", c.by, got, err, c.want)
				}
			}
			if !s.Healthy() {
				t.Error("not healthy")
			}
		})
	}
}

func TestTwoGatewaysGiveNoPlaceTwice(t *testing.T) {
	redis := startServer(t)
	a, b := open(t, Options{URL: redis.url()}), open(t, Options{URL: redis.url()})
	seen := map[int64]bool{}
	for range 50 {
		for _, g := range []*Redis{a, b} {
			n, err := g.Next(t.Context(), "tickets")
			if err != nil || seen[n] {
				t.Fatalf("ticket %d, %v, given before: %v", n, err, seen[n])
			}
			seen[n] = true
		}
	}
	if first, _ := a.Once(t.Context(), "n", time.Hour); !first {
		t.Error("the first use is refused")
	}
	if first, _ := b.Once(t.Context(), "n", time.Hour); first {
		t.Error("the second use at another gateway is allowed")
	}
}

func TestWithoutRedisNoncesAreRefused(t *testing.T) {
	redis := startServer(t)
	r := open(t, Options{URL: redis.url(), Every: 20 * time.Millisecond})
	redis.kill()
	for range 3 {
		if first, err := r.Once(t.Context(), "n", time.Hour); first || !errors.Is(err, ErrUnavailable) {
			t.Errorf("without Redis a nonce is %v, %v", first, err)
		}
		if n, err := r.Next(t.Context(), "tickets"); n != 0 || !errors.Is(err, ErrUnavailable) {
			t.Errorf("without Redis a ticket is %d, %v", n, err)
		}
	}
	if r.Healthy() {
		t.Error("healthy without Redis")
	}
	redis.start()
	await(t, "nonces are given again", func() bool {
		first, err := r.Once(t.Context(), "n", time.Hour)
		return first && err == nil
	})
}

func TestACallerThatGoesAwaySaysNothingOfRedis(t *testing.T) {
	r := open(t, Options{URL: startServer(t).url()})
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if first, err := r.Once(gone, "n", time.Hour); first || !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v", first, err)
	}
	if !r.Healthy() {
		t.Error("no longer healthy")
	}
}

func TestAURLThatIsNoneIsRefusedWithoutItsPassword(t *testing.T) {
	for _, url := range []string{"", "http://x", "redis://user:hunter2@host:port/0", "redis://user:hunter2@host/zero", "://hunter2"} {
		r, err := Open(Options{URL: url})
		if err == nil {
			r.Close()
			t.Errorf("%q is taken", url)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error has the password: %v", err)
		}
	}
}

func BenchmarkCount(b *testing.B) {
	redis := startServer(b)
	rule := webacl.RateRule{ID: "r", Limit: 1000, Window: 300}
	for name, url := range map[string]string{"redis": redis.url(), "gone": "redis://127.0.0.1:1/0"} {
		r := open(b, Options{URL: url})
		keys := make([][]byte, 1024)
		for i := range keys {
			keys[i] = fmt.Appendf(nil, "198.51.%d.%d", i/256, i%256)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				r.Count(rule, keys[i%1024], int64(i)*1e5)
			}
		})
	}
}

// The bound of the package's documentation, with chunks for what an instance
// sends between two exchanges.
func TestAFleetLetsThroughHardlyMoreThanTheLimit_6(t *testing.T) {
	redis := startServer(t)
	const chunk = 7
	fleet := []*Redis{open(t, Options{URL: redis.url()}), open(t, Options{URL: redis.url()}), open(t, Options{URL: redis.url()})}
	passed := 0
	for round := range 30 {
		at := (1000 + int64(round)) * second
		for _, g := range fleet {
			for range chunk {
				if got := send(t, g, login, "x", at, 1); !got.Limited {
					passed++
				}
			}
		}
		settled(t, fleet...)
	}
	if most := 100 + (len(fleet)-1)*(chunk+2); passed < 100 || passed > most {
		t.Errorf("%d of %d requests passed, the limit is 100, the bound %d", passed, 30*3*chunk, most)
	}
}
