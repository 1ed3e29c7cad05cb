package plan

// mask says which parts of a value are known only after apply. A nil mask
// means that all is known.
type mask struct {
	all    bool
	at     place
	items  []*mask
	fields []maskField
}

type maskField struct {
	name string
	mask *mask
}

// mask reads the value of after_unknown.
func (c *cursor) mask(depth int) (*mask, error) {
	kind, where := c.next()
	if depth > maxDepth {
		return nil, c.skip() // the value itself was said to be too deep
	}
	switch kind {
	case '{', '[', 't':
	default: // false, or something that Terraform does not write
		return nil, c.skip()
	}
	m := c.newMask(where)
	switch kind {
	case '{':
		err := c.object("after_unknown", func(name string) error {
			sub, err := c.mask(depth + 1)
			if sub != nil {
				m.fields = append(m.fields, maskField{name, sub})
			}
			return err
		})
		if err != nil || len(m.fields) == 0 {
			return nil, err
		}
	case '[':
		some := false
		err := c.list("after_unknown", func() error {
			sub, err := c.mask(depth + 1)
			some = some || sub != nil
			m.items = append(m.items, sub)
			return err
		})
		if err != nil || !some {
			return nil, err
		}
	default:
		m.all = true
		return m, c.skip()
	}
	return m, nil
}

// newMask takes a mask from a slab: most are of computed attributes that
// nobody wrote, and live no longer than it takes to see that.
func (c *cursor) newMask(where place) *mask {
	if len(c.masks) == 0 {
		c.masks = make([]mask, 64)
	}
	m := &c.masks[0]
	c.masks = c.masks[1:]
	m.at = where
	return m
}
