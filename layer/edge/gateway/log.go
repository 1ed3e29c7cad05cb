package gateway

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"fathom/engine/webacl"
	"fathom/layer/edge/gateway/shared"
	"fathom/layer/edge/gateway/telemetry"
)

// openLogs opens the logs of the configuration.
func (s *Server) openLogs() (err error) {
	c := s.config.Log
	if s.access, err = s.openLog("log.access", c.Access); err != nil {
		return err
	}
	s.waf, err = s.openLog("log.waf", c.WAF)
	return err
}

func (s *Server) openLog(key, name string) (*telemetry.Writer, error) {
	o := telemetry.WriterOptions{Lines: s.config.Log.Buffer}
	switch name {
	case "":
		return nil, nil
	case "stdout":
		return telemetry.NewWriter(or(s.options.Stdout, io.Writer(os.Stdout)), o), nil
	case "stderr":
		return telemetry.NewWriter(or(s.options.Stderr, io.Writer(os.Stderr)), o), nil
	}
	f, err := telemetry.OpenFile(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	s.files = append(s.files, f)
	return telemetry.NewWriter(f, o), nil
}

// nextLogs opens the files that have the logs' names now: others, once logrotate
// has renamed them.
func (s *Server) nextLogs() (next []*os.File, err error) {
	for _, f := range s.files {
		n, err := f.Next()
		if err != nil {
			closeFiles(next)
			return nil, err
		}
		next = append(next, n)
	}
	return next, nil
}

func closeFiles(files []*os.File) {
	for _, f := range files {
		f.Close() //nolint:errcheck // nothing was written
	}
}

// routeMetrics are a route's, found once.
type routeMetrics struct {
	seconds prometheus.Observer
	origin  prometheus.Observer // nil without an origin
	status  [6]prometheus.Counter
}

func (s *Server) routeMetrics(route, origin string) routeMetrics {
	m := routeMetrics{seconds: s.metrics.Seconds.WithLabelValues(route)}
	if origin != "" {
		m.origin = s.metrics.Origin.WithLabelValues(origin)
	}
	for i := range m.status {
		m.status[i] = s.metrics.Requests.WithLabelValues(route, strconv.Itoa(i)+"xx")
	}
	return m
}

// gauges are numbers that are asked for when metrics are read.
func (s *Server) gauges() {
	s.metrics.Register(limiterMetrics(s.limiters))
	s.metrics.Gauge("connections", "Connections that are open.", func() float64 { return float64(s.connections()) })
	s.metrics.Gauge("body_file_bytes", "Bytes of bodies that are in files.", func() float64 { return float64(s.bodies.Disk()) })
	for name, w := range map[string]*telemetry.Writer{"access": s.access, "waf": s.waf} {
		s.metrics.Counter("log_"+name+"_dropped_total", "Lines that were dropped since the log is too slow.", func() float64 { return float64(w.Counts().Dropped) })
		s.metrics.Counter("log_"+name+"_failed_total", "Writes of the log that failed.", func() float64 { return float64(w.Counts().Failed) })
	}
	if r, ok := s.store.(*shared.Redis); ok {
		s.redisMetrics(r)
	}
	s.noRoute = s.routeMetrics("none", "")
}

// log tells what became of a request.
func (x *exchange) log(aborted bool) {
	s := x.s
	took := time.Since(x.start)
	if aborted && x.why == "" {
		x.why = "aborted"
	}
	m := &s.noRoute
	name := ""
	if x.route != nil {
		m, name = &x.route.labels, x.route.name
	}
	m.seconds.Observe(took.Seconds())
	m.status[min(max(x.status/100, 0), 5)].Inc()
	x.span.End(x.status, name, x.why)
	x.closeCRS()
	if x.judged {
		s.metrics.Actions.WithLabelValues(x.verdict.Action.String(), x.verdict.Rule).Inc()
	}
	if x.judged || x.crs.asked {
		x.logVerdict()
	}
	if s.access == nil {
		return
	}
	a := telemetry.Access{
		Time: x.start, ID: x.id, Client: x.request.Client.String(), Peer: x.peer.Addr.String(), TLS: x.peer.TLS,
		Status: x.status, Out: x.written, Took: took, Route: name, Origin: x.out.Server, Attempts: x.out.Attempts, Why: x.why, Trace: x.span.ID(), Key: x.who,
	}
	if x.body != nil {
		a.In = x.body.Size()
	}
	if x.head != nil {
		a.Method, a.Host, a.Version = x.head.Method, x.head.Host, x.head.Version
		a.Path = x.request.Path // without the query, which may hold what people type
		a.Agent = agent(x.request.Headers)
	}
	if x.judged {
		a.Action, a.Rule = x.verdict.Action.String(), x.verdict.Rule
	}
	s.access.Line(a.Append)
}

func agent(headers []webacl.Header) string {
	for i := range headers {
		if len(headers[i].Name) == len("user-agent") && http.CanonicalHeaderKey(headers[i].Name) == "User-Agent" {
			return headers[i].Value
		}
	}
	return ""
}
