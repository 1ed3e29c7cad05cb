package escalate

import (
	"cmp"

	"fathom/engine/iam"
	"fathom/engine/iam/access"
	"fathom/estate"
)

// trusting are the roles whose trust policy lets a service in.
func (f *finder) trusting(service string) []int {
	if got, ok := f.passable[service]; ok {
		return got
	}
	out := []int{}
	svc, err := f.w.Principal("service/" + service)
	for i := range f.people {
		p := &f.people[i]
		if err == nil && p.role != nil && isTarget(p) && f.lets(svc, p) != estate.No {
			out = append(out, i)
		}
	}
	f.passable[service] = out
	return out
}

// lets says whether a role lets a service in, which names the account and the
// resource that it acts for where the trust policy asks.
func (f *finder) lets(svc access.Principal, p *person) estate.Truth {
	if !namesService(p.role, svc.IAM.Name) {
		return estate.No
	}
	ctx := iam.Context{"aws:sourceaccount": iam.One(cmp.Or(p.IAM.Account, f.account))}
	for i := range p.role.Trust.Statements {
		for _, c := range p.role.Trust.Statements[i].Conditions {
			if c.Key == "aws:sourcearn" && len(c.Values) > 0 {
				ctx[c.Key] = iam.One(plainly(c.Values[0]))
			}
		}
	}
	return f.w.Allows(svc, "sts:AssumeRole", p.arn, ctx)
}

// namesService spares the evaluation for roles that are for other services.
func namesService(r *estate.Role, service string) bool {
	if r.Trust.Unknown() {
		return true
	}
	for i := range r.Trust.Statements {
		for _, pr := range r.Trust.Statements[i].Principals {
			if pr.ID == service || pr.ID == "*" || pr.Type == "Service" && len(pr.ID) > 0 && pr.ID[0] == '$' {
				return true
			}
		}
	}
	return false
}

// passSites are the roles that can be passed to the way's service.
func (f *finder) passSites(w *way, profile bool) []site {
	var out []site
	for _, i := range f.trusting(trustedBy(w)) {
		s := f.at(i, "")
		if profile && !f.hasProfile(f.people[i].role) {
			s.marks = map[string]bool{"no profile": true}
		}
		out = append(out, s)
	}
	return out
}

// hasProfile says whether an instance profile carries a role. EKS makes one for
// the role of a managed node group (EKS User Guide, "Managed node groups").
func (f *finder) hasProfile(r *estate.Role) bool {
	return len(estate.Of[*estate.InstanceProfile](f.e, r.ID)) > 0 || len(estate.Of[*estate.NodeGroup](f.e, r.ID)) > 0
}

// executionSites are the roles that can be passed to CloudFormation for a
// stack set, with each role that they can assume to carry it out.
func (f *finder) executionSites(w *way) []site {
	var out []site
	for _, admin := range f.trusting(trustedBy(w)) {
		for i := range f.people {
			p := &f.people[i]
			if i == admin || p.role == nil || !isTarget(p) || !f.opens(i, admin) {
				continue
			}
			if f.w.Allows(f.people[admin].Principal, "sts:AssumeRole", p.arn, nil) != estate.No {
				out = append(out, f.at(i, f.people[admin].arn, "role", f.people[admin].arn))
			}
		}
	}
	return out
}

// existing keeps sites only where there is something of the way's kind: read
// but not understood, so that its role is not known, or assumed.
func (f *finder) existing(w *way, sites []site, roleUnread bool) []site {
	if len(w.resource) == 0 {
		return sites
	}
	why := ""
	for _, x := range estate.All[*estate.External](f.e) {
		for _, kind := range w.resource {
			if x.Type != kind {
				continue
			}
			if roleUnread {
				why = "which role " + x.ID.Addr + " has is not read"
			}
			return doubted(sites, why)
		}
	}
	if !f.o.Assume {
		return nil
	}
	why = "if there is " + w.called
	if roleUnread {
		why += " with that role"
	}
	return doubted(sites, why)
}

func doubted(sites []site, why string) []site {
	if why == "" {
		return sites
	}
	out := make([]site, len(sites))
	for i, s := range sites {
		s.maybe = append(s.maybe[:len(s.maybe):len(s.maybe)], why)
		out[i] = s
	}
	return out
}

// ecsSites are the roles for ECS tasks, where a cluster is.
func (f *finder) ecsSites(w *way) []site {
	sites := f.passSites(w, false)
	if len(estate.All[*estate.ECSService](f.e)) > 0 {
		return sites
	}
	for _, x := range estate.All[*estate.External](f.e) {
		if x.Type == "aws_ecs_cluster" {
			return sites
		}
	}
	if !f.o.Assume {
		return nil
	}
	return doubted(sites, "if there is an ECS cluster")
}

func (f *finder) functionSites() []site {
	var out []site
	for _, l := range estate.All[*estate.Lambda](f.e) {
		if i, arn := f.roleOf(l.Role), f.arn(l); i >= 0 && arn != "" {
			out = append(out, f.at(i, arn, "function", arn))
		}
	}
	return out
}

func (f *finder) buildSites() []site {
	var out []site
	for _, b := range estate.All[*estate.BuildProject](f.e) {
		if i, arn := f.roleOf(b.Role), f.arn(b); i >= 0 && arn != "" {
			out = append(out, f.at(i, arn, "project", arn))
		}
	}
	return out
}

func (f *finder) taskSites() []site {
	var out []site
	for _, s := range estate.All[*estate.ECSService](f.e) {
		for _, t := range estate.To(f.e, s.Task) {
			if i := f.roleOf(t.TaskRole); i >= 0 {
				out = append(out, f.at(i, s.ID.Addr, "clustername", "any"))
			}
		}
	}
	return out
}

// profileRole is the role that an instance profile carries; -1 for none.
func (f *finder) profileRole(ref estate.Ref[*estate.InstanceProfile]) int {
	for _, p := range estate.To(f.e, ref) {
		if i := f.roleOf(p.Role); i >= 0 {
			return i
		}
	}
	return -1
}

// instanceSites are the instances with a role, and those that node groups and
// auto scaling groups keep.
func (f *finder) instanceSites() []site {
	var out []site
	for _, x := range estate.All[*estate.Instance](f.e) {
		i, arn := f.profileRole(x.Profile), f.arn(x)
		for _, t := range x.Template.Items {
			if i < 0 {
				i = f.templateRole(t)
			}
		}
		if i >= 0 && arn != "" {
			out = append(out, f.at(i, arn, "instance", arn, "which", ""))
		}
	}
	kept := func(i int, addr string) {
		if i >= 0 {
			p := &f.people[i]
			arn := "arn:" + partitionOf(p.arn) + ":ec2:" + f.region + ":" + cmp.Or(p.IAM.Account, f.account) + ":instance/i-0existing"
			out = append(out, f.at(i, addr, "instance", arn, "which", "an instance of "+addr))
		}
	}
	for _, g := range estate.All[*estate.NodeGroup](f.e) {
		kept(f.roleOf(g.Role), g.ID.Addr)
	}
	for _, g := range estate.All[*estate.AutoScalingGroup](f.e) {
		for _, t := range templatesOf(g) {
			kept(f.templateRole(t), g.ID.Addr)
		}
	}
	return once(out)
}

// once leaves out sites of the same role that a person could not tell apart:
// one instance of a role is as good as another of the same kind.
func once(sites []site) []site {
	seen := map[string]bool{}
	var out []site
	for _, s := range sites {
		if k := s.holes["role"] + " " + s.holes["instance"]; !seen[k] {
			seen[k] = true
			out = append(out, s)
		}
	}
	return out
}

// managedSites are the instances that Systems Manager may manage: their role
// has to let the agent report.
func (f *finder) managedSites() []site {
	var out []site
	for _, s := range f.instanceSites() {
		p := &f.people[s.target]
		if f.w.Allows(p.Principal, "ssm:UpdateInstanceInformation", s.holes["instance"], nil) == estate.No {
			s.maybe = append(s.maybe[:len(s.maybe):len(s.maybe)], who(p.Principal)+" does not let Systems Manager manage the instance; only Default Host Management would")
		}
		out = append(out, s)
	}
	return out
}

func templatesOf(g *estate.AutoScalingGroup) []estate.TemplateRef {
	out := append([]estate.TemplateRef{}, g.Template.Items...)
	for _, m := range g.Mixed.Items {
		for _, t := range m.Template.Items {
			for _, s := range t.Spec.Items {
				out = append(out, estate.TemplateRef{ID: s.ID, Name: s.Name})
			}
		}
	}
	return out
}

func (f *finder) templatesNamed(t estate.TemplateRef) []*estate.LaunchTemplate {
	return append(estate.To(f.e, t.ID), estate.To(f.e, t.Name)...)
}

func (f *finder) templateRole(t estate.TemplateRef) int {
	for _, lt := range f.templatesNamed(t) {
		for _, p := range lt.Profile.Items {
			if i := max(f.profileRole(p.ARN), f.profileRole(p.Name)); i >= 0 {
				return i
			}
		}
	}
	return -1
}

// templateSites are the launch templates with a role whose newest or default
// version an auto scaling group takes. A managed node group stays with the
// version it was given.
func (f *finder) templateSites() []site {
	var out []site
	for _, g := range estate.All[*estate.AutoScalingGroup](f.e) {
		for _, t := range templatesOf(g) {
			i := f.templateRole(t)
			if i < 0 {
				continue
			}
			why := ""
			if v, known := t.Version.Known(); known && v != "$Latest" && v != "$Default" {
				continue
			} else if t.Version.Unknown() {
				why = "which version " + g.ID.Addr + " takes is not known"
			}
			for _, lt := range f.templatesNamed(t) {
				if arn := f.arn(lt); arn != "" {
					out = append(out, doubted([]site{f.at(i, arn, "template", arn)}, why)...)
				}
			}
		}
	}
	return out
}
