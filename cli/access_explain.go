package cli

import (
	"fmt"
	"strings"

	"fathom/engine/iam"
)

// explanation is a decision as a sentence.
func explanation(r *iam.Request, d *iam.Decision) string {
	var b strings.Builder
	who := r.Principal.String()
	switch {
	case d.Allowed:
		fmt.Fprintf(&b, "%s may do %s on %s: %s", who, r.Action, r.Resource, because(d.Because, "allows it", "allow it"))
	case d.Explicit:
		fmt.Fprintf(&b, "%s may not do %s on %s: %s", who, r.Action, r.Resource, because(d.Because, "denies it", "deny it"))
	default:
		fmt.Fprintf(&b, "%s may not do %s on %s: %s", who, r.Action, r.Resource, d.Missing)
		if len(d.Because) > 0 {
			fmt.Fprintf(&b, "; that %s is not enough", because(d.Because, "allows it", "allow it"))
		}
	}
	return b.String()
}

func because(bs []iam.Because, one, many string) string {
	var names []string
	for _, b := range bs {
		switch {
		case b.Statement >= 0:
			names = append(names, statementName(&b))
		case b.Policy == "root":
			names = append(names, "being the account's root user")
		default:
			names = append(names, "AWS, to everybody who calls "+b.Policy+",")
		}
	}
	switch len(names) {
	case 0:
		return "no statement " + one
	case 1:
		return names[0] + " " + one
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1] + " " + many
}

// statementName is how a sentence names a statement: by its place, and its Sid
// where it has one.
func statementName(b *iam.Because) string {
	if b.Document == nil {
		return b.Policy
	}
	name := fmt.Sprintf("statement %d of %s", b.Statement, b.Policy)
	if b.Statement < len(b.Document.Statements) {
		if sid := b.Document.Statements[b.Statement].Sid; sid != "" {
			name += fmt.Sprintf(" (%q)", sid)
		}
	}
	return name
}
