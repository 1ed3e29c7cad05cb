package queue

import (
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"fathom/layer/edge/gateway/page"
)

//go:embed room.gohtml room.js
var files embed.FS

var roomPage = page.Must(files, "room.gohtml", "room.js")

// Status is what the status path answers, and what a client that accepts JSON
// gets instead of the page.
type Status struct {
	// State is arriving, waiting, ready, missed or unsure.
	State string `json:"state"`
	// Place is 1 for whoever is next; 0 while there is none.
	Place int64 `json:"place"`
	// Wait is the estimate in seconds, Words the same for people.
	Wait  int64  `json:"wait"`
	Words string `json:"words"`
	// Again is when to ask again, in milliseconds.
	Again int64 `json:"again"`
}

// view is what the page sees.
type view struct {
	Status
	Site, Path string
	Refresh    int // seconds
}

// ServeHTTP answers at StatusPath: where the holder of a ticket stands. It lets
// nobody in: the page then asks for what it came for.
func (q *Room) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		page.Plain(w.Header())
		w.Header().Set("Allow", http.MethodGet)
		http.Error(w, "The place in line is asked for with GET.", http.StatusMethodNotAllowed)
		return
	}
	held := q.held(r)
	s := standing{state: ready}
	if held.kind != pass && q.open(r.Context()) {
		s = q.stand(r, held)
	}
	if s.fresh {
		q.give(w, s.ticket)
	}
	q.json(w, http.StatusOK, q.status(s))
}

// answer tells a client that it has to wait: 503 with Retry-After, and the page
// where it wants one.
func (q *Room) answer(w http.ResponseWriter, r *http.Request, s standing) {
	if s.fresh {
		q.give(w, s.ticket)
	}
	status := q.status(s)
	seconds := int((status.Again + 999) / 1000)
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	switch {
	case page.Accepts(r, "text/html"):
		_ = roomPage.Write(w, http.StatusServiceUnavailable, view{status, r.Host, q.StatusPath(), seconds}) // the client has gone
	case page.Accepts(r, "application/json"):
		q.json(w, http.StatusServiceUnavailable, status)
	default:
		page.Plain(w.Header())
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusServiceUnavailable)
		text := "Many people are here at the moment. Come back with the cookie that you got.\n"
		if status.Place > 0 {
			text = fmt.Sprintf("You are number %d in line, the wait is %s. Come back with the cookie that you got.\n", status.Place, status.Words)
		}
		_, _ = io.WriteString(w, text)
	}
}

func (q *Room) json(w http.ResponseWriter, code int, s Status) {
	page.Plain(w.Header())
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(s)
}

func (q *Room) status(s standing) Status {
	return Status{
		State: string(s.state), Place: s.place, Wait: int64(math.Ceil(s.wait.Seconds())), Words: words(s.wait),
		Again: again(s).Milliseconds(),
	}
}

// again is when somebody should ask again: a third of the wait, from 1 to 20
// seconds, and up to a fifth more, so that people who came together do not ask
// together.
func again(s standing) time.Duration {
	d := min(max(s.wait/3, time.Second), 20*time.Second)
	if s.state == unsure {
		d = 5 * time.Second
	}
	return d + time.Duration(rand.Int64N(int64(d/5)))
}

// words is a wait as one says it, rounded up: nobody minds a shorter one.
func words(d time.Duration) string {
	minutes := int(math.Ceil(d.Minutes()))
	switch {
	case d < 10*time.Second:
		return "a few seconds"
	case d < time.Minute:
		return "less than a minute"
	case minutes < 90:
		return fmt.Sprintf("about %d minutes", max(minutes, 2))
	}
	return fmt.Sprintf("about %d hours", int(math.Ceil(d.Hours())))
}
