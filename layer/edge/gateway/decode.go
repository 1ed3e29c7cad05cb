package gateway

import (
	"encoding"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"fathom/diag"
)

// decoder fills a configuration from YAML. Unlike a library's own it lists every
// problem, each with its place, and knows no key that a struct does not name.
type decoder struct {
	file     string
	problems *diag.Problems
	// at is where each value stands, by its path: routes[0].to.
	at map[string]diag.Pos
}

// maxConfig is the largest configuration that is read.
const maxConfig = 1 << 20

func (d *decoder) decode(source []byte, into any) {
	if len(source) > maxConfig {
		d.problems.Addf(diag.Pos{File: d.file}, "", "the configuration has more than %d bytes", maxConfig)
		return
	}
	if at, ok := tooDeep(source); ok {
		d.problems.Addf(diag.At(d.file, at, 0), "write it without nesting this deep", "the configuration nests more than %d levels deep", maxDepth)
		return
	}
	file, err := parser.ParseBytes(source, 0)
	if err != nil {
		d.problems.Addf(d.syntax(err), "", "not YAML: %s", firstLine(err))
		return
	}
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		d.value(doc.Body, reflect.ValueOf(into).Elem(), "")
	}
	if len(file.Docs) > 1 {
		d.problems.Addf(diag.Pos{File: d.file}, "write one document, without ---", "there are several documents")
	}
}

// maxDepth is how deep a configuration may nest: far beyond what its keys need,
// and below where the parser takes more than a moment.
const maxDepth = 100

// tooDeep gives the line in which the brackets nest too deep. It looks at no more
// than brackets: those in a text count as well, and cancel out in any that people
// write.
func tooDeep(source []byte) (line int, ok bool) {
	depth := 0
	line = 1
	for _, c := range source {
		switch c {
		case '\n':
			line++
		case '[', '{':
			if depth++; depth > maxDepth {
				return line, true
			}
		case ']', '}':
			depth = max(0, depth-1)
		}
	}
	return 0, false
}

func (d *decoder) syntax(err error) diag.Pos {
	type placed interface{ GetToken() *token.Token }
	if p, ok := err.(placed); ok && p.GetToken() != nil {
		return diag.At(d.file, p.GetToken().Position.Line, p.GetToken().Position.Column)
	}
	return diag.Pos{File: d.file}
}

func firstLine(err error) string {
	s := err.Error()
	if i := strings.IndexByte(s, ']'); i >= 0 && strings.HasPrefix(s, "[") {
		s = strings.TrimSpace(s[i+1:])
	}
	s, _, _ = strings.Cut(s, "\n")
	return s
}

func (d *decoder) pos(n ast.Node) diag.Pos {
	t := n.GetToken()
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 {
		t = m.Values[0].Key.GetToken()
	}
	if t == nil || t.Position == nil {
		return diag.Pos{File: d.file}
	}
	return diag.At(d.file, t.Position.Line, t.Position.Column)
}

func (d *decoder) wrong(n ast.Node, path, want string) {
	d.problems.Addf(d.pos(n), "", "%s is not %s", subject(path), want)
}

func subject(path string) string {
	if path == "" {
		return "the configuration"
	}
	return strconv.Quote(path)
}

// value fills v from a node.
func (d *decoder) value(n ast.Node, v reflect.Value, path string) {
	d.at[path] = d.pos(n)
	switch t := n.(type) {
	case *ast.NullNode:
		return
	case *ast.TagNode, *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode:
		d.problems.Addf(d.pos(n), "write the value itself", "%s uses a tag, an anchor or an alias", subject(path))
		return
	case *ast.LiteralNode:
		n = t.Value
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	if v.CanAddr() {
		if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
			d.text(n, u, path)
			return
		}
	}
	switch v.Kind() {
	case reflect.Struct:
		d.record(n, v, path)
	case reflect.Map:
		d.mapping(n, v, path)
	case reflect.Slice:
		d.list(n, v, path)
	default:
		d.scalar(n, v, path)
	}
}

func (d *decoder) text(n ast.Node, u encoding.TextUnmarshaler, path string) {
	s, ok := scalarText(n)
	if !ok {
		d.wrong(n, path, "a single value")
		return
	}
	if err := u.UnmarshalText([]byte(s)); err != nil {
		if _, ok := u.(*netip.Prefix); ok {
			d.problems.Addf(d.pos(n), "write a range such as 10.0.0.0/8", "%s is %q, which is no range of addresses", subject(path), s)
			return
		}
		d.problems.Addf(d.pos(n), "", "%s: %s", subject(path), diag.Plain(err.Error()))
	}
}

// entries are the keys and values of a mapping.
func (d *decoder) entries(n ast.Node, path string) ([]*ast.MappingValueNode, bool) {
	switch m := n.(type) {
	case *ast.MappingNode:
		return m.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{m}, true
	}
	d.wrong(n, path, "a mapping (key: value)")
	return nil, false
}

func (d *decoder) record(n ast.Node, v reflect.Value, path string) {
	entries, ok := d.entries(n, path)
	if !ok {
		return
	}
	fields := map[string]reflect.Value{}
	keysOf(v, fields)
	seen := map[string]bool{}
	for _, e := range entries {
		key := keyText(e)
		f, ok := fields[key]
		switch {
		case !ok:
			d.problems.Addf(d.pos(e.Key), nearest(key, fields), "%s has no key %q", subject(path), key)
			continue
		case seen[key]:
			d.problems.Addf(d.pos(e.Key), "keep one of them", "%q is there twice", join(path, key))
			continue
		}
		seen[key] = true
		d.value(e.Value, f, join(path, key))
	}
}

// keysOf are the fields of a struct by their keys; those of embedded structs are
// its own.
func keysOf(v reflect.Value, into map[string]reflect.Value) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Anonymous {
			keysOf(v.Field(i), into)
			continue
		}
		key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if f.IsExported() && key != "" && key != "-" {
			into[key] = v.Field(i)
		}
	}
}

func keyText(e *ast.MappingValueNode) string {
	s, _ := scalarText(e.Key)
	return s
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// nearest is the fix for an unknown key.
func nearest(key string, fields map[string]reflect.Value) string {
	keys := make([]string, 0, len(fields))
	for k := range fields {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	best, at := "", 4
	for _, k := range keys {
		if n := levenshtein.Distance(strings.ToLower(key), strings.ToLower(k), nil); n < at {
			best, at = k, n
		}
	}
	if best != "" && at <= (len(key)+1)/2 {
		return fmt.Sprintf("did you mean %q?", best)
	}
	return "it has " + strings.Join(keys, ", ")
}

func (d *decoder) mapping(n ast.Node, v reflect.Value, path string) {
	entries, ok := d.entries(n, path)
	if !ok {
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for _, e := range entries {
		key := keyText(e)
		k := reflect.ValueOf(key).Convert(v.Type().Key())
		if v.MapIndex(k).IsValid() {
			d.problems.Addf(d.pos(e.Key), "keep one of them", "%q is there twice", join(path, key))
			continue
		}
		item := reflect.New(v.Type().Elem()).Elem()
		d.value(e.Value, item, join(path, key))
		v.SetMapIndex(k, item)
	}
}

func (d *decoder) list(n ast.Node, v reflect.Value, path string) {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		d.wrong(n, path, "a list ([a, b], or lines that begin with -)")
		return
	}
	out := reflect.MakeSlice(v.Type(), len(s.Values), len(s.Values))
	for i, item := range s.Values {
		d.value(item, out.Index(i), fmt.Sprintf("%s[%d]", path, i))
	}
	v.Set(out)
}
