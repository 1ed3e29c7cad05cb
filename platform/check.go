package platform

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fathom/diag"
)

// checker asks what no shape can say: whether the parts of a declaration fit
// together.
type checker struct {
	*Platform
	tree     *node
	o        Options
	problems *diag.Problems
	// sound says that every value had its shape: only then is it a mistake that
	// something is named nowhere.
	sound bool
	// The names of what is declared, and the stores that a service uses or, with
	// a name that is nearly right, means to.
	serviceNames, storeNames, dataNames []string
	used                                map[string]bool
}

func (c *checker) check() {
	c.list()
	c.place()
	c.network()
	c.mesh()
	c.edge()
	c.routes()
	c.data()
	c.services()
	c.stores()
	c.flow()
	c.permissions()
	c.people()
	c.pipeline()
	c.notify()
	c.objectives()
	c.exceptions()
	c.exemptions()
}

// list fills in what many checks ask for.
func (c *checker) list() {
	for i := range c.Services {
		c.serviceNames = append(c.serviceNames, c.Services[i].Name)
	}
	for i := range c.Stores {
		c.storeNames = append(c.storeNames, c.Stores[i].Name)
	}
	for i := range c.Data {
		c.dataNames = append(c.dataNames, c.Data[i].Name)
	}
	c.used = map[string]bool{}
	for i := range c.Services {
		for _, u := range c.uses(&c.Services[i]) {
			c.used[u.Store] = true
			if c.Store(u.Store) == nil {
				c.used[nearest(u.Store, c.storeNames)] = true
			}
		}
	}
}

func (c *checker) add(at diag.Pos, fix, format string, args ...any) {
	c.problems.Addf(at, fix, format, args...)
}

// line says where something else was written: line 12.
func (c *checker) line(path ...string) string { return fmt.Sprintf("line %d", c.At(path...).Line) }

// spoilt says whether the mapping at a path, or a value right in it, had not its
// shape: what is not there may only be misspelt.
func (c *checker) spoilt(path ...string) bool {
	n := c.tree.get(path...)
	return n.bad || slices.ContainsFunc(n.entries, func(e entry) bool { return e.val.bad })
}

// known asks for one of some names. what is what they are: "service".
func (c *checker) known(what, name string, names []string, at diag.Pos) bool {
	for _, n := range names {
		if n == name {
			return true
		}
	}
	if name != "" {
		fix := fmt.Sprintf("declare it, or take it away: no %s is declared", what)
		if len(names) > 0 {
			fix = hint(name, names)
		}
		c.add(at, fix, "there is no %s %q", what, name)
	}
	return false
}

// image asks for a repository of the account's registry and a digest.
func (c *checker) image(i Image, at diag.Pos) {
	first, _, slash := strings.Cut(i.Repository, "/")
	switch {
	case i.Repository == "":
	case i.Digest == "":
		c.add(at, "add @sha256: and the 64 digits that docker buildx imagetools inspect shows", "image %q has no digest: a name alone is whatever somebody pushes under it next", i.Repository)
	case !digest.MatchString(i.Digest):
		c.add(at, "write sha256: and 64 hexadecimal digits in lower case", "%q is no digest", i.Digest)
	case slash && strings.ContainsAny(first, ".:"):
		c.add(at, "write what comes after "+first+"/", "image %q names a registry; render puts the account's own there", i.Repository)
	case strings.Contains(i.Repository, ":"):
		c.add(at, "take the tag away", "image %q has a tag besides its digest, which says nothing and misleads", i.Repository)
	case !repository.MatchString(i.Repository):
		c.add(at, "write lower case letters, digits, dots, dashes, underscores and slashes", "%q is not the name of a repository", i.Repository)
	}
}

// longestLeave is how far ahead exceptions and exemptions may be dated.
const longestLeave = 90 * day

// until asks for a day that has not passed and is not far away. what is what it
// is the end of.
func (c *checker) until(what string, t time.Time, at diag.Pos) {
	if c.o.Today.IsZero() || t.IsZero() {
		return
	}
	today := c.o.Today.UTC().Truncate(day)
	switch {
	case t.Before(today):
		c.add(at, "mend what it was for and take it away, or have its owner give it a new day", "%s ended on %s", what, t.Format(time.DateOnly))
	case t.Sub(today) > longestLeave:
		c.add(at, "write a day no later than "+today.Add(longestLeave).Format(time.DateOnly), "%s lasts until %s: more than 90 days, which is longer than anybody remembers it", what, t.Format(time.DateOnly))
	}
}
