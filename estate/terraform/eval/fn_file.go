package eval

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// fileName resolves the first argument of a file function. Names are relative
// to the directory of the root module, where Terraform runs.
func (c *funcCall) fileName() (name string, answer cty.Value, f *fault) {
	v := c.args[0]
	if vague(v) || c.e.tainted(v) {
		return "", c.e.mixed(cty.String, v), nil
	}
	name, f = c.e.text(v, c.p)
	if f != nil {
		return "", v, f
	}
	if c.s.m == nil {
		return "", v, c.p.fault("%s is not allowed here", c.name)
	}
	return join(c.s.m.root.dir, name), cty.NilVal, nil
}

// file reads a file as text, or as a hash of it.
func file(c *funcCall) (cty.Value, *fault) {
	name, answer, f := c.fileName()
	if f != nil || answer != cty.NilVal {
		return answer, f
	}
	b, err := c.e.readFile(name, maxReadBytes)
	if err != nil {
		return cty.DynamicVal, c.p.fault("the file %q cannot be read: %s", name, reason(err))
	}
	c.e.files[name] = true
	if c.name != "file" {
		return cty.StringVal(digest(c.name, b)), nil
	}
	if !utf8.Valid(b) {
		return cty.DynamicVal, c.p.fault("the file %q is not UTF-8 text; use filebase64", name)
	}
	return cty.StringVal(string(b)), nil
}

func fileexists(c *funcCall) (cty.Value, *fault) {
	name, answer, f := c.fileName()
	if f != nil {
		return answer, f
	}
	if answer != cty.NilVal {
		return c.e.mixed(cty.Bool, answer), nil
	}
	st, err := fs.Stat(c.e.fsys, name)
	return cty.BoolVal(err == nil && st.Mode().IsRegular()), nil
}

func fileset(c *funcCall) (cty.Value, *fault) {
	dir, answer, f := c.fileName()
	if f != nil || answer != cty.NilVal {
		return answer, f
	}
	if vague(c.args[1]) || c.e.tainted(c.args[1]) {
		return c.e.mixed(cty.Set(cty.String), c.args[1]), nil
	}
	pattern, f := c.e.text(c.args[1], c.p)
	if f != nil {
		return cty.DynamicVal, f
	}
	pattern = path.Clean(pattern)
	if !doublestar.ValidatePattern(pattern) || strings.Count(pattern, "**") > 8 || strings.Count(pattern, "{") > 8 {
		return cty.DynamicVal, c.p.fault("%q is not a pattern of file names", pattern)
	}
	var out []cty.Value
	seen := 0
	err := fs.WalkDir(c.e.fsys, dir, func(name string, d fs.DirEntry, err error) error {
		if seen++; seen > maxInstances || !c.e.spend(10) {
			return fmt.Errorf("there are too many files under it")
		}
		if err != nil {
			return nil // what cannot be read is not in the set
		}
		rel := strings.TrimPrefix(strings.TrimPrefix(name, dir), "/")
		if dir == "." {
			rel = name
		}
		if d.Type().IsRegular() && doublestar.MatchUnvalidated(pattern, rel) {
			out = append(out, cty.StringVal(rel))
		}
		return nil
	})
	if err != nil {
		return cty.DynamicVal, c.p.fault("fileset of %q: %s", dir, err)
	}
	if len(out) == 0 {
		return cty.SetValEmpty(cty.String), nil
	}
	return cty.SetVal(out), nil
}

type parsedTemplate struct {
	expr hclsyntax.Expression
	err  string
}

// templateFile evaluates a file as a template with the given variables.
func templateFile(c *funcCall) (cty.Value, *fault) {
	name, answer, f := c.fileName()
	if f != nil || answer != cty.NilVal {
		return answer, f
	}
	t, ok := c.e.templates[name]
	if !ok {
		b, err := c.e.readFile(name, maxReadBytes)
		switch {
		case err != nil:
			t.err = "the template " + quoted(name) + " cannot be read: " + reason(err)
		case !utf8.Valid(b):
			t.err = "the template " + quoted(name) + " is not UTF-8 text"
		default:
			c.e.files[name] = true
			x, diags := templateOf(string(b), name, hcl.InitialPos)
			c.e.syntax(name, diags)
			t.expr = x
		}
		c.e.templates[name] = t
	}
	if t.err != "" {
		return cty.DynamicVal, c.p.fault("%s", t.err)
	}
	return c.render(t.expr)
}

// templateString evaluates a string as a template.
func templateString(c *funcCall) (cty.Value, *fault) {
	if vague(c.args[0]) || c.e.wholeHole(c.args[0]) != nil {
		return c.e.mixed(cty.String, c.args...), nil
	}
	s, f := c.e.text(c.args[0], c.p)
	if f != nil {
		return c.args[0], f
	}
	p := posFrom(c.p)
	x, diags := templateOf(s, p.File, hcl.Pos{Line: int(p.Line), Column: int(p.Column)})
	if diags.HasErrors() {
		return cty.DynamicVal, c.p.fault("the template is not valid: %s", plain(diags[0].Summary))
	}
	return c.render(x)
}

// render evaluates a template. Only the given variables exist in it, and it
// cannot read further templates, so that none can include itself.
func (c *funcCall) render(x hclsyntax.Expression) (cty.Value, *fault) {
	vars := c.args[1]
	if vague(vars) {
		return c.e.mixed(cty.String, vars), nil
	}
	if c.s.template {
		return cty.DynamicVal, c.p.fault("a template cannot call %s", c.name)
	}
	if vars.IsNull() || !vars.Type().IsObjectType() && !vars.Type().IsMapType() {
		return cty.DynamicVal, c.p.fault("the variables of a template are a map")
	}
	s := &scope{m: c.s.m, addr: c.s.addr, sealed: true, template: true, strict: c.s.strict}
	for it := vars.ElementIterator(); it.Next(); {
		k, v := it.Element()
		s.vars = &binding{k.AsString(), v, s.vars}
	}
	v, f := c.e.eval(x, s)
	if f != nil {
		return v, f
	}
	t, f := c.e.text(v, c.p)
	return cty.StringVal(t), f
}

var (
	basenameFunc = textFunc([]string{"path"}, cty.String, text1(func(s string) (string, error) { return path.Base(s), nil }))
	dirnameFunc  = textFunc([]string{"path"}, cty.String, text1(func(s string) (string, error) { return path.Dir(s), nil }))
)
