package plan

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"io/fs"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// open opens the file as UTF-8 without a byte order mark, at an offset in that
// text; buffer is how much to read at a time. PowerShell's > writes UTF-16,
// which JSON may not be and people have.
func open(fsys fs.FS, name string, offset int64, buffer int) (io.Reader, io.Closer, error) {
	file, err := fsys.Open(name)
	if err != nil {
		return nil, nil, unwrapped(err)
	}
	b := bufio.NewReaderSize(file, buffer)
	mark, err := b.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		file.Close()
		return nil, nil, unwrapped(err)
	}
	r := io.Reader(b)
	switch {
	case bytes.HasPrefix(mark, []byte("\xef\xbb\xbf")):
		offset += 3
	case bytes.HasPrefix(mark, []byte("\xff\xfe")), bytes.HasPrefix(mark, []byte("\xfe\xff")):
		r = transform.NewReader(b, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder())
	}
	if err := forward(file, b, r, offset); err != nil {
		file.Close()
		return nil, nil, unwrapped(err)
	}
	return r, file, nil
}

// forward goes to the offset of r: by seeking, where r is the file itself.
func forward(file fs.File, b *bufio.Reader, r io.Reader, offset int64) error {
	if s, ok := file.(io.Seeker); ok && r == io.Reader(b) && offset > int64(b.Size()) {
		_, err := s.Seek(offset, io.SeekStart)
		b.Reset(file)
		return err
	}
	_, err := io.CopyN(io.Discard, r, offset)
	return err
}

// unwrapped leaves out the path, which the position says already.
func unwrapped(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
