package access

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"fathom/diag"
	"fathom/engine/iam"
	"fathom/estate"
)

// Principal finds a principal by its name ("role/NAME", "user/NAME", "root",
// "permission-set/NAME", "svc/NAME", "pod/NAMESPACE/NAME",
// "service/ec2.amazonaws.com", "account/ID", "internet", "anonymous"), its ARN,
// or its address in the files. A name that several or none have is an error
// that lists the nearest.
func (w *World) Principal(name string) (Principal, error) {
	switch found := w.byName[name]; len(found) {
	case 1:
		return w.principals[found[0]], nil
	case 0:
	default:
		return Principal{}, w.ambiguous(name, found)
	}
	switch kind, rest, _ := strings.Cut(name, "/"); {
	case name == "internet" || name == "anonymous":
		return anybody(), nil
	case kind == "service" && strings.Contains(rest, "."):
		return service(rest), nil
	case kind == "account" && twelve.MatchString(rest):
		return foreigner(w.named().partition(&estate.Base{}), rest), nil
	case kind == "svc":
		return w.serviceOrWorkload(name, rest)
	case kind == "pod" && !strings.Contains(rest, "/"):
		return w.serviceOrWorkload(name, rest)
	case strings.HasPrefix(name, "arn:"):
		return w.stranger(name)
	}
	return Principal{}, w.nobody(name)
}

// anybody is everybody on the internet, without credentials.
func anybody() Principal {
	return Principal{
		Kind: Anonymous, Name: "internet", IAM: iam.Principal{Kind: iam.Anonymous},
		subject: &subject{certain: true, context: iam.Context{"aws:securetransport": iam.One("true")}},
	}
}

func service(name string) Principal {
	return Principal{
		Kind: Service, Name: "service/" + name, IAM: iam.Principal{Kind: iam.Service, Name: name},
		subject: &subject{certain: true, context: iam.Context{
			"aws:securetransport": iam.One("true"), "aws:principalisawsservice": iam.One("true"), "aws:principalservicename": iam.One(name),
		}},
	}
}

// foreigner is a principal of another account whose own policies let it do
// everything, and that no policy here names itself.
func foreigner(partition, account string) Principal {
	arn := "arn:" + partition + ":iam::" + account + ":user/<anyone>"
	d := &document{place: "identity"}
	compile(d, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`, iam.Identity, &open0)
	s := &subject{identity: []*document{d}, arn: arn, keys: "aws:principalarn aws:username aws:userid", context: iam.Context{"aws:securetransport": iam.One("true")}}
	s.settle()
	return Principal{Kind: Account, Name: "account/" + account, IAM: iam.Principal{Kind: iam.User, ARN: arn, Account: account}, subject: s}
}

// stranger is a principal of another account, by its ARN: its own policies are
// in no file.
func (w *World) stranger(arn string) (Principal, error) {
	p, err := iam.ParsePrincipal(arn)
	if err != nil {
		return Principal{}, fmt.Errorf("%w; %w", err, w.nobody(arn))
	}
	if found := w.byName[p.Role]; p.Role != "" && len(found) == 1 { // a session of a role of the estate
		q := w.principals[found[0]]
		q.IAM = p
		q.IAM.Role = w.principals[found[0]].IAM.Role
		return q, nil
	}
	if p.Account == w.named().main && p.Kind == iam.Root {
		return w.Principal("root")
	}
	if p.Account == w.named().main {
		return Principal{}, w.nobody(arn)
	}
	s := &subject{arn: arn, context: iam.Context{"aws:securetransport": iam.One("true")}}
	d := &document{place: "identity"}
	unknown(d, iam.Identity, Doubt{Why: "what its own account lets " + arn + " do is in no file"})
	s.identity = []*document{d}
	s.settle()
	if p.Kind == iam.Root {
		s = &subject{certain: true, arn: arn, context: s.context}
	}
	return Principal{Kind: Account, Name: arn, IAM: p, subject: s}, nil
}

// serviceOrWorkload finds a workload by its name alone, or by that of a
// Kubernetes Service in front of it.
func (w *World) serviceOrWorkload(name, rest string) (Principal, error) {
	namespace, bare := "", rest
	if before, after, ok := strings.Cut(rest, "/"); ok {
		namespace, bare = before, after
	}
	var found []int
	for i := range w.principals {
		if x, ok := w.principals[i].Resource.(*estate.Workload); ok && x.Name == bare && (namespace == "" || namespace == x.Namespace) {
			found = append(found, i)
		}
	}
	if len(found) == 0 {
		found = w.behind(namespace, bare)
	}
	switch len(found) {
	case 1:
		return w.principals[found[0]], nil
	case 0:
		return Principal{}, w.nobody(name)
	}
	return Principal{}, w.ambiguous(name, found)
}

// behind are the workloads that a Service selects.
func (w *World) behind(namespace, name string) []int {
	var out []int
	for _, s := range estate.All[*estate.Service](w.e) {
		if s.Name != name || namespace != "" && s.Namespace != namespace || len(s.Spec.Selector) == 0 {
			continue
		}
		for i := range w.principals {
			x, ok := w.principals[i].Resource.(*estate.Workload)
			if ok && x.Namespace == s.Namespace && selects(s.Spec.Selector, x.PodLabels) {
				out = append(out, i)
			}
		}
	}
	return out
}

func selects(selector, labels map[string]string) bool {
	for k, v := range selector {
		if labels[k] != v {
			return false
		}
	}
	return true
}

// ambiguous is the error for a name that several have.
func (w *World) ambiguous(name string, found []int) error {
	var names []string
	for _, i := range found {
		p := &w.principals[i]
		s := p.IAM.ARN
		if p.Kind == Workload || len(found) > 1 && w.principals[found[0]].IAM.ARN == w.principals[found[1]].IAM.ARN {
			s = p.Name + " at " + p.Pos().String()
		}
		names = append(names, s)
	}
	slices.Sort(names)
	return fmt.Errorf("%q is the name of several principals: %s", name, enumerate(names))
}

// nobody is the error for a name that nobody has.
func (w *World) nobody(name string) error {
	type near struct {
		name string
		far  int
	}
	var all []near
	bare := name[strings.LastIndexByte(name, '/')+1:]
	for i := range w.principals {
		n := w.principals[i].Name
		far := diag.Distance(name, n)
		if d := diag.Distance(bare, n[strings.LastIndexByte(n, '/')+1:]); d < far {
			far = d
		}
		if strings.Contains(n, bare) && bare != "" {
			far = min(far, 2)
		}
		all = append(all, near{n, far})
	}
	slices.SortFunc(all, func(a, b near) int { return cmp.Or(cmp.Compare(a.far, b.far), strings.Compare(a.name, b.name)) })
	var names []string
	for i := 0; i < len(all) && i < 4; i++ {
		names = append(names, all[i].name)
	}
	if len(names) == 0 {
		return fmt.Errorf("there is no principal %q: no role, user or workload was read", name)
	}
	return fmt.Errorf("there is no principal %q; the nearest are %s", name, strings.Join(names, ", "))
}

// Resource finds what a question is about: an ARN, which is taken as it is, or
// an address in the files with what follows it: "aws_s3_bucket.logs/*" is
// every object of the bucket, "*" everything. The resource is nil where no
// file declares it.
func (w *World) Resource(name string) (arn string, r estate.Resource, err error) {
	if name == "*" || strings.HasPrefix(name, "arn:") {
		return name, w.declared(name), nil
	}
	addr, rest := name, ""
	var found []estate.Resource
	for {
		for _, x := range w.e.Resources {
			if x.Meta().ID.Addr == addr {
				found = append(found, x)
			}
		}
		i := strings.LastIndexByte(addr, '/')
		if len(found) > 0 || i < 0 {
			break
		}
		addr, rest = addr[:i], addr[i:]+rest
	}
	switch len(found) {
	case 1:
	case 0:
		return "", nil, fmt.Errorf("there is no resource %q; write an ARN, or an address in the files%s", name, w.nearest(name))
	default:
		return "", nil, fmt.Errorf("%q is the address of several resources: %s and %s", addr, found[0].Meta().Pos, found[1].Meta().Pos)
	}
	a, ok := w.named().arn(found[0])
	if !ok {
		return "", nil, fmt.Errorf("no ARN is known of %s (%s); write the ARN", addr, found[0].Meta().Type)
	}
	return a + rest, found[0], nil
}

// declared finds the resource that has an ARN.
func (w *World) declared(arn string) estate.Resource {
	if t, _ := w.targetOf(serviceOf(arn), arn); t != nil {
		return t.resource
	}
	if t := w.trusts[arn]; t != nil {
		return t.resource
	}
	if found := w.byName[arn]; len(found) == 1 {
		return w.principals[found[0]].Resource
	}
	return nil
}

// nearest lists the addresses of resources that look like a name.
func (w *World) nearest(name string) string {
	best, far := "", len(name)/2+1
	for _, r := range w.e.Resources {
		if _, ok := w.named().arn(r); !ok {
			continue
		}
		if d := diag.Distance(name, r.Meta().ID.Addr); d < far {
			best, far = r.Meta().ID.Addr, d
		}
	}
	if best == "" {
		return ""
	}
	return "; the nearest is " + best
}
