package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// junkPlan is what the crowd is told.
type junkPlan struct {
	Address string
	Rate    float64 // requests a second, of all kinds together
	For     time.Duration
}

func (p junkPlan) String() string {
	b, _ := json.Marshal(p)
	return string(b)
}

// junkDone is what it did.
type junkDone struct {
	Asked, Sent int64         // requests to send, and sent
	Took        time.Duration // to send them
	Kinds       map[string]map[string]int64
	Slow        int64 // connections that were kept open by a byte at a time
	Cut         int64 // of those, closed by the gateway
}

// herd is one kind of junk: a share of the requests, from some addresses, so many
// on one connection.
type herd struct {
	name      string
	share     float64
	net       byte // 127.net.0.0
	addresses int
	per       int // requests on one connection
	request   func(r *rand.Rand) string
}

const head = "Host: localhost\r\nUser-Agent: " + browser + "\r\nAccept: */*\r\n"

func get(path, headers string) string { return "GET " + path + " HTTP/1.1\r\n" + headers + "\r\n" }

func post(path, kind, body string) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\n%sContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", path, head, kind, len(body), body)
}

// herds are the junk. The scrapers are the worst of it: no rule finds them, and
// what they ask for costs the shop as much as a customer does.
var herds = []herd{
	{"bad user agents", 0.30, 30, 40, 10, func(r *rand.Rand) string {
		agent := []string{"sqlmap/1.8", "Nikto/2.5", "python-requests/2.32", "masscan/1.3"}[r.IntN(4)]
		return get(fmt.Sprintf("/products/%d?id=1%%27%%20or%%201=1", r.IntN(500)), "Host: localhost\r\nUser-Agent: "+agent+"\r\n")
	}},
	{"floods from few addresses", 0.25, 31, 20, 50, func(r *rand.Rand) string {
		return get(fmt.Sprintf("/?%d", r.Uint64()), head)
	}},
	{"scrapers", 0.15, 32, 2000, 5, func(r *rand.Rand) string {
		if r.IntN(3) > 0 {
			return get(fmt.Sprintf("/search?q=%d", r.IntN(100000)), head)
		}
		return get(fmt.Sprintf("/products/%d", r.IntN(500)), head)
	}},
	{"POST /login", 0.20, 33, 50, 10, func(r *rand.Rand) string {
		return post("/login", "application/x-www-form-urlencoded", fmt.Sprintf("name=user%d%%40example.com&password=%x", r.IntN(100000), r.Uint64()))
	}},
	{"POST /checkout without session", 0.10, 34, 50, 10, func(r *rand.Rand) string {
		return post("/checkout", "application/json", fmt.Sprintf(`{"order":"junk-%x","items":[]}`, r.Uint64()))
	}},
}

// The slow: connections that send a byte of a header at a time.
const (
	slowConnections = 150
	slowAddresses   = 15
	senders         = 1024 // at once
)

// crowd sends junk.
type crowd struct {
	plan junkPlan
	sent atomic.Int64
	slow atomic.Int64
	cuts atomic.Int64
	mu   sync.Mutex
	did  map[string]map[string]int64
}

// runJunk sends what the plan says. The first line says that it begins, the
// second what came of it.
func runJunk(ctx context.Context, plan string, stdout io.Writer) error {
	c := &crowd{did: map[string]map[string]int64{}}
	if err := json.Unmarshal([]byte(plan), &c.plan); err != nil {
		return err
	}
	if host, _, err := net.SplitHostPort(c.plan.Address); err != nil || !net.ParseIP(host).IsLoopback() {
		return errors.New("junk is sent to loopback alone")
	}
	ctx, cancel := context.WithTimeout(ctx, c.plan.For+20*time.Second)
	defer cancel()
	fmt.Fprintln(stdout, "begun")
	var group sync.WaitGroup
	slowCtx, endSlow := context.WithTimeout(ctx, c.plan.For)
	defer endSlow()
	for i := range slowConnections {
		group.Go(func() { c.dribble(slowCtx, i) })
	}
	done := c.send(ctx)
	group.Wait()
	done.Slow, done.Cut, done.Kinds = c.slow.Load(), c.cuts.Load(), c.did
	return json.NewEncoder(stdout).Encode(done)
}

// send sends bursts, each of one connection, in an open loop: a slow answer does
// not make the crowd wait, until all senders are busy.
func (c *crowd) send(ctx context.Context) junkDone {
	rng := rand.New(rand.NewPCG(9, 9))
	var group sync.WaitGroup
	places := make(chan struct{}, senders)
	start := time.Now()
	asked := int64(0)
	for time.Since(start) < c.plan.For && ctx.Err() == nil {
		h := &herds[pick(rng)]
		asked += int64(h.per)
		due := start.Add(time.Duration(float64(asked) / c.plan.Rate * 1e9))
		time.Sleep(time.Until(due))
		select {
		case places <- struct{}{}:
		case <-ctx.Done():
			continue
		}
		seed := rng.Uint64()
		group.Go(func() {
			defer func() { <-places }()
			c.burst(ctx, h, rand.New(rand.NewPCG(seed, 1)))
		})
	}
	took := time.Since(start)
	group.Wait()
	return junkDone{Asked: int64(c.plan.Rate * took.Seconds()), Sent: c.sent.Load(), Took: took}
}

// pick chooses a herd by its share of requests; a herd with many requests on a
// connection makes fewer connections.
func pick(rng *rand.Rand) int {
	total := 0.0
	for _, h := range herds {
		total += h.share / float64(h.per)
	}
	at := rng.Float64() * total
	for i, h := range herds {
		if at -= h.share / float64(h.per); at < 0 {
			return i
		}
	}
	return len(herds) - 1
}

// burst is one connection of a herd. A request that the gateway does not even
// take a connection for was sent all the same.
func (c *crowd) burst(ctx context.Context, h *herd, rng *rand.Rand) {
	counts := map[string]int64{}
	for left := h.per; left > 0 && ctx.Err() == nil; {
		n, err := c.connection(ctx, h, rng, left, counts)
		left -= n
		c.sent.Add(int64(n))
		if err != nil {
			counts["dropped"]++
			left--
			c.sent.Add(1)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.did[h.name] == nil {
		c.did[h.name] = map[string]int64{}
	}
	for k, n := range counts {
		c.did[h.name][k] += n
	}
}

var junkTLS = &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12} // junk does not look whom it floods

// connection sends up to left requests on one connection, and says how many were
// answered.
func (c *crowd) connection(ctx context.Context, h *herd, rng *rand.Rand, left int, counts map[string]int64) (int, error) {
	a := rng.IntN(h.addresses)
	d := tls.Dialer{Config: junkTLS, NetDialer: &net.Dialer{
		Timeout: 5 * time.Second, LocalAddr: &net.TCPAddr{IP: net.IPv4(127, h.net, byte(a>>8), byte(a))},
	}}
	conn, err := d.DialContext(ctx, "tcp4", c.plan.Address)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	in := bufio.NewReaderSize(conn, 4<<10)
	for i := range left {
		conn.SetDeadline(time.Now().Add(5 * time.Second)) //nolint:errcheck // it is open
		if _, err := io.WriteString(conn, h.request(rng)); err != nil {
			return i, err
		}
		answer, err := http.ReadResponse(in, nil)
		if err != nil {
			return i, err
		}
		io.Copy(io.Discard, answer.Body) //nolint:errcheck // the next read says
		answer.Body.Close()
		counts[answer.Status[:3]]++
		if answer.Close {
			return i + 1, nil
		}
	}
	return left, nil
}

// dribble keeps a connection open as slowly as it can, again and again.
func (c *crowd) dribble(ctx context.Context, i int) {
	address := &net.TCPAddr{IP: net.IPv4(127, 35, 0, byte(i%slowAddresses))}
	for ctx.Err() == nil {
		d := tls.Dialer{Config: junkTLS, NetDialer: &net.Dialer{Timeout: 5 * time.Second, LocalAddr: address}}
		conn, err := d.DialContext(ctx, "tcp4", c.plan.Address)
		if err == nil {
			c.slow.Add(1)
			text := get("/", head)
			for ; err == nil && text != ""; text = text[1:] {
				if _, err = conn.Write([]byte(text[:1])); err == nil && !pause(ctx, time.Second) {
					break
				}
			}
			conn.Close() //nolint:errcheck // it is junk
		}
		if err != nil && ctx.Err() == nil {
			c.cuts.Add(1)
		}
		pause(ctx, time.Second)
	}
}

// pause waits, and says whether there is time left.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// result waits for the crowd to end.
func (c *child) result() (junkDone, error) {
	var d junkDone
	line, err := c.out.line()
	if err == nil || strings.HasPrefix(line, "{") {
		err = json.Unmarshal([]byte(line), &d)
	}
	return d, err
}
