package depth

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
)

// estateLike are about so many steps between workloads, as the layers give them:
// every workload connects to a few others past the guards of both, breaks into
// them, gets their roles and what these may read; some guards go with others;
// and to take a store takes its contents, its key and a way out at once. It has
// 200 controls.
func estateLike(number int) []Step {
	r := rand.New(rand.NewPCG(1, uint64(number)))
	g := &generator{r: r}
	n := max(number/25, 8) // workloads
	name := func(i int) string { return fmt.Sprintf("shop/%d", i) }
	tier := func(i int) int { return i * 5 / n }
	for i := range n {
		at := name(i)
		if tier(i) == 0 {
			g.add("attack", at, "", []Capability{{Kind: "internet"}}, g.some(i%3 > 0, "edge.waf", fmt.Sprintf("edge.%d", i%20))...)
		}
		g.add("run", at, "", []Capability{{Kind: "attack", Of: at}}, g.some(i%4 == 0, fmt.Sprintf("supply.%d", i%20))...)
		g.add("act", fmt.Sprintf("role/%d", i%(n/4+1)), "", []Capability{{Kind: "run", Of: at}}, fmt.Sprintf("identity.%d", i%30))
		g.add("run", fmt.Sprintf("node/%d", i%20), "", []Capability{{Kind: "run", Of: at}}, g.some(i%7 > 0, "supply.pods", fmt.Sprintf("node.%d", i%20))...)
		g.add("run", at, "", []Capability{{Kind: "run", Of: fmt.Sprintf("node/%d", i%20)}})
		for range 18 {
			j := r.IntN(n)
			if tier(j) > tier(i)+1 {
				j = r.IntN(n/5+1) + tier(i)*n/5
			}
			j = min(j, n-1)
			guards := []string{fmt.Sprintf("network.%d", tier(j)*8+j%8)}
			if i%3 > 0 {
				guards = append(guards, fmt.Sprintf("policy.%d", i%20))
			}
			if j%3 > 0 {
				guards = append(guards, fmt.Sprintf("mesh.%d", tier(j)*8+i%8))
			}
			g.add("attack", name(j), "", []Capability{{Kind: "run", Of: at}}, guards...)
		}
		if tier(i) == 4 {
			g.add("hold", "vault", at, []Capability{{Kind: "run", Of: at}}, g.some(i%5 > 0, "network.vault", fmt.Sprintf("data.login%d", i%10))...)
			g.add("unseal", "vault", "", []Capability{{Kind: "act", Of: fmt.Sprintf("role/%d", i%(n/4+1))}}, "data.key")
			g.add("out", at, "", []Capability{{Kind: "run", Of: at}}, g.some(i%5 != 1, fmt.Sprintf("egress.%d", i%20))...)
			g.add("take", "vault", "", []Capability{{Kind: "hold", Of: "vault", By: at}, {Kind: "unseal", Of: "vault"}, {Kind: "out", Of: at}}, "response.trail")
		}
	}
	admin := Capability{Kind: "admin"}
	for i := range n / 4 {
		g.add("admin", "", "", []Capability{{Kind: "act", Of: fmt.Sprintf("role/%d", i)}}, fmt.Sprintf("identity.%d", (i+7)%30), "identity.boundary", fmt.Sprintf("access.%d", i%10))
	}
	for i := range 10 {
		g.steps = append(g.steps, Step{Gives: Off(Guard{fmt.Sprintf("egress.%d", i), "x"}), Needs: []Capability{admin}, Stops: []Stop{g.stop("identity.guardrails")}})
	}
	return g.steps
}

type generator struct {
	r     *rand.Rand
	steps []Step
}

func (g *generator) add(kind, of, by string, needs []Capability, controls ...string) {
	s := Step{Gives: Capability{kind, of, by}, Needs: needs, Layer: "test", Says: kind + " " + of}
	for _, c := range controls {
		s.Stops = append(s.Stops, g.stop(c))
	}
	g.steps = append(g.steps, s)
}

// some are all the controls, or all but the last.
func (g *generator) some(all bool, controls ...string) []string {
	if all {
		return controls
	}
	return controls[:len(controls)-1]
}

func (g *generator) stop(control string) Stop {
	return Stop{Guard: Guard{Control: control, On: "x"}, State: Standing}
}

// nasty are so many random steps with joins everywhere and two guards at most,
// of so many controls, in five layers that lead from in to gold.
func nasty(number, controls int) []Step {
	r := rand.New(rand.NewPCG(2, uint64(number)))
	g := &generator{r: r}
	const layers = 5
	width := max(number/(4*layers), 2)
	node := func(layer, i int) Capability { return Capability{Kind: "c", Of: fmt.Sprint(layer), By: fmt.Sprint(i)} }
	for range number {
		layer := 1 + r.IntN(layers)
		c := node(layer, r.IntN(width))
		needs := []Capability{{Kind: "in"}}
		if layer > 1 {
			needs = needs[:0]
			for range 1 + r.IntN(3) {
				needs = append(needs, node(layer-1+r.IntN(10)/9, r.IntN(width)))
			}
		}
		var guards []string
		for range 1 + r.IntN(2) {
			guards = append(guards, fmt.Sprintf("l%d.%d", layer, r.IntN(max(controls/layers, 1))))
		}
		g.add(c.Kind, c.Of, c.By, needs, guards...)
	}
	for i := range 2 {
		g.steps = append(g.steps, Step{Gives: Capability{Kind: "gold"}, Needs: []Capability{node(layers, i)}})
	}
	return g.steps
}

// half makes the guards of every second control missing, and says what those
// controls cost.
func half(steps []Step) []Candidate {
	var out []Candidate
	seen := map[string]bool{}
	for i := range steps {
		for j := range steps[i].Stops {
			stop := &steps[i].Stops[j]
			h := fnv.New32a()
			h.Write([]byte(stop.Control))
			if sum := h.Sum32() >> 3; sum%2 == 0 {
				stop.State = Missing
				if !seen[stop.Control] {
					seen[stop.Control] = true
					out = append(out, Candidate{stop.Control, 1 + int(sum/2%5)})
				}
			}
		}
	}
	return out
}
