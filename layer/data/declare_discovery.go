package data

import (
	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// discoveryResources look for personal and card data in every bucket of the
// account, also in those that nobody has declared: a forgotten export is in one of
// these. What is found is told to who is on call, and kept.
func discoveryResources(p *platform.Platform) []render.Resource {
	set, nest := terraform.Set, terraform.Nest
	after := set("depends_on", terraform.Expr("[aws_macie2_account.main]"))
	out := []render.Resource{
		terraform.Resource("aws_macie2_account", "main",
			set("status", "ENABLED"), set("finding_publishing_frequency", "FIFTEEN_MINUTES"),
		).For("data.discovery").From("data"),
		terraform.Resource("aws_macie2_classification_job", "buckets",
			set("name", render.Name(p, "every-bucket")),
			set("job_type", "SCHEDULED"),
			set("initial_run", true),
			set("sampling_percentage", 100),
			nest("schedule_frequency", set("weekly_schedule", "SUNDAY")),
			nest("s3_job_definition", nest("bucket_criteria", nest("includes", nest("and", nest("simple_criterion",
				set("key", "ACCOUNT_ID"), set("comparator", "EQ"), set("values", []string{p.Account})))))),
			after,
		).For("data.discovery").From("data").Note("a run reads only what is new since the last one"),
		terraform.Resource("aws_macie2_classification_export_configuration", "main",
			nest("s3_destination",
				set("bucket_name", terraform.Expr("aws_s3_bucket.findings.id")),
				set("key_prefix", "macie/"),
				set("kms_key_arn", render.KeyARN("logs"))),
			set("depends_on", terraform.Expr("[aws_macie2_account.main, aws_s3_bucket_policy.findings]")),
		).For("data.discovery").From("logs").Note("Macie itself forgets after 90 days"),
	}
	out = append(out, findings(p)...)
	return in(findFile, append(out, alarm(p, "data_found", "data-found", "data.discovery", terraform.Obj(
		"source", []string{"aws.macie"},
		"detail-type", []string{"Macie Finding"},
	), render.OnCallTopic)...))
}

// findings is the bucket of what Macie has found.
func findings(p *platform.Platform) []render.Resource {
	arn := "arn:aws:s3:::" + render.BucketName(p, "findings")
	macie := func(sid string, actions []string, resource string) render.Statement {
		return render.Statement{
			Sid: sid, Principal: terraform.Obj("Service", "macie.amazonaws.com"), Action: actions, Resource: []any{resource},
			Condition: []render.Condition{
				{Operator: "StringEquals", Key: "aws:SourceAccount", Value: p.Account},
				{Operator: "ArnLike", Key: "aws:SourceArn", Value: []string{
					"arn:aws:macie2:" + p.Region + ":" + p.Account + ":export-configuration:*",
					"arn:aws:macie2:" + p.Region + ":" + p.Account + ":classification-job/*",
				}},
			},
		}
	}
	return render.Bucket{
		Label: "findings", What: "findings", Key: "logs", Days: days(p.Logs.Keep),
		Statements: []render.Statement{
			macie("MacieLooks", []string{"s3:GetBucketLocation"}, arn),
			macie("MacieWrites", []string{"s3:PutObject"}, arn+"/macie/*"),
		},
		Tags: terraform.Obj(
			"Name", render.BucketName(p, "findings"),
			render.TagClass, string(platform.Internal),
		),
		Controls: []string{"data.discovery", "data.retention"}, Paths: []string{"logs"},
	}.Blocks(p)
}
