package access

import (
	"regexp"
	"slices"
	"strings"

	"fathom/diag"
	"fathom/estate"
)

// person is a holder of permissions that people use.
type person struct {
	estate.Holder
	kind kind
	// direct are the documents it holds itself: a user's without those of its
	// groups, which are persons of their own.
	direct  []estate.Grant
	managed []estate.Str
}

type kind uint8

const (
	group kind = iota
	user
	role          // assumed by people with IAM credentials
	federated     // a role that an identity provider's people assume
	permissionSet // Identity Center
)

// String names the person as a report does.
func (p *person) String() string {
	what := [...]string{"group", "user", "role", "role", "permission set"}[p.kind]
	return what + " " + p.Meta().ID.Addr
}

// people are all of them, by kind and ID.
func people(e *estate.Estate) []person {
	var out []person
	groups := map[estate.ID]estate.Holder{}
	for _, g := range estate.All[*estate.Group](e) {
		h := g.HolderOf(e)
		groups[g.ID] = h
		out = append(out, person{h, group, h.Grants, h.AWSManaged})
	}
	for _, u := range estate.All[*estate.User](e) {
		if !machine(e, u) {
			out = append(out, ofUser(e, u, groups))
		}
	}
	for _, r := range estate.All[*estate.Role](e) {
		if k, ok := trusted(r); ok {
			h := r.HolderOf(e)
			out = append(out, person{h, k, h.Grants, h.AWSManaged})
		}
	}
	for _, s := range estate.All[*estate.PermissionSet](e) {
		h := s.HolderOf(e)
		out = append(out, person{h, permissionSet, h.Grants, h.AWSManaged})
	}
	return out
}

// machine says whether a user is a program: it has access keys and no way to
// sign in.
func machine(e *estate.Estate, u *estate.User) bool {
	return len(estate.Of[*estate.AccessKey](e, u.ID)) > 0 && len(estate.Of[*estate.LoginProfile](e, u.ID)) == 0
}

// ofUser gathers what a user holds. The holders of groups are given: to gather
// them again for each member would take the square of the members.
func ofUser(e *estate.Estate, u *estate.User, groups map[estate.ID]estate.Holder) person {
	p := person{Holder: estate.Holder{Resource: u}, kind: user}
	for _, x := range estate.Of[*estate.UserPolicy](e, u.ID) {
		p.document(x, &x.Policy)
	}
	for _, a := range estate.Of[*estate.UserAttachment](e, u.ID) {
		p.attached(e, a.Policy)
	}
	for _, a := range estate.Of[*estate.PolicyAttachment](e, u.ID) {
		p.attached(e, a.Policy)
	}
	p.Grants, p.AWSManaged = p.direct, p.managed
	join := func(g *estate.Group) {
		h := groups[g.ID]
		p.Grants = append(slices.Clip(p.Grants), h.Grants...)
		p.AWSManaged = append(slices.Clip(p.AWSManaged), h.AWSManaged...)
	}
	for _, m := range estate.Of[*estate.GroupMembers](e, u.ID) {
		for _, g := range estate.To(e, m.Group) {
			join(g)
		}
	}
	for _, m := range estate.Of[*estate.UserGroups](e, u.ID) {
		for _, g := range estate.ToAll(e, m.Groups) {
			join(g)
		}
	}
	return p
}

// document adds a policy of the person's own.
func (p *person) document(from estate.Resource, doc *estate.Policy) {
	switch {
	case doc.Absent():
	case doc.Unknown():
		p.Why = doc.Why()
	default:
		p.direct = append(p.direct, estate.Grant{From: from, Policy: doc, At: doc.Pos()})
	}
}

// attached adds a managed policy.
func (p *person) attached(e *estate.Estate, ref estate.Ref[*estate.IAMPolicy]) {
	found := estate.To(e, ref)
	for _, x := range found {
		p.document(x, &x.Policy)
	}
	arn, ok := ref.Known()
	switch {
	case len(found) > 0:
	case ok && strings.Contains(arn, ":iam::aws:policy/"):
		p.managed = append(p.managed, ref.Str)
	case ok:
		p.Why = "policy " + arn + " is not in what was read"
	case ref.Unknown():
		p.Why = ref.Why()
	}
}

var account = regexp.MustCompile(`^([0-9]{12}|arn:[^:]*:iam::[^:]*:(root|user/.*)|\$\{[^}]*\}:(root|user/.*)|\$\{aws_iam_user\..*\.arn\})$`)

// trusted says whether a role's trust policy names people: an account or its
// users, or an identity provider's people. A trust with an external id is a
// supplier's program; one that names roles is a chain of programs.
func trusted(r *estate.Role) (kind, bool) {
	for _, s := range r.Trust.Statements {
		if s.Effect != "Allow" || has(s, "sts:externalid") {
			continue
		}
		for _, p := range s.Principals {
			switch {
			case p.Type == "AWS" && account.MatchString(p.ID) && !namesRoles(s):
				return role, true
			case p.Type == "Federated" && (strings.Contains(p.ID, "saml-provider") || strings.Contains(p.ID, "aws_iam_saml_provider")):
				return federated, true
			}
		}
	}
	return 0, false
}

// namesRoles says whether a statement about a whole account is narrowed to
// roles in it. The roles that IAM Identity Center keeps are those of people.
func namesRoles(s estate.Statement) bool {
	return slices.ContainsFunc(s.Conditions, func(c estate.Condition) bool {
		return c.Key == "aws:principalarn" && slices.ContainsFunc(c.Values, func(v string) bool {
			return strings.Contains(v, "role/") && !strings.Contains(v, "AWSReservedSSO_")
		})
	})
}

func has(s estate.Statement, key string) bool {
	return slices.ContainsFunc(s.Conditions, func(c estate.Condition) bool { return c.Key == key })
}

// openers are the actions that begin a session on a machine or in a container.
var openers = []string{"ssm:StartSession", "ec2-instance-connect:SendSSHPublicKey", "ec2-instance-connect:OpenTunnel", "ecs:ExecuteCommand"}

// broad are AWS's own policies that hold ssm:StartSession on everything.
var broad = []string{"AdministratorAccess", "PowerUserAccess", "AmazonSSMFullAccess"}

// opening is one permission that begins sessions.
type opening struct {
	// from holds it: a policy resource, or the person where an AWS-managed
	// policy is attached.
	from      estate.Resource
	at        diag.Pos
	what      string // ssm:StartSession, PowerUserAccess
	statement *estate.Statement
}

// openings are the permissions of a person that begin sessions.
func (p *person) openings() []opening {
	var out []opening
	for _, g := range p.direct {
		for i := range g.Policy.Statements {
			s := &g.Policy.Statements[i]
			if a := opens(s); a != "" {
				out = append(out, opening{g.From, g.At, a, s})
			}
		}
	}
	for _, m := range p.managed {
		arn, _ := m.Known()
		if n := arn[strings.LastIndexByte(arn, '/')+1:]; slices.Contains(broad, n) {
			out = append(out, opening{p.Resource, m.Pos(), n, nil})
		}
	}
	return out
}

// opens returns the opener that a statement allows, or "".
func opens(s *estate.Statement) string {
	if s.Effect != "Allow" {
		return ""
	}
	for _, a := range openers {
		if allows(s, a) {
			return a
		}
	}
	return ""
}

// allows says whether a statement is about an action.
func allows(s *estate.Statement, action string) bool {
	is := func(pattern string) bool { return matches(pattern, action) }
	if len(s.NotActions) > 0 {
		return !slices.ContainsFunc(s.NotActions, is)
	}
	return slices.ContainsFunc(s.Actions, is)
}

// matches compares an action with a pattern of a policy: without regard to
// case, * for any text and ? for any character (IAM User Guide, "Action").
func matches(pattern, s string) bool {
	pattern, s = strings.ToLower(pattern), strings.ToLower(s)
	p, i := 0, 0
	star, from := -1, 0 // the last * and where it began to match
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p++
			i++
		case star >= 0:
			from++
			p, i = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// demandsMFA says whether a condition asks for MFA: by the keys that IAM sets, or,
// for people of an identity provider, for whom it sets none, by a session tag in
// which the provider says that it asked for a second factor.
func demandsMFA(s *estate.Statement) bool {
	return slices.ContainsFunc(s.Conditions, func(c estate.Condition) bool {
		op := strings.ToLower(c.Operator)
		return c.Key == "aws:multifactorauthpresent" && strings.HasPrefix(op, "bool") && slices.Contains(c.Values, "true") ||
			c.Key == "aws:multifactorauthage" && strings.HasPrefix(op, "numericless") ||
			(op == "stringequals" || op == "bool") && factorTag.MatchString(c.Key) && len(c.Values) == 1 && c.Values[0] == "true"
	})
}

// factorTag matches the session tag of a second factor, as it is sent and as it
// is held. A condition ending in IfExists would let in who has none.
var factorTag = regexp.MustCompile(`(?i)^aws:(principal|request)tag/.*(mfa|multi-?factor)`)

// deniesWithoutMFA says whether a document denies an action to who has no MFA.
func deniesWithoutMFA(p *estate.Policy, action string) bool {
	return slices.ContainsFunc(p.Statements, func(s estate.Statement) bool {
		return s.Effect == "Deny" && allows(&s, action) && slices.ContainsFunc(s.Conditions, func(c estate.Condition) bool {
			op := strings.ToLower(c.Operator)
			return c.Key == "aws:multifactorauthpresent" && (op == "boolifexists" || op == "bool") && slices.Contains(c.Values, "false") ||
				c.Key == "aws:multifactorauthpresent" && op == "null" && slices.Contains(c.Values, "true")
		})
	})
}

// ends says whether a statement ends by itself.
func ends(s *estate.Statement) bool {
	return slices.ContainsFunc(s.Conditions, func(c estate.Condition) bool {
		return (c.Key == "aws:currenttime" || c.Key == "aws:epochtime") && strings.Contains(strings.ToLower(c.Operator), "lessthan")
	})
}
