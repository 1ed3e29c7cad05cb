package render

import (
	"slices"

	"fathom/platform"
	"fathom/render/terraform"
)

// Bucket is everything that makes a private bucket: Block Public Access, no ACLs,
// encryption under a key, versioning, a policy that refuses plain http, and what
// the options add.
type Bucket struct {
	Label string // of aws_s3_bucket and of everything with it
	What  string // the name's middle: see BucketName
	// Name is the whole name, where AWS wants it to begin otherwise.
	Name string
	// Key is the label of the KMS key: see KeyARN. Empty is S3's own key
	// (SSE-S3), for what can write to no other: load balancers, and S3's own
	// access logs.
	Key string
	// Days after which objects go, 0 for never. Old versions go a month later at
	// most, and none before its lock ends: S3 sees to that.
	Days int
	// Lock is compliance or governance, for LockDays days; empty is none.
	Lock     string
	LockDays int
	// Statements are added to the policy.
	Statements []Statement
	// Tags say what it holds; data of the class internal where they give none.
	Tags terraform.Object
	// Provider is the region's, where it is not the platform's.
	Provider terraform.Expr
	// Controls and Paths of all its blocks.
	Controls, Paths []string
}

// Blocks renders the bucket.
func (b Bucket) Blocks(p *platform.Platform) []Resource {
	id := terraform.Expr("aws_s3_bucket." + b.Label + ".id")
	arn := terraform.Expr("aws_s3_bucket." + b.Label + ".arn")
	var out []Resource
	add := func(kind string, body ...terraform.Entry) {
		all := []terraform.Entry{}
		if b.Provider != "" {
			all = append(all, terraform.Set("provider", b.Provider))
		}
		out = append(out, terraform.Resource(kind, b.Label, append(all, body...)...).For(b.Controls...).From(b.Paths...))
	}
	set, nest := terraform.Set, terraform.Nest
	name := b.Name
	if name == "" {
		name = BucketName(p, b.What)
	}
	bucket := []terraform.Entry{set("bucket", name)}
	if b.Lock != "" {
		bucket = append(bucket, set("object_lock_enabled", true))
	}
	tags := b.Tags
	if !slices.ContainsFunc(tags, func(f terraform.Field) bool { return f.Key == TagClass }) {
		tags = append(slices.Clip(tags), terraform.Field{Key: TagClass, Value: string(platform.Internal)})
	}
	bucket = append(bucket, set("tags", tags))
	add("aws_s3_bucket", bucket...)
	add("aws_s3_bucket_public_access_block", set("bucket", id),
		set("block_public_acls", true), set("block_public_policy", true),
		set("ignore_public_acls", true), set("restrict_public_buckets", true))
	add("aws_s3_bucket_ownership_controls", set("bucket", id),
		nest("rule", set("object_ownership", "BucketOwnerEnforced")))
	seal := nest("rule", nest("apply_server_side_encryption_by_default", set("sse_algorithm", "AES256")))
	if b.Key != "" {
		seal = nest("rule",
			set("bucket_key_enabled", true),
			nest("apply_server_side_encryption_by_default",
				set("sse_algorithm", "aws:kms"),
				set("kms_master_key_id", KeyARN(b.Key))))
	}
	add("aws_s3_bucket_server_side_encryption_configuration", set("bucket", id), seal)
	add("aws_s3_bucket_versioning", set("bucket", id),
		nest("versioning_configuration", set("status", "Enabled")))
	if b.Lock != "" {
		mode := map[string]string{"compliance": "COMPLIANCE", "governance": "GOVERNANCE"}[b.Lock]
		add("aws_s3_bucket_object_lock_configuration", set("bucket", id),
			nest("rule", nest("default_retention", set("mode", mode), set("days", b.LockDays))))
	}
	if b.Days > 0 {
		add("aws_s3_bucket_lifecycle_configuration", set("bucket", id),
			nest("rule",
				set("id", "expire"), set("status", "Enabled"),
				nest("filter"),
				nest("expiration", set("days", b.Days)),
				nest("noncurrent_version_expiration", set("noncurrent_days", min(b.Days, 30))),
				nest("abort_incomplete_multipart_upload", set("days_after_initiation", 7))))
	}
	statements := append([]Statement{{
		Sid: "OnlyTLS", Effect: "Deny", Principal: "*", Action: []string{"s3:*"},
		Resource:  []any{arn, terraform.Template("${" + string(arn) + "}/*")},
		Condition: []Condition{{"Bool", "aws:SecureTransport", "false"}},
	}}, b.Statements...)
	add("aws_s3_bucket_policy", set("bucket", id), set("policy", Policy(statements...)))
	return out
}

// LogGroup is a CloudWatch log group, sealed and kept as long as all logs.
func LogGroup(p *platform.Platform, label, name string, body ...terraform.Entry) *terraform.Block {
	return terraform.Resource("aws_cloudwatch_log_group", label, append([]terraform.Entry{
		terraform.Set("name", name),
		terraform.Set("retention_in_days", Retention(p)),
		terraform.Set("kms_key_id", KeyARN("logs")),
	}, body...)...)
}

// Retention is the least number of days that CloudWatch Logs offers and that is
// not less than the platform's (CloudWatch Logs API, PutRetentionPolicy).
func Retention(p *platform.Platform) int {
	want := int(p.Logs.Keep.Hours() / 24)
	for _, days := range []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653} {
		if days >= want {
			return days
		}
	}
	return 3653
}
