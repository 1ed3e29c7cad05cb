package gateway_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// aclOf is a web ACL that blocks a path and counts another.
func aclOf(blocked string) string {
	return `{"Name": "shop", "DefaultAction": {"Allow": {}}, "VisibilityConfig": {"SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": "shop"},
 "Rules": [{"Name": "path", "Priority": 1, "Action": {"Block": {}}, "VisibilityConfig": {"SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": "path"},
  "Statement": {"ByteMatchStatement": {"FieldToMatch": {"UriPath": {}}, "PositionalConstraint": "STARTS_WITH", "SearchString": "` + blocked + `", "TextTransformations": [{"Priority": 0, "Type": "NONE"}]}}}]}`
}

// load keeps clients busy until stop, and counts requests that were lost: sent,
// and not answered as they should be.
type load struct {
	done, lost atomic.Int64
	first      atomic.Pointer[string]
	over       chan struct{}
	work       sync.WaitGroup
}

func (l *load) run(clients int, client func() *http.Client, url string) {
	l.over = make(chan struct{})
	for i := range clients {
		l.work.Add(1)
		go func() {
			defer l.work.Done()
			c := client()
			defer c.CloseIdleConnections()
			for n := 0; ; n++ {
				select {
				case <-l.over:
					return
				default:
				}
				if !l.one(c, url, i, n) {
					return
				}
			}
		}()
	}
}

// one sends a POST, which no client sends again by itself.
func (l *load) one(c *http.Client, url string, i, n int) bool {
	want := fmt.Sprintf("%d-%d", i, n)
	r, err := c.Post(url, "text/plain", strings.NewReader(want))
	if err != nil {
		var op *net.OpError
		if asOp(err, &op) && op.Op == "dial" {
			return false // nothing was sent: the gateway has ended
		}
		l.lose(err.Error())
		return false
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != 200 || string(b) != want {
		l.lose(fmt.Sprintf("%d %v %q", r.StatusCode, err, b))
		return false
	}
	l.done.Add(1)
	return true
}

func asOp(err error, into **net.OpError) bool {
	for ; err != nil; err = unwrap(err) {
		if op, ok := err.(*net.OpError); ok {
			*into = op
			return true
		}
	}
	return false
}

func unwrap(err error) error {
	if u, ok := err.(interface{ Unwrap() error }); ok {
		return u.Unwrap()
	}
	return nil
}

func (l *load) lose(why string) {
	l.lost.Add(1)
	l.first.CompareAndSwap(nil, &why)
}

func (l *load) check(t *testing.T, least int64) {
	t.Helper()
	if n := l.lost.Load(); n > 0 {
		t.Errorf("%d of %d requests were lost: %s", n, l.done.Load()+n, *l.first.Load())
	}
	if l.done.Load() < least {
		t.Errorf("only %d requests were answered", l.done.Load())
	}
}

// echoes answers with the body, sometimes late.
func echoes(t *testing.T) *http.Server {
	t.Helper()
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		if len(b)%3 == 0 {
			time.Sleep(5 * time.Millisecond)
		}
		w.Write(b)
	})}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Addr = "http://" + l.Addr().String()
	go s.Serve(l)
	t.Cleanup(func() { s.Close() })
	return s
}

const bothVersions = withTLS + "acl: {files: [acl.json]}\nlimits: {perClient: 1000}\noverload: {off: true}\n"

func TestReloadUnderLoadLosesNothing(t *testing.T) {
	dir := t.TempDir()
	pool := certificate(t, dir, "a", "shop.example")
	write(t, dir, "acl.json", aclOf("/one"))
	h := run(t, bothVersions, echoes(t).Addr, dir)
	var one, two load
	one.run(8, func() *http.Client { return h.client(pool, false) }, "https://shop.example/x")
	two.run(8, func() *http.Client { return h.client(pool, true) }, "https://shop.example/x")
	for i := range 20 {
		before := one.done.Load()
		write(t, dir, "acl.json", aclOf([]string{"/one", "/two"}[i%2]))
		if i%5 == 4 {
			write(t, dir, "acl.json", `{"Name": "broken"`)
		}
		if err := h.Reload(); (err != nil) != (i%5 == 4) {
			t.Errorf("reload %d: %v", i, err)
		}
		eventually(t, "requests go on", func() bool { return one.done.Load() > before+10 })
	}
	close(one.over)
	close(two.over)
	one.work.Wait()
	two.work.Wait()
	one.check(t, 100)
	two.check(t, 100)
}

func TestShutdownUnderLoadLosesNothing(t *testing.T) {
	for _, h2 := range []bool{false, true} {
		t.Run(map[bool]string{false: "HTTP/1.1", true: "HTTP/2"}[h2], func(t *testing.T) {
			dir := t.TempDir()
			pool := certificate(t, dir, "a", "shop.example")
			write(t, dir, "acl.json", aclOf("/one"))
			h := run(t, strings.ReplaceAll(bothVersions, "shutdown", "#"), echoes(t).Addr, dir)
			var l load
			l.run(16, func() *http.Client { return h.client(pool, h2) }, "https://shop.example/x")
			eventually(t, "requests are answered", func() bool { return l.done.Load() > 200 })
			h.stop()
			close(l.over)
			l.work.Wait()
			l.check(t, 200)
		})
	}
}

func TestABrokenACLLeavesTheOldOneInForce(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "acl.json", aclOf("/one"))
	origin := newSeen(t, nil)
	h := run(t, plain+"acl: {files: [acl.json]}\n", origin.URL, dir)
	code := func(path string) string {
		return h.say(t, "GET "+path+" HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n")[9:12]
	}
	if code("/one") != "403" || code("/two") != "200" {
		t.Fatal(code("/one"), code("/two"))
	}
	write(t, dir, "acl.json", strings.Replace(aclOf("/two"), "ByteMatchStatement", "ByteMatchStatment", 1))
	eventually(t, "the broken web ACL is counted", func() bool {
		r, err := http.Get("http://" + h.Admin().String() + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		b, _ := io.ReadAll(r.Body)
		return strings.Contains(string(b), `fathom_gateway_reloads_total{result="failed"} 1`)
	})
	if code("/one") != "403" || code("/two") != "200" {
		t.Error("the old web ACL is not in force")
	}
	write(t, dir, "acl.json", aclOf("/two"))
	eventually(t, "the new web ACL is in force", func() bool { return code("/two") == "403" && code("/one") == "200" })
	if !strings.Contains(h.log.String(), "ByteMatchStatment") {
		t.Errorf("the log does not say what was wrong: %s", h.log)
	}
}
