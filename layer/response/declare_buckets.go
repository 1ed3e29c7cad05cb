package response

import (
	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// wafPrefix is how the name of every bucket for web ACL logs begins (AWS WAF
// Developer Guide, "Sending web ACL traffic logs to an Amazon S3 bucket").
const wafPrefix = "aws-waf-logs-"

// buckets renders the places of all logs.
func (d *declaration) buckets() {
	p := d.p
	keep := []string{"logs.keep"}
	d.add(render.Bucket{
		Label: "logs", What: "logs", Key: "logs",
		Days: days(p), Lock: "compliance", LockDays: days(p),
		Statements: append(logWriters(p), onlyWhoApplies("logs")),
		Tags:       obj("Name", render.BucketName(p, "logs"), render.TagClass, string(platform.Internal)),
		Controls:   []string{"response.trail", "response.retention"}, Paths: keep,
	}.Blocks(p)...)
	d.add(render.Bucket{
		Label: "waf_logs", Name: wafPrefix + render.BucketName(p, "edge"), Key: "logs",
		Days: days(p), Lock: "compliance", LockDays: days(p),
		Statements: append(deliveries(p, "waf_logs", "AWSLogs/"+p.Account, "arn:aws:logs:*:"+p.Account+":*"), onlyWhoApplies("waf_logs")),
		Controls:   []string{"response.retention"}, Paths: keep,
	}.Blocks(p)...)
	d.add(accessLogs(p, "access_logs", "access-logs", "", configWrites(p, "access_logs")...)...)
	d.add(accessLogs(p, "access_logs_standby", "access-logs-standby", render.ProviderBackup)...)
	for _, label := range []string{"logs", "waf_logs"} {
		d.add(terraform.Resource("aws_s3_bucket_logging", label,
			set("bucket", terraform.Expr("aws_s3_bucket."+label+".id")),
			set("target_bucket", render.AccessLogs+".id"),
			set("target_prefix", terraform.Template("s3/${aws_s3_bucket."+label+".id}/")),
		).For("response.trail").From(keep...).Note("who reads the logs is logged too"))
	}
}

// configWrites lets AWS Config of all regions write to a bucket. It does not
// deliver to one with a default retention (AWS Config Developer Guide, "Managing
// the Delivery Channel").
func configWrites(p *platform.Platform, bucket string) []render.Statement {
	config := obj("Service", "config.amazonaws.com")
	ours := []render.Condition{{Operator: "StringEquals", Key: "aws:SourceAccount", Value: p.Account}}
	return []render.Statement{
		{Sid: "ConfigAsks", Principal: config, Action: []string{"s3:GetBucketAcl", "s3:ListBucket"}, Resource: []any{whole(bucket)}, Condition: ours},
		{Sid: "ConfigWrites", Principal: config, Action: []string{"s3:PutObject"}, Resource: []any{below(bucket, "config/AWSLogs/"+p.Account+"/Config/*")}, Condition: ours},
	}
}

// accessLogs is a bucket for what can be sealed with S3's own key only, and for
// what is not delivered to a bucket with a default retention, as S3's own logs
// are not: old versions guard it. More statements let in more than load balancers
// and S3.
func accessLogs(p *platform.Platform, label, what string, provider terraform.Expr, more ...render.Statement) []render.Resource {
	return render.Bucket{
		Label: label, What: what, Days: days(p), Provider: provider,
		Statements: append([]render.Statement{
			{
				Sid: "LoadBalancers", Principal: obj("Service", "logdelivery.elasticloadbalancing.amazonaws.com"),
				Action: []string{"s3:PutObject"}, Resource: []any{below(label, "alb/AWSLogs/"+p.Account+"/*")},
				Condition: []render.Condition{
					{Operator: "StringEquals", Key: "aws:SourceAccount", Value: p.Account},
					{Operator: "ArnLike", Key: "aws:SourceArn", Value: "arn:aws:elasticloadbalancing:*:" + p.Account + ":loadbalancer/*"},
				},
			},
			{
				Sid: "Buckets", Principal: obj("Service", "logging.s3.amazonaws.com"),
				Action: []string{"s3:PutObject"}, Resource: []any{below(label, "s3/*")},
				Condition: []render.Condition{
					{Operator: "StringEquals", Key: "aws:SourceAccount", Value: p.Account},
					{Operator: "ArnLike", Key: "aws:SourceArn", Value: []string{
						"arn:aws:s3:::" + render.Name(p) + "-*", "arn:aws:s3:::" + wafPrefix + render.Name(p) + "-*",
					}},
				},
			},
		}, append(more, onlyWhoApplies(label))...),
		Controls: []string{"response.retention"}, Paths: []string{"logs.keep"},
	}.Blocks(p)
}

// below are the objects of a bucket below a prefix.
func below(bucket, prefix string) terraform.Template {
	return terraform.Template("${aws_s3_bucket." + bucket + ".arn}/" + prefix)
}

func whole(bucket string) terraform.Expr {
	return terraform.Expr("aws_s3_bucket." + bucket + ".arn")
}

// logWriters are the statements that let services of AWS write to the bucket of
// all logs, each below its own prefix and for this account only.
func logWriters(p *platform.Platform) []render.Statement {
	trail := trailARN(p)
	ours := render.Condition{Operator: "StringEquals", Key: "aws:SourceAccount", Value: p.Account}
	from := render.Condition{Operator: "StringEquals", Key: "aws:SourceArn", Value: trail}
	cloudtrail := obj("Service", "cloudtrail.amazonaws.com")
	out := []render.Statement{
		{Sid: "TrailAsks", Principal: cloudtrail, Action: []string{"s3:GetBucketAcl"}, Resource: []any{whole("logs")}, Condition: []render.Condition{from}},
		{Sid: "TrailWrites", Principal: cloudtrail, Action: []string{"s3:PutObject"}, Resource: []any{below("logs", "trail/AWSLogs/"+p.Account+"/*")}, Condition: []render.Condition{from}},
	}
	out = append(out, deliveries(p, "logs", "flow", "arn:aws:logs:*:"+p.Account+":*")...)
	// CloudFront's standard logs (v2) are deliveries of us-east-1.
	return append(out, render.Statement{
		Sid: "CloudFrontWrites", Principal: deliverer, Action: []string{"s3:PutObject"}, Resource: []any{below("logs", "cloudfront/*")},
		Condition: []render.Condition{ours, {Operator: "ArnLike", Key: "aws:SourceArn", Value: "arn:aws:logs:us-east-1:" + p.Account + ":delivery-source:*"}},
	})
}

// deliverer is who delivers flow logs, web ACL logs and CloudFront's logs (Amazon
// CloudWatch Logs User Guide, "Logs sent to Amazon S3").
var deliverer = obj("Service", "delivery.logs.amazonaws.com")

// deliveries let CloudWatch Logs deliver below a prefix.
func deliveries(p *platform.Platform, bucket, prefix, source string) []render.Statement {
	from := []render.Condition{
		{Operator: "StringEquals", Key: "aws:SourceAccount", Value: p.Account},
		{Operator: "ArnLike", Key: "aws:SourceArn", Value: source},
	}
	return []render.Statement{
		{Sid: "DeliveryAsks", Principal: deliverer, Action: []string{"s3:GetBucketAcl", "s3:ListBucket"}, Resource: []any{whole(bucket)}, Condition: from},
		{Sid: "DeliveryWrites", Principal: deliverer, Action: []string{"s3:PutObject"}, Resource: []any{below(bucket, prefix+"/*")}, Condition: from},
	}
}

// onlyWhoApplies denies everybody but those who apply these files to loosen what
// guards a bucket of logs. The root user can still mend a policy that locks
// everybody out.
func onlyWhoApplies(bucket string) render.Statement {
	return render.Statement{
		Sid: "OnlyWhoApplies", Effect: "Deny", Principal: "*",
		Action: []string{
			"s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:PutBucketAcl", "s3:PutBucketObjectLockConfiguration", "s3:PutBucketPolicy",
			"s3:PutBucketPublicAccessBlock", "s3:PutBucketVersioning", "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration",
		},
		Resource:  []any{whole(bucket)},
		Condition: []render.Condition{{Operator: "ArnNotLike", Key: "aws:PrincipalArn", Value: render.Administrators}},
	}
}
