package response

import (
	"strconv"
	"strings"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

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
