package mesh

import (
	"slices"
	"strconv"
	"strings"

	istiosec "istio.io/api/security/v1"

	"fathom/engine/reach/flow"
	"fathom/estate"
)

type action = istiosec.AuthorizationPolicy_Action

const (
	allow    = istiosec.AuthorizationPolicy_ALLOW
	deny     = istiosec.AuthorizationPolicy_DENY
	audit    = istiosec.AuthorizationPolicy_AUDIT
	external = istiosec.AuthorizationPolicy_CUSTOM
)

// policy is an AuthorizationPolicy, compiled.
type policy struct {
	of     *estate.AuthorizationPolicy
	action action
	// dry says that it is logged and not enforced.
	dry   bool
	rules []*rule
	// consts are the tests that are not about requests, each once.
	consts []*test
}

// rule is a rule of a policy: it matches when one of its products does.
type rule struct {
	of    *policy
	index int
	// http says that it has fields which only requests of HTTP have.
	http bool
	// doubt says why Istio may leave the rule out.
	doubt    string
	products []*product
}

// product is one source with one operation and all conditions: a request
// matches when it meets all of the tests.
type product struct {
	of    *rule
	tests []*test
}

// test is a field of a rule: some value has to match, and no notValue may.
type test struct {
	attr        attribute
	name        string // of a header or claim
	values, not []pattern
	addrs, excl flow.Addrs // of the attributes that are addresses
	field       string     // what the author calls it: "principals"
	path        []string   // where it stands in the manifest
}

// attribute is what a test looks at.
type attribute uint8

const (
	peerPrincipal attribute = iota
	peerNamespace
	peerAccount
	peerDomain
	sourceIP
	remoteIP
	destinationIP
	destinationPort
	serverName
	unknown // what nothing tells: experimental attributes
	// From here on HTTP alone.
	method
	path
	host
	header
	tokenPrincipal
	tokenAudience
	tokenPresenter
	tokenClaim
)

func (a attribute) http() bool { return a >= method }

func name(p *policy) string {
	return "AuthorizationPolicy " + p.of.Namespace + "/" + p.of.Name
}

func compilePolicy(of *estate.AuthorizationPolicy) *policy {
	p := &policy{of: of, action: of.Spec.GetAction(), dry: of.Annotations["istio.io/dry-run"] == "true"}
	for i, r := range of.Spec.GetRules() {
		p.rules = append(p.rules, compileRule(p, i, r))
	}
	seen := map[*test]bool{}
	for _, r := range p.rules {
		for _, pr := range r.products {
			for _, t := range pr.tests {
				if !t.attr.free() && !seen[t] {
					seen[t] = true
					p.consts = append(p.consts, t)
				}
			}
		}
	}
	return p
}

// maxProducts bounds how many pairs of a source and an operation a rule may
// have. Istio takes at most 512 sources.
const maxProducts = 20_000

func compileRule(p *policy, index int, in *istiosec.Rule) *rule {
	r := &rule{of: p, index: index}
	at := []string{"spec", "rules", strconv.Itoa(index)}
	var froms, tos [][]*test
	for i, f := range in.GetFrom() {
		froms = append(froms, r.source(f.GetSource(), below(at, "from", strconv.Itoa(i), "source")))
	}
	for i, t := range in.GetTo() {
		tos = append(tos, r.operation(t.GetOperation(), below(at, "to", strconv.Itoa(i), "operation")))
	}
	var when []*test
	for i, c := range in.GetWhen() {
		if t := r.condition(c, below(at, "when", strconv.Itoa(i))); t != nil {
			when = append(when, t)
		}
	}
	if len(froms)*len(tos) > maxProducts {
		r.doubt = "it has too many sources and operations to try them all"
		froms, tos = nil, nil
	}
	for _, f := range orEmpty(froms) {
		for _, t := range orEmpty(tos) {
			r.products = append(r.products, &product{of: r, tests: slices.Concat(f, t, when)})
		}
	}
	for _, pr := range r.products {
		r.http = r.http || slices.ContainsFunc(pr.tests, func(t *test) bool { return t.attr.http() })
	}
	return r
}

func below(path []string, more ...string) []string { return append(slices.Clone(path), more...) }

func orEmpty(lists [][]*test) [][]*test {
	if len(lists) == 0 {
		return [][]*test{nil}
	}
	return lists
}

// add adds the test of a field, if the field is there.
func (r *rule) add(to *[]*test, attr attribute, field string, values, not []string, at []string) {
	if len(values)+len(not) == 0 {
		return
	}
	t := &test{attr: attr, field: field, path: below(at, field)}
	if len(values) == 0 {
		t.path = below(at, "not"+strings.ToUpper(field[:1])+field[1:])
	}
	r.fill(t, values, not)
	*to = append(*to, t)
}

// fill reads the values of a test.
func (r *rule) fill(t *test, values, not []string) {
	switch t.attr {
	case sourceIP, remoteIP, destinationIP:
		t.addrs, t.excl = r.blocks(values), r.blocks(not)
	}
	for _, v := range values {
		t.values = append(t.values, r.pattern(t.attr, v))
	}
	for _, v := range not {
		t.not = append(t.not, r.pattern(t.attr, v))
	}
}

func (r *rule) blocks(texts []string) flow.Addrs {
	var out flow.Addrs
	for _, text := range texts {
		a, err := flow.ParseAddrs(text)
		if err != nil {
			r.doubt = err.Error()
			continue
		}
		out = out.Union(a)
	}
	return out
}

func (r *rule) pattern(attr attribute, text string) pattern {
	switch attr {
	case path:
		p := parsePath(text)
		if p.kind == template && !validTemplate(text) {
			r.doubt = strconv.Quote(text) + " is not a path template that Istio takes"
		}
		return p
	case host:
		return parsePattern(strings.ToLower(text))
	case peerAccount: // no wildcards; the policy's own namespace where none is written
		if !strings.Contains(text, "/") {
			text = r.of.of.Namespace + "/" + text
		}
		return pattern{text, exact, text}
	case destinationPort:
		return pattern{text, exact, text}
	}
	return parsePattern(text)
}

func (r *rule) source(s *istiosec.Source, at []string) []*test {
	var out []*test
	r.add(&out, peerPrincipal, "principals", s.GetPrincipals(), s.GetNotPrincipals(), at)
	r.add(&out, peerNamespace, "namespaces", s.GetNamespaces(), s.GetNotNamespaces(), at)
	r.add(&out, peerAccount, "serviceAccounts", s.GetServiceAccounts(), s.GetNotServiceAccounts(), at)
	r.add(&out, peerDomain, "trustDomains", s.GetTrustDomains(), s.GetNotTrustDomains(), at)
	r.add(&out, tokenPrincipal, "requestPrincipals", s.GetRequestPrincipals(), s.GetNotRequestPrincipals(), at)
	r.add(&out, sourceIP, "ipBlocks", s.GetIpBlocks(), s.GetNotIpBlocks(), at)
	r.add(&out, remoteIP, "remoteIpBlocks", s.GetRemoteIpBlocks(), s.GetNotRemoteIpBlocks(), at)
	return out
}

func (r *rule) operation(o *istiosec.Operation, at []string) []*test {
	var out []*test
	r.add(&out, destinationPort, "ports", o.GetPorts(), o.GetNotPorts(), at)
	r.add(&out, host, "hosts", o.GetHosts(), o.GetNotHosts(), at)
	r.add(&out, method, "methods", o.GetMethods(), o.GetNotMethods(), at)
	r.add(&out, path, "paths", o.GetPaths(), o.GetNotPaths(), at)
	return out
}

// keys are the attributes of conditions that have a name of their own.
var keys = map[string]attribute{
	"source.ip": sourceIP, "remote.ip": remoteIP, "source.namespace": peerNamespace, "source.principal": peerPrincipal,
	"source.serviceAccount": peerAccount, "source.trustDomain": peerDomain,
	"request.auth.principal": tokenPrincipal, "request.auth.audiences": tokenAudience, "request.auth.presenter": tokenPresenter,
	"destination.ip": destinationIP, "destination.port": destinationPort, "connection.sni": serverName,
}

// condition compiles a condition of when. A key that Istio does not know makes
// it leave the rule out, says its reference; its admission check refuses the
// policy. Which of both happens no file tells.
func (r *rule) condition(c *istiosec.Condition, at []string) *test {
	key := c.GetKey()
	t := &test{field: key, path: at}
	attr, ok := keys[key]
	bracket := func(prefix string) bool {
		rest, found := strings.CutPrefix(key, prefix+"[")
		t.name = strings.TrimSuffix(rest, "]")
		return found && strings.HasSuffix(rest, "]") && t.name != ""
	}
	switch {
	case ok:
		t.attr = attr
	case bracket("request.headers"):
		t.attr, t.name = header, strings.ToLower(t.name)
	case bracket("request.auth.claims"):
		t.attr = tokenClaim
	case strings.HasPrefix(key, "experimental."):
		t.attr = unknown
	default:
		r.doubt = "condition " + strconv.Quote(key) + " is none that Istio knows"
		return nil
	}
	if len(c.GetValues())+len(c.GetNotValues()) == 0 {
		r.doubt = "condition " + strconv.Quote(key) + " has neither values nor notValues"
		return nil
	}
	r.fill(t, c.GetValues(), c.GetNotValues())
	return t
}
