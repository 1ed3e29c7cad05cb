package proof

import (
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
)

// What RFC 9421 and RFC 9530 need of Structured Fields (RFC 9651): dictionaries
// whose members are inner lists of strings, or byte sequences, with parameters.

// limits of what is read. Honest requests stay far below.
const (
	maxField      = 4096 // bytes of one field
	maxMembers    = 8
	maxComponents = 24
	maxParams     = 12
)

var errField = errors.New("not a structured field of the kind that belongs here")

// member is one member of a dictionary.
type member struct {
	key   string
	list  []string // of an inner list
	bytes []byte   // of a byte sequence
	// params are those of the member, in order; text is the inner list with its
	// parameters as it was sent.
	params []param
	text   string
}

// param is a parameter: a string, an integer or true.
type param struct {
	name   string
	text   string
	number int64
	kind   byte // 's', 'i' or 'b'
}

// scanner reads one field.
type scanner struct {
	s  string
	at int
}

func (p *scanner) peek() byte {
	if p.at < len(p.s) {
		return p.s[p.at]
	}
	return 0
}

func (p *scanner) eat(c byte) bool {
	if p.peek() == c && p.at < len(p.s) {
		p.at++
		return true
	}
	return false
}

func (p *scanner) spaces(set string) {
	for p.at < len(p.s) && strings.IndexByte(set, p.s[p.at]) >= 0 {
		p.at++
	}
}

// dictionary reads a whole field. Of two members with one key, which the RFC
// would let the last win, it takes none: somebody else might take the first.
func dictionary(s string) ([]member, error) {
	if len(s) > maxField {
		return nil, errField
	}
	p := &scanner{s: s}
	var out []member
	for p.spaces(" "); p.at < len(s); {
		m, err := p.member()
		if err != nil || len(out) == maxMembers {
			return nil, errField
		}
		for _, other := range out {
			if other.key == m.key {
				return nil, errField
			}
		}
		out = append(out, m)
		p.spaces(" \t")
		if p.at == len(s) {
			return out, nil
		}
		if !p.eat(',') {
			return nil, errField
		}
		p.spaces(" \t")
		if p.at == len(s) {
			return nil, errField // a comma at the end
		}
	}
	return out, nil
}

func (p *scanner) member() (m member, err error) {
	if m.key, err = p.key(); err != nil || !p.eat('=') {
		return m, errField
	}
	begin := p.at
	switch p.peek() {
	case '(':
		m.list, err = p.innerList()
	case ':':
		m.bytes, err = p.byteSequence()
	default:
		err = errField
	}
	if err != nil {
		return m, err
	}
	m.params, err = p.parameters()
	m.text = p.s[begin:p.at]
	return m, err
}

func (p *scanner) key() (string, error) {
	begin := p.at
	for p.at < len(p.s) {
		c := p.s[p.at]
		first := c >= 'a' && c <= 'z' || c == '*'
		if !first && (p.at == begin || !(c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.')) {
			break
		}
		p.at++
	}
	if p.at == begin {
		return "", errField
	}
	return p.s[begin:p.at], nil
}

func (p *scanner) innerList() ([]string, error) {
	p.at++ // the parenthesis
	list := []string{}
	for {
		before := p.at
		p.spaces(" ")
		if p.eat(')') {
			return list, nil
		}
		if len(list) == maxComponents || len(list) > 0 && p.at == before {
			return nil, errField
		}
		s, err := p.text()
		if err != nil || p.peek() == ';' { // parameters of a component
			return nil, errField
		}
		list = append(list, s)
	}
}

func (p *scanner) text() (string, error) {
	if !p.eat('"') {
		return "", errField
	}
	var b strings.Builder
	for p.at < len(p.s) {
		c := p.s[p.at]
		p.at++
		switch {
		case c == '"':
			return b.String(), nil
		case c == '\\':
			if c = p.peek(); c != '"' && c != '\\' {
				return "", errField
			}
			p.at++
		case c < 0x20 || c > 0x7e:
			return "", errField
		}
		b.WriteByte(c)
	}
	return "", errField
}

func (p *scanner) byteSequence() ([]byte, error) {
	p.at++ // the colon
	end := strings.IndexByte(p.s[p.at:], ':')
	if end < 0 {
		return nil, errField
	}
	text := p.s[p.at : p.at+end]
	p.at += end + 1
	if strings.ContainsAny(text, "\r\n") { // which the decoder would pass over
		return nil, errField
	}
	b, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, errField
	}
	return b, nil
}

func (p *scanner) parameters() ([]param, error) {
	var out []param
	for p.eat(';') {
		p.spaces(" ")
		name, err := p.key()
		if err != nil || len(out) == maxParams {
			return nil, errField
		}
		for _, other := range out {
			if other.name == name {
				return nil, errField
			}
		}
		v := param{name: name, kind: 'b'}
		if p.eat('=') {
			if p.peek() == '"' {
				v.kind = 's'
				v.text, err = p.text()
			} else {
				v.kind = 'i'
				v.number, err = p.integer()
			}
			if err != nil {
				return nil, errField
			}
		}
		out = append(out, v)
	}
	return out, nil
}

func (p *scanner) integer() (int64, error) {
	begin := p.at
	p.eat('-')
	for p.at < len(p.s) && p.s[p.at] >= '0' && p.s[p.at] <= '9' && p.at-begin < 16 {
		p.at++
	}
	n, err := strconv.ParseInt(p.s[begin:p.at], 10, 64)
	if err != nil || n > 999_999_999_999_999 || n < -999_999_999_999_999 {
		return 0, errField
	}
	return n, nil
}

// quoted writes a string as a Structured Field has it.
func quoted(s string) string {
	if strings.ContainsAny(s, `\"`) {
		s = strings.ReplaceAll(strings.ReplaceAll(s, `\`, `\\`), `"`, `\"`)
	}
	return `"` + s + `"`
}
