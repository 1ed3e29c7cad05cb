package draft

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"fathom/estate"
)

var (
	regionForm  = regexp.MustCompile(`^(af|ap|ca|eu|il|me|mx|sa|us)-(central|north|northeast|northwest|south|southeast|southwest|east|west)-[1-9]$`)
	accountForm = regexp.MustCompile(`^[0-9]{12}$`)
	registry    = regexp.MustCompile(`^([0-9]{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com/`)
	arnForm     = regexp.MustCompile(`arn:aws[a-z-]*:[a-z0-9-]*:([a-z0-9-]*):([0-9]{12}):`)
)

// findPlace finds what the platform is called and where it runs: what the names
// of everything else are read by.
func (d *drafter) findPlace() {
	var regions, accounts []string
	for _, p := range estate.All[*estate.Provider](d.e) {
		if strings.HasSuffix(p.ID.Addr, `provider["aws"]`) {
			r, _ := p.Region.Known()
			regions = append(regions, r)
			accounts = append(accounts, p.Accounts.Known()...)
		}
	}
	var seen []string
	for _, w := range estate.All[*estate.Workload](d.e) {
		for i := range w.Pod.Containers {
			if m := registry.FindStringSubmatch(w.Pod.Containers[i].Image); m != nil {
				accounts, seen = append(accounts, m[1]), append(seen, m[2])
			}
		}
	}
	for _, sa := range estate.All[*estate.ServiceAccount](d.e) {
		if m := arnForm.FindStringSubmatch(sa.Annotations["eks.amazonaws.com/role-arn"]); m != nil {
			accounts = append(accounts, m[2])
		}
	}
	fits := func(form *regexp.Regexp) func(string) bool {
		return func(t string) bool { return !form.MatchString(t) }
	}
	regions = slices.DeleteFunc(regions, fits(regionForm))
	if len(regions) == 0 {
		regions = slices.DeleteFunc(seen, fits(regionForm))
	}
	if d.region = commonest(regions); d.region == "" {
		d.region, d.regionWhy = "eu-west-1", "no provider and no image of the account's registry names a region"
	}
	if d.account = commonest(slices.DeleteFunc(accounts, fits(accountForm))); d.account == "" {
		d.account, d.acctWhy = noAccount, "no provider, image or role names the account"
	}
	d.findName()
	if ownNamespace(d.name) { // the services' namespace has the platform's name
		d.name, d.nameWhy = clean(d.name+"-shop", longestPlatform), "the files call it "+d.name+", which is the name of a namespace that is not for services"
	}
}

// findName asks, in this order, the labels of the workloads, the tags, the
// cluster, and the directory.
func (d *drafter) findName() {
	var parts, tags, clusters []string
	for _, w := range estate.All[*estate.Workload](d.e) {
		if outside(w) == "" {
			parts = append(parts, w.Labels["app.kubernetes.io/part-of"])
		}
	}
	for _, r := range d.e.Resources {
		for _, key := range []string{"platform", "project", "Project", "application", "Application", "app"} {
			if t, ok := r.Meta().Tags.Get(key).Known(); ok {
				tags = append(tags, t)
				break
			}
		}
	}
	for _, c := range estate.All[*estate.EKSCluster](d.e) {
		name, _ := c.ClusterName.Known()
		clusters = append(clusters, bare(name, "", "", ""))
	}
	for _, t := range []string{commonest(parts), commonest(tags), commonest(clusters)} {
		if d.name = clean(t, longestPlatform); d.name != "" {
			if d.name != t {
				d.nameWhy = "the files call it " + t + ", which is no name of a platform"
			}
			return
		}
	}
	if d.name = clean(d.o.Name, longestPlatform); d.name != "" {
		d.nameWhy = "no label, tag or cluster names the platform; this is the name of the directory"
		return
	}
	d.name, d.nameWhy = "platform", "no label, tag or cluster names the platform"
}

func (d *drafter) platform() *node {
	n := object()
	n.block = true
	told := func(key, text, why, fix string) *node {
		v := str(text)
		if why != "" {
			v.guess(d.e.Account().Pos, why, fix)
		}
		n.set(key, v)
		return v
	}
	told("name", d.name, d.nameWhy, "write the name that everything at AWS is to begin with")
	told("region", d.region, d.regionWhy, "write the region")
	other, why := d.backupRegion()
	told("backupRegion", other, why, "write the region that copies of the data are to be in")
	told("account", d.account, d.acctWhy, "write the twelve digits of the account")
	if id := d.organisation(); id != "" {
		n.set("organization", str(id).maybe())
	}
	return n
}

var organisationForm = regexp.MustCompile(`\bo-[a-z0-9]{10,32}\b`)

// organisation is the id of the organisation, where a policy names it.
func (d *drafter) organisation() string {
	var ids []string
	for _, r := range d.e.Resources {
		switch x := r.(type) {
		case *estate.BucketPolicy:
			ids = append(ids, organisationForm.FindAllString(x.Policy.Text(), -1)...)
		case *estate.VPCEndpoint:
			ids = append(ids, organisationForm.FindAllString(x.Policy.Text(), -1)...)
		case *estate.KMSKey:
			ids = append(ids, organisationForm.FindAllString(x.Policy.Text(), -1)...)
		case *estate.OrgPolicy:
			ids = append(ids, organisationForm.FindAllString(x.Content.Text(), -1)...)
		}
	}
	return commonest(ids)
}

// partners are second regions in the same part of the world.
var partners = map[string][]string{
	"af": {"af-south-1"}, "ap": {"ap-southeast-2", "ap-southeast-1"}, "ca": {"ca-central-1", "ca-west-1"},
	"eu": {"eu-central-1", "eu-west-1"}, "il": {"il-central-1"}, "me": {"me-central-1", "me-south-1"},
	"mx": {"mx-central-1"}, "sa": {"sa-east-1"}, "us": {"us-west-2", "us-east-1"},
}

// backupRegion is the region of another provider, and why it could not be told.
func (d *drafter) backupRegion() (region, why string) {
	part, _, _ := strings.Cut(d.region, "-")
	var named, others []string
	for _, p := range estate.All[*estate.Provider](d.e) {
		r, _ := p.Region.Known()
		if r == d.region || !regionForm.MatchString(r) || !strings.HasPrefix(r, part+"-") {
			continue
		}
		if regexp.MustCompile(`backup|dr\b|disaster|standby|replica|second|failover`).MatchString(p.ID.Addr) {
			named = append(named, r)
		} else if r != "us-east-1" { // CloudFront's certificates and web ACLs live there
			others = append(others, r)
		}
	}
	if r := commonest(named); r != "" {
		return r, ""
	}
	if r := commonest(others); r != "" {
		return r, ""
	}
	for _, r := range partners[part] {
		if r != d.region {
			return r, "nothing is copied to another region"
		}
	}
	return part + "-west-9", "nothing is copied to another region, and AWS has no second one in this part of the world"
}

// vpc is the one that the cluster is in, or the only one there is.
func (d *drafter) vpc() *estate.VPC {
	for _, c := range estate.All[*estate.EKSCluster](d.e) {
		if net := c.Network.One(); net != nil {
			for _, s := range estate.ToAll(d.e, net.Subnets) {
				for _, v := range estate.To(d.e, s.VPC) {
					return v
				}
			}
		}
	}
	if all := estate.All[*estate.VPC](d.e); len(all) > 0 {
		return all[0]
	}
	return nil
}

func (d *drafter) network() *node {
	n := object()
	v := d.vpc()
	if v == nil {
		return n.set("cidr", str("10.20.0.0/16").guess(d.e.Account().Pos, "there is no VPC in the files", "write its range"))
	}
	cidr := str("10.20.0.0/16")
	if text, ok := v.CIDR.Known(); ok && planned(text) {
		cidr = str(text)
	} else {
		cidr.guess(v.Pos, "the VPC's range "+v.CIDR.String()+" is not a private /16 to /18 that EKS leaves free", "take one, and move")
	}
	n.set("cidr", cidr)
	zones := map[string]bool{}
	for _, s := range estate.Of[*estate.Subnet](d.e, v.ID) {
		if z, ok := s.Zone.Known(); ok && len(z) == len(d.region)+1 && strings.HasPrefix(z, d.region) {
			zones[z[len(z)-1:]] = true
		}
	}
	letters := slices.DeleteFunc(sortedKeys(zones), func(z string) bool { return z < "a" || z > "f" })
	switch {
	case len(letters) < 2:
		n.set("zones", texts([]string{"a", "b", "c"}).guess(v.Pos, "the subnets name fewer than two zones", "write the letters"))
	default:
		n.set("zones", texts(letters[:min(4, len(letters))]))
	}
	gateways := 0
	for _, g := range estate.All[*estate.NATGateway](d.e) {
		for _, s := range estate.To(d.e, g.Subnet) {
			if s.VPC.Is(v.ID) {
				gateways++
			}
		}
	}
	word := "zone"
	switch {
	case gateways == 0 && len(estate.All[*estate.NATGateway](d.e)) == 0 && !slices.ContainsFunc(d.services, func(s *service) bool { return len(s.egress) > 0 }):
		word = "none"
	case gateways == 1:
		word = "one"
	}
	return n.set("nat", str(word))
}

// planned says whether a range is one that a declaration takes.
func planned(text string) bool {
	p, err := netip.ParsePrefix(text)
	if err != nil || p.Masked() != p || !p.Addr().Is4() || !p.Addr().IsPrivate() || p.Bits() < 16 || p.Bits() > 18 {
		return false
	}
	for _, t := range []string{"172.20.0.0/16", "10.100.0.0/16", "172.17.0.0/16"} { // EKS and container runtimes
		if p.Overlaps(netip.MustParsePrefix(t)) {
			return false
		}
	}
	return true
}

var (
	versionForm  = regexp.MustCompile(`^[0-9]+(\.[0-9]+){0,2}`)
	instanceForm = regexp.MustCompile(`^[a-z][a-z0-9-]*(\.[a-z0-9-]+)+$`)
)

func (d *drafter) cluster() *node {
	n := object()
	all := estate.All[*estate.EKSCluster](d.e)
	if len(all) == 0 {
		return n.set("version", str("1.35").guess(d.e.Account().Pos, "there is no cluster in the files", "write the version of Kubernetes"))
	}
	c := all[0]
	for _, more := range all[1:] {
		d.note(more.Pos, "draft a declaration of its own for it", "cluster %s is not in the draft: a declaration has one", more.ID)
	}
	if v, ok := c.Version.Known(); ok && versionForm.FindString(v) == v {
		n.set("version", str(v))
	} else {
		n.set("version", str("1.35").guess(c.Pos, "the cluster names no version", "write it"))
	}
	d.nodes(n, c)
	if net := c.Network.One(); net != nil && net.PublicAccess.Default(true).Is(true) != estate.No {
		from := row()
		for _, text := range net.PublicCIDRs.Known() {
			if p, err := netip.ParsePrefix(text); err == nil && p.Addr().Is4() && p.Bits() >= 16 && p.Masked() == p && !p.Addr().IsPrivate() {
				from.items = append(from.items, str(text).maybe())
			} else {
				d.note(net.At, "name the networks of offices and runners in cluster.from", "the cluster's API is open to %s, which is not taken over", text)
			}
		}
		if net.PublicCIDRs.Absent() {
			d.note(net.At, "name the networks of offices and runners in cluster.from", "the cluster's API is open to the whole internet, which is not taken over")
		}
		n.set("from", from)
	}
	return n
}

// nodes are the type and the bounds of the largest node group that has no taint
// or label that sets it apart.
func (d *drafter) nodes(n *node, c *estate.EKSCluster) {
	var best *estate.NodeGroup
	most := -1
	for _, g := range estate.All[*estate.NodeGroup](d.e) {
		if len(estate.To(d.e, g.Cluster)) > 0 && !g.Cluster.Is(c.ID) {
			continue
		}
		high := 0
		if b := g.Bounds.One(); b != nil {
			high, _ = b.Max.Known()
		}
		if len(g.Labels.Items) > 0 { // for some workloads only
			high -= 10000
		}
		if best == nil || high > most {
			best, most = g, high
		}
	}
	if best == nil {
		n.set("instance", str("m7g.large").guess(c.Pos, "there is no node group in the files", "write the type of the nodes"))
		return
	}
	if of := best.Types.Known(); len(of) > 0 && instanceForm.MatchString(of[0]) {
		n.set("instance", str(of[0]))
	} else {
		n.set("instance", str("m7g.large").guess(best.Pos, "node group "+best.ID.Addr+" names no type", "write the type of the nodes"))
	}
	if b := best.Bounds.One(); b != nil {
		low, ok1 := b.Min.Known()
		high, ok2 := b.Max.Known()
		if ok1 && ok2 && low <= high {
			low, high = min(max(low, 1), 1000), min(max(high, 1), 1000)
			n.set("nodes", object().set("min", num(low)).set("max", num(high)))
			return
		}
	}
	n.set("nodes", object().set("min", num(3)).set("max", num(12)).guess(best.Pos, "node group "+best.ID.Addr+" has no bounds that are known", "write them"))
}
