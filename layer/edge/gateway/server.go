package gateway

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/acme/autocert"

	"fathom/engine/webacl/waflog"
	"fathom/layer/edge/gateway/origin"
	"fathom/layer/edge/gateway/overload"
	"fathom/layer/edge/gateway/queue"
	"fathom/layer/edge/gateway/screen"
	"fathom/layer/edge/gateway/shared"
	"fathom/layer/edge/gateway/spool"
	"fathom/layer/edge/gateway/telemetry"
)

// Options are what a gateway is given besides its configuration.
type Options struct {
	// Log is where it tells about itself; nil is nowhere.
	Log *slog.Logger
	// Getenv reads the environment; nil is os.Getenv.
	Getenv func(string) string
	// Stdout and Stderr are for logs that go there.
	Stdout, Stderr io.Writer
}

// Server is a gateway.
type Server struct {
	config  *Config
	options Options
	log     *slog.Logger

	live    atomic.Pointer[live]
	reload  sync.Mutex
	routes  []route
	pools   map[string]*origin.Pool
	bodies  *spool.Pool
	metrics *telemetry.Metrics
	tracer  *telemetry.Tracer
	access  *telemetry.Writer
	waf     *telemetry.Writer
	files   []*telemetry.File
	store   shared.Store
	noRoute routeMetrics
	// redaction is what of log.redact packages know.
	redaction waflog.Redaction
	limiters  map[string]*overload.Limiter
	rooms     map[string]*queue.Room
	keys      []*keys
	acme      []*autocert.Manager
	plain     []*http.Server // those that only redirect
	box       *overload.Box
	pace      *overload.Pace
	exchange  sync.Pool
	prefix    string
	// What follows from the configuration and is needed for each request.
	routesByPath bool
	secretName   string
	hstsValue    []string
	grace        time.Duration
	rate         int64
	writeGrace   time.Duration
	writeRate    int64
	number       atomic.Uint64

	http      *http.Server
	h2        *http.Server
	listeners []*screen.Listener
	admin     *http.Server
	adminAddr net.Addr
	ready     atomic.Bool
	draining  atomic.Bool
	serving   sync.WaitGroup
	failed    chan error
	stop      context.CancelFunc
}

// New makes a gateway of a configuration that Parse found good. It reads the
// files that it names, and does not listen yet.
func New(c *Config, o Options) (*Server, error) {
	s := &Server{config: c, options: o, log: o.Log, pools: map[string]*origin.Pool{}, failed: make(chan error, 8)}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.options.Getenv == nil {
		s.options.Getenv = os.Getenv
	}
	s.prefix = newPrefix()
	s.exchange.New = func() any { return s.newExchange() }
	l := c.Limits
	filled := s.limits().Filled()
	s.grace, s.rate = filled.Grace, filled.Rate
	s.writeGrace, s.writeRate = filled.WriteGrace, filled.WriteRate
	s.secretName = http.CanonicalHeaderKey(c.Secret.Header)
	s.hstsValue = hstsOf(c.HSTS)
	s.redaction = redaction(c.Log.Redact)
	s.bodies = spool.NewPool(spool.Limits{Memory: l.BodyMemory, Max: l.Body, Disk: l.BodyDisk, Folder: l.BodyFolder})
	s.limiters = map[string]*overload.Limiter{}
	s.pace = overload.NewPace(c.Overload.Pace, overload.SystemClock())
	box := c.Overload.PenaltyBox
	box.Trusted = append(slices.Clone(box.Trusted), c.Trusted...)
	s.box = overload.NewBox(box, overload.SystemClock())
	s.metrics = telemetry.NewMetrics()
	if err := s.start(); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// start makes the parts that may fail.
func (s *Server) start() error {
	var err error
	if s.store, err = s.openStore(); err != nil {
		return err
	}
	first, err := s.load()
	if err := errors.Join(err, s.config.checkCertificates()); err != nil {
		return err
	}
	s.live.Store(first)
	if err := s.openLogs(); err != nil {
		return err
	}
	if s.tracer, err = s.newTracer(); err != nil {
		return err
	}
	for name, oc := range s.config.Origins {
		if s.pools[name], err = s.newPool(name, oc); err != nil {
			return fmt.Errorf("origin %q: %w", name, err)
		}
	}
	if s.rooms, err = s.makeRooms(); err != nil {
		return err
	}
	s.routes = s.makeRoutes()
	for _, r := range s.routes {
		s.routesByPath = s.routesByPath || !r.any
	}
	s.gauges()
	s.servers()
	return nil
}

func (s *Server) newPool(name string, oc origin.Config) (*origin.Pool, error) {
	budget := overload.NewBudget(s.config.Overload.Retries)
	if !s.config.Overload.Off {
		s.limiters[name] = overload.NewLimiter(s.config.Overload.Limits, s.config.Overload.Room, overload.SystemClock())
	}
	o := origin.Options{Retry: budget.Spend, Served: budget.Success, Changed: func(server string, up bool, why string) {
		s.log.Warn("a server of an origin changed", "server", server, "up", up, "why", why)
		value := 0.0
		if up {
			value = 1
		}
		s.metrics.Servers.WithLabelValues(server).Set(value)
	}}
	for _, raw := range oc.URLs {
		if u, err := url.Parse(raw); err == nil {
			s.metrics.Servers.WithLabelValues(u.Scheme + "://" + u.Host).Set(1)
		}
	}
	if oc.CA != "" {
		pool, err := authorities(oc.CA)
		if err != nil {
			return nil, err
		}
		o.TLS = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	return origin.New(name, oc, o)
}

// servers makes the servers of HTTP.
func (s *Server) servers() {
	l := s.limits().Filled()
	quiet := log.New(io.Discard, "", 0)
	s.http = &http.Server{
		Handler: s, ConnContext: screen.ConnContext, ConnState: screen.ConnState, ErrorLog: quiet,
		ReadHeaderTimeout: l.Header + l.Idle, // the screen's own come first
		IdleTimeout:       l.Idle, MaxHeaderBytes: l.Head + 16<<10, DisableGeneralOptionsHandler: true,
	}
	s.h2 = &http.Server{
		Handler: s, ConnContext: screen.ConnContext, ErrorLog: quiet, Protocols: new(http.Protocols),
		ReadHeaderTimeout: l.Header, IdleTimeout: l.Idle, MaxHeaderBytes: l.Head + 16<<10, DisableGeneralOptionsHandler: true,
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams: l.Streams, MaxReadFrameSize: screen.H2Frame,
			MaxDecoderHeaderTableSize: screen.H2Table, MaxEncoderHeaderTableSize: screen.H2Table,
			SendPingTimeout: l.Idle, PingTimeout: 15 * time.Second, WriteByteTimeout: l.WriteGrace,
			MaxReceiveBufferPerConnection: 1 << 20, MaxReceiveBufferPerStream: 256 << 10,
		},
	}
	s.h2.Protocols.SetUnencryptedHTTP2(true) // the screen takes the encryption off
}

func (s *Server) limits() screen.Limits {
	l := s.config.Limits
	return screen.Limits{
		Connections: l.Connections, PerClient: l.PerClient, RequestLine: l.RequestLine, Head: l.Head, Fields: l.Fields,
		Handshake: l.Handshake, Header: l.Header, Idle: l.Idle, Grace: l.BodyGrace, Rate: l.BodyRate,
		WriteGrace: l.WriteGrace, WriteRate: l.WriteRate, Streams: l.Streams, Resets: l.Resets, Controls: l.Controls,
	}
}

// Run listens until ctx ends, and then ends as Shutdown says.
func (s *Server) Run(ctx context.Context) error {
	if err := s.Start(); err != nil {
		return err
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-s.failed:
	}
	return errors.Join(err, s.Shutdown(context.WithoutCancel(ctx)))
}

// Close gives back what New took, of a gateway that was not started.
func (s *Server) Close() { s.close() }

// close gives back what New and Start took.
func (s *Server) close() {
	if s.stop != nil {
		s.stop()
	}
	for _, l := range s.listeners {
		l.Close() //nolint:errcheck // it ends
	}
	if s.admin != nil {
		s.admin.Close() //nolint:errcheck // it ends
	}
	s.serving.Wait()
	for _, p := range s.pools {
		if p != nil {
			p.Close()
		}
	}
	for _, l := range s.limiters {
		l.Close()
	}
	if s.store != nil {
		s.store.Close() //nolint:errcheck // nobody counts any more
	}
	s.tracer.Close()
	s.access.Close()
	s.waf.Close()
	for _, f := range s.files {
		f.Close() //nolint:errcheck // all is written
	}
}
