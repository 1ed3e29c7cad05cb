package all

import (
	"slices"
	"sync"

	"fathom/engine/depth"
	"fathom/estate"
	"fathom/layer/ground"
)

// Steps are what an attacker could do in an estate, of every layer, outside in.
// The layers are asked at the same time: each looks at another part.
func Steps(e *estate.Estate) []depth.Step {
	ground.Of(e) // what all of them ask
	layers := Layers()
	of := make([][]depth.Step, len(layers))
	var wg sync.WaitGroup
	for i := range layers {
		if l := &layers[i]; l.Steps != nil {
			wg.Go(func() {
				of[i] = l.Steps(e)
				for j := range of[i] {
					of[i][j].Layer = l.Name
				}
			})
		}
	}
	wg.Wait()
	return slices.Concat(of...)
}
