package access

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"fathom/engine/iam"
	"fathom/engine/iam/permit"
	"fathom/estate"
)

// Outside returns who outside the account can use a resource by its own policy:
// assume a role, read or write a bucket, use a key, queue, topic, secret or
// function. What the outsiders' own account lets them do is taken to be
// everything. Every answer has a witness: a request that the policies permit.
//
// The resource is named as in Resource.
func (w *World) Outside(resource string) ([]Outsider, error) {
	arn, r, err := w.Resource(resource)
	if err != nil {
		return nil, err
	}
	t := w.trusts[arn]
	if t == nil {
		t, _ = w.targetOf(serviceOf(arn), arn)
	}
	switch {
	case t != nil:
		return w.outsiders(t), nil
	case r != nil:
		return nil, nil // it has no policy of its own
	}
	return nil, fmt.Errorf("%s is declared in no file, so that its policy is not known", arn)
}

// outsiders asks of each statement that allows, for each principal that it
// names, whether it lets somebody outside do something after all denies.
func (w *World) outsiders(t *target) []Outsider {
	o := outsiders{w: w, t: t}
	for _, d := range t.policies {
		statements, index := d.allows(outside)
		for i, s := range statements {
			for _, who := range principalsOf(s) {
				o.ask(d, s, index[i], who)
			}
		}
	}
	for i, g := range t.grants[1] {
		o.grant(i, g)
	}
	slices.SortStableFunc(o.found, func(a, b Outsider) int {
		return cmp.Or(cmp.Compare(b.Truth, a.Truth), strings.Compare(a.Who, b.Who))
	})
	return o.found
}

// outside marks readings for requests from outside.
var outside = about{outside: true}

type outsiders struct {
	w     *World
	t     *target
	found []Outsider
}

// party is one entry of a Principal element.
type party struct{ kind, value string }

// principalsOf are the entries of a statement's Principal.
func principalsOf(s map[string]any) []party {
	if s["NotPrincipal"] != nil {
		return []party{{"not", ""}}
	}
	m, ok := s["Principal"].(map[string]any)
	if !ok {
		return []party{{"*", "*"}}
	}
	var out []party
	for _, kind := range sorted(m) {
		list, _ := stringsOf(m[kind])
		for _, v := range list {
			out = append(out, party{kind, v})
		}
	}
	return out
}

// ask asks about one principal of a statement.
func (o *outsiders) ask(d *document, s map[string]any, at int, who party) {
	everyone := who.value == "*" && (who.kind == "AWS" || who.kind == "*") || who.kind == "not"
	// Only principals of the account can pass one of its roles to a service.
	passed := who.kind == "Service" && d.draft.kind == iam.Trust
	if !everyone && o.ours(who) || passed {
		return
	}
	upper := o.compose(s, d, true, who)
	var lower *iam.Document
	if ss := d.sure(at, who); ss != nil {
		lower = o.compose(ss, d, false, who)
	}
	within := permit.Constraint{OutsideAccounts: []string{o.t.account}, Conditions: o.elsewhere()}
	name := who.value
	if who.kind != "Service" {
		within.Conditions = append(within.Conditions, lineOf("BoolIfExists", "aws:principalisawsservice", "false"))
	}
	if everyone {
		name = "any AWS account"
		nobody := within
		nobody.Kinds = []iam.PrincipalKind{iam.Anonymous}
		nobody.Conditions = append(slices.Clone(within.Conditions), without("aws:principalorgid"), without("aws:principalorgpaths"))
		if permit.Find(upper, nobody, permit.Options{}).Grants != permit.No {
			within, name = nobody, "anyone"
		}
	}
	most := permit.Find(upper, within, permit.Options{})
	if most.Grants == permit.No || o.kept(upper, true) && who.kind != "Service" {
		return
	}
	out := Outsider{Who: name, Truth: estate.Maybe, Witness: most.Witness, Within: o.within(lower, upper, within)}
	least := permit.Answer{Grants: permit.No}
	if lower != nil && !o.kept(lower, false) {
		least = permit.Find(lower, within, permit.Options{})
	}
	f := filling{draft: d.draft}
	switch {
	case f.foreignValue(who.value):
		out.Within = estate.Maybe
		out.Doubts = append(out.Doubts, Doubt{d.at, "which account this is is not known, so that " + who.value + " may be of it"})
	case least.Grants == permit.Yes:
		out.Truth, out.Witness = estate.Yes, least.Witness
	case most.Grants == permit.Undecided:
		out.Doubts = append(out.Doubts, Doubt{d.at, most.Why})
	default:
		out.Doubts = append(out.Doubts, o.doubts(d)...)
	}
	r := &reading{of: d, index: []int{at}}
	out.Because = []Because{r.because(0, iam.Allow)}
	wrote := d.wrote(at)
	if wrote == nil {
		wrote = s
	}
	out.Conditions = conditionWords(wrote)
	out.Actions, _ = stringsOf(wrote["Action"])
	if list, ok := stringsOf(wrote["NotAction"]); ok {
		out.Actions = []string{"all but " + strings.Join(list, ", ")}
	}
	o.found = append(o.found, out)
}

// elsewhere says that a service does not act for the account itself: the
// source of the request, where there is one, is of another.
func (o *outsiders) elsewhere() []iam.Condition {
	var out []iam.Condition
	return append(out,
		lineOf("StringNotEquals", "aws:sourceaccount", o.t.account),
		lineOf("StringNotEquals", "aws:sourceowner", o.t.account),
		lineOf("ArnNotLike", "aws:sourcearn", "arn:*:*:*:"+o.t.account+":*"),
	)
}

// without says that a request lacks a key: nobody without credentials is of an
// organisation.
func without(key string) iam.Condition { return lineOf("Null", key, "true") }

func lineOf(operator, key, value string) iam.Condition {
	op, _, _ := iam.ParseOperator(operator)
	return iam.Condition{Operator: op, Key: key, Values: []string{value}}
}

// doubts are why it is not sure what a statement lets.
func (o *outsiders) doubts(d *document) []Doubt {
	out := slices.Clone(d.doubts)
	for _, x := range o.t.policies {
		if x != d && !x.certain() {
			out = append(out, x.doubts...)
		}
	}
	if len(out) == 0 {
		out = append(out, o.t.doubts...)
	}
	if len(out) == 0 {
		out = append(out, Doubt{d.at, "what an organisation's policies leave of it is not known"})
	}
	return out
}

// ours says whether a principal is of the resource's account: one of its users
// or roles, or its own clusters' workloads.
func (o *outsiders) ours(who party) bool {
	switch who.kind {
	case "AWS":
		parts := strings.SplitN(who.value, ":", 6)
		account := who.value
		if len(parts) == 6 {
			account = parts[4]
		}
		return account == o.t.account
	case "Federated":
		return strings.Contains(who.value, "oidc.eks.") && strings.Contains(who.value, ":"+o.t.account+":")
	}
	return false
}

// sure is a statement in its lower reading, if it is there for that principal.
func (d *document) sure(at int, who party) map[string]any {
	if d.maybe {
		return nil
	}
	out, index := d.draft.fill(false, outside)
	for i, raw := range out {
		s, ok := raw.(map[string]any)
		if ok && index[i] == at && at >= 0 && s["Effect"] == "Allow" && slices.Contains(principalsOf(s), who) {
			return s
		}
	}
	return nil
}

// compose makes a document of one statement, for one principal, and all that
// denies: the resource's own policies and the RCPs of its account.
func (o *outsiders) compose(s map[string]any, d *document, upper bool, who party) *iam.Document {
	kind := d.draft.kind
	c := composed{kind: kind}
	one := map[string]any{}
	for k, v := range s {
		one[k] = v
	}
	if who.kind != "*" && who.kind != "not" {
		one["Principal"] = map[string]any{who.kind: who.value}
	}
	c.add(d.draft.version, one)
	for _, x := range o.t.policies {
		c.with(x, upper, "Deny", outside)
	}
	if g := o.t.guard; g != nil {
		for _, l := range g.rcps.levels {
			for _, a := range l.attached {
				if !upper || a.applies == estate.Yes {
					o.rcp(&c, a.document, upper)
				}
			}
		}
	}
	return c.document()
}

// rcp adds what an RCP denies, as far as a policy of this kind can say it.
func (o *outsiders) rcp(c *composed, d *document, upper bool) {
	before := len(c.statements)
	c.with(d, upper, "Deny", outside)
	for i := before; i < len(c.statements); i++ {
		if c.kind == iam.Trust {
			delete(c.statements[i], "Resource")
			delete(c.statements[i], "NotResource")
			if list, ok := stringsOf(c.statements[i]["Action"]); ok {
				c.statements[i]["Action"] = ofSTS(list)
			}
		}
	}
}

func ofSTS(list []string) []string {
	var out []string
	for _, a := range list {
		switch {
		case a == "*":
			out = append(out, "sts:*")
		case strings.HasPrefix(strings.ToLower(a), "sts:"):
			out = append(out, a)
		}
	}
	if len(out) == 0 {
		out = []string{"sts:None"}
	}
	return out
}

// kept says whether Block Public Access keeps the bucket to its account.
func (o *outsiders) kept(d *iam.Document, upper bool) bool {
	i := 0
	if upper {
		i = 1
	}
	if !o.t.public[i].RestrictBuckets {
		return false
	}
	return d.Public() || slices.ContainsFunc(either(upper, o.t.lowerDocs, o.t.upperDocs), (*iam.Document).Public)
}

// within says whether those that a statement lets in are all of the account's
// own organisation.
func (o *outsiders) within(lower, upper *iam.Document, within permit.Constraint) estate.Truth {
	id := o.w.named().organization()
	within.OutsideOrganisation = id
	if permit.Find(upper, within, permit.Options{}).Grants == permit.No {
		return estate.Yes
	}
	if hollow(id) && lower != nil && slices.ContainsFunc(lower.Statements, ofOrganisation) {
		return estate.Maybe
	}
	if lower != nil && permit.Find(lower, within, permit.Options{}).Grants == permit.Yes {
		return estate.No
	}
	return estate.Maybe
}

func ofOrganisation(s iam.Statement) bool {
	return slices.ContainsFunc(s.Conditions, func(c iam.Condition) bool { return strings.HasPrefix(c.Key, "aws:principalorg") })
}

// grant lists the grantee of a KMS grant who is of another account.
func (o *outsiders) grant(i int, g iam.Grant) {
	if hollow(g.Grantee) || o.ours(party{"AWS", g.Grantee}) {
		return
	}
	from := o.t.granted[i]
	out := Outsider{Who: g.Grantee, Truth: estate.Maybe, Within: estate.Maybe}
	for _, op := range g.Operations {
		out.Actions = append(out.Actions, "kms:"+op)
	}
	if slices.ContainsFunc(o.t.grants[0], func(s iam.Grant) bool { return s.Grantee == g.Grantee }) {
		out.Truth = estate.Yes
	}
	out.Because = []Because{{Effect: iam.Allow, Place: "grant", Holder: from, At: from.Pos, Text: "allows " + enumerate(out.Actions) + " to " + g.Grantee}}
	o.found = append(o.found, out)
}
