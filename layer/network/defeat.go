package network

import (
	"fmt"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"

	"fathom/engine/reach"
	"fathom/engine/reach/flow"
	"fathom/engine/reach/vpc"
	"fathom/estate"
	"fathom/layer/ground"
)

// opened adds rules to security groups, each as somebody in a hurry writes it.
type opened struct {
	d *estate.Draft
	n int
}

func (o *opened) rule(g *estate.SecurityGroup, egress bool, c *flow.Conn, cidr string) {
	o.n++
	r := estate.SingleRule{Group: estate.Naming[*estate.SecurityGroup](g.ID), CIDR: estate.Known(cidr, g.Pos), Protocol: estate.Known("-1", g.Pos)}
	if c != nil {
		r.Protocol = estate.Known(map[flow.Protocol]string{flow.TCP: "tcp", flow.UDP: "udp"}[c.Protocol], g.Pos)
		r.From, r.To = estate.Known(c.Port, g.Pos), estate.Known(c.Port, g.Pos)
	}
	b := estate.Base{ID: estate.ID{Root: g.ID.Root}, Pos: g.Pos, Module: g.Module, Provider: g.Provider}
	if egress {
		b.Type = "aws_vpc_security_group_egress_rule"
		b.ID.Addr = fmt.Sprintf("%s.mistake_%d", b.Type, o.n)
		o.d.Add(&estate.EgressRule{Base: b, SingleRule: r})
		return
	}
	b.Type = "aws_vpc_security_group_ingress_rule"
	b.ID.Addr = fmt.Sprintf("%s.mistake_%d", b.Type, o.n)
	o.d.Add(&estate.IngressRule{Base: b, SingleRule: r})
}

// groupsOf are the security groups that a place itself wears; none for pods.
func groupsOf(e *estate.Estate, p reach.Place) []*estate.SecurityGroup {
	i := estate.Once(e, vpc.New).Of(p.Of)
	if i == nil {
		return nil
	}
	var out []*estate.SecurityGroup
	for _, g := range i.Groups {
		if sg, ok := g.Of.(*estate.SecurityGroup); ok {
			out = append(out, sg)
		}
	}
	return out
}

const everybody = "0.0.0.0/0"

// openToWorld is an estate whose stores and machines take their ports from
// everybody, as while somebody could not connect.
func openToWorld(e *estate.Estate) *estate.Estate {
	g := ground.Of(e)
	return estate.Edit(e, func(d *estate.Draft) {
		o := &opened{d: d}
		done := map[string]bool{}
		for _, p := range exposable(g) {
			for _, sg := range groupsOf(e, p) {
				for _, c := range portsOf(g, p) {
					if key := fmt.Sprint(sg.ID, c); !done[key] && transport(c) {
						done[key] = true
						o.rule(sg, false, &c, everybody)
					}
				}
			}
		}
	})
}

func transport(c flow.Conn) bool { return c.Protocol == flow.TCP || c.Protocol == flow.UDP }

// unchained is an estate whose groups take the ports of what is inside from the
// whole network, and let out everything to it, as before there were callers to
// name. Load balancers that face the internet go on to take what they did.
func unchained(e *estate.Estate) *estate.Estate {
	g := ground.Of(e)
	var ports []flow.Conn
	for _, p := range g.Net.Places() {
		switch p.Kind {
		case reach.Workload, reach.Task, reach.Store, reach.Endpoint, reach.API:
			for _, c := range portsOf(g, p) {
				if transport(c) && !slices.Contains(ports, c) && c.Port != 22 && c.Port != 3389 {
					ports = append(ports, c)
				}
			}
		}
	}
	front := facing(e)
	return estate.Edit(e, func(d *estate.Draft) {
		o := &opened{d: d}
		for _, sg := range estate.All[*estate.SecurityGroup](e) {
			for _, cidr := range rangesOf(e) {
				o.rule(sg, true, nil, cidr)
				for i := 0; i < len(ports) && !front[sg.ID]; i++ {
					o.rule(sg, false, &ports[i], cidr)
				}
			}
		}
	})
}

// facing are the groups of load balancers that the internet may reach.
func facing(e *estate.Estate) map[estate.ID]bool {
	out := map[estate.ID]bool{}
	for _, p := range ground.Of(e).Net.Places() {
		switch lb := p.Of.(type) {
		case *estate.LoadBalancer:
			if lb.Internal.Default(false).Is(true) == estate.Yes {
				continue
			}
		case *estate.ClassicLB:
		default:
			continue
		}
		for _, g := range groupsOf(e, p) {
			out[g.ID] = true
		}
	}
	return out
}

// rangesOf are the ranges of the estate's own networks; where they are not known,
// all for private use.
func rangesOf(e *estate.Estate) []string {
	var out []string
	add := func(s estate.Str) {
		if c, ok := s.Known(); ok && !slices.Contains(out, c) && !estate.IsWorld(c) {
			out = append(out, c)
		}
	}
	for _, v := range estate.All[*estate.VPC](e) {
		add(v.CIDR)
	}
	for _, r := range estate.All[*estate.VPCRange](e) {
		add(r.CIDR)
	}
	if len(out) == 0 {
		return []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"}
	}
	return out
}

// letOut is an estate whose groups let everything out to everybody, with a route
// for it, past firewalls that only alert.
func letOut(e *estate.Estate) *estate.Estate {
	return estate.Edit(e, func(d *estate.Draft) {
		o := &opened{d: d}
		for _, sg := range estate.All[*estate.SecurityGroup](e) {
			o.rule(sg, true, nil, everybody)
		}
		estate.Change(d, func(p *estate.NetworkFirewallPolicy) {
			for i := range p.Policy.Items {
				a := &p.Policy.Items[i]
				a.StatefulDefault = estate.KnownList(a.At, "aws:alert_established")
			}
		})
		routedOut(e, d)
	})
}

// unpoliced is an estate in which a NetworkPolicy of each namespace lets
// everything pass, as while somebody looked for a fault.
func unpoliced(e *estate.Estate) *estate.Estate {
	return estate.Edit(e, func(d *estate.Draft) {
		seen := map[string]bool{}
		for _, p := range estate.All[*estate.NetworkPolicy](e) {
			if seen[p.Namespace] {
				continue
			}
			seen[p.Namespace] = true
			all := &estate.NetworkPolicy{Object: p.Object}
			all.Name, all.Manifest, all.Labels, all.Annotations = "allow-all", nil, nil, nil
			all.ID.Addr += " (allow-all)"
			all.Keys = nil
			all.Spec = networkingv1.NetworkPolicySpec{
				PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress},
				Ingress:     []networkingv1.NetworkPolicyIngressRule{{}},
				Egress:      []networkingv1.NetworkPolicyEgressRule{{}},
			}
			d.Add(all)
		}
	})
}

// withSSH is an estate whose nodes and machines take SSH from everybody.
func withSSH(e *estate.Estate) *estate.Estate {
	g := ground.Of(e)
	return estate.Edit(e, func(d *estate.Draft) {
		o := &opened{d: d}
		done := map[estate.ID]bool{}
		for _, n := range g.Nodes {
			for _, sg := range groupsOf(e, n.Place) {
				if !done[sg.ID] {
					done[sg.ID] = true
					o.rule(sg, false, &sshPort, everybody)
				}
			}
		}
	})
}

// allowing is the policy that an endpoint has by default.
const allowing = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`

// unlimited is an estate whose endpoints lead into everybody's accounts.
func unlimited(e *estate.Estate) *estate.Estate {
	return estate.Edit(e, func(d *estate.Draft) {
		estate.Change(d, func(x *estate.VPCEndpoint) {
			if !x.Policy.Absent() {
				x.Policy = estate.KnownPolicy(allowing, x.Policy.Pos())
			}
		})
		estate.Change(d, func(x *estate.VPCEndpointPolicy) { x.Policy = estate.KnownPolicy(allowing, x.Policy.Pos()) })
	})
}

// publicAPI is an estate whose clusters answer the whole internet.
func publicAPI(e *estate.Estate) *estate.Estate {
	return estate.Edit(e, func(d *estate.Draft) {
		estate.Change(d, func(c *estate.EKSCluster) {
			for i := range c.Network.Items {
				n := &c.Network.Items[i]
				n.PublicAccess = estate.Known(true, or(n.PublicAccess.Pos(), n.At))
				n.PublicCIDRs = estate.KnownList(or(n.PublicCIDRs.Pos(), n.At), everybody)
			}
		})
	})
}
