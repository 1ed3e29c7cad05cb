package data

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// guarded is something that is backed up: a store, or the ledger of erasures.
type guarded struct {
	name string
	// engine is empty for the ledger, which is a table.
	engine  platform.Engine
	address string // of its resource
	arn     string // as it will be
	key     string
	isolate bool
	backup  platform.Backup
	path    string
}

// guardedOf are all that are backed up, in the order of the declaration.
func guardedOf(p *platform.Platform) []guarded {
	var out []guarded
	for i := range p.Stores {
		s := &p.Stores[i]
		if s.Backup.Keep == 0 {
			continue
		}
		g := guarded{
			name: s.Name, engine: s.Engine, address: render.StoreAddress(s), key: render.StoreKey(s),
			isolate: s.Isolate, backup: s.Backup, path: from(s) + ".backup",
		}
		switch s.Engine {
		case platform.Postgres, platform.MySQL:
			g.arn = "arn:aws:rds:" + p.Region + ":" + p.Account + ":cluster:" + render.Name(p, s.Name)
		case platform.S3:
			g.arn = "arn:aws:s3:::" + render.BucketName(p, s.Name)
		default: // caches make snapshots of their own, streams are kept by their topics
			continue
		}
		out = append(out, g)
	}
	if len(erasable(p)) > 0 {
		out = append(out, ledgerGuarded(p))
	}
	return out
}

// backupResources are a vault here and one in the other region for each of them, both
// locked, with the plan that fills them; the roles that do it; and the tests that
// restore from them.
func backupResources(p *platform.Platform) []render.Resource {
	all := guardedOf(p)
	if len(all) == 0 {
		return nil
	}
	out := []render.Resource{
		terraform.Resource("aws_backup_region_settings", "main",
			terraform.Set("resource_type_opt_in_preference", terraform.Obj("Aurora", true, "DynamoDB", true, "S3", true)),
			terraform.Nest("lifecycle", terraform.Set("ignore_changes", terraform.Expr("[resource_type_opt_in_preference]"))),
		).For("data.backups").From("stores").
			Note("S3 is backed up only where an account has asked for it. Other kinds of resources are the account's own business"),
	}
	out = append(out, backupRole(p, all)...)
	out = append(out, restoreRole(p, all)...)
	out = append(out, backupAlarm(p)...)
	for _, g := range all {
		out = append(out, g.vaults(p)...)
		out = append(out, g.plan(p)...)
		out = append(out, g.test(p)...)
	}
	return in(backupsFile, out)
}

// vaults are where the backups lie, locked for good after three days: until the
// end of its retention nobody deletes a recovery point, the account's root user
// and AWS included (AWS Backup Developer Guide, "AWS Backup Vault Lock").
func (g guarded) vaults(p *platform.Platform) []render.Resource {
	label := render.Label(g.name)
	var out []render.Resource
	for _, v := range []struct {
		label, name, key string
		provider         terraform.Expr
	}{
		{label, render.Short(50, p, g.name), "backup", ""},
		{label + "_copy", render.Short(50, p, g.name, "copy"), "backup_copy", render.ProviderBackup},
	} {
		vault := terraform.Expr("aws_backup_vault." + v.label)
		add := func(kind string, body ...terraform.Entry) *terraform.Block {
			b := terraform.Resource(kind, v.label, terraform.Join(
				terraform.When(v.provider != "", terraform.Set("provider", v.provider)), body)...).
				For("data.backups").From(g.path)
			out = append(out, b)
			return b
		}
		add("aws_backup_vault", terraform.Set("name", v.name), terraform.Set("kms_key_arn", render.KeyARN(v.key)))
		add("aws_backup_vault_lock_configuration",
			terraform.Set("backup_vault_name", vault+".name"),
			terraform.Set("min_retention_days", max(1, days(g.backup.Immutable))),
			terraform.Set("max_retention_days", days(g.backup.Keep)),
			terraform.Set("changeable_for_days", 3)).
			Note("Three days after it is made nobody can take this lock off again")
		add("aws_backup_vault_policy",
			terraform.Set("backup_vault_name", vault+".name"),
			terraform.Set("policy", render.Policy(
				render.Statement{
					Sid: "NobodyDeletes", Effect: "Deny", Principal: "*",
					Action: []string{
						"backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle", "backup:DisassociateRecoveryPoint",
						"backup:DeleteBackupVault", "backup:DeleteBackupVaultLockConfiguration",
					},
					Resource: []any{"*"},
				},
				render.Statement{
					Sid: "PolicyByAdministrators", Effect: "Deny", Principal: "*",
					Action:   []string{"backup:PutBackupVaultAccessPolicy", "backup:DeleteBackupVaultAccessPolicy", "backup:PutBackupVaultLockConfiguration"},
					Resource: []any{"*"},
					Condition: []render.Condition{{
						Operator: "ArnNotLike", Key: "aws:PrincipalArn", Value: render.Administrators,
					}},
				},
			)))
	}
	return out
}

// plan makes a backup every so often, and copies one a day to the other region: a
// copy of an Aurora snapshot is a whole one each time.
func (g guarded) plan(p *platform.Platform) []render.Resource {
	label := render.Label(g.name)
	set, nest := terraform.Set, terraform.Nest
	keep := nest("lifecycle", set("delete_after", days(g.backup.Keep)))
	away := nest("copy_action", set("destination_vault_arn", terraform.Expr("aws_backup_vault."+label+"_copy.arn")), keep)
	rule := func(name, schedule string, more ...terraform.Entry) terraform.Entry {
		return nest("rule", append([]terraform.Entry{
			set("rule_name", name),
			set("target_vault_name", terraform.Expr("aws_backup_vault."+label+".name")),
			set("schedule", schedule),
			set("start_window", 60), set("completion_window", 240),
			keep,
		}, more...)...)
	}
	body := []terraform.Entry{set("name", render.Short(50, p, g.name))}
	note := ""
	if g.backup.Every < 24*time.Hour {
		body = append(body, rule("often", schedule(g.backup.Every)), rule("daily-away", schedule(24*time.Hour), away))
		note = "Between two backups any moment can be restored from the cluster's own (backup_retention_period). What is copied away is a day old at most"
		if g.engine == platform.S3 {
			note = "What is copied away is a day old at most"
		}
	} else {
		body = append(body, rule("away", schedule(g.backup.Every), away))
	}
	return []render.Resource{
		terraform.Resource("aws_backup_plan", label, body...).For("data.backups", "data.retention").From(g.path).Note(note),
		terraform.Resource("aws_backup_selection", label,
			set("name", render.Short(50, p, g.name)),
			set("plan_id", terraform.Expr("aws_backup_plan."+label+".id")),
			set("iam_role_arn", terraform.Expr("aws_iam_role.backup.arn")),
			set("resources", terraform.List{terraform.Expr(g.address + ".arn")}),
		).For("data.backups").From(g.path),
	}
}

// schedule is the longest of the usual intervals that is not longer than every.
// AWS Backup starts nothing more often than once an hour.
func schedule(every time.Duration) string {
	hours := int(every / time.Hour)
	switch {
	case hours >= 7*24:
		return "cron(0 3 ? * 1 *)"
	case hours >= 24:
		return "cron(0 3 * * ? *)"
	}
	for _, h := range []int{12, 8, 6, 4, 3, 2} {
		if hours >= h {
			return fmt.Sprintf("cron(0 0/%d * * ? *)", h)
		}
	}
	return "cron(0 * * * ? *)"
}

// test restores the newest recovery point every week, keeps what it has restored
// for as long as a restore may take at most, so that it can be looked at, and
// deletes it.
func (g guarded) test(p *platform.Platform) []render.Resource {
	label := render.Label(g.name)
	set, nest := terraform.Set, terraform.Nest
	kind, overrides := "Aurora", terraform.Object(nil)
	switch g.engine {
	case platform.S3:
		kind = "S3"
		overrides = terraform.Obj("encryptionType", "SSE-KMS", "kmsKey", render.KeyARN(g.key))
	case "":
		kind = "DynamoDB"
		overrides = terraform.Obj("encryptionType", "KMS", "kmsMasterKeyArn", render.KeyARN(g.key))
	default:
		t := render.Database
		if g.isolate {
			t = render.Vault
		}
		overrides = terraform.Obj(
			"dbSubnetGroupName", terraform.Expr("aws_db_subnet_group."+string(t)+".name"),
			"vpcSecurityGroupIds", terraform.JSON(terraform.List{render.StoreGroup(g.name)}),
			"kmsKeyId", render.KeyARN(g.key),
		)
	}
	name := strings.ReplaceAll(render.Short(50, p, g.name), "-", "_")
	return []render.Resource{
		terraform.Resource("aws_backup_restore_testing_plan", label,
			set("name", name),
			set("schedule_expression", "cron(0 5 ? * 2 *)"),
			set("start_window_hours", 1),
			nest("recovery_point_selection",
				set("algorithm", "LATEST_WITHIN_WINDOW"),
				set("include_vaults", terraform.List{terraform.Expr("aws_backup_vault." + label + ".arn")}),
				set("recovery_point_types", []string{"SNAPSHOT"}),
				set("selection_window_days", max(1, min(7, days(g.backup.Keep))))),
		).For("data.backups").From(g.path, "objectives.kpi.rto"),
		terraform.Resource("aws_backup_restore_testing_selection", label,
			set("name", name),
			set("restore_testing_plan_name", terraform.Expr("aws_backup_restore_testing_plan."+label+".name")),
			set("iam_role_arn", terraform.Expr("aws_iam_role.restore.arn")),
			set("protected_resource_type", kind),
			set("protected_resource_arns", terraform.List{terraform.Expr(g.address + ".arn")}),
			set("restore_metadata_overrides", overrides),
			set("validation_window_hours", validation(p)),
		).For("data.backups").From(g.path, "objectives.kpi.rto"),
	}
}

// validation is the recovery time objective in hours, rounded up; a day where
// there is none.
func validation(p *platform.Platform) int {
	if p.Objectives.KPI.RTO == 0 {
		return 24
	}
	return int((p.Objectives.KPI.RTO + time.Hour - 1) / time.Hour)
}

// backupAlarm tells who is on call of a backup, copy or restore that fails.
func backupAlarm(p *platform.Platform) []render.Resource {
	return alarm(p, "backup_failed", "backup-failed", "data.backups", terraform.Obj(
		"source", []string{"aws.backup"},
		"detail-type", []string{"Backup Job State Change", "Copy Job State Change", "Restore Job State Change"},
		"detail", terraform.Obj("$or", terraform.List{
			terraform.Obj("state", []string{"ABORTED", "EXPIRED", "FAILED", "PARTIAL"}),
			terraform.Obj("status", []string{"ABORTED", "FAILED"}),
		}),
	), render.OnCallTopic)
}

// alarm sends events to a topic.
func alarm(p *platform.Platform, label, name, control string, pattern terraform.Object, topic terraform.Expr) []render.Resource {
	return []render.Resource{
		terraform.Resource("aws_cloudwatch_event_rule", label,
			terraform.Set("name", render.Name(p, name)),
			terraform.Set("event_pattern", terraform.JSON(pattern)),
		).For(control).From("notify"),
		terraform.Resource("aws_cloudwatch_event_target", label,
			terraform.Set("rule", terraform.Expr("aws_cloudwatch_event_rule."+label+".name")),
			terraform.Set("arn", topic),
		).For(control).From("notify"),
	}
}

// arns of those of some engines.
func arns(all []guarded, engines ...platform.Engine) []any {
	var out []any
	for _, g := range all {
		if slices.Contains(engines, g.engine) {
			out = append(out, g.arn)
		}
	}
	return out
}

// inside are the objects of buckets.
func inside(buckets []any) []any {
	var out []any
	for _, b := range buckets {
		out = append(out, b.(string)+"/*")
	}
	return out
}
