package edge

import (
	"strings"

	"fathom/control"
	"fathom/estate"
)

var failover = control.Control{
	ID:       "edge.failover",
	Title:    "Route 53 health checks and failover to a backup region",
	Why:      "A flood, a deletion or an outage in one region closes the shop",
	Threats:  []control.Threat{control.Flood, control.Ransom},
	Phase:    control.LongTerm,
	Severity: control.Low,
	World:    control.AWS,
	Maps:     []string{"GDPR 32(1)(c)", "HIPAA 164.308(a)(7)(ii)(B)"},
	Check:    checkFailover,
	Aside:    "it opens a page elsewhere once the workload is down, and does not keep it up",
}

// checkFailover judges the records that can answer with something else:
// failover pairs and latency sets. Where there are none, the account has no
// way to turn to another region.
func checkFailover(e *estate.Estate) []control.Result {
	all, _ := doors(e)
	if len(all) == 0 {
		return nil
	}
	var out []control.Result
	pairs := pairsOf(e)
	for _, r := range estate.All[*estate.DNSRecord](e) {
		switch {
		case r.Failover.One() != nil && r.Failover.One().Type.Is("PRIMARY") != estate.No:
			out = append(out, judgePrimary(e, r, pairs))
		case r.Latency.One() != nil:
			out = append(out, judgeHealth(r, "answers by latency"))
		}
	}
	if len(out) > 0 {
		return out
	}
	for _, d := range estate.All[*estate.Distribution](e) {
		if g := d.OriginGroups.One(); g != nil {
			out = append(out, control.Partly(d, control.Mistake{
				At:      g.At,
				Summary: name(d) + " fails over by origin group alone, which repeats only GET, HEAD and OPTIONS: nobody can check out",
				Fix:     "add aws_route53_record pairs with failover_routing_policy PRIMARY and SECONDARY and an aws_route53_health_check for the origin's name",
			}))
		}
	}
	if len(out) > 0 {
		return out
	}
	return control.Nowhere(e, control.Mistake{
		Summary: "no DNS record fails over: when the region of " + all[0].Meta().ID.Addr + " is down, so is the shop",
		Fix:     "add aws_route53_record pairs with failover_routing_policy PRIMARY and SECONDARY, an aws_route53_health_check, and a standby in a second region",
	})
}

type recordName struct{ root, name, kind string }

func nameOf(r *estate.DNSRecord) recordName {
	return recordName{r.ID.Root, strings.ToLower(strings.TrimSuffix(r.Record.String(), ".")), r.Kind.String()}
}

// pairsOf are the SECONDARY records by name and type.
func pairsOf(e *estate.Estate) map[recordName]*estate.DNSRecord {
	out := map[recordName]*estate.DNSRecord{}
	for _, r := range estate.All[*estate.DNSRecord](e) {
		if f := r.Failover.One(); f != nil && f.Type.Is("SECONDARY") == estate.Yes {
			out[nameOf(r)] = r
		}
	}
	return out
}

func judgePrimary(e *estate.Estate, r *estate.DNSRecord, pairs map[recordName]*estate.DNSRecord) control.Result {
	if r.Failover.One().Type.Unknown() {
		return control.Unsure(r, r.Failover.One().Type.Pos(), "whether it is the primary record is not known: "+r.Failover.One().Type.Why())
	}
	second := pairs[nameOf(r)]
	if second == nil {
		return control.Lacks(e, r, control.Mistake{
			Summary: r.ID.Addr + " is PRIMARY and has no SECONDARY to fail over to",
			Fix:     "add an aws_route53_record of the same name with failover_routing_policy SECONDARY",
		})
	}
	if where := provider(e, r); where != "" && where == provider(e, second) {
		return control.Partly(second, control.Mistake{
			Summary: second.ID.Addr + " fails over to the same region as " + r.ID.Addr,
			Fix:     "point the SECONDARY record at a stack in another region",
		})
	}
	return judgeHealth(r, "is PRIMARY")
}

// judgeHealth wants a health check, or an alias that asks its target: without
// one Route 53 takes a record for healthy.
func judgeHealth(r *estate.DNSRecord, what string) control.Result {
	healthy := r.HealthCheck.Set()
	why, at := r.HealthCheck.Why(), r.HealthCheck.Pos()
	for _, a := range r.Alias.Items {
		healthy = healthy.Or(a.EvaluateHealth.Is(true))
		if why == "" {
			why, at = a.EvaluateHealth.Why(), a.EvaluateHealth.Pos()
		}
	}
	if healthy == estate.Maybe {
		return control.Unsure(r, at, "whether its health is checked is not known: "+why)
	}
	return control.Judge(healthy, r, control.Mistake{
		Summary:  r.ID.Addr + " " + what + " and has no health check, so it never fails over",
		Fix:      "set health_check_id to an aws_route53_health_check, or evaluate_target_health = true in the alias",
		Evidence: []control.Evidence{{At: r.Pos, Saw: what + " with a health check"}},
	}, "")
}

// provider is the provider configuration, and so the region, of what an alias
// points at.
func provider(e *estate.Estate, r *estate.DNSRecord) string {
	for _, a := range r.Alias.Items {
		for _, id := range a.Name.To {
			if lb, ok := estate.Get[*estate.LoadBalancer](e, id); ok {
				return lb.Provider
			}
		}
	}
	return ""
}
