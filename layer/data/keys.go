package data

import (
	"strings"

	"fathom/estate"
)

// ownKey says whether a reference names a customer-managed key: a key of the
// estate, or one behind an alias that is not AWS's own. AWS keeps the prefix
// alias/aws/ for its keys (AWS KMS Developer Guide, "Aliases").
func ownKey(e *estate.Estate, ref estate.Ref[*estate.KMSKey]) (estate.Truth, string) {
	for _, id := range ref.To {
		if t, why := ownKeyAt(e, id); t != estate.Maybe || why != "" {
			return t, why
		}
	}
	name, known := ref.Known()
	switch {
	case ref.Absent(), known && name == "", strings.Contains(name, "alias/aws/"):
		return estate.No, ""
	case strings.Contains(name, "alias/"):
		return estate.Yes, ""
	case known:
		return estate.Maybe, "key " + name + " is not in what was read, and may be AWS's own"
	}
	return estate.Maybe, ref.Why()
}

// ownKeyAt is ownKey for one resource that a reference names.
func ownKeyAt(e *estate.Estate, id estate.ID) (estate.Truth, string) {
	if _, ok := estate.Get[*estate.KMSKey](e, id); ok {
		return estate.Yes, ""
	}
	if _, ok := estate.Get[*estate.KMSAlias](e, id); ok {
		return estate.Yes, "" // nobody but AWS can make an alias of AWS's
	}
	x, ok := estate.Get[*estate.External](e, id)
	if !ok || !strings.HasPrefix(x.Type, "aws_kms_") {
		return estate.Maybe, ""
	}
	if x.Args == nil { // a kind of key that Fathom has no type for
		return estate.Yes, ""
	}
	for _, arg := range []string{"name", "key_id"} {
		text, known := x.Args.Get(arg).Literal()
		switch {
		case strings.Contains(text, "alias/aws/"):
			return estate.No, ""
		case known && strings.Contains(text, "alias/"):
			return estate.Yes, ""
		}
	}
	return estate.Maybe, id.Addr + " is looked up outside of what was read"
}
