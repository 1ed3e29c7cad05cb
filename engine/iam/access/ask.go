package access

import (
	"maps"
	"slices"
	"strings"

	"fathom/engine/iam"
	"fathom/estate"
)

// question is one request, with everything that bears on it.
type question struct {
	w       *World
	p       *Principal
	request iam.Request
	target  *target // nil for a resource without a policy of its own
	about   about
	notes   []string
	doubts  []Doubt
	// outside is a resource that no file declares: its policy may say anything.
	outside bool
}

// ask prepares a request.
func (w *World) ask(p *Principal, action, arn string, ctx iam.Context) *question {
	q := &question{w: w, p: p}
	q.request = iam.Request{Principal: p.IAM, Action: action, Resource: arn}
	q.find(action, arn)
	q.request.Context = q.contextOf(ctx)
	if hollow(arn) {
		q.about.resource = arn
	}
	return q
}

// find finds the resource that a request is about.
func (q *question) find(action, arn string) {
	service, _, _ := strings.Cut(strings.ToLower(action), ":")
	t, known := q.w.targetOf(service, arn)
	switch {
	case t != nil:
		q.target = t
		q.request.ResourceAccount = t.account
		q.doubts = t.doubts
		q.notes = t.notes
	case known:
	case strings.ContainsAny(arn, "*?"):
		q.notes = append(q.notes, "a policy of a single resource may still refuse it")
		q.wildcard(service, arn)
	case q.p.IAM.Kind == iam.Service && service != "sts":
		q.outside = true
	default:
		q.outside = true
	}
}

// wildcard asks for all resources of a kind: their own policies are taken to
// be AWS's defaults.
func (q *question) wildcard(service, arn string) {
	if service == "kms" && serviceOf(arn) == "kms" {
		parts := strings.SplitN(arn, ":", 6)
		d := &document{place: "default key"}
		compile(d, defaultKeyPolicy(parts[1], q.p.IAM.Account), iam.Resource, &open0)
		q.target = &target{arn: arn, account: q.p.IAM.Account, policies: []*document{d}, certain: true}
		q.target.settle()
		q.request.ResourceAccount = q.p.IAM.Account
	}
	if service == "sts" && serviceOf(arn) == "iam" {
		q.outside = true
	}
}

// hasPolicies are the services whose resources have policies of their own.
var hasPolicies = []string{"s3", "kms", "sqs", "sns", "secretsmanager", "lambda", "ecr", "es", "elasticfilesystem", "backup", "dynamodb"}

// targetOf finds the policies of what an ARN names. Known is true for what has
// none in any case.
func (w *World) targetOf(service, arn string) (t *target, known bool) {
	if service == "sts" {
		if serviceOf(arn) != "iam" {
			return nil, true
		}
		return w.trusts[arn], false
	}
	of := serviceOf(arn)
	if !slices.Contains(hasPolicies, of) || of != service {
		return nil, true
	}
	if t := w.targets[arn]; t != nil {
		return t, false
	}
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return nil, false
	}
	rest := parts[5]
	switch of {
	case "s3":
		rest, _, _ = strings.Cut(rest, "/")
	case "es", "dynamodb":
		if kind, name, ok := strings.Cut(rest, "/"); ok {
			name, _, _ = strings.Cut(name, "/")
			rest = kind + "/" + name
		}
	case "sns":
		rest, _, _ = strings.Cut(rest, ":")
	case "lambda":
		if p := strings.Split(rest, ":"); len(p) > 2 {
			rest = p[0] + ":" + p[1]
		}
	case "kms":
		if alias, ok := strings.CutPrefix(rest, "alias/"); ok {
			return w.aliased(parts, "alias/"+alias), false
		}
	case "secretsmanager":
		return w.secret(arn), false
	}
	parts[5] = rest
	return w.targets[strings.Join(parts, ":")], false
}

// aliased finds the key that an alias names.
func (w *World) aliased(parts []string, alias string) *target {
	for _, a := range estate.All[*estate.KMSAlias](w.e) {
		if arn, _ := w.named().arn(a); arn != strings.Join(parts, ":") {
			continue
		}
		for _, k := range estate.To(w.e, a.Key) {
			arn, _ := w.named().arn(k)
			return w.targets[arn]
		}
	}
	return nil
}

// secret finds a secret by an ARN with or without the six characters that AWS
// adds, which no file knows.
func (w *World) secret(arn string) *target {
	if t := w.targets[arn+"-(rand)"]; t != nil {
		return t
	}
	if i := len(arn) - 7; i > 0 && arn[i] == '-' {
		return w.targets[arn[:i]+"-(rand)"]
	}
	return nil
}

// contextOf is the request's context: what was given, over what follows from
// the principal and the resource.
func (q *question) contextOf(ctx iam.Context) iam.Context {
	var of, on iam.Context
	var keys []string
	if s := q.p.subject; s != nil {
		of, q.about.principal = s.context, s.arn
		if s.keys != "" {
			keys = append(keys, s.keys)
		}
	}
	if q.target != nil {
		on = q.target.context
		if q.target.keys != "" {
			keys = append(keys, q.target.keys)
		}
	}
	q.about.keys = strings.Join(keys, " ")
	region := q.region()
	if len(ctx) == 0 && len(on) == 0 && region == "" {
		return of
	}
	out := make(iam.Context, len(of)+len(on)+len(ctx)+1)
	maps.Copy(out, of)
	maps.Copy(out, on)
	if region != "" {
		out["aws:requestedregion"] = iam.One(region)
	}
	for k, v := range ctx {
		out[strings.ToLower(k)] = v
		if slices.ContainsFunc(v.Values, hollow) {
			q.about.keys = strings.TrimSpace(q.about.keys + " " + strings.ToLower(k))
		}
	}
	return out
}

// region is where the request is sent, which every request says
// (aws:RequestedRegion, "Global condition context keys"): the region of the
// resource's ARN or, for a bucket, whose ARN has none, of its provider. It is
// empty where it is not known, and for services that are one for all regions
// where no region can be told.
func (q *question) region() string {
	region := ""
	if parts := strings.SplitN(q.request.Resource, ":", 6); len(parts) == 6 {
		region = parts[3]
	}
	if region == "" && q.target != nil && q.target.resource != nil && serviceOf(q.target.arn) == "s3" {
		region = q.w.named().region(q.target.resource.Meta())
	}
	if strings.ContainsAny(region, "*?") || hollow(region) {
		return ""
	}
	return region
}

// certain says whether both readings are one for this request.
func (q *question) certain() bool {
	if q.outside || q.about != (about{}) || q.p.subject != nil && !q.p.certain {
		return false
	}
	return q.target == nil || q.target.certain
}

// policies gathers a reading of all that bears on the request.
func (q *question) policies(upper bool) *iam.Policies {
	p := &iam.Policies{}
	s, t := q.p.subject, q.target
	special := q.about != (about{})
	pick := func(ready []*iam.Document, from []*document) []*iam.Document {
		if !special {
			return ready
		}
		out := make([]*iam.Document, len(from))
		for i, d := range from {
			lower, up := d.readings(q.about)
			if upper {
				lower = up
			}
			out[i] = lower.doc
		}
		return out
	}
	i := 0
	if upper {
		i = 1
	}
	if s != nil {
		p.Identity = pick(either(upper, s.lowerDocs, s.upperDocs), s.identity)
		p.Boundary = pick(either(upper, s.lowerBound, s.upperBound), s.boundary)
		if s.guard != nil {
			p.SCPs = s.guard.scps.documents(upper, q.about)
		}
	}
	switch {
	case t != nil:
		p.Resource = pick(either(upper, t.lowerDocs, t.upperDocs), t.policies)
		if special && !upper && t.mayBePublic {
			p.Resource = append(p.Resource, publicForNothing())
		}
		p.Grants, p.PublicAccess = t.grants[i], t.public[i]
		if t.guard != nil {
			p.RCPs = t.guard.rcps.documents(upper, q.about)
		}
	case q.outside:
		kind := iam.Resource
		if strings.HasPrefix(strings.ToLower(q.request.Action), "sts:") {
			kind = iam.Trust
		}
		d := strange(kind)
		p.Resource = []*iam.Document{d[i]}
	}
	return p
}

func either[T any](upper bool, a, b T) T {
	if upper {
		return b
	}
	return a
}

// strange are the readings of the policy of a resource that no file declares.
func strange(kind iam.Kind) [2]*iam.Document {
	if kind == iam.Trust {
		return strangeTrust
	}
	return strangePolicy
}

var strangePolicy, strangeTrust = strangeOf(iam.Resource), strangeOf(iam.Trust)

func strangeOf(kind iam.Kind) [2]*iam.Document {
	d := &document{place: "resource"}
	unknown(d, kind, Doubt{})
	return [2]*iam.Document{d.lower.doc, d.upper.doc}
}

// Allows is Ask without the explanation, for those who ask much.
func (w *World) Allows(p Principal, action, arn string, ctx iam.Context) estate.Truth {
	if p.Kind == Workload {
		t := estate.No
		for i := range p.As {
			if a := &p.As[i]; t < a.Truth {
				t = t.Or(a.Truth.And(w.Allows(a.Role, action, arn, ctx)))
			}
		}
		return t
	}
	t, _, _ := w.ask(&p, action, arn, ctx).decide()
	return t
}

// decide decides in both readings. Where they agree the decisions are one.
func (q *question) decide() (t estate.Truth, lower, upper iam.Decision) {
	if q.p.unknown() {
		return estate.Maybe, lower, upper
	}
	upper = iam.Evaluate(&q.request, q.policies(true))
	if q.certain() {
		return truthOf(upper.Allowed, upper.Allowed), upper, upper
	}
	if !upper.Allowed {
		return estate.No, upper, upper
	}
	lower = iam.Evaluate(&q.request, q.policies(false))
	return truthOf(lower.Allowed, true), lower, upper
}

func truthOf(lower, upper bool) estate.Truth {
	switch {
	case lower && upper:
		return estate.Yes
	case upper:
		return estate.Maybe
	}
	return estate.No
}

// unknown says whether a principal is a role that no file declares.
func (p *Principal) unknown() bool { return p.Kind == Role && p.Resource == nil }
