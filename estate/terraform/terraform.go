package terraform

import (
	"strings"

	"fathom/estate"
	"fathom/estate/terraform/config"
	"fathom/estate/tree"
)

// Reader collects the resources of one configuration.
type Reader struct {
	// Root tells its resources from those of other configurations.
	Root string

	Resources  []estate.Resource
	Unmodelled map[string]int

	defaultTags map[string]*tree.Node // by provider configuration
}

// Providers takes the provider configurations; call it before Add, so that
// default tags are known.
func (r *Reader) Providers(ps []config.Provider) {
	r.defaultTags = map[string]*tree.Node{}
	for _, p := range ps {
		if tags := p.Args.At("default_tags", "tags"); tags != nil {
			r.defaultTags[p.Name] = tags
		}
		if p.Name != "aws" && !strings.HasPrefix(p.Name, "aws.") {
			continue
		}
		res := &estate.Provider{Base: estate.Base{
			ID:   estate.ID{Root: r.Root, Addr: `provider["` + p.Name + `"]`},
			Type: "provider", Pos: p.Pos,
		}}
		estate.Decode(res, p.Args)
		r.Resources = append(r.Resources, res)
	}
}

// Add types one instance and keeps it.
func (r *Reader) Add(in config.Instance) {
	res := r.typed(in)
	if res == nil {
		return
	}
	b := res.Meta()
	*b = estate.Base{
		ID:   estate.ID{Root: r.Root, Addr: in.Addr},
		Type: in.Type, Pos: in.Pos, Module: in.Module, Called: in.Called, Provider: in.Provider, Maybe: in.Maybe,
	}
	if x, ok := res.(*estate.External); ok && in.Data {
		x.Args = in.Args
	}
	estate.Decode(res, r.withDefaultTags(in))
	r.Resources = append(r.Resources, res)
}

// typed returns an empty resource of the instance's type. Data sources name
// what is elsewhere: apart from prefix lists, which only exist as look-ups for
// the front door, they are External.
func (r *Reader) typed(in config.Instance) estate.Resource {
	switch {
	case in.Data && (in.Type == "aws_ec2_managed_prefix_list" || in.Type == "aws_prefix_list"):
		return new(estate.PrefixList)
	case in.Data:
		return new(estate.External)
	}
	if make := types[in.Type]; make != nil {
		return make()
	}
	if r.Unmodelled == nil {
		r.Unmodelled = map[string]int{}
	}
	r.Unmodelled[in.Type]++
	return new(estate.External)
}

// withDefaultTags adds the provider's default tags to what HCL shows, as the
// provider itself does in tags_all.
func (r *Reader) withDefaultTags(in config.Instance) *tree.Node {
	defaults := r.defaultTags[in.Provider]
	if defaults.Is() != tree.Map || in.Args.Get("tags_all") != nil || in.Args == nil {
		return in.Args
	}
	all := &tree.Node{Kind: tree.Map, Pos: defaults.Pos}
	for _, f := range defaults.Fields {
		all.Set(f.Name, f.Node)
	}
	if tags := in.Args.Get("tags"); tags.Is() == tree.Map {
		all.Pos = tags.Pos
		for _, f := range tags.Fields {
			all.Set(f.Name, f.Node)
		}
	}
	args := *in.Args
	args.Fields = append(append([]tree.Field{}, in.Args.Fields...), tree.Field{Name: "tags_all", Node: all})
	return &args
}
