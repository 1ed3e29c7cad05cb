package spool

import (
	"bytes"
	"errors"
	"io"
	"os"
	"sync"
	"sync/atomic"
)

// What a body may not be.
var (
	// ErrTooLarge is a body above Limits.Max: 413.
	ErrTooLarge = errors.New("the body is larger than the gateway takes")
	// ErrFull is a body that would take all spooled bodies above Limits.Disk: 503.
	ErrFull = errors.New("there is no room for more bodies")
)

// Limits are the sizes in bytes. A zero field is its default.
type Limits struct {
	// Memory is how much of one body is kept in memory (64 KiB), Max how much it
	// may have (10 MiB), Disk how much all bodies may have in files (1 GiB).
	Memory int
	Max    int64
	Disk   int64
	// Folder is where the files are; empty is the system's temporary folder.
	Folder string
}

// Pool makes bodies that share the limit on files.
type Pool struct {
	limits  Limits
	disk    atomic.Int64
	buffers sync.Pool
}

// NewPool makes a Pool.
func NewPool(l Limits) *Pool {
	if l.Memory <= 0 {
		l.Memory = 64 << 10
	}
	if l.Max <= 0 {
		l.Max = 10 << 20
	}
	if l.Disk <= 0 {
		l.Disk = 1 << 30
	}
	return &Pool{limits: l, buffers: sync.Pool{New: func() any { return new(Body) }}}
}

// Disk is how many bytes are in files now.
func (p *Pool) Disk() int64 { return p.disk.Load() }

// Body is the body of one request. One goroutine uses it at a time.
type Body struct {
	pool   *Pool
	from   io.Reader
	length int64 // as declared; -1 is not known
	memory []byte
	file   *os.File
	filed  int64
	ended  bool
	err    error
	// readers are those that were not closed yet.
	readers atomic.Int32
}

// New is the body that comes from a reader. length is what was declared, -1
// where nothing was.
func (p *Pool) New(from io.Reader, length int64) *Body {
	b := p.buffers.Get().(*Body)
	b.pool, b.from, b.length = p, from, length
	b.ended = from == nil || length == 0
	return b
}

// Close forgets the body. Its slices must not be used any more. What a reader
// still holds is left to it: a transport may go on reading for a moment after
// the answer.
func (b *Body) Close() {
	if b.file != nil {
		b.file.Close() //nolint:errcheck // nobody reads it again
		b.pool.disk.Add(-b.filed)
	}
	if b.readers.Load() > 0 {
		return
	}
	p, memory := b.pool, b.memory[:0]
	if cap(memory) > 2*p.limits.Memory+1<<16 {
		memory = nil
	}
	b.pool, b.from, b.length, b.memory, b.file, b.filed, b.ended, b.err = nil, nil, 0, memory, nil, 0, false, nil
	p.buffers.Put(b)
}

// Declared is the length that the client declared, -1 where it declared none.
func (b *Body) Declared() int64 { return b.length }

// Size is how much has come so far.
func (b *Body) Size() int64 { return int64(len(b.memory)) + b.filed }

// Whole says whether all of it is here.
func (b *Body) Whole() bool { return b.ended && b.err == nil }

// Prefix reads until n bytes are there or the body ends. The bytes are valid
// until Close; more says that there are others.
func (b *Body) Prefix(n int) (prefix []byte, more bool, err error) {
	if b.length > b.pool.limits.Max {
		b.err = ErrTooLarge
	}
	// One byte more tells whether there is more.
	for len(b.memory) <= n && !b.ended && b.err == nil && b.file == nil {
		b.read(n + 1)
	}
	return b.memory[:min(n, len(b.memory))], len(b.memory) > n || !b.ended, b.err
}

// read reads once into memory, up to a size.
func (b *Body) read(upTo int) {
	if len(b.memory) == cap(b.memory) {
		grown := max(4<<10, 2*cap(b.memory))
		if b.length > 0 && b.length < int64(upTo) {
			grown = max(grown, int(b.length)+1)
		}
		b.memory = append(make([]byte, 0, min(grown, max(upTo, cap(b.memory)+1))), b.memory...)
	}
	room := b.memory[len(b.memory):min(cap(b.memory), max(upTo, len(b.memory)+1))]
	n, err := b.from.Read(room)
	b.memory = b.memory[:len(b.memory)+n]
	b.note(err)
}

func (b *Body) note(err error) {
	switch {
	case b.Size() > b.pool.limits.Max:
		b.err = ErrTooLarge
	case errors.Is(err, io.EOF):
		b.ended = true
	case err != nil:
		b.err = err
	}
}

// Fill reads all of the body: into memory first, then into a file.
func (b *Body) Fill() error {
	if _, _, err := b.Prefix(b.pool.limits.Memory); err != nil || b.ended {
		return err
	}
	if b.file == nil {
		f, err := os.CreateTemp(b.pool.limits.Folder, "fathom-body-")
		if err != nil {
			return err
		}
		b.file = f
		if err := os.Remove(f.Name()); err != nil { // it goes when it is closed, whatever happens
			return err
		}
	}
	chunk := chunks.Get().(*[]byte)
	defer chunks.Put(chunk)
	for !b.ended && b.err == nil {
		n, err := b.from.Read(*chunk)
		if n > 0 && !b.store((*chunk)[:n]) {
			return b.err
		}
		b.note(err)
	}
	return b.err
}

var chunks = sync.Pool{New: func() any { b := make([]byte, 64<<10); return &b }}

func (b *Body) store(p []byte) bool {
	if b.pool.disk.Add(int64(len(p))) > b.pool.limits.Disk {
		b.pool.disk.Add(-int64(len(p)))
		b.err = ErrFull
		return false
	}
	b.filed += int64(len(p))
	if _, err := b.file.Write(p); err != nil {
		b.err = err
		return false
	}
	return true
}

// Reader gives the body from its beginning. A body that is not whole goes on
// from the client, and can be read only once. The reader has to be closed.
func (b *Body) Reader() io.ReadCloser {
	b.readers.Add(1)
	r := &reader{body: b}
	switch {
	case b.ended && b.file == nil:
		r.Reader = bytes.NewReader(b.memory)
	case b.ended:
		r.Reader = io.MultiReader(bytes.NewReader(b.memory), io.NewSectionReader(b.file, 0, b.filed))
	default:
		r.Reader = io.MultiReader(bytes.NewReader(b.memory), &rest{b: b, sent: b.Size()})
	}
	return r
}

type reader struct {
	io.Reader
	body *Body
	once sync.Once
}

func (r *reader) Close() error {
	r.once.Do(func() { r.body.readers.Add(-1) })
	return nil
}

// rest is what has not come yet of a body that is streamed.
type rest struct {
	b    *Body
	sent int64
}

func (r *rest) Read(p []byte) (int, error) {
	n, err := r.b.from.Read(p)
	if r.sent += int64(n); r.sent > r.b.pool.limits.Max {
		return 0, ErrTooLarge
	}
	return n, err
}
