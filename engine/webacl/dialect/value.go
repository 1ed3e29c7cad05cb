package dialect

import (
	"encoding/base64"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"fathom/estate/tree"
)

// text reads a text; ok is false where it is missing, unknown or none.
func (r *reader) text(n *tree.Node, what string) (string, bool) {
	if n == nil || r.unknown(n) {
		return "", false
	}
	if n.Kind == tree.List && len(n.Items) == 1 && r.blocks {
		return r.text(n.Items[0], what)
	}
	if n.Kind == tree.String || (n.Kind == tree.Number || n.Kind == tree.Bool) && r.style != Answer && r.style != Console {
		return n.Text, true
	}
	r.problem(n.Pos, "write a text", "%s is %s, not a text", what, kindName(n))
	return "", false
}

// name is a text that only names something: where it is made from what is not
// known, it is shown as it was written.
func (r *reader) name(n *tree.Node, what string) string {
	if n != nil && n.Text != "" && (n.Kind == tree.Unknown || len(n.Refs) > 0) {
		return n.Text
	}
	s, _ := r.text(n, what)
	return s
}

// texts reads a list of texts.
func (r *reader) texts(n *tree.Node, what string) []string {
	if n == nil || r.unknown(n) {
		return nil
	}
	if n.Kind != tree.List {
		r.problem(n.Pos, "write a list", "%s is %s, not a list", what, kindName(n))
		return nil
	}
	out := make([]string, 0, len(n.Items))
	for _, it := range n.Items {
		if s, ok := r.text(it, what); ok {
			out = append(out, s)
		} else if it.Missing() {
			r.problem(it.Pos, "remove it", "%s has a null in it", what)
		}
	}
	return out
}

// number reads a whole number from low to high.
func (r *reader) number(n *tree.Node, what string, low, high int64) (int64, bool) {
	if n == nil || r.unknown(n) {
		return 0, false
	}
	if n.Kind != tree.Number && (n.Kind != tree.String || r.style == Answer || r.style == Console) {
		r.problem(n.Pos, "write a number", "%s is %s, not a number", what, kindName(n))
		return 0, false
	}
	v, err := strconv.ParseInt(n.Text, 10, 64)
	if err != nil {
		f, ferr := strconv.ParseFloat(n.Text, 64)
		if ferr != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
			r.problem(n.Pos, "write a whole number", "%s is %q", what, n.Text)
			return 0, false
		}
		v = int64(f)
	}
	if v < low || v > high {
		r.problem(n.Pos, "use "+strconv.FormatInt(low, 10)+" to "+strconv.FormatInt(high, 10), "%s is %d", what, v)
		return 0, false
	}
	return v, true
}

// flag reads true or false.
func (r *reader) flag(n *tree.Node, what string) (value, ok bool) {
	if n == nil || r.unknown(n) {
		return false, false
	}
	if n.Kind == tree.Bool || n.Kind == tree.String && r.style != Answer && r.style != Console {
		if v, err := strconv.ParseBool(strings.ToLower(n.Text)); err == nil {
			return v, true
		}
	}
	r.problem(n.Pos, "write true or false", "%s is neither true nor false", what)
	return false, false
}

// choice reads one of the words that AWS knows, and gives its index, or -1.
func (r *reader) choice(n *tree.Node, what string, words ...string) int {
	s, ok := r.text(n, what)
	if !ok {
		return -1
	}
	i := slices.Index(words, s)
	if i < 0 {
		r.problem(n.Pos, "the nearest is "+strconv.Quote(nearest(s, words, same)), "%s %q is none that is known", what, s)
	}
	return i
}

// blob reads a SearchString as bytes.
func (r *reader) blob(n *tree.Node) ([]byte, bool) {
	s, ok := r.text(n, "SearchString")
	if !ok {
		return nil, false
	}
	literal := r.search == BlobLiteral || r.search == BlobAuto && r.style != Answer
	if literal {
		return []byte(s), true
	}
	b, err := base64.StdEncoding.DecodeString(s)
	switch {
	case err != nil && r.search == BlobBase64:
		r.problem(n.Pos, "write it as base64, or read search strings as literal", "SearchString %q is not base64", s)
		return nil, false
	case err != nil, r.search == BlobAuto && !printable(b):
		return []byte(s), true
	}
	return b, true
}

// printable says whether bytes are a text that somebody would search for.
func printable(b []byte) bool {
	for _, c := range string(b) {
		if c == unicode.ReplacementChar || !unicode.IsPrint(c) {
			return false
		}
	}
	return len(b) > 0
}
