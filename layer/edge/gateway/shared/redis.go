package shared

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"fathom/engine/webacl/rate"
)

// ErrUnavailable is the answer without Redis. Whoever asked refuses, or goes on
// alone, as its own configuration says.
var ErrUnavailable = errors.New("redis does not answer, so what the gateways share is not known")

var errTooManyCounters = errors.New("more than 10,000 counters are in use")

// Options are of a Redis.
type Options struct {
	// URL is redis://user:password@host:6379/0, rediss://… for TLS, or
	// unix://user:password@/path?db=0.
	URL string
	// Prefix begins all keys; empty is "fathom:". Gateways that share have one.
	Prefix string
	// Gateways is how many gateways share, where somebody knows it: without Redis
	// each then enforces its part of a limit. 0 has each enforce it all.
	Gateways int
	// Every is how often counts are exchanged; 0 is 100 ms.
	Every time.Duration
	// Timeout is how long Redis may take for a nonce or a place; 0 is 100 ms.
	Timeout time.Duration
	// Shared is how many instances of each rule are exchanged at most; 0 is
	// 20,000. Others are counted here only.
	Shared int
	// Rate bounds what is counted here.
	Rate rate.Options
}

// maxPause is the longest time between two attempts to reach Redis.
const maxPause = 2 * time.Second

// Stats are what happened since Open.
type Stats struct {
	// Exchanges and Failures are of the exchange of counts.
	Exchanges, Failures uint64
	// Fallbacks are the requests counted while Redis did not answer; Refused the
	// nonces and places not given.
	Fallbacks, Refused uint64
	// LastError is the last failure, whatever happened since.
	LastError error
}

// Redis is a Store that gateways share. It runs one goroutine, until Close.
type Redis struct {
	options Options
	client  *redis.Client
	local   *rate.Counter
	// gateway is this gateway's name in Redis, another after each start.
	gateway string
	healthy atomic.Bool

	exchanges, failures, fallbacks, refused atomic.Uint64
	lastError                               atomic.Pointer[error]

	rules atomic.Pointer[map[string]*rule]
	mu    sync.Mutex // for changes of rules, and queue
	queue []*peer

	stop context.CancelFunc
	done chan struct{}
}

// Open connects. It is an error only if the URL is none: whether Redis answers
// may change at any time, and Healthy says it.
func Open(o Options) (*Redis, error) {
	to, err := redis.ParseURL(o.URL)
	if err != nil {
		return nil, fmt.Errorf("the Redis URL does not parse: %w; write redis://host:6379/0", hidePassword(err))
	}
	if o.Prefix == "" {
		o.Prefix = "fathom:"
	}
	if o.Every <= 0 {
		o.Every = 100 * time.Millisecond
	}
	if o.Timeout <= 0 {
		o.Timeout = 100 * time.Millisecond
	}
	if o.Shared <= 0 {
		o.Shared = 20_000
	}
	to.MaxRetries, to.DialerRetries = -1, 1
	to.DialTimeout, to.ReadTimeout, to.WriteTimeout = time.Second, time.Second, time.Second
	to.ContextTimeoutEnabled = true
	to.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	redis.SetLogger(silent{}) // every failure is returned, too, and counted here
	r := &Redis{options: o, client: redis.NewClient(to), local: rate.NewExact(o.Rate), gateway: rand.Text()[:10], done: make(chan struct{})}
	r.rules.Store(&map[string]*rule{})
	ctx, stop := context.WithCancel(context.Background())
	r.stop = stop
	r.note(r.ping(ctx))
	go r.run(ctx)
	return r, nil
}

// hidePassword keeps what net/url quotes out of errors.
func hidePassword(err error) error {
	var quoted interface{ Unwrap() error }
	if errors.As(err, &quoted) {
		return quoted.Unwrap()
	}
	return err
}

type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

// Close ends the exchange and the connections. What was not yet told is lost.
func (r *Redis) Close() error {
	r.stop()
	<-r.done
	if err := r.client.Close(); !errors.Is(err, redis.ErrClosed) {
		return err
	}
	return nil
}

// Client runs scripts, for what else gateways share: package queue.
func (r *Redis) Client() redis.Scripter { return r.client }

// Healthy is whether Redis answered last time.
func (r *Redis) Healthy() bool { return r.healthy.Load() }

// Stats are the counters for metrics.
func (r *Redis) Stats() Stats {
	s := Stats{Exchanges: r.exchanges.Load(), Failures: r.failures.Load(), Fallbacks: r.fallbacks.Load(), Refused: r.refused.Load()}
	if err := r.lastError.Load(); err != nil {
		s.LastError = *err
	}
	return s
}

// note keeps whether Redis answered.
func (r *Redis) note(err error) {
	r.healthy.Store(err == nil)
	if err != nil {
		r.lastError.Store(&err)
	}
}

func (r *Redis) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	return r.client.Ping(ctx).Err()
}

// ask does one thing for a caller that waits. After a failure nobody waits any
// more, until the exchange has reached Redis again.
func (r *Redis) ask(ctx context.Context, do func(context.Context) error) error {
	if !r.Healthy() {
		r.refused.Add(1)
		return ErrUnavailable
	}
	within, cancel := context.WithTimeout(ctx, r.options.Timeout)
	defer cancel()
	err := do(within)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err() // the caller went away, that says nothing of Redis
	}
	r.note(err)
	r.refused.Add(1)
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// key is the name of something in Redis: a hash, so that keys are short and say
// nothing.
func (r *Redis) key(kind string, parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return r.options.Prefix + kind + ":" + hex.EncodeToString(h.Sum(nil)[:16])
}

// Once implements Store. Where it is not known whether a nonce was used, it is
// not the first.
func (r *Redis) Once(ctx context.Context, key string, ttl time.Duration) (first bool, err error) {
	if ttl < time.Millisecond {
		return false, fmt.Errorf("a nonce that lives %v protects nothing; give at least a millisecond", ttl)
	}
	err = r.ask(ctx, func(ctx context.Context) error {
		err := r.client.SetArgs(ctx, r.key("once", key), "", redis.SetArgs{Mode: "NX", TTL: ttl}).Err()
		first = err == nil
		if errors.Is(err, redis.Nil) {
			return nil
		}
		return err
	})
	return first && err == nil, err
}

// Next implements Store.
func (r *Redis) Next(ctx context.Context, name string) (int64, error) { return r.Advance(ctx, name, 1) }

// Advance implements Store. After an error the counter may have advanced or not.
func (r *Redis) Advance(ctx context.Context, name string, by int64) (value int64, err error) {
	err = r.ask(ctx, func(ctx context.Context) error {
		key := r.key("count", name)
		if by == 0 {
			value, err = r.client.Get(ctx, key).Int64()
			if errors.Is(err, redis.Nil) {
				return nil
			}
			return err
		}
		p := r.client.Pipeline()
		added := p.IncrBy(ctx, key, by)
		p.PExpire(ctx, key, idle)
		_, err := p.Exec(ctx)
		value = added.Val()
		return err
	})
	if err != nil {
		return 0, err
	}
	return value, nil
}
