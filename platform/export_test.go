package platform

import "strings"

// Row is a key of the table, for the test of the manual.
type Row struct{ Key, Value, Doc string }

// Rows are the keys of a section, with those of the mappings in it: limit.max.
// Names stand as NAME.
func Rows(section string) []Row {
	for _, f := range root.fields {
		if f.key == section {
			return rows(f.as, "")
		}
	}
	return nil
}

// Sections are the keys of a declaration.
func Sections() []string {
	var out []string
	for _, f := range root.fields {
		out = append(out, f.key)
	}
	return out
}

func rows(s *shape, prefix string) []Row {
	switch s.form {
	case names:
		return rows(s.of, prefix+"NAME.")
	case items:
		return rows(s.of, prefix)
	case record:
		var out []Row
		for _, f := range s.fields {
			key := prefix + f.key
			out = append(out, Row{key, value(f), f.doc})
			inner, at := f.as, key+"."
			if inner.form == names {
				inner, at = inner.of, key+".NAME."
			}
			if inner.form == either {
				inner = inner.or[1]
			}
			out = append(out, rows(inner, at)...)
		}
		return out
	}
	return nil
}

// value is what a key takes: in bold where it must be there.
func value(f field) string {
	text := f.as.sample()
	if f.as.form == record || f.as.form == names {
		text = "mapping"
	}
	for _, article := range []string{"a ", "an "} {
		text = strings.TrimPrefix(text, article)
	}
	if f.need {
		text = "**" + text + "**"
	}
	return strings.ReplaceAll(text, "|", `\|`)
}
