package response

import (
	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

var trail = control.Control{
	ID:       "response.trail",
	Title:    "Multi-region CloudTrail with data events, validated, encrypted, in a locked central bucket",
	Why:      "An attacker works unseen, in a region nobody watches, and removes the record afterwards",
	Threats:  []control.Threat{control.AccountTakeover, control.Exfiltration, control.Ransom},
	Phase:    control.QuickWin,
	Severity: control.High,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 10.2", "PCI DSS 4.0.1 10.3", "GDPR 33", "HIPAA 164.312(b)", "CIS AWS 7.0 4.1", "CIS AWS 7.0 4.2", "CIS AWS 7.0 4.5", "CIS AWS 7.0 4.8", "CIS AWS 7.0 4.9"},
	Check:    checkTrail,
	Defeat:   stopTrail,
}

// checkTrail asks for one good trail. Where several trails are written, those
// of all regions are judged; one more for a single region takes nothing away.
func checkTrail(e *estate.Estate) []control.Result {
	trails := estate.All[*estate.Trail](e)
	if len(trails) == 0 {
		return noTrail(e)
	}
	var everywhere []*estate.Trail
	for _, t := range trails {
		if t.MultiRegion.Default(false).Is(true) == estate.Yes {
			everywhere = append(everywhere, t)
		}
	}
	if len(everywhere) > 0 {
		trails = everywhere
	}
	var out []control.Result
	for _, t := range trails {
		found := judgeTrail(e, t)
		if len(found) == 0 {
			found = []control.Result{control.Is(t, control.Saw(t.Pos, "all regions, data events, validation, an own key, a locked bucket"))}
		}
		out = append(out, found...)
	}
	return out
}

// noTrail looks for CloudTrail Lake, which keeps events without a trail and,
// unless told otherwise, of all regions.
func noTrail(e *estate.Estate) []control.Result {
	var out []control.Result
	for _, s := range estate.All[*estate.EventDataStore](e) {
		out = append(out, control.Judge(s.MultiRegion.Default(true).Is(true), s, control.Mistake{
			At:      s.MultiRegion.Pos(),
			Summary: "event data store " + s.ID.Addr + " keeps the events of one region only: multi_region_enabled = false",
			Fix:     "set multi_region_enabled = true",
		}, "it is not known which regions event data store "+s.ID.Addr+" is for: "+s.MultiRegion.Why()))
	}
	if len(out) > 0 {
		return out
	}
	return control.Nowhere(e, control.Mistake{
		Summary: "nothing records who did what: there is no CloudTrail trail",
		Fix:     "add an aws_cloudtrail with is_multi_region_trail, enable_log_file_validation, kms_key_id and data events, into a bucket with Object Lock",
	})
}

// judgeTrail returns what a trail lacks; each is a line of its own.
func judgeTrail(e *estate.Estate, t *estate.Trail) []control.Result {
	what := control.Named("trail", t.TrailName, t.Meta())
	var out []control.Result
	need := func(v estate.Bool, absent bool, severity control.Severity, is func(estate.Resource, control.Mistake) control.Result, summary, fix string) {
		at := or(v.Pos(), t.Pos)
		switch v.Default(absent).Is(true) {
		case estate.No:
			out = append(out, is(t, control.Mistake{At: at, Severity: severity, Summary: what + " " + summary, Fix: fix, Evidence: []control.Evidence{control.Saw(at, "%s", v)}}))
		case estate.Maybe:
			out = append(out, control.Unsure(t, at, "it is not known whether "+what+" "+summary+": "+v.Why()))
		}
	}
	// The defaults are those of aws_cloudtrail: logging and global events on,
	// all regions and validation off.
	need(t.Enabled, true, control.High, control.Not, "is switched off: enable_logging = false", "set enable_logging = true")
	need(t.MultiRegion, false, control.High, control.Partly, "records one region only: is_multi_region_trail is not true", "set is_multi_region_trail = true")
	need(t.Global, true, control.Medium, control.Partly, "leaves out IAM, STS and CloudFront: include_global_service_events = false", "set include_global_service_events = true")
	need(t.Validation, false, control.Medium, control.Partly, "has no digests to prove that nobody changed it: enable_log_file_validation is not true", "set enable_log_file_validation = true")
	if t.Key.Absent() {
		out = append(out, control.Partly(t, control.Mistake{
			Severity: control.Low, Cause: control.CauseDefaultKey,
			Summary: what + " is encrypted under a key that AWS owns: no key policy of yours says who may read it",
			Fix:     "set kms_key_id to an aws_kms_key of your own with enable_key_rotation = true",
		}))
	} else if t.Key.Set() == estate.Maybe {
		out = append(out, control.Unsure(t, t.Key.Pos(), "it is not known whether "+what+" has a key of its own: "+t.Key.Why()))
	}
	out = append(out, dataEvents(t, what)...)
	return append(out, lockedBucket(e, t)...)
}

// dataEvents asks for the events of S3 objects: without them, nobody sees who
// read what.
func dataEvents(t *estate.Trail, what string) []control.Result {
	has, why := estate.No, ""
	for _, s := range t.Basic.Items {
		for _, d := range s.Data.Items {
			has = has.Or(d.Kind.Is("AWS::S3::Object"))
		}
		if s.Data.Why != "" {
			has, why = has.Or(estate.Maybe), s.Data.Why
		}
	}
	for _, s := range t.Advanced.Items {
		data, of := estate.No, estate.Yes
		for _, f := range s.Fields.Items {
			switch f.Field.String() {
			case "eventCategory":
				data = f.Equals.Has("Data")
			case "resources.type":
				of = f.Equals.Has("AWS::S3::Object")
			}
		}
		has = has.Or(data.And(of))
		if s.Fields.Why != "" {
			has, why = has.Or(estate.Maybe), s.Fields.Why
		}
	}
	for _, w := range []string{t.Basic.Why, t.Advanced.Why} {
		if w != "" {
			has, why = has.Or(estate.Maybe), w
		}
	}
	at := t.Pos
	for _, p := range []diag.Pos{t.Basic.At, t.Advanced.At} {
		if p.Line != 0 {
			at = p
		}
	}
	switch has {
	case estate.No:
		return []control.Result{control.Partly(t, control.Mistake{
			At: at, Severity: control.Medium,
			Summary: what + " does not record who reads S3 objects: no selector takes data events of AWS::S3::Object",
			Fix:     `add event_selector { read_write_type = "All", include_management_events = true, data_resource { type = "AWS::S3::Object", values = ["arn:aws:s3"] } }`,
		})}
	case estate.Maybe:
		return []control.Result{control.Unsure(t, at, "it is not known whether "+what+" records data events: "+why)}
	}
	return nil
}

// lockedBucket asks that nobody can delete what the trail wrote. The layer data
// sees the same mistake on the bucket.
func lockedBucket(e *estate.Estate, t *estate.Trail) []control.Result {
	found := estate.To(e, t.Bucket)
	if len(found) == 0 {
		return []control.Result{control.Unsure(t, or(t.Bucket.Pos(), t.Pos), "bucket "+t.Bucket.String()+" is not in what was read: it is not known whether it is locked")}
	}
	var out []control.Result
	for _, b := range found {
		switch locked := b.LockEnabled.Is(true).Or(b.Lock.Any()); {
		case locked == estate.Yes, len(estate.Of[*estate.BucketLock](e, b.ID)) > 0:
		case locked == estate.Maybe:
			out = append(out, control.Unsure(b, b.LockEnabled.Pos(), "it is not known whether the trail's bucket is locked: "+b.LockEnabled.Why()))
		default:
			out = append(out, half(control.Lacks(e, b, control.Mistake{
				Cause: control.CauseNoLock, Severity: control.Medium,
				Summary: control.Named("bucket", b.BucketName, b.Meta()) + ", where " + control.Named("trail", t.TrailName, t.Meta()) + " writes, has no Object Lock: an intruder deletes the record",
				Fix:     `set object_lock_enabled = true on the bucket and add an aws_s3_bucket_object_lock_configuration with default_retention { mode = "COMPLIANCE" }`,
			}))...)
		}
	}
	return out
}
