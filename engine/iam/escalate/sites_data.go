package escalate

import (
	"strings"

	"fathom/estate"
)

// clusterSites are the EKS clusters, with what of them bears on a person.
func (f *finder) clusterSites(p *person) []site {
	var out []site
	for _, c := range estate.All[*estate.EKSCluster](f.e) {
		s, ok := f.clusterSite(c)
		if !ok || f.administers(p, c) {
			continue
		}
		if f.hasEntry(p, c) {
			s.marks["entry"] = true
		}
		out = append(out, s)
	}
	return out
}

func (f *finder) clusterSite(c *estate.EKSCluster) (site, bool) {
	arn := f.arn(c)
	if arn == "" {
		return site{}, false
	}
	s := site{
		target: -1, key: arn, of: arn, marks: map[string]bool{},
		holes: map[string]string{"cluster": arn, "clustername": arn[strings.LastIndexByte(arn, '/')+1:]},
	}
	mode := estate.Str{}
	if a := c.Access.One(); a != nil {
		mode = a.Mode
	}
	// A cluster without the argument takes only the aws-auth config map (EKS API,
	// CreateAccessConfigRequest).
	switch m, known := mode.Known(); {
	case mode.Absent() && c.Access.Why == "", known && m == "CONFIG_MAP":
		s.marks["config map"] = true
		s.limits = append(s.limits, "the cluster cannot be set back to CONFIG_MAP afterwards")
	case !known:
		s.maybe = append(s.maybe, "the authentication mode of "+c.ID.Addr+" is not known")
	}
	return s, true
}

func (f *finder) hasEntry(p *person, c *estate.EKSCluster) bool {
	for _, x := range estate.Of[*estate.EKSAccessEntry](f.e, c.ID) {
		if names(x.Principal, p) {
			return true
		}
	}
	return false
}

// names says whether a reference names a person, in the files or by ARN.
func names(ref estate.Ref[estate.Resource], p *person) bool {
	arn, _ := ref.Known()
	return p.Resource != nil && ref.Is(p.Resource.Meta().ID) || arn != "" && arn == p.arn
}

// administers says whether a person is administrator of a cluster already.
func (f *finder) administers(p *person, c *estate.EKSCluster) bool {
	for _, x := range estate.Of[*estate.EKSAccessPolicy](f.e, c.ID) {
		pol, _ := x.Policy.Known()
		if names(x.Principal, p) && strings.HasSuffix(pol, "/AmazonEKSClusterAdminPolicy") {
			return true
		}
	}
	return false
}

// clusterPassSites are the clusters with each role for EKS Pod Identity.
func (f *finder) clusterPassSites(w *way) []site {
	var out []site
	for _, c := range estate.All[*estate.EKSCluster](f.e) {
		arn := f.arn(c)
		for _, i := range f.trusting(trustedBy(w)) {
			if arn != "" {
				out = append(out, f.at(i, arn, "cluster", arn))
			}
		}
	}
	return out
}

// dataSites are what guards data.
func (f *finder) dataSites(o over) []site {
	var out []site
	add := func(r estate.Resource, hole string) {
		if arn := f.arn(r); arn != "" {
			out = append(out, site{target: -1, key: arn, of: arn, holes: map[string]string{hole: arn}})
		}
	}
	switch o {
	case overKey:
		for _, k := range estate.All[*estate.KMSKey](f.e) {
			add(k, "key")
		}
	case overBucket:
		for _, b := range estate.All[*estate.Bucket](f.e) {
			add(b, "bucket")
		}
	case overSecret:
		for _, s := range estate.All[*estate.Secret](f.e) {
			add(s, "secret")
		}
	}
	return out
}
