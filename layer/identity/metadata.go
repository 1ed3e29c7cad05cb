package identity

import (
	"strconv"
	"strings"

	"fathom/control"
	"fathom/estate"
)

// machine is something that starts instances, and how their metadata service
// answers. The rule is that of the EC2 user guide ("Configure the instance
// metadata options"): the template's own word, then the account's default for
// the region, then that of the image.
type machine struct {
	on    estate.Resource
	name  string
	meta  estate.Blocks[estate.MetadataOptions]
	nodes bool // pods run on it
	bare  bool // it has no role: IMDSv1 hands out no credentials
}

func checkMetadata(e *estate.Estate) []control.Result {
	defaults := map[string]*estate.MetadataDefaults{}
	for _, d := range estate.All[*estate.MetadataDefaults](e) {
		defaults[d.Provider] = d
	}
	var out []control.Result
	for _, m := range machines(e) {
		out = append(out, judgeMetadata(m, defaults[m.on.Meta().Provider]))
	}
	for _, g := range estate.All[*estate.NodeGroup](e) {
		out = append(out, withoutTemplate(e, g)...)
	}
	return append(out, nodeClasses(e)...)
}

func machines(e *estate.Estate) []machine {
	var out []machine
	nodes := nodeRoles(e)
	for _, t := range estate.All[*estate.LaunchTemplate](e) {
		m := machine{on: t, name: label("launch template", t.TemplateName, &t.Base), meta: t.Metadata}
		m.nodes = len(estate.Of[*estate.NodeGroup](e, t.ID)) > 0
		if p := t.Profile.One(); p != nil {
			m.nodes = m.nodes || carries(e, p.ARN, nodes) || carries(e, p.Name, nodes)
		}
		out = append(out, m)
	}
	for _, c := range estate.All[*estate.LaunchConfiguration](e) {
		out = append(out, machine{on: c, name: "launch configuration " + c.ID.Addr, meta: c.Metadata, nodes: carries(e, c.Profile, nodes)})
	}
	for _, i := range estate.All[*estate.Instance](e) {
		if i.Template.Any() == estate.No || len(i.Metadata.Items) > 0 {
			out = append(out, machine{on: i, name: "instance " + i.ID.Addr, meta: i.Metadata, nodes: carries(e, i.Profile, nodes), bare: i.Profile.Absent()})
		}
	}
	return out
}

func carries(e *estate.Estate, ref estate.Ref[*estate.InstanceProfile], nodes map[estate.ID]string) bool {
	for _, p := range estate.To(e, ref) {
		for _, r := range p.Role.To {
			if nodes[r] != "" {
				return true
			}
		}
	}
	return false
}

func judgeMetadata(m machine, d *estate.MetadataDefaults) control.Result {
	var o estate.MetadataOptions
	if b := m.meta.One(); b != nil {
		o = *b
	} else if m.meta.Why != "" {
		return control.Unsure(m.on, m.meta.At, "the metadata_options of "+m.name+" are not known: "+m.meta.Why)
	}
	if o.Endpoint.Is("disabled") == estate.Yes {
		return control.Is(m.on, control.Evidence{At: o.Endpoint.Pos(), Saw: "http_endpoint = disabled"})
	}
	if d != nil && o.Tokens.Absent() {
		o.Tokens = d.Tokens
	}
	if d != nil && o.HopLimit.Absent() {
		o.HopLimit = d.HopLimit
	}
	mistake := control.Mistake{At: m.meta.At, Severity: control.Medium, Cause: control.CauseIMDS, Fix: `set http_tokens = "required" and http_put_response_hop_limit = 1 in metadata_options`}
	switch {
	case m.nodes:
		mistake.Severity = control.High
	case m.bare:
		mistake.Severity = control.Low
	}
	switch o.Tokens.Default("optional").Is("required") {
	case estate.Maybe:
		return control.Unsure(m.on, o.Tokens.Pos(), "whether "+m.name+" requires IMDSv2 is not known: "+o.Tokens.Why())
	case estate.No:
		mistake.Summary = m.name + " answers IMDSv1: http_tokens is " + o.Tokens.String()
		if !o.Tokens.Absent() {
			mistake.At = o.Tokens.Pos()
		} else {
			mistake.Summary += ", and the provider's default is optional"
		}
		return control.Not(m.on, mistake)
	}
	ev := control.Evidence{At: o.Tokens.Pos(), Saw: "http_tokens = required"}
	if !m.nodes {
		return control.Is(m.on, ev)
	}
	switch o.HopLimit.Default(1).Test(func(n int) bool { return n <= 1 }) {
	case estate.Maybe:
		return control.Unsure(m.on, o.HopLimit.Pos(), "the hop limit of "+m.name+" is not known: "+o.HopLimit.Why())
	case estate.No:
		mistake.At, mistake.Severity = o.HopLimit.Pos(), control.Medium
		mistake.Summary = m.name + " lets pods reach the node's credentials: http_put_response_hop_limit is " + o.HopLimit.String()
		return control.Partly(m.on, mistake)
	}
	return control.Is(m.on, ev)
}

// withoutTemplate judges node groups that EKS makes the launch template for:
// IMDSv2 and hop limit 1 with Amazon Linux 2023, which is the default from
// Kubernetes 1.30; IMDSv1 and hop limit 2 with Amazon Linux 2.
func withoutTemplate(e *estate.Estate, g *estate.NodeGroup) []control.Result {
	if g.Template.Any() != estate.No {
		return nil
	}
	ami := g.AMI
	if ami.Absent() {
		for _, c := range estate.To(e, g.Cluster) {
			if recent(c.Version) {
				ami = ami.Default("AL2023_x86_64_STANDARD")
			}
		}
	}
	name := label("node group", g.Group, &g.Base)
	switch v, ok := ami.Known(); {
	case ok && strings.HasPrefix(v, "AL2023"):
		return []control.Result{control.Is(g, control.Evidence{At: g.Pos, Saw: "EKS gives AL2023 nodes IMDSv2 with hop limit 1"})}
	case ok && strings.HasPrefix(v, "AL2_"):
		return []control.Result{control.Not(g, control.Mistake{
			At: g.AMI.Pos(), Cause: control.CauseIMDS,
			Summary: name + " has no launch template, and EKS starts " + v + " nodes with IMDSv1 and hop limit 2",
			Fix:     `use ami_type = "AL2023_x86_64_STANDARD", or a launch_template with metadata_options`,
		})}
	}
	return []control.Result{control.Unsure(g, g.Pos, "how the metadata service of "+name+" answers depends on its image ("+ami.String()+"); a launch_template with metadata_options would say")}
}

func recent(version estate.Str) bool {
	v, ok := version.Known()
	minor, found := strings.CutPrefix(v, "1.")
	n, err := strconv.Atoi(minor)
	return ok && found && err == nil && n >= 30
}

// nodeClasses judges Karpenter's EC2NodeClass: required and 1 unless said.
func nodeClasses(e *estate.Estate) []control.Result {
	var out []control.Result
	for _, o := range estate.All[*estate.Object](e) {
		if o.Kind != "EC2NodeClass" && o.Kind != "AWSNodeTemplate" {
			continue
		}
		options := o.Manifest.At("spec", "metadataOptions")
		tokens, _ := options.Get("httpTokens").Literal()
		hops, _ := options.Get("httpPutResponseHopLimit").Literal()
		m := control.Mistake{Cause: control.CauseIMDS, Fix: "set metadataOptions.httpTokens: required and httpPutResponseHopLimit: 1"}
		switch n, err := strconv.Atoi(hops); {
		case tokens != "" && tokens != "required":
			m.At, m.Summary = o.At("spec", "metadataOptions", "httpTokens"), o.ID.Addr+" answers IMDSv1: httpTokens is "+tokens
			out = append(out, control.Not(o, m))
		case err == nil && n > 1:
			m.At, m.Severity = o.At("spec", "metadataOptions", "httpPutResponseHopLimit"), control.Medium
			m.Summary = o.ID.Addr + " lets pods reach the node's credentials: httpPutResponseHopLimit is " + hops
			out = append(out, control.Partly(o, m))
		default:
			out = append(out, control.Is(o))
		}
	}
	return out
}
