package iam

import "strings"

// principals reads Principal or NotPrincipal: "*", or types with one or many.
func (p *parser) principals(m *member) []PrincipalPattern {
	if m.val.kind == str {
		if m.val.text != "*" {
			p.bad(m.val.at, `write "*" or {"AWS": …}`, "%s %q is not *", m.key, m.val.text)
			return nil
		}
		return []PrincipalPattern{{Type: "*", Value: "*", form: formAnyone}}
	}
	if m.val.kind != object {
		p.bad(m.val.at, "", "%s is * or an object, not %s", m.key, m.val.kind)
		return nil
	}
	if len(m.val.members) == 0 {
		p.bad(m.val.at, "", "%s is empty", m.key)
	}
	var out []PrincipalPattern
	for i := range m.val.members {
		t := &m.val.members[i]
		switch t.key {
		case "AWS", "Service", "Federated":
		case "CanonicalUser":
			if p.doc.Kind == Trust {
				p.bad(t.at, "", "a trust policy has no principal of the type CanonicalUser")
			}
		default:
			p.unknown(t, m.key, []string{"AWS", "Service", "Federated", "CanonicalUser"})
			continue
		}
		for _, n := range p.strings(t) {
			pp, why := newPrincipalPattern(t.key, n.text)
			if why != "" {
				p.bad(n.at, "", "the principal %q %s", n.text, why)
				continue
			}
			if pp.form == formNobody {
				p.warn(n.at, "name it by its ARN", "the principal %q is one that was deleted; it matches nobody", n.text)
			}
			out = append(out, pp)
		}
	}
	return out
}

// newPrincipalPattern reads one principal; why says what AWS would not take
// (IAM User Guide, "AWS JSON policy elements: Principal").
func newPrincipalPattern(kind, text string) (pp PrincipalPattern, why string) {
	pp = PrincipalPattern{Type: kind, Value: text}
	if text == "*" {
		switch kind {
		case "AWS":
			pp.form = formAnyone
		case "Service", "Federated":
			pp.form = formAnyType
		default:
			return pp, "is not a canonical user"
		}
		return pp, ""
	}
	if strings.ContainsAny(text, "*?") {
		return pp, "has a wildcard; a principal is exact, or a lone *"
	}
	pp.form = formName
	switch kind {
	case "Service":
		pp.kind = Service
		if !isHost(text) || !serviceDomain(text) {
			return pp, "is not a service, such as ec2.amazonaws.com"
		}
	case "Federated":
		pp.kind = Federated
		if parts, ok := segments(text); ok {
			provider := strings.HasPrefix(parts[5], "saml-provider/") || strings.HasPrefix(parts[5], "oidc-provider/")
			if parts[2] != "iam" || !isPartition(parts[1]) || !is12(parts[4]) || !provider {
				return pp, "is not the ARN of an identity provider"
			}
		} else if !isHost(text) {
			return pp, "is not an identity provider"
		}
	case "CanonicalUser":
		pp.kind = Canonical
		if len(text) != 64 || strings.Trim(strings.ToLower(text), "0123456789abcdef") != "" {
			return pp, "is not a canonical user: 64 hexadecimal digits"
		}
	default:
		return awsPrincipal(pp)
	}
	return pp, ""
}

// awsPrincipal reads a principal of the type AWS.
func awsPrincipal(pp PrincipalPattern) (PrincipalPattern, string) {
	text := pp.Value
	if is12(text) {
		pp.form, pp.account = formAccount, text
		return pp, ""
	}
	// IAM shows a deleted principal by the id it once had.
	if len(text) >= 16 && (strings.HasPrefix(text, "AIDA") || strings.HasPrefix(text, "AROA")) && strings.IndexFunc(text, func(c rune) bool { return !alnum(c) }) < 0 {
		pp.form = formNobody
		return pp, ""
	}
	parts, ok := segments(text)
	if !ok {
		return pp, "is neither an account nor an ARN"
	}
	kind, rest, _ := strings.Cut(parts[5], "/")
	oai := parts[2] == "iam" && kind == "user" && parts[4] == "cloudfront" // S3 names origin access identities so
	switch {
	case !isPartition(parts[1]):
		return pp, "has a partition that does not exist"
	case !is12(parts[4]) && !oai:
		return pp, "has no account of 12 digits"
	case parts[3] != "":
		return pp, "has a region"
	}
	pp.account = parts[4]
	switch service := parts[2]; {
	case service == "iam" && parts[5] == "root":
		pp.form = formAccount
	case service == "iam" && kind == "user" && validPath(rest):
		pp.form = formUser
	case service == "iam" && kind == "role" && validPath(rest):
		pp.form, pp.name = formRole, rest[strings.LastIndexByte(rest, '/')+1:]
	case service == "sts" && kind == "assumed-role" && strings.Count(rest, "/") == 1 && validPath(rest):
		pp.form = formSession
	case service == "sts" && kind == "federated-user" && validPath(rest):
		pp.form = formFederatedUser
	case service == "iam" && kind == "group":
		return pp, "is a group; groups cannot be principals"
	default:
		return pp, "is not the ARN of a user, role, session or account"
	}
	return pp, ""
}

// validPath says whether a path and name have no empty part.
func validPath(s string) bool {
	return s != "" && s[0] != '/' && s[len(s)-1] != '/' && !strings.Contains(s, "//")
}

func is12(s string) bool { return len(s) == 12 && digits(s) }

func serviceDomain(s string) bool {
	for _, d := range []string{".amazonaws.com", ".amazonaws.com.cn", ".amazon.com", ".aws.internal", ".c2s.ic.gov", ".sc2s.sgov.gov", ".amazonaws.eu"} {
		if strings.HasSuffix(s, d) {
			return true
		}
	}
	return false
}

// isHost says whether a text may be the name of a host.
func isHost(s string) bool {
	return strings.Contains(s, ".") && strings.IndexFunc(s, func(c rune) bool { return c != '-' && c != '.' && c != '_' && c != '/' && !alnum(c) }) < 0
}
