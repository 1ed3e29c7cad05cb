package queue

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// startRedis starts a Redis of the test's own, on a socket.
func startRedis(t *testing.T, socket string) (stop func()) {
	t.Helper()
	server := exec.Command("redis-server", "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no", "--dir", filepath.Dir(socket))
	if err := server.Start(); err != nil {
		t.Fatalf("redis-server is missing: run make setup (%v)", err)
	}
	stopped := false
	stop = func() {
		if !stopped {
			stopped = true
			_ = server.Process.Kill()
			_ = server.Wait()
		}
	}
	t.Cleanup(stop)
	return stop
}

func redisStore(t *testing.T, socket string) *Redis {
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: socket, MaxRetries: -1})
	t.Cleanup(func() { _ = client.Close() })
	for end := time.Now().Add(time.Minute); client.Ping(context.Background()).Err() != nil; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("Redis does not answer")
		}
	}
	return NewRedis(client, "", time.Minute)
}

// TestRedisCountsAsMemoryDoes asks both the same, at random.
func TestRedisCountsAsMemoryDoes(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "redis")
	startRedis(t, socket)
	shared, alone := redisStore(t, socket), NewMemory()
	ctx, now := context.Background(), time.Unix(1_790_000_000, 0)
	random := rand.New(rand.NewPCG(3, 4))
	for room := range 5 {
		name, p := fmt.Sprint("room-", room), Pace{Rate: float64(1+room) / 3, Burst: float64(1 + room)}
		for step := range 200 {
			now = now.Add(time.Duration(random.IntN(3_000_000)) * time.Microsecond)
			if random.IntN(20) == 0 {
				now = now.Add(-time.Second) // clocks differ
			}
			switch random.IntN(3) {
			case 0:
				a, err := shared.Look(ctx, name, p, now)
				b, _ := alone.Look(ctx, name, p, now)
				if err != nil || a != b {
					t.Fatalf("step %d: %+v, %v; want %+v", step, a, err, b)
				}
			case 1:
				id := fmt.Sprint(random.IntN(50))
				n, a, err := shared.Next(ctx, name, id, p, now)
				m, b, _ := alone.Next(ctx, name, id, p, now)
				if err != nil || a != b || n != m {
					t.Fatalf("step %d: %d, %+v, %v; want %d, %+v", step, n, a, err, m, b)
				}
			case 2:
				ticket, who := fmt.Sprint(random.IntN(50)), fmt.Sprint(random.IntN(3))
				a, err := shared.Claim(ctx, name, ticket, who, time.Hour)
				b, _ := alone.Claim(ctx, name, ticket, who, time.Hour)
				if err != nil || a != b {
					t.Fatalf("step %d: %v, %v; want %v", step, a, err, b)
				}
			}
		}
	}
}

// TestTwoGatewaysShareOneLine has one crowd ask two gateways, either by chance.
func TestTwoGatewaysShareOneLine(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "redis")
	stop := startRedis(t, socket)
	at := &clock{time.Unix(1_790_000_000, 0)}
	share := func(o *Options) { o.Store = redisStore(t, socket) }
	gateways := []*Room{testRoom(t, Config{Rate: 2, Burst: 1, Always: true}, at, share), testRoom(t, Config{Rate: 2, Burst: 1, Always: true}, at, share)}
	var all []*visitor
	for range 20 {
		all = append(all, visitorOf(gateways[0]))
	}
	in := 0
	for half := range 22 { // one place each half second, and the burst
		now := 0
		for _, v := range all {
			v.room = gateways[rand.IntN(2)]
			if held := v.cookies[v.room.cookie()]; held != "" {
				if ticket, _ := v.room.verify(held); ticket.kind == pass {
					continue
				}
			}
			if admitted, _ := v.ask(); admitted {
				now++
			}
		}
		if in += now; now > 1 || in > half+1 {
			t.Fatalf("%d got in at once, %d within %d half seconds", now, in, half)
		}
		at.at = at.at.Add(500 * time.Millisecond)
	}
	if in < 19 {
		t.Errorf("only %d of 20 got in", in)
	}
	crowd(gateways[0], 5)
	waits := visitorOf(gateways[0])
	waits.ask()
	_, before := waits.ask()
	stop()
	if admitted, s := waits.ask(); admitted || s.State != "unsure" {
		t.Errorf("Redis is gone: %v, %+v", admitted, s)
	}
	if admitted, _ := all[0].ask(); !admitted {
		t.Error("Redis is gone: a pass is worth nothing")
	}
	startRedis(t, socket)
	redisStore(t, socket) // waits until it answers
	if _, s := waits.ask(); before.State != "waiting" || s.State == "unsure" {
		t.Errorf("Redis is back, empty: before %+v, now %+v", before, s)
	}
}
