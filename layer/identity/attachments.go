package identity

import (
	"fmt"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

// attachment puts an AWS-managed policy on somebody.
type attachment struct {
	on     estate.Resource // who holds it, or the attachment where that is not in the estate
	by     estate.ID
	policy string
	at     diag.Pos
	person bool // an Identity Center permission set, or a group
}

func attachments(e *estate.Estate) []attachment {
	var out []attachment
	add := func(by estate.Resource, p estate.Str, person bool, to ...estate.ID) {
		arn, _ := p.Known()
		name, aws := managedName(arn)
		if !aws {
			return
		}
		on := by
		if len(to) == 1 {
			if holder, ok := estate.Get[estate.Resource](e, to[0]); ok {
				on = holder
			}
		}
		out = append(out, attachment{on, by.Meta().ID, name, p.Pos(), person})
	}
	for _, a := range estate.All[*estate.RoleAttachment](e) {
		add(a, a.Policy.Str, false, a.Role.To...)
	}
	for _, a := range estate.All[*estate.RoleAttachments](e) {
		for _, p := range a.Policies.Items {
			add(a, p.Str, false, a.Role.To...)
		}
	}
	for _, a := range estate.All[*estate.PolicyAttachment](e) {
		add(a, a.Policy.Str, len(a.Groups.Items) > 0)
	}
	for _, r := range estate.All[*estate.Role](e) {
		for _, p := range r.Managed.Items {
			add(r, p.Str, false)
		}
	}
	for _, a := range estate.All[*estate.UserAttachment](e) {
		add(a, a.Policy.Str, false, a.User.To...)
	}
	for _, a := range estate.All[*estate.GroupAttachment](e) {
		add(a, a.Policy.Str, true, a.Group.To...)
	}
	for _, a := range estate.All[*estate.PermissionSetManaged](e) {
		add(a, a.Policy, true, a.Set.To...)
	}
	return out
}

// broad are AWS's managed policies that no workload needs.
var broad = map[string]string{
	"AdministratorAccess":              "every action on every resource",
	"PowerUserAccess":                  "every action but IAM's on every resource",
	"IAMFullAccess":                    "iam:* on every resource, and with it everything else",
	"AmazonS3FullAccess":               "s3:* on every bucket",
	"AmazonEC2FullAccess":              "ec2:* on every resource",
	"AmazonRDSFullAccess":              "rds:* on every database",
	"AmazonDynamoDBFullAccess":         "dynamodb:* on every table",
	"SecretsManagerReadWrite":          "secretsmanager:* on every secret",
	"AmazonSSMFullAccess":              "ssm:* on every instance and parameter",
	"AWSKeyManagementServicePowerUser": "creating and tagging every key",
}

func judgeAttachment(a attachment, ways raises) []control.Result {
	what, ok := broad[a.policy]
	if !ok {
		m := control.Mistake{At: a.at}
		if ways.leads(&m, "the attachment of "+a.policy) {
			return []control.Result{control.Not(a.on, m)}
		}
		return nil
	}
	m := control.Mistake{
		At: a.at, Severity: control.High,
		Summary: fmt.Sprintf("%s attaches %s: %s", a.by.Addr, a.policy, what),
		Fix:     "attach a policy of your own with the actions and ARNs that are used",
	}
	if a.person {
		m.Severity, m.Cause = control.Medium, control.CauseStanding // the access layer sees it too
		m.Fix = "give people a narrower policy for daily work and this one for an hour, on approval"
	}
	ways.leads(&m, "")
	return []control.Result{control.Not(a.on, m)}
}
