package telemetry

import (
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// WriterOptions are how much a Writer holds.
type WriterOptions struct {
	// Lines are how many wait at most (8192), Bytes how much of them (16 MiB). One
	// line has at most 1 MiB.
	Lines int
	Bytes int64
	// Every is how long a line waits at most before it is written (200 ms).
	Every time.Duration
}

const maxLine = 1 << 20

// Writer writes lines in the background. Line never waits.
type Writer struct {
	to      io.Writer
	lines   chan *[]byte
	limit   int64
	waiting atomic.Int64
	dropped atomic.Uint64
	written atomic.Uint64
	failed  atomic.Uint64
	closed  atomic.Bool
	every   time.Duration
	done    chan struct{}
	once    sync.Once
	mu      sync.RWMutex // held for reading while a line is handed over
}

// NewWriter starts a Writer. It does not close to.
func NewWriter(to io.Writer, o WriterOptions) *Writer {
	if o.Lines <= 0 {
		o.Lines = 8192
	}
	if o.Bytes <= 0 {
		o.Bytes = 16 << 20
	}
	if o.Every <= 0 {
		o.Every = 200 * time.Millisecond
	}
	w := &Writer{to: to, lines: make(chan *[]byte, o.Lines), limit: o.Bytes, every: o.Every, done: make(chan struct{})}
	go w.run()
	return w
}

var lines = sync.Pool{New: func() any { b := make([]byte, 0, 2<<10); return &b }}

// Line appends a line, made by write without its end. It is dropped, and
// counted, where as many wait as there is room for.
func (w *Writer) Line(write func([]byte) []byte) {
	if w == nil {
		return
	}
	b := lines.Get().(*[]byte)
	*b = append(write((*b)[:0]), '\n')
	w.mu.RLock()
	defer w.mu.RUnlock()
	size := int64(len(*b))
	if !w.closed.Load() && size <= maxLine {
		if w.waiting.Add(size) <= w.limit {
			select {
			case w.lines <- b:
				return
			default:
			}
		}
		w.waiting.Add(-size)
	}
	w.dropped.Add(1)
}

func (w *Writer) run() {
	defer close(w.done)
	batch := make([]byte, 0, 64<<10)
	tick := time.NewTicker(w.every)
	defer tick.Stop()
	flush := func() {
		if len(batch) == 0 {
			return
		}
		if _, err := w.to.Write(batch); err != nil {
			w.failed.Add(1)
		}
		batch = batch[:0]
	}
	for {
		select {
		case b, ok := <-w.lines:
			if !ok {
				flush()
				return
			}
			batch = append(batch, *b...)
			w.waiting.Add(-int64(len(*b)))
			w.written.Add(1)
			if cap(*b) <= 64<<10 {
				lines.Put(b)
			}
			if len(batch) >= 32<<10 {
				flush()
			}
		case <-tick.C:
			flush()
		}
	}
}

// Close writes what waits, and ends. Lines that come later are dropped.
func (w *Writer) Close() {
	if w == nil {
		return
	}
	w.once.Do(func() {
		w.mu.Lock()
		w.closed.Store(true)
		close(w.lines)
		w.mu.Unlock()
	})
	<-w.done
}

// Counts are what became of lines.
type Counts struct {
	// Written and Dropped are lines; Failed are writes, of many lines each.
	Written, Dropped, Failed uint64
}

// Counts are those since the beginning; of a nil Writer none.
func (w *Writer) Counts() Counts {
	if w == nil {
		return Counts{}
	}
	return Counts{w.written.Load(), w.dropped.Load(), w.failed.Load()}
}
