package plan

import (
	"slices"
	"strings"

	"fathom/diag"
	"fathom/estate/terraform/config"
	"fathom/estate/tree"
)

// change is one element of resource_changes.
type change struct {
	pos      diag.Pos
	addr     address
	data     bool
	provider string
	deposed  bool
	actions  []string
	after    *tree.Node
	unknown  *mask
	// bad is set when after is not an object: there is no telling what it says.
	bad bool
}

// destroys reports whether the instance will not be there after apply.
func (ch *change) destroys() bool {
	switch {
	case len(ch.actions) == 1:
		return ch.actions[0] == "delete" || ch.actions[0] == "forget"
	case len(ch.actions) > 1:
		return !slices.Contains(ch.actions, "create")
	}
	return false
}

// noteChanges is the first pass over resource_changes: who there is, and which
// of their attributes are known only after apply.
func (c *cursor) noteChanges(r *reader) error {
	return c.list("resource_changes", func() error {
		ch, names, err := c.changeHead()
		if err != nil || ch.deposed || ch.addr.full == "" {
			return err
		}
		state := planned
		if ch.destroys() {
			state = gone
		}
		r.instances.add(ch.addr, state, names)
		return nil
	})
}

// changeHead reads a change without its values. Problems are left to the
// second pass.
func (c *cursor) changeHead() (ch change, unknown []byte, err error) {
	if kind, _ := c.next(); kind != '{' {
		return ch, nil, c.skip()
	}
	err = c.object("", func(name string) (err error) {
		kind, _ := c.next()
		switch {
		case name == "address" && kind == '"':
			var s string
			s, err = c.text()
			ch.addr, _ = addressOf(s)
		case name == "deposed":
			ch.deposed = kind == '"'
			err = c.pass()
		case name == "change" && kind == '{':
			err = c.object("", func(name string) (err error) {
				kind, _ := c.next()
				switch {
				case name == "actions" && kind == '[':
					ch.actions, err = c.actions(false)
				case name == "after_unknown" && kind == '{':
					unknown, err = c.unknownNames()
				default:
					err = c.pass()
				}
				return err
			})
		default:
			err = c.pass()
		}
		return err
	})
	return ch, unknown, err
}

// addressOf parses an address; one that does not parse gives nothing.
func addressOf(s string) (address, bool) {
	a, ok := parseAddress(s)
	if !ok {
		return address{}, false
	}
	return a, true
}

// unknownNames are the names in after_unknown that hold anything, as |arn|id|.
func (c *cursor) unknownNames() ([]byte, error) {
	c.names = append(c.names[:0], '|')
	err := c.object("", func(name string) error {
		m, err := c.mask(0)
		if m != nil {
			c.names = append(c.names, name...)
			c.names = append(c.names, '|')
		}
		return err
	})
	return c.names, err
}

func (c *cursor) actions(report bool) (out []string, err error) {
	err = c.list("actions", func() error {
		if kind, _ := c.next(); kind != '"' && !report {
			return c.pass()
		}
		s, err := c.str("an action")
		if len(out) < 4 {
			out = append(out, s)
		}
		return err
	})
	return out, err
}

// changesOf is the second pass: every instance with its values.
func (c *cursor) changesOf(r *reader) error {
	return c.list("resource_changes", func() error {
		ch, err := c.change()
		if err == nil {
			r.emitChange(ch, "")
		}
		return err
	})
}

// deferredOf reads what Terraform put off: it will be there, and nobody knows
// how or how many.
func (c *cursor) deferredOf(r *reader) error {
	return c.list("deferred_changes", func() error {
		var ch change
		reason := ""
		err := c.object("a deferred change", func(name string) (err error) {
			switch name {
			case "reason":
				reason, err = c.str(name)
			case "resource_change":
				ch, err = c.change()
			default:
				err = c.pass()
			}
			return err
		})
		if err == nil && ch.addr.full != "" {
			r.emitChange(ch, "terraform put it off: "+clip(strings.ReplaceAll(reason, "_", " ")))
		}
		return err
	})
}

func (c *cursor) change() (ch change, err error) {
	kind, where := c.next()
	ch.pos = where.in(c.file)
	written, mode := "", "managed"
	err = c.object("a resource change", func(name string) (err error) {
		s := ""
		switch name {
		case "address":
			written, err = c.str(name)
			ch.addr, _ = addressOf(written)
		case "mode":
			mode, err = c.str(name)
			ch.data = mode == "data"
		case "provider_name":
			ch.provider, err = c.str(name)
		case "deposed":
			s, err = c.str(name)
			ch.deposed = s != ""
		case "change":
			err = c.changeValues(&ch)
		default:
			err = c.pass()
		}
		return err
	})
	if err == nil && kind == '{' && ch.addr.full == "" && (mode == "managed" || mode == "data") {
		c.noAddress(ch.pos, written)
	}
	return ch, err
}

// noAddress records a resource that cannot be named. Resources of other modes
// than managed and data, which are not kept in the cloud, have addresses of
// another form and are passed over.
func (c *cursor) noAddress(pos diag.Pos, written string) {
	if written == "" {
		c.problems.addf(pos, writeAgain, "a resource has no address")
		return
	}
	c.problems.addf(pos, writeAgain, "%q is not the address of a resource", clip(written))
}

func (c *cursor) changeValues(ch *change) error {
	return c.object("change", func(name string) (err error) {
		switch name {
		case "actions":
			ch.actions, err = c.actions(true)
		case "after":
			if ch.deposed || ch.destroys() {
				return c.pass()
			}
			kind, _ := c.next()
			ch.bad = kind != '{' && kind != 'n'
			ch.after, err = c.arguments(name)
		case "after_unknown":
			if ch.deposed || ch.destroys() {
				return c.pass()
			}
			ch.unknown, err = c.mask(0)
		default:
			err = c.pass()
		}
		return err
	})
}

// emitChange yields the instance that a change leaves behind, if any.
func (r *reader) emitChange(ch change, maybe string) {
	if ch.deposed || ch.destroys() || ch.addr.full == "" {
		return
	}
	switch {
	case ch.bad:
		r.unknown(ch.addr, ch.pos, "what it will be is not an object")
		return
	case ch.unknown != nil && ch.unknown.all:
		r.unknown(ch.addr, ch.pos, onlyAfterApply)
		return
	case ch.after == nil && ch.unknown == nil:
		return // nothing will be there
	case ch.after == nil:
		ch.after = &tree.Node{Kind: tree.Map, Pos: ch.pos}
	}
	written := r.written(ch.addr)
	if ch.unknown != nil {
		f := filler{r: r.resolver, file: r.name, by: writer{scope: r.resolver.scope(ch.addr.module), key: ch.addr.key}}
		var args *expr
		if written != nil {
			args, f.by.each = written.args, written.forEach
		}
		f.fill(ch.after, ch.unknown, args)
	}
	r.emit(found{pos: ch.pos, addr: ch.addr, data: ch.data || ch.addr.data, provider: ch.provider, args: ch.after, maybe: maybe})
}

// written returns what the configuration has of an instance, or nil.
func (r *reader) written(a address) *resource {
	if m := r.resolver.scope(a.module).module; m != nil {
		return m.resources[a.written()]
	}
	return nil
}

// found is an instance as it was found in any of the formats.
type found struct {
	pos      diag.Pos
	addr     address
	data     bool
	provider string
	args     *tree.Node
	maybe    string
}

// unknown notes a resource of which nothing is known but that it is there.
func (r *reader) unknown(a address, pos diag.Pos, why string) {
	if len(r.out.Gaps) < maxProblems {
		r.out.Gaps = append(r.out.Gaps, config.Gap{Addr: a.full, Pos: pos, Why: why})
	}
}

// emit yields an instance.
func (r *reader) emit(f found) {
	if f.args == nil {
		r.unknown(f.addr, f.pos, "the file has no values for it")
		return
	}
	in := config.Instance{
		Addr: f.addr.full, Module: f.addr.module, Data: f.data,
		Type: r.words.get([]byte(f.addr.typ)), Name: f.addr.name,
		Provider: providerName(f.provider), Pos: f.pos, Args: f.args, Maybe: f.maybe,
	}
	if r.resolver != nil {
		if w := r.written(f.addr); w != nil && w.provider != "" {
			in.Provider = w.provider
		}
	}
	r.yield(in)
}
