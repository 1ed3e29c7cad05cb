package plan

import (
	"errors"
	"io"
	"io/fs"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"fathom/diag"
	"fathom/estate/terraform/config"
	"fathom/estate/tree"
)

// Read reads the file and calls yield for every resource instance as it goes,
// in the order of the file, so that the caller need not hold the trees. The
// Config it returns has everything but Instances.
//
// For a plan, the instances are what will be there after apply: what
// resource_changes (or else planned_values) keeps, and what the prior state
// holds beside that: data sources that were read already, and resources that
// the plan was told not to look at.
//
// A file that is broken gives what stands before the place, a problem and a
// gap.
func Read(fsys fs.FS, name string, yield func(config.Instance)) *config.Config {
	r := &reader{
		fsys: fsys, name: name, yield: yield, words: newWords(),
		out:       &config.Config{Root: name, Files: []string{name}},
		instances: newCatalogue(), sections: map[string]place{},
	}
	r.whole()
	r.out.Problems = r.problems.list.Sorted()
	return r.out
}

// reader reads one file.
type reader struct {
	fsys  fs.FS
	name  string
	yield func(config.Instance)
	words *words

	out      *config.Config
	problems problems
	brokenAt diag.Pos

	// What the first pass finds: where the large sections begin, and what
	// there is to refer to.
	sections  map[string]place
	instances *catalogue
	conf      *configuration
	variables map[string]*tree.Node
	resolver  *resolver
	version   versions
}

// versions are the members that tell a plan or state of this format from
// others.
type versions struct {
	format  string // format_version
	state   string // version of a terraform.tfstate
	refused bool
}

// whole reads the file. A state is read in one pass. The changes of a plan
// refer to its configuration, which stands at its end, so a plan takes two.
func (r *reader) whole() {
	ok := r.pass(place{line: 1, column: 1}, func(c *cursor) error {
		if err := c.object("the file", func(name string) error { return r.member(c, name) }); err != nil {
			return err
		}
		return c.end()
	})
	if r.version.refused {
		return
	}
	if !ok {
		r.out.Gaps = append(r.out.Gaps, config.Gap{
			Addr: "the rest of " + r.name, Pos: r.brokenAt, Why: "the file is broken there", Hides: true,
		})
	}
	if r.conf != nil {
		r.resolver = newResolver(r.instances, r.conf.root)
		r.out.Providers = configProviders(r.conf.providers, r.variables)
	} else {
		r.resolver = newResolver(r.instances, nil)
	}
	r.section("resource_changes", (*cursor).changesOf)
	if !r.instances.planned {
		r.section("planned_values", (*cursor).plannedOf)
	}
	r.section("deferred_changes", (*cursor).deferredOf)
	r.section("prior_state", (*cursor).priorOf)
	if len(r.problems.list) == 0 && r.version.format == "" && r.version.state == "" {
		r.problems.addf(diag.At(r.name, 1, 1), writeAgain, "this is neither a Terraform plan nor a state: it has no format_version")
	}
}

// pass opens the file and reads from a place in it; it reports whether all
// went well.
func (r *reader) pass(from place, f func(*cursor) error) bool {
	text, file, err := open(r.fsys, r.name, from.offset, 1<<18)
	if err != nil {
		r.brokenAt = diag.Pos{File: r.name}
		r.problems.addf(r.brokenAt, "", "the file cannot be read: %v", err)
		return false
	}
	defer file.Close()
	c := newCursor(text, from, r.name, r.words, &r.problems)
	if err := f(c); err != nil && !errors.Is(err, errStop) {
		if r.brokenAt.IsZero() { // the second pass breaks where the first did
			r.brokenAt = c.broken(err)
		}
		return false
	}
	return true
}

// errStop ends the reading of a file that is not broken but not for us.
var errStop = errors.New("stop")

// section reads a section that the first pass found.
func (r *reader) section(name string, f func(*cursor, *reader) error) {
	if from, ok := r.sections[name]; ok {
		r.pass(from, func(c *cursor) error { return f(c, r) })
	}
}

// member reads one member of the file in the first pass.
func (r *reader) member(c *cursor, name string) (err error) {
	kind, where := c.next()
	switch name {
	case "format_version":
		r.version.format, err = c.str(name)
		if major, _, _ := strings.Cut(r.version.format, "."); err == nil && major != "0" && major != "1" {
			return r.refuse(where, "format version "+clip(r.version.format)+" is newer than this reads", newerFathom)
		}
		return err
	case "version":
		return r.stateVersion(c, kind, where)
	case "configuration":
		r.conf, err = c.configuration()
		return err
	case "variables":
		return c.variables(r)
	case "resource_changes":
		r.sections[name] = where
		return c.noteChanges(r)
	case "prior_state":
		r.sections[name] = where
		return c.notePrior(r)
	case "planned_values":
		r.sections[name] = where
		return c.notePlanned()
	case "deferred_changes":
		r.sections[name] = where
		return c.skip()
	case "values":
		return c.valuesOf(name, r.emit)
	case "resources":
		return c.tfstate(r)
	case "errored", "complete":
		return r.partial(c, name, kind, where)
	}
	return c.skip()
}

const newerFathom = "write it with a Terraform that this Fathom knows, or use a newer Fathom"

func (r *reader) refuse(where place, why, fix string) error {
	r.version.refused = true
	r.problems.addf(where.in(r.name), fix, "%s", why)
	r.out.Gaps = append(r.out.Gaps, config.Gap{Addr: r.name, Pos: where.in(r.name), Why: why, Hides: true})
	return errStop
}

// stateVersion reads the version of a terraform.tfstate, a number.
func (r *reader) stateVersion(c *cursor, kind jsontext.Kind, where place) error {
	raw, err := c.dec.ReadValue()
	if err != nil {
		return err
	}
	if kind != '0' {
		c.wrongType(where.in(c.file), "version", "a number", kind)
		return nil
	}
	r.version.state = clip(string(raw))
	switch r.version.state {
	case "4":
		return nil
	case "0", "1", "2", "3":
		return r.refuse(where, "state version "+r.version.state+" is from before Terraform 0.12", "write it again with terraform state pull of a newer Terraform")
	}
	return r.refuse(where, "state version "+r.version.state+" is newer than this reads", newerFathom)
}

// partial notes that Terraform itself says that the plan does not hold all.
func (r *reader) partial(c *cursor, name string, kind jsontext.Kind, where place) error {
	why := ""
	switch {
	case name == "errored" && kind == 't':
		why = "terraform met an error while it made this plan"
	case name == "complete" && kind == 'f':
		why = "the plan is not complete: it was made with -target, or puts some changes off"
	}
	if why != "" {
		r.out.Gaps = append(r.out.Gaps, config.Gap{Addr: r.name, Pos: where.in(r.name), Why: why, Hides: true})
	}
	return c.skip()
}

// end reads what may follow the last value: nothing.
func (c *cursor) end() error {
	_, where := c.next()
	_, err := c.dec.ReadToken()
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	}
	c.problems.addf(where.in(c.file), writeAgain, "something follows the end of the plan or state")
	return nil
}

// variables keeps the strings among the values of the root's variables.
func (c *cursor) variables(r *reader) error {
	r.variables = map[string]*tree.Node{}
	return c.object("variables", func(variable string) error {
		return c.object("a variable", func(name string) error {
			if kind, _ := c.next(); name != "value" || kind != '"' {
				return c.skip()
			}
			v, err := c.constant()
			r.variables[variable] = v
			return err
		})
	})
}
