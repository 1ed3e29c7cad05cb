package token

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math/bits"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const puzzlePurpose = "puzzle v1"

// parts is into how many smaller ones the work of a puzzle is split. One search
// takes anything from nothing to five times its average; eight together rarely
// take twice.
const (
	parts    = 8
	partBits = 3
)

// puzzle is what a page has to solve. It is sealed, the answer with it: the page
// holds nothing that tells the answer, and the gateway keeps nothing.
type puzzle struct {
	id         string
	captcha    bool
	difficulty int
	made       int64 // milliseconds since 1970
	client     string
	host       string
	back       string // the path and query of the page that was asked for
	answer     string // a hash, of a CAPTCHA
}

func (t *Tokens) newPuzzle(r *http.Request, captcha bool) puzzle {
	p := puzzle{
		id: rand.Text(), captcha: captcha, difficulty: t.config.Difficulty, made: t.now().UnixMilli(),
		client: t.bound(r), host: host(r), back: back(r),
	}
	if captcha {
		p.difficulty = t.config.CaptchaDifficulty
	}
	return p
}

// bound names the client of a puzzle: whoever asks has to be the one who answers.
func (t *Tokens) bound(r *http.Request) string {
	sum := sha256.Sum256([]byte(t.client(r) + "\n" + r.UserAgent()))
	return string(sum[:16])
}

// back is where a page returns to: always a path of the same origin. Two slashes
// in front would name another host.
func back(r *http.Request) string {
	path := "/" + strings.TrimLeft(r.URL.RequestURI(), `/\`)
	if len(path) > 1500 || r.URL.Host != "" {
		return "/"
	}
	return path
}

func (t *Tokens) sealPuzzle(p puzzle) string {
	var w writer
	kind := int64(p.difficulty)
	if p.captcha {
		kind = -kind
	}
	w.number(kind)
	w.number(p.made)
	for _, s := range []string{p.id, p.client, p.host, p.back, p.answer} {
		w.bytes([]byte(s))
	}
	return t.seal(puzzlePurpose, w)
}

func (t *Tokens) openPuzzle(text string) (puzzle, bool) {
	plain, ok := t.open(puzzlePurpose, text)
	if !ok {
		return puzzle{}, false
	}
	r := reader{rest: plain}
	kind := r.number()
	p := puzzle{captcha: kind < 0, difficulty: int(max(kind, -kind)), made: r.number()}
	for _, s := range []*string{&p.id, &p.client, &p.host, &p.back, &p.answer} {
		*s = string(r.bytes())
	}
	return p, r.err == nil
}

// Why a solution is refused. Pages show a sentence for each; programs get the
// word.
var (
	errPuzzle  = errors.New("puzzle")  // not made here, or for another client or host
	errExpired = errors.New("expired") // too late
	errEarly   = errors.New("early")   // without work, and before the time that takes
	errWork    = errors.New("work")    // the hashes are not there
	errUsed    = errors.New("used")    // a second time
	errAnswer  = errors.New("answer")  // the question was answered wrongly
	errStore   = errors.New("store")   // nobody knows whether it was used
)

// check takes a solution once, right or wrong.
func (t *Tokens) check(r *http.Request, sealed, work, answer string) (puzzle, error) {
	p, ok := t.openPuzzle(sealed)
	if !ok || p.client != t.bound(r) || p.host != host(r) {
		return puzzle{}, errPuzzle
	}
	took := t.now().Sub(time.UnixMilli(p.made))
	worked := solved(seed(sealed), p.difficulty, work)
	switch {
	case took < 0 || took > t.config.Expiry:
		return p, errExpired
	case worked:
	case work != "" || !p.captcha || t.config.WithoutScript == 0:
		return p, errWork
	case took < t.config.WithoutScript:
		return p, errEarly
	}
	first, err := t.store.Once(r.Context(), "challenge "+p.id, t.config.Expiry)
	switch {
	case err != nil:
		return p, errStore
	case !first:
		return p, errUsed
	case p.captcha && p.answer != hashed(p.id, answer):
		return p, errAnswer
	}
	return p, nil
}

// seed is what the work begins with: 32 hexadecimal digits that depend on the
// puzzle.
func seed(sealed string) string {
	sum := sha256.Sum256([]byte(sealed))
	return hex.EncodeToString(sum[:16])
}

// solved says whether the work is done: for each part, from 0, a number so that
// SHA-256 of the seed, the part and the number (as 32 bits each, big-endian)
// begins with as many zero bits as the difficulty has, less three for the eight
// parts.
func solved(seed string, difficulty int, work string) bool {
	numbers := strings.SplitN(work, ".", parts+1)
	if len(numbers) != parts {
		return false
	}
	for i, text := range numbers {
		n, err := strconv.ParseUint(text, 10, 32)
		if err != nil || zeros(seed, i, uint32(n)) < difficulty-partBits {
			return false
		}
	}
	return true
}

func zeros(seed string, part int, n uint32) int {
	b := make([]byte, 0, 40)
	b = append(b, seed...)
	b = binary.BigEndian.AppendUint32(b, uint32(part))
	sum := sha256.Sum256(binary.BigEndian.AppendUint32(b, n))
	return bits.LeadingZeros64(binary.BigEndian.Uint64(sum[:]))
}

// Solve does the work of a puzzle as the page does, for tests and for clients
// that are no browsers and may pass. It takes 2^difficulty hashes on average.
func Solve(sealed string, difficulty int) string {
	s := seed(sealed)
	out := make([]string, parts)
	for i := range out {
		n := uint32(0)
		for zeros(s, i, n) < difficulty-partBits {
			n++
		}
		out[i] = strconv.FormatUint(uint64(n), 10)
	}
	return strings.Join(out, ".")
}
