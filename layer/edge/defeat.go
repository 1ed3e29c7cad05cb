package edge

import (
	"slices"
	"strings"

	"fathom/diag"
	"fathom/estate"
	"fathom/estate/tree"
)

// allAddresses is an address of the whole internet.
const allAddresses = "0.0.0.0/0"

// openDoor lets everybody reach the load balancers that are CloudFront's: the rule
// for its prefix list is made one for all addresses.
func openDoor(e *estate.Estate) *estate.Estate {
	groups, balancers := fronted(e)
	world := func(at diag.Pos) estate.List { return estate.KnownList(at, allAddresses) }
	return estate.Edit(e, func(d *estate.Draft) {
		estate.Change(d, func(r *estate.IngressRule) {
			if names(r.Group, groups) && !r.PrefixList.Absent() {
				r.CIDR = estate.Known(allAddresses, r.PrefixList.Pos())
				r.PrefixList = estate.Ref[*estate.PrefixList]{}
			}
		})
		estate.Change(d, func(r *estate.SecurityGroupRule) {
			if names(r.Group, groups) && r.Direction.Is("ingress") == estate.Yes && !r.PrefixLists.Absent() {
				r.CIDRs = world(r.PrefixLists.Pos())
				r.PrefixLists = estate.Refs[*estate.PrefixList]{}
			}
		})
		estate.Change(d, func(g *estate.SecurityGroup) {
			for i := range g.Ingress.Items {
				if r := &g.Ingress.Items[i]; groups[g.ID] && !r.PrefixLists.Absent() {
					r.CIDRs = world(r.PrefixLists.Pos())
					r.PrefixLists = estate.Refs[*estate.PrefixList]{}
				}
			}
		})
		estate.Change(d, func(in *estate.Ingress) {
			if balancers[in.ID] {
				delete(in.Annotations, annotation+"security-group-prefix-lists")
				delete(in.Annotations, annotation+"inbound-cidrs")
			}
		})
		estate.Change(d, func(s *estate.Service) {
			if balancers[s.ID] {
				delete(s.Annotations, lbAnnotation+"security-group-prefix-lists")
				delete(s.Annotations, "service.beta.kubernetes.io/load-balancer-source-ranges")
				s.Spec.LoadBalancerSourceRanges = nil
			}
		})
	})
}

// fronted are the load balancers behind distributions, and their security groups.
func fronted(e *estate.Estate) (groups, balancers map[estate.ID]bool) {
	groups, balancers = map[estate.ID]bool{}, map[estate.ID]bool{}
	fronts := frontings(e)
	all, _ := doors(e)
	for _, d := range all {
		var refs []estate.Refs[*estate.SecurityGroup]
		there := estate.No
		switch r := d.Resource.(type) {
		case *estate.LoadBalancer:
			_, there = fronts.of(r.ID)
			refs = append(refs, r.SecurityGroups)
		case *estate.ClassicLB:
			_, there = fronts.of(r.ID)
			refs = append(refs, r.SecurityGroups)
		case *estate.Service:
			_, there = fronts.of(r.ID)
		case *estate.Ingress:
			_, there = fronts.ofIngress(d.alb)
			for _, in := range d.alb.members {
				refs = append(refs, in.SecurityGroups)
				if there != estate.No {
					balancers[in.ID] = true
				}
			}
		}
		if there == estate.No {
			continue
		}
		balancers[d.Meta().ID] = true
		for i := range refs {
			for _, ref := range refs[i].Items {
				for _, id := range ref.To {
					groups[id] = true
				}
			}
		}
	}
	return groups, balancers
}

func names[T estate.Resource](r estate.Ref[T], ids map[estate.ID]bool) bool {
	return slices.ContainsFunc(r.To, func(id estate.ID) bool { return ids[id] })
}

// forgetSecret has the load balancers forward whatever comes: the condition on the
// header becomes one on every path.
func forgetSecret(e *estate.Estate) *estate.Estate {
	ours := originHeaders(e)
	demands := func(r *rule) bool {
		return r.action == block && r.looks.has("not_statement") && slices.ContainsFunc(r.looks.headers, func(h string) bool { return ours[h] })
	}
	out := rewritten(e, func(r *rule, n *tree.Node) *tree.Node {
		if demands(r) {
			return nil
		}
		return n
	})
	return estate.Edit(out, func(d *estate.Draft) {
		estate.Change(d, func(r *estate.ListenerRule) {
			for i := range r.Conditions.Items {
				c := &r.Conditions.Items[i]
				h := c.Header.One()
				if h == nil {
					continue
				}
				if n, ok := h.Name.Known(); !ok || ours[strings.ToLower(n)] {
					c.Header = estate.Blocks[estate.HeaderCondition]{}
					c.Path = estate.KnownBlocks(estate.ValuesCondition{At: h.At, Values: estate.KnownList(h.At, "/*")})
				}
			}
		})
		estate.Change(d, func(in *estate.Ingress) {
			for k, v := range in.Annotations {
				if strings.HasPrefix(k, annotation+"conditions.") && strings.Contains(v, "http-header") {
					delete(in.Annotations, k)
				}
			}
		})
	})
}

// detach leaves the web ACLs as they are, and attached to nothing.
func detach(e *estate.Estate) *estate.Estate {
	return estate.Edit(e, func(d *estate.Draft) {
		estate.Change(d, func(r *estate.Distribution) { r.WebACL = estate.Ref[*estate.WebACL]{} })
		estate.Remove(d, func(*estate.WebACLAssociation) bool { return true })
		estate.Change(d, func(in *estate.Ingress) {
			in.WebACL = estate.Ref[*estate.WebACL]{}
			for _, k := range []string{"wafv2-acl-arn", "wafv2-acl-name", "waf-acl-id", "web-acl-id"} {
				delete(in.Annotations, annotation+k)
			}
		})
	})
}

// unprotect ends the protections of Shield Advanced, as a subscription that has run
// out does.
func unprotect(e *estate.Estate) *estate.Estate {
	return estate.Edit(e, func(d *estate.Draft) {
		estate.Remove(d, func(*estate.ShieldHealthCheck) bool { return true })
		estate.Remove(d, func(*estate.ShieldProtection) bool { return true })
	})
}

// takeAnybody has nothing at the edge verify what clients sign: the code and the
// keys are there, and no path calls them.
func takeAnybody(e *estate.Estate) *estate.Estate {
	out := rewritten(e, func(r *rule, n *tree.Node) *tree.Node {
		if r.stops() && slices.ContainsFunc(r.looks.labels, func(l string) bool { return strings.HasPrefix(l, "awswaf:managed:token:") }) {
			return nil
		}
		return n
	})
	return estate.Edit(out, func(d *estate.Draft) {
		estate.Change(d, func(r *estate.Distribution) {
			eachBehaviour(r, func(b *estate.CacheBehavior) {
				b.TrustedKeys = estate.List{}
				calls(e, b, verifiesClients)
			})
		})
	})
}

func eachBehaviour(r *estate.Distribution, f func(*estate.CacheBehavior)) {
	for i := range r.Default.Items {
		f(&r.Default.Items[i])
	}
	for i := range r.Ordered.Items {
		f(&r.Ordered.Items[i])
	}
}

// calls takes the functions from a behaviour whose code is such.
func calls(e *estate.Estate, b *estate.CacheBehavior, such func(code string) bool) {
	b.Functions.Items = slices.DeleteFunc(b.Functions.Items, func(f estate.FunctionAssociated) bool {
		return slices.ContainsFunc(estate.To(e, f.ARN), func(fn *estate.CloudFrontFunction) bool { return fn.Code.Test(such) == estate.Yes })
	})
}

// takeAll has nothing refuse what is too much: no waiting room and no limit in a
// proxy.
func takeAll(e *estate.Estate) *estate.Estate {
	gone := map[estate.ID]bool{}
	for _, r := range waiting(e) {
		gone[r.On.ID] = true
	}
	for _, r := range sheds(e) {
		gone[r.On.ID] = true
	}
	return estate.Edit(e, func(d *estate.Draft) {
		estate.Change(d, func(r *estate.Distribution) {
			eachBehaviour(r, func(b *estate.CacheBehavior) {
				b.Functions.Items = slices.DeleteFunc(b.Functions.Items, func(f estate.FunctionAssociated) bool { return names(f.ARN, gone) })
			})
		})
		estate.Remove(d, func(f *estate.CloudFrontFunction) bool { return gone[f.ID] })
		estate.Remove(d, func(f *estate.Lambda) bool { return gone[f.ID] })
		estate.Remove(d, func(w *estate.Workload) bool { return gone[w.ID] })
		estate.Remove(d, func(o *estate.Object) bool { return gone[o.ID] })
		estate.Change(d, func(r *estate.DestinationRule) {
			if gone[r.ID] {
				r.Manifest = without(r.Manifest, "spec", "trafficPolicy", "connectionPool", "http")
			}
		})
		estate.Change(d, func(in *estate.Ingress) {
			for _, k := range []string{"limit-connections", "limit-rps", "limit-rpm"} {
				delete(in.Annotations, "nginx.ingress.kubernetes.io/"+k)
			}
		})
	})
}

// without is a tree without one member: the rest is shared.
func without(n *tree.Node, path ...string) *tree.Node {
	if n == nil || len(path) == 0 {
		return nil
	}
	c := *n
	c.Fields = slices.Clone(n.Fields)
	for i := range c.Fields {
		if c.Fields[i].Name != path[0] {
			continue
		}
		if rest := without(c.Fields[i].Node, path[1:]...); rest != nil {
			c.Fields[i].Node = rest
		} else {
			c.Fields = slices.Delete(c.Fields, i, i+1)
		}
		break
	}
	return &c
}
