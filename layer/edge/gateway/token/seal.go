package token

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"errors"
)

// longest is how long a sealed text may be: a cookie of 4 kB is the most that
// browsers keep.
const longest = 4096

// box seals and opens with one key.
type box struct{ aead cipher.AEAD }

func newBox(key []byte) (box, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return box{}, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return box{aead}, err
}

// seal encrypts with the first key. What a text is for is authenticated with it:
// a puzzle never passes for a token.
func (t *Tokens) seal(purpose string, plain []byte) string {
	return base64.RawURLEncoding.EncodeToString(t.boxes[0].aead.Seal(nil, nil, plain, []byte(purpose)))
}

// open decrypts with whichever key fits.
func (t *Tokens) open(purpose, sealed string) ([]byte, bool) {
	if len(sealed) > longest {
		return nil, false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(sealed)
	if err != nil {
		return nil, false
	}
	for _, box := range t.boxes {
		if len(b) < box.aead.Overhead() {
			return nil, false
		}
		if plain, err := box.aead.Open(nil, nil, b, []byte(purpose)); err == nil {
			return plain, true
		}
	}
	return nil, false
}

var errShort = errors.New("the text ends early")

// writer and reader lay values out one after another.
type writer []byte

func (w *writer) number(n int64) { *w = binary.BigEndian.AppendUint64(*w, uint64(n)) }
func (w *writer) bytes(b []byte) {
	*w = append(binary.BigEndian.AppendUint16(*w, uint16(len(b))), b...)
}

type reader struct {
	rest []byte
	err  error
}

func (r *reader) take(n int) []byte {
	if r.err != nil || len(r.rest) < n {
		r.err = errShort
		return make([]byte, n)
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) number() int64 { return int64(binary.BigEndian.Uint64(r.take(8))) }
func (r *reader) bytes() []byte { return r.take(int(binary.BigEndian.Uint16(r.take(2)))) }
