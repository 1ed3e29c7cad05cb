package gateway_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

// A client that the web ACL blocks again and again is refused before its body is
// read, on the connection that it has, and gets no other.
func TestBlockedOftenIsBoxed(t *testing.T) {
	origin := newSeen(t, nil)
	dir := t.TempDir()
	write(t, dir, "acl.json", rules("block", `"Action": {"Block": {}}`, pathIs("/bad")))
	h := run(t, plain+"acl: {files: [acl.json]}\noverload: {box: {enabled: true, refusals: 10}}\n", origin.URL, dir)
	conn, err := net.Dial("tcp", h.addr(0))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	var got []int
	for range 20 {
		if _, err := io.WriteString(conn, "GET /bad HTTP/1.1\r\nHost: shop\r\n\r\n"); err != nil {
			break
		}
		a, err := http.ReadResponse(in, nil)
		if err != nil {
			break
		}
		io.Copy(io.Discard, a.Body) //nolint:errcheck // the next answer says
		got = append(got, a.StatusCode)
		if a.StatusCode == 429 && (a.Header.Get("Retry-After") == "" || !a.Close) {
			t.Errorf("the last answer is %v", a.Header)
		}
	}
	if len(got) < 11 || len(got) > 12 || got[0] != 403 || got[len(got)-1] != 429 {
		t.Errorf("twenty bad requests are answered %v; want 403 ten times or eleven, and 429", got)
	}
	if a, err := http.Get(h.url() + "/good"); err == nil {
		a.Body.Close()
		t.Errorf("on a new connection it is answered %d; want none", a.StatusCode)
	}
	if origin.count() != 0 {
		t.Errorf("the origin was asked %d times", origin.count())
	}
}

// A trusted proxy brings the bad requests of others, and is not boxed for them.
func TestTrustedProxiesAreNotBoxed(t *testing.T) {
	origin := newSeen(t, nil)
	dir := t.TempDir()
	write(t, dir, "acl.json", rules("block", `"Action": {"Block": {}}`, pathIs("/bad")))
	h := run(t, plain+"acl: {files: [acl.json]}\ntrusted: [127.0.0.0/8]\noverload: {box: {enabled: true, refusals: 2}}\n", origin.URL, dir)
	for range 20 {
		q, _ := http.NewRequest("GET", h.url()+"/bad", nil)
		q.Header.Set("X-Forwarded-For", "192.0.2.66")
		a, err := http.DefaultClient.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		a.Body.Close()
		if a.StatusCode != 403 {
			t.Fatalf("status %d; want the web ACL's 403", a.StatusCode)
		}
	}
}

// With one place before the origin, the route's class decides who gets it next,
// and a client that sends much is no longer dear.
func TestClassesOfRoutes(t *testing.T) {
	free := make(chan struct{})
	entered := make(chan string, 100)
	origin := newSeen(t, func(_ http.ResponseWriter, r *http.Request) {
		entered <- r.URL.Path
		<-free
	})
	h := run(t, `
listen: [{address: "127.0.0.1:0", plain: true}]
routes: [{path: /checkout, to: shop, class: critical}, {path: /search, to: shop, class: sheddable}]
origins: {shop: {urls: ["ORIGIN"]}}
overload: {limits: {min: 1, max: 1, queues: {critical: {wait: 30s}, sheddable: {size: -1}}}}
`, origin.URL, t.TempDir())
	var group sync.WaitGroup
	get := func(path string) {
		group.Go(func() {
			a, err := http.Get(h.url() + path)
			if err != nil {
				t.Error(err)
				return
			}
			a.Body.Close()
			if a.StatusCode != 200 {
				t.Errorf("%s: %d", path, a.StatusCode)
			}
		})
	}
	get("/checkout")
	<-entered
	a, err := http.Get(h.url() + "/search")
	if err != nil {
		t.Fatal(err)
	}
	a.Body.Close()
	if a.StatusCode != 503 || a.Header.Get("Retry-After") != "10" {
		t.Errorf("a search without room: %d %v", a.StatusCode, a.Header)
	}
	get("/checkout")
	close(free)
	select {
	case <-entered:
	case <-time.After(20 * time.Second):
		t.Error("a checkout that waited did not get in")
	}
	group.Wait()
}
