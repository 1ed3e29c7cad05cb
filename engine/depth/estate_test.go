package depth

import (
	"fmt"
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
			g.add("attack", at, "", []Capability{{Kind: "internet"}}, "edge.waf", "edge.rate", fmt.Sprintf("edge.%d", i%20))
		}
		g.add("run", at, "", []Capability{{Kind: "attack", Of: at}}, fmt.Sprintf("supply.%d", i%20))
		g.add("act", fmt.Sprintf("role/%d", i%(n/4+1)), "", []Capability{{Kind: "run", Of: at}}, fmt.Sprintf("identity.%d", i%30))
		g.add("run", fmt.Sprintf("node/%d", i%20), "", []Capability{{Kind: "run", Of: at}}, "supply.pods", fmt.Sprintf("node.%d", i%20))
		g.add("run", at, "", []Capability{{Kind: "run", Of: fmt.Sprintf("node/%d", i%20)}})
		for range 18 {
			j := r.IntN(n)
			if tier(j) > tier(i)+1 {
				j = r.IntN(n/5+1) + tier(i)*n/5
			}
			j = min(j, n-1)
			g.add("attack", name(j), "", []Capability{{Kind: "run", Of: at}},
				fmt.Sprintf("network.%d", tier(j)*8+j%8), fmt.Sprintf("policy.%d", i%20), fmt.Sprintf("mesh.%d", tier(j)*8+i%8))
		}
		if tier(i) == 4 {
			g.add("hold", "vault", at, []Capability{{Kind: "run", Of: at}}, fmt.Sprintf("data.login%d", i%10), "network.vault")
			g.add("unseal", "vault", "", []Capability{{Kind: "act", Of: fmt.Sprintf("role/%d", i%(n/4+1))}}, "data.key")
			g.add("out", at, "", []Capability{{Kind: "run", Of: at}}, fmt.Sprintf("egress.%d", i%20), "network.egress")
			g.add("take", "vault", "", []Capability{{Kind: "hold", Of: "vault", By: at}, {Kind: "unseal", Of: "vault"}, {Kind: "out", Of: at}}, "response.trail", "response.detections")
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

func (g *generator) stop(control string) Stop {
	return Stop{Guard: Guard{Control: control, On: "x"}, State: Standing}
}

// nasty are so many random steps with joins everywhere and guards at random, of
// 200 controls, in layers that lead from in to gold.
func nasty(number int) []Step {
	r := rand.New(rand.NewPCG(2, uint64(number)))
	g := &generator{r: r}
	const layers = 6
	width := max(number/(4*layers), 2)
	node := func(layer, i int) Capability { return Capability{Kind: "c", Of: fmt.Sprint(layer), By: fmt.Sprint(i)} }
	for range number {
		layer := 1 + r.IntN(layers)
		c := node(layer, r.IntN(width))
		var needs []Capability
		for range 1 + r.IntN(3) {
			from := layer - 1 + r.IntN(10)/9
			needs = append(needs, node(from, r.IntN(width)))
		}
		if layer == 1 {
			needs = []Capability{{Kind: "in"}}
		}
		var controls []string
		for range 1 + r.IntN(2) {
			controls = append(controls, fmt.Sprintf("l%d.%d", layer, r.IntN(33)))
		}
		g.add(c.Kind, c.Of, c.By, needs, controls...)
	}
	for i := range 5 {
		g.steps = append(g.steps, Step{Gives: Capability{Kind: "gold"}, Needs: []Capability{node(layers, i)}})
	}
	return g.steps
}
