package gateway

import (
	"io"
	"net/http"
	"time"
)

// timedBody is the body of the request. Of HTTP/1 the connection itself is
// timed; of HTTP/2 each stream is, here.
func (x *exchange) timedBody() io.Reader {
	if x.r.ProtoMajor == 1 {
		return x.r.Body
	}
	return &timed{body: x.r.Body, control: http.NewResponseController(x.w), grace: x.s.grace, rate: x.s.rate}
}

// timed gives a stream's body only so much time.
type timed struct {
	body    io.Reader
	control *http.ResponseController
	grace   time.Duration
	rate    int64
	waited  time.Duration
	came    int64
}

func (t *timed) Read(p []byte) (int, error) {
	start := time.Now()
	allowed := t.grace + time.Duration(t.came/t.rate)*time.Second - t.waited
	t.control.SetReadDeadline(start.Add(min(allowed, 10*t.grace))) //nolint:errcheck // then it is bounded by the connection's limits
	n, err := t.body.Read(p)
	t.waited += time.Since(start)
	t.came += int64(n)
	return n, err
}
