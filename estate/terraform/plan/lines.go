package plan

import (
	"bytes"
	"errors"
	"io"
	"math"

	"fathom/diag"
)

// lineReader remembers where the lines begin in what was read through it, as
// far as nobody has asked beyond them yet.
type lineReader struct {
	r    io.Reader
	read int64 // bytes read so far
	err  error // what kept r from being read, other than its end
	// breaks are the offsets of the line ends not passed yet, from next on.
	breaks []int64
	next   int
	line   int32
	start  int64 // the offset where the line begins; negative when the reader began within it
}

// newLineReader counts from where r begins in its file.
func newLineReader(r io.Reader, line, column int32) *lineReader {
	return &lineReader{r: r, line: line, start: 1 - int64(column)}
}

// Read reads and takes note of the line ends.
func (l *lineReader) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	for i := 0; ; {
		j := bytes.IndexByte(p[i:n], '\n')
		if j < 0 {
			break
		}
		i += j + 1
		l.breaks = append(l.breaks, l.read+int64(i))
	}
	l.read += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		l.err = err
	}
	return n, err
}

// at says where the offset is. Offsets must not decrease from call to call;
// one that does is taken to be in the line of the call before.
func (l *lineReader) at(offset int64) (line, column int32) {
	for l.next < len(l.breaks) && l.breaks[l.next] <= offset {
		l.start = l.breaks[l.next]
		l.line++
		l.next++
	}
	if l.next > 0 && l.next == len(l.breaks) {
		l.breaks, l.next = l.breaks[:0], 0
	} else if l.next > 1024 {
		l.breaks = append(l.breaks[:0], l.breaks[l.next:]...)
		l.next = 0
	}
	return l.line, int32(min(max(offset-l.start+1, 1), math.MaxInt32))
}

// place is a position in the file being read.
type place struct {
	line, column int32
	offset       int64
}

func (p place) in(file string) diag.Pos {
	return diag.Pos{File: file, Line: p.line, Column: p.column}
}
