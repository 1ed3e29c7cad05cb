package identity

import (
	"slices"
	"strings"

	"fathom/engine/trust"
	"fathom/estate"
)

// loosened has roles for service accounts take the token of any, and roles for
// principals of an account those of the whole account, without a word about
// which.
func loosened(e *estate.Estate) *estate.Estate {
	return estate.Edit(e, func(d *estate.Draft) {
		estate.Change(d, func(r *estate.Role) {
			cluster := slices.ContainsFunc(trust.Doors(e, r), func(d trust.Door) bool { return d.Issuer == trust.Cluster })
			p, changed := rewritten(r.Trust, func(s map[string]any) (keep, changed bool) {
				if s["Effect"] != "Allow" {
					return true, false
				}
				who, _ := s["Principal"].(map[string]any)
				if _, aws := who["AWS"]; aws {
					return true, unconditioned(s, func(key string) bool { return key == "aws:principalarn" })
				}
				return true, cluster && anySubject(s)
			})
			if changed {
				r.Trust = p
			}
		})
	})
}

// anySubject has a statement take every service account.
func anySubject(s map[string]any) bool {
	key := ""
	if !unconditioned(s, func(k string) bool { return strings.HasSuffix(k, ":sub") && keep(&key, s, k) }) {
		return false
	}
	byOp, _ := s["Condition"].(map[string]any)
	if byOp == nil {
		byOp = map[string]any{}
		s["Condition"] = byOp
	}
	like, _ := byOp["StringLike"].(map[string]any)
	if like == nil {
		like = map[string]any{}
		byOp["StringLike"] = like
	}
	like[key] = "system:serviceaccount:*:*"
	return true
}

// keep remembers how a key is written.
func keep(to *string, s map[string]any, lower string) bool {
	byOp, _ := s["Condition"].(map[string]any)
	for _, v := range byOp {
		byKey, _ := v.(map[string]any)
		for k := range byKey {
			if strings.EqualFold(k, lower) {
				*to = k
			}
		}
	}
	return true
}

// answering has the metadata services of nodes answer pods, by version 1 too.
func answering(e *estate.Estate) *estate.Estate {
	return estate.Edit(e, func(d *estate.Draft) {
		estate.Change(d, func(t *estate.LaunchTemplate) { t.Metadata = answers(t.Metadata) })
		estate.Change(d, func(c *estate.LaunchConfiguration) { c.Metadata = answers(c.Metadata) })
		estate.Change(d, func(i *estate.Instance) { i.Metadata = answers(i.Metadata) })
		estate.Change(d, func(g *estate.NodeGroup) {
			if g.Template.Any() == estate.No {
				g.AMI = estate.Known("AL2_x86_64", g.Pos)
			}
		})
	})
}

func answers(b estate.Blocks[estate.MetadataOptions]) estate.Blocks[estate.MetadataOptions] {
	var o estate.MetadataOptions
	if one := b.One(); one != nil {
		o = *one
	}
	o.At = b.At
	o.Endpoint = estate.Known("enabled", b.At)
	o.Tokens = estate.Known("optional", b.At)
	o.HopLimit = estate.Known(2, b.At)
	out := estate.KnownBlocks(o)
	out.At = b.At
	return out
}

// untagged has policies ask no session for tags, and associations send none.
func untagged(e *estate.Estate) *estate.Estate {
	tag := func(key string) bool {
		return strings.HasPrefix(key, "aws:principaltag/") && !strings.Contains(key, "mfa") && !strings.Contains(key, "grant")
	}
	open := func(p estate.Policy) estate.Policy {
		p, _ = rewritten(p, func(s map[string]any) (keep, changed bool) { return true, unconditioned(s, tag) })
		return p
	}
	return estate.Edit(e, func(d *estate.Draft) {
		estate.Change(d, func(p *estate.RolePolicy) { p.Policy = open(p.Policy) })
		estate.Change(d, func(p *estate.IAMPolicy) { p.Policy = open(p.Policy) })
		estate.Change(d, func(r *estate.Role) {
			for i := range r.Inline.Items {
				r.Inline.Items[i].Policy = open(r.Inline.Items[i].Policy)
			}
		})
		estate.Change(d, func(k *estate.KMSKey) { k.Policy = open(k.Policy) })
		estate.Change(d, func(k *estate.KMSKeyPolicy) { k.Policy = open(k.Policy) })
		estate.Change(d, func(b *estate.BucketPolicy) { b.Policy = open(b.Policy) })
		estate.Change(d, func(v *estate.VPCEndpoint) { v.Policy = open(v.Policy) })
	})
}

// unrailed takes what is above all policies away: the organisation's policies
// are attached to nothing, and nobody has a boundary.
func unrailed(e *estate.Estate) *estate.Estate {
	return estate.Edit(e, func(d *estate.Draft) {
		estate.Remove(d, func(a *estate.OrgAttachment) bool { return true })
		estate.Change(d, func(r *estate.Role) { r.Boundary = estate.Ref[*estate.IAMPolicy]{} })
		estate.Change(d, func(u *estate.User) { u.Boundary = estate.Ref[*estate.IAMPolicy]{} })
		estate.Remove(d, func(b *estate.PermissionSetBoundary) bool { return true })
	})
}

// unasked has no policy ask for a second factor, and no one for long passwords.
func unasked(e *estate.Estate) *estate.Estate {
	factor := func(key string) bool {
		return strings.HasPrefix(key, "aws:multifactorauth") || strings.HasPrefix(key, "aws:principaltag/") && strings.Contains(key, "mfa")
	}
	open := func(p estate.Policy) estate.Policy {
		p, _ = rewritten(p, func(s map[string]any) (keep, changed bool) {
			if s["Effect"] == "Deny" {
				return !unconditioned(s, factor), false
			}
			return true, unconditioned(s, factor)
		})
		return p
	}
	return estate.Edit(e, func(d *estate.Draft) {
		estate.Change(d, func(p *estate.OrgPolicy) { p.Content = open(p.Content) })
		estate.Change(d, func(p *estate.UserPolicy) { p.Policy = open(p.Policy) })
		estate.Change(d, func(p *estate.GroupPolicy) { p.Policy = open(p.Policy) })
		estate.Change(d, func(p *estate.IAMPolicy) { p.Policy = open(p.Policy) })
		estate.Change(d, func(p *estate.PasswordPolicy) { p.MinLength = estate.Known(8, p.Pos) })
	})
}

// keyed gives every user an access key, and makes one for a script where there
// is none.
func keyed(e *estate.Estate) *estate.Estate {
	return estate.Edit(e, func(d *estate.Draft) {
		key := func(u *estate.User) {
			d.Add(&estate.AccessKey{Base: another(&u.Base, "aws_iam_access_key"), User: estate.Naming[*estate.User](u.ID)})
		}
		users := estate.All[*estate.User](e)
		for _, u := range users {
			key(u)
		}
		if len(users) > 0 {
			return
		}
		u := &estate.User{Base: another(e.Account(), "aws_iam_user"), UserName: estate.Known(helper, e.Account().Pos)}
		u.ID.Addr = "aws_iam_user." + helper
		d.Add(u)
		key(u)
	})
}

// shared has service accounts use the node's role: by an association, whose
// service the role trusts then.
func shared(e *estate.Estate) *estate.Estate {
	return estate.Edit(e, func(d *estate.Draft) {
		nodes := nodeRoles(e)
		var role *estate.Role
		for _, r := range estate.All[*estate.Role](e) {
			if nodes[r.ID] != "" && role == nil {
				role = r
			}
		}
		clusters := estate.All[*estate.EKSCluster](e)
		if role == nil || len(clusters) == 0 {
			return
		}
		estate.Change(d, func(r *estate.Role) {
			if nodes[r.ID] != "" {
				r.Trust = trusting(r.Trust)
			}
		})
		has := map[string]bool{}
		for _, p := range estate.All[*estate.PodIdentity](e) {
			has[p.Namespace.String()+"/"+p.ServiceAccount.String()] = true
		}
		for _, w := range estate.All[*estate.Workload](e) {
			key := w.Namespace + "/" + w.ServiceAccountName()
			if has[key] {
				continue
			}
			has[key] = true
			p := &estate.PodIdentity{
				Base: another(&role.Base, "aws_eks_pod_identity_association"), Cluster: estate.Naming[*estate.EKSCluster](clusters[0].ID),
				Namespace: estate.Known(w.Namespace, role.Pos), ServiceAccount: estate.Known(w.ServiceAccountName(), role.Pos),
				Role: estate.Naming[*estate.Role](role.ID), NoSessionTags: estate.Known(true, role.Pos),
			}
			p.ID.Addr = "aws_eks_pod_identity_association." + strings.ReplaceAll(key, "/", "_")
			d.Add(p)
		}
	})
}

// trusting has a role trust EKS Pod Identity too.
func trusting(p estate.Policy) estate.Policy {
	first := true
	out, _ := rewritten(p, func(s map[string]any) (keep, changed bool) {
		who, _ := s["Principal"].(map[string]any)
		if who == nil || who["Service"] == nil || !first {
			return true, false
		}
		first = false
		services, one := who["Service"].(string)
		list, _ := who["Service"].([]any)
		if one {
			list = []any{services}
		}
		who["Service"] = append(list, "pods.eks.amazonaws.com")
		return true, true
	})
	return out
}
