package estate

// The policies of resources that are written on their own.

// QueuePolicy is a queue's policy (aws_sqs_queue_policy).
type QueuePolicy struct {
	Base
	Queue  Ref[*Queue] `tf:"queue_url"`
	Policy Policy      `tf:"policy"`
}

// TopicPolicy is a topic's policy (aws_sns_topic_policy).
type TopicPolicy struct {
	Base
	Topic  Ref[*Topic] `tf:"arn"`
	Policy Policy      `tf:"policy"`
}

// SecretPolicy is a secret's policy (aws_secretsmanager_secret_policy).
type SecretPolicy struct {
	Base
	Secret Ref[*Secret] `tf:"secret_arn"`
	Policy Policy       `tf:"policy"`
}

// FileSystemPolicy is a file system's policy (aws_efs_file_system_policy).
type FileSystemPolicy struct {
	Base
	FileSystem Ref[*FileSystem] `tf:"file_system_id"`
	Policy     Policy           `tf:"policy"`
}

// BackupVaultPolicy is a vault's policy (aws_backup_vault_policy).
type BackupVaultPolicy struct {
	Base
	Vault  Ref[*BackupVault] `tf:"backup_vault_name"`
	Policy Policy            `tf:"policy"`
}

// SearchPolicy is a domain's policy (aws_opensearch_domain_policy,
// aws_elasticsearch_domain_policy).
type SearchPolicy struct {
	Base
	Domain Ref[*Search] `tf:"domain_name"`
	Policy Policy       `tf:"access_policies"`
}

// TablePolicy is a table's policy (aws_dynamodb_resource_policy).
type TablePolicy struct {
	Base
	Table  Ref[*Table] `tf:"resource_arn"`
	Policy Policy      `tf:"policy"`
}

// LambdaPermission is one statement of a function's policy
// (aws_lambda_permission).
type LambdaPermission struct {
	Base
	Function      Ref[*Lambda] `tf:"function_name"`
	StatementID   Str          `tf:"statement_id"`
	Action        Str          `tf:"action"`
	Principal     Str          `tf:"principal"`
	SourceARN     Str          `tf:"source_arn"`
	SourceAccount Str          `tf:"source_account"`
	Organization  Str          `tf:"principal_org_id"`
	URLAuth       Str          `tf:"function_url_auth_type"`
	EventToken    Str          `tf:"event_source_token"`
	Qualifier     Str          `tf:"qualifier"`
}
