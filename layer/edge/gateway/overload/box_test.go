package overload

import (
	"fmt"
	"net/netip"
	"testing"
	"time"
)

// hand is a clock that is moved by hand.
type hand struct{ now time.Duration }

func (h *hand) clock() Clock { return func() time.Duration { return h.now } }

func (h *hand) move(d time.Duration) { h.now += d }

var (
	bad     = netip.MustParseAddr("192.0.2.66")
	good    = netip.MustParseAddr("192.0.2.7")
	browser = "t13d1516h2_8daaf6152771_02713d6af862"
)

func boxed(h *hand, c BoxConfig) *Box {
	c.Enabled = true
	return NewBox(c, h.clock())
}

func TestBoxHoldsWhoIsRefusedOften(t *testing.T) {
	h := &hand{}
	b := boxed(h, BoxConfig{})
	for range 49 {
		b.Refused(bad, "", 1)
	}
	if b.Holds(bad) {
		t.Error("49 refusals box a client; want 50")
	}
	b.Refused(bad, "", 1)
	if !b.Holds(bad) || b.Holds(good) {
		t.Error("50 refusals do not box a client, or box another")
	}
	h.move(31 * time.Second)
	if b.Holds(bad) {
		t.Error("half a minute of quiet does not free a client")
	}
}

func TestBoxIsNotForThoseWhoAreRefusedNowAndThen(t *testing.T) {
	h := &hand{}
	b := boxed(h, BoxConfig{})
	for range 600 { // two a second for five minutes
		b.Refused(bad, "", 1)
		h.move(500 * time.Millisecond)
	}
	if b.Holds(bad) {
		t.Error("two refusals a second box a client")
	}
}

func TestKnockingKeepsAFloodBoxed(t *testing.T) {
	h := &hand{}
	b := boxed(h, BoxConfig{})
	for range 60 {
		b.Refused(bad, "", 1)
	}
	for range 10 * 120 { // ten a second, for two minutes
		h.move(100 * time.Millisecond)
		if !b.Holds(bad) {
			t.Fatalf("it is out after %v, knocking", h.now)
		}
	}
	for range 10000 {
		b.Refused(bad, "", 1)
	}
	h.move(31 * time.Second)
	if b.Holds(bad) {
		t.Error("half a minute of quiet does not free the worst client")
	}
}

func TestBoxSparesTheTrustedAndTheVouchedFor(t *testing.T) {
	h := &hand{}
	proxy := netip.MustParseAddr("10.1.2.3")
	b := boxed(h, BoxConfig{Trusted: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
	for range 1000 {
		b.Refused(proxy, "", 1)
		b.Refused(netip.AddrFrom16(proxy.As16()), "", 1)
		b.Refused(bad, "", 1)
	}
	if b.Holds(proxy) || !b.Holds(bad) {
		t.Error("a trusted proxy is boxed, or nobody is")
	}
	b.Vouch(bad, "")
	for range 1000 {
		b.Refused(bad, "", 1)
	}
	if b.Holds(bad) {
		t.Error("a client with a session is boxed")
	}
	h.move(10*time.Minute + time.Second)
	for range 1000 {
		b.Refused(bad, "", 1)
	}
	if !b.Holds(bad) {
		t.Error("a session vouches for ever")
	}
	b.Refused(netip.Addr{}, "", 1000)
	if b.Holds(netip.Addr{}) {
		t.Error("nobody is boxed")
	}
}

func TestBoxTakesANetworkOfIPv6ForOne(t *testing.T) {
	b := boxed(&hand{}, BoxConfig{})
	for i := range 60 {
		b.Refused(netip.MustParseAddr(fmt.Sprintf("2001:db8::%x", i+1)), "", 1)
	}
	if !b.Holds(netip.MustParseAddr("2001:db8::ffff")) || b.Holds(netip.MustParseAddr("2001:db8:0:1::1")) {
		t.Error("it does not go by /64")
	}
}

func TestFingerprints(t *testing.T) {
	h := &hand{}
	b := boxed(h, BoxConfig{Fingerprints: true, Refusals: 10})
	tool := "t13d190900_9dc949149365_97f8aa674fd9"
	for i := range 300 {
		from := netip.AddrFrom4([4]byte{203, 0, 113, byte(i)})
		b.Refused(from, tool, 1)
		b.Refused(from, browser, 1)
		b.Vouch(good, browser)
	}
	other := netip.MustParseAddr("198.51.100.9")
	if !b.HoldsFingerprint(other, tool) {
		t.Error("a tool that was only refused is not boxed")
	}
	if b.HoldsFingerprint(other, browser) {
		t.Error("a browser that customers use too is boxed")
	}
	if b.HoldsFingerprint(good, tool) {
		t.Error("a customer is boxed for his browser")
	}
	if off := boxed(h, BoxConfig{}); off.HoldsFingerprint(other, tool) {
		t.Error("fingerprints are boxed by default")
	}
}

func TestBoxIsOffByDefault(t *testing.T) {
	b := NewBox(BoxConfig{}, (&hand{}).clock())
	b.Refused(bad, browser, 1000)
	b.Vouch(bad, browser)
	if b != nil || b.Holds(bad) || b.HoldsFingerprint(bad, browser) {
		t.Error("it is on")
	}
}

// A million clients do not take more memory, and do not drive out the one that
// floods, or the one that has a session.
func TestBoxIsBounded(t *testing.T) {
	h := &hand{}
	b := boxed(h, BoxConfig{Size: 1024})
	b.Vouch(good, "")
	for range 200 {
		b.Refused(bad, "", 1)
	}
	for i := range 100_000 {
		b.Refused(netip.AddrFrom4([4]byte{byte(i >> 24), byte(i >> 16), byte(i >> 8), byte(i)}), "", 1)
	}
	if !b.Holds(bad) {
		t.Error("many quiet clients drove out the loud one")
	}
	for range 1000 {
		b.Refused(good, "", 1)
	}
	if b.Holds(good) {
		t.Error("many quiet clients drove out the one with a session")
	}
	total := 0
	for i := range b.table.shards {
		total += len(b.table.shards[i].sets) * tableWays
	}
	if total > 1024 {
		t.Errorf("%d places; want 1024", total)
	}
}

func TestPace(t *testing.T) {
	h := &hand{}
	p := NewPace(PaceConfig{Requests: 10}, h.clock())
	want := map[int]Class{1: Critical, 9: Critical, 10: Degraded, 19: Degraded, 20: Sheddable, 100: Sheddable}
	for i := range 100 {
		got := p.Class(bad, Critical)
		if class, ok := want[i+1]; ok && got != class {
			t.Errorf("request %d is %v; want %v", i+1, got, class)
		}
	}
	if got := p.Class(good, Critical); got != Critical {
		t.Errorf("another client's request is %v", got)
	}
	if got := p.Class(bad, Sheddable); got != Sheddable {
		t.Errorf("nothing is below sheddable, but %v", got)
	}
	h.move(40 * time.Second)
	if got := p.Class(bad, Critical); got != Critical {
		t.Errorf("after forty quiet seconds a request is %v", got)
	}
	p.Vouch(bad, time.Minute)
	for range 100 {
		p.Class(bad, Critical)
	}
	if got := p.Class(bad, Critical); got != Critical {
		t.Errorf("with a session a request is %v", got)
	}
	if off := NewPace(PaceConfig{Off: true}, h.clock()); off.Class(bad, Critical) != Critical {
		t.Error("it is not off")
	}
}

func BenchmarkBoxHolds(b *testing.B) {
	box := boxed(&hand{}, BoxConfig{})
	box.Refused(bad, "", 100)
	b.ReportAllocs()
	for b.Loop() {
		box.Holds(bad)
	}
}

func BenchmarkPace(b *testing.B) {
	p := NewPace(PaceConfig{}, (&hand{}).clock())
	b.ReportAllocs()
	for b.Loop() {
		p.Class(good, Critical)
	}
}
