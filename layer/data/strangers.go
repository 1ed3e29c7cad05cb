package data

import (
	"slices"

	"fathom/engine/iam"
	"fathom/engine/iam/access"
	"fathom/estate"
)

// keepsStrangersOut says that a resource's policy as a whole lets in nobody
// whom it does not name, whatever one statement says: another may deny it. The
// engine decides over all requests there can be. It is false where the engine
// cannot be asked: two configurations use the resource's address.
func keepsStrangersOut(e *estate.Estate, r estate.Resource) bool {
	found, err := estate.Once(e, access.New).Outside(r.Meta().ID.Addr)
	return err == nil && !slices.ContainsFunc(found, func(o access.Outsider) bool {
		byPolicy := slices.ContainsFunc(o.Because, func(b access.Because) bool { return b.Effect == iam.Allow && b.Place == "resource" })
		return byPolicy && (o.Who == "anyone" || o.Who == "any AWS account")
	})
}
