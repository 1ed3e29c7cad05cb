package crs

import (
	"strings"

	"github.com/corazawaf/coraza/v3/experimental/plugins/plugintypes"
)

// maxPairs is how many pairs of a form Coraza reads; a rule of its recommended
// configuration tells of more.
const maxPairs = 1000

// pair is a name and a value of a form.
type pair struct{ name, value string }

// readForm gives the arguments of a form back that Coraza 3.8.1 loses: names that
// differ in the case of letters alone (q and Q) overwrite each other there, and
// which of them the rules see changes from run to run. With that, an attack hides
// behind a second argument.
func readForm(v plugintypes.TransactionVariables) {
	if v.RequestBodyProcessor().Get() != "URLENCODED" {
		return
	}
	pairs := pairsOf(v.RequestBody().Get())
	spelling := make(map[string]string, len(pairs))
	lost := map[string]bool{}
	for _, p := range pairs {
		lower := strings.ToLower(p.name)
		if before, ok := spelling[lower]; ok && before != p.name {
			lost[lower] = true
		}
		spelling[lower] = p.name
	}
	if len(lost) == 0 {
		return
	}
	args := v.ArgsPost()
	for name := range lost {
		args.Remove(name)
	}
	for _, p := range pairs {
		if lost[strings.ToLower(p.name)] {
			args.Add(p.name, p.value)
		}
	}
}

// pairsOf reads a form as Coraza does: an ampersand between pairs, and what is no
// percent-encoding stays as it is.
func pairsOf(body string) (pairs []pair) {
	for part := range strings.SplitSeq(body, "&") {
		if part == "" {
			continue
		}
		if len(pairs) == maxPairs {
			return pairs
		}
		name, value, _ := strings.Cut(part, "=")
		pairs = append(pairs, pair{unescaped(name), unescaped(value)})
	}
	return pairs
}

func unescaped(s string) string {
	if !strings.ContainsAny(s, "%+") {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '+':
			c = ' '
		case c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			c = hex(s[i+1])<<4 | hex(s[i+2])
			i += 2
		}
		b = append(b, c)
	}
	return string(b)
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}

func hex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}
