package escalate

import (
	"cmp"

	"fathom/estate"
)

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
