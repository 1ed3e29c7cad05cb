package screen

import (
	"encoding/binary"

	"golang.org/x/net/http2"
)

// lastStream is the highest number that a stream can have.
const lastStream = 1<<31 - 1

// frames follows the frames that the server writes.
type frames struct {
	head  [h2FrameHeader]byte
	have  int  // bytes of head
	left  int  // bytes of the frame under way
	begun bool // the first frame, SETTINGS, was written
	open  bool // a head goes on in a CONTINUATION
	ended bool // GOAWAY was written
}

func (f *frames) follow(p []byte) {
	for len(p) > 0 {
		if f.left > 0 {
			n := min(f.left, len(p))
			f.left, p = f.left-n, p[n:]
			continue
		}
		n := copy(f.head[f.have:], p)
		if f.have, p = f.have+n, p[n:]; f.have < len(f.head) {
			return
		}
		f.have, f.begun = 0, true
		f.left = int(f.head[0])<<16 | int(f.head[1])<<8 | int(f.head[2])
		switch http2.FrameType(f.head[3]) {
		case http2.FrameHeaders, http2.FrameContinuation, http2.FramePushPromise:
			f.open = !http2.Flags(f.head[4]).Has(http2.FlagHeadersEndHeaders)
		case http2.FrameGoAway:
			f.ended = true
		}
	}
}

// between says whether another frame may be written now.
func (f *frames) between() bool { return f.begun && !f.open && f.left == 0 && f.have == 0 }

// Ending tells the client to open no more streams, and goes on answering those
// that it opens before it hears of it. net/http's own GOAWAY names the last stream
// that the server has read, and those on their way are dropped; RFC 9113, 6.8,
// has this one go before.
func (h *H2Conn) Ending() {
	h.ending.Store(true)
	if h.writing.TryLock() { // otherwise who writes tells it
		defer h.writing.Unlock()
		h.warn() //nolint:errcheck // the server notices when it writes
	}
}

// warn writes the first GOAWAY, once, where another frame may begin. The caller
// holds writing.
func (h *H2Conn) warn() error {
	if !h.ending.Load() || h.written.ended || !h.written.between() {
		return nil
	}
	h.written.ended = true
	b := [h2FrameHeader + 8]byte{2: 8, 3: byte(http2.FrameGoAway)}
	binary.BigEndian.PutUint32(b[h2FrameHeader:], lastStream) // and the code is NO_ERROR
	_, err := h.send(b[:])
	return err
}
