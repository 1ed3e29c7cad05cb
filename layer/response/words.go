package response

import (
	"fmt"
	"strconv"
	"strings"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

// Causes that another layer shares.
const (
	causeDefaultKey = "default-key"
	causeNoLock     = "object-lock"
)

// saw is a piece of evidence.
func saw(at diag.Pos, format string, args ...any) control.Evidence {
	return control.Evidence{At: at, Saw: fmt.Sprintf(format, args...)}
}

// named shows a resource as people speak of it: trail "audit"
// (aws_cloudtrail.audit).
func named(kind string, name estate.Str, b *estate.Base) string {
	if s, ok := name.Known(); ok && s != "" {
		return kind + " " + strconv.Quote(s) + " (" + b.ID.Addr + ")"
	}
	return kind + " " + b.ID.Addr
}

// or returns the position, or another where it is nowhere.
func or(at, otherwise diag.Pos) diag.Pos {
	if at.Line == 0 {
		return otherwise
	}
	return at
}

// half makes absent results partial.
func half(rs ...control.Result) []control.Result {
	for i := range rs {
		if rs[i].Status == control.Absent {
			rs[i].Status = control.Partial
		}
	}
	return rs
}

// list shows a few names and how many more there are.
func list(names []string) string {
	const few = 8
	if len(names) > few {
		return strings.Join(names[:few], ", ") + " and " + strconv.Itoa(len(names)-few) + " more"
	}
	return strings.Join(names, ", ")
}

func containsAny(text string, parts ...string) bool {
	for _, p := range parts {
		if strings.Contains(text, p) {
			return true
		}
	}
	return false
}

// regionOf is the region a resource is in: its own argument, or that of its
// provider. It is absent where the files leave it to the environment.
func regionOf(e *estate.Estate, r estate.Resource) estate.Str {
	b := r.Meta()
	if !b.Region.Absent() {
		return b.Region
	}
	name := b.Provider
	if name == "" {
		name = "aws"
	}
	if p, ok := estate.Get[*estate.Provider](e, estate.ID{Root: b.ID.Root, Addr: `provider["` + name + `"]`}); ok {
		return p.Region
	}
	return estate.Str{}
}
