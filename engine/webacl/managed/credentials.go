package managed

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"fathom/diag"
)

// Credentials is a set of stolen credentials, held as hashes. The zero
// Credentials holds none.
type Credentials struct {
	name string
	set  map[[sha256.Size]byte]struct{}
}

// ParseCredentials reads a list of stolen credentials: one SHA-256 a line, in
// hexadecimal, of the username in lower case, a colon and the password; what
// follows a # is a comment.
func ParseCredentials(name string, text []byte) (*Credentials, diag.Problems) {
	var problems diag.Problems
	c := &Credentials{name: name, set: map[[sha256.Size]byte]struct{}{}}
	n := 0
	for line := range strings.SplitSeq(string(text), "\n") {
		n++
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		sum, err := hex.DecodeString(line)
		if err != nil || len(sum) != sha256.Size {
			// The line is not quoted: it may be a credential in the clear.
			problems.Addf(diag.At(name, n, 1), "write 64 hexadecimal digits", "the line is no SHA-256")
			continue
		}
		c.set[[sha256.Size]byte(sum)] = struct{}{}
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return c, nil
}

// Contains says whether a pair is known to be stolen.
func (c *Credentials) Contains(username, password string) bool {
	if c == nil {
		return false
	}
	_, ok := c.set[sha256.Sum256([]byte(strings.ToLower(username)+":"+password))]
	return ok
}
