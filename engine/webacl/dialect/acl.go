package dialect

import (
	"regexp"
	"strings"

	"fathom/engine/webacl"
	"fathom/estate/tree"
)

// inACL says where rules stand: directly in a web ACL, in a rule group, or in
// what Firewall Manager adds.
type inACL struct {
	group, manager bool
}

// webACL reads a web ACL; nil where it is none.
func (r *reader) webACL(n *tree.Node) *webacl.ACL {
	acl := r.aclPart(n)
	if acl != nil {
		r.bodiesThere(acl.Bodies, "the web ACL")
	}
	return acl
}

// aclPart reads a web ACL that others may add rules to.
func (r *reader) aclPart(n *tree.Node) *webacl.ACL {
	o := r.object(n, "the web ACL")
	if o == nil {
		r.left(posOf(n))
		return nil
	}
	acl := &webacl.ACL{At: n.Pos}
	acl.Name = r.name(o.get("Name"), "the name of the web ACL")
	acl.ID = r.name(o.get("Id"), "the id of the web ACL")
	acl.ARN = r.name(o.get("ARN", "resource_arn"), "the ARN of the web ACL")
	r.checkName(o, "the web ACL", acl.Name)
	acl.Account = r.account(o, acl.ARN)
	r.scope(o, acl)
	d := o.get("DefaultAction")
	if o.must(d, "DefaultAction") {
		acl.Default = r.action(d, "DefaultAction", "Allow", "Block")
	}
	acl.Bodies = r.bodies(o)
	if n := o.get("Rules"); n != nil || !r.blocks {
		acl.Rules = r.rules(n, inACL{})
	} else {
		acl.Rules = r.rules(o.get("Rule"), inACL{})
	}
	acl.Pre = r.rules(o.get("PreProcessFirewallManagerRuleGroups"), inACL{manager: true})
	acl.Post = r.rules(o.get("PostProcessFirewallManagerRuleGroups"), inACL{manager: true})
	acl.CaptchaImmunity = r.immunity(o.get("CaptchaConfig"), "CaptchaConfig", 60)
	acl.ChallengeImmunity = r.immunity(o.get("ChallengeConfig"), "ChallengeConfig", 300)
	acl.TokenDomains = r.tokenDomains(o.get("TokenDomains"))
	acl.BodyLimits = r.bodyLimits(o.get("AssociationConfig"))
	if c, ok := r.number(o.get("Capacity"), "Capacity", 0, 1<<31); ok {
		acl.Capacity = int(c)
	}
	o.ignore("Description", "VisibilityConfig", "DataProtectionConfig", "OnSourceDDoSProtectionConfig", "ManagedByFirewallManager",
		"RetrofittedByFirewallManager", "ApplicationConfig", "Tags", "LockToken", "TagsAll", "Region")
	o.internal("payer_token", "isolation_status", "managed_by_fms", "oversize_fields_handling_compliant", "retrofitted_by_fms",
		"ddos_protection_config", "simplified_web_acl", "alb_web_acl_attributes")
	o.done()
	r.left(n.Pos)
	return acl
}

// ruleGroup reads a rule group.
func (r *reader) ruleGroup(n *tree.Node) *webacl.Group {
	g := r.groupPart(n)
	r.bodiesThere(g.Bodies, "the rule group")
	return g
}

// groupPart reads a rule group that others may add rules to.
func (r *reader) groupPart(n *tree.Node) *webacl.Group {
	g := &webacl.Group{At: posOf(n)}
	o := r.object(n, "the rule group")
	if o == nil {
		r.left(g.At)
		return g
	}
	g.Name = r.name(o.get("Name"), "the name of the rule group")
	g.ARN = r.name(o.get("ARN"), "the ARN of the rule group")
	g.ID = g.ARN
	r.checkName(o, "the rule group", g.Name)
	g.Bodies = r.bodies(o)
	if n := o.get("Rules"); n != nil || !r.blocks {
		g.Rules = r.rules(n, inACL{group: true})
	} else {
		g.Rules = r.rules(o.get("Rule"), inACL{group: true})
	}
	if c, ok := r.number(o.get("Capacity"), "Capacity", 1, 1<<31); ok {
		g.Capacity = int(c)
	}
	account := r.account(o, g.ARN)
	g.LabelPrefix = "awswaf:" + account + ":rulegroup:" + g.Name + ":"
	o.ignore("Id", "Description", "VisibilityConfig", "Scope", "AvailableLabels", "ConsumedLabels", "Tags", "LockToken", "TagsAll", "Region")
	o.done()
	r.left(n.Pos)
	return g
}

var entity = regexp.MustCompile(`^[\w-]{1,128}$`)

// checkName holds a name to what AWS takes. One that is made from what is not
// known is left alone.
func (r *reader) checkName(o *object, what, name string) {
	switch {
	case name == "" || strings.Contains(name, "${") || entity.MatchString(name):
	default:
		r.problem(o.get("Name").Pos, "use letters, digits, - and _, 128 at most", "the name %q of %s is none that AWS takes", name, what)
	}
}

// account finds the account in an ARN or in the label namespace.
func (r *reader) account(o *object, arn string) string {
	label, _ := r.text(o.get("LabelNamespace"), "LabelNamespace")
	owner := ""
	if r.style == Snake {
		owner, _ = r.text(o.get("Owner"), "the owner")
	}
	for _, s := range []string{part(arn, 4), part(label, 1), owner} {
		if len(s) == 12 && strings.Trim(s, "0123456789") == "" {
			return s
		}
	}
	return ""
}

// part is the i-th of the parts between colons, or "".
func part(s string, i int) string {
	if parts := strings.Split(s, ":"); i < len(parts) {
		return parts[i]
	}
	return ""
}

// scope reads where the web ACL lives, which answers of the API only say in the
// ARN.
func (r *reader) scope(o *object, acl *webacl.ACL) {
	if n := o.get("Scope"); n != nil {
		if r.choice(n, "Scope", "REGIONAL", "CLOUDFRONT") == 1 {
			acl.Scope = webacl.CloudFront
		}
		return
	}
	if strings.HasPrefix(part(acl.ARN, 5), "global/") {
		acl.Scope = webacl.CloudFront
	}
}
