package flow

import (
	"fmt"
	"math/rand"
	"testing"

	"fathom/estate"
)

// bits is the slow twin of Conns: which of a few interesting connections are in.
var probes = func() []Conn {
	var out []Conn
	for _, p := range []Protocol{0, ICMP, 5, TCP, 7, UDP, 47, ICMPv6, SCTP, 255} {
		for _, port := range []int{0, 1, 79, 80, 81, 443, 1023, 1024, 32767, 65534, 65535} {
			out = append(out, Conn{p, port})
		}
	}
	return out
}()

func bits(c Conns) []bool {
	out := make([]bool, len(probes))
	for i, p := range probes {
		out[i] = c.Has(p)
	}
	return out
}

func someConns(r *rand.Rand) (Conns, []bool) {
	var c Conns
	want := make([]bool, len(probes))
	for range r.Intn(5) {
		one := probes[r.Intn(len(probes))]
		to := probes[r.Intn(len(probes))].Port
		c = c.Union(Ports(one.Protocol, one.Port, to))
		for i, p := range probes {
			want[i] = want[i] || p.Protocol == one.Protocol && one.Port <= p.Port && p.Port <= to
		}
	}
	return c, want
}

func TestConnsAreSets(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for range 20_000 {
		a, inA := someConns(r)
		b, inB := someConns(r)
		union, both, minus := bits(a.Union(b)), bits(a.Intersect(b)), bits(a.Minus(b))
		for i, p := range probes {
			if union[i] != (inA[i] || inB[i]) || both[i] != (inA[i] && inB[i]) || minus[i] != (inA[i] && !inB[i]) {
				t.Fatalf("%s and %s at %s: union %v, intersection %v, difference %v", a, b, p, union[i], both[i], minus[i])
			}
		}
		if !a.Minus(b).Union(a.Intersect(b)).Equal(a) {
			t.Fatalf("(%s - %s) with what they share is not the first again", a, b)
		}
	}
}

func TestConnsString(t *testing.T) {
	for _, c := range []struct {
		conns Conns
		want  string
	}{
		{Conns{}, "nothing"},
		{AllConns(), "all traffic"},
		{Ports(AnyProtocol, 80, 80), "all traffic"},
		{Ports(TCP, 443, 443), "TCP 443"},
		{Ports(TCP, 0, 65535), "TCP"},
		{Ports(TCP, -1, 70000), "TCP"},
		{Ports(TCP, 443, 80), "nothing"},
		{Ports(UDP, 53, 53).Union(Ports(TCP, 80, 80)).Union(Ports(TCP, 81, 90)), "TCP 80-90, UDP 53"},
		{AllConns().Minus(Ports(TCP, 25, 25)), "all traffic but TCP 25"},
		{Ports(47, 0, 65535), "protocol 47"},
	} {
		if got := c.conns.String(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	if got := (Conn{TCP, 5432}).String(); got != "TCP 5432" {
		t.Errorf("got %q", got)
	}
}

func parse(t *testing.T, text string) Addrs {
	t.Helper()
	a, err := ParseAddrs(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAddrs(t *testing.T) {
	ten, sub := parse(t, "10.0.0.0/8"), parse(t, "10.1.0.0/16")
	switch {
	case !ten.Holds(sub), sub.Holds(ten), !ten.Overlaps(sub):
		t.Error("10.1.0.0/16 is in 10.0.0.0/8 and not the other way round")
	case !ten.Minus(sub).Union(sub).Equal(ten):
		t.Error("a range without a part, and the part, are the range")
	case Public().Overlaps(ten), !Public().Overlaps(parse(t, "8.8.8.8")), Public().Overlaps(parse(t, "fd00::/8")), !Public().Overlaps(parse(t, "2a00::/16")):
		t.Error("private ranges are not the internet, others are")
	case !Everything().Family(4).Union(Everything().Family(6)).Equal(Everything()):
		t.Error("everything is IPv4 and IPv6")
	case !parse(t, "10.1.2.3/8").Equal(ten):
		t.Error("bits after the prefix are ignored")
	case !(Addrs{}).Empty(), (Addrs{}).Overlaps(ten), !ten.Holds(Addrs{}):
		t.Error("the zero set is empty")
	}
	for _, bad := range []string{"", "10.0.0.0/33", "x", "fe80::1%eth0", "10.0.0"} {
		if _, err := ParseAddrs(bad); err == nil {
			t.Errorf("%q is no range", bad)
		}
	}
}

func TestAddrsString(t *testing.T) {
	for _, c := range []struct {
		addrs Addrs
		want  string
	}{
		{Addrs{}, "no address"},
		{Everything(), "the internet"},
		{Public(), "the internet"},
		{parse(t, "0.0.0.0/0"), "the internet (IPv4)"},
		{parse(t, "::/0"), "the internet (IPv6)"},
		{parse(t, "203.0.113.7"), "203.0.113.7"},
		{parse(t, "10.0.0.0/16").Union(parse(t, "10.1.0.0/16")), "10.0.0.0/15"},
		{parse(t, "0.0.0.0/0").Minus(parse(t, "10.0.0.0/16")), "0.0.0.0/5 and 15 other ranges"},
	} {
		if got := c.addrs.String(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestAWayIsAsOpenAsItsNarrowestHop(t *testing.T) {
	w := Way{Hops: []Hop{{Pass: estate.Yes, Says: "a"}, {Pass: estate.Maybe, Says: "b"}, {Pass: estate.No, Says: "c"}}}
	if w.Pass() != estate.No || w.Stop().Says != "b" {
		t.Errorf("pass %v, stop %v", w.Pass(), w.Stop())
	}
	w.Hops = w.Hops[:1]
	if w.Pass() != estate.Yes || w.Stop() != nil {
		t.Errorf("pass %v, stop %v", w.Pass(), w.Stop())
	}
}

func FuzzParseAddrs(f *testing.F) {
	for _, s := range []string{"10.0.0.0/8", "::/0", "1.2.3.4", " 2001:db8::/32 ", "10.0.0.0/33", "::ffff:1.2.3.4"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := ParseAddrs(s)
		if err != nil {
			if !a.Empty() {
				t.Errorf("%q is an error and %s", s, a)
			}
			return
		}
		if a.Empty() || len(a.Prefixes()) != 1 {
			t.Fatalf("%q gives %v", s, a.Prefixes())
		}
		again, err := ParseAddrs(a.Prefixes()[0].String())
		if err != nil || !again.Equal(a) {
			t.Errorf("%q does not survive being written: %v", s, a.Prefixes())
		}
	})
}

// Holds and UnionOf against what they stand for: nothing of b is outside of a,
// and one union after the other.
func TestHoldsAndUnionOfAgreeWithTheirTwins(t *testing.T) {
	rng := rand.New(rand.NewSource(7))
	set := func() Addrs {
		var sets []Addrs
		var slow Addrs
		for range rng.Intn(6) {
			a := parse(t, fmt.Sprintf("10.0.%d.%d/%d", rng.Intn(2), rng.Intn(4)*64, 22+rng.Intn(9)))
			if rng.Intn(4) == 0 {
				a = parse(t, fmt.Sprintf("2001:db8::%d00/%d", rng.Intn(4), 118+rng.Intn(6)))
			}
			sets, slow = append(sets, a), slow.Union(a)
		}
		if got := UnionOf(sets); !got.Equal(slow) {
			t.Fatalf("the union of %v is %v, want %v", sets, got, slow)
		}
		return slow
	}
	for range 5000 {
		a, b := set(), set()
		if got, want := a.Holds(b), b.Minus(a).Empty(); got != want {
			t.Fatalf("%v holds %v: %v, want %v", a.Prefixes(), b.Prefixes(), got, want)
		}
	}
}
