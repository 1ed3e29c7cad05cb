package edge

import (
	"cmp"
	"strings"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

var originSecret = control.Control{
	ID:       "edge.origin-secret",
	Title:    "The load balancer demands the origin header; two secrets overlap while one rotates",
	Why:      "CloudFront's addresses serve everybody: an attacker points a distribution of his own at the load balancer and is in",
	Threats:  []control.Threat{control.Exfiltration, control.Flood},
	Phase:    control.QuickWin,
	Severity: control.High,
	World:    control.Anywhere,
	Maps:     []string{"PCI DSS 4.0.1 1.4.2"},
	Check:    checkSecret,
	Defeat:   forgetSecret,
}

// checkSecret judges the load balancers behind distributions. Every request
// that is forwarded has to have carried the header that the distribution adds
// (Amazon CloudFront Developer Guide, "Restrict access to Application Load
// Balancers").
func checkSecret(e *estate.Estate) []control.Result {
	var out []control.Result
	fronts := frontings(e)
	cover := newCoverer(e)
	sets := newRuleSets(e)
	ours := originHeaders(e)
	all, _ := doors(e)
	for _, d := range all {
		switch r := d.Resource.(type) {
		case *estate.LoadBalancer:
			backs, fronted := fronts.of(r.ID)
			if fronted == estate.No {
				continue
			}
			out = append(out, judgeSecret(e, r, backs, fronts.why, aclHeaders(e, cover.of(d), sets, ours))...)
		case *estate.Ingress:
			_, fronted := fronts.ofIngress(d.alb)
			if fronted != estate.No {
				out = append(out, ingressSecret(d, fronted))
			}
		}
	}
	return out
}

func judgeSecret(e *estate.Estate, lb *estate.LoadBalancer, backs []backing, why string, byACL map[string]diag.Pos) []control.Result {
	demands := demanded{names: map[string]bool{}}
	for h := range byACL {
		demands.names[h] = true
	}
	var out []control.Result
	listeners := 0
	for _, l := range estate.Of[*estate.Listener](e, lb.ID) {
		if l.LoadBalancer.Is(lb.ID) {
			listeners++
			if len(byACL) == 0 {
				out = append(out, demands.listener(e, l)...)
			}
		}
	}
	switch {
	case len(backs) == 0 && len(out) > 0 && !onlyPresent(out), listeners == 0 && len(byACL) == 0:
		return []control.Result{control.Unsure(lb, diag.Pos{}, "whether a distribution stands in front, or what the listeners demand, is not known: "+cmp.Or(why, "its listeners are not in what was read"))}
	case len(byACL) > 0:
		out = append(out, control.Is(lb, control.Evidence{At: lb.Pos, Saw: "its web ACL demands the header"}))
	}
	if len(demands.names) == 0 {
		return out
	}
	for _, b := range backs {
		out = append(out, sends(b, demands.names))
	}
	return out
}

func onlyPresent(rs []control.Result) bool {
	for _, r := range rs {
		if r.Status != control.Present {
			return false
		}
	}
	return true
}

// demanded gathers the headers that listeners ask for.
type demanded struct{ names map[string]bool }

// listener judges one listener: its default action must not forward, nor any
// rule that does not look at the header.
func (s *demanded) listener(e *estate.Estate, l *estate.Listener) []control.Result {
	var out []control.Result
	for _, a := range l.Default.Items {
		switch forwards(a) {
		case estate.Yes:
			out = append(out, control.Not(l, control.Mistake{
				At: a.At, Cause: causeOf(l), Severity: severityOf(l),
				Summary: name(l) + " forwards requests that carry no origin header",
				Fix:     "make the default action a fixed_response 403 and forward in an aws_lb_listener_rule with an http_header condition; send the header with custom_header in the distribution's origin",
			}))
		case estate.Maybe:
			out = append(out, control.Unsure(l, a.At, "what the default action does is not known: "+a.Type.Why()))
		}
	}
	var values []string
	var at diag.Pos
	var hidden string
	for _, r := range estate.Of[*estate.ListenerRule](e, l.ID) {
		if !r.Listener.Is(l.ID) || !ruleForwards(r) {
			continue
		}
		h := headerOf(r)
		if h == nil {
			if r.Conditions.Why != "" {
				out = append(out, control.Unsure(r, r.Conditions.At, "its conditions are not known: "+r.Conditions.Why))
				continue
			}
			out = append(out, control.Not(r, control.Mistake{
				At: r.Actions.At, Cause: causeOf(l), Severity: severityOf(l),
				Summary: name(r) + " forwards requests that carry no origin header",
				Fix:     "add condition { http_header { … } } with the header and both its values",
			}))
			continue
		}
		if n, ok := h.Name.Known(); ok {
			s.names[strings.ToLower(n)] = true
		}
		at = h.At
		hidden = cmp.Or(hidden, h.Values.Why())
		for _, v := range h.Values.Items {
			values = append(values, v.String())
		}
	}
	return append(out, overlap(l, at, values, hidden)...)
}

// causeOf is the mistake that a listener on plain http is in any case: once it
// redirects, it forwards nothing.
func causeOf(l *estate.Listener) string {
	if l.Protocol.Default("HTTP").Is("HTTP") == estate.Yes {
		return control.CausePlainHTTP
	}
	return ""
}

// severityOf lets plain http, where that is the mistake, be named first.
func severityOf(l *estate.Listener) control.Severity {
	if causeOf(l) != "" {
		return control.Medium
	}
	return control.High
}

// overlap wants two values, the current and the next or last one: with one, a
// rotation refuses every request until both sides know the new value.
func overlap(l *estate.Listener, at diag.Pos, values []string, hidden string) []control.Result {
	distinct := map[string]bool{}
	for i, v := range values {
		if v == "unknown" {
			v += strings.Repeat("'", i)
		}
		distinct[v] = true
	}
	switch {
	case at.Line == 0:
		return nil
	case len(distinct) > 1:
		return []control.Result{control.Is(l, control.Evidence{At: at, Saw: "an origin header with two values"})}
	case hidden != "":
		return []control.Result{control.Unsure(l, at, "whether two values are accepted is not known: "+hidden)}
	}
	return []control.Result{control.Partly(l, control.Mistake{
		At: at, Severity: control.Low,
		Summary: name(l) + " accepts one value of the origin header, so nothing overlaps while the secret rotates",
		Fix:     "list two values in the http_header condition, the current and the next",
	})}
}

func forwards(a estate.ListenerAction) estate.Truth { return a.Type.Is("forward") }

func ruleForwards(r *estate.ListenerRule) bool {
	for _, a := range r.Actions.Items {
		if forwards(a) != estate.No {
			return true
		}
	}
	return false
}

func headerOf(r *estate.ListenerRule) *estate.HeaderCondition {
	for i := range r.Conditions.Items {
		if h := r.Conditions.Items[i].Header.One(); h != nil {
			return h
		}
	}
	return nil
}

// sends judges whether a distribution adds the header, and from where its
// value comes.
func sends(b backing, names map[string]bool) control.Result {
	for _, h := range b.origin.Headers.Items {
		n, _ := h.Name.Known()
		if !names[strings.ToLower(n)] {
			continue
		}
		if _, plain := h.Value.Known(); plain {
			return control.Partly(b.Distribution, control.Mistake{
				At: h.Value.Pos(), Cause: control.CausePlaintext,
				Summary: "the origin secret that " + name(b.Distribution) + " sends in " + n + " stands in the files",
				Fix:     "take value from a random_password or from aws_secretsmanager_secret_version, and rotate it",
			})
		}
		return control.Is(b.Distribution, control.Evidence{At: h.At, Saw: n})
	}
	if b.origin.Headers.Why != "" {
		return control.Unsure(b.Distribution, b.origin.Headers.At, "the headers it adds are not known: "+b.origin.Headers.Why)
	}
	return control.Not(b.Distribution, control.Mistake{
		At:      b.origin.At,
		Summary: name(b.Distribution) + " does not send the header that its origin " + b.origin.OriginID.String() + " demands",
		Fix:     "add custom_header { name = …, value = … } to the origin",
	})
}

// aclHeaders are the headers that a load balancer's own web ACL demands: it
// blocks what does not carry them, or lets in only what does.
func aclHeaders(e *estate.Estate, v cover, sets ruleSets, ours map[string]bool) map[string]diag.Pos {
	out := map[string]diag.Pos{}
	for _, w := range v.acls {
		denies := w.Default.One() != nil && len(w.Default.One().Block.Items) > 0
		for _, r := range readACL(e, w, sets).rules {
			if r.action == block && r.looks.has("not_statement") || r.action == allow && denies {
				for _, h := range r.looks.headers {
					if ours[h] {
						out[h] = r.at
					}
				}
			}
		}
	}
	return out
}

// ingressSecret looks for the condition in the annotations.
func ingressSecret(d door, fronted estate.Truth) control.Result {
	for _, in := range d.alb.members {
		for k, v := range in.Annotations {
			if strings.HasPrefix(k, annotation+"conditions.") && strings.Contains(v, "http-header") {
				return control.Is(in, control.Evidence{At: in.At("metadata", "annotations", k), Saw: "a condition on an http header"})
			}
		}
	}
	if fronted == estate.Maybe {
		return control.Unsure(d, diag.Pos{}, "whether a distribution stands in front of it is not known")
	}
	return control.Not(d, control.Mistake{
		Summary: d.String() + " forwards requests that carry no origin header",
		Fix:     "add " + annotation + "conditions.SERVICE with an http-header condition and both values, and custom_header to the distribution's origin",
	})
}
