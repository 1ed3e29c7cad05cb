package eval

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/json"

	"fathom/diag"
)

// body is a block's content in the order written, whichever syntax it was
// written in.
type body struct {
	items []item
	pos   diag.Pos
}

// item is an attribute or, when block is set, a block.
type item struct {
	attr
	block *block
}

type attr struct {
	name string
	expr hclsyntax.Expression
	pos  diag.Pos // of the name
}

type block struct {
	typ    string
	labels []string
	*body
}

// get returns the attribute of that name, or nil.
func (b *body) get(name string) *attr {
	for i := range b.items {
		if it := &b.items[i]; it.block == nil && it.name == name {
			return &it.attr
		}
	}
	return nil
}

// blocksOf returns the blocks of a type.
func (b *body) blocksOf(typ string) []*block {
	var out []*block
	for _, it := range b.items {
		if it.block != nil && it.block.typ == typ {
			out = append(out, it.block)
		}
	}
	return out
}

// readFile reads a file of at most limit bytes.
func (e *evaluator) readFile(name string, limit int64) ([]byte, error) {
	f, err := e.fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if st, err := f.Stat(); err == nil && !st.Mode().IsRegular() {
		return nil, errors.New("not a file")
	}
	src, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(src)) > limit {
		return nil, fmt.Errorf("larger than %d MiB", limit>>20)
	}
	if e.bytes += len(src); e.bytes > maxTotalBytes {
		return nil, fmt.Errorf("all files together are larger than %d MiB", maxTotalBytes>>20)
	}
	return src, nil
}

// reason writes a file system error without the path, which the position or
// the sentence around it has.
func reason(err error) string {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		err = pe.Err
	}
	if errors.Is(err, fs.ErrNotExist) {
		return "it does not exist"
	}
	return err.Error()
}

// parseFile reads a configuration file. What is wrong in it becomes a problem;
// what is left of it comes back.
func (e *evaluator) parseFile(name string) *body {
	src, err := e.readFile(name, maxFileBytes)
	if err != nil {
		e.problem(diag.At(name, 1, 1), "make it readable, or leave it out", "the file cannot be read: %s", reason(err))
		return &body{}
	}
	e.files[name] = true
	if strings.HasSuffix(name, ".json") {
		return e.parseJSON(name, src)
	}
	return e.parseHCL(name, src)
}

func (e *evaluator) parseHCL(name string, src []byte) *body {
	src = bytes.TrimPrefix(src, []byte("\ufeff"))
	if !utf8.Valid(src) {
		e.problem(badUTF8(name, src), "save the file as UTF-8", "the file is not UTF-8 text")
		if bytes.IndexByte(src, 0) >= 0 {
			return &body{}
		}
		src = bytes.ToValidUTF8(src, []byte("?"))
	}
	if at := dense(src, maxMarks); at >= 0 {
		e.problem(placeOf(name, src, at), "split the file", "the file has more than %d words, signs and lines", maxMarks)
		return &body{}
	}
	if mayBeDeep(src) {
		tokens, _ := hclsyntax.LexConfig(src, name, hcl.InitialPos)
		if pos, what := tooDeep(tokens); what != "" {
			e.problem(posOf(pos), "write it with less nesting", "%s", what)
			return &body{}
		}
	}
	file, diags := hclsyntax.ParseConfig(src, name, hcl.InitialPos)
	e.syntax(name, diags)
	if file == nil {
		return &body{}
	}
	b, ok := file.Body.(*hclsyntax.Body)
	if !ok {
		return &body{}
	}
	return bodyOf(b, diag.At(name, 1, 1))
}

func bodyOf(b *hclsyntax.Body, pos diag.Pos) *body {
	type placed struct {
		item
		at int
	}
	var all []placed
	for _, a := range b.Attributes {
		all = append(all, placed{item{attr: attr{a.Name, a.Expr, posOf(a.NameRange)}}, a.SrcRange.Start.Byte})
	}
	for _, bl := range b.Blocks {
		p := posOf(bl.TypeRange)
		all = append(all, placed{item{block: &block{bl.Type, bl.Labels, bodyOf(bl.Body, p)}}, bl.TypeRange.Start.Byte})
	}
	slices.SortFunc(all, func(a, b placed) int { return a.at - b.at })
	out := &body{pos: pos}
	for _, p := range all {
		out.items = append(out.items, p.item)
	}
	return out
}

func (e *evaluator) parseJSON(name string, src []byte) *body {
	if pos, ok := shallowJSON(name, src); !ok {
		e.problem(pos, "write it with less nesting", "brackets are nested more than %d deep", maxNesting)
		return &body{}
	}
	if at := dense(src, maxMarks); at >= 0 {
		e.problem(placeOf(name, src, at), "split the file", "the file has more than %d words, signs and lines", maxMarks)
		return &body{}
	}
	file, diags := json.Parse(src, name)
	e.syntax(name, diags)
	if file == nil || diags.HasErrors() {
		return &body{}
	}
	attrs, diags := file.Body.JustAttributes()
	e.syntax(name, diags)
	out := &body{pos: diag.At(name, 1, 1)}
	literal := strings.HasSuffix(name, ".tfvars.json")
	for _, a := range attrs {
		out.items = append(out.items, item{attr: attr{a.Name, e.fromJSON(a.Expr, literal), posOf(a.NameRange)}})
	}
	slices.SortFunc(out.items, func(a, b item) int { return a.pos.Compare(b.pos) })
	return out
}

// shallowJSON reports whether brackets outside strings stay within the limit.
func shallowJSON(name string, src []byte) (diag.Pos, bool) {
	depth, line, start, inString := 0, 1, 0, false
	for i := 0; i < len(src); i++ {
		switch c := src[i]; {
		case c == '\n':
			line, start = line+1, i+1
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > maxNesting {
				return diag.At(name, line, i-start+1), false
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return diag.Pos{}, true
}

// list returns the names in a directory that end in one of the suffixes.
func (e *evaluator) list(dir string, suffixes ...string) ([]string, error) {
	entries, err := fs.ReadDir(e.fsys, dir)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, en := range entries {
		name := en.Name()
		if en.IsDir() || strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") {
			continue
		}
		if slices.ContainsFunc(suffixes, func(s string) bool { return strings.HasSuffix(name, s) }) {
			out = append(out, path.Join(dir, name))
		}
	}
	slices.Sort(out)
	return out, nil
}
