package render

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"fathom/platform"
	"fathom/render/terraform"
)

// The names in this file are the contract among the layers: what one layer
// renders and others refer to. Each comment names the owner.

// Administrators is a list of the ARNs, with * for any text, of the roles that
// apply the files. Nobody else changes AWS: of the pipeline's roles one pushes
// images and the other compares. Owned by the root.
const Administrators = terraform.Expr("var.administrators")

// StateBucket and StateKey say where Terraform keeps the state: in
// BucketName(p, StateBucket), which somebody makes by hand before the first init.
const (
	StateBucket = "terraform-state"
	StateKey    = "terraform.tfstate"
)

// Label makes a Terraform label of a name: orders-db is orders_db.
func Label(name string) string { return strings.ReplaceAll(name, "-", "_") }

// Name is the name of something at AWS: the platform's name and what it is,
// joined by dashes: shopnow-orders-db.
func Name(p *platform.Platform, what ...string) string {
	return strings.Join(append([]string{p.Name}, what...), "-")
}

// Short is Name cut to at most n characters, with a hash of the whole where it
// had to be cut, so that two long names stay two.
func Short(n int, p *platform.Platform, what ...string) string {
	s := Name(p, what...)
	if len(s) <= n {
		return s
	}
	sum := sha256.Sum256([]byte(s))
	return strings.TrimRight(s[:n-7], "-") + "-" + hex.EncodeToString(sum[:3])
}

// BucketName is the name of a bucket, which is one for all of AWS, so that the
// account stands in it: shopnow-invoices-111111111111.
func BucketName(p *platform.Platform, what string) string { return Name(p, what, p.Account) }

// network

// VPC is aws_vpc.main; the standby's, in the backup region, is aws_vpc.standby.
const (
	VPC        = terraform.Expr("aws_vpc.main.id")
	StandbyVPC = terraform.Expr("aws_vpc.standby.id")
)

// Tier is a kind of subnet: one in each zone, aws_subnet.TIER, with the zones'
// letters as its keys.
type Tier string

// The tiers. Apart and Vault are there where something stands apart
// (platform.AnyApart): its pods, and its stores.
const (
	Public   Tier = "public"   // the load balancer
	Private  Tier = "private"  // nodes and pods
	Database Tier = "database" // stores
	Apart    Tier = "apart"    // nodes and pods that stand apart
	Vault    Tier = "vault"    // stores that stand apart
	Standby  Tier = "standby"  // in the backup region: its load balancer (provider aws.backup)
)

// SubnetIDs are the ids of a tier's subnets.
func SubnetIDs(t Tier) terraform.Expr {
	return terraform.Expr("[for s in aws_subnet." + string(t) + " : s.id]")
}

// Security groups, owned by network. Rules that others need are rendered there
// too: it alone knows the whole chain.

// GroupOf is the security group of something: "alb", "gateway" (the ingress
// gateway's pods), "nodes", "endpoints", "standby".
func GroupOf(what string) terraform.Expr {
	return terraform.Expr("aws_security_group." + Label(what) + ".id")
}

// ServiceGroup is the security group of a service's pods.
func ServiceGroup(service string) terraform.Expr { return GroupOf("svc-" + service) }

// StoreGroup is the security group of a store.
func StoreGroup(store string) terraform.Expr { return GroupOf("store-" + store) }

// Cluster is aws_eks_cluster.main, owned by network; its nodes are supply's.
const Cluster = terraform.Expr("aws_eks_cluster.main")

// identity

// ServiceRole is the IAM role of a service: aws_iam_role.svc_NAME.
func ServiceRole(service string) terraform.Expr {
	return terraform.Expr("aws_iam_role.svc_" + Label(service))
}

// Roles and policies owned by identity: the cluster's and the nodes' roles, the
// boundary that every role made here has, and the cluster's OIDC provider.
const (
	ClusterRole  = terraform.Expr("aws_iam_role.cluster")
	NodeRole     = terraform.Expr("aws_iam_role.nodes")
	Boundary     = terraform.Expr("aws_iam_policy.boundary.arn")
	BoundaryName = terraform.Expr("aws_iam_policy.boundary.name")
	OIDCProvider = terraform.Expr("aws_iam_openid_connect_provider.cluster")
)

// RoleName is the name of a role: at most 64 characters.
func RoleName(p *platform.Platform, what ...string) string { return Short(64, p, what...) }

// ServiceRoleARN is the ARN of a service's role, which is called svc-NAME so that
// no service takes the name of a role of the platform.
func ServiceRoleARN(p *platform.Platform, service string) string {
	return RoleARN(p, "svc", service)
}

// StoreUser is the id and the name of the user of a cache that a service is:
// data makes it, and identity lets the service's role connect as it.
func StoreUser(p *platform.Platform, store, service string) string {
	return Short(40, p, store, service)
}

// RoleARN is the ARN of a role by its name, for policies that would otherwise
// refer in a circle.
func RoleARN(p *platform.Platform, what ...string) string {
	return "arn:aws:iam::" + p.Account + ":role/" + RoleName(p, what...)
}

// supply

// Registry is the account's container registry.
func Registry(p *platform.Platform) string {
	return p.Account + ".dkr.ecr." + p.Region + ".amazonaws.com"
}

// ImageRef is an image as a manifest names it: registry, repository, digest.
func ImageRef(p *platform.Platform, i platform.Image) string {
	return Registry(p) + "/" + i.Repository + "@" + i.Digest
}

// DeployRole is the role with which the pipeline pushes images:
// aws_iam_role.deploy.
const DeployRole = terraform.Expr("aws_iam_role.deploy")

// data

// Keys are owned by data, each with its policy and its alias: "logs" (every log
// and trail), "stores" (stores without a key of their own), "secrets", "volumes"
// (EBS), "cluster" (Kubernetes secrets), "backup", in the backup region
// "backup_copy", and in us-east-1 "logs_global". A store with a key of its own has one of the store's name.
func KeyARN(what string) terraform.Expr {
	return terraform.Expr("aws_kms_key." + Label(what) + ".arn")
}

// StoreKey is the key that seals a store.
func StoreKey(s *platform.Store) string {
	if s.Key == "own" {
		return s.Name
	}
	return "stores"
}

// StoreAddress is the main resource of a store: aws_rds_cluster.NAME,
// aws_elasticache_replication_group.NAME, aws_msk_cluster.NAME, aws_s3_bucket.NAME.
func StoreAddress(s *platform.Store) string {
	kind := map[platform.Engine]string{
		platform.Postgres: "aws_rds_cluster", platform.MySQL: "aws_rds_cluster",
		platform.Redis: "aws_elasticache_replication_group", platform.Kafka: "aws_msk_cluster",
		platform.S3: "aws_s3_bucket",
	}[s.Engine]
	return kind + "." + Label(s.Name)
}

// edge

// Owned by edge: the load balancer, the distribution and the web ACLs.
const (
	LoadBalancer = terraform.Expr("aws_lb.main")
	Distribution = terraform.Expr("aws_cloudfront_distribution.main")
	WebACL       = terraform.Expr("aws_wafv2_web_acl.edge")
)

// response

// Owned by response: the buckets of logs, and the topics by which people are told.
//
// LogBucket is locked and sealed by the key "logs". Prefixes: cloudfront/ (standard
// logging v2, a delivery of CloudWatch Logs: v1 needs ACLs, which the bucket
// refuses), flow/, trail/, sessions/, incidents/.
//
// Three kinds of logs cannot go there. Load balancers and S3 itself write only to
// buckets under S3's own key (SSE-S3), and neither S3 nor AWS Config to one with a
// default retention: AccessLogs takes those, prefixes alb/, s3/BUCKET/ and config/,
// and AccessLogsStandby, in the backup region, those of the standby's load
// balancer. And the name of a bucket
// for web ACL logs has to begin with aws-waf-logs-: WAFLogs.
const (
	LogBucket         = terraform.Expr("aws_s3_bucket.logs")
	AccessLogs        = terraform.Expr("aws_s3_bucket.access_logs")
	AccessLogsStandby = terraform.Expr("aws_s3_bucket.access_logs_standby")
	WAFLogs           = terraform.Expr("aws_s3_bucket.waf_logs")
	// TrailLog is the log group of the trail: metric filters look for attacks in it.
	TrailLog    = terraform.Expr("aws_cloudwatch_log_group.trail")
	OnCallTopic = terraform.Expr("aws_sns_topic.oncall.arn") // in the platform's region
	// OnCallTopicGlobal is in us-east-1, where CloudFront's and Route 53's alarms
	// live.
	OnCallTopicGlobal = terraform.Expr("aws_sns_topic.oncall_global.arn")
	// LegalTopic and PrivacyTopic are in the platform's region.
	LegalTopic   = terraform.Expr("aws_sns_topic.legal.arn")
	PrivacyTopic = terraform.Expr("aws_sns_topic.privacy.arn")
)

// PolicyOf is the policy of a bucket. What a service of AWS is to write there is
// made after it: AWS tries at once whether it may, and a reference to the bucket
// alone does not wait.
func PolicyOf(bucket terraform.Expr) terraform.Expr {
	return terraform.Expr(strings.Replace(string(bucket), "aws_s3_bucket.", "aws_s3_bucket_policy.", 1))
}

// Providers: the default one is the platform's region; the others are named.
const (
	// ProviderGlobal is us-east-1: CloudFront's certificates and web ACLs.
	ProviderGlobal = terraform.Expr("aws.global")
	// ProviderBackup is the backup region.
	ProviderBackup = terraform.Expr("aws.backup")
)

// mesh and Kubernetes

// Namespaces besides the services' own.
const (
	MeshNamespace    = "istio-system"
	GatewayNamespace = "edge" // the ingress gateway
	GatewayAccount   = "gateway"
	GatewayPort      = 8443 // where the gateway's pods take TLS from the load balancer
)

// Principal is what the mesh calls a service account, as AuthorizationPolicies
// name it: without spiffe:// in front (Istio adds it).
func Principal(p *platform.Platform, namespace, account string) string {
	return p.Mesh.TrustDomain + "/ns/" + namespace + "/sa/" + account
}

// What only the declaration knows travels as tags (Terraform) and annotations
// (Kubernetes) of these names. A hand-written estate may carry them too.
const (
	TagClass   = "data-class"          // the most sensitive class of what it holds: personal
	TagData    = "fathom:data"         // the names of the data, with spaces between: email phone
	TagOwner   = "owner"               // the team
	TagService = "service"             // the service or store it is part of
	TagJewel   = "fathom:crown-jewel"  // "true" where an objective names it
	TagDepth   = "fathom:depth"        // targets, with spaces between: internet=4 pod/search=3
	TagKPI     = "fathom:kpi"          // detect=15m remediate=4h rto=30m
	NoteData   = "fathom.dev/data"     // annotation: as TagData
	NoteClass  = "fathom.dev/class"    // annotation: as TagClass
	NoteOwner  = "fathom.dev/owner"    // annotation: as TagOwner
	NoteRun    = "fathom.dev/run"      // annotation: the command that starts it in the lab
	NotePrio   = "fathom.dev/priority" // annotation: critical, degraded or sheddable, the most important of its routes
)

// StoreTags are the tags of a store's resources.
func StoreTags(p *platform.Platform, s *platform.Store) terraform.Object {
	tags := terraform.Obj(
		"Name", Name(p, s.Name),
		TagService, s.Name,
		TagClass, string(p.ClassOf(s.Holds)),
	)
	if s.Owner != "" {
		tags = append(tags, terraform.Field{Key: TagOwner, Value: s.Owner})
	}
	if len(s.Holds) > 0 {
		tags = append(tags, terraform.Field{Key: TagData, Value: strings.Join(s.Holds, " ")})
	}
	if targets := p.Targets(s); len(targets) > 0 {
		tags = append(tags, terraform.Field{Key: TagJewel, Value: "true"}, terraform.Field{Key: TagDepth, Value: depth(targets)})
	}
	return tags
}
