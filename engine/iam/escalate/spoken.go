package escalate

import (
	"slices"
	"strings"

	"fathom/estate"
)

// byResources says whether a policy of a resource may let somebody do an action
// who has no policy for it: whether a statement of one speaks of it and of more
// than whole accounts, for which identity policies decide.
func (f *finder) byResources(action string) bool {
	if !slices.ContainsFunc(granted, func(g string) bool { return strings.HasPrefix(action, g) }) {
		return false
	}
	got, known := f.spoken[action]
	if !known {
		got = slices.ContainsFunc(f.resourcePolicies(), func(p *estate.Policy) bool { return f.opensTo(p, action) })
		service, _, _ := strings.Cut(action, ":")
		switch service {
		case "kms":
			got = got || len(estate.All[*estate.KMSGrant](f.e)) > 0
		case "lambda":
			got = got || len(estate.All[*estate.LambdaPermission](f.e)) > 0
		}
		f.spoken[action] = got
	}
	return got
}

// resourcePolicies are all policies of resources whose services are granted.
func (f *finder) resourcePolicies() []*estate.Policy {
	if f.policies == nil {
		f.policies = []*estate.Policy{}
		for _, r := range f.e.Resources {
			switch r := r.(type) {
			case *estate.Role:
				f.policies = append(f.policies, &r.Trust)
			case *estate.KMSKey:
				f.policies = append(f.policies, &r.Policy)
			case *estate.KMSKeyPolicy:
				f.policies = append(f.policies, &r.Policy)
			case *estate.Bucket:
				f.policies = append(f.policies, &r.Policy)
			case *estate.BucketPolicy:
				f.policies = append(f.policies, &r.Policy)
			case *estate.Secret:
				f.policies = append(f.policies, &r.Policy)
			case *estate.SecretPolicy:
				f.policies = append(f.policies, &r.Policy)
			case *estate.Queue:
				f.policies = append(f.policies, &r.Policy)
			case *estate.QueuePolicy:
				f.policies = append(f.policies, &r.Policy)
			case *estate.Topic:
				f.policies = append(f.policies, &r.Policy)
			case *estate.TopicPolicy:
				f.policies = append(f.policies, &r.Policy)
			case *estate.RepositoryPolicy:
				f.policies = append(f.policies, &r.Policy)
			}
		}
	}
	return f.policies
}

// opensTo says whether a policy may let somebody in by itself. One that is not
// known may, unless only what is sure counts.
func (f *finder) opensTo(p *estate.Policy, action string) bool {
	if p.Unknown() {
		return !f.o.Sure
	}
	return slices.ContainsFunc(p.Statements, func(s estate.Statement) bool {
		if s.Effect != "Allow" || !speaksOf(s.Actions, s.NotActions, action) {
			return false
		}
		return len(s.NotPrincipals) > 0 || slices.ContainsFunc(s.Principals, func(x estate.Principal) bool {
			account := len(x.ID) == 12 && strings.Trim(x.ID, "0123456789") == "" || strings.HasSuffix(x.ID, ":root")
			return x.Type == "*" || x.ID == "*" || x.Type == "AWS" && !account
		})
	})
}
