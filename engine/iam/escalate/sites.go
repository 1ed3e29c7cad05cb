package escalate

import (
	"fathom/engine/iam/access"
	"fathom/estate"
)

// site is a place in the estate where a way could work.
type site struct {
	holes  map[string]string
	marks  map[string]bool
	target int    // of people; -1 for none
	key    string // what tells it from other sites
	maybe  []string
	limits []string

	group  *estate.Group
	policy *estate.OrgPolicy
	of     string // the ARN of a cluster, key, bucket or secret
}

// sitesOf returns the sites of a way for a person. Those that are the same for
// everybody are made once.
func (f *finder) sitesOf(w *way, i int) []site {
	p := &f.people[i]
	switch w.over {
	case overSelfUser:
		return only(p.user != nil, f.self(p))
	case overSelfRole:
		return only(p.role != nil && p.target, f.self(p))
	case overOwnGroup, overOtherGroup:
		return f.groupSites(p, w.over == overOwnGroup)
	case overOwnPolicy:
		return f.ownPolicySites(p, w)
	case overBoundary, overBoundaryPolicy:
		return f.boundarySites(p, w.over)
	case overCluster:
		return f.clusterSites(p)
	case overRole:
		return f.others(f.shared(w), i, w.id == "sts-assume-role")
	case overRolePolicy, overUserOneKey, overUserTwoKeys, overUserLogin, overUserNoLogin,
		overPass, overPassProfile, overPassExecution, overExisting, overExistingPass, overECSCluster, overClusterPass,
		overFunction, overInstance, overManaged, overTemplate, overBuild, overTask, overProvider:
		return f.others(f.shared(w), i, false)
	}
	return f.shared(w)
}

func only(ok bool, s site) []site {
	if !ok {
		return nil
	}
	return []site{s}
}

func (f *finder) self(p *person) site {
	s := site{target: -1, key: p.arn, holes: map[string]string{}}
	if p.boundary != nil {
		s.holes["target boundary"] = p.boundary.arn
	}
	return s
}

// others leaves out the person itself, and for who wants to assume a role the
// roles whose trust policy speaks of others only.
func (f *finder) others(all []site, i int, trusted bool) []site {
	var out []site
	for _, s := range all {
		if s.target == i || trusted && !f.opens(s.target, i) {
			continue
		}
		out = append(out, s)
	}
	return out
}

// shared are the sites that do not depend on who attacks.
func (f *finder) shared(w *way) []site {
	k := siteKey{over: w.over, service: trustedBy(w)}
	if len(w.resource) > 0 {
		k.kinds = w.resource[0]
	}
	if got, ok := f.sites[k]; ok {
		return got
	}
	made := f.makeShared(w)
	f.sites[k] = made
	return made
}

func trustedBy(w *way) string {
	if w.trusted != "" {
		return w.trusted
	}
	return w.service
}

func (f *finder) makeShared(w *way) []site {
	switch w.over {
	case overUserOneKey, overUserTwoKeys, overUserLogin, overUserNoLogin:
		return f.userSites(w.over)
	case overRole:
		return f.roleSites(nil)
	case overRolePolicy:
		return f.rolePolicySites()
	case overPass, overPassProfile:
		return f.passSites(w, w.over == overPassProfile)
	case overPassExecution:
		return f.existing(w, f.executionSites(w), false)
	case overExisting:
		return f.existing(w, f.passSites(w, false), true)
	case overExistingPass:
		return f.existing(w, f.passSites(w, false), false)
	case overECSCluster:
		return f.ecsSites(w)
	case overClusterPass:
		return f.clusterPassSites(w)
	case overFunction:
		return f.functionSites()
	case overInstance:
		return f.instanceSites()
	case overManaged:
		return f.managedSites()
	case overTemplate:
		return f.templateSites()
	case overBuild:
		return f.buildSites()
	case overTask:
		return f.taskSites()
	case overKey, overBucket, overSecret:
		return f.dataSites(w.over)
	case overProvider:
		return f.providerSites()
	case overOrgPolicy:
		return f.orgSites()
	}
	return nil
}

// at makes a site at a person.
func (f *finder) at(i int, key string, holes ...string) site {
	p := &f.people[i]
	s := site{target: i, key: p.arn + " " + key, holes: map[string]string{}}
	if p.user != nil {
		s.holes["user"] = p.arn
	} else {
		s.holes["role"] = p.arn
	}
	if p.boundary != nil {
		s.holes["target boundary"] = p.boundary.arn
	}
	for k := 0; k+1 < len(holes); k += 2 {
		s.holes[holes[k]] = holes[k+1]
	}
	return s
}

// person finds who stands for a resource; -1 for nobody.
func (f *finder) person(id estate.ID) int {
	for i := range f.people {
		if r := f.people[i].Resource; r != nil && r.Meta().ID == id {
			return i
		}
	}
	return -1
}

// roleOf finds the person of the role that a reference names.
func (f *finder) roleOf(ref estate.Ref[*estate.Role]) int {
	for _, id := range ref.To {
		if i := f.person(id); i >= 0 {
			return i
		}
	}
	return -1
}

// arn is the ARN of a resource of the estate; "" for one that has none.
func (f *finder) arn(r estate.Resource) string {
	arn, got, err := f.w.Resource(r.Meta().ID.Addr)
	if err != nil || got != r {
		return ""
	}
	return arn
}

func isTarget(p *person) bool { return p.target && p.Kind != access.PermissionSet }
