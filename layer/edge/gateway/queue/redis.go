package queue

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// Redis is a Store that gateways share. Its keys begin with a prefix and hold no
// address and no session, only hashes of them; a line that nobody asks for a
// week is forgotten. Each call is one script, so that gateways never see half of
// another's step. Without Redis its methods return errors: whoever has a pass
// goes on, the others keep their tickets and wait.
type Redis struct {
	client  redis.Scripter
	prefix  string
	timeout time.Duration
}

// NewRedis makes a Store. An empty prefix is "fathom:queue:", a timeout of 0 half
// a second.
func NewRedis(client redis.Scripter, prefix string, timeout time.Duration) *Redis {
	if prefix == "" {
		prefix = "fathom:queue:"
	}
	if timeout <= 0 {
		timeout = 500 * time.Millisecond
	}
	return &Redis{client, prefix, timeout}
}

// The script is Count.Move and Memory.Next, in microseconds: Lua counts exactly up
// to 2^53. ARGV: now, rate, burst, how long (ms) the number of an id is
// remembered, 0 for no number.
var move = redis.NewScript(`
local c = redis.call('HMGET', KEYS[1], 'began', 'arrived', 'served', 'at')
local now, rate, burst = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local began, arrived, served, at = tonumber(c[1] or nil), tonumber(c[2] or 0), tonumber(c[3] or 0), tonumber(c[4] or 0)
if not began then
  began, arrived, served, at = now, 0, burst, now
elseif now > at then
  served = math.min(served + rate * (now - at) / 1e6, arrived + burst)
  at = now
end
local number = 0
if ARGV[4] ~= '0' then
  number = tonumber(redis.call('GET', KEYS[2]) or nil)
  if not number then
    arrived = arrived + 1
    number = arrived
    redis.call('SET', KEYS[2], string.format('%.0f', number), 'PX', ARGV[4])
  end
end
redis.call('HSET', KEYS[1], 'began', string.format('%.0f', began), 'arrived', string.format('%.0f', arrived),
  'served', string.format('%.17g', served), 'at', string.format('%.0f', at))
redis.call('PEXPIRE', KEYS[1], 604800000)
return {began, arrived, math.floor(served + 1e-4), number}
`)

var claim = redis.NewScript(`
local first = redis.call('GET', KEYS[1])
if first then
  return first == ARGV[1] and 1 or 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`)

// key names something of a room. The room in braces keeps a room's keys on one
// node of a cluster.
func (s *Redis) key(room, kind, name string) string {
	return s.prefix + "{" + room + "}:" + kind + name
}

func hashed(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

// Look implements Store.
func (s *Redis) Look(ctx context.Context, room string, p Pace, now time.Time) (Line, error) {
	_, l, err := s.run(ctx, room, "", p, now, 0)
	return l, err
}

// Next implements Store.
func (s *Redis) Next(ctx context.Context, room, id string, p Pace, now time.Time) (int64, Line, error) {
	return s.run(ctx, room, hashed(id), p, now, 2*NewcomerLife)
}

func (s *Redis) run(ctx context.Context, room, id string, p Pace, now time.Time, life time.Duration) (int64, Line, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	keys := []string{s.key(room, "line", ""), s.key(room, "id:", id)}
	out, err := move.Run(ctx, s.client, keys, now.UnixMicro(), p.Rate, p.Burst, life.Milliseconds()).Int64Slice()
	switch {
	case err != nil:
		return 0, Line{}, fmt.Errorf("waiting room %q: %w", room, err)
	case len(out) != 4:
		return 0, Line{}, fmt.Errorf("waiting room %q: the script answers %d numbers; want 4", room, len(out))
	}
	return out[3], Line{Began: out[0] * 1000, Arrived: out[1], Served: out[2]}, nil
}

// Claim implements Store.
func (s *Redis) Claim(ctx context.Context, room, ticket, who string, ttl time.Duration) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	ok, err := claim.Run(ctx, s.client, []string{s.key(room, "claim:", ticket)}, hashed(who), ttl.Milliseconds()).Bool()
	if err != nil {
		return false, fmt.Errorf("waiting room %q: %w", room, err)
	}
	return ok, nil
}
