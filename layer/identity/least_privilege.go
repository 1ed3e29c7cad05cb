package identity

import (
	"fmt"
	"slices"
	"strings"

	"fathom/control"
	"fathom/estate"
)

var leastPrivilege = control.Control{
	ID:       "identity.least-privilege",
	Title:    "no wildcard actions or resources and no way to more privileges",
	Why:      "whoever gets one identity gets the data and the permissions of many",
	Threats:  []control.Threat{control.AccountTakeover, control.LateralMovement, control.Exfiltration},
	Phase:    control.MidTerm,
	Severity: control.High,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 7.2.1", "PCI DSS 4.0.1 7.2.2", "PCI DSS 4.0.1 7.2.5", "CIS AWS 7.0 2.14", "HIPAA 164.308(a)(4)", "GDPR 25"},
	Check:    checkLeastPrivilege,
	Defeat:   widened,
	Fells:    []string{"identity.irsa", "identity.node-role", "access.mfa-session", "access.just-in-time", "access.scoped"},
}

// checkLeastPrivilege judges each policy document that is granted to somebody,
// and each attachment of AWS's broadest managed policies. What is not used
// shows in CloudTrail, not in a file.
func checkLeastPrivilege(e *estate.Estate) []control.Result {
	var out []control.Result
	nodes, ways := nodeRoles(e), estate.Once(e, raisesOf)
	for _, d := range documents(e) {
		out = append(out, judgeDocument(d, nodes, ways)...)
	}
	for _, a := range attachments(e) {
		out = append(out, judgeAttachment(a, ways)...)
	}
	return out
}

// document is one policy document that grants something.
type document struct {
	on     estate.Resource
	name   string
	policy *estate.Policy
	role   estate.ID // the role it is inline in or attached to, where there is one
}

// documents are the granted policies: inline ones, and customer-managed ones
// that are attached, or may be where a module is missing. A permissions
// boundary grants nothing and is left out.
func documents(e *estate.Estate) []document {
	var out []document
	for _, r := range estate.All[*estate.Role](e) {
		for i := range r.Inline.Items {
			in := &r.Inline.Items[i]
			out = append(out, document{r, label("inline policy", in.Name, &r.Base), &in.Policy, r.ID})
		}
	}
	for _, p := range estate.All[*estate.RolePolicy](e) {
		d := document{on: p, name: "policy " + p.ID.Addr, policy: &p.Policy}
		if len(p.Role.To) == 1 {
			d.role = p.Role.To[0]
		}
		out = append(out, d)
	}
	for _, p := range estate.All[*estate.UserPolicy](e) {
		out = append(out, document{on: p, name: "policy " + p.ID.Addr, policy: &p.Policy})
	}
	for _, p := range estate.All[*estate.GroupPolicy](e) {
		out = append(out, document{on: p, name: "policy " + p.ID.Addr, policy: &p.Policy})
	}
	for _, p := range estate.All[*estate.PermissionSetPolicy](e) {
		out = append(out, document{on: p, name: "policy " + p.ID.Addr, policy: &p.Policy})
	}
	for _, p := range estate.All[*estate.IAMPolicy](e) {
		roles, granted := holdersOf(e, p)
		if !granted {
			continue
		}
		d := document{on: p, name: label("policy", p.PolicyName, &p.Base), policy: &p.Policy}
		if len(roles) == 1 {
			d.role = roles[0]
		}
		out = append(out, d)
	}
	return out
}

// holdersOf returns the roles a customer-managed policy is attached to, and
// whether it is, or may be, attached to anybody.
func holdersOf(e *estate.Estate, p *estate.IAMPolicy) (roles []estate.ID, granted bool) {
	boundary := strings.Contains(strings.ToLower(p.ID.Addr+p.PolicyName.String()), "boundary")
	others := false
	for _, r := range estate.Of[estate.Resource](e, p.ID) {
		switch r := r.(type) {
		case *estate.RoleAttachment:
			roles = append(roles, r.Role.To...)
			others = others || len(r.Role.To) == 0
		case *estate.RoleAttachments:
			roles = append(roles, r.Role.To...)
		case *estate.PolicyAttachment:
			roles = append(roles, r.Roles.To()...)
			others = others || len(r.Users.Items)+len(r.Groups.Items) > 0
		case *estate.UserAttachment, *estate.GroupAttachment:
			others = true
		case *estate.Role:
			if r.Managed.Has(p.ID) == estate.Yes {
				roles = append(roles, r.ID)
			}
			boundary = boundary || r.Boundary.Is(p.ID)
		case *estate.User:
			boundary = boundary || r.Boundary.Is(p.ID)
		}
	}
	if others {
		return nil, true
	}
	return roles, len(roles) > 0 || !boundary && e.MayHideAWS() != ""
}

// wide is one thing in a document that is wider than any task needs.
type wide struct {
	severity control.Severity
	text     string
}

func judgeDocument(d document, nodes map[estate.ID]string, ways raises) []control.Result {
	at := d.policy.Pos()
	switch {
	case d.policy.Absent():
		return nil
	case d.policy.Unknown():
		return []control.Result{control.Unsure(d.on, at, d.name+" is not known: "+d.policy.Why())}
	}
	found := wideGrants(d.policy)
	if len(found) == 0 {
		m := control.Mistake{At: at}
		if ways.leads(&m, d.name) {
			return []control.Result{control.Not(d.on, m)}
		}
		return []control.Result{control.Is(d.on)}
	}
	m := control.Mistake{
		At: at, Severity: found[0].severity,
		Summary: d.name + " " + found[0].text,
		Fix:     "name the actions that are used and the ARNs they are used on; for iam actions also bind the resource to a path or add iam:PermissionsBoundary",
	}
	if n := len(found) - 1; n > 0 {
		m.Summary += fmt.Sprintf(", and %d more that are too wide", n)
	}
	for _, w := range found {
		m.Evidence = append(m.Evidence, control.Evidence{At: at, Saw: w.text})
	}
	ways.leads(&m, d.name)
	if nodes[d.role] != "" {
		m.Cause, m.Severity = control.CauseNodeGrant, control.Medium // identity.node-role says what is worse about it
	}
	return []control.Result{control.Not(d.on, m)}
}

// sensitive services are those where every action means data, keys or rights.
var sensitive = []string{"iam", "sts", "kms", "s3", "secretsmanager", "ssm", "ec2", "rds", "dynamodb", "lambda", "organizations", "eks", "cloudtrail", "guardduty", "backup", "sso", "cloudformation", "ecs"}

// reads are the actions that hand out secrets and data: a Resource of * makes
// them hand out everybody's.
var reads = []string{
	"kms:CreateGrant", "kms:Decrypt", "kms:ReEncryptFrom", "secretsmanager:GetSecretValue", "ssm:GetParameter", "ssm:GetParametersByPath",
	"s3:GetObject", "s3:DeleteObject", "s3:PutBucketPolicy", "dynamodb:Scan", "dynamodb:DeleteTable", "rds:DeleteDBCluster",
}

// escalations are the actions one of which is enough for more rights, if it is
// allowed on every user, role or policy (pathfinding.cloud: self and principal
// escalation). Pairs and longer paths need an evaluation.
var escalations = []string{
	"iam:AddUserToGroup", "iam:AttachGroupPolicy", "iam:AttachRolePolicy", "iam:AttachUserPolicy", "iam:CreateAccessKey",
	"iam:CreateLoginProfile", "iam:CreatePolicyVersion", "iam:PassRole", "iam:PutGroupPolicy", "iam:PutRolePolicy", "iam:PutUserPolicy",
	"iam:SetDefaultPolicyVersion", "iam:UpdateAssumeRolePolicy", "iam:UpdateLoginProfile", "sts:AssumeRole",
}

// wideGrants lists what is too wide in a document, the worst first.
func wideGrants(p *estate.Policy) []wide {
	var out []wide
	for i := range p.Statements {
		s := &p.Statements[i]
		if s.Effect != "Allow" || !onEverything(s) {
			continue
		}
		if len(s.NotActions) > 0 {
			out = append(out, wide{control.High, "allows everything except " + list(slices.Clone(s.NotActions), 3) + " (NotAction with Allow)"})
		}
		for _, a := range s.Actions {
			service, name, _ := strings.Cut(strings.ToLower(a), ":")
			switch {
			case strings.Trim(a, "*:") == "":
				out = append(out, wide{control.High, "allows every action on every resource"})
			case narrowed(s) || strings.Trim(name, "*") != "":
			case slices.Contains(sensitive, service):
				out = append(out, wide{control.High, "allows " + a + " on every resource"})
			default:
				out = append(out, wide{control.Medium, "allows " + a + " on every resource"})
			}
		}
	}
	if len(out) == 0 || out[0].text != "allows every action on every resource" {
		if up := byName(p, escalations); len(up) > 0 {
			out = append(out, wide{control.High, "gives a way to more rights: " + list(up, 4) + " on every resource"})
		}
		if data := byName(p, reads); len(data) > 0 {
			out = append(out, wide{control.Medium, "allows " + list(data, 4) + " on every resource"})
		}
	}
	slices.SortStableFunc(out, func(a, b wide) int { return int(b.severity) - int(a.severity) })
	return slices.Compact(out)
}

// byName is allowsOnEverything for what is named, in full or in part: a whole
// service is reported as such.
func byName(p *estate.Policy, actions []string) []string {
	named := *p
	named.Statements = nil
	for _, s := range p.Statements {
		s.Actions = slices.DeleteFunc(slices.Clone(s.Actions), func(a string) bool {
			_, name, _ := strings.Cut(a, ":")
			return strings.Trim(name, "*") == ""
		})
		named.Statements = append(named.Statements, s)
	}
	return allowsOnEverything(&named, actions)
}
