package sounding

import (
	"fmt"
	"slices"
	"strings"

	"fathom/diag"
	"fathom/engine/depth"
	"fathom/layer/ground"
)

// Aim is something attackers are after: a column of the table.
type Aim struct {
	// Name is as --to takes it: store/card-vault, checkout, admin.
	Name string
	// Says is it as a noun phrase: store/card-vault (cardholder: pan).
	Says string
	// At is where it is declared; zero for what is declared nowhere.
	At diag.Pos
	// Targets are the depths that the files ask for.
	Targets []ground.Target

	goals func(ground.Family) []depth.Capability
}

// Goals are what attackers of a family want of it: any of them; none where they
// have nothing to do with it.
func (a *Aim) Goals(f ground.Family) []depth.Capability { return a.goals(f) }

// Jewels are the crown jewels of a ground.
func Jewels(g *ground.Ground) []Aim {
	var out []Aim
	for i := range g.Jewels {
		out = append(out, jewel(&g.Jewels[i]))
	}
	return out
}

func jewel(j *ground.Jewel) Aim {
	return Aim{Name: j.Name, Says: j.Says, At: j.At, Targets: j.Targets, goals: j.Goals}
}

// FindAim finds what --to names: a crown jewel, a store, data:NAME, forge/NAME,
// down/NAME, admin, cluster-admin, deploy or backups. The name of a store or of
// data may leave out what is before the slash or colon.
func FindAim(g *ground.Ground, name string) (Aim, error) {
	for i := range g.Jewels {
		if j := &g.Jewels[i]; alike(j.Name, name) || alike(j.Name, "store/"+name) {
			return jewel(j), nil
		}
	}
	for _, s := range g.Stores {
		if alike(s.Name, name) || alike(s.Name, "store/"+name) {
			j := ground.Jewel{Name: s.Name, Says: s.Name, At: s.Place.Of.Meta().Pos, Store: s, Targets: s.Targets}
			return jewel(&j), nil
		}
	}
	known := aims(g)
	for _, a := range known {
		if a.Name == name || a.Name == "data:"+name {
			return a, nil
		}
	}
	names := make([]string, 0, len(known)+len(g.Jewels)+len(g.Stores))
	for i := range g.Jewels {
		names = append(names, g.Jewels[i].Name)
	}
	for _, s := range g.Stores {
		names = append(names, s.Name)
	}
	for _, a := range known {
		names = append(names, a.Name)
	}
	return Aim{}, unknown("aim", name, names)
}

// alike says whether two names are one: a dash in a name is an underscore in a
// label of Terraform.
func alike(a, b string) bool {
	return strings.ReplaceAll(a, "-", "_") == strings.ReplaceAll(b, "-", "_")
}

// aims are those that are no stores.
func aims(g *ground.Ground) []Aim {
	every := func(c depth.Capability) func(ground.Family) []depth.Capability {
		return func(ground.Family) []depth.Capability { return []depth.Capability{c} }
	}
	out := []Aim{
		{Name: "admin", Says: "the administration of the account", goals: every(ground.Admin)},
		{Name: "cluster-admin", Says: "the administration of the cluster", goals: every(ground.ClusterAdmin)},
		{Name: "deploy", Says: "code of his own in the cluster", goals: every(ground.Deploy)},
		{Name: "backups", Says: "that every backup is destroyed", goals: every(ground.LoseBackups)},
	}
	var data []string
	for _, s := range g.Stores {
		data = append(data, s.Holds...)
	}
	slices.Sort(data)
	for _, d := range slices.Compact(data) {
		out = append(out, Aim{Name: "data:" + d, Says: "all " + d + " there is", goals: every(ground.TakeData(d))})
	}
	for _, w := range g.Workloads {
		_, short, _ := strings.Cut(w.Name, "/")
		at := w.Place.Of.Meta().Pos
		out = append(out,
			Aim{Name: "forge/" + short, Says: "that " + w.Name + " does what he wants", At: at, goals: every(ground.Forge(w.Name))},
			Aim{Name: "down/" + short, Says: "that " + w.Name + " serves nobody", At: at, goals: every(ground.Down(w.Name))},
		)
	}
	return out
}

// FindStarts finds what --from names: a start, or all of a family.
func FindStarts(g *ground.Ground, name string) ([]ground.Start, error) {
	if out := g.Start(name); len(out) > 0 {
		return out, nil
	}
	var names []string
	for _, f := range ground.Families() {
		if f.String() == name {
			return nil, fmt.Errorf("the files show no place where %s could begin", f.Title())
		}
		names = append(names, f.String())
	}
	for _, s := range g.Starts {
		names = append(names, s.Name)
	}
	return nil, unknown("start", name, names)
}

// unknown is the error for a name that nothing has: it lists the nearest.
func unknown(what, name string, names []string) error {
	names = slices.Clone(names)
	slices.SortStableFunc(names, func(a, b string) int { return diag.Distance(name, a) - diag.Distance(name, b) })
	names = slices.Compact(names)
	return fmt.Errorf("there is no %s %q in what was read; the nearest are %s", what, name, strings.Join(names[:min(3, len(names))], ", "))
}
