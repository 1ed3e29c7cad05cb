package data

import (
	"regexp"
	"strings"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

// whole matches a value that is one reference and nothing else.
var whole = regexp.MustCompile(`^\$\{([A-Za-z][\w.\[\]"-]*)\}$`)

// secretAttributes are those by which Terraform hands a secret itself from one
// resource to another; an arn, id or name only tells where it is.
var secretAttributes = []string{".result", ".password", ".master_password", ".auth_token", ".secret_string", ".secret", ".plaintext", ".private_key_pem"}

// hands says whether a variable of a program gets a secret in clear although
// its value is in no file: from a variable of that name, or from the resource
// that makes it. It returns what it is taken from.
func hands(name, value string) (from string, ok bool) {
	m := whole.FindStringSubmatch(value)
	if m == nil || !secretName(name) {
		return "", false
	}
	from = m[1]
	if i := strings.LastIndex(from, "var."); i == 0 || i > 0 && from[i-1] == '.' {
		return from, secretName(from[i+len("var."):])
	}
	for _, a := range secretAttributes {
		if strings.HasSuffix(from, a) {
			return from, true
		}
	}
	return "", false
}

// handed is the finding of a secret that Terraform writes into the settings of
// a program: whoever may describe it reads the value, and so does the state.
func handed(on estate.Resource, at diag.Pos, where, name, from, fix string) control.Result {
	return control.Partly(on, control.Mistake{
		At: at, Severity: control.Medium,
		Summary:  where + " gets " + name + " as plain text: whoever may read its settings, or the state, has the secret",
		Fix:      fix,
		Evidence: []control.Evidence{control.Saw(at, "%s = %s", name, from)},
	})
}
