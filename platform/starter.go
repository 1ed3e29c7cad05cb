package platform

import _ "embed"

//go:embed starter.yaml
var starter string

// Starter is a declaration to begin with: a small shop, every part explained. It
// has no problems.
func Starter() []byte { return []byte(starter) }
