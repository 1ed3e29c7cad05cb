package escalate

import (
	"regexp"
	"strings"

	"fathom/engine/iam"
	"fathom/engine/iam/access"
	"fathom/estate"
)

// What a principal may do once it has been given everything, or once the policy
// of a resource has been rewritten, is in no file. It follows from why a request
// is denied now: an explicit Deny stays, an SCP stays, a boundary stays; the
// lack of an Allow in what the attacker has rewritten does not.

// bounds is a permissions boundary as far as it can be read.
type bounds struct {
	arn    string
	res    *estate.IAMPolicy // nil for one that no file declares
	policy *estate.Policy
	doc    *iam.Document // nil where it is not known
	holes  bool
}

func (f *finder) boundsOf(p *person) *bounds {
	var ref estate.Ref[*estate.IAMPolicy]
	switch {
	case p.role != nil:
		ref = p.role.Boundary
	case p.user != nil:
		ref = p.user.Boundary
	}
	if ref.Absent() && len(ref.To) == 0 {
		return nil
	}
	b := &bounds{}
	b.arn, _ = ref.Known()
	for _, pol := range estate.To(f.e, ref) {
		b.res, b.policy = pol, &pol.Policy
		b.arn = f.arn(pol)
		if pol.Policy.Unknown() || pol.Policy.Absent() {
			return b
		}
		text := ofTerraform.ReplaceAllString(pol.Policy.Text(), "hole")
		b.holes = text != pol.Policy.Text()
		if b.doc = f.bounds[pol]; b.doc == nil {
			b.doc, _ = iam.Parse([]byte(text), pol.Pos.File, iam.Identity)
			f.bounds[pol] = b.doc
		}
	}
	return b
}

// ofTerraform matches references of Terraform; IAM's variables have a colon.
var ofTerraform = regexp.MustCompile(`\$\{[^}:]*\}`)

// everything is an identity policy that allows everything.
var everything, _ = iam.Parse([]byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`), "", iam.Identity)

// allows says whether a boundary lets a request pass.
func (b *bounds) allows(r *iam.Request) estate.Truth {
	if b == nil {
		return estate.Yes
	}
	if b.doc == nil {
		if strings.HasSuffix(b.arn, ":iam::aws:policy/AdministratorAccess") {
			return estate.Yes
		}
		return estate.Maybe
	}
	d := iam.Evaluate(r, &iam.Policies{Identity: []*iam.Document{everything}, Boundary: []*iam.Document{b.doc}})
	switch {
	case d.Allowed:
		return estate.Yes
	case b.holes && !d.Explicit:
		return estate.Maybe
	}
	return estate.No
}

// obstacle is what stays in the way of a principal that was given everything.
type obstacle uint8

const (
	free obstacle = iota
	byDeny
	bySCP
	byBoundary
)

// given everything in its identity policies, may a principal do this?
func (f *finder) after(p *person, action, arn string, ctx iam.Context) (estate.Truth, obstacle) {
	a := f.ask(p, action, arn, ctx)
	switch {
	case a.Truth == estate.Yes:
		return estate.Yes, free
	case a.Truth == estate.No && a.Decision.Explicit:
		return estate.No, byDeny
	case a.Truth == estate.No && strings.HasPrefix(a.Decision.Missing, "SCP level"):
		return estate.No, bySCP
	case a.Truth == estate.Maybe && f.mayDeny(p, action):
		return estate.Maybe, byDeny
	}
	r := iam.Request{Principal: p.IAM, Action: action, Resource: arn, Context: ctx}
	t := p.boundary.allows(&r)
	if t == estate.Yes {
		return t, free
	}
	return t, byBoundary
}

// mayDeny says whether a Deny could be what a doubt is about.
func (f *finder) mayDeny(p *person, action string) bool {
	if p.holder.Why != "" || len(p.holder.Partial) > 0 {
		return true
	}
	for _, g := range p.holder.Grants {
		for i := range g.Policy.Statements {
			if s := &g.Policy.Statements[i]; s.Effect != "Allow" && speaksOf(s.Actions, s.NotActions, action) {
				return true
			}
		}
	}
	return len(estate.All[*estate.OrgPolicy](f.e)) > 0
}

// supposed makes a step that is allowed by a resource policy which an earlier
// step has put in place. It names the caller directly, so that it grants
// without identity policies and boundary (IAM User Guide, "Policy evaluation
// for requests within a single account"); denies and SCPs stay.
func (f *finder) supposed(p *person, a *ask, action string, holes map[string]string, ctx iam.Context, _ *notes) (Step, bool) {
	arn := fill(a.on, holes)
	if account := accountOf(arn); account != "" && account != p.IAM.Account {
		return Step{}, false
	}
	got := f.w.Ask(p.Principal, action, arn, ctx)
	if got.Truth == estate.No {
		if strings.HasPrefix(got.Decision.Missing, "SCP level") || got.Decision.Explicit && deniedElsewhere(got.Because) {
			return Step{}, false
		}
	}
	kind := iam.Resource
	if strings.HasPrefix(action, "sts:") {
		kind = iam.Trust
	}
	doc, _ := iam.Parse([]byte(fill(a.supposing, holes)), "", kind)
	st := Step{By: p.Name, Supposing: doc, Certain: estate.Yes, Request: iam.Request{Principal: p.IAM, Action: action, Resource: arn, Context: ctx}}
	if !iam.Evaluate(&st.Request, &iam.Policies{Resource: []*iam.Document{doc}}).Allowed {
		return Step{}, false
	}
	what := "the new policy"
	if kind == iam.Trust {
		what = "the new trust policy"
	}
	st.Says = "by " + what + " " + says(holes["name"], action, arn, fill(a.aside, holes))
	return st, true
}

// deniedElsewhere says whether a Deny stands somewhere else than in the policy
// of the resource, which the attacker has rewritten.
func deniedElsewhere(bs []access.Because) bool {
	for _, b := range bs {
		if b.Effect == iam.Deny && b.Place != "resource" && b.Place != "trust" {
			return true
		}
	}
	return false
}

func accountOf(arn string) string {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		return parts[4]
	}
	return ""
}
