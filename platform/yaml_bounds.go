package platform

import (
	"bytes"
	"fmt"
)

// Bounds of a declaration, in bytes, in lines and in bytes of a line: the time that
// the YAML parser takes can grow with their square. 300 services with a store each
// need about 150 KiB and 2,500 lines.
const (
	most        = 512 << 10
	mostLines   = 10_000
	longestLine = 4 << 10
)

// deepest bounds how far mappings and lists may be nested; the deepest path of a
// declaration has six keys.
const deepest = 32

// tooMuch finds a line that no declaration needs and that would keep the parser
// busy: one that is very long, or where things are nested very deep. The line is
// 0 where there is none.
func tooMuch(text []byte) (line int, why, fix string) {
	open := 0
	for l := range bytes.Lines(text) {
		line++
		if line > mostLines {
			return line, fmt.Sprintf("the declaration has more than %d lines", mostLines), "declare what is alike as one, or platforms of their own"
		}
		if len(l) > longestLine {
			return line, fmt.Sprintf("the line has %d bytes", len(l)), fmt.Sprintf("break it into lines of no more than %d", longestLine)
		}
		for _, mark := range []string{"- ", "? ", "! ", "& "} {
			if n := nested(l, mark); n > deepest {
				return line, fmt.Sprintf("%d times %q stand one after the other", n, mark), "a declaration needs six levels"
			}
		}
		for _, c := range l {
			switch c {
			case '[', '{':
				open++
			case ']', '}':
				open = max(open-1, 0)
			}
		}
		if open > deepest {
			return line, fmt.Sprintf("%d brackets are open here", open), "a declaration needs six levels"
		}
	}
	return 0, "", ""
}

// nested is how often a mark stands in a line.
func nested(line []byte, mark string) int {
	if mark[0] == '!' || mark[0] == '&' {
		return bytes.Count(line, []byte{mark[0]})
	}
	return bytes.Count(line, []byte(mark))
}
