package response

import (
	"fathom/render"
	"fathom/render/terraform"
)

// trailLog is the name of the log group of the trail. It does not begin as those
// of the platform's own logs do, which operators may read.
func trailLog(name string) string { return "/audit/" + name + "/trail" }

// trail renders the record of who did what: every region, with the events of
// objects and functions, in the locked bucket, and in a log group where filters
// look for attacks.
func (d *declaration) trail() {
	p := d.p
	group := render.TrailLog
	d.add(render.LogGroup(p, "trail", trailLog(p.Name)).For("response.trail", "response.detections").From("logs.keep"))
	d.add(render.Role(p, "trail", "trail", render.Policy(render.Statement{
		Principal: obj("Service", "cloudtrail.amazonaws.com"), Action: []string{"sts:AssumeRole"},
		Condition: []render.Condition{{Operator: "StringEquals", Key: "aws:SourceArn", Value: trailARN(p)}},
	})).For("response.trail"))
	d.add(render.RolePolicy("trail", render.Statement{
		Sid: "WriteTheLog", Action: []string{"logs:CreateLogStream", "logs:PutLogEvents"},
		Resource: []any{terraform.Template("${" + string(group) + ".arn}:log-stream:" + p.Account + "_CloudTrail_*")},
	}).For("response.trail"))
	d.add(terraform.Resource("aws_cloudtrail", "main",
		set("name", render.Name(p, "trail")),
		set("is_multi_region_trail", true),
		set("include_global_service_events", true),
		set("enable_log_file_validation", true),
		set("kms_key_id", render.KeyARN("logs")),
		set("s3_bucket_name", render.LogBucket+".id"),
		set("s3_key_prefix", "trail"),
		set("cloud_watch_logs_group_arn", terraform.Template("${"+string(group)+".arn}:*")),
		set("cloud_watch_logs_role_arn", terraform.Expr("aws_iam_role.trail.arn")),
		selector("management", field("eventCategory", "Management")),
		selector("objects", field("eventCategory", "Data"), field("resources.type", "AWS::S3::Object"), d.notLogs()),
		selector("access points", field("eventCategory", "Data"), field("resources.type", "AWS::S3::AccessPoint")),
		selector("functions", field("eventCategory", "Data"), field("resources.type", "AWS::Lambda::Function")),
		nest("insight_selector", set("insight_type", "ApiCallRateInsight")),
		nest("insight_selector", set("insight_type", "ApiErrorRateInsight")),
		// AWS refuses a trail whose bucket does not let it write yet.
		set("depends_on", []terraform.Expr{render.PolicyOf(render.LogBucket)}),
	).For("response.trail").From("logs").
		Note("The buckets of logs are left out of the events of objects: services write to them all the time, and who else comes is in their access logs"))
}

func selector(name string, fields ...terraform.Entry) terraform.Entry {
	return nest("advanced_event_selector", append([]terraform.Entry{set("name", name)}, fields...)...)
}

func field(name, value string) terraform.Entry {
	return nest("field_selector", set("field", name), set("equals", []string{value}))
}

// notLogs leaves out the objects of the buckets of logs.
func (d *declaration) notLogs() terraform.Entry {
	var arns terraform.List
	for _, b := range []string{"logs", "waf_logs", "access_logs", "access_logs_standby"} {
		arns = append(arns, below(b, ""))
	}
	return nest("field_selector", set("field", "resources.ARN"), set("not_starts_with", arns))
}
