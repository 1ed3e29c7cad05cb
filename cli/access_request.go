package cli

import "fathom/engine/iam"

// AccessRequest is a request, in the shape that a line of access eval has.
type AccessRequest struct {
	// Principal is an ARN, or an object with a type.
	Principal       any    `json:"principal"`
	Action          string `json:"action"`
	Resource        string `json:"resource"`
	ResourceAccount string `json:"resourceAccount,omitempty"`
	// Context has a string for each key, or a list for a multivalued one.
	Context map[string]any `json:"context,omitempty"`
}

// requestJSON writes a request so that access eval reads the same.
func requestJSON(r *iam.Request) AccessRequest {
	j := AccessRequest{Principal: principalJSON(r.Principal), Action: r.Action, Resource: r.Resource, ResourceAccount: r.ResourceAccount}
	for k, v := range r.Context {
		if j.Context == nil {
			j.Context = map[string]any{}
		}
		switch {
		case v.Multi || len(v.Values) != 1:
			j.Context[k] = append([]string{}, v.Values...)
		default:
			j.Context[k] = v.Values[0]
		}
	}
	return j
}

// AccessPrincipal is a caller that an ARN alone does not tell.
type AccessPrincipal struct {
	Type string `json:"type"` // anonymous, service, federated, canonical, aws
	Name string `json:"name,omitempty"`
	ARN  string `json:"arn,omitempty"`
	Role string `json:"role,omitempty"` // with its path, which a session's ARN does not have
}

func principalJSON(p iam.Principal) any {
	switch p.Kind {
	case iam.Anonymous:
		return AccessPrincipal{Type: "anonymous"}
	case iam.Service:
		return AccessPrincipal{Type: "service", Name: p.Name}
	case iam.Federated:
		return AccessPrincipal{Type: "federated", Name: p.Name}
	case iam.Canonical:
		return AccessPrincipal{Type: "canonical", Name: p.Name}
	}
	if again, fault := callerOf(p.ARN); fault == "" && p.Role != "" && again.Role != p.Role {
		return AccessPrincipal{Type: "aws", ARN: p.ARN, Role: p.Role}
	}
	return p.ARN
}
