package gateway

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"time"

	"fathom/layer/edge/gateway/proof"
)

// Proof is proof.Config with the keys of apps.
type Proof struct {
	proof.Config
	Keys []ProofKey `yaml:"keys"`
}

// ProofKey is one key of an app.
type ProofKey struct {
	// ID is the keyid of its signatures, Algorithm hmac-sha256 or ed25519.
	ID        string `yaml:"id"`
	Algorithm string `yaml:"algorithm"`
	// Secret is of hmac-sha256, Public of ed25519: 32 bytes in base64.
	Secret *Secret `yaml:"secret"`
	Public string  `yaml:"public"`
	// From and Until are when it is good, such as 2026-12-05T00:00:00Z; absent is
	// always.
	From  time.Time `yaml:"from"`
	Until time.Time `yaml:"until"`
}

// loadProof makes the verifier of signed requests, where the configuration has
// keys.
func (s *Server) loadProof(l *live) error {
	c := s.config.Proof
	if c == nil {
		return nil
	}
	o := proof.Options{Now: time.Now, Store: s.store}
	for _, k := range c.Keys {
		key := proof.Key{ID: k.ID, Algorithm: proof.Algorithm(k.Algorithm), From: k.From, Until: k.Until}
		if k.Secret != nil {
			b, err := k.Secret.read(s.options.Getenv)
			if err != nil {
				return fmt.Errorf("proof.keys %q: %w", k.ID, err)
			}
			key.Secret = b
		}
		if k.Public != "" {
			b, err := base64.StdEncoding.DecodeString(k.Public)
			if err != nil || len(b) != ed25519.PublicKeySize {
				return fmt.Errorf("proof.keys %q: public is not 32 bytes in base64", k.ID)
			}
			key.Public = b
		}
		o.Keys = append(o.Keys, key)
	}
	var err error
	if l.proof, err = proof.New(c.Config, o); err != nil {
		return fmt.Errorf("proof: %w", err)
	}
	return nil
}

// proofOK holds requests of routes that ask for it to the proof of their client.
func (x *exchange) proofOK() bool {
	if !x.route.Proof {
		return true
	}
	if x.live.proof == nil { // Parse does not let it come to this
		x.refuse(403, "proof")
		return false
	}
	who, refusal := x.live.proof.Verify(x.r)
	if refusal != nil {
		x.why = string(refusal.Reason)
		x.s.metrics.Refused.WithLabelValues(x.why).Inc()
		refusal.Answer(x)
		return false
	}
	x.who = who.KeyID
	return true
}
