package estate

import "fathom/diag"

// KMSKey is a key (aws_kms_key, aws_kms_external_key, aws_kms_replica_key).
type KMSKey struct {
	Base
	Description Str    `tf:"description"`
	Policy      Policy `tf:"policy"`
	Rotation    Bool   `tf:"enable_key_rotation"`
	Window      Int    `tf:"deletion_window_in_days"`
	Enabled     Bool   `tf:"is_enabled"`
	Spec        Str    `tf:"customer_master_key_spec"`
	Usage       Str    `tf:"key_usage"`
	MultiRegion Bool   `tf:"multi_region"`
	OwnStore    Str    `tf:"custom_key_store_id"`
	KeyID       Str    `tf:"key_id" key:"id"`
}

// KMSKeyPolicy is a key's policy on its own (aws_kms_key_policy).
type KMSKeyPolicy struct {
	Base
	Key    Ref[*KMSKey] `tf:"key_id"`
	Policy Policy       `tf:"policy"`
}

// KMSAlias names a key (aws_kms_alias).
type KMSAlias struct {
	Base
	Alias Str          `tf:"name" key:"name"`
	Key   Ref[*KMSKey] `tf:"target_key_id"`
}

// KMSGrant lets a principal use a key outside its policy (aws_kms_grant).
type KMSGrant struct {
	Base
	Key         Ref[*KMSKey]             `tf:"key_id"`
	Grantee     Ref[Resource]            `tf:"grantee_principal"`
	Operations  List                     `tf:"operations"`
	Constraints Blocks[GrantConstraints] `tf:"constraints"`
}

// GrantConstraints bind a grant to an encryption context.
type GrantConstraints struct {
	At     diag.Pos
	Equals Map `tf:"encryption_context_equals"`
	Subset Map `tf:"encryption_context_subset"`
}

// DBInstance is an RDS instance (aws_db_instance).
type DBInstance struct {
	Base
	Database
	Identifier Str                `tf:"identifier" key:"id"`
	Public     Bool               `tf:"publicly_accessible"`
	MultiAZ    Bool               `tf:"multi_az"`
	ReplicaOf  Str                `tf:"replicate_source_db"`
	Parameters Ref[*DBParameters] `tf:"parameter_group_name"`
	Class      Str                `tf:"instance_class"`
}

// DBCluster is an Aurora or Multi-AZ cluster (aws_rds_cluster).
type DBCluster struct {
	Base
	Database
	Identifier Str                `tf:"cluster_identifier" key:"id"`
	Global     Str                `tf:"global_cluster_identifier"`
	ReplicaOf  Str                `tf:"replication_source_identifier"`
	EngineMode Str                `tf:"engine_mode"`
	Parameters Ref[*DBParameters] `tf:"db_cluster_parameter_group_name"`
	Class      Str                `tf:"db_cluster_instance_class"` // of a Multi-AZ cluster
}

// Database is what DBInstance and DBCluster have in common.
type Database struct {
	Engine             Str                  `tf:"engine"`
	EngineVersion      Str                  `tf:"engine_version"`
	Port               Int                  `tf:"port"`
	Encrypted          Bool                 `tf:"storage_encrypted"`
	Key                Ref[*KMSKey]         `tf:"kms_key_id"`
	SubnetGroup        Ref[*DBSubnetGroup]  `tf:"db_subnet_group_name"`
	SecurityGroups     Refs[*SecurityGroup] `tf:"vpc_security_group_ids"`
	BackupDays         Int                  `tf:"backup_retention_period"`
	SkipFinalSnapshot  Bool                 `tf:"skip_final_snapshot"`
	DeletionProtection Bool                 `tf:"deletion_protection"`
	IAMAuth            Bool                 `tf:"iam_database_authentication_enabled"`
	User               Str                  `tf:"username"`
	MasterUser         Str                  `tf:"master_username"`
	Password           Str                  `tf:"password"`
	MasterPassword     Str                  `tf:"master_password"`
	ManagedPassword    Bool                 `tf:"manage_master_user_password"`
	LogExports         List                 `tf:"enabled_cloudwatch_logs_exports"`
	NetworkType        Str                  `tf:"network_type"` // IPV4 (the default) or DUAL
	Snapshot           Str                  `tf:"snapshot_identifier"`
	PointInTime        Tree                 `tf:"restore_to_point_in_time"`
}

// DBClusterInstance is a server of a cluster (aws_rds_cluster_instance).
type DBClusterInstance struct {
	Base
	Cluster Ref[*DBCluster] `tf:"cluster_identifier"`
	Public  Bool            `tf:"publicly_accessible"`
	Class   Str             `tf:"instance_class"`
}

// DBSubnetGroup says in which subnets a database stands (aws_db_subnet_group).
type DBSubnetGroup struct {
	Base
	GroupName Str           `tf:"name" key:"name"`
	Subnets   Refs[*Subnet] `tf:"subnet_ids"`
}

// DBParameters are the engine's settings (aws_db_parameter_group,
// aws_rds_cluster_parameter_group).
type DBParameters struct {
	Base
	GroupName  Str               `tf:"name" key:"name"`
	Family     Str               `tf:"family"`
	Parameters Blocks[Parameter] `tf:"parameter"`
}

// Parameter is one setting.
type Parameter struct {
	At    diag.Pos
	Name  Str `tf:"name"`
	Value Str `tf:"value"`
}

// DBBackupReplication copies an instance's automated backups to another region
// (aws_db_instance_automated_backups_replication).
type DBBackupReplication struct {
	Base
	Source Ref[*DBInstance] `tf:"source_db_instance_arn"`
	Days   Int              `tf:"retention_period"`
	Key    Ref[*KMSKey]     `tf:"kms_key_id"`
}

// DBSnapshot is a manual snapshot (aws_db_snapshot, aws_db_cluster_snapshot).
type DBSnapshot struct {
	Base
	SharedWith List `tf:"shared_accounts"`
}

// CacheGroup is an ElastiCache replication group
// (aws_elasticache_replication_group).
type CacheGroup struct {
	Base
	GroupID        Str                    `tf:"replication_group_id" key:"id"`
	Engine         Str                    `tf:"engine"`
	Port           Int                    `tf:"port"`
	AtRest         Bool                   `tf:"at_rest_encryption_enabled"`
	InTransit      Bool                   `tf:"transit_encryption_enabled"`
	TransitMode    Str                    `tf:"transit_encryption_mode"`
	Key            Ref[*KMSKey]           `tf:"kms_key_id"`
	AuthToken      Str                    `tf:"auth_token"`
	UserGroups     List                   `tf:"user_group_ids"`
	SubnetGroup    Ref[*CacheSubnetGroup] `tf:"subnet_group_name"`
	SecurityGroups Refs[*SecurityGroup]   `tf:"security_group_ids"`
	SnapshotDays   Int                    `tf:"snapshot_retention_limit"`
	NetworkType    Str                    `tf:"network_type"` // ipv4 (the default), ipv6 or dual_stack
	Version        Str                    `tf:"engine_version"`
	NodeType       Str                    `tf:"node_type"`
}

// CacheCluster is a single ElastiCache cluster (aws_elasticache_cluster).
type CacheCluster struct {
	Base
	ClusterID      Str                    `tf:"cluster_id" key:"id"`
	Engine         Str                    `tf:"engine"`
	Port           Int                    `tf:"port"`
	InTransit      Bool                   `tf:"transit_encryption_enabled"`
	Group          Ref[*CacheGroup]       `tf:"replication_group_id"`
	SubnetGroup    Ref[*CacheSubnetGroup] `tf:"subnet_group_name"`
	SecurityGroups Refs[*SecurityGroup]   `tf:"security_group_ids"`
	SnapshotDays   Int                    `tf:"snapshot_retention_limit"`
	Version        Str                    `tf:"engine_version"`
	NodeType       Str                    `tf:"node_type"`
}

// CacheUser is somebody who may connect to caches (aws_elasticache_user).
type CacheUser struct {
	Base
	UserID   Str `tf:"user_id" key:"id"`
	UserName Str `tf:"user_name"`
	// Access is what the user may do, in Redis' words: on ~* +@read.
	Access Str `tf:"access_string"`
}

// CacheSubnetGroup (aws_elasticache_subnet_group).
type CacheSubnetGroup struct {
	Base
	GroupName Str           `tf:"name" key:"name"`
	Subnets   Refs[*Subnet] `tf:"subnet_ids"`
}

// Stream is an MSK (Kafka) cluster (aws_msk_cluster).
type Stream struct {
	Base
	ClusterName Str                      `tf:"cluster_name" key:"name"`
	Brokers     Blocks[StreamBrokers]    `tf:"broker_node_group_info"`
	Encryption  Blocks[StreamEncryption] `tf:"encryption_info"`
	Clients     Blocks[StreamClients]    `tf:"client_authentication"`
	Logging     Tree                     `tf:"logging_info"`
	Version     Str                      `tf:"kafka_version"`
}

// StreamBrokers is where brokers stand.
type StreamBrokers struct {
	At             diag.Pos
	Subnets        Refs[*Subnet]        `tf:"client_subnets"`
	SecurityGroups Refs[*SecurityGroup] `tf:"security_groups"`
	Connectivity   Tree                 `tf:"connectivity_info"`
	Type           Str                  `tf:"instance_type"`
}

// StreamEncryption is a stream's encryption.
type StreamEncryption struct {
	At      diag.Pos
	Key     Ref[*KMSKey]          `tf:"encryption_at_rest_kms_key_arn"`
	Transit Blocks[StreamTransit] `tf:"encryption_in_transit"`
}

// StreamTransit is TLS, TLS_PLAINTEXT or PLAINTEXT to clients.
type StreamTransit struct {
	At        diag.Pos
	Client    Str  `tf:"client_broker"`
	InCluster Bool `tf:"in_cluster"`
}

// StreamClients is how clients prove who they are.
type StreamClients struct {
	At              diag.Pos
	Unauthenticated Bool               `tf:"unauthenticated"`
	SASL            Blocks[StreamSASL] `tf:"sasl"`
	TLS             Blocks[StreamTLS]  `tf:"tls"`
}

// StreamSASL is SASL/IAM and SASL/SCRAM.
type StreamSASL struct {
	IAM   Bool `tf:"iam"`
	SCRAM Bool `tf:"scram"`
}

// StreamTLS names the authorities of client certificates.
type StreamTLS struct {
	Authorities Refs[*PrivateCA] `tf:"certificate_authority_arns"`
}

// PrivateCA is an ACM private certificate authority
// (aws_acmpca_certificate_authority).
type PrivateCA struct {
	Base
	Kind       Str                  `tf:"type"`
	Usage      Str                  `tf:"usage_mode"`
	Enabled    Bool                 `tf:"enabled"`
	Revocation Blocks[CARevocation] `tf:"revocation_configuration"`
}

// CARevocation is how an authority tells that a certificate is revoked.
type CARevocation struct {
	At   diag.Pos
	CRL  Blocks[Enabled] `tf:"crl_configuration"`
	OCSP Blocks[Enabled] `tf:"ocsp_configuration"`
}

// Enabled is a block that is switched on by its argument enabled.
type Enabled struct {
	At      diag.Pos
	Enabled Bool `tf:"enabled"`
}

// Secret is a Secrets Manager secret (aws_secretsmanager_secret).
type Secret struct {
	Base
	SecretName Str          `tf:"name" key:"name"`
	Key        Ref[*KMSKey] `tf:"kms_key_id"`
	Window     Int          `tf:"recovery_window_in_days"`
	Policy     Policy       `tf:"policy"`
}

// SecretVersion is a value of a secret (aws_secretsmanager_secret_version).
type SecretVersion struct {
	Base
	Secret Ref[*Secret] `tf:"secret_id"`
	Value  Str          `tf:"secret_string"`
}

// SecretRotation rotates a secret (aws_secretsmanager_secret_rotation).
type SecretRotation struct {
	Base
	Secret Ref[*Secret]          `tf:"secret_id"`
	Rules  Blocks[RotationRules] `tf:"rotation_rules"`
}

// RotationRules is how often.
type RotationRules struct {
	At       diag.Pos
	Days     Int `tf:"automatically_after_days"`
	Schedule Str `tf:"schedule_expression"`
}

// SSMParameter is a Parameter Store value (aws_ssm_parameter).
type SSMParameter struct {
	Base
	Parameter Str          `tf:"name" key:"name"`
	Kind      Str          `tf:"type"`
	Value     Str          `tf:"value"`
	Key       Ref[*KMSKey] `tf:"key_id"`
}

// BackupVault is an AWS Backup vault (aws_backup_vault,
// aws_backup_logically_air_gapped_vault).
type BackupVault struct {
	Base
	VaultName Str          `tf:"name" key:"name"`
	Key       Ref[*KMSKey] `tf:"kms_key_arn"`
	MinDays   Int          `tf:"min_retention_days"`
}

// BackupVaultLock makes a vault immutable
// (aws_backup_vault_lock_configuration).
type BackupVaultLock struct {
	Base
	Vault      Ref[*BackupVault] `tf:"backup_vault_name"`
	MinDays    Int               `tf:"min_retention_days"`
	MaxDays    Int               `tf:"max_retention_days"`
	Changeable Int               `tf:"changeable_for_days"`
}

// BackupPlan (aws_backup_plan).
type BackupPlan struct {
	Base
	PlanName Str                `tf:"name" key:"name"`
	Rules    Blocks[BackupRule] `tf:"rule"`
}

// BackupRule is one schedule of a plan.
type BackupRule struct {
	At        diag.Pos
	Vault     Ref[*BackupVault]       `tf:"target_vault_name"`
	Schedule  Str                     `tf:"schedule"`
	Lifecycle Blocks[BackupLifecycle] `tf:"lifecycle"`
	Copies    Blocks[BackupCopy]      `tf:"copy_action"`
}

// BackupLifecycle is how long backups are kept.
type BackupLifecycle struct {
	At   diag.Pos
	Days Int `tf:"delete_after"`
}

// BackupCopy is a second copy elsewhere.
type BackupCopy struct {
	At    diag.Pos
	Vault Ref[*BackupVault] `tf:"destination_vault_arn"`
}

// BackupSelection is what a plan backs up (aws_backup_selection).
type BackupSelection struct {
	Base
	Plan      Ref[*BackupPlan]     `tf:"plan_id"`
	Resources Refs[Resource]       `tf:"resources"`
	Tagged    Blocks[SelectionTag] `tf:"selection_tag"`
	Except    List                 `tf:"not_resources"`
	Condition Tree                 `tf:"condition"`
}

// SelectionTag selects resources by a tag.
type SelectionTag struct {
	At    diag.Pos
	Key   Str `tf:"key"`
	Value Str `tf:"value"`
}

// RestoreTest is a scheduled restore drill (aws_backup_restore_testing_plan).
type RestoreTest struct {
	Base
	Schedule Str `tf:"schedule_expression"`
}

// Table is a DynamoDB table (aws_dynamodb_table).
type Table struct {
	Base
	TableName  Str                   `tf:"name" key:"name"`
	SSE        Blocks[TableSSE]      `tf:"server_side_encryption"`
	Recovery   Blocks[TableRecovery] `tf:"point_in_time_recovery"`
	TTL        Blocks[TableTTL]      `tf:"ttl"`
	Protection Bool                  `tf:"deletion_protection_enabled"`
}

// TableSSE is a table's encryption.
type TableSSE struct {
	At      diag.Pos
	Enabled Bool         `tf:"enabled"`
	Key     Ref[*KMSKey] `tf:"kms_key_arn"`
}

// TableRecovery is point-in-time recovery.
type TableRecovery struct {
	At      diag.Pos
	Enabled Bool `tf:"enabled"`
}

// TableTTL expires items.
type TableTTL struct {
	At      diag.Pos
	Enabled Bool `tf:"enabled"`
}

// FileSystem is an EFS file system (aws_efs_file_system).
type FileSystem struct {
	Base
	Encrypted Bool         `tf:"encrypted"`
	Key       Ref[*KMSKey] `tf:"kms_key_id"`
}

// FileSystemBackup switches automatic backups of a file system on or off
// (aws_efs_backup_policy).
type FileSystemBackup struct {
	Base
	FileSystem Ref[*FileSystem]               `tf:"file_system_id"`
	Policy     Blocks[FileSystemBackupPolicy] `tf:"backup_policy"`
}

// FileSystemBackupPolicy is ENABLED or DISABLED.
type FileSystemBackupPolicy struct {
	At     diag.Pos
	Status Str `tf:"status"`
}

// Topic is an SNS topic (aws_sns_topic).
type Topic struct {
	Base
	TopicName Str          `tf:"name" key:"name"`
	Key       Ref[*KMSKey] `tf:"kms_master_key_id"`
	Policy    Policy       `tf:"policy"`
}

// Subscription is who hears of a topic (aws_sns_topic_subscription).
type Subscription struct {
	Base
	Topic    Ref[*Topic] `tf:"topic_arn"`
	Protocol Str         `tf:"protocol"`
	Endpoint Str         `tf:"endpoint"`
}

// Queue is an SQS queue (aws_sqs_queue).
type Queue struct {
	Base
	QueueName  Str          `tf:"name" key:"name"`
	Key        Ref[*KMSKey] `tf:"kms_master_key_id"`
	ManagedSSE Bool         `tf:"sqs_managed_sse_enabled"`
	Policy     Policy       `tf:"policy"`
}

// Search is an OpenSearch domain (aws_opensearch_domain, aws_elasticsearch_domain).
type Search struct {
	Base
	Domain  Str                   `tf:"domain_name" key:"name"`
	AtRest  Blocks[SearchAtRest]  `tf:"encrypt_at_rest"`
	Options Blocks[SearchOptions] `tf:"domain_endpoint_options"`
	Network Blocks[SearchNetwork] `tf:"vpc_options"`
	Policy  Policy                `tf:"access_policies"`
}

// SearchAtRest is a domain's encryption.
type SearchAtRest struct {
	At      diag.Pos
	Enabled Bool         `tf:"enabled"`
	Key     Ref[*KMSKey] `tf:"kms_key_id"`
}

// SearchOptions is a domain's TLS.
type SearchOptions struct {
	At           diag.Pos
	EnforceHTTPS Bool `tf:"enforce_https"`
	TLSPolicy    Str  `tf:"tls_security_policy"`
}

// SearchNetwork places a domain in a VPC.
type SearchNetwork struct {
	At             diag.Pos
	Subnets        Refs[*Subnet]        `tf:"subnet_ids"`
	SecurityGroups Refs[*SecurityGroup] `tf:"security_group_ids"`
}

// Redshift is a warehouse (aws_redshift_cluster).
type Redshift struct {
	Base
	ClusterID      Str                       `tf:"cluster_identifier" key:"id"`
	Port           Int                       `tf:"port"`
	Public         Bool                      `tf:"publicly_accessible"`
	Encrypted      Bool                      `tf:"encrypted"`
	Key            Ref[*KMSKey]              `tf:"kms_key_id"`
	MasterPassword Str                       `tf:"master_password"`
	SecurityGroups Refs[*SecurityGroup]      `tf:"vpc_security_group_ids"`
	SubnetGroup    Ref[*RedshiftSubnetGroup] `tf:"cluster_subnet_group_name"`
}

// Macie finds personal data in S3 (aws_macie2_account).
type Macie struct {
	Base
	Status Str `tf:"status"`
}

// MacieJob is a discovery job (aws_macie2_classification_job).
type MacieJob struct {
	Base
	JobType Str  `tf:"job_type"`
	Status  Str  `tf:"job_status"`
	S3      Tree `tf:"s3_job_definition"`
}
