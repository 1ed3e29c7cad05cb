package main

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// stringSets names the attributes of strings that hold a set in the real
// provider, wherever they occur. Terraform sorts a set, drops doubles and
// refuses an index into it; all three show in plans and in the expressions that
// people write.
var stringSets = words(`
	actions addresses alarm_actions aliases allowed_account_ids allowed_methods
	allowed_origins availability_zones cached_methods cidr_blocks client_id_list
	enabled_cluster_log_types enabled_cloudwatch_logs_exports
	forbidden_account_ids groups headers iam_roles identifiers ids
	ipv6_cidr_blocks managed_policy_arns not_actions not_resources ok_actions
	public_access_cidrs records resources roles route_table_ids
	security_group_ids security_groups subnet_ids subnets
	subject_alternative_names target_group_arns users validation_record_fqdns
	vpc_security_group_ids vpc_zone_identifier
`)

// lists are the exceptions, by path: rules of security groups keep their order.
var lists = words(`
	aws_security_group_rule.cidr_blocks
	aws_security_group_rule.ipv6_cidr_blocks
	aws_security_group.ingress.cidr_blocks
	aws_security_group.ingress.ipv6_cidr_blocks
	aws_security_group.egress.cidr_blocks
	aws_security_group.egress.ipv6_cidr_blocks
	aws_default_security_group.ingress.cidr_blocks
	aws_default_security_group.ingress.ipv6_cidr_blocks
	aws_default_security_group.egress.cidr_blocks
	aws_default_security_group.egress.ipv6_cidr_blocks
`)

// objectSets are the attributes of objects that hold a set.
var objectSets = words(`ingress egress route domain_validation_options`)

// collection is the type of an attribute that the schema calls a list.
func collection(path string, of tftypes.Type) tftypes.Type {
	name := path[strings.LastIndexByte(path, '.')+1:]
	names := objectSets
	if of.Is(tftypes.String) {
		names = stringSets
	}
	if names[name] && !lists[path] {
		return tftypes.Set{ElementType: of}
	}
	return tftypes.List{ElementType: of}
}

func words(text string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(text) {
		m[w] = true
	}
	return m
}
