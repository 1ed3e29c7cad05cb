package gateway

import (
	"net/http"
	"sync"
	"time"
)

// stall ends a stream of HTTP/2 whose client takes nothing of the answer. Of
// HTTP/1 the connection times each write; a stream waits for the window that the
// client gives it, and a client whose connection is alive may give none for ever.
type stall struct {
	mu      sync.Mutex
	timer   *time.Timer
	control *http.ResponseController
	until   time.Time // zero while nothing is being written
}

// within does a write, and resets the stream when it takes longer. The error of
// the write tells.
func (s *stall) within(w http.ResponseWriter, d time.Duration, write func()) {
	s.mu.Lock()
	s.control, s.until = http.NewResponseController(w), time.Now().Add(d)
	if s.timer == nil {
		s.timer = time.AfterFunc(d, s.cut)
	} else {
		s.timer.Reset(d)
	}
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.timer.Stop()
		s.control, s.until = nil, time.Time{}
	}()
	write()
}

// cut may come late, when the write is over or another one is under way.
func (s *stall) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.until.IsZero() || time.Now().Before(s.until) {
		return
	}
	s.control.SetWriteDeadline(time.Unix(1, 0)) //nolint:errcheck // a deadline in the past resets the stream
}

// write writes n bytes of the answer in the time that they may take.
func (x *exchange) write(n int, write func()) {
	if x.r.ProtoMajor == 1 {
		write()
		return
	}
	x.stall.within(x.w, x.s.writeGrace+time.Duration(int64(n)/x.s.writeRate)*time.Second, write)
}

// lastWrite times what net/http writes once the handler is done.
func (x *exchange) lastWrite() {
	if x.r.ProtoMajor != 1 && x.written > 0 {
		http.NewResponseController(x.w).SetWriteDeadline(time.Now().Add(x.s.writeGrace)) //nolint:errcheck // a stream has deadlines
	}
}
