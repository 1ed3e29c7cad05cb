package gateway

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"fathom/engine/webacl/assembly"
	"fathom/engine/webacl/managed"
	"fathom/engine/webacl/rate"
	"fathom/layer/edge/gateway/shared"
)

// openStore opens what gateways share: Redis where the configuration names one,
// the memory of this one otherwise.
func (s *Server) openStore() (shared.Store, error) {
	c := s.config.Redis
	url := c.Address
	if c.URL != nil {
		b, err := c.URL.read(s.options.Getenv)
		if err != nil {
			return nil, fmt.Errorf("redis.url: %w", err)
		}
		url = string(b)
	}
	if url == "" {
		return shared.NewLocal(rate.Options{}, time.Now), nil
	}
	return shared.Open(shared.Options{URL: url, Prefix: c.Prefix, Gateways: c.Gateways})
}

// redisMetrics say whether the gateways know of each other, and what became of
// requests while they did not.
func (s *Server) redisMetrics(r *shared.Redis) {
	s.metrics.Gauge("redis_up", "1 where Redis answered last time.", func() float64 {
		if r.Healthy() {
			return 1
		}
		return 0
	})
	for name, c := range map[string]struct {
		help string
		of   func(shared.Stats) uint64
	}{
		"redis_exchanges_total": {"Exchanges of counts with the other gateways.", func(s shared.Stats) uint64 { return s.Exchanges }},
		"redis_failures_total":  {"Exchanges that failed.", func(s shared.Stats) uint64 { return s.Failures }},
		"redis_fallbacks_total": {"Requests of rate-based rules that were counted here alone, since Redis did not answer.", func(s shared.Stats) uint64 { return s.Fallbacks }},
		"redis_refused_total":   {"Nonces and places in line that were refused, since Redis did not answer.", func(s shared.Stats) uint64 { return s.Refused }},
	} {
		s.metrics.Counter(name, c.help, func() float64 { return float64(c.of(r.Stats())) })
	}
}

// managed reads the lists of the managed groups.
func (s *Server) managed() (o managed.Options, err error) {
	for _, kind := range slices.Sorted(maps.Keys(s.config.ACL.Lists)) {
		name := s.config.ACL.Lists[kind]
		text, err := readFile(name, mostText)
		if err != nil {
			return o, fmt.Errorf("acl.lists.%s: %w", kind, err)
		}
		if problems := assembly.AddList(&o, kind, name, text); len(problems) > 0 {
			return o, listed("acl.lists."+kind, problems)
		}
	}
	return o, nil
}
