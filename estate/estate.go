package estate

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"sync"

	"fathom/diag"
	"fathom/estate/tree"
)

// ID identifies a resource in an estate. Addr is what a person calls it: the
// Terraform address, or kind/namespace/name in Kubernetes. Root tells apart
// two configurations that use the same address: the root module's directory,
// the plan, the chart, the overlay.
type ID struct{ Root, Addr string }

// String is the address.
func (id ID) String() string { return id.Addr }

// Compare orders identities by address, then root.
func (id ID) Compare(o ID) int {
	return cmp.Or(strings.Compare(id.Addr, o.Addr), strings.Compare(id.Root, o.Root))
}

// Base is what every resource has.
type Base struct {
	ID ID
	// Type is the name its kind has in the files: aws_s3_bucket,
	// networking.k8s.io/v1/NetworkPolicy.
	Type string
	// Pos is where it begins, Module the module path that declares it.
	Pos    diag.Pos
	Module string
	// Called is where the author's own files call that module, when it is one
	// that was downloaded: its lines are not the author's to change.
	Called diag.Pos
	// Provider is the provider configuration that makes it: aws, aws.backup.
	Provider string
	// Region is the argument by which a resource leaves its provider's region.
	Region Str
	Tags   Map
	// Keys are the literal ids, ARNs and names by which other resources may
	// refer to it.
	Keys []string
	// Maybe says why it is not known whether it exists; "" when it does.
	Maybe string

	alike []string // ids, ARNs and names that are not known, by their sameText
}

// Resource is anything in an estate. Only types that embed Base are.
type Resource interface {
	base() *Base
	// Meta is the resource's identity and origin.
	Meta() *Base
}

func (b *Base) base() *Base { return b }

// Meta returns the resource's identity and origin.
func (b *Base) Meta() *Base { return b }

// Estate is what is there: the resources read from files, joined. It knows
// nothing of defence. Make one with New; it is not changed afterwards.
type Estate struct {
	// Resources are all of them, by ID.
	Resources []Resource
	// Gaps are the parts of the files that are unknown.
	Gaps []Gap
	// Unmodelled counts the resource types that were read and that Fathom has
	// no type for.
	Unmodelled map[string]int
	// Files says what each file was taken for, by path.
	Files []File

	ix   *index
	made sync.Map // what Once has made, by type
}

// File is a file that was looked at.
type File struct {
	Path string
	// As is what it was taken for: "terraform", "terraform plan", "kubernetes",
	// "kustomization", "helm chart", "not read: …".
	As string
}

// Gap is something the files do not tell. It is listed, and what depends on
// it is unknown.
type Gap struct {
	// Of is what is missing: module.vpc, a resource's address, a chart.
	Of  string
	Pos diag.Pos
	Why string
	// AWS and Kubernetes say that resources of any type of that world may be
	// missing from the estate because of it.
	AWS, Kubernetes bool
}

// New joins resources into an estate: it sorts them, resolves the references
// between them and drops nothing. Of two resources with one ID the later
// keeps its place under an ID made unique with #2, #3.
func New(resources []Resource, gaps []Gap, unmodelled map[string]int, files []File) *Estate {
	e := &Estate{Resources: slices.Clone(resources), Gaps: slices.Clone(gaps), Unmodelled: unmodelled, Files: slices.Clone(files)}
	slices.SortStableFunc(e.Resources, func(a, b Resource) int {
		return cmp.Or(a.base().ID.Compare(b.base().ID), a.base().Pos.Compare(b.base().Pos))
	})
	slices.SortStableFunc(e.Gaps, func(a, b Gap) int {
		return cmp.Or(a.Pos.Compare(b.Pos), strings.Compare(a.Of, b.Of), strings.Compare(a.Why, b.Why))
	})
	e.Gaps = slices.Compact(e.Gaps)
	slices.SortStableFunc(e.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	e.ix = newIndex(e.Resources, linked.resolve)
	e.ix.hidesAWS = mayHide(e.Gaps, func(g Gap) bool { return g.AWS })
	e.ix.hidesKubernetes = mayHide(e.Gaps, func(g Gap) bool { return g.Kubernetes })
	return e
}

// All returns the resources of one type, by ID. The slice is shared: do not
// change it.
func All[T Resource](e *Estate) []T {
	if got, ok := e.ix.typed[kindOf[T]()]; ok {
		return got.([]T)
	}
	return nil
}

// Get returns the resource of that ID, if it is there and is a T.
func Get[T Resource](e *Estate, id ID) (T, bool) {
	t, ok := e.ix.byID[id].(T)
	return t, ok
}

// To returns the resources a reference names that are in the estate.
func To[T Resource](e *Estate, r Ref[T]) []T {
	var out []T
	for _, id := range r.To {
		if t, ok := Get[T](e, id); ok {
			out = append(out, t)
		}
	}
	return out
}

// ToAll returns the resources that a list of references names.
func ToAll[T Resource](e *Estate, r Refs[T]) []T {
	var out []T
	for i := range r.Items {
		out = append(out, To(e, r.Items[i])...)
	}
	return out
}

// Of returns the resources of type T that name the resource id in any of their
// arguments, by ID: the versioning of a bucket, the listeners of a load
// balancer, the rules of a security group.
func Of[T Resource](e *Estate, id ID) []T {
	var out []T
	for _, r := range e.ix.back[id] {
		if t, ok := r.(T); ok {
			out = append(out, t)
		}
	}
	return out
}

// HasAWS says whether anything of AWS was read.
func (e *Estate) HasAWS() bool { return e.ix.aws != nil }

// HasKubernetes says whether any Kubernetes object was read.
func (e *Estate) HasKubernetes() bool { return e.ix.kubernetes != nil }

// HasPipeline says whether any CI workflow was read.
func (e *Estate) HasPipeline() bool { return e.ix.pipeline != nil }

// MayHideAWS returns why AWS resources of any type may be missing from the
// estate, or "". A claim that something is nowhere is unknown then.
func (e *Estate) MayHideAWS() string { return e.ix.hidesAWS }

// MayHideKubernetes is MayHideAWS for Kubernetes objects.
func (e *Estate) MayHideKubernetes() string { return e.ix.hidesKubernetes }

// mayHide says which gaps may hide something.
func mayHide(gaps []Gap, of func(Gap) bool) string {
	first, more := "", 0
	for _, g := range gaps {
		switch {
		case !of(g):
		case first == "":
			first = g.Of + " (" + g.Pos.String() + ") could not be read and may hold it"
		default:
			more++
		}
	}
	if more > 0 {
		first += ", as may " + plural(more, "other part", "other parts")
	}
	return first
}

// Account stands for the AWS account as a whole, and Cluster for the
// Kubernetes cluster: what a finding points at when the mistake is that
// something is nowhere. Their position is the file that a fix would begin in.
func (e *Estate) Account() *Base {
	for _, p := range All[*Provider](e) {
		if strings.HasSuffix(p.ID.Addr, `provider["aws"]`) {
			return standIn("aws account", p.Meta())
		}
	}
	for _, p := range All[*Provider](e) {
		return standIn("aws account", p.Meta())
	}
	return standIn("aws account", e.ix.aws)
}

// Cluster stands for the Kubernetes cluster as a whole.
func (e *Estate) Cluster() *Base { return standIn("kubernetes cluster", e.ix.kubernetes) }

// Pipeline stands for the CI system as a whole.
func (e *Estate) Pipeline() *Base { return standIn("ci pipeline", e.ix.pipeline) }

func standIn(name string, b *Base) *Base {
	s := &Base{ID: ID{Addr: name}}
	if b != nil {
		s.ID.Root, s.Pos = b.ID.Root, b.Pos
	}
	return s
}

// index answers who is who and who names whom.
type index struct {
	byID                      map[ID]Resource
	typed                     map[reflect.Type]any // []T, by T
	keys                      map[key][]ID
	alike                     map[alike][]ID
	back                      map[ID][]Resource
	copies                    map[ID]int // how many more resources have that ID
	aws, kubernetes, pipeline *Base      // the first of each by position

	hidesAWS, hidesKubernetes string // what MayHideAWS and MayHideKubernetes answer

	accounts   map[objectKey]*ServiceAccount
	policies   map[string][]*NetworkPolicy // by namespace
	namespaces map[string]*Namespace
}

type key struct {
	kind reflect.Type
	name string
}

// alike is a key that is not known. Its text means one thing only within the
// configuration that it stands in.
type alike struct {
	key
	root string
}

func kindOf[T Resource]() reflect.Type { return reflect.TypeFor[T]() }

var anyResource = reflect.TypeFor[Resource]()

func newIndex(rs []Resource, resolve func(l linked, ix *index, root string)) *index {
	ix := &index{
		byID: make(map[ID]Resource, len(rs)), typed: map[reflect.Type]any{}, keys: map[key][]ID{}, alike: map[alike][]ID{}, copies: map[ID]int{}, back: map[ID][]Resource{},
		accounts: map[objectKey]*ServiceAccount{}, policies: map[string][]*NetworkPolicy{}, namespaces: map[string]*Namespace{},
	}
	byType := map[reflect.Type][]Resource{}
	for _, r := range rs {
		b := r.base()
		ix.claim(b, r)
		t := reflect.TypeOf(r)
		byType[t] = append(byType[t], r)
		for _, k := range b.Keys {
			if len(k) > maxKey {
				continue
			}
			ix.keys[key{t, k}] = append(ix.keys[key{t, k}], b.ID)
			if _, record := r.(*DNSRecord); record || unique.MatchString(k) {
				ix.keys[key{anyResource, k}] = append(ix.keys[key{anyResource, k}], b.ID)
			}
		}
		for _, k := range b.alike {
			a := alike{key{t, k}, b.ID.Root}
			ix.alike[a] = append(ix.alike[a], b.ID)
		}
		switch r.(type) {
		case interface{ object() }:
			ix.kubernetes = earlier(ix.kubernetes, b)
		case interface{ pipeline() }:
			ix.pipeline = earlier(ix.pipeline, b)
		default:
			ix.aws = earlier(ix.aws, b)
		}
		switch r := r.(type) {
		case *ServiceAccount:
			ix.accounts[objectKey{r.Namespace, r.Name}] = r
		case *NetworkPolicy:
			ix.policies[r.Namespace] = append(ix.policies[r.Namespace], r)
		case *Namespace:
			ix.namespaces[r.Name] = r
		case *NodeGroup: // its instances are in an Auto Scaling group that EKS makes
			for _, made := range r.Made.Items {
				for _, g := range made.Groups.Items {
					if name, ok := g.Name.Known(); ok {
						k := key{kindOf[*AutoScalingGroup](), name}
						ix.keys[k] = append(ix.keys[k], b.ID)
					}
				}
			}
		}
	}
	for t, of := range byType {
		s := reflect.MakeSlice(reflect.SliceOf(t), len(of), len(of))
		for i, r := range of {
			s.Index(i).Set(reflect.ValueOf(r))
		}
		ix.typed[t] = s.Interface()
	}
	for _, r := range rs {
		root := r.base().ID.Root
		seen := map[ID]bool{}
		eachLink(r, func(l linked) {
			resolve(l, ix, root)
			for _, id := range l.targets() {
				if !seen[id] {
					seen[id] = true
					ix.back[id] = append(ix.back[id], r)
				}
			}
		})
	}
	return ix
}

// maxKey is longer than any id, ARN or name in AWS (an ARN has at most 2,048
// bytes); a longer text names nothing.
const maxKey = 4096

func (ix *index) claim(b *Base, r Resource) {
	want := b.ID
	for ix.byID[b.ID] != nil {
		ix.copies[want]++
		b.ID.Addr = want.Addr + "#" + itoa(ix.copies[want]+1)
	}
	ix.byID[b.ID] = r
}

func (ix *index) has(id ID) bool { return ix.byID[id] != nil }

func (ix *index) is(id ID, t reflect.Type) bool {
	r := ix.byID[id]
	return r != nil && reflect.TypeOf(r) == t
}

func earlier(a, b *Base) *Base {
	if a == nil || b.Pos.Compare(a.Pos) < 0 {
		return b
	}
	return a
}

// Unmodelled types and data sources that others refer to are kept as External
// so that a reference to them is told from one to nothing.

// External is a data source, or a resource of a type Fathom does not model,
// that something in the estate may name.
type External struct {
	Base
	Args *tree.Node
}

// Provider is a provider configuration of a root module: the account and
// region that resources go to. Its address is provider["aws.backup"].
type Provider struct {
	Base
	Region    Str `tf:"region"`
	AccessKey Str `tf:"access_key"`
	SecretKey Str `tf:"secret_key"`
	// Accounts are the only accounts it may work on.
	Accounts List `tf:"allowed_account_ids"`
}
