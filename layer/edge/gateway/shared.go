package gateway

import (
	"fmt"
	"os"
	"strings"
	"time"

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

// lists are the keys of acl.lists, and which list of the managed groups each is.
var lists = map[string]func(*managed.Options) **managed.Prefixes{
	"reputation":     func(o *managed.Options) **managed.Prefixes { return &o.Reputation },
	"reconnaissance": func(o *managed.Options) **managed.Prefixes { return &o.Reconnaissance },
	"ddos":           func(o *managed.Options) **managed.Prefixes { return &o.DDoS },
	"anonymous":      func(o *managed.Options) **managed.Prefixes { return &o.Anonymous },
	"hosting":        func(o *managed.Options) **managed.Prefixes { return &o.Hosting },
	"data-centers":   func(o *managed.Options) **managed.Prefixes { return &o.DataCenters },
}

// managed are the lists of the managed groups.
func (s *Server) managed() (o managed.Options, err error) {
	o.Bots = map[string]*managed.Prefixes{}
	if before := s.live.Load(); before != nil {
		o.CRS = before.stand
	}
	for key, name := range s.config.ACL.Lists {
		b, err := os.ReadFile(name)
		if err != nil {
			return o, fmt.Errorf("acl.lists.%s: %w", key, err)
		}
		if key == "compromised" {
			list, problems := managed.ParseCredentials(name, b)
			if len(problems) > 0 {
				return o, listed("acl.lists."+key, problems)
			}
			o.Compromised = list
			continue
		}
		list, problems := managed.ParsePrefixes(name, b)
		if len(problems) > 0 {
			return o, listed("acl.lists."+key, problems)
		}
		if bot, ok := strings.CutPrefix(key, "bot-"); ok {
			o.Bots[bot] = list
		} else {
			*lists[key](&o) = list
		}
	}
	return o, nil
}
