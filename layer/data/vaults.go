package data

import (
	"strings"

	"fathom/control"
	"fathom/estate"
)

// vaults judges each vault that a plan fills. A vault is immutable when its
// lock has a date after which nobody can take it off (changeable_for_days,
// compliance mode), or when it is logically air-gapped (AWS Backup Developer
// Guide, "AWS Backup Vault Lock").
func vaults(e *estate.Estate) []control.Result {
	var out []control.Result
	seen := map[estate.ID]bool{}
	for _, p := range estate.All[*estate.BackupPlan](e) {
		for _, r := range p.Rules.Items {
			refs := []estate.Ref[*estate.BackupVault]{r.Vault}
			for _, c := range r.Copies.Items {
				refs = append(refs, c.Vault)
			}
			for _, ref := range refs {
				found := estate.To(e, ref)
				if len(found) == 0 {
					out = append(out, control.Unsure(p, or(ref.Pos(), r.At), "vault "+ref.String()+" is not in what was read: it is not known whether it is locked"))
				}
				for _, v := range found {
					if !seen[v.ID] {
						seen[v.ID] = true
						out = append(out, vaultLock(e, v))
					}
				}
			}
		}
	}
	return out
}

func vaultLock(e *estate.Estate, v *estate.BackupVault) control.Result {
	what := control.Named("backup vault", v.VaultName, v.Meta())
	if v.Type == "aws_backup_logically_air_gapped_vault" {
		return control.Is(v, control.Saw(v.Pos, "a logically air-gapped vault"))
	}
	if locks := estate.Of[*estate.BackupVaultLock](e, v.ID); len(locks) > 0 {
		l := locks[0]
		switch l.Changeable.Set() {
		case estate.Yes:
			return control.Is(v, control.Saw(l.Pos, "locked for good after %s days", l.Changeable))
		case estate.Maybe:
			return control.Unsure(v, l.Changeable.Pos(), "it is not known whether the lock can be taken off: "+l.Changeable.Why())
		}
		return control.Partly(v, control.Mistake{
			At: l.Pos, Severity: control.Low,
			Summary: what + " has a lock that can be taken off again: it is in governance mode, without changeable_for_days",
			Fix:     "set changeable_for_days = 3 or more, and min_retention_days",
		})
	}
	return control.Lacks(e, v, control.Mistake{
		Summary: what + " is not locked: whoever may delete the stores may delete their backups",
		Fix:     "add an aws_backup_vault_lock_configuration with min_retention_days and changeable_for_days",
	})
}

// copies asks every plan for a rule that copies to another region, or to
// another account.
func copies(e *estate.Estate) []control.Result {
	var out []control.Result
	for _, p := range estate.All[*estate.BackupPlan](e) {
		best, evidence, why := estate.No, control.Evidence{}, p.Rules.Why
		for _, r := range p.Rules.Items {
			if r.Copies.Why != "" {
				best, why = best.Or(estate.Maybe), r.Copies.Why
			}
			for _, c := range r.Copies.Items {
				t, reason := elsewhere(e, p, c.Vault)
				if t > best {
					best, evidence = t, control.Saw(or(c.Vault.Pos(), c.At), "copied to %s", c.Vault)
				}
				if reason != "" {
					why = reason
				}
			}
		}
		r := control.Judge(best, p, control.Mistake{
			Summary: "the backups of " + control.Named("backup plan", p.PlanName, p.Meta()) + " stay in one region and account: no rule copies them elsewhere",
			Fix:     "add copy_action { destination_vault_arn = … } with a vault in another region or account",
		}, "it is not known where the backups of "+control.Named("backup plan", p.PlanName, p.Meta())+" are copied to: "+why)
		if best == estate.Yes {
			r.Evidence = []control.Evidence{evidence}
		}
		out = append(out, half(r))
	}
	return out
}

// elsewhere says whether a vault is in another region than the plan, or is
// named by the ARN of another account.
func elsewhere(e *estate.Estate, p *estate.BackupPlan, vault estate.Ref[*estate.BackupVault]) (estate.Truth, string) {
	if vs := estate.To(e, vault); len(vs) > 0 {
		v := vs[0]
		if v.Type == "aws_backup_logically_air_gapped_vault" {
			return estate.Yes, ""
		}
		if v.ID.Root == p.ID.Root && v.Provider != p.Provider {
			// Another provider configuration is another region or account, unless
			// its region says otherwise.
			if sameRegion(e, p, v) != estate.Yes {
				return estate.Yes, ""
			}
		}
		t := sameRegion(e, p, v).Not()
		return t, "the region of " + v.ID.Addr + " is not known"
	}
	arn, known := vault.Known()
	if !known {
		return estate.Maybe, vault.Why()
	}
	region, ok := regionOf(e, p).Known()
	parts := strings.Split(arn, ":")
	switch {
	case len(parts) < 6:
		return estate.Maybe, "vault " + arn + " is not in what was read"
	case !ok:
		return estate.Maybe, "the plan's own region is not known"
	case parts[3] != region:
		return estate.Yes, ""
	}
	return estate.Maybe, "vault " + arn + " is in the same region, and it is not known in whose account"
}
