package access

import (
	"encoding/json"
	"strconv"
	"strings"

	"fathom/estate"
)

// A hole is written <…> once it stands in a name or policy: no name in AWS has
// angle brackets, so that a hole equals nothing but itself. What IAM gives a
// meaning inside ARNs and patterns (: / * ? $) is not taken over.
//
// An id that AWS makes up for a resource of the estate is written (…). It is no
// hole: two resources never have the same, and nobody has written it out.

// holes fills the references in a text. known gives the text of a reference,
// written without ${ and }; "" and false where the files do not tell.
type holes struct {
	known func(ref string) (string, bool)
	// where sets apart what means different things in different places: the
	// configuration, where there are several.
	where string
	// nameless counts the holes that have no text of their own; two of them are
	// never the same.
	nameless *int
}

// fill replaces the references of Terraform in a text by what they are, or by
// stand-ins. IAM's own variables stay.
func (h *holes) fill(s string) string {
	if !strings.Contains(s, "${") {
		return s
	}
	var b strings.Builder
	for {
		i := strings.Index(s, "${")
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		n := end(s[i:])
		if n == 0 { // it does not end: it is text
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		ref := s[i+2 : i+n-1]
		switch text, ok := "", false; {
		case variable(ref):
			b.WriteString(s[i : i+n])
		default:
			if text, ok = h.known(ref); !ok {
				text = h.standIn(ref)
			}
			b.WriteString(text)
		}
		s = s[i+n:]
	}
}

// end returns the length of the reference that s begins with, 0 where it does
// not end. Braces in quoted keys do not count.
func end(s string) int {
	quoted := false
	depth := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}

// variable says whether a reference is IAM's: ${aws:username}, ${*}. A
// reference of Terraform has a dot before any colon.
func variable(ref string) bool {
	if ref == "*" || ref == "?" || ref == "$" {
		return true
	}
	i := strings.IndexByte(ref, ':')
	return i > 0 && strings.Trim(strings.ToLower(ref[:i]), "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

var plain = strings.NewReplacer(":", ".", "/", "|", "*", "+", "?", "!", "$", "", "{", "(", "}", ")", "<", "(", ">", ")", `"`, "'")

// standIn makes the stand-in of a reference that is not known.
func (h *holes) standIn(ref string) string {
	if ref == "…" || strings.Contains(ref, "${") {
		*h.nameless++
		return "<unknown " + strconv.Itoa(*h.nameless) + ">"
	}
	return stand(h.where, ref)
}

func stand(where, ref string) string {
	if where != "" {
		ref = where + " " + ref
	}
	return "<" + plain.Replace(ref) + ">"
}

// hollow says whether a text has a hole in it.
func hollow(s string) bool { return strings.IndexByte(s, '<') >= 0 }

// noRegion stands for a region that is not known. IAM takes no < in a region.
const noRegion = "region-not-known"

// cutHole splits a text at its first stand-in. Without one, after is "" and ok
// false.
func cutHole(s string) (before, after string, ok bool) {
	i := strings.IndexByte(s, '<')
	if i < 0 {
		return s, "", false
	}
	j := strings.IndexByte(s[i:], '>')
	if j < 0 {
		return s, "", false
	}
	return s[:i], s[i+j+1:], true
}

// starred replaces every hole of a text by *. Where literal is set, what would
// be a wildcard in the rest is written so that it stays a character.
func starred(s string, literal bool) string {
	var b strings.Builder
	for {
		before, after, ok := cutHole(s)
		if literal {
			before = escape.Replace(before)
		}
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		b.WriteByte('*')
		s = after
	}
}

// escape writes wildcards as characters (IAM User Guide, "Policy variables:
// special characters").
var escape = strings.NewReplacer("*", "${*}", "?", "${?}")

// fillJSON fills the references in every string of a JSON text and leaves the
// rest as it is, so that what is wrong with the text stays where it is.
func (h *holes) fillJSON(text string) string {
	if !strings.Contains(text, "${") {
		return text
	}
	text = string(estate.JSON(text))
	var b strings.Builder
	for {
		i := strings.IndexByte(text, '"')
		if i < 0 {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(text[:i])
		text = text[i:]
		n := quotedEnd(text)
		b.WriteString(h.fillQuoted(text[:n]))
		text = text[n:]
	}
}

func (h *holes) fillQuoted(raw string) string {
	var s string
	if !strings.Contains(raw, "${") || json.Unmarshal([]byte(raw), &s) != nil {
		return raw
	}
	return quote(h.fill(s))
}

func quotedEnd(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(s)
}

// quote writes a JSON string.
func quote(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string can be encoded
	return strings.TrimSuffix(b.String(), "\n")
}

// overlap says whether some text fits both patterns, in which * stands for any
// text, ? for a character, and a hole for any text.
func overlap(a, b string) bool {
	return meet(starred(a, false), starred(b, false))
}

// meet says whether some text fits both patterns. It walks the pairs of places
// in them; there are len(a)·len(b).
func meet(a, b string) bool {
	row := make([]bool, len(b)+1) // row[j]: a[i:] and b[j:] meet
	for i := len(a); i >= 0; i-- {
		diagonal := false // the last row's [j+1]
		for j := len(b); j >= 0; j-- {
			below := row[j] // a[i+1:] and b[j:]
			var met bool
			switch {
			case i == len(a) && j == len(b):
				met = true
			case i < len(a) && a[i] == '*':
				met = below || j < len(b) && row[j+1]
			case j < len(b) && b[j] == '*':
				met = row[j+1] || i < len(a) && below
			case i < len(a) && j < len(b) && (a[i] == b[j] || a[i] == '?' || b[j] == '?'):
				met = diagonal
			}
			row[j], diagonal = met, below
		}
	}
	return row[0]
}
