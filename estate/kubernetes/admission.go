package kubernetes

import (
	"strings"

	"fathom/estate"
	"fathom/estate/tree"
)

// kyvernoPolicy reads a policy of kyverno.io. It enforces when every rule that
// checks something does; when only some do, what it refuses depends on the
// request, so the answer is Maybe.
func kyvernoPolicy(_ *reader, o estate.Object) (estate.Resource, *typeError) {
	p := &estate.KyvernoPolicy{Object: o, FailsClosed: estate.Yes}
	spec := o.Manifest.Get("spec")
	if !spec.Missing() && spec.Kind != tree.Map {
		return p, &typeError{spec.Pos, `"spec" is not a map`}
	}
	for _, n := range []*tree.Node{spec.Get("failurePolicy"), spec.At("webhookConfiguration", "failurePolicy")} {
		if !n.Missing() {
			p.FailsClosed = says(n, "Fail")
		}
	}
	general := enforces(spec.Get("validationFailureAction"), estate.No)
	if overrides := spec.Get("validationFailureActionOverrides"); overrides.Is() == tree.List {
		for _, it := range overrides.Items {
			if enforces(it.Get("action"), general) != general {
				general = estate.Maybe
			}
		}
	}
	checks, refuses := 0, []estate.Truth{}
	rules := spec.Get("rules")
	if rules.Is() == tree.List {
		for _, rule := range rules.Items {
			verifies := rule.Get("verifyImages")
			if verifies.Is() == tree.List && len(verifies.Items) > 0 {
				p.VerifiesImages = true
				for _, v := range verifies.Items {
					checks++
					refuses = append(refuses, enforces(v.Get("failureAction"), general))
				}
			}
			if v := rule.Get("validate"); !v.Missing() {
				checks++
				refuses = append(refuses, enforces(v.Get("failureAction"), general))
			}
		}
	}
	p.Enforces = allAlike(refuses)
	return p, nil
}

func allAlike(ts []estate.Truth) estate.Truth {
	if len(ts) == 0 {
		return estate.No
	}
	for _, t := range ts {
		if t != ts[0] {
			return estate.Maybe
		}
	}
	return ts[0]
}

func enforces(action *tree.Node, otherwise estate.Truth) estate.Truth {
	if action.Missing() {
		return otherwise
	}
	return says(action, "Enforce")
}

// says tells whether a string is a word, in either case; a placeholder may be.
func says(n *tree.Node, word string) estate.Truth {
	s, ok := n.Literal()
	switch {
	case !ok || looksLikePlaceholder(s):
		return estate.Maybe
	case strings.EqualFold(s, word):
		return estate.Yes
	}
	return estate.No
}

// validatingPolicy reads a ValidatingPolicy or ImageValidatingPolicy of
// policies.kyverno.io.
func validatingPolicy(_ *reader, o estate.Object) (estate.Resource, *typeError) {
	p := &estate.KyvernoPolicy{
		Object: o, Enforces: estate.Yes, FailsClosed: estate.Yes,
		VerifiesImages: strings.HasSuffix(o.Kind, "ImageValidatingPolicy"),
	}
	spec := o.Manifest.Get("spec")
	if !spec.Missing() && spec.Kind != tree.Map {
		return p, &typeError{spec.Pos, `"spec" is not a map`}
	}
	if n := spec.Get("failurePolicy"); !n.Missing() {
		p.FailsClosed = says(n, "Fail")
	}
	if n := spec.Get("validationActions"); n.Is() == tree.List && len(n.Items) > 0 {
		p.Enforces = estate.No
		for _, a := range n.Items {
			p.Enforces = p.Enforces.Or(says(a, "Deny"))
		}
	}
	if n := spec.At("evaluation", "admission", "enabled"); n.Is() == tree.Bool && n.Text == "false" {
		p.Enforces = estate.No
	}
	return p, nil
}

// constraint reads a Gatekeeper constraint.
func constraint(r *reader, o estate.Object) (estate.Resource, *typeError) {
	c := &estate.Constraint{Object: o, Action: "deny"}
	if a := r.word(o.Manifest.At("spec", "enforcementAction"), "enforcementAction"); a != "" {
		c.Action = a
	}
	return c, nil
}
