package draft

import (
	"regexp"
	"slices"
	"strings"

	"fathom/diag"
	"fathom/estate"
)

func (d *drafter) edge() *node {
	n := object()
	n.block = true
	domains, at := d.domains()
	d.setDomains(n, domains, at)
	a := d.webACL()
	if a == nil {
		a = &acl{at: d.e.Account().Pos}
		n.set("waf", str("block").says(a.at, "today there is no web ACL", ""))
	} else {
		waf := str("block")
		if a.groups > 0 && a.counts == a.groups {
			waf.says(a.at, "today its rules only count", "look at what they would block before this goes live")
		}
		n.set("waf", waf)
		d.note(a.at, "write bots, clients, waitingRoom and canary", "what is done about bots, crowds and signed requests is not in the draft")
	}
	n.set("originSecret", d.originSecret())
	geo := object()
	a.deny = merge(a.deny, nil)
	geo.set("deny", texts(a.deny))
	geo.set("challenge", texts(merge(slices.DeleteFunc(a.challenge, func(c string) bool { return slices.Contains(a.deny, c) }), nil)))
	n.set("geo", geo)
	if a.cookie != "" && cookieForm.MatchString(a.cookie) {
		n.set("clients", object().set("cookie", str(a.cookie)))
	}
	if l := a.limit; l != nil && l.max*300/l.per >= 100 && (l.by != "session" || n.get("clients") != nil) {
		general := l.node()
		general.loose = false
		n.set("limit", general)
	} else {
		n.set("limit", object().set("max", num(2000)).set("per", str("5m")).set("by", str("ip")).guess(a.at, "no rule limits how many requests one client sends", "write what a busy customer never reaches"))
	}
	if d.shielded() {
		n.set("shield", yes())
	}
	n.set("routes", d.routesNode(a, d.routes(domains), n.get("clients") != nil))
	return n
}

// shielded says whether Shield Advanced protects anything.
func (d *drafter) shielded() bool {
	return slices.ContainsFunc(estate.All[*estate.ShieldProtection](d.e), func(p *estate.ShieldProtection) bool { return !p.Resource.Absent() })
}

var cookieForm = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$")

// domains are the names of the shop: those of the distribution, or else of the
// records that lead to a load balancer, or else of Ingresses.
func (d *drafter) domains() (out []string, at diag.Pos) {
	add := func(name string, pos diag.Pos) {
		name = strings.ToLower(strings.TrimSuffix(name, "."))
		if hostForm.MatchString(name) && !slices.Contains(out, name) {
			if len(out) == 0 {
				at = pos
			}
			out = append(out, name)
		}
	}
	for _, x := range estate.All[*estate.Distribution](d.e) {
		if x.Staging.Is(true) != estate.Yes {
			for _, a := range x.Aliases.Known() {
				add(a, x.Pos)
			}
		}
	}
	if len(out) > 0 {
		return out, at
	}
	for _, r := range estate.All[*estate.DNSRecord](d.e) {
		for i := range r.Alias.Items {
			for _, id := range r.Alias.Items[i].Name.To {
				_, lb := estate.Get[*estate.LoadBalancer](d.e, id)
				if name, ok := r.Record.Known(); ok && lb {
					add(name, r.Pos)
				}
			}
		}
	}
	if len(out) > 0 {
		return out, at
	}
	for _, in := range estate.All[*estate.Ingress](d.e) {
		for _, r := range in.Spec.Rules {
			add(r.Host, in.Pos)
		}
	}
	for _, g := range estate.All[*estate.Gateway](d.e) {
		for _, s := range g.Spec.GetServers() {
			for _, h := range s.GetHosts() {
				add(h[strings.LastIndexByte(h, '/')+1:], g.Pos)
			}
		}
	}
	return out, at
}

// setDomains writes the domains, and their zone behind them.
func (d *drafter) setDomains(edge *node, domains []string, at diag.Pos) {
	if len(domains) == 0 {
		at = d.e.Account().Pos
		edge.set("domains", row(str("shop.example.com")).guess(at, "no distribution, record or Ingress names a domain", "write the shop's names, its own first"))
		edge.set("zone", str("example.com").guess(at, "no zone is among the files", "write the DNS zone"))
		return
	}
	zone := ""
	for _, z := range estate.All[*estate.HostedZone](d.e) {
		name, ok := z.Zone.Known()
		name = strings.ToLower(strings.TrimSuffix(name, "."))
		if ok && z.VPCs.Any() == estate.No && hostForm.MatchString(name) && under(domains[0], name) && len(name) > len(zone) {
			zone = name
		}
	}
	for _, z := range estate.All[*estate.External](d.e) { // one that is looked up
		name, _ := z.Args.Get("name").Literal()
		name = strings.ToLower(strings.TrimSuffix(name, "."))
		if zone == "" && strings.Contains(z.ID.Addr, "aws_route53_zone.") && hostForm.MatchString(name) && under(domains[0], name) {
			zone = name
		}
	}
	node := str(zone)
	if zone == "" {
		labels := strings.Split(domains[0], ".")
		zone = strings.Join(labels[max(0, len(labels)-2):], ".")
		node = str(zone)
		if len(labels) > 2 {
			node.guess(at, "the zone is not among the files", "write the DNS zone that holds the domains")
		}
	}
	n := row()
	for i, name := range domains {
		if !under(name, zone) {
			d.note(at, "declare a platform of its own for it, or move it into the zone", "domain %s is not in the draft: it is not in the zone %s", name, zone)
			continue
		}
		v := str(name)
		v.loose, v.at = i > 0, at
		n.items = append(n.items, v)
	}
	edge.set("domains", n).set("zone", node)
}

// under says whether a domain is in a zone.
func under(name, zone string) bool { return name == zone || strings.HasSuffix(name, "."+zone) }

// originSecret is how often the secret that CloudFront sends is turned.
func (d *drafter) originSecret() *node {
	for _, r := range estate.All[*estate.SecretRotation](d.e) {
		for _, s := range estate.To(d.e, r.Secret) {
			rules := r.Rules.One()
			if !strings.Contains(strings.ToLower(s.ID.Addr+s.SecretName.String()), "origin") || rules == nil {
				continue
			}
			if n, ok := rules.Days.Known(); ok && n > 1 && n <= 365 {
				return object().set("rotate", str(days(n))).set("overlap", str("24h"))
			}
		}
	}
	return nil
}

// fronts are words that the service has in its name that pages come from.
var fronts = regexp.MustCompile(`front|web|shop|store|site|ui|gateway|portal|api`)

func (d *drafter) routesNode(a *acl, routes []route, session bool) *node {
	n := row()
	n.block = true
	if len(routes) == 0 {
		to := changeMe
		if len(d.services) > 0 {
			to = d.services[0].name
			if i := slices.IndexFunc(d.services, func(s *service) bool { return fronts.MatchString(s.name) && s.protocol != "tcp" }); i >= 0 {
				to = d.services[i].name
			}
		}
		n.items = append(n.items, object().set("path", str("/*")).set("to", str(to)).guess(d.e.Account().Pos, "no gateway, load balancer or Ingress among the files leads to a service", "write which path goes where"))
		return n
	}
	prioritised := map[*service]int{}
	for _, r := range routes {
		prioritised[r.to]++
	}
	for i, r := range routes {
		v := object()
		v.at, v.loose = r.at, i > 0
		path := str(r.path)
		path.at = r.at
		v.set("path", path).set("to", str(r.to.name))
		if p := r.to.w.Annotations["fathom.dev/priority"]; slices.Contains([]string{"critical", "degraded", "sheddable"}, p) {
			priority := str(p)
			if prioritised[r.to] > 1 && p != "sheddable" {
				priority.guess(r.at, "that is the most important route of "+r.to.name, "write degraded or sheddable where this one can be given up sooner")
			}
			v.set("priority", priority)
		}
		if l := a.limits[r.path]; l != nil && (l.by != "session" || session) {
			v.set("limit", l.node())
		}
		path.mend = d.formLimit(v)
		if a.challenged[r.path] {
			v.set("challenge", yes().maybe())
		}
		if len(r.methods) > 0 {
			v.set("methods", texts(r.methods))
		}
		if r.why != "" {
			v.guess(r.at, r.why, "")
		}
		n.items = append(n.items, v)
	}
	return n
}

// formLimit gives a route a limit of its own where the checker asks for one: at
// logins and checkouts passwords and cards are tried.
func (d *drafter) formLimit(route *node) func(diag.Problem) bool {
	done := false
	return func(p diag.Problem) bool {
		if done || !strings.HasPrefix(p.Fix, "add limit:") {
			return false
		}
		done = true
		route.set("limit", object().set("max", num(50)).set("per", str("5m")).set("by", str("ip")).
			guess(route.at, "no rule limits this path, where passwords or cards are tried", "write what a customer never reaches"))
		return true
	}
}
