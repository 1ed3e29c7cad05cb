package webacl

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"

	"go4.org/netipx"
)

// mostForwarded is how many addresses of a header WAF looks at, the last ones
// (IPSetForwardedIPConfig).
const mostForwarded = 10

// header is the value of a header; several are one list (RFC 9110, 5.3).
func (s *Subject) header(name string) (value string, there bool) {
	for i := range s.request.Headers {
		h := &s.request.Headers[i]
		if len(h.Name) != len(name) || !strings.EqualFold(h.Name, name) {
			continue
		}
		if there {
			value += "," + h.Value
		} else {
			value, there = h.Value, true
		}
	}
	return value, there
}

// skipped says whether a rule is not applied because the header of a forwarded
// address is absent.
func (s *Subject) skipped(headers []string) Truth {
	if len(headers) > 0 && s.request.Missing&PartHeaders != 0 {
		return s.unknown(missingWhy(PartHeaders))
	}
	for _, h := range headers {
		if _, there := s.header(h); !there {
			return Yes
		}
		if s.request.Withholds(h) {
			return s.unknown(withheldWhy)
		}
	}
	return No
}

// first is the address that a statement looks at, and whether it is well formed.
func (s *Subject) first(f *Forwarded) (a netip.Addr, ok bool) {
	if f == nil {
		return s.request.Client, s.request.Client.IsValid()
	}
	value, _ := s.header(f.Header)
	one, _, _ := strings.Cut(value, ",")
	return parseAddr(one)
}

func parseAddr(s string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(strings.TrimSpace(s))
	return a.Unmap().WithZone(""), err == nil && a.Zone() == ""
}

func fallback(f *Forwarded) Truth {
	if f.Match {
		return Yes
	}
	return No
}

const noClient = "the client's address is not known"

type ipNode struct {
	name string
	set  *netipx.IPSet
	from *Forwarded
}

func (n *ipNode) eval(s *Subject) Truth {
	if n.from == nil {
		if s.request.Missing&PartClient != 0 || !s.request.Client.IsValid() {
			return s.unknown(noClient)
		}
		return n.in(s, s.request.Client.Unmap())
	}
	value, _ := s.header(n.from.Header)
	all := strings.Split(value, ",")
	switch n.from.Where {
	case First:
		all = all[:1]
	case Last:
		all = all[len(all)-1:]
	default:
		all = all[max(0, len(all)-mostForwarded):]
	}
	malformed := false
	for _, one := range all {
		a, ok := parseAddr(one)
		if !ok {
			malformed = true
		} else if n.in(s, a) == Yes {
			return Yes
		}
	}
	if malformed {
		return fallback(n.from)
	}
	return No
}

func (n *ipNode) in(s *Subject, a netip.Addr) Truth {
	if !n.set.Contains(a) {
		return No
	}
	s.hits = append(s.hits, hit{words: "is in the IP set " + quoted(n.name), value: value{place: addressPlace(n.from), addr: a}})
	return Yes
}

func addressPlace(f *Forwarded) string {
	if f == nil {
		return "CLIENT_IP"
	}
	return "FORWARDED_IP"
}

type geoNode struct {
	countries []string
	from      *Forwarded
}

func (n *geoNode) eval(s *Subject) Truth {
	place, t, decided := s.placeOf(n.from)
	if decided {
		return t
	}
	if !place.HasCountry {
		return s.unknown("the country of the address is not known; give a geo database")
	}
	country, region := s.program.places.of(n.from != nil, place)
	s.pending = append(s.pending, country, region)
	if !slices.Contains(n.countries, place.Country) {
		return No
	}
	s.hits = append(s.hits, hit{words: "is in " + place.Country, value: value{place: addressPlace(n.from)}})
	return Yes
}

// placeOf finds the place of the connection or of the forwarded address. Where
// there is none the answer is decided: unknown, or the fallback of a malformed
// address.
func (s *Subject) placeOf(f *Forwarded) (p Place, t Truth, decided bool) {
	if f == nil {
		if s.request.Missing&PartClient != 0 && !s.request.Place.HasCountry && !s.request.Place.HasASN {
			return p, s.unknown(noClient), true
		}
		return s.Place(), No, false
	}
	a, ok := s.first(f)
	if !ok {
		t = fallback(f)
		if t == Yes {
			s.hits = append(s.hits, hit{words: "is malformed, which its fallback takes as a match", value: value{place: addressPlace(f)}})
		}
		return p, t, true
	}
	return s.locate(a, Place{}), No, false
}

type asnNode struct {
	asns []uint32
	from *Forwarded
}

func (n *asnNode) eval(s *Subject) Truth {
	place, t, decided := s.placeOf(n.from)
	if decided {
		return t
	}
	if !place.HasASN {
		return s.unknown("the autonomous system of the address is not known; give an ASN database")
	}
	s.pending = append(s.pending, s.program.places.asn(n.from != nil, place.ASN))
	if !slices.Contains(n.asns, place.ASN) {
		return No
	}
	s.hits = append(s.hits, hit{words: "is in AS" + strconv.FormatUint(uint64(place.ASN), 10), value: value{place: addressPlace(n.from)}})
	return Yes
}

// placeLabels keeps the labels of places, which are few, so that they are made
// once.
type placeLabels struct {
	mu   sync.RWMutex
	made map[placeKey][2]string
}

type placeKey struct {
	forwarded       bool
	country, region string
	asn             uint32
	isASN           bool
}

// mostPlaces bounds what is kept.
const mostPlaces = 20000

func (p *placeLabels) keep(k placeKey, make func() [2]string) [2]string {
	p.mu.RLock()
	l, ok := p.made[k]
	p.mu.RUnlock()
	if ok {
		return l
	}
	l = make()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.made == nil || len(p.made) > mostPlaces {
		p.made = map[placeKey][2]string{}
	}
	p.made[k] = l
	return l
}

func clientOrForwarded(forwarded bool) string {
	if forwarded {
		return "awswaf:forwardedip:"
	}
	return "awswaf:clientip:"
}

// of are the labels of a country and region; what is not known is XX.
func (p *placeLabels) of(forwarded bool, place Place) (country, region string) {
	l := p.keep(placeKey{forwarded: forwarded, country: place.Country, region: place.Region}, func() [2]string {
		cc, rr := cmpOr(place.Country, "XX"), cmpOr(place.Region, "XX")
		prefix := clientOrForwarded(forwarded) + "geo:"
		return [2]string{prefix + "country:" + cc, prefix + "region:" + cc + "-" + rr}
	})
	return l[0], l[1]
}

func (p *placeLabels) asn(forwarded bool, asn uint32) string {
	return p.keep(placeKey{forwarded: forwarded, asn: asn, isASN: true}, func() [2]string {
		return [2]string{clientOrForwarded(forwarded) + "asn:" + strconv.FormatUint(uint64(asn), 10)}
	})[0]
}
