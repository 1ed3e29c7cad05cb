package plan

// valuesOf reads a values section, planned_values or the values of a state.
func (c *cursor) valuesOf(what string, emit func(found)) error {
	return c.valuesWalk(what, func() error { return c.valuesResource(emit, true) })
}

// valuesWalk calls f before every resource in the tree of modules under
// root_module; f must read or pass it.
func (c *cursor) valuesWalk(what string, f func() error) error {
	return c.object(what, func(name string) error {
		if name == "root_module" {
			return c.valuesModule(0, f)
		}
		return c.skip()
	})
}

func (c *cursor) valuesModule(depth int, f func() error) error {
	if _, where := c.next(); depth > maxModules {
		c.problems.addf(where.in(c.file), writeAgain, "modules nest more than %d levels deep", maxModules)
		return c.skip()
	}
	return c.object("a module", func(name string) error {
		switch name {
		case "resources":
			return c.list(name, f)
		case "child_modules":
			return c.list(name, func() error { return c.valuesModule(depth+1, f) })
		}
		return c.skip()
	})
}

// valuesResource reads a resource and emits it, unless it is deposed.
func (c *cursor) valuesResource(emit func(found), withValues bool) error {
	kind, where := c.next()
	f := found{pos: where.in(c.file)}
	deposed, written, mode := "", "", "managed"
	err := c.object("a resource", func(name string) (err error) {
		switch name {
		case "address":
			written, err = c.str(name)
			f.addr, _ = addressOf(written)
		case "mode":
			mode, err = c.str(name)
		case "provider_name":
			f.provider, err = c.str(name)
		case "deposed_key":
			deposed, err = c.str(name)
		case "values":
			if !withValues {
				return c.pass()
			}
			f.args, err = c.arguments(name)
		default:
			err = c.pass()
		}
		return err
	})
	switch {
	case err != nil || kind != '{' || deposed != "" || mode != "managed" && mode != "data":
		return err
	case f.addr.full == "":
		c.noAddress(f.pos, written)
		return nil
	}
	f.data = mode == "data" || f.addr.data
	emit(f)
	return nil
}

// plannedOf reads planned_values, for a plan without resource_changes.
func (c *cursor) plannedOf(r *reader) error {
	return c.valuesOf("planned_values", func(f found) {
		r.instances.add(f.addr, planned, nil)
		r.emit(f)
	})
}

// notePlanned is the first pass over planned_values, of which nothing is
// needed but its end. Going by the resource is the quick way there.
func (c *cursor) notePlanned() error {
	return c.valuesWalk("planned_values", func() error { return c.pass() })
}

// notePrior is the first pass over prior_state: who there is.
func (c *cursor) notePrior(r *reader) error {
	return c.priorState(func(f found) { r.instances.add(f.addr, prior, nil) }, false)
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
		return c.valuesWalk(name, func() error { return c.valuesResource(emit, withValues) })
	})
}
