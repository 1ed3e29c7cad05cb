package all_test

import (
	"strings"
	"testing"

	"fathom/layer/all"
	"fathom/layer/layertest"
	"fathom/platform"
	"fathom/render"
)

// printed is every resource that a platform renders, by its address.
func printed(t testing.TB, p *platform.Platform) map[string]string {
	t.Helper()
	parts, err := all.Parts(p)
	if err != nil {
		t.Fatal(err)
	}
	var resources []render.Resource
	for _, part := range parts {
		resources = append(resources, part.Resources...)
	}
	return layertest.Printed(t, resources)
}

// One changed line changes only what it should: each edit lists all the
// resources that may change, as patterns, and each pattern has to match one.
func TestEditsChangeOnlyWhatTheyShould(t *testing.T) {
	before := printed(t, layertest.Platform(t, "shopnow"))
	for _, e := range edits {
		t.Run(e.name, func(t *testing.T) {
			layertest.Changes(t, before, printed(t, layertest.Platform(t, "shopnow", e.change...)), e.touches...)
		})
	}
}

var edits = []struct {
	name    string
	change  []string // what stands there, and what is put in its place
	touches []string
}{
	{"more replicas", []string{"{min: 3, max: 60}", "{min: 3, max: 80}"}, []string{"HorizontalPodAutoscaler.autoscaling/shopnow/orders"}},
	{"a new image", []string{"shopnow/search@sha256:24193290", "shopnow/search@sha256:14193290"}, []string{"Deployment.apps/shopnow/search"}},
	{"another method of a call", []string{`["POST /charge"]`, `["POST /charge", "POST /refund"]`}, []string{"AuthorizationPolicy.security.istio.io/payments/payments"}},
	{"a new call", []string{"    stores: {cache: read, events", "    calls: {payments: [\"GET /status\"]}\n    stores: {cache: read, events"}, []string{
		"+aws_vpc_security_group_egress_rule.svc_search_to_svc_payments",
		"+aws_vpc_security_group_ingress_rule.svc_payments_from_svc_search",
		"AuthorizationPolicy.*/payments/payments",
		"NetworkPolicy.*/payments/payments",
		"NetworkPolicy.*/shopnow/search",
		"Sidecar.*/shopnow/search",
	}},
	{"no call any more", []string{`payments: ["POST /charge"], `, ""}, []string{
		"-AuthorizationPolicy.*/payments/payments",
		"-VirtualService.*/payments/payments",
		"-aws_vpc_security_group_egress_rule.svc_orders_to_svc_payments",
		"-aws_vpc_security_group_ingress_rule.svc_payments_from_svc_orders",
		"Deployment.apps/payments/payments",
		"DestinationRule.*/payments/payments",
		"NetworkPolicy.*/payments/payments",
		"NetworkPolicy.*/shopnow/orders",
		"Sidecar.*/shopnow/orders",
	}},
	{"a limit of a route", []string{"{max: 2000, per: 5m, by: ip}", "{max: 1500, per: 5m, by: ip}"}, []string{"aws_wafv2_web_acl.edge", "aws_wafv2_web_acl.staging"}},
	{"a new route", []string{"    - {path: /login,", "    - {path: /wishlist/*, to: orders, priority: sheddable}\n    - {path: /login,"}, []string{
		"AuthorizationPolicy.*/edge/routes-to-orders",
		"AuthorizationPolicy.*/shopnow/orders",
		"VirtualService.*/edge/routes",
	}},
	{"one more country", []string{"deny: [KP]", "deny: [KP, SY]"}, []string{"aws_wafv2_web_acl.edge", "aws_wafv2_web_acl.staging"}},
	{"backups kept for longer", []string{"orders-db: {engine: postgres, owner: checkout, holds: [email], backup: {every: 1h, keep: 35d", "orders-db: {engine: postgres, owner: checkout, holds: [email], backup: {every: 1h, keep: 60d"}, []string{
		"aws_backup_plan.orders_db",
		"aws_backup_vault_lock_configuration.orders_db",
		"aws_backup_vault_lock_configuration.orders_db_copy",
		"aws_dynamodb_table.erasures",
		"aws_sfn_state_machine.subjects",
	}},
	{"objects held for longer", []string{"lock: {mode: compliance, keep: 400d}", "lock: {mode: compliance, keep: 500d}"}, []string{
		"aws_s3_bucket_lifecycle_configuration.invoices",
		"aws_s3_bucket_object_lock_configuration.invoices",
		"aws_sfn_state_machine.subjects",
	}},
	{"another address of a partner", []string{"203.0.113.0/24", "203.0.113.0/25"}, []string{"NetworkPolicy.*/payments/payments", "aws_vpc_security_group_egress_rule.svc_payments_to_api_psp_example_443"}},
	{"another store of a service", []string{"stores: {card-vault: write}", "stores: {card-vault: write, cache: read}"}, []string{
		"+ServiceEntry.*/payments/stores-redis", "+aws_elasticache_user.cache_payments",
		"+aws_vpc_security_group_egress_rule.svc_payments_to_store_cache",
		"+aws_vpc_security_group_ingress_rule.store_cache_from_svc_payments",
		"NetworkPolicy.*/payments/payments", "Sidecar.*/payments/payments",
		"aws_elasticache_user_group.cache", "aws_iam_role_policy.svc_payments",
	}},
	{"an objective", []string{"detect: 15m", "detect: 10m"}, []string{".github/workflows/drill.yml", "aws_ssm_parameter.objectives"}},
	{"a depth target", []string{"to: card-vault, min: 4", "to: card-vault, min: 5"}, []string{
		"aws_kms_key.card_vault",
		"aws_rds_cluster.card_vault",
		"aws_rds_cluster_instance.card_vault",
		"aws_rds_cluster_parameter_group.card_vault",
		"aws_ssm_parameter.objectives",
	}},
	{"the end of an exception", []string{"until: 2027-02-15", "until: 2027-02-01"}, []string{"aws_wafv2_web_acl.edge", "aws_wafv2_web_acl.staging"}},
	{"shorter sessions", []string{"session: {max: 1h, approve: group/leads}", "session: {max: 30m, approve: group/leads}"}, []string{"aws_sfn_state_machine.approve_ops_oncall", "aws_ssm_document.shell_oncall"}},
	{"another address of the lawyers", []string{"legal: legal@", "legal: counsel@"}, []string{"aws_sns_topic_subscription.legal"}},
	{"another branch", []string{"branch: main", "branch: trunk"}, []string{
		".github/workflows/*.yml",
		"ImageValidatingPolicy.*",
		"aws_iam_role.deploy",
		"aws_iam_role.drill",
		"aws_iam_role.plan",
	}},
	{"more nodes", []string{"nodes: {min: 3, max: 24}", "nodes: {min: 3, max: 30}"}, []string{"aws_eks_node_group.*"}},
	{"shorter certificates", []string{"certificates: 24h", "certificates: 12h"}, []string{
		"DestinationRule.*",
		"kubernetes/install/istio-csr-values.yaml",
		"kubernetes/install/istio.yaml",
	}},
	{"a new owner", []string{"owner: discovery\n    replicas", "owner: browsing\n    replicas"}, []string{"Deployment.apps/shopnow/search", "aws_iam_role.svc_search"}},
	{"a new service", []string{"\nstores:\n", "\n  wishlists:\n    image: shopnow/wishlists@sha256:" + strings.Repeat("b", 64) + "\n    owner: discovery\n    calls: {search: [\"GET /products/*\"]}\n    stores: {cache: read}\n    handles: [catalogue]\n\nstores:\n"}, []string{
		"+*wishlists*",
		"AuthorizationPolicy.*/shopnow/search",
		"NetworkPolicy.*/shopnow/search",
		"aws_elasticache_user_group.cache",
		"output.security_group_policies",
	}},
}
