package eval

import (
	"strings"
)

func isOverride(base string) bool {
	base = strings.TrimSuffix(strings.TrimSuffix(base, ".json"), ".tf")
	return base == "override" || strings.HasSuffix(base, "_override")
}

// override merges the blocks of override files into the ones they name: each
// argument replaces the argument, each type of nested block replaces all of
// that type.
func override(top, over []*block) []*block {
	byKey := map[string]*block{}
	key := func(b *block) string {
		k := b.typ + "\x00" + strings.Join(b.labels, "\x00")
		if a := b.get("alias"); a != nil && b.typ == "provider" {
			k += "\x00" + literalString(a.expr)
		}
		return k
	}
	for _, b := range top {
		if b.typ != "locals" && byKey[key(b)] == nil {
			byKey[key(b)] = b
		}
	}
	for _, o := range over {
		if o.typ == "locals" {
			overrideLocals(top, o)
			continue
		}
		b := byKey[key(o)]
		if b == nil {
			top = append(top, o)
			continue
		}
		names := map[string]bool{}
		for _, it := range o.items {
			if it.block != nil {
				names[it.block.typ] = true
			} else {
				names[it.name] = true
			}
		}
		merged := without(b.body, names)
		merged.items = append(merged.items, o.items...)
		b.body = merged
	}
	return top
}

func overrideLocals(top []*block, o *block) {
	names := map[string]*attr{}
	for _, it := range o.items {
		if it.block == nil {
			a := it.attr
			names[it.name] = &a
		}
	}
	for _, b := range top {
		if b.typ != "locals" {
			continue
		}
		for i := range b.items {
			if a := names[b.items[i].name]; a != nil && b.items[i].block == nil {
				b.items[i].attr = *a
			}
		}
	}
}
