package plan

// catalogue knows which instances there are, so that a reference in the
// configuration can be told to mean some of them.
type catalogue struct {
	// resources are the instances by address without key, modules the module
	// instances by path without the last key.
	resources map[string]*group
	modules   map[string]*group
	seen      map[string]bool   // the module paths that are in modules
	unknown   map[string]string // the values of entry.unknown, each once
	planned   bool              // whether resource_changes or planned_values holds anything
}

// group is the instances of one resource in one module instance, in the order
// of the file.
type group struct {
	entries []entry
	byKey   map[string]int // once there are many
}

// entry is one instance.
type entry struct {
	key   string
	state entryState
	// unknown are the names of the attributes that are known only after
	// apply, as |arn|id|.
	unknown string
}

type entryState uint8

const (
	prior   entryState = iota // only the prior state has it
	planned                   // it will be there after apply
	gone                      // it will be destroyed or forgotten
)

func newCatalogue() *catalogue {
	return &catalogue{resources: map[string]*group{}, modules: map[string]*group{}, seen: map[string]bool{}, unknown: map[string]string{}}
}

// add notes an instance. What is planned goes before what the prior state
// says, whichever comes first in the file.
func (c *catalogue) add(a address, state entryState, unknownNames []byte) {
	c.planned = c.planned || state != prior
	unknown, ok := c.unknown[string(unknownNames)]
	if !ok {
		unknown = string(unknownNames)
		c.unknown[unknown] = unknown
	}
	base := a.base()
	g := c.resources[base]
	if g == nil {
		g = &group{}
		c.resources[base] = g
		c.addModule(a.module)
	}
	if i := g.index(a.key); i < 0 {
		g.add(entry{a.key, state, unknown})
	} else if state != prior {
		g.entries[i] = entry{a.key, state, unknown}
	}
}

func (c *catalogue) addModule(path string) {
	for path != "" && !c.seen[path] {
		c.seen[path] = true
		parent, call, key := parentModule(path)
		base := joinModule(parent, "module."+call)
		g := c.modules[base]
		if g == nil {
			g = &group{}
			c.modules[base] = g
		}
		g.add(entry{key: key, state: planned})
		path = parent
	}
}

// find returns the entry of an instance.
func (c *catalogue) find(a address) (entry, bool) {
	if g := c.resources[a.base()]; g != nil {
		if i := g.index(a.key); i >= 0 {
			return g.entries[i], true
		}
	}
	return entry{}, false
}

// pick calls f with the keys of the instances that a reference means: the one
// it names, the only one, the one with the key of who refers, or all.
func (g *group) pick(named, own string, f func(key string)) {
	switch {
	case g == nil:
		return
	case named != "":
		own = named
	case len(g.entries) == 1:
		own = g.entries[0].key
	}
	if i := g.index(own); i >= 0 && g.entries[i].state != gone {
		f(own)
		return
	}
	if named != "" {
		return
	}
	for i := range g.entries {
		if g.entries[i].state != gone {
			f(g.entries[i].key)
		}
	}
}

// manyKeys is the size from which a group is looked up by map.
const manyKeys = 16

func (g *group) add(e entry) {
	g.entries = append(g.entries, e)
	switch {
	case g.byKey != nil:
		g.byKey[e.key] = len(g.entries) - 1
	case len(g.entries) > manyKeys:
		g.byKey = make(map[string]int, 2*manyKeys)
		for i, e := range g.entries {
			g.byKey[e.key] = i
		}
	}
}

func (g *group) index(key string) int {
	if g.byKey != nil {
		if i, ok := g.byKey[key]; ok {
			return i
		}
		return -1
	}
	for i := range g.entries {
		if g.entries[i].key == key {
			return i
		}
	}
	return -1
}
