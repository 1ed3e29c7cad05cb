package origin

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// Pool is a service behind the gateway.
type Pool struct {
	name      string
	config    Config
	options   Options
	servers   []*Server
	turn      atomic.Uint32
	transport *http.Transport
	proxy     httputil.ReverseProxy
	stop      context.CancelFunc
	work      sync.WaitGroup
}

// Server is one server of a service.
type Server struct {
	url  *url.URL
	name string
	// sick is what the health checks say; out until when it is set aside, in
	// nanoseconds since 1970; failures how many there were in a row.
	sick     atomic.Bool
	out      atomic.Int64
	failures atomic.Int32
	busy     atomic.Int32
}

// New makes a Pool and begins to check its servers.
func New(name string, c Config, o Options) (*Pool, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	c = c.Filled()
	p := &Pool{name: name, config: c, options: o}
	for _, text := range c.URLs {
		u, err := server(text)
		if err != nil {
			return nil, err
		}
		p.servers = append(p.servers, &Server{url: u, name: u.Scheme + "://" + u.Host})
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.TLS != nil {
		config = o.TLS.Clone()
	}
	config.ServerName = c.Name
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(c.HTTP2)
	dialer := &net.Dialer{Timeout: c.Connect, KeepAlive: 30 * time.Second}
	p.transport = &http.Transport{
		DialContext: dialer.DialContext, TLSClientConfig: config, TLSHandshakeTimeout: c.Connect, Protocols: protocols,
		MaxIdleConns: 4096, MaxIdleConnsPerHost: 1024, MaxConnsPerHost: c.Connections, IdleConnTimeout: c.Idle,
		ResponseHeaderTimeout: c.Answer, DisableCompression: true, MaxResponseHeaderBytes: 256 << 10,
		ReadBufferSize: 8 << 10, WriteBufferSize: 8 << 10,
	}
	p.proxy = httputil.ReverseProxy{
		Rewrite: rewrite, Transport: (*tripper)(p), BufferPool: buffers{}, ModifyResponse: modify, ErrorHandler: failed, ErrorLog: silent,
	}
	ctx, cancel := context.WithCancel(context.Background())
	p.stop = cancel
	if c.Health.Path != "" {
		for _, s := range p.servers {
			p.work.Add(1)
			go p.watch(ctx, s)
		}
	}
	return p, nil
}

// Close ends the checks and closes the connections that are not in use.
func (p *Pool) Close() {
	p.stop()
	p.work.Wait()
	p.transport.CloseIdleConnections()
}

// Healthy says whether there is a server that is not known to be sick.
func (p *Pool) Healthy() bool {
	for _, s := range p.servers {
		if !s.sick.Load() {
			return true
		}
	}
	return false
}

// pick chooses the server with the least to do, in turn among equals. Servers in
// tried are chosen last; so are those set aside, since an answer that may fail
// is better than none that certainly does.
func (p *Pool) pick(tried *Server) *Server {
	if len(p.servers) == 1 {
		return p.servers[0]
	}
	now := time.Now().UnixNano()
	start := int(p.turn.Add(1))
	var best *Server
	worst := 4
	for i := range p.servers {
		s := p.servers[(start+i)%len(p.servers)]
		rank := 0
		switch {
		case s.sick.Load():
			rank = 3
		case s.out.Load() > now:
			rank = 2
		case s == tried:
			rank = 1
		}
		if rank < worst || rank == worst && s.busy.Load() < best.busy.Load() {
			best, worst = s, rank
		}
	}
	return best
}

// done notes how a server did.
func (p *Pool) done(s *Server, failed bool) {
	if !failed {
		s.failures.Store(0)
		return
	}
	n := int(s.failures.Add(1))
	if p.config.Eject.After > 0 && n >= p.config.Eject.After {
		s.failures.Store(0)
		s.out.Store(time.Now().Add(p.config.Eject.For).UnixNano())
		p.changed(s, false, "requests in a row failed")
	}
}

func (p *Pool) changed(s *Server, up bool, why string) {
	if p.options.Changed != nil {
		p.options.Changed(p.name+" "+s.name, up, why)
	}
}
