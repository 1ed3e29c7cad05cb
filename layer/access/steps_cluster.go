package access

import (
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"fathom/diag"
	"fathom/engine/depth"
	"fathom/engine/iam/access"
	"fathom/engine/reach"
	"fathom/estate"
	"fathom/layer/ground"
)

// admitted is somebody whom a cluster lets in.
type admitted struct {
	who access.Principal
	// by is what lets him in, an access entry or the ConfigMap aws-auth.
	by      estate.Resource
	at      diag.Pos
	cluster *estate.EKSCluster // nil where it is not known which
	groups  []string
	// everywhere is what an access policy lets him do in the whole cluster, below
	// in namespaces.
	everywhere power
	below      map[string]power
	doubt      string
}

// power is how much somebody may do in a cluster.
type power uint8

const (
	none  power = iota
	edits       // runs what he likes where he may
	rules       // everything
)

// cluster are how people come to run code in pods, with kubectl: as far as the
// entry lets them, and no further.
func (w *entrance) cluster() []depth.Step {
	var out []depth.Step
	for _, a := range w.admissions() {
		for _, api := range w.apis(a.cluster) {
			out = append(out, w.kubectl(&a, api)...)
		}
	}
	return out
}

// kubectl are the steps of somebody who is let in.
func (w *entrance) kubectl(a *admitted, api string) []depth.Step {
	step := func(gives depth.Capability, says string, stops ...depth.Stop) depth.Step {
		return depth.Step{
			Gives: gives, Needs: []depth.Capability{ground.Act(a.who.Name), ground.Connect(api, ground.Outside)},
			Stops: stops, At: a.at, Says: says, Doubt: a.doubt,
		}
	}
	if a.everywhere == rules || slices.Contains(a.groups, "system:masters") || w.rules(a) {
		return []depth.Step{step(ground.ClusterAdmin, "administers the cluster as "+a.who.Name)}
	}
	var out []depth.Step
	for _, x := range w.g.Workloads {
		if x.Pods() == nil {
			continue
		}
		at, says, may := w.runs(a, x)
		if !may {
			if !w.persons(a.who) {
				continue
			}
			stop := depth.Stop{
				Guard: depth.Guard{Control: scoped.ID, On: a.by.Meta().ID.Addr}, State: depth.Standing, At: a.at,
				Says: a.by.Meta().ID.Addr + " gives " + a.who.Name + " nothing that runs code in " + x.Name,
			}
			s := step(ground.Run(x.Name), "runs a command in "+x.Name+" with kubectl", stop)
			t := step(ground.Out(x.Name), "carries data out through kubectl", stop)
			out = append(out, s, t)
			continue
		}
		s := step(ground.Run(x.Name), says)
		s.At = at
		t := step(ground.Out(x.Name), "carries data out through kubectl")
		t.At = at
		out = append(out, s, t)
	}
	return out
}

// persons says whether a principal is for people.
func (w *entrance) persons(p access.Principal) bool {
	r, ok := p.Resource.(*estate.Role)
	if !ok {
		return true
	}
	_, people := trusted(r)
	return people
}

// apis are the places of a cluster's API, of all where it is not known which.
func (w *entrance) apis(c *estate.EKSCluster) []string {
	var out []string
	for _, p := range w.g.Net.Places() {
		if p.Kind == reach.API && (c == nil || p.Of == estate.Resource(c)) {
			out = append(out, p.String())
		}
	}
	return out
}

// admissions are all who are let in, by access entries and by aws-auth.
func (w *entrance) admissions() []admitted {
	var out []admitted
	entry := map[string]int{}
	of := func(ref estate.Ref[estate.Resource], by estate.Resource, clusters []*estate.EKSCluster) *admitted {
		for _, id := range ref.To {
			p, ok := w.byID[id]
			if !ok {
				continue
			}
			a := admitted{who: p, by: by, at: by.Meta().Pos, below: map[string]power{}}
			if len(clusters) == 1 {
				a.cluster = clusters[0]
			}
			key := p.Name
			if a.cluster != nil {
				key += " " + a.cluster.ID.Addr
			}
			if _, ok := entry[key]; !ok {
				entry[key] = len(out)
				out = append(out, a)
			}
			return &out[entry[key]]
		}
		return nil
	}
	for _, x := range estate.All[*estate.EKSAccessEntry](w.e) {
		if x.Kind.Default("STANDARD").Is("STANDARD") == estate.No {
			continue // of nodes
		}
		if a := of(x.Principal, x, estate.To(w.e, x.Cluster)); a != nil {
			a.groups = append(a.groups, x.Groups.Known()...)
			if x.Groups.Unknown() {
				a.doubt = "the groups of " + x.ID.Addr + " are not known: " + x.Groups.Why()
			}
		}
	}
	for _, x := range estate.All[*estate.EKSAccessPolicy](w.e) {
		if a := of(x.Principal, x, estate.To(w.e, x.Cluster)); a != nil {
			a.policy(x)
		}
	}
	return append(out, w.awsAuth()...)
}

// policy adds what an access policy of AWS's lets somebody do (EKS User Guide,
// "Review access policy permissions").
func (a *admitted) policy(x *estate.EKSAccessPolicy) {
	p := none
	arn := x.Policy.String()
	switch arn[strings.LastIndexByte(arn, '/')+1:] {
	case "AmazonEKSClusterAdminPolicy":
		p = rules
	case "AmazonEKSAdminPolicy", "AmazonEKSEditPolicy":
		p = edits
	default:
		if x.Policy.Unknown() {
			p, a.doubt = edits, "the policy of "+x.ID.Addr+" is not known: "+x.Policy.Why()
		}
	}
	scope := x.Scope.One()
	if scope == nil || scope.Kind.Is("namespace") != estate.Yes {
		a.everywhere = max(a.everywhere, p)
		return
	}
	for _, ns := range scope.Namespaces.Known() {
		a.below[ns] = max(a.below[ns], min(p, edits))
	}
}

// awsAuth are those whom the older ConfigMap lets in.
func (w *entrance) awsAuth() []admitted {
	type mapping struct {
		Role   string   `json:"rolearn"`
		User   string   `json:"userarn"`
		Groups []string `json:"groups"`
	}
	var out []admitted
	for _, c := range estate.All[*estate.ConfigMap](w.e) {
		if c.Name != "aws-auth" {
			continue
		}
		for _, field := range []string{"mapRoles", "mapUsers"} {
			var all []mapping
			if yaml.Unmarshal([]byte(c.Data[field]), &all) != nil {
				continue
			}
			for _, m := range all {
				p, err := w.g.IAM.Principal(m.Role + m.User)
				if err != nil || p.Resource == nil || slices.Contains(m.Groups, "system:nodes") {
					continue
				}
				out = append(out, admitted{who: p, by: c, at: c.At("data", field), groups: m.Groups, below: map[string]power{}})
			}
		}
	}
	return out
}
