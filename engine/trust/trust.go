package trust

import (
	"strings"

	"fathom/estate"
)

// Issuer is the kind of an identity provider.
type Issuer uint8

// The kinds. Other is an issuer Fathom knows nothing special of.
const (
	Other Issuer = iota
	Cluster
	CI
)

// Door is one statement that lets in tokens of one provider.
type Door struct {
	// Provider is the principal as it is written.
	Provider string
	Issuer   Issuer
	// Subjects are the values that the subject is compared with.
	Subjects []string
	// Flaws are what is wrong, open ones first.
	Flaws []Flaw
}

// Flaw is one thing that is wrong with a door.
type Flaw struct {
	// Open says that tokens of others are let in.
	Open bool
	// Saw says what is wrong, to be read after the role's name; Fix what to
	// write instead.
	Saw, Fix string
}

// ciHosts are the issuers of CI systems that many customers share: a token of
// anybody's pipeline has the same issuer.
var ciHosts = []string{
	"token.actions.githubusercontent.com", "gitlab.com", "oidc.circleci.com", "agent.buildkite.com",
	"app.terraform.io", "api.bitbucket.org", "app.spacelift.io", "vstoken.dev.azure.com",
}

// Doors returns the statements of a role's trust policy that let in web
// identity tokens, each with what is wrong with it.
func Doors(e *estate.Estate, r *estate.Role) []Door {
	var out []Door
	for i := range r.Trust.Statements {
		s := &r.Trust.Statements[i]
		if s.Effect != "Allow" || !assumesWithToken(s.Actions) {
			continue
		}
		for _, p := range s.Principals {
			if p.Type != "Federated" || strings.Contains(p.ID, ":saml-provider/") || strings.Contains(p.ID, "aws_iam_saml_provider.") {
				continue
			}
			d := Door{Provider: p.ID, Subjects: valuesOf(s, ":sub")}
			d.Issuer = issuerOf(e, r, p.ID, d.Subjects)
			d.judge(s)
			out = append(out, d)
		}
	}
	return out
}

func assumesWithToken(actions []string) bool {
	for _, a := range actions {
		a = strings.ToLower(a)
		if a == "*" || a == "sts:*" || strings.HasPrefix(a, "sts:assumerole*") || a == "sts:assumerolewithwebidentity" {
			return true
		}
	}
	return false
}

func issuerOf(e *estate.Estate, r *estate.Role, provider string, subjects []string) Issuer {
	text := provider
	if p, ok := providerOf(e, r, provider); ok {
		if len(p.URL.To) > 0 {
			return Cluster
		}
		text += " " + p.URL.String()
	}
	switch {
	case strings.Contains(text, "oidc.eks."), strings.Contains(text, ".identity[0].oidc[0].issuer"):
		return Cluster
	case containsAny(text, ciHosts):
		return CI
	}
	for _, s := range subjects {
		switch {
		case strings.HasPrefix(s, "system:serviceaccount:"):
			return Cluster
		case strings.HasPrefix(s, "repo:"), strings.HasPrefix(s, "project_path:"):
			return CI
		}
	}
	return Other
}

// providerOf finds the provider that a principal names by expression. The host
// of one that is named by ARN stands in the ARN itself.
func providerOf(e *estate.Estate, r *estate.Role, principal string) (*estate.OIDCProvider, bool) {
	addr, ok := strings.CutPrefix(principal, "${")
	if !ok {
		return nil, false
	}
	return estate.Get[*estate.OIDCProvider](e, estate.ID{Root: r.ID.Root, Addr: strings.TrimSuffix(addr, ".arn}")})
}

func containsAny(text string, any []string) bool {
	for _, a := range any {
		if strings.Contains(text, a) {
			return true
		}
	}
	return false
}
