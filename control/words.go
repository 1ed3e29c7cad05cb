package control

import (
	"fmt"
	"strconv"
	"strings"

	"fathom/diag"
	"fathom/estate"
)

// Saw is a piece of evidence.
func Saw(at diag.Pos, format string, args ...any) Evidence {
	return Evidence{At: at, Saw: fmt.Sprintf(format, args...)}
}

// Named shows a resource as people speak of it: bucket "invoices"
// (aws_s3_bucket.shop["invoices"]).
func Named(kind string, name estate.Str, b *estate.Base) string {
	if s, ok := name.Known(); ok && s != "" {
		return kind + " " + strconv.Quote(s) + " (" + b.ID.Addr + ")"
	}
	return kind + " " + b.ID.Addr
}

// Few shows at most n names and how many more there are.
func Few(names []string, n int) string {
	if len(names) > n {
		return strings.Join(names[:n], ", ") + " and " + strconv.Itoa(len(names)-n) + " more"
	}
	return strings.Join(names, ", ")
}
