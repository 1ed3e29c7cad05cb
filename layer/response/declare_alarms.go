package response

import (
	"strings"

	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// alarm is what to look for in the trail.
type alarm struct {
	name, says, pattern string
	// atLeast so many in five minutes; 1 where it is 0.
	atLeast int
	// value of what is counted; 1 where it is empty.
	value string
}

// alarms renders a filter over the trail for each sign of an attack, and an alarm
// on each. Filters, and not event rules, as the trail has the events of all
// regions and of services that belong to none: IAM's reach event rules in
// us-east-1 only.
func (d *declaration) alarms() {
	p := d.p
	space := p.Name + "/detections"
	d.add(others())
	for _, a := range trailAlarms(p) {
		label := render.Label(a.name)
		value, atLeast := a.value, a.atLeast
		if value == "" {
			value = "1"
		}
		if atLeast == 0 {
			atLeast = 1
		}
		d.add(
			terraform.Resource("aws_cloudwatch_log_metric_filter", label,
				set("name", render.Name(p, a.name)),
				set("log_group_name", render.TrailLog+".name"),
				set("pattern", quoted(a.pattern)),
				nest("metric_transformation", set("name", a.name), set("namespace", space), set("value", value)),
			).For("response.detections"),
			terraform.Resource("aws_cloudwatch_metric_alarm", label,
				set("alarm_name", render.Name(p, a.name)),
				set("alarm_description", a.says),
				set("namespace", space),
				set("metric_name", a.name),
				set("statistic", "Sum"),
				set("period", 300),
				set("evaluation_periods", 1),
				set("comparison_operator", "GreaterThanOrEqualToThreshold"),
				set("threshold", atLeast),
				set("treat_missing_data", "notBreaching"),
				set("alarm_actions", []terraform.Expr{render.OnCallTopic}),
			).For("response.detections", "response.notify").From("notify.oncall"),
		)
	}
	d.add(terraform.Resource("aws_cloudwatch_metric_alarm", "requests_blocked",
		set("provider", render.ProviderGlobal),
		set("alarm_name", render.Name(p, "requests-blocked")),
		set("alarm_description", "The web ACL blocks far more requests than on other days: somebody attacks, or a rule blocks customers"),
		set("comparison_operator", "GreaterThanUpperThreshold"),
		set("evaluation_periods", 3),
		set("datapoints_to_alarm", 2),
		set("threshold_metric_id", "usual"),
		set("treat_missing_data", "notBreaching"),
		set("alarm_actions", []terraform.Expr{render.OnCallTopicGlobal}),
		nest("metric_query",
			set("id", "blocked"), set("return_data", true),
			nest("metric",
				set("namespace", "AWS/WAFV2"), set("metric_name", "BlockedRequests"), set("stat", "Sum"), set("period", 300),
				set("dimensions", obj("WebACL", render.WebACL+".visibility_config[0].metric_name", "Rule", "ALL")))),
		nest("metric_query",
			set("id", "usual"), set("return_data", true),
			set("expression", "ANOMALY_DETECTION_BAND(blocked, 4)"), set("label", "what is usual")),
	).For("response.detections", "response.notify").From("edge.waf", "notify.oncall").
		Note("metrics of CloudFront's web ACLs are in us-east-1"))
}

// quoted is a text with quotation marks and references in it.
func quoted(text string) terraform.Template {
	return terraform.Template(strings.ReplaceAll(text, `"`, `\"`))
}

// calls matches API calls of these names.
func calls(names ...string) string {
	var out []string
	for _, n := range names {
		out = append(out, `($.eventName = "`+n+`")`)
	}
	return "(" + strings.Join(out, " || ") + ")"
}

// byOthers matches calls by anybody but those who apply the files. A comparison
// with a field that is not there never holds, so that its absence is asked for.
// They are told by their roles' names: a pattern takes * at the ends only, and
// ARNs of Identity Center's roles would need it in the middle.
const byOthers = `(($.userIdentity.sessionContext.sessionIssuer.userName NOT EXISTS) || ${local.by_others})`

// others is what byOthers refers to.
func others() *terraform.Block {
	const name = "$.userIdentity.sessionContext.sessionIssuer.userName"
	return terraform.Top("locals", nil, set("by_others", terraform.Expr(
		`"(${join(" && ", [for a in distinct([for arn in `+string(render.Administrators)+` : basename(arn)]) : "(`+name+` != \"${a}\")"])})"`,
	))).For("response.detections").Note("What those who apply these files do is no sign of an attack; what others do by hand is")
}

// switchingOff are the calls that switch off what watches. They are a sign whoever
// makes them: an apply that takes a guard away is to be noticed, too, and who
// stole the role of an apply would begin with these.
var switchingOff = []string{
	"DeleteAlarms", "DeleteDetector", "DeleteDocument", "DeleteLogGroup", "DeleteMetricFilter", "DeleteRule",
	"DeleteSubscriptionFilter", "DeleteTopic", "DisableAlarmActions", "DisableRule", "DisableSecurityHub",
	"RemoveTargets", "Unsubscribe", "UpdateDetector",
}

// trailAlarms are the signs, as patterns of CloudWatch Logs (at most 1,024
// characters each). What an apply does every time is no sign, where it does it.
func trailAlarms(p *platform.Platform) []alarm {
	byHand := func(names ...string) string { return `{ ` + calls(names...) + ` && ` + byOthers + ` }` }
	return []alarm{
		{
			name: "root-used", says: "The account's root user did something",
			pattern: `{ ($.userIdentity.type = "Root") && ($.userIdentity.invokedBy NOT EXISTS) && ($.eventType != "AwsServiceEvent") }`,
		},
		{
			name: "sign-in-without-mfa", says: "A user signed in to the console without MFA",
			pattern: `{ ($.eventName = "ConsoleLogin") && ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") && ($.additionalEventData.MFAUsed != "Yes") }`,
		},
		{
			name: "sign-in-failed", says: "Sign-ins to the console failed several times", atLeast: 3,
			pattern: `{ ($.eventName = "ConsoleLogin") && ($.errorMessage = "Failed authentication") }`,
		},
		{
			name: "calls-refused", says: "Many calls were refused: somebody tries out what stolen credentials may do", atLeast: 20,
			pattern: `{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }`,
		},
		{
			name: "service-asks-who-it-is", says: "Somebody asked with a service's credentials whose they are: services know, thieves do not",
			pattern: `{ ($.eventName = "GetCallerIdentity") && ($.userIdentity.sessionContext.sessionIssuer.userName = "` + render.Name(p, "svc") + `-*") }`,
		},
		{
			name: "iam-changed", says: "Somebody besides who applies the files changed who may do what",
			pattern: byHand("AttachRolePolicy", "AttachUserPolicy", "CreateAccessKey", "CreateLoginProfile", "CreatePolicyVersion", "CreateRole", "CreateUser",
				"DeleteRolePermissionsBoundary", "PutRolePermissionsBoundary", "PutRolePolicy", "PutUserPolicy", "SetDefaultPolicyVersion", "UpdateAssumeRolePolicy"),
		},
		{
			name: "trail-changed", says: "Somebody changed or stopped the record of who did what",
			pattern: `{ ` + calls("DeleteTrail", "PutEventSelectors", "StopLogging", "UpdateTrail") + ` || (` + calls("PutInsightSelectors") + ` && ` + byOthers + `) }`,
		},
		{
			name: "watch-loosened", says: "Somebody, by an apply or by hand, switched off detectors, alarms, runbooks or those who hear them",
			pattern: `{ ` + calls(switchingOff...) + ` }`,
		},
		{
			name: "watch-changed", says: "Somebody besides who applies the files changed what detectors, alarms and runbooks look for or do",
			pattern: byHand("CreateFilter", "CreateIPSet", "PutMetricFilter", "SetSubscriptionAttributes", "SetTopicAttributes",
				"UpdateDocument", "UpdateDocumentDefaultVersion"),
		},
		{
			name: "recorder-changed", says: "Somebody besides who applies the files changed or stopped AWS Config",
			pattern: byHand("DeleteConfigRule", "DeleteConfigurationRecorder", "DeleteDeliveryChannel", "PutConfigurationRecorder", "PutDeliveryChannel", "StopConfigurationRecorder"),
		},
		{
			name: "key-endangered", says: "Somebody is about to delete or disable a key, or changed its policy: all under it would be lost",
			pattern: `{ ` + calls("DisableKey", "DisableKeyRotation", "ScheduleKeyDeletion") + ` || (` + calls("PutKeyPolicy") + ` && ` + byOthers + `) }`,
		},
		{
			name: "bucket-opened", says: "Somebody besides who applies the files changed who may come to a bucket",
			pattern: byHand("DeleteBucketPolicy", "DeleteBucketPublicAccessBlock", "PutAccountPublicAccessBlock", "PutBucketAcl", "PutBucketPolicy",
				"PutBucketPublicAccessBlock", "PutBucketReplication"),
		},
		{
			name: "copies-endangered", says: "Somebody besides who applies the files loosened what holds objects and backups",
			pattern: byHand("DeleteBackupVault", "DeleteBackupVaultLockConfiguration", "DeleteRecoveryPoint", "PutBackupVaultLockConfiguration", "PutBucketLifecycle",
				"PutBucketVersioning", "PutObjectLockConfiguration", "PutObjectLegalHold", "PutObjectRetention", "UpdateRecoveryPointLifecycle"),
		},
		{
			name: "objects-deleted", says: "Very many objects are being deleted", atLeast: 500,
			pattern: `{ ($.eventSource = "s3.amazonaws.com") && ` + calls("DeleteObject", "DeleteObjects") + ` }`,
		},
		{
			name: "objects-drained", says: "More than 10 GB were read from buckets in five minutes: set the threshold to what is usual",
			atLeast: 10_000_000_000, value: "$.additionalEventData.bytesTransferredOut",
			pattern: `{ ($.eventSource = "s3.amazonaws.com") && ($.eventName = "GetObject") }`,
		},
		{
			name: "group-changed", says: "Somebody besides who applies the files changed a security group",
			pattern: byHand("AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress", "CreateSecurityGroup", "DeleteSecurityGroup",
				"ModifySecurityGroupRules", "RevokeSecurityGroupEgress", "RevokeSecurityGroupIngress"),
		},
		{
			name: "path-changed", says: "Somebody besides who applies the files changed the ways into and out of the network",
			pattern: byHand("AttachInternetGateway", "CreateInternetGateway", "CreateNetworkAclEntry", "CreateRoute", "CreateVpcPeeringConnection",
				"DeleteNetworkAclEntry", "DeleteRoute", "ModifyVpcEndpoint", "ReplaceNetworkAclEntry", "ReplaceRoute"),
		},
	}
}
