package lint

import (
	"bytes"
	"reflect"
	"slices"

	"go4.org/netipx"

	"fathom/engine/webacl"
)

// implies says that every request that meets a meets b. No is no answer: it only
// knows what the form of the statements tells.
func implies(a, b webacl.Statement) bool {
	if always(b) || never(a) || reflect.DeepEqual(a, b) {
		return true
	}
	if or, ok := a.(webacl.Or); ok {
		return !slices.ContainsFunc(or.Of, func(of webacl.Statement) bool { return !implies(of, b) })
	}
	if and, ok := b.(webacl.And); ok {
		return !slices.ContainsFunc(and.Of, func(of webacl.Statement) bool { return !implies(a, of) })
	}
	if and, ok := a.(webacl.And); ok && slices.ContainsFunc(and.Of, func(of webacl.Statement) bool { return implies(of, b) }) {
		return true
	}
	if or, ok := b.(webacl.Or); ok && slices.ContainsFunc(or.Of, func(of webacl.Statement) bool { return implies(a, of) }) {
		return true
	}
	return leafImplies(a, b)
}

func leafImplies(a, b webacl.Statement) bool {
	switch a := a.(type) {
	case webacl.Not:
		if b, ok := b.(webacl.Not); ok {
			return implies(b.Of, a.Of)
		}
	case webacl.ByteMatch:
		if b, ok := b.(webacl.ByteMatch); ok && reflect.DeepEqual(a.Field, b.Field) && slices.Equal(a.Transforms, b.Transforms) {
			return bytesImply(a, b)
		}
	case webacl.SizeMatch:
		if b, ok := b.(webacl.SizeMatch); ok && reflect.DeepEqual(a.Field, b.Field) && slices.Equal(a.Transforms, b.Transforms) {
			return sizesImply(a, b)
		}
	case webacl.IPSetMatch:
		if b, ok := b.(webacl.IPSetMatch); ok && a.Set != nil && b.Set != nil && reflect.DeepEqual(a.Forwarded, b.Forwarded) {
			return within(a.Set, b.Set)
		}
	case webacl.GeoMatch:
		if b, ok := b.(webacl.GeoMatch); ok && reflect.DeepEqual(a.Forwarded, b.Forwarded) {
			return subset(a.Countries, b.Countries)
		}
	case webacl.ASNMatch:
		if b, ok := b.(webacl.ASNMatch); ok && reflect.DeepEqual(a.Forwarded, b.Forwarded) {
			return subset(a.ASNs, b.ASNs)
		}
	case webacl.RegexSetMatch:
		if b, ok := b.(webacl.RegexSetMatch); ok && a.Set != nil && b.Set != nil && reflect.DeepEqual(a.Field, b.Field) && slices.Equal(a.Transforms, b.Transforms) {
			return subset(a.Set.Patterns, b.Set.Patterns)
		}
	}
	return false
}

func subset[T comparable](a, b []T) bool {
	return !slices.ContainsFunc(a, func(x T) bool { return !slices.Contains(b, x) })
}

func within(a, b *webacl.IPSet) bool {
	var builder netipx.IPSetBuilder
	for _, p := range b.Prefixes {
		builder.AddPrefix(p)
	}
	set, err := builder.IPSet()
	if err != nil {
		return false
	}
	for _, p := range a.Prefixes {
		if !set.ContainsPrefix(p) {
			return false
		}
	}
	return true
}

// bytesImply compares two comparisons of one value.
func bytesImply(a, b webacl.ByteMatch) bool {
	switch b.Position {
	case webacl.Contains:
		return bytes.Contains(a.Search, b.Search)
	case webacl.StartsWith:
		return (a.Position == webacl.Exactly || a.Position == webacl.StartsWith) && bytes.HasPrefix(a.Search, b.Search)
	case webacl.EndsWith:
		return (a.Position == webacl.Exactly || a.Position == webacl.EndsWith) && bytes.HasSuffix(a.Search, b.Search)
	}
	return false
}

// sizesImply compares two ranges of sizes.
func sizesImply(a, b webacl.SizeMatch) bool {
	if a.Op == webacl.NE || b.Op == webacl.NE {
		lo, hi := sizeRange(a)
		return b.Op == webacl.NE && a.Op != webacl.NE && (b.Size < lo || b.Size > hi)
	}
	alo, ahi := sizeRange(a)
	blo, bhi := sizeRange(b)
	return alo >= blo && ahi <= bhi
}

const largest = 1 << 62

func sizeRange(s webacl.SizeMatch) (lo, hi int64) {
	switch s.Op {
	case webacl.EQ:
		return s.Size, s.Size
	case webacl.LE:
		return 0, s.Size
	case webacl.LT:
		return 0, s.Size - 1
	case webacl.GE:
		return s.Size, largest
	case webacl.GT:
		return s.Size + 1, largest
	}
	return 0, largest
}

// always and never know statements that every request meets, and none.
func always(st webacl.Statement) bool {
	switch st := st.(type) {
	case webacl.And:
		return len(st.Of) > 0 && !slices.ContainsFunc(st.Of, func(of webacl.Statement) bool { return !always(of) })
	case webacl.Or:
		return slices.ContainsFunc(st.Of, always)
	case webacl.Not:
		return never(st.Of)
	case webacl.ByteMatch:
		if len(st.Transforms) > 0 || !everywhere(st.Field) {
			return false
		}
		loose := st.Position != webacl.Exactly && st.Position != webacl.ContainsWord
		return loose && len(st.Search) == 0 || st.Field.Kind == webacl.URIPath && st.Position == webacl.StartsWith && string(st.Search) == "/"
	case webacl.SizeMatch:
		lo, hi := sizeRange(st)
		return everywhere(st.Field) && st.Op != webacl.NE && lo == 0 && hi == largest
	}
	return false
}

func never(st webacl.Statement) bool {
	switch st := st.(type) {
	case webacl.And:
		return slices.ContainsFunc(st.Of, never)
	case webacl.Or:
		return len(st.Of) > 0 && !slices.ContainsFunc(st.Of, func(of webacl.Statement) bool { return !never(of) })
	case webacl.Not:
		return always(st.Of)
	case webacl.IPSetMatch:
		return st.Set != nil && len(st.Set.Prefixes) == 0
	case webacl.SizeMatch:
		lo, hi := sizeRange(st)
		return lo > hi
	case webacl.ByteMatch:
		return neverEqual(st)
	}
	return false
}

// neverEqual knows comparisons that a transformation makes impossible: capital
// letters after LOWERCASE.
func neverEqual(st webacl.ByteMatch) bool {
	if n := len(st.Transforms); n == 0 || st.Transforms[n-1].String() != "LOWERCASE" {
		return false
	}
	return bytes.ContainsAny(st.Search, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
}

// everywhere says that every request has the field.
func everywhere(f webacl.Field) bool { return f.Kind == webacl.URIPath || f.Kind == webacl.Method }
