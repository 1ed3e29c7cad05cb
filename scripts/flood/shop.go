package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// book is what the shop wrote down: how often each order came, and how many
// requests it served.
type book struct {
	Orders map[string]int
	Served int
	Full   int
}

// shop is the origin: a few workers, a bounded backlog, a book of orders.
type shop struct {
	mu       sync.Mutex
	book     book
	sessions map[string]bool
	worker   chan struct{}
	waiting  chan struct{}
}

// runShop serves until ctx ends. The first line says where.
func runShop(ctx context.Context, stdout io.Writer) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s := &shop{
		book: book{Orders: map[string]int{}}, sessions: map[string]bool{},
		worker: make(chan struct{}, workers), waiting: make(chan struct{}, workers+backlog),
	}
	m := http.NewServeMux()
	m.HandleFunc("GET /book", s.readBook)
	m.HandleFunc("/", s.work(func(w http.ResponseWriter, _ *http.Request) { page(w, 8<<10) }))
	m.HandleFunc("/cart", s.work(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) //nolint:errcheck // the crowd may go away
		page(w, 1<<10)
	}))
	m.HandleFunc("POST /login", s.work(s.login))
	m.HandleFunc("POST /checkout", s.work(s.checkout))
	server := &http.Server{Handler: m, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		server.Close() //nolint:errcheck // it ends
	}()
	fmt.Fprintln(stdout, l.Addr())
	if err := server.Serve(l); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// work takes a worker for as long as a request takes. Half of that time always,
// the rest at random.
func (s *shop) work(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		select {
		case s.waiting <- struct{}{}:
			defer func() { <-s.waiting }()
		default:
			s.mu.Lock()
			s.book.Full++
			s.mu.Unlock()
			http.Error(w, "full", http.StatusServiceUnavailable)
			return
		}
		select {
		case s.worker <- struct{}{}:
			defer func() { <-s.worker }()
		case <-r.Context().Done():
			return
		}
		time.Sleep(service/2 + time.Duration(rand.ExpFloat64()*float64(service)/2))
		s.mu.Lock()
		s.book.Served++
		s.mu.Unlock()
		h(w, r)
	}
}

func (s *shop) login(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	if r.PostFormValue("password") != "correct horse" {
		http.Error(w, "no", http.StatusUnauthorized)
		return
	}
	id := fmt.Sprintf("%016x%016x", rand.Uint64(), rand.Uint64())
	s.mu.Lock()
	s.sessions[id] = true
	s.mu.Unlock()
	http.SetCookie(w, &http.Cookie{Name: "session", Value: id, Path: "/", Secure: true, HttpOnly: true})
	page(w, 1<<10)
}

func (s *shop) checkout(w http.ResponseWriter, r *http.Request) {
	var order struct {
		Order string `json:"order"`
	}
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&order)
	c, no := r.Cookie("session")
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err != nil || order.Order == "":
		http.Error(w, "no order", http.StatusBadRequest)
	case no != nil || !s.sessions[c.Value]:
		http.Error(w, "no session", http.StatusForbidden)
	default:
		s.book.Orders[order.Order]++
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, `{"order":%q}`, order.Order)
	}
}

var filler = strings.Repeat("<p>a fine thing to have in the house</p>\n", 500)

func page(w http.ResponseWriter, size int) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	io.WriteString(w, filler[:size]) //nolint:errcheck // the crowd may go away
}

func (s *shop) readBook(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	json.NewEncoder(w).Encode(s.book) //nolint:errcheck // the reader sees that it is cut
}

// readBook asks the shop itself, not through the gateway.
func readBook(address string) book {
	var b book
	r, err := http.Get("http://" + address + "/book")
	if err != nil {
		return b
	}
	defer r.Body.Close()
	json.NewDecoder(r.Body).Decode(&b) //nolint:errcheck // an empty book fails the run
	return b
}
