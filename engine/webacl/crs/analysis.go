package crs

import (
	"io/fs"
	"regexp"
	"regexp/syntax"
	"strings"
)

// condition is what has to be so of a value before a rule can match it. A rule
// without one is always asked.
type condition struct {
	id    int
	kinds kindSet
	// any are the needs of any value, plain those of values without special
	// bytes; none where nothing is known to be needed. never says that no value
	// without special bytes matches.
	any, plain []need
	never      bool
	// touched are the bytes that the rule's transformations change: a value with
	// one of them may match, whatever it holds.
	touched byteSet
}

// byteSet is a set of bytes.
type byteSet [4]uint64

func (s *byteSet) add(bytes string) {
	for i := range len(bytes) {
		s[bytes[i]>>6] |= 1 << (bytes[i] & 63)
	}
}

func (s *byteSet) meets(o *byteSet) bool {
	return s[0]&o[0]|s[1]&o[1]|s[2]&o[2]|s[3]&o[3] != 0
}

// ruleHead takes a rule apart: its variables, operator, the operator's argument
// and the actions.
var ruleHead = regexp.MustCompile(`(?s)^\s*SecRule\s+(\S+)\s+"(!?)(?:@(\w+)\s*)?((?:[^"\\]|\\.)*)"\s*(?:\\\s*)?"((?:[^"\\]|\\.)*)"`)

// conditionOf analyses a rule as it is written. Whatever it does not understand
// gives no condition.
func conditionOf(id int, raw string, data fs.FS) (condition, bool) {
	m := ruleHead.FindStringSubmatch(raw)
	if m == nil || m[2] == "!" {
		return condition{}, false
	}
	c := condition{id: id}
	var ok bool
	if c.kinds, ok = kindsOf(m[1]); !ok {
		return c, false
	}
	c.operator(m[3], strings.ReplaceAll(m[4], `\"`, `"`), data)
	if len(c.any) == 0 && len(c.plain) == 0 && !c.never {
		return c, false
	}
	return c, c.transformedBy(m[5])
}

// operator notes the needs of the rule's operator.
func (c *condition) operator(name, argument string, data fs.FS) {
	switch strings.ToLower(name) {
	case "", "rx", rxOperator:
		re, err := syntax.Parse("(?sm)"+argument, syntax.Perl)
		if err != nil {
			return
		}
		re = re.Simplify()
		c.any = needs(re)
		if p := plainly(re); p == nil {
			c.never = true
		} else {
			c.plain = needs(p)
		}
	default:
		c.any = phraseNeeds(name, argument, data)
		c.plain = c.any
	}
}

// phraseNeeds are the needs of the operators that look for phrases.
func phraseNeeds(name, argument string, data fs.FS) []need {
	switch strings.ToLower(name) {
	case "pm":
		if strings.Contains(argument, "|") {
			return nil // bytes in hexadecimal
		}
		return phrases(strings.Split(argument, " "))
	case "pmf", "pmfromfile":
		b, err := fs.ReadFile(data, "@owasp_crs/"+strings.TrimSpace(argument))
		if err != nil {
			return nil
		}
		var lines []string
		for line := range strings.SplitSeq(string(b), "\n") {
			if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
				lines = append(lines, line)
			}
		}
		return phrases(lines)
	}
	return nil
}

func phrases(list []string) []need {
	var n need
	for _, s := range list {
		if s = literalOf([]rune(s)); s == "" {
			return nil
		}
		n = append(n, s)
	}
	if len(n) == 0 {
		return nil
	}
	return []need{n}
}

const (
	space = " \t\n\v\f\r"
	// joiner are what, next to a space, the command-line transformation drops.
	joiner = "/(,;"
)

// transformedBy notes what the transformations change, and gives up on those that
// change everything. Letters in upper case are no matter: needs are in lower case
// and looked for in any.
func (c *condition) transformedBy(actions string) bool {
	for _, part := range strings.Split(actions, ",") {
		name, ok := strings.CutPrefix(strings.Trim(strings.TrimSpace(part), `\`+"\n '"), "t:")
		if !ok {
			continue
		}
		switch strings.ToLower(name) {
		case "none":
			c.touched = byteSet{}
		case "lowercase":
		case "urldecode", "urldecodeuni":
			c.touched.add("%+")
		case "htmlentitydecode":
			c.touched.add("&")
		case "jsdecode", "cssdecode", "escapeseqdecode":
			c.touched.add(`\`)
		case "utf8tounicode":
			c.touched.add(high)
		case "removenulls":
			c.touched.add("\x00")
		case "replacecomments":
			c.touched.add("*")
		case "removecommentschar":
			c.touched.add("/*-#")
		case "normalizepath", "normalisepath", "normalizepathwin", "normalisepathwin":
			c.touched.add(`/\`)
		case "removewhitespace":
			c.touched.add(space + high)
		case "compresswhitespace":
			c.touched.add(high)
			if c.needsAny(space) {
				c.touched.add(space)
			}
		case "cmdline":
			c.touched.add(`\"'^`)
			if c.needsAny(space + joiner) {
				c.touched.add(space + ",;")
			}
		default:
			return false
		}
	}
	return true
}

// needsAny says whether a literal holds one of the bytes.
func (c *condition) needsAny(bytes string) bool {
	for _, all := range [][]need{c.any, c.plain} {
		for _, n := range all {
			for _, s := range n {
				if strings.ContainsAny(s, bytes) {
					return true
				}
			}
		}
	}
	return false
}

// high are the bytes beyond ASCII.
var high = func() string {
	b := make([]byte, 0, 128)
	for c := 0x80; c <= 0xff; c++ {
		b = append(b, byte(c))
	}
	return string(b)
}()

// kindSet is a set of the kinds of values that rules look at.
type kindSet uint16

const (
	kindArgument kindSet = 1 << iota
	kindArgumentName
	kindCookie
	kindCookieName
	kindUserAgent
	kindReferer
	kindCookieHeader
	kindHeader
	kindFilename
	kindBasename
	kindURI
	kindLine
	kindQuery
	kindBody
	kindFile
	kindFileName
)

const anyHeader = kindUserAgent | kindReferer | kindCookieHeader | kindHeader

// kindsOf are the kinds of a rule's variables; false where it looks at others.
// Exceptions only make it look at less.
func kindsOf(variables string) (kindSet, bool) {
	var set kindSet
	for _, v := range strings.Split(variables, "|") {
		if strings.HasPrefix(v, "!") {
			continue
		}
		name, key, _ := strings.Cut(strings.ToUpper(v), ":")
		switch name {
		case "ARGS", "ARGS_GET", "ARGS_POST":
			set |= kindArgument
		case "ARGS_NAMES", "ARGS_GET_NAMES", "ARGS_POST_NAMES":
			set |= kindArgumentName
		case "REQUEST_COOKIES":
			set |= kindCookie
		case "REQUEST_COOKIES_NAMES":
			set |= kindCookieName
		case "REQUEST_HEADERS":
			set |= headerKind(key)
		case "REQUEST_FILENAME":
			set |= kindFilename
		case "REQUEST_BASENAME":
			set |= kindBasename
		case "REQUEST_URI", "REQUEST_URI_RAW":
			set |= kindURI
		case "REQUEST_LINE":
			set |= kindLine
		case "QUERY_STRING":
			set |= kindQuery
		case "REQUEST_BODY":
			set |= kindBody
		case "FILES":
			set |= kindFile
		case "FILES_NAMES":
			set |= kindFileName
		case "XML": // a body of XML is never screened
		default:
			return 0, false
		}
	}
	if strings.Contains(variables, "!REQUEST_HEADERS:Cookie") {
		set &^= kindCookieHeader
	}
	return set, set != 0
}

func headerKind(key string) kindSet {
	switch {
	case key == "" || strings.HasPrefix(key, "/"):
		return anyHeader
	case key == "USER-AGENT":
		return kindUserAgent
	case key == "REFERER":
		return kindReferer
	case key == "COOKIE":
		return kindCookieHeader
	}
	return kindHeader
}
