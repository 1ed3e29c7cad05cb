package screen

import "bytes"

// Limits of the framing of chunks, which no honest client comes near.
const (
	maxChunk     = 1 << 40
	maxChunkLine = 256
	maxTrailers  = 8 << 10
)

// chunkState is where in a chunked body the next byte stands.
type chunkState uint8

const (
	inSize chunkState = iota // the line with the size
	inData
	afterData // the CRLF after the data
	inTrailer
	atEnd
)

// chunks checks the framing of a chunked body (RFC 9112, 7.1).
type chunks struct {
	state chunkState
	// left are the bytes of the chunk's data that have not come, or those of the
	// CRLF after it.
	left int64
	// trailer counts the bytes of the trailers.
	trailer int
}

// next checks as much of b as is whole. Bytes up to n may be handed on; what
// follows is the beginning of a line.
func (c *chunks) next(b []byte) (n int, v *Violation) {
	for n < len(b) && c.state != atEnd {
		rest := b[n:]
		switch c.state {
		case inData:
			k := min(c.left, int64(len(rest)))
			n += int(k)
			if c.left -= k; c.left == 0 {
				c.state, c.left = afterData, 2
			}
		case afterData:
			if rest[0] != "\r\n"[2-c.left] {
				return n, badChunkEnd
			}
			n++
			if c.left--; c.left == 0 {
				c.state = inSize
			}
		default:
			i := bytes.IndexByte(rest, '\n')
			if i < 0 {
				return n, c.unfinished(rest)
			}
			if i == 0 || rest[i-1] != '\r' {
				return n, bareLF
			}
			if v := c.line(rest[:i-1]); v != nil {
				return n, v
			}
			n += i + 1
		}
	}
	return n, nil
}

func (c *chunks) unfinished(line []byte) *Violation {
	switch {
	case c.state == inSize && len(line) > maxChunkLine:
		return badExtension
	case c.state == inTrailer && c.trailer+len(line) > maxTrailers:
		return badTrailer
	}
	return nil
}

func (c *chunks) line(line []byte) *Violation {
	if c.state == inTrailer {
		return c.trailerLine(line)
	}
	if len(line) > maxChunkLine {
		return badExtension
	}
	var size int64
	i := 0
	for ; i < len(line); i++ {
		d, ok := hexDigit(line[i])
		if !ok {
			break
		}
		if size = size<<4 | d; size > maxChunk {
			return bigChunk
		}
	}
	if i == 0 || i > 16 {
		return badChunk
	}
	if ext := line[i:]; len(ext) > 0 {
		if ext[0] != ';' {
			return badChunk
		}
		if !printable(ext) {
			return badExtension
		}
	}
	if c.state, c.left = inData, size; size == 0 {
		c.state = inTrailer
	}
	return nil
}

func (c *chunks) trailerLine(line []byte) *Violation {
	if len(line) == 0 {
		c.state = atEnd
		return nil
	}
	if c.trailer += len(line) + 2; c.trailer > maxTrailers {
		return badTrailer
	}
	i := bytes.IndexByte(line, ':')
	if i < 0 || !token(line[:i]) || !printable(line[i+1:]) || framing(line[:i]) {
		return badTrailer
	}
	return nil
}

func hexDigit(c byte) (int64, bool) {
	switch {
	case '0' <= c && c <= '9':
		return int64(c - '0'), true
	case 'a' <= c && c <= 'f':
		return int64(c-'a') + 10, true
	case 'A' <= c && c <= 'F':
		return int64(c-'A') + 10, true
	}
	return 0, false
}
