package trust

import (
	"slices"
	"strings"

	"fathom/estate"
)

// judge compares the conditions with what the issuer's tokens say. AWS itself
// checks the signature, the issuer, and that the audience is among the
// provider's client ids; everything else the policy has to ask for.
func (d *Door) judge(s *estate.Statement) {
	d.subject(s)
	d.audience(s)
	d.stranger(s)
	slices.SortStableFunc(d.Flaws, func(a, b Flaw) int {
		switch {
		case a.Open == b.Open:
			return 0
		case a.Open:
			return -1
		}
		return 1
	})
}

func (d *Door) subject(s *estate.Statement) {
	conditions := on(s, ":sub")
	if len(conditions) == 0 {
		if d.pinnedByClaims(s) || d.Issuer == Other && len(on(s, ":aud")) > 0 {
			return
		}
		d.flaw(true, "checks no :sub, so it lets in "+d.everybody(), d.exactly())
		return
	}
	// All conditions must hold: one that is exact is enough.
	var flaws []Flaw
	for _, c := range conditions {
		f, ok := d.condition(c)
		if ok {
			return
		}
		flaws = append(flaws, f)
	}
	d.Flaws = append(d.Flaws, flaws[0])
}

// condition says what is wrong with one condition on the subject.
func (d *Door) condition(c *estate.Condition) (Flaw, bool) {
	op := strings.ToLower(c.Operator)
	saw := c.Operator + " " + quote(c.Values)
	switch {
	case strings.HasPrefix(op, "forallvalues:"):
		return Flaw{true, "compares :sub with " + c.Operator + ", which is true where the claim is missing", d.exactly()}, false
	case strings.HasSuffix(op, "ifexists"):
		return Flaw{true, "compares :sub with " + c.Operator + ", which is true where the claim is missing", d.exactly()}, false
	case strings.Contains(op, "not"):
		return Flaw{true, "only excludes some subjects (" + saw + ")", d.exactly()}, false
	case op == "null":
		return Flaw{true, "only asks that there be a :sub, so it lets in " + d.everybody(), d.exactly()}, false
	}
	like := strings.Contains(op, "like")
	for _, v := range c.Values {
		if !strings.ContainsAny(bound(v), "*?") || strings.HasPrefix(v, "${") {
			continue
		}
		if !like {
			return Flaw{false, "compares :sub with " + saw + ": " + c.Operator + " takes * for a letter, so no token ever matches", "name the subject in full; only StringLike knows wildcards"}, false
		}
		if d.Issuer == CI && patternOfRefs(v) {
			continue
		}
		return Flaw{true, "lets in every subject like " + quote([]string{v}) + ": " + d.meaning(v), d.exactly()}, false
	}
	return Flaw{}, true
}

// bound is a subject without the tail that its issuer means to be left open: it
// says who started a run or which step of it asks, not whose run it is.
func bound(v string) string {
	for _, tail := range []string{":run_phase:*", "/user/*", ":step:*", ":commit:*"} {
		v = strings.TrimSuffix(v, tail)
	}
	return v
}

// patternOfRefs accepts repo:O/R:ref:refs/tags/v* and its like: one repository,
// and a named family of branches or tags.
func patternOfRefs(v string) bool {
	for _, mark := range []string{":ref:refs/tags/", ":ref:refs/heads/"} {
		before, after, ok := strings.Cut(v, mark)
		if ok && !strings.ContainsAny(before, "*?") && strings.Contains(before, "/") && after != "" && strings.IndexAny(after, "*?") > 0 {
			return true
		}
	}
	return false
}

// meaning says who a pattern lets in.
func (d *Door) meaning(v string) string {
	head := v[:strings.IndexAny(v, "*?")]
	switch {
	case d.Issuer == Cluster:
		parts := strings.Split(v, ":")
		switch {
		case len(parts) == 4 && !strings.ContainsAny(parts[2], "*?"):
			return "every service account of namespace " + parts[2] + " that fits"
		case len(parts) == 4 && !strings.ContainsAny(parts[3], "*?"):
			return "a service account called " + parts[3] + " in any such namespace"
		}
		return "any service account of the cluster"
	case strings.HasPrefix(head, "repo:") && strings.Count(head, ":") >= 2:
		return "any branch, tag, pull request or environment that fits"
	case strings.HasPrefix(head, "repo:") && strings.Contains(head, "/"):
		return "every repository of that owner that fits"
	case strings.HasPrefix(head, "repo:"):
		return "repositories of other owners too"
	}
	return "more than one"
}

func (d *Door) everybody() string {
	switch d.Issuer {
	case Cluster:
		return "every service account of the cluster"
	case CI:
		return "every pipeline of that CI system"
	}
	return "every user of that provider"
}

func (d *Door) exactly() string {
	switch d.Issuer {
	case Cluster:
		return `test "StringEquals" on "<issuer>:sub" with the one value "system:serviceaccount:<namespace>:<name>"`
	case CI:
		return `test "StringEquals" on "<issuer>:sub" with the repository and branch or environment in full, such as "repo:<owner>/<name>:ref:refs/heads/main"`
	}
	return `test "StringEquals" on the provider's :sub or :aud with the values that may come in`
}

// pinnedByClaims accepts the claims of a CI issuer that say as much as its
// subject: the repository, and what in it may come. STS has them as keys for
// GitHub since January 2026.
func (d *Door) pinnedByClaims(s *estate.Statement) bool {
	exact := func(keys ...string) bool {
		for _, k := range keys {
			for _, c := range on(s, k) {
				if _, ok := d.condition(c); ok {
					return true
				}
			}
		}
		return false
	}
	return d.Issuer == CI && exact(":repository", ":repository_id", ":project_id") &&
		exact(":ref", ":environment", ":job_workflow_ref", ":workflow_ref")
}

func (d *Door) audience(s *estate.Statement) {
	if d.Issuer == Other {
		return
	}
	for _, c := range on(s, ":aud") {
		op := strings.ToLower(c.Operator)
		if !strings.Contains(op, "not") && !strings.HasPrefix(op, "forallvalues:") && !strings.HasSuffix(op, "ifexists") && !slices.Contains(c.Values, "*") {
			return
		}
	}
	d.flaw(false, "does not check :aud, so a token made for another service is taken too", `test "StringEquals" on "<issuer>:aud" with "sts.amazonaws.com"`)
}

// stranger finds conditions on another issuer's claims than the principal's:
// the key is never there, so the condition is never true.
func (d *Door) stranger(s *estate.Statement) {
	_, host, ok := strings.Cut(d.Provider, ":oidc-provider/")
	if !ok || strings.Contains(d.Provider, "${") {
		return
	}
	host = strings.ToLower(host)
	for i := range s.Conditions {
		k := s.Conditions[i].Key
		issuer, found := strings.CutSuffix(k, ":sub")
		if !found {
			issuer, found = strings.CutSuffix(k, ":aud")
		}
		if found && !strings.Contains(k, "${") && issuer != host {
			d.flaw(false, "asks for "+k+", but tokens of "+host+" never have that claim", "write the condition's key with the issuer of the principal: "+host+":sub")
			return
		}
	}
}

func (d *Door) flaw(open bool, saw, fix string) {
	d.Flaws = append(d.Flaws, Flaw{open, saw, fix})
}

// on returns the conditions on a claim, whoever's it is.
func on(s *estate.Statement, claim string) []*estate.Condition {
	var out []*estate.Condition
	for i := range s.Conditions {
		if strings.HasSuffix(s.Conditions[i].Key, claim) && !strings.HasPrefix(s.Conditions[i].Key, "aws:") {
			out = append(out, &s.Conditions[i])
		}
	}
	return out
}

func valuesOf(s *estate.Statement, claim string) []string {
	var out []string
	for _, c := range on(s, claim) {
		out = append(out, c.Values...)
	}
	return out
}

func quote(vs []string) string {
	return `"` + strings.Join(vs, `", "`) + `"`
}
