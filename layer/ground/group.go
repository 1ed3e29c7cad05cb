package ground

import (
	"fathom/estate"
)

// grouped leaves one of workloads that differ in nothing but their names.
func grouped(e *estate.Estate, ws []*Workload) []*Workload {
	return ws
}
