package crs

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/corazawaf/coraza/v3/collection"
	"github.com/corazawaf/coraza/v3/experimental/plugins/plugintypes"
	"github.com/corazawaf/coraza/v3/types"
)

// transaction is one request in Coraza.
type transaction struct {
	tx      types.Transaction
	options *Options
	err     error
	closed  bool
}

// Start starts a transaction.
func (in *inspector) Start(r *Request) Transaction {
	t := &transaction{tx: in.waf.NewTransaction(), options: &in.options}
	client := "0.0.0.0"
	if r.Client.IsValid() {
		client = r.Client.Unmap().String()
	}
	t.tx.ProcessConnection(client, int(r.Port), "", 0)
	t.tx.ProcessURI(r.URI, r.Method, r.Version)
	for _, h := range r.Headers {
		t.tx.AddRequestHeader(apart(h.Name), h.Value) // see separate
		if strings.EqualFold(h.Name, "host") {
			t.tx.SetServerName(h.Value)
		}
	}
	if v, ok := t.variables(); ok {
		separate(v.RequestCookies())
		separate(v.ArgsGet())
	}
	t.tx.ProcessRequestHeaders()
	return t
}

// separate gives each value of a collection a name of its own. Coraza caches what
// transformations give by the address of the name's text and the place in a map's
// order, which changes from rule to rule: where two values share the text of
// their name, the value of one is taken for the other's, and a rule may miss it.
func separate(m collection.Map) {
	all := m.FindAll()
	if len(all) == 0 {
		return
	}
	names := make(map[string]int, len(all))
	repeated := false
	for _, d := range all {
		name := strings.ToLower(d.Key())
		names[name]++
		repeated = repeated || names[name] > 1 || name == ""
	}
	if !repeated {
		return
	}
	for name, n := range names {
		if n > 1 || name == "" {
			m.Remove(name)
		}
	}
	for _, d := range all {
		if name := d.Key(); name == "" || names[strings.ToLower(name)] > 1 {
			m.Add(apart(name), d.Value())
		}
	}
}

// apart is a name with an address of its own. The empty name has none by itself,
// and texts of one byte share theirs, so that two more are behind it.
func apart(name string) string { return string(append([]byte(name), 0, 0))[:len(name)] }

// Request inspects the request with its body.
func (t *transaction) Request(body []byte) Result {
	if len(body) > 0 {
		if _, _, err := t.tx.WriteRequestBody(body[:min(len(body), t.bodyLimit())]); err != nil {
			t.fail(err)
		}
	}
	if _, err := t.tx.ProcessRequestBody(); err != nil {
		t.fail(err)
	}
	return t.result()
}

func (t *transaction) bodyLimit() int {
	if t.options.BodyLimit == 0 {
		return 13107200
	}
	return t.options.BodyLimit
}

// variables are those of the transaction. Coraza's transactions are such a
// state, though its interface for callers does not say so.
func (t *transaction) variables() (plugintypes.TransactionVariables, bool) {
	s, ok := t.tx.(plugintypes.TransactionState)
	if !ok {
		return nil, false
	}
	return s.Variables(), true
}

// Response inspects the response.
func (t *transaction) Response(r *Response) Result {
	if !t.options.Responses {
		return t.result()
	}
	for _, h := range r.Headers {
		t.tx.AddResponseHeader(h.Name, h.Value)
	}
	t.tx.ProcessResponseHeaders(r.Status, r.Version)
	if t.tx.IsResponseBodyAccessible() && t.tx.IsResponseBodyProcessable() && len(r.Body) > 0 {
		if _, _, err := t.tx.WriteResponseBody(r.Body); err != nil {
			t.fail(err)
		}
	}
	if _, err := t.tx.ProcessResponseBody(); err != nil {
		t.fail(err)
	}
	return t.result()
}

// Finish runs the rules that only report.
func (t *transaction) Finish() Result {
	t.tx.ProcessLogging()
	return t.result()
}

// Close gives back what the transaction holds.
func (t *transaction) Close() {
	if t.closed {
		return
	}
	t.closed = true
	// What Close reports are temporary files that are gone already.
	_ = t.tx.Close()
}

func (t *transaction) fail(err error) {
	t.err = errors.Join(t.err, fmt.Errorf("inspecting with the rule set: %w", err))
}

func (t *transaction) result() Result {
	r := Result{Err: t.err}
	for _, m := range t.tx.MatchedRules() {
		if id := m.Rule().ID(); id == settingsRule || id == screenRule {
			continue
		}
		r.Hits = append(r.Hits, hitOf(m))
		if status, ok := denies[m.Rule().ID()]; ok && !r.Blocked {
			r.Blocked, r.By, r.Status = true, m.Rule().ID(), status
		}
	}
	slices.SortStableFunc(r.Hits, func(a, b Hit) int { return a.ID - b.ID })
	v, ok := t.variables()
	if !ok {
		r.Err = errors.Join(r.Err, errors.New("the anomaly score is not known"))
		return r
	}
	r.Score = number(v.TX(), "blocking_inbound_anomaly_score")
	r.ResponseScore = number(v.TX(), "blocking_outbound_anomaly_score")
	return r
}

// denies are the rules that deny by themselves, and with which status: those of
// the anomaly score, and of bodies that cannot be parsed.
var denies = map[int]int{
	200002: 400, 200003: 400, 901001: 500,
	949110: 403, 949111: 403, 959100: 403, 959101: 403,
}

func number(m collection.Map, key string) int {
	for _, s := range m.Get(key) {
		if n, err := strconv.Atoi(s); err == nil {
			return n
		}
	}
	return 0
}

func hitOf(m types.MatchedRule) Hit {
	rule := m.Rule()
	h := Hit{
		ID: rule.ID(), Message: m.Message(), Paranoia: paranoiaOf(rule.Tags()),
		Tags: rule.Tags(), Phase: int(rule.Phase()),
	}
	if rule.Severity() != types.RuleSeverityUnset {
		h.Severity = strings.ToUpper(rule.Severity().String())
	}
	if l, ok := m.(interface{ Log() bool }); ok {
		h.Quiet = !l.Log()
	}
	chained := ""
	for _, d := range m.MatchedDatas() {
		if d.ChainLevel() > 0 {
			chained = bound(m.Data())
		}
		if name := d.Variable().Name(); name != "UNKNOWN" {
			h.Found = append(h.Found, Found{Variable: name, Key: d.Key(), Value: bound(d.Value()), Data: bound(d.Data())})
		}
	}
	// Coraza keeps arguments in maps: their order differs from run to run.
	slices.SortFunc(h.Found, func(a, b Found) int {
		for _, c := range [...]int{
			strings.Compare(a.Variable, b.Variable), strings.Compare(a.Key, b.Key),
			strings.Compare(a.Value, b.Value), strings.Compare(a.Data, b.Data),
		} {
			if c != 0 {
				return c
			}
		}
		return 0
	})
	if chained != "" {
		// The words of a chain are about all that it matched; Coraza gives them to
		// whichever came first.
		for i := range h.Found {
			h.Found[i].Data = ""
		}
		if len(h.Found) > 0 {
			h.Found[0].Data = chained
		}
	}
	return h
}

func bound(s string) string {
	if len(s) > MaxValue {
		return s[:MaxValue]
	}
	return s
}
