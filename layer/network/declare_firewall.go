package network

import (
	"slices"

	"fathom/platform"
)

// filtered says whether some host outside is known by its name only, so that a
// firewall has to tell hosts by their name.
func (d *declaration) filtered() bool {
	return slices.ContainsFunc(d.Services, func(s platform.Service) bool {
		return slices.ContainsFunc(s.Egress, func(e platform.Egress) bool { return len(e.Addresses) == 0 })
	})
}
