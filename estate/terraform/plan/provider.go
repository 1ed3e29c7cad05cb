package plan

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"fathom/diag"
	"fathom/estate/terraform/config"
	"fathom/estate/tree"
)

// providerName makes aws.backup of the many ways in which plans and states
// name a provider configuration:
//
//	aws.backup
//	module.x:aws.backup
//	registry.terraform.io/hashicorp/aws
//	provider["registry.terraform.io/hashicorp/aws"].backup
//	module.x.provider["registry.terraform.io/hashicorp/aws"].backup
//	provider.aws.backup
func providerName(s string) string {
	if i := strings.Index(s, `provider["`); i >= 0 {
		s = s[i+len(`provider["`):]
		source, alias, _ := strings.Cut(s, `"]`)
		return source[strings.LastIndexByte(source, '/')+1:] + alias
	}
	s = s[strings.LastIndexByte(s, '/')+1:]
	if strings.HasPrefix(s, "module.") {
		if i := strings.LastIndexByte(s, ':'); i >= 0 {
			s = s[i+1:]
		}
	}
	return strings.TrimPrefix(s, "provider.")
}

// regionName tells a region from a string it was made from.
var regionName = regexp.MustCompile(`^[a-z]{2,3}(-[a-z]+)+-[0-9]$`)

// configProviders are the provider configurations of the root module, by name.
func configProviders(ps []provider, variables map[string]*tree.Node) []config.Provider {
	var out []config.Provider
	for _, p := range ps {
		if p.module != "" || p.name == "" {
			continue
		}
		name := p.name
		if p.alias != "" {
			name += "." + p.alias
		}
		args := &tree.Node{Kind: tree.Map, Pos: p.pos}
		if p.args != nil {
			args = written(p.args, p.pos, variables)
		}
		out = append(out, config.Provider{Name: name, Pos: p.pos, Args: args})
	}
	slices.SortStableFunc(out, func(a, b config.Provider) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// written makes a tree of a block of the configuration. What is not constant
// is unknown, but for a region that is exactly a variable's value.
func written(e *expr, pos diag.Pos, variables map[string]*tree.Node) *tree.Node {
	switch {
	case e.value != nil:
		return e.value
	case e.items != nil:
		n := &tree.Node{Kind: tree.List, Pos: pos}
		for _, item := range e.items {
			n.Items = append(n.Items, written(item, pos, variables))
		}
		return n
	case e.block:
		n := &tree.Node{Kind: tree.Map, Pos: pos}
		for _, name := range slices.Sorted(maps.Keys(e.fields)) {
			v := written(e.fields[name], pos, variables)
			if name == "region" && v.Kind == tree.Unknown {
				v = region(e.fields[name], v, variables)
			}
			n.Fields = append(n.Fields, tree.Field{Name: name, Node: v})
		}
		return n
	}
	why := "it is an expression, which a plan does not show"
	if len(e.refs) > 0 {
		why = "depends on " + clip(strings.Join(e.refs, ", "))
	}
	return &tree.Node{Kind: tree.Unknown, Pos: pos, Why: why}
}

// region takes the value of the one variable that a region is written with.
// The expression may have added something to it, so the value has to look like
// a whole region.
func region(e *expr, unknown *tree.Node, variables map[string]*tree.Node) *tree.Node {
	if len(e.refs) != 1 {
		return unknown
	}
	v := variables[strings.TrimPrefix(e.refs[0], "var.")]
	if v.Is() != tree.String || !regionName.MatchString(v.Text) {
		return unknown
	}
	return v
}
