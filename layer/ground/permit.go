package ground

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"fathom/diag"
	"fathom/engine/depth"
	"fathom/engine/iam"
	"fathom/engine/iam/access"
	"fathom/estate"
)

// Grant is what stands between a principal and a request to AWS.
type Grant struct {
	// Stops are the guards that would have to go before the request is allowed;
	// none when it is allowed as the estate stands.
	Stops []depth.Stop
	// Never says that no guard's going would allow it.
	Never bool
	// Says tells by which statement it is allowed, where it is; At is its line.
	Says string
	At   diag.Pos
}

type grants struct {
	sync.Map // grantKey → Grant
	once     sync.Once
	tagged   map[string]access.Principal // by role
	// admin administers the account, anybody does so by whatever name.
	admin, anybody access.Principal
}

type grantKey struct{ who, tags, action, arn, with string }

// Permit says which guards stand between a principal and an action on a
// resource (an ARN), asked for from outside the network. Each part of the
// decision is asked by itself, so that all guards are there that would have to
// go: what the principal's own policies do not allow is
// identity.least-privilege's, a ceiling (SCP, RCP, boundary)
// identity.guardrails', a key's policy data.key-policy's, a bucket's
// data.s3-private's; and a condition is that of the control which sets it up: a
// second factor, session tags, a grant for a while, the VPC's endpoints.
//
// A guard in the principal's own policies is on the principal's name, since
// another policy that allows it takes the guard away (PermitAside); every other
// is on the resource in which it is written.
func (g *Ground) Permit(p access.Principal, action, arn string, ctx iam.Context) Grant {
	if p.Kind == access.Workload {
		return g.permitWorkload(p, action, arn, ctx)
	}
	p = g.session(p)
	key := grantKey{p.Name, p.Tags(), action, arn, written(ctx)}
	if got, ok := g.grants.Load(key); ok {
		return got.(Grant)
	}
	out := Grant{}
	for _, b := range g.IAM.Bars(p, action, arn, ctx) {
		if b.Place == "trust" && !b.Denies && len(b.Keys) == 0 && !g.trustsPeople(arn) {
			out.Never = true
		}
		out.Stops = append(out.Stops, g.barStops(p, action, arn, &b)...)
	}
	out.Stops = tidy(out.Stops)
	if len(out.Stops) == 0 {
		if a := g.IAM.Ask(p, action, arn, ctx); len(a.Because) > 0 {
			out.Says, out.At = a.Because[0].String(), a.Because[0].At
		}
	}
	got, _ := g.grants.LoadOrStore(key, out)
	return got.(Grant)
}

// permitWorkload asks as the role of a workload for which least has to go.
func (g *Ground) permitWorkload(p access.Principal, action, arn string, ctx iam.Context) Grant {
	best := Grant{Never: true}
	for i := range p.As {
		if p.As[i].Truth != estate.Yes {
			continue
		}
		if got := g.Permit(p.As[i].Role, action, arn, ctx); best.Never || !got.Never && len(got.Stops) < len(best.Stops) {
			best = got
		}
	}
	return best
}

// trustsPeople says whether a role's trust policy lets in any principal of AWS
// but services, so that a mistake in it would let in one more.
func (g *Ground) trustsPeople(arn string) bool {
	_, r, err := g.IAM.Resource(arn)
	role, ok := r.(*estate.Role)
	if err != nil || !ok || role.Trust.Unknown() {
		return true
	}
	return slices.ContainsFunc(role.Trust.Statements, func(s estate.Statement) bool {
		return s.Effect == "Allow" && (len(s.NotPrincipals) > 0 || slices.ContainsFunc(s.Principals, func(p estate.Principal) bool { return p.Type == "AWS" || p.Type == "*" }))
	})
}

// Assume is Permit for one principal to become a role: the trust policy of the
// role is asked as well. It is never where the role is for services or tokens
// alone.
func (g *Ground) Assume(p, role access.Principal) Grant {
	return g.Permit(p, "sts:AssumeRole", role.IAM.ARN, nil)
}

// PermitAdmin is Permit for somebody whose own policies allow everything and
// who has no boundary: only the policies of the organisation and of resources
// are in his way. A statement that makes an exception for somebody by name is
// not: he may be that one.
func (g *Ground) PermitAdmin(action, arn string, ctx iam.Context) Grant {
	g.grants.once.Do(g.prepareGrants)
	key := grantKey{"administrator", "", action, arn, written(ctx)}
	if got, ok := g.grants.Load(key); ok {
		return got.(Grant)
	}
	p := g.grants.admin
	named := g.IAM.Bars(p, action, arn, ctx)
	out := Grant{}
	for _, b := range g.IAM.Bars(g.grants.anybody, action, arn, ctx) {
		if b.Truth == estate.Maybe && !slices.ContainsFunc(named, func(n access.Bar) bool {
			return n.Truth == estate.Maybe && n.Place == b.Place && n.Holder == b.Holder
		}) {
			continue // by his name alone
		}
		out.Stops = append(out.Stops, g.barStops(p, action, arn, &b)...)
	}
	out.Stops = tidy(out.Stops)
	got, _ := g.grants.LoadOrStore(key, out)
	return got.(Grant)
}

// session is a role as its own pods act as it: with the session tags of EKS Pod
// Identity, where all that have the role have the same.
func (g *Ground) session(p access.Principal) access.Principal {
	g.grants.once.Do(g.prepareGrants)
	if t, ok := g.grants.tagged[p.Name]; ok && p.Kind == access.Role && !g.IAM.Session(p) {
		return t
	}
	return p
}

func (g *Ground) prepareGrants() {
	g.grants.admin = g.IAM.Administrator(false)
	g.grants.anybody = g.IAM.Administrator(true)
	g.grants.tagged = map[string]access.Principal{}
	several := map[string]bool{}
	for _, p := range g.IAM.Principals() {
		for i := range p.As {
			id := &p.As[i]
			if id.How != access.PodIdentity {
				continue
			}
			if other, ok := g.grants.tagged[id.Role.Name]; ok && other.Tags() != id.Role.Tags() {
				several[id.Role.Name] = true
			}
			g.grants.tagged[id.Role.Name] = id.Role
		}
	}
	for name := range several {
		delete(g.grants.tagged, name)
	}
}

// written is a context as a key.
func written(ctx iam.Context) string {
	if len(ctx) == 0 {
		return ""
	}
	var out []string
	for k, v := range ctx {
		out = append(out, strings.ToLower(k)+"="+strings.Join(v.Values, ","))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// barStops are the guards that a bar is: one for each control whose condition
// keeps the statement from allowing, or of its part.
func (g *Ground) barStops(p access.Principal, action, arn string, b *access.Bar) []depth.Stop {
	s := depth.Stop{State: depth.Standing, At: b.At, Says: b.Says, Guard: depth.Guard{On: g.barOn(p, arn, b)}}
	if b.Truth == estate.Maybe {
		s.State, s.Why = depth.Doubtful, b.Says
		s.On += " (not all known)" // what of it is known is a guard of its own
		if len(b.Doubts) > 0 {
			s.Why = b.Doubts[0].String()
		}
	}
	var out []depth.Stop
	for _, s.Control = range controlsOf(action, b) {
		out = append(out, s)
	}
	return out
}

// controlsOf are the controls of a bar. A statement that does not allow lacks
// each of its conditions; one that denies is lifted by any of them.
func controlsOf(action string, b *access.Bar) []string {
	own := ownControl(action, b)
	var out []string
	for _, k := range b.Keys {
		c := conditionControl(b.Place, k)
		switch {
		case b.Denies && c != "":
			return []string{c}
		case !b.Denies:
			out = append(out, cmp.Or(c, own))
		}
	}
	if len(out) == 0 {
		return []string{own}
	}
	return out
}

// barOn is where a bar's guard stands.
func (g *Ground) barOn(p access.Principal, arn string, b *access.Bar) string {
	on := ""
	switch {
	case b.Place == "identity" && !b.Denies:
		return p.Name
	case b.Place == "resource", b.Place == "trust":
		on = g.addressOf(arn)
	}
	if on == "" && b.Holder != nil {
		on = b.Holder.Meta().ID.Addr
	}
	return cmp.Or(on, arn)
}

// addressOf is the resource that an ARN names, as the files write it.
func (g *Ground) addressOf(arn string) string {
	_, r, err := g.IAM.Resource(arn)
	if err != nil || r == nil {
		return ""
	}
	return r.Meta().ID.Addr
}

// ownControl is the control that a part of the decision belongs to.
func ownControl(action string, b *access.Bar) string {
	switch b.Place {
	case "boundary", "SCP", "RCP":
		return "identity.guardrails"
	case "trust":
		return "identity.trust-exact"
	case "resource":
		service, _, _ := strings.Cut(strings.ToLower(action), ":")
		switch service {
		case "kms":
			return "data.key-policy"
		case "s3":
			return "data.s3-private"
		case "secretsmanager":
			return "data.secrets"
		case "backup":
			return "data.backups"
		}
	}
	return "identity.least-privilege"
}

// conditionControl is the control that sets a condition up; "" for conditions
// that are about what is asked for.
func conditionControl(place, key string) string {
	_, tag, tagged := strings.Cut(key, "/")
	switch {
	case strings.HasPrefix(key, "aws:multifactorauth"), tagged && strings.Contains(tag, "mfa"):
		if place == "trust" {
			return "access.mfa-session"
		}
		return "identity.mfa"
	case key == "aws:userid", key == "aws:currenttime", key == "aws:epochtime",
		tagged && (strings.HasPrefix(key, "iam:resourcetag/") || strings.HasPrefix(key, "aws:principaltag/")) && strings.Contains(tag, "grant"):
		return "access.just-in-time"
	case strings.HasPrefix(key, "aws:principaltag/"):
		return "identity.session-tags"
	case key == "aws:sourcevpce", key == "aws:sourcevpc", key == "aws:vpcsourceip":
		return "network.endpoints"
	case strings.HasPrefix(key, "kms:encryptioncontext:") && !strings.HasPrefix(key, "kms:encryptioncontext:aws:") && !strings.HasSuffix(key, "arn"):
		return "data.envelope" // the context is the application's, and no AWS service's
	}
	return ""
}
