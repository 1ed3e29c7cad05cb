package mesh

import (
	"slices"
	"strconv"
	"strings"

	istiosec "istio.io/api/security/v1"

	"fathom/control"
	"fathom/estate"
)

// judgePolicy judges what a policy says; plain is a workload of it that takes
// plaintext, or nil.
func judgePolicy(p *estate.AuthorizationPolicy, plain *estate.Workload) []control.Result {
	var out []control.Result
	for i, r := range p.Spec.GetRules() {
		at := []string{"spec", "rules", strconv.Itoa(i)}
		out = append(out, neverMatches(p, r, at)...)
		switch p.Spec.GetAction() {
		case istiosec.AuthorizationPolicy_ALLOW:
			if !forGateway(p) {
				out = append(out, allowRule(p, r, at)...)
			}
		case istiosec.AuthorizationPolicy_DENY:
			if plain != nil && identityOnly(r) {
				out = append(out, control.Partly(p, control.Mistake{
					At: p.At(join(at, []string{"from"})...), Severity: control.Medium,
					Summary: name(p) + " denies by identity, and " + plain.ID.Addr + " takes plaintext, which carries none: the rule can be called around",
					Fix:     "make mutual TLS STRICT for the workload (PeerAuthentication)",
				}))
			}
		}
	}
	return out
}

func name(p *estate.AuthorizationPolicy) string {
	return "AuthorizationPolicy " + p.Namespace + "/" + p.Name
}

// forGateway says that a policy is for a gateway, which has to take callers
// from outside the mesh.
func forGateway(p *estate.AuthorizationPolicy) bool {
	for _, t := range append(p.Spec.GetTargetRefs(), p.Spec.GetTargetRef()) {
		if strings.HasPrefix(t.GetKind(), "Gateway") {
			return true
		}
	}
	return gateway(p.Spec.GetSelector().GetMatchLabels()) || strings.Contains(p.Namespace, "ingress") || strings.Contains(p.Namespace, "gateway")
}

// neverMatches finds principals written as SPIFFE URIs. Istio's validation
// takes them and its matching puts spiffe:// in front once more, so that they
// match nobody: an ALLOW refuses the caller, a DENY lets it through.
func neverMatches(p *estate.AuthorizationPolicy, r *istiosec.Rule, at []string) []control.Result {
	var out []control.Result
	deny := p.Spec.GetAction() == istiosec.AuthorizationPolicy_DENY
	for j, f := range r.GetFrom() {
		for _, list := range []struct {
			field  string
			values []string
		}{{"principals", f.GetSource().GetPrincipals()}, {"notPrincipals", f.GetSource().GetNotPrincipals()}} {
			for k, v := range list.values {
				if !strings.HasPrefix(v, "spiffe://") {
					continue
				}
				field := list.field
				pos := p.At(join(at, []string{"from", strconv.Itoa(j), "source", field, strconv.Itoa(k)})...)
				m := control.Mistake{
					At: pos, Severity: control.Medium,
					Summary:  name(p) + " names " + v + ", which matches nobody: Istio adds spiffe:// itself",
					Fix:      "write " + strings.TrimPrefix(v, "spiffe://"),
					Evidence: []control.Evidence{{At: pos, Saw: field + ": " + v}},
				}
				switch {
				case deny && field == "principals":
					m.Severity = control.High
					m.Summary += "; the rule denies nobody"
				case !deny && field == "notPrincipals":
					m.Severity = control.High
					m.Summary += "; the exception excludes nobody"
				}
				out = append(out, control.Partly(p, m))
			}
		}
	}
	return out
}

// allowRule judges whether a rule that allows names callers.
func allowRule(p *estate.AuthorizationPolicy, r *istiosec.Rule, at []string) []control.Result {
	m := control.Mistake{
		At: p.At(at...), Severity: control.Medium,
		Fix: "name the callers in from.source.principals: cluster.local/ns/NAMESPACE/sa/ACCOUNT",
	}
	switch {
	case len(r.GetFrom()) == 0 && (len(r.GetWhen()) > 0 && whenNames(r) || healthOnly(r)):
		return nil
	case len(r.GetFrom()) == 0 && len(r.GetTo()) == 0 && len(r.GetWhen()) == 0:
		m.Severity = control.High
		m.Summary = name(p) + " allows everything to everyone: a rule without from, to and when"
		return []control.Result{control.Not(p, m)}
	case len(r.GetFrom()) == 0:
		m.Summary = name(p) + " names what may be called and not by whom"
		return []control.Result{control.Partly(p, m)}
	case whenNames(r):
		return nil
	}
	var out []control.Result
	for j, f := range r.GetFrom() {
		who := coarse(p, f.GetSource())
		if who == "" {
			continue
		}
		m.At = p.At(join(at, []string{"from", strconv.Itoa(j)})...)
		m.Summary = name(p) + " allows " + who
		out = append(out, control.Partly(p, m))
	}
	return out
}

// coarse says whom a source lets in that is no named identity, or "".
func coarse(p *estate.AuthorizationPolicy, s *istiosec.Source) string {
	identities := slices.Concat(s.GetPrincipals(), s.GetServiceAccounts(), s.GetRequestPrincipals())
	switch {
	case slices.Contains(s.GetPrincipals(), "*"):
		return "every identity of the mesh (principals: *)"
	case len(identities) > 0:
		return ""
	case slices.Contains(s.GetNamespaces(), "*"):
		return "every namespace (namespaces: *)"
	case slices.Contains(s.GetNamespaces(), p.Namespace):
		return "every workload of its own namespace, " + p.Namespace
	case len(s.GetNamespaces()) > 0:
		return ""
	case len(s.GetIpBlocks())+len(s.GetRemoteIpBlocks()) > 0:
		return "addresses, which prove nothing: " + control.Few(slices.Concat(s.GetIpBlocks(), s.GetRemoteIpBlocks()), 3)
	case len(s.GetTrustDomains()) > 0:
		return "whole trust domains: " + control.Few(s.GetTrustDomains(), 3)
	case len(s.GetNotPrincipals())+len(s.GetNotNamespaces())+len(s.GetNotServiceAccounts())+len(s.GetNotIpBlocks())+len(s.GetNotRemoteIpBlocks())+len(s.GetNotRequestPrincipals()) > 0:
		return "everyone but a few"
	}
	return "everyone (an empty source)"
}

// whenNames says that a condition names the caller.
func whenNames(r *istiosec.Rule) bool {
	for _, c := range r.GetWhen() {
		named := c.GetKey() == "source.principal" || c.GetKey() == "source.serviceAccount" || strings.HasPrefix(c.GetKey(), "request.auth.")
		if named && len(c.GetValues()) > 0 && !slices.Contains(c.GetValues(), "*") {
			return true
		}
	}
	return false
}

// healthOnly says that a rule is about health checks and metrics, whose callers
// have no identity.
func healthOnly(r *istiosec.Rule) bool {
	for _, t := range r.GetTo() {
		paths := t.GetOperation().GetPaths()
		if len(paths) == 0 {
			return false
		}
		for _, p := range paths {
			if !slices.ContainsFunc([]string{"/health", "/ready", "/live", "/metrics", "/ping", "/status", "/stats", "/-/"}, func(prefix string) bool { return strings.HasPrefix(p, prefix) }) {
				return false
			}
		}
	}
	return len(r.GetTo()) > 0
}

// identityOnly says that a rule knows its callers by identity, which plaintext
// does not carry.
func identityOnly(r *istiosec.Rule) bool {
	for _, f := range r.GetFrom() {
		s := f.GetSource()
		if len(s.GetPrincipals())+len(s.GetNotPrincipals())+len(s.GetNamespaces())+len(s.GetNotNamespaces())+len(s.GetServiceAccounts())+len(s.GetNotServiceAccounts()) > 0 {
			return true
		}
	}
	return false
}
