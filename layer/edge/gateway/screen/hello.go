package screen

import (
	"bytes"
	"errors"
	"io"
	"net"
)

// maxHello is the most that a ClientHello may have. With keys for quantum-safe
// exchange they are about 2 kB.
const maxHello = 16 << 10

var errHello = errors.New("what the client sent is no ClientHello")

// peekHello reads the ClientHello and gives it without the record layer,
// together with a connection on which it can be read again.
func peekHello(c net.Conn) ([]byte, net.Conn, error) {
	var seen, hello []byte
	for {
		at := len(seen)
		seen = append(seen, make([]byte, 5)...)
		if _, err := io.ReadFull(c, seen[at:]); err != nil {
			return nil, nil, err
		}
		n := int(seen[at+3])<<8 | int(seen[at+4])
		if seen[at] != 22 || n == 0 || len(hello)+n > maxHello {
			return nil, nil, errHello
		}
		at = len(seen)
		seen = append(seen, make([]byte, n)...)
		if _, err := io.ReadFull(c, seen[at:]); err != nil {
			return nil, nil, err
		}
		hello = append(hello, seen[at:]...)
		if hello[0] != 1 {
			return nil, nil, errHello
		}
		if len(hello) < 4 {
			continue
		}
		if size := 4 + (int(hello[1])<<16 | int(hello[2])<<8 | int(hello[3])); len(hello) >= size {
			return hello[:size], &replay{Conn: c, first: bytes.NewReader(seen)}, nil
		}
	}
}

// replay gives what was read already once more.
type replay struct {
	net.Conn
	first *bytes.Reader
}

func (r *replay) Read(p []byte) (int, error) {
	if r.first != nil {
		if n, _ := r.first.Read(p); n > 0 {
			return n, nil
		}
		r.first = nil
	}
	return r.Conn.Read(p)
}

// CloseWrite is of the connection below.
func (r *replay) CloseWrite() error {
	if w, ok := r.Conn.(interface{ CloseWrite() error }); ok {
		return w.CloseWrite()
	}
	return nil
}
