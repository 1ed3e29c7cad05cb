package data

import (
	"fathom/control"
	"fathom/estate"
)

// sealedBuckets judges the S3 buckets. S3 encrypts every object since January
// 2023, with a key that it owns (SSE-S3) where nothing else is said.
func sealedBuckets(e *estate.Estate) []control.Result {
	facts := bucketFacts(e)
	hides := e.MayHideAWS()
	var out []control.Result
	for _, b := range estate.All[*estate.Bucket](e) {
		s := sealed{
			on: b, what: control.Named("bucket", b.BucketName, b.Meta()),
			keyArg: "kms_master_key_id", keyless: "a key that AWS owns (SSE-S3)", severity: control.Medium,
		}.always()
		if f := facts[b.ID]; f.logs || f.assets {
			s.severity = control.Low
		}
		rule, found, why := bucketEncryption(e, b)
		if !found && why == "" {
			why = hides
		}
		plain := !found || rule.Algorithm.Is("AES256") == estate.Yes
		if plain && why == "" && facts[b.ID].sseS3Only { // load balancers, and S3 itself, can write their logs to SSE-S3 only
			out = append(out, control.Is(b, control.Saw(or(rule.At, b.Pos), "SSE-S3, the only encryption that what writes here supports")))
			continue
		}
		if !plain {
			s.key, s.keyless = rule.Key, "AWS's default key aws/s3"
			if s.key.Absent() && rule.Algorithm.Unknown() {
				why = rule.Algorithm.Why()
			}
		}
		if found {
			s.at = or(rule.Algorithm.Pos(), rule.At)
		}
		if why != "" {
			s.encrypted, s.why = estate.Maybe, why
		}
		out = append(out, s.judge(e))
	}
	return out
}

// bucketEncryption is the default encryption of a bucket, wherever it is
// written; why says what of it cannot be known.
func bucketEncryption(e *estate.Estate, b *estate.Bucket) (rule estate.SSEDefault, found bool, why string) {
	var all []estate.Blocks[estate.SSERule]
	for _, s := range estate.Of[*estate.BucketEncryption](e, b.ID) {
		all = append(all, s.Rules)
	}
	for _, s := range b.Encryption.Items {
		all = append(all, s.Rules)
	}
	why = b.Encryption.Why
	for _, rules := range all {
		if rules.Why != "" {
			why = rules.Why
		}
		for _, r := range rules.Items {
			if d := r.Default.One(); d != nil {
				return *d, true, ""
			}
			if r.Default.Why != "" {
				why = r.Default.Why
			}
		}
	}
	return rule, false, why
}
