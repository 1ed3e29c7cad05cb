package ground

import (
	"slices"
	"strings"

	"fathom/diag"
	"fathom/engine/depth"
	"fathom/engine/reach"
	"fathom/estate"
	"fathom/render"
)

// Jewel is something an attacker is after: a column of the table.
type Jewel struct {
	// Name is as --to takes it: store/card-vault, checkout.
	Name string
	// Says is it as a noun phrase, with what it holds: store/card-vault (cardholder: pan).
	Says string
	// At is where it is declared.
	At diag.Pos
	// Store is it, nil for a way that has to stay open.
	Store *Store
	// Open are for such a way the workloads that serve it.
	Open []string
	// Targets are the depths that the files ask for.
	Targets []Target
}

// Goals are what attackers of a family want of the jewel: any of them. None
// where the family has nothing to do with it: a flood takes no data.
func (j *Jewel) Goals(f Family) []depth.Capability {
	switch {
	case j.Store == nil && f == Floods:
		var out []depth.Capability
		for _, w := range j.Open {
			out = append(out, Down(w))
		}
		return out
	case j.Store == nil || f == Floods:
		return nil
	case f == Insider:
		return []depth.Capability{Lose(j.Store.Name)}
	}
	return []depth.Capability{Take(j.Store.Name)}
}

// Choice says how the jewels were found, for reports.
func (g *Ground) Choice() string {
	switch {
	case slices.ContainsFunc(g.Stores, func(s *Store) bool { return s.Tagged }):
		return "the stores with the tag " + render.TagJewel
	case slices.ContainsFunc(g.Stores, (*Store).guarded):
		return "the stores of the classes cardholder and personal: none has the tag " + render.TagJewel
	case len(g.Stores) > 0:
		return "every store: none has the tag " + render.TagJewel + " or a data class"
	}
	return "none: the files have no store"
}

// guarded says whether what the store holds is about people or their cards.
func (s *Store) guarded() bool {
	words := strings.FieldsFunc(strings.ToLower(s.Class), func(r rune) bool { return r < 'a' || r > 'z' })
	return slices.ContainsFunc(words, func(w string) bool {
		return slices.Contains([]string{"cardholder", "card", "cards", "pan", "pci", "chd", "personal", "pii", "phi", "gdpr", "customer", "health", "sensitive", "restricted", "confidential"}, w)
	})
}

// jewels are the stores that the files call so; else those whose class says that
// they matter; else all of them. And the way to the checkout, where the internet
// is let in at all.
func jewels(g *Ground) []Jewel {
	chosen := slices.DeleteFunc(slices.Clone(g.Stores), func(s *Store) bool { return !s.Tagged })
	if len(chosen) == 0 {
		chosen = slices.DeleteFunc(slices.Clone(g.Stores), func(s *Store) bool { return !s.guarded() })
	}
	if len(chosen) == 0 {
		chosen = g.Stores
	}
	var out []Jewel
	for _, s := range chosen {
		out = append(out, Jewel{Name: s.Name, Says: s.says(), At: s.Place.Of.Meta().Pos, Store: s, Targets: s.Targets})
	}
	if open := critical(g); len(open) > 0 {
		j := Jewel{Name: Checkout, Says: "that customers can buy", At: g.Workload(open[0]).Place.Of.Meta().Pos, Open: open}
		out = append(out, j)
	}
	return out
}

// Checkout is the jewel that a flood is after: that customers can buy.
const Checkout = "checkout"

func (s *Store) says() string {
	var in []string
	if s.Class != "" {
		in = append(in, s.Class)
	}
	if len(s.Holds) > 0 {
		in = append(in, strings.Join(s.Holds, ", "))
	}
	if len(in) == 0 {
		return s.Name
	}
	return s.Name + " (" + strings.Join(in, ": ") + ")"
}

// critical are the workloads that serve the checkout: those with the annotation
// fathom.dev/priority: critical; else those that the internet reaches through a
// load balancer or a distribution.
func critical(g *Ground) []string {
	var noted, open []string
	for _, w := range g.Workloads {
		if p := w.Pods(); p != nil && (p.Annotations[render.NotePrio] == "critical" || p.PodAnnotations[render.NotePrio] == "critical") {
			noted = append(noted, w.Name)
		}
	}
	if len(noted) > 0 {
		return noted
	}
	for _, w := range g.Workloads {
		if g.FromInternet(w.Place) != estate.No {
			open = append(open, w.Name)
		}
	}
	return open
}

// FromInternet says whether the internet reaches a place with any connection.
func (g *Ground) FromInternet(to reach.Place) estate.Truth {
	from, err := g.Net.Find("internet", reach.From)
	if err != nil {
		return estate.No
	}
	r := g.Net.Conns(from, to)
	switch {
	case !r.Sure.Empty():
		return estate.Yes
	case !r.May.Empty():
		return estate.Maybe
	}
	return estate.No
}
