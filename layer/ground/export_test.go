package ground

import (
	"fathom/engine/reach"
	"fathom/estate"
)

// Grouped is grouped with all workloads of an estate.
func Grouped(e *estate.Estate) int {
	var ws []*Workload
	for _, p := range reach.Of(e).Places() {
		if p.Kind == reach.Workload {
			ws = append(ws, &Workload{Name: p.String(), Place: p})
		}
	}
	return len(grouped(e, ws))
}
