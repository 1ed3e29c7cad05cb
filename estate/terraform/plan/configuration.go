package plan

import (
	"fathom/diag"
	"fathom/estate/tree"
)

// module is a module of the configuration section: what was written, before
// count and for_each.
type module struct {
	resources map[string]*resource // by type.name, or data.type.name
	calls     map[string]*call
	outputs   map[string]*expr
}

type resource struct {
	provider string // the root's name for it: aws, aws.backup
	args     *expr  // nil when there is no telling what was written
	forEach  *expr
}

type call struct {
	module  *module
	args    *expr
	forEach *expr
}

// expr is what the configuration section tells of one expression, or of a
// block of them.
type expr struct {
	// refs are what the expression refers to, in its longest form:
	// aws_s3_bucket.b.id, var.x, module.vpc.private_subnets.
	refs []string
	// value is set when the expression is a constant.
	value *tree.Node
	// fields are the arguments of a single block, items the blocks of one
	// name. Both are nil for an expression.
	fields map[string]*expr
	items  []*expr
	block  bool
}

// get returns an argument of a block.
func (e *expr) get(name string) *expr {
	if e == nil {
		return nil
	}
	return e.fields[name]
}

// provider is an entry of provider_config.
type provider struct {
	key, name, alias, module string
	pos                      diag.Pos
	args                     *expr
}

// configuration is the configuration section of a plan.
type configuration struct {
	root      *module
	providers []provider
}

func (c *cursor) configuration() (*configuration, error) {
	out := &configuration{}
	err := c.object("configuration", func(name string) (err error) {
		switch name {
		case "provider_config":
			return c.object(name, func(key string) error {
				p, err := c.provider(key)
				out.providers = append(out.providers, p)
				return err
			})
		case "root_module":
			out.root, err = c.module(0)
			return err
		}
		return c.skip()
	})
	return out, err
}

func (c *cursor) provider(key string) (provider, error) {
	_, where := c.next()
	p := provider{key: key, pos: where.in(c.file)}
	err := c.object("provider_config", func(name string) (err error) {
		switch name {
		case "name":
			p.name, err = c.str(name)
		case "alias":
			p.alias, err = c.str(name)
		case "module_address":
			p.module, err = c.str(name)
		case "expressions":
			p.args, err = c.block(0)
		default:
			err = c.skip()
		}
		return err
	})
	return p, err
}

// maxModules is how deep modules may call modules.
const maxModules = 100

func (c *cursor) module(depth int) (*module, error) {
	m := &module{resources: map[string]*resource{}, calls: map[string]*call{}, outputs: map[string]*expr{}}
	if _, where := c.next(); depth > maxModules {
		c.problems.addf(where.in(c.file), writeAgain, "modules call modules more than %d levels deep", maxModules)
		return m, c.skip()
	}
	err := c.object("a module of the configuration", func(name string) error {
		switch name {
		case "resources":
			return c.list(name, func() error { return c.resource(m) })
		case "module_calls":
			return c.object(name, func(name string) (err error) {
				m.calls[name], err = c.call(depth)
				return err
			})
		case "outputs":
			return c.object(name, func(output string) error {
				return c.object("an output", func(name string) (err error) {
					if name == "expression" {
						m.outputs[output], err = c.expr(0)
						return err
					}
					return c.skip()
				})
			})
		}
		return c.skip()
	})
	return m, err
}

func (c *cursor) resource(m *module) error {
	r := &resource{args: &expr{block: true}} // Terraform leaves out expressions when there are none
	var addr string
	err := c.object("a resource of the configuration", func(name string) (err error) {
		switch name {
		case "address":
			addr, err = c.str(name)
		case "provider_config_key":
			r.provider, err = c.str(name)
			r.provider = providerName(r.provider)
		case "expressions":
			kind, _ := c.next()
			r.args, err = c.block(0)
			if kind != '{' {
				r.args = nil
			}
		case "for_each_expression":
			r.forEach, err = c.expr(0)
		default:
			err = c.skip()
		}
		return err
	})
	if err != nil {
		return err // a resource that was half read would seem to lack arguments
	}
	if a, ok := parseAddress(addr); ok {
		m.resources[a.written()] = r
	}
	return err
}

func (c *cursor) call(depth int) (*call, error) {
	out := &call{}
	err := c.object("a module call", func(name string) (err error) {
		switch name {
		case "module":
			out.module, err = c.module(depth + 1)
		case "expressions":
			out.args, err = c.block(0)
		case "for_each_expression":
			out.forEach, err = c.expr(0)
		default:
			err = c.skip()
		}
		return err
	})
	return out, err
}

// block reads an object of which every member is an expression, a block or a
// list of blocks.
func (c *cursor) block(depth int) (*expr, error) {
	e := &expr{block: true, fields: map[string]*expr{}}
	if depth > maxDepth {
		return e, c.skip()
	}
	err := c.object("expressions", func(name string) (err error) {
		e.fields[name], err = c.expr(depth + 1)
		return err
	})
	return e, err
}

// expr reads an expression, which is an object with references or a
// constant_value, or a block, which is told by having neither. (An argument
// named references is an object itself, not a list.)
func (c *cursor) expr(depth int) (*expr, error) {
	kind, _ := c.next()
	if kind == '[' {
		e := &expr{items: []*expr{}}
		err := c.list("expressions", func() error {
			item, err := c.block(depth + 1)
			e.items = append(e.items, item)
			return err
		})
		return e, err
	}
	e := &expr{}
	if depth > maxDepth {
		return e, c.skip()
	}
	err := c.object("an expression", func(name string) error {
		kind, _ := c.next()
		switch {
		case name == "references" && kind == '[':
			return c.references(e)
		case name == "constant_value":
			v, err := c.constant()
			e.value = v
			return err
		}
		sub, err := c.expr(depth + 1)
		if e.fields == nil {
			e.fields, e.block = map[string]*expr{}, true
		}
		e.fields[name] = sub
		return err
	})
	return e, err
}

func (c *cursor) constant() (*tree.Node, error) {
	c.nodes = 0
	return c.node(0)
}

// references reads a list in which every reference is followed by its own
// beginnings: aws_subnet.a[0].id, aws_subnet.a[0], aws_subnet.a. Only the
// longest of each is kept.
func (c *cursor) references(e *expr) error {
	return c.list("references", func() error {
		ref, err := c.str("a reference")
		if err != nil || ref == "" {
			return err
		}
		if n := len(e.refs); n == 0 || !begins(e.refs[n-1], ref) {
			e.refs = append(e.refs, ref)
		}
		return nil
	})
}

// begins reports whether the reference long goes on from short.
func begins(long, short string) bool {
	if len(long) <= len(short) || long[:len(short)] != short {
		return long == short
	}
	return long[len(short)] == '.' || long[len(short)] == '['
}
