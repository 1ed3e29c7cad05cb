package jsonbody

import (
	"fmt"
	"strings"
)

// Paths are the JSON pointers (RFC 6901) of IncludedPaths. The elements below each
// are inspected, or the one that it points at; its own key is not. A nil *Paths is
// all elements.
type Paths struct {
	// ends says that a pointer ends here.
	ends bool
	next map[string]*Paths
}

// NewPaths reads pointers such as /cart/items/0/name. Its errors are sentences.
func NewPaths(pointers []string) (*Paths, error) {
	root := &Paths{}
	for _, pointer := range pointers {
		if !strings.HasPrefix(pointer, "/") {
			return nil, fmt.Errorf("the JSON pointer %q does not begin with a slash", pointer)
		}
		at := root
		for token := range strings.SplitSeq(pointer[1:], "/") {
			name, err := unescapeToken(token)
			if err != nil {
				return nil, fmt.Errorf("the JSON pointer %q: %w", pointer, err)
			}
			if at.next == nil {
				at.next = map[string]*Paths{}
			}
			if at.next[name] == nil {
				at.next[name] = &Paths{}
			}
			at = at.next[name]
		}
		at.ends = true
	}
	return root, nil
}

func unescapeToken(token string) (string, error) {
	for i := range len(token) {
		if token[i] == '~' && (i+1 == len(token) || token[i+1] != '0' && token[i+1] != '1') {
			return "", fmt.Errorf("a tilde is written ~0, and a slash in a name ~1")
		}
	}
	return strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~"), nil
}

// child is where a key leads; nil where no pointer goes on.
func (p *Paths) child(key []byte) *Paths {
	if p == nil {
		return nil
	}
	return p.next[string(key)]
}
