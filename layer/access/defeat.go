package access

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"fathom/estate"
)

// giveKeys has machines start with an SSH key pair.
func giveKeys(e *estate.Estate) *estate.Estate {
	return estate.Edit(e, func(d *estate.Draft) {
		estate.Change(d, func(t *estate.LaunchTemplate) { t.KeyPair = estate.Known("ops", t.Pos) })
		estate.Change(d, func(c *estate.LaunchConfiguration) { c.KeyPair = estate.Known("ops", c.Pos) })
		estate.Change(d, func(i *estate.Instance) { i.KeyPair = estate.Known("ops", i.Pos) })
		estate.Change(d, func(n *estate.NodeGroup) {
			if n.Template.Any() == estate.No { // a template brings its own
				n.Remote = estate.KnownBlocks(estate.NodeRemoteAccess{At: n.Pos, KeyPair: estate.Known("ops", n.Pos)})
			}
		})
	})
}

// onTrust drops conditions of the trust policies of roles for people.
func onTrust(d *estate.Draft, drop func(*estate.Condition) bool) {
	estate.Change(d, func(r *estate.Role) {
		if _, ok := trusted(r); ok {
			r.Trust = rewritten(r.Trust, func(s map[string]any) { unconditional(s, drop) })
		}
	})
}

// dropFactor leaves out of trust policies that they want a second factor.
func dropFactor(e *estate.Estate) *estate.Estate {
	return estate.Edit(e, func(d *estate.Draft) {
		onTrust(d, func(c *estate.Condition) bool {
			return demandsMFA(&estate.Statement{Conditions: []estate.Condition{*c}})
		})
	})
}

// grantAlways gives people their roles for good: no condition asks for a grant,
// neither where they take them on nor where they use them, and sessions last for
// half a day. The emergency's stay short.
func grantAlways(e *estate.Estate) *estate.Estate {
	granted := func(c *estate.Condition) bool {
		return c.Key == "aws:userid" || ends(&estate.Statement{Conditions: []estate.Condition{*c}}) ||
			strings.HasPrefix(c.Key, "iam:resourcetag/") && strings.Contains(c.Key, grantTag)
	}
	return estate.Edit(e, func(d *estate.Draft) {
		roles := map[estate.ID]bool{}
		for _, r := range estate.All[*estate.Role](e) {
			_, roles[r.ID] = trusted(r)
		}
		onTrust(d, granted)
		estate.Change(d, func(r *estate.Role) {
			if roles[r.ID] && !emergency.MatchString(r.ID.Addr+" "+r.RoleName.String()) {
				r.MaxSession = estate.Known(43200, r.MaxSession.Pos())
			}
		})
		estate.Change(d, func(p *estate.RolePolicy) {
			if slices.ContainsFunc(p.Role.To, func(id estate.ID) bool { return roles[id] }) {
				p.Policy = rewritten(p.Policy, func(s map[string]any) { unconditional(s, granted) })
			}
		})
		estate.Change(d, func(s *estate.PermissionSet) { s.Duration = estate.Known("PT12H", s.Duration.Pos()) })
	})
}

// widen has those who may open some shells open all, and the groups of people in
// the cluster run what they like everywhere.
func widen(e *estate.Estate) *estate.Estate {
	tagged := func(c *estate.Condition) bool { return strings.Contains(c.Key, ":resourcetag/") }
	var groups []string
	w := enter(e)
	for _, a := range w.admissions() {
		if w.persons(a.who) {
			groups = append(groups, a.groups...)
		}
	}
	slices.Sort(groups)
	return estate.Edit(e, func(d *estate.Draft) {
		wider := func(p *estate.Policy) {
			i := -1
			*p = rewritten(*p, func(s map[string]any) {
				if i++; i < len(p.Statements) && onMachines(&p.Statements[i]) {
					unconditional(s, tagged)
					s["Resource"] = "*"
				}
			})
		}
		estate.Change(d, func(p *estate.RolePolicy) { wider(&p.Policy) })
		estate.Change(d, func(p *estate.IAMPolicy) { wider(&p.Policy) })
		estate.Change(d, func(p *estate.PermissionSetPolicy) { wider(&p.Policy) })
		for _, g := range slices.Compact(groups) {
			d.Add(everywhere(g, e))
		}
	})
}

// onMachines says whether a statement lets somebody begin sessions on machines:
// not only by some documents.
func onMachines(s *estate.Statement) bool {
	return opens(s) != "" && slices.ContainsFunc(s.Resources, func(r string) bool {
		return !strings.Contains(r, ":document/") && !strings.Contains(r, "aws_ssm_document")
	})
}

// everywhere is the binding of a group to the role edit of every cluster.
func everywhere(group string, e *estate.Estate) *estate.RBACBinding {
	b := &estate.RBACBinding{
		RoleRef:  rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "edit"},
		Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "Group", Name: group}},
	}
	b.ID = estate.ID{Addr: "clusterrolebinding/" + group + "-everywhere"}
	b.Type, b.Kind, b.Name, b.Pos = "rbac.authorization.k8s.io/v1/ClusterRoleBinding", "ClusterRoleBinding", group+"-everywhere", e.Cluster().Pos
	return b
}

// renameGlass has what tells of the emergency's use still look for the role that
// it was before somebody renamed it.
func renameGlass(e *estate.Estate) *estate.Estate {
	named := map[string]bool{}
	for _, r := range estate.All[*estate.Role](e) {
		if emergency.MatchString(r.ID.Addr + " " + r.RoleName.String()) {
			named[r.ID.Addr], named[r.RoleName.String()] = true, true
		}
	}
	about := func(text string) bool {
		for n := range named {
			if strings.Contains(text, n) {
				return true
			}
		}
		return emergency.MatchString(text)
	}
	return estate.Edit(e, func(d *estate.Draft) {
		estate.Change(d, func(r *estate.EventRule) {
			if about(r.Pattern.String()) {
				r.Pattern = estate.Known(`{"source":["aws.sts"],"detail-type":["AWS API Call via CloudTrail"],"detail":{"eventName":["AssumeRole"],"requestParameters":{"roleArn":["arn:aws:iam::000000000000:role/retired"]}}}`, r.Pattern.Pos())
			}
		})
		estate.Change(d, func(f *estate.MetricFilter) {
			if about(f.Pattern.String()) {
				f.Pattern = estate.Known(`{ ($.eventName = "AssumeRole") && ($.requestParameters.roleArn = "arn:aws:iam::000000000000:role/retired") }`, f.Pattern.Pos())
			}
		})
	})
}
