package dialect

import (
	"strconv"

	"fathom/engine/webacl"
)

// rateKeys stand as webacl.RateKey numbers them, after NoRateKey.
var rateKeys = []string{"IP", "FORWARDED_IP", "CUSTOM_KEYS", "CONSTANT"}

// rateBased reads a rate-based statement.
func (r *reader) rateBased(o *object, nested place) webacl.Statement {
	var s webacl.RateBased
	if n := o.get("Limit"); o.must(n, "Limit") {
		s.Limit, _ = r.number(n, "Limit", 10, 2_000_000_000)
	}
	s.Window = r.window(o)
	key := o.get("AggregateKeyType")
	switch {
	case key != nil:
		s.Key = webacl.RateKey(r.choice(key, "AggregateKeyType", rateKeys...) + 1)
	case r.blocks: // the provider's default
		s.Key = webacl.ByIP
	default:
		o.must(nil, "AggregateKeyType")
	}
	s.Forwarded = r.forwarded(o)
	s.Custom = r.customKeys(o, &s)
	if n := o.get("ScopeDownStatement"); n != nil {
		s.ScopeDown = r.statement(n, nested)
	}
	o.internal("id", "shadow_ip_set_reference_statement", "visible_scope_down_statement")
	switch {
	case s.Key == webacl.ByForwardedIP && s.Forwarded == nil && len(r.holes) == 0:
		r.problem(o.n.Pos, "add it", "AggregateKeyType FORWARDED_IP needs %s", o.spell("ForwardedIPConfig"))
	case s.Key == webacl.Constant && s.ScopeDown == nil:
		r.problem(o.n.Pos, "add it", "AggregateKeyType CONSTANT needs %s", o.spell("ScopeDownStatement"))
	}
	return s
}

func (r *reader) window(o *object) int64 {
	n := o.get("EvaluationWindowSec", "time_window")
	v, ok := r.number(n, "EvaluationWindowSec", 0, 600)
	switch {
	case !ok, v == 0 && r.blocks:
		return 300
	case v != 60 && v != 120 && v != 300 && v != 600:
		r.problem(n.Pos, "use 60, 120, 300 or 600", "EvaluationWindowSec is %d", v)
	}
	return v
}

// customKeys reads the parts of the key, and says what goes together.
func (r *reader) customKeys(o *object, s *webacl.RateBased) []webacl.CustomKey {
	list := o.list("CustomKeys")
	var out []webacl.CustomKey
	alone := true
	for _, n := range list {
		k := r.object(n, "a custom key")
		if k == nil {
			alone = false
			continue
		}
		key := r.customKey(k)
		k.done()
		if key.Kind == webacl.KeyForwardedIP && s.Forwarded == nil && len(r.holes) == 0 {
			r.problem(n.Pos, "add it", "the custom key ForwardedIP needs %s", o.spell("ForwardedIPConfig"))
		}
		alone = alone && (key.Kind == webacl.KeyIP || key.Kind == webacl.KeyForwardedIP)
		out = append(out, key)
	}
	switch c := len(list); {
	case s.Key == webacl.ByCustomKeys && (c < 1 || c > 5) && len(r.holes) == 0:
		r.problem(o.n.Pos, "write 1 to 5", "AggregateKeyType CUSTOM_KEYS has %d custom keys", c)
	case s.Key != webacl.ByCustomKeys && s.Key != webacl.NoRateKey && c > 0:
		r.problem(list[0].Pos, "use AggregateKeyType CUSTOM_KEYS", "AggregateKeyType %s has custom keys", rateKeys[s.Key-1])
	case alone && c == 1:
		r.problem(list[0].Pos, "add another, or use AggregateKeyType IP or FORWARDED_IP", "an address cannot be the only custom key")
	}
	return out
}

var customKinds = map[string]webacl.CustomKeyKind{
	"IP": webacl.KeyIP, "ForwardedIP": webacl.KeyForwardedIP, "HTTPMethod": webacl.KeyMethod, "Header": webacl.KeyHeader, "Cookie": webacl.KeyCookie,
	"QueryArgument": webacl.KeyQueryArgument, "QueryString": webacl.KeyQueryString, "UriPath": webacl.KeyURIPath,
	"LabelNamespace": webacl.KeyLabelNamespace, "JA3Fingerprint": webacl.KeyJA3, "JA4Fingerprint": webacl.KeyJA4, "ASN": webacl.KeyASN,
}

func (r *reader) customKey(o *object) webacl.CustomKey {
	var key webacl.CustomKey
	name, n := o.one("IP", "ForwardedIP", "HTTPMethod", "Header", "Cookie", "QueryArgument", "QueryString", "UriPath",
		"LabelNamespace", "JA3Fingerprint", "JA4Fingerprint", "ASN")
	if n == nil {
		return key
	}
	in := r.object(n, name)
	if in == nil {
		return key
	}
	defer in.done()
	key.Kind = customKinds[name]
	switch key.Kind {
	case webacl.KeyHeader, webacl.KeyCookie, webacl.KeyQueryArgument:
		key.Name = r.fieldName(in, 64)
		key.Transforms = r.transforms(in)
	case webacl.KeyQueryString, webacl.KeyURIPath:
		key.Transforms = r.transforms(in)
	case webacl.KeyLabelNamespace:
		if ns := in.get("Namespace"); in.must(ns, "Namespace") {
			s, ok := r.text(ns, "Namespace")
			if ok && !labelish(s) {
				r.problem(ns.Pos, "use letters, digits, - _ and :", "the namespace %s is none that AWS takes", strconv.Quote(s))
			}
			key.Name = s
		}
	case webacl.KeyJA3, webacl.KeyJA4:
		key.Match = r.fallback(in, true)
	}
	return key
}
