package main

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// PlanResourceChange says what is known of a resource before it exists: what
// the configuration sets, the defaults, and that AWS will give the rest. A
// change keeps what AWS has given; nothing is ever replaced.
func (s *server) PlanResourceChange(_ context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	k := s.resources[req.TypeName]
	prior, err := req.PriorState.Unmarshal(k.typ)
	if err != nil {
		return nil, err
	}
	proposed, err := req.ProposedNewState.Unmarshal(k.typ)
	if err != nil {
		return nil, err
	}

	planned := proposed
	if !proposed.IsNull() { // null: destroy
		planned = s.plan(k, prior.IsNull(), proposed)
	}

	state, err := tfprotov6.NewDynamicValue(k.typ, planned)
	if err != nil {
		return nil, err
	}
	return &tfprotov6.PlanResourceChangeResponse{
		PlannedState: &state,
		//lint:ignore SA1019 the real provider is such a one
		UnsafeToUseLegacyTypeSystem: k.legacy,
	}, nil
}

func (s *server) plan(k *kind, create bool, proposed tftypes.Value) tftypes.Value {
	root := fields(proposed)
	if create {
		if region, ok := root["region"]; ok && region.IsNull() {
			root["region"] = str(s.setup.region)
		}
		k.root.plan(root)
	}
	if _, ok := root["tags_all"]; ok {
		root["tags_all"] = s.allTags(root["tags"], root["tags_all"])
	}
	if k.name == "aws_acm_certificate" && create {
		planValidation(root, fields(proposed))
	}
	return tftypes.NewValue(k.typ, root)
}

// plan completes the members of a block, and of the blocks in it.
func (b *block) plan(m map[string]tftypes.Value) {
	for _, a := range b.attrs {
		m[a.name] = a.plan(m[a.name])
	}
	for _, n := range b.blocks {
		m[n.name] = n.plan(m[n.name])
	}
}

func (a *attr) plan(v tftypes.Value) tftypes.Value {
	switch {
	case !v.IsNull() && a.objects():
		return unsetToZero(v)
	case !v.IsNull() || !a.computed:
		return v
	case a.value != nil && a.value.planned:
		return must(parse(a.typ, a.value.text))
	default:
		return unknown(a.typ)
	}
}

func (n *nested) plan(v tftypes.Value) tftypes.Value {
	if n.written() || v.IsNull() || !v.IsKnown() {
		return v
	}
	list := elements(v)
	if len(list) == 0 && n.value != nil {
		return unknown(n.typ)
	}
	for i, e := range list {
		if m := fields(e); m != nil {
			n.of.plan(m)
			list[i] = tftypes.NewValue(n.of.typ, m)
		}
	}
	return tftypes.NewValue(n.typ, list)
}

// unsetToZero replaces nulls in the objects of an attribute by empty values, as
// the real provider shows rules of security groups and routes.
func unsetToZero(v tftypes.Value) tftypes.Value {
	if !v.IsKnown() {
		return v
	}
	list := elements(v)
	for i, e := range list {
		m := fields(e)
		if m == nil {
			continue
		}
		for name, member := range m {
			if member.IsNull() {
				m[name] = zero(member.Type())
			}
		}
		list[i] = tftypes.NewValue(e.Type(), m)
	}
	return tftypes.NewValue(v.Type(), list)
}

// allTags joins the tags of a resource to the default ones of the provider.
func (s *server) allTags(tags, before tftypes.Value) tftypes.Value {
	if !tags.IsKnown() {
		return unknown(stringMap)
	}
	all := maps.Clone(s.setup.tags)
	if all == nil {
		all = map[string]tftypes.Value{}
	}
	maps.Copy(all, fields(tags))
	if len(all) == 0 {
		return before
	}
	return tftypes.NewValue(stringMap, all)
}

// planValidation says which domains a certificate has to be validated for. The
// real provider does so that records can be made with for_each over them.
func planValidation(root, config map[string]tftypes.Value) {
	domains, known := certificateDomains(config)
	if !known {
		return
	}
	set := root["domain_validation_options"].Type().(tftypes.Set)
	option := set.ElementType.(tftypes.Object)

	options := []tftypes.Value{}
	for _, domain := range domains {
		m := map[string]tftypes.Value{}
		for name, t := range option.AttributeTypes {
			m[name] = unknown(t)
		}
		m["domain_name"] = str(domain)
		options = append(options, tftypes.NewValue(option, m))
	}
	root["domain_validation_options"] = tftypes.NewValue(set, options)
}

// certificateDomains lists the domains of a certificate that are validated by
// DNS, and says whether that is known yet.
func certificateDomains(config map[string]tftypes.Value) (domains []string, known bool) {
	method, ok := text(config["validation_method"])
	if !ok {
		return nil, false
	}
	if method != "DNS" {
		return nil, true
	}
	for _, v := range append([]tftypes.Value{config["domain_name"]}, elements(config["subject_alternative_names"])...) {
		name, ok := text(v)
		if !ok {
			return nil, false
		}
		if !slices.Contains(domains, name) {
			domains = append(domains, name)
		}
	}
	return domains, config["subject_alternative_names"].IsKnown()
}

// must is for values.txt, whose every line a test applies.
func must(v tftypes.Value, err error) tftypes.Value {
	if err != nil {
		panic(err)
	}
	return v
}
