package webacl

import (
	"encoding/binary"
	"strconv"
	"strings"

	"fathom/engine/webacl/parts"
)

// rateNode is a rate-based statement: it counts what its scope-down statement
// matches, and matches while the request's instance is over the limit.
type rateNode struct {
	rule   RateRule
	key    RateKey
	custom []CustomKey
	from   *Forwarded
	scope  node
}

func (n *rateNode) eval(s *Subject) Truth {
	if n.scope != nil {
		if t := n.scope.eval(s); t != Yes {
			return t
		}
		s.hits = s.hits[:0]
	}
	switch t := n.instance(s); t {
	case No:
		return No // a part of the key is absent: neither counted nor acted on
	case Unknown:
		return Unknown
	}
	switch {
	case s.program.options.Counter == nil:
		return s.unknown("nothing counts requests")
	case s.shadow:
		return s.unknown("requests are not counted after the rule that decided")
	case s.request.Missing&PartTime != 0:
		return s.unknown("the time of the request is not known")
	}
	rate, err := s.program.options.Counter.Count(n.rule, s.key, s.request.Time)
	if err != nil {
		return s.unknown(err.Error())
	}
	if !rate.Limited {
		return No
	}
	s.limited = true
	s.rate = n.result(s, rate)
	s.hits = append(s.hits, hit{value: value{place: "RATE"}, words: strconv.FormatInt(rate.Seen, 10) + " requests in " +
		strconv.FormatInt(n.rule.Window, 10) + " s, and the limit is " + strconv.FormatInt(n.rule.Limit, 10)})
	return Yes
}

// instance writes the key of the request's instance: each part with its length
// before it, so that no two instances have one key.
func (n *rateNode) instance(s *Subject) Truth {
	s.key = s.key[:0]
	switch n.key {
	case ByIP:
		return s.keyPart(KeyIP, CustomKey{}, nil)
	case ByForwardedIP:
		return s.keyPart(KeyForwardedIP, CustomKey{}, n.from)
	case ByCustomKeys:
		for _, k := range n.custom {
			if t := s.keyPart(k.Kind, k, n.from); t != Yes {
				return t
			}
		}
	}
	return Yes
}

var partOfKey = [...]Part{
	KeyIP: PartClient, KeyForwardedIP: PartHeaders, KeyMethod: PartMethod, KeyHeader: PartHeaders, KeyCookie: PartHeaders,
	KeyQueryArgument: PartQuery, KeyQueryString: PartQuery, KeyURIPath: PartPath, KeyJA3: PartJA3, KeyJA4: PartJA4, KeyASN: PartClient, KeyLabelNamespace: 0,
}

func (s *Subject) keyPart(kind CustomKeyKind, k CustomKey, from *Forwarded) Truth {
	if kind != KeyASN && s.request.Missing&partOfKey[kind] != 0 {
		return s.unknown(missingWhy(s.request.Missing & partOfKey[kind]))
	}
	if kind == KeyHeader && s.request.Withholds(k.Name) || kind == KeyCookie && s.request.Withholds("cookie") {
		return s.unknown(withheldWhy)
	}
	v, t := s.keyValue(kind, k, from)
	if t != Yes {
		return t
	}
	v = s.transformed(k.Transforms, v)
	s.key = binary.AppendUvarint(s.key, uint64(len(v)))
	s.key = append(s.key, v...)
	return Yes
}

// keyValue is the value of a part of a key; No where the request has none.
func (s *Subject) keyValue(kind CustomKeyKind, k CustomKey, from *Forwarded) ([]byte, Truth) {
	r := s.request
	switch kind {
	case KeyIP:
		if !r.Client.IsValid() {
			return nil, s.unknown(noClient)
		}
		return s.address(r.Client.Unmap().AsSlice()), Yes
	case KeyForwardedIP:
		a, ok := s.first(from)
		if !ok { // a malformed address: the fallback says whether it is counted, all together
			return nil, fallback(from)
		}
		return s.address(a.AsSlice()), Yes
	case KeyMethod:
		return bytesOf(r.Method), Yes
	case KeyURIPath:
		return bytesOf(r.Path), Yes
	case KeyQueryString:
		return present(r.Query)
	case KeyHeader:
		value, there := s.header(k.Name)
		return bytesOf(value), yes(there)
	case KeyCookie:
		value, there := s.cookie(k.Name)
		return value, yes(there)
	case KeyQueryArgument:
		for name, value := range parts.Query(r.Query) {
			if strings.EqualFold(name, k.Name) {
				return bytesOf(value), Yes
			}
		}
		return nil, No
	case KeyJA3:
		return fingerprint(r.JA3, k.Match)
	case KeyJA4:
		return fingerprint(r.JA4, k.Match)
	case KeyASN:
		return s.asnKey(from)
	}
	return s.namespaceKey(k.Name)
}

func yes(b bool) Truth {
	if b {
		return Yes
	}
	return No
}

func present(v string) ([]byte, Truth) { return bytesOf(v), yes(v != "") }

func fingerprint(v string, match bool) ([]byte, Truth) { return bytesOf(v), yes(v != "" || match) }

// address keeps an address in the arena.
func (s *Subject) address(b []byte) []byte {
	from := len(s.arena)
	s.arena = append(s.arena, b...)
	return s.arena[from:]
}

func (s *Subject) cookie(name string) ([]byte, bool) {
	for i := range s.request.Headers {
		h := &s.request.Headers[i]
		if len(h.Name) != len("cookie") || !strings.EqualFold(h.Name, "cookie") {
			continue
		}
		for n, v := range parts.Cookies(h.Value) {
			if n == name {
				return bytesOf(v), true
			}
		}
	}
	return nil, false
}

func (s *Subject) asnKey(from *Forwarded) ([]byte, Truth) {
	place, t, decided := s.placeOf(from)
	if decided {
		return nil, t
	}
	if !place.HasASN {
		return nil, s.unknown("the autonomous system of the address is not known; give an ASN database")
	}
	at := len(s.arena)
	s.arena = binary.BigEndian.AppendUint32(s.arena, place.ASN)
	return s.arena[at:], Yes
}

// namespaceKey is every label of a namespace, in the order they were added.
func (s *Subject) namespaceKey(namespace string) ([]byte, Truth) {
	if !strings.HasSuffix(namespace, ":") {
		namespace += ":"
	}
	at := len(s.arena)
	for _, l := range s.labels {
		if !strings.HasPrefix(l.name, namespace) || len(l.name) == len(namespace) {
			continue
		}
		if l.doubtful {
			return nil, s.unknown("the label " + quoted(l.name) + " comes from a rule that is undecidable")
		}
		s.arena = append(append(s.arena, l.name...), 0)
	}
	return s.arena[at:], yes(len(s.arena) > at)
}

var keyNames = [...]string{
	KeyIP: "IP", KeyForwardedIP: "FORWARDED_IP", KeyMethod: "HTTP_METHOD", KeyHeader: "HEADER", KeyCookie: "COOKIE",
	KeyQueryArgument: "QUERY_ARGUMENT", KeyQueryString: "QUERY_STRING", KeyURIPath: "URI_PATH",
	KeyLabelNamespace: "LABEL_NAMESPACE", KeyJA3: "JA3_FINGERPRINT", KeyJA4: "JA4_FINGERPRINT", KeyASN: "ASN",
}

// result says for the log which instance is limited.
func (n *rateNode) result(s *Subject, rate Rate) RateResult {
	r := RateResult{ID: n.rule.ID, Key: n.key, Limit: n.rule.Limit, Window: n.rule.Window, Seen: rate.Seen}
	switch n.key {
	case ByIP:
		r.Value = s.request.Client.Unmap().String()
	case ByForwardedIP:
		if a, ok := s.first(n.from); ok {
			r.Value = a.String()
		}
	case ByCustomKeys:
		for _, k := range n.custom {
			r.Custom = append(r.Custom, RateValue{Key: keyNames[k.Kind], Name: k.Name, Value: s.shown(k, n.from)})
		}
	}
	return r
}

// shown is a part of a key as a person reads it.
func (s *Subject) shown(k CustomKey, from *Forwarded) string {
	switch k.Kind {
	case KeyIP:
		return s.request.Client.Unmap().String()
	case KeyForwardedIP:
		a, _ := s.first(from)
		return a.String()
	case KeyASN:
		p, _, _ := s.placeOf(from)
		return strconv.FormatUint(uint64(p.ASN), 10)
	case KeyLabelNamespace:
		v, _ := s.namespaceKey(k.Name)
		return strings.ReplaceAll(strings.TrimSuffix(string(v), "\x00"), "\x00", ",")
	}
	v, _ := s.keyValue(k.Kind, k, from)
	return string(s.transformed(k.Transforms, v))
}
