package response

import (
	"embed"
	"strconv"

	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// texts are the runbooks, as templates of Terraform.
//
//go:embed runbooks/*.yaml
var texts embed.FS

// automation is a runbook: what happens by itself when something is found.
type automation struct {
	name, says string
	// on is what starts it, and paths and hand what it is handed of the event.
	on    terraform.Object
	paths terraform.Object
	hand  string
	// vars are the template's, and may what its role may do.
	vars terraform.Object
	may  []render.Statement
}

// runbooks renders the runbooks: the text in a file of its own, so that people
// can read and change it, a role for each that may do what its steps do, and the
// rule that starts it.
func (d *declaration) runbooks() {
	d.quarantine()
	starter := "runbooks_start"
	d.add(render.Role(d.p, starter, "runbooks-start", render.TrustService(d.p, "events.amazonaws.com")).For("response.runbooks").
		Note("EventBridge starts runbooks with this role"))
	var roles terraform.List
	var definitions terraform.List
	for _, b := range automations(d.p) {
		d.runbook(b)
		label := "runbook_" + render.Label(b.name)
		roles = append(roles, terraform.Expr("aws_iam_role."+label+".arn"))
		definitions = append(definitions, terraform.Template(definition(d.p, label)))
	}
	d.add(render.RolePolicy(starter,
		render.Statement{Sid: "Start", Action: []string{"ssm:StartAutomationExecution"}, Resource: definitions},
		render.Statement{
			Sid: "AsTheRunbook", Action: []string{"iam:PassRole"}, Resource: roles,
			Condition: []render.Condition{{Operator: "StringEquals", Key: "iam:PassedToService", Value: "ssm.amazonaws.com"}},
		},
	).For("response.runbooks"))
}

// definition is the ARN by which a document is started; the label is its own.
func definition(p *platform.Platform, label string) string {
	return "arn:aws:ssm:" + p.Region + ":" + p.Account + ":automation-definition/${aws_ssm_document." + label + ".name}:$DEFAULT"
}

// quarantine is the policy that takes a role its access to data. It is there
// before it is needed: the runbook may attach this policy to services' roles, and
// no other, so that whoever takes the runbook over can only deny.
func (d *declaration) quarantine() {
	d.add(terraform.Resource("aws_iam_policy", "quarantine",
		set("name", render.Name(d.p, "quarantine")),
		set("description", "Attached to a role whose credentials were stolen: no access to data"),
		set("policy", render.Policy(render.Statement{
			Sid: "NoData", Effect: "Deny", Resource: []any{"*"},
			Action: []string{
				"elasticache:Connect", "kafka-cluster:*", "kms:Decrypt", "kms:GenerateDataKey*", "rds-db:connect",
				"s3:*", "secretsmanager:GetSecretValue", "sqs:*", "ssm:GetParameter*", "sts:AssumeRole",
			},
		})),
	).For("response.runbooks"))
}

func (d *declaration) runbook(b automation) {
	p := d.p
	label := "runbook_" + render.Label(b.name)
	text, err := texts.ReadFile("runbooks/" + b.name + ".yaml")
	if err != nil {
		panic("response: " + err.Error()) // it is embedded
	}
	file := "runbooks/" + b.name + ".yaml.tftpl"
	vars := append(obj(
		"name", p.Name,
		"role", terraform.Expr("aws_iam_role."+label+".arn"),
		"oncall", render.OnCallTopic,
	), b.vars...)
	d.add(
		&render.Text{Path: "terraform/" + file, Content: string(text)},
		render.Role(p, label, dashes(label), render.TrustService(p, "ssm.amazonaws.com")).For("response.runbooks"),
		render.RolePolicy(label, append(b.may, tells(d.p, b)...)...).For("response.runbooks"),
		terraform.Resource("aws_ssm_document", label,
			set("name", render.Name(p, b.name)),
			set("document_type", "Automation"),
			set("document_format", "YAML"),
			set("content", terraform.Call{Name: "templatefile", Args: []any{terraform.Template("${path.module}/" + file), vars}}),
		).For("response.runbooks").Note(b.says),
		terraform.Resource("aws_cloudwatch_event_rule", label,
			set("name", render.Name(p, b.name)),
			set("description", "Starts the runbook "+b.name),
			set("event_pattern", terraform.JSON(b.on)),
		).For("response.runbooks", "response.detections"),
		terraform.Resource("aws_cloudwatch_event_target", label,
			set("rule", terraform.Expr("aws_cloudwatch_event_rule."+label+".name")),
			set("arn", terraform.Template(definition(p, label))),
			set("role_arn", terraform.Expr("aws_iam_role.runbooks_start.arn")),
			nest("input_transformer", set("input_paths", b.paths), set("input_template", b.hand)),
		).For("response.runbooks"),
	)
}

// tells are the permissions to publish to the topics that a runbook names.
func tells(p *platform.Platform, b automation) []render.Statement {
	topics := []any{render.OnCallTopic}
	for _, v := range b.vars {
		if v.Value == render.PrivacyTopic || v.Value == render.LegalTopic {
			topics = append(topics, v.Value)
		}
	}
	return []render.Statement{
		{Sid: "Tell", Action: []string{"sns:Publish"}, Resource: topics},
		{
			Sid: "SealWhatIsTold", Action: []string{"kms:Decrypt", "kms:GenerateDataKey"}, Resource: []any{render.KeyARN("logs")},
			Condition: []render.Condition{{Operator: "StringEquals", Key: "kms:ViaService", Value: []string{"s3." + p.Region + ".amazonaws.com", "sns." + p.Region + ".amazonaws.com"}}},
		},
	}
}

// call matches API calls by name.
func call(source string, names ...string) terraform.Object {
	return obj("source", []string{"aws." + source}, "detail-type", []string{"AWS API Call via CloudTrail"},
		"detail", obj("eventSource", []string{source + ".amazonaws.com"}, "eventName", names))
}

func automations(p *platform.Platform) []automation {
	within := strconv.Itoa(int(p.Notify.Within.Hours()))
	services := "arn:aws:iam::" + p.Account + ":role/" + render.Name(p, "svc") + "-*"
	return []automation{
		{
			name: "s3-exfiltration", says: "Data leaves by S3, or a service's credentials are used elsewhere: takes the role its access to data, collects evidence, tells people, and waits for them",
			on: obj("source", []string{"aws.guardduty"}, "detail-type", []string{"GuardDuty Finding"},
				"detail", obj(
					"severity", terraform.List{obj("numeric", terraform.List{">=", 7})},
					"type", terraform.List{
						obj("prefix", "Exfiltration:S3/"), obj("prefix", "Impact:S3/"),
						obj("prefix", "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration"),
					})),
			paths: obj("finding", "$.detail.id", "type", "$.detail.type",
				"role", "$.detail.resource.accessKeyDetails.userName", "key", "$.detail.resource.accessKeyDetails.accessKeyId"),
			hand: `{"FindingId": ["<finding>"], "FindingType": ["<type>"], "RoleName": ["<role>"], "AccessKeyId": ["<key>"]}`,
			vars: obj(
				"quarantine", terraform.Expr("aws_iam_policy.quarantine.arn"),
				"bucket", render.LogBucket+".id",
				"detector", terraform.Expr("aws_guardduty_detector.main.id"),
				"privacy", render.PrivacyTopic, "legal", render.LegalTopic, "within", within,
			),
			may: []render.Statement{
				{
					Sid: "Contain", Action: []string{"iam:AttachRolePolicy", "iam:DetachRolePolicy"}, Resource: []any{services},
					Condition: []render.Condition{{Operator: "ArnEquals", Key: "iam:PolicyARN", Value: terraform.Expr("aws_iam_policy.quarantine.arn")}},
				},
				{Sid: "LookAtTheRole", Action: []string{"iam:GetRole"}, Resource: []any{services}},
				{Sid: "LookAtTheFinding", Action: []string{"guardduty:GetFindings"}, Resource: []any{terraform.Expr("aws_guardduty_detector.main.arn")}},
				{Sid: "LookAtTheCalls", Action: []string{"cloudtrail:LookupEvents"}, Resource: []any{"*"}},
				{Sid: "KeepTheEvidence", Action: []string{"s3:PutObject"}, Resource: []any{below("logs", "incidents/*")}},
			},
		},
		{
			name: "key-deletion", says: "Somebody asked for the deletion of a key: takes it back",
			on:    call("kms", "DisableKey", "ScheduleKeyDeletion"),
			paths: obj("key", "$.detail.requestParameters.keyId", "who", "$.detail.userIdentity.arn"),
			hand:  `{"KeyId": ["<key>"], "Who": ["<who>"]}`,
			may: []render.Statement{{
				Sid: "Keep", Action: []string{"kms:CancelKeyDeletion", "kms:DescribeKey", "kms:EnableKey"},
				Resource: []any{"arn:aws:kms:" + p.Region + ":" + p.Account + ":key/*"},
			}},
		},
		{
			name: "trail-stopped", says: "Somebody stopped the trail: starts it again",
			on:    call("cloudtrail", "StopLogging"),
			paths: obj("who", "$.detail.userIdentity.arn"),
			hand:  `{"Who": ["<who>"]}`,
			vars:  obj("trail", trailARN(p)),
			may: []render.Statement{{
				Sid: "Start", Action: []string{"cloudtrail:GetTrailStatus", "cloudtrail:StartLogging"}, Resource: []any{trailARN(p)},
			}},
		},
	}
}
