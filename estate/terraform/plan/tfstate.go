package plan

import (
	"fathom/diag"
	"fathom/estate/tree"
)

// stateBlock is one element of the resources of a terraform.tfstate: a
// resource with all its instances.
type stateBlock struct {
	module, mode, typ, name, provider string
	instances                         []stateInstance
}

type stateInstance struct {
	pos  diag.Pos
	key  string
	args *tree.Node
}

// tfstate reads the resources of a terraform.tfstate. The members of a
// resource may come in any order, so its instances are held until its end.
func (c *cursor) tfstate(r *reader) error {
	return c.list("resources", func() error {
		_, where := c.next()
		var b stateBlock
		err := c.object("a resource", func(name string) (err error) {
			switch name {
			case "module":
				b.module, err = c.str(name)
			case "mode":
				b.mode, err = c.str(name)
			case "type":
				b.typ, err = c.str(name)
			case "name":
				b.name, err = c.str(name)
			case "provider":
				b.provider, err = c.str(name)
			case "instances":
				err = c.list(name, func() error { return c.stateInstance(&b) })
			default:
				err = c.skip()
			}
			return err
		})
		if err != nil {
			return err
		}
		r.emitBlock(c, b, where.in(c.file))
		return nil
	})
}

func (c *cursor) stateInstance(b *stateBlock) error {
	kind, where := c.next()
	in := stateInstance{pos: where.in(c.file)}
	deposed := ""
	err := c.object("an instance", func(name string) (err error) {
		switch name {
		case "index_key":
			in.key, err = c.key()
		case "deposed":
			deposed, err = c.str(name)
		case "attributes":
			in.args, err = c.arguments(name)
		default:
			err = c.pass()
		}
		return err
	})
	if err == nil && kind == '{' && deposed == "" {
		b.instances = append(b.instances, in)
	}
	return err
}

// key reads an index_key: a number from count, a string from for_each.
func (c *cursor) key() (string, error) {
	kind, where := c.next()
	switch kind {
	case '0':
		raw, err := c.dec.ReadValue()
		return "[" + c.number(raw) + "]", err
	case '"':
		s, err := c.text()
		return "[" + quoted(s) + "]", err
	}
	return "", c.not(kind, where, "index_key", "a string or a number")
}

func (r *reader) emitBlock(c *cursor, b stateBlock, where diag.Pos) {
	base := b.typ + "." + b.name
	switch b.mode {
	case "data":
		base = "data." + base
	case "managed", "":
	default:
		return
	}
	base = joinModule(b.module, base)
	if _, ok := addressOf(base); !ok {
		c.noAddress(where, base)
		return
	}
	for _, in := range b.instances {
		a, ok := addressOf(base + in.key)
		if !ok {
			c.noAddress(in.pos, base+in.key)
			continue
		}
		r.emit(found{pos: in.pos, addr: a, data: b.mode == "data", provider: b.provider, args: in.args})
	}
}
