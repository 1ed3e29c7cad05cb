package all

import (
	"fathom/engine/depth"
	"fathom/estate"
)

// Steps are what an attacker could do in an estate, of every layer, outside in.
func Steps(e *estate.Estate) []depth.Step {
	var out []depth.Step
	for _, l := range Layers() {
		if l.Steps == nil {
			continue
		}
		for _, s := range l.Steps(e) {
			s.Layer = l.Name
			out = append(out, s)
		}
	}
	return out
}
