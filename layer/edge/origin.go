package edge

import (
	"strings"

	"fathom/estate"
)

// fronting says which load balancers stand behind which distribution.
type fronting struct {
	by map[estate.ID][]backing
	// hosts are the names that distributions fetch from and that name nothing
	// that was read.
	hosts map[string][]backing
	// why says why an origin that could be any load balancer is not known.
	why string
}

// backing is an origin and its distribution.
type backing struct {
	*estate.Distribution
	origin *estate.DistributionOrigin
}

// frontings follows the origins of all distributions, also through DNS records.
func frontings(e *estate.Estate) fronting {
	f := fronting{by: map[estate.ID][]backing{}, hosts: map[string][]backing{}}
	records := map[string][]*estate.DNSRecord{}
	for _, r := range estate.All[*estate.DNSRecord](e) {
		if n, ok := r.Record.Known(); ok {
			n = strings.ToLower(strings.TrimSuffix(n, "."))
			records[n] = append(records[n], r)
		}
	}
	for _, d := range estate.All[*estate.Distribution](e) {
		for i := range d.Origins.Items {
			f.add(e, backing{d, &d.Origins.Items[i]}, records)
		}
		f.unknown(d.Origins.Why)
	}
	return f
}

func (f *fronting) unknown(why string) {
	if f.why == "" {
		f.why = why
	}
}

func (f *fronting) add(e *estate.Estate, b backing, records map[string][]*estate.DNSRecord) {
	o := b.origin
	switch {
	case len(o.VPC.Items) > 0: // it has no public address
		return
	case len(o.Domain.To) > 0:
		for _, id := range o.Domain.To {
			f.target(e, id, b)
		}
		return
	}
	host, ok := o.Domain.Known()
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	switch {
	case ok && len(records[host]) > 0:
		for _, r := range records[host] {
			f.target(e, r.ID, b)
		}
	case ok && notALB(host):
	case ok:
		f.hosts[host] = append(f.hosts[host], b)
	case o.Domain.Unknown():
		f.unknown("the origin of " + name(b.Distribution) + " is not known: " + o.Domain.Why())
	}
}

// notALB knows the names under which AWS serves other things.
func notALB(host string) bool {
	return strings.HasSuffix(host, ".amazonaws.com") && !strings.Contains(host, ".elb.") || strings.HasSuffix(host, ".on.aws")
}

func (f *fronting) target(e *estate.Estate, id estate.ID, b backing) {
	r, isRecord := estate.Get[*estate.DNSRecord](e, id)
	if !isRecord {
		f.by[id] = append(f.by[id], b)
		if x, ok := estate.Get[*estate.External](e, id); ok && (x.Type == "aws_lb" || x.Type == "aws_alb") {
			f.unknown("an origin of " + name(b.Distribution) + " is " + x.ID.Addr + ", which is looked up")
		}
		return
	}
	found := false
	for _, a := range r.Alias.Items {
		for _, to := range a.Name.To {
			if _, again := estate.Get[*estate.DNSRecord](e, to); !again {
				f.target(e, to, b)
				found = true
			}
		}
	}
	for _, lb := range recordLBs(e, r) {
		f.by[lb] = append(f.by[lb], b)
		found = true
	}
	if !found {
		f.unknown("an origin of " + name(b.Distribution) + " is " + r.ID.Addr + ", and what that points at was not read")
	}
}

// recordLBs are the load balancers that a CNAME names by their DNS name.
func recordLBs(e *estate.Estate, r *estate.DNSRecord) []estate.ID {
	var out []estate.ID
	for _, v := range r.Values.Items {
		addr, ok := strings.CutSuffix(strings.TrimPrefix(v.String(), "${"), ".dns_name}")
		if lb, there := estate.Get[*estate.LoadBalancer](e, estate.ID{Root: r.ID.Root, Addr: addr}); ok && there {
			out = append(out, lb.ID)
		}
	}
	return out
}

// of returns the distributions in front of a load balancer, and whether there
// is one.
func (f *fronting) of(id estate.ID) ([]backing, estate.Truth) {
	switch {
	case len(f.by[id]) > 0:
		return f.by[id], estate.Yes
	case f.why != "" || len(f.hosts) > 0:
		return nil, estate.Maybe
	}
	return nil, estate.No
}

// ofIngress is of for the load balancer that Ingresses make, which nothing
// names but the hosts it answers for.
func (f *fronting) ofIngress(a *ingressALB) ([]backing, estate.Truth) {
	for _, in := range a.members {
		for _, r := range in.Spec.Rules {
			if b := f.hosts[strings.ToLower(r.Host)]; len(b) > 0 {
				return b, estate.Yes
			}
		}
	}
	return f.of(estate.ID{Addr: "an Ingress's load balancer"})
}
