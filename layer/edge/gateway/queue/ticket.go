package queue

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"time"
)

// kind is what a ticket is. The zero kind is none.
type kind byte

const (
	newcomer kind = 1 + iota // no number yet
	waiter                   // a number
	pass                     // let in
)

// ticket is what the cookie holds. Times are in seconds since 1970.
type ticket struct {
	kind    kind
	number  int64 // of a waiter
	began   int64 // of the line that the number is of
	issued  int64 // this ticket; of a pass, when it was last renewed
	since   int64 // of a pass, when it was given first
	session [16]byte
	browser [8]byte // a hash of the user agent
}

const ticketSize = 1 + 4*8 + 16 + 8

func (q *Room) newTicket(k kind, r *http.Request) ticket {
	t := ticket{kind: k, issued: q.o.Now().Unix(), browser: browserOf(r)}
	t.since = t.issued
	_, _ = rand.Read(t.session[:]) // it never fails
	return t
}

func browserOf(r *http.Request) (out [8]byte) {
	sum := sha256.Sum256([]byte(r.UserAgent()))
	copy(out[:], sum[:])
	return out
}

func (t ticket) bytes() []byte {
	b := append(make([]byte, 0, ticketSize+sha256.Size), byte(t.kind))
	for _, n := range []int64{t.number, t.began, t.issued, t.since} {
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	b = append(b, t.session[:]...)
	return append(b, t.browser[:]...)
}

// sign writes a ticket. The room is in the key, so that no ticket is good in
// another one.
func (q *Room) sign(t ticket) string {
	b := t.bytes()
	return base64.RawURLEncoding.EncodeToString(append(b, mac(q.keys[0], b)...))
}

func mac(key, b []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(b)
	return h.Sum(nil)
}

// verify reads a ticket that this room signed.
func (q *Room) verify(text string) (t ticket, ok bool) {
	if len(text) > 2*(ticketSize+sha256.Size) {
		return ticket{}, false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b) != ticketSize+sha256.Size {
		return ticket{}, false
	}
	b, sum := b[:ticketSize], b[ticketSize:]
	for _, key := range q.keys {
		ok = ok || hmac.Equal(mac(key, b), sum)
	}
	if !ok {
		return ticket{}, false
	}
	t.kind = kind(b[0])
	for i, n := range []*int64{&t.number, &t.began, &t.issued, &t.since} {
		*n = int64(binary.BigEndian.Uint64(b[1+8*i:]))
	}
	copy(t.session[:], b[33:])
	copy(t.browser[:], b[49:])
	return t, true
}

// held is the best ticket among a request's cookies: a pass before a number
// before a newcomer's. What is too old, or was given to another browser, is none.
func (q *Room) held(r *http.Request) (best ticket) {
	now := q.o.Now()
	for i, c := range r.CookiesNamed(q.cookie()) {
		if i == 4 {
			break
		}
		t, ok := q.verify(c.Value)
		if ok && t.browser == browserOf(r) && now.Before(q.ends(t)) && t.kind > best.kind {
			best = t
		}
	}
	return best
}

// ends is when a ticket is good no more.
func (q *Room) ends(t ticket) time.Time {
	issued := time.Unix(t.issued, 0)
	switch t.kind {
	case newcomer:
		return issued.Add(NewcomerLife)
	case waiter:
		return issued.Add(24 * time.Hour)
	case pass:
		end, last := issued.Add(q.config.Pass), time.Unix(t.since, 0).Add(q.config.Longest)
		if last.Before(end) {
			return last
		}
		return end
	}
	return time.Time{}
}

func (q *Room) cookie() string { return "fathom-queue-" + q.config.Name }

func (q *Room) give(w http.ResponseWriter, t ticket) {
	age := int(q.ends(t).Sub(q.o.Now()) / time.Second)
	if age <= 0 {
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name: q.cookie(), Value: q.sign(t), Path: "/", MaxAge: age,
		HttpOnly: true, Secure: !q.config.Insecure, SameSite: http.SameSiteLaxMode,
	})
}
