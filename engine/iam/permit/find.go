package permit

import (
	"slices"
	"strings"

	"fathom/engine/iam"
)

// Constraint narrows the requests that Find looks for. Its zero value narrows
// nothing.
type Constraint struct {
	// Actions and Resources are patterns as in a policy ("s3:Get*", an ARN of six
	// parts, "*"); a request's action and resource match one of them. Empty is
	// any.
	Actions, Resources []string
	// Kinds are the sorts of caller; empty is any.
	Kinds []iam.PrincipalKind
	// OutsideAccounts are accounts that the caller is not of. Callers without
	// an account (services, anonymous ones) are outside.
	OutsideAccounts []string
	// OutsideOrganisation is the id ("o-…") of an organisation that the caller
	// is not of.
	OutsideOrganisation string
	// Conditions hold for the request.
	Conditions []iam.Condition
}

// conditions are the constraint's conditions, with those that it stands for.
func (c *Constraint) conditions() []iam.Condition {
	out := slices.Clone(c.Conditions)
	for _, a := range c.OutsideAccounts {
		out = append(out, condition("StringNotEquals", "aws:principalaccount", a))
	}
	if c.OutsideOrganisation != "" {
		out = append(out, condition("StringNotEquals", "aws:principalorgid", c.OutsideOrganisation))
	}
	return out
}

// constrain makes the literals of a constraint.
func (b *builder) constrain(c *Constraint) (must []literalOf) {
	if len(c.Actions) > 0 && !slices.Contains(c.Actions, "*") {
		var low []string
		for _, a := range c.Actions {
			low = append(low, strings.ToLower(a))
		}
		must = append(must, literalOf{dimAction, b.actionsIn(low), false})
	}
	if len(c.Resources) > 0 && !slices.Contains(c.Resources, "*") {
		must = append(must, literalOf{dimResource, b.resourcesIn(slices.Clone(c.Resources), false), false})
	}
	if len(c.Kinds) > 0 {
		id := "kinds"
		for _, k := range c.Kinds {
			id += string(rune('0' + k))
		}
		must = append(must, literalOf{dimWho, b.who.literal(id, func(k *kase) caseLit { return always(slices.Contains(c.Kinds, k.kind)) }), false})
	}
	for _, x := range c.conditions() {
		must = append(must, b.conditionLit(&x, false, exact))
	}
	return must
}

// Find says whether there is a request within a constraint that a document
// permits by itself: who outside the account may assume this role, what may
// anonymous callers do with this bucket.
func Find(doc *iam.Document, within Constraint, o Options) Answer {
	if doc.Rejected {
		return Answer{Grants: No, Summary: "the document grants nothing: AWS would refuse it"}
	}
	return newQuestion(nil, doc, &within, o).answer("the document permits no such request")
}

// FindEach is Find for each statement by itself, and returns the answers that
// are not No: all statements that let such a request pass.
func FindEach(doc *iam.Document, within Constraint, o Options) []Answer {
	if doc.Rejected {
		return nil
	}
	return each(nil, doc, &within, o)
}

// Need is something that a workload has to be able to do: an action and a
// resource, or patterns of them.
type Need struct{ Action, Resource string }

// Unneeded lists the statements of a document that allow nothing of what is
// needed, by their index. A statement counts as needed where that cannot be
// decided.
func Unneeded(doc *iam.Document, needs []Need, o Options) []int {
	var out []int
	if doc.Rejected {
		return nil
	}
	for i := range doc.Statements {
		if doc.Statements[i].Effect == iam.Allow && !slices.ContainsFunc(needs, func(n Need) bool { return serves(doc, i, n, o) }) {
			out = append(out, i)
		}
	}
	return out
}

// serves says whether a statement may allow some of what is needed.
func serves(doc *iam.Document, i int, n Need, o Options) bool {
	within := Constraint{Actions: []string{n.Action}}
	if n.Resource != "" {
		within.Resources = []string{n.Resource}
	}
	q := newQuestion(nil, doc, &within, o)
	q.only = i
	return q.answer("").Grants != No
}
