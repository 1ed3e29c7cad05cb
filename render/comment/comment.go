package comment

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// width is how long a line may be.
const width = 96

// Above are the lines above a resource: a sentence, "control: …", "from: …". Each
// may be missing.
func Above(says string, controls, paths []string) []string {
	out := Wrap(says)
	if len(controls) > 0 {
		out = append(out, Wrap("control: "+strings.Join(controls, ", "))...)
	}
	if len(paths) > 0 {
		out = append(out, Wrap("from: "+strings.Join(paths, ", "))...)
	}
	return out
}

// Wrap breaks a text into lines where it can, and begins a sentence with a
// capital; "control:" and "from:" are no sentences.
func Wrap(text string) []string {
	text = capital(text)
	var out []string
	for _, part := range strings.Split(text, "\n") {
		line := ""
		for _, word := range strings.Fields(part) {
			if line != "" && len(line)+1+len(word) > width {
				out = append(out, line)
				line = ""
			}
			if line != "" {
				line += " "
			}
			line += word
		}
		if line != "" {
			out = append(out, line)
		}
	}
	return out
}

// capital leaves a first word alone that is a name: orders-db, s3:GetObject.
func capital(text string) string {
	text = strings.TrimSpace(text)
	first, _, _ := strings.Cut(strings.ReplaceAll(text, "\n", " "), " ")
	if first == "" || strings.ContainsFunc(first, func(r rune) bool { return r != '\'' && r != ',' && !unicode.IsLower(r) }) {
		return text
	}
	r, n := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(r)) + text[n:]
}
