package network

import (
	"strings"

	"fathom/diag"
	"fathom/estate"
)

// store is anything that keeps data behind a port of a VPC: a database, a
// cache, a stream, a search domain, a warehouse.
type store struct {
	estate.Resource
	name string
	// ports are those that clients connect to.
	ports  []int
	groups estate.Refs[*estate.SecurityGroup]
	// subnetGroup names the subnet group, of whichever kind; nil for a store
	// that names its subnets itself.
	subnetGroup *subnetGroup
	subnets     *estate.Refs[*estate.Subnet]
	// inherits says that what is absent comes from the database it copies.
	inherits bool
}

// subnetGroup is a reference to a subnet group as it was written.
type subnetGroup struct {
	estate.Str
	to []estate.ID
}

// stores returns every store of the estate, by kind and then by ID.
func stores(e *estate.Estate) []store {
	var out []store
	for _, d := range estate.All[*estate.DBCluster](e) {
		out = append(out, database(d, "database cluster", d.Identifier, &d.Database, estate.No))
	}
	for _, d := range estate.All[*estate.DBInstance](e) {
		out = append(out, database(d, "database", d.Identifier, &d.Database, d.ReplicaOf.Set()))
	}
	for _, c := range estate.All[*estate.CacheGroup](e) {
		out = append(out, store{
			Resource: c, name: named("cache", c.GroupID, c.Meta()), ports: portOr(c.Port, cachePort(c.Engine)),
			groups: c.SecurityGroups, subnetGroup: &subnetGroup{c.SubnetGroup.Str, c.SubnetGroup.To},
		})
	}
	for _, c := range estate.All[*estate.CacheCluster](e) {
		if c.Group.Set() != estate.No { // a member of a replication group, which is judged above
			continue
		}
		out = append(out, store{
			Resource: c, name: named("cache", c.ClusterID, c.Meta()), ports: portOr(c.Port, cachePort(c.Engine)),
			groups: c.SecurityGroups, subnetGroup: &subnetGroup{c.SubnetGroup.Str, c.SubnetGroup.To},
		})
	}
	for _, s := range estate.All[*estate.Stream](e) {
		st := store{Resource: s, name: named("stream", s.ClusterName, s.Meta()), ports: []int{9092, 9094, 9096, 9098, 9194, 9196, 9198, 2181, 2182}}
		if b := s.Brokers.One(); b != nil {
			st.groups, st.subnets = b.SecurityGroups, &b.Subnets
		}
		out = append(out, st)
	}
	for _, s := range estate.All[*estate.Search](e) {
		st := store{Resource: s, name: named("search domain", s.Domain, s.Meta()), ports: []int{443, 80, 9200}}
		if n := s.Network.One(); n != nil {
			st.groups, st.subnets = n.SecurityGroups, &n.Subnets
		}
		out = append(out, st)
	}
	for _, r := range estate.All[*estate.Redshift](e) {
		out = append(out, store{
			Resource: r, name: named("warehouse", r.ClusterID, r.Meta()), ports: portOr(r.Port, 5439), groups: r.SecurityGroups,
		})
	}
	return out
}

func database(r estate.Resource, kind string, id estate.Str, d *estate.Database, replica estate.Truth) store {
	return store{
		Resource: r, name: named(kind, id, r.Meta()), ports: portOr(d.Port, databasePort(d.Engine)), groups: d.SecurityGroups,
		subnetGroup: &subnetGroup{d.SubnetGroup.Str, d.SubnetGroup.To}, inherits: replica != estate.No,
	}
}

// portOr is the port that was written, or the engine's own. Nil means that it
// is not known.
func portOr(p estate.Int, engine int) []int {
	if n, ok := p.Known(); ok {
		return []int{n}
	}
	if p.Unknown() || engine == 0 {
		return nil
	}
	return []int{engine}
}

// databasePort is the default port of an RDS engine (Amazon RDS user guide).
func databasePort(engine estate.Str) int {
	name, _ := engine.Known()
	switch {
	case strings.Contains(name, "postgres"):
		return 5432
	case strings.Contains(name, "oracle"):
		return 1521
	case strings.Contains(name, "sqlserver"):
		return 1433
	case strings.Contains(name, "mysql"), strings.HasPrefix(name, "mariadb"), name == "aurora":
		return 3306
	}
	return 0
}

func cachePort(engine estate.Str) int {
	if engine.Is("memcached") == estate.Yes {
		return 11211
	}
	return 6379
}

// placed is where a store stands: the resource and argument that name its
// subnets, and those subnets.
type placed struct {
	by      estate.Resource
	at      diag.Pos
	name    string
	subnets []*estate.Subnet
	// why says why not all of its subnets are known.
	why string
}

// place resolves where a store stands. ok is false for one whose subnets are
// not written at all.
func place(e *estate.Estate, s *store) (p placed, ok bool) {
	switch {
	case s.subnets != nil:
		return placedIn(e, s.Resource, s.name, s.subnets), true
	case s.subnetGroup == nil || s.subnetGroup.Absent():
		return p, false
	}
	for _, id := range s.subnetGroup.to {
		if g, ok := estate.Get[*estate.DBSubnetGroup](e, id); ok {
			return placedIn(e, g, named("subnet group", g.GroupName, g.Meta()), &g.Subnets), true
		}
		if g, ok := estate.Get[*estate.CacheSubnetGroup](e, id); ok {
			return placedIn(e, g, named("subnet group", g.GroupName, g.Meta()), &g.Subnets), true
		}
	}
	why := s.subnetGroup.Why()
	if why == "" || len(s.subnetGroup.to) > 0 {
		why = "subnet group " + refName(s.subnetGroup.Str, s.subnetGroup.to) + " is not in what was read"
	}
	return placed{by: s.Resource, at: s.subnetGroup.Pos(), name: s.name, why: why}, true
}

func placedIn(e *estate.Estate, by estate.Resource, name string, in *estate.Refs[*estate.Subnet]) placed {
	p := placed{by: by, at: in.Pos(), name: name, subnets: estate.ToAll(e, *in)}
	switch {
	case in.Why() != "" && len(p.subnets) == 0:
		p.why = in.Why()
	case len(p.subnets) == 0:
		p.why = "its subnets are not in what was read"
	}
	for _, ref := range in.Items {
		if len(estate.To(e, ref)) == 0 && p.why == "" {
			p.why = "subnet " + refName(ref.Str, ref.To) + " is not in what was read"
			if why := ref.Why(); why != "" && len(ref.To) == 0 {
				p.why = why
			}
		}
	}
	return p
}
