package trap

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"fathom/platform"
	"fathom/render"
	"fathom/render/kubernetes"
	"fathom/render/terraform"
)

// Options are facts that this package cannot know.
type Options struct {
	// ManagedRules are the names of the rules of AWS's managed groups; where
	// empty, overrides are not checked.
	ManagedRules []string
}

// Check looks at everything that would be rendered. The error joins all traps,
// each with the resource, what it would do, and what to do instead.
func Check(p *platform.Platform, parts []render.Part, o Options) error {
	c := checker{p: p, options: o}
	for _, part := range parts {
		for _, r := range part.Resources {
			switch r := r.(type) {
			case *kubernetes.Object:
				c.object(r)
			case *terraform.Block:
				c.block(r)
			}
		}
	}
	return errors.Join(c.found...)
}

type checker struct {
	p       *platform.Platform
	options Options
	found   []error
}

func (c *checker) addf(r render.Resource, paths []string, format string, args ...any) {
	where := r.Address()
	if len(paths) > 0 {
		where += " (from " + strings.Join(paths, ", ") + ")"
	}
	c.found = append(c.found, fmt.Errorf("%s %s", where, fmt.Sprintf(format, args...)))
}

func (c *checker) object(o *kubernetes.Object) {
	group, _, _ := strings.Cut(o.APIVersion, "/")
	switch group + "/" + o.Kind {
	case "security.istio.io/AuthorizationPolicy":
		c.authorization(o)
	case "security.istio.io/PeerAuthentication":
		c.peers(o)
	case "networking.istio.io/DestinationRule":
		c.clients(o)
	case "admissionregistration.k8s.io/ValidatingAdmissionPolicy":
		c.admission(o)
	}
}

// authorization: Istio puts spiffe:// in front of principals itself, so one that
// is written with it matches nobody (pilot/pkg/security/authz/model); what a rule
// says of requests never matches on a TCP port, where the proxy sees none.
func (c *checker) authorization(o *kubernetes.Object) {
	each(o.Body, nil, func(path []string, v any) {
		switch path[len(path)-1] {
		case "principals", "notPrincipals", "values", "notValues":
			for _, s := range texts(v) {
				if strings.HasPrefix(s, "spiffe://") {
					c.addf(o, o.Paths, "names the principal %q, which matches nobody: Istio adds spiffe:// itself; leave it out", s)
				}
			}
		}
	})
	name, _ := field(o.Body, "spec", "selector", "matchLabels", "app.kubernetes.io/name").(string)
	s := c.p.Service(name)
	if s == nil || s.Protocol != "tcp" || s.Namespace != o.Namespace {
		return
	}
	each(o.Body, nil, func(path []string, v any) {
		switch key := path[len(path)-1]; key {
		case "methods", "notMethods", "paths", "notPaths", "hosts", "notHosts", "requestPrincipals":
			c.addf(o, o.Paths, "asks for %s of requests to %q, which speaks tcp: the proxy sees no requests there, so the rule never matches; name callers and ports only, or declare protocol: http", key, name)
		}
	})
}

// peers: anything but STRICT takes plaintext from anyone.
func (c *checker) peers(o *kubernetes.Object) {
	each(o.Body, nil, func(path []string, v any) {
		if mode, ok := v.(string); ok && path[len(path)-1] == "mode" && mode != "STRICT" {
			where := "takes"
			if slices.Contains(path, "portLevelMtls") {
				where = "has a port that takes"
			}
			c.addf(o, o.Paths, "%s plaintext from anyone: its mode is %s; only STRICT is rendered", where, mode)
		}
	})
}

// clients: DISABLE towards the mesh makes callers speak plaintext.
func (c *checker) clients(o *kubernetes.Object) {
	each(o.Body, nil, func(path []string, v any) {
		n := len(path)
		if mode, ok := v.(string); ok && n > 1 && path[n-1] == "mode" && path[n-2] == "tls" && mode == "DISABLE" {
			c.addf(o, o.Paths, "makes callers speak plaintext: tls.mode DISABLE; use ISTIO_MUTUAL in the mesh, SIMPLE to hosts outside")
		}
	})
}

// admission: a policy that looks at spec.containers alone is got around with an
// init container, or with kubectl debug.
func (c *checker) admission(o *kubernetes.Object) {
	var cel strings.Builder
	pods, debug := false, false
	each(o.Body, nil, func(path []string, v any) {
		switch path[len(path)-1] {
		case "expression":
			if s, ok := v.(string); ok {
				cel.WriteString(s + "\n")
			}
		case "resources":
			pods = pods || slices.Contains(texts(v), "pods")
			debug = debug || slices.Contains(texts(v), "pods/ephemeralcontainers") || slices.Contains(texts(v), "*")
		}
	})
	text := cel.String()
	if !strings.Contains(text, "ontainers") { // it looks at no containers
		return
	}
	for _, kind := range []string{"initContainers", "ephemeralContainers"} {
		if !strings.Contains(text, kind) {
			c.addf(o, o.Paths, "looks at containers and not at %s, through which anything gets past it; look at all three lists", kind)
		}
	}
	if pods && !debug {
		c.addf(o, o.Paths, "does not match pods/ephemeralcontainers, so kubectl debug gets past it; add the resource to matchConstraints")
	}
}

func (c *checker) block(b *terraform.Block) {
	exempting := slices.ContainsFunc(b.Paths, func(p string) bool { return strings.HasPrefix(p, "edge.exempt") })
	arguments(b.Body, "", func(in, name string, v any) {
		switch {
		case name == "assume_role_policy":
			c.trust(b, v)
		case name == "regex_string" && exempting:
			for _, s := range words(v) {
				if !strings.HasPrefix(s, "^") || !strings.HasSuffix(s, "$") {
					c.addf(b, b.Paths, "exempts what contains %q anywhere in it; anchor the regular expression at both ends: ^…$", s)
				}
			}
		case name == "name" && in == "rule_action_override" && len(c.options.ManagedRules) > 0:
			for _, s := range words(v) {
				if !slices.Contains(c.options.ManagedRules, s) {
					c.addf(b, b.Paths, "overrides the rule %q, which no managed group has, so nothing changes; write the rule's name as AWS does", s)
				}
			}
		case name == "oversize_handling":
			for _, s := range words(v) {
				if s == "CONTINUE" {
					c.addf(b, b.Paths, "looks at the first 8 KB only and lets pass what comes after: oversize_handling CONTINUE; use MATCH where a match blocks")
				}
			}
		}
	})
}

// trust: who is named by a pattern is named by everybody who can choose a name
// that fits; ForAllValues holds when the key is not there at all.
func (c *checker) trust(b *terraform.Block, v any) {
	for _, s := range statements(v) {
		if effect, _ := get(s, "Effect").(string); effect != "Allow" {
			continue
		}
		conditions, _ := get(s, "Condition").(terraform.Object)
		for _, operator := range conditions {
			if strings.HasPrefix(operator.Key, "ForAllValues:") {
				c.addf(b, b.Paths, "trusts under %s, which holds when the token has no such claim; use %s", operator.Key, strings.TrimPrefix(operator.Key, "ForAllValues:"))
			}
			keys, _ := operator.Value.(terraform.Object)
			for _, k := range keys {
				claim := strings.Trim(k.Key, "\x00\"")
				for _, value := range words(k.Value) {
					if (strings.HasSuffix(claim, ":sub") || strings.HasSuffix(claim, ":aud")) && wild(value) {
						c.addf(b, b.Paths, "trusts everybody whose %s looks like %q; name it exactly, with StringEquals", claim[strings.LastIndex(claim, ":")+1:], value)
					}
				}
			}
		}
	}
}
