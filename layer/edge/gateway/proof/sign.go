package proof

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Signer signs requests, as an app does.
type Signer struct {
	Key Key
	// Config is the verifier's; Window and Skew do not matter.
	Config Config
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Sign adds Content-Digest, Signature-Input and Signature to a request of a
// client. It reads the body and puts it back.
func (s *Signer) Sign(r *http.Request) error {
	c := s.Config
	c.complete()
	components := []string{"@method", "@authority", "@path", "@query"}
	if r.Body != nil && r.Body != http.NoBody {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return fmt.Errorf("reading the body to sign it: %w", err)
		}
		if err := r.Body.Close(); err != nil {
			return fmt.Errorf("reading the body to sign it: %w", err)
		}
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(b)), int64(len(b))
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }
		sum := sha256.Sum256(b)
		r.Header.Set("Content-Digest", "sha-256="+encoded(sum[:]))
		components = append(components, "content-digest")
	}
	for _, h := range c.Headers {
		if len(r.Header.Values(h)) > 0 {
			components = append(components, h)
		}
	}
	now := time.Now
	if s.Now != nil {
		now = s.Now
	}
	names := make([]string, len(components))
	for i, name := range components {
		names[i] = quoted(name)
	}
	params := fmt.Sprintf("(%s);created=%d;nonce=%s;keyid=%s;alg=%s;tag=%s",
		strings.Join(names, " "), now().Unix(), quoted(rand.Text()), quoted(s.Key.ID), quoted(string(s.Key.Algorithm)), quoted(c.Tag))
	text, err := base(r, components, params)
	if err != nil {
		return err
	}
	signature, err := s.Key.sign(text)
	if err != nil {
		return err
	}
	r.Header.Set("Signature-Input", "app="+params)
	r.Header.Set("Signature", "app="+encoded(signature))
	return nil
}

func encoded(b []byte) string { return ":" + base64.StdEncoding.EncodeToString(b) + ":" }
