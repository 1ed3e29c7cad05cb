package permit

import "fathom/engine/iam"

// texts makes texts of a universe, but for some.
func (b *builder) texts(name string, universe []pattern, hints []string, outside ...pattern) *texts {
	t := newTexts(b.budget)
	t.name = name
	t.universe = newLanguage(t.alpha, universe, false)
	if len(outside) > 0 {
		t.outside = newLanguage(t.alpha, outside, false)
	}
	t.suggest(hints...)
	return t
}

// actions makes the dimension of actions, in lower case.
func (b *builder) actions(q *question) *caseDim {
	d := newCaseDim()
	d.cases = []*kase{{
		make: func(k *kase) {
			universe := []pattern{join(something(':'), literal(":", false), something(':'))}
			k.parts = []*texts{b.texts("the action", universe, q.actionHints)}
		},
		write: func(s []string, r *iam.Request) { r.Action = s[0] },
	}}
	return d
}

// resources makes the dimension of resources: those with ARNs, and "*" for
// the actions that have none. Where a document asks for the account that owns
// the resource, ARNs that tell it are a case of their own.
func (b *builder) resources(q *question) *caseDim {
	d := newCaseDim()
	if q.kind == iam.Trust {
		d.cases = []*kase{b.ownRole(q)}
		return d
	}
	colon, segment := literal(":", false), anything(':')
	head := join(literal("arn:", false), something(':'), colon, something(':'), colon, segment, colon)
	arns := join(head, segment, colon, something(0))
	told := join(head, digits(12), colon, something(0))
	one := func(p pattern, outside ...pattern) *texts {
		if b.open != nil && !b.open.resource {
			outside = append(outside, b.vars.symbolic()...)
		}
		return b.texts("the resource", []pattern{p}, q.resourceHints, outside...)
	}
	if !b.asked["aws:resourceaccount"] {
		d.cases = []*kase{
			{
				make:  func(k *kase) { k.parts = []*texts{one(arns)} },
				write: func(s []string, r *iam.Request) { r.Resource = s[0] },
			},
			{
				make:  func(k *kase) { k.parts = []*texts{one(literal("*", false))} },
				write: func(_ []string, r *iam.Request) { r.Resource = "*" },
			},
		}
		return d
	}
	owner := func(s []string, r *iam.Request) { r.Resource, r.ResourceAccount = s[0], s[1] }
	d.cases = []*kase{
		{
			make:  func(k *kase) { k.parts = []*texts{one(told)} },
			write: func(s []string, r *iam.Request) { r.Resource, r.ResourceAccount = s[0], account(s[0]) },
			views: map[string]view{"aws:resourceaccount": inAccount(0)},
		},
		{
			make: func(k *kase) {
				k.parts = []*texts{one(arns, told), b.owners()}
			},
			write: owner, views: map[string]view{"aws:resourceaccount": whole(1)},
		},
		{
			make:  func(k *kase) { k.parts = []*texts{one(literal("*", false)), b.owners()} },
			write: owner, views: map[string]view{"aws:resourceaccount": whole(1)},
		},
	}
	return d
}

// owners are the accounts that a resource may be of.
func (b *builder) owners() *texts {
	return b.texts("the resource's account", []pattern{digits(12)}, b.accounts)
}

// ownRole is the role that a trust policy belongs to, whatever its account.
func (b *builder) ownRole(q *question) *kase {
	return &kase{
		make: func(k *kase) {
			var hints []string
			for _, a := range append([]string{q.owner}, b.accounts...) {
				hints = append(hints, "arn:aws:iam::"+a+":role/Example")
			}
			universe := join(literal("arn:aws:iam::", false), digits(12), literal(":role/Example", false))
			k.parts = []*texts{b.texts("the role", []pattern{universe}, hints)}
		},
		write: func(s []string, r *iam.Request) { r.Resource, r.ResourceAccount = s[0], account(s[0]) },
		views: map[string]view{"aws:resourceaccount": inAccount(0)},
	}
}
