package overload

import (
	"errors"
	"net/http"
	"strconv"
	"time"
)

// Reason is why a request was refused.
type Reason uint8

// The reasons.
const (
	Full    Reason = iota // the limit and the queue are full
	Late                  // it waited as long as its queue allows
	Pushed                // a newer request took its place in a standing queue
	Gone                  // its client went away while it waited
	Boxed                 // the client is in the penalty box
	Closing               // the limiter is closed
	reasons = int(Closing) + 1
)

var reasonNames = [reasons]string{"full", "late", "pushed out", "gone", "penalty box", "closing"}

// String is the reason's name in metrics.
func (r Reason) String() string { return reasonNames[r] }

// Refused is the error of a request that is not taken on.
type Refused struct {
	Class  Class
	Reason Reason
	// RetryAfter is when it makes sense to come again.
	RetryAfter time.Duration
}

func (r *Refused) Error() string {
	return r.Class.String() + " request refused: " + r.Reason.String()
}

// Refusals are made once: refusing is the one thing that has to be cheap.
var refusals = func() (all [classes][reasons]*Refused) {
	for c := range all {
		for r := range all[c] {
			// The dearer a request, the sooner it is welcome again.
			all[c][r] = &Refused{Class(c), Reason(r), []time.Duration{10, 5, 1}[c] * time.Second}
		}
	}
	return all
}()

// InBox is the refusal of a client in the penalty box.
var InBox error = &Refused{Sheddable, Boxed, 30 * time.Second}

// Answer refuses a request at the least cost: 503, or 429 for a client in the
// penalty box, with Retry-After and no body to speak of. With hangUp the connection
// is closed; of HTTP/2 that loses the requests that the client has just sent on it.
func Answer(w http.ResponseWriter, hangUp bool, err error) {
	status, after := http.StatusServiceUnavailable, time.Second
	if r, ok := errors.AsType[*Refused](err); ok {
		after = r.RetryAfter
		if r.Reason == Boxed {
			status = http.StatusTooManyRequests
		}
	}
	h := w.Header()
	h["Retry-After"] = []string{strconv.Itoa(int(after / time.Second))}
	if hangUp {
		h["Connection"] = []string{"close"}
	}
	h["Cache-Control"] = []string{"no-store"}
	h["Content-Length"] = []string{"0"}
	w.WriteHeader(status)
}
