package draft

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"fathom/diag"
)

// kind is what a node is.
type kind uint8

const (
	scalar kind = iota
	mapping
	list
)

// node is a value of the draft. A nil node is one that is not written.
type node struct {
	kind  kind
	text  string // of a scalar, as YAML writes it
	pairs []pair
	items []*node
	// remark is the comment on its line, and fix what to do about it. at is the
	// place in the estate that it is about.
	remark, fix string
	at          diag.Pos
	// block has a mapping or a list printed on lines of its own also where it
	// would fit on one.
	block bool
	// bare has it printed where it is empty.
	bare bool
	// loose says that it may be left out where the checker refuses it.
	loose bool
	gone  bool
	// mend changes the draft so that a problem at this node is none; it says
	// whether it did.
	mend func(diag.Problem) bool
	// below are comments that stand after a mapping's keys.
	below []string
	up    *node
}

type pair struct {
	key string
	val *node
}

// str is a text, num a number and yes true.
func str(text string) *node { return &node{text: quote(text)} }
func num(n int) *node       { return &node{text: strconv.Itoa(n)} }
func yes() *node            { return &node{text: "true"} }

// object is a mapping, and row a list.
func object() *node { return &node{kind: mapping} }

func row(items ...*node) *node { return &node{kind: list, items: items} }

// texts is a list of texts that may each be left out.
func texts(of []string) *node {
	n := row()
	for _, t := range of {
		n.items = append(n.items, str(t).maybe())
	}
	return n
}

// set adds a key to a mapping. A nil value adds nothing.
func (n *node) set(key string, val *node) *node {
	if val != nil {
		n.pairs = append(n.pairs, pair{key, val})
	}
	return n
}

// get is the value of a key, or nil.
func (n *node) get(key string) *node {
	for _, p := range n.pairs {
		if p.key == key && !p.val.gone {
			return p.val
		}
	}
	return nil
}

// maybe marks a value as one that may be left out.
func (n *node) maybe() *node {
	n.loose = true
	return n
}

// guess marks a value as one that could not be told, with why and what to do.
func (n *node) guess(at diag.Pos, why, fix string) *node {
	return n.says(at, "could not tell: "+why, fix)
}

// says puts a remark on the value's line.
func (n *node) says(at diag.Pos, remark, fix string) *node {
	if n.remark != "" {
		remark = n.remark + "; " + remark
	}
	n.at, n.remark, n.fix = at, remark, fix
	return n
}

// hidden says whether nothing is printed of a node.
func (n *node) hidden() bool {
	if n == nil || n.gone {
		return true
	}
	if n.kind == scalar || n.bare {
		return false
	}
	return len(n.below) == 0 && !slices.ContainsFunc(n.pairs, func(p pair) bool { return !p.val.hidden() }) &&
		!slices.ContainsFunc(n.items, func(i *node) bool { return !i.hidden() })
}

// each calls f for the node and those in it, with the path of each. What is not
// printed is left out.
func (n *node) each(path string, f func(path string, n *node)) {
	if n.hidden() {
		return
	}
	f(path, n)
	for _, p := range n.pairs {
		p.val.each(strings.TrimPrefix(path+"."+p.key, "."), f)
	}
	for i, v := range n.items {
		name := strconv.Itoa(i)
		if p := v.get("path"); p != nil {
			name = p.text
		} else if v.kind == scalar {
			name = v.text
		}
		v.each(path+"."+name, f)
	}
}

// tie sets the way up of every node.
func (n *node) tie() {
	for _, p := range n.pairs {
		p.val.up = n
		p.val.tie()
	}
	for _, v := range n.items {
		v.up = n
		v.tie()
	}
}

// Plain scalars: words, paths and images; addresses and versions of three parts;
// durations, amounts and shares. All others are put into quotes.
var (
	plainWord   = regexp.MustCompile(`^[A-Za-z/][A-Za-z0-9/._@*+-]*(@sha256:[0-9a-f]+)?$`)
	plainNumber = regexp.MustCompile(`^([0-9]+\.[0-9]+\.[0-9]+[0-9./]*|[1-9][0-9]*(m|Mi|Gi|M|G|s|h|d|y|/s|%))$`)
)

// reserved are the words that some YAML takes for something else than a text.
var reserved = []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}

// quote writes a text as YAML.
func quote(text string) string {
	if (plainWord.MatchString(text) || plainNumber.MatchString(text)) && !slices.Contains(reserved, strings.ToLower(text)) {
		return text
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(strings.ToValidUTF8(text, "\ufffd")) != nil {
		return `""`
	}
	return strings.TrimSpace(b.String())
}

// longestRemark is as much of a comment as one can read.
const longestRemark = 240

// oneLine writes a text as a comment: on one line, and not too long.
func oneLine(text string) string {
	text = diag.Plain(text)
	if utf8.RuneCountInString(text) > longestRemark {
		text = string([]rune(text)[:longestRemark-1]) + "…"
	}
	return text
}
