package shared

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// In Redis an instance is a hash. Each gateway has a field for each span in which
// it counted, "span.gateway", with all that it counted there. A gateway only sets
// its own fields, so that telling something twice changes nothing, and what Redis
// lost is told again.

// batch is how many instances one round trip exchanges, perRound how many one
// round does. The rest waits for the next.
const (
	batch    = 200
	perRound = 4000
)

// enqueue has an instance told to Redis. The queue is bounded: when it is full,
// at least half of it are instances that are no longer shared, and go.
func (r *Redis) enqueue(p *peer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.queue) >= 2*r.options.Shared*(len(*r.rules.Load())+1) {
		r.queue = slices.DeleteFunc(r.queue, func(p *peer) bool { return p.out.Load() })
	}
	r.queue = append(r.queue, p)
}

// requeue has an instance told again that could not be told, unless a request has
// queued it meanwhile.
func (r *Redis) requeue(p *peer) {
	p.rule.mu.Lock()
	queued := p.queued
	p.queued = true
	p.rule.mu.Unlock()
	if !queued {
		r.enqueue(p)
	}
}

// run exchanges until the context is done. While Redis does not answer it tries
// less and less often.
func (r *Redis) run(ctx context.Context) {
	defer close(r.done)
	pause := r.options.Every
	timer := time.NewTimer(pause)
	defer timer.Stop()
	reached := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		told, err := r.round(ctx)
		if err == nil && told == 0 {
			if r.Healthy() && time.Since(reached) < time.Second {
				timer.Reset(pause)
				continue // nothing to say, and heard of it just now
			}
			err = r.ping(ctx)
		}
		if ctx.Err() != nil {
			return
		}
		r.note(err)
		if err != nil {
			r.failures.Add(1)
			pause = min(2*pause, max(maxPause, r.options.Every))
		} else {
			reached, pause = time.Now(), r.options.Every
		}
		timer.Reset(pause)
	}
}

// round exchanges what is queued and says how many instances those were.
func (r *Redis) round(ctx context.Context) (told int, err error) {
	for told < perRound {
		r.mu.Lock()
		n := min(len(r.queue), batch)
		peers := r.queue[:n:n]
		r.queue = r.queue[n:]
		if len(r.queue) == 0 {
			r.queue = nil
		}
		r.mu.Unlock()
		if n == 0 {
			return told, nil
		}
		if err := r.exchange(ctx, peers); err != nil {
			for _, p := range peers {
				r.requeue(p)
			}
			return told, err
		}
		r.exchanges.Add(1)
		told += n
	}
	return told, nil
}

// exchange tells of some instances and hears of them, in one round trip.
func (r *Redis) exchange(ctx context.Context, peers []*peer) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	pipe := r.client.Pipeline()
	sent, heard := make([][]part, len(peers)), make([]*redis.MapStringStringCmd, len(peers))
	for i, p := range peers {
		var fields []any
		sent[i], fields = p.untold(r.gateway)
		if len(fields) > 0 {
			pipe.HSet(ctx, p.key, fields...)
		}
		pipe.PExpire(ctx, p.key, time.Duration((spans+3)*p.rule.span)+time.Second)
		heard[i] = pipe.HGetAll(ctx, p.key)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return err
	}
	var stale []func(redis.Pipeliner)
	for i, p := range peers {
		fields := heard[i].Val()
		old, lost := p.hear(sent[i], fields, r.gateway)
		if lost {
			r.requeue(p)
		}
		if len(old) > 0 {
			stale = append(stale, func(pipe redis.Pipeliner) { pipe.HDel(ctx, p.key, old...) })
		}
	}
	if len(stale) == 0 {
		return nil
	}
	pipe = r.client.Pipeline()
	for _, remove := range stale {
		remove(pipe)
	}
	_, err := pipe.Exec(ctx)
	return err
}

// untold are the spans of this gateway that Redis does not know as they are, and
// the same as fields of a hash. From here on further requests queue the instance
// again.
func (p *peer) untold(gateway string) (sent []part, fields []any) {
	p.rule.mu.Lock()
	defer p.rule.mu.Unlock()
	p.queued = false
	for _, o := range p.own {
		if o.n != o.told && o.span >= p.used-spans {
			sent = append(sent, o)
			fields = append(fields, strconv.FormatInt(o.span, 10)+"."+gateway, o.n)
		}
	}
	return sent, fields
}

// hear takes what Redis knows of an instance, and gives the fields that are past.
// If Redis has lost what it was told, that is to be told again.
func (p *peer) hear(sent []part, fields map[string]string, gateway string) (old []string, lost bool) {
	p.rule.mu.Lock()
	defer p.rule.mu.Unlock()
	for _, s := range sent {
		if o := slot(&p.own, s.span); o.span == s.span {
			o.told = s.n
		}
	}
	p.others = [slots]part{}
	for field, value := range fields {
		name, from, _ := strings.Cut(field, ".")
		span, err := strconv.ParseInt(name, 10, 64)
		n, err2 := strconv.ParseInt(value, 10, 64)
		switch {
		case err != nil || err2 != nil || n < 0 || span < p.used-spans:
			old = append(old, field)
		case from != gateway && span <= p.used+ahead:
			at := slot(&p.others, span)
			at.span, at.n = span, at.n+n
		}
	}
	for i := range p.own {
		o := &p.own[i]
		if o.told == 0 || o.span < p.used-spans {
			continue
		}
		if _, known := fields[strconv.FormatInt(o.span, 10)+"."+gateway]; !known {
			o.told, lost = 0, true
		}
	}
	return old, lost
}
