package data

import (
	"slices"

	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// The files of what is rendered, besides data.tf, which holds the stores.
const (
	keysFile    = "data-keys"
	backupsFile = "data-backups"
	erasureFile = "data-erasure"
	findFile    = "data-discovery"
)

// declare renders the layer: the keys that everything else is sealed with, the
// stores one after the other, their backups, what looks for data where it should
// not be, and what erases a person's data.
func declare(p *platform.Platform) ([]render.Resource, error) {
	return slices.Concat(keys(p), stored(p), backupResources(p), discoveryResources(p), erasure(p)), nil
}

// in puts blocks into a file of their own.
func in(file string, list []render.Resource) []render.Resource {
	for _, r := range list {
		if b, ok := r.(*terraform.Block); ok {
			b.In(file)
		}
	}
	return list
}
