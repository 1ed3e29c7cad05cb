package gateway

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"fathom/engine/webacl/fingerprint"
	"fathom/layer/edge/gateway/screen"
)

// suites are those of TLS 1.2 with forward secrecy and authenticated encryption.
// Those of TLS 1.3 are all good, and not to be chosen.
var suites = []uint16{
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
}

// tlsConfig is how a listener speaks TLS. Clients cannot renegotiate.
func (s *Server) tlsConfig(c *TLS, h2 bool) (*tls.Config, error) {
	out := &tls.Config{MinVersion: tls.VersionTLS12, CipherSuites: suites, NextProtos: []string{"http/1.1"}}
	if c.Min == "1.3" {
		out.MinVersion = tls.VersionTLS13
	}
	if h2 {
		out.NextProtos = []string{"h2", "http/1.1"}
	}
	if c.ACME != nil {
		return s.acmeConfig(c.ACME, out)
	}
	k := &keys{files: c.Certificates}
	if err := k.load(); err != nil {
		return nil, err
	}
	s.keys = append(s.keys, k)
	out.GetCertificate = k.pick
	return out, nil
}

// checkCertificates says which certificates cannot be used, before anything is
// listened on.
func (c *Config) checkCertificates() error {
	var wrong []error
	for i, l := range c.Listen {
		if l.TLS == nil {
			continue
		}
		for j, f := range l.TLS.Certificates {
			if err := (&keys{files: []Certificate{f}}).load(); err != nil {
				wrong = append(wrong, fmt.Errorf("listen[%d].tls.certificates[%d]: %w", i, j, err))
			}
		}
	}
	return errors.Join(wrong...)
}

func (s *Server) acmeConfig(c *ACME, out *tls.Config) (*tls.Config, error) {
	m := &autocert.Manager{
		Prompt: autocert.AcceptTOS, Cache: autocert.DirCache(c.Cache),
		HostPolicy: autocert.HostWhitelist(c.Domains...), Email: c.Email,
	}
	m.Client = &acme.Client{DirectoryURL: or(c.Directory, autocert.DefaultACMEDirectory)}
	if c.CA != "" {
		pool, err := authorities(c.CA)
		if err != nil {
			return nil, err
		}
		m.Client.HTTPClient = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}}
	}
	s.acme = append(s.acme, m)
	out.GetCertificate = m.GetCertificate
	out.NextProtos = append(out.NextProtos, acme.ALPNProto)
	return out, nil
}

// keys are certificates from files. They are replaced as a whole.
type keys struct {
	files []Certificate
	now   atomic.Pointer[[]tls.Certificate]
}

func (k *keys) load() error {
	var all []tls.Certificate
	for _, f := range k.files {
		c, err := tls.LoadX509KeyPair(f.Cert, f.Key)
		if err != nil {
			return fmt.Errorf("the certificate %s with the key %s cannot be used: %w", f.Cert, f.Key, err)
		}
		all = append(all, c)
	}
	if len(all) == 0 {
		return errors.New("there is no certificate")
	}
	k.now.Store(&all)
	return nil
}

// pick is the first certificate that the client can use for the name that it
// asks for, and otherwise the first of all.
func (k *keys) pick(h *tls.ClientHelloInfo) (*tls.Certificate, error) {
	all := *k.now.Load()
	if len(all) > 1 && h.ServerName != "" {
		for i := range all {
			if h.SupportsCertificate(&all[i]) == nil {
				return &all[i], nil
			}
		}
	}
	return &all[0], nil
}

// prints are the fingerprints of a ClientHello.
type prints struct{ ja3, ja4 string }

// hello makes the fingerprints. A ClientHello that cannot be read has none, as
// AWS says of requests without one.
func hello(b []byte) any {
	h, err := fingerprint.Parse(b)
	if err != nil {
		return nil
	}
	return &prints{h.JA3(), h.JA4()}
}

// redirecting is the server of a listener that only sends clients to https.
func (s *Server) redirecting() *http.Server {
	l := s.http
	r := &http.Server{
		Handler: http.HandlerFunc(s.redirect), ConnContext: screen.ConnContext, ConnState: screen.ConnState, ErrorLog: l.ErrorLog,
		ReadHeaderTimeout: l.ReadHeaderTimeout, IdleTimeout: l.IdleTimeout, MaxHeaderBytes: l.MaxHeaderBytes, DisableGeneralOptionsHandler: true,
	}
	s.plain = append(s.plain, r)
	return r
}

// acmePath is where an authority looks for the answer to its challenge (RFC 8555,
// 8.3).
const acmePath = "/.well-known/acme-challenge/"

// redirect answers 308, which keeps the method, to a host that a route knows: a
// gateway that sends clients to any host is a tool for others.
func (s *Server) redirect(w http.ResponseWriter, r *http.Request) {
	h, _ := screen.Take(r)
	if r.ProtoMajor == 1 {
		w.Header().Set("Connection", "close")
	}
	w.Header()["Server"] = nil
	if h == nil {
		http.Error(w, "400 Bad Request", http.StatusBadRequest)
		return
	}
	defer h.Release()
	path, query := split(h.Target)
	if strings.HasPrefix(path, acmePath) && len(s.acme) > 0 {
		for _, m := range s.acme {
			if m.HostPolicy(r.Context(), bare(h.Host)) == nil {
				m.HTTPHandler(http.NotFoundHandler()).ServeHTTP(w, r)
				return
			}
		}
	}
	if h.Host == "" || !s.knows(h.Host) {
		http.Error(w, "400 Bad Request", http.StatusBadRequest)
		return
	}
	if query != "" {
		path += "?" + query
	}
	host := bare(h.Host)
	if port := s.httpsPort(); port != "443" {
		host = net.JoinHostPort(strings.Trim(host, "[]"), port)
	}
	w.Header()["Location"] = []string{"https://" + host + path}
	w.WriteHeader(http.StatusPermanentRedirect)
}

// knows says whether a host is one of those that routes name; routes without
// hosts know all.
func (s *Server) knows(host string) bool {
	return slices.ContainsFunc(s.routes, func(r route) bool {
		return len(r.Hosts) == 0 || slices.ContainsFunc(r.Hosts, func(h string) bool { return hostFits(h, host) })
	})
}

// httpsPort is the port of the first listener with TLS.
func (s *Server) httpsPort() string {
	for i := range s.config.Listen {
		if s.config.Listen[i].TLS == nil || i >= len(s.listeners) {
			continue
		}
		if _, port, err := net.SplitHostPort(s.listeners[i].Addr().String()); err == nil {
			return port
		}
	}
	return "443"
}
