package gateway_test

import (
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A POST without a body reaches the origin as one of length 0: strict servers
// refuse chunks of nothing.
func TestAPostWithoutABodyHasNoChunks(t *testing.T) {
	origin := newSeen(t, nil)
	h := run(t, plain, origin.URL, t.TempDir())
	for _, head := range []string{"POST / HTTP/1.1\r\nHost: shop\r\n", "POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 0\r\n", "PURGE / HTTP/1.1\r\nHost: shop\r\n"} {
		h.say(t, head+"Connection: close\r\n\r\n")
		if got := origin.last(); len(got.TransferEncoding) > 0 || got.ContentLength != 0 {
			t.Errorf("%.5s: coding %v, length %d", head, got.TransferEncoding, got.ContentLength)
		}
	}
}

// Of HTTP/2 a request that is shed ends alone: those beside it on the connection are
// answered.
func TestAShedStreamLeavesTheOthers(t *testing.T) {
	dir := t.TempDir()
	pool := certificate(t, dir, "a", "shop.example")
	origin := newSeen(t, func(_ http.ResponseWriter, _ *http.Request) { time.Sleep(10 * time.Millisecond) })
	h := run(t, withTLS+"overload: {limits: {initial: 4, min: 4, max: 4, queues: {degraded: {size: -1}}}}\n", origin.URL, dir)
	client := h.client(pool, true)
	var wg sync.WaitGroup
	var served, shed atomic.Int64
	for range 60 {
		wg.Go(func() {
			answer, err := client.Post("https://shop.example/", "text/plain", nil) // which no client sends again
			if err != nil {
				t.Error(err)
				return
			}
			answer.Body.Close()
			switch answer.StatusCode {
			case http.StatusOK:
				served.Add(1)
			case http.StatusServiceUnavailable:
				shed.Add(1)
			default:
				t.Error(answer.Status)
			}
		})
	}
	wg.Wait()
	if served.Load() == 0 || shed.Load() == 0 {
		t.Errorf("%d served, %d shed", served.Load(), shed.Load())
	}
}

// A page of a hundred pictures: as many streams at once as a browser may have.
func TestAHundredStreamsAtOnceAreServed(t *testing.T) {
	dir := t.TempDir()
	pool := certificate(t, dir, "a", "shop.example")
	origin := newSeen(t, func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(20 * time.Millisecond)
		fmt.Fprint(w, r.URL.Path)
	})
	// How many may wait is what is asked here, not how fast this machine is.
	h := run(t, withTLS+"overload: {limits: {queues: {degraded: {wait: 60s}, sheddable: {wait: 60s}}}}\n", origin.URL, dir)
	client := h.client(pool, true)
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			path := fmt.Sprintf("/picture/%d", i)
			answer, err := client.Get("https://shop.example" + path)
			if err != nil {
				t.Error(err)
				return
			}
			defer answer.Body.Close()
			body, err := io.ReadAll(answer.Body)
			if err != nil || string(body) != path || answer.ProtoMajor != 2 {
				t.Errorf("%s: %s %q, %v", path, answer.Status, body, err)
			}
		})
	}
	wg.Wait()
}
