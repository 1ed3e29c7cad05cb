package shared

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// server is a real redis-server on a socket in a folder of its own.
type server struct {
	t      testing.TB
	socket string
	run    *exec.Cmd
	exited chan struct{}
}

func startServer(t testing.TB) *server {
	t.Helper()
	dir, err := os.MkdirTemp("", "redis")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, socket: filepath.Join(dir, "s")}
	t.Cleanup(func() {
		s.kill()
		os.RemoveAll(dir)
	})
	s.start()
	return s
}

func (s *server) url() string { return "unix://" + s.socket + "?db=0" }

func (s *server) start() {
	s.t.Helper()
	s.run = exec.Command("redis-server", "--port", "0", "--unixsocket", s.socket, "--save", "", "--appendonly", "no", "--dir", filepath.Dir(s.socket))
	if err := s.run.Start(); err != nil {
		s.t.Fatalf("%v; run make setup", err)
	}
	s.exited = make(chan struct{})
	go func() { s.run.Wait(); close(s.exited) }()
	c := s.client()
	defer c.Close()
	await(s.t, "redis-server answers", func() bool { return c.Ping(s.t.Context()).Err() == nil })
}

func (s *server) kill() {
	if s.run == nil {
		return
	}
	if err := s.run.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		s.t.Error(err)
	}
	<-s.exited
	s.run = nil
}

func (s *server) client() *redis.Client {
	return redis.NewClient(&redis.Options{Network: "unix", Addr: s.socket})
}

// open makes a gateway's store and waits until it has reached Redis.
func open(t testing.TB, o Options) *Redis {
	t.Helper()
	r, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// await waits for a condition, longer than it can take on a busy machine.
func await(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("30 seconds later still not: %s", what)
		}
	}
}
