package escalate

import (
	"regexp"
	"slices"
	"strings"

	"fathom/engine/iam"
	"fathom/engine/iam/access"
	"fathom/estate"
)

// granted are the services whose resources can have a policy of their own that
// grants without the principal's identity policies.
var granted = []string{"sts:", "kms:", "s3:", "secretsmanager:", "lambda:", "sns:", "sqs:", "ecr:"}

// couldAll says whether the principal's own policies speak of every action of a
// way at all: most do not, and nothing needs to be tried.
func (f *finder) couldAll(p *person, w *way) bool {
	for i := range w.asks {
		a := &w.asks[i]
		if a.when != "" || a.supposing != "" || strings.Contains(a.do, "{") {
			continue
		}
		if !f.could(p, a.do) {
			return false
		}
	}
	return true
}

func (f *finder) could(p *person, action string) bool {
	if f.slow {
		return true
	}
	if f.byResources(action) {
		return true
	}
	switch { // what boundaries leave of it takes longer
	case f.o.Sure:
		return f.w.Speaks(p.Principal, action, false)
	case !f.w.Speaks(p.Principal, action, true):
		return false
	}
	perms, ok := f.permissions(p)
	return !ok || slices.ContainsFunc(perms, func(x access.Permission) bool { return speaksOf(x.Actions, x.NotActions, action) })
}

// speaksOf says whether a statement is about an action.
func speaksOf(actions, notActions []string, action string) bool {
	for _, a := range actions {
		if globFold(a, action) {
			return true
		}
	}
	if notActions == nil {
		return false
	}
	for _, a := range notActions {
		if globFold(a, action) {
			return false
		}
	}
	return true
}

// permissions are the statements that let somebody do something, and whether
// they are all: where they are not, everything has to be tried.
func (f *finder) permissions(p *person) ([]access.Permission, bool) {
	if !p.permsRead {
		p.permsRead = true
		perms, err := f.w.What(p.Name)
		p.perms, p.permsAll = perms, err == nil && p.holder.Why == ""
		for i := range perms {
			if s := &perms[i]; len(s.Actions)+len(s.NotActions) == 0 {
				p.permsAll = false // one that is not known in full
			}
		}
		if held := len(p.holder.Grants) + len(p.holder.AWSManaged) + len(p.holder.Partial); len(perms) == 0 && held > 0 {
			// Several have that name: what is written has to do.
			p.perms, p.permsAll = written(&p.holder), false
		}
	}
	return p.perms, p.permsAll
}

// step tries one request of a way, with the names and condition keys that an
// attacker may choose.
func (f *finder) step(p *person, a *ask, holes map[string]string, n *notes) (Step, bool) {
	ctx := f.context(a, holes)
	action := fill(a.do, holes)
	if a.supposing != "" {
		return f.supposed(p, a, action, holes, ctx, n)
	}
	got, ok := f.try(p, action, a.on, a.free, holes, ctx)
	if !ok {
		return Step{}, false
	}
	st := Step{By: p.Name, Request: got.request(p), Because: got.answer.Because, Certain: got.answer.Truth}
	got.note(n)
	for _, on := range a.also {
		more, ok := f.try(p, action, on, true, holes, ctx)
		if !ok {
			return Step{}, false
		}
		more.note(n)
		st.Certain = st.Certain.And(more.answer.Truth)
		st.Also = append(st.Also, more.request(p))
		st.Because = appendNew(st.Because, more.answer.Because)
	}
	st.Certain = st.Certain.And(got.certain)
	st.Says = says(holes["name"], action, st.Request.Resource, fill(a.aside, holes))
	return st, true
}

func says(name, action, resource, aside string) string {
	s := name + " may " + action
	if resource != "*" {
		s += " on " + resource
	}
	if aside != "" {
		s += ", " + aside
	}
	return s
}

func appendNew(to, more []access.Because) []access.Because {
	for _, b := range more {
		have := false
		for i := range to {
			have = have || to[i].String() == b.String()
		}
		if !have {
			to = append(to, b)
		}
	}
	return to
}

// context are the condition keys that a request of the way has by itself.
func (f *finder) context(a *ask, holes map[string]string) iam.Context {
	region := holes["region"]
	if strings.HasPrefix(a.do, "iam:") || strings.HasPrefix(a.do, "organizations:") {
		region = "us-east-1" // where the global services are called
	}
	ctx := iam.Context{"aws:requestedregion": iam.One(region), "aws:securetransport": iam.One("true")}
	if b := holes["target boundary"]; b != "" {
		ctx["iam:permissionsboundary"] = iam.One(b)
	}
	for _, kv := range a.with {
		k, v, _ := strings.Cut(fill(kv, holes), "=")
		ctx[strings.ToLower(k)] = iam.One(v)
	}
	if v, ok := ctx["kms:grantoperations"]; ok {
		ctx["kms:grantoperations"] = iam.Many(v.Values...)
	}
	return ctx
}

// tried is a request that is, or may be, allowed.
type tried struct {
	action, resource string
	ctx              given
	answer           access.Answer
	certain          estate.Truth
}

func (t *tried) request(p *person) iam.Request {
	return iam.Request{Principal: p.IAM, Action: t.action, Resource: t.resource, Context: t.ctx.Context}
}

func (t *tried) note(n *notes) {
	for _, l := range t.ctx.limits {
		n.limit(l)
	}
	for _, d := range t.ctx.doubts {
		n.doubt(d)
	}
	if t.answer.Truth == estate.Maybe {
		for _, d := range t.answer.Doubts {
			n.doubt(d.String())
		}
	}
}

// try finds a request for the action that is allowed: on the resource as it
// is, or where the attacker chooses its name on one that a statement asks for.
func (f *finder) try(p *person, action, on string, free bool, holes map[string]string, base iam.Context) (tried, bool) {
	var best tried
	arns := []string{fill(on, holes)}
	if free {
		arns = append(arns, f.chosen(p, action, fill(wild(on), holes))...)
	}
	contexts := f.contexts(p, action, base)
	for _, arn := range arns {
		for _, c := range contexts {
			t := f.allows(p, action, arn, c.Context)
			if c.uncertain() {
				t = t.And(estate.Maybe)
			}
			if t > best.certain {
				best = tried{action: action, resource: arn, ctx: c, certain: t}
			}
			if best.certain == estate.Yes {
				break
			}
		}
		if best.certain == estate.Yes {
			break
		}
	}
	if best.certain == estate.No {
		return best, false
	}
	best.answer = f.ask(p, action, best.resource, best.ctx.Context)
	return best, true
}

// chosenNames are the names in templates that stand for what does not exist
// yet, or exists under a name that no file tells.
var chosenNames = regexp.MustCompile(`[a-z]*-?0?(?:new|NEW)\b|\{existing\}|0existing|0task|issuer\.example`)

// wild makes a pattern of a template.
func wild(on string) string {
	return strings.ReplaceAll(chosenNames.ReplaceAllString(on, "*"), "{region}", "*")
}

// maxChosen bounds the names that are tried for one request.
const maxChosen = 8

// chosen are names that the principal's statements about the action ask for.
func (f *finder) chosen(p *person, action, pattern string) []string {
	perms, _ := f.permissions(p)
	var out []string
	for i := range perms {
		if perms[i].Effect != iam.Allow || !speaksOf(perms[i].Actions, perms[i].NotActions, action) {
			continue
		}
		for _, r := range perms[i].Resources {
			if r == "*" || strings.Contains(r, "${") {
				continue
			}
			if arn, ok := meet(r, pattern); ok && len(out) < maxChosen {
				out = append(out, arn)
			}
		}
	}
	return out
}
