package draft

import (
	"cmp"
	"maps"
	"slices"

	"fathom/diag"
	"fathom/estate"
	"fathom/platform"
)

// Options are what the files themselves do not say.
type Options struct {
	// Name is what the platform is called where no file tells: the name of the
	// directory.
	Name string
}

// Draft is a declaration of what is there.
type Draft struct {
	// Text is the declaration.
	Text []byte
	// Notes are what could not be told and what was not taken over, each with its
	// place in the estate.
	Notes diag.Problems
	// Problems are those that the declaration still has; there are none unless
	// the estate holds something that nobody thought of.
	Problems diag.Problems
}

// Of drafts a declaration of an estate.
func Of(e *estate.Estate, o Options) Draft {
	d := &drafter{e: e, o: o, dataOf: map[string]*datum{}}
	d.findPlace()
	d.findServices()
	d.findStores()
	d.findCalls()
	d.findUses()
	d.findApart()
	d.findData()
	root := object()
	root.set("platform", d.platform())
	root.set("network", d.network())
	root.set("cluster", d.cluster())
	root.set("mesh", d.mesh())
	root.set("edge", d.edge())
	root.set("data", d.data())
	root.set("services", d.servicesNode())
	root.set("stores", d.storesNode())
	root.set("operators", d.operators())
	root.set("breakGlass", d.breakGlass())
	root.set("pipeline", d.pipeline())
	root.set("logs", d.logs())
	root.set("notify", d.notify())
	d.unread()
	return d.settle(root)
}

// drafter is what is known while a draft is made.
type drafter struct {
	e *estate.Estate
	o Options

	name, region, account       string // of the platform, as declared
	nameWhy, regionWhy, acctWhy string // why they could not be told; ""
	services                    []*service
	stores                      []*store
	unused                      []*store // that no service is known to use
	dataOf                      map[string]*datum
	configMaps                  map[nsName]*estate.ConfigMap
	notes                       diag.Problems
}

// nsName is a Kubernetes object of a kind.
type nsName struct{ namespace, name string }

// note adds to the list of what was left out.
func (d *drafter) note(at diag.Pos, fix, format string, args ...any) {
	d.notes.Addf(at, fix, format, args...)
}

const heading = `# Drafted by fathom init --from, of what is there. Lines that say "could not tell"
# hold a value that parses and that nobody declared: put the right one there, and
# take the comment away. Read the rest too before anything is rendered from it.

`

// settle prints the draft and asks the checker. What it refuses gives way: a
// value that may be left out is, and others are mended.
func (d *drafter) settle(root *node) Draft {
	root.tie()
	var out Draft
	var marks []mark
	for range 25 {
		out.Text, marks = print(root, heading)
		_, out.Problems = platform.Parse("platform.yaml", out.Text, platform.Options{})
		changed := false
		for _, p := range out.Problems {
			changed = d.giveWay(nodeAt(marks, p.Pos), p) || changed
		}
		if !changed {
			break
		}
		root.tie()
	}
	root.each("", func(path string, n *node) {
		if n.remark != "" {
			d.notes.Addf(n.at, n.fix, "%s: %s", path, n.remark)
		}
	})
	for _, p := range out.Problems {
		d.notes.Addf(diag.Pos{}, p.Fix, "the draft has a problem in its line %d: %s", p.Line, p.Summary)
	}
	out.Notes = d.notes.Sorted()
	return out
}

// giveWay changes the draft at a node, or at the nearest one above it that can
// be changed, and says whether it did.
func (d *drafter) giveWay(n *node, p diag.Problem) bool {
	for ; n != nil; n = n.up {
		switch {
		case n.gone:
			return true // with another problem of the same value
		case n.mend != nil && n.mend(p):
			return true
		case n.loose:
			n.gone = true
			d.notes.Addf(n.at, p.Fix, "left out: %s", p.Summary)
			return true
		}
	}
	return false
}

// unread says which parts of the files are missing from the draft.
func (d *drafter) unread() {
	for _, g := range d.e.Gaps {
		if g.AWS || g.Kubernetes {
			d.note(g.Pos, "", "%s is not in the draft: %s", g.Of, g.Why)
		}
	}
}

// sortedKeys are the keys of a map in order.
func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// commonest is the text that occurs most often, the first of several by order.
func commonest(texts []string) string {
	count := map[string]int{}
	for _, t := range texts {
		if t != "" {
			count[t]++
		}
	}
	best := ""
	for _, t := range sortedKeys(count) {
		if count[t] > count[best] {
			best = t
		}
	}
	return best
}
