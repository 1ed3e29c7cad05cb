package identity

import (
	"slices"

	"fathom/diag"
	"fathom/engine/depth"
	"fathom/engine/iam/access"
	"fathom/engine/reach"
	"fathom/engine/reach/flow"
	"fathom/engine/trust"
	"fathom/estate"
	"fathom/layer/ground"
)

// token is to have a token of the cluster that AWS takes, of whichever service
// account.
var token = depth.Capability{Kind: "token", Of: "cluster"}

// tokens: a token of one service account opens the role of another where the
// role's trust policy does not name its own.
func (m *moves) tokens() {
	for _, w := range m.g.Workloads {
		if m.bearsToken(w) {
			m.add(depth.Step{Gives: token, Needs: []depth.Capability{ground.Run(w.Name)}, Says: "takes the service account's token of " + w.Name, At: w.Place.Of.Meta().Pos})
		}
	}
	for _, r := range estate.All[*estate.Role](m.e) {
		doors := trust.Doors(m.e, r)
		if !slices.ContainsFunc(doors, func(d trust.Door) bool { return d.Issuer == trust.Cluster }) {
			continue
		}
		s := stop(trustExact.ID, r.ID.Addr, false, r.Trust.Pos(), roleLabel(r)+" lets in its own service account alone")
		for _, d := range doors {
			if len(d.Flaws) > 0 && d.Flaws[0].Open {
				s = stop(trustExact.ID, r.ID.Addr, true, r.Trust.Pos(), roleLabel(r)+" "+d.Flaws[0].Saw)
			}
		}
		m.add(depth.Step{
			Gives: ground.Act(m.roles[r.ID].Name), Needs: []depth.Capability{token}, Stops: []depth.Stop{s}, At: r.Trust.Pos(),
			Says: "shows the token to sts:AssumeRoleWithWebIdentity for " + m.roles[r.ID].Name,
		})
	}
}

// metadata: what runs in a pod asks the metadata service of the node for the
// node's role, and so does a request that the attacker has a workload make, where
// version 1 answers.
func (m *moves) metadata() {
	imds, err := m.g.Net.Find("imds", reach.To)
	if err != nil {
		return
	}
	for _, w := range m.g.Workloads {
		if w.Pods() == nil {
			continue
		}
		a := m.g.Net.Ask(w.Place, imds, flow.Conn{Protocol: flow.TCP, Port: 80})
		for i := range a.Ways {
			m.ask(w, a.Ways[i].Hops)
		}
	}
}

// ask are the steps of one way to the metadata service: it ends with the node
// that answers.
func (m *moves) ask(w *ground.Workload, hops []flow.Hop) {
	var stops []depth.Stop
	var answers *flow.Hop
	for i := range hops {
		h := &hops[i]
		s := depth.Stop{Guard: depth.Guard{Control: "network.pod-policy"}, State: depth.Standing, At: h.At, Says: h.Says}
		if h.Pass == estate.Maybe {
			s.State, s.Why = depth.Doubtful, h.Why
		}
		if h.Of != nil {
			s.On = h.Of.Meta().ID.Addr
		}
		switch {
		case h.Kind == flow.NetworkPolicy && h.Pass != estate.Yes:
			stops = append(stops, s)
		case h.Kind == flow.Address && i == len(hops)-1:
			answers = h
			s.Control = nodeRole.ID
			if h.Pass == estate.Yes {
				s.State = depth.Missing
			}
			if h.Of == nil || h.Pass == estate.No && h.Open == "" {
				return // there is none, or it is not known on which node
			}
			if !w.Pods().Pod.HostNetwork { // who is in the node's network is not kept from it by hops
				stops = append(stops, s)
			}
		case h.Pass != estate.Yes:
			return
		}
	}
	if answers == nil {
		return
	}
	for _, id := range m.rolesAt(answers.Of, hops) {
		at := answers.At
		m.add(depth.Step{
			Gives: ground.Act(id.Role.Name), Needs: []depth.Capability{ground.Run(w.Name)}, Stops: stops, At: at,
			Says: "asks the metadata service from " + w.Name + " for the credentials of " + id.Role.Name,
		})
		if answers.Pass == estate.No || !m.tokensOnly(answers.Of) {
			m.add(depth.Step{
				Gives: ground.Act(id.Role.Name), Needs: []depth.Capability{ground.Attack(w.Name)}, Stops: stops, At: at,
				Says: "has " + w.Name + " ask the metadata service for the credentials of " + id.Role.Name,
			})
		}
	}
}

// rolesAt are the roles of the node that answers: of the resource that the hop
// names, or of the node groups that start it.
func (m *moves) rolesAt(of estate.Resource, hops []flow.Hop) []access.Identity {
	if ids := m.g.IAM.IdentitiesOf(of); len(ids) > 0 {
		return ids
	}
	for i := range hops {
		if hops[i].Of == nil {
			continue
		}
		if _, pods := hops[i].Of.(*estate.Workload); pods {
			continue
		}
		if ids := m.g.IAM.IdentitiesOf(hops[i].Of); len(ids) > 0 {
			return ids
		}
	}
	var out []access.Identity
	for _, g := range estate.Of[*estate.NodeGroup](m.e, of.Meta().ID) {
		out = append(out, m.g.IAM.IdentitiesOf(g)...)
	}
	return out
}

// tokensOnly says whether what answers takes no request without a token, and
// pods all the same: a request that somebody else has made carries none.
func (m *moves) tokensOnly(of estate.Resource) bool {
	templates := []estate.ID{of.Meta().ID}
	if g, ok := of.(*estate.NodeGroup); ok {
		for i := range g.Template.Items {
			templates = append(templates, g.Template.Items[i].ID.To...)
			templates = append(templates, g.Template.Items[i].Name.To...)
		}
	}
	for _, id := range templates {
		if t, ok := estate.Get[*estate.LaunchTemplate](m.e, id); ok && t.Metadata.One() != nil {
			return t.Metadata.One().Tokens.Is("required") == estate.Yes
		}
	}
	return false
}

// borrowed: where a service account has the node's role, its pods have what the
// node has without asking its metadata. Any may be given it that has no other
// association.
func (m *moves) borrowed() {
	nodes := nodeRoles(m.e)
	holdings, _ := holdingsOf(m.e)
	has, shares := map[string]bool{}, map[string]diag.Pos{}
	for i := range holdings {
		h := &holdings[i]
		_, association := h.on.(*estate.PodIdentity)
		has[h.key()] = has[h.key()] || association
		if slices.ContainsFunc(h.roles, func(id estate.ID) bool { return nodes[id] != "" }) {
			shares[h.key()] = h.at
		}
	}
	for _, w := range m.g.Workloads {
		pods := w.Pods()
		if pods == nil {
			continue
		}
		key := pods.Namespace + "/" + pods.ServiceAccountName()
		at, missing := shares[key]
		if has[key] && !missing {
			continue
		}
		s := stop(irsa.ID, w.Name, missing, pods.AtPod("serviceAccountName"), "service account "+key+" does not have the node's role")
		if missing {
			s.At, s.Says = at, "service account "+key+" has the node's role"
		} else if m.fallsBack(w) {
			s.State, s.Says = depth.Missing, "service account "+key+" has no role of its own, and its pods use the node's"
		}
		for _, r := range estate.All[*estate.Role](m.e) {
			if nodes[r.ID] == "" {
				continue
			}
			m.add(depth.Step{
				Gives: ground.Act(m.roles[r.ID].Name), Needs: []depth.Capability{ground.Run(w.Name)}, Stops: []depth.Stop{s}, At: s.At,
				Says: "acts as the node's " + m.roles[r.ID].Name + " through the service account of " + w.Name,
			})
		}
	}
}

// fallsBack says whether the pods of a workload surely have the node's role and
// no other.
func (m *moves) fallsBack(w *ground.Workload) bool {
	ids := m.g.IAM.IdentitiesOf(w.Place.Of)
	return len(ids) > 0 && !slices.ContainsFunc(ids, func(id access.Identity) bool { return id.How != access.NodeMetadata || id.Truth != estate.Yes })
}
