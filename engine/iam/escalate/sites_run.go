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
	if !f.slow && !namesService(p.role, svc.IAM.Name) {
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
