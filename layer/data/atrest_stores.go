package data

import (
	"fathom/control"
	"fathom/estate"
)

// sealedDatabases are the RDS clusters and instances. A replica in the same
// region, and what is restored, has the encryption of its source (Amazon RDS
// User Guide, "Encrypting Amazon RDS resources").
func sealedDatabases(e *estate.Estate) []sealed {
	var out []sealed
	for _, r := range estate.All[*estate.DBCluster](e) {
		if !r.ReplicaOf.Absent() && r.Encrypted.Absent() {
			continue
		}
		// An Aurora Serverless v1 cluster is always encrypted.
		serverless := r.EngineMode.Is("serverless") == estate.Yes
		out = append(out, database(store{r, "database cluster", r.Identifier}, &r.Database, serverless))
	}
	for _, r := range estate.All[*estate.DBInstance](e) {
		if !r.ReplicaOf.Absent() && r.Encrypted.Absent() {
			continue
		}
		out = append(out, database(store{r, "database", r.Identifier}, &r.Database, false))
	}
	return out
}

func database(of store, d *estate.Database, encrypted bool) sealed {
	s := sealed{
		on: of.Resource, what: of.String(),
		key: d.Key, keyArg: "kms_key_id", keyless: "AWS's default key aws/rds", severity: control.Medium,
		fix: "set storage_encrypted = true and kms_key_id to a key of your own; an existing database has to be restored from an encrypted copy of its snapshot",
	}.flag("storage_encrypted", d.Encrypted, encrypted)
	if d.Encrypted.Absent() && (d.Snapshot.Set() != estate.No || !d.PointInTime.Missing()) {
		s.encrypted, s.why = estate.Maybe, "it is restored from another database and keeps that one's encryption"
	}
	return s
}

// sealedStores are the other stores, apart from disks and buckets.
func sealedStores(e *estate.Estate) []sealed {
	var out []sealed
	for _, r := range estate.All[*estate.CacheGroup](e) {
		// The default depends on the engine: CreateReplicationGroup says true for
		// Valkey, false for Redis OSS.
		valkey := r.Engine.Is("valkey") == estate.Yes
		out = append(out, sealed{
			on: r, what: control.Named("cache", r.GroupID, r.Meta()),
			key: r.Key, keyArg: "kms_key_id", keyless: "a key that AWS owns", severity: control.Low,
		}.flag("at_rest_encryption_enabled", r.AtRest, valkey))
	}
	for _, r := range estate.All[*estate.CacheCluster](e) {
		if !r.Group.Absent() || r.Engine.In("redis", "valkey") != estate.Yes { // Memcached writes nothing to disk
			continue
		}
		out = append(out, sealed{
			on: r, what: control.Named("cache", r.ClusterID, r.Meta()), at: r.Engine.Pos(),
			saw: "a Redis cluster outside a replication group cannot be",
			fix: "make it an aws_elasticache_replication_group with at_rest_encryption_enabled = true",
		})
	}
	for _, r := range estate.All[*estate.Stream](e) {
		s := sealed{on: r, what: control.Named("Kafka cluster", r.ClusterName, r.Meta()), keyArg: "encryption_info.encryption_at_rest_kms_key_arn", keyless: "AWS's default key aws/kafka", severity: control.Low}.always()
		if b := r.Encryption.One(); b != nil {
			s.key, s.at = b.Key, b.At
		}
		out = append(out, s)
	}
	for _, r := range estate.All[*estate.Table](e) {
		// A table is always encrypted; without enabled = true the key is AWS's own.
		s := sealed{on: r, what: control.Named("table", r.TableName, r.Meta()), keyArg: "server_side_encryption.kms_key_arn", keyless: "a key that AWS owns", severity: control.Low}.always()
		if b := r.SSE.One(); b != nil {
			s.at = b.At
			if b.Enabled.Is(false) != estate.Yes {
				s.key = b.Key
			}
		}
		out = append(out, s)
	}
	for _, r := range estate.All[*estate.FileSystem](e) {
		out = append(out, sealed{
			on: r, what: "file system " + r.ID.Addr,
			key: r.Key, keyArg: "kms_key_id", keyless: "AWS's default key aws/elasticfilesystem", severity: control.Medium,
		}.flag("encrypted", r.Encrypted, false))
	}
	for _, r := range estate.All[*estate.Search](e) {
		s := sealed{on: r, what: control.Named("search domain", r.Domain, r.Meta()), keyArg: "encrypt_at_rest.kms_key_id", keyless: "AWS's default key aws/es", severity: control.Medium}
		var on estate.Bool
		if b := r.AtRest.One(); b != nil {
			on, s.key, s.at = b.Enabled, b.Key, b.At
		} else if r.AtRest.Why != "" {
			on = estate.Unknown[bool](r.AtRest.Why, r.AtRest.At)
		}
		out = append(out, s.flag("encrypt_at_rest.enabled", on, false))
	}
	for _, r := range estate.All[*estate.Redshift](e) {
		// Amazon Redshift encrypts every new cluster since January 2025.
		out = append(out, sealed{
			on: r, what: control.Named("warehouse", r.ClusterID, r.Meta()),
			key: r.Key, keyArg: "kms_key_id", keyless: "AWS's default key aws/redshift", severity: control.Medium,
		}.flag("encrypted", r.Encrypted, true))
	}
	return out
}

// sealedPlumbing are secrets, and what passes data on or tells of it. All of
// them are encrypted in some way by default, so that only the key is open.
func sealedPlumbing(e *estate.Estate) []sealed {
	var out []sealed
	add := func(on estate.Resource, what string, key estate.Ref[*estate.KMSKey], arg, keyless string, severity control.Severity) {
		out = append(out, sealed{on: on, what: what, key: key, keyArg: arg, keyless: keyless, severity: severity}.always())
	}
	for _, r := range estate.All[*estate.Secret](e) {
		add(r, control.Named("secret", r.SecretName, r.Meta()), r.Key, "kms_key_id", "AWS's default key aws/secretsmanager", control.Medium)
	}
	for _, r := range estate.All[*estate.SSMParameter](e) {
		if r.Kind.Is("SecureString") == estate.Yes {
			add(r, control.Named("parameter", r.Parameter, r.Meta()), r.Key, "key_id", "AWS's default key aws/ssm", control.Low)
		}
	}
	for _, r := range estate.All[*estate.LogGroup](e) {
		add(r, control.Named("log group", r.GroupName, r.Meta()), r.Key, "kms_key_id", "a key that AWS owns", control.Low)
	}
	for _, r := range estate.All[*estate.Topic](e) {
		add(r, control.Named("topic", r.TopicName, r.Meta()), r.Key, "kms_master_key_id", "nothing but SNS's own disk encryption", control.Low)
	}
	for _, r := range estate.All[*estate.Queue](e) {
		s := sealed{on: r, what: control.Named("queue", r.QueueName, r.Meta()), key: r.Key, keyArg: "kms_master_key_id", keyless: "a key that AWS owns", severity: control.Low}.always()
		if r.Key.Absent() { // SSE-SQS is on for a queue unless it is switched off
			s = s.flag("sqs_managed_sse_enabled", r.ManagedSSE, true)
		}
		out = append(out, s)
	}
	for _, r := range estate.All[*estate.Repository](e) {
		s := sealed{on: r, what: control.Named("repository", r.RepositoryName, r.Meta()), keyArg: "encryption_configuration.kms_key", keyless: "a key that AWS owns", severity: control.Low}.always()
		if b := r.Encryption.One(); b != nil {
			s.key, s.at = b.Key, b.At
		}
		out = append(out, s)
	}
	for _, r := range estate.All[*estate.BackupVault](e) {
		if r.Type == "aws_backup_vault" { // an air-gapped vault has a key of AWS Backup's
			add(r, control.Named("backup vault", r.VaultName, r.Meta()), r.Key, "kms_key_arn", "AWS's default key aws/backup", control.Low)
		}
	}
	for _, r := range estate.All[*estate.EKSCluster](e) {
		s := sealed{on: r, what: "the secret store of " + control.Named("cluster", r.ClusterName, r.Meta()), keyArg: "encryption_config.provider.key_arn", keyless: "a key that AWS owns", severity: control.Low}.always()
		if b := r.Encryption.One(); b != nil {
			s.at = b.At
			if p := b.Provider.One(); p != nil {
				s.key = p.Key
			}
		} else if r.Encryption.Why != "" {
			s.encrypted, s.why = estate.Maybe, r.Encryption.Why
		}
		out = append(out, s)
	}
	return out
}
