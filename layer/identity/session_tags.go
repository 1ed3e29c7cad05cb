package identity

import (
	"strings"

	"fathom/control"
	"fathom/diag"
	"fathom/engine/trust"
	"fathom/estate"
)

var sessionTags = control.Control{
	ID:       "identity.session-tags",
	Title:    "sessions carry tags of their environment and policies condition on them",
	Why:      "a role taken in one namespace or environment opens the data of every other",
	Threats:  []control.Threat{control.LateralMovement},
	Phase:    control.MidTerm,
	Severity: control.Medium,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 7.2.5"},
	Check:    checkSessionTags,
	Defeat:   untagged,
}

// checkSessionTags follows "Grant Pods access to AWS resources based on tags"
// in the EKS user guide: Pod Identity puts kubernetes-namespace and five more
// tags on a session, where disable_session_tags does not say otherwise. The
// tokens of IRSA cannot carry tags.
func checkSessionTags(e *estate.Estate) []control.Result {
	associations := estate.All[*estate.PodIdentity](e)
	if len(associations) == 0 {
		return withoutAssociation(e)
	}
	readers, unread := tagReaders(e)
	seen := map[estate.ID]roleTags{}
	var out []control.Result
	for _, p := range associations {
		name := "Pod Identity association " + p.ID.Addr
		switch p.NoSessionTags.Default(false).Is(true) {
		case estate.Yes:
			out = append(out, control.Not(p, control.Mistake{
				At:      p.NoSessionTags.Pos(),
				Summary: name + " switches session tags off",
				Fix:     "remove disable_session_tags, and condition the role's policies on aws:PrincipalTag/kubernetes-namespace",
			}))
			continue
		case estate.Maybe:
			out = append(out, control.Unsure(p, p.NoSessionTags.Pos(), "whether "+name+" sends session tags is not known: "+p.NoSessionTags.Why()))
			continue
		}
		out = append(out, judgeTagged(e, p, name, seen, readers, unread))
	}
	return out
}

// judgeTagged says whether a policy of the role, or of a resource, looks at
// the session's tags.
func judgeTagged(e *estate.Estate, p *estate.PodIdentity, name string, seen map[estate.ID]roleTags, readers, unread string) control.Result {
	for _, id := range p.Role.To {
		r, ok := seen[id]
		if !ok {
			r = tagsOf(e, id)
			seen[id] = r
		}
		if r.reads {
			return control.Is(p, control.Evidence{At: r.at, Saw: "a policy of the role conditions on aws:PrincipalTag"})
		}
		if unread == "" {
			unread = r.why
		}
	}
	switch {
	case readers != "":
		return control.Is(p, control.Evidence{At: p.Pos, Saw: readers + " conditions on aws:PrincipalTag"})
	case len(p.Role.To) == 0 || unread != "":
		if unread == "" {
			unread = "its role is not in what was read"
		}
		return control.Unsure(p, p.Role.Pos(), "whether a policy looks at the session tags of "+name+" is not known: "+unread)
	}
	return control.Lacks(e, p, control.Mistake{
		Summary: "sessions of " + name + " carry tags that no policy looks at",
		Fix:     "condition the role's statements, or the key and bucket policies, on aws:PrincipalTag/kubernetes-namespace",
	})
}

// roleTags says whether a role's own policies look at session tags, where, and
// what kept some of them from being read.
type roleTags struct {
	reads bool
	at    diag.Pos
	why   string
}

func tagsOf(e *estate.Estate, id estate.ID) roleTags {
	r, ok := estate.Get[*estate.Role](e, id)
	if !ok {
		return roleTags{}
	}
	h := r.HolderOf(e)
	for _, g := range h.Grants {
		if readsTags(g.Policy) {
			return roleTags{reads: true, at: g.At}
		}
	}
	return roleTags{why: h.Why}
}

// tagReaders names a resource policy that looks at principals' tags, and says
// what kept some policy from being read.
func tagReaders(e *estate.Estate) (found, unread string) {
	look := func(r estate.Resource, p *estate.Policy) {
		switch {
		case p.Unknown() && unread == "":
			unread = p.Why()
		case found == "" && readsTags(p):
			found = r.Meta().ID.Addr
		}
	}
	for _, k := range estate.All[*estate.KMSKey](e) {
		look(k, &k.Policy)
	}
	for _, k := range estate.All[*estate.KMSKeyPolicy](e) {
		look(k, &k.Policy)
	}
	for _, b := range estate.All[*estate.BucketPolicy](e) {
		look(b, &b.Policy)
	}
	for _, v := range estate.All[*estate.VPCEndpoint](e) {
		look(v, &v.Policy)
	}
	return found, unread
}

func readsTags(p *estate.Policy) bool {
	if strings.Contains(strings.ToLower(p.Text()), "${aws:principaltag/") {
		return true
	}
	for _, s := range p.Statements {
		for _, c := range s.Conditions {
			if strings.HasPrefix(c.Key, "aws:principaltag/") {
				return true
			}
		}
	}
	return false
}

// withoutAssociation is a cluster whose pods have roles, if they have any,
// through tokens that carry no tags.
func withoutAssociation(e *estate.Estate) []control.Result {
	m := control.Mistake{
		Summary: "no session of a pod carries tags: there is no EKS Pod Identity association, and IRSA tokens cannot carry any",
		Fix:     "move the roles to aws_eks_pod_identity_association (trust pods.eks.amazonaws.com with sts:AssumeRole and sts:TagSession) and condition policies on aws:PrincipalTag/kubernetes-namespace",
	}
	for _, c := range estate.All[*estate.EKSCluster](e) {
		return []control.Result{control.Lacks(e, c, m)}
	}
	for _, r := range estate.All[*estate.Role](e) {
		for _, d := range trust.Doors(e, r) {
			if d.Issuer == trust.Cluster {
				return []control.Result{control.Lacks(e, r, m)}
			}
		}
	}
	return nil
}
