package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// browser is what a customer's requests say of themselves.
const browser = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

// customers shop at the gateway.
type customers struct {
	address string
	roots   *x509.CertPool
	number  int
}

func newCustomers(address string, roots *x509.CertPool) *customers {
	return &customers{address: address, roots: roots}
}

// result is what became of the checkouts of one phase.
type result struct {
	mu      sync.Mutex
	began   int
	took    []time.Duration // of those that every answer was good of
	steps   [perCheckout][]time.Duration
	late    time.Duration  // the most that the crowd itself was late
	lost    map[string]int // why others were not
	orders  []string       // of those in took
	missing int            // of those, not in the book
	twice   int            // in the book more than once
}

// shop begins so many checkouts a second, at random moments, and waits for all.
// The seed makes the moments the same in every run.
func (c *customers) shop(ctx context.Context, rate float64, d time.Duration, seed uint64) *result {
	rng := rand.New(rand.NewPCG(seed, 5))
	r := &result{lost: map[string]int{}}
	var group sync.WaitGroup
	start := time.Now()
	for at := time.Duration(0); ; {
		at += time.Duration(rng.ExpFloat64() / rate * 1e9)
		if at > d || ctx.Err() != nil {
			break
		}
		time.Sleep(time.Until(start.Add(at)))
		r.late = max(r.late, time.Since(start.Add(at)))
		c.number++
		n := c.number
		r.began++
		group.Go(func() { c.checkout(ctx, n, r) })
	}
	group.Wait()
	time.Sleep(time.Until(start.Add(d)))
	return r
}

// checkout is one customer: a new address, a new connection, six requests.
func (c *customers) checkout(ctx context.Context, n int, r *result) {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	client, done := c.client(n)
	defer done()
	order := fmt.Sprintf("order-%d", n)
	steps := [perCheckout]*http.Request{
		c.request(ctx, "GET", "/", "", ""),
		c.request(ctx, "GET", fmt.Sprintf("/products/%d", n%500), "", ""),
		c.request(ctx, "GET", fmt.Sprintf("/products/%d", n%333), "", ""),
		c.request(ctx, "POST", "/cart", "application/x-www-form-urlencoded", url.Values{"product": {fmt.Sprint(n % 333)}, "quantity": {"1"}}.Encode()),
		c.request(ctx, "POST", "/login", "application/x-www-form-urlencoded", url.Values{"name": {fmt.Sprintf("customer%d@example.com", n)}, "password": {"correct horse"}}.Encode()),
		c.request(ctx, "POST", "/checkout", "application/json", fmt.Sprintf(`{"order":%q,"items":[{"product":%d,"quantity":1}],"address":{"street":"Long Lane 5","city":"Leeds"}}`, order, n%333)),
	}
	var took time.Duration
	var each [perCheckout]time.Duration
	for i, q := range steps {
		start := time.Now()
		status, err := do(client, q)
		each[i] = time.Since(start)
		took += each[i]
		if err != nil || status >= 300 {
			r.lose(fmt.Sprintf("%s %s: %s", q.Method, kind(q.URL.Path), why(status, err)))
			return
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.took = append(r.took, took)
	r.orders = append(r.orders, order)
	for i := range each {
		r.steps[i] = append(r.steps[i], each[i])
	}
}

// client is a browser of its own: connection, cookies, address.
func (c *customers) client(n int) (*http.Client, func()) {
	d := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 20, byte(n>>8), byte(n))}}
	jar, _ := cookiejar.New(nil)
	t := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return d.DialContext(ctx, "tcp4", c.address)
		},
		TLSClientConfig: &tls.Config{RootCAs: c.roots, ServerName: "localhost", MinVersion: tls.VersionTLS12},
		MaxConnsPerHost: 1,
	}
	return &http.Client{Transport: t, Jar: jar}, t.CloseIdleConnections
}

func (c *customers) request(ctx context.Context, method, path, contentType, body string) *http.Request {
	q, err := http.NewRequestWithContext(ctx, method, "https://localhost"+path, strings.NewReader(body))
	if err != nil {
		panic(err) // the paths are above
	}
	// Nothing may be sent twice: a body that cannot be had again is not.
	q.GetBody = nil
	if method == "GET" {
		q.Body, q.ContentLength = nil, 0
	}
	q.Header.Set("User-Agent", browser)
	q.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	if contentType != "" {
		q.Header.Set("Content-Type", contentType)
	}
	return q
}

func do(client *http.Client, q *http.Request) (int, error) {
	a, err := client.Do(q)
	if err != nil {
		return 0, err
	}
	defer a.Body.Close()
	_, err = io.Copy(io.Discard, a.Body)
	return a.StatusCode, err
}

func (r *result) lose(why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lost[why]++
}

// compare holds the checkouts to the shop's own book.
func (r *result) compare(b book) {
	for _, o := range r.orders {
		switch n := b.Orders[o]; {
		case n == 0:
			r.missing++
		case n > 1:
			r.twice++
		}
	}
}

// good is how many checkouts succeeded.
func (r *result) good() int { return len(r.took) - r.missing - r.twice }

func kind(path string) string {
	if strings.HasPrefix(path, "/products/") {
		return "/products"
	}
	return path
}

func why(status int, err error) string {
	if err == nil {
		return fmt.Sprint(status)
	}
	if i := strings.LastIndex(err.Error(), ": "); i >= 0 {
		return err.Error()[i+2:]
	}
	return err.Error()
}

func quantile(ds []time.Duration, p float64) time.Duration {
	if len(ds) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(ds))
	return s[min(int(p*float64(len(s))), len(s)-1)]
}

// reader reads the lines of a process.
type reader struct{ b *bufio.Reader }

func newReader(r io.Reader) *reader { return &reader{bufio.NewReader(r)} }

func (r *reader) line() (string, error) {
	s, err := r.b.ReadString('\n')
	return strings.TrimSpace(s), err
}
