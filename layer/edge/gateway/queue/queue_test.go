package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sort"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func testKey(n byte) []byte {
	key := make([]byte, 32)
	for i := range key {
		key[i] = n
	}
	return key
}

// clock is a clock that stands until it is moved.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func testRoom(t interface{ Fatal(...any) }, c Config, at *clock, change ...func(*Options)) *Room {
	if c.Name == "" {
		c.Name = "checkout"
	}
	o := Options{Keys: [][]byte{testKey(1)}, Now: at.now}
	for _, f := range change {
		f(&o)
	}
	q, err := New(c, o)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// visitor is a client that keeps cookies.
type visitor struct {
	room    *Room
	address string
	agent   string
	accept  string
	cookies map[string]string
}

func visitorOf(q *Room) *visitor {
	return &visitor{room: q, address: "192.0.2.1:1", agent: "Browser", accept: "application/json", cookies: map[string]string{}}
}

func (v *visitor) request(path string) *http.Request {
	r := httptest.NewRequest("GET", "https://shop.example"+path, nil)
	r.RemoteAddr = v.address
	r.Header.Set("User-Agent", v.agent)
	r.Header.Set("Accept", v.accept)
	for name, value := range v.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	return r
}

func (v *visitor) keep(w *httptest.ResponseRecorder) {
	for _, c := range w.Result().Cookies() {
		v.cookies[c.Name] = c.Value
	}
}

// ask asks for the page.
func (v *visitor) ask() (bool, Status) {
	w := httptest.NewRecorder()
	in := v.room.Serve(w, v.request("/checkout"))
	v.keep(w)
	var s Status
	_ = json.Unmarshal(w.Body.Bytes(), &s)
	return in, s
}

// poll asks for the place.
func (v *visitor) poll() Status {
	w := httptest.NewRecorder()
	v.room.ServeHTTP(w, v.request(v.room.StatusPath()))
	v.keep(w)
	var s Status
	_ = json.Unmarshal(w.Body.Bytes(), &s)
	return s
}

func (v *visitor) copy() *visitor {
	c := *v
	c.cookies = map[string]string{}
	for name, value := range v.cookies {
		c.cookies[name] = value
	}
	return &c
}

func start() *clock { return &clock{time.Unix(1e9, 0)} }

// crowd fills a line, so that whoever comes next waits.
func crowd(q *Room, n int) {
	for i := range n {
		_, _, _ = q.o.Store.Next(context.Background(), q.config.Name, fmt.Sprint("crowd ", i), q.pace, q.o.Now())
	}
}

func TestNobodyWaitsWhileTheRoomIsClosed(t *testing.T) {
	at := start()
	open := false
	q := testRoom(t, Config{Rate: 1}, at, func(o *Options) { o.Open = func() bool { return open } })
	var all []*visitor
	for range 50 {
		v := visitorOf(q)
		if in, _ := v.ask(); !in {
			t.Fatal("somebody waits")
		}
		all = append(all, v)
	}
	open = true
	for _, v := range all {
		if in, _ := v.ask(); !in {
			t.Fatal("somebody who was in before the room opened is queued")
		}
	}
	late := 0
	for range 50 {
		if in, _ := visitorOf(q).ask(); in {
			late++
		}
	}
	if late != 1 {
		t.Errorf("%d newcomers got in at once; the burst is 1", late)
	}
}

func TestThePlaceFallsAndTheVisitorGetsIn(t *testing.T) {
	at := start()
	q := testRoom(t, Config{Rate: 0.5, Always: true}, at)
	crowd(q, 6)
	v := visitorOf(q)
	if in, s := v.ask(); in || s.State != "arriving" {
		t.Fatalf("the first answer is %v, %+v", in, s)
	}
	in, s := v.ask()
	if in || s.State != "waiting" || s.Place != 6 || s.Wait != 12 || s.Words != "less than a minute" {
		t.Fatalf("the second answer is %v, %+v", in, s)
	}
	for place := int64(5); place >= 1; place-- {
		at.at = at.at.Add(2 * time.Second)
		if s := v.poll(); s.Place != place {
			t.Fatalf("the place is %+v; want %d", s, place)
		}
	}
	if in, _ := v.ask(); in {
		t.Fatal("in before its turn")
	}
	at.at = at.at.Add(2 * time.Second)
	if s := v.poll(); s.State != "ready" {
		t.Fatalf("at its turn: %+v", s)
	}
	if in, _ := v.ask(); !in {
		t.Fatal("not in at its turn")
	}
	for range 30 { // a pass is renewed while it is used, and ends afterwards
		at.at = at.at.Add(14 * time.Minute)
		if in, _ := v.ask(); !in {
			t.Fatal("in checkout, and queued again")
		}
	}
	crowd(q, 7)
	at.at = at.at.Add(15 * time.Minute)
	q.o.Store = &frozen{q.o.Store}
	if in, _ := v.ask(); in {
		t.Error("a pass of 15 minutes is good after 15 minutes")
	}
}

// frozen is a Store whose lines are always full.
type frozen struct{ Store }

func (f *frozen) Look(context.Context, string, Pace, time.Time) (Line, error) {
	return Line{Began: 1, Arrived: 100, Served: 1}, nil
}

func TestTicketsAreGoodForTheirHolderOnly(t *testing.T) {
	at := start()
	store := NewMemory()
	share := func(o *Options) { o.Store = store }
	q := testRoom(t, Config{Rate: 1, Always: true}, at, share)
	other := testRoom(t, Config{Rate: 1, Always: true, Name: "login"}, at, share)
	crowd(q, 5)
	crowd(other, 5)
	v := visitorOf(q)
	v.ask()
	v.ask()
	name := q.cookie()
	good := v.cookies[name]
	for what, spoil := range map[string]func(*visitor){
		"a changed number": func(c *visitor) {
			b := []byte(c.cookies[name])
			b[11] ^= 3
			c.cookies[name] = string(b)
		},
		"another browser": func(c *visitor) { c.agent = "Other" },
		"another room":    func(c *visitor) { c.room, c.cookies = other, map[string]string{other.cookie(): good} },
		"another key": func(c *visitor) {
			c.room = testRoom(t, Config{Rate: 1, Always: true}, at, share, func(o *Options) { o.Keys = [][]byte{testKey(2)} })
		},
		"rubbish":    func(c *visitor) { c.cookies[name] = "AAAA" },
		"a long one": func(c *visitor) { c.cookies[name] = strings.Repeat("A", 5000) },
	} {
		c := v.copy()
		spoil(c)
		if in, s := c.ask(); in || s.State != "arriving" {
			t.Errorf("%s: %v, %+v; want a newcomer", what, in, s)
		}
	}
	rotated := v.copy()
	rotated.room = testRoom(t, Config{Rate: 1, Always: true}, at, share, func(o *Options) { o.Keys = [][]byte{testKey(2), testKey(1)} })
	if _, s := rotated.ask(); s.State != "waiting" || s.Place != 5 {
		t.Errorf("the older of two keys: %+v", s)
	}
}

func TestATicketLetsOneClientIn(t *testing.T) {
	at := start()
	q := testRoom(t, Config{Rate: 1, Always: true}, at)
	crowd(q, 3)
	v := visitorOf(q)
	v.ask()
	v.ask()
	thief := v.copy()
	thief.address = "198.51.100.7:1"
	lost := v.copy() // the same client, whose answer was lost
	at.at = at.at.Add(5 * time.Second)
	if in, _ := v.ask(); !in {
		t.Fatal("not in at its turn")
	}
	if in, s := thief.ask(); in || s.State != "missed" {
		t.Errorf("a copy of a used ticket: %v, %+v", in, s)
	}
	if in, _ := lost.ask(); !in {
		t.Error("a client whose answer was lost is sent to the end of the line")
	}
}

func TestANewcomersTicketDrawsOneNumber(t *testing.T) {
	at := start()
	q := testRoom(t, Config{Rate: 1, Always: true}, at)
	crowd(q, 5)
	v := visitorOf(q)
	v.ask()
	for range 20 { // replayed
		c := v.copy()
		if _, s := c.ask(); s.Place != 5 {
			t.Fatalf("a replay has place %d", s.Place)
		}
	}
	for range 1000 { // clients that keep no cookies take no place
		visitorOf(q).ask()
	}
	line, _ := q.o.Store.Look(context.Background(), "checkout", q.pace, at.at)
	if line.Arrived != 6 {
		t.Errorf("%d numbers were drawn; want 6", line.Arrived)
	}
}

func TestATurnThatIsNotTakenPasses(t *testing.T) {
	at := start()
	q := testRoom(t, Config{Rate: 1, Always: true, Claim: time.Minute}, at)
	crowd(q, 2)
	v := visitorOf(q)
	v.ask()
	v.ask()
	for range 200 {
		at.at = at.at.Add(time.Second)
		crowdMore(q, 2)
	}
	if in, s := v.ask(); in || s.State != "missed" {
		t.Errorf("a turn of three minutes ago, of one: %v, %+v", in, s)
	}
	if in, s := v.ask(); in || s.State != "waiting" || s.Place < 100 {
		t.Errorf("afterwards: %v, %+v; want a place at the end", in, s)
	}
}

func crowdMore(q *Room, n int) {
	for range n {
		_, _, _ = q.o.Store.Next(context.Background(), q.config.Name, fmt.Sprint(rand.Int64()), q.pace, q.o.Now())
	}
}

func TestInsideIsNeverQueued(t *testing.T) {
	q := testRoom(t, Config{Rate: 1, Always: true}, start(), func(o *Options) {
		o.Inside = func(r *http.Request) bool { return r.Header.Get("User-Agent") == "In checkout" }
	})
	crowd(q, 100)
	v := visitorOf(q)
	v.agent = "In checkout"
	if in, _ := v.ask(); !in {
		t.Error("somebody in checkout is queued")
	}
}

type broken struct{ Store }

var errGone = errors.New("no connection")

func (broken) Look(context.Context, string, Pace, time.Time) (Line, error) { return Line{}, errGone }

func TestWithoutAStoreThePlaceIsKept(t *testing.T) {
	at := start()
	failures := 0
	q := testRoom(t, Config{Rate: 1, Always: true}, at, func(o *Options) { o.Failed = func(error) { failures++ } })
	inside := visitorOf(q)
	if in, _ := inside.ask(); !in {
		t.Fatal("the first of all waits")
	}
	crowd(q, 5)
	v := visitorOf(q)
	v.ask()
	v.ask()
	whole := q.o.Store
	q.o.Store = broken{}
	if in, s := v.ask(); in || s.State != "unsure" || failures == 0 {
		t.Errorf("without a store: %v, %+v, %d failures heard", in, s, failures)
	}
	if in, _ := inside.ask(); !in {
		t.Error("without a store a pass is worth nothing")
	}
	q.o.Store = whole
	if _, s := v.ask(); s.Place != 6 {
		t.Errorf("with the store back: %+v", s)
	}
	q.o.Store = NewMemory() // the counters are lost
	at.at = at.at.Add(time.Second)
	crowd(q, 2)
	if _, s := v.ask(); s.State != "waiting" || s.Place != 2 {
		t.Errorf("with new counters: %+v", s)
	}
}

func TestTheRoomStaysOpenUntilThoseWhoWaitAreIn(t *testing.T) {
	at := start()
	open := true
	q := testRoom(t, Config{Rate: 1}, at, func(o *Options) { o.Open = func() bool { return open } })
	crowd(q, 20)
	open = false
	if in, _ := visitorOf(q).ask(); in {
		t.Error("a newcomer passes those who wait")
	}
	at.at = at.at.Add(30 * time.Second)
	if in, _ := visitorOf(q).ask(); !in {
		t.Error("the room stays open when nobody waits")
	}
}

func TestAnswersFitTheClient(t *testing.T) {
	q := testRoom(t, Config{Rate: 1, Always: true}, start())
	crowd(q, 100)
	for accept, want := range map[string]string{
		"text/html,*/*;q=0.8": "text/html; charset=utf-8", "application/json": "application/json", "*/*": "text/plain; charset=utf-8",
	} {
		v := visitorOf(q)
		v.accept = accept
		v.ask()
		w := httptest.NewRecorder()
		if q.Serve(w, v.request("/checkout")) {
			t.Fatal("it gets in")
		}
		if w.Code != 503 || w.Header().Get("Retry-After") == "" || w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Content-Type") != want {
			t.Errorf("%s: %d %v", accept, w.Code, w.Header())
		}
		if !strings.Contains(w.Body.String(), "10") {
			t.Errorf("%s: the place is not in\n%s", accept, w.Body)
		}
	}
	w := httptest.NewRecorder()
	q.ServeHTTP(w, httptest.NewRequest("POST", q.StatusPath(), nil))
	if w.Code != 405 {
		t.Errorf("a POST to the status path: %d", w.Code)
	}
}

// TestTheAdmissionRateHolds lets thousands come, with breaks, lost ones and
// different patience, and looks at who got in when.
func TestTheAdmissionRateHolds(t *testing.T) {
	const rate, people = 7.5, 3000
	at := start()
	q := testRoom(t, Config{Rate: rate, Always: true}, at)
	type person struct {
		*visitor
		next   time.Time
		number int64
		gone   bool
	}
	random := rand.New(rand.NewPCG(1, 2))
	var all []*person
	for i := range people {
		p := &person{visitor: visitorOf(q), next: at.at.Add(time.Duration(random.Int64N(int64(60 * time.Second)))), gone: random.IntN(10) == 0}
		p.address = fmt.Sprintf("10.0.%d.%d:1", i/250, i%250)
		all = append(all, p)
	}
	type admission struct {
		at     time.Time
		number int64
	}
	var in []admission
	left := len(all)
	for tick := 0; left > 0 && tick < 20*people; tick++ {
		at.at = at.at.Add(100 * time.Millisecond)
		for _, p := range all {
			if p.visitor == nil || p.next.After(at.at) {
				continue
			}
			admitted, s := p.ask()
			if held, ok := q.verify(p.cookies[q.cookie()]); ok && held.number > 0 {
				if p.gone {
					p.visitor, left = nil, left-1 // takes a number and leaves
					continue
				}
				p.number = held.number
			}
			if admitted {
				in = append(in, admission{at.at, p.number})
				p.visitor, left = nil, left-1
				continue
			}
			p.next = at.at.Add(time.Duration(s.Again) * time.Millisecond)
		}
	}
	if left > 0 {
		t.Fatalf("%d never got in", left)
	}
	seen := map[int64]bool{}
	for _, a := range in {
		if a.number == 0 || seen[a.number] {
			t.Fatalf("number %d was let in twice, or without one", a.number)
		}
		seen[a.number] = true
	}
	// In no ten seconds are more let in than the rate gives, the burst, and those
	// whose turn came while they were between two questions (at most 24 s).
	for i, a := range in {
		j := sort.Search(len(in), func(j int) bool { return in[j].at.Sub(a.at) > 10*time.Second })
		if n := float64(j - i); n > rate*(10+24)+q.pace.Burst {
			t.Fatalf("%v got in within ten seconds from %v", n, a.at)
		}
	}
	took := in[len(in)-1].at.Sub(in[0].at).Seconds()
	if got := people / took; got > rate*1.05 || got < rate*0.9 {
		t.Errorf("numbers were served at %.2f a second; the rate is %v", got, rate)
	}
}

// TestFirstComeFirstServed: whoever keeps asking is let in before everybody with
// a later number, whatever the rate and whoever else asks or leaves.
func TestFirstComeFirstServed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := start()
		q := testRoom(t, Config{Rate: float64(rapid.IntRange(1, 50).Draw(t, "rate")) / 10, Always: true}, at)
		var line []*visitor
		admitted := map[int]bool{}
		for range rapid.IntRange(1, 80).Draw(t, "steps") {
			at.at = at.at.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "passes")) * time.Millisecond)
			if rapid.Bool().Draw(t, "somebody comes") {
				v := visitorOf(q)
				if in, _ := v.ask(); !in {
					in, _ = v.ask()
					if in {
						admitted[len(line)] = true
					}
				} else {
					admitted[len(line)] = true
				}
				line = append(line, v)
			}
			// All ask, the last first; whoever gets in must not be behind somebody who
			// does not.
			outside := -1
			for i := len(line) - 1; i >= 0; i-- {
				if !admitted[i] {
					if in, _ := line[i].ask(); in {
						admitted[i] = true
					} else {
						outside = i
					}
				}
			}
			if outside >= 0 {
				for i := outside + 1; i < len(line); i++ {
					if admitted[i] {
						t.Fatalf("visitor %d is in, %d is not", i, outside)
					}
				}
			}
		}
	})
}

func TestBrokenConfigurationsAreRefused(t *testing.T) {
	good := Options{Keys: [][]byte{testKey(1)}, Now: time.Now}
	for name, tt := range map[string]struct {
		c Config
		o Options
	}{
		"no name":     {Config{Rate: 1}, good},
		"a name":      {Config{Name: "a b", Rate: 1}, good},
		"no rate":     {Config{Name: "a"}, good},
		"negative":    {Config{Name: "a", Rate: -1}, good},
		"no key":      {Config{Name: "a", Rate: 1}, Options{Now: time.Now}},
		"short key":   {Config{Name: "a", Rate: 1}, Options{Now: time.Now, Keys: [][]byte{{1}}}},
		"no clock":    {Config{Name: "a", Rate: 1}, Options{Keys: good.Keys}},
		"short pass":  {Config{Name: "a", Rate: 1, Pass: time.Second}, good},
		"burst below": {Config{Name: "a", Rate: 1, Burst: -2}, good},
	} {
		if _, err := New(tt.c, tt.o); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func FuzzVerify(f *testing.F) {
	q := testRoom(f, Config{Rate: 1}, start())
	f.Add(q.sign(ticket{kind: waiter, number: 5}))
	f.Add("")
	f.Add("AAAA")
	f.Fuzz(func(t *testing.T, text string) {
		if ticket, ok := q.verify(text); ok {
			if again, ok := q.verify(q.sign(ticket)); !ok || again != ticket {
				t.Errorf("%+v comes back as %+v", ticket, again)
			}
		}
	})
}

func BenchmarkServe(b *testing.B) {
	at := start()
	q := testRoom(b, Config{Rate: 1, Always: true}, at)
	crowd(q, 1000)
	v := visitorOf(q)
	v.ask()
	v.ask()
	r := v.request("/checkout")
	b.ReportAllocs()
	for b.Loop() {
		q.Serve(httptest.NewRecorder(), r)
	}
}
