package data

import (
	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// key is one KMS key and who may use it.
type key struct {
	// name as the contract calls it (render.KeyARN).
	name, description string
	// provider is the region's, where it is not the platform's.
	provider terraform.Expr
	// users are the statements that let somebody use it.
	users    []render.Statement
	controls []string
	paths    []string
	tags     terraform.Object
	note     string
}

// window is how many days a key that somebody has asked to delete can still be
// saved: the most that AWS KMS offers.
const window = 30

// blocks renders the key and its alias.
func (k key) blocks(p *platform.Platform) []render.Resource {
	label := render.Label(k.name)
	set := terraform.Set
	body := []terraform.Entry{}
	if k.provider != "" {
		body = append(body, set("provider", k.provider))
	}
	alias := append([]terraform.Entry{}, body...)
	body = append(body,
		set("description", k.description),
		set("enable_key_rotation", true),
		set("deletion_window_in_days", window),
		set("policy", keyDocument(k.users)),
	)
	if len(k.tags) > 0 {
		body = append(body, set("tags", k.tags))
	}
	alias = append(alias,
		set("name", "alias/"+render.Name(p, k.name)),
		set("target_key_id", terraform.Expr("aws_kms_key."+label+".key_id")),
	)
	return []render.Resource{
		terraform.Resource("aws_kms_key", label, body...).
			For(append([]string{"data.at-rest", "data.key-policy"}, k.controls...)...).From(k.paths...).Note(k.note),
		terraform.Resource("aws_kms_alias", label, alias...).From(k.paths...),
	}
}

// keyDocument is a key policy: the statements that every key has, which stand
// once for all of them, and those of its users.
func keyDocument(users []render.Statement) terraform.Call {
	return terraform.JSON(terraform.Obj(
		"Version", "2012-10-17",
		"Statement", terraform.Call{Name: "concat", Args: []any{terraform.Expr("local.key_administration"), statements(users)}},
	))
}

// statements are a policy's, without the document around them.
func statements(list []render.Statement) terraform.List {
	for _, f := range render.Document(list...) {
		if f.Key == "Statement" {
			return f.Value.(terraform.List)
		}
	}
	return nil
}

// breakGlass names the role of the emergency way in.
const breakGlass = "break-glass"

// administrators are those who apply, and more.
func administrators(more ...string) terraform.Call {
	return terraform.Call{Name: "concat", Args: []any{render.Administrators, more}}
}

// administration are the statements that every key has. The first hands the
// keeping of the key, and no use of it, to IAM, which AWS asks for so that a key
// never becomes unmanageable (AWS KMS Developer Guide, "Default key policy"). The
// others take back what holds data to ransom.
func administration(p *platform.Platform) render.Resource {
	root := "arn:aws:iam::" + p.Account + ":root"
	others := []render.Condition{{Operator: "ArnNotLike", Key: "aws:PrincipalArn", Value: administrators(root)}}
	return terraform.Top("locals", nil, terraform.Set("key_administration", statements([]render.Statement{
		{
			Sid: "Administration", Principal: terraform.Obj("AWS", root),
			Action: []string{
				"kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListGrants", "kms:ListKeyPolicies",
				"kms:ListKeyRotations", "kms:ListResourceTags",
				"kms:CreateAlias", "kms:UpdateAlias", "kms:DeleteAlias", "kms:TagResource", "kms:UntagResource",
				"kms:UpdateKeyDescription", "kms:EnableKeyRotation", "kms:RotateKeyOnDemand", "kms:PutKeyPolicy",
				"kms:RevokeGrant", "kms:EnableKey", "kms:DisableKey", "kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion",
			},
			Resource: []any{"*"},
		},
		{
			Sid: "PolicyByAdministrators", Effect: "Deny", Principal: "*",
			Action:    []string{"kms:PutKeyPolicy"},
			Resource:  []any{"*"},
			Condition: others,
		},
		{
			Sid: "DeletionByHand", Effect: "Deny", Principal: "*",
			Action:    []string{"kms:ScheduleKeyDeletion", "kms:DisableKey", "kms:DisableKeyRotation"},
			Resource:  []any{"*"},
			Condition: others,
		},
	}))).For("data.key-policy").From("account").
		Note("Who keeps the keys, which is not who uses them. Whom these policies let write or delete a key needs IAM's permission too, and the organisation's: the guardrails take deletion from everybody, whoever applies included, until they are lifted")
}
