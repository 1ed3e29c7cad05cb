package network

import (
	"slices"
	"strconv"
	"strings"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

var privateData = control.Control{
	ID:       "network.private-data",
	Title:    "Stores sit in private subnets and are not publicly accessible",
	Why:      "A store with a public address is one security group mistake away from everybody's password guesses",
	Threats:  []control.Threat{control.Exfiltration},
	Phase:    control.QuickWin,
	Severity: control.High,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 1.4.4", "GDPR 32", "HIPAA 164.312(a)(1)"},
	Check:    checkPrivateData,
	Defeat:   published,
}

func checkPrivateData(e *estate.Estate) []control.Result {
	table := routesOf(e)
	places := map[estate.ID]*standing{}
	var order []estate.ID
	var out []control.Result
	for _, s := range stores(e) {
		out = append(out, address(e, &s)...)
		p, ok := place(e, &s)
		switch {
		case !ok && s.subnetGroup != nil && !s.inherits:
			out = append(out, control.Partly(s, control.Mistake{
				Severity: control.Medium,
				Summary:  s.name + " names no subnet group, so it stands in the default VPC, whose subnets have a route to the internet",
				Fix:      "set " + groupArgument(s.Resource) + " to a subnet group of private subnets",
			}))
		case ok:
			id := p.by.Meta().ID
			if places[id] == nil {
				places[id] = &standing{placed: p}
				order = append(order, id)
			}
			places[id].stores = append(places[id].stores, s.name)
		}
	}
	for _, id := range order {
		out = append(out, places[id].judge(table))
	}
	return out
}

func groupArgument(r estate.Resource) string {
	if strings.HasPrefix(r.Meta().Type, "aws_elasticache") {
		return "subnet_group_name"
	}
	return "db_subnet_group_name"
}

// standing is a place and the stores that stand there: subnets with a route to
// the internet are one mistake, however many stores they hold.
type standing struct {
	placed
	stores []string
}

func (s *standing) judge(table routes) control.Result {
	var open, saw []string
	why := s.why
	for _, sub := range s.subnets {
		switch is, reason := table.public(sub); is {
		case estate.Yes:
			open = append(open, sub.ID.Addr)
			saw = append(saw, reason)
		case estate.Maybe:
			why = reason
		}
	}
	switch {
	case len(open) > 0:
		slices.Sort(saw)
		return control.Not(s.by, control.Mistake{
			At:       s.at,
			Summary:  s.subject() + " in " + control.Few(open, 2) + ", which the internet has a route to: " + control.Few(slices.Compact(saw), 2),
			Fix:      "name subnets whose route table has no route to an internet gateway",
			Evidence: []control.Evidence{{At: s.at, Saw: "subnets " + strings.Join(open, ", ")}},
		})
	case why != "":
		return control.Unsure(s.by, s.at, "whether the internet has a route to "+control.Few(s.stores, 3)+" is not known: "+why)
	}
	return control.Is(s.by, control.Evidence{At: s.at, Saw: "subnets without a route to an internet gateway"})
}

// subject is the beginning of the sentence: who stands there.
func (s *standing) subject() string {
	verb := " stands"
	if len(s.stores) > 1 {
		verb = " stand"
	}
	return control.Few(s.stores, 3) + verb
}

// address judges whether a store asks for a public address.
func address(e *estate.Estate, s *store) []control.Result {
	switch r := s.Resource.(type) {
	case *estate.DBInstance:
		return []control.Result{publicly(e, r, s, s.name+" is", r.Public.Default(false))}
	case *estate.DBCluster:
		return clusterInstances(e, r, s)
	case *estate.Redshift:
		if r.Public.Absent() {
			return []control.Result{control.Unsure(r, r.Pos, "whether "+s.name+" is public depends on the provider: publicly_accessible is false by default since version 6 and was true before")}
		}
		return []control.Result{publicly(e, r, s, s.name+" is", r.Public)}
	case *estate.Stream:
		return []control.Result{brokers(r, s.name)}
	case *estate.Search:
		return []control.Result{inVPC(r, s.name)}
	}
	return nil
}

// clusterInstances judges the servers of a cluster. Those made by one count or
// for_each have one line to change, and are one mistake.
func clusterInstances(e *estate.Estate, c *estate.DBCluster, s *store) []control.Result {
	instances := estate.Of[*estate.DBClusterInstance](e, c.ID)
	public := map[diag.Pos]int{}
	for _, i := range instances {
		if i.Public.Is(true) == estate.Yes {
			public[i.Public.Pos()]++
		}
	}
	var out []control.Result
	for _, i := range instances {
		is, n := "instance "+i.ID.Addr+" of "+s.name+" is", 1
		if i.Public.Is(true) == estate.Yes {
			if n = public[i.Public.Pos()]; n > 1 {
				is = strconv.Itoa(n) + " instances of " + s.name + " are"
			}
			public[i.Public.Pos()] = 0
		}
		if n > 0 {
			out = append(out, publicly(e, i, s, is, i.Public.Default(false)))
		}
	}
	return out
}

// publicly judges the argument of that name, and by it whether the internet
// reaches the store: then it is not one mistake away, it is open. is begins the
// sentence: `database "orders" is`.
func publicly(e *estate.Estate, r estate.Resource, s *store, is string, public estate.Bool) control.Result {
	m := control.Mistake{
		At: public.Pos(), Cause: control.CausePublicEndpoint,
		Summary:  is + " publicly accessible: it has a public address",
		Fix:      "set publicly_accessible = false and reach it from inside the VPC",
		Evidence: []control.Evidence{{At: or(public.Pos(), r.Meta().Pos), Saw: "publicly_accessible = " + public.String()}},
	}
	if public.Is(true) == estate.Yes {
		a := storeReached(e, s.Resource, s.ports)
		m.Summary += a.says
		m.Evidence = append(m.Evidence, a.saw...)
		if a.wide {
			m.Severity = control.Critical
		}
	}
	return control.Judge(public.Is(false), r, m, "whether "+is+" publicly accessible is not known: "+public.Why())
}

// brokers judges MSK public access, which is off by default.
func brokers(s *estate.Stream, name string) control.Result {
	b := s.Brokers.One()
	if b == nil {
		return control.Unsure(s, s.Brokers.At, "the brokers of "+name+" are not known: "+s.Brokers.Why)
	}
	kind := b.Connectivity.At("public_access", "type")
	text, known := kind.Literal()
	switch {
	case b.Connectivity.Hole() != "":
		return control.Unsure(s, b.At, "whether "+name+" is public is not known: "+b.Connectivity.Hole())
	case !known || text == "DISABLED":
		return control.Is(s, control.Evidence{At: b.At, Saw: "public_access is off"})
	}
	return control.Not(s, control.Mistake{
		At: kind.Pos, Cause: control.CausePublicEndpoint,
		Summary:  name + " gives its brokers public addresses: public_access type " + text,
		Fix:      `set connectivity_info { public_access { type = "DISABLED" } } and reach it from inside the VPC`,
		Evidence: []control.Evidence{{At: kind.Pos, Saw: "type = " + text}},
	})
}

// inVPC judges a search domain: without vpc_options it has a public endpoint.
func inVPC(s *estate.Search, name string) control.Result {
	return control.Judge(s.Network.Any(), s, control.Mistake{
		Cause:   control.CausePublicEndpoint,
		Summary: name + " has no vpc_options, so its endpoint is on the internet",
		Fix:     "add vpc_options with private subnet_ids and security_group_ids (the domain is made anew)",
	}, "whether "+name+" is in a VPC is not known: "+s.Network.Why)
}
