package access

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"fathom/diag"
	"fathom/engine/iam"
	"fathom/estate"
)

const (
	roleAnnotation     = "eks.amazonaws.com/role-arn"
	audienceAnnotation = "eks.amazonaws.com/audience"
	stsAudience        = "sts.amazonaws.com"
)

// Identities returns the roles that a workload can act as: through its service
// account's token (IAM roles for service accounts: the annotation mounts the
// token, and the role's trust policy has to take it), through EKS Pod Identity,
// and through the metadata service of the node, as far as it lets pods in. They
// are ordered by way and role.
func (w *World) Identities(x *estate.Workload) []Identity {
	if got, ok := w.identities.Load(x.ID); ok {
		return got.([]Identity)
	}
	out := w.webIdentities(x)
	out = append(out, w.podIdentities(x)...)
	out = append(out, w.nodeIdentities(x)...)
	out = merged(out)
	got, _ := w.identities.LoadOrStore(x.ID, out)
	return got.([]Identity)
}

// merged leaves of several identities of one role and way the surest.
func merged(ids []Identity) []Identity {
	slices.SortStableFunc(ids, func(a, b Identity) int {
		return cmp.Or(cmp.Compare(a.How, b.How), strings.Compare(a.Role.Name, b.Role.Name), cmp.Compare(b.Truth, a.Truth))
	})
	return slices.CompactFunc(ids, func(a, b Identity) bool { return a.How == b.How && a.Role.Name == b.Role.Name })
}

// role is the principal that a role is.
func (w *World) role(id estate.ID) (Principal, bool) {
	i, ok := w.byID[id]
	if !ok || w.principals[i].Kind != Role {
		return Principal{}, false
	}
	return w.principals[i], true
}

// roles are the principals that a reference names; one that is declared in no
// file is a principal of which only the name is known.
func (w *World) roles(b *estate.Base, ref estate.Ref[*estate.Role]) []Principal {
	var out []Principal
	for _, id := range ref.To {
		if p, ok := w.role(id); ok {
			out = append(out, p)
		}
	}
	if len(out) == 0 && ref.Set() != estate.No {
		out = append(out, w.elsewhere(b, ref.Str))
	}
	return out
}

func (w *World) elsewhere(b *estate.Base, name estate.Str) Principal {
	arn := w.named().text(b, name)
	text := "role/" + arn[strings.LastIndexByte(arn, '/')+1:]
	if hollow(text) {
		text = "role/" + name.String()
	}
	return Principal{Kind: Role, Name: text, IAM: iam.Principal{Kind: iam.Session, ARN: arn, Role: arn}}
}

// unseen is why it is not known what a role that no file declares lets in.
func unseen(p Principal) Doubt {
	return Doubt{Why: p.Name + " is declared in no file, so that neither its trust policy nor what it may do is known"}
}

// token is the web identity token that a pod has.
type token struct {
	subject, audience string
	// named is the role that the annotation names; its text where no file
	// declares it.
	named estate.Ref[*estate.Role]
	at    diag.Pos
	saw   string
	// bound is false for a token that the pod mounts itself: it opens any role.
	annotated bool
}

// tokenOf returns the tokens for AWS that a pod has: one that the webhook of
// EKS adds for the account's annotation, or that the pod's spec mounts.
func (w *World) tokens(x *estate.Workload) []token {
	var out []token
	subject := "system:serviceaccount:" + x.Namespace + ":" + x.ServiceAccountName()
	if sa := estate.ServiceAccountOf(w.e, x); sa != nil && sa.Annotations[roleAnnotation] != "" {
		out = append(out, token{
			subject: subject, audience: cmp.Or(sa.Annotations[audienceAnnotation], stsAudience), named: sa.Role, annotated: true,
			at:  sa.At("metadata", "annotations", roleAnnotation),
			saw: "service account " + sa.Name + " is annotated with " + sa.Annotations[roleAnnotation],
		})
	}
	for i := range x.Pod.Volumes {
		v := &x.Pod.Volumes[i]
		if v.Projected == nil {
			continue
		}
		for _, s := range v.Projected.Sources {
			if t := s.ServiceAccountToken; t != nil && strings.HasSuffix(t.Audience, "amazonaws.com") {
				out = append(out, token{
					subject: subject, audience: t.Audience, at: x.AtPod("volumes", count(i)),
					saw: "the pod mounts a token for " + t.Audience,
				})
			}
		}
	}
	return out
}

// webIdentities are the roles whose trust policy takes a token that the pod has
// (EKS User Guide, "IAM roles for service accounts").
func (w *World) webIdentities(x *estate.Workload) []Identity {
	var out []Identity
	for _, t := range w.tokens(x) {
		found := false
		for _, r := range estate.All[*estate.Role](w.e) {
			named := t.annotated && t.named.Is(r.ID)
			found = found || named
			if id, ok := w.webIdentity(x, r, t, named); ok {
				out = append(out, id)
			}
		}
		if t.annotated && !found {
			p := w.elsewhere(&x.Base, t.named.Str)
			out = append(out, Identity{
				Role: p, How: WebIdentity, Truth: estate.Maybe, At: t.at, Why: t.saw, Doubts: []Doubt{unseen(p)},
			})
		}
	}
	return out
}

// webIdentity says whether a role takes a token. A role that the annotation
// does not name counts only if it surely does: the pod has the token, and may
// show it to any role.
func (w *World) webIdentity(x *estate.Workload, r *estate.Role, t token, named bool) (Identity, bool) {
	p, ok := w.role(r.ID)
	if !ok {
		return Identity{}, false
	}
	id := Identity{Role: p, How: WebIdentity, At: t.at, Why: t.saw}
	issuers := w.issuers(r)
	for _, issuer := range issuers {
		truth, doubts := w.takes(r, issuer, t)
		if truth == estate.Yes && len(w.clusterIssuers()) > 1 {
			truth = estate.Maybe
			doubts = []Doubt{{r.Trust.Pos(), "there are several clusters, and which of them runs " + x.ID.Addr + " is not known"}}
		}
		if truth > id.Truth {
			id.Truth, id.Doubts = truth, doubts
		}
	}
	if id.Truth == estate.No || id.Truth == estate.Maybe && !named {
		return Identity{}, false
	}
	if !named && t.annotated {
		id.Why += ", and the trust policy of " + r.ID.Addr + " takes the same token"
	}
	id.Steps = []Step{{r.Trust.Pos(), "the trust policy of " + r.ID.Addr + " takes " + t.subject}}
	return id, true
}

// takes asks the trust policy of a role about a token.
func (w *World) takes(r *estate.Role, provider string, t token) (estate.Truth, []Doubt) {
	_, issuer, _ := strings.Cut(provider, ":oidc-provider/")
	issuer = strings.ToLower(issuer)
	who := Principal{Kind: Service, Name: t.subject, IAM: iam.Principal{Kind: iam.Federated, Name: provider}, subject: &subject{
		certain: true, context: iam.Context{
			issuer + ":sub": iam.One(t.subject), issuer + ":aud": iam.One(t.audience), "aws:federatedprovider": iam.One(provider),
		},
	}}
	arn, _ := w.named().arn(r)
	q := w.ask(&who, "sts:AssumeRoleWithWebIdentity", arn, nil)
	truth, lower, upper := q.decide()
	if truth != estate.Maybe {
		return truth, nil
	}
	return truth, q.why(&lower, &upper, q.wrote())
}

// issuers are the identity providers of clusters that a role's trust policy
// names. One that is not known is "" and may be any.
func (w *World) issuers(r *estate.Role) []string {
	arn, _ := w.named().arn(r)
	t := w.trusts[arn]
	if t == nil || len(t.policies) == 0 {
		return nil
	}
	var out []string
	for _, raw := range t.policies[0].draft.statements {
		s, _ := raw.(map[string]any)
		m, _ := s["Principal"].(map[string]any)
		list, _ := stringsOf(m["Federated"])
		for _, p := range list {
			if !strings.Contains(p, ":saml-provider/") && (strings.Contains(p, "oidc.eks.") || hollow(p)) && !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	if t.policies[0].draft.whole {
		out = append(out, "")
	}
	return out
}

// clusterIssuers are the clusters that trust policies of the estate speak of.
func (w *World) clusterIssuers() []string {
	w.issuersOnce.Do(func() {
		for _, r := range estate.All[*estate.Role](w.e) {
			for _, p := range w.issuers(r) {
				if strings.Contains(p, "oidc.eks.") && !slices.Contains(w.issuersOf, p) {
					w.issuersOf = append(w.issuersOf, p)
				}
			}
		}
	})
	return w.issuersOf
}

// podIdentities are the roles that are associated with the pod's service
// account (EKS User Guide, "EKS Pod Identity").
func (w *World) podIdentities(x *estate.Workload) []Identity {
	var out []Identity
	for _, a := range estate.All[*estate.PodIdentity](w.e) {
		truth := a.Namespace.Is(x.Namespace).And(a.ServiceAccount.Is(x.ServiceAccountName()))
		if truth == estate.No {
			continue
		}
		for _, p := range w.roles(&a.Base, a.Role) {
			id := Identity{
				Role: p, How: PodIdentity, At: a.Pos, Truth: truth,
				Why: a.ID.Addr + " gives it to service account " + x.Namespace + "/" + x.ServiceAccountName(),
			}
			if truth == estate.Maybe {
				id.doubt(a.Pos, "whether "+a.ID.Addr+" is about this service account is not known")
			}
			if a.Maybe != "" {
				id.doubt(a.Pos, a.Maybe)
			}
			if len(estate.All[*estate.EKSCluster](w.e)) > 1 {
				id.doubt(a.Pos, "there are several clusters, and which of them runs "+x.ID.Addr+" is not known")
			}
			w.trustsAgent(&id, a, x)
			if id.Truth != estate.No {
				out = append(out, id)
			}
		}
	}
	return out
}

// trustsAgent asks whether the role's trust policy lets EKS assume it, and tag
// the session.
func (w *World) trustsAgent(id *Identity, a *estate.PodIdentity, x *estate.Workload) {
	if id.Role.unknown() {
		id.Truth = estate.Maybe
		id.Doubts = append(id.Doubts, unseen(id.Role))
		return
	}
	ctx := iam.Context{
		"aws:requesttag/kubernetes-namespace":       iam.One(x.Namespace),
		"aws:requesttag/kubernetes-service-account": iam.One(x.ServiceAccountName()),
		"aws:sourceaccount":                         iam.One(w.named().account(&a.Base)),
	}
	for _, c := range estate.To(w.e, a.Cluster) {
		arn, _ := w.named().arn(c)
		ctx["aws:sourcearn"], ctx["aws:requesttag/eks-cluster-arn"] = iam.One(arn), iam.One(arn)
		ctx["aws:requesttag/eks-cluster-name"] = iam.One(w.named().text(&c.Base, c.ClusterName))
		if c.Auto.One() == nil && !w.hasAddon(c, "eks-pod-identity-agent") {
			id.Limits = append(id.Limits, Doubt{a.Pos, "no file shows the add-on eks-pod-identity-agent, which hands the credentials out"})
		}
	}
	actions := []string{"sts:AssumeRole"}
	if a.NoSessionTags.Is(true) != estate.Yes {
		actions = append(actions, "sts:TagSession")
		tagSession(id, ctx)
	}
	w.lets(id, service("pods.eks.amazonaws.com"), ctx, actions...)
}

// tagSession gives the session the tags that EKS asks for (EKS user guide, "Grant
// Pods access to AWS resources based on tags"): they are aws:PrincipalTag in
// whatever the session asks later.
func tagSession(id *Identity, request iam.Context) {
	s := *id.Role.subject
	s.context = maps.Clone(s.context)
	var keys []string
	for key, v := range request {
		if tag, ok := strings.CutPrefix(key, "aws:requesttag/"); ok {
			s.context["aws:principaltag/"+tag] = v
			if slices.ContainsFunc(v.Values, hollow) {
				keys = append(keys, "aws:principaltag/"+tag)
			}
		}
	}
	slices.Sort(keys)
	s.keys = strings.TrimSpace(s.keys + " " + strings.Join(keys, " "))
	id.Role.subject = &s
}

func (w *World) hasAddon(c *estate.EKSCluster, name string) bool {
	return slices.ContainsFunc(estate.Of[*estate.EKSAddon](w.e, c.ID), func(a *estate.EKSAddon) bool { return a.Addon.Is(name) != estate.No })
}

// lets asks whether a role's trust policy lets a service assume it.
func (w *World) lets(id *Identity, who Principal, ctx iam.Context, actions ...string) {
	if id.Role.unknown() {
		id.Truth = id.Truth.And(estate.Maybe)
		id.Doubts = append(id.Doubts, unseen(id.Role))
		return
	}
	for _, action := range actions {
		q := w.ask(&who, action, id.Role.IAM.ARN, ctx)
		truth, lower, upper := q.decide()
		id.Truth = id.Truth.And(truth)
		if truth == estate.Maybe {
			id.Doubts = append(id.Doubts, q.why(&lower, &upper, q.wrote())...)
		}
	}
	if r, ok := id.Role.Resource.(*estate.Role); ok {
		id.Steps = append(id.Steps, Step{r.Trust.Pos(), "the trust policy of " + r.ID.Addr + " lets " + who.IAM.Name + " assume it"})
	}
}

func (id *Identity) doubt(at diag.Pos, why string) {
	id.Truth = id.Truth.And(estate.Maybe)
	id.Doubts = append(id.Doubts, Doubt{at, why})
}

// IdentitiesOf returns the roles that other compute can act as: an instance, a
// launch template or configuration, an Auto Scaling group, a node group, an ECS
// task or service, a function. The role's trust policy has to let the service
// assume it.
func (w *World) IdentitiesOf(r estate.Resource) []Identity {
	var out []Identity
	give := func(b *estate.Base, ref estate.Ref[*estate.Role], how How, by string) {
		for _, p := range w.roles(b, ref) {
			id := Identity{Role: p, How: how, Truth: estate.Yes, At: ref.Pos(), Why: b.ID.Addr + " runs as it"}
			w.lets(&id, service(by), w.onBehalf(b), "sts:AssumeRole")
			if id.Truth != estate.No {
				out = append(out, id)
			}
		}
	}
	profile := func(ref estate.Ref[*estate.InstanceProfile]) {
		for _, p := range estate.To(w.e, ref) {
			give(&p.Base, p.Role, InstanceProfile, "ec2.amazonaws.com")
		}
	}
	switch r := r.(type) {
	case *estate.Workload:
		return w.Identities(r)
	case *estate.Instance:
		profile(r.Profile)
		for i := range r.Template.Items {
			out = append(out, w.ofTemplates(r.Template.Items[i].ID, r.Template.Items[i].Name)...)
		}
	case *estate.LaunchTemplate:
		for i := range r.Profile.Items {
			profile(r.Profile.Items[i].ARN)
			profile(r.Profile.Items[i].Name)
		}
	case *estate.LaunchConfiguration:
		profile(r.Profile)
	case *estate.AutoScalingGroup:
		for i := range r.Template.Items {
			out = append(out, w.ofTemplates(r.Template.Items[i].ID, r.Template.Items[i].Name)...)
		}
		for _, c := range estate.To(w.e, r.Config) {
			out = append(out, w.IdentitiesOf(c)...)
		}
	case *estate.NodeGroup:
		give(&r.Base, r.Role, InstanceProfile, "ec2.amazonaws.com")
	case *estate.ECSTask:
		give(&r.Base, r.TaskRole, TaskRole, "ecs-tasks.amazonaws.com")
	case *estate.ECSService:
		for _, t := range estate.To(w.e, r.Task) {
			out = append(out, w.IdentitiesOf(t)...)
		}
	case *estate.Lambda:
		give(&r.Base, r.Role, ExecutionRole, "lambda.amazonaws.com")
	}
	return merged(out)
}

// onBehalf is what a service says when it takes a role for a resource (IAM User
// Guide, "The confused deputy problem").
func (w *World) onBehalf(b *estate.Base) iam.Context {
	ctx := iam.Context{"aws:sourceaccount": iam.One(w.named().account(b))}
	if r, ok := estate.Get[estate.Resource](w.e, b.ID); ok {
		if arn, known := w.named().arn(r); known {
			ctx["aws:sourcearn"] = iam.One(arn)
		}
	}
	return ctx
}

func (w *World) ofTemplates(refs ...estate.Ref[*estate.LaunchTemplate]) []Identity {
	var out []Identity
	for _, ref := range refs {
		for _, t := range estate.To(w.e, ref) {
			out = append(out, w.IdentitiesOf(t)...)
		}
	}
	return out
}
