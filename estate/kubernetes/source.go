package kubernetes

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"

	"fathom/diag"
	"fathom/estate/tree"
)

// maxFile bounds one file. The largest object a cluster stores is 1.5 MiB.
const maxFile = 16 << 20

// document is one document of a file.
type document struct {
	file string
	root *tree.Node
}

// parsed is a file's documents; ok is false when a part of it could not be
// parsed.
type parsed struct {
	docs []document
	ok   bool
}

// sources reads each file once, and reports what is wrong with it once.
type sources struct {
	fsys     fs.FS
	problems *diag.Problems
	parsed   map[string]parsed
	raw      map[string][]byte
	failed   map[string]bool
}

func newSources(fsys fs.FS, problems *diag.Problems) *sources {
	return &sources{fsys: fsys, problems: problems, parsed: map[string]parsed{}, raw: map[string][]byte{}, failed: map[string]bool{}}
}

// forget drops what is kept of a file that nobody will ask for again.
func (s *sources) forget(file string) {
	delete(s.parsed, file)
	delete(s.raw, file)
}

// exists says whether a name is a file or a directory.
func (s *sources) exists(name string) (file, dir bool) {
	info, err := fs.Stat(s.fsys, name)
	if err != nil {
		return false, false
	}
	return !info.IsDir(), info.IsDir()
}

// read returns the bytes of a file, or reports why not.
func (s *sources) read(file string) ([]byte, bool) {
	if s.failed[file] {
		return nil, false
	}
	if b, ok := s.raw[file]; ok {
		return b, true
	}
	b, err := readAtMost(s.fsys, file, maxFile)
	if err != nil {
		s.failed[file] = true
		s.problems.Addf(diag.At(file, 1, 1), fixForRead(err), "it cannot be read: %s", reason(err))
		return nil, false
	}
	s.raw[file] = b
	return b, true
}

// text is read for a file that has to be text.
func (s *sources) text(file string) ([]byte, bool) {
	b, ok := s.read(file)
	if !ok {
		return nil, false
	}
	b, at, what := toUTF8(b)
	if what == "" {
		return b, true
	}
	s.failed[file] = true
	s.problems.Addf(position(file, b, at), "save it as UTF-8 text, or leave it out", "%s", what)
	return nil, false
}

// documents parses a file, once.
func (s *sources) documents(file string) ([]document, bool) {
	if p, ok := s.parsed[file]; ok {
		return p.docs, p.ok
	}
	var p parsed
	if b, ok := s.text(file); ok {
		p.docs, p.ok = parseFile(file, b, s.problems)
	}
	s.parsed[file] = p
	delete(s.raw, file)
	return p.docs, p.ok
}

var errTooLarge = errors.New("it is larger than 16 MiB")

func fixForRead(err error) string {
	if errors.Is(err, errTooLarge) {
		return "split it, or leave it out"
	}
	return "make it readable, or leave it out"
}

// reason is an error without the operation and path that fs errors repeat.
func reason(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

func readAtMost(fsys fs.FS, name string, limit int64) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, errors.New("it is a directory")
	case info.Mode()&(fs.ModeNamedPipe|fs.ModeDevice|fs.ModeSocket) != 0:
		return nil, errors.New("it is not a regular file")
	case info.Size() > limit:
		return nil, errTooLarge
	}
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = errTooLarge
	}
	return b, err
}

// toUTF8 drops a byte order mark, and says at which offset and why the bytes
// are not text.
func toUTF8(b []byte) (text []byte, at int, what string) {
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	if bytes.HasPrefix(b, []byte{0xff, 0xfe}) || bytes.HasPrefix(b, []byte{0xfe, 0xff}) {
		return b, 0, "it is UTF-16, not UTF-8"
	}
	if i := bytes.IndexByte(b, 0); i >= 0 {
		return b, i, "it is binary, not text"
	}
	if !utf8.Valid(b) {
		i := 0
		for i < len(b) {
			r, n := utf8.DecodeRune(b[i:])
			if r == utf8.RuneError && n == 1 {
				break
			}
			i += n
		}
		return b, i, "it is not valid UTF-8"
	}
	return b, 0, ""
}

// position turns an offset into a line and a column.
func position(file string, b []byte, at int) diag.Pos {
	before := b[:min(at, len(b))]
	line := 1 + bytes.Count(before, []byte("\n"))
	start := bytes.LastIndexByte(before, '\n') + 1
	return diag.At(file, line, 1+utf8.RuneCount(before[start:]))
}

// join is the name of a file that another names relative to its directory.
func join(dir, name string) string {
	if strings.HasPrefix(name, "/") {
		return path.Clean(name)
	}
	return path.Join(dir, name)
}
