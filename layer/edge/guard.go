package edge

import (
	"cmp"
	"strings"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

// cover is what is known of a door's web ACL.
type cover struct {
	there estate.Truth
	acls  []*estate.WebACL
	at    diag.Pos
	saw   string
	why   string // why it is not known whether, or which
}

// coverer finds the web ACLs of doors.
type coverer struct {
	e *estate.Estate
	// loose is an association whose other end is not known, or a Firewall
	// Manager policy, which attaches web ACLs by itself.
	loose string
}

func newCoverer(e *estate.Estate) coverer {
	c := coverer{e: e}
	for _, a := range estate.All[*estate.WebACLAssociation](e) {
		if len(a.Resource.To) == 0 || isExternal(e, a.Resource.To[0]) {
			c.loose = cmp.Or(c.loose, a.ID.Addr+" attaches a web ACL to "+a.Resource.String()+", which is not in what was read")
		}
	}
	if x := external(e, "aws_fms_policy"); x != nil {
		c.loose = cmp.Or(c.loose, x.ID.Addr+" (Firewall Manager) may attach a web ACL")
	}
	return c
}

func isExternal(e *estate.Estate, id estate.ID) bool {
	_, ok := estate.Get[*estate.External](e, id)
	return ok
}

// of finds the web ACL of a door.
func (c coverer) of(d door) cover {
	switch r := d.Resource.(type) {
	case *estate.Distribution:
		return c.fromRef(r.WebACL)
	case *estate.Ingress:
		return c.ofIngress(d.alb)
	}
	for _, a := range estate.Of[*estate.WebACLAssociation](c.e, d.Meta().ID) {
		if !a.Resource.Is(d.Meta().ID) {
			continue
		}
		v := c.fromRef(a.WebACL)
		v.at, v.saw = a.Pos, a.ID.Addr
		return v
	}
	if c.loose != "" && !takesNoACL(d) {
		return cover{there: estate.Maybe, why: c.loose}
	}
	return cover{}
}

func (c coverer) ofIngress(a *ingressALB) cover {
	for _, in := range a.members {
		if in.WebACL.Set() != estate.No {
			return c.fromRef(in.WebACL)
		}
	}
	for _, s := range [][]string{{"wafv2-acl-arn", "wafv2AclArn"}, {"wafv2-acl-name", "wafv2AclName"}, {"waf-acl-id"}, {"web-acl-id"}} {
		if v, at := a.setting(s[0], s[1:]...); v != "" && v != "none" {
			return cover{there: estate.Yes, at: at, saw: v, why: "web ACL " + v + " is not in what was read"}
		}
	}
	if c.loose != "" {
		return cover{there: estate.Maybe, why: c.loose}
	}
	return cover{}
}

// fromRef reads an argument that names a web ACL. An empty string names none.
func (c coverer) fromRef(r estate.Ref[*estate.WebACL]) cover {
	v := cover{there: r.Set(), acls: estate.To(c.e, r), at: r.Pos(), saw: r.String()}
	if s, ok := r.Known(); ok && strings.TrimSpace(s) == "" {
		return cover{}
	}
	switch {
	case v.there == estate.Maybe:
		v.why = "its web ACL is not known: " + r.Why()
	case len(v.acls) == 0 && v.there == estate.Yes:
		v.why = "its web ACL " + r.String() + " is not in what was read"
	}
	return v
}

// guards is what a control of the web ACLs has to judge.
type guards struct {
	acls []acl
	// bare are the doors that have none.
	bare []door
	// hidden are the doors whose web ACL was not read, and why.
	hidden []unclear
}

// guardsOf gathers the web ACLs that stand before doors, or whose place is not
// known. One that only stands before load balancers which nothing but
// CloudFront or the VPC reaches is no guard of a door: the distribution has
// its own.
func guardsOf(e *estate.Estate) guards {
	var g guards
	c := newCoverer(e)
	all, maybe := doors(e)
	inner := map[estate.ID]bool{}
	outer := map[estate.ID]bool{}
	for _, d := range all {
		v := c.of(d)
		if closed(e, d) == estate.Yes {
			for _, w := range v.acls {
				inner[w.ID] = true
			}
			continue
		}
		for _, w := range v.acls {
			outer[w.ID] = true
		}
		switch {
		case v.there == estate.No:
			g.bare = append(g.bare, d)
		case len(v.acls) == 0:
			g.hidden = append(g.hidden, unclear{d, v.why})
		}
	}
	g.hidden = append(g.hidden, maybe...)
	for _, a := range estate.All[*estate.WebACLAssociation](e) {
		for _, lb := range toLBs(e, a) {
			if public, _ := publicALB(lb); public == estate.No {
				for _, w := range estate.To(e, a.WebACL) {
					inner[w.ID] = true
				}
			}
		}
	}
	sets := newRuleSets(e)
	for _, w := range estate.All[*estate.WebACL](e) {
		if outer[w.ID] || !inner[w.ID] {
			a := readACL(e, w, sets)
			a.assets = onlyAssets(e, w)
			g.acls = append(g.acls, a)
		}
	}
	return g
}

// onlyAssets says whether a web ACL stands before distributions of buckets and
// before nothing else.
func onlyAssets(e *estate.Estate, w *estate.WebACL) bool {
	all := estate.Of[*estate.Distribution](e, w.ID)
	if len(all) == 0 || len(estate.Of[*estate.WebACLAssociation](e, w.ID)) > 0 {
		return false
	}
	for _, d := range all {
		if len(d.Origins.Items) == 0 || d.Origins.Why != "" {
			return false
		}
		for i := range d.Origins.Items {
			if !isBucket(e, &d.Origins.Items[i]) {
				return false
			}
		}
	}
	return true
}

func isBucket(e *estate.Estate, o *estate.DistributionOrigin) bool {
	for _, id := range o.Domain.To {
		if _, ok := estate.Get[*estate.Bucket](e, id); ok {
			return true
		}
	}
	host, _ := o.Domain.Known()
	return len(o.S3.Items) > 0 || strings.HasSuffix(host, ".amazonaws.com") && (strings.Contains(host, ".s3.") || strings.Contains(host, ".s3-"))
}

func toLBs(e *estate.Estate, a *estate.WebACLAssociation) []*estate.LoadBalancer {
	var out []*estate.LoadBalancer
	for _, id := range a.Resource.To {
		if lb, ok := estate.Get[*estate.LoadBalancer](e, id); ok {
			out = append(out, lb)
		}
	}
	return out
}

// judge runs a judgement over the web ACLs. On a bare door the control is
// absent by the one mistake that all of them share; on a door whose web ACL
// was not read it is unknown.
func (g *guards) judge(e *estate.Estate, lacking string, of func(*acl) []control.Result) []control.Result {
	var out []control.Result
	for i := range g.acls {
		out = append(out, of(&g.acls[i])...)
	}
	for _, d := range g.bare {
		out = append(out, lacks(e, d, control.Mistake{
			Cause:   control.CauseNoWAF,
			Summary: d.String() + " has no web ACL, so " + lacking,
			Fix:     attachFix(d),
		}))
	}
	for _, u := range g.hidden {
		out = append(out, control.Unsure(u, diag.Pos{}, u.why))
	}
	return out
}

// lacks is control.Lacks for a door. A web ACL for the load balancer of an
// Ingress may also be attached by a part of the Terraform that was not read.
func lacks(e *estate.Estate, d door, m control.Mistake) control.Result {
	if _, ok := d.Resource.(*estate.Ingress); ok && e.MayHideAWS() != "" {
		return control.Unsure(d, m.At, e.MayHideAWS())
	}
	return control.Lacks(e, d.Resource, m)
}

// attachFix says how a web ACL is put in front of a door.
func attachFix(d door) string {
	switch d.Resource.(type) {
	case *estate.Distribution:
		return "set web_acl_id to the ARN of an aws_wafv2_web_acl with scope CLOUDFRONT"
	case *estate.Ingress:
		return "annotate it with " + annotation + "wafv2-acl-arn and the ARN of a regional web ACL"
	case *estate.ClassicLB:
		return "put a distribution with a web ACL in front, or move it to an aws_lb: a classic load balancer takes none"
	case *estate.Service:
		return "make the Service internal and put an Ingress with a web ACL, or a distribution, in front: its load balancer takes none"
	}
	return "attach a regional web ACL with aws_wafv2_web_acl_association and resource_arn"
}

// counted reports the rules that only count where a control needs them to stop
// something: one result for each line, with all the rules that line is about.
func counted(rules []rule, needed string) []control.Result {
	var out []control.Result
	byLine := map[diag.Pos]int{}
	names := map[diag.Pos][]string{}
	for _, r := range rules {
		names[r.actionAt] = append(names[r.actionAt], `"`+r.name+`"`)
		if _, dup := byLine[r.actionAt]; !dup {
			byLine[r.actionAt] = len(out)
			out = append(out, control.Not(r.of, control.Mistake{At: r.actionAt, Cause: control.CauseCounts, Fix: countFix}))
		}
		res := &out[byLine[r.actionAt]]
		res.Summary = ruleWord(names[r.actionAt]) + " of " + name(r.of) + " only " + verb(names[r.actionAt]) + ", " + needed
	}
	return out
}

const countFix = "use override_action { none {} } for a group and action { block {} } for a rule once its matches have been looked at"

func ruleWord(names []string) string {
	if len(names) == 1 {
		return "rule " + names[0]
	}
	return "rules " + strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

func verb(names []string) string {
	if len(names) == 1 {
		return "counts"
	}
	return "count"
}
