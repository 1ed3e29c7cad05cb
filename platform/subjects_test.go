package platform

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSubjects(t *testing.T) {
	base := func() *Platform {
		return &Platform{
			Data: []Data{
				{Name: "email", Class: Personal, EraseWithin: 30 * 24 * time.Hour},
				{Name: "pan", Class: Cardholder},
			},
			Stores: []Store{
				{Name: "cards", Engine: Postgres, Owner: "money", Holds: []string{"pan"}},
				{Name: "events", Engine: Kafka, Owner: "shop", Holds: []string{"email"}},
				{Name: "people", Engine: Postgres, Owner: "shop", Holds: []string{"email"}},
			},
			Services: []Service{
				{Name: "admin", Owner: "support", Stores: []Use{{Store: "people", Access: "write"}}},
				{Name: "bus", Owner: "shop", Stores: []Use{{Store: "events", Produce: []string{"t"}}}},
				{Name: "orders", Owner: "shop", Stores: []Use{{Store: "people", Access: "write"}}},
				{Name: "reader", Owner: "shop", Stores: []Use{{Store: "people", Access: "read"}}},
				{Name: "till", Owner: "money", Stores: []Use{{Store: "cards", Access: "write"}}},
			},
		}
	}
	for _, c := range []struct {
		name   string
		change func(*Platform)
		want   []string
	}{
		{"the writer of the store's own team", func(*Platform) {}, []string{"orders"}},
		{"the first writer where its team has none", func(p *Platform) { p.Stores[2].Owner = "crm" }, []string{"admin"}},
		{"nobody may have anything erased", func(p *Platform) { p.Data[0].EraseWithin = 0 }, nil},
		{"nothing can be erased", func(p *Platform) { p.Stores[2].Lock.Mode = "compliance" }, nil},
		{"nobody writes", func(p *Platform) { p.Services = p.Services[3:] }, nil},
	} {
		p := base()
		c.change(p)
		var got []string
		for _, s := range p.Subjects() {
			got = append(got, s.Name)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}
