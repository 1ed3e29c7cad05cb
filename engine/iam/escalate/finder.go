package escalate

import (
	"cmp"
	"slices"
	"strings"

	"fathom/engine/iam"
	"fathom/engine/iam/access"
	"fathom/estate"
)

const estateYes = estate.Yes

// finder knows the estate, and what it has found out of it so far. It is used
// by one goroutine.
type finder struct {
	e *estate.Estate
	w *access.World
	o Options
	// slow tries what is spared otherwise; for tests.
	slow bool

	people    []person // roles, users and permission sets, in the World's order
	workloads []access.Principal
	byName    map[string]int // of people
	root      *access.Principal

	region, account string

	passable map[string][]int // roles that let a service in, by service
	sites    map[siteKey][]site
	paths    map[int][]Path // of one hop, by person
	strong   map[int]*Path  // the best of two hops that give a role more first
	more     map[[2]*person]difference
	bounds   map[*estate.IAMPolicy]*iam.Document

	spoken   map[string]bool // actions that policies of resources speak of
	policies []*estate.Policy
}

// person is a principal that can be attacked from, and mostly be attacked.
type person struct {
	access.Principal
	arn      string // of the role or user
	target   bool   // not a role that only AWS may change or assume
	role     *estate.Role
	user     *estate.User
	holder   estate.Holder
	boundary *bounds

	perms     []access.Permission
	permsRead bool
	permsAll  bool
	admin     *estate.Truth
	given     *afterward // what afterAdmin found
	reps      []probe
	repsRead  bool
}

type siteKey struct {
	over    over
	service string
	kinds   string
}

func newFinder(e *estate.Estate, w *access.World, o Options) *finder {
	f := &finder{
		e: e, w: w, o: o, byName: map[string]int{}, passable: map[string][]int{},
		sites: map[siteKey][]site{}, paths: map[int][]Path{}, strong: map[int]*Path{},
		more: map[[2]*person]difference{}, bounds: map[*estate.IAMPolicy]*iam.Document{}, spoken: map[string]bool{},
	}
	f.account, _ = w.Account()
	f.region = regionOf(e)
	for _, p := range w.Principals() {
		switch p.Kind {
		case access.Role, access.User, access.PermissionSet:
			f.add(p)
		case access.Workload:
			f.workloads = append(f.workloads, p)
		case access.Root:
			if f.root == nil {
				f.root = &p
			}
		}
	}
	return f
}

func (f *finder) add(p access.Principal) {
	at := person{Principal: p, arn: cmp.Or(p.IAM.Role, p.IAM.ARN)}
	switch r := p.Resource.(type) {
	case *estate.Role:
		at.role, at.holder = r, r.HolderOf(f.e)
	case *estate.User:
		at.user, at.holder = r, r.HolderOf(f.e)
	case *estate.PermissionSet:
		at.holder = r.HolderOf(f.e)
	}
	// Service-linked roles are their service's; Identity Center's are not to be
	// changed, but people come in as them.
	at.target = !strings.Contains(at.arn, ":role/aws-service-role/") && !strings.Contains(at.arn, ":role/aws-reserved/")
	if strings.Contains(at.arn, ":role/aws-service-role/") {
		return
	}
	at.boundary = f.boundsOf(&at)
	if _, taken := f.byName[p.Name]; !taken {
		f.byName[p.Name] = len(f.people)
	}
	f.people = append(f.people, at)
}

// regionOf is the region that the estate's providers agree on, or AWS's first:
// what is new can be made in any that policies allow.
func regionOf(e *estate.Estate) string {
	region := ""
	for _, p := range estate.All[*estate.Provider](e) {
		if r, ok := p.Region.Known(); ok && (region == "" || strings.HasSuffix(p.ID.Addr, `provider["aws"]`)) {
			region = r
		}
	}
	return cmp.Or(region, "us-east-1")
}

// from returns the paths of a person: all of one hop, and a chain.
func (f *finder) from(i int) []Path {
	p := &f.people[i]
	if f.isAdmin(p) == estate.Yes {
		return nil
	}
	out := slices.Clone(f.single(i))
	if !slices.ContainsFunc(out, func(p Path) bool { return p.Gains.Kind == Administrator && p.Certain == estate.Yes }) {
		if c, ok := f.chain(i, slices.ContainsFunc(out, func(p Path) bool { return p.Gains.Kind == Administrator })); ok {
			out = append(out, c)
		}
	}
	sortPaths(out)
	return out
}

// sortPaths puts what gains most first, and what is certain before what is not.
func sortPaths(ps []Path) {
	slices.SortStableFunc(ps, func(a, b Path) int {
		return cmp.Or(
			cmp.Compare(b.Gains.Kind, a.Gains.Kind), cmp.Compare(b.Certain, a.Certain),
			cmp.Compare(len(a.Steps), len(b.Steps)),
		)
	})
}

// holesFor fills what a way's texts leave open.
func (f *finder) holesFor(p *person, w *way, s *site) map[string]string {
	kind, name, _ := strings.Cut(p.arn[strings.LastIndexByte(p.arn, ':')+1:], "/")
	account := cmp.Or(p.IAM.Account, f.account)
	h := map[string]string{
		"me": p.arn, "name": who(p.Principal), "mekind": kind, "mename": name[strings.LastIndexByte(name, '/')+1:],
		"partition": partitionOf(p.arn), "region": f.region, "account": account,
		"service": w.service, "trusted": cmp.Or(w.trusted, w.service), "existing": "any",
		"ecscluster": "arn:" + partitionOf(p.arn) + ":ecs:" + f.region + ":" + account + ":cluster/new",
	}
	if s.target >= 0 {
		h["target"] = who(f.people[s.target].Principal)
	}
	for k, v := range s.holes {
		h[k] = v
	}
	return h
}

func partitionOf(arn string) string {
	parts := strings.SplitN(arn, ":", 3)
	if len(parts) == 3 && parts[0] == "arn" && parts[1] != "" {
		return parts[1]
	}
	return "aws"
}
