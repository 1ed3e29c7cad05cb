package data

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"fathom/diag"
	"fathom/estate"
	"fathom/estate/tree"
)

// or returns the position, or another where it is nowhere.
func or(at, otherwise diag.Pos) diag.Pos {
	if at.Line == 0 {
		return otherwise
	}
	return at
}

var interpolation = regexp.MustCompile(`\$\{[^}]*\}`)

// words splits a name as people do: at anything but letters and digits, and
// where a capital follows a small letter. What another resource will fill in
// (${…}) is left out.
func words(name string) []string {
	name = interpolation.ReplaceAllString(name, " ")
	var b strings.Builder
	last := ' '
	for _, r := range name {
		if unicode.IsUpper(r) && unicode.IsLower(last) {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
		last = r
	}
	return strings.FieldsFunc(b.String(), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// wordsOf are the words of a resource's name, address and Name tag.
func wordsOf(name estate.Str, b *estate.Base) []string {
	addr := strings.ReplaceAll(b.ID.Addr, b.Type+".", " ")
	text := addr + " " + b.Tags.Get("Name").String()
	if !name.Absent() {
		text += " " + name.String()
	}
	return words(text)
}

func anyWord(of []string, wanted ...string) bool {
	return slices.ContainsFunc(of, func(w string) bool { return slices.Contains(wanted, w) })
}

// list shows a few names and how many more there are.
func list(names []string) string {
	const few = 4
	if len(names) > few {
		return strings.Join(names[:few], ", ") + " and " + strconv.Itoa(len(names)-few) + " more"
	}
	return strings.Join(names, ", ")
}

func itoa(n int) string { return strconv.Itoa(n) }

// sortedNames are the names in a map.
func sortedNames(m estate.Map) []string {
	names := make([]string, 0, len(m.Items))
	for n := range m.Items {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// below are a node and all under it that have text.
func below(n *tree.Node) []*tree.Node {
	var out []*tree.Node
	n.Walk(func(m *tree.Node) {
		if m.Text != "" {
			out = append(out, m)
		}
	})
	return out
}
