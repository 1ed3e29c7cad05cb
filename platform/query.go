package platform

import (
	"slices"
	"sort"

	"fathom/diag"
)

// index finds where a value was written, by its path.
type index map[string]diag.Pos

// Service returns the service of that name, or nil.
func (p *Platform) Service(name string) *Service {
	i := sort.Search(len(p.Services), func(i int) bool { return p.Services[i].Name >= name })
	if i < len(p.Services) && p.Services[i].Name == name {
		return &p.Services[i]
	}
	return nil
}

// Store returns the store of that name, or nil.
func (p *Platform) Store(name string) *Store {
	i := sort.Search(len(p.Stores), func(i int) bool { return p.Stores[i].Name >= name })
	if i < len(p.Stores) && p.Stores[i].Name == name {
		return &p.Stores[i]
	}
	return nil
}

// Datum returns the data of that name, or nil.
func (p *Platform) Datum(name string) *Data {
	for i := range p.Data {
		if p.Data[i].Name == name {
			return &p.Data[i]
		}
	}
	return nil
}

// Callers are the services that call this one, by name, each with its call.
func (p *Platform) Callers(service string) []Caller {
	var out []Caller
	for i := range p.Services {
		for _, c := range p.Services[i].Calls {
			if c.To == service {
				out = append(out, Caller{&p.Services[i], c})
			}
		}
	}
	return out
}

// Caller is a service and what it asks.
type Caller struct {
	From *Service
	Call Call
}

// Users are the services that use a store, by name, each with how.
func (p *Platform) Users(store string) []User {
	var out []User
	for i := range p.Services {
		for _, u := range p.Services[i].Stores {
			if u.Store == store {
				out = append(out, User{&p.Services[i], u})
			}
		}
	}
	return out
}

// User is a service and what it does with a store.
type User struct {
	By  *Service
	Use Use
}

// RoutesTo are the routes of the edge that lead to a service.
func (p *Platform) RoutesTo(service string) []Route {
	var out []Route
	for _, r := range p.Edge.Routes {
		if r.To == service {
			out = append(out, r)
		}
	}
	return out
}

// Apart says whether a service stands apart from the rest: it says so itself, or
// uses a store that does.
func (p *Platform) Apart(s *Service) bool {
	return s.Isolate || slices.ContainsFunc(s.Stores, func(u Use) bool {
		st := p.Store(u.Store)
		return st != nil && st.Isolate
	})
}

// AnyApart says whether anything stands apart.
func (p *Platform) AnyApart() bool {
	return slices.ContainsFunc(p.Stores, func(s Store) bool { return s.Isolate }) ||
		slices.ContainsFunc(p.Services, func(s Service) bool { return s.Isolate })
}

// ClassOf is the most sensitive class of the data named; Internal where none is.
func (p *Platform) ClassOf(names []string) Class {
	best := -1
	for _, n := range names {
		if d := p.Datum(n); d != nil {
			best = max(best, slices.Index(Classes, d.Class))
		}
	}
	if best < 0 {
		return Internal
	}
	return Classes[best]
}

// Targets are the depth targets of a store: those that name it, and those that
// name data it holds.
func (p *Platform) Targets(s *Store) []DepthTarget {
	var out []DepthTarget
	for _, t := range p.Objectives.Depth {
		if t.To == s.Name || slices.Contains(s.Holds, t.To) {
			out = append(out, t)
		}
	}
	return out
}

// Excepted returns the exceptions of a control.
func (p *Platform) Excepted(control string) []Exception {
	var out []Exception
	for _, x := range p.Exceptions {
		if x.Control == control {
			out = append(out, x)
		}
	}
	return out
}

// DefaultPort is the one that an engine listens at.
func (e Engine) DefaultPort() int {
	switch e {
	case Postgres:
		return 5432
	case MySQL:
		return 3306
	case Redis:
		return 6379
	case Kafka:
		return 9098 // SASL/IAM over TLS, see the MSK developer guide, "Port information"
	default:
		return 443
	}
}

// IsBucket says whether the store is reached through the API of S3, and has no
// address in the network.
func (s *Store) IsBucket() bool { return s.Engine == S3 }
