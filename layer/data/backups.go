package data

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"fathom/control"
	"fathom/estate"
)

var backups = control.Control{
	ID:       "data.backups",
	Title:    "Backups that are immutable, in another region, under an own account or key, and restored in drills",
	Why:      "Whoever deletes the database deletes its backups with it, and the shop pays the ransom or starts from nothing",
	Threats:  []control.Threat{control.Ransom},
	Phase:    control.LongTerm,
	Severity: control.Medium,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 12.10.1", "GDPR 32(1)(c)", "GDPR 32(1)(d)", "HIPAA 164.308(a)(7)(ii)(A)", "HIPAA 164.308(a)(7)(ii)(D)"},
	Check:    checkBackups,
	Defeat:   defeatBackups,
}

// checkBackups judges each store that a shop cannot make again (databases,
// tables, file systems), and what there is for all of them: a plan, vaults
// that nobody can empty, copies elsewhere, restore drills. Buckets are guarded
// by versions and Object Lock, caches and streams are made again.
func checkBackups(e *estate.Estate) []control.Result {
	kept := backedUp(e)
	if len(kept) == 0 {
		return nil
	}
	sel := newSelections(e)
	plans := len(estate.All[*estate.BackupPlan](e)) > 0
	var out []control.Result
	for _, s := range kept {
		out = append(out, storeBackups(e, s, sel, plans)...)
	}
	out = append(out, planned(e, plans, len(kept))...)
	return append(out, drilled(e)...)
}

// backedUp are the stores that need backups.
func backedUp(e *estate.Estate) []store {
	return slices.DeleteFunc(stores(e), func(s store) bool {
		switch r := s.Resource.(type) {
		case *estate.DBCluster:
			return !r.ReplicaOf.Absent()
		case *estate.DBInstance, *estate.Table, *estate.FileSystem:
			return false
		}
		return true
	})
}

// few is fewer days than a slow attack, or a long weekend, takes.
const few = 7

func storeBackups(e *estate.Estate, s store, sel *selections, plans bool) []control.Result {
	covered, why := sel.cover(s)
	var out []control.Result
	switch r := s.Resource.(type) {
	case *estate.DBCluster: // CreateDBCluster: one day unless said otherwise
		out = append(out, database7(s, &r.Database, 1, covered)...)
	case *estate.DBInstance: // the provider's default is 0, which makes none
		out = append(out, database7(s, &r.Database, 0, covered)...)
	case *estate.Table:
		out = append(out, tableBackups(s, r, covered)...)
	case *estate.FileSystem:
		out = append(out, fileBackups(e, s, r, covered)...)
	}
	switch {
	case covered == estate.Yes:
		out = append(out, control.Is(s, control.Saw(s.Meta().Pos, "a backup selection covers it")))
	case covered == estate.Maybe:
		out = append(out, control.Unsure(s, s.Meta().Pos, "it is not known whether a backup plan covers "+s.String()+": "+why))
	case plans && len(out) == 0:
		out = append(out, half(control.Lacks(e, s, control.Mistake{
			Summary: s.String() + " is in no backup plan: its backups lie beside it, and go with it",
			Fix:     "add it to an aws_backup_selection, by its ARN or by a tag",
		})))
	}
	return out
}

// database7 judges the backups that RDS makes by itself, and what one call
// that deletes the database leaves of them.
func database7(s store, d *estate.Database, absent int, covered estate.Truth) []control.Result {
	var out []control.Result
	at := or(d.BackupDays.Pos(), s.Meta().Pos)
	days, known := d.BackupDays.Default(absent).Known()
	evidence := control.Saw(at, "backup_retention_period is %s", d.BackupDays)
	fix := "set backup_retention_period to 35, and back the database up to a locked vault with AWS Backup"
	switch {
	case !known:
		out = append(out, control.Unsure(s, at, "it is not known how long "+s.String()+" keeps backups: "+d.BackupDays.Why()))
	case covered == estate.Yes || days >= few:
	case days == 0:
		out = append(out, control.Not(s, control.Mistake{
			At: at, Severity: control.High, Fix: fix, Evidence: []control.Evidence{evidence},
			Summary: s.String() + " makes no automated backups: backup_retention_period is " + d.BackupDays.String(),
		}))
	default:
		out = append(out, control.Partly(s, control.Mistake{
			At: at, Fix: fix, Evidence: []control.Evidence{evidence},
			Summary: s.String() + " keeps backups for " + strconv.Itoa(days) + plural(days, " day", " days") + ": what is noticed later is lost",
		}))
	}
	if d.DeletionProtection.Default(false).Is(true) == estate.No && d.SkipFinalSnapshot.Default(false).Is(true) == estate.Yes {
		at := d.SkipFinalSnapshot.Pos()
		out = append(out, control.Partly(s, control.Mistake{
			At:       at,
			Summary:  s.String() + " can be deleted by one call that leaves no snapshot: skip_final_snapshot = true, without deletion_protection",
			Fix:      "set deletion_protection = true and skip_final_snapshot = false",
			Evidence: []control.Evidence{control.Saw(at, "skip_final_snapshot = true")},
		}))
	}
	return out
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func tableBackups(s store, t *estate.Table, covered estate.Truth) []control.Result {
	on, at, why := t.Recovery.Any(), t.Pos, t.Recovery.Why
	if r := t.Recovery.One(); r != nil {
		on, at, why = r.Enabled.Is(true), r.At, r.Enabled.Why()
	}
	if on == estate.Yes || covered == estate.Yes {
		return nil
	}
	return []control.Result{control.Judge(on, s, control.Mistake{
		At:      at,
		Summary: s.String() + " has no backups: point-in-time recovery is off",
		Fix:     "add point_in_time_recovery { enabled = true }",
	}, "it is not known whether "+s.String()+" has backups: "+why)}
}

func fileBackups(e *estate.Estate, s store, f *estate.FileSystem, covered estate.Truth) []control.Result {
	if covered == estate.Yes {
		return nil
	}
	for _, b := range estate.Of[*estate.FileSystemBackup](e, f.ID) {
		if p := b.Policy.One(); p != nil && p.Status.Is("ENABLED") != estate.No {
			return nil
		}
	}
	return []control.Result{control.Lacks(e, s, control.Mistake{
		Summary: s.String() + " has no backups: no backup policy and no selection names it",
		Fix:     `add an aws_efs_backup_policy with status = "ENABLED", or an aws_backup_selection`,
	})}
}

// planned judges what there is for all stores: a plan that is anybody's.
func planned(e *estate.Estate, plans bool, stores int) []control.Result {
	if plans {
		return append(vaults(e), copies(e)...)
	}
	for _, p := range estate.All[*estate.OrgPolicy](e) {
		if p.Kind.Is("BACKUP_POLICY") != estate.No {
			return []control.Result{control.Unsure(p, p.Pos, "the organisation's backup policy decides, and is not read")}
		}
	}
	return control.Nowhere(e, control.Mistake{
		Severity: control.High,
		Summary:  "no backup is out of an attacker's reach: no backup plan copies the " + strconv.Itoa(stores) + plural(stores, " store", " stores") + " here to a vault that is locked",
		Fix:      "add an aws_backup_plan with an aws_backup_selection, an aws_backup_vault_lock_configuration on its vault, and a copy_action to another region or account",
	})
}

var restore = regexp.MustCompile(`(?i)start-restore-job|restore-db-(cluster|instance)|pg_restore|velero restore|fathom drill|restore[-_ ](test|drill)`)

// drilled asks for restores that happen by themselves: a restore testing plan,
// or a scheduled workflow that restores.
func drilled(e *estate.Estate) []control.Result {
	for _, t := range estate.All[*estate.RestoreTest](e) {
		return []control.Result{control.Is(t, control.Saw(or(t.Schedule.Pos(), t.Pos), "restores are tested: %s", t.Schedule))}
	}
	for _, w := range estate.All[*estate.Workflow](e) {
		if !slices.Contains(w.On, "schedule") {
			continue
		}
		for _, j := range w.Jobs {
			for _, step := range j.Steps {
				if restore.MatchString(step.Run + " " + step.Name + " " + step.Uses) {
					return []control.Result{control.Is(w, control.Saw(step.At, "a scheduled workflow restores: %s", strings.TrimSpace(step.Name)))}
				}
			}
		}
	}
	return control.Nowhere(e, control.Mistake{
		Summary: "no restore is ever tried: there is neither a restore testing plan nor a scheduled restore drill",
		Fix:     "add an aws_backup_restore_testing_plan, or a scheduled workflow that restores the stores and checks them against the RTO",
	})
}
