package edge

import (
	"fmt"
	"strconv"
	"strings"

	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

const (
	secretARN      = terraform.Expr("aws_secretsmanager_secret.origin.arn")
	currentSecret  = terraform.Expr("data.aws_secretsmanager_secret_version.origin_current.secret_string")
	previousSecret = terraform.Expr("data.aws_secretsmanager_secret_version.origin_previous.secret_string")
)

// declareSecret renders the secret between CloudFront and the load balancer, what
// makes a new one and what retires the old one.
func declareSecret(p *platform.Platform) []render.Resource {
	rotation := p.Edge.OriginSecret
	controls, paths := []string{"edge.origin-secret"}, []string{"edge.originSecret"}
	days := int(rotation.Every.Hours() / 24)
	blocks := []*terraform.Block{
		terraform.Resource("aws_secretsmanager_secret", "origin",
			set("name", render.Name(p, "origin")),
			set("description", "What CloudFront sends to the load balancer, so that no other distribution gets in"),
			set("kms_key_id", render.KeyARN("secrets"))),
		seed("first"),
		seed("second", set("depends_on", []terraform.Expr{"aws_secretsmanager_secret_version.origin_first"})),
		terraform.Data("aws_secretsmanager_random_password", "origin",
			set("password_length", 48), set("exclude_punctuation", true)),
		version("current", "AWSCURRENT"), version("previous", "AWSPREVIOUS"),
		terraform.Resource("aws_secretsmanager_secret_rotation", "origin",
			set("secret_id", secretARN),
			set("rotation_lambda_arn", terraform.Expr("aws_lambda_function.origin_secret.arn")),
			set("rotate_immediately", false),
			nest("rotation_rules", set("automatically_after_days", days)),
			set("depends_on", []terraform.Expr{"aws_lambda_permission.origin_secret_rotate"})).
			Note("A new value every " + strconv.Itoa(days) + " days. The pipeline brings it to the load balancer and CloudFront when it next runs, " +
				"so it has to run at least as often"),
		terraform.Resource("aws_lambda_permission", "origin_secret_rotate",
			set("function_name", terraform.Expr("aws_lambda_function.origin_secret.function_name")),
			set("action", "lambda:InvokeFunction"), set("principal", "secretsmanager.amazonaws.com"),
			set("source_account", p.Account), set("source_arn", secretARN)),
		terraform.Resource("aws_cloudwatch_event_rule", "origin_secret",
			set("name", render.Name(p, "origin-secret")),
			set("description", "Asks every hour whether the old origin secret has outlived its overlap"),
			set("schedule_expression", "rate(1 hour)")),
		terraform.Resource("aws_cloudwatch_event_target", "origin_secret",
			set("rule", terraform.Expr("aws_cloudwatch_event_rule.origin_secret.name")),
			set("arn", terraform.Expr("aws_lambda_function.origin_secret.arn"))),
		terraform.Resource("aws_lambda_permission", "origin_secret_retire",
			set("function_name", terraform.Expr("aws_lambda_function.origin_secret.function_name")),
			set("action", "lambda:InvokeFunction"), set("principal", "events.amazonaws.com"),
			set("source_account", p.Account), set("source_arn", terraform.Expr("aws_cloudwatch_event_rule.origin_secret.arn"))),
	}
	out := lambdaSpec{
		name: "origin_secret", timeout: 60, controls: controls, paths: paths,
		what: "Makes a new origin secret, and retires the old one " + strings.TrimSuffix(rotation.Overlap.String(), "0m0s") + " later",
		environment: terraform.Obj(
			"SECRET", secretARN, "HEADER", originHeader, "RULE", terraform.Expr("aws_lb_listener_rule.origin_secret.arn"),
			"DISTRIBUTIONS", terraform.Template("${"+string(render.Distribution)+".id} ${aws_cloudfront_distribution.staging.id}"),
			"OVERLAP", fmt.Sprint(seconds(rotation.Overlap))),
		statements: []render.Statement{
			{Sid: "Secret", Action: []string{
				"secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue",
				"secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage",
			}, Resource: []any{secretARN}},
			{
				Sid: "Key", Action: []string{"kms:Decrypt", "kms:GenerateDataKey"}, Resource: []any{render.KeyARN("secrets")},
				Condition: []render.Condition{{Operator: "StringEquals", Key: "kms:EncryptionContext:SecretARN", Value: secretARN}},
			},
			{Sid: "WhatIsSent", Action: []string{"cloudfront:GetDistribution"}, Resource: []any{
				render.Distribution + ".arn", terraform.Expr("aws_cloudfront_distribution.staging.arn"),
			}},
			{Sid: "WhatIsTaken", Action: []string{"elasticloadbalancing:ModifyRule"}, Resource: []any{terraform.Expr("aws_lb_listener_rule.origin_secret.arn")}},
		},
	}.blocks(p)
	for _, b := range blocks {
		out = append(out, b.For(controls...).From(paths...))
	}
	return out
}

// seed is one of the two values that the secret begins with: the second makes the
// first the previous one. Rotation takes over from there, so they are not written
// again.
func seed(which string, more ...terraform.Entry) *terraform.Block {
	body := []terraform.Entry{
		set("secret_id", terraform.Expr("aws_secretsmanager_secret.origin.id")),
		set("secret_string", terraform.Template("${data.aws_secretsmanager_random_password.origin.random_password}-"+which)),
	}
	body = append(append(body, more...), nest("lifecycle", set("ignore_changes", []terraform.Expr{"secret_string", "version_stages"})))
	return terraform.Resource("aws_secretsmanager_secret_version", "origin_"+which, body...)
}

func version(which, stage string) *terraform.Block {
	return terraform.Data("aws_secretsmanager_secret_version", "origin_"+which,
		set("secret_id", terraform.Expr("aws_secretsmanager_secret.origin.id")),
		set("version_stage", stage),
		set("depends_on", []terraform.Expr{"aws_secretsmanager_secret_version.origin_second"}))
}
