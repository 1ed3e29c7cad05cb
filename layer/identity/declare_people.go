package identity

import (
	"fathom/render"
	"fathom/render/terraform"
)

// people renders what is for whoever signs in: the rule for passwords, though
// nobody here has one, and the analysers that find what was granted to
// strangers, and what is granted and never used.
func (d *declaration) people() {
	d.add(terraform.Resource("aws_iam_account_password_policy", "account",
		set("minimum_password_length", 16),
		set("password_reuse_prevention", 24),
		set("require_lowercase_characters", true),
		set("require_uppercase_characters", true),
		set("require_numbers", true),
		set("require_symbols", true),
		set("allow_users_to_change_password", true),
	)).For("identity.mfa").Note("people come by the identity provider; should there ever be a user, this holds for it")

	d.add(terraform.Resource("aws_accessanalyzer_analyzer", "strangers",
		set("analyzer_name", render.Name(d.p, "strangers")),
		set("type", "ACCOUNT"),
	)).For("identity.trust-exact", "identity.policy-lint").Note("finds what is open to other accounts")
	d.add(terraform.Resource("aws_accessanalyzer_analyzer", "unused",
		set("analyzer_name", render.Name(d.p, "unused")),
		set("type", "ACCOUNT_UNUSED_ACCESS"),
		nest("configuration", nest("unused_access", set("unused_access_age", 90))),
	)).For("identity.least-privilege").Note("finds roles and permissions that nobody used for so many days")
}

// watch renders what sees a service's token used outside: a pod asks STS by the
// VPC's endpoint, and a thief does not. Where credentials are used after that,
// GuardDuty learns, and how often, CloudTrail Insights: both are response's.
func (d *declaration) watch() {
	const label = "role_from_outside"
	d.add(terraform.Resource("aws_cloudwatch_event_rule", label,
		set("name", render.Name(d.p, "role-from-outside")),
		set("description", "A service account's token was used from outside the VPC"),
		set("state", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"),
		set("event_pattern", terraform.JSON(obj(
			"source", []string{"aws.sts"},
			"detail", obj(
				"eventSource", []string{"sts.amazonaws.com"},
				"eventName", []string{"AssumeRoleWithWebIdentity"},
				"userIdentity", obj("identityProvider", terraform.List{
					obj("prefix", "arn:aws:iam::"+d.p.Account+":oidc-provider/oidc.eks."),
				}),
				"vpcEndpointId", terraform.List{obj("exists", false)},
			),
		))),
	)).For("identity.role-monitoring").
		Note("AssumeRoleWithWebIdentity is a reading event, which rules see only in this state")
	d.add(terraform.Resource("aws_cloudwatch_event_target", label,
		set("rule", terraform.Expr("aws_cloudwatch_event_rule."+label+".name")),
		set("arn", render.OnCallTopic),
	)).For("identity.role-monitoring").From("notify.oncall")
}
