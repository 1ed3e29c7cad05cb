package gateway

import (
	"crypto/x509"
	"fmt"
	"os"
	"time"

	"fathom/engine/webacl"
	"fathom/engine/webacl/crs"
	"fathom/layer/edge/gateway/proof"
	"fathom/layer/edge/gateway/token"
)

// live is what a reload changes. It is never changed itself: a request has one
// from its beginning to its end.
type live struct {
	program   *webacl.Program
	needToken bool
	tokens    *token.Tokens
	insert    string
	verify    [][]byte
	loaded    time.Time
	acl       aclState
	crs       crsEngine
	proof     *proof.Verifier
	stand     crs.Inspector // what stands in for managed groups; made when first needed
}

// load reads all the files that a live names.
func (s *Server) load() (*live, error) {
	l := &live{loaded: time.Now()}
	c := s.config
	var err error
	if i := c.Secret.Insert; i != nil {
		b, err := i.read(s.options.Getenv)
		if err != nil {
			return nil, fmt.Errorf("originSecret.insert: %w", err)
		}
		l.insert = string(b)
	}
	if l.verify, err = readAll(c.Secret.Verify, s.options.Getenv); err != nil {
		return nil, fmt.Errorf("originSecret.verify: %w", err)
	}
	if t := c.Token; t != nil {
		keys, err := readAll(t.Keys, s.options.Getenv)
		if err != nil {
			return nil, fmt.Errorf("token.keys: %w", err)
		}
		if l.tokens, err = token.New(t.Config, token.Options{Keys: keys, Now: time.Now, Store: s.store}); err != nil {
			return nil, fmt.Errorf("token: %w", err)
		}
		l.needToken = true
	}
	if err := s.loadProof(l); err != nil {
		return nil, err
	}
	if err := s.loadACL(l); err != nil {
		return nil, err
	}
	if err := s.loadCRS(l); err != nil {
		return nil, err
	}
	return l, nil
}

// authorities reads a file of certificates.
func authorities(name string) (*x509.CertPool, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(b) {
		return nil, fmt.Errorf("%s holds no certificate in PEM", name)
	}
	return pool, nil
}
