package proof

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"time"
)

// Algorithm is how a key signs, by the names of RFC 9421. The zero Algorithm is
// none, and refused.
type Algorithm string

// The algorithms.
const (
	HMAC    Algorithm = "hmac-sha256"
	Ed25519 Algorithm = "ed25519"
)

// Key is a key of an app.
type Key struct {
	// ID is the keyid of its signatures.
	ID        string
	Algorithm Algorithm
	// Secret is of HMAC, at least 32 bytes.
	Secret []byte
	// Public is of Ed25519; Private only for signing.
	Public  ed25519.PublicKey
	Private ed25519.PrivateKey
	// From and Until are when the key is good; zero is always.
	From, Until time.Time
}

func (k *Key) check() error {
	switch {
	case k.ID == "" || len(k.ID) > 128:
		return fmt.Errorf("a key for signed requests needs an id of 1 to 128 characters")
	case k.Algorithm == HMAC && len(k.Secret) < 32:
		return fmt.Errorf("key %q has %d bytes; hmac-sha256 needs at least 32 random ones", k.ID, len(k.Secret))
	case k.Algorithm == Ed25519 && len(k.Public) != ed25519.PublicKeySize:
		return fmt.Errorf("key %q has a public key of %d bytes; ed25519 has %d", k.ID, len(k.Public), ed25519.PublicKeySize)
	case k.Algorithm != HMAC && k.Algorithm != Ed25519:
		return fmt.Errorf("key %q has the algorithm %q; use hmac-sha256 or ed25519", k.ID, k.Algorithm)
	}
	return nil
}

func (k *Key) good(now time.Time) bool {
	return (k.From.IsZero() || !now.Before(k.From)) && (k.Until.IsZero() || now.Before(k.Until))
}

func (k *Key) verify(base string, signature []byte) bool {
	switch k.Algorithm {
	case HMAC:
		return hmac.Equal(k.mac(base), signature)
	case Ed25519:
		return ed25519.Verify(k.Public, []byte(base), signature)
	}
	return false
}

func (k *Key) sign(base string) ([]byte, error) {
	switch {
	case k.Algorithm == HMAC:
		return k.mac(base), nil
	case k.Algorithm == Ed25519 && len(k.Private) == ed25519.PrivateKeySize:
		return ed25519.Sign(k.Private, []byte(base)), nil
	}
	return nil, fmt.Errorf("key %q cannot sign", k.ID)
}

func (k *Key) mac(base string) []byte {
	h := hmac.New(sha256.New, k.Secret)
	h.Write([]byte(base))
	return h.Sum(nil)
}
