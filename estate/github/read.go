package github

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	yaml "go.yaml.in/yaml/v3"

	"fathom/diag"
	"fathom/estate"
)

const (
	// maxSize bounds a file: GitHub itself takes no workflow near it.
	maxSize = 16 << 20
	// maxMarks bounds the characters that can begin a value, so that the
	// parser's memory is bounded before it runs.
	maxMarks = 1_000_000
)

// Read reads the workflow file of that name. The workflow is nil only when
// nothing could be read; whatever else is wrong is among the problems and the
// rest is kept.
func Read(fsys fs.FS, name string) (*estate.Workflow, diag.Problems) {
	var problems diag.Problems
	text, ok := load(fsys, name, &problems)
	if !ok {
		return nil, problems
	}
	var doc yaml.Node
	if err := decode(text, &doc); err != nil {
		pos, fix, msg := syntax(name, text, err)
		problems.Addf(pos, fix, "the workflow does not parse: %s", msg)
		return nil, problems
	}
	p := &parser{file: name, problems: &problems}
	return p.workflow(&doc), problems
}

func load(fsys fs.FS, name string, problems *diag.Problems) ([]byte, bool) {
	at := diag.At(name, 1, 1)
	f, err := fsys.Open(name)
	if err != nil {
		problems.Addf(at, "check the path", "%s", reason(err))
		return nil, false
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	switch {
	case err != nil:
		problems.Addf(at, "make the file readable", "%s", reason(err))
	case len(text) > maxSize:
		problems.Addf(at, "leave it out", "the file is larger than 16 MiB and cannot be a workflow")
	case !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0:
		problems.Addf(at, "save it as UTF-8, or leave it out", "the file is not text")
	case len(text) > maxMarks && marks(text) > maxMarks:
		problems.Addf(at, "leave it out", "the file holds too many values to be a workflow")
	default:
		return text, true
	}
	return nil, false
}

func reason(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

func marks(text []byte) int {
	n := 0
	for _, c := range text {
		if strings.IndexByte(",\n:[{?-*&!", c) >= 0 {
			n++
		}
	}
	return n
}

// decode parses the first document, and makes an error of a parser's panic.
func decode(text []byte, doc *yaml.Node) (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("yaml: it cannot be parsed")
		}
	}()
	return yaml.Unmarshal(text, doc)
}

var lineOf = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// fixes are what usually mends each complaint of the parser.
var fixes = []struct{ in, fix string }{
	{"found character that cannot start any token", "indent with spaces, and quote a value that begins with @, %, or a backquote"},
	{"mapping values are not allowed", `mend the indentation, or quote a value that contains ": "`},
	{"did not find expected key", "line up the keys of one map"},
	{"did not find expected '-' indicator", "line up the items of one list"},
	{"could not find expected ':'", `write ": " after the key`},
	{"unexpected end of stream", "close the quotes"},
	{"unknown anchor", "define the anchor above the place that uses it"},
}

// syntax describes a parser's error. The parser tells no column: it is that of
// the first character of the line.
func syntax(name string, text []byte, err error) (pos diag.Pos, fix, msg string) {
	msg = err.Error()
	line := 1
	if m := lineOf.FindStringSubmatch(msg); m != nil {
		if n, err := strconv.Atoi(m[1]); err == nil && n > 0 {
			line = n
		}
		msg = msg[len(m[0]):]
	}
	fix = "mend the YAML"
	for _, f := range fixes {
		if strings.Contains(msg, f.in) {
			fix = f.fix
			break
		}
	}
	lines := bytes.Split(text, []byte("\n"))
	line = min(line, len(lines))
	column := 1 + len(lines[line-1]) - len(bytes.TrimLeft(lines[line-1], " "))
	return diag.At(name, line, column), fix, msg
}

// baseName is the file's name without its extension: what people call the
// workflow.
func baseName(name string) string {
	return strings.TrimSuffix(path.Base(name), path.Ext(name))
}
