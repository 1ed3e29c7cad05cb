package access

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"

	"fathom/estate"
	"fathom/estate/tree"
)

// standInAccount is the account where no file tells it. AWS gives no account
// that number.
const standInAccount = "000000000000"

// names knows what the resources of an estate are called.
type names struct {
	e    *estate.Estate
	arns map[estate.ID]string
	// main is the account that the estate is of.
	main      string
	mainKnown bool
	// accounts and regions are what provider configurations say, by root and
	// name.
	accounts, regions map[provider]string
	onlyRegion        string // the one that all providers agree on, or ""
	ownOrganization   string
	several           bool // there are several configurations
	nameless          int
	deep              int  // of names made of names
	ready             bool // all ARNs are made, and the maps only read
}

type provider struct{ root, name string }

func newNames(e *estate.Estate) *names {
	n := &names{e: e, arns: map[estate.ID]string{}, accounts: map[provider]string{}, regions: map[provider]string{}}
	roots := map[string]bool{}
	regions := map[string]bool{}
	for _, p := range estate.All[*estate.Provider](e) {
		at := provider{p.ID.Root, strings.TrimSuffix(strings.TrimPrefix(p.ID.Addr, `provider["`), `"]`)}
		if ids := p.Accounts.Known(); len(ids) == 1 && len(p.Accounts.Items) == 1 {
			n.accounts[at] = ids[0]
		}
		if r, ok := p.Region.Known(); ok {
			n.regions[at] = r
			regions[r] = true
		}
	}
	for _, r := range e.Resources {
		if b := r.Meta(); strings.HasPrefix(b.Type, "aws_") {
			roots[b.ID.Root] = true
		}
	}
	n.several = len(roots) > 1
	n.ownOrganization = n.findOrganization()
	if len(regions) == 1 {
		n.onlyRegion = slices.Collect(maps.Keys(regions))[0]
	}
	n.main, n.mainKnown = n.findAccount()
	return n
}

// findAccount finds the account that the estate is of: the one that its
// providers are bound to, or that stands in the ARNs of its own resources (a
// plan or state knows them), or in an ARN somebody wrote that names a role or
// user declared here.
func (n *names) findAccount() (string, bool) {
	count := map[string]int{}
	for _, id := range n.accounts {
		count[id]++
	}
	if id, ok := most(count); ok {
		return id, true
	}
	for _, r := range n.e.Resources {
		for _, k := range r.Meta().Keys {
			if m := owned.FindStringSubmatch(k); m != nil {
				count[m[1]]++
			}
		}
	}
	if id, ok := most(count); ok {
		return id, true
	}
	n.written(count)
	if id, ok := most(count); ok {
		return id, true
	}
	return standInAccount, false
}

var (
	owned = regexp.MustCompile(`^arn:[^:]*:[^:]*:[^:]*:([0-9]{12}):`)
	named = regexp.MustCompile(`arn:[^:\s"]*:iam::([0-9]{12}):(role|user)/([\w+=,.@/-]+)`)
)

// written counts the accounts of ARNs that name a declared role or user, in
// policies, annotations and aws-auth maps.
func (n *names) written(count map[string]int) {
	declared := map[string]bool{}
	for _, r := range estate.All[*estate.Role](n.e) {
		if name, ok := r.RoleName.Known(); ok {
			declared["role/"+name] = true
		}
	}
	for _, u := range estate.All[*estate.User](n.e) {
		if name, ok := u.UserName.Known(); ok {
			declared["user/"+name] = true
		}
	}
	look := func(text string) {
		for _, m := range named.FindAllStringSubmatch(text, -1) {
			if declared[m[2]+"/"+m[3][strings.LastIndexByte(m[3], '/')+1:]] {
				count[m[1]]++
			}
		}
	}
	for _, s := range estate.All[*estate.ServiceAccount](n.e) {
		look(s.Annotations[roleAnnotation])
	}
	for _, c := range estate.All[*estate.ConfigMap](n.e) {
		if c.Name == "aws-auth" {
			look(c.Data["mapRoles"])
			look(c.Data["mapUsers"])
		}
	}
	for _, r := range estate.All[*estate.Role](n.e) {
		look(r.Trust.Text())
		for _, g := range r.HolderOf(n.e).Grants {
			look(g.Policy.Text())
		}
	}
}

// most returns the key that is there most often, the smallest of equals.
func most(count map[string]int) (string, bool) {
	best := slices.MaxFunc(append(slices.Sorted(maps.Keys(count)), ""), func(a, b string) int {
		return cmp.Or(cmp.Compare(count[a], count[b]), strings.Compare(b, a))
	})
	return best, best != "" && count[best] > 0
}

func (n *names) provider(b *estate.Base) provider {
	return provider{b.ID.Root, cmp.Or(b.Provider, "aws")}
}

// account is the account that a resource is in.
func (n *names) account(b *estate.Base) string {
	return cmp.Or(n.accounts[n.provider(b)], n.main)
}

// accountKnown says whether account is known, or a stand-in.
func (n *names) accountKnown(b *estate.Base) bool { return n.account(b) != standInAccount }

func (n *names) region(b *estate.Base) string {
	if r, ok := b.Region.Known(); ok {
		return r
	}
	if r := cmp.Or(n.regions[n.provider(b)], n.onlyRegion); r != "" {
		return r
	}
	return noRegion
}

func (n *names) partition(b *estate.Base) string {
	switch r := cmp.Or(n.regions[n.provider(b)], n.onlyRegion); {
	case strings.HasPrefix(r, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(r, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

// text is a name as a policy would have it, with stand-ins for what is not
// known of it.
func (n *names) text(b *estate.Base, v estate.Str) string {
	if v.Absent() {
		return ""
	}
	s := v.String()
	if v.Unknown() && !strings.Contains(s, "${") {
		return n.stand(b, "name")
	}
	return n.fillFor(b).fill(s)
}

// unnamed is the name of a resource that AWS names, wholly or from a prefix. A
// plan or state may know it.
func (n *names) unnamed(b *estate.Base, prefix estate.Str) string {
	for _, k := range b.Keys {
		if !strings.ContainsAny(k, ":./") && (ids.MatchString(k) || !byID[b.Type]) {
			return k
		}
	}
	return n.text(b, prefix) + n.made(b, "")
}

// made is an id that AWS makes up for a resource: the same only as itself.
func (n *names) made(b *estate.Base, attr string) string {
	s := stand(n.where(b), tree.Ref{Addr: b.ID.Addr, Attr: attr}.String())
	return "(" + s[1:len(s)-1] + ")"
}

// byID are types whose ARN has an id that AWS makes, and not the name.
var byID = map[string]bool{
	"aws_security_group": true, "aws_default_security_group": true, "aws_subnet": true, "aws_vpc": true,
	"aws_instance": true, "aws_launch_template": true, "aws_ebs_volume": true, "aws_efs_file_system": true,
	"aws_kms_key": true, "aws_kms_external_key": true, "aws_kms_replica_key": true, "aws_cloudfront_distribution": true,
}

var ids = regexp.MustCompile(`^([a-z]+-[0-9a-f]{8,}|(mrk-)?[0-9a-f]{8}-?[0-9a-f-]{23,}|E[0-9A-Z]{9,})$`)

// stand is the stand-in of an attribute of a resource.
func (n *names) stand(b *estate.Base, attr string) string {
	return stand(n.where(b), tree.Ref{Addr: b.ID.Addr, Attr: attr}.String())
}

// where sets a configuration apart from others.
func (n *names) where(b *estate.Base) string {
	if n.several {
		return b.ID.Root
	}
	return ""
}

// fillFor fills what is written in the configuration of a resource.
func (n *names) fillFor(b *estate.Base) *holes {
	return &holes{
		known:    func(ref string) (string, bool) { return n.attribute(b, ref) },
		where:    n.where(b),
		nameless: &n.nameless,
	}
}

// maxDeep bounds names that are made of names that are made of names.
const maxDeep = 8

// attribute is the text of a reference that stands in the configuration of a
// resource: "module.eks.aws_iam_role.node.arn".
func (n *names) attribute(b *estate.Base, ref string) (string, bool) {
	addr, attr := cutRef(ref)
	if addr == "" || n.deep > maxDeep {
		return "", false
	}
	n.deep++
	defer func() { n.deep-- }()
	if s, ok := n.data(b, addr, attr); ok {
		return s, true
	}
	r, ok := estate.Get[estate.Resource](n.e, estate.ID{Root: b.ID.Root, Addr: addr})
	if !ok {
		return "", false
	}
	if strings.HasSuffix(attr, "oidc[0].issuer") {
		return n.issuer(r.Meta()), true
	}
	switch attr {
	case "arn":
		return n.arn(r)
	case "cluster_resource_id", "cluster_uuid", "resource_id":
		return n.made(r.Meta(), attr), true // by which rds-db and kafka-cluster name a database and a stream
	case "id", "name", "bucket", "key_id", "function_name", "url", "family", "identifier", "cluster_identifier", "repository_url":
		return n.plainAttribute(r, attr)
	case "target_key_arn":
		if a, isAlias := r.(*estate.KMSAlias); isAlias {
			for _, k := range estate.To(n.e, a.Key) {
				return n.arn(k)
			}
		}
	}
	return "", false
}

// plainAttribute is the id or name of a resource.
func (n *names) plainAttribute(r estate.Resource, attr string) (string, bool) {
	b := r.Meta()
	switch r := r.(type) {
	case *estate.IAMPolicy, *estate.OIDCProvider, *estate.SAMLProvider, *estate.Topic, *estate.Secret, *estate.StateMachine:
		if attr == "id" {
			return n.arn(r)
		}
	case *estate.Organization:
		return n.organization(), attr == "id"
	case *estate.Queue:
		if attr == "id" || attr == "url" {
			return "", false // a URL, which is in no policy
		}
	}
	s := shapeOf(r)
	switch {
	case s.service == "":
		return "", false
	case s.name.Absent():
		return n.unnamed(b, s.prefix), true
	}
	return n.text(b, s.name), true
}

// data is what the data sources about the account itself tell.
func (n *names) data(b *estate.Base, addr, attr string) (string, bool) {
	i := strings.LastIndex(addr, "data.")
	if i < 0 {
		return "", false
	}
	parts := strings.SplitN(addr[i:], ".", 3)
	of := *b
	if x, ok := estate.Get[*estate.External](n.e, estate.ID{Root: b.ID.Root, Addr: addr}); ok {
		of.Provider = x.Provider
	} else {
		of.Provider = ""
	}
	switch parts[1] + "." + attr {
	case "aws_caller_identity.account_id", "aws_caller_identity.id":
		return n.account(&of), true
	case "aws_region.name", "aws_region.region", "aws_region.id":
		return n.region(&of), true
	case "aws_partition.partition", "aws_partition.id":
		return n.partition(&of), true
	case "aws_partition.dns_suffix":
		return "amazonaws.com", true
	case "aws_organizations_organization.id":
		return n.organization(), true
	case "aws_s3_bucket.arn", "aws_s3_bucket.id", "aws_s3_bucket.bucket":
		x, ok := estate.Get[*estate.External](n.e, estate.ID{Root: b.ID.Root, Addr: addr})
		if !ok || x.Args.Get("bucket") == nil {
			return "", false
		}
		name := n.fillFor(b).fill(x.Args.Get("bucket").Text)
		if attr == "arn" {
			name = "arn:" + n.partition(&of) + ":s3:::" + name
		}
		return name, true
	}
	return "", false
}

var organizationID = regexp.MustCompile(`\bo-[a-z0-9]{10,32}\b`)

// organization is the id of the account's own organisation. Every reference to
// it means the same, known or not. Where no file declares the organisation it is
// the only one that its control policies name: one that shut out its own members
// would be in force for nobody else.
func (n *names) organization() string { return n.ownOrganization }

func (n *names) findOrganization() string {
	for _, o := range estate.All[*estate.Organization](n.e) {
		for _, k := range o.Keys {
			if strings.HasPrefix(k, "o-") {
				return k
			}
		}
	}
	named := map[string]bool{}
	for _, p := range estate.All[*estate.OrgPolicy](n.e) {
		if len(estate.Of[*estate.OrgAttachment](n.e, p.ID)) > 0 {
			for _, id := range organizationID.FindAllString(p.Content.Text(), -1) {
				named[id] = true
			}
		}
	}
	if len(named) == 1 {
		for id := range named {
			return id
		}
	}
	return "<organization>"
}

// issuer is the host and path of a cluster's OIDC issuer, without https://.
func (n *names) issuer(cluster *estate.Base) string {
	return "oidc.eks." + n.region(cluster) + ".amazonaws.com/id/" + n.made(cluster, "")
}

// cutRef splits a reference into the address of a resource and an attribute.
// The address is ""  where the reference is to something else: a variable, a
// local, the output of a module.
func cutRef(ref string) (addr, attr string) {
	parts := dots(ref)
	i := 0
	for i+1 < len(parts) && parts[i] == "module" {
		i += 2
	}
	if i < len(parts) && parts[i] == "data" {
		i++
	}
	if i+1 >= len(parts) || !strings.Contains(parts[i], "_") {
		return "", ""
	}
	return strings.Join(parts[:i+2], "."), strings.Join(parts[i+2:], ".")
}

// dots splits at the dots that are in no brackets.
func dots(s string) []string {
	var out []string
	depth, from := 0, 0
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[':
			depth++
		case c == ']':
			depth--
		case c == '.' && depth == 0:
			out = append(out, s[from:i])
			from = i + 1
		}
	}
	return append(out, s[from:])
}
