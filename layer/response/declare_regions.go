package response

import (
	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// parts are the features of GuardDuty besides those that every detector has
// (GuardDuty API Reference, DetectorFeatureConfiguration).
var parts = []string{"S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS"}

// region renders what watches one region. AWS has these things in each region
// apart, and an attacker prefers the region that nobody looks at.
func (d *declaration) region(r region) {
	from := "region"
	switch r.label {
	case "backup":
		from = "backupRegion"
	case "global":
		from = "edge"
	}
	d.guardDuty(r, from)
	d.recorder(r, from)
	d.add(terraform.Resource("aws_securityhub_account", r.at("main"), r.in(
		set("enable_default_standards", false),
		set("control_finding_generator", "SECURITY_CONTROL"),
	)...).For("response.posture").From(from))
	for _, s := range standards {
		d.add(terraform.Resource("aws_securityhub_standards_subscription", r.at(s.label), r.in(
			set("standards_arn", "arn:aws:securityhub:"+r.name+"::standards/"+s.path),
			set("depends_on", []terraform.Expr{terraform.Expr("aws_securityhub_account." + r.at("main"))}),
		)...).For("response.posture").From(from))
	}
}

// standards are what Security Hub compares the account with.
var standards = []struct{ label, path string }{
	{"best_practices", "aws-foundational-security-best-practices/v/1.0.0"},
	{"cis", "cis-aws-foundations-benchmark/v/5.0.0"},
	{"pci", "pci-dss/v/4.0.1"},
}

func (d *declaration) guardDuty(r region, from string) {
	detector := terraform.Expr("aws_guardduty_detector." + r.at("main") + ".id")
	d.add(terraform.Resource("aws_guardduty_detector", r.at("main"), r.in(
		set("enable", true),
		set("finding_publishing_frequency", "FIFTEEN_MINUTES"),
	)...).For("response.guardduty").From(from))
	feature := func(label, name string, body ...terraform.Entry) *terraform.Block {
		return terraform.Resource("aws_guardduty_detector_feature", r.at(label), r.in(append([]terraform.Entry{
			set("detector_id", detector), set("name", name), set("status", "ENABLED"),
		}, body...)...)...).For("response.guardduty").From(from)
	}
	for _, name := range parts {
		d.add(feature(lower(name), name))
	}
	agents := func(name string) terraform.Entry {
		return nest("additional_configuration", set("name", name), set("status", "ENABLED"))
	}
	d.add(feature("runtime_monitoring", "RUNTIME_MONITORING",
		agents("EKS_ADDON_MANAGEMENT"), agents("EC2_AGENT_MANAGEMENT"),
	).Note("looks inside pods and nodes; GuardDuty puts its agent there by itself"))
}

// recorder renders AWS Config. What is global is recorded in one region, or it
// would be there several times.
func (d *declaration) recorder(r region, from string) {
	main := r.at("main")
	name := terraform.Expr("aws_config_configuration_recorder." + main + ".name")
	group := nest("recording_group", set("all_supported", true), set("include_global_resource_types", true))
	if r.label != "" {
		group = nest("recording_group", set("all_supported", true), set("include_global_resource_types", false))
	} else {
		d.add(terraform.Resource("aws_iam_service_linked_role", "config", set("aws_service_name", "config.amazonaws.com")).
			For("response.posture").Note("one for the account; where it is there already: terraform import aws_iam_service_linked_role.config arn:aws:iam::" + d.p.Account + ":role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"))
	}
	d.add(
		terraform.Resource("aws_config_configuration_recorder", main, r.in(
			set("name", render.Name(d.p, dashes(r.at("recorder")))),
			set("role_arn", terraform.Expr("aws_iam_service_linked_role.config.arn")),
			group,
		)...).For("response.posture").From(from),
		terraform.Resource("aws_config_delivery_channel", main, r.in(
			set("name", render.Name(d.p, dashes(r.at("recorder")))),
			set("s3_bucket_name", render.AccessLogs+".id"),
			set("s3_key_prefix", "config"),
			set("depends_on", []terraform.Expr{terraform.Expr("aws_config_configuration_recorder." + main), "aws_s3_bucket_policy.access_logs"}),
		)...).For("response.posture").From(from),
		terraform.Resource("aws_config_configuration_recorder_status", main, r.in(
			set("name", name),
			set("is_enabled", true),
			set("depends_on", []terraform.Expr{terraform.Expr("aws_config_delivery_channel." + main)}),
		)...).For("response.posture").From(from),
	)
}

// hub brings the findings of all regions together in the platform's.
func (d *declaration) hub() {
	var others []string
	for _, r := range regions(d.p)[1:] {
		others = append(others, r.name)
	}
	d.add(terraform.Resource("aws_securityhub_finding_aggregator", "main",
		set("linking_mode", "SPECIFIED_REGIONS"),
		set("specified_regions", others),
		set("depends_on", []terraform.Expr{"aws_securityhub_account.main"}),
	).For("response.posture").From("region", "backupRegion").Note("findings of all regions, in one place"))
}

// rules are AWS Config's managed rules for what the platform has.
func (d *declaration) rules() {
	for _, r := range configRules(d.p) {
		body := []terraform.Entry{
			set("name", render.Name(d.p, r.name)),
			nest("source", set("owner", "AWS"), set("source_identifier", r.id)),
		}
		if r.input != nil {
			body = append(body, set("input_parameters", terraform.JSON(r.input)))
		}
		body = append(body, set("depends_on", []terraform.Expr{"aws_config_configuration_recorder.main"}))
		d.add(terraform.Resource("aws_config_config_rule", render.Label(r.name), body...).For(append([]string{"response.posture"}, r.also...)...).From(r.from))
	}
}

type configRule struct {
	name, id, from string
	input          terraform.Object
	also           []string // controls that the rule watches
}

// configRules are the rules, by what of the platform they are for (AWS Config
// Developer Guide, "List of AWS Config Managed Rules").
func configRules(p *platform.Platform) []configRule {
	out := []configRule{
		{name: "root-mfa", id: "ROOT_ACCOUNT_MFA_ENABLED", from: "account"},
		{name: "root-no-keys", id: "IAM_ROOT_ACCESS_KEY_CHECK", from: "account"},
		{name: "users-mfa", id: "IAM_USER_MFA_ENABLED", from: "account"},
		{name: "keys-rotated", id: "ACCESS_KEYS_ROTATED", from: "account", input: obj("maxAccessKeyAge", "90")},
		// the boundary of the roles allows everything that it does not deny
		{name: "no-administrators", id: "IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS", from: "account", input: obj("excludePermissionBoundaryPolicy", "true")},
		{name: "trail-on", id: "MULTI_REGION_CLOUD_TRAIL_ENABLED", from: "logs"},
		{name: "trail-validated", id: "CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED", from: "logs"},
		{name: "trail-sealed", id: "CLOUD_TRAIL_ENCRYPTION_ENABLED", from: "logs"},
		{name: "detector-on", id: "GUARDDUTY_ENABLED_CENTRALIZED", from: "account"},
		{name: "buckets-not-read", id: "S3_BUCKET_PUBLIC_READ_PROHIBITED", from: "account"},
		{name: "buckets-not-written", id: "S3_BUCKET_PUBLIC_WRITE_PROHIBITED", from: "account"},
		{name: "buckets-tls", id: "S3_BUCKET_SSL_REQUESTS_ONLY", from: "account"},
		{name: "buckets-private", id: "S3_ACCOUNT_LEVEL_PUBLIC_ACCESS_BLOCKS_PERIODIC", from: "account"},
		{name: "volumes-sealed", id: "ENCRYPTED_VOLUMES", from: "cluster"},
		{name: "no-ssh", id: "INCOMING_SSH_DISABLED", from: "network", also: []string{"network.no-ssh"}},
		{name: "default-group-closed", id: "VPC_DEFAULT_SECURITY_GROUP_CLOSED", from: "network"},
		{name: "flow-logs-on", id: "VPC_FLOW_LOGS_ENABLED", from: "network"},
		{name: "imdsv2", id: "EC2_IMDSV2_CHECK", from: "cluster"},
		{name: "secrets-sealed", id: "EKS_SECRETS_ENCRYPTED", from: "cluster"},
		{name: "balancer-logs", id: "ELB_LOGGING_ENABLED", from: "edge"},
		{name: "keys-not-deleted", id: "KMS_CMK_NOT_SCHEDULED_FOR_DELETION", from: "stores"},
		{name: "keys-turned", id: "CMK_BACKING_KEY_ROTATION_ENABLED", from: "stores"},
	}
	if len(p.Cluster.From) == 0 {
		out = append(out, configRule{name: "cluster-not-public", id: "EKS_ENDPOINT_NO_PUBLIC_ACCESS", from: "cluster"})
	}
	engines := map[platform.Engine]bool{}
	for _, s := range p.Stores {
		engines[s.Engine] = true
	}
	if engines[platform.Postgres] || engines[platform.MySQL] {
		out = append(out,
			configRule{name: "databases-sealed", id: "RDS_STORAGE_ENCRYPTED", from: "stores"},
			configRule{name: "databases-private", id: "RDS_INSTANCE_PUBLIC_ACCESS_CHECK", from: "stores"},
			configRule{name: "snapshots-private", id: "RDS_SNAPSHOTS_PUBLIC_PROHIBITED", from: "stores"},
			configRule{name: "databases-kept", id: "RDS_CLUSTER_DELETION_PROTECTION_ENABLED", from: "stores"},
		)
	}
	if engines[platform.Redis] {
		out = append(out,
			configRule{name: "caches-sealed", id: "ELASTICACHE_REPL_GRP_ENCRYPTED_AT_REST", from: "stores"},
			configRule{name: "caches-tls", id: "ELASTICACHE_REPL_GRP_ENCRYPTED_IN_TRANSIT", from: "stores"},
		)
	}
	if engines[platform.Kafka] {
		out = append(out, configRule{name: "streams-tls", id: "MSK_IN_CLUSTER_NODE_REQUIRE_TLS", from: "stores"})
	}
	if engines[platform.S3] {
		out = append(out, configRule{name: "buckets-versioned", id: "S3_BUCKET_VERSIONING_ENABLED", from: "stores"})
	}
	return out
}
