package gateway_test

import (
	"crypto/tls"
	"encoding/binary"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"time"
)

// h2frame is one frame of HTTP/2.
func h2frame(kind, flags byte, stream uint32, payload string) string {
	n := len(payload)
	b := []byte{byte(n >> 16), byte(n >> 8), byte(n), kind, flags}
	return string(binary.BigEndian.AppendUint32(b, stream)) + payload
}

// h2dial opens a connection of HTTP/2 whose frames the test writes itself. It
// gives each stream of the answers so much to send, answers pings, so that the
// connection looks alive, and counts the streams that the gateway gave up.
func h2dial(t *testing.T, h *house, config *tls.Config, window uint32) (c *tls.Conn, resets *atomic.Int32) {
	t.Helper()
	config.NextProtos = []string{"h2"}
	resets = new(atomic.Int32)
	c, err := tls.Dial("tcp", h.addr(0), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	settings := string(binary.BigEndian.AppendUint32([]byte{0, 4}, window))
	io.WriteString(c, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"+h2frame(4, 0, 0, settings))
	go func() {
		head := make([]byte, 9)
		for {
			if _, err := io.ReadFull(c, head); err != nil {
				return
			}
			payload := make([]byte, int(head[0])<<16|int(head[1])<<8|int(head[2]))
			if _, err := io.ReadFull(c, payload); err != nil {
				return
			}
			if head[3] == 3 {
				resets.Add(1)
			}
			if head[3] == 6 && head[4]&1 == 0 {
				io.WriteString(c, h2frame(6, 1, 0, string(payload)))
			}
		}
	}()
	return c, resets
}

// A client of HTTP/2 may ask for answers and take none of them, while its
// connection is as alive as can be: each stream has its own time.
func TestAStreamThatIsNotReadIsCutOff(t *testing.T) {
	for name, size := range map[string]int{"a long answer": 1 << 30, "a short answer": 100} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			pool := certificate(t, dir, "a", "shop.example")
			var open atomic.Int32
			origin := newSeen(t, func(w http.ResponseWriter, r *http.Request) {
				open.Add(1)
				defer open.Add(-1)
				block := make([]byte, min(size, 1<<20))
				for sent := 0; sent < size; sent += len(block) {
					if _, err := w.Write(block); err != nil {
						return
					}
				}
			})
			h := run(t, withTLS+quick, origin.URL, dir)
			c, resets := h2dial(t, h, &tls.Config{RootCAs: pool, ServerName: "shop.example"}, 0)
			const get = "\x82\x87\x84\x41\x0cshop.example"
			for i := range uint32(5) {
				io.WriteString(c, h2frame(1, 5, 2*i+1, get))
			}
			eventually(t, "the origin is asked", func() bool { return origin.count() == 5 })
			eventually(t, "the origin is let go", func() bool { return open.Load() == 0 })
			eventually(t, "the streams are given up", func() bool { return resets.Load() == 5 })
		})
	}
}

// An origin may take its time between two parts of an answer: only a client that
// does not read is slow.
func TestAnOriginMayPause(t *testing.T) {
	dir := t.TempDir()
	pool := certificate(t, dir, "a", "shop.example")
	origin := newSeen(t, func(w http.ResponseWriter, r *http.Request) {
		for range 3 {
			io.WriteString(w, "data: x\n\n")
			w.(http.Flusher).Flush()
			time.Sleep(500 * time.Millisecond) // beyond writeGrace
		}
	})
	h := run(t, withTLS+quick, origin.URL, dir)
	for _, h2 := range []bool{false, true} {
		if r, body := get(t, h.client(pool, h2), "https://shop.example/"); r.StatusCode != 200 || body != "data: x\n\ndata: x\n\ndata: x\n\n" {
			t.Errorf("HTTP/2 %t: %d %q", h2, r.StatusCode, body)
		}
	}
}
