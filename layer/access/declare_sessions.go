package access

import (
	"strconv"

	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// idle is after how many minutes a session without input ends.
const idle = 15

// sessionLog is the name of the log group of what was typed. It does not begin as
// those of the platform's own logs do, which operators may read.
func sessionLog(p *platform.Platform) string { return "/audit/" + p.Name + "/sessions" }

// sessions renders where sessions are recorded, and the settings of those that
// somebody begins without naming a document.
func (d *declaration) sessions() {
	p := d.p
	audit := []string{"access.session-audit"}
	from := []string{"operators", "breakGlass", "logs.keep"}
	longestOf := 0
	for _, w := range ways(p) {
		longestOf = max(longestOf, w.minutes)
	}
	d.add(
		render.LogGroup(p, "session_records", sessionLog(p)).For(audit...).From(from...),
		d.shell("session_preferences", preferences, "Settings of sessions on nodes", longestOf).
			For(audit...).For("access.ssm-only").From(from...).
			Note("for the whole account and region; where it is there already: terraform import aws_ssm_document.session_preferences "+preferences),
		policyOf("nodes_session_log", render.NodeRole,
			render.Statement{
				Sid: "RecordSessions", Action: []string{"logs:CreateLogStream", "logs:PutLogEvents"},
				Resource: []any{terraform.Template("${aws_cloudwatch_log_group.session_records.arn}:*")},
			},
			render.Statement{Sid: "FindTheLog", Action: []string{"logs:DescribeLogGroups", "logs:DescribeLogStreams"}, Resource: []any{"*"}},
			render.Statement{
				Sid: "OpenTheChannel", Action: []string{"kms:Decrypt"}, Resource: []any{render.KeyARN("logs")},
				Condition: []render.Condition{is("StringLike", "kms:EncryptionContext:aws:ssm:SessionId", "*")},
			},
		).For(audit...).For("identity.node-role").From(from...).Note("the agent on the node records; it may not write to the bucket, so that nobody on a node can"),
	)
	d.copies(from)
}

// policyOf is an inline policy of a role that another layer renders.
func policyOf(label string, role terraform.Expr, statements ...render.Statement) *terraform.Block {
	return terraform.Resource("aws_iam_role_policy", label,
		set("name", "sessions"),
		set("role", role+".id"),
		set("policy", render.Policy(statements...)),
	)
}

// shell is a document by which a shell is begun, recorded and ended.
func (d *declaration) shell(label, name, says string, minutes int) *terraform.Block {
	return terraform.Resource("aws_ssm_document", label,
		set("name", name),
		set("document_type", "Session"),
		set("document_format", "JSON"),
		set("content", terraform.JSON(obj(
			"schemaVersion", "1.0",
			"description", says,
			"sessionType", "Standard_Stream",
			"inputs", obj(
				"cloudWatchLogGroupName", terraform.Expr("aws_cloudwatch_log_group.session_records.name"),
				"cloudWatchEncryptionEnabled", true,
				"cloudWatchStreamingEnabled", true,
				"kmsKeyId", render.KeyARN("logs"),
				"idleSessionTimeout", strconv.Itoa(idle),
				"maxSessionDuration", strconv.Itoa(minutes),
			),
		))),
	)
}

// copies renders the copy of every record in the locked bucket.
func (d *declaration) copies(from []string) {
	p := d.p
	audit := "access.session-audit"
	stream := "aws_kinesis_firehose_delivery_stream.sessions"
	streamARN := "arn:aws:firehose:" + p.Region + ":" + p.Account + ":deliverystream/" + render.Name(p, "sessions")
	d.add(
		render.Role(p, "sessions_copy", "sessions-copy", render.TrustService(p, "firehose.amazonaws.com")).For(audit).From(from...),
		render.RolePolicy("sessions_copy",
			render.Statement{
				Sid: "Copy", Action: []string{"s3:AbortMultipartUpload", "s3:PutObject"},
				Resource: []any{terraform.Template("${" + string(render.LogBucket) + ".arn}/sessions/*")},
			},
			render.Statement{Sid: "Look", Action: []string{"s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"}, Resource: []any{render.LogBucket + ".arn"}},
			render.Statement{
				Sid: "Seal", Action: []string{"kms:Decrypt", "kms:GenerateDataKey"}, Resource: []any{render.KeyARN("logs")},
				Condition: []render.Condition{is("StringEquals", "kms:ViaService", "s3."+p.Region+".amazonaws.com")},
			},
		).For(audit).From(from...),
		terraform.Resource("aws_kinesis_firehose_delivery_stream", "sessions",
			set("name", render.Name(p, "sessions")),
			set("destination", "extended_s3"),
			nest("extended_s3_configuration",
				set("role_arn", terraform.Expr("aws_iam_role.sessions_copy.arn")),
				set("bucket_arn", render.LogBucket+".arn"),
				set("kms_key_arn", render.KeyARN("logs")),
				set("prefix", "sessions/"),
				set("error_output_prefix", "sessions/errors/"),
				set("buffering_interval", 60)),
			nest("server_side_encryption", set("enabled", true)).
				Remark("for the minute that records wait here; a key of one's own needs grants that nothing else needs"),
		).For(audit).From(from...).Note("records of sessions, as they come, to where nobody can delete them"),
		render.Role(p, "sessions_out", "sessions-out", render.Policy(render.Statement{
			Principal: obj("Service", "logs.amazonaws.com"), Action: []string{"sts:AssumeRole"},
			Condition: []render.Condition{is("StringLike", "aws:SourceArn", "arn:aws:logs:"+p.Region+":"+p.Account+":*")},
		})).For(audit).From(from...),
		render.RolePolicy("sessions_out", render.Statement{
			Sid: "HandOn", Action: []string{"firehose:PutRecord", "firehose:PutRecordBatch"}, Resource: []any{streamARN},
		}).For(audit).From(from...),
		terraform.Resource("aws_cloudwatch_log_subscription_filter", "sessions",
			set("name", render.Name(p, "sessions")),
			set("log_group_name", terraform.Expr("aws_cloudwatch_log_group.session_records.name")),
			set("filter_pattern", ""),
			set("destination_arn", terraform.Expr(stream+".arn")),
			set("role_arn", terraform.Expr("aws_iam_role.sessions_out.arn")),
			set("depends_on", []terraform.Expr{"aws_iam_role_policy.sessions_out"}),
		).For(audit).From(from...),
	)
}
