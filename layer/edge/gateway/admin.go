package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// startAdmin listens for the people who run the gateway.
func (s *Server) startAdmin() error {
	if s.config.Admin == "off" {
		return nil
	}
	l, err := net.Listen("tcp", s.config.Admin)
	if err != nil {
		return fmt.Errorf("admin: %w", err)
	}
	s.adminAddr = l.Addr()
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", s.metrics.Handler())
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.HandleFunc("GET /acl", s.describe)
	mux.HandleFunc("POST /reload", s.reloadz)
	s.admin = &http.Server{Handler: local(mux), ReadTimeout: 10 * time.Second, WriteTimeout: time.Minute, IdleTimeout: time.Minute}
	s.serving.Add(1)
	go func() {
		defer s.serving.Done()
		if err := s.admin.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- fmt.Errorf("admin: %w", err)
		}
	}()
	return nil
}

// local refuses what a web page in somebody's browser could send to the admin
// listener: another host name that leads here, or a request from another site.
func local(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if site := r.Header.Get("Sec-Fetch-Site"); r.Header.Get("Origin") != "" || site != "" && site != "none" {
			http.Error(w, "not for web pages", http.StatusForbidden)
			return
		}
		if host := bare(r.Host); net.ParseIP(trimBrackets(host)) == nil && host != "localhost" && r.Method != http.MethodGet {
			http.Error(w, "ask by address", http.StatusForbidden)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

func trimBrackets(host string) string {
	if len(host) > 1 && host[0] == '[' && host[len(host)-1] == ']' {
		return host[1 : len(host)-1]
	}
	return host
}

// readyz says whether requests should be sent here: not while the gateway ends,
// nor while an origin has no server.
func (s *Server) readyz(w http.ResponseWriter, _ *http.Request) {
	if !s.ready.Load() {
		http.Error(w, "ending", http.StatusServiceUnavailable)
		return
	}
	for name, p := range s.pools {
		if !p.Healthy() {
			http.Error(w, "origin "+name+" has no server that is well", http.StatusServiceUnavailable)
			return
		}
	}
	fmt.Fprintln(w, "ok")
}

func (s *Server) reloadz(w http.ResponseWriter, _ *http.Request) {
	if err := s.Reload(); err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	fmt.Fprintln(w, "reloaded")
}

// describe says which web ACL is in force.
func (s *Server) describe(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	l := s.live.Load()
	json.NewEncoder(w).Encode(struct { //nolint:errcheck // who asked is gone then
		Schema string    `json:"schema"`
		Loaded time.Time `json:"loaded"`
		ACL    aclState  `json:"acl"`
		CRS    string    `json:"crs"`
	}{"fathom.gateway/v1", l.loaded.UTC(), l.acl, or(s.config.CRS.Mode, "off")})
}
