package data

import (
	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

var objectLock = control.Control{
	ID:       "data.object-lock",
	Title:    "Object Lock on critical buckets, versioning, MFA delete",
	Why:      "Whoever steals one role with s3:DeleteObject or s3:PutObject destroys or encrypts invoices, backups and audit logs for good",
	Threats:  []control.Threat{control.Ransom},
	Phase:    control.MidTerm,
	Severity: control.High,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 10.3.2", "PCI DSS 4.0.1 10.3.4", "GDPR 32(1)(c)", "HIPAA 164.312(c)(1)"},
	Check:    checkObjectLock,
	Defeat:   defeatLock,
}

// A critical bucket holds invoices, backups, audit records or card data, by its
// name, its tags, or because CloudTrail or AWS Config writes there. It needs
// Object Lock in compliance mode; every other bucket needs versions.
func checkObjectLock(e *estate.Estate) []control.Result {
	facts := bucketFacts(e)
	var out []control.Result
	for _, b := range estate.All[*estate.Bucket](e) {
		v := versioningOf(e, b)
		if f := facts[b.ID]; f.critical != "" {
			out = append(out, lockResults(e, b, v, f.critical)...)
		} else {
			out = append(out, versionResult(e, b, v, f))
		}
	}
	return out
}

// versioning is what is known of a bucket's versions.
type versioning struct {
	on, mfa estate.Truth
	at      diag.Pos // where it is written; nowhere when it is not
	saw     string
	why     string
}

func versioningOf(e *estate.Estate, b *estate.Bucket) versioning {
	v := versioning{saw: "no versioning"}
	for _, s := range estate.Of[*estate.BucketVersioning](e, b.ID) {
		if c := s.Configuration.One(); c != nil {
			v = versioning{on: c.Status.Is("Enabled"), mfa: c.MFADelete.Is("Enabled"), at: or(c.Status.Pos(), s.Pos), saw: "versioning is " + c.Status.String(), why: c.Status.Why()}
		} else {
			v = versioning{on: estate.Maybe, at: s.Pos, why: s.Configuration.Why}
		}
	}
	if c := b.Versioning.One(); c != nil && v.at.Line == 0 {
		v = versioning{on: c.Enabled.Default(false).Is(true), mfa: c.MFADelete.Is(true), at: or(c.Enabled.Pos(), c.At), saw: "versioning.enabled is " + c.Enabled.String(), why: c.Enabled.Why()}
	}
	if v.on != estate.Yes && b.LockEnabled.Is(true) == estate.Yes { // Object Lock switches versioning on
		v = versioning{on: estate.Yes, mfa: v.mfa, at: b.LockEnabled.Pos(), saw: "object_lock_enabled = true"}
	}
	return v
}

// versionResult judges the versions of a bucket that is not critical.
func versionResult(e *estate.Estate, b *estate.Bucket, v versioning, f bucketFact) control.Result {
	what := control.Named("bucket", b.BucketName, b.Meta())
	m := control.Mistake{
		At: or(v.at, b.Pos), Severity: control.Medium,
		Summary:  what + " keeps no old versions of its objects: " + v.saw,
		Fix:      `add an aws_s3_bucket_versioning with status = "Enabled", and a lifecycle rule that ends old versions`,
		Evidence: []control.Evidence{control.Saw(or(v.at, b.Pos), "%s", v.saw)},
	}
	if f.logs || f.assets {
		m.Severity = control.Low
	}
	switch {
	case v.on == estate.Yes:
		return control.Is(b, m.Evidence...)
	case v.on == estate.Maybe:
		return control.Unsure(b, m.At, "it is not known whether "+what+" is versioned: "+v.why)
	case v.at.Line == 0:
		return half(control.Lacks(e, b, m))
	}
	return control.Partly(b, m)
}

// lock is what is known of a bucket's Object Lock.
type lock struct {
	on        estate.Truth
	at        diag.Pos
	retention *estate.LockRetention
	why       string
}

func lockOf(e *estate.Estate, b *estate.Bucket) lock {
	l := lock{on: b.LockEnabled.Is(true), at: b.LockEnabled.Pos(), why: b.LockEnabled.Why()}
	take := func(rules estate.Blocks[estate.LockRule], at diag.Pos) {
		l.on, l.at, l.why = estate.Yes, at, rules.Why
		for _, r := range rules.Items {
			if r.Retention.One() != nil {
				l.retention = r.Retention.One()
			}
			if r.Retention.Why != "" {
				l.why = r.Retention.Why
			}
		}
	}
	for _, c := range b.Lock.Items {
		take(c.Rules, c.At)
	}
	for _, c := range estate.Of[*estate.BucketLock](e, b.ID) {
		take(c.Rules, c.Pos)
	}
	return l
}

// lockResults judges a critical bucket.
func lockResults(e *estate.Estate, b *estate.Bucket, v versioning, holds string) []control.Result {
	what := control.Named("bucket", b.BucketName, b.Meta()) + ", which holds " + holds + ","
	l := lockOf(e, b)
	var out []control.Result
	fix := `set object_lock_enabled = true on the bucket and add an aws_s3_bucket_object_lock_configuration with default_retention { mode = "COMPLIANCE" }`
	switch {
	case l.on == estate.Maybe:
		return []control.Result{control.Unsure(b, l.at, "it is not known whether "+what+" has Object Lock: "+l.why)}
	case l.on == estate.No:
		m := control.Mistake{At: b.Pos, Cause: control.CauseNoLock, Fix: fix, Evidence: []control.Evidence{control.Saw(or(v.at, b.Pos), "%s", v.saw)}}
		switch {
		case v.on == estate.No:
			m.Summary = what + " has neither versions nor Object Lock: a delete is final"
			out = append(out, control.Lacks(e, b, m))
		case v.on == estate.Maybe:
			return []control.Result{control.Unsure(b, v.at, "it is not known whether "+what+" is versioned: "+v.why)}
		case v.mfa == estate.Yes:
			m.Severity = control.Low
			m.Summary = what + " has MFA delete and no Object Lock: the root user may still delete every version"
			out = append(out, half(control.Lacks(e, b, m)))
		default:
			m.Severity = control.Medium
			m.Summary = what + " keeps versions and no Object Lock holds them: s3:DeleteObjectVersion removes them for good"
			out = append(out, half(control.Lacks(e, b, m)))
		}
	default:
		out = append(out, retentionResult(b, what, v, l)...)
	}
	if b.ForceDestroy.Is(true) == estate.Yes && !compliance(l) {
		out = append(out, control.Partly(b, control.Mistake{
			At: b.ForceDestroy.Pos(), Severity: control.Medium,
			Summary: what + " is emptied by terraform destroy: force_destroy = true",
			Fix:     "set force_destroy = false",
		}))
	}
	return out
}

func compliance(l lock) bool {
	return l.retention != nil && l.retention.Mode.Is("COMPLIANCE") == estate.Yes
}

// retentionResult judges the default retention of a bucket that has Object
// Lock. Governance mode yields to s3:BypassGovernanceRetention; compliance
// mode yields to nobody (Amazon S3 User Guide, "Retention modes").
func retentionResult(b *estate.Bucket, what string, v versioning, l lock) []control.Result {
	r := l.retention
	switch {
	case r == nil && l.why != "":
		return []control.Result{control.Unsure(b, l.at, "the default retention is not known: "+l.why)}
	case r == nil:
		return []control.Result{control.Partly(b, control.Mistake{
			At: l.at, Severity: control.Medium,
			Summary: what + " has Object Lock without a default retention: an object is held only where its writer asked for it",
			Fix:     `add an aws_s3_bucket_object_lock_configuration with rule { default_retention { mode = "COMPLIANCE", days = … } }`,
		})}
	case r.Mode.Unknown():
		return []control.Result{control.Unsure(b, r.Mode.Pos(), "the retention mode is not known: "+r.Mode.Why())}
	case compliance(l) || v.mfa == estate.Yes:
		return []control.Result{control.Is(b, control.Saw(r.Mode.Pos(), "Object Lock, %s mode", r.Mode))}
	}
	return []control.Result{control.Partly(b, control.Mistake{
		At: or(r.Mode.Pos(), r.At), Severity: control.Low,
		Summary:  what + " is held in " + r.Mode.String() + " mode: whoever has s3:BypassGovernanceRetention may still delete",
		Fix:      `set mode = "COMPLIANCE"`,
		Evidence: []control.Evidence{control.Saw(r.Mode.Pos(), "mode = %s", r.Mode)},
	})}
}
