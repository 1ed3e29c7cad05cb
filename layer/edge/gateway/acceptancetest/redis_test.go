package acceptancetest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"fathom/layer/edge/gateway/queue"
)

// Issue 6, done when 6: two gateways sharing Redis enforce one rate limit; Redis
// gone: the documented fail mode, no crash, recovery by itself.

// limit is that of the rate-based rule, pace how many requests each gateway gets
// before both exchange counts, and overshoot what package shared promises of two
// gateways then: what one gets from telling to hearing, and 2 % of the limit.
const (
	limit     = 100
	pace      = 10
	overshoot = 2*pace + limit/50
)

// redis is a redis-server on a socket of its own.
type redis struct {
	t      *testing.T
	socket string
	run    *exec.Cmd
}

func startRedis(t *testing.T) *redis {
	t.Helper()
	dir, err := os.MkdirTemp("", "redis") // names of sockets are short
	if err != nil {
		t.Fatal(err)
	}
	r := &redis{t: t, socket: filepath.Join(dir, "s")}
	t.Cleanup(func() { r.kill(); os.RemoveAll(dir) })
	r.start()
	return r
}

func (r *redis) start() {
	r.t.Helper()
	r.run = exec.Command("redis-server", "--port", "0", "--unixsocket", r.socket, "--save", "", "--appendonly", "no", "--dir", filepath.Dir(r.socket))
	if err := r.run.Start(); err != nil {
		r.t.Fatalf("%v; run make setup", err)
	}
}

func (r *redis) kill() {
	if r.run != nil {
		r.run.Process.Kill()
		r.run.Wait()
		r.run = nil
	}
}

// pair are two gateways.
type pair [2]*process

func (g pair) both(what string, ok func(*process) bool) {
	g[0].t.Helper()
	for _, p := range g {
		eventually(p.t, what, func() bool { return ok(p) })
	}
}

func (g pair) up() {
	g.both("Redis is back", func(p *process) bool { return p.metric("redis_up") == 1 })
}

func (g pair) down() {
	g.both("Redis is missed", func(p *process) bool { return p.metric("redis_up") == 0 })
}

// exchanged waits until both gateways have told what they counted, and heard.
func (g pair) exchanged() {
	g[0].t.Helper()
	for range 2 { // the first may have told before the second did
		for _, p := range g {
			before := p.metric("redis_exchanges_total")
			for range limit/50 + 1 {
				g.get(p, "192.0.2.250") // of somebody else, so that there is something to tell
			}
			eventually(p.t, "an exchange", func() bool { return p.metric("redis_exchanges_total") > before })
		}
	}
}

// get asks one gateway as a client, and says whether it was let through.
func (g pair) get(p *process, client string) bool {
	p.t.Helper()
	r, _ := http.NewRequest("GET", "http://"+p.addr+"/", nil)
	r.Header.Set("X-Forwarded-For", client)
	switch code, _ := do(p.t, http.DefaultClient, r); code {
	case 200:
		return true
	case 403:
		return false
	default:
		p.t.Fatalf("the gateway answers %d", code)
		return false
	}
}

// send sends three limits' worth of a client's requests to both in turn, and says
// how many each let through.
func (g pair) send(client string, settle func()) (through [2]int) {
	g[0].t.Helper()
	for range 3 * limit / 2 / pace {
		for i, p := range g {
			for range pace {
				if g.get(p, client) {
					through[i]++
				}
			}
		}
		settle()
	}
	return through
}

func TestTwoGatewaysThatShareRedisEnforceOneLimit(t *testing.T) {
	r := startRedis(t)
	home := origin(t)
	var g pair
	for i := range g {
		dir := t.TempDir()
		write(t, dir, "acl.json", webACL(rule("rate", "Block", fmt.Sprintf(`{"RateBasedStatement": {"Limit": %d, "EvaluationWindowSec": 600, "AggregateKeyType": "IP"}}`, limit))))
		g[i] = start(t, dir, inPlain+shop+"trusted: [127.0.0.1/32]\nredis: {address: \"unix://"+r.socket+"?db=0\"}\n", home)
	}
	g.up()
	one := func(client string) {
		t.Helper()
		through := g.send(client, g.exchanged)
		if n := through[0] + through[1]; n < limit || n > limit+overshoot {
			t.Errorf("the two let %v through; want %d to %d together", through, limit, limit+overshoot)
		}
	}
	one("192.0.2.1")

	// Without Redis each gateway enforces the whole limit by itself.
	r.kill()
	g.down()
	if got := g.send("192.0.2.2", func() {}); got != [2]int{limit, limit} {
		t.Errorf("without Redis they let %v through; want %d each", got, limit)
	}
	g.both("what was counted alone is counted", func(p *process) bool { return p.metric("redis_fallbacks_total") >= 3*limit/2 })

	r.start()
	g.up()
	g.exchanged()
	if g.get(g[0], "192.0.2.2") || g.get(g[1], "192.0.2.2") {
		t.Error("what was counted without Redis is forgotten")
	}
	one("192.0.2.3")
	for _, p := range g {
		p.end()
	}
}

// visitor is somebody with the cookies that he got.
type visitor struct{ cookies []*http.Cookie }

// ask asks a gateway, and gives what it answers to clients that take JSON.
func (v *visitor) ask(t *testing.T, p *process) (code int, status queue.Status) {
	t.Helper()
	r, _ := http.NewRequest("GET", "http://"+p.addr+"/", nil)
	r.Header.Set("Accept", "application/json")
	for _, c := range v.cookies {
		r.AddCookie(c)
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	if c := a.Cookies(); len(c) > 0 {
		v.cookies = c
	}
	if a.StatusCode == http.StatusServiceUnavailable {
		if err := json.NewDecoder(a.Body).Decode(&status); err != nil {
			t.Fatal(err)
		}
	}
	return a.StatusCode, status
}

// place waits for a place in line at a gateway.
func (v *visitor) place(t *testing.T, p *process) (place int64) {
	t.Helper()
	eventually(t, "a place in line", func() bool { // the first time gives a ticket, the second a number
		_, status := v.ask(t, p)
		place = status.Place
		return place > 0
	})
	return place
}

func TestTwoGatewaysThatShareRedisHaveOneLine(t *testing.T) {
	r := startRedis(t)
	home := origin(t)
	var g pair
	for i := range g {
		dir := t.TempDir()
		write(t, dir, "key", strings.Repeat("k", 32))
		write(t, dir, "acl.json", webACL())
		g[i] = start(t, dir, inPlain+strings.Replace(shop, "{to: shop}", "{to: shop, queue: line}", 1)+
			"queues: {line: {rate: 0.001, burst: 1, always: true, insecure: true, keys: [{file: key}]}}\n"+
			"redis: {address: \"unix://"+r.socket+"?db=0\"}\n", home)
	}
	g.up()
	var first, last visitor // first is the one whom the burst lets in
	if code, _ := first.ask(t, g[0]); code != 200 {
		t.Fatalf("the first visitor gets %d", code)
	}
	for i := range 6 {
		last = visitor{}
		if got := last.place(t, g[i%2]); got != int64(i+1) {
			t.Errorf("visitor %d has place %d", i+1, got)
		}
		if code, answer := g[0].ask("POST", "/reload"); code != 200 { // the line goes on
			t.Fatal(answer)
		}
	}

	// Without Redis who has a pass goes on, at both; the others wait with what they have.
	r.kill()
	g.down()
	g.both("the pass is good", func(p *process) bool { code, _ := first.ask(t, p); return code == 200 })
	ticket := last.cookies[0].Value
	g.both("the others wait", func(p *process) bool {
		code, status := last.ask(t, p)
		other, someone := (&visitor{}).ask(t, p)
		return code == 503 && status.State == "unsure" && last.cookies[0].Value == ticket && other == 503 && someone.State == "unsure"
	})

	// The new Redis knows nothing of the line, so that it is formed anew, once for both.
	r.start()
	g.up()
	if code, _ := last.ask(t, g[1]); code != 200 {
		t.Errorf("the first to ask after Redis came back gets %d", code)
	}
	for i := range 4 {
		if got := new(visitor).place(t, g[i%2]); got != int64(i+1) {
			t.Errorf("after Redis came back visitor %d has place %d", i+1, got)
		}
	}
	for _, p := range g {
		p.end()
	}
}
