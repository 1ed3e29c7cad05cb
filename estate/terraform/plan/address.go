package plan

import (
	"fmt"
	"strings"
	"unicode"
)

// address is the address of a resource instance, taken apart.
type address struct {
	full   string
	module string // module.db["eu"], "" in the root
	data   bool
	typ    string
	name   string
	key    string // [0], ["eu"], "" without count and for_each
}

// base is the address without the key: what count and for_each multiply.
func (a address) base() string { return a.full[:len(a.full)-len(a.key)] }

// written is the address within its module, as the configuration has it.
func (a address) written() string {
	base := a.base()
	if a.module != "" {
		base = base[len(a.module)+1:]
	}
	return base
}

// parseAddress takes an address apart; it reports false for anything else.
func parseAddress(s string) (address, bool) {
	a := address{full: s}
	i := 0
	for strings.HasPrefix(s[i:], "module.") {
		j := i + len("module.")
		j += identifier(s[j:])
		j += index(s[j:])
		if j >= len(s) || s[j] != '.' {
			return a, false
		}
		a.module = s[:j]
		i = j + 1
	}
	if strings.HasPrefix(s[i:], "data.") {
		a.data = true
		i += len("data.")
	}
	n := identifier(s[i:])
	a.typ = s[i : i+n]
	i += n
	if n == 0 || i >= len(s) || s[i] != '.' {
		return a, false
	}
	i++
	n = identifier(s[i:])
	a.name = s[i : i+n]
	i += n
	a.key = s[i : i+index(s[i:])]
	return a, n > 0 && i+len(a.key) == len(s)
}

// identifier is the length of the name that s begins with.
func identifier(s string) int {
	if i := strings.IndexAny(s, ".["); i >= 0 {
		return i
	}
	return len(s)
}

// index is the length of the [0] or ["key"] that s begins with.
func index(s string) int {
	if !strings.HasPrefix(s, "[") {
		return 0
	}
	if !strings.HasPrefix(s, `["`) {
		return strings.IndexByte(s, ']') + 1
	}
	for i := 2; i+1 < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			if s[i+1] == ']' {
				return i + 2
			}
			return 0
		}
	}
	return 0
}

// parentModule splits the path of a module instance into that of its parent,
// the name of the call and the key.
func parentModule(path string) (parent, call, key string) {
	last := 0
	for i := 0; i < len(path); {
		last = i
		i += len("module.")
		if i > len(path) {
			break
		}
		i += identifier(path[i:])
		i += index(path[i:])
		i++
	}
	rest := strings.TrimPrefix(path[last:], "module.")
	n := identifier(rest)
	return strings.TrimSuffix(path[:last], "."), rest[:n], rest[n:]
}

// joinModule is the address of something within a module.
func joinModule(module, rest string) string {
	if module == "" {
		return rest
	}
	return module + "." + rest
}

// quoted writes a for_each key as Terraform does in addresses.
func quoted(key string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i, r := range key {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case (r == '$' || r == '%') && strings.HasPrefix(key[i+1:], "{"):
			b.WriteRune(r)
			b.WriteRune(r)
		case !unicode.IsPrint(r) && r < 1<<16:
			fmt.Fprintf(&b, `\u%04x`, r)
		case !unicode.IsPrint(r):
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
