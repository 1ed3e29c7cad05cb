package main

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Where a provider block says nothing.
const (
	defaultRegion  = "us-east-1"
	defaultAccount = "111111111111"
)

// A configuration is what a provider block says.
type configuration struct {
	region, account string
	tags            map[string]tftypes.Value
}

var (
	stringSet = tftypes.Set{ElementType: tftypes.String}
	stringMap = tftypes.Map{ElementType: tftypes.String}
)

// configurationSchema is the provider block. The schema file does not have it;
// these are the arguments of the real provider.
var configurationSchema = &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{
	Attributes: optional(map[string]tftypes.Type{
		"access_key": tftypes.String, "secret_key": tftypes.String, "token": tftypes.String,
		"profile": tftypes.String, "region": tftypes.String,
		"allowed_account_ids": stringSet, "forbidden_account_ids": stringSet,
		"shared_config_files":      tftypes.List{ElementType: tftypes.String},
		"shared_credentials_files": tftypes.List{ElementType: tftypes.String},
		"custom_ca_bundle":         tftypes.String, "http_proxy": tftypes.String,
		"https_proxy": tftypes.String, "no_proxy": tftypes.String,
		"insecure": tftypes.Bool, "max_retries": tftypes.Number, "retry_mode": tftypes.String,
		"s3_use_path_style": tftypes.Bool, "s3_us_east_1_regional_endpoint": tftypes.String,
		"skip_credentials_validation": tftypes.Bool, "skip_metadata_api_check": tftypes.String,
		"skip_region_validation": tftypes.Bool, "skip_requesting_account_id": tftypes.Bool,
		"sts_region": tftypes.String, "tag_policy_compliance": tftypes.String,
		"use_dualstack_endpoint": tftypes.Bool, "use_fips_endpoint": tftypes.Bool,
		"ec2_metadata_service_endpoint":      tftypes.String,
		"ec2_metadata_service_endpoint_mode": tftypes.String,
		"token_bucket_rate_limiter_capacity": tftypes.Number,
	}),
	BlockTypes: []*tfprotov6.SchemaNestedBlock{
		optionalBlock("assume_role", map[string]tftypes.Type{
			"role_arn": tftypes.String, "session_name": tftypes.String, "external_id": tftypes.String,
			"duration": tftypes.String, "policy": tftypes.String, "policy_arns": stringSet,
			"source_identity": tftypes.String, "tags": stringMap, "transitive_tag_keys": stringSet,
		}),
		optionalBlock("assume_role_with_web_identity", map[string]tftypes.Type{
			"role_arn": tftypes.String, "session_name": tftypes.String, "duration": tftypes.String,
			"policy": tftypes.String, "policy_arns": stringSet,
			"web_identity_token": tftypes.String, "web_identity_token_file": tftypes.String,
		}),
		optionalBlock("default_tags", map[string]tftypes.Type{"tags": stringMap}),
		optionalBlock("ignore_tags", map[string]tftypes.Type{"keys": stringSet, "key_prefixes": stringSet}),
		optionalBlock("endpoints", endpoints(`
			acm autoscaling cloudfront cloudtrail cloudwatch config dynamodb ec2 ecr ecs efs eks
			elasticache elbv2 events guardduty iam kafka kms lambda logs organizations rds route53
			s3 s3control secretsmanager securityhub sns sqs ssm sts wafv2
		`)),
	},
}}

func optional(types map[string]tftypes.Type) []*tfprotov6.SchemaAttribute {
	var out []*tfprotov6.SchemaAttribute
	for name, t := range types {
		out = append(out, &tfprotov6.SchemaAttribute{Name: name, Type: t, Optional: true})
	}
	return out
}

func optionalBlock(name string, types map[string]tftypes.Type) *tfprotov6.SchemaNestedBlock {
	return &tfprotov6.SchemaNestedBlock{
		TypeName: name,
		Nesting:  tfprotov6.SchemaNestedBlockNestingModeList,
		Block:    &tfprotov6.SchemaBlock{Attributes: optional(types)},
	}
}

func endpoints(services string) map[string]tftypes.Type {
	types := map[string]tftypes.Type{}
	for s := range words(services) {
		types[s] = tftypes.String
	}
	return types
}

// ConfigureProvider reads where the provider works. A value that is not known
// yet counts as not set; so does everything about credentials.
func (s *server) ConfigureProvider(_ context.Context, req *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	v, err := req.Config.Unmarshal(configurationSchema.ValueType())
	if err != nil {
		return nil, err
	}
	root := fields(v)
	s.setup = configuration{region: defaultRegion, account: defaultAccount}

	if region, ok := text(root["region"]); ok && region != "" {
		s.setup.region = region
	}
	for _, role := range elements(root["assume_role"]) {
		if arn, _ := text(fields(role)["role_arn"]); strings.Count(arn, ":") == 5 {
			s.setup.account = strings.Split(arn, ":")[4]
		}
	}
	if allowed := elements(root["allowed_account_ids"]); len(allowed) == 1 {
		if id, ok := text(allowed[0]); ok {
			s.setup.account = id
		}
	}
	for _, tags := range elements(root["default_tags"]) {
		s.setup.tags = fields(fields(tags)["tags"])
	}
	return &tfprotov6.ConfigureProviderResponse{}, nil
}
