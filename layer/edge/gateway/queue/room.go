package queue

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"time"
)

// Serve lets a request through or answers it. True is that the request may go to
// the origin; the answer may then have got a cookie.
func (q *Room) Serve(w http.ResponseWriter, r *http.Request) (admitted bool) {
	held := q.held(r)
	inside := q.o.Inside != nil && q.o.Inside(r)
	switch {
	case held.kind == pass:
		q.renew(w, held)
		return true
	case inside, !q.open(r.Context()):
		// Whoever is in before the room opens is in checkout when it does.
		q.give(w, q.newTicket(pass, r))
		return true
	}
	s := q.stand(r, held)
	if s.state == ready {
		if s = q.claim(r, s); s.state == ready {
			return q.admit(w, s.ticket)
		}
	}
	q.answer(w, r, s)
	return false
}

// renew gives a pass anew once half of its time is over.
func (q *Room) renew(w http.ResponseWriter, t ticket) {
	now := q.o.Now()
	if now.Sub(time.Unix(t.issued, 0)) >= q.config.Pass/2 {
		t.issued = now.Unix()
		q.give(w, t)
	}
}

func (q *Room) admit(w http.ResponseWriter, t ticket) bool {
	t.kind, t.issued = pass, q.o.Now().Unix()
	t.since = t.issued
	q.give(w, t)
	return true
}

// open says whether people have to wait: when somebody says so, and afterwards
// until those who wait are in, or they would all come at once.
func (q *Room) open(ctx context.Context) bool {
	if q.config.Always {
		return true
	}
	if q.o.Open == nil {
		return false
	}
	return q.o.Open() || q.recent(ctx).Waiting() > 0
}

// recent is where the line stood within the last second.
func (q *Room) recent(ctx context.Context) Line {
	now := q.o.Now()
	q.mu.Lock()
	last, fresh := q.last, !q.lastAt.IsZero() && now.Sub(q.lastAt) < time.Second
	if !fresh {
		q.lastAt = now // one asks, the others take what is there
	}
	q.mu.Unlock()
	if fresh {
		return last
	}
	line, err := q.o.Store.Look(ctx, q.config.Name, q.pace, now)
	if err != nil {
		q.failed(err)
		return last
	}
	q.mu.Lock()
	q.last = line
	q.mu.Unlock()
	return line
}

// state is what becomes of somebody who asks.
type state string

const (
	arriving state = "arriving" // gets a number the next time
	waiting  state = "waiting"
	ready    state = "ready"
	missed   state = "missed" // the turn came and was not taken, or somebody else took it: in line anew
	unsure   state = "unsure" // the store does not answer
)

// standing is where somebody stands.
type standing struct {
	state  state
	ticket ticket
	fresh  bool // the ticket is not the one that the client has
	place  int64
	wait   time.Duration
}

// stand finds the place of a ticket's holder, and gives a number to whom it is
// due: a newcomer who came back, anybody while nobody waits.
func (q *Room) stand(r *http.Request, t ticket) standing {
	now := q.o.Now()
	line, err := q.o.Store.Look(r.Context(), q.config.Name, q.pace, now)
	if err != nil {
		q.failed(err)
		return standing{state: unsure, ticket: t}
	}
	fresh := false
	switch {
	case t.kind == waiter && t.began == line.Began && q.gone(t, line):
		return standing{state: missed, ticket: q.newTicket(newcomer, r), fresh: true}
	case t.kind == waiter && t.began == line.Began:
	case t.kind == 0 && line.Served <= line.Arrived:
		return standing{state: arriving, ticket: q.newTicket(newcomer, r), fresh: true}
	default:
		// A newcomer, or a number of counters that were lost: in line in the order in
		// which they ask.
		if t.kind == 0 {
			t = q.newTicket(newcomer, r)
		}
		t.number, line, err = q.o.Store.Next(r.Context(), q.config.Name, string(t.session[:]), q.pace, now)
		if err != nil {
			q.failed(err)
			return standing{state: unsure, ticket: t}
		}
		t.kind, t.began, t.issued, fresh = waiter, line.Began, now.Unix(), true
	}
	s := standing{state: waiting, ticket: t, fresh: fresh, place: t.number - line.Served}
	if s.place <= 0 {
		s.state, s.place = ready, 0
	}
	s.wait = time.Duration(float64(s.place) / q.pace.Rate * float64(time.Second))
	return s
}

// gone says whether a turn was over Config.Claim ago, as far as the line tells:
// it moves no faster than its rate, but for the burst.
func (q *Room) gone(t ticket, l Line) bool {
	return float64(l.Served-t.number) > q.pace.Burst+q.pace.Rate*q.config.Claim.Seconds()
}

// claim takes the turn of a ticket, once: for the same client again, if its
// answer was lost, for another never.
func (q *Room) claim(r *http.Request, s standing) standing {
	id := strconv.FormatInt(s.ticket.began, 36) + "." + strconv.FormatInt(s.ticket.number, 36)
	ok, err := q.o.Store.Claim(r.Context(), q.config.Name, id, q.client(r), 24*time.Hour)
	switch {
	case err != nil:
		q.failed(err)
		s.state = unsure
	case !ok:
		return standing{state: missed, ticket: q.newTicket(newcomer, r), fresh: true}
	}
	return s
}

func (q *Room) client(r *http.Request) string {
	if q.o.Client != nil {
		return q.o.Client(r)
	}
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		return host
	}
	return r.RemoteAddr
}
