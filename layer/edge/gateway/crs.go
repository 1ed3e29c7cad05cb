package gateway

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"

	"fathom/engine/webacl/crs"
)

// crsEngine is the Core Rule Set as the configuration sets it up.
type crsEngine struct{ inspector crs.Inspector }

// crsState is what it made of one request.
type crsState struct {
	asked   bool
	headers []crs.Header
	result  crs.Result
	t       crs.Transaction
	version string
}

// loadCRS sets the rule set up. It takes a second, and its settings are not
// reloaded, so that it is done once.
func (s *Server) loadCRS(l *live) error {
	c := s.config.CRS
	if c.Mode == "" || c.Mode == "off" {
		return nil
	}
	if before := s.live.Load(); before != nil {
		l.crs = before.crs
		return nil
	}
	o := crs.Options{Paranoia: c.Paranoia, Threshold: c.Threshold, Responses: c.Responses, BodyLimit: c.Body, Directives: c.Directives}
	for _, id := range c.Remove {
		o.Remove = append(o.Remove, crs.Range{First: id, Last: id})
	}
	var err error
	if l.crs.inspector, err = crs.New(o); err != nil {
		return fmt.Errorf("crs: %w", err)
	}
	return nil
}

// inspect asks the Core Rule Set, and answers 403 where it blocks.
func (x *exchange) inspect() bool {
	in := x.live.crs.inspector
	if in == nil {
		return true
	}
	var body []byte
	if x.body != nil {
		b, _, err := x.body.Prefix(x.s.config.CRS.Body)
		if err != nil {
			x.bodyError(err)
			return false
		}
		body = b
	}
	q, c := &x.request, &x.crs
	c.headers = c.headers[:0]
	for _, h := range q.Headers {
		c.headers = append(c.headers, crs.Header(h))
	}
	c.version = q.Version
	c.t = in.Start(&crs.Request{Method: q.Method, URI: x.head.Target, Version: q.Version, Headers: c.headers, Client: q.Client})
	c.result = c.t.Request(body)
	c.asked = true
	if x.s.config.CRS.Mode == "block" && (c.result.Blocked || c.result.Err != nil) {
		x.refuse(or(c.result.Status, http.StatusForbidden), "crs")
		return false
	}
	return true
}

// inspectAnswer asks it about the origin's answer.
func (x *exchange) inspectAnswer(a *http.Response) error {
	if !x.crs.asked || !x.s.config.CRS.Responses {
		return nil
	}
	return x.inspectBody(a)
}

// closeCRS runs the rules that only report, and ends the transaction. Its result
// stays.
func (x *exchange) closeCRS() {
	if x.crs.t == nil {
		return
	}
	x.crs.result = x.crs.t.Finish()
	x.crs.t.Close()
	x.crs.t = nil
	if log := x.s.log; log.Enabled(context.Background(), slog.LevelDebug) {
		x.explainCRS(log)
	}
}

// explainCRS tells what each rule found, and where. It may hold what people type,
// and is therefore not in the records.
func (x *exchange) explainCRS(log *slog.Logger) {
	for _, h := range x.crs.result.Hits {
		if h.Quiet {
			continue
		}
		var data []string
		for _, f := range h.Found {
			if f.Data != "" && !slices.Contains(data, f.Data) {
				data = append(data, f.Data)
			}
		}
		log.Debug("a rule of the Core Rule Set matched", "request", x.id, "client", x.request.Client, "rule", h.ID, "message", h.Message, "data", data)
	}
}

// fired are the rules that matched, for the log.
func (c *crsState) fired() []string {
	var ids []string
	for _, h := range c.result.Hits {
		if !h.Quiet {
			ids = append(ids, "CRS "+strconv.Itoa(h.ID))
		}
	}
	return slices.Compact(ids)
}
