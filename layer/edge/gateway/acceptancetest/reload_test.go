package acceptancetest

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Issue 6, done when 7: a reload under load and a SIGTERM under load lose no
// request, counted by the client.

func TestAReloadAndASIGTERMUnderLoadLoseNoRequest(t *testing.T) {
	dir := t.TempDir()
	old := certify(t, dir)
	write(t, dir, "acl.json", webACL(rule("old", "Block", path("/old"))))
	const delay = time.Second
	config := strings.Replace(shop, "delay: 1ms, grace: 200ms", "delay: 1s, grace: 1s", 1)
	g := start(t, dir, inTLS+config+"overload: {off: true}\nlimits: {perClient: 1000}\n", origin(t))
	renewed := certify(t, dir) // on disk; the gateway has the old one in use
	loads := []*load{{}, {}, {}}
	for i, dial := range []func(*load) (conn, error){dial11, dial2, dialOnce} {
		loads[i].addr, loads[i].tls = g.addr, trust(old, renewed)
		loads[i].run([]int{4, 4, 2}[i], dial)
	}
	more := func() { // more requests are answered, of all kinds
		t.Helper()
		for _, l := range loads {
			before := l.answered.Load()
			eventually(t, "requests are answered", func() bool { return l.answered.Load() > before+20 || l.lost.Load() > 0 })
		}
	}
	more()
	others := reloads(t, g, dir, more, trusting(renewed, false))
	if got := served(t, g, old, renewed); !got.Equal(renewed) {
		t.Error("after a reload a new connection has the old certificate")
	}

	asked := time.Now()
	g.signal(syscall.SIGTERM)
	eventually(t, "the gateway says that it is not ready", func() bool {
		code, _ := g.ask("GET", "/readyz")
		return code == http.StatusServiceUnavailable
	})
	g.wait()
	for _, l := range loads {
		l.over.Store(true)
		l.work.Wait()
	}
	total := others
	for i, name := range []string{"HTTP/1.1", "HTTP/2", "a connection for each"} {
		loads[i].check(t, name, 100)
		total += int(loads[i].answered.Load())
		if at := loads[i].refused.Load(); at != nil && at.Sub(asked) < delay {
			t.Errorf("%s: a connection was refused %v after the signal; want none for %v", name, at.Sub(asked), delay)
		}
	}
	once := map[string]int{}
	for _, r := range records(t, dir) {
		once[r.HTTPRequest.RequestID]++
	}
	if got := len(records(t, dir)); got != total || len(once) != total {
		t.Errorf("the WAF log has %d records of %d requests; the clients sent %d", got, len(once), total)
	}
	t.Logf("%d requests answered", total)
}

// reloads changes the web ACL in all ways, and says how many requests it sent.
func reloads(t *testing.T, g *process, dir string, more func(), c *http.Client) (sent int) {
	t.Helper()
	code := func(path string) int {
		t.Helper()
		r, _ := http.NewRequest("GET", "https://"+g.addr+path, nil)
		got, _ := do(t, c, r)
		sent++
		return got
	}
	write(t, dir, "acl.json", webACL(rule("new", "Block", path("/new"))))
	if status, text := g.ask("POST", "/reload"); status != 200 {
		t.Fatalf("POST /reload: %d %s", status, text)
	}
	if old, now := code("/old"), code("/new"); old != 200 || now != 403 {
		t.Errorf("after POST /reload /old is answered with %d and /new with %d", old, now)
	}
	more()
	write(t, dir, "acl.json", strings.Replace(webACL(rule("broken", "Block", path("/"))), "ByteMatchStatement", "ByteMatchStatment", 1))
	if status, text := g.ask("POST", "/reload"); status != 422 || !strings.Contains(text, "ByteMatchStatment") {
		t.Errorf("POST /reload of a broken web ACL: %d %s", status, text)
	}
	failed := g.metric(`reloads_total{result="failed"}`)
	g.signal(syscall.SIGHUP)
	eventually(t, "the broken web ACL is counted", func() bool { return g.metric(`reloads_total{result="failed"}`) > failed })
	more()
	if old, now := code("/old"), code("/new"); old != 200 || now != 403 {
		t.Errorf("after a broken reload /old is answered with %d and /new with %d", old, now)
	}
	if _, ok := g.saying("a reload failed; what was loaded before stays in force"); !ok {
		t.Error("the log does not say that the reload failed")
	}
	write(t, dir, "acl.json", webACL(rule("newest", "Block", path("/newest"))))
	g.signal(syscall.SIGHUP)
	eventually(t, "SIGHUP puts the newest web ACL in force", func() bool {
		_, text := g.ask("GET", "/acl")
		return json.Valid([]byte(text)) && code("/newest") == 403
	})
	if now := code("/new"); now != 200 {
		t.Errorf("after SIGHUP /new is answered with %d", now)
	}
	more()
	return sent
}

// served is the certificate that a new connection gets.
func served(t *testing.T, g *process, all ...*x509.Certificate) *x509.Certificate {
	t.Helper()
	c, err := tls.Dial("tcp", g.addr, trust(all...))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.ConnectionState().PeerCertificates[0]
}

func TestASecondSignalEndsTheGatewayAtOnce(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "acl.json", webACL())
	g := start(t, dir, inPlain+strings.Replace(shop, "delay: 1ms", "delay: 24h", 1), origin(t))
	g.signal(syscall.SIGTERM)
	eventually(t, "the gateway is ending", func() bool { _, ok := g.saying("ending"); return ok })
	eventually(t, "the gateway ends", func() bool {
		g.run.Process.Signal(syscall.SIGTERM) // until what listens for the first has let go
		return g.over()
	})
}
