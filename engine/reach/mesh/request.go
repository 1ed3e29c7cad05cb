package mesh

import (
	"slices"
	"strconv"
	"strings"

	"fathom/engine/reach/flow"
	"fathom/estate"
)

// AdmitsRequest says whether one concrete request is let in. It looks at the
// request as Istio would, rule by rule.
func (m *Mesh) AdmitsRequest(src Caller, dst *estate.Workload, port int, r Request) Verdict {
	p := HTTP
	if r.Method == "" && r.Path == "" && r.Host == "" {
		p = TCP
	}
	d := m.doorOf(dst, port)
	if d.protocol == TCP {
		p = TCP
	}
	return m.judge(src, d, func(s *scene) Verdict {
		return d.guard.request(m, s, &r, s.spoken(p)[0])
	})
}

// request decides about one request.
func (g *guard) request(m *Mesh, s *scene, r *Request, p Protocol) Verdict {
	var denied, allowed estate.Truth
	var by, in *rule
	var why string
	open := true
	for _, pol := range g.policies {
		open = open && pol.action != allow
		for _, ru := range pol.rules {
			holds, because := g.ruleHolds(ru, s, r, p)
			if holds == estate.No {
				continue
			}
			if pol.action == external {
				holds, because = estate.Maybe, name(pol)+" asks "+provider(pol)+", and what it answers no file tells"
			}
			if holds == estate.Maybe && why == "" {
				why = because
			}
			if pol.action == allow {
				if holds > allowed {
					allowed, in = holds, ru
				}
			} else if holds > denied {
				denied, by = holds, ru
			}
		}
	}
	if open {
		allowed = estate.Yes
	}
	v := Verdict{Admits: allowed.And(denied.Not()), What: "no request"}
	if g.doubt != "" && denied != estate.Yes {
		v.Admits, why = estate.Maybe, g.doubt
	}
	if w := m.waypoint(s.dst); w != "" && s.proxy.ambient && v.Admits != estate.No {
		v.Admits, why = estate.Maybe, "waypoint "+w+" decides too, and waypoints are not evaluated"
	}
	if v.Every = v.Admits == estate.Yes; v.Every {
		v.What = "the request"
		v.Witness = *r
	}
	h := flow.Hop{Kind: flow.Mesh, Pass: v.Admits}
	switch {
	case denied != estate.No && (v.Admits == estate.No && allowed != estate.No || by.of.action == external):
		h.Of, h.At, h.Says = by.of.of, by.at(), name(by.of)+" refuses it, by rule "+number(by)
		if by.of.action == external {
			h.Says = name(by.of) + " asks " + provider(by.of) + " about it"
		}
		h.Open = "take the request out of rule " + number(by) + " of " + name(by.of)
	case in != nil:
		h.Of, h.At, h.Says = in.of.of, in.at(), name(in.of)+" lets it in, by rule "+number(in)
	case allowed == estate.No:
		g.nothingAllows(&h, s, p)
	case len(g.policies) == 0:
		h.Says = "no AuthorizationPolicy is for " + title(g.of)
	default:
		h.Says = "no rule of the AuthorizationPolicies for " + title(g.of) + " is about it"
	}
	h.Refuses = v.Admits == estate.No
	if !h.Refuses {
		h.Open = ""
	}
	if v.Admits == estate.Maybe {
		v.Why, h.Why, v.What = why, why, "the request"
	}
	v.Hops = []flow.Hop{h}
	return v
}

// ruleHolds says whether a rule matches a request.
func (g *guard) ruleHolds(ru *rule, s *scene, r *Request, p Protocol) (holds estate.Truth, why string) {
	if p == TCP && ru.http && ru.of.action == allow {
		return estate.No, ""
	}
	for _, pr := range ru.products {
		t, because := estate.Yes, ""
		for _, test := range pr.tests {
			one, w := estate.Yes, ""
			switch {
			case test.attr.http() && p == TCP, ru.vague(test):
			case test.attr.http():
				one = r.meets(test, g.tokens)
			default:
				one, w = s.id.meets(test, s.port)
			}
			if t = t.And(one); one == estate.Maybe && because == "" {
				because = w
			}
		}
		if t > holds {
			holds, why = t, because
		}
	}
	if ru.doubt != "" {
		holds, why = holds.And(estate.Maybe), "Istio may leave out rule "+number(ru)+" of "+name(ru.of)+": "+ru.doubt
	}
	return holds, why
}

// meets says whether the request meets a test. Where no RequestAuthentication
// takes tokens, they count for nothing.
func (r *Request) meets(t *test, tokens bool) estate.Truth {
	token := r.Token
	if !tokens || token == nil {
		token = &Token{}
	}
	switch t.attr {
	case method:
		return named(t, listOf(r.Method)...)
	case path:
		return named(t, listOf(r.Path)...)
	case host:
		return named(t, listOf(strings.ToLower(r.Host))...)
	case header:
		return named(t, listOf(r.Headers[t.name])...)
	case tokenPrincipal:
		if token.Issuer == "" && token.Subject == "" {
			return named(t)
		}
		return named(t, token.Issuer+"/"+token.Subject)
	case tokenAudience:
		return named(t, token.Audiences...)
	case tokenPresenter:
		return named(t, listOf(token.Presenter)...)
	}
	return named(t, token.claim(t.name)...)
}

// claim are the values of a claim, those that have fields of their own too.
func (t *Token) claim(name string) []string {
	switch name {
	case "iss":
		return listOf(t.Issuer)
	case "sub":
		return listOf(t.Subject)
	case "aud":
		return slices.Clone(t.Audiences)
	case "azp":
		return listOf(t.Presenter)
	}
	return t.Claims[name]
}

func number(r *rule) string { return strconv.Itoa(r.index + 1) }
