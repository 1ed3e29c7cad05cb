package estate

import "fathom/diag"

// Bucket is an S3 bucket (aws_s3_bucket), with the arguments that older
// configurations write inside it; newer ones write them as satellites.
type Bucket struct {
	Base
	BucketName   Str                      `tf:"bucket" key:"bucket"`
	Prefix       Str                      `tf:"bucket_prefix"`
	ForceDestroy Bool                     `tf:"force_destroy"`
	ACL          Str                      `tf:"acl"`
	Policy       Policy                   `tf:"policy"`
	LockEnabled  Bool                     `tf:"object_lock_enabled"`
	Versioning   Blocks[InlineVersioning] `tf:"versioning"`
	Encryption   Blocks[BucketSSE]        `tf:"server_side_encryption_configuration"`
	Logging      Blocks[BucketLogTo]      `tf:"logging"`
	Lock         Blocks[LockConfig]       `tf:"object_lock_configuration"`
	Lifecycle    Blocks[LifecycleRule]    `tf:"lifecycle_rule"`
	Grants       Tree                     `tf:"grant"`
}

// InlineVersioning is versioning written inside a bucket.
type InlineVersioning struct {
	At        diag.Pos
	Enabled   Bool `tf:"enabled"`
	MFADelete Bool `tf:"mfa_delete"`
}

// BucketSSE is encryption at rest.
type BucketSSE struct {
	At    diag.Pos
	Rules Blocks[SSERule] `tf:"rule"`
}

// SSERule is one rule of it.
type SSERule struct {
	At        diag.Pos
	BucketKey Bool               `tf:"bucket_key_enabled"`
	Default   Blocks[SSEDefault] `tf:"apply_server_side_encryption_by_default"`
}

// SSEDefault is the algorithm (AES256, aws:kms) and key.
type SSEDefault struct {
	At        diag.Pos
	Algorithm Str          `tf:"sse_algorithm"`
	Key       Ref[*KMSKey] `tf:"kms_master_key_id"`
}

// BucketLogTo is where a bucket's access log goes.
type BucketLogTo struct {
	At     diag.Pos
	Bucket Ref[*Bucket] `tf:"target_bucket"`
}

// LockConfig is Object Lock.
type LockConfig struct {
	At      diag.Pos
	Enabled Str              `tf:"object_lock_enabled"`
	Rules   Blocks[LockRule] `tf:"rule"`
}

// LockRule holds the default retention.
type LockRule struct {
	At        diag.Pos
	Retention Blocks[LockRetention] `tf:"default_retention"`
}

// LockRetention is its mode (GOVERNANCE, COMPLIANCE) and length.
type LockRetention struct {
	At    diag.Pos
	Mode  Str `tf:"mode"`
	Days  Int `tf:"days"`
	Years Int `tf:"years"`
}

// LifecycleRule is a rule that moves or expires objects.
type LifecycleRule struct {
	At         diag.Pos
	Enabled    Bool               `tf:"enabled"`
	Status     Str                `tf:"status"`
	Prefix     Str                `tf:"prefix"`
	Filter     Tree               `tf:"filter"`
	Expiration Blocks[Expiration] `tf:"expiration"`
	Noncurrent Blocks[Expiration] `tf:"noncurrent_version_expiration"`
}

// Expiration is when objects go.
type Expiration struct {
	At             diag.Pos
	Days           Int `tf:"days"`
	NoncurrentDays Int `tf:"noncurrent_days"`
}

// BucketVersioning keeps old versions (aws_s3_bucket_versioning).
type BucketVersioning struct {
	Base
	Bucket        Ref[*Bucket]              `tf:"bucket"`
	Configuration Blocks[VersioningSetting] `tf:"versioning_configuration"`
}

// VersioningSetting is Enabled, Suspended or Disabled, and MFA delete.
type VersioningSetting struct {
	At        diag.Pos
	Status    Str `tf:"status"`
	MFADelete Str `tf:"mfa_delete"`
}

// BucketEncryption (aws_s3_bucket_server_side_encryption_configuration).
type BucketEncryption struct {
	Base
	Bucket Ref[*Bucket]    `tf:"bucket"`
	Rules  Blocks[SSERule] `tf:"rule"`
}

// PublicAccessBlock is Block Public Access on a bucket
// (aws_s3_bucket_public_access_block).
type PublicAccessBlock struct {
	Base
	PublicAccess
	Bucket Ref[*Bucket] `tf:"bucket"`
}

// AccountPublicAccessBlock is Block Public Access on the account
// (aws_s3_account_public_access_block).
type AccountPublicAccessBlock struct {
	Base
	PublicAccess
}

// PublicAccess are the four switches of Block Public Access; absent is false.
type PublicAccess struct {
	BlockACLs       Bool `tf:"block_public_acls"`
	IgnoreACLs      Bool `tf:"ignore_public_acls"`
	BlockPolicy     Bool `tf:"block_public_policy"`
	RestrictBuckets Bool `tf:"restrict_public_buckets"`
}

// BucketPolicy (aws_s3_bucket_policy).
type BucketPolicy struct {
	Base
	Bucket Ref[*Bucket] `tf:"bucket"`
	Policy Policy       `tf:"policy"`
}

// BucketACL (aws_s3_bucket_acl).
type BucketACL struct {
	Base
	Bucket Ref[*Bucket] `tf:"bucket"`
	ACL    Str          `tf:"acl"`
	Grants Tree         `tf:"access_control_policy"`
}

// BucketOwnership (aws_s3_bucket_ownership_controls).
type BucketOwnership struct {
	Base
	Bucket Ref[*Bucket]          `tf:"bucket"`
	Rule   Blocks[OwnershipRule] `tf:"rule"`
}

// OwnershipRule is BucketOwnerEnforced where ACLs are off.
type OwnershipRule struct {
	At        diag.Pos
	Ownership Str `tf:"object_ownership"`
}

// BucketLogging (aws_s3_bucket_logging).
type BucketLogging struct {
	Base
	Bucket Ref[*Bucket] `tf:"bucket"`
	Target Ref[*Bucket] `tf:"target_bucket"`
}

// BucketLock (aws_s3_bucket_object_lock_configuration).
type BucketLock struct {
	Base
	Bucket Ref[*Bucket]     `tf:"bucket"`
	Rules  Blocks[LockRule] `tf:"rule"`
}

// BucketLifecycle (aws_s3_bucket_lifecycle_configuration).
type BucketLifecycle struct {
	Base
	Bucket Ref[*Bucket]          `tf:"bucket"`
	Rules  Blocks[LifecycleRule] `tf:"rule"`
}

// BucketReplication copies objects elsewhere
// (aws_s3_bucket_replication_configuration).
type BucketReplication struct {
	Base
	Bucket Ref[*Bucket]            `tf:"bucket"`
	Rules  Blocks[ReplicationRule] `tf:"rule"`
}

// ReplicationRule is where to.
type ReplicationRule struct {
	At          diag.Pos
	Status      Str                            `tf:"status"`
	Destination Blocks[ReplicationDestination] `tf:"destination"`
}

// ReplicationDestination is the other bucket.
type ReplicationDestination struct {
	Bucket  Ref[*Bucket] `tf:"bucket"`
	Account Str          `tf:"account"`
}

// AccessPoint is a named way into a bucket with a policy of its own
// (aws_s3_access_point).
type AccessPoint struct {
	Base
	Bucket Ref[*Bucket]               `tf:"bucket"`
	Policy Policy                     `tf:"policy"`
	VPC    Blocks[AccessPointNetwork] `tf:"vpc_configuration"`
}

// AccessPointNetwork limits an access point to a VPC.
type AccessPointNetwork struct {
	VPC Ref[*VPC] `tf:"vpc_id"`
}

// BucketWebsite serves a bucket to the web (aws_s3_bucket_website_configuration).
type BucketWebsite struct {
	Base
	Bucket Ref[*Bucket] `tf:"bucket"`
}
