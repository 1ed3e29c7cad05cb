package proof

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"hash"
	"io"
)

// ErrDigest is what reading a body gives at its end where it is not the one that
// was signed. The last part of the body is held back until it is known to be:
// nobody ever gets the whole of a wrong one.
var ErrDigest = errors.New("the body is not the one that was signed")

// digests are the hashes of a Content-Digest that are known here.
func digests(field string) ([]*digest, error) {
	members, err := dictionary(field)
	if err != nil {
		return nil, err
	}
	var out []*digest
	for _, m := range members {
		d := &digest{want: m.bytes}
		switch m.key {
		case "sha-256":
			d.Hash = sha256.New()
		case "sha-512":
			d.Hash = sha512.New()
		default:
			continue // RFC 9530: algorithms that nobody knows are passed over
		}
		if len(d.want) != d.Size() {
			return nil, errField
		}
		out = append(out, d)
	}
	if len(out) == 0 {
		return nil, errField
	}
	return out, nil
}

type digest struct {
	hash.Hash
	want []byte
}

func (d *digest) right() bool { return bytes.Equal(d.Sum(nil), d.want) }

// checked is a body that is compared with its digests while it is read. It stays
// one read behind.
type checked struct {
	body    io.ReadCloser
	digests []*digest
	held    []byte // read and hashed, not yet given
	err     error  // what comes after held
}

func (c *checked) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for c.err == nil && len(c.held) <= 1 {
		c.fill(max(len(p), 512))
	}
	free := len(c.held)
	if c.err == nil {
		free-- // one byte waits for the end
	}
	if c.err != nil && !errors.Is(c.err, io.EOF) || free <= 0 {
		return 0, c.err
	}
	n := copy(p, c.held[:free])
	c.held = c.held[n:]
	return n, nil
}

func (c *checked) fill(size int) {
	size = min(size, 32<<10)
	b := make([]byte, len(c.held)+size)
	n := copy(b, c.held)
	m, err := c.body.Read(b[n:])
	for _, d := range c.digests {
		d.Write(b[n : n+m])
	}
	c.held = b[:n+m]
	if c.err = err; !errors.Is(err, io.EOF) {
		return
	}
	for _, d := range c.digests {
		if !d.right() {
			c.err = ErrDigest
		}
	}
}

func (c *checked) Close() error { return c.body.Close() }
