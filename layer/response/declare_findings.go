package response

import (
	"slices"
	"strconv"

	"fathom/render"
	"fathom/render/terraform"
)

// findings renders what becomes of what the detectors find: on-call hears of all
// that is serious, and legal and privacy where data may have left.
func (d *declaration) findings() {
	home, global := region{name: d.p.Region}, region{"global", usEast1, render.ProviderGlobal}
	d.rule(home, "findings", "Serious findings of Security Hub, of all regions",
		obj("source", []string{"aws.securityhub"}, "detail-type", []string{"Security Hub Findings - Imported"},
			"detail", obj("findings", obj(
				"Severity", obj("Label", []string{"HIGH", "CRITICAL"}),
				"Workflow", obj("Status", []string{"NEW"}),
				"RecordState", []string{"ACTIVE"}))),
		told{"oncall", render.OnCallTopic, "notify.oncall", nil})
	attacks := obj("source", []string{"aws.guardduty"}, "detail-type", []string{"GuardDuty Finding"},
		"detail", obj("severity", terraform.List{obj("numeric", terraform.List{">=", 7})}))
	heard := told{"oncall", render.OnCallTopic, "notify.oncall", finding("GuardDuty")}
	d.rule(home, "attacks", "GuardDuty has seen an attack", attacks, heard)
	if d.p.Region != usEast1 {
		heard.topic = render.OnCallTopicGlobal
		d.rule(global, "attacks_global", "GuardDuty has seen an attack in us-east-1", attacks, heard)
	}
	d.rule(home, "credentials_exposed", "AWS has found credentials of the account in public, or abuse of the account",
		obj("source", []string{"aws.health"}, "detail-type", []string{"AWS Health Event", "AWS Health Abuse Event"},
			"detail", obj("service", []string{"RISK", "ABUSE"})),
		told{"oncall", render.OnCallTopic, "notify.oncall", nil})
	d.exposure(home)
	d.loosened(home)
}

// loosened tells on-call a second time, by another way, that something was
// switched off that watches: who deletes the filter over the trail is seen by
// this rule, and who deletes this rule by the filter.
func (d *declaration) loosened(r region) {
	names := slices.Concat(switchingOff, []string{"DeleteTrail", "PutEventSelectors", "StopLogging", "UpdateTrail"})
	slices.Sort(names)
	d.rule(r, "watch_loosened", "What watches was switched off, by whomever",
		obj("source", []string{
			"aws.cloudtrail", "aws.events", "aws.guardduty", "aws.logs", "aws.monitoring", "aws.securityhub", "aws.sns", "aws.ssm",
		}, "detail-type", []string{"AWS API Call via CloudTrail"}, "detail", obj("eventName", names)),
		told{"oncall", render.OnCallTopic, "notify.oncall", &message{
			paths: obj("call", "$.detail.eventName", "who", "$.detail.userIdentity.arn", "region", "$.region", "at", "$.time"),
			text:  "What watches was switched off: <call> by <who> in <region> at <at>.",
		}})
}

// exposure tells those who have to tell others that data may have left.
func (d *declaration) exposure(r region) {
	hours := strconv.Itoa(int(d.p.Notify.Within.Hours()))
	says := "Data may have left the platform: <type> (<id>). If it is personal data and a breach, the authority has to be told within " + hours +
		" hours of when this was known (GDPR article 33); known since <at>."
	message := &message{
		paths: obj("type", "$.detail.type", "id", "$.detail.id", "at", "$.time"),
		text:  says,
	}
	d.rule(r, "data_exposed", "Signs that data has left, or lies where others can read it",
		obj("source", []string{"aws.guardduty", "aws.macie"}, "detail-type", []string{"GuardDuty Finding", "Macie Finding"},
			"detail", obj("type", terraform.List{
				obj("prefix", "Exfiltration:"), obj("prefix", "AttackSequence:S3/"), obj("prefix", "Policy:S3/Bucket"),
				obj("prefix", "SensitiveData:"), obj("prefix", "Policy:IAMUser/S3Bucket"),
			}, "service", obj("additionalInfo", obj("sample", terraform.List{obj("exists", false)})))), // drills are samples
		told{"oncall", render.OnCallTopic, "notify.oncall", message},
		told{"privacy", render.PrivacyTopic, "notify.privacy", message},
		told{"legal", render.LegalTopic, "notify.legal", message})
}

// told is a target of a rule: whom it tells, and what.
type told struct {
	who     string
	topic   terraform.Expr
	from    string
	message *message
}

// message makes a sentence of an event; nil is the event itself.
type message struct {
	paths terraform.Object
	text  string
}

func finding(by string) *message {
	return &message{
		paths: obj("type", "$.detail.type", "severity", "$.detail.severity", "title", "$.detail.title", "region", "$.region", "id", "$.detail.id"),
		text:  by + ": <title> (<type>, severity <severity>, region <region>, finding <id>).",
	}
}

// rule renders an event rule and its targets.
func (d *declaration) rule(r region, label, says string, pattern terraform.Object, to ...told) {
	name := terraform.Expr("aws_cloudwatch_event_rule." + label + ".name")
	d.add(terraform.Resource("aws_cloudwatch_event_rule", label, r.in(
		set("name", render.Name(d.p, dashes(label))),
		set("description", says),
		set("event_pattern", terraform.JSON(pattern)),
	)...).For("response.detections", "response.posture"))
	for _, t := range to {
		target := label
		if len(to) > 1 {
			target += "_" + t.who
		}
		body := []terraform.Entry{set("rule", name), set("arn", t.topic)}
		if t.message != nil {
			body = append(body, nest("input_transformer",
				set("input_paths", t.message.paths),
				set("input_template", `"`+t.message.text+`"`)))
		}
		d.add(terraform.Resource("aws_cloudwatch_event_target", target, r.in(body...)...).For("response.notify").From(t.from))
	}
}
