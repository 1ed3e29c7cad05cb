package access

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"sync"

	"fathom/engine/iam"
	"fathom/estate"
)

// World is an estate whose policies were put together and parsed once. It is
// safe to ask by many goroutines.
type World struct {
	e     *estate.Estate
	names *names // use named
	ready bool   // New is done: nothing is changed any more
	opens map[openKey]*open
	arns  []string // of users and roles

	documents map[sharedKey]*document
	guards    map[provider]*guard
	// targets are the resources with policies of their own, trusts the roles, by
	// ARN.
	targets, trusts map[string]*target

	principals []Principal
	byName     map[string][]int // principals by name, ARN and address
	byID       map[estate.ID]int

	// adrift are policies of nobody who is known, by the kind of whom they may be.
	adrift map[Kind][]string

	identities sync.Map // estate.ID → []Identity
	// halves are the halves of documents that allow, leaves policies that leave a
	// resource to an account, by its number.
	halves, leaves sync.Map

	issuersOnce, nodesOnce sync.Once
	issuersOf              []string
	nodeList               []node

	namesOnce sync.Once
	namesOf   map[string][]namedGrant // by principal
}

// New puts the policies of an estate together.
func New(e *estate.Estate) *World {
	w := &World{
		e: e, names: newNames(e), opens: map[openKey]*open{},
		documents: map[sharedKey]*document{}, guards: map[provider]*guard{},
		targets: map[string]*target{}, trusts: map[string]*target{},
		byName: map[string][]int{}, byID: map[estate.ID]int{}, adrift: map[Kind][]string{},
	}
	for _, r := range e.Resources {
		w.names.arn(r)
	}
	for _, r := range estate.All[*estate.Role](e) {
		arn, _ := w.named().arn(r)
		w.arns = append(w.arns, arn)
	}
	for _, u := range estate.All[*estate.User](e) {
		arn, _ := w.named().arn(u)
		w.arns = append(w.arns, arn)
	}
	w.addTargets()
	w.addPrincipals()
	w.index()
	w.findAdrift()
	w.ready = true
	return w
}

// named are the names of the estate's resources. What they count while they
// resolve a name is the caller's own, since many may ask at once.
func (w *World) named() *names {
	if !w.ready {
		return w.names
	}
	own := *w.names
	own.ready = true
	return &own
}

// Account is the account that the estate is of, and whether that is known or a
// stand-in.
func (w *World) Account() (id string, known bool) { return w.named().main, w.named().mainKnown }

// Unread says why policies may be missing from the estate, or "". A No and the
// end of a list are then only as good as what was read.
func (w *World) Unread() string { return w.e.MayHideAWS() }

// addPrincipals puts everybody in order: by kind, then name.
func (w *World) addPrincipals() {
	add := func(kind Kind, prefix string, name estate.Str, h estate.Holder) {
		b := h.Meta()
		arn, _ := w.named().arn(h.Resource)
		text := w.named().text(b, name)
		if name.Absent() {
			text = w.named().unnamed(b, estate.Str{})
		}
		p := Principal{Kind: kind, Name: prefix + text, Resource: h.Resource}
		p.IAM = iam.Principal{Kind: iam.Session, ARN: arn, Role: arn, Account: w.named().account(b)}
		if kind == User {
			p.IAM = iam.Principal{Kind: iam.User, ARN: arn, Account: w.named().account(b)}
		}
		p.subject = w.subjectOf(h, p.IAM)
		w.principals = append(w.principals, p)
	}
	for _, r := range estate.All[*estate.Role](w.e) {
		add(Role, "role/", r.RoleName, r.HolderOf(w.e))
	}
	for _, u := range estate.All[*estate.User](w.e) {
		add(User, "user/", u.UserName, u.HolderOf(w.e))
	}
	for _, s := range estate.All[*estate.PermissionSet](w.e) {
		add(PermissionSet, "permission-set/", s.SetName, s.HolderOf(w.e))
	}
	if w.e.HasAWS() {
		w.principals = append(w.principals, w.root())
	}
	for _, x := range estate.All[*estate.Workload](w.e) {
		w.principals = append(w.principals, Principal{Kind: Workload, Name: "pod/" + x.Namespace + "/" + x.Name, Resource: x})
	}
	slices.SortStableFunc(w.principals, func(a, b Principal) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), strings.Compare(a.Name, b.Name))
	})
}

// root is the root user of the account.
func (w *World) root() Principal {
	b := &estate.Base{}
	for _, p := range estate.All[*estate.Provider](w.e) {
		if strings.HasSuffix(p.ID.Addr, `provider["aws"]`) && w.named().account(&estate.Base{ID: p.ID, Provider: "aws"}) == w.named().main {
			b = &estate.Base{ID: estate.ID{Root: p.ID.Root}, Provider: "aws"}
			break
		}
	}
	arn := "arn:" + w.named().partition(b) + ":iam::" + w.named().main + ":root"
	s := &subject{guard: w.guardOf(b), context: iam.Context{
		"aws:securetransport": iam.One("true"), "aws:principalorgid": iam.One(w.named().organization()),
	}}
	s.settle()
	return Principal{Kind: Root, Name: "root", IAM: iam.Principal{Kind: iam.Root, ARN: arn, Account: w.named().main}, subject: s}
}

// index finds principals by name, ARN and address, and fills the workloads in.
func (w *World) index() {
	for i := range w.principals {
		p := &w.principals[i]
		w.byName[p.Name] = append(w.byName[p.Name], i)
		if p.IAM.ARN != "" {
			w.byName[p.IAM.ARN] = append(w.byName[p.IAM.ARN], i)
		}
		if p.Resource == nil {
			continue
		}
		id := p.Resource.Meta().ID
		w.byID[id] = i
		if id.Addr != p.Name {
			w.byName[id.Addr] = append(w.byName[id.Addr], i)
		}
	}
	for i := range w.principals {
		if x, ok := w.principals[i].Resource.(*estate.Workload); ok {
			w.principals[i].As = w.Identities(x)
		}
	}
}

// findAdrift gathers policies that are attached to somebody who is not known: to
// any role, or any user.
func (w *World) findAdrift() {
	add := func(kind Kind, r estate.Resource, v estate.Str, to []estate.ID) {
		if v.Unknown() && len(to) == 0 {
			w.adrift[kind] = append(w.adrift[kind], r.Meta().ID.Addr+" ("+r.Meta().Pos.String()+") belongs to somebody who is not known: "+v.String())
		}
	}
	for _, a := range estate.All[*estate.RolePolicy](w.e) {
		add(Role, a, a.Role.Str, a.Role.To)
	}
	for _, a := range estate.All[*estate.RoleAttachment](w.e) {
		add(Role, a, a.Role.Str, a.Role.To)
	}
	for _, a := range estate.All[*estate.UserPolicy](w.e) {
		add(User, a, a.User.Str, a.User.To)
	}
	for _, a := range estate.All[*estate.UserAttachment](w.e) {
		add(User, a, a.User.Str, a.User.To)
	}
	for _, m := range estate.All[*estate.GroupMembers](w.e) {
		if m.Users.Unknown() && len(m.Users.To()) == 0 {
			w.adrift[User] = append(w.adrift[User], "who the members of "+m.ID.Addr+" ("+m.Pos.String()+") are is not known")
		}
	}
}

// Principals returns everybody in the estate who may ask AWS for something:
// roles, users, permission sets, the root user and workloads, by kind and name.
// The slice is shared: do not change it.
func (w *World) Principals() []Principal { return w.principals }

func jsonOf(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // maps and strings only
	}
	return string(b)
}

func count(n int) string { return strconv.Itoa(n) }
