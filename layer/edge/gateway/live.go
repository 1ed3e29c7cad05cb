package gateway

import (
	"crypto/x509"
	"errors"
	"fmt"
	"sync"
	"time"

	"fathom/engine/webacl"
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
	doubts    sync.Map // of doubt: told already
}

// load reads all the files that a live names. The error says all that is wrong
// with them, a line each.
func (s *Server) load() (*live, error) {
	l := &live{loaded: time.Now()}
	c := s.config
	var wrong []error
	part := func(key string, err error) {
		if err != nil && key != "" {
			err = fmt.Errorf("%s: %w", key, err)
		}
		wrong = append(wrong, err)
	}
	if i := c.Secret.Insert; i != nil {
		b, err := i.read(s.options.Getenv)
		part("originSecret.insert", err)
		l.insert = string(b)
	}
	var err error
	l.verify, err = readAll(c.Secret.Verify, s.options.Getenv)
	part("originSecret.verify", err)
	if t := c.Token; t != nil {
		keys, err := readAll(t.Keys, s.options.Getenv)
		part("token.keys", err)
		if err == nil {
			l.tokens, err = token.New(t.Config, token.Options{Keys: keys, Now: time.Now, Store: s.store})
			part("token", err)
		}
		l.needToken = true
	}
	part("", s.loadProof(l))
	part("", s.loadACL(l))
	part("", s.loadCRS(l))
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	return l, nil
}

// authorities reads a file of certificates.
func authorities(name string) (*x509.CertPool, error) {
	b, err := readFile(name, mostText)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(b) {
		return nil, fmt.Errorf("%s holds no certificate in PEM", name)
	}
	return pool, nil
}
