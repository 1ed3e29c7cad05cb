package terraform

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclwrite"

	"fathom/render/comment"
)

// width is how long a line may be before a list is written one value a line.
const width = 100

// Print writes the blocks in their order, formatted as terraform fmt does.
func Print(blocks []*Block) []byte {
	var out bytes.Buffer
	for i, b := range blocks {
		if i > 0 {
			out.WriteByte('\n')
		}
		out.Write(PrintBlock(b))
	}
	return out.Bytes()
}

// PrintBlock writes one block with its comments.
func PrintBlock(b *Block) []byte {
	var w strings.Builder
	comments(&w, "", comment.Above(b.Says, b.Controls, b.Paths))
	w.WriteString(b.Kind)
	for _, l := range b.Labels {
		w.WriteString(" " + quote(l))
	}
	w.WriteString(" {\n")
	printBody(&w, b.Body, 1)
	w.WriteString("}\n")
	return hclwrite.Format([]byte(w.String()))
}

// comments writes lines of comment.
func comments(w *strings.Builder, in string, lines []string) {
	for _, line := range lines {
		w.WriteString(in + "# " + line + "\n")
	}
}

// printBody writes arguments as they come; a nested block has an empty line
// above it unless it is the first, as people write them.
func printBody(w *strings.Builder, body []Entry, depth int) {
	in := strings.Repeat("  ", depth)
	first := true
	wasNested := false
	for _, e := range body {
		if !e.nested && e.Value == nil {
			continue
		}
		if (e.nested || wasNested) && !first {
			w.WriteString("\n")
		}
		first, wasNested = false, e.nested
		comments(w, in, comment.Wrap(e.Comment))
		if !e.nested {
			w.WriteString(in + e.Name + " = ")
			printValue(w, e.Value, depth)
			w.WriteString("\n")
			continue
		}
		w.WriteString(in + e.Name)
		for _, l := range e.Labels {
			w.WriteString(" " + quote(l))
		}
		if len(e.Body) == 0 {
			w.WriteString(" {}\n")
			continue
		}
		w.WriteString(" {\n")
		printBody(w, e.Body, depth+1)
		w.WriteString(in + "}\n")
	}
}

func printValue(w *strings.Builder, v any, depth int) {
	switch v := v.(type) {
	case string:
		w.WriteString(quote(v))
	case bool:
		w.WriteString(strconv.FormatBool(v))
	case int:
		w.WriteString(strconv.Itoa(v))
	case float64:
		w.WriteString(strconv.FormatFloat(v, 'f', -1, 64))
	case Expr:
		w.WriteString(string(v))
	case Template:
		w.WriteString(`"` + string(v) + `"`)
	case []string:
		list := make(List, len(v))
		for i, s := range v {
			list[i] = s
		}
		printList(w, list, depth)
	case []Expr:
		list := make(List, len(v))
		for i, s := range v {
			list[i] = s
		}
		printList(w, list, depth)
	case List:
		printList(w, v, depth)
	case Object:
		printObject(w, v, depth)
	case Call:
		w.WriteString(v.Name + "(")
		for i, a := range v.Args {
			if i > 0 {
				w.WriteString(", ")
			}
			printValue(w, a, depth)
		}
		w.WriteString(")")
	case *Block:
		w.WriteString(v.Address())
	default:
		panic(fmt.Sprintf("terraform: a %T is not a value", v))
	}
}

// printList writes a list on one line where that is short and flat.
func printList(w *strings.Builder, list List, depth int) {
	var line strings.Builder
	flat := true
	for i, v := range list {
		if i > 0 {
			line.WriteString(", ")
		}
		switch v.(type) {
		case Object, List, Call:
			flat = false
		}
		if flat {
			printValue(&line, v, depth)
		}
	}
	if flat && line.Len() <= width-2*depth && !strings.Contains(line.String(), "\n") {
		w.WriteString("[" + line.String() + "]")
		return
	}
	in := strings.Repeat("  ", depth+1)
	w.WriteString("[\n")
	for _, v := range list {
		w.WriteString(in)
		printValue(w, v, depth+1)
		w.WriteString(",\n")
	}
	w.WriteString(strings.Repeat("  ", depth) + "]")
}

func printObject(w *strings.Builder, o Object, depth int) {
	if len(o) == 0 {
		w.WriteString("{}")
		return
	}
	in := strings.Repeat("  ", depth+1)
	w.WriteString("{\n")
	for _, f := range o {
		w.WriteString(in + key(f.Key) + " = ")
		printValue(w, f.Value, depth+1)
		w.WriteString("\n")
	}
	w.WriteString(strings.Repeat("  ", depth) + "}")
}

var plainKey = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// KeyOf makes a key of an Object that is an expression, such as
// "${aws_x.y.url}:sub" with its quotes.
func KeyOf(e Expr) string { return computed + string(e) }

// computed stands in front of keys that are expressions. No text that can be
// declared has it.
const computed = "\x00"

// key writes a key of an object: bare where it is an identifier, in parentheses
// where it is an expression.
func key(k string) string {
	if e, ok := strings.CutPrefix(k, computed); ok {
		return "(" + e + ")"
	}
	if plainKey.MatchString(k) {
		return k
	}
	return quote(k)
}

// quote writes a constant string: nothing in it interpolates.
func quote(s string) string {
	return string(hclwrite.TokensForValue(ctyString(s)).Bytes())
}

// Inside is a text as it stands between the interpolations of a Template, with
// everything in it escaped.
func Inside(text string) Template {
	q := quote(text)
	return Template(q[1 : len(q)-1])
}

// References are the addresses that a block refers to: resources, data and
// variables. It parses what would be printed, so that no expression is missed.
func References(b *Block) ([]string, error) {
	f, diags := hclwrite.ParseConfig(PrintBlock(b), b.Address(), hcl.InitialPos)
	if diags.HasErrors() {
		return nil, fmt.Errorf("%s: %w", b.Address(), diags)
	}
	seen := map[string]bool{}
	var out []string
	for _, s := range traversals(f.Body()) {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out, nil
}
