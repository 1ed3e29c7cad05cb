package access

import (
	"cmp"
	"strings"
	"sync"

	"fathom/engine/iam"
	"fathom/estate"
)

// target is what the world knows of a resource: the policy it has itself.
type target struct {
	// arn is the resource's own; a question may be about a part of it, such as
	// an object of a bucket.
	arn      string
	resource estate.Resource
	account  string
	policies []*document
	grants   [2][]iam.Grant // of the lower and upper reading
	granted  []*estate.KMSGrant
	public   [2]iam.PublicAccess
	guard    *guard
	context  iam.Context
	keys     string // of the context, those that have holes
	certain  bool
	doubts   []Doubt
	notes    []string
	// mayBePublic says that what is not known of a bucket's policy may make it
	// public, and Block Public Access leave it to its account then.
	mayBePublic bool

	lowerDocs, upperDocs []*iam.Document
}

// targets gathers the resources that have policies of their own.
func (w *World) addTargets() {
	for _, r := range w.e.Resources {
		switch r := r.(type) {
		case *estate.Bucket:
			w.bucket(r)
		case *estate.KMSKey:
			w.key(r)
		case *estate.Secret:
			t := w.target(r, &r.Policy)
			for _, p := range estate.Of[*estate.SecretPolicy](w.e, r.ID) {
				t.add(w, p, &p.Policy)
			}
		case *estate.Queue:
			t := w.target(r, &r.Policy)
			for _, p := range estate.Of[*estate.QueuePolicy](w.e, r.ID) {
				t.add(w, p, &p.Policy)
			}
		case *estate.Topic:
			t := w.target(r, &r.Policy)
			for _, p := range estate.Of[*estate.TopicPolicy](w.e, r.ID) {
				t.add(w, p, &p.Policy)
			}
		case *estate.Search:
			t := w.target(r, &r.Policy)
			for _, p := range estate.Of[*estate.SearchPolicy](w.e, r.ID) {
				t.add(w, p, &p.Policy)
			}
		case *estate.Repository:
			t := w.target(r, nil)
			for _, p := range estate.Of[*estate.RepositoryPolicy](w.e, r.ID) {
				t.add(w, p, &p.Policy)
			}
		case *estate.FileSystem:
			t := w.target(r, nil)
			for _, p := range estate.Of[*estate.FileSystemPolicy](w.e, r.ID) {
				t.add(w, p, &p.Policy)
			}
		case *estate.BackupVault:
			t := w.target(r, nil)
			for _, p := range estate.Of[*estate.BackupVaultPolicy](w.e, r.ID) {
				t.add(w, p, &p.Policy)
			}
		case *estate.Table:
			t := w.target(r, nil)
			for _, p := range estate.Of[*estate.TablePolicy](w.e, r.ID) {
				t.add(w, p, &p.Policy)
			}
		case *estate.Lambda:
			t := w.target(r, nil)
			for _, p := range estate.Of[*estate.LambdaPermission](w.e, r.ID) {
				t.permission(w, p)
			}
		case *estate.Role:
			w.trust(r)
		}
	}
	for _, t := range w.targets {
		t.settle()
	}
}

// target makes the target of a resource with the policy that stands in it.
func (w *World) target(r estate.Resource, p *estate.Policy) *target {
	b := r.Meta()
	arn, _ := w.named().arn(r)
	t := &target{arn: arn, resource: r, account: w.named().account(b), guard: w.guardOf(b), context: iam.Context{}}
	var keys []string
	for _, k := range sorted(b.Tags.Items) {
		v := w.named().text(b, b.Tags.Items[k])
		for _, prefix := range []string{"aws:resourcetag/", serviceOf(arn) + ":resourcetag/"} {
			t.context[prefix+strings.ToLower(k)] = iam.One(v)
			if hollow(v) {
				keys = append(keys, prefix+strings.ToLower(k))
			}
		}
	}
	if why := b.Tags.Why(); why != "" {
		t.notes = append(t.notes, "the tags of "+b.ID.Addr+" are not known: "+why)
	}
	t.keys = strings.Join(keys, " ")
	if p != nil {
		t.add(w, r, p)
	}
	w.targets[arn] = t
	return t
}

// add adds a policy of the resource.
func (t *target) add(w *World, from estate.Resource, p *estate.Policy) {
	if p.Absent() {
		return
	}
	perhaps := from.Meta().Maybe
	if from == t.resource { // that the resource is there is what is asked about
		perhaps = ""
	}
	t.policies = append(t.policies, w.document("resource", iam.Resource, from, p, perhaps))
}

// text adds a policy that is written nowhere as such.
func (t *target) text(w *World, place string, kind iam.Kind, from estate.Resource, text string) *document {
	d := &document{place: place, holder: from, at: from.Meta().Pos}
	if from != t.resource {
		d.perhaps = from.Meta().Maybe
	}
	compile(d, text, kind, w.openIn(from.Meta()))
	t.policies = append(t.policies, d)
	return d
}

func (t *target) settle() {
	t.certain = t.guard == nil || t.guard.certain
	for _, d := range t.policies {
		t.lowerDocs, t.upperDocs = append(t.lowerDocs, d.lower.doc), append(t.upperDocs, d.upper.doc)
		t.certain = t.certain && d.certain()
	}
	if t.mayBePublic {
		t.lowerDocs = append(t.lowerDocs, publicForNothing())
	}
	t.certain = t.certain && len(t.doubts) == 0
}

// publicForNothing is a document that is public by the rules of S3, and allows
// nothing.
var publicForNothing = sync.OnceValue(func() *iam.Document {
	doc, _ := iam.Parse([]byte(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:None","Resource":"*"}}`), "", iam.Resource)
	return doc
})

// key is a KMS key. One without a policy gets AWS's default, which leaves the
// account to its IAM policies (KMS Developer Guide, "Default key policy").
func (w *World) key(k *estate.KMSKey) {
	t := w.target(k, &k.Policy)
	for _, p := range estate.Of[*estate.KMSKeyPolicy](w.e, k.ID) {
		t.add(w, p, &p.Policy)
	}
	if len(t.policies) == 0 {
		t.text(w, "default key", iam.Resource, k, defaultKeyPolicy(w.named().partition(&k.Base), t.account))
	}
	for _, g := range estate.Of[*estate.KMSGrant](w.e, k.ID) {
		t.grant(w, g)
	}
}

func defaultKeyPolicy(partition, account string) string {
	return `{"Version":"2012-10-17","Statement":[{"Sid":"Enable IAM User Permissions","Effect":"Allow","Principal":{"AWS":"arn:` +
		partition + `:iam::` + account + `:root"},"Action":"kms:*","Resource":"*"}]}`
}

// grant adds a grant of a key. What of it is not known is in the upper reading
// only.
func (t *target) grant(w *World, g *estate.KMSGrant) {
	grantee := ""
	for _, id := range g.Grantee.To {
		if r, ok := estate.Get[estate.Resource](w.e, id); ok {
			grantee, _ = w.named().arn(r)
		}
	}
	if grantee == "" {
		grantee = w.named().text(&g.Base, g.Grantee.Str)
	}
	one := iam.Grant{Grantee: grantee, Operations: g.Operations.Known()}
	sure := !hollow(grantee) || len(g.Grantee.To) > 0
	sure = sure && !g.Operations.Unknown() && g.Maybe == ""
	if c := g.Constraints.One(); c != nil {
		one.Equals, one.Subset = pairs(c.Equals, &sure), pairs(c.Subset, &sure)
	}
	t.granted = append(t.granted, g)
	t.grants[1] = append(t.grants[1], one)
	if !sure {
		t.doubts = append(t.doubts, Doubt{g.Pos, "what " + g.ID.Addr + " grants is not all known"})
		return
	}
	t.grants[0] = append(t.grants[0], one)
}

func pairs(m estate.Map, sure *bool) map[string]string {
	if len(m.Items) == 0 {
		*sure = *sure && m.Why() == ""
		return nil
	}
	out := map[string]string{}
	for k, v := range m.Items {
		s, ok := v.Known()
		*sure = *sure && ok
		out[k] = s
	}
	return out
}

// permission adds a statement of a function's policy, as Lambda writes it.
func (t *target) permission(w *World, p *estate.LambdaPermission) {
	text := func(v estate.Str) string { return w.named().text(&p.Base, v) }
	principal := map[string]any{"AWS": text(p.Principal)}
	switch s := text(p.Principal); {
	case s == "*":
		principal = nil
	case strings.HasSuffix(s, ".amazonaws.com") || strings.HasSuffix(s, ".amazonaws.com.cn"):
		principal = map[string]any{"Service": s}
	}
	s := map[string]any{"Effect": "Allow", "Action": cmp.Or(text(p.Action), "lambda:InvokeFunction"), "Resource": []string{t.arn}}
	if q := text(p.Qualifier); q != "" {
		s["Resource"] = []string{t.arn + ":" + q}
	}
	s["Principal"] = "*"
	if principal != nil {
		s["Principal"] = principal
	}
	if id := text(p.StatementID); id != "" {
		s["Sid"] = id
	}
	condition := map[string]map[string]string{}
	put := func(op, key string, v estate.Str) {
		if v.Absent() {
			return
		}
		if condition[op] == nil {
			condition[op] = map[string]string{}
		}
		condition[op][key] = text(v)
	}
	put("ArnLike", "AWS:SourceArn", p.SourceARN)
	put("StringEquals", "AWS:SourceAccount", p.SourceAccount)
	put("StringEquals", "aws:PrincipalOrgID", p.Organization)
	put("StringEquals", "lambda:FunctionUrlAuthType", p.URLAuth)
	put("StringEquals", "lambda:EventSourceToken", p.EventToken)
	if len(condition) > 0 {
		s["Condition"] = condition
	}
	d := t.text(w, "resource", iam.Resource, p, `{"Version":"2012-10-17","Statement":[`+jsonOf(s)+`]}`)
	if !d.certain() {
		d.doubts = append(d.doubts, Doubt{p.Pos, "what " + p.ID.Addr + " allows is not all known"})
	}
}

// trust is a role's trust policy, which answers for actions of sts only.
func (w *World) trust(r *estate.Role) {
	arn, _ := w.named().arn(r)
	t := &target{arn: arn, resource: r, account: w.named().account(&r.Base), guard: w.guardOf(&r.Base), context: iam.Context{}}
	for _, k := range sorted(r.Tags.Items) {
		v := w.named().text(&r.Base, r.Tags.Items[k])
		t.context["aws:resourcetag/"+strings.ToLower(k)] = iam.One(v)
		t.context["iam:resourcetag/"+strings.ToLower(k)] = iam.One(v)
		if hollow(v) {
			t.keys += " aws:resourcetag/" + strings.ToLower(k) + " iam:resourcetag/" + strings.ToLower(k)
		}
	}
	t.keys = strings.TrimSpace(t.keys)
	if !r.Trust.Absent() {
		t.policies = append(t.policies, w.document("trust", iam.Trust, r, &r.Trust, ""))
	}
	w.trusts[arn] = t
	t.settle()
}

// serviceOf is the service in an ARN.
func serviceOf(arn string) string {
	parts := strings.SplitN(arn, ":", 4)
	if len(parts) < 3 || parts[0] != "arn" {
		return ""
	}
	return parts[2]
}
