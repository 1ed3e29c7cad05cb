package screen

import (
	"net/netip"
	"sync"
)

// clients counts the connections of each client.
type clients struct {
	limits *Limits
	mu     sync.Mutex
	all    int
	of     map[netip.Addr]int
}

func newClients(l *Limits) *clients { return &clients{limits: l, of: map[netip.Addr]int{}} }

// who is what counts as one client: whoever has one address of IPv6 has 2^64.
func who(a netip.Addr) netip.Addr {
	if !a.Is6() {
		return a
	}
	p, err := a.Prefix(64)
	if err != nil {
		return a
	}
	return p.Addr()
}

func (c *clients) enter(a netip.Addr) *Violation {
	a = who(a)
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.all >= c.limits.Connections:
		return tooMany
	case c.of[a] >= c.limits.PerClient:
		return tooManyOfOne
	}
	c.all++
	c.of[a]++
	return nil
}

func (c *clients) leave(a netip.Addr) {
	a = who(a)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all--
	if c.of[a]--; c.of[a] <= 0 {
		delete(c.of, a)
	}
}

func (c *clients) open() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.all
}
