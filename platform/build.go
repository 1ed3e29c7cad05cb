package platform

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// build makes the platform of a tree that has been fitted. Values that are not
// there, or whose shape was wrong, have their defaults.
func build(t *node) *Platform {
	head := t.get("platform")
	p := &Platform{
		Name: head.get("name").text, Region: head.get("region").text, BackupRegion: head.get("backupRegion").text,
		Account: head.get("account").text, Organization: head.get("organization").text,
		Network: Network{
			CIDR:  t.get("network", "cidr").or("10.20.0.0/16"),
			Zones: sorted(t.get("network", "zones").texts()),
			NAT:   t.get("network", "nat").or("zone"),
		},
		Cluster: Cluster{
			Version:  t.get("cluster", "version").or("1.35"),
			Instance: t.get("cluster", "instance").or("m7g.large"),
			Nodes:    t.get("cluster", "nodes").between(Range{3, 12}),
			From:     sorted(t.get("cluster", "from").texts()),
		},
		Mesh: Mesh{
			Version:      t.get("mesh", "version").or("1.31.1"),
			Proxy:        imageOf(t.get("mesh", "proxy").text),
			TrustDomain:  t.get("mesh", "trustDomain").or("cluster.local"),
			Certificates: t.get("mesh", "certificates").lasting(24 * hour),
		},
		Edge: edgeOf(t.get("edge")),
		BreakGlass: BreakGlass{
			Who: t.get("breakGlass", "who").text, Approve: t.get("breakGlass", "approve").text,
			Max: t.get("breakGlass", "max").lasting(hour),
		},
		Pipeline: Pipeline{
			Repo: t.get("pipeline", "repo").text, RepoID: t.get("pipeline", "repoId").text, OwnerID: t.get("pipeline", "ownerId").text,
			Branch: t.get("pipeline", "branch").or("main"), Workflow: t.get("pipeline", "workflow").text,
			Environment: t.get("pipeline", "environment").or("production"),
		},
		Logs: Logs{Keep: t.get("logs", "keep").lasting(400 * day)},
		Notify: Notify{
			OnCall: t.get("notify", "oncall").text, Legal: t.get("notify", "legal").text, Privacy: t.get("notify", "privacy").text,
			Phone: t.get("notify", "phone").text, Email: t.get("notify", "email").text,
			Within: t.get("notify", "within").lasting(72 * hour),
		},
		Objectives: objectivesOf(t.get("objectives")),
	}
	if p.Notify.Email == "" && mail.pattern.MatchString(p.Notify.OnCall) {
		p.Notify.Email = p.Notify.OnCall
	}
	p.Unit = head.get("unit").or(p.Account)
	if len(p.Network.Zones) == 0 {
		p.Network.Zones = []string{"a", "b", "c"}
	}
	for _, e := range t.get("data").byName() {
		p.Data = append(p.Data, dataOf(e.key, e.val))
	}
	for _, e := range t.get("stores").byName() {
		p.Stores = append(p.Stores, storeOf(e.key, e.val))
	}
	for _, e := range t.get("services").byName() {
		p.Services = append(p.Services, serviceOf(e.key, e.val))
	}
	for i := range p.Services {
		if s := &p.Services[i]; s.Namespace == "" {
			s.Namespace = p.Name
			if p.Apart(s) {
				s.Namespace = s.Name
			}
		}
	}
	for _, e := range t.get("operators").byName() {
		p.Operators = append(p.Operators, Operator{
			Name: e.key, Who: e.val.get("who").text, May: sorted(e.val.get("may").texts()), Services: sorted(e.val.get("services").texts()),
			Max: e.val.get("session", "max").span, Approve: e.val.get("session", "approve").text,
		})
	}
	for _, n := range t.get("exceptions").items {
		p.Exceptions = append(p.Exceptions, exceptionOf(n))
	}
	slices.SortStableFunc(p.Exceptions, func(a, b Exception) int {
		return cmp.Or(strings.Compare(a.Control, b.Control), strings.Compare(a.Route, b.Route), strings.Compare(a.Service, b.Service), strings.Compare(a.Store, b.Store))
	})
	return p
}

// or is the text, or another where nothing is written.
func (n *node) or(other string) string { return cmpOr(n.text, other) }

// lasting is the duration, or another where nothing is written.
func (n *node) lasting(other time.Duration) time.Duration { return cmp.Or(n.span, other) }

// between is a least and a most, or others where nothing is written.
func (n *node) between(other Range) Range {
	if !n.written() {
		return other
	}
	return Range{n.get("min").num, n.get("max").num}
}

// yes says whether true is written.
func (n *node) yes() bool { return n.flag && n.text == "true" }

// byName are the entries of a mapping, sorted by key.
func (n *node) byName() []entry {
	out := slices.Clone(n.entries)
	slices.SortFunc(out, func(a, b entry) int { return strings.Compare(a.key, b.key) })
	return out
}

// imageOf parts an image from its digest.
func imageOf(text string) Image {
	repository, digest, _ := strings.Cut(text, "@")
	return Image{repository, digest}
}

func exceptionOf(n *node) Exception {
	return Exception{
		Control: n.get("control").text, Route: n.get("route").text, Service: n.get("service").text, Store: n.get("store").text,
		Because: n.get("because").text, Owner: n.get("owner").text, Until: n.get("until").day,
	}
}

func objectivesOf(n *node) Objectives {
	var o Objectives
	for _, d := range n.get("depth").items {
		o.Depth = append(o.Depth, DepthTarget{From: d.get("from").text, To: d.get("to").text, Min: d.get("min").num})
	}
	slices.SortStableFunc(o.Depth, func(a, b DepthTarget) int {
		return cmp.Or(strings.Compare(a.To, b.To), strings.Compare(a.From, b.From))
	})
	kpi := n.get("kpi")
	o.KPI = KPI{Detect: kpi.get("detect").span, Remediate: kpi.get("remediate").span, RTO: kpi.get("rto").span}
	return o
}
