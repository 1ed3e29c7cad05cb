package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"syscall"
)

const (
	// maxLine is the most that one line of input may have, in bytes. AWS's own
	// limits are far below; it bounds what one line can cost.
	maxLine = 16 << 20
	// blockSize is how much input is read at once.
	blockSize = 128 << 10
)

// answerer turns one line of input into one line of output, which it appends
// with its newline. It says whether the line could be answered. Each worker has
// one of its own.
type answerer func(out, line []byte) ([]byte, bool)

// block is a run of whole lines of input and, once done is closed, what they
// are answered with.
type block struct {
	in, out []byte
	tooLong bool // one line, of which only the size is known
	err     error
	failed  int
	done    chan struct{}
}

// answering is how lines are answered.
type answering struct {
	worker  func() answerer         // makes the answerer of a worker
	tooLong func(out []byte) []byte // answers a line of which only the size is known
	// slow says that an answer takes long, so that each line is a block.
	slow bool
}

// answerLines answers every line of in that is not blank with one line on out,
// in the same order, on all processors. What comes slowly is answered line by
// line; what comes fast is read and written in blocks. It returns how many
// lines could not be answered.
func answerLines(ctx context.Context, in io.Reader, out io.Writer, how answering) (failed int, err error) {
	n := runtime.GOMAXPROCS(0)
	// todo and ordered carry the same blocks: the workers take them from the
	// one as they come, the writer from the other in their order.
	todo, ordered := make(chan *block, 2*n), make(chan *block, 2*n)
	reading, stop := context.WithCancel(ctx)
	defer stop()
	// A read of a terminal or pipe cannot be interrupted: the reader ends with
	// its next line, or with the process.
	go func() {
		defer close(todo)
		defer close(ordered)
		give := func(b *block) bool { return send(reading, ordered, b) && send(reading, todo, b) }
		if how.slow {
			give = each(give)
		}
		readBlocks(reading, in, give)
	}()
	var working sync.WaitGroup
	for range n {
		working.Go(func() {
			answer := how.worker()
			for b := range todo {
				if reading.Err() == nil {
					b.work(answer, how.tooLong)
				}
				close(b.done)
			}
		})
	}
	for {
		select {
		case b, ok := <-ordered:
			if !ok {
				working.Wait()
				return failed, nil
			}
			select {
			case <-b.done:
			case <-ctx.Done():
				return failed, ctx.Err()
			}
			if b.err != nil {
				return failed, exit{exitCouldNot, fmt.Sprintf("the input cannot be read: %v", b.err)}
			}
			failed += b.failed
			if _, err := out.Write(b.out); err != nil {
				return failed, unwritable(err)
			}
		case <-ctx.Done():
			return failed, ctx.Err()
		}
	}
}

func send[T any](ctx context.Context, to chan<- T, v T) bool {
	select {
	case to <- v:
		return true
	case <-ctx.Done():
		return false
	}
}

// unwritable is the error of a result that stdout does not take. Who closed
// the pipe has read what it wanted.
func unwritable(err error) error {
	if errors.Is(err, syscall.EPIPE) {
		return exit{code: exitCouldNot}
	}
	return exit{exitCouldNot, fmt.Sprintf("the result cannot be written: %v", err)}
}

// readBlocks cuts the input at ends of lines. A line that is too long becomes
// a block of its own, without its text.
func readBlocks(ctx context.Context, in io.Reader, give func(*block) bool) {
	var rest []byte
	skipping := false // the rest of a line that is too long
	for first := true; ctx.Err() == nil; first = false {
		buf := make([]byte, len(rest), len(rest)+max(blockSize, len(rest)))
		copy(buf, rest)
		n, err := in.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if first {
			buf = bytes.TrimPrefix(buf, []byte("\xef\xbb\xbf")) // what Windows puts before UTF-8
		}
		if skipping {
			i := bytes.IndexByte(buf, '\n')
			buf, skipping = buf[i+1:], i < 0
			if skipping {
				buf = nil
			}
		}
		cut := bytes.LastIndexByte(buf, '\n') + 1
		if err != nil {
			cut = len(buf)
		}
		if cut > 0 && !give(&block{in: buf[:cut], done: make(chan struct{})}) {
			return
		}
		rest = buf[cut:]
		if len(rest) > maxLine {
			rest, skipping = nil, true
			if !give(&block{tooLong: true, done: make(chan struct{})}) {
				return
			}
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				give(&block{err: err, done: make(chan struct{})})
			}
			return
		}
	}
}

// each cuts blocks into lines.
func each(give func(*block) bool) func(*block) bool {
	return func(b *block) bool {
		if b.in == nil {
			return give(b)
		}
		for line := range bytes.Lines(b.in) {
			if !give(&block{in: line, done: make(chan struct{})}) {
				return false
			}
		}
		return true
	}
}

// work answers the lines of a block.
func (b *block) work(answer answerer, tooLong func(out []byte) []byte) {
	if b.tooLong {
		b.out, b.failed = tooLong(nil), 1
		return
	}
	for line := range bytes.Lines(b.in) {
		line = bytes.Trim(line, " \t\r\n")
		if len(line) == 0 {
			continue
		}
		ok := false
		if len(line) > maxLine {
			b.out = tooLong(b.out)
		} else {
			b.out, ok = answer(b.out, line)
		}
		if !ok {
			b.failed++
		}
	}
	b.in, b.out = nil, escaped(b.out)
}
