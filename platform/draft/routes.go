package draft

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"fathom/diag"
	"fathom/estate"
	"fathom/estate/tree"
)

// route sends a path to a service.
type route struct {
	path    string
	to      *service
	methods []string
	why     string // why it could not be told; ""
	at      diag.Pos
}

// routes are told by the mesh's gateway, or else by the rules of the load
// balancer, or else by Ingresses of the shop's domains.
func (d *drafter) routes(domains []string) []route {
	var out []route
	add := func(r route) {
		for _, o := range out {
			if o.path == r.path {
				if o.to != r.to {
					d.note(r.at, "", "%s leads to %s in one place and to %s here: the draft has the first", r.path, o.to.name, r.to.name)
				}
				return
			}
		}
		if r.to.protocol == "tcp" {
			d.note(r.at, "", "%s leads to %s, which speaks tcp, and is not in the draft", r.path, r.to.name)
			return
		}
		out = append(out, r)
	}
	d.gatewayRoutes(add)
	if len(out) == 0 {
		d.listenerRoutes(add)
	}
	d.ingressRoutes(add, len(out) > 0, domains)
	d.methodsOf(out)
	return out
}

var pathForm = regexp.MustCompile(`^/[A-Za-z0-9/._~:@!$&'(),;=+%-]*\*?$`)

// gatewayRoutes are those of VirtualServices that stand at a gateway.
func (d *drafter) gatewayRoutes(add func(route)) {
	for _, o := range estate.All[*estate.Object](d.e) {
		if o.Kind != "VirtualService" {
			continue
		}
		atGateway := false
		if g := o.Manifest.At("spec", "gateways"); g.Is() == tree.List {
			for _, i := range g.Items {
				t, _ := i.Literal()
				atGateway = atGateway || t != "mesh"
			}
		}
		if http := o.Manifest.At("spec", "http"); atGateway && http.Is() == tree.List {
			for _, h := range http.Items {
				d.httpRoute(o, h, add)
			}
		}
	}
}

func (d *drafter) httpRoute(o *estate.Object, h *tree.Node, add func(route)) {
	var to *service
	for _, r := range blocks(h.Get("route")) {
		if s := d.serviceAt(text(r, "destination", "host"), o.Namespace); s != nil && to == nil {
			to = s
		}
	}
	if to == nil {
		d.note(h.Pos, "", "a route of %s leads to nothing that is in the draft", o.ID)
		return
	}
	matches := blocks(h.Get("match"))
	if len(matches) == 0 {
		add(route{path: "/*", to: to, at: h.Pos})
	}
	for _, m := range matches {
		r := route{to: to, at: m.Pos}
		switch {
		case has(m, "uri", "exact"):
			r.path = text(m, "uri", "exact")
		case has(m, "uri", "prefix"):
			r.path = text(m, "uri", "prefix") + "*"
		case !has(m, "uri"):
			r.path = "/*"
		}
		if t := text(m, "method", "exact"); t != "" {
			r.methods = []string{t}
		}
		if !pathForm.MatchString(r.path) {
			d.note(m.Pos, "write its paths", "a route of %s to %s goes by an expression, which a declaration has not", o.ID, to.name)
			continue
		}
		add(r)
	}
}

// listenerRoutes are those of load balancers.
func (d *drafter) listenerRoutes(add func(route)) {
	rules := slices.Clone(estate.All[*estate.ListenerRule](d.e))
	slices.SortStableFunc(rules, func(a, b *estate.ListenerRule) int {
		x, _ := a.Priority.Known()
		y, _ := b.Priority.Known()
		return cmp.Compare(x, y)
	})
	for _, r := range rules {
		to := d.forwards(r.Actions)
		if to == nil {
			continue
		}
		for i := range r.Conditions.Items {
			for j := range r.Conditions.Items[i].Path.Items {
				for _, p := range r.Conditions.Items[i].Path.Items[j].Values.Known() {
					if !pathForm.MatchString(p) {
						d.note(r.Pos, "write its paths", "%s goes by %s, which no route of a declaration is", r.ID, p)
						continue
					}
					add(route{path: p, to: to, at: r.Pos})
				}
			}
		}
	}
	for _, l := range estate.All[*estate.Listener](d.e) {
		if to := d.forwards(l.Default); to != nil {
			add(route{path: "/*", to: to, at: l.Pos})
		}
	}
}

// forwards is the service that actions of a load balancer send to.
func (d *drafter) forwards(actions estate.Blocks[estate.ListenerAction]) *service {
	for i := range actions.Items {
		a := &actions.Items[i]
		groups := estate.To(d.e, a.TargetGroup)
		for j := range a.Forward.Items {
			for k := range a.Forward.Items[j].Targets.Items {
				groups = append(groups, estate.To(d.e, a.Forward.Items[j].Targets.Items[k].ARN)...)
			}
		}
		for _, g := range groups {
			if s := d.behind(g); s != nil {
				return s
			}
		}
	}
	return nil
}

// behind is the service whose pods or node port a target group has.
func (d *drafter) behind(g *estate.TargetGroup) *service {
	port, _ := g.Port.Known()
	name, _ := g.GroupName.Known()
	for _, s := range d.services {
		for _, k := range s.kube {
			for _, p := range k.Spec.Ports {
				if port > 0 && int(p.NodePort) == port {
					return s
				}
			}
		}
	}
	for _, o := range estate.All[*estate.Object](d.e) {
		if o.Kind == "TargetGroupBinding" {
			arn := text(o.Manifest, "spec", "targetGroupARN")
			if name != "" && (strings.Contains(arn, "targetgroup/"+name+"/") || text(o.Manifest, "spec", "targetGroupName") == name) {
				return d.serviceAt(text(o.Manifest, "spec", "serviceRef", "name"), o.Namespace)
			}
		}
	}
	for _, s := range d.services {
		if name != "" && bare(name, d.name, d.account, d.region) == s.name {
			return s
		}
	}
	return nil
}

// ingressRoutes are those of Ingresses. Where there is another way in, those of
// other hosts than the shop's are left out: routes hold for all domains.
func (d *drafter) ingressRoutes(add func(route), other bool, domains []string) {
	for _, in := range estate.All[*estate.Ingress](d.e) {
		for i, rule := range in.Spec.Rules {
			at := in.At("spec", "rules", fmt.Sprint(i))
			if rule.HTTP == nil {
				continue
			}
			if other && !slices.Contains(domains, rule.Host) {
				d.note(at, "declare a route for what the shop itself needs; let the rest come in another way", "%s is a second way in (host %s), beside the one that is drafted: its routes are not taken over, as routes hold for all domains", in.ID, firstOf(rule.Host, "any"))
				continue
			}
			for _, p := range rule.HTTP.Paths {
				if p.Backend.Service == nil {
					continue
				}
				to := d.serviceAt(p.Backend.Service.Name, in.Namespace)
				path := firstOf(p.Path, "/")
				if p.PathType == nil || *p.PathType != "Exact" {
					path = strings.TrimSuffix(path, "*") + "*"
				}
				if to == nil || !pathForm.MatchString(path) {
					d.note(at, "", "path %s of %s is not in the draft", path, in.ID)
					continue
				}
				add(route{path: path, to: to, at: at})
			}
		}
	}
}

// methodsOf takes the methods of routes from the rules by which the mesh lets
// the gateway in.
func (d *drafter) methodsOf(routes []route) {
	for _, p := range estate.All[*estate.AuthorizationPolicy](d.e) {
		for _, rule := range p.Spec.GetRules() {
			for _, from := range rule.GetFrom() {
				found, _ := d.callers(from.GetSource().GetPrincipals(), nil, nil, p.Namespace)
				if len(found) > 0 || len(from.GetSource().GetPrincipals()) == 0 {
					continue // a service's call, or everybody's
				}
				for _, to := range rule.GetTo() {
					for i := range routes {
						r := &routes[i]
						if slices.Contains(to.GetOperation().GetPaths(), r.path) && slices.Contains(d.selected(p.Namespace, p.Spec.GetSelector().GetMatchLabels()), r.to) {
							r.methods = merge(r.methods, to.GetOperation().GetMethods())
						}
					}
				}
			}
		}
	}
}
