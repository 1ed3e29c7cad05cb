package platform

import (
	"fmt"
	"slices"

	"fathom/diag"
)

// data checks each kind of data, and that it is somewhere.
func (c *checker) data() {
	for i := range c.Data {
		d := &c.Data[i]
		at := func(keys ...string) diag.Pos { return c.At(append([]string{"data", d.Name}, keys...)...) }
		if d.Tokenise != "" && c.known("service", d.Tokenise, c.serviceNames, at("tokenise")) {
			if s := c.Service(d.Tokenise); c.sound && !slices.Contains(s.Handles, d.Name) {
				c.add(at("tokenise"), fmt.Sprintf("add %q to handles of %q", d.Name, s.Name), "service %q tokenises %q and does not handle it", s.Name, d.Name)
			}
		}
		if d.Class == Cardholder && d.Tokenise == "" && !c.tree.get("data", d.Name, "tokenise").bad {
			c.add(at(), "add tokenise: SERVICE; every other service is then out of reach of PCI DSS", "%q is cardholder data, and no service tokenises it", d.Name)
		}
		if (d.Class == Personal || d.Class == Health) && d.EraseBy == "" && d.Keep == 0 && !c.spoilt("data", d.Name) {
			c.add(at(), "add erase: {by: customer, within: 30d} or keep: 3y", "%q is %s data that nothing ever ends: it has neither erase nor keep", d.Name, d.Class)
		}
		if c.Store(d.Name) != nil {
			c.add(at(), "rename one of them: objectives name either", "%q is the name of a store too, in %s", d.Name, c.line("stores", d.Name))
		}
		if c.sound && c.Store(d.Name) == nil && !c.somewhere(d.Name) {
			c.add(at(), "add it to handles of a service or holds of a store, or take it away", "%q is declared, and no service handles it and no store holds it", d.Name)
		}
	}
	if d := c.anyPersonal(); d != nil && c.sound && c.Notify.Privacy == "" {
		c.add(c.At("notify"), "add privacy: the e-mail address of who answers for it", "%q is %s data, and nobody is named whom a breach of it is told", d.Name, d.Class)
	}
}

func (c *checker) somewhere(datum string) bool {
	return slices.ContainsFunc(c.Services, func(s Service) bool { return slices.Contains(s.Handles, datum) }) ||
		slices.ContainsFunc(c.Stores, func(s Store) bool { return slices.Contains(s.Holds, datum) })
}

// flow follows data: from a store to the services that use it, and what they
// say they handle. Calls are not followed: what a service hands on is its code's
// affair, and no declaration shows it.
func (c *checker) flow() {
	for i := range c.Services {
		s := &c.Services[i]
		for _, name := range s.Handles {
			at := c.At("services", s.Name, "handles", name)
			if !c.known("kind of data", name, c.dataNames, at) {
				continue
			}
			d := c.Datum(name)
			if d.Tokenise != "" && d.Tokenise != s.Name && c.Service(d.Tokenise) != nil {
				c.add(at, fmt.Sprintf("take it away: what others handle is the token; only %q sees the real value", d.Tokenise),
					"service %q handles %q, which %q tokenises (%s)", s.Name, name, d.Tokenise, c.line("data", name, "tokenise"))
			} else if d.Class == Cardholder && !c.Apart(s) && !c.spoilt("services", s.Name) && !c.holder(s, name) {
				c.add(at, "add isolate: true to the service, or to the store that it uses", "service %q handles cardholder data (%q) and does not stand apart from the rest", s.Name, name)
			}
		}
		for _, u := range c.uses(s) {
			if st := c.Store(u.Store); st != nil {
				c.reaches(s, st, u.at)
			}
		}
	}
}

// holder says whether one of a service's stores holds the data: then it is the
// store that has to stand apart.
func (c *checker) holder(s *Service, datum string) bool {
	return slices.ContainsFunc(s.Stores, func(u Use) bool {
		st := c.Store(u.Store)
		return st != nil && slices.Contains(st.Holds, datum)
	})
}

// use is a store and where a service says that it uses it.
type use struct {
	Use
	at diag.Pos
	by string // "uses" or "has permissions on"
}

// uses are a service's stores, by stores and by aws.
func (c *checker) uses(s *Service) []use {
	var out []use
	for _, u := range s.Stores {
		out = append(out, use{u, c.At("services", s.Name, "stores", u.Store), "uses"})
	}
	for _, perm := range s.AWS {
		if perm.On != "" && !slices.ContainsFunc(out, func(u use) bool { return u.Store == perm.On }) {
			out = append(out, use{Use{Store: perm.On}, c.At("services", s.Name, "aws", perm.Text), "has permissions on"})
		}
	}
	return out
}

// reaches says where data of a store reaches a service that does not say that it
// handles it, or may not.
func (c *checker) reaches(s *Service, st *Store, at diag.Pos) {
	for _, name := range st.Holds {
		d := c.Datum(name)
		if d == nil || d.Class == Public {
			continue
		}
		where := c.line("stores", st.Name, "holds", name)
		switch {
		case d.Tokenise != "" && d.Tokenise != s.Name && c.Service(d.Tokenise) != nil:
			c.add(at, fmt.Sprintf("let it call %q, which gives it tokens, or keep %q in a store that %q alone uses", d.Tokenise, name, d.Tokenise),
				"%q (%s data) reaches service %q by store %q, which holds it (%s): only %q may see its real values (%s)",
				name, d.Class, s.Name, st.Name, where, d.Tokenise, c.line("data", name, "tokenise"))
		case d.Tokenise == "" && !slices.Contains(s.Handles, name):
			c.add(at, fmt.Sprintf("add %q to handles of %q, or take it out of the store", name, s.Name),
				"%q (%s data) reaches service %q by store %q, which holds it (%s), and the service does not say that it handles it",
				name, d.Class, s.Name, st.Name, where)
		}
	}
}
