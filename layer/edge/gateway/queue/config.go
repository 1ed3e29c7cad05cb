package queue

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"net/http"
	"regexp"
	"sync"
	"time"
)

// Config is what a gateway's configuration says of a waiting room.
type Config struct {
	// Name is part of the cookie's name and of the status path: lower-case letters,
	// digits and dashes, at most 32. Required.
	Name string `yaml:"name"`
	// Rate is how many people are let in a second while somebody waits. It may be a
	// fraction: 0.5 is one every two seconds. Required.
	Rate float64 `yaml:"rate"`
	// Burst is how many are let in at once when nobody waits. 0 is one second's
	// worth, at least 1.
	Burst float64 `yaml:"burst"`
	// Always keeps the room open. Otherwise Options.Open says when it is.
	Always bool `yaml:"always"`
	// Pass is how long a pass is good for after the last request with it; it is
	// renewed while its holder is active. 0 is 15 minutes.
	Pass time.Duration `yaml:"pass"`
	// Longest is how long a pass can be renewed. 0 is 12 hours.
	Longest time.Duration `yaml:"longest"`
	// Claim is how long a turn can be taken once it has come. Browsers run the
	// timers of hidden pages once a minute. 0 is 5 minutes.
	Claim time.Duration `yaml:"claim"`
	// Insecure lets the cookie travel without TLS, for a lab.
	Insecure bool `yaml:"insecure"`
}

// Options are what a gateway passes in.
type Options struct {
	// Keys sign tickets: at least one, each of at least 32 random bytes. The first
	// signs, all verify.
	Keys [][]byte
	// Now is the clock; required. Gateways that share a Store should agree to the
	// second.
	Now func() time.Time
	// Store holds the counters. Nil is a memory of this process.
	Store Store
	// Open says whether people have to wait. Nil is never, unless Config.Always.
	// The room stays open until those who wait are in.
	Open func() bool
	// Inside says that a request belongs to somebody who is in checkout already and
	// must not be queued, whatever its cookies say. Nil is nobody.
	Inside func(*http.Request) bool
	// Client names the client that takes its turn, so that copies of its ticket on
	// other machines are refused. Nil is its address.
	Client func(*http.Request) string
	// Failed hears of errors of the Store. Nil is nobody.
	Failed func(error)
}

// Store holds the counters of the rooms, for all gateways that share them. All of
// its methods first move the line on to the given time.
type Store interface {
	// Look says where the line of a room stands.
	Look(ctx context.Context, room string, p Pace, now time.Time) (Line, error)
	// Next gives the next number to an id. The same id gets the same number again
	// for at least NewcomerLife.
	Next(ctx context.Context, room, id string, p Pace, now time.Time) (number int64, l Line, err error)
	// Claim says whether who may take the turn of a ticket: the first to ask, for
	// as long as ttl, and nobody else.
	Claim(ctx context.Context, room, ticket, who string, ttl time.Duration) (bool, error)
}

// Room is one waiting room. Many requests may use it at once.
type Room struct {
	config Config
	pace   Pace
	keys   [][]byte
	o      Options

	mu     sync.Mutex
	last   Line      // as it was at lastAt, to answer requests while the room is closed
	lastAt time.Time // zero before the first look
}

var nameForm = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)

// New checks a configuration.
func New(c Config, o Options) (*Room, error) {
	switch {
	case !nameForm.MatchString(c.Name):
		return nil, fmt.Errorf("waiting room %q: the name is 1 to 32 lower-case letters, digits and dashes", c.Name)
	case !(c.Rate > 0) || c.Rate > 1e6:
		return nil, fmt.Errorf("waiting room %q lets in %v a second; use more than 0 and at most 1,000,000", c.Name, c.Rate)
	case c.Burst < 0 || c.Burst > 1e6 || c.Burst != c.Burst:
		return nil, fmt.Errorf("waiting room %q has a burst of %v; use 0 to 1,000,000", c.Name, c.Burst)
	case o.Now == nil:
		return nil, fmt.Errorf("waiting room %q needs a clock", c.Name)
	case len(o.Keys) == 0:
		return nil, fmt.Errorf("waiting room %q needs a key: at least 32 random bytes", c.Name)
	}
	for d, or := range map[*time.Duration]time.Duration{&c.Pass: 15 * time.Minute, &c.Longest: 12 * time.Hour, &c.Claim: 5 * time.Minute} {
		if *d == 0 {
			*d = or
		}
		if *d < 10*time.Second {
			return nil, fmt.Errorf("waiting room %q: pass, longest and claim are at least 10s, not %v", c.Name, *d)
		}
	}
	q := &Room{config: c, o: o, pace: Pace{Rate: c.Rate, Burst: max(c.Burst, 1)}}
	if c.Burst == 0 {
		q.pace.Burst = max(c.Rate, 1)
	}
	for i, key := range o.Keys {
		if len(key) < 32 {
			return nil, fmt.Errorf("waiting room %q: key %d has %d bytes; use at least 32 random ones", c.Name, i+1, len(key))
		}
		secret, err := hkdf.Key(sha256.New, key, nil, "fathom gateway queue "+c.Name, 32)
		if err != nil {
			return nil, fmt.Errorf("waiting room %q: key %d: %w", c.Name, i+1, err)
		}
		q.keys = append(q.keys, secret)
	}
	if q.o.Store == nil {
		q.o.Store = NewMemory()
	}
	return q, nil
}

// StatusPath is where the page asks for the place. It is never the origin's.
func (q *Room) StatusPath() string { return "/.well-known/fathom/queue/" + q.config.Name }

func (q *Room) failed(err error) {
	if q.o.Failed != nil {
		q.o.Failed(err)
	}
}
