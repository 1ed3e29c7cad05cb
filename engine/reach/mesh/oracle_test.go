package mesh

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"strings"
	"testing"

	istiosec "istio.io/api/security/v1"
	"istio.io/api/security/v1beta1"
	istiotype "istio.io/api/type/v1beta1"

	"fathom/diag"
	"fathom/engine/reach/flow"
	"fathom/estate"
	"fathom/estate/tree"
)

// The oracle decides about one request after the other, as Istio's reference
// tells it in sentences. It shares no code with the engine.

// arrival is a request as a proxy sees it.
type arrival struct {
	http                          bool
	principal, namespace, account string // "" in plaintext
	addr                          netip.Addr
	port                          int
	method, path, host            string
	headers                       map[string]string
	issuer, subject               string // "" without a token
	groups                        []string
}

type oracle struct {
	policies []*estate.AuthorizationPolicy
	tokens   bool
}

// value says whether a value of a rule matches: exact, prefix*, *suffix, *.
func (o *oracle) value(rule, got string) bool {
	switch {
	case rule == "*":
		return got != ""
	case strings.HasPrefix(rule, "*"):
		return got != "" && strings.HasSuffix(got, rule[1:])
	case strings.HasSuffix(rule, "*"):
		return got != "" && strings.HasPrefix(got, rule[:len(rule)-1])
	}
	return got != "" && rule == got
}

// any says whether one of the values a request has matches one of a rule's.
func (o *oracle) any(rule []string, got ...string) bool {
	for _, r := range rule {
		for _, g := range got {
			if o.value(r, g) {
				return true
			}
		}
	}
	return false
}

// field is a positive list and a negative one: the first, if it is there, has
// to match, the second must not.
func (o *oracle) field(values, not []string, got ...string) bool {
	return (len(values) == 0 || o.any(values, got...)) && !o.any(not, got...)
}

func (o *oracle) block(values, not []string, a netip.Addr) bool {
	in := func(list []string) bool {
		for _, c := range list {
			if p, err := netip.ParsePrefix(c); err == nil && p.Contains(a) {
				return true
			}
		}
		return false
	}
	return (len(values) == 0 || in(values)) && !in(not)
}

func (o *oracle) source(s *v1beta1.Source, policyNamespace string, a *arrival) bool {
	accounts := func(list []string) (out []string) {
		for _, v := range list {
			if !strings.Contains(v, "/") {
				v = policyNamespace + "/" + v
			}
			out = append(out, v)
		}
		return out
	}
	account := ""
	if a.account != "" {
		account = a.namespace + "/" + a.account
	}
	return o.field(s.GetPrincipals(), s.GetNotPrincipals(), a.principal) &&
		o.field(s.GetNamespaces(), s.GetNotNamespaces(), a.namespace) &&
		o.field(accounts(s.GetServiceAccounts()), accounts(s.GetNotServiceAccounts()), account) &&
		o.field(s.GetRequestPrincipals(), s.GetNotRequestPrincipals(), o.token(a)) &&
		o.block(s.GetIpBlocks(), s.GetNotIpBlocks(), a.addr)
}

func (o *oracle) token(a *arrival) string {
	if !o.tokens || a.issuer == "" {
		return ""
	}
	return a.issuer + "/" + a.subject
}

func (o *oracle) operation(op *v1beta1.Operation, a *arrival) bool {
	return o.field(op.GetPorts(), op.GetNotPorts(), strconv.Itoa(a.port)) &&
		o.field(op.GetMethods(), op.GetNotMethods(), a.method) &&
		o.field(op.GetPaths(), op.GetNotPaths(), a.path) &&
		o.field(lower(op.GetHosts()), lower(op.GetNotHosts()), strings.ToLower(a.host))
}

func lower(list []string) (out []string) {
	for _, v := range list {
		out = append(out, strings.ToLower(v))
	}
	return out
}

func (o *oracle) condition(c *v1beta1.Condition, a *arrival) bool {
	var got []string
	switch key := c.GetKey(); {
	case key == "source.namespace":
		got = []string{a.namespace}
	case key == "source.principal":
		got = []string{a.principal}
	case key == "destination.port":
		got = []string{strconv.Itoa(a.port)}
	case key == "request.auth.principal":
		got = []string{o.token(a)}
	case key == "request.auth.claims[groups]":
		if o.token(a) != "" {
			got = a.groups
		}
	case strings.HasPrefix(key, "request.headers["):
		got = []string{a.headers[strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(key, "request.headers["), "]"))]}
	case key == "source.ip":
		return o.block(c.GetValues(), c.GetNotValues(), a.addr)
	default:
		panic(key)
	}
	return o.field(c.GetValues(), c.GetNotValues(), got...)
}

// http says whether a rule has a field that only requests of HTTP have.
func (o *oracle) http(r *v1beta1.Rule) bool {
	for _, f := range r.GetFrom() {
		if len(f.GetSource().GetRequestPrincipals())+len(f.GetSource().GetNotRequestPrincipals()) > 0 {
			return true
		}
	}
	for _, t := range r.GetTo() {
		op := t.GetOperation()
		if len(op.GetMethods())+len(op.GetNotMethods())+len(op.GetPaths())+len(op.GetNotPaths())+len(op.GetHosts())+len(op.GetNotHosts()) > 0 {
			return true
		}
	}
	for _, c := range r.GetWhen() {
		if strings.HasPrefix(c.GetKey(), "request.") {
			return true
		}
	}
	return false
}

func (o *oracle) rule(r *v1beta1.Rule, p *estate.AuthorizationPolicy, a *arrival) bool {
	if !a.http && o.http(r) {
		if p.Spec.GetAction() == v1beta1.AuthorizationPolicy_ALLOW {
			return false
		}
		r = o.withoutHTTP(r)
	}
	from, to := len(r.GetFrom()) == 0, len(r.GetTo()) == 0
	for _, f := range r.GetFrom() {
		from = from || o.source(f.GetSource(), p.Namespace, a)
	}
	for _, t := range r.GetTo() {
		to = to || o.operation(t.GetOperation(), a)
	}
	when := true
	for _, c := range r.GetWhen() {
		when = when && o.condition(c, a)
	}
	return from && to && when
}

// withoutHTTP is a rule as a proxy has it on a port that is not HTTP.
func (o *oracle) withoutHTTP(r *v1beta1.Rule) *v1beta1.Rule {
	out := &v1beta1.Rule{}
	for _, f := range r.GetFrom() {
		s := f.GetSource()
		out.From = append(out.From, &v1beta1.Rule_From{Source: &v1beta1.Source{
			Principals: s.GetPrincipals(), NotPrincipals: s.GetNotPrincipals(), Namespaces: s.GetNamespaces(), NotNamespaces: s.GetNotNamespaces(),
			ServiceAccounts: s.GetServiceAccounts(), NotServiceAccounts: s.GetNotServiceAccounts(), IpBlocks: s.GetIpBlocks(), NotIpBlocks: s.GetNotIpBlocks(),
		}})
	}
	for _, t := range r.GetTo() {
		out.To = append(out.To, &v1beta1.Rule_To{Operation: &v1beta1.Operation{Ports: t.GetOperation().GetPorts(), NotPorts: t.GetOperation().GetNotPorts()}})
	}
	for _, c := range r.GetWhen() {
		if !strings.HasPrefix(c.GetKey(), "request.") {
			out.When = append(out.When, c)
		}
	}
	return out
}

// admits goes through the policies in Istio's order.
func (o *oracle) admits(w *estate.Workload, a *arrival) bool {
	var allow, matched bool
	for _, p := range o.policies {
		if p.Namespace != w.Namespace && p.Namespace != "istio-system" {
			continue
		}
		selected := true
		for k, v := range p.Spec.GetSelector().GetMatchLabels() {
			selected = selected && w.PodLabels[k] == v
		}
		if !selected {
			continue
		}
		switch p.Spec.GetAction() {
		case v1beta1.AuthorizationPolicy_DENY:
			for _, r := range p.Spec.GetRules() {
				if o.rule(r, p, a) {
					return false
				}
			}
		case v1beta1.AuthorizationPolicy_ALLOW:
			allow = true
			for _, r := range p.Spec.GetRules() {
				matched = matched || o.rule(r, p, a)
			}
		}
	}
	return !allow || matched
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// upTo2 is a list of up to two values, often none.
func upTo2(r *rand.Rand, from ...string) []string {
	var out []string
	for range max(0, r.IntN(5)-2) {
		out = append(out, pick(r, from...))
	}
	return out
}

var (
	principals = []string{"*", "cluster.local/ns/foo/sa/a", "cluster.local/ns/bar/sa/b", "cluster.local/ns/foo/*", "*/sa/a", "cluster.local/ns/bar/sa/a"}
	paths      = []string{"/", "/a", "/a/b", "/a/b.html", "/ab", "/b", "/admin", "/admin/x", "/x.html", "/a/admin"}
	pathRules  = []string{"/a", "/a*", "/a/*", "*", "*.html", "/admin*", "*admin", "/admin/x", "/b", "/"}
	verbs      = []string{"GET", "POST", "DELETE"}
	hosts      = []string{"a.example", "b.example", "A.example"}
	hostRules  = []string{"a.example", "*.example", "b.*", "*"}
	tokenRules = []string{"*", "iss/*", "iss/me", "*/me", "other/you"}
	blockRules = []string{"203.0.113.0/24", "0.0.0.0/0", "198.51.100.7/32"}
)

func someRule(r *rand.Rand) *v1beta1.Rule {
	out := &v1beta1.Rule{}
	for range r.IntN(3) {
		s := &v1beta1.Source{RequestPrincipals: upTo2(r, tokenRules...), NotRequestPrincipals: upTo2(r, tokenRules...)}
		if r.IntN(3) == 0 {
			s.ServiceAccounts, s.NotServiceAccounts = upTo2(r, "a", "foo/a", "bar/b"), upTo2(r, "b", "foo/b")
		} else {
			s.Principals, s.NotPrincipals = upTo2(r, principals...), upTo2(r, principals...)
			s.Namespaces, s.NotNamespaces = upTo2(r, "foo", "bar", "*", "f*"), upTo2(r, "foo", "*r")
		}
		if r.IntN(4) == 0 {
			s.IpBlocks, s.NotIpBlocks = upTo2(r, blockRules...), upTo2(r, blockRules...)
		}
		out.From = append(out.From, &v1beta1.Rule_From{Source: s})
	}
	for range r.IntN(3) {
		out.To = append(out.To, &v1beta1.Rule_To{Operation: &v1beta1.Operation{
			Methods: upTo2(r, append(verbs, "*")...), NotMethods: upTo2(r, verbs...), Paths: upTo2(r, pathRules...), NotPaths: upTo2(r, pathRules...),
			Hosts: upTo2(r, hostRules...), NotHosts: upTo2(r, hostRules...), Ports: upTo2(r, "8080", "9090"), NotPorts: upTo2(r, "9090"),
		}})
	}
	for range max(0, r.IntN(4)-1) {
		c := &v1beta1.Condition{Key: pick(r, "source.namespace", "source.principal", "destination.port", "request.auth.principal", "request.auth.claims[groups]", "request.headers[X-A]", "source.ip")}
		from := map[string][]string{
			"source.namespace": {"foo", "b*"}, "source.principal": principals, "destination.port": {"8080", "9090"}, "source.ip": blockRules,
			"request.auth.principal": tokenRules, "request.auth.claims[groups]": {"g1", "g*", "h"}, "request.headers[X-A]": {"1", "1*", "*", "*2"},
		}[c.GetKey()]
		if r.IntN(2) == 0 {
			c.Values = []string{pick(r, from...)}
		} else {
			c.NotValues = []string{pick(r, from...)}
		}
		out.When = append(out.When, c)
	}
	return out
}

// random makes a mesh at random.
func random(r *rand.Rand) (*estate.Estate, *oracle) {
	o := &oracle{tokens: r.IntN(2) == 0}
	var rs []estate.Resource
	object := func(kind, space, name string) estate.Object {
		addr := kind + "/" + space + "/" + name
		return estate.Object{Base: estate.Base{ID: estate.ID{Addr: addr}, Pos: diag.At(addr, 1, 0)}, Kind: kind, Namespace: space, Name: name}
	}
	for _, n := range []string{"foo", "bar", "out"} {
		ns := &estate.Namespace{Object: object("Namespace", "", n)}
		if n != "out" {
			ns.Labels = map[string]string{"istio-injection": "enabled"}
		}
		rs = append(rs, ns)
	}
	for _, name := range []string{"foo/a", "foo/b", "bar/a", "bar/b", "out/a"} {
		space, n, _ := strings.Cut(name, "/")
		w := &estate.Workload{Object: object("Pod", space, n), PodLabels: map[string]string{"app": n}}
		w.Pod.ServiceAccountName = n
		s := &estate.Service{Object: object("Service", space, n)}
		s.Spec.Selector = w.PodLabels
		for _, port := range []int32{8080, 9090} {
			s.Spec.Ports = append(s.Spec.Ports, servicePort(port))
		}
		rs = append(rs, w, s)
	}
	for i := range 1 + r.IntN(4) {
		p := &estate.AuthorizationPolicy{Object: object("AuthorizationPolicy", pick(r, "foo", "foo", "istio-system", "bar"), fmt.Sprint("p", i)), Spec: &istiosec.AuthorizationPolicy{}}
		p.Spec.Action = pick(r, v1beta1.AuthorizationPolicy_ALLOW, v1beta1.AuthorizationPolicy_ALLOW, v1beta1.AuthorizationPolicy_DENY, v1beta1.AuthorizationPolicy_AUDIT)
		if r.IntN(3) == 0 {
			p.Spec.Selector = &istiotype.WorkloadSelector{MatchLabels: map[string]string{"app": pick(r, "a", "b")}}
		}
		for range r.IntN(4) {
			p.Spec.Rules = append(p.Spec.Rules, someRule(r))
		}
		o.policies = append(o.policies, p)
		rs = append(rs, p)
	}
	if o.tokens {
		q := object("RequestAuthentication", "istio-system", "jwt")
		q.APIVersion, q.Manifest = "security.istio.io/v1", &tree.Node{Kind: tree.Map}
		rs = append(rs, &q)
	}
	return estate.New(rs, nil, nil, nil), o
}

// TestAgainstTheOracle compares single requests, and what is said of all
// requests, with the oracle on meshes made at random.
func TestAgainstTheOracle(t *testing.T) {
	meshes, compared, partly := 0, 0, 0
	count := map[estate.Truth]int{}
	for seed := range uint64(210) {
		r := rand.New(rand.NewPCG(seed, 7))
		e, o := random(r)
		m := New(e)
		meshes++
		var requests []Request
		for _, method := range append(verbs, "PUT") {
			for _, path := range paths {
				q := Request{Method: method, Path: path, Host: pick(r, hosts...)}
				if r.IntN(3) == 0 {
					q.Headers = map[string]string{"x-a": pick(r, "1", "12", "2", "x")}
				}
				if r.IntN(4) == 0 {
					q.Token = &Token{Issuer: pick(r, "iss", "other"), Subject: pick(r, "me", "you"), Claims: map[string][]string{"groups": {pick(r, "g1", "g2", "h")}}}
				}
				requests = append(requests, q)
			}
		}
		requests = append(requests, Request{})
		for _, from := range []string{"foo/a", "foo/b", "bar/b", "out/a", "203.0.113.9", "198.51.100.7"} {
			src := caller(t, e, from)
			if src.Workload != nil && src.Addrs.Empty() {
				src.Addrs, _ = flow.ParseAddrs("10.0.0.7")
			}
			for _, to := range []string{"foo/a", "foo/b"} {
				for _, port := range []int{8080, 9090} {
					dst := workload(t, e, to)
					all := m.Admits(src, dst, port, HTTP)
					count[all.Admits]++
					some, every, free := false, true, false
					for i := range requests {
						q := &requests[i]
						a := see(src, port, q)
						want := o.admits(dst, a)
						got := m.AdmitsRequest(src, dst, port, *q)
						compared++
						if got.Admits != truth(want) {
							t.Errorf("seed %d: %s -> %s:%d %+v: engine %s, oracle %v", seed, from, to, port, *q, truths[got.Admits], want)
						}
						if a.http {
							some, every = some || want, every && want
							free = free || want && q.Token == nil
						}
					}
					if some && !every {
						partly++
					}
					line := fmt.Sprintf("seed %d: %s -> %s:%d", seed, from, to, port)
					switch {
					case all.Admits == estate.No && some, all.Every && !every, free && all.Admits != estate.Yes:
						t.Errorf("%s: engine %s (every %v, %s), oracle some %v, every %v", line, truths[all.Admits], all.Every, all.What, some, every)
					case all.Admits == estate.Yes && !o.admits(dst, see(src, port, &all.Witness)):
						t.Errorf("%s: the oracle refuses the witness %+v", line, all.Witness)
					}
					sound(t, line, all)
					if admits, every := m.Lets(src, dst, port, HTTP); admits != all.Admits || every != all.Every {
						t.Errorf("%s: Lets says %s (every %v), Admits %s (every %v)", line, truths[admits], every, truths[all.Admits], all.Every)
					}
					raw := m.Admits(src, dst, port, TCP)
					if want := o.admits(dst, see(src, port, &Request{})); raw.Admits != truth(want) {
						t.Errorf("%s: bytes: engine %s, oracle %v", line, truths[raw.Admits], want)
					}
					sound(t, line, raw)
				}
			}
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("%d meshes, %d requests compared, %d questions of which some requests get in; answers %v", meshes, compared, partly, count)
	if compared < 200_000 || partly < 500 || count[estate.No] < 500 || count[estate.Yes] < 500 {
		t.Error("the cases are too few or say too little")
	}
}

// see is a request as the workload's proxy sees it. Callers with a proxy come
// over mutual TLS, those of namespace out and from outside in plaintext.
func see(src Caller, port int, q *Request) *arrival {
	a := &arrival{port: port, method: q.Method, path: q.Path, host: q.Host, headers: q.Headers}
	a.http = q.Method != "" || q.Path != "" || q.Host != ""
	a.addr = src.Addrs.Prefixes()[0].Addr()
	if w := src.Workload; w != nil && w.Namespace != "out" {
		a.namespace, a.account = w.Namespace, w.Pod.ServiceAccountName
		a.principal = "cluster.local/ns/" + a.namespace + "/sa/" + a.account
	}
	if q.Token != nil {
		a.issuer, a.subject, a.groups = q.Token.Issuer, q.Token.Subject, q.Token.Claims["groups"]
	}
	return a
}
