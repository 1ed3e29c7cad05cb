package reach

import (
	"fmt"
	"slices"
	"strings"

	"fathom/diag"
	"fathom/engine/reach/flow"
	"fathom/estate"
)

// listener is a port of a load balancer and where its requests go.
type listener struct {
	of       estate.Resource
	at       diag.Pos
	port     int // 0 where it is not known
	protocol flow.Protocol
	forwards []forward
}

// forward is one thing that a listener does with requests.
type forward struct {
	rule   flow.Hop // the rule, as a hop
	group  *estate.TargetGroup
	secret bool // only requests that carry what CloudFront alone adds
	// sources are the addresses whose requests alone are sent on (source_ip);
	// nothing for all.
	sources flow.Addrs
	// Of a balancer that Kubernetes makes:
	service *estate.Service
	port    string // of the Service: its name or number
}

// listeners are the ports on which a balancer takes requests.
func (n *Network) listeners(of estate.Resource) []listener {
	switch x := of.(type) {
	case *estate.LoadBalancer:
		return n.elbListeners(x)
	case *estate.ClassicLB:
		return classicListeners(x)
	case *estate.Ingress:
		return n.ingressListeners(x)
	case *estate.Service:
		return serviceListeners(x)
	case *estate.Gateway:
		return n.gatewayListeners(x)
	}
	return nil
}

func (n *Network) elbListeners(lb *estate.LoadBalancer) []listener {
	var out []listener
	for _, l := range estate.Of[*estate.Listener](n.e, lb.ID) {
		if !l.LoadBalancer.Is(lb.ID) {
			continue
		}
		port, _ := l.Port.Known()
		got := listener{of: l, at: l.Pos, port: port, protocol: flow.TCP}
		if l.Protocol.In("UDP", "TCP_UDP", "QUIC") == estate.Yes {
			got.protocol = flow.UDP
		}
		got.forwards = n.forwards(lb, l)
		out = append(out, got)
		if l.Protocol.In("TCP_UDP", "TCP_QUIC") == estate.Yes {
			got.protocol = flow.TCP
			out = append(out, got)
		}
	}
	return out
}

// forwards are the rules of a listener by priority, and its default last.
func (n *Network) forwards(lb *estate.LoadBalancer, l *estate.Listener) []forward {
	rules := slices.DeleteFunc(slices.Clone(estate.Of[*estate.ListenerRule](n.e, l.ID)), func(r *estate.ListenerRule) bool { return !r.Listener.Is(l.ID) })
	slices.SortStableFunc(rules, func(a, b *estate.ListenerRule) int {
		x, _ := a.Priority.Known()
		y, _ := b.Priority.Known()
		return x - y
	})
	var out []forward
	for _, r := range rules {
		when, secret := n.conditions(lb, r)
		for _, g := range n.groupsOf(r.Actions.Items) {
			h := flow.Hop{Kind: flow.LoadBalancer, Of: r, At: r.Pos, Pass: estate.Yes}
			h.Says = fmt.Sprintf("listener rule %s sends %s%s on to %s", r.ID, when, login(r.Actions.Items), groupName(g))
			out = append(out, forward{rule: h, group: g, secret: secret, sources: sourcesOf(r)})
		}
	}
	for _, g := range n.groupsOf(l.Default.Items) {
		h := flow.Hop{Kind: flow.LoadBalancer, Of: l, At: actionAt(l), Pass: estate.Yes}
		h.Says = fmt.Sprintf("listener %s sends requests%s on to %s", l.ID, login(l.Default.Items), groupName(g))
		if len(rules) > 0 {
			h.Says = fmt.Sprintf("listener %s sends requests that no rule takes%s on to %s", l.ID, login(l.Default.Items), groupName(g))
		}
		out = append(out, forward{rule: h, group: g})
	}
	return out
}

func actionAt(l *estate.Listener) diag.Pos {
	if l.Default.At.Line != 0 {
		return l.Default.At
	}
	return l.Pos
}

func groupName(g *estate.TargetGroup) string {
	if name, ok := g.GroupName.Known(); ok {
		return fmt.Sprintf("target group %q", name)
	}
	return "target group " + g.ID.Addr
}

func (n *Network) groupsOf(actions []estate.ListenerAction) []*estate.TargetGroup {
	var out []*estate.TargetGroup
	for i := range actions {
		out = append(out, estate.To(n.e, actions[i].TargetGroup)...)
		for j := range actions[i].Forward.Items {
			for _, t := range actions[i].Forward.Items[j].Targets.Items {
				out = append(out, estate.To(n.e, t.ARN)...)
			}
		}
	}
	return out
}

// login says that requests have to log in first.
func login(actions []estate.ListenerAction) string {
	for i := range actions {
		if actions[i].Type.Test(func(t string) bool { return strings.HasPrefix(t, "authenticate-") || t == "jwt-validation" }) == estate.Yes {
			return " that have logged in"
		}
	}
	return ""
}

// conditions puts into words which requests a rule takes, and says whether
// they carry a header that a distribution adds for this balancer. The header's
// value is not shown: it is a secret.
func (n *Network) conditions(lb *estate.LoadBalancer, r *estate.ListenerRule) (when string, secret bool) {
	what, with := "requests", ""
	var hosts, paths []string
	for i := range r.Conditions.Items {
		c := &r.Conditions.Items[i]
		for j := range c.Path.Items {
			paths = append(paths, shown(c.Path.Items[j].Values)...)
		}
		for j := range c.Host.Items {
			hosts = append(hosts, shown(c.Host.Items[j].Values)...)
		}
		for j := range c.Header.Items {
			h := &c.Header.Items[j]
			name := h.Name.String()
			with += fmt.Sprintf(" that carry the expected header %s", name)
			secret = secret || n.addedByCDN(lb, name)
		}
		for j := range c.Source.Items {
			with += " from " + list(shown(c.Source.Items[j].Values))
		}
	}
	if len(paths) > 0 {
		what += " to " + list(paths)
	}
	if len(hosts) > 0 {
		what += " for " + list(hosts)
	}
	return what + with, secret
}

// sourcesOf are the addresses that the source_ip conditions of a rule ask for;
// nothing where there is none, or one that is not known whole.
func sourcesOf(r *estate.ListenerRule) flow.Addrs {
	var out flow.Addrs
	for i := range r.Conditions.Items {
		for _, c := range r.Conditions.Items[i].Source.Items {
			var any flow.Addrs
			if c.Values.Unknown() {
				continue
			}
			for _, v := range c.Values.Known() {
				if a, err := flow.ParseAddrs(v); err == nil {
					any = any.Union(a)
				}
			}
			if out.Empty() {
				out = any
			} else {
				out = out.Intersect(any)
			}
		}
	}
	return out
}

func shown(l estate.List) []string {
	var out []string
	for _, v := range l.Items {
		out = append(out, v.String())
	}
	return out
}

// addedByCDN says whether a distribution adds a header of that name for an
// origin which is the balancer.
func (n *Network) addedByCDN(lb *estate.LoadBalancer, header string) bool {
	for _, d := range estate.All[*estate.Distribution](n.e) {
		for i := range d.Origins.Items {
			o := &d.Origins.Items[i]
			if !slices.ContainsFunc(n.originPlaces(o), func(p *place) bool { return p.Of == estate.Resource(lb) }) {
				continue
			}
			for _, h := range o.Headers.Items {
				if strings.EqualFold(h.Name.String(), header) {
					return true
				}
			}
		}
	}
	return false
}

func classicListeners(lb *estate.ClassicLB) []listener {
	var out []listener
	for i := range lb.Listeners.Items {
		l := &lb.Listeners.Items[i]
		port, _ := l.Port.Known()
		out = append(out, listener{of: lb, at: l.At, port: port, protocol: flow.TCP})
	}
	return out
}

// target is what requests are sent to behind a target group.
type target struct {
	to   *place
	port int
	hop  flow.Hop // what puts it there
	pods bool     // a controller registers pods and opens the groups to them
}

// targets are what is in a target group, wherever that is written, and why
// more may be there, or "".
func (n *Network) targets(g *estate.TargetGroup) []target {
	var out []target
	add := func(to *place, port estate.Int, by estate.Resource, at diag.Pos) {
		if to == nil {
			return
		}
		if port.Absent() {
			port = g.Port
		}
		p, _ := port.Known()
		h := flow.Hop{Kind: flow.LoadBalancer, Of: g, At: at, Pass: estate.Yes}
		h.Says = fmt.Sprintf("%s holds %s, on %s", groupName(g), to, conn(flow.TCP, p, port))
		if to.Kind == Function {
			h.Says = fmt.Sprintf("%s holds %s", groupName(g), to)
		}
		if port.Unknown() {
			h.Pass, h.Why = estate.Maybe, "the port is not known: "+port.Why()
		}
		out = append(out, target{to: to, port: p, hop: h})
	}
	for _, a := range estate.Of[*estate.TargetAttachment](n.e, g.ID) {
		for _, id := range a.Target.To {
			add(n.of[id], a.Port, a, a.Pos)
		}
	}
	for _, a := range estate.Of[*estate.AutoScalingAttachment](n.e, g.ID) {
		for _, id := range a.Group.To {
			add(n.of[id], estate.Int{}, a, a.Pos)
		}
	}
	for _, a := range estate.Of[*estate.AutoScalingGroup](n.e, g.ID) {
		add(n.of[a.ID], estate.Int{}, a, a.Pos)
	}
	for _, s := range estate.Of[*estate.ECSService](n.e, g.ID) {
		for i := range s.LoadBalancers.Items {
			if t := &s.LoadBalancers.Items[i]; t.TargetGroup.Is(g.ID) {
				add(n.of[s.ID], t.Port, s, t.At)
			}
		}
	}
	return append(out, n.bound(g)...)
}

func conn(p flow.Protocol, port int, written estate.Int) string {
	if port == 0 {
		return "a port that is not known (" + written.String() + ")"
	}
	return flow.Conn{Protocol: p, Port: port}.String()
}

// bound are the pods that a TargetGroupBinding of the AWS Load Balancer
// Controller puts into the group.
func (n *Network) bound(g *estate.TargetGroup) []target {
	var out []target
	for _, o := range estate.All[*estate.Object](n.e) {
		if o.Kind != "TargetGroupBinding" || !names(o, g) {
			continue
		}
		spec := o.Manifest.Get("spec")
		service, _ := spec.At("serviceRef", "name").Literal()
		port, _ := spec.At("serviceRef", "port").Literal()
		instance, _ := spec.Get("targetType").Literal()
		s := n.serviceCalled(o.Namespace, service)
		if s == nil {
			continue
		}
		opened := !spec.Get("networking").Missing()
		for _, b := range n.backends(s, port, instance == "instance" || instance == "" && g.TargetType.Default("instance").Is("instance") == estate.Yes) {
			h := flow.Hop{Kind: flow.LoadBalancer, Of: o, At: o.At("spec"), Pass: estate.Yes}
			h.Says = fmt.Sprintf("%s puts %s into %s, on %s", o.ID, b.to, groupName(g), flow.Conn{Protocol: flow.TCP, Port: b.port})
			out = append(out, target{to: b.to, port: b.port, hop: h, pods: opened && b.to.Kind == Workload})
		}
	}
	return out
}

// names says whether a TargetGroupBinding is about the group.
func names(o *estate.Object, g *estate.TargetGroup) bool {
	spec := o.Manifest.Get("spec")
	if name, ok := spec.Get("targetGroupName").Literal(); ok && name != "" {
		return slices.Contains(g.Keys, name) || g.GroupName.Is(name) == estate.Yes
	}
	arn, _ := spec.Get("targetGroupARN").Literal()
	if slices.Contains(g.Keys, arn) {
		return arn != ""
	}
	parts := strings.Split(arn, "/")
	return len(parts) == 3 && strings.HasSuffix(parts[0], ":targetgroup") && (slices.Contains(g.Keys, parts[1]) || g.GroupName.Is(parts[1]) == estate.Yes)
}

func (n *Network) serviceCalled(namespace, name string) *estate.Service {
	for _, s := range estate.All[*estate.Service](n.e) {
		if s.Namespace == namespace && s.Name == name {
			return s
		}
	}
	return nil
}
