package edge

import (
	"fathom/estate"
)

// door is where requests from the internet come in.
type door struct {
	estate.Resource
	what string
	// alb is set for the load balancer that Ingresses make.
	alb *ingressALB
}

// String names the door as a report does.
func (d door) String() string { return d.what + " " + d.Meta().ID.Addr }

// unclear is something that may be a door.
type unclear struct {
	estate.Resource
	why string
}

// doors are the distributions that serve, the public application and classic
// load balancers, those that Ingresses and Services make, and the stages of public
// REST APIs.
func doors(e *estate.Estate) ([]door, []unclear) {
	var out []door
	for _, d := range estate.All[*estate.Distribution](e) {
		if serves(d) {
			out = append(out, door{Resource: d, what: "distribution"})
		}
	}
	var maybe []unclear
	for _, lb := range estate.All[*estate.LoadBalancer](e) {
		switch public, why := publicALB(lb); public {
		case estate.Yes:
			out = append(out, door{Resource: lb, what: "load balancer"})
		case estate.Maybe:
			maybe = append(maybe, unclear{lb, why})
		}
	}
	for _, lb := range estate.All[*estate.ClassicLB](e) {
		switch public, why := publicClassic(lb); public {
		case estate.Yes:
			out = append(out, door{Resource: lb, what: "load balancer"})
		case estate.Maybe:
			maybe = append(maybe, unclear{lb, why})
		}
	}
	for _, a := range ingressALBs(e) {
		out = append(out, door{Resource: a.first(), what: "load balancer of", alb: a})
	}
	for _, s := range estate.All[*estate.Service](e) {
		if publicService(s) {
			out = append(out, door{Resource: s, what: "load balancer of"})
		}
	}
	for _, s := range estate.All[*estate.APIStage](e) {
		if !privateAPI(e, s) {
			out = append(out, door{Resource: s, what: "API stage"})
		}
	}
	return out, maybe
}

// serves says whether a distribution takes the traffic of its own name. A
// staging distribution only gets what its primary sends.
func serves(d *estate.Distribution) bool {
	return d.Enabled.Default(true).Is(true) != estate.No && d.Staging.Is(true) != estate.Yes
}

// publicALB says whether a load balancer is an application load balancer with
// public addresses. load_balancer_type defaults to application and internal to
// false (provider, aws_lb). Network load balancers pass packets on: they take
// neither a web ACL nor listener rules.
func publicALB(lb *estate.LoadBalancer) (estate.Truth, string) {
	alb := lb.Kind.Default("application").Is("application")
	public := lb.Internal.Default(false).Is(false)
	why := lb.Internal.Why()
	if why == "" {
		why = lb.Kind.Why()
	}
	return alb.And(public), "it is not known whether it is an internet-facing application load balancer: " + why
}

// takesNoACL says whether a door is of a kind that no web ACL can be attached
// to: classic and network load balancers.
func takesNoACL(d door) bool {
	switch d.Resource.(type) {
	case *estate.Service, *estate.ClassicLB:
		return true
	}
	return false
}

// privateAPI says whether a stage's API answers only inside VPCs.
func privateAPI(e *estate.Estate, s *estate.APIStage) bool {
	for _, api := range estate.To(e, s.API) {
		if ep := api.Endpoint.One(); ep != nil && ep.Types.Has("PRIVATE") == estate.Yes {
			return true
		}
	}
	return false
}

// name says what a resource is and which.
func name(r estate.Resource) string {
	what := map[string]string{
		"aws_cloudfront_distribution": "distribution",
		"aws_lb":                      "load balancer", "aws_alb": "load balancer", "aws_elb": "load balancer",
		"aws_lb_listener": "listener", "aws_alb_listener": "listener",
		"aws_lb_listener_rule": "listener rule", "aws_alb_listener_rule": "listener rule",
		"aws_wafv2_web_acl": "web ACL", "aws_wafv2_rule_group": "rule group",
		"aws_security_group": "security group", "aws_default_security_group": "security group",
	}[r.Meta().Type]
	if what == "" {
		return r.Meta().ID.Addr
	}
	return what + " " + r.Meta().ID.Addr
}

// external returns the first resource of a type that Fathom does not model.
func external(e *estate.Estate, kind string) *estate.External {
	if e.Unmodelled[kind] == 0 {
		return nil
	}
	for _, x := range estate.All[*estate.External](e) {
		if x.Type == kind {
			return x
		}
	}
	return nil
}
