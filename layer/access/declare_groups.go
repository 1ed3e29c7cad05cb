package access

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// groups renders what people hold all the time: the right to ask, and the right
// to agree, within the boundary that every role here has: too much by mistake is
// not everything. The organisation's management account, or one that administers
// IAM Identity Center for it, applies them.
func (d *declaration) groups() {
	names, paths := groupsOf(d.p)
	d.add(&render.Text{Path: "terraform/" + approvalFile, Content: approvalText})
	d.add(terraform.Data("aws_ssoadmin_instances", "main").For("access.just-in-time").From("operators", "breakGlass"))
	for _, name := range names {
		d.group(name, paths[name])
	}
}

const instance = terraform.Expr("one(data.aws_ssoadmin_instances.main.arns)")

func (d *declaration) group(name string, from []string) {
	p := d.p
	label := groupLabel(name)
	permissionSet := terraform.Expr("aws_ssoadmin_permission_set.people_" + label + ".arn")
	statements := asking(p, name)
	if agrees := agreeing(p, name); len(agrees) > 0 {
		statements = append(statements, agrees...)
		d.add(terraform.Resource("aws_sns_topic", "approvers_"+label,
			set("name", render.Name(p, "approvers", slug(name))),
			set("kms_master_key_id", render.KeyARN("logs")),
		).For("access.just-in-time").From(from...).Note("who is to agree subscribes to it; the message holds the token with which they do"))
	}
	d.add(
		terraform.Resource("aws_ssoadmin_permission_set", "people_"+label,
			set("name", setName(p, name)),
			set("description", "What "+name+" may ask for, and agree to"),
			set("instance_arn", instance),
			set("session_duration", "PT1H"),
		).For("access.just-in-time").From(from...),
		terraform.Resource("aws_ssoadmin_permission_set_inline_policy", "people_"+label,
			set("instance_arn", instance),
			set("permission_set_arn", permissionSet),
			set("inline_policy", render.Policy(statements...)),
		).For("access.just-in-time").From(from...),
		terraform.Resource("aws_ssoadmin_permissions_boundary_attachment", "people_"+label,
			set("instance_arn", instance),
			set("permission_set_arn", permissionSet),
			nest("permissions_boundary", nest("customer_managed_policy_reference", set("name", render.BoundaryName), set("path", "/"))),
		).For("identity.guardrails", "identity.least-privilege").From(from...),
		terraform.Data("aws_identitystore_group", "people_"+label,
			set("identity_store_id", terraform.Expr("one(data.aws_ssoadmin_instances.main.identity_store_ids)")),
			nest("alternate_identifier", nest("unique_attribute", set("attribute_path", "DisplayName"), set("attribute_value", name))),
		).For("access.just-in-time").From(from...),
		terraform.Resource("aws_ssoadmin_account_assignment", "people_"+label,
			set("instance_arn", instance),
			set("permission_set_arn", permissionSet),
			set("principal_type", "GROUP"),
			set("principal_id", terraform.Expr("data.aws_identitystore_group.people_"+label+".group_id")),
			set("target_type", "AWS_ACCOUNT"),
			set("target_id", p.Account),
		).For("access.just-in-time").From(from...),
	)
}

// slug writes a group's name with letters, digits and dashes alone, as the names
// of topics and labels want it. Nor may the name of a permission set have an
// underscore: IAM Identity Center puts one and a number behind it, so that
// AWSReservedSSO_sre_* would be the role of the group sre_leads too. A group whose
// name had to be changed has a hash behind it, so that two groups stay two.
func slug(group string) string {
	plain := strings.Map(func(c rune) rune {
		if c < 'a' && c != '-' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') || c > 'z' {
			return '-'
		}
		return c
	}, group)
	if plain == group {
		return group
	}
	sum := sha256.Sum256([]byte(group))
	return strings.TrimRight(plain, "-") + "-" + hex.EncodeToString(sum[:3])
}

func groupLabel(group string) string { return render.Label(slug(group)) }

// asking lets a group ask for its ways in, and take them once they are granted.
func asking(p *platform.Platform, name string) []render.Statement {
	var machines, roles []any
	for _, w := range ways(p) {
		if w.who == name {
			machines = append(machines, terraform.Expr("aws_sfn_state_machine.approve_"+w.label+".arn"))
			roles = append(roles, terraform.Expr("aws_iam_role."+w.label+".arn"))
		}
	}
	if len(roles) == 0 {
		return nil
	}
	return []render.Statement{
		{Sid: "Ask", Action: []string{"states:StartExecution"}, Resource: machines},
		{Sid: "TakeWhatIsGranted", Action: []string{"sts:AssumeRole"}, Resource: roles},
	}
}

// agreeing lets a group answer. These requests name no resource: the token does,
// which only the topic's subscribers see.
func agreeing(p *platform.Platform, name string) []render.Statement {
	if !slices.ContainsFunc(ways(p), func(w way) bool { return w.approve == name }) {
		return nil
	}
	return []render.Statement{
		{Sid: "Agree", Action: []string{"states:SendTaskFailure", "states:SendTaskSuccess"}, Resource: []any{"*"}},
		{Sid: "BeAsked", Action: []string{"sns:Subscribe"}, Resource: []any{topicOf(name)}},
	}
}

// groupsOf are the groups that are named, sorted, each with where.
func groupsOf(p *platform.Platform) (names []string, paths map[string][]string) {
	paths = map[string][]string{}
	note := func(name, path string) {
		if name == "" {
			return
		}
		if paths[name] == nil {
			names = append(names, name)
		}
		paths[name] = append(paths[name], path)
	}
	for _, w := range ways(p) {
		note(w.who, w.from)
		note(w.approve, w.from)
	}
	slices.Sort(names)
	return names, paths
}
