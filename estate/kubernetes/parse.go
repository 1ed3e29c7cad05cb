package kubernetes

import (
	"bytes"
	"errors"
	"path"
	"strings"

	yaml "go.yaml.in/yaml/v3"

	"fathom/diag"
)

const (
	// maxValues bounds the values of one document after its aliases are expanded.
	maxValues = 1_000_000
	// maxMarks bounds the characters of a document that can begin a value, so
	// that the parser's memory is bounded before it runs.
	maxMarks = 3_000_000
	// maxDepth bounds how deep values nest.
	maxDepth = 1_000
)

// parseFile returns the documents of a YAML or JSON file. One that does not parse
// is a problem, and the others are still returned; ok is false then.
func parseFile(file string, b []byte, problems *diag.Problems) (docs []document, ok bool) {
	if path.Ext(file) == ".json" {
		docs, ok, err := parseJSON(file, b, problems)
		if err == nil {
			return docs, ok
		}
		// A .json file may be YAML, or JSON with comments: not Kubernetes then.
		if !bytes.Contains(b, []byte("apiVersion")) {
			return nil, true
		}
		var found diag.Problems
		if docs, ok = parseYAML(file, b, &found); !ok && bytes.HasPrefix(bytes.TrimSpace(b), []byte("{")) {
			found = nil
			found.Addf(jsonPlace(file, b, err), "mend the JSON", "the JSON does not parse: %s", err)
		}
		*problems = append(*problems, found...)
		return docs, ok
	}
	return parseYAML(file, b, problems)
}

// parseYAML is parseFile for text that is YAML whatever its name.
func parseYAML(file string, b []byte, problems *diag.Problems) (docs []document, ok bool) {
	ok = true
	for _, c := range split(b) {
		root, fine := parseChunk(file, c, problems)
		ok = ok && fine
		if root != nil {
			docs = append(docs, document{file, root.value})
		}
	}
	return docs, ok
}

// chunk is the text of one document, and the number of lines before it.
type chunk struct {
	text []byte
	line int
}

// split cuts a stream at its document markers. YAML allows "---" at the
// beginning of a line nowhere else, not even in quoted text, so one broken
// document cannot hide the next.
func split(b []byte) []chunk {
	var out []chunk
	start, startLine, line := 0, 0, 0
	for i := 0; i < len(b); line++ {
		end := bytes.IndexByte(b[i:], '\n')
		if end < 0 {
			end = len(b)
		} else {
			end += i + 1
		}
		if isMarker(b[i:end]) && i > start {
			out = append(out, chunk{b[start:i], startLine})
			start, startLine = i, line
		}
		i = end
	}
	return append(out, chunk{b[start:], startLine})
}

func isMarker(line []byte) bool {
	return bytes.HasPrefix(line, []byte("---")) && (len(line) == 3 || strings.IndexByte(" \t\r\n", line[3]) >= 0)
}

// blank reports whether a chunk has nothing but comments, directives and markers.
func blank(text []byte) bool {
	for len(text) > 0 {
		var line []byte
		line, text, _ = bytes.Cut(text, []byte("\n"))
		switch line = bytes.TrimSpace(line); {
		case len(line) == 0, line[0] == '#', line[0] == '%':
		case string(line) == "---", string(line) == "...":
		default:
			return false
		}
	}
	return true
}

// marks counts the characters that can begin a value.
func marks(text []byte) int {
	n := 0
	for _, c := range text {
		switch c {
		case ',', '\n', ':', '[', '{', '?', '-', '*', '&', '!':
			n++
		}
	}
	return n
}

func parseChunk(file string, c chunk, problems *diag.Problems) (root *value, ok bool) {
	if blank(c.text) {
		return nil, true
	}
	start := diag.At(file, c.line+1, 1)
	if len(c.text) > maxMarks && marks(c.text) > maxMarks {
		problems.Addf(start, "split it, or leave it out", "the document holds too many values to be one Kubernetes object")
		return nil, false
	}
	var n yaml.Node
	if err := decode(c.text, &n); err != nil {
		problems.Addf(syntax(file, c, err))
		return nil, false
	}
	x := expander{file: file, line: c.line, problems: problems}
	v, ok := x.document(&n)
	if !ok {
		return nil, false
	}
	return &value{v}, true
}

// decode parses one document, and makes an error of a parser's panic.
func decode(text []byte, n *yaml.Node) (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("yaml: it cannot be parsed")
		}
	}()
	return yaml.Unmarshal(text, n)
}
