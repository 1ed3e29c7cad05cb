package overload

import (
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// Config is the overload section of a gateway's configuration. Zero fields have
// the defaults written beside them.
type Config struct {
	// Limits are for each pool of origins.
	Limits Limits `yaml:"limits"`
	// Room is when the waiting room opens.
	Room RoomConfig `yaml:"room"`
	// Retries is the budget of each pool of origins.
	Retries BudgetConfig `yaml:"retries"`
	// Pace makes the requests of clients that send many less dear.
	Pace PaceConfig `yaml:"pace"`
	// PenaltyBox drops clients that were refused often.
	PenaltyBox BoxConfig `yaml:"box"`
}

// Limits are the bounds of a Limiter. The limit itself is found by measuring.
type Limits struct {
	// Initial is the limit to begin with: 16. It grows by half ten times a second
	// while it is reached and the origin keeps up.
	Initial int `yaml:"initial"`
	// Min and Max bound the limit: 4 and 4096. Equal bounds make a fixed limit.
	Min int `yaml:"min"`
	Max int `yaml:"max"`
	// Window is how long latencies are gathered before the limit moves: 100ms.
	// A window grows up to ten times as long until it holds enough requests.
	Window time.Duration `yaml:"window"`
	// Probe is how often, while the limit is reached, a cut by a quarter tries
	// whether latency falls with it: 10s.
	Probe time.Duration `yaml:"probe"`
	// Degraded and Sheddable are the parts of the limit that may be in use when
	// a request of that class comes: 0.9 and 0.6. They apply while dearer classes
	// have been seen within Hold; critical requests may use all of it.
	Degraded  float64 `yaml:"degraded"`
	Sheddable float64 `yaml:"sheddable"`
	// Hold is how long room is kept free for a dearer class after its last
	// request: 30s.
	Hold time.Duration `yaml:"hold"`
	// Queues are the queues before the limit.
	Queues Queues `yaml:"queues"`
}

// Queues are the queues before a limit.
type Queues struct {
	Critical  Queue `yaml:"critical"`  // 512 requests, 2s
	Degraded  Queue `yaml:"degraded"`  // 256 requests, 1s: a page asks for a hundred files at once
	Sheddable Queue `yaml:"sheddable"` // 64 requests, 250ms
	// Standing is how long a queue may stand before it is served newest first,
	// as in CoDel: who has waited long has a browser that gave up already. 100ms.
	Standing time.Duration `yaml:"standing"`
}

// Queue bounds one queue. A negative Size has no queue.
type Queue struct {
	Size int           `yaml:"size"`
	Wait time.Duration `yaml:"wait"`
}

// RoomConfig is when the waiting room opens: when critical or degraded requests
// had to wait or were refused in most of the time.
type RoomConfig struct {
	// OpenAfter is how long that has to go on: 3s.
	OpenAfter time.Duration `yaml:"openAfter"`
	// CloseAfter is how long it has to be over: 30s.
	CloseAfter time.Duration `yaml:"closeAfter"`
	// CloseBelow is the part of the limit in use below which it is over: 0.8.
	CloseBelow float64 `yaml:"closeBelow"`
}

// BudgetConfig is how many requests may be sent a second time.
type BudgetConfig struct {
	// Share is retries per success: 0.1.
	Share float64 `yaml:"share"`
	// Burst is the most retries that are saved up, and what there is at the
	// start: 20.
	Burst int `yaml:"burst"`
}

// PaceConfig is how many requests of one client are dear. It matters only while
// a limit is reached.
type PaceConfig struct {
	Off bool `yaml:"off"`
	// Requests is the number of late requests for each of which the class of a
	// client falls by one: 100. A request counts 1, halved every HalfLife (10s), so
	// that the default is some seven requests a second from one address (IPv6: a /64
	// network).
	Requests float64       `yaml:"requests"`
	HalfLife time.Duration `yaml:"halfLife"`
	// Size is the number of clients that are remembered: 65536 (48 bytes each).
	Size int `yaml:"size"`
}

// BoxConfig is the penalty box. It is off by default, since it answers clients
// otherwise than the web ACL would, and since an address may stand for many
// people.
type BoxConfig struct {
	// Enabled turns it on for addresses (IPv6: /64 networks).
	Enabled bool `yaml:"enabled"`
	// Fingerprints turns it on for TLS fingerprints too. Ordinary browsers share
	// theirs, so one is boxed only if it had next to no good request.
	Fingerprints bool `yaml:"fingerprints"`
	// Refusals is the score from which a client is boxed: 50. A refused request
	// counts 1, halved every HalfLife; below half of Refusals it is let out.
	Refusals float64 `yaml:"refusals"`
	// HalfLife is 10s. With Refusals 50, five refused requests a second for some
	// half a minute box a client, and thirty seconds of quiet always free it.
	HalfLife time.Duration `yaml:"halfLife"`
	// Vouch is how long an address is safe after a request with a valid session
	// or pass: 10m.
	Vouch time.Duration `yaml:"vouch"`
	// Size is the number of clients that are remembered: 65536 (48 bytes each).
	Size int `yaml:"size"`
	// Trusted are networks that are never boxed: proxies, health checks.
	Trusted []netip.Prefix `yaml:"trusted"`
}

func or[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

// withDefaults fills in what is zero.
func (l Limits) withDefaults() Limits {
	or(&l.Min, 4)
	or(&l.Max, 4096)
	or(&l.Initial, 16)
	l.Initial = min(max(l.Initial, l.Min), l.Max)
	or(&l.Window, 100*time.Millisecond)
	or(&l.Probe, 10*time.Second)
	or(&l.Degraded, 0.9)
	or(&l.Sheddable, 0.6)
	or(&l.Hold, 30*time.Second)
	for q, d := range map[*Queue]Queue{
		&l.Queues.Critical:  {512, 2 * time.Second},
		&l.Queues.Degraded:  {256, time.Second},
		&l.Queues.Sheddable: {64, 250 * time.Millisecond},
	} {
		or(&q.Size, d.Size)
		or(&q.Wait, d.Wait)
	}
	or(&l.Queues.Standing, 100*time.Millisecond)
	return l
}

func (c RoomConfig) withDefaults() RoomConfig {
	or(&c.OpenAfter, 3*time.Second)
	or(&c.CloseAfter, 30*time.Second)
	or(&c.CloseBelow, 0.8)
	return c
}

func (c BudgetConfig) withDefaults() BudgetConfig {
	or(&c.Share, 0.1)
	or(&c.Burst, 20)
	return c
}

func (c PaceConfig) withDefaults() PaceConfig {
	or(&c.Requests, 100)
	or(&c.HalfLife, 10*time.Second)
	or(&c.Size, 65536)
	return c
}

func (c BoxConfig) withDefaults() BoxConfig {
	or(&c.Refusals, 50)
	or(&c.HalfLife, 10*time.Second)
	or(&c.Vouch, 10*time.Minute)
	or(&c.Size, 65536)
	return c
}

// Check says everything that is wrong with the configuration, in the words of
// its keys; nil if nothing is.
func (c Config) Check() error {
	var errs []error
	bad := func(wrong bool, format string, args ...any) {
		if wrong {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	l := c.Limits.withDefaults()
	bad(c.Limits.Min < 0 || c.Limits.Initial < 0 || l.Max < l.Min, "limits: min %d, initial %d and max %d have to be positive, and max not below min", l.Min, l.Initial, l.Max)
	bad(l.Max > 1<<20, "limits.max: %d is more than 1048576", l.Max)
	bad(l.Window < time.Millisecond || l.Window > time.Minute, "limits.window: %v is not between 1ms and 1m", l.Window)
	bad(l.Probe < l.Window, "limits.probe: %v is shorter than the window of %v", l.Probe, l.Window)
	bad(!(l.Sheddable > 0 && l.Sheddable <= l.Degraded && l.Degraded <= 1), "limits: sheddable %v and degraded %v have to be parts of 1, sheddable not above degraded", l.Sheddable, l.Degraded)
	bad(l.Hold < 0 || l.Queues.Standing < 0, "limits.hold and limits.queues.standing must not be negative")
	for i, q := range []Queue{l.Queues.Sheddable, l.Queues.Degraded, l.Queues.Critical} {
		bad(q.Size > 65536, "limits.queues.%s.size: %d is more than 65536", Class(i), q.Size)
		bad(q.Wait < 0, "limits.queues.%s.wait: %v is negative", Class(i), q.Wait)
	}
	r := c.Room.withDefaults()
	bad(r.OpenAfter < 0 || r.CloseAfter < 0 || !(r.CloseBelow > 0 && r.CloseBelow <= 1), "room: openAfter and closeAfter must not be negative, and closeBelow is a part of 1")
	b := c.Retries.withDefaults()
	bad(!(b.Share >= 0 && b.Share <= 1) || b.Burst < 0, "retries: share is a part of 1, and burst not negative")
	a := c.Pace.withDefaults()
	bad(!(a.Requests >= 1) || a.HalfLife < time.Millisecond || a.Size < 0 || a.Size > 1<<24, "pace: requests is at least 1, halfLife at least 1ms, and size at most 16777216")
	p := c.PenaltyBox.withDefaults()
	bad(!(p.Refusals >= 1) || p.HalfLife < time.Millisecond || p.Vouch < 0 || p.Size < 0 || p.Size > 1<<24, "box: refusals is at least 1, halfLife at least 1ms, vouch not negative and size at most 16777216")
	return errors.Join(errs...)
}
