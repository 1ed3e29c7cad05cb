package data

import (
	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

var retention = control.Control{
	ID:       "data.retention",
	Title:    "Retention and expiry per class",
	Why:      "What is never deleted is there to be stolen: a breach takes the customers of ten years and not those of one",
	Threats:  []control.Threat{control.Exfiltration},
	Phase:    control.MidTerm,
	Severity: control.Low,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 3.2.1", "GDPR 5(1)(e)"},
	Check:    checkRetention,
	Aside:    "it limits how much there is to be stolen, and stops nobody who steals it",
}

// checkRetention asks for an end wherever data only ever grows: log groups,
// buckets with logs or personal data, tables with personal data, backups. How
// long each class may be kept is for the law and the business to say.
func checkRetention(e *estate.Estate) []control.Result {
	var out []control.Result
	for _, g := range estate.All[*estate.LogGroup](e) {
		what := control.Named("log group", g.GroupName, g.Meta())
		at := or(g.Days.Pos(), g.Pos)
		// CloudWatch Logs keeps for ever what has no retention; 0 says the same.
		ends := g.Days.Default(0).Test(func(days int) bool { return days > 0 })
		out = append(out, half(control.Judge(ends, g, control.Mistake{
			At:       at,
			Summary:  what + " is kept for ever: retention_in_days is " + g.Days.String(),
			Fix:      "set retention_in_days: 400 for audit logs, and no more than the application needs for the rest",
			Evidence: []control.Evidence{control.Saw(at, "retention_in_days is %s", g.Days)},
		}, "the retention of "+what+" is not known: "+g.Days.Why())))
	}
	out = append(out, bucketRetention(e)...)
	for _, t := range estate.All[*estate.Table](e) {
		if class, _ := classOf(t.Tags).Known(); isPersonal(class) {
			out = append(out, tableRetention(t, class))
		}
	}
	for _, p := range estate.All[*estate.BackupPlan](e) {
		out = append(out, backupRetention(p)...)
	}
	return out
}

func bucketRetention(e *estate.Estate) []control.Result {
	facts := bucketFacts(e)
	var out []control.Result
	for _, b := range estate.All[*estate.Bucket](e) {
		class, _ := classOf(b.Tags).Known()
		holds := ""
		switch {
		case isPersonal(class):
			holds = "data of class " + class
		case facts[b.ID].logs:
			holds = "logs"
		default:
			continue
		}
		what := control.Named("bucket", b.BucketName, b.Meta())
		expires, at, why := expiry(e, b)
		switch expires {
		case estate.Yes:
			out = append(out, control.Is(b, control.Saw(at, "a lifecycle rule expires objects")))
		case estate.Maybe:
			out = append(out, control.Unsure(b, at, "it is not known when objects of "+what+" expire: "+why))
		default:
			out = append(out, half(control.Lacks(e, b, control.Mistake{
				Summary: what + " keeps " + holds + " for ever: no lifecycle rule expires its objects",
				Fix:     "add an aws_s3_bucket_lifecycle_configuration whose rule has expiration { days = … } and noncurrent_version_expiration",
			})))
		}
	}
	return out
}

// expiry says whether an enabled lifecycle rule ends objects, or their old
// versions, and where.
func expiry(e *estate.Estate, b *estate.Bucket) (t estate.Truth, at diag.Pos, why string) {
	look := func(rules estate.Blocks[estate.LifecycleRule]) {
		if rules.Why != "" && t == estate.No {
			t, at, why = estate.Maybe, rules.At, rules.Why
		}
		for _, r := range rules.Items {
			enabled := r.Status.Default("Enabled").Is("Enabled").And(r.Enabled.Default(true).Is(true))
			if ends := enabled.And(r.Expiration.Any().Or(r.Noncurrent.Any())); ends > t {
				t, at, why = ends, r.At, "a lifecycle rule is not known"
			}
		}
	}
	look(b.Lifecycle)
	for _, l := range estate.Of[*estate.BucketLifecycle](e, b.ID) {
		look(l.Rules)
	}
	return t, at, why
}

func tableRetention(t *estate.Table, class string) control.Result {
	what := control.Named("table", t.TableName, t.Meta())
	on, at, why := t.TTL.Any(), t.Pos, t.TTL.Why
	if ttl := t.TTL.One(); ttl != nil {
		on, at, why = ttl.Enabled.Default(true).Is(true), ttl.At, ttl.Enabled.Why()
	}
	return half(control.Judge(on, t, control.Mistake{
		At:      at,
		Summary: what + " keeps data of class " + class + " for ever: no ttl ends its items",
		Fix:     "add ttl { attribute_name = …, enabled = true }, and write the attribute with every item",
	}, "it is not known whether items of "+what+" expire: "+why))
}

func backupRetention(p *estate.BackupPlan) []control.Result {
	var out []control.Result
	for _, r := range p.Rules.Items {
		what := "a rule of " + control.Named("backup plan", p.PlanName, p.Meta())
		l := r.Lifecycle.One()
		switch {
		case l == nil && r.Lifecycle.Why != "":
			out = append(out, control.Unsure(p, r.At, "the lifecycle of "+what+" is not known: "+r.Lifecycle.Why))
		case l == nil || l.Days.Absent():
			out = append(out, control.Partly(p, control.Mistake{
				At:      r.At,
				Summary: what + " keeps its backups for ever, and with them everything that was erased since",
				Fix:     "add lifecycle { delete_after = … }",
			}))
		default:
			out = append(out, control.Is(p, control.Saw(l.At, "delete_after = %s", l.Days)))
		}
	}
	return out
}
