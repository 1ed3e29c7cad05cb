package cli

import (
	"fmt"
	"strings"

	"fathom/engine/iam"
)

// principal reads who makes the request: an ARN, or an object with a type for
// callers that have none.
func (l *evalLine) principal() iam.Principal {
	if l.dec.PeekKind() == '"' {
		p, fault := callerOf(l.text(`"principal"`))
		if fault != "" {
			l.fault("%s", fault)
		}
		return p
	}
	var kind, name, arn, role string
	if l.dec.PeekKind() != '{' {
		l.kindFault(`"principal"`, l.value(), `an ARN, or an object such as {"type": "anonymous"}`)
		return iam.Principal{}
	}
	l.object(`"principal"`, []string{"type", "name", "arn", "role"}, func(field string) bool {
		switch field {
		case "type":
			kind = l.text("principal.type")
		case "name":
			name = l.text("principal.name")
		case "arn":
			arn = l.text("principal.arn")
		case "role":
			role = l.text("principal.role")
		default:
			return false
		}
		return true
	})
	named := func(example string) string {
		if name == "" {
			l.fault(`the principal of type %q has no name; add "name": %q`, kind, example)
		}
		return name
	}
	switch strings.ToLower(kind) {
	case "anonymous":
		return iam.AnonymousPrincipal()
	case "service":
		return iam.ServicePrincipal(named("ec2.amazonaws.com"))
	case "federated":
		return iam.FederatedPrincipal(named("arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"))
	case "canonical":
		return iam.CanonicalPrincipal(named("79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"))
	case "aws":
		p, fault := callerOf(arn)
		if fault != "" {
			l.fault("%s", fault)
		}
		if role != "" && p.Kind == iam.Session {
			p.Role, p.PathUnknown = role, false
		}
		return p
	case "":
		l.fault(`the principal has no type; add "type": one of anonymous, aws, canonical, federated, service`)
	default:
		l.fault("there is no principal of type %q; it is one of anonymous, aws, canonical, federated, service", kind)
	}
	return iam.Principal{}
}

// callerOf takes the ARN of a caller apart; otherwise it says what is wrong.
func callerOf(arn string) (iam.Principal, string) {
	const fix = "write the ARN of a user, role, role session, federated user or root user"
	var p iam.Principal
	part := strings.SplitN(arn, ":", 6)
	switch {
	case arn == "*":
		return p, `the principal "*" is no caller; write {"type": "anonymous"} for one without credentials`
	case isAccount(arn):
		return p, fmt.Sprintf("the principal %q is an account; write arn:aws:iam::%s:root for its root user", arn, arn)
	case strings.HasSuffix(arn, ".amazonaws.com") && !strings.Contains(arn, ":"):
		return p, fmt.Sprintf(`the principal %q is a service; write {"type": "service", "name": %q}`, arn, arn)
	case len(part) != 6 || part[0] != "arn":
		return p, fmt.Sprintf("the principal %q is no ARN; %s", arn, fix)
	case strings.ContainsAny(arn, "*?"):
		return p, fmt.Sprintf("the principal %q has a wildcard; a caller has none: %s", arn, fix)
	}
	if strings.HasPrefix(part[5], "group/") {
		return p, fmt.Sprintf("the principal %q is a group, which makes no requests; name a user of it", arn)
	}
	p, err := iam.ParsePrincipal(arn)
	if err != nil {
		return iam.Principal{}, fmt.Sprintf("%v; %s", err, fix)
	}
	return p, ""
}
