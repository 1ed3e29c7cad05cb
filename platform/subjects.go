package platform

import "slices"

// Subjects are the services that have to answer a person who asks for what is
// kept about them, or to have it erased, by name. They are the writers of stores
// with personal or health data: of each the one that the store's own team owns,
// or else the first by name. Streams are left out: a topic ends by itself, and
// what it holds came from a store. There are none where the declaration gives
// nobody a right to have anything erased that can be erased.
func (p *Platform) Subjects() []*Service {
	var out []*Service
	erasable := false
	for i := range p.Stores {
		s := &p.Stores[i]
		if s.Engine == Kafka || !p.aboutPeople(s) {
			continue
		}
		by := p.writer(s)
		if by == nil {
			continue
		}
		erasable = erasable || s.Lock.Mode == "" && slices.ContainsFunc(s.Holds, func(name string) bool {
			d := p.Datum(name)
			return d != nil && d.EraseWithin > 0
		})
		if !slices.Contains(out, by) {
			out = append(out, by)
		}
	}
	if !erasable {
		return nil
	}
	slices.SortFunc(out, func(a, b *Service) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return out
}

// aboutPeople says whether a store holds data about people.
func (p *Platform) aboutPeople(s *Store) bool {
	return slices.ContainsFunc(s.Holds, func(name string) bool {
		d := p.Datum(name)
		return d != nil && (d.Class == Personal || d.Class == Health)
	})
}

// writer is the service that answers for a store.
func (p *Platform) writer(s *Store) *Service {
	var first *Service
	for _, u := range p.Users(s.Name) {
		switch {
		case u.Use.Access != "write" && len(u.Use.Produce) == 0:
		case u.By.Owner == s.Owner:
			return u.By
		case first == nil:
			first = u.By
		}
	}
	return first
}
