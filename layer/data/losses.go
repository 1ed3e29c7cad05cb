package data

import (
	"slices"
	"strings"

	"fathom/diag"
	"fathom/engine/depth"
	"fathom/estate"
	"fathom/layer/ground"
)

// destruction adds how every copy of a store is destroyed: each by somebody who
// may delete it, or by deleting the key that it is under.
func (m *moves) destruction() {
	keys := ground.StopsOf(&keyPolicy, m.e)
	for _, k := range estate.All[*estate.KMSKey](m.e) {
		m.destroyKey(k, keys[k.ID])
	}
	vaults := m.vaults()
	var all []depth.Capability
	for _, v := range vaults {
		m.destroyVault(v)
		all = append(all, ground.Destroy(v.ID.Addr))
	}
	sel := newSelections(m.e)
	for _, s := range m.g.Stores {
		k := m.target(s)
		own := m.destroyLive(k)
		all = append(all, own[1:]...)
		m.lose(k, own, sel)
	}
	backups := depth.Step{Gives: ground.LoseBackups, Needs: append(all, ground.QuietAWS), Says: "has destroyed every backup, before anybody stops it"}
	if len(all) == 0 {
		backups.Stops = []depth.Stop{{Guard: depth.Guard{Control: "data.backups", On: "the account"}, Says: "there is none"}}
		backups.Says = "finds no backups to destroy"
	}
	m.add(backups)
}

// key is the name of the copies that are under a key.
func keyName(k *estate.KMSKey) string { return "what is under " + k.ID.Addr }

// destroyKey adds the deletion of a key, by which all that is under it is lost.
// AWS waits for days, in which nobody can use the key and anybody may stop it: a
// key that is deleted by mistake, or by force, is missed before it is gone.
func (m *moves) destroyKey(k *estate.KMSKey, stop depth.Stop) {
	stop.On = k.ID.Addr + " (deletion)"
	stop.Control = "data.key-policy"
	if stop.Says == "" {
		stop.At = k.Pos
	}
	m.asks(ground.Destroy(keyName(k)), "deletes "+k.ID.Addr, k, []depth.Stop{stop}, request{"kms:ScheduleKeyDeletion", m.arnOfKey(k), nil})
}

// under adds that a copy is lost with its key.
func (m *moves) under(copy string, key *estate.KMSKey, at diag.Pos) {
	if key == nil {
		return
	}
	m.add(depth.Step{
		Gives: ground.Destroy(copy), Needs: []depth.Capability{ground.Destroy(keyName(key))},
		Says: "makes " + copy + " unreadable for ever", At: at,
	})
}

// destroyLive adds the destruction of a store itself, and of what it keeps
// beside itself, and returns these copies, the store first.
func (m *moves) destroyLive(k *target) []depth.Capability {
	live := ground.Destroy(k.Name)
	at := k.on.Meta().Pos
	m.under(k.Name, k.key, at)
	if !k.api {
		for _, x := range m.insiders() {
			m.add(depth.Step{
				Gives: live, Needs: []depth.Capability{ground.Hold(k.Name, x.name)},
				Says: "overwrites what " + k.Name + " holds, from " + x.name, At: at,
			})
		}
	}
	out := []depth.Capability{live}
	switch r := k.on.(type) {
	case *estate.DBCluster:
		m.deleteDatabase(k, &r.Database, "rds:DeleteDBCluster", "rds:ModifyDBCluster")
		out = append(out, m.automated(k, &r.Database, 1, "rds:DeleteDBClusterAutomatedBackup", "cluster-auto-backup")...)
	case *estate.DBInstance:
		m.deleteDatabase(k, &r.Database, "rds:DeleteDBInstance", "rds:ModifyDBInstance")
		out = append(out, m.automated(k, &r.Database, 0, "rds:DeleteDBInstanceAutomatedBackup", "auto-backup")...)
	case *estate.Bucket:
		m.emptyBucket(k, r)
	default:
		if action := deletionOf(k.on); action != "" {
			m.asks(live, "deletes "+k.Name, k.on, nil, request{action, k.arn, nil})
		}
	}
	return out
}

// deletionOf is the action that deletes a store for good.
func deletionOf(r estate.Resource) string {
	switch r.(type) {
	case *estate.Table:
		return "dynamodb:DeleteTable"
	case *estate.Queue:
		return "sqs:DeleteQueue"
	case *estate.CacheGroup:
		return "elasticache:DeleteReplicationGroup"
	case *estate.CacheCluster:
		return "elasticache:DeleteCacheCluster"
	case *estate.Stream:
		return "kafka:DeleteCluster"
	case *estate.Search:
		return "es:DeleteDomain"
	case *estate.Redshift:
		return "redshift:DeleteCluster"
	case *estate.FileSystem:
		return "elasticfilesystem:DeleteFileSystem"
	}
	return ""
}

// deleteDatabase adds its deletion. Protection from deletion is switched off by
// whoever may change the database.
func (m *moves) deleteDatabase(k *target, d *estate.Database, remove, change string) {
	rs := []request{{remove, k.arn, nil}}
	if d.DeletionProtection.Default(false).Is(true) != estate.No {
		rs = append(rs, request{change, k.arn, nil})
	}
	m.asks(ground.Destroy(k.Name), "deletes "+k.Name, k.on, nil, rs...)
}

// automated adds the deletion of the backups that RDS makes by itself, where it
// makes any.
func (m *moves) automated(k *target, d *estate.Database, absent int, action, kind string) []depth.Capability {
	if d.BackupDays.Default(absent).Is(0) == estate.Yes {
		return nil
	}
	name := k.Name + " (automated backups)"
	arn := "arn:aws:rds:" + k.region + ":" + k.account + ":" + kind + ":*"
	m.asks(ground.Destroy(name), "deletes the automated backups of "+k.Name, k.on, nil, request{action, arn, nil})
	m.under(name, k.key, k.on.Meta().Pos)
	return []depth.Capability{ground.Destroy(name)}
}

// emptyBucket adds the deletion of every version of every object. Object Lock in
// compliance mode holds them against everybody, in governance mode against who
// may not bypass it; MFA delete against everybody but root.
func (m *moves) emptyBucket(k *target, b *estate.Bucket) {
	l, v := lockOf(m.e, b), versioningOf(m.e, b)
	rs := []request{{"s3:DeleteObject", k.arn + "/*", nil}}
	if v.on != estate.No {
		rs = append(rs, request{"s3:DeleteObjectVersion", k.arn + "/*", nil})
	}
	stop := depth.Stop{Guard: depth.Guard{Control: objectLock.ID, On: b.ID.Addr}, At: or(l.at, b.Pos), Says: "nothing locks its objects"}
	switch {
	case compliance(l):
		stop.State, stop.At, stop.Says = depth.Standing, l.retention.Mode.Pos(), "Object Lock holds its objects in compliance mode"
	case v.mfa == estate.Yes:
		stop.State, stop.At, stop.Says = depth.Standing, v.at, "MFA delete is on"
	case l.on == estate.Maybe || l.retention == nil && l.why != "" || l.retention != nil && l.retention.Mode.Unknown():
		stop.State, stop.Why = depth.Doubtful, "it is not known how its objects are locked: "+l.why
		if l.retention != nil {
			stop.Why = "it is not known how its objects are locked: " + l.retention.Mode.Why()
		}
	case l.retention != nil:
		rs = append(rs, request{"s3:BypassGovernanceRetention", k.arn + "/*", nil})
		stop.Says = "Object Lock holds its objects in governance mode alone"
	}
	m.asks(ground.Destroy(k.Name), "deletes every version of every object in "+k.Name, b, []depth.Stop{stop}, rs...)
}

// vaults are those that backup plans fill.
func (m *moves) vaults() []*estate.BackupVault {
	var out []*estate.BackupVault
	for _, p := range estate.All[*estate.BackupPlan](m.e) {
		for _, ref := range vaultsOf(p) {
			for _, v := range estate.To(m.e, ref) {
				if !slices.Contains(out, v) {
					out = append(out, v)
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b *estate.BackupVault) int { return a.ID.Compare(b.ID) })
	return out
}

func vaultsOf(p *estate.BackupPlan) []estate.Ref[*estate.BackupVault] {
	var out []estate.Ref[*estate.BackupVault]
	for _, r := range p.Rules.Items {
		out = append(out, r.Vault)
		for _, c := range r.Copies.Items {
			out = append(out, c.Vault)
		}
	}
	return out
}

// destroyVault adds that a vault is emptied.
func (m *moves) destroyVault(v *estate.BackupVault) {
	r := vaultLock(m.e, v)
	stop := ground.StopOf(backups.ID, &r)
	arn, _, _ := m.g.IAM.Resource(v.ID.Addr)
	m.asks(ground.Destroy(v.ID.Addr), "deletes the backups in "+v.ID.Addr, v, []depth.Stop{stop}, request{"backup:DeleteRecoveryPoint", arn, nil})
	for _, key := range estate.To(m.e, v.Key) {
		m.under(v.ID.Addr, key, v.Pos)
		break
	}
}

// lose adds that every copy of a store is destroyed.
func (m *moves) lose(k *target, own []depth.Capability, sel *selections) {
	says := "has destroyed every copy of " + k.Name + ", before anybody stops it"
	s := depth.Step{Gives: ground.Lose(k.Name), Needs: append(slices.Clone(own), ground.QuietAWS), Says: says, At: k.on.Meta().Pos}
	covered, why, away := estate.No, "", []depth.Capability(nil)
	if k.of != nil {
		covered, why = sel.cover(*k.of)
		away = m.copies(k)
	}
	if covered != estate.Yes || len(away) == 0 {
		alone := s
		alone.Stops = []depth.Stop{{Guard: depth.Guard{Control: backups.ID, On: k.on.Meta().ID.Addr}, At: k.on.Meta().Pos, Says: "no backup plan covers " + k.Name}}
		if covered == estate.Maybe {
			alone.Stops[0].State, alone.Stops[0].Why = depth.Doubtful, why
		}
		m.add(alone)
	}
	if covered == estate.Yes && len(away) > 0 {
		s.Needs = append(away, s.Needs...)
		m.add(s)
	}
}

// copies are the copies of a store in vaults. One in a vault that is not in the
// files nobody here can destroy.
func (m *moves) copies(k *target) []depth.Capability {
	var out []depth.Capability
	for _, p := range plansOf(m.e, *k.of) {
		for _, ref := range vaultsOf(p) {
			found := estate.To(m.e, ref)
			if len(found) == 0 {
				m.elsewhere(ref, p)
				out = append(out, ground.Destroy(ref.String()))
			}
			for _, v := range found {
				out = append(out, ground.Destroy(v.ID.Addr))
			}
		}
	}
	slices.SortFunc(out, func(a, b depth.Capability) int { return strings.Compare(a.Of, b.Of) })
	return slices.Compact(out)
}

// elsewhere adds the emptying of a vault that is not in what was read.
func (m *moves) elsewhere(ref estate.Ref[*estate.BackupVault], p *estate.BackupPlan) {
	why := "vault " + ref.String() + " is not in what was read: it is not known whether it is locked"
	stop := depth.Stop{Guard: depth.Guard{Control: backups.ID, On: ref.String()}, State: depth.Doubtful, At: or(ref.Pos(), p.Pos), Says: why, Why: why}
	m.asks(ground.Destroy(ref.String()), "deletes the backups in "+ref.String(), p, []depth.Stop{stop}, request{"backup:DeleteRecoveryPoint", ref.String(), nil})
}
