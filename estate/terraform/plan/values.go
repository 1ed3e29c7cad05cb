package plan

// valuesOf reads a values section, planned_values or the values of a state:
// the tree of modules under root_module.
func (c *cursor) valuesOf(r *reader, what string, emit func(found)) error {
	return c.object(what, func(name string) error {
		if name == "root_module" {
			return c.valuesModule(0, emit, true)
		}
		return c.skip()
	})
}

func (c *cursor) valuesModule(depth int, emit func(found), withValues bool) error {
	if _, where := c.next(); depth > maxModules {
		c.problems.addf(where.in(c.file), writeAgain, "modules nest more than %d levels deep", maxModules)
		return c.skip()
	}
	return c.object("a module", func(name string) error {
		switch name {
		case "resources":
			return c.list(name, func() error { return c.valuesResource(emit, withValues) })
		case "child_modules":
			return c.list(name, func() error { return c.valuesModule(depth+1, emit, withValues) })
		}
		return c.skip()
	})
}

func (c *cursor) valuesResource(emit func(found), withValues bool) error {
	_, where := c.next()
	f := found{pos: where.in(c.file)}
	deposed, bad := false, false
	err := c.object("a resource", func(name string) (err error) {
		s := ""
		switch name {
		case "address":
			s, err = c.str(name)
			if f.addr, _ = addressOf(s); f.addr.full == "" && s != "" {
				c.problems.addf(f.pos, writeAgain, "%q is not the address of a resource", clip(s))
				bad = true
			}
		case "mode":
			s, err = c.str(name)
			f.data = s == "data"
		case "provider_name":
			f.provider, err = c.str(name)
		case "deposed_key":
			s, err = c.str(name)
			deposed = s != ""
		case "values":
			if !withValues {
				return c.skip()
			}
			kind, _ := c.next()
			bad = bad || kind != '{' && kind != 'n'
			f.args, err = c.arguments(name)
		default:
			err = c.skip()
		}
		return err
	})
	switch {
	case err != nil || deposed || bad:
		return err
	case f.addr.full == "":
		c.problems.addf(f.pos, writeAgain, "a resource has no address")
		return nil
	}
	f.data = f.data || f.addr.data
	emit(f)
	return nil
}

// plannedOf reads planned_values, for a plan without resource_changes.
func (c *cursor) plannedOf(r *reader) error {
	return c.valuesOf(r, "planned_values", func(f found) {
		r.instances.add(f.addr, planned, "")
		r.emit(f)
	})
}

// notePrior is the first pass over prior_state: who there is.
func (c *cursor) notePrior(r *reader) error {
	return c.priorState(func(f found) { r.instances.add(f.addr, prior, "") }, false)
}

// priorOf yields what the prior state holds and the plan says nothing of.
func (c *cursor) priorOf(r *reader) error {
	return c.priorState(func(f found) {
		if e, ok := r.instances.find(f.addr); !ok || e.state == prior {
			r.emit(f)
		}
	}, true)
}

func (c *cursor) priorState(emit func(found), withValues bool) error {
	return c.object("prior_state", func(name string) error {
		if name != "values" {
			return c.skip()
		}
		return c.object(name, func(name string) error {
			if name == "root_module" {
				return c.valuesModule(0, emit, withValues)
			}
			return c.skip()
		})
	})
}
